//! The functions whose instructions are counted, and wrappers that bring the desk and the faces of a
//! whole runner under them.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use switchboard::base::ids::{Seq, SessionId};
use switchboard::base::text::{Line, Nick};
use switchboard::base::time::Timestamp;
use switchboard::desk::language::command::Command;
use switchboard::desk::language::notice::{CutReason, Notice, Reply};
use switchboard::desk::language::people::Role;
use switchboard::desk::outcome::Outcome;
use switchboard::desk::settings::Settings;
use switchboard::desk::{Desk, StaffAccount};
use switchboard::face::{Actions, Dialect, Face, Verdict};
use switchboard::node::Decide;

/// Set once a scenario stands: what led to it is not counted.
static COUNTING: AtomicBool = AtomicBool::new(false);

/// From here on the probes count.
pub(crate) fn count() {
    COUNTING.store(true, Relaxed);
}

macro_rules! probes {
    ($($name:ident counted as $counted:ident;)*) => { $(
        #[inline(never)]
        fn $counted<T>(what: impl FnOnce() -> T) -> T {
            // Kept from being merged with its fellows, whose bodies are the same.
            std::hint::black_box(stringify!($name));
            what()
        }

        pub(crate) fn $name<T>(what: impl FnOnce() -> T) -> T {
            if COUNTING.load(Relaxed) { $counted(what) } else { what() }
        }
    )* };
}

probes! {
    probe_frame counted as counted_frame;
    probe_parse counted as counted_parse;
    probe_line counted as counted_line;
    probe_desk counted as counted_desk;
    probe_undo counted as counted_undo;
    probe_encode counted as counted_encode;
    probe_node counted as counted_node;
    probe_journal counted as counted_journal;
}

/// A desk under probes.
pub(crate) struct Watched(pub(crate) Desk);

impl Decide for Watched {
    fn handle(&mut self, now: Timestamp, from: SessionId, command: &Command, out: &mut Outcome) {
        probe_desk(|| self.0.handle(now, from, command, out));
    }

    fn tick(&mut self, now: Timestamp, out: &mut Outcome) {
        self.0.tick(now, out);
    }

    fn next_deadline(&self) -> Option<Timestamp> {
        self.0.next_deadline()
    }

    fn mark(&mut self) -> u64 {
        probe_undo(|| self.0.mark())
    }

    fn confirm(&mut self, mark: u64, seq: Seq) {
        probe_undo(|| self.0.confirm(mark, seq));
    }

    fn rollback(&mut self) {
        self.0.rollback();
    }

    fn set_storage(&mut self, now: Timestamp, works: bool, out: &mut Outcome) {
        self.0.set_storage(now, works, out);
    }

    fn set_accounts(&mut self, now: Timestamp, accounts: Vec<StaffAccount>, out: &mut Outcome) {
        self.0.set_accounts(now, accounts, out);
    }

    fn set_settings(&mut self, now: Timestamp, settings: Settings, out: &mut Outcome) {
        self.0.set_settings(now, settings, out);
    }

    fn recover(&mut self, now: Timestamp, out: &mut Outcome) {
        self.0.recover(now, out);
    }

    fn blocked(&self, now: Timestamp, address: &str) -> Option<Line> {
        self.0.blocked(now, address)
    }

    fn role(&self, session: SessionId) -> Option<Role> {
        Decide::role(&self.0, session)
    }
}

/// A face under probes.
pub(crate) struct WatchedFace(pub(crate) Box<dyn Face>);

impl Face for WatchedFace {
    fn open(&mut self, now: Timestamp, actions: &mut Actions) {
        self.0.open(now, actions);
    }

    fn line(&mut self, now: Timestamp, line: &[u8], actions: &mut Actions) {
        probe_line(|| self.0.line(now, line, actions));
    }

    fn overlong(&mut self, now: Timestamp, actions: &mut Actions) {
        self.0.overlong(now, actions);
    }

    fn verdict(&mut self, now: Timestamp, verdict: Verdict, actions: &mut Actions) {
        self.0.verdict(now, verdict, actions);
    }

    fn dialect(&self) -> Dialect {
        self.0.dialect()
    }

    fn notice(&self, now: Timestamp, notice: &Notice, out: &mut Vec<u8>) {
        probe_encode(|| self.0.notice(now, notice, out));
    }

    fn reply(&mut self, now: Timestamp, reply: &Reply, out: &mut Vec<u8>) {
        self.0.reply(now, reply, out);
    }

    fn renamed(&mut self, from: &Nick, to: &Nick) {
        self.0.renamed(from, to);
    }

    fn seal(&mut self, now: Timestamp, label: &str, answer: &[u8], out: &mut Vec<u8>) {
        self.0.seal(now, label, answer, out);
    }

    fn farewell(&mut self, why: &CutReason, out: &mut Vec<u8>) {
        self.0.farewell(why, out);
    }

    fn error(&mut self, text: &str, out: &mut Vec<u8>) {
        self.0.error(text, out);
    }

    fn ping(&mut self, now: Timestamp, out: &mut Vec<u8>) {
        self.0.ping(now, out);
    }

    fn registered(&self) -> bool {
        self.0.registered()
    }
}
