//! Advisories about words that became something else than words.

use crate::stage::Stage;
use std::time::Duration;
use switchboard::desk::settings::Settings;

/// Raw bytes in which a second line is hidden, as far as a line can hold it.
const HIDDEN: [&str; 5] = ["a\rQUIT", "a\0QUIT", "a\r\0KICK", "a\u{85}b", "a\u{2028}QUIT"];

fn templates() -> Settings {
    let bodies =
        [("greet", "Hello {1}, {nick} {agent}"), ("two", "{1} and {2}"), ("odd", "{0} {99} {nick")];
    let templates = bodies.map(|(name, body)| (name.to_owned(), body.to_owned())).into();
    Settings { templates, ..Settings::default() }
}

/// CVE-2022-29166, CVE-2023-38690, CVE-2015-8702 and ergo#610: what one person gave as text began a
/// line of its own at another's. `Peer::heard` fails on any line with CR or NUL in it.
#[test]
fn no_text_of_anybody_begins_a_line() {
    for hidden in HIDDEN {
        let mut stage = Stage::of(templates());
        let caps = "message-tags echo-message setname away-notify extended-join";
        let bob = stage.staff("bob", caps);
        let carol = stage.staff("carol", caps);
        let (anna, nick, channel) = stage.customer("anna", caps);
        stage.says(&anna, &format!("PRIVMSG {channel} :help"));
        stage.says(&bob, &format!("JOIN {channel}\r\nJOIN #room"));
        stage.says(&carol, "JOIN #room");
        let typed = stage.connect_plain();
        let fresh = stage.connect();
        for (who, text) in [
            (&fresh, format!("NICK {hidden}")),
            (&fresh, format!("USER {hidden} 0 * :{hidden}")),
            (&fresh, format!("PASS {hidden}:{hidden}")),
            (&fresh, "NICK eve\r\nUSER eve 0 * :eve".to_owned()),
            (&anna, format!("NICK {hidden}")),
            (&anna, format!("SETNAME :{hidden}")),
            (&anna, format!("@+draft/reply={hidden};+x=a\\r\\nQUIT PRIVMSG {channel} :{hidden}")),
            (&anna, format!("PRIVMSG desk :email {hidden}@x")),
            (&anna, format!("PRIVMSG desk :rate 5 {hidden}")),
            (&bob, format!("TOPIC #room :{hidden}")),
            (&bob, format!("AWAY :{hidden}")),
            (&bob, format!("MODE #room +b {hidden}!*@*")),
            (&bob, format!("MODE #room +k {hidden}")),
            (&bob, format!("SAY {channel} greet {hidden}")),
            (&bob, format!("SAY {channel} two {{2}} {{nick}}")),
            (&bob, format!("NOTE {channel} :{hidden}")),
            (&bob, format!("TAG {channel} +{hidden}")),
            (&bob, format!("HOLD {channel} 1 :{hidden}")),
            (&bob, format!("TRANSFER {channel} carol cold :{hidden}")),
            (&bob, format!("BLOCK 203.0.113.9 1h :{hidden}")),
            (&bob, "BLOCKS".to_owned()),
            (&bob, format!("KICK #room carol :{hidden}")),
            (&bob, format!("KICK {channel} {nick} :{hidden}")),
            (&carol, format!("QUIT :{hidden}")),
        ] {
            stage.says(who, &text);
            for other in [&bob, &carol, &anna, &fresh, &typed] {
                let heard = other.heard();
                let begins = |line: &&String| line.starts_with("QUIT") || line.starts_with("KICK");
                assert_eq!(heard.iter().find(begins), None, "{text:?}");
            }
        }
        stage.bytes(
            &typed,
            format!("/name {hidden}\r\n{hidden}\r\n/email {hidden}@x\r\n").as_bytes(),
        );
        typed.heard();
        assert!(!anna.closed() && !bob.closed() && !typed.closed(), "{hidden:?}");
    }
}

/// The same of what is kept and told again, or asked for later (ergo#610).
#[test]
fn nor_does_what_is_kept_or_asked_for_later() {
    for hidden in HIDDEN {
        let mut stage = Stage::members();
        let caps = "batch message-tags echo-message draft/metadata-2 draft/multiline draft/read-marker \
                    draft/message-redaction draft/channel-rename draft/chathistory away-notify";
        let peers = ["anna", "mark"].map(|nick| {
            let peer = stage.connect();
            let register = format!("CAP REQ :{caps}\r\nNICK {nick}\r\nUSER x 0 * :x\r\nCAP END");
            stage.says(&peer, &format!("{register}\r\nJOIN #x\r\nMETADATA * SUB url"));
            peer
        });
        let [anna, mark] = &peers;
        let said = stage.says(anna, "PRIVMSG #x :first").join(" ");
        let id = said.split([';', ' ', '@']).find_map(|tag| tag.strip_prefix("msgid=")).unwrap();
        for text in [
            format!("METADATA * SET url :{hidden}"),
            format!("METADATA #x SET url :{hidden}"),
            format!("METADATA * SET {hidden} :x"),
            format!("METADATA * SUB {hidden}"),
            format!(
                "BATCH +1 draft/multiline #x\r\n@batch=1 PRIVMSG #x :{hidden}\r\n@batch=1 PRIVMSG #x :b\r\nBATCH -1"
            ),
            format!("BATCH +{hidden} draft/multiline #x"),
            format!("BATCH +2 draft/multiline {hidden}\r\nBATCH -2"),
            format!("REDACT #x {hidden} :x"),
            format!("REDACT #x {id} :{hidden}"),
            format!("MARKREAD {hidden}"),
            format!("CHATHISTORY LATEST {hidden} * 5"),
            format!("CHATHISTORY {hidden} #x * 5"),
            format!("REGISTER {hidden} {hidden} {hidden}"),
            format!("VERIFY {hidden} {hidden}"),
            format!("OPER {hidden} {hidden}"),
            format!("RENAME #x #y :{hidden}"),
            format!("RENAME #x #{hidden} :x"),
        ] {
            stage.says(anna, &text);
            stage
                .says(mark, "METADATA anna LIST\r\nMETADATA #x LIST\r\nCHATHISTORY LATEST #x * 50");
            for peer in &peers {
                let begins = |line: &&String| line.starts_with("QUIT") || line.starts_with("KICK");
                assert_eq!(peer.heard().iter().find(begins), None, "{text:?}");
            }
        }
        assert!(peers.iter().all(|peer| !peer.closed()), "{hidden:?}");
    }
}

/// CVE-2024-39844: the text of a KICK was evaluated.
#[test]
fn words_are_never_read_again_as_a_template_or_command() {
    let mut stage = Stage::of(templates());
    let bob = stage.staff("bob", "batch");
    let (anna, _, channel) = stage.customer("anna", "batch");
    stage.says(&anna, &format!("PRIVMSG {channel} :help"));
    stage.says(&bob, &format!("JOIN {channel}"));
    anna.heard();
    for (template, argument) in [("greet", "{agent}"), ("greet", "{1}{nick}"), ("two", "{2} x")] {
        stage.says(&bob, &format!("SAY {channel} {template} {argument}"));
        let said = anna.heard().join("\n");
        let word = argument.split(' ').next().unwrap();
        assert!(said.contains(word), "{argument} is only words: {said}");
    }
    // Nor does a customer's nick take an argument's place.
    stage.says(&anna, "NICK x{1}");
    anna.heard();
    stage.says(&bob, &format!("SAY {channel} greet secret"));
    let said = anna.heard().join("\n");
    assert!(said.contains("Hello secret, x{1} bob"), "{said}");
    // What a customer says is no command of anybody's, whatever it looks like.
    for words in ["!close", "!transfer carol", "{agent}", "$(reboot)", "`id`", "[exec id]", "%s%n"]
    {
        bob.heard();
        stage.says(&anna, &format!("PRIVMSG {channel} :{words}"));
        assert!(bob.heard().join("\n").contains(&format!(" PRIVMSG {channel} :{words}")));
    }
    let live = stage.node.desk().state().conversations().count();
    assert_eq!(live, 1, "it is bob's as before");
}

/// CVE-2022-0527: what a visitor wrote was a script to the agent who read it.
#[test]
fn a_transcript_page_shows_markup_as_text() {
    use switchboard::store::{Archive, Journal, Which, memory::Memory};
    use switchboard::transcript::{Audience, html};
    let mut stage = Stage::new();
    let (anna, _, channel) = stage.customer("anna", "batch");
    let markup = "<script>alert(1)</script><img src=x onerror=\"alert('1')\">&lt;";
    stage.says(&anna, &format!("SETNAME :{markup}\r\nPRIVMSG {channel} :{markup}"));
    let memory = Memory::new();
    memory.journal().append(&stage.disk.events()).unwrap();
    let which = Which::Channel(channel.clone());
    let episodes = memory.archive().episodes(&which).unwrap();
    assert!(!episodes.is_empty());
    for audience in [Audience::Customer, Audience::Audit] {
        let page = html(&episodes[0], audience);
        assert!(page.contains("&lt;script&gt;alert(1)"), "{page}");
        for bad in ["<script>alert", "<img", "onerror=\""] {
            assert!(!page.contains(bad), "{bad}: {page}");
        }
    }
}

/// ergo#959: what was said to `@#channel` was in the history of those below.
#[test]
fn a_whisper_is_in_no_history_of_the_customer() {
    let mut stage = Stage::new();
    let bob = stage.staff("bob", "batch");
    let (anna, _, channel) = stage.customer("anna", "echo-message message-tags server-time batch");
    stage.says(&anna, &format!("PRIVMSG {channel} :help"));
    stage.says(&bob, &format!("JOIN {channel}\r\nPRIVMSG {channel} :aloud"));
    stage.says(&bob, &format!("PRIVMSG @{channel} :secret\r\nPRIVMSG +{channel} :secret"));
    stage.says(&bob, &format!("NOTICE @{channel} :secret\r\nNOTE {channel} :secret"));
    stage.says(&bob, &format!("PRIVMSG {channel} :!note secret\r\nPRIVMSG {channel} :!nte secret"));
    let mut heard = anna.heard();
    heard.extend(stage.says(&anna, "HISTORY 500\r\nPRIVMSG desk :history"));
    heard
        .extend(stage.says(&anna, &format!("TOPIC {channel}\r\nCHATHISTORY LATEST {channel} * 9")));
    let heard = heard.join("\n");
    assert!(heard.contains("aloud") && !heard.contains("secret"), "{heard}");
}

/// CVE-2020-13775: one capability without another was a null pointer.
#[test]
fn every_two_capabilities_work_together() {
    let mut stage = Stage::new();
    let first = stage.connect();
    let offered = stage.says(&first, "CAP LS 302");
    let offered: Vec<&str> = offered.iter().map(|row| row.rsplit(" :").next().unwrap()).collect();
    let offered = offered.join(" ");
    let names = offered.split(' ');
    let names: Vec<String> = names.map(|name| name.split('=').next().unwrap().to_owned()).collect();
    assert!(names.len() > 15, "{offered}");
    for (i, one) in names.iter().enumerate() {
        for two in &names[i..] {
            let bob = stage.staff("bob", &format!("{one} {two}"));
            let (anna, nick, channel) = stage.customer("anna", &format!("{one} {two}"));
            stage.says(
                &anna,
                &format!("@label=l;+x=1 PRIVMSG {channel} :{one}\r\n@+x=1 TAGMSG {channel}"),
            );
            stage.says(
                &bob,
                &format!("@label=j JOIN {channel}\r\n@label=w WHOIS {nick}\r\nNAMES {channel}"),
            );
            stage.says(&bob, &format!("@label=p PRIVMSG {channel} :{two}\r\nAWAY :x\r\nAWAY"));
            let heard = anna.heard().join("\n");
            assert!(heard.contains(&format!(" PRIVMSG {channel} :{two}")), "{one} {two}: {heard}");
            stage.says(&bob, &format!("@label=q CLOSE {channel}\r\n@label=r QUIT"));
            stage.says(&anna, "@label=q QUIT");
            assert!(bob.closed() && anna.closed());
            // Wrap-up is over.
            stage.passes(Duration::from_secs(61));
        }
    }
}

/// Ergo 2.16 and ngIRCd 28 (see tests/hostile for the sockets): a browser's request was read as
/// lines; bytes without a newline kept a processor busy.
#[test]
fn a_browser_or_a_line_without_end_gets_nowhere() {
    let mut stage = Stage::new();
    let post = "POST / HTTP/1.1\r\nHost: x\r\n\r\nNICK e\r\nUSER e 0 * :e\r\nJOIN #support";
    for peer in [stage.connect(), stage.connect_plain()] {
        peer.heard();
        let heard = stage.says_any(&peer, post).join("\n");
        assert!(peer.closed() && !heard.contains(" 001 "), "{heard}");
    }
    for peer in [stage.connect(), stage.connect_plain()] {
        peer.heard();
        for _ in 0..1000 {
            stage.bytes(&peer, &[b'x'; 600]);
        }
        assert!(peer.heard().is_empty() && !peer.closed(), "nothing to do until it ends");
        assert_eq!(stage.says_any(&peer, "").len(), 1, "then it is said once");
    }
    assert_eq!(stage.node.desk().state().persons().count(), 1, "the one at a terminal");
}
