//! The program as an operator runs it: what it prints, where, and its exit codes. No Switchboard server runs here.

use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::thread::JoinHandle;
use switchboard::base::ids::{BlockId, Seq};
use switchboard::base::text::{AccountName, Line};
use switchboard::base::time::Timestamp;
use switchboard::desk::language::fact::{Deed, Event, Fact};
use switchboard::desk::language::people::Actor;
use switchboard::store::Journal;

/// Runs the program in a directory, with this on its standard input.
fn run(directory: &Path, words: &str, input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_switchboard"))
        .args(words.split_whitespace())
        .current_dir(directory)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that asks for nothing may be gone before it is written to.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn succeeds(directory: &Path, words: &str, input: &str) -> String {
    let output = run(directory, words, input);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), said.as_str()), (Some(0), ""), "{words}");
    String::from_utf8(output.stdout).unwrap()
}

fn fails(directory: &Path, words: &str, input: &str) -> String {
    let output = run(directory, words, input);
    assert_eq!(output.status.code(), Some(1), "{words}");
    assert!(output.stdout.is_empty(), "{words}");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.starts_with("switchboard: ") && said.contains("; "), "{said}");
    said
}

/// Hashes that cost little, so that the tests are quick.
const CHEAP: &str = "[access]\npassword_memory = \"8KB\"\npassword_passes = 1\n";

fn home() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("a.toml"), CHEAP).unwrap();
    home
}

#[test]
fn check_prints_a_config_that_reads_as_itself() {
    let home = home();
    let shown = succeeds(home.path(), "check --config a.toml", "");
    assert!(shown.contains("password_memory = \"8KB\""));
    std::fs::write(home.path().join("b.toml"), &shown).unwrap();
    assert_eq!(succeeds(home.path(), "check --config b.toml", ""), shown);
    let reference = succeeds(home.path(), "check --reference", "");
    assert_eq!(reference, include_str!("../conf/switchboard.toml"));
    assert!(!home.path().join("data").exists(), "check changes nothing");
}

#[test]
fn check_names_the_file_the_line_and_the_nearest_key() {
    let home = home();
    std::fs::write(home.path().join("b.toml"), "[desk]\n\ncapcity = 3\n").unwrap();
    let said = fails(home.path(), "check --config b.toml", "");
    assert!(
        said.contains("b.toml:3: unknown key \"capcity\" in [desk]; did you mean \"capacity\"?"),
        "{said}"
    );
    assert!(
        fails(home.path(), "check --config none.toml", "").contains("none.toml: cannot be read")
    );
    std::fs::write(home.path().join("b.toml"), "[tls]\ncertificate = \"no.pem\"\nkey = \"no.key\"")
        .unwrap();
    assert!(fails(home.path(), "check --config b.toml", "").contains("no.pem"));
}

#[test]
fn accounts_live_from_add_to_remove() {
    let home = home();
    let run = |words: &str, input: &str| {
        succeeds(home.path(), &format!("{words} --config a.toml"), input)
    };
    run("account add bob --password-stdin", "open sesame\n");
    run("account add carol --role supervisor --password-stdin", "open sesame");
    run("account role carol admin", "");
    run("account suspend bob", "");
    run("account passwd bob --password-stdin", "sesame, open\r\n");
    let fingerprint = "ab".repeat(32);
    run(&format!("account certificate bob {fingerprint}"), "");
    let list = run("account list", "");
    let rows: Vec<Vec<_>> = list.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(rows.len(), 3);
    assert_eq!(rows[1][..3], ["bob", "agent", "suspended"]);
    assert_eq!(rows[1][4], fingerprint);
    assert_eq!(rows[2][..3], ["carol", "admin", "active"]);
    run(&format!("account certificate bob {fingerprint} --remove"), "");
    run("account resume bob", "");
    run("account remove carol", "");
    let list = run("account list", "");
    assert!(
        list.contains("active") && !list.contains("carol") && !list.contains(&fingerprint),
        "{list}"
    );
}

#[test]
fn invitations_are_shown_once_and_say_how_they_are_used() {
    let home = home();
    let run = |words: &str, input: &str| {
        succeeds(home.path(), &format!("{words} --config a.toml"), input)
    };
    run("account add mia --role member --password-stdin", "open sesame\n");
    let first = run("account invite", "");
    let second = run("account invite --role supervisor", "");
    let code = |text: &str| text.lines().next().unwrap().to_owned();
    assert!(code(&first).len() == 32 && code(&first) != code(&second));
    assert!(first.contains("role agent") && second.contains("role supervisor"), "{first}{second}");
    assert!(first.contains(&format!("VERIFY account {}", code(&first))));
    assert!(first.contains("once registration in [accounts] is"), "it is closed: {first}");
    assert!(!run("account list", "").contains(&code(&first)));
    let refused = fails(home.path(), "account verify nobody --config a.toml", "");
    assert!(refused.contains("nobody"), "{refused}");
}

#[test]
fn accounts_refuse_what_cannot_be_and_change_nothing() {
    let home = home();
    let refuse =
        |words: &str, input: &str| fails(home.path(), &format!("{words} --config a.toml"), input);
    assert!(refuse("account list", "").contains("account add"), "no accounts are made by looking");
    assert!(!home.path().join("data").exists());
    refuse("account add bob --password-stdin", "\n");
    refuse("account add bob --password-stdin", "");
    assert!(refuse("account add bob", "").contains("--password-stdin"));
    succeeds(home.path(), "account add bob --password-stdin --config a.toml", "open sesame\n");
    assert!(refuse("account add BOB --password-stdin", "open sesame\n").contains("already"));
    assert!(refuse("account passwd carol --password-stdin", "open sesame\n").contains("carol"));
    refuse("account role carol agent", "");
    refuse("account remove carol", "");
    refuse("account certificate bob 1234", "");
    for words in ["account add x --role customer", "account add 7up", "account role bob", "walk"] {
        assert_eq!(run(home.path(), words, "").status.code(), Some(2), "{words}");
    }
    let list = succeeds(home.path(), "account list --config a.toml", "");
    assert_eq!(list.lines().count(), 2, "{list}");
}

/// The database of a server that ran and stored nothing.
fn ran(home: &Path) {
    switchboard::store::sqlite::SqliteJournal::open(home.join("data/switchboard.db")).unwrap();
}

#[test]
fn questions_to_an_empty_archive_are_answered() {
    let home = home();
    ran(home.path());
    assert!(fails(home.path(), "transcript 7", "").contains("no conversation \"7\""));
    assert!(fails(home.path(), "search my invoice", "").contains("\"my invoice\""));
    let report =
        succeeds(home.path(), "report --from 2026-11-01 --to 2026-11-30 --format json", "");
    assert!(
        report.contains("\"from\":\"2026-11-01\"") && report.contains("\"opened\":0"),
        "{report}"
    );
    assert!(
        fails(home.path(), "report --from 2026-11-02 --to 2026-11-01", "")
            .contains("before it begins")
    );
}

#[test]
fn the_audit_knows_every_change_of_an_account() {
    let home = home();
    ran(home.path());
    let run = |words: &str, input: &str| {
        succeeds(home.path(), &format!("{words} --config a.toml"), input)
    };
    assert!(run("audit", "").starts_with("Nothing from "));
    run("account add bob --password-stdin", "open sesame\n");
    run("account role bob admin", "");
    run("account suspend bob", "");
    run("account resume bob", "");
    run("account passwd bob --password-stdin", "sesame, open\n");
    run(&format!("account certificate bob {}", "ab".repeat(32)), "");
    run("account remove bob", "");
    let audit = run("audit", "");
    let acts: Vec<_> = audit.lines().map(|line| line.split_once("  ").unwrap().1).collect();
    let print = "ab".repeat(32);
    assert_eq!(
        acts,
        [
            "accounts: account made bob: agent",
            "accounts: account role bob: agent to admin",
            "accounts: account suspended bob",
            "accounts: account resumed bob",
            "accounts: account password bob",
            &format!("accounts: certificate added bob: {print}"),
            &format!("accounts: certificate removed bob: {print}"),
            "accounts: account removed bob",
        ]
    );
    let json = run("audit --format json", "");
    assert!(json.lines().count() == 8 && json.contains("\"act\":\"account made\""), "{json}");
    assert!(run("audit --to 2020-01-01", "").starts_with("Nothing from "));
}

#[test]
fn the_audit_reads_the_journal() {
    let home = home();
    let event = |seq: u64, at: u64, fact: Fact| Event {
        seq: Seq(seq),
        at: Timestamp(at),
        actor: Actor::Staff(AccountName::parse("sue").unwrap()),
        fact,
        words: ["eve", "spam"].map(Line::scrubbed).to_vec(),
    };
    // 2020-01-01 12:00 UTC.
    let noon = 1_577_880_000_000;
    let killed = Fact::Operated { deed: Deed::Killed, by: "op".into() };
    let block = Fact::Blocked { block: BlockId(3), until: Timestamp(0) };
    let other = Fact::MarkedRead { until: Timestamp(0) };
    let events = [event(1, noon, killed.clone()), event(2, noon, other), event(3, noon, block)];
    let database = home.path().join("data/switchboard.db");
    let mut journal = switchboard::store::sqlite::SqliteJournal::open(database).unwrap();
    journal.append(&events).unwrap();
    journal.append(&[event(4, noon + 86_400_000, killed)]).unwrap();
    assert_eq!(
        succeeds(home.path(), "audit --to 2020-01-01 --config a.toml", ""),
        "2020-01-01T12:00:00.000Z  op: kill: eve spam\n\
         2020-01-01T12:00:00.000Z  sue: block number 3: eve spam\n"
    );
}

/// A server for one connection that answers its first bytes with a text.
fn answers(text: &'static str, tls: Option<Arc<ServerConfig>>) -> (u16, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let serve = move || {
        let (stream, _) = listener.accept().unwrap();
        match tls {
            Some(config) => {
                talk(StreamOwned::new(ServerConnection::new(config).unwrap(), stream), text)
            }
            None => talk(stream, text),
        }
    };
    (port, std::thread::spawn(serve))
}

fn talk(mut stream: impl Read + Write, text: &str) {
    let mut heard = [0; 512];
    assert_ne!(stream.read(&mut heard).unwrap(), 0);
    stream.write_all(text.as_bytes()).unwrap();
    stream.flush().unwrap();
}

fn self_signed() -> Arc<ServerConfig> {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".into()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap();
    let config = builder.with_no_client_auth().with_single_cert(vec![made.cert.der().clone()], key);
    Arc::new(config.unwrap())
}

#[test]
fn a_server_that_answers_is_healthy_with_and_without_tls() {
    let home = home();
    for tls in [None, Some(self_signed())] {
        let (port, server) = answers(":s NOTE HEALTH OK :fine\r\n", tls.clone());
        let config = format!("[[listen]]\naddress = \"0.0.0.0:{port}\"\ntls = {}", tls.is_some());
        std::fs::write(home.path().join("b.toml"), config).unwrap();
        let said = succeeds(home.path(), "healthcheck --config b.toml", "");
        assert!(said.contains(&format!("127.0.0.1:{port}")), "{said}");
        server.join().unwrap();
    }
    let (port, server) = answers("ERROR :the server is full\r\n", None);
    std::fs::write(
        home.path().join("b.toml"),
        format!("[[listen]]\naddress = \"127.0.0.1:{port}\""),
    )
    .unwrap();
    assert!(fails(home.path(), "healthcheck --config b.toml", "").contains("the server is full"));
    server.join().unwrap();
}

#[test]
fn what_needs_a_server_says_so() {
    let home = home();
    for words in ["transcript 7", "search invoice", "report", "verify"] {
        assert!(fails(home.path(), words, "").contains("switchboard.db"), "{words}");
    }
    // Port 1 of loopback: nobody serves there, and connecting is refused at once.
    std::fs::write(home.path().join("b.toml"), "[[listen]]\naddress = \"127.0.0.1:1\"").unwrap();
    assert!(fails(home.path(), "healthcheck --config b.toml", "").contains("127.0.0.1:1"));
}
