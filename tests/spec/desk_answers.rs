//! DESIGN section 4: desk commands with a leading `!` inside the channel, and what staff are replayed.

use crate::stage::Stage;

/// What is asked in a customer's channel is answered there, where clients show it, also when the answer
/// comes from the archive; whoever asks elsewhere is answered by nick.
#[test]
fn what_is_asked_in_a_channel_is_answered_there() {
    for caps in ["", "batch labeled-response message-tags"] {
        let mut stage = Stage::new();
        let (anna, _, channel) = stage.customer("anna", "");
        stage.says(&anna, &format!("PRIVMSG {channel} :my invoice is wrong"));
        let bob = stage.staff("bob", caps);
        stage.says(&bob, &format!("JOIN {channel}"));
        for asked in ["search invoice", "report", "search nothing", "card"] {
            let told = stage.says(&bob, &format!("PRIVMSG {channel} :!{asked}"));
            let there = format!(" NOTICE @{channel} :");
            assert!(!told.is_empty() && told.iter().all(|l| l.contains(&there)), "{told:#?}");
            let told = stage.says(&bob, &format!("@label=l PRIVMSG {channel} :!{asked}"));
            assert!(told.iter().any(|l| l.contains(&there)), "{told:#?}");
        }
        let told = stage.says(&bob, "SEARCH invoice");
        assert!(told.iter().all(|l| l.contains(" NOTICE bob :")), "{told:#?}");
        assert!(anna.heard().iter().all(|l| !l.contains("SEARCH") && !l.contains("REPORT")));
    }
}

/// A note and a whisper are told apart when they are read again.
#[test]
fn notes_and_whispers_are_told_apart() {
    let mut stage = Stage::new();
    let (anna, _, channel) = stage.customer("anna", "");
    stage.says(&anna, &format!("PRIVMSG {channel} :help"));
    let bob = stage.staff("bob", "");
    stage.says(&bob, &format!("JOIN {channel}\r\nPRIVMSG @{channel} :hm\r\nNOTE :pays late"));
    let sue = stage.staff("sue", "server-time message-tags");
    let heard = stage.says(&sue, &format!("JOIN {channel}")).join("\n");
    assert!(heard.contains(":[whisper] hm") && heard.contains(":[note] pays late"), "{heard}");
}
