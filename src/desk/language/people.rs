//! Who is who, as commands bring it and notices show it.

use crate::base::ids::CustomerId;
use crate::base::text::{AccountName, ChannelName, Line, Nick};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// What a person may do. Ordered: each staff role may do what the one before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Asks for help; sees their own channel and nothing else.
    Customer,
    /// Has an account and no rights: an ordinary user of an IRC server, a customer at a desk.
    Member,
    /// A program with an account: first responder or helper.
    Bot,
    /// Helps customers.
    Agent,
    /// Watches, barges, moves any conversation.
    Supervisor,
    /// Everything, and the accounts.
    Admin,
}

impl Role {
    /// The role's name, as the command line and the config write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Member => "member",
            Self::Bot => "bot",
            Self::Agent => "agent",
            Self::Supervisor => "supervisor",
            Self::Admin => "admin",
        }
    }

    /// The role of that name.
    pub fn parse(name: &str) -> Option<Self> {
        use Role::*;
        [Customer, Member, Bot, Agent, Supervisor, Admin].into_iter().find(|r| r.name() == name)
    }

    /// True for bots and above.
    pub fn is_staff(self) -> bool {
        self >= Self::Bot
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A department's name: a channel's name without the `#`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Department(Arc<str>);

impl Department {
    /// The department of that name, folded; none if `#name` could not be a channel.
    pub fn parse(name: &str) -> Option<Self> {
        let name = name.strip_prefix('#').unwrap_or(name);
        let channel = ChannelName::parse(&format!("#{name}")).ok()?;
        Some(Self(Arc::from(&channel.folded().as_str()[1..])))
    }

    /// The name without `#`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name of its channel, with `#`; folded, as the department's own name is.
    pub fn channel(&self) -> ChannelName {
        // A department is only ever made from a valid channel name.
        ChannelName::parse(&format!("#{}", self.0))
            .unwrap_or_else(|_| unreachable!("checked by Department::parse"))
    }
}

impl fmt::Display for Department {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who did something, as the journal keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Actor {
    /// The server itself: timers, routing, recovery.
    Desk,
    /// A customer.
    Customer(CustomerId),
    /// A member of staff, by account.
    Staff(AccountName),
    /// Somebody on the server's own command line.
    Operator,
    /// Somebody without an account where guests are members; how they were shown stands in the words.
    Member,
}

/// One side of private words, as long as it can be told from others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Party {
    /// An account.
    Account(AccountName),
    /// Somebody without one, for as long as they are here: a run of the server, and a session in it.
    Visit(u64, u64),
}

/// A person as others see them in front of a line: `nick!user@host`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The nick shown.
    pub nick: Nick,
    /// The user name, `~` included where there is one.
    pub user: Arc<str>,
    /// The host shown; never a customer's address.
    pub host: Arc<str>,
    /// The account, if signed in.
    pub account: Option<AccountName>,
    /// True for a session marked as a bot (user mode `B`).
    pub bot: bool,
    /// The real name.
    pub realname: Line,
}

/// The ranks there are, highest first: the mode that gives it, and what stands before the nick.
pub const RANKS: [(char, char); 5] = [('q', '~'), ('a', '&'), ('o', '@'), ('h', '%'), ('v', '+')];

/// Rank in a channel: every rank that somebody has there, the highest first in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Rank(u8);

impl Rank {
    /// None.
    pub const NONE: Self = Self(0);
    /// `+v`, shown `+`: may speak where others may not.
    pub const VOICE: Self = Self(1);
    /// `+h`, shown `%`: half an operator.
    pub const HALF: Self = Self(2);
    /// `+o`, shown `@`: operator. Staff have it in a customer's channel.
    pub const OP: Self = Self(4);
    /// `+a`, shown `&`: an operator whom operators cannot remove.
    pub const ADMIN: Self = Self(8);
    /// `+q`, shown `~`: founder.
    pub const FOUNDER: Self = Self(16);

    /// The rank that a mode letter gives.
    pub fn of_mode(letter: char) -> Option<Self> {
        RANKS.iter().position(|(mode, _)| *mode == letter).map(Self::at)
    }

    /// The rank that a prefix shows.
    pub fn of_prefix(prefix: char) -> Option<Self> {
        RANKS.iter().position(|(_, sign)| *sign == prefix).map(Self::at)
    }

    fn at(position: usize) -> Self {
        Self(16 >> position)
    }

    /// With this rank, or without it.
    #[must_use]
    pub fn with(self, rank: Self, held: bool) -> Self {
        if held { Self(self.0 | rank.0) } else { Self(self.0 & !rank.0) }
    }

    /// True when this rank is among those held.
    pub fn has(self, rank: Self) -> bool {
        self.0 & rank.0 == rank.0
    }

    /// True when the highest held is `least` (a single rank) or above it.
    pub fn reaches(self, least: Self) -> bool {
        self.0 >= least.0
    }

    /// The highest held, alone.
    #[must_use]
    pub fn top(self) -> Self {
        let held = |position: &usize| self.has(Self::at(*position));
        (0..RANKS.len()).find(held).map_or(Self::NONE, Self::at)
    }

    /// Mode letter and prefix of each rank held, highest first.
    pub fn held(self) -> impl Iterator<Item = (char, char)> {
        let all = RANKS.into_iter().enumerate();
        all.filter(move |(position, _)| self.has(Self::at(*position))).map(|(_, pair)| pair)
    }
}

impl std::ops::BitOr for Rank {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}
