//! Modern IRC "REHASH message".

use crate::stage::Stage;
use crate::support::{member, only, operator, pairwise, params, signed_in, verb};
use switchboard::base::text::Line;
use switchboard::desk::language::fact::{Deed, Fact};

/// "can be used by an operator to force the local server to re-read and process its configuration
/// file": RPL_REHASHING, and here what changed; nobody is dropped, and it is done before what follows.
#[test]
fn an_operator_is_told_what_changed_and_nobody_is_dropped() {
    for set in pairwise(&["standard-replies", "message-tags", "server-time"]) {
        let mut stage = Stage::members();
        let (op, anna) = (operator(&mut stage, "op", &set), member(&mut stage, "anna", &set));
        *stage.rehashed.borrow_mut() = Ok(Line::scrubbed("changed: limits.sendq_soft"));
        let heard = stage.says(&op, "REHASH\r\nPING after");
        let verbs: Vec<String> = heard.iter().map(|line| verb(line)).collect();
        assert_eq!(verbs, ["382", "NOTICE", "PONG"], "{set}");
        assert!(params(&heard[1])[1].contains("limits.sendq_soft"), "{heard:?}");
        assert!(!anna.closed() && anna.heard().is_empty());
        assert!(stage.disk.events().iter().any(|event| {
            matches!(&event.fact, Fact::Operated { deed: Deed::Rehashed, by } if &**by == "op")
        }));
    }
}

/// A mistake in the file is told with its line, and nothing changes.
#[test]
fn a_mistake_is_told_with_its_place() {
    let mut stage = Stage::members();
    let op = operator(&mut stage, "op", "");
    let wrong = "switchboard.toml:7: unknown key";
    *stage.rehashed.borrow_mut() = Err(Line::scrubbed(wrong));
    let heard = stage.says(&op, "REHASH");
    assert!(params(only(&heard, "NOTICE")[0])[1].contains(wrong), "{heard:?}");
}

/// ERR_NOPRIVILEGES for all others, who wait for nothing.
#[test]
fn others_may_not() {
    let mut stage = Stage::members();
    for peer in [member(&mut stage, "anna", ""), signed_in(&mut stage, "sue", "")] {
        peer.heard();
        let heard = stage.says(&peer, "REHASH\r\nPING after");
        let verbs: Vec<String> = heard.iter().map(|line| verb(line)).collect();
        assert_eq!(verbs, ["481", "PONG"]);
    }
    let mut stage = Stage::new();
    let (anna, ..) = stage.customer("anna", "");
    assert_eq!(verb(&stage.says(&anna, "REHASH")[0]), "481");
}
