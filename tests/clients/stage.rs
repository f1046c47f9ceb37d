//! A server of the test's own on free ports, and a tmux server of its own for the clients.

use crate::screen::Screen;
use std::cell::Cell;
use std::fs::{self, File};
use std::io::Write;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long anything may take to appear before the test fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
/// Everybody's password.
pub(crate) const PASSWORD: &str = "open-sesame";
/// The client programs, and the package that has each.
const PACKAGES: [(&str, &str); 6] = [
    ("irssi", "irssi"),
    ("weechat", "weechat-curses"),
    ("nc", "netcat-openbsd"),
    ("telnet", "telnet"),
    ("openssl", "openssl"),
    ("bash", "bash"),
];

/// A directory that goes away, the server that runs in it, and the terminals of its clients.
pub(crate) struct Stage {
    home: tempfile::TempDir,
    /// IRC, IRC over TLS, plain text.
    pub(crate) irc: u16,
    pub(crate) tls: u16,
    pub(crate) plain: u16,
    server: Option<Child>,
    screens: Cell<usize>,
}

impl Stage {
    /// A started server whose config holds these lines besides ports and cheap passwords.
    pub(crate) fn new(config: &str, clients: &[&str]) -> Self {
        need("tmux", "tmux");
        for (program, package) in PACKAGES.iter().filter(|(program, _)| clients.contains(program)) {
            need(program, package);
        }
        // All are held until the last is bound, so that they differ.
        let held: Vec<TcpListener> =
            (0..3).map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap()).collect();
        let ports: Vec<u16> = held.iter().map(|free| free.local_addr().unwrap().port()).collect();
        let (irc, tls, plain) = (ports[0], ports[1], ports[2]);
        let home = tempfile::tempdir().unwrap();
        let text = format!(
            "[[listen]]\nkind = \"irc\"\naddress = \"127.0.0.1:{irc}\"\n\
             [[listen]]\nkind = \"irc\"\naddress = \"127.0.0.1:{tls}\"\ntls = true\n\
             [[listen]]\nkind = \"plain\"\naddress = \"127.0.0.1:{plain}\"\n\
             [access]\npassword_memory = \"8KB\"\npassword_passes = 1\n{config}"
        );
        fs::write(home.path().join("c.toml"), text).unwrap();
        drop(held);
        let mut stage = Self { home, irc, tls, plain, server: None, screens: Cell::new(0) };
        stage.start();
        stage
    }

    pub(crate) fn path(&self) -> &Path {
        self.home.path()
    }

    /// The line with which these tests start the program: as it lies, told only its config.
    pub(crate) fn program() -> &'static str {
        env!("CARGO_BIN_EXE_switchboard")
    }

    /// Starts the server and waits until it says that it listens.
    pub(crate) fn start(&mut self) {
        let out = self.path().join("out");
        let log = File::options().create(true).append(true).open(self.path().join("log")).unwrap();
        let child = Command::new(Self::program())
            .args(["--config", "c.toml"])
            .current_dir(self.path())
            .stdin(Stdio::null())
            .stdout(File::create(&out).unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        self.server = Some(child);
        let begun = Instant::now();
        let last = format!("plain 127.0.0.1:{}", self.plain);
        while !self.printed().contains(&last) {
            assert!(begun.elapsed() < PATIENCE, "it does not start:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// `kill -9`, and nothing of it is left.
    pub(crate) fn kill(&mut self) {
        let mut child = self.server.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// What the server has printed for the operator since its last start.
    pub(crate) fn printed(&self) -> String {
        fs::read_to_string(self.path().join("out")).unwrap_or_default()
    }

    /// The first printed line that holds this, from there on: a command as the server tells to type it.
    pub(crate) fn told(&self, start: &str) -> String {
        let printed = self.printed();
        let line = printed.lines().find_map(|line| line.find(start).map(|at| &line[at..]));
        line.unwrap_or_else(|| panic!("nothing begins with {start} in\n{printed}")).to_owned()
    }

    fn log(&self) -> String {
        fs::read_to_string(self.path().join("log")).unwrap_or_default()
    }

    /// Makes an account with everybody's password.
    pub(crate) fn account(&self, name: &str, role: &str) {
        let words = ["account", "add", name, "--role", role, "--password-stdin"];
        let mut child = self.command(&words).stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(format!("{PASSWORD}\n").as_bytes()).unwrap();
        assert!(child.wait_with_output().unwrap().status.success(), "no account {name}");
    }

    /// What the program prints for these words.
    pub(crate) fn says(&self, words: &[&str]) -> String {
        let output = self.command(words).output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{words:?}: {error}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(Self::program());
        command.args(["--config", "c.toml"]).args(words).current_dir(self.path());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs a line of shell in a terminal of its own, in a home of its own.
    pub(crate) fn open(&self, line: &str) -> Screen {
        self.open_in(&self.fresh_home(), line)
    }

    /// An empty home for a client; its settings may be put there before it is opened.
    pub(crate) fn fresh_home(&self) -> PathBuf {
        let count = self.screens.get();
        self.screens.set(count + 1);
        let home = self.path().join(format!("home{count}"));
        fs::create_dir_all(&home).unwrap();
        home
    }

    /// Runs a line of shell in a terminal whose home is this directory.
    pub(crate) fn open_in(&self, home: &Path, line: &str) -> Screen {
        let name = home.file_name().unwrap().to_string_lossy().into_owned();
        Screen::open(self.socket(), name, home, self.path(), line)
    }

    /// Some programs refuse to run as root, and then run as nobody: who must reach and write its home.
    pub(crate) fn open_to_all(&self, home: &Path) {
        fs::set_permissions(self.path(), fs::Permissions::from_mode(0o755)).unwrap();
        open_up(home);
    }

    fn socket(&self) -> PathBuf {
        self.path().join("tmux")
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // The tmux server of this socket only, and with it the clients in it.
        let _ = Command::new("tmux")
            .arg("-S")
            .arg(self.socket())
            .arg("kill-server")
            .stderr(Stdio::null())
            .status();
        if let Some(mut child) = self.server.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn open_up(path: &Path) {
    let folder = path.is_dir();
    let mode = if folder { 0o777 } else { 0o666 };
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    for entry in fs::read_dir(path).into_iter().flatten().flatten() {
        open_up(&entry.path());
    }
}

fn need(program: &str, package: &str) {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let there = std::env::split_paths(&path).any(|folder| folder.join(program).is_file());
    assert!(there, "{program} is not here: install the package {package}");
}
