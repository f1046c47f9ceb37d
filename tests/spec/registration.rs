//! Modern IRC, "Connection Registration" and the messages it is made of.

use crate::stage::{PASSWORD, Stage};
use crate::support::{member, only, params, verb};
use switchboard::desk::settings::Settings;
use switchboard::face::ServerInfo;

fn verbs(heard: &[String]) -> Vec<String> {
    heard.iter().map(|line| verb(line)).collect()
}

/// Fact 5. "Upon successful completion of the registration process, the server MUST send, in this order":
/// 001, 002, 003, 004, 005 at least once, the LUSERS numerics, MOTD or 422; 004 has its parts apart.
#[test]
fn the_welcome_has_its_order() {
    for orders in ["NICK a\r\nUSER a 0 * :A", "USER a 0 * :A\r\nNICK a", "user a 0 * A\nnick a"] {
        let mut stage = Stage::members();
        let _other = member(&mut stage, "other", "");
        let peer = stage.connect();
        let heard = stage.says(&peer, orders);
        let mut order = verbs(&heard);
        order.dedup();
        assert_eq!(
            order,
            [
                "001", "002", "003", "004", "005", "251", "252", "253", "254", "255", "265", "266",
                "221", "422"
            ]
            .map(str::to_owned)
            .into_iter()
            .filter(|code| order.contains(code))
            .collect::<Vec<_>>(),
            "{heard:#?}"
        );
        for code in ["001", "002", "003", "004", "005", "251", "255", "422"] {
            assert!(order.contains(&code.to_owned()), "{code}");
        }
        assert!(heard.iter().all(|line| params(line)[0] == "a"));
        let four = params(only(&heard, "004")[0]);
        assert_eq!(four[1], "irc.test");
        assert!(four.len() >= 5 && four[2].starts_with("switchboard-"), "{four:?}");
        assert!(only(&heard, "005").iter().all(|line| params(line).len() <= 15));
        assert!(params(only(&heard, "255")[0])[1].contains('2'), "oneself is counted");
    }
}

/// Fact 6. "If the client has not registered … `*`"; the target is the real nick from 001 on.
#[test]
fn the_target_is_a_star_before_there_is_a_nick() {
    let mut stage = Stage::new();
    let peer = stage.connect();
    let heard = stage.says(&peer, "NICK\r\nJOIN #x\r\nUSER a");
    let told: Vec<_> = heard.iter().map(|l| format!("{} {}", verb(l), params(l)[0])).collect();
    assert_eq!(told, ["431 *", "451 *", "461 *"]);
    let heard = stage.says(&peer, "NICK anna\r\nUSER a 0 * :A");
    let nick = params(only(&heard, "001")[0])[0].clone();
    assert!(nick.starts_with("anna-"), "not the one asked for: {nick}");
    assert!(heard.iter().filter(|l| verb(l).starts_with('0')).all(|l| params(l)[0] == nick));
}

/// Fact 7. 433 names the nick refused and leaves the old one; one's own nick in another case is taken; a
/// NICK that changes nothing is silent.
#[test]
fn a_nick_in_use_is_refused_and_named() {
    let mut stage = Stage::members();
    let bea = member(&mut stage, "bea", "");
    let peer = stage.connect();
    let heard = stage.says(&peer, "NICK BEA\r\nUSER a 0 * :A");
    assert_eq!(params(only(&heard, "433")[0])[..2], ["*", "BEA"]);
    assert!(only(&heard, "001").is_empty());
    let heard = stage.says(&peer, "NICK anna");
    assert_eq!(params(only(&heard, "001")[0])[0], "anna", "USER need not be said again");
    let heard = stage.says(&peer, "NICK bea");
    assert_eq!(params(&heard[0])[..2], ["anna", "bea"]);
    assert_eq!(stage.says(&peer, "NICK Anna").len(), 1);
    assert!(stage.says(&peer, "NICK Anna").is_empty());
    drop(bea);
}

/// "432 ERR_ERRONEUSNICKNAME" and "431 ERR_NONICKNAMEGIVEN", before registration and after it.
#[test]
fn what_is_no_nick_is_refused() {
    let mut stage = Stage::members();
    let long = "n".repeat(33);
    for bad in ["1a", "-a", "a b", "a!b", "a@b", "#a", ":a", "a,b", "é", &long, "a.b", "*"] {
        let peer = stage.connect();
        let heard = stage.says(&peer, &format!("NICK :{bad}\r\nUSER a 0 * :A"));
        assert_eq!(verbs(&heard), ["432"], "{bad}");
        let heard = stage.says(&peer, "NICK :\r\nNICK");
        assert_eq!(verbs(&heard), ["431", "431"]);
        stage.says(&peer, "QUIT");
    }
    let anna = member(&mut stage, "anna", "");
    assert_eq!(verbs(&stage.says(&anna, "NICK 1a\r\nNICK")), ["432", "431"]);
}

/// Fact 8. "If the <realname> is empty: 461"; "usernames … may be silently truncated to USERLEN"; `~` is part
/// of the user name everywhere.
#[test]
fn user_names_are_fitted_and_empty_ones_refused() {
    let mut stage = Stage::members();
    for line in ["USER", "USER a", "USER a 0 *", "USER a 0 * :", "USER a 0 * : "] {
        let peer = stage.connect();
        let heard = stage.says(&peer, &format!("NICK anna\r\n{line}"));
        assert_eq!(verbs(&heard), ["461"], "{line}");
        assert_eq!(params(&heard[0])[1], "USER");
    }
    for (given, shown) in
        [("abcdefghijklmnopqrst", "~abcdefghijklmnop"), ("a!b@c", "~abc"), ("!", "~user")]
    {
        let peer = stage.connect();
        let heard =
            stage.says(&peer, &format!("NICK zoe\r\nUSER {given} 0 * :Z\r\nWHOIS zoe\r\nQUIT"));
        assert_eq!(params(only(&heard, "311")[0])[2], shown, "{given}");
    }
}

/// Fact 9. "464 ERR_PASSWDMISMATCH"; the server says ERROR and closes. "QUIT: … the server acknowledges this
/// by replying with an ERROR message", also before registration.
#[test]
fn whoever_is_sent_away_or_goes_reads_error() {
    for (lines, code) in [
        ("PASS wrong\r\nNICK a\r\nUSER a 0 * :A", Some("464")),
        ("NICK a\r\nUSER a 0 * :A", Some("464")),
        ("PASS x:y", Some("464")),
        ("QUIT", None),
        ("QUIT :bye", None),
        ("NICK a\r\nQUIT", None),
        ("CAP LS\r\nQUIT", None),
    ] {
        let info =
            ServerInfo { desk: false, password: Some("letmein".into()), ..ServerInfo::default() };
        let mut stage = Stage::with(Settings::default(), info);
        let peer = stage.connect();
        let heard = stage.says(&peer, lines);
        assert!(peer.closed(), "{lines}");
        assert_eq!(verb(heard.last().unwrap()), "ERROR", "{lines}");
        assert_eq!(code.map(|code| only(&heard, code).len()).unwrap_or(1), 1, "{lines}");
    }
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "");
    let heard = stage.says(&anna, "QUIT :bye");
    assert!(heard.last().unwrap().starts_with("ERROR :") && anna.closed());
}

/// "PASS: … ERR_NEEDMOREPARAMS (461), ERR_ALREADYREGISTERED (462)"; the same for USER.
#[test]
fn what_was_for_before_is_refused_after() {
    let mut stage = Stage::members();
    let peer = stage.connect();
    assert_eq!(verbs(&stage.says(&peer, "PASS")), ["461"]);
    let anna = member(&mut stage, "anna", "");
    let heard =
        stage.says(&anna, &format!("PASS bob:{PASSWORD}\r\nUSER a 0 * :A\r\nPASS x\r\nUSER"));
    assert_eq!(verbs(&heard), ["462", "462", "462", "461"]);
    assert!(stage.signed_in().is_empty());
}

/// Fact 10. "451 ERR_NOTREGISTERED: … a client must be registered before it can use"; after it "421
/// ERR_UNKNOWNCOMMAND" with the command as given.
#[test]
fn other_commands_wait_for_registration() {
    let mut stage = Stage::members();
    let peer = stage.connect();
    for line in
        ["JOIN #x", "PRIVMSG a :b", "WHOIS a", "MODE a", "NOPE", "OPER a b", "LIST", "AWAY :x y"]
    {
        let heard = stage.says(&peer, line);
        // AWAY may be said early (pre-away) by those who asked for it.
        assert_eq!(verbs(&heard), ["451"], "{line}");
    }
    assert_eq!(verbs(&stage.says(&peer, "PING x\r\nPONG x")), ["PONG"]);
    let anna = member(&mut stage, "anna", "");
    let heard = stage.says(&anna, "Nope a b");
    assert_eq!(params(&heard[0])[..2], ["anna", "Nope"]);
    assert_eq!(verb(&heard[0]), "421");
    assert!(stage.says(&anna, "NOTICE nobody :x\r\nNOTICE #nowhere :x\r\nNOTICE").is_empty());
}

/// Fact 11, in part: without words 412, without a target 411, an unknown nick 401.
#[test]
fn words_without_text_or_target_are_refused() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "");
    let heard = stage.says(&anna, "PRIVMSG\r\nPRIVMSG anna\r\nPRIVMSG anna :\r\nPRIVMSG nobody :x");
    assert_eq!(verbs(&heard), ["411", "412", "412", "401"]);
}

/// A browser or a TLS hello speaks to an IRC port: nothing of it is run, and the connection ends at once.
#[test]
fn another_protocol_is_sent_away_at_its_first_line() {
    for first in [
        "GET / HTTP/1.1",
        "POST / HTTP/1.1",
        "PUT / HTTP/1.1",
        "HEAD / HTTP/1.0",
        "OPTIONS * HTTP/1.1",
        "CONNECT x:6667 HTTP/1.1",
        "DELETE / HTTP/1.1",
        "PATCH / HTTP/1.1",
        "\u{16}\u{3}\u{1}\u{2}",
    ] {
        let mut stage = Stage::members();
        let peer = stage.connect();
        let heard =
            stage.says_any(&peer, &format!("{first}\r\nHost: x\r\n\r\nNICK a\r\nUSER a 0 * :A"));
        assert_eq!(verbs(&heard), ["ERROR"], "{first:?}");
        assert!(peer.closed(), "{first:?}");
        let mut desk = Stage::new();
        let plain = desk.connect_plain();
        plain.heard();
        desk.says_any(&plain, &format!("{first}\r\nHost: x\r\n\r\nhello there"));
        assert!(plain.closed(), "a plain listener: {first:?}");
        assert_eq!(desk.disk.events().len(), 0, "{first:?}");
    }
}

/// Where guests are members the name of an account is its own as a nick; whoever signs in has it.
#[test]
fn an_accounts_name_is_kept_for_it_where_the_config_says_so() {
    for reserve_nicks in [true, false] {
        let guests = switchboard::desk::settings::Guests::Member;
        let mut stage = Stage::of(Settings { guests, reserve_nicks, ..Settings::default() });
        let eve = stage.connect();
        let heard = stage.says(&eve, "NICK Mia\r\nUSER e 0 * :Eve");
        assert_eq!(only(&heard, "433").len(), usize::from(reserve_nicks));
        let heard = stage.says(&eve, "NICK bob");
        assert_eq!(only(&heard, "433").len(), 1, "a name of staff is always kept");
        stage.says(&eve, "QUIT");
        let mia = stage.connect();
        let heard =
            stage.says(&mia, &format!("PASS mia:{PASSWORD}\r\nNICK mia\r\nUSER m 0 * :Mia"));
        assert_eq!(only(&heard, "001").len(), 1);
        let heard = stage.says(&mia, "NICK other\r\nNICK mia");
        assert_eq!(verbs(&heard), ["NICK", "NICK"]);
    }
}

/// Fact 5. "If the user has client modes set on them automatically upon joining the network, the server SHOULD
/// send the client the RPL_UMODEIS (221) reply or a MODE message".
#[test]
fn modes_that_are_on_from_the_start_are_told() {
    let mut stage = Stage::members();
    let pass = |name: &str| format!("PASS {name}:{PASSWORD}\r\n");
    for (nick, tls, before) in [
        ("anna", true, String::new()),
        ("eve", false, String::new()),
        ("bob", true, pass("bob")),
        ("robo", true, pass("robo")),
        ("root", true, pass("root")),
    ] {
        let peer = if tls { stage.connect() } else { stage.connect_plaintext() };
        let heard = stage.says(&peer, &format!("{before}NICK {nick}\r\nUSER x 0 * :x\r\nPING end"));
        let told = only(&heard, "221").first().map(|line| params(line)[1].clone());
        let modes = params(only(&stage.says(&peer, &format!("MODE {nick}")), "221")[0])[1].clone();
        assert_eq!(told.unwrap_or("+".to_owned()), modes, "{nick}: {heard:#?}");
    }
}
