//! What 26 real clients were recorded to send, and what each line is answered with.
//!
//! `handshakes.txt`: `==` a client, `--` another connection, `>` its line, `<` the verbs and
//! numerics of the answer (none: no line), `WELCOME` for 001 to 422. The recording server offered
//! more capabilities; a client asks for what is offered, so those names are left out of its CAP REQ.

use crate::seat::Seat;

const RECORDED: &str = include_str!("handshakes.txt");

/// Plays every recording and writes it again with the answers given now.
fn played() -> (String, usize) {
    let mut seat = Seat::new();
    let (mut text, mut clients) = (String::new(), 0);
    for row in RECORDED.lines() {
        if row.starts_with("==") || row.starts_with("--") {
            clients += usize::from(row.starts_with("==") && !row.contains(" by "));
            seat = Seat::new();
        }
        if row.starts_with('<') {
            continue;
        }
        text.push_str(row);
        text.push('\n');
        if let Some(sent) = row.strip_prefix('>') {
            let answer = seat.verbs(sent.strip_prefix(' ').unwrap_or(sent));
            if !answer.is_empty() {
                text.push_str(&format!("< {answer}\n"));
            }
        }
    }
    (text, clients)
}

#[test]
fn every_recorded_client_is_answered_as_it_expects() {
    let (text, clients) = played();
    assert_eq!(clients, 26);
    if let Some(path) = std::env::var_os("REWRITE_HANDSHAKES") {
        std::fs::write(path, &text).unwrap();
    }
    for (at, (got, expected)) in text.lines().zip(RECORDED.lines()).enumerate() {
        assert_eq!(got, expected, "line {} of handshakes.txt", at + 1);
    }
    assert_eq!(text.len(), RECORDED.len());
}
