//! Which verb decides which command. Rights are checked here, once, before any verb is asked.

use super::assign;
use super::change::{Plan, Step};
use super::context::Context;
use super::language::command::{Command, DeskCommand, DeskVerb, Say, Verb, may_use};
use super::language::notice::Reply;
use super::language::refusal::{CannotSend, DeskRefusal, Refusal};
use super::state::State;
use super::state::people::Customer;
use super::steps::no;
use super::{
    arrive, blocks, course, depart, history, lists, markers, metadata, operators, presence,
    queries, redact, rooms, talk, transfer, watch,
};
use crate::base::casemap::same;
use crate::base::text::{ChannelName, Folded, Line};
use std::time::Duration;

/// How long `MODE +b` in a customer's channel blocks.
const BAN_SPAN: Duration = Duration::from_secs(24 * 3600);

/// The name under which a command is refused.
pub(super) fn name(command: &Command) -> &'static str {
    match command {
        Command::Arrive(_) => "USER",
        Command::SignIn(_) => "AUTHENTICATE",
        Command::Oper(_) => "OPER",
        Command::Leave(_) => "QUIT",
        Command::Nick(_) => "NICK",
        Command::Away(_) => "AWAY",
        Command::Realname(_) => "SETNAME",
        Command::UserModes(_) | Command::UserModesOf(..) | Command::ChannelModes { .. } => "MODE",
        Command::Say(say) => match say.verb {
            Verb::Privmsg => "PRIVMSG",
            Verb::Notice => "NOTICE",
            Verb::Tag => "TAGMSG",
        },
        Command::Join { .. } => "JOIN",
        Command::Part { .. } | Command::PartAll => "PART",
        Command::Rename { .. } => "RENAME",
        Command::Topic { .. } => "TOPIC",
        Command::Kick { .. } => "KICK",
        Command::Invite { .. } => "INVITE",
        Command::Kill { .. } => "KILL",
        Command::Kline { .. } => "KLINE",
        Command::Unkline(_) => "UNKLINE",
        Command::Rehashed(_) => "REHASH",
        Command::Wallops(_) => "WALLOPS",
        Command::Metadata(_) => "METADATA",
        Command::Ask(_) => "WHO",
        Command::History(_) | Command::HistoryTargets { .. } => "CHATHISTORY",
        Command::MarkRead { .. } => "MARKREAD",
        Command::Redact(_) | Command::Redacted(..) => "REDACT",
        Command::Desk(desk) => desk.verb.name(),
    }
}

/// Decides a command of a session that has arrived.
pub(super) fn dispatch(state: &State, ctx: &Context, command: &Command) -> Result<Plan, Refusal> {
    match command {
        Command::Arrive(_) => Ok(Plan::new()),
        Command::SignIn(account) => arrive::sign_in(state, ctx, account.as_ref()),
        Command::Oper(oper) => operators::oper(state, ctx, oper),
        Command::Kill { nick, reason } => operators::kill(state, ctx, nick, reason),
        Command::Kline { who, span, why } => {
            allowed(ctx, "BLOCK")?;
            blocks::block(state, ctx, (who, *span, why))
        }
        Command::Unkline(which) => {
            allowed(ctx, "UNBLOCK")?;
            blocks::unblock(state, ctx, which)
        }
        Command::Rehashed(outcome) => operators::rehashed(ctx, outcome),
        Command::Wallops(text) => operators::wallops(ctx, text),
        Command::Leave(departure) => Ok(depart::leave(state, ctx, departure)),
        Command::Nick(nick) => presence::nick(state, ctx, nick),
        Command::Away(text) => presence::away(state, ctx, text.as_ref()),
        Command::Realname(text) => presence::realname(state, ctx, text),
        Command::UserModes(changes) => presence::user_modes(state, ctx, changes),
        Command::UserModesOf(nick, changes) => presence::modes_of(state, ctx, nick, changes),
        Command::Say(words) => say(state, ctx, words),
        Command::Join { channel, key } => join(state, ctx, channel, key.as_ref()),
        Command::Part { channel, reason } => match staffed(state, ctx, channel)? {
            Some(customer) => assign::part(state, ctx, customer, reason.as_ref()),
            None => rooms::part::part(state, ctx, channel, reason.as_ref()),
        },
        Command::PartAll => part_all(state, ctx),
        Command::Rename { channel, to, reason } => match staffed(state, ctx, channel)? {
            Some(customer) => Err(Refusal::CannotRename(customer.channel.clone(), to.clone())),
            None => rooms::rename::rename(state, ctx, channel, to, reason.as_ref()),
        },
        Command::Topic { channel, text } => topic(state, ctx, channel, text.as_ref()),
        Command::Kick { channel, nick, reason } => match staffed(state, ctx, channel)? {
            Some(customer) => kick(state, ctx, customer, (nick, reason.as_ref())),
            None => rooms::kick::kick(state, ctx, channel, nick, reason.as_ref()),
        },
        Command::Invite { nick, channel } => match staffed(state, ctx, channel)? {
            Some(customer) => lists::invite(state, ctx, customer, nick),
            None => rooms::invite::invite(state, ctx, nick, channel),
        },
        Command::ChannelModes { channel, changes } => modes(state, ctx, channel, changes),
        Command::Metadata(asked) => metadata::metadata(state, ctx, asked),
        Command::Ask(question) => queries::answer(state, ctx, question),
        Command::History(asked) => history::lines(state, ctx, asked),
        Command::MarkRead { target, until } => markers::mark(state, ctx, target, *until),
        Command::Redact(asked) => redact::ask(state, ctx, asked),
        Command::Redacted(asked, found) => redact::decide(state, ctx, asked, found.as_deref()),
        Command::HistoryTargets { typed, between, limit } => {
            Ok(history::targets(state, ctx, (typed, *between, *limit)))
        }
        Command::Desk(command) => desk(state, ctx, command),
    }
}

/// The customer whose channel staff mean. To customers every channel but their own is unknown,
/// and in their own these verbs are not theirs.
fn staffed<'a>(
    state: &'a State,
    ctx: &Context,
    channel: &ChannelName,
) -> Result<Option<&'a Customer>, Refusal> {
    let found = state.lounge(&channel.folded());
    match ctx.person.customer {
        Some(own) if found.is_some_and(|c| c.id == own) => {
            Err(Refusal::NotOperator(channel.shared()))
        }
        Some(_) => Err(Refusal::NoSuchChannel(channel.shared())),
        None if found.is_some() && !ctx.person.is_staff() => {
            Err(Refusal::NoSuchChannel(channel.shared()))
        }
        None => Ok(found),
    }
}

fn join(
    state: &State,
    ctx: &Context,
    channel: &ChannelName,
    key: Option<&Line>,
) -> Result<Plan, Refusal> {
    if let Some(own) = ctx.person.customer.and_then(|id| state.customer(id)) {
        if channel.folded() == own.channel.folded() {
            return Ok(Plan::new());
        }
        let department = super::language::people::Department::parse(channel.as_str());
        let Some(department) = department.filter(|d| state.department(d).is_some()) else {
            return Err(Refusal::NoSuchChannel(channel.shared()));
        };
        let refusal = Refusal::Forwarded(channel.clone(), own.channel.clone());
        let mut plan = vec![Step::Reply(ctx.session, Reply::Refused { command: "JOIN", refusal })];
        plan.extend(course::ask_for(state, ctx, &department)?);
        return Ok(plan);
    }
    match staffed(state, ctx, channel)? {
        Some(customer) => assign::join(state, ctx, customer),
        // Customers' channels are the desk's to make.
        None if state.settings.guests == super::settings::Guests::Customer
            && same_start(channel.as_str(), "#c-") =>
        {
            Err(Refusal::NoSuchChannel(channel.shared()))
        }
        None => rooms::join::join(state, ctx, channel, key),
    }
}

/// Leaves every channel, as if each had been named.
fn part_all(state: &State, ctx: &Context) -> Result<Plan, Refusal> {
    if let Some(own) = ctx.person.customer.and_then(|id| state.customer(id)) {
        return Err(Refusal::NotOperator(own.channel.shared()));
    }
    let mut plan = Plan::new();
    for room in ctx.person.rooms.iter().filter_map(|key| state.room(key)) {
        plan.extend(rooms::part::part(state, ctx, &room.name, None)?);
    }
    for customer in ctx.person.lounges.iter().filter_map(|id| state.customer(*id)) {
        plan.extend(assign::part(state, ctx, customer, None)?);
    }
    Ok(plan)
}

fn same_start(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|head| same(head, start))
}

fn say(state: &State, ctx: &Context, words: &Say) -> Result<Plan, Refusal> {
    let target = words.target.as_str();
    let signs = state.settings.prefixes.signs();
    // Of several prefixes the lowest counts, as if it stood alone. Source: Modern IRC "PRIVMSG".
    let channel = target.trim_start_matches(|c| signs.contains(c));
    let prefixes = target[..target.len() - channel.len()].chars();
    let rank = prefixes.max_by_key(|sign| signs.find(*sign));
    if !channel.starts_with('#') {
        if same(target, state.desk.nick.as_str()) {
            return Err(Refusal::CannotSend(words.target.shared(), CannotSend::Service));
        }
        return rooms::talk::private(state, ctx, target, words);
    }
    if let Some(own) = ctx.person.customer {
        let own = state.customer(own).filter(|_| rank.is_none());
        let mine = own.filter(|c| same(c.channel.as_str(), channel));
        return match mine {
            Some(customer) => talk::in_lounge(state, ctx, customer, (words, false)),
            None => Err(Refusal::NoSuchChannel(words.target.shared())),
        };
    }
    match state.lounge(&*Folded::key(channel)) {
        Some(customer) => talk::in_lounge(state, ctx, customer, (words, rank.is_some())),
        None => rooms::talk::say(state, ctx, &Folded::of(channel), rank, words),
    }
}

fn topic(
    state: &State,
    ctx: &Context,
    channel: &ChannelName,
    text: Option<&Line>,
) -> Result<Plan, Refusal> {
    let own = ctx.person.customer.and_then(|id| state.customer(id));
    if let Some(own) = own.filter(|c| c.channel.folded() == channel.folded() && text.is_none()) {
        let line = queries::card::topic(state, ctx.now, ctx.person, own);
        let set = Some((line, rooms::topic::mask_of(&state.desk), own.created));
        let channel = own.channel.clone();
        return Ok(vec![Step::Reply(ctx.session, Reply::Topic { channel, topic: set })]);
    }
    let Some(customer) = staffed(state, ctx, channel)? else {
        return rooms::topic::topic(state, ctx, channel, text);
    };
    if text.is_some() {
        // The topic of a customer's channel is their card.
        return Err(Refusal::NotOperator(channel.shared()));
    }
    let line = queries::card::topic(state, ctx.now, ctx.person, customer);
    let set = Some((line, rooms::topic::mask_of(&state.desk), customer.created));
    let channel = customer.channel.clone();
    Ok(vec![Step::Reply(ctx.session, Reply::Topic { channel, topic: set })])
}

/// KICK of the customer closes; of a colleague, by rank, takes them out.
fn kick(
    state: &State,
    ctx: &Context,
    customer: &Customer,
    (nick, reason): (&Folded, Option<&Line>),
) -> Result<Plan, Refusal> {
    if customer.nick.folded() == *nick {
        return course::close(state, ctx, Some(&customer.channel), reason);
    }
    let name = customer.channel.shared();
    let missing = || Refusal::UserNotInChannel(std::sync::Arc::from(nick.as_str()), name.clone());
    let (session, person) = state.by_nick(nick.as_str()).ok_or_else(missing)?;
    let standing = customer.standing(session).ok_or_else(missing)?;
    if !queries::visible::sees(state, ctx.session, session)
        || standing == super::state::people::Standing::Watcher
    {
        return Err(missing());
    }
    if ctx.person.role < super::language::people::Role::Supervisor {
        return Err(Refusal::NotOperator(name));
    }
    let theirs = Context { now: ctx.now, session, person };
    assign::part(state, &theirs, customer, reason)
}

/// MODE in a customer's channel: `+b` blocks, a question is answered, the rest is the desk's.
fn modes(
    state: &State,
    ctx: &Context,
    channel: &ChannelName,
    changes: &[super::language::command::ModeChange],
) -> Result<Plan, Refusal> {
    let own = ctx.person.customer.and_then(|id| state.customer(id));
    let asked = changes
        .iter()
        .all(|c| c.argument.is_none() && state.settings.prefixes.lists().contains(c.letter));
    let lounge = match own {
        Some(own) if own.channel.folded() == channel.folded() => {
            if !asked {
                return Err(Refusal::NotOperator(channel.shared()));
            }
            Some(own)
        }
        _ => staffed(state, ctx, channel)?,
    };
    let Some(customer) = lounge else {
        return rooms::modes::modes(state, ctx, channel, changes);
    };
    let name = customer.channel.clone();
    if changes.is_empty() {
        let reply = Reply::ChannelModes {
            channel: name,
            modes: Line::scrubbed("+nst"),
            created: customer.created,
        };
        return Ok(vec![Step::Reply(ctx.session, reply)]);
    }
    let mut plan = Plan::new();
    for change in changes {
        match (&change.argument, change.letter) {
            (None, letter) if state.settings.prefixes.lists().contains(letter) => {
                let reply = Reply::MaskList { channel: name.clone(), letter, entries: Vec::new() };
                plan.push(Step::Reply(ctx.session, reply));
            }
            (Some(mask), 'b') if change.add => {
                allowed(ctx, "BLOCK")?;
                let why = Line::scrubbed("banned from the channel");
                let nick = mask.as_str().split('!').next().unwrap_or("*");
                let whole = same(nick, customer.nick.as_str());
                let who = if whole { Line::scrubbed(nick) } else { mask.clone() };
                plan.extend(blocks::block(state, ctx, (&who, BAN_SPAN, &why))?);
            }
            _ => return Err(Refusal::NotOperator(channel.shared())),
        }
    }
    Ok(plan)
}

fn allowed(ctx: &Context, name: &str) -> Result<(), Refusal> {
    let signed_in = ctx.person.customer.is_some() || ctx.person.is_staff();
    let blocks = matches!(name, "BLOCK" | "UNBLOCK" | "BLOCKS") && ctx.person.is_operator();
    if blocks || signed_in && may_use(name).allows(ctx.person.role) {
        Ok(())
    } else {
        Err(Refusal::NotPermitted)
    }
}

fn desk(state: &State, ctx: &Context, command: &DeskCommand) -> Result<Plan, Refusal> {
    allowed(ctx, command.verb.name())?;
    let channel = command.channel.as_ref();
    match &command.verb {
        DeskVerb::Claim => assign::claim(state, ctx, channel),
        DeskVerb::Accept => assign::accept(state, ctx, channel),
        DeskVerb::Decline(why) => assign::decline(state, ctx, channel, why.as_ref()),
        DeskVerb::Release => assign::release(state, ctx, channel),
        DeskVerb::Transfer { to, warm, why } => {
            transfer::transfer(state, ctx, channel, (to, *warm, why.as_ref()))
        }
        DeskVerb::Handover => transfer::handover(state, ctx, channel),
        DeskVerb::Cancel => transfer::cancel(state, ctx, channel),
        DeskVerb::Takeover => transfer::takeover(state, ctx, channel),
        DeskVerb::Watch => watch::watch(state, ctx, channel),
        DeskVerb::Unwatch => watch::unwatch(state, ctx, channel),
        DeskVerb::Barge => watch::barge(state, ctx, channel),
        DeskVerb::Note(text) => talk::note(state, ctx, channel, text),
        DeskVerb::Say { template, arguments } => {
            talk::template(state, ctx, channel, (template, arguments))
        }
        DeskVerb::Hold { within, why } => {
            course::hold(state, ctx, channel, (*within, why.as_ref()))
        }
        DeskVerb::Resume => course::resume(state, ctx, channel),
        DeskVerb::Close(why) => course::close(state, ctx, channel, why.as_ref()),
        DeskVerb::Tag(changes) => course::tag(state, ctx, channel, changes),
        DeskVerb::Urgent(urgent) => course::urgent(state, ctx, channel, *urgent),
        DeskVerb::Rate { stars, comment } => course::rate(state, ctx, *stars, comment.as_ref()),
        DeskVerb::Email(address) => course::email(state, ctx, address),
        DeskVerb::AskFor(department) => course::ask_for(state, ctx, department),
        DeskVerb::Capacity(capacity) => course::own_capacity(state, ctx, *capacity),
        DeskVerb::Ready => course::ready(state, ctx),
        other => lists(state, ctx, channel, other),
    }
}

/// The desk commands that only look, and blocks.
fn lists(
    state: &State,
    ctx: &Context,
    channel: Option<&ChannelName>,
    verb: &DeskVerb,
) -> Result<Plan, Refusal> {
    match verb {
        DeskVerb::Queue(department) => lists::queue(state, ctx, department.as_ref()),
        DeskVerb::Templates => lists::templates(state, ctx),
        DeskVerb::Card => lists::show_card(state, ctx, channel),
        DeskVerb::History(count) => lists::history(state, ctx, channel, *count),
        DeskVerb::Search(words) => lists::search(state, ctx, channel, words),
        DeskVerb::Report(period) => lists::report(state, ctx, channel, period.as_ref()),
        DeskVerb::Why => lists::why(state, ctx, channel),
        DeskVerb::Online => lists::online(state, ctx),
        DeskVerb::Propose { visitor, text } => lists::propose(state, ctx, (visitor, text.as_ref())),
        DeskVerb::Block { who, span, why } => blocks::block(state, ctx, (who, *span, why)),
        DeskVerb::Unblock(which) => blocks::unblock(state, ctx, which),
        DeskVerb::Blocks => Ok(blocks::list(state, ctx)),
        _ => no(DeskRefusal::NoConversation),
    }
}
