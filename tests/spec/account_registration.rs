//! IRCv3 account-registration (draft).

use crate::stage::{PASSWORD, Peer, Stage};
use crate::support::{member, only, params, signed_in, verb};
use switchboard::desk::language::people::Role;
use switchboard::desk::settings::{Guests, Settings};
use switchboard::face::ServerInfo;
use switchboard::face::registering::Registration;

const OPEN: Registration = Registration {
    invitation: false,
    email_required: false,
    before_connect: true,
    password_characters: 8,
};
const INVITED: Registration = Registration { invitation: true, ..OPEN };
const BY_MAIL: Registration = Registration { email_required: true, ..OPEN };

fn stage(guests: Guests, rules: Registration) -> Stage {
    let settings = Settings { guests, ..Settings::default() };
    let info = ServerInfo {
        desk: guests == Guests::Customer,
        accounts_only: guests == Guests::Refuse,
        registration: Some(rules),
        ..ServerInfo::default()
    };
    Stage::with(settings, info)
}

fn offered(stage: &mut Stage) -> Option<String> {
    let peer = stage.connect();
    let heard = stage.says(&peer, "CAP LS 302");
    let all = heard.iter().flat_map(|line| params(line).pop()).collect::<Vec<_>>().join(" ");
    let name = "draft/account-registration";
    all.split(' ').find(|cap| cap.split('=').next() == Some(name)).map(str::to_owned)
}

/// Everything a line says but its sentence.
fn told(lines: &[String]) -> Vec<String> {
    let code = |line: &String| {
        let mut params = params(line);
        params.pop();
        format!("{} {}", verb(line), params.join(" "))
    };
    lines.iter().map(code).collect()
}

fn signs_in(stage: &mut Stage, account: &str, password: &str) -> bool {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    let peer = stage.connect();
    let plain = STANDARD.encode(format!("\0{account}\0{password}"));
    let heard = stage.says(&peer, &format!("AUTHENTICATE PLAIN\r\nAUTHENTICATE {plain}"));
    !only(&heard, "903").is_empty()
}

/// "The capability MAY be advertised by servers with an OPTIONAL value: a comma separated list of
/// tokens"; `before-connect`, `email-required` and `custom-account-name` are told as they are.
#[test]
fn the_capability_tells_the_rules_and_is_not_there_where_nobody_may() {
    for (rules, value) in [
        (OPEN, "before-connect,custom-account-name"),
        (BY_MAIL, "before-connect,email-required,custom-account-name"),
        (Registration { before_connect: false, ..OPEN }, "custom-account-name"),
    ] {
        let mut stage = stage(Guests::Member, rules);
        let cap = offered(&mut stage).unwrap();
        assert_eq!(cap, format!("draft/account-registration={value}"));
        let anna = member(&mut stage, "anna", "draft/account-registration");
        let list = stage.says(&anna, "CAP LIST");
        assert_eq!(params(&list[0]).pop().unwrap(), "draft/account-registration");
    }
    let mut closed = Stage::members();
    assert_eq!(offered(&mut closed), None);
    let anna = member(&mut closed, "anna", "");
    let heard =
        closed.says(&anna, "CAP REQ draft/account-registration\r\nREGISTER * * long-enough");
    assert_eq!(told(&heard), ["CAP anna NAK", "FAIL REGISTER TEMPORARILY_UNAVAILABLE *"]);
}

/// "REGISTER SUCCESS <account> <message>: … Afterward, the client is assumed to be authenticated to the
/// <account> as if it used SASL."
#[test]
fn who_registers_is_signed_in() {
    let mut stage = stage(Guests::Member, OPEN);
    let anna = member(&mut stage, "anna", "account-notify");
    let eve = member(&mut stage, "eve", "account-notify extended-join chghost");
    stage.says(&anna, "JOIN #x");
    stage.says(&eve, "JOIN #x");
    anna.heard();
    let heard = stage.says(&anna, "REGISTER * * long-enough\r\nPING x");
    let prefix = format!("anna!~anna@{}", anna.host());
    let host = "member.switchboard.localhost";
    assert_eq!(
        told(&heard),
        [
            "REGISTER SUCCESS anna",
            &format!("900 anna {prefix} anna"),
            "ACCOUNT ",
            &format!("396 anna anna@{host}"),
            "PONG irc.test"
        ]
    );
    let seen = [format!(":{prefix} ACCOUNT anna"), format!(":{prefix} CHGHOST anna {host}")];
    assert_eq!(eve.heard(), seen);
    let whois = stage.says(&eve, "WHOIS anna");
    assert_eq!(params(only(&whois, "330")[0])[1..3], ["anna", "anna"]);
    assert!(signs_in(&mut stage, "anna", "long-enough"));
    assert!(stage.signed_in().is_empty(), "no rights came with it");
}

/// "If `<account>` is `*`, then this value is the user's current nickname. If the server advertises the
/// `custom-account-name` key, then this desired account name can be different".
#[test]
fn the_name_is_the_nick_or_another() {
    let mut stage = stage(Guests::Member, OPEN);
    let anna = member(&mut stage, "anna", "");
    let heard = stage.says(&anna, "REGISTER other * long-enough");
    assert_eq!(told(&heard)[0], "REGISTER SUCCESS other");
    let bea = stage.connect();
    let heard = stage.says(&bea, "REGISTER * * long-enough\r\nREGISTER x * long-enough");
    assert_eq!(told(&heard), ["FAIL REGISTER NEED_NICK *", "FAIL REGISTER NEED_NICK x"]);
}

/// "`before-connect` - if present, indicates the server supports early registration, so it MUST NOT use
/// `FAIL REGISTER COMPLETE_CONNECTION_REQUIRED`". Its sentence is its only context.
#[test]
fn early_registration_is_as_the_rules_say() {
    for before_connect in [true, false] {
        let mut stage = stage(Guests::Member, Registration { before_connect, ..OPEN });
        let peer = stage.connect();
        let lines = "CAP LS 302\r\nNICK anna\r\nUSER a 0 * :Anna\r\nREGISTER * * long-enough";
        let heard = told(&stage.says(&peer, lines));
        let heard: Vec<_> = heard.iter().filter(|line| !line.starts_with("CAP")).collect();
        if before_connect {
            assert_eq!(heard, ["REGISTER SUCCESS anna", "900 anna anna!a@* anna"]);
        } else {
            assert_eq!(heard, ["FAIL REGISTER COMPLETE_CONNECTION_REQUIRED"]);
            let heard = stage.says(&peer, "VERIFY anna x");
            assert_eq!(told(&heard), ["FAIL VERIFY COMPLETE_CONNECTION_REQUIRED"]);
        }
        let heard = stage.says(&peer, "CAP END\r\nWHOIS anna");
        assert_eq!(params(only(&heard, "001")[0])[0], "anna");
        assert_eq!(only(&heard, "330").len(), usize::from(before_connect));
    }
}

/// "FAIL REGISTER ACCOUNT_EXISTS: … because someone already registered it"; BAD_ACCOUNT_NAME, WEAK_PASSWORD,
/// UNACCEPTABLE_PASSWORD, INVALID_EMAIL and ALREADY_AUTHENTICATED, each with the account.
#[test]
fn what_cannot_be_has_its_code() {
    let mut stage = stage(Guests::Member, OPEN);
    let anna = member(&mut stage, "anna", "");
    let _eve = member(&mut stage, "eve", "");
    let long = "x".repeat(301);
    for (line, code) in [
        ("REGISTER bob * long-enough", "ACCOUNT_EXISTS bob"),
        ("REGISTER BOB * long-enough", "ACCOUNT_EXISTS BOB"),
        ("REGISTER eve * long-enough", "ACCOUNT_EXISTS eve"),
        ("REGISTER desk * long-enough", "BAD_ACCOUNT_NAME desk"),
        ("REGISTER b.b * long-enough", "BAD_ACCOUNT_NAME b.b"),
        ("REGISTER * * short", "WEAK_PASSWORD *"),
        (&format!("REGISTER * * {long}"), "UNACCEPTABLE_PASSWORD *"),
        ("REGISTER * nowhere long-enough", "INVALID_EMAIL *"),
    ] {
        let heard = stage.says(&anna, line);
        assert_eq!(told(&heard), [format!("FAIL REGISTER {code}")], "{line}");
    }
    let heard = stage.says(&anna, "REGISTER *\r\nREGISTER * *\r\nVERIFY x");
    assert_eq!(told(&heard), ["461 anna REGISTER", "461 anna REGISTER", "461 anna VERIFY"]);
    let bob = signed_in(&mut stage, "bob", "");
    let heard = stage.says(&bob, "REGISTER new * long-enough\r\nVERIFY new x");
    let already = "ALREADY_AUTHENTICATED new";
    assert_eq!(
        told(&heard),
        [format!("FAIL REGISTER {already}"), format!("FAIL VERIFY {already}")]
    );
    assert_eq!(stage.accounts.list().unwrap().len(), 6, "nothing was made");
}

/// "`email-required` - if present, registrations require a valid email address to process";
/// "REGISTER VERIFICATION_REQUIRED … when further action is required"; "FAIL VERIFY INVALID_CODE".
#[test]
fn an_address_is_needed_and_the_account_waits() {
    let mut stage = stage(Guests::Member, BY_MAIL);
    let anna = member(&mut stage, "anna", "");
    let heard = stage.says(&anna, "REGISTER * * long-enough");
    assert_eq!(told(&heard), ["FAIL REGISTER INVALID_EMAIL *"]);
    let heard = stage.says(&anna, "REGISTER * anna@example.com long-enough");
    assert_eq!(told(&heard), ["REGISTER VERIFICATION_REQUIRED anna"]);
    let heard = stage.says(&anna, "VERIFY anna guess\r\nVERIFY nobody guess");
    assert_eq!(told(&heard), ["FAIL VERIFY INVALID_CODE anna", "FAIL VERIFY INVALID_CODE nobody"]);
    let heard = stage.says(&anna, "REGISTER * other@example.com long-enough");
    assert_eq!(told(&heard), ["FAIL REGISTER ACCOUNT_EXISTS anna"], "the name waits for its first");
    assert!(!signs_in(&mut stage, "anna", "long-enough"));
    stage.accounts.confirm(stage.now, "ANNA").unwrap();
    assert!(signs_in(&mut stage, "anna", "long-enough"));
    assert!(stage.accounts.confirm(stage.now, "anna").is_err(), "once");
}

fn code(stage: &Stage, role: Role) -> String {
    stage.accounts.invite(stage.now, role).unwrap()
}

/// "VERIFY SUCCESS <account> <message>", here with an invitation's code, which makes the account and
/// says its role. It is good once.
#[test]
fn an_invitation_is_what_verify_brings() {
    let mut stage = stage(Guests::Refuse, INVITED);
    let code = code(&stage, Role::Agent);
    let peer = stage.connect();
    let heard = stage
        .says(&peer, "CAP LS 302\r\nNICK anna\r\nUSER a 0 * :Anna\r\nREGISTER * * long-enough");
    assert_eq!(told(&heard).last().unwrap(), "REGISTER VERIFICATION_REQUIRED anna");
    let heard = stage.says(&peer, &format!("VERIFY anna guess\r\nVERIFY anna {code}\r\nCAP END"));
    let heard = told(&heard);
    assert_eq!(
        heard[..3],
        ["FAIL VERIFY INVALID_CODE anna", "VERIFY SUCCESS anna", "900 anna anna!a@* anna"]
    );
    assert!(heard.iter().any(|line| line.starts_with("001")));
    assert_eq!(stage.signed_in(), ["anna"], "an agent");
    let late = stage.connect();
    let heard =
        stage.says(&late, &format!("NICK bea\r\nREGISTER * * long-enough\r\nVERIFY bea {code}"));
    assert_eq!(told(&heard).last().unwrap(), "FAIL VERIFY INVALID_CODE bea");
    let heard = stage.says(&late, &format!("VERIFY other {code}"));
    assert_eq!(told(&heard), ["FAIL VERIFY INVALID_CODE other"], "REGISTER comes first");
}

/// With an invitation needed, REGISTER answers alike whatever accounts there are, and asks nobody.
#[test]
fn register_tells_a_customer_nothing_of_accounts() {
    let mut stage = stage(Guests::Customer, INVITED);
    for name in ["bob", "nobody"] {
        let peer = stage.connect();
        let heard = stage.says(&peer, &format!("NICK anna\r\nREGISTER {name} * long-enough"));
        assert_eq!(told(&heard), [format!("REGISTER VERIFICATION_REQUIRED {name}")]);
        let heard = stage.says(&peer, &format!("VERIFY {name} guess"));
        assert_eq!(told(&heard), [format!("FAIL VERIFY INVALID_CODE {name}")]);
        let (peer, ..) = stage.customer("anna", "batch");
        let heard = stage.says(&peer, &format!("REGISTER {name} * long-enough"));
        assert_eq!(told(&heard), [format!("FAIL REGISTER TEMPORARILY_UNAVAILABLE {name}")]);
    }
    let good = code(&stage, Role::Agent);
    let peer = stage.connect();
    stage.says(&peer, "NICK anna\r\nREGISTER bob * long-enough");
    let heard = stage.says(&peer, &format!("VERIFY bob {good}"));
    assert_eq!(told(&heard), ["FAIL REGISTER ACCOUNT_EXISTS bob"]);
    stage.says(&peer, "REGISTER bea * long-enough");
    let heard = stage.says(&peer, &format!("VERIFY bea {good}"));
    assert_eq!(told(&heard)[0], "VERIFY SUCCESS bea", "the code was not used up by that");
    assert!(signs_in(&mut stage, "bob", PASSWORD), "bob's is bob's");
}

/// "Servers should ensure that if they allow REGISTER before connection registration, this functionality
/// cannot be used to bypass any authentication restrictions … e.g. requirements that clients send a server
/// password with PASS." (ergo#1634)
#[test]
fn registering_goes_round_no_password() {
    for pass in ["", "PASS wrong\r\n", "PASS letmein\r\n"] {
        let mut stage = stage(Guests::Member, OPEN);
        stage.info_mut().password = Some("letmein".into());
        let good = pass.contains("letmein");
        let peer = stage.connect();
        let register = |peer: &Peer, stage: &mut Stage| {
            let lines = "NICK anna\r\nREGISTER * * long-enough\r\nUSER a 0 * :Anna";
            stage.says(peer, &format!("{pass}{lines}"))
        };
        let heard = register(&peer, &mut stage);
        assert_eq!(!only(&heard, "001").is_empty(), good, "{heard:#?}");
        assert_eq!(signs_in(&mut stage, "anna", "long-enough"), good);
        assert_ne!(peer.closed(), good);
    }
    // Nor does an account that could be made by anybody stand for it later.
    let mut stage = stage(Guests::Member, OPEN);
    stage.info_mut().password = Some("letmein".into());
    let mia = stage.connect();
    let heard = stage.says(&mia, &format!("PASS mia:{PASSWORD}\r\nNICK mia\r\nUSER m 0 * :Mia"));
    assert!(only(&heard, "001").is_empty() && mia.closed(), "{heard:#?}");
}

/// The account is there also when whoever asked for it has gone; what is said meanwhile waits.
#[test]
fn lines_wait_for_the_account() {
    let mut stage = stage(Guests::Member, OPEN);
    let anna = member(&mut stage, "anna", "");
    stage.held = true;
    assert!(stage.says(&anna, "REGISTER * * long-enough\r\nPING x").is_empty());
    stage.held = false;
    stage.answer();
    assert_eq!(told(&anna.heard()).last().unwrap(), "PONG irc.test");
    let bea = member(&mut stage, "bea", "");
    stage.held = true;
    stage.says(&bea, "REGISTER * * long-enough");
    stage.node.closed(stage.now, bea.id, "connection reset");
    stage.held = false;
    stage.answer();
    assert!(signs_in(&mut stage, "bea", "long-enough"));
    // The nick is kept for it at once, and for an account that was removed and made anew.
    let other = stage.connect();
    let heard = stage.says(&other, "NICK bea\r\nUSER b 0 * :Bea");
    assert_eq!(told(&heard), ["433 * bea"]);
    stage.accounts.remove("bea").unwrap();
    stage.tell_accounts();
    let heard = stage.says(&other, "NICK bea\r\nREGISTER * * another-one");
    assert!(heard.iter().any(|line| line.contains("REGISTER SUCCESS bea")), "{heard:#?}");
}
