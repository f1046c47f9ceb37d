//! Coming: arrivals, seats taken up again, sign-in.

use super::change::{Live, Plan, RoomChange, Step};
use super::context::Context;
use super::language::command::Arrival;
use super::language::fact::Fact;
use super::language::notice::{Counts, CutReason, Reply, Said, Welcome};
use super::language::people::{Actor, Role, Source};
use super::language::refusal::Refusal;
use super::language::text::Text;
use super::nicks::{coded_nick, draw_code, free_nick, lookalike_of_staff};
use super::settings::Guests;
use super::state::conversation::Taker;
use super::state::people::{Customer, Person};
use super::state::{State, staff_source};
use super::steps::absent;
use super::{blocks, clients, depart, presence, queries};
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
    let mut plan = depart::staff_leaves(state, ctx);
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
