//! A server of the test's own: the built program in a directory that goes away, on a free port of loopback.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

/// How long a start, a stop or an answer may take before the test fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A directory with a config and data, and the server that runs on them.
pub(crate) struct Server {
    home: tempfile::TempDir,
    pub(crate) address: SocketAddr,
    child: Option<Child>,
}

impl Server {
    /// A home whose `[desk]` holds these lines besides; not started yet.
    pub(crate) fn home(desk: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        // Bound and given back: free now, and nobody else here asks for ports by number.
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = free.local_addr().unwrap();
        let config = format!(
            "[server]\nname = \"crash.test\"\ndata_dir = \"data\"\n\
             [[listen]]\nkind = \"irc\"\naddress = \"{address}\"\n\
             [desk]\n{desk}\n\
             [limits]\nmessages_per_second = 0\nping_interval = \"0\"\n\
             [access]\npassword_memory = \"8KB\"\npassword_passes = 1\n\
             [log]\nlevel = \"warn\"\n"
        );
        std::fs::write(home.path().join("c.toml"), config).unwrap();
        Self { home, address, child: None }
    }

    /// Makes an agent whose password is `open-sesame`.
    pub(crate) fn account(&self, name: &str) {
        let output = self.command(&["account", "add", name, "--password-stdin"], b"open-sesame\n");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// Runs the program with these words and gives what it printed.
    pub(crate) fn says(&self, words: &[&str]) -> String {
        let output = self.command(words, b"");
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{words:?}: {error}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn command(&self, words: &[&str], input: &[u8]) -> Output {
        use std::io::Write;
        let mut child = Command::new(env!("CARGO_BIN_EXE_switchboard"))
            .args(["--config", "c.toml"])
            .args(words)
            .current_dir(self.home.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let _ = child.stdin.take().unwrap().write_all(input);
        child.wait_with_output().unwrap()
    }

    /// What `healthcheck` answers: well or not, and what it says.
    pub(crate) fn health(&self) -> (bool, String) {
        let output = self.command(&["healthcheck"], b"");
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(said).unwrap())
    }

    /// Starts the server and waits until it takes connections.
    pub(crate) fn start(&mut self) {
        let log = self.home.path().join("log");
        let log = std::fs::File::options().create(true).append(true).open(log).unwrap();
        // Signals as a service manager leaves them: whoever runs the tests may ignore SIGXFSZ, and
        // then a server that dies of a full file would not be seen to.
        let mut child = Command::new("env")
            .args(["--default-signal=XFSZ", env!("CARGO_BIN_EXE_switchboard")])
            .args(["--config", "c.toml"])
            .current_dir(self.home.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        let begun = Instant::now();
        while TcpStream::connect(self.address).is_err() {
            assert!(begun.elapsed() < PATIENCE, "it takes no connections:\n{}", self.log());
            let ended = child.try_wait().unwrap();
            assert!(ended.is_none(), "it ended with {ended:?}:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(5));
        }
        self.child = Some(child);
    }

    /// What it has logged so far.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.home.path().join("log")).unwrap_or_default()
    }

    fn pid(&self) -> u32 {
        self.child.as_ref().unwrap().id()
    }

    /// From now on no file of the server can be written beyond its first byte; or again they can.
    pub(crate) fn disk_is_full(&self, full: bool) {
        let pid = i32::try_from(self.pid()).unwrap();
        let (mut soft, mut hard) = (0, 0);
        let limit = rlimit::Resource::FSIZE;
        rlimit::prlimit(pid, limit, None, Some((&mut soft, &mut hard))).unwrap();
        let soft = if full { 1 } else { hard };
        rlimit::prlimit(pid, limit, Some((soft, hard)), None).unwrap();
    }

    /// `kill -9`, and nothing of it is left.
    pub(crate) fn kill(&mut self) {
        let mut child = self.child.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// SIGTERM.
    pub(crate) fn terminate(&self) {
        let pid = self.pid().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    }

    /// Its exit, if it comes within this time.
    pub(crate) fn exit_within(&mut self, limit: Duration) -> Option<ExitStatus> {
        let begun = Instant::now();
        let child = self.child.as_mut().unwrap();
        loop {
            if let Some(status) = child.try_wait().unwrap() {
                self.child = None;
                return Some(status);
            }
            if begun.elapsed() > limit {
                return None;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
