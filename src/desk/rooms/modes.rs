//! MODE of a room: ask, list, change.

use super::topic::mask_of;
use super::{authority, bans, find, outranks};
use crate::base::casemap::same;
use crate::base::ids::SessionId;
use crate::base::limits::{KEYLEN, MAXLIST, MODES};
use crate::base::text::{ChannelName, Folded, Line};
use crate::desk::change::{Live, Plan, RoomChange, Step};
use crate::desk::context::Context;
use crate::desk::language::command::ModeChange;
use crate::desk::language::notice::Reply;
use crate::desk::language::people::Rank;
use crate::desk::language::refusal::Refusal;
use crate::desk::queries::visible::lookup;
use crate::desk::state::State;
use crate::desk::state::rooms::Room;
use std::sync::Arc;

/// Flags without a parameter.
const FLAGS: &str = "imnstpuCRM";
/// Flags that take an operator; half-operators may set the others.
const OPERATORS_FLAGS: &str = "sp";
/// Bytes of one told MODE line at most, so that it fits a line with its source.
const TOLD_BYTES: usize = 300;

/// Reads or changes a room's modes. What cannot be done is refused by itself; the rest is done.
pub fn modes(
    state: &State,
    ctx: &Context,
    channel: &ChannelName,
    changes: &[ModeChange],
) -> Result<Plan, Refusal> {
    let room = find(state, ctx, channel)?;
    if changes.is_empty() {
        let reply = Reply::ChannelModes {
            channel: room.name.clone(),
            modes: shown(ctx, room),
            created: room.made,
        };
        return Ok(vec![Step::Reply(ctx.session, reply)]);
    }
    let mut draft = Draft::new(state, ctx, room);
    let mut with_parameter = 0;
    for change in changes {
        if change.argument.is_some() {
            with_parameter += 1;
        }
        if with_parameter > MODES {
            break;
        }
        if let Err(refusal) = draft.take(change) {
            draft.refuse(refusal);
        }
    }
    draft.finish()
}

/// `+ntk key`, the key as `*` for those outside.
fn shown(ctx: &Context, room: &Room) -> Line {
    let mut letters: String = room.flags.iter().collect();
    let mut parameters = String::new();
    if let Some(key) = &room.key {
        letters.push('k');
        let inside = room.members.contains_key(&ctx.session);
        parameters.push(' ');
        parameters.push_str(if inside { key.as_str() } else { "*" });
    }
    if let Some(limit) = room.limit {
        letters.push('l');
        parameters.push_str(&format!(" {limit}"));
    }
    Line::scrubbed(&format!("+{letters}{parameters}"))
}

/// A MODE command half read: the room as it would be by now, and what has been decided.
struct Draft<'a> {
    state: &'a State,
    ctx: &'a Context<'a>,
    /// The room with the changes so far.
    room: Room,
    key: Folded,
    steps: Plan,
    answers: Vec<Reply>,
    refusals: Vec<Refusal>,
    told: Vec<(bool, char, Option<String>)>,
}

impl<'a> Draft<'a> {
    fn new(state: &'a State, ctx: &'a Context<'a>, room: &Room) -> Self {
        Self {
            state,
            ctx,
            key: room.name.folded(),
            room: room.clone(),
            steps: Vec::new(),
            answers: Vec::new(),
            refusals: Vec::new(),
            told: Vec::new(),
        }
    }

    fn take(&mut self, change: &ModeChange) -> Result<(), Refusal> {
        let letter = change.letter;
        let argument = change.argument.as_ref();
        let prefixes = self.state.settings.prefixes;
        let is_list = prefixes.lists().contains(letter);
        if is_list && argument.is_none_or(|a| a.as_str().is_empty()) {
            self.list(letter);
            return Ok(());
        }
        let given = Rank::of_mode(letter).filter(|_| prefixes.letters().contains(letter));
        if given.is_none() && !is_list && !FLAGS.contains(letter) && !"kl".contains(letter) {
            return Err(Refusal::UnknownMode(letter));
        }
        self.may(letter, given, argument.filter(|_| !change.add))?;
        match (letter, argument) {
            ('k', Some(key)) if change.add => self.set_key(key),
            ('k' | 'l', None) if change.add => Ok(()),
            ('k', _) => {
                self.clear_key();
                Ok(())
            }
            ('l', Some(limit)) if change.add => self.set_limit(limit),
            ('l', _) => {
                self.clear_limit();
                Ok(())
            }
            (_, Some(mask)) if is_list => self.mask(change.add, letter, mask),
            (_, argument) => match (given, argument) {
                (Some(rank), Some(nick)) => self.rank(change.add, (letter, rank), nick),
                (Some(_), None) => Ok(()),
                (None, _) => {
                    self.flag(change.add, letter);
                    Ok(())
                }
            },
        }
    }

    /// Whether the asker's rank allows a change of this mode: voice, lists and most flags take a
    /// half-operator, operators and half-operators an operator, the ranks above a founder. What one
    /// has oneself, one may lay down. An outsider lacks the rank (482, Modern IRC "Channel mode").
    fn may(&self, letter: char, given: Option<Rank>, from: Option<&Line>) -> Result<(), Refusal> {
        let me = self.ctx.person.nick().as_str();
        let own = given.is_some() && from.is_some_and(|nick| same(nick.as_str(), me));
        let least = match given {
            Some(Rank::FOUNDER | Rank::ADMIN) => Rank::FOUNDER,
            Some(Rank::OP | Rank::HALF) => Rank::OP,
            None if OPERATORS_FLAGS.contains(letter) => Rank::OP,
            Some(_) | None => Rank::HALF,
        };
        if own || authority(self.ctx, &self.room).reaches(least) {
            return Ok(());
        }
        Err(Refusal::NotOperator(self.room.name.shared()))
    }

    fn list(&mut self, letter: char) {
        let channel = self.room.name.clone();
        let entries = self.room.lists.get(&letter).cloned().unwrap_or_default();
        self.answers.push(Reply::MaskList { channel, letter, entries });
    }

    fn flag(&mut self, add: bool, letter: char) {
        let changed =
            if add { self.room.flags.insert(letter) } else { self.room.flags.remove(&letter) };
        if changed {
            self.change(RoomChange::Flag(add, letter), (add, letter, None));
        }
    }

    fn set_key(&mut self, key: &Line) -> Result<(), Refusal> {
        let text = key.as_str();
        let bad = |c: char| c.is_control() || matches!(c, ' ' | ',');
        if text.is_empty() || text.len() > KEYLEN || text.contains(bad) || text.starts_with(':') {
            return Err(self.invalid('k', text));
        }
        if self.room.key.as_ref() != Some(key) {
            self.room.key = Some(key.clone());
            self.change(RoomChange::Key(Some(key.clone())), (true, 'k', Some(text.to_owned())));
        }
        Ok(())
    }

    fn clear_key(&mut self) {
        if self.room.key.take().is_some() {
            self.change(RoomChange::Key(None), (false, 'k', Some("*".to_owned())));
        }
    }

    fn set_limit(&mut self, limit: &Line) -> Result<(), Refusal> {
        let Some(n) = limit.as_str().parse::<usize>().ok().filter(|n| *n > 0) else {
            return Err(self.invalid('l', limit.as_str()));
        };
        if self.room.limit != Some(n) {
            self.room.limit = Some(n);
            self.change(RoomChange::Limit(Some(n)), (true, 'l', Some(n.to_string())));
        }
        Ok(())
    }

    fn clear_limit(&mut self) {
        if self.room.limit.take().is_some() {
            self.change(RoomChange::Limit(None), (false, 'l', None));
        }
    }

    fn rank(
        &mut self,
        add: bool,
        (letter, given): (char, Rank),
        nick: &Line,
    ) -> Result<(), Refusal> {
        if nick.as_str().is_empty() {
            return Err(self.invalid(letter, ""));
        }
        let Some((session, person)) = lookup(self.state, self.ctx.session, nick.as_str()) else {
            return Err(Refusal::NoSuchNick(nick.shared()));
        };
        let name = person.nick().clone();
        let channel = self.room.name.shared();
        let authority = authority(self.ctx, &self.room);
        let Some(rank) = self.room.members.get_mut(&session) else {
            return Err(Refusal::UserNotInChannel(name.shared(), channel));
        };
        if !add && session != self.ctx.session && !outranks(authority, *rank) {
            return Err(Refusal::NotOperator(channel));
        }
        if rank.has(given) != add {
            *rank = rank.with(given, add);
            let change = RoomChange::Rank(session, add, letter);
            self.change(change, (add, letter, Some(name.as_str().to_owned())));
        }
        Ok(())
    }

    fn mask(&mut self, add: bool, letter: char, typed: &Line) -> Result<(), Refusal> {
        let Some(mut mask) = bans::normalised(typed.as_str()) else {
            return Err(self.invalid(letter, typed.as_str()));
        };
        let by = mask_of(&self.ctx.person.source);
        let now = self.ctx.now;
        let list = self.room.lists.entry(letter).or_default();
        let there = list.iter().position(|(m, _, _)| same(m.as_str(), mask.as_str()));
        match (add, there) {
            (true, Some(_)) | (false, None) => return Ok(()),
            (true, None) if list.len() >= MAXLIST => {
                return Err(Refusal::ListFull(self.room.name.clone(), letter));
            }
            (true, None) => list.push((mask.clone(), by.clone(), now)),
            // As it stands in the list, whatever case it was typed in.
            (false, Some(at)) => (mask, _, _) = list.remove(at),
        }
        let text = mask.as_str().to_owned();
        self.change(RoomChange::Mask(letter, add, mask, by), (add, letter, Some(text)));
        Ok(())
    }

    /// In an auditorium: who has a rank now and had none, and who had one and has none.
    fn turned(&self) -> (Vec<SessionId>, Vec<SessionId>) {
        let (mut shown, mut hidden) = (Vec::new(), Vec::new());
        let before = self.state.room(&self.key).filter(|room| room.flags.contains(&'u'));
        for (session, rank) in before.iter().flat_map(|room| &room.members) {
            match (*rank == Rank::NONE, self.room.rank(*session) == Rank::NONE) {
                (true, false) => shown.push(*session),
                (false, true) => hidden.push(*session),
                (true, true) | (false, false) => {}
            }
        }
        (shown, hidden)
    }

    fn invalid(&self, letter: char, value: &str) -> Refusal {
        Refusal::InvalidMode(self.room.name.clone(), letter, Arc::from(value))
    }

    fn change(&mut self, change: RoomChange, told: (bool, char, Option<String>)) {
        self.steps.push(Step::Live(Live::Room(self.key.clone(), change)));
        self.told.push(told);
    }

    /// The same refusal is told once, however many changes met it.
    fn refuse(&mut self, refusal: Refusal) {
        if !self.refusals.contains(&refusal) {
            self.refusals.push(refusal);
        }
    }

    fn finish(mut self) -> Result<Plan, Refusal> {
        if self.steps.is_empty() && self.answers.is_empty() && self.refusals.len() == 1 {
            return Err(self.refusals.remove(0));
        }
        let (shown, hidden) = self.turned();
        let by = &self.ctx.person.source;
        let told = told_lines(&self.told).into_iter();
        let told = told.map(|line| RoomChange::ModesTold(by.clone(), Line::scrubbed(&line)));
        let shown = shown.into_iter().map(RoomChange::Shown);
        let hidden = hidden.into_iter().map(RoomChange::Hidden);
        let changes = shown.chain(told).chain(hidden);
        self.steps.extend(changes.map(|change| Step::Live(Live::Room(self.key.clone(), change))));
        let session = self.ctx.session;
        let refused =
            self.refusals.into_iter().map(|refusal| Reply::Refused { command: "MODE", refusal });
        let replies = self.answers.into_iter().chain(refused);
        self.steps.extend(replies.map(|reply| Step::Reply(session, reply)));
        Ok(self.steps)
    }
}

/// The changes as MODE lines: `+o-v bob carol`, begun anew when one grows too long.
fn told_lines(told: &[(bool, char, Option<String>)]) -> Vec<String> {
    let mut lines = Vec::new();
    let (mut letters, mut parameters) = (String::new(), String::new());
    let mut sign = None;
    for (add, letter, parameter) in told {
        let more = parameter.as_ref().map_or(0, |p| p.len() + 1);
        if !letters.is_empty() && letters.len() + parameters.len() + more > TOLD_BYTES {
            lines.push(std::mem::take(&mut letters) + &std::mem::take(&mut parameters));
            sign = None;
        }
        if sign != Some(*add) {
            letters.push(if *add { '+' } else { '-' });
            sign = Some(*add);
        }
        letters.push(*letter);
        if let Some(parameter) = parameter {
            parameters.push(' ');
            parameters.push_str(parameter);
        }
    }
    if !letters.is_empty() {
        lines.push(letters + &parameters);
    }
    lines
}
