//! Who is in a customer's channel, as far as the asker may know.

use super::visible::{sees_channel, sees_in_lounge};
use crate::base::ids::SessionId;
use crate::desk::language::notice::Member;
use crate::desk::language::people::Rank;
use crate::desk::state::State;
use crate::desk::state::people::Customer;

/// The members of a customer's channel that `viewer` may know: the customer, the service with
/// voice, and staff as operators in order of coming. Empty for whom the channel does not exist.
pub fn of_lounge(state: &State, viewer: SessionId, customer: &Customer) -> Vec<Member> {
    let mut members = Vec::new();
    if !sees_channel(state, viewer, &customer.channel.folded()) {
        return members;
    }
    if let Some(person) = customer.session.and_then(|s| state.person(s)) {
        members.push(Member { who: person.source.clone(), rank: Rank::NONE });
    }
    members.push(Member { who: state.desk.clone(), rank: Rank::VOICE });
    for (session, _) in &customer.staff {
        if let Some(person) =
            state.person(*session).filter(|_| sees_in_lounge(state, viewer, customer, *session))
        {
            members.push(Member { who: person.source.clone(), rank: Rank::OP });
        }
    }
    members
}
