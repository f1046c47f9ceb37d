//! IRCv3 batch.

use crate::stage::Stage;
use crate::support::{has, pairwise, params, signed_in, tag, verb};

/// "For every started batch, server MUST end that batch." "Reference tag MUST contain only ASCII letters,
/// numbers, and/or hyphen." "Messages before start and after end of a batch (including start and end)
/// MUST NOT refer to that batch." "Start and end messages of one batch MAY refer to another … they both
/// MUST have batch tag, and they MUST refer to the same batch."
pub(crate) fn judge(lines: &[String]) {
    let mut open: Vec<(String, Option<String>)> = Vec::new();
    for line in lines {
        let within = tag(line, "batch");
        if let Some(within) = &within {
            assert!(
                open.iter().any(|(name, _)| name == within),
                "{line}: no such batch\n{lines:#?}"
            );
        }
        if verb(line) != "BATCH" {
            continue;
        }
        let reference = params(line)[0].clone();
        let (sign, name) = reference.split_at(1);
        assert!(!name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'));
        if sign == "+" {
            assert!(params(line).len() > 1, "{line} has a type");
            assert!(open.iter().all(|(other, _)| other != name), "{line} is open\n{lines:#?}");
            open.push((name.to_owned(), within));
        } else {
            let place = open.iter().position(|(other, _)| other == name).expect("it was opened");
            assert_eq!(open.remove(place).1, within, "{line}\n{lines:#?}");
        }
    }
    assert!(open.is_empty(), "{open:?} never ended\n{lines:#?}");
}

#[test]
fn batches_are_whole_and_only_for_who_reads_them() {
    let caps = ["batch", "labeled-response", "draft/multiline", "message-tags", "echo-message"];
    for set in pairwise(&caps) {
        let mut stage = Stage::members();
        let bob = signed_in(&mut stage, "bob", "batch draft/multiline");
        stage.says(&bob, "JOIN #x\r\nPRIVMSG #x :one");
        stage.says(&bob, &crate::multiline::batch("#x", &["two", "three"]));
        let carol = signed_in(&mut stage, "carol", &set);
        let mut heard = stage.says(&carol, "@label=1 JOIN #x");
        heard
            .extend(stage.says(&carol, "@label=2 WHO #x\r\n@label=3 PRIVMSG #x,bob :x\r\nVERSION"));
        heard.extend(stage.says(&carol, "@label=4 HISTORY #x"));
        stage.says(&bob, &crate::multiline::batch("#x", &["four", "five"]));
        heard.extend(carol.heard());
        judge(&heard);
        if !has(&set, "batch") {
            assert!(heard.iter().all(|l| verb(l) != "BATCH" && tag(l, "batch").is_none()), "{set}");
        }
        for line in &heard {
            for inner in ["two", "three", "four", "five"] {
                let said = verb(line) == "PRIVMSG" && params(line)[1] == inner;
                let several = has(&set, "batch") && has(&set, "draft/multiline");
                assert!(!said || !several || tag(line, "batch").is_some(), "{set}: {line}");
            }
        }
    }
}
