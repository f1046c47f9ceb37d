//! The desk: one synchronous, deterministic value that decides everything.
pub mod audience;
pub mod change;
pub mod context;
pub mod language;
pub mod lookalike;
pub mod outcome;
pub mod presence;
pub mod queries;
pub mod rooms;
pub mod settings;
pub mod state;

use crate::base::ids::SessionId;
use crate::base::text::{AccountName, Line};
use crate::base::time::Timestamp;
use language::command::Command;
use language::fact::Event;
use language::people::Role;
use outcome::Outcome;
use settings::Settings;

/// The whole product but for bytes, sockets, clocks and disks. (Being written; signatures stand.)
#[derive(Debug)]
pub struct Desk {
    settings: Settings,
}

/// Changes to the directory of staff accounts, told by the runner at start and whenever it changes.
#[derive(Clone, Debug, PartialEq)]
pub struct StaffAccount {
    /// Its name.
    pub name: AccountName,
    /// Its role; never `Customer`.
    pub role: Role,
}

impl Desk {
    /// An empty desk. `run` tells one run of the server from another in ids of passing messages.
    pub fn new(settings: Settings, _run: u64) -> Self {
        Self { settings }
    }

    /// Applies one event of the journal, in order, at start. Nobody is told.
    pub fn replay(&mut self, _event: &Event) {}

    /// After the replay: everybody's connection is gone; deadlines begin.
    pub fn recover(&mut self, _now: Timestamp, _out: &mut Outcome) {}

    /// The staff accounts as they are now. Sessions of those that are gone are cut, roles change at once.
    pub fn set_accounts(
        &mut self,
        _now: Timestamp,
        _accounts: Vec<StaffAccount>,
        _out: &mut Outcome,
    ) {
    }

    /// New settings (REHASH); live conversations go on.
    pub fn set_settings(&mut self, _now: Timestamp, settings: Settings, _out: &mut Outcome) {
        self.settings = settings;
    }

    /// Decides one command of one session.
    pub fn handle(
        &mut self,
        _now: Timestamp,
        _from: SessionId,
        _command: &Command,
        _out: &mut Outcome,
    ) {
    }

    /// Does what is due. Call it at `next_deadline`, and as often as you like.
    pub fn tick(&mut self, _now: Timestamp, _out: &mut Outcome) {}

    /// The moment of the next `tick` that would do something.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        None
    }

    /// Everything up to now may be rolled back from here on until `confirm`. Returns the mark.
    pub fn mark(&mut self) -> u64 {
        0
    }

    /// What was decided before `mark` is stored; it can no longer be undone.
    pub fn confirm(&mut self, _mark: u64) {}

    /// Undoes everything decided since the last confirmed mark: nobody was shown any of it.
    pub fn rollback(&mut self) {}

    /// Whether the disk takes writes. While it does not, commands that need one are refused.
    pub fn set_storage(&mut self, _now: Timestamp, _works: bool, _out: &mut Outcome) {}

    /// True when the address or mask is blocked: asked at accept, before anything is built.
    pub fn blocked(&self, _now: Timestamp, _address: &str) -> Option<Line> {
        None
    }
}
