//! One client's terminal: type into it, read what it shows, wait for words to appear.

use crate::stage::PATIENCE;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// Wide and tall enough that nothing a test looks for is wrapped or scrolled away.
const WIDTH: &str = "230";
const HEIGHT: &str = "110";

/// Between two looks at a screen.
const PAUSE: Duration = Duration::from_millis(40);

/// A terminal with a client in it.
pub(crate) struct Screen {
    socket: PathBuf,
    name: String,
}

impl Screen {
    pub(crate) fn open(
        socket: PathBuf,
        name: String,
        home: &Path,
        folder: &Path,
        line: &str,
    ) -> Self {
        let screen = Self { socket, name };
        let home = format!("HOME={}", home.display());
        let folder = folder.display().to_string();
        let mut words = vec!["-f", "/dev/null", "new-session", "-d", "-s", &screen.name];
        words.extend(["-x", WIDTH, "-y", HEIGHT, "-c", &folder, "-e", &home]);
        words.extend(["-e", "LC_ALL=C.UTF-8", line]);
        screen.tmux(&words);
        // What the client says last stays readable when it ends.
        screen.tmux(&["set-option", "-t", &screen.name, "remain-on-exit", "on"]);
        screen
    }

    fn tmux(&self, words: &[&str]) -> String {
        let mut command = Command::new("tmux");
        let output = command.arg("-u").arg("-S").arg(&self.socket).args(words).output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "tmux {words:?}: {error}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Types a line, then Enter.
    pub(crate) fn type_line(&self, line: &str) {
        self.tmux(&["send-keys", "-t", &self.name, "-l", "--", line]);
        self.key("Enter");
    }

    /// Presses a key by tmux's name for it.
    pub(crate) fn key(&self, key: &str) {
        self.tmux(&["send-keys", "-t", &self.name, key]);
    }

    /// What is on the screen now.
    pub(crate) fn text(&self) -> String {
        self.tmux(&["capture-pane", "-p", "-J", "-t", &self.name])
    }

    /// The lines that hold these words now.
    pub(crate) fn lines(&self, words: &str) -> Vec<String> {
        self.text().lines().filter(|line| line.contains(words)).map(str::to_owned).collect()
    }

    /// Waits until these words are shown; gives the first line that holds them.
    #[track_caller]
    pub(crate) fn shows(&self, words: &str) -> String {
        let mut found = None;
        self.until(&format!("{words:?} to be shown"), |text| {
            found = text.lines().find(|line| line.contains(words)).map(str::to_owned);
            found.is_some()
        });
        found.unwrap_or_default()
    }

    /// Waits until these words are shown so many times.
    #[track_caller]
    pub(crate) fn shows_times(&self, words: &str, times: usize) {
        let what = format!("{words:?} to be shown {times} times");
        self.until(&what, |text| text.matches(words).count() >= times);
    }

    /// Waits until what is shown is as wanted.
    #[track_caller]
    pub(crate) fn until(&self, what: &str, mut wanted: impl FnMut(&str) -> bool) {
        let begun = Instant::now();
        loop {
            let text = self.text();
            if wanted(&text) {
                return;
            }
            let late = begun.elapsed() > PATIENCE;
            assert!(!late, "{}: waited for {what}:\n{}", self.name, seen(&text));
            std::thread::sleep(PAUSE);
        }
    }

    /// These words are not on the screen now. To be asked when something that comes later is.
    #[track_caller]
    pub(crate) fn lacks(&self, words: &str) {
        let text = self.text();
        assert!(!text.contains(words), "{} shows {words:?}:\n{}", self.name, seen(&text));
    }
}

/// A screen for a failed test's message: without what is empty, or only a frame.
fn seen(text: &str) -> String {
    let frame = |c: char| c == '│' || c.is_whitespace();
    let lines = text.lines().filter(|line| !line.trim_matches(frame).is_empty());
    lines.map(|line| line.trim_end().trim_end_matches(frame)).collect::<Vec<_>>().join("\n")
}

/// Windows of irssi and buffers of WeeChat.
impl Screen {
    /// Goes to irssi's window of a channel, or of a query, by its name.
    pub(crate) fn irssi_window(&self, name: &str) {
        self.go(&format!("/window goto {name}"), |text| {
            input(text).starts_with(&format!("[{name}]"))
        });
    }

    /// Goes to irssi's window for what belongs to no channel.
    pub(crate) fn irssi_status(&self) {
        self.go("/window 1", |text| input(text).starts_with("[(status)]"));
    }

    /// Goes to WeeChat's buffer of a channel.
    pub(crate) fn weechat_buffer(&self, name: &str) {
        self.go(&format!("/buffer {name}"), |text| bar(text).contains(&format!(":{name}")));
    }

    /// Goes to WeeChat's buffer for what belongs to no channel.
    pub(crate) fn weechat_server(&self) {
        self.go("/buffer 1", |text| bar(text).contains("1:server"));
    }

    /// Types where to go until the client is there: what it goes to may be about to come.
    fn go(&self, line: &str, there: impl Fn(&str) -> bool) {
        let begun = Instant::now();
        while !there(&self.text()) {
            assert!(begun.elapsed() < PATIENCE, "{}: {line}:\n{}", self.name, seen(&self.text()));
            self.type_line(line);
            let typed = Instant::now();
            while !there(&self.text()) && typed.elapsed() < PATIENCE / 30 {
                std::thread::sleep(PAUSE);
            }
        }
    }
}

/// The last line of the screen, where irssi names its window.
fn input(text: &str) -> &str {
    text.trim_end().lines().last().unwrap_or_default()
}

/// The bar above WeeChat's input, which names the buffer.
fn bar(text: &str) -> &str {
    text.trim_end().lines().rev().nth(1).unwrap_or_default()
}
