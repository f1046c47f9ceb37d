//! Modern IRC "OPER message": who becomes an operator, and who does not.

use crate::stage::{PASSWORD, PRINT, Peer, Stage};
use crate::support::{member, only, operator, pairwise, params, signed_in, verb};
use switchboard::base::text::Line;
use switchboard::desk::language::fact::{Deed, Fact};
use switchboard::desk::settings::{Guests, Hosts, OperatorSettings, Settings};

fn verbs(heard: &[String]) -> Vec<String> {
    heard.iter().map(|line| verb(line)).collect()
}

fn stage(operators: Vec<OperatorSettings>) -> Stage {
    Stage::of(Settings { guests: Guests::Member, operators, ..Settings::default() })
}

fn block() -> OperatorSettings {
    OperatorSettings { name: "op".into(), ..OperatorSettings::default() }
}

fn tries(stage: &mut Stage, peer: &Peer) -> Vec<String> {
    verbs(&stage.says(peer, &format!("OPER op {PASSWORD}")))
}

/// "If the supplied name and password are both correct, and the user is connecting from a valid host,
/// the RPL_YOUREOPER message is sent to the user. The user will also receive a MODE message".
#[test]
fn the_right_name_and_password_make_an_operator() {
    for set in pairwise(&["labeled-response batch", "message-tags", "server-time"]) {
        let mut stage = Stage::members();
        let anna = member(&mut stage, "anna", &set);
        let heard = stage.says(&anna, &format!("OPER op {PASSWORD}"));
        assert_eq!(verbs(&heard), ["381", "MODE"], "{set}");
        assert_eq!(params(&heard[1]), ["anna", "+o"], "{set}");
        assert_eq!(params(&stage.says(&anna, "MODE anna")[0]), ["anna", "+Zo"]);
        let eve = member(&mut stage, "eve", "");
        let whois = stage.says(&eve, "WHOIS anna");
        assert_eq!(params(only(&whois, "313")[0])[1], "anna", "{set}");
        let who = stage.says(&eve, "WHO anna o");
        assert!(params(only(&who, "352")[0])[6].contains('*'), "{set}: {who:?}");
        assert!(only(&stage.says(&eve, "WHO eve o"), "352").is_empty());
    }
}

/// Names of operators are "separate to the accounts specified by SASL authentication"; here admins'
/// accounts do as well, and others' do not.
#[test]
fn an_admins_account_does_too_and_another_account_does_not() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "");
    let heard = stage.says(&anna, &format!("OPER root {PASSWORD}"));
    assert!(["381", "MODE"].iter().all(|v| only(&heard, v).len() == 1), "{heard:#?}");
    let whois = stage.says(&anna, "WHOIS anna");
    assert_eq!((only(&whois, "313").len(), only(&whois, "330").len()), (1, 1), "{whois:#?}");
    let eve = member(&mut stage, "eve", "");
    for account in ["bob", "sue", "robo"] {
        let heard = stage.says(&eve, &format!("OPER {account} {PASSWORD}"));
        assert_eq!(verbs(&heard), ["491"], "{account}");
    }
    let sue = signed_in(&mut stage, "sue", "");
    assert_eq!(tries(&mut stage, &sue), ["381", "MODE"], "an account may use a block");
}

/// ERR_PASSWDMISMATCH, ERR_NEEDMOREPARAMS: and nothing has changed. Which half was wrong is not told.
#[test]
fn a_wrong_name_or_password_is_464_and_a_missing_one_461() {
    let mut stage = Stage::members();
    let anna = member(&mut stage, "anna", "");
    let wrong = stage.says(&anna, "OPER op wrong-password");
    assert_eq!(verbs(&wrong), ["464"]);
    for line in ["OPER nobody wrong-password", "OPER root wrong-password", "OPER op :"] {
        assert_eq!(stage.says(&anna, line), wrong, "{line}");
    }
    for line in ["OPER", "OPER op"] {
        assert_eq!(verbs(&stage.says(&anna, line)), ["461"], "{line}");
    }
    assert_eq!(params(&stage.says(&anna, "MODE anna")[0]), ["anna", "+Z"]);
    stage.accounts.suspend("root", true).unwrap();
    stage.tell_accounts();
    assert_eq!(stage.says(&anna, &format!("OPER root {PASSWORD}")), wrong);
    let early = stage.connect();
    assert_eq!(verbs(&stage.says(&early, &format!("OPER op {PASSWORD}"))), ["451"]);
}

/// "If the client is not connecting from a valid host for the given name, the server replies with an
/// ERR_NOOPERHOST message and the request is not successful": told to those who know the password.
#[test]
fn a_block_may_ask_for_a_host_and_a_certificate() {
    let hosts = |hosts: &[&str]| Hosts(hosts.iter().map(|h| Line::scrubbed(h)).collect());
    for (allowed, refused) in [
        (vec!["192.0.2.0/24"], vec!["198.51.100.0/24"]),
        (vec!["203.0.113.1", "192.0.2.2"], vec!["192.0.2.1"]),
        (vec!["*!~anna@*.guest.*"], vec!["*!~eve@*"]),
        (vec!["*!*@192.0.2.0/28"], vec!["eve!*@192.0.2.0/28"]),
    ] {
        let mut yes = stage(vec![OperatorSettings { hosts: hosts(&allowed), ..block() }]);
        let anna = member(&mut yes, "anna", "");
        assert_eq!(tries(&mut yes, &anna), ["381", "MODE"], "{allowed:?}");
        let mut no = stage(vec![OperatorSettings { hosts: hosts(&refused), ..block() }]);
        let anna = member(&mut no, "anna", "");
        assert_eq!(tries(&mut no, &anna), ["491"], "{refused:?}");
        assert_eq!(verbs(&no.says(&anna, "OPER op wrong-password")), ["464"]);
    }
    let certificate = Some(PRINT.to_uppercase().into());
    let mut stage = stage(vec![OperatorSettings { certificate, tls: true, ..block() }]);
    let anna = member(&mut stage, "anna", "");
    assert_eq!(tries(&mut stage, &anna), ["491"]);
    let shown = stage.connect_with(Some(PRINT));
    stage.says(&shown, "NICK carl\r\nUSER carl 0 * :c");
    assert_eq!(tries(&mut stage, &shown), ["381", "MODE"]);
}

/// An operator gives it up by MODE, and nobody takes it by MODE. Source: RFC 2812 section 3.1.5.
#[test]
fn mode_gives_it_up_and_never_takes_it() {
    let mut stage = Stage::members();
    let anna = operator(&mut stage, "anna", "");
    let eve = member(&mut stage, "eve", "");
    assert_eq!(stage.says(&eve, "MODE eve +o"), [] as [&str; 0]);
    assert_eq!(verbs(&stage.says(&eve, "KILL anna :x")), ["481"]);
    assert_eq!(params(&stage.says(&anna, "MODE anna -o")[0]), ["anna", "-o"]);
    assert_eq!(verbs(&stage.says(&anna, "KILL eve :x")), ["481"]);
    assert!(only(&stage.says(&eve, "WHOIS anna"), "313").is_empty());
}

/// A right that is taken away is gone at once, whether it came by the account or by the config.
#[test]
fn another_role_or_another_config_takes_it_away() {
    let mut stage = Stage::members();
    let root = signed_in(&mut stage, "root", "");
    let anna = operator(&mut stage, "anna", "");
    stage.accounts.set_role("root", switchboard::desk::language::people::Role::Agent).unwrap();
    stage.tell_accounts();
    assert_eq!(params(only(&root.heard(), "MODE")[0]), ["root", "-o"]);
    assert_eq!(anna.heard(), [] as [&str; 0]);
    let settings = Settings { guests: Guests::Member, ..Settings::default() };
    stage.node.set_settings(stage.now, settings);
    stage.settle();
    assert_eq!(params(only(&anna.heard(), "MODE")[0]), ["anna", "-o"]);
    assert_eq!(verbs(&stage.says(&anna, "WALLOPS :x")), ["481"]);
}

/// Ours: every act of an operator is in the journal, with who did it.
#[test]
fn becoming_one_is_in_the_audit() {
    let mut stage = Stage::members();
    operator(&mut stage, "anna", "");
    let deeds = stage.disk.events();
    let found = deeds.iter().find_map(|event| match &event.fact {
        Fact::Operated { deed: Deed::Opered, by } => Some((by.to_string(), event.word(0))),
        _ => None,
    });
    assert_eq!(found, Some(("op".to_owned(), Line::scrubbed("anna"))));
}

/// Promise 2: a customer never becomes one, and learns nothing of who could.
#[test]
fn a_customer_never_becomes_one() {
    let operators = vec![block()];
    let mut stage = Stage::of(Settings { operators, ..Settings::default() });
    let (anna, ..) = stage.customer("anna", "");
    let wrong = stage.says(&anna, "OPER op wrong-password");
    assert_eq!(stage.says(&anna, "OPER nobody wrong-password"), wrong);
    assert_eq!(verbs(&stage.says(&anna, &format!("OPER op {PASSWORD}"))), ["491"]);
    assert_eq!(verbs(&stage.says(&anna, &format!("OPER root {PASSWORD}"))), ["491"]);
    assert_eq!(verbs(&stage.says(&anna, "KILL root :x")), ["481"]);
}
