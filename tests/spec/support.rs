//! What the cases share: people at a server of members, their lines as messages, sets of capabilities.

use crate::stage::{PASSWORD, Peer, Stage};
use switchboard::wire::message::Message;

/// Every set of capabilities worth a run: none, each alone, each pair, all.
pub(crate) fn pairwise(caps: &[&str]) -> Vec<String> {
    let mut sets = vec![String::new()];
    for (i, one) in caps.iter().enumerate() {
        sets.push((*one).to_owned());
        sets.extend(caps[i + 1..].iter().map(|other| format!("{one} {other}")));
    }
    if caps.len() > 2 {
        sets.push(caps.join(" "));
    }
    sets
}

/// True when `set` (as `pairwise` makes them) holds this capability.
pub(crate) fn has(set: &str, cap: &str) -> bool {
    set.split(' ').any(|name| name == cap)
}

/// Somebody without an account at a server of members, registered; what they heard is read.
pub(crate) fn member(stage: &mut Stage, nick: &str, caps: &str) -> Peer {
    arrive(stage, nick, caps, "")
}

/// A member of staff, signed in by PASS.
pub(crate) fn signed_in(stage: &mut Stage, nick: &str, caps: &str) -> Peer {
    arrive(stage, nick, caps, &format!("PASS {nick}:{PASSWORD}\r\n"))
}

/// A member who has become an operator; what they heard is read.
pub(crate) fn operator(stage: &mut Stage, nick: &str, caps: &str) -> Peer {
    let peer = member(stage, nick, caps);
    let heard = stage.says(&peer, &format!("OPER op {PASSWORD}"));
    assert_eq!(only(&heard, "381").len(), 1, "{heard:#?}");
    peer
}

fn arrive(stage: &mut Stage, nick: &str, caps: &str, pass: &str) -> Peer {
    let peer = stage.connect();
    let register = format!("{pass}NICK {nick}\r\nUSER {nick} 0 * :{nick}\r\nCAP END");
    let heard = stage.says(&peer, &format!("CAP REQ :{caps}\r\n{register}"));
    assert!(!caps.is_empty() || !heard.iter().any(|l| l.contains(" NAK ")), "{heard:#?}");
    assert!(heard.iter().any(|l| verb(l) == "422" || verb(l) == "376"), "{heard:#?}");
    peer
}

/// The verb or numeric of a line.
pub(crate) fn verb(line: &str) -> String {
    Message::parse(line).unwrap().verb.to_owned()
}

/// The parameters of a line.
pub(crate) fn params(line: &str) -> Vec<String> {
    Message::parse(line).unwrap().params.iter().map(|p| (*p).to_owned()).collect()
}

/// The lines with this verb or numeric.
pub(crate) fn only<'a>(lines: &'a [String], wanted: &str) -> Vec<&'a String> {
    lines.iter().filter(|line| verb(line) == wanted).collect()
}

/// The value of a line's tag.
pub(crate) fn tag(line: &str, key: &str) -> Option<String> {
    Message::parse(line).unwrap().tags.get(key).map(|value| value.into_owned())
}
