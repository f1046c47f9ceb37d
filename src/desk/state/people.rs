//! Sessions and customers, as the state holds them.

use crate::base::ids::{ConversationId, CustomerId, Seq, SessionId};
use crate::base::text::{AccountName, ChannelName, Folded, Line, Nick, UserName};
use crate::base::time::Timestamp;
use crate::desk::language::metadata::Key;
use crate::desk::language::people::{Department, Role, Source};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// An invitation to a channel. One of that name made later is another channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// When the channel it is to was made.
    pub to: Timestamp,
    /// Whoever gave it may let people in: it overrides bans, keys and limits.
    pub admits: bool,
}

/// One session that has arrived.
#[derive(Clone, Debug)]
pub struct Person {
    /// How others see it.
    pub source: Arc<Source>,
    /// What it may do.
    pub role: Role,
    /// The customer it is, if it is one.
    pub customer: Option<CustomerId>,
    /// The account without rights that a customer came with: when it ends, so does the connection.
    pub guise: Option<AccountName>,
    /// Its user name as given, before any `~`.
    pub user: UserName,
    /// The peer's address; for staff only.
    pub address: Arc<str>,
    /// The host that others see while it has no account.
    pub host: Arc<str>,
    /// Encrypted.
    pub secure: bool,
    /// SHA-256 of its client certificate, in lower-case hex.
    pub certificate: Option<Arc<str>>,
    /// Wants recent lines on join unasked.
    pub wants_replay: bool,
    /// Since when.
    pub since: Timestamp,
    /// Away text.
    pub away: Option<Line>,
    /// User modes, sorted letters.
    pub modes: BTreeSet<char>,
    /// The name it is an operator by: an account with the role admin, or an `[[operator]]` block.
    pub operator: Option<Arc<str>>,
    /// Staff channels it is in.
    pub rooms: BTreeSet<Folded>,
    /// Customers' channels it is in as staff.
    pub lounges: BTreeSet<CustomerId>,
    /// Nicks it watches by MONITOR, as it typed them.
    pub monitors: BTreeMap<Folded, Line>,
    /// Metadata keys it is told of.
    pub subscriptions: BTreeSet<Key>,
    /// Channels it was invited to.
    pub invited: BTreeMap<Folded, Invitation>,
}

impl Person {
    /// Its nick.
    pub fn nick(&self) -> &Nick {
        &self.source.nick
    }

    /// Its account.
    pub fn account(&self) -> Option<&AccountName> {
        self.source.account.as_ref()
    }

    /// True for somebody whose person is elsewhere: a client that connected by itself and says so
    /// with `AWAY *`. Source: IRCv3 pre-away.
    pub fn is_unattended(&self) -> bool {
        self.away.as_ref().is_some_and(crate::desk::presence::unattended)
    }

    /// Its user modes, as 221 shows them.
    pub fn mode_line(&self) -> Line {
        let mut letters = self.modes.clone();
        letters.extend(self.secure.then_some('Z'));
        let letters: String = letters.iter().collect();
        Line::scrubbed(&format!("+{letters}"))
    }

    /// True for an operator of the server (user mode `o`). The only place that says so.
    pub fn is_operator(&self) -> bool {
        self.operator.is_some()
    }

    /// True for everybody but customers and members without an account.
    pub fn is_staff(&self) -> bool {
        self.role.is_staff() && self.source.account.is_some()
    }
}

/// Whose read markers they are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reader {
    /// An account's, on all its clients.
    Account(Folded),
    /// A customer's, as long as their seat is theirs.
    Customer(CustomerId),
    /// Somebody's without an account, while they are here.
    Visit(SessionId),
}

/// How a member of staff stands in a customer's channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Visible to all, may speak.
    Member,
    /// Visible to staff, may whisper: the taker of a warm transfer.
    Backstage,
    /// Visible to nobody, may not speak: a watcher.
    Watcher,
}

/// Where a customer's absence stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Absence {
    /// The seat is held until then.
    pub seat_until: Timestamp,
    /// A live conversation waits until then.
    pub resumable_until: Timestamp,
    /// Their token is honoured until then.
    pub token_until: Timestamp,
    /// The last event they were sent.
    pub seen: Seq,
}

/// One customer and their channel.
#[derive(Clone, Debug)]
pub struct Customer {
    /// Who.
    pub id: CustomerId,
    /// The code in nick and channel.
    pub code: Arc<str>,
    /// Their channel.
    pub channel: ChannelName,
    /// Their nick, code included.
    pub nick: Nick,
    /// Their user name.
    pub user: UserName,
    /// Their real name.
    pub realname: Line,
    /// Their address when last seen.
    pub address: Arc<str>,
    /// SHA-256 of their resume token.
    pub token: [u8; 32],
    /// True once the journal knows them.
    pub known: bool,
    /// Their session while connected.
    pub session: Option<SessionId>,
    /// Their absence while not.
    pub absence: Option<Absence>,
    /// The last event decided when they last took their seat in this run of the server.
    pub seated: Seq,
    /// The department they asked for, for their next conversation.
    pub department: Department,
    /// The live conversation.
    pub conversation: Option<ConversationId>,
    /// The one before.
    pub last_conversation: Option<ConversationId>,
    /// Who had the one before.
    pub last_owner: Option<AccountName>,
    /// True when the one before may still be rated.
    pub ratable: bool,
    /// Sealed conversations.
    pub past: u32,
    /// Since when the channel exists.
    pub created: Timestamp,
    /// Staff in the channel, by session, in order of coming.
    pub staff: Vec<(SessionId, Standing)>,
}

impl Customer {
    /// Their absence, unless they have been here since: while the disk refuses, nobody's return
    /// can be written down.
    pub fn current_absence(&self) -> Option<Absence> {
        self.absence.filter(|absence| self.seated <= absence.seen)
    }

    /// How that session stands in the channel, if it is in it.
    pub fn standing(&self, session: SessionId) -> Option<Standing> {
        self.staff.iter().find(|(s, _)| *s == session).map(|(_, standing)| *standing)
    }

    /// How they are seen by others.
    pub fn source(&self) -> Source {
        Source {
            nick: self.nick.clone(),
            user: Arc::from(format!("~{}", self.user)),
            host: Arc::from(format!("{}.customer", self.code)),
            account: None,
            bot: false,
            realname: self.realname.clone(),
        }
    }
}
