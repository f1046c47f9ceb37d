//! What handling one command, or one moment, leaves: events to store and outputs to release.

use super::language::fact::Event;
use super::language::notice::{Notice, Output, Reply};
use crate::base::ids::SessionId;

/// Filled by the desk, emptied by the runner; kept and reused so that a batch allocates little.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Durable events, in order. None may be shown before they are stored.
    pub events: Vec<Event>,
    /// What goes out, in order.
    pub outputs: Vec<Output>,
    /// The sessions that `Output::Notice` ranges point into.
    pub recipients: Vec<SessionId>,
}

impl Outcome {
    /// Forgets everything, keeping the memory.
    pub fn clear(&mut self) {
        self.events.clear();
        self.outputs.clear();
        self.recipients.clear();
    }

    /// Adds a notice for these sessions; nothing if there are none.
    pub fn notice(&mut self, to: impl IntoIterator<Item = SessionId>, notice: Notice) {
        let start = self.recipients.len();
        self.recipients.extend(to);
        let end = self.recipients.len();
        if end > start {
            self.outputs.push(Output::Notice { to: start..end, notice });
        }
    }

    /// The same in the order of the sessions.
    pub(super) fn notice_sorted(&mut self, to: impl Iterator<Item = SessionId>, notice: Notice) {
        let start = self.recipients.len();
        self.notice(to, notice);
        self.recipients[start..].sort_unstable();
    }

    /// Has one session be told what was meant for another, from output `earlier` on.
    pub(super) fn readdress(&mut self, earlier: usize, from: SessionId, to: SessionId) {
        for output in &mut self.outputs[earlier..] {
            match output {
                Output::Notice { to: range, .. } => {
                    let recipients = &mut self.recipients[range.clone()];
                    recipients.iter_mut().filter(|r| **r == from).for_each(|r| *r = to);
                }
                Output::Reply { to: asker, .. } | Output::Consult { to: asker, .. }
                    if *asker == from =>
                {
                    *asker = to;
                }
                Output::Reply { .. } | Output::Consult { .. } | Output::Cut { .. } => {}
            }
        }
    }

    /// Adds a reply.
    pub fn reply(&mut self, to: SessionId, reply: Reply) {
        self.outputs.push(Output::Reply { to, reply });
    }
}
