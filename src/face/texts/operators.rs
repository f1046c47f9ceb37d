//! What the server tells its operators (user mode `s`): acts, blocks, coming and going.

use super::misplaced;
use crate::base::text::Line;
use crate::desk::language::fact::Deed;
use crate::desk::language::people::Source;
use crate::desk::language::text::Text;

/// A notice to operators; the first word says what it is about.
pub(super) fn sentence(text: &Text) -> String {
    match text {
        Text::Operated(by, deed, words) => act(by, *deed, words),
        Text::BlockTold(by, block, target, why) => {
            format!("BLOCK {block} {target} by {by}: {why}")
        }
        Text::UnblockTold(by, block) => format!("UNBLOCK {block} by {by}"),
        Text::Connected(who, from) => format!("CONNECT {} from {from}", mask(who)),
        Text::Disconnected(who, why) => format!("DISCONNECT {}: {why}", mask(who)),
        other => misplaced(other),
    }
}

fn mask(who: &Source) -> String {
    format!("{}!{}@{}", who.nick, who.user, who.host)
}

fn act(by: &str, deed: Deed, words: &[Line]) -> String {
    let word = |n: usize| words.get(n).map_or("", Line::as_str);
    match deed {
        Deed::Opered => format!("OPER {} is an operator now, as {by}, from {}", word(0), word(1)),
        Deed::Killed => format!("KILL {} by {by}: {}", word(0), word(1)),
        Deed::Walloped => format!("WALLOPS by {by}"),
        Deed::Rehashed => format!("REHASH by {by}: {}", word(0)),
        Deed::RehashFailed => format!("REHASH by {by} failed: {}", word(0)),
    }
}
