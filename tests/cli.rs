//! The program as an operator runs it: what it prints, where, and its exit codes. No server runs here.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Runs the program in a directory, with this on its standard input.
fn switchboard(directory: &Path, words: &str, input: &str) -> Output {
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
    let output = switchboard(directory, words, input);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), said.as_str()), (Some(0), ""), "{words}");
    String::from_utf8(output.stdout).unwrap()
}

fn fails(directory: &Path, words: &str, input: &str) -> String {
    let output = switchboard(directory, words, input);
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
        assert_eq!(switchboard(home.path(), words, "").status.code(), Some(2), "{words}");
    }
    let list = succeeds(home.path(), "account list --config a.toml", "");
    assert_eq!(list.lines().count(), 2, "{list}");
}

#[test]
fn what_needs_a_server_says_so() {
    let home = home();
    assert!(fails(home.path(), "transcript 7", "").contains("switchboard.db"));
    // Port 1 of loopback: nobody serves there, and connecting is refused at once.
    std::fs::write(home.path().join("b.toml"), "[[listen]]\naddress = \"127.0.0.1:1\"").unwrap();
    assert!(fails(home.path(), "healthcheck --config b.toml", "").contains("127.0.0.1:1"));
}
