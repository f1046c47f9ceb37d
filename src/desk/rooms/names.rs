//! Who is in a staff channel, as far as the asker may know.

use crate::base::ids::SessionId;
use crate::desk::language::notice::Member;
use crate::desk::queries::visible::{Sight, sees, sees_channel};
use crate::desk::state::State;
use crate::desk::state::rooms::Room;

/// The members of a room that `viewer` may know, in order of their sessions; none of a room that
/// does not exist for them.
pub fn of_room(state: &State, viewer: SessionId, room: &Room) -> Vec<Member> {
    if !sees_channel(state, viewer, &room.name.folded()) {
        return Vec::new();
    }
    let shown = room.members.iter().filter(|(s, _)| shows_in_room(state, viewer, room, **s));
    shown
        .filter_map(|(s, rank)| {
            let person = state.person(*s)?;
            Some(Member { who: person.source.clone(), rank: *rank })
        })
        .collect()
}

/// True when `viewer`, to whom the room exists, is shown this member of it: guests outside it are
/// not shown those who are invisible (`+i`). Source: Modern IRC, user mode `i`.
pub(in crate::desk) fn shows_in_room(
    state: &State,
    viewer: SessionId,
    room: &Room,
    session: SessionId,
) -> bool {
    if !sees(state, viewer, session) || !room.shows(viewer, session) {
        return false;
    }
    let (Some(eyes), Some(seen)) = (state.person(viewer), state.person(session)) else {
        return false;
    };
    match Sight::of(state, eyes) {
        Sight::Customer(_) => false,
        Sight::Member => room.members.contains_key(&viewer) || !seen.modes.contains(&'i'),
        Sight::Staff => true,
    }
}
