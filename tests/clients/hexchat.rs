//! HexChat, in a real window on a display that nobody sees; what it shows is read from its own logs.

use crate::libraries::{partner, script};
use crate::stage::{PASSWORD, PATIENCE, Stage};
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

const SETTINGS: &str = "irc_logging = 1\ngui_slist_skip = 1\n\
    gui_join_dialog = 0\nirc_nick1 = carol\nirc_nick2 = carol2\nirc_nick3 = carol3\n\
    irc_user_name = carol\nirc_real_name = HexChat\ntext_replay = 0\nirc_join_delay = 1\n\
    net_throttle = 0\nnet_auto_reconnect = 1\nnet_reconnect_delay = 1\ngui_focus_omitalerts = 1\n";

/// Waits until the log of this window holds these words so many times.
fn logged(home: &Path, window: &str, words: &str, times: usize) -> String {
    let begun = Instant::now();
    loop {
        let text = log(&home.join("logs"), &format!("{window}.log"));
        if text.matches(words).count() >= times {
            return text;
        }
        let late = begun.elapsed() > PATIENCE;
        assert!(!late, "{words:?} is not {times} times in {window}:\n{text}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// The file of that name, in whichever folder for the network it was put.
fn log(folder: &Path, name: &str) -> String {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries
        .map(|path| match path.is_dir() {
            true => log(&path, name),
            false if path.ends_with(name) => fs::read_to_string(path).unwrap_or_default(),
            false => String::new(),
        })
        .collect()
}

#[test]
#[ignore = "drives real clients"]
fn hexchat() {
    for tls in [false, true] {
        let mut stage = Stage::new("", &["nc"]);
        stage.account("bob", "agent");
        stage.account("carol", "agent");
        let bob = partner(&stage);
        let home = stage.fresh_home();
        fs::write(home.join("hexchat.conf"), SETTINGS).unwrap();
        // Flags: connect by itself, take any certificate, and TLS; 6 is SASL PLAIN.
        let (flags, port) = if tls { (45, stage.tls) } else { (41, stage.irc) };
        let servers = format!(
            "v=2.16.1\n\nN=Desk\nE=UTF-8\nF={flags}\nD=0\nS=127.0.0.1/{port}\nI=carol\nU=carol\n\
             P={PASSWORD}\nL=6\nJ=#lobby\n"
        );
        fs::write(home.join("servlist.conf"), servers).unwrap();
        stage.open_to_all(&home);
        let screen = stage.open_in(&home, &script("hexchat.sh").display().to_string());
        bob.shows("carol!carol@staff.switchboard.localhost JOIN #lobby");
        logged(&home, "#lobby", "Topic for #lobby is: tea at four", 1);
        screen.type_line("hello from HexChat");
        screen.shows("typed hello from HexChat");
        bob.shows("PRIVMSG #lobby :hello from HexChat");
        bob.type_line("PRIVMSG #lobby :hello yourself");
        logged(&home, "#lobby", "hello yourself", 1);
        screen.type_line("/whois bob");
        logged(&home, "#lobby", "[bob]", 1);
        screen.type_line("/names");

        stage.kill();
        stage.start();
        let text = logged(&home, "#lobby", "Now talking on #lobby", 2);
        assert!(!text.to_lowercase().contains("unknown command"), "{text}");
        logged(&home, "#lobby", "hello yourself", 2);
        screen.key("C-c");
    }
}
