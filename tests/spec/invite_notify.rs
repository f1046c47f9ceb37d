//! IRCv3 invite-notify.

use crate::stage::Stage;
use crate::support::{has, member, only, pairwise, params, signed_in};

/// ":<inviter> INVITE <target> <channel>"; "a server may choose to only send the message to clients having
/// channel op".
#[test]
fn those_who_may_invite_are_told_who_was() {
    for set in pairwise(&["invite-notify", "account-tag", "server-time"]) {
        let mut stage = Stage::members();
        let anna = member(&mut stage, "anna", &set);
        let half = member(&mut stage, "half", &set);
        let plain = member(&mut stage, "plain", &set);
        let zed = member(&mut stage, "zed", "");
        stage.says(&anna, "JOIN #x");
        stage.says(&half, "JOIN #x");
        stage.says(&plain, "JOIN #x");
        stage.says(&anna, "MODE #x +h half");
        for peer in [&half, &plain] {
            peer.heard();
        }
        let own = stage.says(&anna, "INVITE zed #x");
        assert_eq!(own.len(), 1, "{set}: 341 alone for the inviter: {own:#?}");
        let told = half.heard();
        assert_eq!(told.len(), usize::from(has(&set, "invite-notify")), "{set}: {told:#?}");
        for line in only(&told, "INVITE") {
            assert_eq!(params(line), ["zed", "#x"]);
            assert!(line.contains(":anna!"), "{line}");
        }
        assert_eq!(plain.heard(), [""; 0], "{set}");
        assert_eq!(zed.heard().len(), 1, "{set}: the invited, capability or not");
    }
}

/// In a customer's channel: colleagues who are there, never the customer.
#[test]
fn a_customer_never_learns_who_was_asked_for_help() {
    let mut stage = Stage::new();
    let bob = signed_in(&mut stage, "bob", "invite-notify");
    let sue = signed_in(&mut stage, "sue", "invite-notify");
    let carol = signed_in(&mut stage, "carol", "");
    let (customer, _, channel) = stage.customer("anna", "invite-notify");
    stage.says(&customer, &format!("PRIVMSG {channel} :hello"));
    stage.says(&bob, &format!("JOIN {channel}"));
    stage.says(&sue, &format!("BARGE {channel}"));
    for peer in [&customer, &sue, &carol] {
        peer.heard();
    }
    stage.says(&bob, &format!("INVITE carol {channel}"));
    assert_eq!(customer.heard(), [""; 0]);
    assert_eq!(only(&sue.heard(), "INVITE").len(), 1);
    assert_eq!(only(&carol.heard(), "INVITE").len(), 1);
}
