//! Masks on a room's lists: how they are written and whom they match.
//!
//! Source: Modern IRC "Ban channel mode"; IRCv3 account-extban (`~a:name`, also `$a`).

use crate::base::casemap::mask_matches;
use crate::base::text::Line;
use crate::desk::language::people::Source;
use crate::desk::state::rooms::Room;

/// Bytes of a mask at most: three parts of a source with room for wildcards.
const MASK_BYTES: usize = 160;

/// True when the mask of a ban, exception or invitation means this person.
pub fn matches(mask: &str, source: &Source) -> bool {
    if let Some(wanted) = account_mask(mask) {
        let account = source.account.as_ref();
        return account.is_some_and(|name| mask_matches(wanted, name.as_str()));
    }
    mask_matches(mask, &format!("{}!{}@{}", source.nick, source.user, source.host))
}

/// The account glob of an extended ban; `$a` alone is anybody with an account.
fn account_mask(mask: &str) -> Option<&str> {
    let rest = mask.strip_prefix(['~', '$'])?.strip_prefix(['a', 'A'])?;
    match rest.strip_prefix(':') {
        Some(name) => Some(name),
        None => rest.is_empty().then_some("*"),
    }
}

/// The mask as the list keeps it: `nick!user@host` with what was left out as `*`; none when it
/// could mean nobody.
pub(super) fn normalised(mask: &str) -> Option<Line> {
    let bad = |c: char| c.is_control() || c == ' ';
    if mask.is_empty() || mask.len() > MASK_BYTES || mask.contains(bad) || mask.starts_with(':') {
        return None;
    }
    if account_mask(mask).is_some() {
        return Line::parse(mask).ok();
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

/// True when a list of the room holds a mask that means this person.
pub(super) fn listed(room: &Room, letter: char, source: &Source) -> bool {
    let list = room.lists.get(&letter).into_iter().flatten();
    list.into_iter().any(|(mask, _, _)| matches(mask.as_str(), source))
}

/// True when this person is banned and not excepted.
pub(super) fn banned(room: &Room, source: &Source) -> bool {
    listed(room, 'b', source) && !listed(room, 'e', source)
}
