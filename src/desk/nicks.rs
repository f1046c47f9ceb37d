//! Nicks: whose they are, what a customer's looks like, and the codes that keep customers apart.

use super::language::refusal::Refusal;
use super::lookalike;
use super::state::State;
use crate::base::ids::SessionId;
use crate::base::limits::{CODELEN, CODELEN_MAX, CUSTOMER_NICKLEN};
use crate::base::text::{AccountName, Nick, truncate};
use std::sync::Arc;

/// Letters and digits that nobody mistakes for one another.
const CODE_ALPHABET: &[u8] = b"23456789abcdefghjkmnpqrstuvwxyz";

/// Refuses a nick that is somebody else's, or kept for somebody else.
pub(super) fn free_nick(
    state: &State,
    session: SessionId,
    nick: &Nick,
    account: Option<&AccountName>,
) -> Result<(), Refusal> {
    // One that carries a customer's code would stand in that customer's way.
    let code = nick.as_str().rsplit_once('-').map(|(_, code)| code.to_ascii_lowercase());
    let coded = code.is_some_and(|code| state.codes.contains(code.as_str()));
    if coded || nick.folded() == state.desk.nick.folded() {
        return Err(Refusal::NickReserved(nick.clone()));
    }
    if state.by_nick(nick.as_str()).is_some_and(|(other, _)| other != session) {
        return Err(Refusal::NickInUse(nick.clone()));
    }
    let own = account.is_some_and(|a| a.folded() == nick.folded());
    let kept = state.agents.get(&nick.folded()).and_then(|agent| agent.role);
    let kept = kept.is_some_and(|role| role.is_staff() || state.settings.reserve_nicks);
    if kept && !own {
        return Err(Refusal::NickReserved(nick.clone()));
    }
    Ok(())
}

/// A customer's nick: what they chose, `-`, their code.
pub(super) fn coded_nick(base: &str, code: &str) -> Nick {
    let base = truncate(base, CUSTOMER_NICKLEN);
    Nick::parse(&format!("{base}-{code}"))
        .or_else(|_| Nick::parse(&format!("guest-{code}")))
        .unwrap_or_else(|_| unreachable!("guest and a code make a nick"))
}

/// True when a customer's nick could be taken for a member of staff or a service.
pub(super) fn lookalike_of_staff(state: &State, nick: &str) -> bool {
    lookalike::readings(nick).iter().any(|reading| state.staff_looks.contains(reading))
}

/// A code that no customer in memory has: drawn again, longer after some misses, when taken.
pub(super) fn draw_code(state: &State, seed: u64) -> Arc<str> {
    let mut bits = seed;
    for attempt in 0usize.. {
        let length = (CODELEN + attempt / 8).min(CODELEN_MAX);
        let code: String = (0..length).map(|_| letter(&mut bits)).collect();
        let end = format!("-{code}");
        let borne = state
            .agents()
            .flat_map(|a| &a.sessions)
            .filter_map(|s| state.person(*s))
            .any(|p| p.nick().as_str().to_ascii_lowercase().ends_with(&end));
        if !borne && !state.codes.contains(code.as_str()) {
            return Arc::from(code);
        }
    }
    unreachable!("the code space is far larger than memory")
}

/// The next letter of a code from a seed (SplitMix64).
fn letter(bits: &mut u64) -> char {
    *bits = bits.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *bits;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^= z >> 31;
    let index = z % CODE_ALPHABET.len() as u64;
    char::from(CODE_ALPHABET[usize::try_from(index).unwrap_or(0)])
}
