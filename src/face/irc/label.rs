//! Labels: the whole answer to a labelled line as one labelled answer.
//!
//! Source: IRCv3 labeled-response and batch. It works on finished lines, so that every command has
//! labels without knowing of them.

use crate::wire::build::line;
use crate::wire::message::Message;
use crate::wire::tags::escape;

/// Nothing becomes ACK, one line or one batch carries the label, several become a batch that does.
pub(super) fn seal(server: &str, label: &str, reference: &str, answer: &[u8], out: &mut Vec<u8>) {
    let lines: Vec<&[u8]> = answer.split_inclusive(|byte| *byte == b'\n').collect();
    let labelled = format!("label={}", escape(label));
    match lines.as_slice() {
        [] => line(out, &[("label", label)], Some(server), "ACK", &[]),
        [only] => tagged(only, &labelled, out),
        [first, rest @ ..] if is_one_batch(first, rest) => {
            tagged(first, &labelled, out);
            rest.iter().for_each(|inner| out.extend_from_slice(inner));
        }
        _ => {
            let open = format!("+{reference}");
            let tags = [("label", label)];
            line(out, &tags, Some(server), "BATCH", &[&open, "labeled-response"]);
            member(reference, answer, out);
            line(out, &[], Some(server), "BATCH", &[&format!("-{reference}")]);
        }
    }
}

/// True for an answer that is a batch already, from its first line to its last.
fn is_one_batch(first: &[u8], rest: &[&[u8]]) -> bool {
    let reference = |line: &[u8], sign: char| {
        let message = Message::parse_bytes(line.trim_ascii_end()).ok()?;
        let named = message.params.at(0).filter(|_| message.is("BATCH"))?;
        named.strip_prefix(sign).map(str::to_owned)
    };
    let opened = reference(first, '+');
    let mut closing = rest.iter().map(|line| reference(line, '-'));
    // Its end is the last line, and no line before it.
    opened.is_some() && closing.position(|closed| closed == opened) == Some(rest.len() - 1)
}

/// Writes finished lines as members of a batch; those that are in one within it stay there.
pub(super) fn member(reference: &str, lines: &[u8], out: &mut Vec<u8>) {
    let tag = format!("batch={reference}");
    for inner in lines.split_inclusive(|byte| *byte == b'\n') {
        if in_batch(inner) {
            out.extend_from_slice(inner);
        } else {
            tagged(inner, &tag, out);
        }
    }
}

/// The line with one more tag in front.
fn tagged(inner: &[u8], tag: &str, out: &mut Vec<u8>) {
    out.push(b'@');
    out.extend_from_slice(tag.as_bytes());
    match inner.strip_prefix(b"@") {
        Some(rest) => {
            out.push(b';');
            out.extend_from_slice(rest);
        }
        None => {
            out.push(b' ');
            out.extend_from_slice(inner);
        }
    }
}

/// True for a line that is in a batch of its own already; the lines that open and close that
/// batch are not, and so become members of the outer one.
fn in_batch(inner: &[u8]) -> bool {
    let Some(tags) = inner.strip_prefix(b"@").and_then(|l| l.split(|b| *b == b' ').next()) else {
        return false;
    };
    tags.split(|b| *b == b';').any(|tag| tag.starts_with(b"batch="))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(answer: &str) -> String {
        let mut out = Vec::new();
        seal("s", "l;1", "r", answer.as_bytes(), &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn an_answer_carries_its_label_once() {
        assert_eq!(sealed(""), "@label=l\\:1 :s ACK\r\n");
        assert_eq!(sealed("PONG\r\n"), "@label=l\\:1 PONG\r\n");
        assert_eq!(sealed("@time=x PONG\r\n"), "@label=l\\:1;time=x PONG\r\n");
        assert_eq!(
            sealed("A\r\n@t B\r\n"),
            "@label=l\\:1 :s BATCH +r labeled-response\r\n@batch=r A\r\n@batch=r;t B\r\n:s BATCH -r\r\n"
        );
    }

    #[test]
    fn batches_within_stay_whole() {
        assert_eq!(
            sealed("BATCH +h chathistory #c\r\n@batch=h A\r\nBATCH -h\r\n"),
            "@label=l\\:1 BATCH +h chathistory #c\r\n@batch=h A\r\nBATCH -h\r\n"
        );
        assert_eq!(
            sealed("BATCH +h chathistory #c\r\n@batch=h A\r\nBATCH -h\r\nB\r\n"),
            "@label=l\\:1 :s BATCH +r labeled-response\r\n@batch=r BATCH +h chathistory #c\r\n@batch=h A\r\n@batch=r BATCH -h\r\n@batch=r B\r\n:s BATCH -r\r\n"
        );
    }
}
