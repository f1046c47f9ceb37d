//! Words in a customer's channel: the customer's, staff's, whispers, notes and templates.

use super::change::{Address, Live, Plan, Step};
use super::context::Context;
use super::language::command::{Say, Verb};
use super::language::fact::{Fact, Hearers, Reason};
use super::language::notice::{MessageId, Said};
use super::language::people::{Actor, Role};
use super::language::refusal::{CannotSend, DeskRefusal, Refusal};
use super::language::text::Text;
use super::language::words::kept;
use super::lines::target;
use super::state::State;
use super::state::conversation::{Conversation, Status};
use super::state::people::{Customer, Standing};
use super::steps::{account, meant, no, requeue};
use crate::base::ids::ConversationId;
use crate::base::text::{ChannelName, Line, truncate};

/// Words that a customer in a bot's hands says to reach a person.
const ASKS_FOR_PERSON: [&str; 4] = ["human", "person", "agent", "operator"];

/// Words to a customer's channel; `staff_only` for `@#channel`.
pub(super) fn in_lounge(
    state: &State,
    ctx: &Context,
    customer: &Customer,
    (say, staff_only): (&Say, bool),
) -> Result<Plan, Refusal> {
    if ctx.person.customer == Some(customer.id) && !staff_only {
        return Ok(from_customer(state, ctx, customer, say));
    }
    if !ctx.person.is_staff() {
        return Err(Refusal::NoSuchChannel(customer.channel.shared()));
    }
    let name = customer.channel.shared();
    let Some(standing) = customer.standing(ctx.session) else {
        return Err(Refusal::CannotSend(name, CannotSend::Outside));
    };
    if staff_only {
        return staff_words(state, ctx, customer, (Hearers::Staff, say));
    }
    if standing != Standing::Member {
        return Err(Refusal::CannotSend(name, CannotSend::Watching));
    }
    if !say.literal && say.verb == Verb::Privmsg && said_lines(say).any(looks_like_command) {
        return Err(Refusal::CannotSend(name, CannotSend::LooksLikeCommand));
    }
    staff_words(state, ctx, customer, (Hearers::Everyone, say))
}

/// The lines of a message, those left out that continue another.
fn said_lines(say: &Say) -> impl Iterator<Item = &str> {
    let further = say.more.iter().filter(|further| !further.joined);
    std::iter::once(&say.text).chain(further.map(|further| &further.text)).map(Line::as_str)
}

/// True for what was meant for a client or the desk, not for a customer: `/x`, ` /x`, `!x`, or a
/// desk command's name in capitals at the start.
fn looks_like_command(text: &str) -> bool {
    let text = text.trim_start();
    let mut letters = text.chars();
    let first = letters.next();
    let second = letters.next().is_some_and(|c| c.is_ascii_alphabetic());
    (matches!(first, Some('/' | '!' | '.')) && second) || first == Some('!')
}

fn passing(ctx: &Context, customer: &Customer, say: &Say, hearers: Hearers) -> Step {
    let said = Said {
        id: MessageId::Passing(0, 0),
        at: ctx.now,
        from: ctx.person.source.clone(),
        sender: Some(ctx.session),
        target: target(&customer.channel, hearers),
        verb: say.verb,
        text: say.text.clone(),
        tags: say.tags.clone(),
        more: Vec::new(),
        hearers,
        replayed: false,
    };
    Step::Live(Live::Passing(Address::Lounge(customer.id, hearers), Box::new(said)))
}

fn staff_words(
    state: &State,
    ctx: &Context,
    customer: &Customer,
    (hearers, say): (Hearers, &Say),
) -> Result<Plan, Refusal> {
    let name = customer.channel.shared();
    // Whoever types where nothing can be said just now is told when they say it.
    let barred = |why| match say.verb {
        Verb::Tag => Ok(Plan::new()),
        Verb::Privmsg | Verb::Notice => Err(Refusal::CannotSend(name.clone(), why)),
    };
    let Some(conversation) = state.live(customer) else {
        return barred(CannotSend::NoConversation);
    };
    let me = account(ctx)?;
    if hearers == Hearers::Everyone {
        if matches!(conversation.status, Status::Wrapup { .. }) {
            return barred(CannotSend::NoConversation);
        }
        // A bot speaks while it has the conversation; after that the server takes its words.
        let its_turn = matches!(&conversation.status, Status::Bot { bot } if bot == me);
        if ctx.person.role == Role::Bot && !its_turn {
            return barred(CannotSend::BotSilenced);
        }
    }
    if say.verb == Verb::Tag {
        return Ok(vec![passing(ctx, customer, say, hearers)]);
    }
    let mut plan = Plan::with_capacity(1);
    if hearers == Hearers::Everyone && conversation.is_owned_by(me) && conversation.hold.is_some() {
        let (id, reason) = (conversation.id, Reason::Spoke);
        plan.push(Step::Fact(ctx.actor(), Fact::Unheld { conversation: id, reason }, Vec::new()));
    }
    plan.push(said(ctx, conversation.id, hearers, say));
    Ok(plan)
}

fn said(ctx: &Context, conversation: ConversationId, to: Hearers, say: &Say) -> Step {
    let fact = Fact::Said { conversation, to, verb: say.verb };
    Step::Fact(ctx.actor(), fact, kept(&say.text, say.tags.as_ref(), &say.more))
}

fn from_customer(state: &State, ctx: &Context, customer: &Customer, say: &Say) -> Plan {
    if say.verb == Verb::Tag {
        return vec![passing(ctx, customer, say, Hearers::Everyone)];
    }
    if said_lines(say).all(|line| line.trim().is_empty()) {
        return Plan::new();
    }
    let mut plan = Plan::with_capacity(1);
    let live = state.live(customer);
    let Some(conversation) = live.filter(|c| !matches!(c.status, Status::Wrapup { .. })) else {
        if let Some(Conversation { id, status: Status::Wrapup { reason, .. }, .. }) = live {
            let fact = Fact::Closed { conversation: *id, reason: *reason };
            plan.push(Step::Fact(Actor::Desk, fact, Vec::new()));
        }
        plan.extend(open(state, ctx, customer, (say, live.map(|c| c.id), plan.len())));
        return plan;
    };
    let id = conversation.id;
    if conversation.hold.is_some() {
        let fact = Fact::Unheld { conversation: id, reason: Reason::Spoke };
        plan.push(Step::Fact(ctx.actor(), fact, Vec::new()));
    }
    plan.push(said(ctx, id, Hearers::Everyone, say));
    if let Status::Bot { bot } = &conversation.status {
        let asks = |line: &str| ASKS_FOR_PERSON.contains(&&*line.trim().to_ascii_lowercase());
        if said_lines(say).any(asks) {
            plan.push(requeue(conversation, ctx.actor(), Reason::AskedForPerson));
            plan.extend(super::steps::oust(
                state,
                customer,
                bot,
                "the customer asked for a person",
            ));
        }
    }
    plan
}

/// The first line of a conversation, after `facts` facts of the plan it belongs to; `sealed` is the
/// one that this line put an end to.
fn open(
    state: &State,
    ctx: &Context,
    customer: &Customer,
    (say, sealed, facts): (&Say, Option<ConversationId>, usize),
) -> Plan {
    let actor = Actor::Customer(customer.id);
    let mut plan = Plan::new();
    if !customer.known {
        let fact = Fact::CustomerKnown {
            customer: customer.id,
            code: customer.code.clone(),
            channel: customer.channel.clone(),
            token: customer.token,
        };
        let words = vec![
            Line::scrubbed(customer.nick.as_str()),
            Line::scrubbed(customer.user.as_str()),
            customer.realname.clone(),
            Line::scrubbed(&customer.address),
        ];
        plan.push(Step::Fact(actor.clone(), fact, words));
    }
    let id = ConversationId(state.counters().conversation.0 + 1);
    let asked = Some(&customer.department).filter(|d| state.department(d).is_some());
    let department = asked.unwrap_or(state.default_department()).clone();
    let opened = Fact::Opened {
        conversation: id,
        customer: customer.id,
        department: department.clone(),
        previous: sealed.or(customer.last_conversation),
        preferred: customer.last_owner.clone(),
    };
    plan.push(Step::Fact(actor.clone(), opened, Vec::new()));
    let responder = state
        .department(&department)
        .and_then(|d| d.first_responder.as_ref())
        .filter(|bot| !state.sessions_of(bot).is_empty());
    // A bot is in the channel before the first line is said, so that it hears it like any other.
    for session in responder.map_or(&[][..], |bot| state.sessions_of(bot)) {
        plan.push(Step::Live(Live::StaffIn(customer.id, *session, Standing::Member)));
    }
    plan.push(said(ctx, id, Hearers::Everyone, say));
    if let Some(bot) = responder {
        let speak_by = ctx.now + state.settings.bot_silent;
        let fact = Fact::BotOwned { conversation: id, bot: bot.clone(), speak_by };
        plan.push(Step::Fact(Actor::Desk, fact, Vec::new()));
        return plan;
    }
    let fact = Fact::Queued {
        conversation: id,
        department,
        class: super::language::fact::Class::Normal,
        place: place_of_opened(&plan, state, facts),
        reason: Reason::FirstLine,
    };
    plan.push(Step::Fact(actor, fact, Vec::new()));
    plan
}

/// The seq that `Opened` will have when this plan is carried out: the order of arrival.
fn place_of_opened(plan: &Plan, state: &State, earlier: usize) -> i64 {
    let facts = plan.iter().filter_map(|step| match step {
        Step::Fact(_, fact, _) => Some(fact),
        _ => None,
    });
    let before = earlier + facts.take_while(|fact| !matches!(fact, Fact::Opened { .. })).count();
    i64::try_from(state.counters().seq.0 + before as u64 + 1).unwrap_or(i64::MAX)
}

/// NOTE.
pub(super) fn note(
    state: &State,
    ctx: &Context,
    channel: Option<&ChannelName>,
    text: &Line,
) -> Result<Plan, Refusal> {
    let (customer, conversation) = meant(state, ctx, channel)?;
    account(ctx)?;
    let fact = Fact::Said { conversation: conversation.id, to: Hearers::Note, verb: Verb::Privmsg };
    Ok(vec![
        Step::Fact(ctx.actor(), fact, vec![text.clone()]),
        Step::Tell(ctx.session, Text::NoteKept(customer.channel.clone())),
    ])
}

/// SAY: a template, with its places filled.
pub(super) fn template(
    state: &State,
    ctx: &Context,
    channel: Option<&ChannelName>,
    (name, arguments): (&Line, &[Line]),
) -> Result<Plan, Refusal> {
    let (customer, _) = meant(state, ctx, channel)?;
    let templates = &state.settings.templates;
    let Some(body) = templates.get(name.as_str()) else {
        return no(DeskRefusal::NoSuchTemplate(name.shared()));
    };
    let wanted = (1..=9).rev().find(|n| body.contains(&format!("{{{n}}}"))).unwrap_or(0);
    if arguments.len() < wanted {
        return no(DeskRefusal::TemplateArguments(name.shared(), wanted));
    }
    let base = customer.nick.as_str().trim_end_matches(&*customer.code).trim_end_matches('-');
    let text = filled(body, |place| match place {
        "nick" => Some(base),
        "agent" => Some(ctx.person.nick().as_str()),
        number => {
            let number = number.parse::<usize>().ok().filter(|n| (1..=9).contains(n))?;
            arguments.get(number - 1).map(Line::as_str)
        }
    });
    let say = Say {
        target: Line::scrubbed(customer.channel.as_str()),
        verb: Verb::Privmsg,
        text: Line::scrubbed(truncate(&text, 400)),
        tags: None,
        more: Vec::new(),
        literal: true,
    };
    in_lounge(state, ctx, customer, (&say, false))
}

/// The body with its places filled, in one pass: what is filled in is words and never a place, for
/// a customer's nick may look like one.
fn filled<'a>(body: &'a str, value: impl Fn(&str) -> Option<&'a str>) -> String {
    let mut text = String::with_capacity(body.len() + 64);
    let mut rest = body;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let place = after.split_once('}').and_then(|(name, behind)| Some((value(name)?, behind)));
        rest = match place {
            Some((value, behind)) => {
                text.push_str(value);
                behind
            }
            None => {
                text.push('{');
                after
            }
        };
    }
    text.push_str(rest);
    text
}
