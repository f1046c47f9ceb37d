//! One live conversation.

use crate::base::ids::{ConversationId, CustomerId, Seq};
use crate::base::text::{AccountName, Line};
use crate::base::time::Timestamp;
use crate::desk::language::fact::{Candidate, Class, Ending};
use crate::desk::language::people::Department;
use crate::desk::settings::Settings;

/// Where a conversation stands. Exactly one of these holds for every live conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// In its department's queue.
    Queued,
    /// Offered from the queue; capacity is reserved.
    Offered {
        /// To whom.
        to: AccountName,
        /// Until when.
        deadline: Timestamp,
    },
    /// A bot has it.
    Bot {
        /// Which.
        bot: AccountName,
    },
    /// An agent owns it.
    Owned {
        /// Who.
        owner: AccountName,
    },
    /// Over for the customer; the agent writes up.
    Wrapup {
        /// Who.
        owner: AccountName,
        /// Until when.
        deadline: Timestamp,
        /// Why it ended.
        reason: Ending,
    },
}

impl Status {
    /// Its name in one word, for cards and listings.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Queued => "waiting",
            Self::Offered { .. } => "offered",
            Self::Bot { .. } => "bot",
            Self::Owned { .. } => "open",
            Self::Wrapup { .. } => "wrap-up",
        }
    }
}

/// Whom a pending transfer is offered to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taker {
    /// An agent.
    Agent(AccountName),
    /// A department: the first of its agents to accept.
    Department(Department),
}

/// A pending transfer. The giver is the owner until it is accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// To whom.
    pub to: Taker,
    /// Until when.
    pub deadline: Timestamp,
    /// The taker first joins beside the giver.
    pub warm: bool,
    /// The taker is there.
    pub introduced: bool,
    /// Where the conversation moves when it is accepted; none: it stays in its department.
    pub department: Option<Department>,
}

/// A hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hold {
    /// Since when.
    pub since: Timestamp,
    /// The promise.
    pub until: Timestamp,
    /// The promise has been called in.
    pub reminded: bool,
}

/// One live conversation.
#[derive(Clone, Debug)]
pub struct Conversation {
    /// Which.
    pub id: ConversationId,
    /// Whose.
    pub customer: CustomerId,
    /// In which department.
    pub department: Department,
    /// Where it stands.
    pub status: Status,
    /// A pending transfer, while owned.
    pub transfer: Option<Transfer>,
    /// A hold, while owned.
    pub hold: Option<Hold>,
    /// Its class while queued or offered.
    pub class: Class,
    /// Its place in the class: the order of arrival.
    pub place: i64,
    /// When it began.
    pub opened: Timestamp,
    /// Since when it waits this time.
    pub waiting_since: Timestamp,
    /// When a person first took it.
    pub taken: Option<Timestamp>,
    /// When this owner took it.
    pub owned_since: Timestamp,
    /// The agent of the conversation before.
    pub preferred: Option<AccountName>,
    /// The first line, cut to a quote.
    pub quote: Option<Line>,
    /// The line it is from.
    pub quoted: Seq,
    /// Tags in order of adding.
    pub tags: Vec<Line>,
    /// Urgent?
    pub urgent: bool,
    /// Who declined or missed it.
    pub declined: Vec<AccountName>,
    /// Everybody had declined it, and they were asked once more.
    pub asked_again: bool,
    /// Owners it had, with when they gave it up.
    pub owners: Vec<(AccountName, Timestamp)>,
    /// Since when the customer waits for an answer.
    pub unanswered_since: Option<Timestamp>,
    /// The department was told of the silence.
    pub alarmed: bool,
    /// When the lost owner's time is over.
    pub owner_lost: Option<Timestamp>,
    /// Accounts that lost their connection while in it: their first JOIN brings them back.
    pub returning: Vec<AccountName>,
    /// Accounts in it as helpers; one without a seat lost its connection and may come back.
    pub helpers: Vec<AccountName>,
    /// Supervisors watching.
    pub watchers: Vec<AccountName>,
    /// Why routing last chose as it did.
    pub routed: Option<(Option<AccountName>, Vec<Candidate>)>,
    /// The place last told to the customer, and whether anybody went before them since.
    pub told_place: Option<usize>,
    /// Whether they were told that nobody is here.
    pub told_nobody: bool,
    /// What the indexes hold of it now.
    pub(super) indexed: Indexed,
}

/// What the state's indexes hold of a conversation, so that they can be kept true.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Indexed {
    pub(super) queue: Option<(Department, Class, i64)>,
    pub(super) due: Option<Timestamp>,
    pub(super) charges: [Option<(AccountName, u32)>; 2],
}

impl Conversation {
    /// The agent who owns it, or writes it up.
    pub fn owner(&self) -> Option<&AccountName> {
        match &self.status {
            Status::Owned { owner } | Status::Wrapup { owner, .. } => Some(owner),
            Status::Queued | Status::Offered { .. } | Status::Bot { .. } => None,
        }
    }

    /// True when that account owns it now.
    pub fn is_owned_by(&self, account: &AccountName) -> bool {
        matches!(&self.status, Status::Owned { owner } if owner == account)
    }

    /// What it costs whom, in halves of a conversation. A held one keeps its whole place: the
    /// customer's next word takes it off hold, and that must not put anybody over their limit.
    fn charges(&self) -> [Option<(&AccountName, u32)>; 2] {
        let holder = match &self.status {
            Status::Queued | Status::Bot { .. } => None,
            Status::Offered { to, .. } => Some((to, 2)),
            Status::Owned { owner } => Some((owner, 2)),
            Status::Wrapup { owner, .. } => Some((owner, 1)),
        };
        let taker = match &self.transfer {
            Some(Transfer { to: Taker::Agent(taker), .. }) => Some((taker, 2)),
            _ => None,
        };
        [holder, taker]
    }

    fn queued(&self) -> Option<(&Department, Class, i64)> {
        let waits = matches!(self.status, Status::Queued | Status::Offered { .. });
        waits.then_some((&self.department, self.class, self.place))
    }

    /// What the indexes should hold of it.
    pub(super) fn to_index(&self, settings: &Settings) -> Indexed {
        let queue =
            self.queued().map(|(department, class, place)| (department.clone(), class, place));
        let charges = self.charges().map(|c| c.map(|(account, halves)| (account.clone(), halves)));
        Indexed { queue, due: self.due(settings), charges }
    }

    /// True when the indexes hold it as it is; asked for every line, so nothing is copied.
    pub(super) fn is_indexed(&self, settings: &Settings) -> bool {
        let Indexed { queue, due, charges } = &self.indexed;
        let queue = queue.as_ref().map(|(department, class, place)| (department, *class, *place));
        let charges = charges.each_ref().map(|c| c.as_ref().map(|(account, n)| (account, *n)));
        *due == self.due(settings) && queue == self.queued() && charges == self.charges()
    }

    /// The next moment at which something of it is due.
    pub(super) fn due(&self, settings: &Settings) -> Option<Timestamp> {
        let on = |span: std::time::Duration| !span.is_zero();
        let mut due: Option<Timestamp> = None;
        let mut add = |at: Option<Timestamp>| {
            if let Some(at) = at {
                due = Some(due.map_or(at, |d| d.min(at)));
            }
        };
        match &self.status {
            Status::Queued => {}
            Status::Offered { deadline, .. } | Status::Wrapup { deadline, .. } => {
                add(Some(*deadline));
            }
            Status::Bot { .. } => {
                add(self
                    .unanswered_since
                    .filter(|_| on(settings.bot_silent))
                    .map(|since| since + settings.bot_silent));
            }
            Status::Owned { .. } => {
                add(self.owner_lost);
                // A taker who is introduced waits for the hand-over without a deadline.
                add(self.transfer.as_ref().filter(|t| !t.introduced).map(|t| t.deadline));
                match self.hold {
                    Some(hold) if !hold.reminded => add(Some(hold.until)),
                    Some(hold) => {
                        add(Some(hold.since + settings.hold_max).filter(|_| on(settings.hold_max)));
                    }
                    None if self.owner_lost.is_some() => {}
                    None => {
                        let silence = if self.alarmed {
                            settings.silent_return
                        } else {
                            settings.silent_alarm
                        };
                        add(self.unanswered_since.filter(|_| on(silence)).map(|s| s + silence));
                    }
                }
            }
        }
        due
    }
}
