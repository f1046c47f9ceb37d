//! The config as its users meet it: the reference file, the complaints, the masked secrets.

use super::schema::SECTIONS;
use super::*;

const REFERENCE: &str = include_str!("../../conf/switchboard.toml");

fn complaint(text: &str) -> String {
    match Config::parse(text, "x.toml") {
        Ok(_) => panic!("accepted: {text}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn reference_file_is_current_and_parses_to_the_defaults() {
    let config = Config::parse(REFERENCE, "conf/switchboard.toml");
    assert_eq!(config, Ok(Config::default()));
    assert!(
        REFERENCE == Config::reference(),
        "the table of keys has changed: write conf/switchboard.toml anew with `switchboard check --reference`"
    );
}

#[test]
fn reference_file_holds_every_key() {
    for section in SECTIONS {
        let heading = section.heading();
        // What there is none of by default stands as a comment.
        let shown = |line: &'static str| line.strip_prefix('#').unwrap_or(line);
        let Some(start) = REFERENCE.lines().position(|line| shown(line) == heading) else {
            panic!("no {heading}");
        };
        let block: Vec<_> =
            REFERENCE.lines().skip(start + 1).take_while(|line| !line.is_empty()).collect();
        for key in section.keys() {
            assert!(
                block.iter().any(|line| shown(line).starts_with(&format!("{key} = "))),
                "{heading} {key}"
            );
        }
    }
}

#[test]
fn an_empty_file_is_the_defaults() {
    assert_eq!(Config::parse("", "x"), Ok(Config::default()));
    assert_eq!(Config::parse("[desk]\n[limits]\n", "x"), Ok(Config::default()));
}

#[test]
fn a_file_says_only_what_it_changes() {
    let text = r#"
        [server]
        network = "Example"
        motd = """
Welcome.
Be kind."""
        [[listen]]
        kind = "plain"
        address = "[::1]:23"
        department = "billing"
        proxy_protocol_from = ["10.0.0.0/8", "192.0.2.1"]
        [[department]]
        name = "Billing"
        routing = "push"
        agents = ["bob"]
        [desk]
        seat = "5m"
        [desk.templates]
        hello = "Hello {nick}"
        [limits]
        sendq_soft = "10KB"
    "#;
    let config = Config::parse(text, "x").unwrap();
    assert_eq!(&*config.desk.network, "Example");
    assert_eq!(config.server.motd.len(), 2);
    assert_eq!(config.listen.len(), 1);
    assert_eq!(config.listen[0].kind, ListenKind::Plain);
    assert_eq!(config.listen[0].proxy_protocol_from.len(), 2);
    assert_eq!(config.desk.departments.len(), 1);
    assert_eq!(config.desk.departments[0].name.as_str(), "billing");
    assert_eq!(config.desk.seat, Duration::from_secs(300));
    assert_eq!(config.desk.templates["hello"], "Hello {nick}");
    assert_eq!(config.limits.sendq_soft, 10 * 1024);
    assert_eq!(config.limits.sendq_hard, Limits::default().sendq_hard);
    assert_eq!(config.desk_settings(), config.desk);
}

#[test]
fn unknown_names_are_answered_with_the_nearest_known_one() {
    for (text, expected) in [
        (
            "[desk]\ncapcity = 3",
            "x.toml:2: unknown key \"capcity\" in [desk]; did you mean \"capacity\"?",
        ),
        ("\n[dsek]\n", "x.toml:2: unknown section [dsek]; did you mean [desk]?"),
        ("[[listner]]\n", "x.toml:1: unknown section [listner]; did you mean [[listen]]?"),
        (
            "[server]\ncapacity = 3",
            "x.toml:2: unknown key \"capacity\" in [server]; it belongs to [desk]",
        ),
        ("seat = \"1m\"", "x.toml:1: \"seat\" stands outside any section; put it under [desk]"),
        (
            "[tls]\nxyzzy = 1",
            "x.toml:2: unknown key \"xyzzy\" in [tls]; there are certificate, key",
        ),
        (
            "[[listen]]\naddress = \"127.0.0.1:1\"\n[[listen]]\naddress = \"127.0.0.1:2\"\nadress = 1",
            "x.toml:5: unknown key \"adress\" in [[listen]]; did you mean \"address\"?",
        ),
    ] {
        assert_eq!(complaint(text), expected);
    }
}

#[test]
fn wrong_values_are_answered_with_what_is_allowed() {
    for (text, line, words) in [
        ("[desk]\nseat = 120", 2, "a time in quotes with its unit"),
        ("[desk]\nseat = \"120\"", 2, "a time in quotes with its unit"),
        ("[desk]\ncapacity = 0", 2, "a whole number from 1 to 1000"),
        ("[desk]\ncapacity = \"2\"", 2, "without quotes"),
        ("[desk]\ncapacity = 2.5", 2, "a whole number"),
        ("[limits]\n\nsendq_soft = \"96\"", 3, "a size in quotes"),
        ("[limits]\nexempt = \"::1\"", 2, "a list of texts"),
        ("[limits]\nexempt = [\"nowhere\"]", 2, "an address or a network"),
        ("[server]\nguests = \"members\"", 2, r#"one of "customer", "member", "refuse""#),
        ("[access]\nplaintext_passwords = \"no\"", 2, "true or false"),
        ("[access]\nhash_workers = 0", 2, "from 1 to 64"),
        ("[[listen]]\naddress = \"localhost\"", 2, "127.0.0.1:6667"),
        ("[[listen]]\nkind = \"web\"\naddress = \"127.0.0.1:1\"", 2, "\"http\""),
        ("[[listen]]\nkind = \"irc\"", 1, "no \"address\""),
        ("[listen]\nkind = \"irc\"", 1, "[[listen]]"),
        ("[[desk]]\nseat = \"0\"", 1, "[desk]"),
        ("[[department]]\nrouting = \"push\"", 1, "no \"name\""),
        ("[[department]]\nname = \"a b\"", 2, "a department is a channel's name"),
        ("[[department]]\nname = \"a\"\nagents = [\"7up\"]", 3, "cannot name the account"),
        ("[desk]\ntemplates = 1", 2, "[desk.templates]"),
        ("[desk.templates]\na = 1", 2, "a text in quotes"),
        ("[desk]\nseat = \"1s", 2, "is not TOML here"),
    ] {
        let said = complaint(text);
        assert!(said.starts_with(&format!("x.toml:{line}: ")), "{text:?} ⇒ {said}");
        assert!(said.contains(words), "{text:?} ⇒ {said}");
    }
}

#[test]
fn values_must_fit_each_other() {
    for (text, line, words) in [
        ("[desk]\nsilent_alarm = \"2m\"", 2, "shorter than \"silent_return\" (120s)"),
        ("[desk]\nsilent_return = \"5m\"\nsilent_alarm = \"5m\"", 3, "silent_return"),
        ("[desk]\ncapacity = 9", 2, "capacity_max"),
        ("[desk]\nhold = \"2h\"", 2, "hold_max"),
        ("[desk]\nseat = \"1d\"", 2, "resumable"),
        ("[limits]\nsendq_soft = \"2MB\"", 2, "sendq_hard"),
        ("[limits]\nsendq_hard = \"0\"", 2, "cannot be off"),
        ("[limits]\nping_timeout = \"0\"", 2, "ping_interval"),
        ("[tls]\ncertificate = \"a.pem\"", 2, "both"),
        ("[server]\nname = \"chat\"", 2, "a dot"),
        ("[server]\nnetwork = \"My Chat\"", 2, "one word"),
        ("[server]\ncommit_interval = \"1s\"", 2, "at most \"50ms\""),
        ("[server]\nguests = \"member\"", 2, "plain [[listen]]"),
        ("[accounts]\nregistration = \"open\"", 2, "a customer needs no account"),
        (
            "[accounts]\nregistration = \"invitation\"\nbefore_connect = false",
            3,
            "nobody could ever",
        ),
        ("[accounts]\npassword_characters = 0", 2, "from 1 to 64"),
        ("listen = []", 0, "add one"),
        ("department = []", 0, "add one"),
        (
            "[[listen]]\naddress = \"127.0.0.1:1\"\n[[listen]]\naddress = \"127.0.0.1:1\"",
            4,
            "its own port",
        ),
        ("[[listen]]\naddress = \"127.0.0.1:1\"\ndepartment = \"sales\"", 3, "no [[department]]"),
        ("[[department]]\nname = \"a\"\n[[department]]\nname = \"A\"", 4, "unique"),
        ("[[department]]\nname = \"c-anna\"", 2, "cannot begin"),
        ("[access]\npassword_memory = \"1KB\"", 2, "at least \"8KB\""),
    ] {
        let said = complaint(text);
        let place = if line == 0 { "x.toml: ".into() } else { format!("x.toml:{line}: ") };
        assert!(said.starts_with(&place), "{text:?} ⇒ {said}");
        assert!(said.contains(words), "{text:?} ⇒ {said}");
    }
}

#[test]
fn timers_that_are_off_are_in_no_order() {
    for text in
        ["[desk]\nsilent_return = \"0\"", "[desk]\nresumable = \"0\"", "[desk]\nhold_max = \"0\""]
    {
        assert!(Config::parse(text, "x").is_ok(), "{text}");
    }
}

#[test]
fn the_first_complaint_by_line_is_told() {
    let said = complaint("[server]\nx = 1\n[access]\ny = 1\n");
    assert!(said.starts_with("x.toml:2: "), "{said}");
}

#[test]
fn secrets_are_masked_wherever_a_config_is_shown() {
    let config = Config::parse("[server]\npassword = \"open sesame\"", "x").unwrap();
    assert_eq!(config.server.password.as_deref(), Some("open sesame"));
    for shown in [config.effective(), format!("{config:?}")] {
        assert!(!shown.contains("sesame"));
        assert!(shown.contains("password = \"(set, not shown)\""));
    }
}

#[test]
fn the_effective_config_reads_as_the_same_config() {
    let text = "[server]\nmotd = \"a\\nb\"\n[desk.templates]\n\"a.b\" = \"say \\\"hi\\\"\"\nc = \"d\"\n\
                [[department]]\nname = \"x\"\nfirst_responder = \"robo\"";
    let config = Config::parse(text, "x").unwrap();
    assert_eq!(Config::parse(&config.effective(), "y"), Ok(config));
}

#[test]
fn a_missing_file_is_named() {
    let error = Config::load(Path::new("no/such/file.toml")).unwrap_err();
    assert!(error.to_string().starts_with("no/such/file.toml: cannot be read: "), "{error}");
}

#[test]
fn loopback_is_exempt_in_every_way_it_is_written() {
    let config = Config::default();
    for address in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"] {
        assert!(config.exempt(address.parse().unwrap()), "{address}");
    }
    assert!(!config.exempt("192.0.2.1".parse().unwrap()));
    let none = Config::parse("[limits]\nexempt = []", "x").unwrap();
    assert!(!none.exempt("127.0.0.1".parse().unwrap()));
}

#[test]
fn numbers_are_written_as_toml_writes_them() {
    let config = Config::parse("[limits]\nconnections = 20_000", "x").unwrap();
    assert_eq!(config.limits.connections, 20_000);
    for bad in ["-5", "+0x10", "1e3", "4294967296"] {
        complaint(&format!("[limits]\nconnections = {bad}"));
    }
}

#[test]
fn a_file_is_read_again_from_where_it_was() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("a.toml");
    std::fs::write(&path, "[desk]\ncapacity = 3").unwrap();
    let config = Config::load(&path).unwrap();
    std::fs::write(&path, "[desk]\ncapacity = 4").unwrap();
    assert_eq!(config.reload().unwrap().desk.capacity, 4);
    std::fs::write(&path, "[desk]\ncapacity = five").unwrap();
    assert!(config.reload().is_err());
    assert_eq!(Config::default().reload(), Ok(Config::default()));
}

#[test]
fn what_clients_are_told_of_tls_must_be_true() {
    let on = "[sts]\nenabled = true\n";
    assert!(complaint(on).contains("needs a \"certificate\" in [tls]"), "{}", complaint(on));
    let tls = "[tls]\ncertificate = \"a.pem\"\nkey = \"a.key\"\n";
    assert!(Config::parse(&format!("{on}{tls}"), "x").is_ok());
    let plain = format!("{on}{tls}[[listen]]\naddress = \"127.0.0.1:6667\"\n");
    assert!(complaint(&plain).starts_with("x.toml:2: "), "{}", complaint(&plain));
    let port = "[sts]\nport = 70000";
    assert!(complaint(port).contains("from 1 to 65535"), "{}", complaint(port));
}

#[test]
fn an_icon_is_a_url() {
    assert!(Config::parse("[server]\nicon = \"https://example.org/{size}.svg\"", "x").is_ok());
    for odd in ["example.org/a.svg", "https://example.org/a b.svg", "javascript:alert(1)"] {
        let text = format!("[server]\nicon = \"{odd}\"");
        assert!(complaint(&text).contains("must be a URL"), "{odd}");
    }
}

#[test]
fn what_is_of_the_web_stands_at_a_web_listener_and_is_an_origin() {
    let web = "[[listen]]\nkind = \"http\"\naddress = \"127.0.0.1:8080\"\n";
    let good = "origins = [\"https://www.example:8443\", \"*\"]\nforwarded_from = [\"::1\"]";
    assert!(Config::parse(&format!("{web}{good}"), "x").is_ok());
    let odd = complaint(&format!("{web}origins = [\"https://www.example/\"]"));
    assert!(odd.starts_with("x.toml:4: ") && odd.contains("without a path"), "{odd}");
    let irc = "[[listen]]\naddress = \"127.0.0.1:6667\"\nforwarded_from = [\"::1\"]";
    assert!(complaint(irc).contains("of kind \"http\" only"), "{}", complaint(irc));
}

#[test]
fn a_gateway_has_a_password_and_a_place() {
    let gateway = "[[webirc]]\naddresses = [\"10.0.0.1\"]\npassword = ";
    let config = Config::parse(&format!("{gateway}\"hunter2\""), "x").unwrap();
    assert_eq!(config.gateways[0].digest(), None);
    assert!(!config.effective().contains("hunter2"));
    let digest = format!("{gateway}\"sha256:{}\"", "0a".repeat(32));
    assert_eq!(Config::parse(&digest, "x").unwrap().gateways[0].digest(), Some([10; 32]));
    for (text, words) in [
        (format!("{gateway}\"\""), "must not be empty"),
        (format!("{gateway}\"sha256:0a\""), "64 hexadecimal digits"),
        ("[[webirc]]\naddresses = [\"10.0.0.1\"]".to_owned(), "no \"password\""),
        ("[[webirc]]\npassword = \"x\"".to_owned(), "no \"addresses\""),
    ] {
        assert!(complaint(&text).contains(words), "{}", complaint(&text));
    }
}
