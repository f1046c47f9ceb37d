//! The server under load: the built program, a config of its own, accounts, and an end.

use super::Options;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The password of every account here.
pub(crate) const PASSWORD: &str = "open-sesame";

/// A server that is there to be talked to.
pub(crate) struct Server {
    pub(crate) plain: SocketAddr,
    pub(crate) tls: SocketAddr,
    pub(crate) pid: u32,
    own: Option<(Child, tempfile::TempDir)>,
}

fn free() -> SocketAddr {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap()
}

/// The one that was named, or a fresh one with these many agents, `agent0` and on.
pub(crate) fn get(options: &Options, agents: usize) -> Server {
    if let Some((address, pid)) = options.running {
        return Server { plain: address, tls: address, pid, own: None };
    }
    let home = tempfile::tempdir().unwrap();
    let (plain, tls) = (free(), free());
    let config = format!(
        "[server]\nname = \"load.test\"\n\
         [[listen]]\nkind = \"irc\"\naddress = \"{plain}\"\n\
         [[listen]]\nkind = \"irc\"\naddress = \"{tls}\"\ntls = true\n\
         [desk]\ncapacity = 100\ncapacity_max = 100\n\
         [limits]\nconnections = 0\nmessages_per_second = 0\nping_interval = \"0\"\n\
         [access]\npassword_memory = \"8KB\"\npassword_passes = 1\n\
         [log]\nlevel = \"warn\"\n"
    );
    std::fs::write(home.path().join("c.toml"), config).unwrap();
    let command = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_switchboard"));
        command.args(["--config", "c.toml"]).current_dir(home.path());
        command
    };
    for n in 0..agents {
        let mut add = command();
        add.args(["account", "add", &format!("agent{n}"), "--password-stdin"]);
        let mut add = add.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        writeln!(add.stdin.take().unwrap(), "{PASSWORD}").unwrap();
        assert!(add.wait().unwrap().success());
    }
    let child = command().stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
    let begun = Instant::now();
    while TcpStream::connect(plain).is_err() {
        assert!(begun.elapsed() < Duration::from_secs(20), "the server takes no connections");
        std::thread::sleep(Duration::from_millis(10));
    }
    Server { plain, tls, pid: child.id(), own: Some((child, home)) }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some((child, _)) = &mut self.own {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
