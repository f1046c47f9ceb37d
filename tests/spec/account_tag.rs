//! IRCv3 account-tag.

use crate::stage::Stage;
use crate::support::{has, member, pairwise, signed_in, tag};

/// "The tag MUST be added by the ircd to all commands sent by a user"; "If the user is not identified to
/// any services account, the tag MUST NOT be sent."
#[test]
fn every_command_of_a_person_names_their_account() {
    let caps = ["account-tag", "message-tags", "account-notify", "extended-join", "away-notify"];
    for set in pairwise(&caps) {
        let mut stage = Stage::members();
        let anna = member(&mut stage, "anna", &format!("invite-notify setname {set}"));
        stage.says(&anna, "JOIN #x");
        let dave = member(&mut stage, "dave", "message-tags");
        let bob = signed_in(&mut stage, "bob", "message-tags");
        for (peer, account) in [(&dave, None), (&bob, Some("bob"))] {
            stage.says(peer, "JOIN #x");
            let nick = if account.is_some() { "bob" } else { "dave" };
            stage.says(&anna, &format!("MODE #x +o {nick}"));
            anna.heard();
            let lines = "PRIVMSG #x :a\r\nNOTICE #x :a\r\n@+a TAGMSG #x\r\nTOPIC #x :t\r\nMODE #x +s\r\n\
                         MODE #x -s\r\nAWAY :x\r\nAWAY\r\nSETNAME :n\r\nPRIVMSG anna :a\r\nPART #x\r\nJOIN #x\r\nQUIT";
            stage.says(peer, lines);
            let heard = anna.heard();
            assert!(heard.len() > 8, "{heard:#?}");
            for line in heard.iter().filter(|line| line.contains(&format!(":{nick}!"))) {
                let named = tag(line, "account");
                let wanted = account.filter(|_| has(&set, "account-tag"));
                assert_eq!(named.as_deref(), wanted, "{set}: {line}");
            }
        }
    }
}
