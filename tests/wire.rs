//! Properties of the wire floor: no input panics, no split matters, no output breaks out of its line.

use proptest::prelude::*;
use switchboard::wire::build;
use switchboard::wire::framing::{Frame, Framer};
use switchboard::wire::message::Message;
use switchboard::wire::tags::{self, Tags};
use switchboard::wire::telnet::Filter;

/// Lines as owned bytes; none for one that was too long.
fn frames<'a>(
    mut framer: Framer,
    limit: usize,
    pieces: impl Iterator<Item = &'a [u8]>,
) -> Vec<Option<Vec<u8>>> {
    let mut all = Vec::new();
    for mut input in pieces {
        while let Some(frame) = framer.next(&mut input) {
            all.push(match frame {
                Frame::Line(line) => Some(line.to_vec()),
                Frame::TooLong => None,
            });
        }
        assert!(input.is_empty());
        assert!(framer.pending() <= limit);
    }
    all
}

/// Bytes that are rich in what framing looks at.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        3 => any::<u8>(),
        2 => Just(b'\n'),
        2 => Just(b'\r'),
        1 => Just(0u8),
        2 => Just(255u8),
        1 => 240..=254u8,
        2 => Just(b'a'),
    ];
    prop::collection::vec(byte, 0..200)
}

/// Cuts `input` at these places.
fn split<'a>(input: &'a [u8], cuts: &[usize]) -> Vec<&'a [u8]> {
    let mut cuts: Vec<usize> = cuts.iter().map(|c| c % (input.len() + 1)).collect();
    cuts.extend([0, input.len()]);
    cuts.sort_unstable();
    cuts.windows(2).map(|w| &input[w[0]..w[1]]).collect()
}

fn word() -> impl Strategy<Value = String> {
    "[^ :\r\n\0@][^ \r\n\0]{0,12}"
}

fn tag() -> impl Strategy<Value = (String, String)> {
    ("[+]?([a-z.]{1,5}/)?[a-z0-9-]{1,8}", "[^\0]{0,12}")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn splits_do_not_change_frames(
        input in bytes(),
        cuts in prop::collection::vec(any::<usize>(), 0..8),
        limit in 1usize..40,
        telnet: bool,
    ) {
        let framer = || if telnet { Framer::telnet(limit) } else { Framer::new(limit) };
        let whole = frames(framer(), limit, std::iter::once(&input[..]));
        let pieces = split(&input, &cuts);
        prop_assert_eq!(&whole, &frames(framer(), limit, pieces.into_iter()));
        prop_assert_eq!(&whole, &frames(framer(), limit, input.chunks(1)));
        for line in whole.iter().flatten() {
            prop_assert!(line.len() < limit);
            prop_assert!(!line.contains(&b'\n'));
        }
    }

    #[test]
    fn frames_of_irc_are_the_lines(input in bytes()) {
        let framed = frames(Framer::new(1000), 1000, std::iter::once(&input[..]));
        let mut expected: Vec<_> = input
            .split(|&b| b == b'\n')
            .map(|l| Some(l.strip_suffix(b"\r").unwrap_or(l).to_vec()))
            .collect();
        expected.pop();
        prop_assert_eq!(framed, expected);
    }

    #[test]
    fn a_telnet_frame_is_a_frame_of_the_filtered_stream(input in bytes()) {
        let framed = frames(Framer::telnet(1000), 1000, std::iter::once(&input[..]));
        let mut data = Vec::new();
        Filter::default().filter(&input, &mut data);
        // A reference that is slow and plain: ends at LF, and at NUL after CR.
        let (mut expected, mut line) = (Vec::new(), Vec::new());
        for byte in data {
            if byte == b'\n' || (byte == 0 && line.last() == Some(&b'\r')) {
                if line.last() == Some(&b'\r') {
                    line.pop();
                }
                expected.push(Some(std::mem::take(&mut line)));
            } else {
                line.push(byte);
            }
        }
        prop_assert_eq!(framed, expected);
    }

    #[test]
    fn the_telnet_filter_ignores_splits(
        input in bytes(),
        cuts in prop::collection::vec(any::<usize>(), 0..8),
    ) {
        let (mut whole, mut parts) = (Vec::new(), Vec::new());
        Filter::default().filter(&input, &mut whole);
        let mut filter = Filter::default();
        for piece in split(&input, &cuts) {
            filter.filter(piece, &mut parts);
        }
        prop_assert_eq!(whole, parts);
    }

    #[test]
    fn any_bytes_parse_or_are_refused(input in bytes()) {
        if let Ok(message) = Message::parse_bytes(&input) {
            prop_assert!(!message.verb.is_empty());
            prop_assert!(message.params.len() <= 15);
            let _ = tags::client_only(&message.tags, "");
        }
    }

    #[test]
    fn what_is_built_parses_to_the_same(
        tags in prop::collection::btree_map("[+]?[a-z0-9-]{1,8}", "[^\0]{0,12}", 0..5),
        source in prop::option::of(word()),
        verb in "[A-Z]{1,10}|[0-9]{3}",
        middle in prop::collection::vec(word(), 0..14),
        last in prop::option::of("[^\r\n\0]{0,60}"),
        colon: bool,
    ) {
        let list: Vec<(&str, &str)> = tags.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        let params: Vec<&str> = middle.iter().chain(last.iter()).map(String::as_str).collect();
        let mut out = Vec::new();
        let write = if colon { build::text } else { build::line };
        write(&mut out, &list, source.as_deref(), &verb, &params);
        let line = out.strip_suffix(b"\r\n").unwrap();
        prop_assume!(line.len() < 500);
        let message = Message::parse_bytes(line).unwrap();
        prop_assert_eq!(message.source, source.as_deref());
        prop_assert_eq!(message.verb, verb);
        prop_assert_eq!(&*message.params, &params[..]);
        let read: Vec<(&str, String)> =
            message.tags.iter().map(|(k, v)| (k, v.into_owned())).collect();
        let meant: Vec<(&str, String)> = list.iter().map(|(k, v)| (*k, (*v).to_owned())).collect();
        prop_assert_eq!(read, meant);
    }

    #[test]
    fn exactly_one_bounded_line_comes_out(
        tags in prop::collection::vec((any::<String>(), any::<String>()), 0..4),
        source in prop::option::of(any::<String>()),
        verb: String,
        params in prop::collection::vec("(?s).{0,300}", 0..6),
        colon: bool,
    ) {
        let list: Vec<(&str, &str)> = tags.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        let params: Vec<&str> = params.iter().map(String::as_str).collect();
        let mut out = b"before\r\n".to_vec();
        let write = if colon { build::text } else { build::line };
        write(&mut out, &list, source.as_deref(), &verb, &params);
        let line = out.strip_prefix(b"before\r\n").and_then(|l| l.strip_suffix(b"\r\n")).unwrap();
        prop_assert!(!line.iter().any(|b| matches!(b, b'\r' | b'\n' | 0)));
        let line = std::str::from_utf8(line).unwrap();
        let message = match line.strip_prefix('@') {
            Some(tagged) => tagged.split_once(' ').unwrap().1,
            None => line,
        };
        prop_assert!(message.len() <= 510);
        prop_assert!(Message::parse(message).is_ok());
    }

    #[test]
    fn unescaping_undoes_escaping(value in "[^\0]{0,60}") {
        let wire = tags::escape(&value);
        prop_assert!(!wire.contains([';', ' ', '\r', '\n', '\0']));
        prop_assert_eq!(tags::unescape(&wire), value.as_str());
    }

    #[test]
    fn tags_passed_on_are_canonical_and_no_longer(
        list in prop::collection::vec(tag(), 0..8),
        noise in "[^ \r\n\0]{0,60}",
    ) {
        let mut wire: Vec<String> =
            list.iter().map(|(k, v)| format!("{k}={}", tags::escape(v))).collect();
        wire.push(noise);
        let wire = wire.join(";");
        let Some(kept) = tags::client_only(&Tags::new(&wire), "") else { return Ok(()) };
        prop_assert!(kept.len() <= wire.len());
        prop_assert!(!kept.contains([' ', '\r', '\n', '\0']));
        let again = tags::client_only(&Tags::new(&kept), "");
        prop_assert_eq!(again.as_deref(), Some(&*kept));
        for (key, value) in Tags::new(&kept).iter() {
            prop_assert!(tags::is_client_only(key));
            prop_assert_eq!(Tags::new(&wire).get(key), Some(value));
        }
    }
}
