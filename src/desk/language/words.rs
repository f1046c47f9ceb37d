//! Words as an event keeps them: the text, the tags that a client sent with it, and the lines behind
//! the first of a multiline message. It knows no protocol and no event.
//!
//! Word 0 is the text (the first line), word 1 the client-only tags in wire form (empty: none), each
//! word from 2 on a further line behind one character: `+` continues the line before it, a space
//! begins a new one. A word behind `:` says how its author was shown. An event of one word holds only
//! the text.

use super::people::Source;
use crate::base::text::{AccountName, Line, Nick};
use std::sync::Arc;

/// What the word that tells the author begins with; no tag and no further line does.
const SHOWN: char = ':';
/// What the part of it begins with that tells somebody without an account from others of the name.
const VISIT: char = '~';

/// A line of a message behind its first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Further {
    /// It continues the line before it, with nothing between them.
    pub joined: bool,
    /// The words.
    pub text: Line,
}

/// The words under which an event keeps a message.
pub fn kept(text: &Line, tags: Option<&Arc<str>>, more: &[Further]) -> Vec<Line> {
    let mut words = vec![text.clone()];
    if tags.is_some() || !more.is_empty() {
        words.push(Line::scrubbed(tags.map_or("", |tags| tags)));
    }
    words.extend(more.iter().map(|further| {
        let mark = if further.joined { "+" } else { " " };
        Line::scrubbed(&[mark, further.text.as_str()].concat())
    }));
    words
}

/// The client-only tags that were said with these words.
pub fn tags(words: &[Line]) -> Option<Arc<str>> {
    words.get(1).filter(|tags| !tags.as_str().is_empty()).map(Line::shared)
}

/// The lines behind the first.
pub fn further(words: &[Line]) -> Vec<Further> {
    let read = |word: &Line| {
        let text = word.as_str();
        let joined = text.starts_with('+');
        let text = text.strip_prefix(['+', ' ']).unwrap_or(text);
        Further { joined, text: Line::scrubbed(text) }
    };
    words.iter().skip(2).filter(|word| !word.as_str().starts_with(SHOWN)).map(read).collect()
}

/// Puts behind words, or in front of those of a happening, how their author was shown, and to whom
/// private ones were addressed.
/// `visit` is the run of the server and the session of somebody without an account.
pub fn shown_as(source: &Source, to: Option<&str>, visit: Option<(u64, u64)>) -> Line {
    let Source { nick, user, host, bot, .. } = source;
    let bot = if *bot { " bot" } else { "" };
    let visit = visit.map_or(String::new(), |(run, session)| format!(" {VISIT}{run}.{session}"));
    Line::scrubbed(&format!("{SHOWN}{nick}!{user}@{host} {}{bot}{visit}", to.unwrap_or("*")))
}

/// The run and the session in which somebody without an account said these words.
pub fn visit(words: &[Line]) -> Option<(u64, u64)> {
    let word = words.iter().find_map(|word| word.as_str().strip_prefix(SHOWN))?;
    let (run, session) =
        word.split(' ').find_map(|part| part.strip_prefix(VISIT))?.split_once('.')?;
    Some((run.parse().ok()?, session.parse().ok()?))
}

/// True for two people who look alike in front of a line.
pub fn same(one: &Source, other: &Source) -> bool {
    one.nick == other.nick
        && (&one.user, &one.host, one.bot) == (&other.user, &other.host, other.bot)
}

/// The author as they were shown, if the words tell it, and to whom they were addressed.
pub fn shown(words: &[Line], account: Option<&AccountName>) -> Option<(Source, Option<Arc<str>>)> {
    let word = words.iter().find_map(|word| word.as_str().strip_prefix(SHOWN))?;
    let mut parts = word.split(' ');
    let (nick, rest) = parts.next()?.split_once('!')?;
    let (user, host) = rest.split_once('@')?;
    let to = parts.next().filter(|to| *to != "*").map(Arc::from);
    let source = Source {
        nick: Nick::parse(nick).ok()?,
        user: Arc::from(user),
        host: Arc::from(host),
        account: account.cloned(),
        bot: parts.next() == Some("bot"),
        realname: Line::scrubbed(""),
    };
    Some((source, to))
}

/// The lines of a message as its author sees them: those that continue one are part of it.
pub fn whole(text: &Line, more: &[Further]) -> Vec<String> {
    let mut lines = vec![text.to_string()];
    for further in more {
        match lines.last_mut().filter(|_| further.joined) {
            Some(last) => last.push_str(further.text.as_str()),
            None => lines.push(further.text.to_string()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_read_again() {
        let line = Line::scrubbed;
        let more = vec![
            Further { joined: true, text: line(" and +more") },
            Further { joined: false, text: line("") },
            Further { joined: false, text: line("+1") },
        ];
        let any: Option<Arc<str>> = Some(Arc::from("+a=b"));
        for (with, behind) in [(None, &more[..]), (any.clone(), &more), (any, &[]), (None, &[])] {
            let words = kept(&line("text"), with.as_ref(), behind);
            assert_eq!((tags(&words), &*further(&words)), (with, behind));
        }
        assert_eq!(kept(&line("old"), None, &[]), [line("old")]);
        assert_eq!(whole(&line("text"), &more), ["text and +more", "", "+1"]);
    }
}
