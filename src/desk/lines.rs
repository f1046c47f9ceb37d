//! Lines of a customer's channel as people are shown them, and how that channel is addressed.

use super::language::fact::Hearers;
use super::language::notice::{MessageId, Said};
use super::state::State;
use super::state::people::Customer;
use super::state::scrollback::Channel;
use crate::base::text::ChannelName;
use std::sync::Arc;

/// How a channel is addressed for these hearers: `@` before it when staff only.
pub(super) fn target(channel: &ChannelName, hearers: Hearers) -> Arc<str> {
    match hearers {
        Hearers::Everyone => channel.shared(),
        Hearers::Staff | Hearers::Note => Arc::from(format!("@{channel}")),
    }
}

/// The id under which a stored message goes, if it is one.
pub(super) fn stored(said: &Said) -> Option<u64> {
    match said.id {
        MessageId::Stored(n) => Some(n),
        MessageId::Passing(..) => None,
    }
}

/// The recent lines of a channel that its customer may see: an allow-list of one.
pub(super) fn lines_for_customer<'a>(
    state: &'a State,
    customer: &'a Customer,
) -> impl Iterator<Item = Said> + 'a {
    recent(state, customer)
        .filter(|(hearers, _)| *hearers == Hearers::Everyone)
        .map(|(_, said)| said)
}

/// The recent lines of a channel, for staff.
pub(super) fn lines_for_staff<'a>(
    state: &'a State,
    customer: &'a Customer,
) -> impl Iterator<Item = Said> + 'a {
    recent(state, customer).map(|(_, said)| said)
}

fn recent<'a>(
    state: &'a State,
    customer: &'a Customer,
) -> impl Iterator<Item = (Hearers, Said)> + 'a {
    state.scrollback.lines(&Channel::Lounge(customer.id)).cloned().map(|line| {
        let said = Said {
            id: MessageId::Stored(line.seq.0),
            at: line.at,
            from: line.from,
            sender: None,
            target: target(&customer.channel, line.hearers),
            verb: line.verb,
            text: line.text,
            tags: line.tags,
            more: line.more,
            hearers: line.hearers,
            replayed: true,
        };
        (line.hearers, said)
    })
}
