//! NICK. Source: Modern IRC "NICK message", RFC 2812 section 3.1.2.

use crate::stage::Stage;
use crate::support::{member, only, pairwise, params, signed_in, verb};
use switchboard::base::limits::NICKLEN;

fn verbs(heard: &[String]) -> Vec<String> {
    heard.iter().map(|line| verb(line)).collect()
}

/// "The NICK message may be sent from the server to clients to acknowledge their NICK command was
/// successful, and to inform other clients about the change of nickname": once to each.
#[test]
fn a_change_is_told_once_to_each_who_shares_a_channel() {
    for set in pairwise(&["account-tag", "server-time", "labeled-response"]) {
        let mut stage = Stage::members();
        let anna = member(&mut stage, "anna", &set);
        let eve = member(&mut stage, "eve", &set);
        let zoe = member(&mut stage, "zoe", &set);
        stage.says(&anna, "JOIN #x,#y");
        stage.says(&eve, "JOIN #x,#y");
        anna.heard();
        let own = stage.says(&anna, "NICK other");
        for heard in [own, eve.heard()] {
            assert_eq!(verbs(&heard), ["NICK"], "{set}");
            assert!(heard[0].contains(":anna!~anna@"), "{set}: {heard:?}");
            assert_eq!(params(&heard[0]), ["other"], "{set}");
        }
        assert_eq!(zoe.heard(), [""; 0], "{set}");
        assert_eq!(verbs(&stage.says(&eve, "PRIVMSG anna :x")), ["401"], "{set}");
        stage.says(&eve, "PRIVMSG OTHER :x");
        assert_eq!(params(only(&anna.heard(), "PRIVMSG")[0])[0], "other", "{set}");
    }
}

/// Fact 7: "433 takes the refused nick as second parameter and must leave the old nick intact; case-only
/// changes of one's own nick succeed; a no-op NICK is silent". 431 for none, 432 for what is none.
#[test]
fn what_cannot_be_leaves_the_old_one() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "");
    let eve = member(&mut stage, "eve", "");
    for (said, code, named) in [
        ("NICK", "431", None),
        ("NICK :", "431", None),
        ("NICK 9lives", "432", Some("9lives")),
        ("NICK #x", "432", Some("#x")),
        ("NICK a@b", "432", Some("a@b")),
        ("NICK :a b", "432", Some("*")),
        ("NICK eve", "433", Some("eve")),
        ("NICK EVE", "433", Some("EVE")),
        ("NICK desk", "433", Some("desk")),
        ("NICK bob", "433", Some("bob")),
    ] {
        let heard = stage.says(&anna, said);
        assert_eq!(verbs(&heard), [code], "{said}");
        assert_eq!(params(&heard[0])[0], "anna", "{said}");
        if let Some(named) = named {
            assert_eq!(params(&heard[0])[1], named, "{said}");
        }
    }
    let long = "x".repeat(NICKLEN + 1);
    assert_eq!(verbs(&stage.says(&anna, &format!("NICK {long}"))), ["432"]);
    assert_eq!(eve.heard(), [""; 0]);
    assert_eq!(verbs(&stage.says(&anna, "NICK anna")), [""; 0], "a no-op is silent");
    let heard = stage.says(&anna, "NICK ANNA");
    assert_eq!(params(&heard[0]), ["ANNA"]);
    assert_eq!(verbs(&stage.says(&eve, "NICK anna")), ["433"]);
    assert_eq!(verbs(&stage.says(&anna, &format!("NICK {}", &long[1..]))), ["NICK"]);
}

/// CASEMAPPING=ascii (fact 14): `[]\^` and `{}|~` are different letters.
#[test]
fn only_letters_have_case() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "an[na]", "");
    member(&mut stage, "an{na}", "");
    assert_eq!(verbs(&stage.says(&anna, "NICK AN{na}")), ["433"]);
    assert_eq!(verbs(&stage.says(&anna, "NICK An[Na]")), ["NICK"]);
}

/// Before registration: the last one said counts; one in use is refused at `*`, and another may be
/// chosen; while capabilities are negotiated it waits.
#[test]
fn a_nick_is_chosen_in_every_phase() {
    let mut stage = Stage::members();
    member(&mut stage, "anna", "");
    for begin in ["CAP LS 302\r\nCAP REQ :setname\r\n", ""] {
        let peer = stage.connect();
        let heard = stage.says(&peer, &format!("{begin}NICK 1x\r\nNICK\r\nNICK other"));
        let refused: Vec<_> = verbs(&heard).into_iter().filter(|v| v.starts_with('4')).collect();
        assert_eq!(refused, ["432", "431"], "{begin:?}");
        assert_eq!(params(only(&heard, "432")[0])[..2], ["*", "1x"]);
        let heard = stage.says(&peer, "NICK ANNA\r\nUSER x 0 * :x\r\nCAP END");
        assert_eq!(params(only(&heard, "433")[0])[..2], ["*", "ANNA"], "{begin:?}");
        assert!(only(&heard, "001").is_empty());
        let heard = stage.says(&peer, "NICK late");
        assert_eq!(params(only(&heard, "001")[0])[0], "late", "{begin:?}");
        stage.says(&peer, "QUIT");
    }
}

/// Somebody who signed in bears the nick of their account; a guest cannot.
#[test]
fn an_accounts_nick_is_its_owners() {
    let mut stage = Stage::members();
    let bob = signed_in(&mut stage, "bob", "");
    assert_eq!(verbs(&stage.says(&bob, "NICK other")), ["NICK"]);
    let anna = member(&mut stage, "anna", "");
    assert_eq!(verbs(&stage.says(&anna, "NICK bob")), ["433"]);
    assert_eq!(verbs(&stage.says(&bob, "NICK bob")), ["NICK"]);
}

/// Promise 2: a customer's nick carries the code of their channel, so one in use reveals nothing.
#[test]
fn a_customers_nick_keeps_its_code() {
    let mut stage = Stage::new();
    let (anna, nick, channel) = stage.customer("anna", "");
    let (_, other, _) = stage.customer("eve", "");
    let bob = stage.staff("bob", "");
    stage.says(&anna, &format!("PRIVMSG {channel} :help"));
    stage.says(&bob, &format!("JOIN {channel}"));
    anna.heard();
    bob.heard();
    let code = nick.rsplit('-').next().unwrap();
    for (wanted, becomes) in [("eve", format!("eve-{code}")), (&*other, format!("{other}-{code}"))]
    {
        let own = stage.says(&anna, &format!("NICK {wanted}"));
        assert_eq!(params(&own[0]), std::slice::from_ref(&becomes));
        assert_eq!(params(only(&bob.heard(), "NICK")[0]), [becomes]);
    }
    assert_eq!(verbs(&stage.says(&anna, "NICK bob")), ["433"]);
}
