//! What people do: one random deed at a time, sensible and senseless.

use crate::cast::*;
use crate::world::{Who, World};
use std::time::Duration;
use switchboard::base::ids::SessionId;
use switchboard::base::text::{AccountName, ChannelName, Folded, Nick};
use switchboard::desk::language::command::*;
use switchboard::desk::language::fact::{Fact, Taking};
use switchboard::desk::language::people::Role;
use switchboard::desk::state::conversation::{Conversation, Status};

/// One step of the story.
pub(crate) fn deed(world: &mut World) {
    match world.rng.weighted(&[38, 44, 12, 6]) {
        0 => customer(world),
        1 => staff(world),
        2 => time(world),
        _ => trouble(world),
    }
    if world.rng.chance(45) {
        world.seal();
    }
    world.settle_some();
}

fn time(world: &mut World) {
    let ms = match world.rng.weighted(&[30, 30, 20, 15, 5]) {
        0 => world.rng.below(200),
        1 => world.rng.below(5_000),
        2 => world.rng.below(35_000),
        3 => world.rng.below(130_000),
        _ => world.rng.below(1_200_000),
    };
    world.pass(Duration::from_millis(u64::try_from(ms).unwrap()));
}

fn trouble(world: &mut World) {
    if !world.faulty {
        return;
    }
    if world.storage {
        if world.rng.chance(25) {
            world.crash();
        }
    } else if world.rng.chance(60) {
        world.mend();
    }
}

// Customers.

fn customer(world: &mut World) {
    let i = world.rng.below(CUSTOMERS);
    let client = world.clients.customers.entry(i).or_default();
    let Some(session) = client.session else { return come(world, i) };
    match world.rng.weighted(&[50, 4, 6, 4, 6, 5, 12, 8, 5]) {
        0 => {
            let text = format!("{}-{}#", mark(i), world.steps);
            if let Some(own) = own_channel(world, session) {
                world.command(session, say(own.as_str(), &text), &[]);
            }
        }
        1 => {
            let quit = Command::Leave(Departure::Quit(None));
            world.command(session, quit, &[]);
        }
        2 => lose(world, i, session),
        3 => {
            // The connection is dead and the server does not know it yet.
            let decided = world.state().counters().seq.0;
            world.tell(format!("customer {i} is gone without a word"));
            let client = world.clients.customers.entry(i).or_default();
            client.lose(decided);
        }
        4 => wish(world, session),
        5 => {
            let nick = Nick::parse(&format!("{}x{}", mark(i), world.rng.below(9))).unwrap();
            world.command(session, Command::Nick(nick), &[]);
        }
        6 => misbehave(world, session),
        7 => {
            let client = world.clients.customers.entry(i).or_default();
            client.slow = !client.slow;
            if !client.slow {
                client.read_all();
            }
        }
        _ => {
            let Some(own) = own_channel(world, session) else { return };
            let Command::Say(words) = say(own.as_str(), "") else { return };
            let tags = Some("+typing=active".into());
            let words = Say { verb: Verb::Tag, tags, ..words };
            world.command(session, Command::Say(words), &[]);
        }
    }
}

/// A customer connects; most with the token they have.
pub(crate) fn come(world: &mut World, i: usize) {
    let session = world.open(Who::Customer(i));
    let number = world.rng.next() >> 1;
    let mut arrival = arrival(&mark(i), number);
    if world.rng.chance(30) {
        arrival.department = world.rng.pick(&DEPARTMENTS).map(|d| department(d));
    }
    let decided = world.state().counters().seq.0;
    let client = world.clients.customers.entry(i).or_default();
    let silent = client.last_seen().is_none();
    if let Some((_, to)) = client.lost.last_mut().filter(|_| silent) {
        // What was sent to a connection that was dead without the server's knowing.
        let ghost = client.token.map(|number| token(number).digest);
        let seat = world.desk.state().customers().find(|c| Some(c.token) == ghost);
        *to = if seat.is_some_and(|c| c.session.is_some()) { decided } else { *to };
    }
    if client.token.is_none() {
        client.keeps_ids = !number.is_multiple_of(3);
    }
    client.offered = number;
    client.session = Some(session);
    arrival.resume = client
        .token
        .map(|number| Resume { digest: token(number).digest, last_seen: client.last_seen() });
    if world.rng.chance(10) {
        arrival.resume = None;
    }
    world.command(session, Command::Arrive(Box::new(arrival)), &[]);
}

fn lose(world: &mut World, i: usize, session: SessionId) {
    let decided = world.state().counters().seq.0;
    world.clients.customers.entry(i).or_default().lose(decided);
    world.command(session, Command::Leave(Departure::Lost(line("read error"))), &[]);
}

fn own_channel(world: &World, session: SessionId) -> Option<ChannelName> {
    let id = world.state().person(session)?.customer?;
    world.state().customer(id).map(|c| c.channel.clone())
}

fn wish(world: &mut World, session: SessionId) {
    let command = match world.rng.below(4) {
        0 => desk(None, DeskVerb::Rate { stars: 1 + (world.steps % 5) as u8, comment: None }),
        1 => desk(None, DeskVerb::Email(line("a@example.org"))),
        2 => {
            let wanted = department(world.rng.pick(&DEPARTMENTS).unwrap());
            desk(None, DeskVerb::AskFor(wanted))
        }
        _ => match own_channel(world, session) {
            Some(own) => say(own.as_str(), "human"),
            None => return,
        },
    };
    world.command(session, command, &[]);
}

/// Everything that is none of a customer's business, aimed at somebody else.
fn misbehave(world: &mut World, session: SessionId) {
    let others: Vec<String> = world
        .state()
        .customers()
        .filter(|c| c.session != Some(session))
        .flat_map(|c| [c.nick.to_string(), c.channel.to_string()])
        .collect();
    let mut names = others;
    names.extend(["ann", "ghost", "#support", "desk", "nobody"].map(str::to_owned));
    let name = world.rng.pick(&names).cloned().unwrap();
    let channel = ChannelName::parse(&format!("#{}", name.trim_start_matches('#'))).unwrap();
    let (nick, typed) = (Folded::of(&name), line(&name));
    let command = match world.rng.below(16) {
        0 => say(&name, "hello you"),
        1 => say(&format!("@{channel}"), "hello staff"),
        2 => Command::Join { channel: channel.clone(), key: None },
        3 => Command::Part { channel: channel.clone(), reason: None },
        4 => Command::Topic { channel: channel.clone(), text: None },
        5 => Command::Kick { channel: channel.clone(), nick, reason: None },
        6 => Command::Invite { nick, channel: channel.clone() },
        7 => Command::Ask(Question::Whois(typed)),
        8 => Command::Ask(Question::Who { mask: typed, operators: false }),
        9 => Command::Ask(Question::Names(channel.clone())),
        10 => Command::Ask(Question::List(ListFilter::default())),
        11 => Command::Ask(Question::Monitor(MonitorChange::Add(vec![typed]))),
        12 => desk(Some(&channel), DeskVerb::Claim),
        13 => desk(Some(&channel), DeskVerb::Card),
        14 => Command::Ask(Question::Whowas { nick: typed, count: None }),
        _ => Command::ChannelModes { channel: channel.clone(), changes: Vec::new() },
    };
    let bare = name.trim_start_matches('#').to_owned();
    world.command(session, command, &[channel.to_string(), name, bare]);
}

// Staff.

fn staff(world: &mut World) {
    let (name, role) = *world.rng.pick(&STAFF).unwrap();
    let me = account(name);
    let sessions = world.state().sessions_of(&me).to_vec();
    if sessions.is_empty() || sessions.len() < 2 && world.rng.chance(4) {
        return sign_in(world, name, role, sessions.len());
    }
    let session = *world.rng.pick(&sessions).unwrap();
    if world.rng.chance(4) {
        let why = if world.rng.chance(50) {
            Departure::Quit(None)
        } else {
            Departure::Lost(line("no answer"))
        };
        world.command(session, Command::Leave(why), &[]);
        if !world.state().persons().any(|(s, _)| s == session) {
            world.sessions.remove(&session);
        }
        return;
    }
    match (name, role) {
        (UNSEEN, _) => unseen(world, session, &me),
        (_, Role::Bot) => bot(world, session, &me),
        (_, Role::Supervisor) if world.rng.chance(40) => supervise(world, session, &me),
        _ => agent(world, session, &me),
    }
}

fn sign_in(world: &mut World, name: &str, role: Role, nth: usize) {
    let which = STAFF.iter().position(|(n, _)| *n == name).unwrap();
    let session = world.open(Who::Staff(which));
    let number = world.rng.next() >> 1;
    let nick = if nth == 0 { name.to_owned() } else { format!("{name}_{nth}") };
    let mut arrival = arrival(&nick, number);
    arrival.account = Some((account(name), role));
    world.command(session, Command::Arrive(Box::new(arrival)), &[]);
}

/// A customer's channel, mostly one in which something goes on for this account.
fn some_channel(world: &mut World, me: &AccountName) -> Option<ChannelName> {
    let state = world.state();
    let concerns = |c: &Conversation| {
        c.owner() == Some(me)
            || matches!(&c.status, Status::Offered { to, .. } if to == me)
            || c.transfer.is_some()
            || c.helpers.contains(me)
    };
    let mine: Vec<_> = state.conversations().filter(|c| concerns(c)).map(|c| c.customer).collect();
    let live: Vec<_> = state.conversations().map(|c| c.customer).collect();
    let all: Vec<_> = state.customers().map(|c| c.id).collect();
    let from = match world.rng.below(10) {
        0..6 if !mine.is_empty() => mine,
        0..9 if !live.is_empty() => live,
        _ => all,
    };
    let id = *world.rng.pick(&from)?;
    world.state().customer(id).map(|c| c.channel.clone())
}

fn secret(world: &World) -> String {
    format!("{STAFF_ONLY}-{}#", world.steps)
}

fn agent(world: &mut World, session: SessionId, me: &AccountName) {
    if world.rng.chance(22) {
        return take(world, session, me);
    }
    let Some(channel) = some_channel(world, me) else { return };
    let (why, at) = (Some(line(&secret(world))), Some(&channel));
    let command = match world.rng.weighted(&[30, 8, 6, 10, 4, 4, 4, 6, 4, 4, 4, 6, 3, 4, 4, 4]) {
        0 => say(channel.as_str(), &format!("answer {}#", world.steps)),
        1 => say(&format!("@{channel}"), &secret(world)),
        2 => desk(at, DeskVerb::Note(line(&secret(world)))),
        3 => desk(at, transfer(world, why)),
        4 => desk(at, DeskVerb::Handover),
        5 => desk(at, DeskVerb::Cancel),
        6 => desk(at, DeskVerb::Release),
        7 => Command::Part { channel: channel.clone(), reason: None },
        8 => desk(at, DeskVerb::Hold { within: None, why: None }),
        9 => desk(at, DeskVerb::Resume),
        10 => desk(at, DeskVerb::Tag(vec![(world.rng.chance(70), line(STAFF_ONLY))])),
        11 => desk(at, DeskVerb::Close(why)),
        12 => desk(at, DeskVerb::Urgent(world.rng.chance(60))),
        13 => say(channel.as_str(), &format!("!clsoe {}", secret(world))),
        14 => desk(at, DeskVerb::Decline(why)),
        _ => return idle_words(world, session, me),
    };
    world.command(session, command, &[]);
}

/// Ways to get a conversation.
fn take(world: &mut World, session: SessionId, me: &AccountName) {
    if world.rng.chance(40) {
        return next_in_line(world, session, me);
    }
    let Some(channel) = some_channel(world, me) else { return };
    let command = match world.rng.below(4) {
        0 | 1 => Command::Join { channel, key: None },
        2 => desk(Some(&channel), DeskVerb::Claim),
        _ => desk(if world.rng.chance(50) { Some(&channel) } else { None }, DeskVerb::Accept),
    };
    world.command(session, command, &[]);
}

/// CLAIM with no channel takes the first in line, and nobody else.
fn next_in_line(world: &mut World, session: SessionId, me: &AccountName) {
    let state = world.state();
    let any = state.agent(me).and_then(|a| a.role).is_some_and(|r| r >= Role::Supervisor);
    let first = DEPARTMENTS
        .iter()
        .map(|d| department(d))
        .filter(|d| any || state.serves(me, d))
        .flat_map(|d| state.waiting(&d).collect::<Vec<_>>())
        .filter(|c| c.status == Status::Queued)
        .min_by_key(|c| (c.class, c.place))
        .map(|c| c.id);
    let before = state.counters().seq;
    world.command(session, desk(None, DeskVerb::Claim), &[]);
    let taken = world.unsettled().filter(|e| e.seq > before).find_map(|e| match &e.fact {
        Fact::Owned { conversation, how: Taking::Claimed, .. } => Some(*conversation),
        _ => None,
    });
    assert!(taken.is_none() || taken == first, "took {taken:?}, first in line was {first:?}");
}

fn transfer(world: &mut World, why: Option<switchboard::base::text::Line>) -> DeskVerb {
    let to = if world.rng.chance(70) {
        TransferTo::Agent(Folded::of(world.rng.pick(&STAFF).unwrap().0))
    } else {
        TransferTo::Department(department(world.rng.pick(&DEPARTMENTS).unwrap()))
    };
    DeskVerb::Transfer { to, warm: world.rng.chance(50), why }
}

/// What staff do that is about themselves or each other.
fn idle_words(world: &mut World, session: SessionId, me: &AccountName) {
    let text = secret(world);
    let command = match world.rng.below(8) {
        // What one is away for is told to whoever shares a channel, as on any IRC server.
        0 => Command::Away(Some(line("lunch"))),
        1 | 2 => Command::Away(None),
        3 => desk(None, DeskVerb::Ready),
        4 => {
            let most = u32::try_from(1 + world.rng.below(6)).unwrap();
            desk(None, DeskVerb::Capacity(Some(most)))
        }
        5 => say("#support", &text),
        6 => say("bob", &text),
        _ => {
            let Some(channel) = some_channel(world, me) else { return };
            let arguments = vec![line(me.as_str())];
            desk(Some(&channel), DeskVerb::Say { template: line("hello"), arguments })
        }
    };
    world.command(session, command, &[]);
}

fn supervise(world: &mut World, session: SessionId, me: &AccountName) {
    let Some(channel) = some_channel(world, me) else { return };
    let at = Some(&channel);
    let command = match world.rng.below(8) {
        0 => desk(at, DeskVerb::Takeover),
        1 => desk(at, DeskVerb::Barge),
        2 => desk(at, DeskVerb::Watch),
        3 => desk(at, DeskVerb::Unwatch),
        4 if world.rng.chance(15) => {
            let nick = channel.as_str().trim_start_matches("#c-").to_owned();
            let span = Duration::from_secs(600);
            desk(None, DeskVerb::Block { who: line(&nick), span, why: line("rude") })
        }
        5 => desk(None, DeskVerb::Unblock(line("192.0.2.7"))),
        6 => {
            let ranks = Command::Part { channel: channel.clone(), reason: None };
            if world.rng.chance(50) { ranks } else { desk(at, DeskVerb::Why) }
        }
        _ => desk(at, transfer(world, None)),
    };
    world.command(session, command, &[]);
}

fn unseen(world: &mut World, session: SessionId, me: &AccountName) {
    let Some(channel) = some_channel(world, me) else { return };
    let at = Some(&channel);
    let command = match world.rng.below(8) {
        0..3 => desk(at, DeskVerb::Watch),
        3 => desk(at, DeskVerb::Unwatch),
        4 => say(&format!("@{channel}"), &secret(world)),
        5 => desk(at, DeskVerb::Note(line(&secret(world)))),
        6 => say(channel.as_str(), &secret(world)),
        _ => Command::Part { channel: channel.clone(), reason: Some(line(&secret(world))) },
    };
    let there = world.state().lounge(&channel.folded()).and_then(|c| c.standing(session));
    // Words in the open are only tried while watching, where they are refused.
    let open = matches!(&command, Command::Say(say) if !say.target.as_str().starts_with('@'));
    let watches = there == Some(switchboard::desk::state::people::Standing::Watcher);
    if !open || watches || there.is_none() {
        world.command(session, command, &[]);
    }
}

fn bot(world: &mut World, session: SessionId, me: &AccountName) {
    let theirs = |c: &&Conversation| matches!(&c.status, Status::Bot { bot } if bot == me);
    let held: Vec<_> = world.state().conversations().filter(theirs).map(|c| c.customer).collect();
    let channel = match world.rng.pick(&held).and_then(|id| world.desk.state().customer(*id)) {
        Some(customer) => customer.channel.clone(),
        None => match some_channel(world, me) {
            Some(channel) => channel,
            None => return,
        },
    };
    let at = Some(&channel);
    let command = match world.rng.below(6) {
        0..3 => say(channel.as_str(), &format!("I am a program {}#", world.steps)),
        3 => desk(at, DeskVerb::Release),
        4 => desk(at, transfer(world, None)),
        _ => Command::Part { channel, reason: None },
    };
    world.command(session, command, &[]);
}
