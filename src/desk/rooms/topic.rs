//! TOPIC of a room. A department's topic is the live state of its queue, which nobody sets.

use super::{cut, find, governs, rank_in};
use crate::base::limits::TOPICLEN;
use crate::base::text::{ChannelName, Line};
use crate::base::time::{Timestamp, clock_face};
use crate::desk::change::{Live, Plan, RoomChange, Step};
use crate::desk::context::Context;
use crate::desk::language::notice::Reply;
use crate::desk::language::people::{Department, Source};
use crate::desk::language::refusal::Refusal;
use crate::desk::state::State;
use crate::desk::state::rooms::Room;
use std::sync::Arc;

/// A topic with who set it and when.
pub type SetTopic = (Line, Arc<str>, Timestamp);

/// Asks for a room's topic, or sets it; an empty text clears it.
pub fn topic(
    state: &State,
    ctx: &Context,
    channel: &ChannelName,
    text: Option<&Line>,
) -> Result<Plan, Refusal> {
    let room = find(state, ctx, channel)?;
    let Some(text) = text else {
        let reply = Reply::Topic { channel: room.name.clone(), topic: of(state, ctx.now, room) };
        return Ok(vec![Step::Reply(ctx.session, reply)]);
    };
    if room.department.is_some() {
        return Err(Refusal::NotOperator(room.name.shared()));
    }
    rank_in(ctx, room)?;
    if room.flags.contains(&'t') && !governs(ctx, room) {
        return Err(Refusal::NotOperator(room.name.shared()));
    }
    let text = Some(cut(text, TOPICLEN)).filter(|text| !text.as_str().is_empty());
    if text.as_ref() == room.topic.as_ref().map(|(before, _, _)| before) {
        return Ok(Vec::new());
    }
    let change = RoomChange::Topic(ctx.person.source.clone(), text);
    Ok(vec![Step::Live(Live::Room(channel.folded(), change))])
}

/// A room's topic as of now; a department's is made from its queue.
pub fn of(state: &State, now: Timestamp, room: &Room) -> Option<SetTopic> {
    match &room.department {
        Some(department) => {
            Some((department_line(state, now, department), mask_of(&state.desk), now))
        }
        None => room.topic.clone(),
    }
}

/// A department's live state: `2 waiting, longest 1:32, 3 agents ready`.
pub fn department_line(state: &State, now: Timestamp, department: &Department) -> Line {
    let waiting = state.waiting(department).count();
    let longest = state.waiting(department).map(|c| now.since(c.waiting_since)).max();
    let longest = longest.map(|span| format!(", longest {}", clock_face(span)));
    let ready = state.ready(department);
    let agents = if ready == 1 { "agent" } else { "agents" };
    Line::scrubbed(&format!(
        "{waiting} waiting{}, {ready} {agents} ready",
        longest.unwrap_or_default()
    ))
}

/// The full source, as topics and lists name their authors.
pub(in crate::desk) fn mask_of(source: &Source) -> Arc<str> {
    Arc::from(format!("{}!{}@{}", source.nick, source.user, source.host))
}
