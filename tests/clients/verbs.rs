//! What agents type besides talking, in clients signed in by SASL over TLS: every answer is understood and
//! stands where a person looks for it.

use crate::screen::Screen;
use crate::stage::{PASSWORD, Stage};
use std::fs;

/// irssi's settings: the desk as a network, SASL PLAIN over TLS with any certificate, no waiting between lines.
fn irssi_settings(port: u16, name: &str) -> String {
    format!(
        "servers = ( {{ address = \"127.0.0.1\"; port = \"{port}\"; chatnet = \"desk\"; \
         use_tls = \"yes\"; tls_verify = \"no\"; autoconnect = \"yes\"; }} );\n\
         chatnets = {{ desk = {{ type = \"IRC\"; nick = \"{name}\"; sasl_mechanism = \"plain\"; \
         sasl_username = \"{name}\"; sasl_password = \"{PASSWORD}\"; }}; }};\n\
         settings = {{ core = {{ server_reconnect_time = \"2s\"; }}; \
         \"irc/core\" = {{ cmds_max_at_once = \"100\"; }}; }};\n"
    )
}

/// irssi, signed in by SASL PLAIN over TLS.
pub(crate) fn irssi_by_sasl(stage: &Stage, name: &str) -> Screen {
    let home = stage.fresh_home();
    fs::create_dir(home.join(".irssi")).unwrap();
    fs::write(home.join(".irssi/config"), irssi_settings(stage.tls, name)).unwrap();
    let screen = stage.open_in(&home, "irssi");
    screen.shows("SASL authentication succeeded");
    screen.shows("There is no message of the day");
    screen
}

/// WeeChat, signed in by SASL PLAIN over TLS.
pub(crate) fn weechat_by_sasl(stage: &Stage, name: &str) -> Screen {
    let server = format!("/server add desk 127.0.0.1/{}", stage.tls);
    let secure = if weechat_is_old() { "ssl" } else { "tls" };
    let settings = [
        format!("irc.server.desk.{secure} on"),
        format!("irc.server.desk.{secure}_verify off"),
        "irc.server.desk.sasl_mechanism plain".to_owned(),
        format!("irc.server.desk.sasl_username {name}"),
        format!("irc.server.desk.sasl_password {PASSWORD}"),
        format!("irc.server.desk.nicks {name}"),
        "irc.server.desk.autoreconnect_delay 1".to_owned(),
    ];
    let mut line = format!("weechat -r '{server}'");
    for setting in settings {
        line.push_str(&format!(" -r '/set {setting}'"));
    }
    line.push_str(" -r '/connect desk'");
    let screen = stage.open(&line);
    // WeeChat goes to the channel that it is brought into; what came before is in the server's buffer.
    screen.shows("Topic for #support");
    screen.weechat_server();
    screen.shows("There is no message of the day");
    screen.shows(&format!("You are signed in as {name}"));
    screen
}

/// True before version 4, which renamed the options about TLS.
fn weechat_is_old() -> bool {
    let output = std::process::Command::new("weechat").arg("--version").output().unwrap();
    let version = String::from_utf8_lossy(&output.stdout);
    version.trim().split('.').next().is_some_and(|major| major.parse::<u32>().unwrap_or(9) < 4)
}

/// A waiting conversation, claimed by this client; its channel, and the customer's terminal.
pub(crate) fn claimed(stage: &Stage, words: &str, agent: &Screen, irssi: bool) -> (Screen, String) {
    let customer = stage.open(&stage.told("nc 127"));
    customer.shows("Welcome to Switchboard");
    if irssi {
        agent.irssi_window("#support")
    } else {
        agent.weechat_buffer("#support")
    }
    customer.type_line(words);
    agent.shows(words);
    let channel = announced_with(agent, words);
    agent.type_line(&format!("/join {channel}"));
    agent.shows("is yours");
    customer.shows("joined");
    (customer, channel)
}

/// The channel of the announcement that quotes these words.
fn announced_with(screen: &Screen, words: &str) -> String {
    let text = screen.text();
    let before = &text[..text.find(words).unwrap()];
    let start = before.rfind("NEW #c-").unwrap() + 4;
    text[start..].split(' ').next().unwrap().to_owned()
}

/// What a client writes when it does not understand, or was not understood. What it says of a
/// certificate that it was told not to verify is no trouble.
fn no_trouble(screen: &Screen) {
    let text = screen.text();
    let lines = text.lines().filter(|line| !line.contains("gnutls") && !line.contains("EDH Key"));
    for line in lines {
        for trouble in ["unknown", "not enough", "=!=", "failed", "refused", "disconnect", "error"]
        {
            assert!(!line.to_lowercase().contains(trouble), "{line}\nis in\n{text}");
        }
    }
}

#[test]
#[ignore = "drives real clients"]
fn irssi_understands_every_answer() {
    let stage = Stage::new("", &["irssi", "nc"]);
    stage.account("bob", "agent");
    let bob = irssi_by_sasl(&stage, "bob");
    no_trouble(&bob);
    let (customer, channel) = claimed(&stage, "The page is blank", &bob, true);
    let nick = channel.trim_start_matches("#c-").to_owned();

    bob.shows("was synced in");
    bob.type_line("/topic");
    bob.shows_times("support, open, bob, waited", 3);
    bob.type_line("/names");
    bob.shows_times(&format!("[@bob] [+desk] [ {nick}]"), 2);
    bob.type_line("!card");
    bob.shows("-desk:@#c-");
    bob.shows("conversation 1, owner bob");
    bob.type_line("!transfer dave");
    bob.shows("dave");
    bob.shows_times("dave", 2);
    bob.type_line("!queue");
    bob.shows("nothing to show");
    bob.type_line("!hold");
    bob.shows("is on hold for at most");
    bob.type_line("!resume");
    bob.shows("is off hold");
    bob.type_line("!tag +billing");
    bob.shows(&format!("Tags of {channel}: billing"));
    bob.type_line("/me looks it up");
    customer.shows("looks it up");
    bob.type_line("!!important");
    customer.shows("bob> !important");
    no_trouble(&bob);

    bob.irssi_status();
    bob.type_line(&format!("/whois {nick}"));
    bob.shows("owner bob");
    bob.shows("End of WHOIS");
    bob.type_line(&format!("/who {channel}"));
    bob.shows("End of /WHO list");
    bob.type_line("/list");
    bob.shows("#support");
    bob.shows("End of the list");
    bob.type_line("/away at lunch");
    bob.shows("You have been marked as being away");
    bob.type_line("/away");
    bob.shows("You are no longer marked as being away");
    bob.type_line(&format!("/mode {channel}"));
    bob.type_line(&format!("/mode {channel} b"));
    bob.type_line("/msg desk help close");
    bob.irssi_window("desk");
    bob.shows("CLOSE [#channel] [:why]");
    bob.irssi_status();
    no_trouble(&bob);
}

#[test]
#[ignore = "drives real clients"]
fn irssi_signs_in_over_tls_as_it_is_told() {
    let stage = Stage::new("[limits]\nexempt = []\n", &["irssi"]);
    stage.account("bob", "agent");
    let bob = stage.open("irssi");
    bob.shows("[(status)]");
    let line = stage.told("/connect -tls").replace("PASSWORD", PASSWORD);
    bob.type_line(&line);
    bob.shows("Welcome to Switchboard, bob!bob@");
    bob.irssi_window("#support");
    bob.shows("1 agent ready");
}

#[test]
#[ignore = "drives real clients"]
fn weechat_understands_every_answer() {
    let stage = Stage::new("", &["weechat", "nc"]);
    stage.account("carol", "agent");
    let carol = weechat_by_sasl(&stage, "carol");
    no_trouble(&carol);
    let (customer, channel) = claimed(&stage, "The page is blank", &carol, false);
    let nick = channel.trim_start_matches("#c-").to_owned();

    carol.type_line("/topic");
    carol.shows_times("support, open, carol, waited", 2);
    carol.type_line("/names");
    carol.shows(&format!("[@carol +desk {nick}]"));
    carol.type_line("!card");
    carol.shows("conversation 1, owner carol");
    carol.type_line("!transfer dave");
    carol.shows_times("dave", 2);
    carol.type_line("!queue");
    carol.shows("nothing to show");
    carol.type_line(&format!("/msg @{channel} only for us"));
    carol.type_line("/me looks it up");
    customer.shows("looks it up");
    customer.lacks("only for us");
    no_trouble(&carol);

    carol.type_line(&format!("/whois {nick}"));
    carol.type_line(&format!("/who {channel}"));
    carol.type_line("/list");
    carol.type_line("/away at lunch");
    carol.type_line("/away");
    carol.type_line(&format!("/mode {channel} b"));
    carol.weechat_server();
    carol.shows("owner carol");
    carol.shows("You are ready for customers");
    carol.shows("You are no longer away");
    carol.shows(&format!("[{channel}] carol"));
    no_trouble(&carol);
}
