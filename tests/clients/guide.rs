//! The guide's pages, typed into the clients they are for, word by word but for host, port and password.

use crate::stage::{PASSWORD, Stage};
use std::process::Command;

/// The first block of the page, for this stage's port of TLS, with what the page says of a certificate
/// that nobody signed.
fn block(page: &str, stage: &Stage, unsigned: (&str, &str)) -> Vec<String> {
    let block = page.split("```").nth(1).unwrap().trim();
    let port = stage.tls.to_string();
    let (wanted, replaced) = unsigned;
    let text = block
        .replace("chat.example", "127.0.0.1")
        .replace("6697", &port)
        .replace("PASSWORD", PASSWORD)
        .replace(wanted, replaced);
    assert!(text.contains(replaced) && text.contains(&port), "{text}");
    text.lines().map(str::to_owned).collect()
}

#[test]
#[ignore = "drives real clients"]
fn irssi_does_what_its_page_says() {
    let stage = Stage::new("", &["irssi"]);
    stage.account("bob", "agent");
    let page = include_str!("../../src/guide/clients/irssi.md");
    assert!(page.contains("`-notls_verify`"));
    let screen = stage.open("irssi");
    screen.shows("[(status)]");
    for line in block(page, &stage, ("-tls ", "-tls -notls_verify ")) {
        screen.type_line(&line);
    }
    screen.shows("SASL authentication succeeded");
    screen.shows("Welcome to Switchboard, bob!bob@staff.");
}

#[test]
#[ignore = "drives real clients"]
fn weechat_does_what_its_page_says() {
    let stage = Stage::new("", &["weechat"]);
    stage.account("bob", "agent");
    let page = include_str!("../../src/guide/clients/weechat.md");
    let version = Command::new("weechat").arg("--version").output().unwrap();
    let old = String::from_utf8(version.stdout).unwrap().starts_with(['0', '1', '2', '3']);
    let verify = "/set irc.server.desk.tls_verify off";
    assert!(page.contains(verify) && page.contains("`ssl_verify`") && page.contains("`-ssl`"));
    let screen = stage.open("weechat");
    screen.shows("Plugins loaded");
    // These lines are typed faster than a person does, which it takes for a paste.
    screen.type_line("/set weechat.look.paste_max_lines -1");
    screen.shows("paste_max_lines = -1");
    for line in block(page, &stage, ("/save", &format!("{verify}\n/save"))) {
        let line = if old {
            line.replace("-tls", "-ssl").replace("tls_verify", "ssl_verify")
        } else {
            line
        };
        screen.type_line(&line);
    }
    screen.shows("(bob@staff.switchboard.localhost) has joined #support");
}
