//! Coming and going: arrivals, seats taken up again, sign-in, departures.

use super::change::{Live, Plan, RoomChange, Step};
use super::context::Context;
use super::language::command::{Arrival, Departure};
use super::language::fact::{Fact, OfferOutcome, Reason};
use super::language::notice::{Counts, CutReason, Reply, Said, Welcome};
use super::language::people::{Actor, Role, Source};
use super::language::refusal::Refusal;
use super::language::text::Text;
use super::nicks::{coded_nick, draw_code, free_nick, lookalike_of_staff};
use super::settings::Guests;
use super::state::conversation::{Conversation, Status, Taker};
use super::state::people::{Customer, Person, Standing};
use super::state::{State, staff_source};
use super::steps::{absent, requeue};
use super::{blocks, clients, course, presence, queries};
use crate::base::ids::{CustomerId, Seq, SessionId};
use crate::base::limits::CUSTOMER_NICKLEN;
use crate::base::text::{AccountName, ChannelName, Line, UserName, truncate};
use crate::base::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Registration is complete: a customer, a member of staff, or a guest.
pub(super) fn arrive(
    state: &State,
    now: Timestamp,
    session: SessionId,
    arrival: &Arrival,
) -> Result<Plan, Refusal> {
    if let Some(block) = blocks::hits(state, now, &arrival.address, Some(&as_told(arrival))) {
        return Ok(vec![Step::Cut(session, CutReason::Blocked(block.reason.clone()))]);
    }
    match (&arrival.account, state.settings.guests) {
        (Some((account, role)), guests) => match (role_now(state, account, *role), guests) {
            // At a desk an account without rights is a customer as any other.
            (Some(Role::Member), Guests::Customer) => Ok(customer(state, now, session, arrival)),
            (Some(role), _) => match clients::attach(state, session, arrival, (account, role)) {
                Some(plan) => Ok(plan),
                None if role == Role::Member => member(state, now, session, arrival, Some(account)),
                None => staff(state, now, session, arrival, (account, role)),
            },
            (None, _) => Ok(vec![Step::Cut(session, CutReason::AccountEnded)]),
        },
        (None, Guests::Customer) => Ok(customer(state, now, session, arrival)),
        (None, Guests::Member) => member(state, now, session, arrival, None),
        (None, Guests::Refuse) => Ok(vec![Step::Cut(session, CutReason::AccountRequired)]),
    }
}

/// Who somebody says they are, for masks and accounts that are blocked.
fn as_told(arrival: &Arrival) -> Source {
    Source {
        nick: arrival.nick.clone(),
        user: Arc::from(format!("~{}", arrival.user)),
        host: arrival.address.clone(),
        account: arrival.account.as_ref().map(|(account, _)| account.clone()),
        bot: false,
        realname: arrival.realname.clone(),
    }
}

/// The role of an account now, where it was checked some time ago: a SCRAM exchange or a registration
/// can be drawn out until the account is suspended or its role is another. None: it is no more. One
/// that is not known here yet has just been made.
fn role_now(state: &State, account: &AccountName, checked: Role) -> Option<Role> {
    state.agent(account).map_or(Some(checked), |agent| agent.role)
}

fn person(state: &State, now: Timestamp, arrival: &Arrival, source: Source, role: Role) -> Person {
    Person {
        source: Arc::new(source),
        role,
        customer: None,
        guise: None,
        user: arrival.user.clone(),
        address: arrival.address.clone(),
        host: guest_host(state, arrival),
        secure: arrival.secure,
        certificate: arrival.certificate.clone(),
        wants_replay: arrival.wants_replay,
        since: now,
        away: arrival.away.clone(),
        modes: BTreeSet::new(),
        operator: None,
        rooms: BTreeSet::new(),
        lounges: BTreeSet::new(),
        monitors: BTreeMap::new(),
        subscriptions: BTreeSet::new(),
        invited: BTreeMap::new(),
    }
}

/// A customer: one who came with an account has nothing of it but its end.
fn guest(state: &State, now: Timestamp, arrival: &Arrival, source: Source) -> Person {
    let guise = arrival.account.as_ref().map(|(account, _)| account.clone());
    Person { guise, ..person(state, now, arrival, source, Role::Customer) }
}

fn staff(
    state: &State,
    now: Timestamp,
    session: SessionId,
    arrival: &Arrival,
    (account, role): (&AccountName, Role),
) -> Result<Plan, Refusal> {
    free_nick(state, session, &arrival.nick, Some(account))?;
    let mut source = staff_source(account, &state.settings.server, role == Role::Bot);
    source.nick = arrival.nick.clone();
    source.realname = arrival.realname.clone();
    let mut person = person(state, now, arrival, source, role);
    if role == Role::Admin {
        person.modes.insert('o');
        person.operator = Some(account.shared());
    }
    let mut plan = vec![welcome(state, session, &person, None)];
    plan.push(Step::Live(Live::Arrived(session, Box::new(person))));
    plan.extend(readied(state, session, account, arrival.away.as_ref()));
    Ok(plan)
}

/// Whether a session that comes to an account makes it ready, or with an away text the contrary. Where
/// somebody sits at it already, one that comes ready changes nothing, nor does one that nobody sits at.
fn readied(
    state: &State,
    session: SessionId,
    account: &AccountName,
    away: Option<&Line>,
) -> Option<Step> {
    let in_person = away.is_some_and(|text| !presence::unattended(text));
    if state.attended(account, session) && !in_person {
        return None;
    }
    presence::readiness(state, session, account, away)
}

fn member(
    state: &State,
    now: Timestamp,
    session: SessionId,
    arrival: &Arrival,
    account: Option<&AccountName>,
) -> Result<Plan, Refusal> {
    let role = account.map_or(Role::Customer, |_| Role::Member);
    free_nick(state, session, &arrival.nick, account)?;
    let given = (&arrival.user, &guest_host(state, arrival));
    let (user, host) = seen_as(state, given, account.map(|account| (account, role)));
    let source = Source {
        nick: arrival.nick.clone(),
        user,
        host,
        account: account.cloned(),
        bot: false,
        realname: arrival.realname.clone(),
    };
    let person = person(state, now, arrival, source, role);
    Ok(vec![
        welcome(state, session, &person, None),
        Step::Live(Live::Arrived(session, Box::new(person))),
    ])
}

/// User name and host as others see them: of an account, whose it is and nothing of its connection;
/// without one, the name that the client gave, and the host that goes with its address.
fn seen_as(
    state: &State,
    (given, host): (&UserName, &Arc<str>),
    account: Option<(&AccountName, Role)>,
) -> (Arc<str>, Arc<str>) {
    let server = &state.settings.server;
    match account {
        Some((account, role)) if role.is_staff() => {
            let source = staff_source(account, server, false);
            (source.user, source.host)
        }
        Some((account, _)) => (account.shared(), Arc::from(format!("member.{server}"))),
        None => (Arc::from(format!("~{given}")), host.clone()),
    }
}

/// The host of somebody without an account.
fn guest_host(state: &State, arrival: &Arrival) -> Arc<str> {
    match &arrival.cloak {
        Some(cloak) => Arc::from(format!("{cloak}.guest.{}", state.settings.server)),
        // What begins with a colon would end the parameters of a line.
        None if arrival.address.starts_with(':') => Arc::from(format!("0{}", arrival.address)),
        None => arrival.address.clone(),
    }
}

fn welcome(
    state: &State,
    session: SessionId,
    person: &Person,
    customer: Option<(&Customer, Option<Arc<str>>, bool)>,
) -> Step {
    let counts = match customer {
        // The same for every customer, however many there are (promise 2).
        Some(_) => queries::people::FOR_CUSTOMERS,
        None => {
            // Whoever is welcomed is one of those who are here.
            let before = queries::people::counts(state, person);
            let (users, unknown) = (before.users + 1, before.unknown.saturating_sub(1));
            Counts { users, unknown, users_max: before.users_max.max(users), ..before }
        }
    };
    let (channel, token, resumed) = match customer {
        Some((customer, token, resumed)) => (Some(customer.channel.clone()), token, resumed),
        None => (None, None, false),
    };
    let welcome = Welcome {
        nick: person.source.nick.clone(),
        source: person.source.clone(),
        role: person.role,
        channel,
        token,
        resumed,
        counts,
        modes: person.mode_line(),
    };
    Step::Reply(session, Reply::Welcome(Box::new(welcome)))
}

fn customer(state: &State, now: Timestamp, session: SessionId, arrival: &Arrival) -> Plan {
    let mut plan = Plan::new();
    // A plain session may present its token after it has arrived: its empty seat goes.
    if let Some(before) = state.person(session) {
        let known = arrival.resume.as_ref().and_then(|r| state.tokens.get(&r.digest));
        if known.is_none() {
            return vec![Step::Tell(session, Text::SeatGone)];
        }
        let Some(id) = before.customer else { return plan };
        plan.extend(absent(state, now, id));
        plan.push(Step::Live(Live::Gone(session, Line::scrubbed(""))));
        plan.extend(
            state.customer(id).filter(|c| !c.known).map(|c| Step::Live(Live::Vanished(c.id))),
        );
    }
    if let Some(resume) = &arrival.resume {
        let seat = state.tokens.get(&resume.digest).and_then(|id| state.customer(*id));
        if let Some(seat) = seat {
            plan.extend(retake(state, now, session, arrival, seat, resume.last_seen));
            return plan;
        }
    }
    plan.extend(newcomer(state, now, session, arrival));
    if arrival.resume.is_some() {
        plan.push(Step::Tell(session, Text::SeatGone));
    }
    plan
}

fn newcomer(state: &State, now: Timestamp, session: SessionId, arrival: &Arrival) -> Plan {
    let code = draw_code(state, arrival.code_seed);
    let base = match lookalike_of_staff(state, arrival.nick.as_str()) {
        true => "guest",
        false => truncate(arrival.nick.as_str(), CUSTOMER_NICKLEN),
    };
    let nick = coded_nick(base, &code);
    // `#c-` and a nick make a channel name by the limits' relations.
    let channel = ChannelName::parse(&format!("#c-{nick}"))
        .unwrap_or_else(|_| unreachable!("checked by the limits"));
    let asked = arrival.department.as_ref().filter(|d| state.department(d).is_some());
    let record = Customer {
        id: CustomerId(state.counters().customer.0 + 1),
        code,
        channel,
        nick,
        user: arrival.user.clone(),
        realname: arrival.realname.clone(),
        address: arrival.address.clone(),
        token: arrival.token.digest,
        known: false,
        session: Some(session),
        absence: None,
        seated: Seq(0),
        department: asked.unwrap_or(state.default_department()).clone(),
        conversation: None,
        last_conversation: None,
        last_owner: None,
        ratable: false,
        past: 0,
        created: now,
        staff: Vec::new(),
    };
    let person = guest(state, now, arrival, record.source());
    let token: Arc<str> = Arc::from(base64url(&arrival.token.secret));
    let id = record.id;
    vec![
        welcome(state, session, &person, Some((&record, Some(token.clone()), false))),
        Step::Live(Live::NewCustomer(Box::new(record))),
        Step::Live(Live::Arrived(session, Box::new(person))),
        Step::Live(Live::Seated(id, session)),
        Step::Tell(session, Text::Greeting(state.settings.network.clone())),
        Step::Tell(session, Text::ResumeToken(token)),
    ]
}

/// A customer takes up their seat again: same channel, same place, every line missed.
fn retake(
    state: &State,
    now: Timestamp,
    session: SessionId,
    arrival: &Arrival,
    seat: &Customer,
    last_seen: Option<u64>,
) -> Plan {
    let mut plan = Plan::new();
    if let Some(before) = seat.session {
        plan.push(Step::Cut(before, CutReason::Replaced));
        plan.push(Step::Live(Live::Unseated(seat.id)));
        plan.push(Step::Live(Live::Gone(before, Line::scrubbed("seat taken up elsewhere"))));
    }
    let person = guest(state, now, arrival, seat.source());
    plan.push(welcome(state, session, &person, Some((seat, None, true))));
    plan.push(Step::Live(Live::Arrived(session, Box::new(person))));
    plan.push(Step::Live(Live::Seated(seat.id, session)));
    if seat.absence.is_some() {
        let fact = Fact::CustomerBack { customer: seat.id };
        plan.push(Step::Fact(Actor::Customer(seat.id), fact, Vec::new()));
    }
    plan.push(Step::Tell(session, Text::WelcomeBack(state.live(seat).is_some())));
    let told = seat.current_absence().map_or(state.counters().seq, |a| a.seen);
    let seen = last_seen.map_or(told, Seq);
    let lines: Vec<Said> = super::lines::lines_for_customer(state, seat)
        .filter(|said| super::lines::stored(said).is_some_and(|n| n > seen.0))
        .collect();
    if !lines.is_empty() {
        let channel = seat.channel.clone();
        plan.push(Step::Reply(session, Reply::History { channel, lines, unasked: false }));
    }
    plan
}

/// Base64url without padding (RFC 4648 section 5).
fn base64url(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group =
            chunk.iter().fold(0u32, |g, b| (g << 8) | u32::from(*b)) << (8 * (3 - chunk.len()));
        for i in 0..=chunk.len() {
            let index = (group >> (18 - 6 * i)) & 63;
            text.push(char::from(ALPHABET[index as usize]));
        }
    }
    text
}

/// A session ends.
pub(super) fn leave(state: &State, ctx: &Context, departure: &Departure) -> Plan {
    let (quit, text) = match departure {
        // Source: Modern IRC "QUIT message".
        Departure::Quit(text) => {
            let words = text.as_ref().map_or("", Line::as_str);
            (true, Line::scrubbed(&format!("Quit: {words}")))
        }
        Departure::Lost(text) => (false, text.clone()),
    };
    let mut plan = Plan::new();
    match ctx.person.customer.and_then(|id| state.customer(id)) {
        Some(customer) => {
            if quit && let Some(conversation) = state.live(customer) {
                plan.extend(course::customer_leaves(state, ctx.now, conversation));
            }
            plan.extend(absent(state, ctx.now, customer.id));
            plan.push(Step::Live(Live::Gone(ctx.session, text)));
            if !customer.known {
                plan.push(Step::Live(Live::Vanished(customer.id)));
            }
        }
        None => {
            plan.extend(staff_leaves(state, ctx));
            plan.push(Step::Live(Live::Gone(ctx.session, text)));
        }
    }
    if quit {
        let why = match departure {
            Departure::Quit(text) => text.clone(),
            Departure::Lost(_) => None,
        };
        plan.push(Step::Cut(ctx.session, CutReason::Quit(why)));
    }
    plan
}

/// What the loss of one staff session means for the conversations its account is in.
fn staff_leaves(state: &State, ctx: &Context) -> Plan {
    let mut plan = Plan::new();
    let Some(account) = ctx.account() else { return plan };
    let last = state.sessions_of(account) == [ctx.session];
    // What remains are clients that nobody sits at.
    let deserted = !last && !ctx.person.is_unattended() && !state.attended(account, ctx.session);
    if deserted && state.agent(account).is_some_and(|a| a.ready) {
        let fact = Fact::Readiness { agent: account.clone(), ready: false, missed: false };
        plan.push(Step::Fact(Actor::Staff(account.clone()), fact, Vec::new()));
    }
    for id in &ctx.person.lounges {
        let Some(customer) = state.customer(*id) else { continue };
        if let Some(conversation) = state.live(customer) {
            let leaving = Some(ctx.session);
            plan.extend(seat_lost(state, ctx.now, (customer, conversation), (account, leaving)));
        }
    }
    if last {
        for conversation in state.conversations() {
            let id = conversation.id;
            let rung = match (&conversation.status, &conversation.transfer) {
                (Status::Offered { to, .. }, _) => to == account,
                (_, Some(t)) => t.to == Taker::Agent(account.clone()) && !t.introduced,
                _ => false,
            };
            if rung {
                let fact = Fact::OfferEnded {
                    conversation: id,
                    to: Some(account.clone()),
                    outcome: OfferOutcome::TakerLost,
                };
                plan.push(Step::Fact(Actor::Desk, fact, Vec::new()));
            }
        }
    }
    plan
}

/// A client of an account left a conversation's channel without a PART (or, with no `leaving`, may be
/// gone): what ends with its last seat there.
pub(super) fn seat_lost(
    state: &State,
    now: Timestamp,
    (customer, conversation): (&Customer, &Conversation),
    (account, leaving): (&AccountName, Option<SessionId>),
) -> Plan {
    // A client that only watches does not hold the place of one that speaks, nor the reverse.
    let stays = |watching: bool| {
        let kind = move |standing| (standing == Standing::Watcher) == watching;
        let mut seats = state.seats_of(customer, account);
        seats.any(|(session, standing)| Some(session) != leaving && kind(standing))
    };
    let id = conversation.id;
    let mut plan = Plan::new();
    let desk = |fact| Step::Fact(Actor::Desk, fact, Vec::new());
    if conversation.watchers.contains(account) && !stays(true) {
        plan.push(desk(Fact::WatchEnded { conversation: id, watcher: account.clone() }));
    }
    if stays(false) {
        return plan;
    }
    if conversation.is_owned_by(account) && conversation.owner_lost.is_none() {
        let span = state.settings.owner_lost;
        if !span.is_zero() {
            plan.push(desk(Fact::OwnerLost { conversation: id, deadline: now + span }));
        }
    }
    if matches!(&conversation.status, Status::Bot { bot } if bot == account) {
        plan.push(requeue(conversation, Actor::Desk, Reason::BotLost));
    }
    let taker = conversation
        .transfer
        .as_ref()
        .is_some_and(|t| t.introduced && t.to == Taker::Agent(account.clone()));
    if taker {
        let outcome = OfferOutcome::TakerLost;
        plan.push(desk(Fact::OfferEnded { conversation: id, to: Some(account.clone()), outcome }));
    }
    plan
}

/// What nobody's connection says any more, written down: after a restart, and after a time in
/// which the disk took no writes. After a restart nobody knows what reached a customer; while the
/// disk refused, nothing was said that they could have missed.
pub(super) fn reconcile(state: &State, now: Timestamp, restarted: bool) -> Plan {
    let mut plan = Plan::new();
    for customer in state.customers().filter(|c| c.known) {
        // Who came and went again while the disk refused is absent anew.
        match (customer.session, customer.current_absence()) {
            (None, None) => {
                // After a restart not even their own words count as seen, since these are stored
                // before they are echoed: all that is remembered is shown again, unless they
                // name the last they have.
                let seen = if restarted { Seq(0) } else { state.counters().seq };
                let settings = &state.settings;
                let fact = Fact::CustomerLost {
                    customer: customer.id,
                    seat_until: now + settings.seat,
                    resumable_until: now + settings.resumable.max(settings.seat),
                    seen,
                };
                plan.push(Step::Fact(Actor::Desk, fact, Vec::new()));
            }
            (Some(_), _) if customer.absence.is_some() => {
                let fact = Fact::CustomerBack { customer: customer.id };
                plan.push(Step::Fact(Actor::Customer(customer.id), fact, Vec::new()));
            }
            (None, Some(_)) | (Some(_), _) => {}
        }
    }
    for conversation in state.conversations() {
        let Some(customer) = state.customer(conversation.customer) else { continue };
        let mut gone: BTreeSet<&AccountName> = conversation.watchers.iter().collect();
        match &conversation.status {
            Status::Owned { owner } => {
                gone.insert(owner);
            }
            Status::Bot { bot } => {
                gone.insert(bot);
            }
            Status::Queued | Status::Offered { .. } | Status::Wrapup { .. } => {}
        }
        if let Some(transfer) = conversation.transfer.as_ref().filter(|t| t.introduced)
            && let Taker::Agent(taker) = &transfer.to
        {
            gone.insert(taker);
        }
        for account in gone {
            plan.extend(seat_lost(state, now, (customer, conversation), (account, None)));
        }
    }
    plan
}

/// Signed in or out after registration. A customer who signs in leaves their seat.
pub(super) fn sign_in(
    state: &State,
    ctx: &Context,
    account: Option<&(AccountName, Role)>,
) -> Result<Plan, Refusal> {
    if ctx.person.customer.is_some() {
        // Customers' channels are made at registration; an account begins with its own connection.
        return Err(Refusal::NotPermitted);
    }
    let account = match account {
        Some((account, role)) => {
            let role = role_now(state, account, *role).ok_or(Refusal::NotPermitted)?;
            Some((account.clone(), role))
        }
        None => None,
    };
    if let Some((account, _)) = &account {
        let source = Source { account: Some(account.clone()), ..(*ctx.person.source).clone() };
        let block = blocks::hits(state, ctx.now, &ctx.person.address, Some(&source));
        if let Some(block) = block {
            return Ok(blocks::put_out(state, ctx, &block.reason));
        }
    }
    let mut plan = staff_leaves(state, ctx);
    // An admin's rights come and go with the account; an operator block's have nothing to do with it.
    let before = ctx.account().map(AccountName::shared);
    let admin = account.as_ref().filter(|(_, role)| *role == Role::Admin);
    let risen = admin.map(|(account, _)| account.shared());
    if risen.is_some() || ctx.person.is_operator() && ctx.person.operator == before {
        plan.push(Step::Live(Live::Operator(ctx.session, risen)));
    }
    for id in &ctx.person.lounges {
        let (customer, session) = (*id, ctx.session);
        plan.push(Step::Live(Live::StaffOut { customer, session, reason: None, quiet: false }));
    }
    // Department channels are for those who serve there.
    for key in &ctx.person.rooms {
        let department = state.room(key).and_then(|room| room.department.as_ref());
        let serves = |(name, role): &(AccountName, Role)| {
            *role >= Role::Supervisor || department.is_some_and(|d| state.serves(name, d))
        };
        if department.is_some() && !account.as_ref().is_some_and(serves) {
            plan.push(Step::Live(Live::Room(key.clone(), RoomChange::Parted(ctx.session, None))));
        }
    }
    let given = (&ctx.person.user, &ctx.person.host);
    let (user, host) = seen_as(state, given, account.as_ref().map(|(name, role)| (name, *role)));
    let seen = &ctx.person.source;
    let moved = seen.user != user || seen.host != host;
    let name = account.as_ref().map(|(name, _)| name.clone());
    plan.push(Step::Live(Live::SignedIn(ctx.session, account)));
    if moved {
        plan.push(Step::Live(Live::Rehosted(ctx.session, user, host)));
    }
    plan.extend(name.and_then(|name| readied(state, ctx.session, &name, ctx.person.away.as_ref())));
    Ok(plan)
}

/// What a member of staff who arrives should know: conversations that wait for them.
pub(super) fn reminders(state: &State, session: SessionId, account: &AccountName) -> Plan {
    let mut plan = Plan::new();
    for conversation in state.conversations() {
        let Some(channel) = state.channel_of(conversation) else { continue };
        let mine = conversation.is_owned_by(account);
        let offered =
            conversation.transfer.as_ref().is_some_and(|t| t.to == Taker::Agent(account.clone()));
        if mine || offered {
            plan.push(Step::Live(Live::Invited(session, channel.folded(), true)));
        }
    }
    plan
}
