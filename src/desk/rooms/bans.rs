//! Masks on a room's lists: how they are written and whom they match.
//!
//! Source: Modern IRC "Ban channel mode", "EXTBAN"; IRCv3 account-extban. `~a:name` means an account,
//! `~m:mask` quiets whom the mask means. A host may be a network in CIDR, which is matched by number.

use crate::base::casemap::mask_matches;
use crate::base::text::Line;
use crate::desk::language::people::Source;
use crate::desk::state::people::Person;
use crate::desk::state::rooms::Room;
use ipnet::IpNet;
use std::net::IpAddr;

/// Bytes of a mask at most: three parts of a source with room for wildcards.
const MASK_BYTES: usize = 160;

/// What an extended ban means.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Extension {
    /// The account.
    Account,
    /// Not to be heard, whoever the rest means.
    Mute,
}

/// The parts of an extended ban, if the mask is one: `~`, a letter or a word, a colon, the rest. An
/// unknown one is `Err`.
fn extended(mask: &str) -> Option<Result<(Extension, &str), ()>> {
    let body = mask.strip_prefix(['~', '$'])?;
    let (name, rest) = match body.split_once(':') {
        Some((name, rest)) => (name, rest),
        // `$a` alone is anybody with an account.
        None if body.eq_ignore_ascii_case("a") => (body, "*"),
        None => return None,
    };
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphabetic()) {
        return None;
    }
    Some(match name.to_ascii_lowercase().as_str() {
        "a" | "account" => Ok((Extension::Account, rest)),
        "m" | "mute" | "q" | "quiet" => Ok((Extension::Mute, rest)),
        _ => Err(()),
    })
}

/// True when the mask of a ban, exception or invitation means this person, by the host that others see
/// or by their address.
pub fn matches(mask: &str, source: &Source, address: &str) -> bool {
    match extended(mask) {
        Some(Ok((Extension::Account, wanted))) => {
            let account = source.account.as_ref();
            account.is_some_and(|name| mask_matches(wanted, name.as_str()))
        }
        Some(Ok((Extension::Mute, rest))) => {
            plain(rest, source, address) || is_account(rest, source)
        }
        Some(Err(())) => false,
        None => plain(mask, source, address),
    }
}

fn is_account(mask: &str, source: &Source) -> bool {
    matches!(extended(mask), Some(Ok((Extension::Account, _)))) && matches(mask, source, "")
}

/// `nick!user@host`, each part folded; a host that is a network means the addresses in it.
fn plain(mask: &str, source: &Source, address: &str) -> bool {
    let who = format!("{}!{}", source.nick, source.user);
    if [&source.host, address].iter().any(|host| mask_matches(mask, &format!("{who}@{host}"))) {
        return true;
    }
    let Some((front, host)) = mask.rsplit_once('@') else { return false };
    let (Ok(net), Ok(address)) = (host.parse::<IpNet>(), address.parse::<IpAddr>()) else {
        return false;
    };
    net.contains(&address.to_canonical()) && mask_matches(front, &who)
}

/// The mask as the list keeps it: `nick!user@host` with what was left out as `*`; none when it
/// could mean nobody.
pub(super) fn normalised(mask: &str) -> Option<Line> {
    let bad = |c: char| c.is_control() || c == ' ';
    if mask.is_empty() || mask.len() > MASK_BYTES || mask.contains(bad) || mask.starts_with(':') {
        return None;
    }
    match extended(mask) {
        None => {}
        Some(Ok((_, ""))) | Some(Err(())) => return None,
        Some(Ok((Extension::Account, name))) => return Line::parse(&format!("~a:{name}")).ok(),
        Some(Ok((Extension::Mute, rest))) => {
            let inner = normalised(rest).filter(|inner| !is_mute(inner.as_str()))?;
            return Line::parse(&format!("~m:{inner}")).ok();
        }
    }
    let part = |text: &str| if text.is_empty() { "*".to_owned() } else { text.to_owned() };
    let (nick, user, host) = match (mask.split_once('!'), mask.split_once('@')) {
        (Some((nick, rest)), _) => match rest.split_once('@') {
            Some((user, host)) => (part(nick), part(user), part(host)),
            None => (part(nick), part(rest), part("")),
        },
        (None, Some((user, host))) => (part(""), part(user), part(host)),
        (None, None) => (part(mask), part(""), part("")),
    };
    Line::parse(&format!("{nick}!{user}@{host}")).ok()
}

fn is_mute(mask: &str) -> bool {
    matches!(extended(mask), Some(Ok((Extension::Mute, _))))
}

/// True when a list of the room holds a mask that means this person; one that only quiets counts
/// where it is about words.
fn hits(room: &Room, letter: char, person: &Person, words: bool) -> bool {
    let list = room.lists.get(&letter).into_iter().flatten();
    let mut masks = list.map(|(mask, _, _)| mask.as_str());
    masks.any(|mask| (words || !is_mute(mask)) && matches(mask, &person.source, &person.address))
}

/// True when a list of the room holds a mask that means this person.
pub(super) fn listed(room: &Room, letter: char, person: &Person) -> bool {
    hits(room, letter, person, false)
}

/// True when this person is banned and not excepted.
pub(super) fn banned(room: &Room, person: &Person) -> bool {
    hits(room, 'b', person, false) && !hits(room, 'e', person, false)
}

/// True when this person may not speak: banned or quieted, and not excepted.
pub(super) fn muted(room: &Room, person: &Person) -> bool {
    (hits(room, 'b', person, true) || hits(room, 'q', person, true))
        && !hits(room, 'e', person, true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::text::{AccountName, Nick};
    use proptest::prelude::*;
    use std::sync::Arc;

    fn person(host: &str, account: Option<&str>) -> Source {
        Source {
            nick: Nick::parse("Anna").unwrap(),
            user: Arc::from("~ann"),
            host: Arc::from(host),
            account: account.map(|name| AccountName::parse(name).unwrap()),
            bot: false,
            realname: Line::scrubbed("A"),
        }
    }

    #[test]
    fn masks_are_completed_and_unknown_extensions_refused() {
        let cases = [
            ("anna", Some("anna!*@*")),
            ("~ann@host", Some("*!~ann@host")),
            ("a!b", Some("a!b@*")),
            ("*!*@2001:db8::/32", Some("*!*@2001:db8::/32")),
            ("~account:Bob", Some("~a:Bob")),
            ("$a", Some("~a:*")),
            ("~q:anna", Some("~m:anna!*@*")),
            ("~m:~a:bob", Some("~m:~a:bob")),
            ("~m:~m:anna", None),
            ("~x:anna", None),
            ("~a:", None),
            ("", None),
            ("two words", None),
        ];
        for (typed, kept) in cases {
            let found = normalised(typed);
            assert_eq!(found.as_ref().map(Line::as_str), kept, "{typed:?}");
        }
    }

    #[test]
    fn networks_match_by_number_and_never_as_text() {
        let cases = [
            ("*!*@192.0.2.0/24", "192.0.2.77", true),
            ("*!*@192.0.2.0/24", "192.0.20.7", false),
            ("bob!*@192.0.2.0/24", "192.0.2.77", false),
            ("ANNA!*@192.0.2.0/24", "192.0.2.77", true),
            ("*!*@2001:db8::/32", "2001:DB8:0:0::1", true),
            ("*!*@2001:db8::/33", "2001:db8:8000::1", false),
            ("*!*@192.0.2.0/-1", "192.0.2.1", false),
            ("*!*@192.0.2.0/99", "192.0.2.1", false),
            ("*!*@192.0.2.0/24", "guest.example", false),
        ];
        for (mask, host, hit) in cases {
            assert_eq!(matches(mask, &person("guest.example", None), host), hit, "{mask} {host}");
        }
    }

    #[test]
    fn accounts_match_folded_and_only_accounts() {
        assert!(matches("~a:BOB", &person("h", Some("bob")), ""));
        assert!(matches("~a:b*", &person("h", Some("bob")), ""));
        assert!(!matches("~a:*", &person("h", None), ""));
        assert!(matches("~m:~a:bob", &person("h", Some("bob")), ""));
        assert!(!matches("~a:anna", &person("h", Some("bob")), ""), "an account is no nick");
    }

    proptest! {
        // CVE-2013-0238: a number in a CIDR mask that nobody expected.
        #[test]
        fn no_mask_at_all_panics_and_what_is_kept_is_kept_again(mask in "[~$a-z!@*?:/.0-9 -]{0,40}") {
            let anna = person("192.0.2.7", Some("anna"));
            let _ = matches(&mask, &anna, "192.0.2.7");
            if let Some(kept) = normalised(&mask) {
                prop_assert_eq!(normalised(kept.as_str()), Some(kept.clone()));
                prop_assert_eq!(
                    matches(kept.as_str(), &anna, ""),
                    matches(&kept.as_str().to_ascii_uppercase().replace("~A:", "~a:"), &anna, "")
                );
            }
        }

        #[test]
        fn a_network_holds_exactly_the_addresses_that_share_its_bits(
            net in any::<u32>(), address in any::<u32>(), bits in 0u32..=32,
        ) {
            let net_ip = std::net::Ipv4Addr::from(net);
            let mask = format!("*!*@{net_ip}/{bits}");
            let host = std::net::Ipv4Addr::from(address).to_string();
            let same = bits == 0 || (net ^ address) >> (32 - bits) == 0;
            prop_assert_eq!(matches(&mask, &person("guest.example", None), &host), same);
        }
    }
}
