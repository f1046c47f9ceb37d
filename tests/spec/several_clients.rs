//! Several clients of one account (DESIGN: no bouncer is needed): they share nick, channels, away
//! state and lists; others see one person.

use crate::stage::{PASSWORD, Peer, Stage};
use crate::support::{has, member, only, pairwise, params, signed_in};

fn second(stage: &mut Stage, nick: &str, caps: &str) -> (Peer, Vec<String>) {
    let peer = stage.connect();
    let lines = format!(
        "CAP REQ :{caps}\r\nPASS {nick}:{PASSWORD}\r\nNICK {nick}\r\nUSER {nick} 0 * :x\r\nCAP END"
    );
    let heard = stage.says(&peer, &lines);
    (peer, heard)
}

#[test]
fn a_second_client_shares_the_nick_and_is_shown_the_channels() {
    for set in pairwise(&["extended-join", "no-implicit-names", "server-time"]) {
        let mut stage = Stage::new();
        let bob = signed_in(&mut stage, "bob", "");
        stage.says(&bob, "JOIN #lobby\r\nTOPIC #lobby :tea");
        let carol = signed_in(&mut stage, "carol", "");
        stage.says(&carol, "JOIN #lobby");
        bob.heard();
        let (phone, heard) = second(&mut stage, "bob", &set);
        assert_eq!(params(only(&heard, "001")[0])[0], "bob");
        let joined: Vec<String> =
            only(&heard, "JOIN").iter().map(|l| params(l)[0].clone()).collect();
        assert_eq!(joined, ["#lobby", "#support"], "{set}");
        assert!(only(&heard, "JOIN").iter().all(|l| l.contains(":bob!")), "{set}");
        assert!(only(&heard, "332").iter().any(|l| params(l)[2] == "tea"), "{set}");
        assert_eq!(only(&heard, "353").is_empty(), has(&set, "no-implicit-names"), "{set}");
        // Nobody else sees anybody come.
        assert_eq!(bob.heard(), [""; 0]);
        assert_eq!(carol.heard(), [""; 0]);
        let names = stage.says(&carol, "NAMES #lobby");
        let shown = params(only(&names, "353")[0])[3].clone();
        assert_eq!(shown.matches("bob").count(), 1, "{shown}");
        stage.says(&phone, "QUIT");
        assert!(phone.closed());
        assert_eq!(carol.heard(), [""; 0]);
        stage.says(&bob, "QUIT");
        assert_eq!(only(&carol.heard(), "QUIT").len(), 1);
    }
}

#[test]
fn words_reach_every_client_and_ones_own_those_that_can_show_them() {
    for set in pairwise(&["echo-message", "message-tags", "labeled-response"]) {
        let mut stage = Stage::new();
        let bob = signed_in(&mut stage, "bob", "");
        let carol = signed_in(&mut stage, "carol", "");
        let (phone, _) = second(&mut stage, "bob", &set);
        carol.heard();
        // From others, to both.
        stage.says(&carol, "PRIVMSG bob :hello\r\nPRIVMSG #support :all");
        for client in [&bob, &phone] {
            let heard = client.heard();
            let words: Vec<_> =
                only(&heard, "PRIVMSG").iter().map(|l| params(l)[1].clone()).collect();
            assert_eq!(words, ["hello", "all"], "{set}");
        }
        // One's own words in a channel: to the other client always; in private: with echo only.
        let heard = stage.says(&bob, "PRIVMSG #support :mine\r\nPRIVMSG carol :psst");
        assert!(only(&heard, "PRIVMSG").is_empty(), "{heard:#?}");
        let heard = phone.heard();
        let words: Vec<_> = only(&heard, "PRIVMSG").iter().map(|l| params(l)[1].clone()).collect();
        let expected: &[&str] =
            if has(&set, "echo-message") { &["mine", "psst"] } else { &["mine"] };
        assert_eq!(words, expected, "{set}");
        assert_eq!(only(&carol.heard(), "PRIVMSG").len(), 2);
        // And the other way round.
        let heard = stage.says(&phone, "PRIVMSG #support :back");
        assert_eq!(only(&heard, "PRIVMSG").len(), usize::from(has(&set, "echo-message")), "{set}");
        assert_eq!(only(&bob.heard(), "PRIVMSG").len(), 1);
    }
}

#[test]
fn what_one_client_does_the_others_see() {
    let mut stage = Stage::new();
    let bob = signed_in(&mut stage, "bob", "");
    let (phone, _) = second(&mut stage, "bob", "");
    let heard = stage.says(&phone, "JOIN #den");
    let seen = bob.heard();
    for lines in [&heard, &seen] {
        assert_eq!(only(lines, "JOIN").len(), 1);
        assert_eq!(only(lines, "353").len(), 1);
    }
    // A question is answered to who asked.
    let heard = stage.says(&phone, "NAMES #den\r\nTOPIC #den\r\nWHOIS bob");
    assert!(only(&heard, "353").len() == 1 && only(&heard, "311").len() == 1);
    assert_eq!(bob.heard(), [""; 0]);
    stage.says(&bob, "AWAY :lunch");
    assert_eq!(only(&phone.heard(), "306").len(), 1);
    let (third, heard) = second(&mut stage, "bob", "");
    assert_eq!(only(&heard, "306").len(), 1, "who comes is told that they are away");
    stage.says(&bob, "NICK robert");
    for client in [&phone, &third] {
        assert_eq!(only(&client.heard(), "NICK").len(), 1);
    }
    // The new nick is every client's: its answers say so.
    let heard = stage.says(&phone, "PING x\r\nWHOIS nobody");
    assert_eq!(params(only(&heard, "401")[0])[0], "robert");
}

#[test]
fn a_conversation_is_kept_while_any_client_is_here() {
    let mut stage = Stage::new();
    let bob = signed_in(&mut stage, "bob", "");
    let (anna, _, channel) = stage.customer("anna", "");
    stage.says(&anna, &format!("PRIVMSG {channel} :help"));
    stage.says(&bob, &format!("JOIN {channel}"));
    anna.heard();
    let (phone, heard) = second(&mut stage, "bob", "");
    assert!(only(&heard, "JOIN").iter().any(|l| params(l)[0] == channel));
    assert!(heard.iter().any(|l| l.contains("help")), "the recent lines: {heard:#?}");
    assert_eq!(anna.heard(), [""; 0], "a second client is nobody's business");
    // The first connection is lost: nothing happens to the conversation.
    stage.lose(&bob);
    assert_eq!(anna.heard(), [""; 0]);
    stage.says(&phone, &format!("PRIVMSG {channel} :on my phone now"));
    let heard = anna.heard();
    assert_eq!(params(only(&heard, "PRIVMSG")[0])[1], "on my phone now");
    // The last one is lost: the seat is held, then it is back in the queue.
    stage.lose(&phone);
    let carol = signed_in(&mut stage, "carol", "");
    stage.passes(std::time::Duration::from_secs(61));
    let heard = carol.heard();
    assert!(heard.iter().any(|line| line.contains(&format!("WAITING {channel}"))), "{heard:#?}");
}

#[test]
fn another_nick_or_another_account_is_another_person() {
    let mut stage = Stage::new();
    let bob = signed_in(&mut stage, "bob", "");
    let peer = stage.connect();
    let heard = stage.says(&peer, &format!("PASS bob:{PASSWORD}\r\nNICK bob_\r\nUSER b 0 * :x"));
    assert_eq!(params(only(&heard, "001")[0])[0], "bob_");
    let other = stage.connect();
    let heard = stage.says(&other, &format!("PASS carol:{PASSWORD}\r\nNICK bob\r\nUSER b 0 * :x"));
    assert!(only(&heard, "001").is_empty() && only(&heard, "433").len() == 1, "{heard:#?}");
    assert!(!bob.closed());
}

#[test]
fn suspension_ends_every_client_and_there_are_only_so_many() {
    use switchboard::base::limits::CLIENTS;
    let mut stage = Stage::new();
    let mut clients = vec![signed_in(&mut stage, "bob", "")];
    for _ in 1..CLIENTS {
        let (peer, heard) = second(&mut stage, "bob", "");
        assert_eq!(only(&heard, "001").len(), 1);
        clients.push(peer);
    }
    let (_, heard) = second(&mut stage, "bob", "");
    assert_eq!(only(&heard, "433").len(), 1, "{heard:#?}");
    stage.accounts.suspend("bob", true).unwrap();
    stage.tell_accounts();
    assert!(clients.iter().all(Peer::closed));
    assert_eq!(stage.signed_in(), [""; 0]);
}

/// pre-away: "an away message of `*` should be treated as though the connection did not exist at all",
/// so that with only such clients left somebody is absent, and with any other is not.
#[test]
fn whoever_leaves_only_clients_that_nobody_sits_at_is_absent() {
    let mut stage = Stage::members();
    let zed = signed_in(&mut stage, "mia", "");
    let eve = member(&mut stage, "eve", "away-notify");
    stage.says(&zed, "JOIN #x");
    stage.says(&eve, "JOIN #x");
    zed.heard();
    let (phone, _) = second(&mut stage, "mia", "draft/pre-away");
    let heard = stage.says(&phone, "AWAY *");
    assert_eq!(only(&heard, "306").len(), 1, "{heard:?}");
    assert_eq!(eve.heard(), [""; 0], "somebody sits at the other");
    assert_eq!(zed.heard(), [""; 0]);
    stage.says(&zed, "QUIT");
    let heard = eve.heard();
    assert_eq!(params(only(&heard, "AWAY")[0]), ["*"], "{heard:?}");
    assert_eq!(only(&phone.heard(), "306").len(), 1);
    assert_eq!(only(&stage.says(&eve, "WHOIS mia"), "301").len(), 1);
    let (desktop, _) = second(&mut stage, "mia", "");
    assert_eq!(params(only(&eve.heard(), "AWAY")[0]), [""; 0], "here again");
    stage.says(&desktop, "AWAY :lunch\r\nQUIT");
    assert_eq!(only(&eve.heard(), "AWAY").len(), 1, "lunch it stays");
    stage.says(&phone, "AWAY");
    assert_eq!(params(only(&eve.heard(), "AWAY")[0]), [""; 0]);
}

/// What a client is replayed is its own affair: one with chathistory asks for what it wants.
#[test]
fn each_client_is_replayed_by_its_own_capabilities() {
    let mut stage = Stage::members();
    let mia = signed_in(&mut stage, "mia", "");
    let eve = member(&mut stage, "eve", "");
    stage.says(&mia, "JOIN #x");
    stage.says(&eve, "JOIN #x\r\nPRIVMSG #x :before");
    let (asks, heard) = second(&mut stage, "mia", "batch draft/chathistory server-time");
    assert!(only(&heard, "PRIVMSG").is_empty(), "{heard:?}");
    let (_, heard) = second(&mut stage, "mia", "server-time");
    assert_eq!(only(&heard, "PRIVMSG").len(), 1, "{heard:?}");
    let heard = stage.says(&asks, "CHATHISTORY LATEST #x * 5");
    assert_eq!(only(&heard, "PRIVMSG").len(), 1, "{heard:?}");
}
