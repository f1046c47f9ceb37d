//! What was done and is not stored yet, so that it can be done again when storing it failed.
//!
//! Only what has not been shown to anybody is in here; what has been shown is never redone.

use crate::base::ids::SessionId;
use crate::base::text::Nick;
use crate::desk::StaffAccount;
use crate::desk::language::command::Command;
use crate::desk::settings::Settings;
use std::collections::VecDeque;
use std::sync::Arc;

/// One thing that was done.
#[derive(Debug)]
pub(super) enum Step {
    /// A command was decided.
    Desk { from: SessionId, command: Command },
    /// The face itself said this, behind something that was held.
    Say { session: SessionId, bytes: Vec<u8> },
    /// From here on, answers to the session are gathered under its label; `answer` was there already.
    Gather { session: SessionId, label: Arc<str>, answer: Vec<u8> },
    /// The gathered answer is complete.
    Seal,
    /// A face was told of a new nick, which it must unlearn.
    Renamed { session: SessionId, from: Nick, to: Nick },
    /// What was due was done.
    Tick,
    /// The directory of accounts changed.
    Accounts(Vec<StaffAccount>),
    /// An account was made.
    AccountMade(StaffAccount),
    /// The settings changed.
    Settings(Box<Settings>),
    /// The session was ended by the server, with these last words.
    Finish { session: SessionId, words: Option<String>, reason: &'static str },
}

/// The steps in order, numbered since the start.
#[derive(Debug, Default)]
pub(super) struct Steps {
    list: VecDeque<Step>,
    base: u64,
}

impl Steps {
    pub(super) fn end(&self) -> u64 {
        self.base + self.list.len() as u64
    }

    pub(super) fn push(&mut self, step: Step) {
        self.list.push_back(step);
    }

    /// Forgets those before number `until`.
    pub(super) fn forget(&mut self, until: u64) {
        let count = (until.saturating_sub(self.base) as usize).min(self.list.len());
        self.list.drain(..count);
        self.base = until;
    }

    /// Takes all of them out.
    pub(super) fn take(&mut self) -> VecDeque<Step> {
        self.base = self.end();
        std::mem::take(&mut self.list)
    }
}
