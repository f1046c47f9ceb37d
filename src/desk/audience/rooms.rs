//! Who is told of what happens in rooms and to people everywhere: joins, parts, renames, quits,
//! words, MONITOR. It derives notices from a step and changes nothing; what happens in a
//! customer's channel (StaffIn, StaffOut, words there) is told elsewhere.

use super::hearers;
use crate::base::ids::SessionId;
use crate::base::limits::REPLAY_LINES;
use crate::base::text::{AccountName, ChannelName, Folded, Line, Nick};
use crate::base::time::Timestamp;
use crate::desk::change::{Address, Live, RoomChange, Step};
use crate::desk::context::Context;
use crate::desk::history::room_since;
use crate::desk::language::command::{Say, Verb};
use crate::desk::language::fact::{Fact, Hearers};
use crate::desk::language::history::Redacted;
use crate::desk::language::notice::{MessageId, Notice, Reply, RoomRenamed, Said};
use crate::desk::language::people::{Actor, Party, Rank, Source};
use crate::desk::language::words;
use crate::desk::markers;
use crate::desk::outcome::Outcome;
use crate::desk::queries::visible::{Sight, sees, sharers};
use crate::desk::rooms::names::of_room;
use crate::desk::rooms::talk::{hears, shown_target};
use crate::desk::rooms::topic;
use crate::desk::state::State;
use crate::desk::state::people::Standing;
use crate::desk::state::rooms::Room;
use crate::desk::state::scrollback::{Channel, Remembered};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What led to a step, as far as notices show it.
#[derive(Clone, Copy, Debug)]
pub(in crate::desk) struct Cause<'a> {
    /// When.
    pub now: Timestamp,
    /// The id of the step's message: `Stored` for facts, a fresh `Passing` for the rest.
    pub id: MessageId,
    /// The session whose command it was; none for the desk's own doing.
    pub session: Option<SessionId>,
    /// The words it was, when it was words: their target as typed and their client tags.
    pub say: Option<&'a Say>,
}

/// Notices that need the state as it was: who shares a channel with somebody who is leaving.
pub(in crate::desk) fn before(state: &State, step: &Step, out: &mut Outcome) {
    let Step::Live(live) = step else { return };
    match live {
        Live::Gone(session, reason) => gone(state, *session, reason, out),
        Live::Renamed(session, nick) => renamed(state, *session, nick, out),
        Live::Rehosted(session, user, host) => rehosted(state, *session, (user, host), out),
        Live::Room(key, RoomChange::Parted(session, reason)) => {
            let (Some(room), Some(who)) = (state.room(key), source(state, *session)) else {
                return;
            };
            let channel = room.name.clone();
            let notice = Notice::Parted { who, channel, reason: reason.clone() };
            out.notice(viewers(room, *session), notice);
        }
        Live::Room(key, RoomChange::Kicked { by, session, reason }) => {
            let (Some(room), Some(who)) = (state.room(key), source(state, *session)) else {
                return;
            };
            let (by, nick, reason) = (by.clone(), who.nick.clone(), reason.clone());
            let channel = room.name.clone();
            out.notice(viewers(room, *session), Notice::Kicked { by, nick, channel, reason });
        }
        _ => {}
    }
}

/// Notices that show the state as it is now.
pub(in crate::desk) fn after(state: &State, step: &Step, out: &mut Outcome, cause: &Cause) {
    match step {
        Step::Live(live) => after_live(state, live, out, cause),
        Step::Fact(actor, Fact::RoomSaid { room, rank, verb }, words) => {
            let Some(room) = state.room(&room.folded()) else { return };
            let account = account(actor);
            let said = stored(state, account, *verb, words, shown_target(room, *rank), cause);
            to_hearers(room, *rank, said, out);
        }
        Step::Fact(Actor::Staff(account), Fact::PrivateSaid { to, verb }, words) => {
            let (from, to) = (Party::Account(account.clone()), Party::Account(to.clone()));
            private(state, (&from, &to), *verb, words, out, cause);
        }
        Step::Fact(Actor::Staff(account), Fact::MarkedRead { until }, words) => {
            let Some(target) = words.first().map(Line::shared) else { return };
            let notice = Notice::ReadUntil(target, *until);
            out.notice(state.sessions_of(account).iter().copied(), notice);
        }
        Step::Fact(_, Fact::PeerSaid { from, to, verb }, words) => {
            private(state, (from, to), *verb, words, out, cause);
        }
        Step::Fact(..) | Step::Reply(..) | Step::Tell(..) | Step::Cut(..) | Step::Consult(..) => {}
    }
}

fn after_live(state: &State, live: &Live, out: &mut Outcome, cause: &Cause) {
    match live {
        Live::Arrived(session, _) => {
            if let Some(who) = source(state, *session) {
                online(state, *session, who, out);
            }
        }
        Live::Away(session, text) => {
            let Some(who) = source(state, *session) else { return };
            let to = sharers(state, *session).into_iter().filter(|s| is_no_customer(state, *s));
            let notice = Notice::Away { who, text: text.clone() };
            out.notice(to, notice.clone());
            to_watchers(state, *session, notice, out);
        }
        Live::Realname(session, _) => {
            let Some(who) = source(state, *session) else { return };
            let notice = Notice::Realname { who };
            out.notice(sharers_and_self(state, *session), notice.clone());
            to_watchers(state, *session, notice, out);
        }
        Live::SignedIn(session, _) => {
            let Some(who) = source(state, *session) else { return };
            let notice = Notice::Account { who };
            out.notice(sharers_and_self(state, *session), notice.clone());
            to_watchers(state, *session, notice, out);
        }
        Live::Rehosted(session, ..) => {
            let Some(who) = source(state, *session) else { return };
            out.reply(*session, Reply::VisibleAs(who));
        }
        Live::UserModes(session, changes) => {
            let Some(who) = source(state, *session) else { return };
            let changes = Line::scrubbed(&mode_line(changes));
            out.notice([*session], Notice::UserModes { who, changes });
        }
        Live::Invited(session, channel, _) => invited(state, *session, channel, out, cause),
        Live::Room(key, change) => after_room(state, key, change, out, cause),
        Live::MarkedRead(session, target, until) => {
            let notice = Notice::ReadUntil(target.shared(), *until);
            out.notice([*session], notice);
        }
        Live::TakenBack(to, told) => taken_back(state, to, told, out),
        Live::Passing(to, said) => passing(state, to, said, out, cause),
        _ => {}
    }
}

fn after_room(state: &State, key: &Folded, change: &RoomChange, out: &mut Outcome, cause: &Cause) {
    if let RoomChange::Renamed { by, from, to, reason } = change {
        return room_renamed(state, cause.now, (by, from, to, reason.as_ref()), out);
    }
    let Some(room) = state.room(key) else { return };
    let channel = room.name.clone();
    match change {
        RoomChange::Joined(session, rank) => {
            let Some(person) = state.person(*session) else { return };
            // Whoever made it sees their rank in NAMES; nobody else is there to be told.
            let rank = if room.members.len() > 1 { *rank } else { Rank::NONE };
            let joined = |away| Notice::Joined {
                who: person.source.clone(),
                channel: channel.clone(),
                rank,
                away,
            };
            // Of their own absence they know (away-notify).
            let told = |s: &SessionId| person.away.is_none() || s != session;
            let to = viewers(room, *session).filter(told);
            out.notice(to, joined(person.away.clone()));
            if person.away.is_some() {
                out.notice([*session], joined(None));
            }
            furnish(state, *session, (room, person.wants_replay), out, cause.now);
        }
        RoomChange::Topic(by, text) => {
            let text = text.clone().unwrap_or_else(|| Line::scrubbed(""));
            to_members(room, Notice::Topic { by: by.clone(), channel, text }, out);
        }
        RoomChange::ModesTold(by, changes) => {
            let (by, changes) = (by.clone(), changes.clone());
            to_members(room, Notice::Modes { by, channel, changes }, out);
        }
        RoomChange::Shown(session) => {
            let Some(person) = state.person(*session) else { return };
            let (who, away) = (person.source.clone(), person.away.clone());
            let notice = Notice::Joined { who, channel, rank: Rank::NONE, away };
            out.notice(unranked(room, *session), notice);
        }
        RoomChange::Hidden(session) => {
            let Some(who) = source(state, *session) else { return };
            out.notice(unranked(room, *session), Notice::Parted { who, channel, reason: None });
        }
        RoomChange::Renamed { .. }
        | RoomChange::Created(..)
        | RoomChange::Parted(..)
        | RoomChange::Kicked { .. }
        | RoomChange::Flag(..)
        | RoomChange::Key(..)
        | RoomChange::Limit(..)
        | RoomChange::Rank(..)
        | RoomChange::Mask(..) => {}
    }
}

/// Each member by themselves: those who cannot read a new name leave and join.
fn room_renamed(
    state: &State,
    now: Timestamp,
    (by, from, to, reason): (&Arc<Source>, &ChannelName, &ChannelName, Option<&Line>),
    out: &mut Outcome,
) {
    let Some(room) = state.room(&to.folded()) else { return };
    for session in room.members.keys() {
        let Some(who) = source(state, *session) else { continue };
        let told = RoomRenamed {
            at: now,
            by: by.clone(),
            who,
            from: from.clone(),
            to: to.clone(),
            reason: reason.cloned(),
            topic: topic::of(state, now, room),
            members: of_room(state, *session, room),
            kind: room.kind(),
        };
        out.reply(*session, Reply::ChannelRenamed(Box::new(told)));
    }
}

/// What follows a JOIN: topic, names, recent lines for those who want them.
pub(super) fn furnish(
    state: &State,
    session: SessionId,
    (room, replays): (&Room, bool),
    out: &mut Outcome,
    now: Timestamp,
) {
    let channel = room.name.clone();
    if let Some(topic) = topic::of(state, now, room) {
        out.reply(session, Reply::Topic { channel: channel.clone(), topic: Some(topic) });
    }
    if let Some(marker) = markers::on_join(state, session, channel.shared()) {
        out.reply(session, marker);
    }
    let members = of_room(state, session, room);
    out.reply(
        session,
        Reply::Names { channel: channel.shared(), members, kind: room.kind(), on_join: true },
    );
    let Some(person) = state.person(session).filter(|p| replays && !p.modes.contains(&'B')) else {
        return;
    };
    let since = room_since(state, &Context { now, session, person }, room);
    let key = channel.folded();
    let shown = |line: &&Remembered| line.at >= since && state.is_missed(session, &key, line);
    let lines: Vec<&Remembered> = state
        .scrollback
        .lines(&Channel::Room(key.clone()))
        .rev()
        .filter(shown)
        .take(REPLAY_LINES)
        .collect();
    if lines.is_empty() {
        return;
    }
    let lines = lines.into_iter().rev().map(|line| replayed(&channel, line)).collect();
    out.reply(session, Reply::History { channel, lines, unasked: true });
}

fn replayed(channel: &ChannelName, line: &Remembered) -> Said {
    Said {
        id: MessageId::Stored(line.seq.0),
        at: line.at,
        from: line.from.clone(),
        sender: None,
        target: channel.shared(),
        verb: line.verb,
        text: line.text.clone(),
        tags: line.tags.clone(),
        more: line.more.clone(),
        hearers: Hearers::Everyone,
        replayed: true,
    }
}

fn gone(state: &State, session: SessionId, reason: &Line, out: &mut Outcome) {
    let Some(who) = source(state, session) else { return };
    let nick = who.nick.clone();
    out.notice(sharers(state, session), Notice::Quit { who, reason: reason.clone() });
    offline(state, session, nick, out);
}

fn renamed(state: &State, session: SessionId, nick: &Nick, out: &mut Outcome) {
    let Some(who) = source(state, session) else { return };
    let before = who.nick.clone();
    let now = Arc::new(Source { nick: nick.clone(), ..(*who).clone() });
    out.notice(sharers_and_self(state, session), Notice::Renamed { who, nick: nick.clone() });
    if before.folded() != nick.folded() {
        offline(state, session, before, out);
        online(state, session, now, out);
    }
}

/// Clients with `chghost` are told so; to the others somebody quits and comes back to each channel.
fn rehosted(
    state: &State,
    session: SessionId,
    (user, host): (&Arc<str>, &Arc<str>),
    out: &mut Outcome,
) {
    let Some(person) = state.person(session) else { return };
    let who = person.source.clone();
    let now = Source { user: user.clone(), host: host.clone(), ..(*who).clone() };
    let now = Arc::new(now);
    let notice = Notice::Rehosted { who, now: now.clone() };
    out.notice(sharers(state, session), notice.clone());
    for room in person.rooms.iter().filter_map(|key| state.room(key)) {
        let others = viewers(room, session).filter(|s| *s != session);
        let rank = room.members.get(&session).copied().unwrap_or_default();
        let (who, channel) = (now.clone(), room.name.clone());
        out.notice(others, Notice::Rejoined { who, channel, rank, away: person.away.clone() });
    }
    to_watchers(state, session, notice, out);
}

/// To those who MONITOR somebody and are not told already because they share a channel.
fn to_watchers(state: &State, session: SessionId, notice: Notice, out: &mut Outcome) {
    let Some(nick) = source(state, session).map(|who| who.nick.clone()) else { return };
    let watching = watchers(state, session, &nick);
    if watching.is_empty() {
        return;
    }
    let told = sharers_and_self(state, session);
    let rest = watching.into_iter().filter(|s| !told.contains(s));
    out.notice(rest, Notice::Watched(Box::new(notice)));
}

fn online(state: &State, session: SessionId, who: Arc<Source>, out: &mut Outcome) {
    let notice = Notice::Monitored { nick: who.nick.clone(), source: Some(who.clone()) };
    out.notice(watchers(state, session, &who.nick), notice);
}

fn offline(state: &State, session: SessionId, nick: Nick, out: &mut Outcome) {
    out.notice(watchers(state, session, &nick), Notice::Monitored { nick, source: None });
}

/// Those who MONITOR the nick and may know the person who has it.
fn watchers(state: &State, session: SessionId, nick: &Nick) -> Vec<SessionId> {
    let watching = state.monitored.get(&nick.folded()).into_iter().flatten().copied();
    watching.filter(|watcher| sees(state, *watcher, session)).collect()
}

/// To the invited, and to those in the channel who could have invited. Never to its customer.
fn invited(state: &State, session: SessionId, key: &Folded, out: &mut Outcome, cause: &Cause) {
    let Some(nick) = source(state, session).map(|who| who.nick.clone()) else { return };
    let by = cause.session.and_then(|s| source(state, s)).unwrap_or_else(|| state.desk.clone());
    let (channel, present): (ChannelName, BTreeSet<SessionId>) =
        match (state.lounge(key), state.room(key)) {
            (Some(customer), _) => {
                let seats = customer.staff.iter();
                let members = seats.filter(|(_, standing)| *standing != Standing::Watcher);
                (customer.channel.clone(), members.map(|(s, _)| *s).collect())
            }
            (None, Some(room)) => {
                let operators = room.members.iter().filter(|(_, rank)| rank.reaches(Rank::HALF));
                (room.name.clone(), operators.map(|(s, _)| *s).collect())
            }
            (None, None) => return,
        };
    let others = present.into_iter().filter(|s| *s != session && Some(*s) != cause.session);
    let copy = |personal| Notice::Invited {
        by: by.clone(),
        nick: nick.clone(),
        channel: channel.clone(),
        personal,
    };
    out.notice([session], copy(true));
    out.notice(others, copy(false));
}

fn passing(state: &State, to: &Address, said: &Said, out: &mut Outcome, cause: &Cause) {
    let said = Said { id: cause.id, ..said.clone() };
    match to {
        Address::Room(key, rank) => {
            if let Some(room) = state.room(key) {
                to_hearers(room, *rank, said, out);
            }
        }
        Address::Session(session) => {
            if said.sender == Some(*session) {
                to_oneself(*session, &said, out);
            }
            let to: BTreeSet<SessionId> = said.sender.into_iter().chain([*session]).collect();
            out.notice(to, Notice::Said(said));
        }
        Address::Lounge(..) => {}
    }
}

/// Those who heard a line learn that it was taken back.
fn taken_back(state: &State, to: &Address, told: &Redacted, out: &mut Outcome) {
    let sessions: Vec<SessionId> = match to {
        Address::Room(key, rank) => {
            let members = state.room(key).map(|room| &room.members).into_iter().flatten();
            members.filter(|(_, held)| hears(**held, *rank)).map(|(s, _)| *s).collect()
        }
        Address::Lounge(customer, to) => {
            state.customer(*customer).map_or(Vec::new(), |c| hearers(c, *to).collect())
        }
        Address::Session(session) => vec![*session],
    };
    // The fact that did it is the last one applied.
    let id = MessageId::Stored(state.counters().seq.0);
    let told = Redacted { id, ..told.clone() };
    out.notice_sorted(sessions.into_iter(), Notice::Redacted(told));
}

/// Words to oneself arrive like anybody's; the echo is beside that, for those who asked for it.
/// Source: IRCv3 labeled-response, "Tags".
fn to_oneself(session: SessionId, said: &Said, out: &mut Outcome) {
    out.notice([session], Notice::Said(Said { sender: None, ..said.clone() }));
}

/// Words between two people: those of the one spoken to see them addressed to themselves, those of the
/// speaker as they were typed.
fn private(
    state: &State,
    (from, to): (&Party, &Party),
    verb: Verb,
    words: &[Line],
    out: &mut Outcome,
    cause: &Cause,
) {
    let account = match from {
        Party::Account(account) => Some(account),
        Party::Visit(..) => None,
    };
    let theirs = sessions(state, to);
    for session in &theirs {
        let Some(who) = source(state, *session) else { continue };
        let said = stored(state, account, verb, words, who.nick.shared(), cause);
        if cause.session == Some(*session) {
            to_oneself(*session, &said, out);
        }
        out.notice([*session], Notice::Said(said));
    }
    let typed = cause.say.map(|say| say.target.shared());
    let typed = typed.unwrap_or_else(|| match to {
        Party::Account(account) => account.shared(),
        Party::Visit(..) => Arc::from("*"),
    });
    let mut own = sessions(state, from);
    own.extend(cause.session);
    let said = stored(state, account, verb, words, typed, cause);
    out.notice(own.difference(&theirs).copied(), Notice::Said(said));
}

fn sessions(state: &State, party: &Party) -> BTreeSet<SessionId> {
    match party {
        Party::Account(account) => state.sessions_of(account).iter().copied().collect(),
        Party::Visit(_, session) => BTreeSet::from([SessionId(*session)]),
    }
}

fn account(actor: &Actor) -> Option<&AccountName> {
    match actor {
        Actor::Staff(account) => Some(account),
        Actor::Desk | Actor::Customer(_) | Actor::Operator | Actor::Member => None,
    }
}

fn stored(
    state: &State,
    account: Option<&AccountName>,
    verb: Verb,
    words: &[Line],
    target: Arc<str>,
    cause: &Cause,
) -> Said {
    let first = || account.and_then(|account| state.sessions_of(account).first().copied());
    let from = cause.session.or_else(first).and_then(|s| source(state, s));
    let absent = || account.map_or_else(|| state.desk.clone(), |a| state.absent_source(a));
    Said {
        id: cause.id,
        at: cause.now,
        from: from.unwrap_or_else(absent),
        sender: cause.session,
        target,
        verb,
        text: words.first().cloned().unwrap_or_else(|| Line::scrubbed("")),
        tags: words::tags(words),
        more: words::further(words),
        hearers: Hearers::Everyone,
        replayed: false,
    }
}

/// To everybody in the room of that rank, and to the speaker, whom the face shows it on request.
fn to_hearers(room: &Room, rank: Option<char>, said: Said, out: &mut Outcome) {
    let members = room.members.iter().filter(|(_, held)| hears(**held, rank));
    let mut to: BTreeSet<SessionId> = members.map(|(s, _)| *s).collect();
    to.extend(said.sender);
    out.notice(to, Notice::Said(said));
}

/// The members who are shown this one.
fn viewers(room: &Room, session: SessionId) -> impl Iterator<Item = SessionId> + '_ {
    room.members.keys().copied().filter(move |viewer| room.shows(*viewer, session))
}

/// The other members who are not shown people without rank.
fn unranked(room: &Room, session: SessionId) -> impl Iterator<Item = SessionId> + '_ {
    let others = room.members.iter().filter(move |(s, _)| **s != session);
    others.filter(|(_, rank)| !rank.reaches(Rank::HALF)).map(|(s, _)| *s)
}

fn to_members(room: &Room, notice: Notice, out: &mut Outcome) {
    out.notice(room.members.keys().copied(), notice);
}

fn sharers_and_self(state: &State, session: SessionId) -> BTreeSet<SessionId> {
    let mut all = sharers(state, session);
    all.insert(session);
    all
}

fn is_no_customer(state: &State, session: SessionId) -> bool {
    let person = state.person(session);
    person.is_some_and(|p| !matches!(Sight::of(state, p), Sight::Customer(_)))
}

fn source(state: &State, session: SessionId) -> Option<Arc<Source>> {
    state.person(session).map(|person| person.source.clone())
}

/// `+i-w` of single changes.
fn mode_line(changes: &[(bool, char)]) -> String {
    let mut line = String::new();
    let mut sign = None;
    for (add, letter) in changes {
        if sign != Some(*add) {
            line.push(if *add { '+' } else { '-' });
            sign = Some(*add);
        }
        line.push(*letter);
    }
    line
}
