//! Ordinary IRC on the whole desk, and promise 2 and 4 as a property: whatever other customers do,
//! and whatever staff do behind a customer's back, the customer hears the very same.

use proptest::prelude::*;
use switchboard::base::ids::SessionId;
use switchboard::base::text::{AccountName, ChannelName, Folded, Line, Nick, UserName};
use switchboard::base::time::Timestamp;
use switchboard::desk::language::command::{
    Arrival, Command, Departure, DeskCommand, DeskVerb, ListFilter, ModeChange, MonitorChange,
    Question, Say, Token, TransferTo, Verb,
};
use switchboard::desk::language::notice::{Notice, Output, Reply};
use switchboard::desk::language::people::{Department, Role};
use switchboard::desk::language::refusal::Refusal;
use switchboard::desk::outcome::Outcome;
use switchboard::desk::settings::{Guests, Settings};
use switchboard::desk::{Desk, StaffAccount};

const BOB: SessionId = SessionId(2);
const CAROL: SessionId = SessionId(3);
const DAVE: SessionId = SessionId(4);
const ERIN: SessionId = SessionId(5);
const ANNA: SessionId = SessionId(11);

const STAFF: [(SessionId, &str, Role); 4] = [
    (BOB, "bob", Role::Agent),
    (CAROL, "carol", Role::Agent),
    (ERIN, "erin", Role::Agent),
    (DAVE, "dave", Role::Supervisor),
];

struct World {
    desk: Desk,
    out: Outcome,
    now: Timestamp,
}

fn line(text: &str) -> Line {
    Line::parse(text).unwrap()
}

fn chan(name: &str) -> ChannelName {
    ChannelName::parse(name).unwrap()
}

fn account(name: &str) -> AccountName {
    AccountName::parse(name).unwrap()
}

fn say(target: &str, verb: Verb, text: &str) -> Command {
    let (target, text) = (line(target), line(text));
    Command::Say(Say { target, verb, text, tags: None, more: Vec::new(), literal: false })
}

fn join(name: &str) -> Command {
    Command::Join { channel: chan(name), key: None }
}

fn modes(name: &str, add: bool, letter: char, argument: Option<&str>) -> Command {
    let change = ModeChange { add, letter, argument: argument.map(line) };
    Command::ChannelModes { channel: chan(name), changes: vec![change] }
}

fn desk(channel: Option<&str>, verb: DeskVerb) -> Command {
    Command::Desk(DeskCommand { channel: channel.map(chan), verb })
}

impl World {
    fn new(guests: Guests) -> Self {
        let desk = Desk::new(Settings { guests, ..Settings::default() }, 1);
        let mut world = Self { desk, out: Outcome::default(), now: Timestamp(1_000_000) };
        let staff = STAFF.map(|(_, name, role)| StaffAccount { name: account(name), role });
        world.desk.set_accounts(world.now, staff.to_vec(), &mut world.out);
        world
    }

    /// Does it and returns what came out, as text per recipient.
    fn act(&mut self, from: SessionId, command: &Command) -> Vec<(SessionId, String)> {
        self.now = Timestamp(self.now.0 + 10);
        self.out.clear();
        self.desk.handle(self.now, from, command, &mut self.out);
        let mut heard = Vec::new();
        for output in &self.out.outputs {
            match output {
                Output::Notice { to, notice } => {
                    let text = anonymous(&format!("{notice:?}"));
                    let to = &self.out.recipients[to.clone()];
                    heard.extend(to.iter().map(|session| (*session, text.clone())));
                }
                Output::Reply { to, reply } => heard.push((*to, anonymous(&format!("{reply:?}")))),
                Output::Cut { session, why } => heard.push((*session, format!("{why:?}"))),
                Output::Consult { to, query } => heard.push((*to, format!("{query:?}"))),
            }
        }
        heard
    }

    fn replies(&mut self, from: SessionId, command: &Command) -> Vec<Reply> {
        self.act(from, command);
        let replies = self.out.outputs.iter().filter_map(|output| match output {
            Output::Reply { to, reply } if *to == from => Some(reply.clone()),
            _ => None,
        });
        replies.collect()
    }

    fn refusal(&mut self, from: SessionId, command: &Command) -> Option<Refusal> {
        self.replies(from, command).into_iter().find_map(|reply| match reply {
            Reply::Refused { refusal, .. } => Some(refusal),
            _ => None,
        })
    }

    fn arrive(&mut self, session: SessionId, nick: &str, role: Option<Role>) {
        let seed = u8::try_from(session.0).unwrap();
        let arrival = Arrival {
            nick: Nick::parse(nick).unwrap(),
            user: UserName::parse("user").unwrap(),
            realname: line("Somebody"),
            address: "192.0.2.9".into(),
            cloak: Some("k3f9x2ab".into()),
            secure: true,
            account: role.map(|role| (account(nick), role)),
            resume: None,
            department: None,
            token: Token { secret: [seed; 32], digest: [seed; 32] },
            code_seed: session.0,
            wants_replay: true,
            away: None,
            certificate: None,
        };
        self.act(session, &Command::Arrive(Box::new(arrival)));
    }

    fn staff(&mut self, session: SessionId) {
        let (_, name, role) = STAFF.into_iter().find(|(s, _, _)| *s == session).unwrap();
        self.arrive(session, name, Some(role));
    }

    fn here(&self, session: SessionId) -> bool {
        self.desk.state().person(session).is_some()
    }

    /// The channel and nick of the customer of this session.
    fn customer(&self, session: SessionId) -> Option<(String, String)> {
        let id = self.desk.state().person(session)?.customer?;
        let customer = self.desk.state().customer(id)?;
        Some((customer.channel.to_string(), customer.nick.to_string()))
    }
}

/// The text with message ids, which are opaque to people, taken out.
fn anonymous(text: &str) -> String {
    let mut rest = text;
    let mut kept = String::new();
    while let Some((before, after)) = rest.split_once("id: ") {
        kept.push_str(before);
        rest = after.split_once(')').map_or("", |(_, rest)| rest);
    }
    kept + rest
}

// Ordinary IRC.

#[test]
fn staff_have_ordinary_channels() {
    let mut world = World::new(Guests::Customer);
    [BOB, CAROL, DAVE].into_iter().for_each(|s| world.staff(s));
    assert_eq!(world.refusal(BOB, &join("#tea")), None);
    assert_eq!(world.refusal(CAROL, &join("#tea")), None);
    let heard = world.act(BOB, &say("#tea", Verb::Privmsg, "hello"));
    assert_eq!(heard.iter().map(|(s, _)| *s).collect::<Vec<_>>(), [BOB, CAROL]);
    assert_eq!(world.out.events.len(), 1, "what staff say is kept");
    let moderated = modes("#tea", true, 'm', None);
    let refused = Some(Refusal::NotOperator("#tea".into()));
    assert_eq!(world.refusal(CAROL, &moderated), refused);
    assert_eq!(world.refusal(BOB, &moderated), None);
    assert!(world.refusal(CAROL, &say("#tea", Verb::Privmsg, "x")).is_some());
    assert!(world.act(CAROL, &say("#tea", Verb::Notice, "x")).is_empty());
    let kick = Command::Kick { channel: chan("#tea"), nick: Folded::of("carol"), reason: None };
    assert_eq!(world.refusal(BOB, &kick), None);
    assert!(!world.desk.state().room(&Folded::of("#tea")).unwrap().members.contains_key(&CAROL));
    let heard = world.act(BOB, &say("carol", Verb::Privmsg, "sorry"));
    assert_eq!(heard.iter().map(|(s, _)| *s).collect::<Vec<_>>(), [CAROL, BOB]);
}

#[test]
fn guests_as_members_have_a_plain_irc_server() {
    let mut world = World::new(Guests::Member);
    let (gina, hugo) = (SessionId(21), SessionId(22));
    world.arrive(gina, "gina", None);
    world.arrive(hugo, "hugo", None);
    for session in [gina, hugo] {
        assert_eq!(world.refusal(session, &join("#c-lang")), None);
    }
    let heard = world.act(gina, &say("#c-lang", Verb::Privmsg, "hi"));
    assert_eq!(heard.len(), 2);
    assert_eq!(world.out.events.len(), 1, "guests' words are stored");
    let ids = |world: &World| match &world.out.outputs[0] {
        Output::Notice { notice: Notice::Said(said), .. } => said.id,
        other => panic!("{other:?}"),
    };
    let first = ids(&world);
    world.act(gina, &say("hugo", Verb::Privmsg, "psst"));
    assert_ne!(ids(&world), first);
    assert!(world.refusal(hugo, &join("#support")).is_some());
}

#[test]
fn a_change_of_nick_is_told_once() {
    let mut world = World::new(Guests::Customer);
    [BOB, CAROL].into_iter().for_each(|s| world.staff(s));
    for session in [BOB, CAROL] {
        world.act(session, &join("#tea"));
    }
    let heard = world.act(BOB, &Command::Nick(Nick::parse("bobby").unwrap()));
    assert_eq!(heard.iter().map(|(s, _)| *s).collect::<Vec<_>>(), [BOB, CAROL]);
}

// What a customer cannot tell.

/// What goes on that Anna must not notice.
#[derive(Clone, Debug)]
enum Around {
    Comes(SessionId),
    Does(SessionId, What),
    /// Bob, who helps Anna, does this in her channel, for staff only.
    Behind(Behind),
}

#[derive(Clone, Debug)]
enum What {
    Quits,
    Nick(&'static str),
    Away(bool),
    Join(&'static str),
    JoinCustomer(SessionId),
    Speaks(&'static str),
    Rates,
    Watches,
    Monitors,
    Closes(SessionId),
}

#[derive(Clone, Debug)]
enum Behind {
    Whisper,
    Mistyped(&'static str),
    Note,
    Tag,
    Card,
    History,
    Typing,
    Away(bool),
    OtherCustomer(SessionId),
}

const STRANGERS: [SessionId; 3] = [SessionId(31), SessionId(32), SessionId(33)];

fn room() -> impl Strategy<Value = &'static str> {
    // The last two begin like the channels of strangers; those that are theirs are made below.
    prop::sample::select(vec!["#tea", "#secret", "#nowhere", "#c-nobody-0000", "#"])
        .prop_map(|name| if name == "#" { "#c-eve" } else { name })
}

fn name() -> impl Strategy<Value = &'static str> {
    let names = ["bob", "carol", "dave", "erin", "eve", "desk", "nobody", "carol2", "zoe"];
    prop::sample::select(names.to_vec())
}

fn around() -> impl Strategy<Value = Around> {
    let stranger = || prop::sample::select(STRANGERS.to_vec());
    let others = [CAROL, DAVE, ERIN, STRANGERS[0], STRANGERS[1], STRANGERS[2]];
    let other = || prop::sample::select(others.to_vec());
    let what = prop_oneof![
        Just(What::Quits),
        name().prop_map(What::Nick),
        any::<bool>().prop_map(What::Away),
        room().prop_map(What::Join),
        stranger().prop_map(What::JoinCustomer),
        room().prop_map(What::Speaks),
        Just(What::Rates),
        Just(What::Watches),
        Just(What::Monitors),
        stranger().prop_map(What::Closes),
    ];
    let behind = prop_oneof![
        Just(Behind::Whisper),
        prop::sample::select(vec!["!clsoe", "/msg carol hi", "!note", "/join #x"])
            .prop_map(Behind::Mistyped),
        Just(Behind::Note),
        Just(Behind::Tag),
        Just(Behind::Card),
        Just(Behind::History),
        Just(Behind::Typing),
        any::<bool>().prop_map(Behind::Away),
        stranger().prop_map(Behind::OtherCustomer),
    ];
    prop_oneof![
        2 => other().prop_map(Around::Comes),
        3 => (other(), what).prop_map(|(s, what)| Around::Does(s, what)),
        2 => behind.prop_map(Around::Behind),
    ]
}

/// Does what goes on, if it can be done; returns what Anna heard of it.
fn go_on(world: &mut World, around: &Around) -> Vec<String> {
    world.out.clear();
    let (session, command) = match around {
        Around::Comes(session) => {
            if !world.here(*session) {
                match STAFF.iter().any(|(s, _, _)| s == session) {
                    true => world.staff(*session),
                    false => world.arrive(*session, "eve", None),
                }
            }
            return heard_by_anna(world);
        }
        Around::Does(session, what) => (*session, does(world, *session, what)),
        Around::Behind(behind) => (BOB, behind_back(world, behind)),
    };
    let Some(command) = command.filter(|_| world.here(session)) else { return Vec::new() };
    world.act(session, &command);
    heard_by_anna(world)
}

fn does(world: &World, session: SessionId, what: &What) -> Option<Command> {
    let own = world.customer(session).map(|(channel, _)| channel);
    Some(match what {
        What::Quits => Command::Leave(Departure::Quit(None)),
        What::Nick(nick) => Command::Nick(Nick::parse(nick).unwrap()),
        What::Away(away) => Command::Away(away.then(|| line("lunch"))),
        What::Join(room) => join(room),
        What::JoinCustomer(customer) => join(&world.customer(*customer)?.0),
        What::Speaks(room) => say(&own.unwrap_or_else(|| (*room).to_owned()), Verb::Privmsg, "hi"),
        What::Rates => desk(None, DeskVerb::Rate { stars: 5, comment: None }),
        What::Watches => desk(Some(&world.customer(ANNA)?.0), DeskVerb::Watch),
        What::Monitors => {
            Command::Ask(Question::Monitor(MonitorChange::Add(vec![line("eve"), line("bob")])))
        }
        What::Closes(customer) => desk(Some(&world.customer(*customer)?.0), DeskVerb::Close(None)),
    })
}

fn behind_back(world: &World, behind: &Behind) -> Option<Command> {
    let channel = world.customer(ANNA)?.0;
    Some(match behind {
        Behind::Whisper => say(&format!("@{channel}"), Verb::Privmsg, "difficult"),
        Behind::Mistyped(text) => say(&channel, Verb::Privmsg, text),
        Behind::Note => desk(Some(&channel), DeskVerb::Note(line("difficult"))),
        Behind::Tag => desk(Some(&channel), DeskVerb::Tag(vec![(true, line("difficult"))])),
        Behind::Card => desk(Some(&channel), DeskVerb::Card),
        Behind::History => desk(Some(&channel), DeskVerb::History(None)),
        Behind::Typing => say(&format!("@{channel}"), Verb::Tag, ""),
        Behind::Away(away) => Command::Away(away.then(|| line("lunch"))),
        Behind::OtherCustomer(session) => join(&world.customer(*session)?.0),
    })
}

fn heard_by_anna(world: &World) -> Vec<String> {
    let mut heard = Vec::new();
    for output in &world.out.outputs {
        match output {
            Output::Notice { to, notice } if world.out.recipients[to.clone()].contains(&ANNA) => {
                heard.push(anonymous(&format!("{notice:?}")));
            }
            Output::Reply { to, reply } if *to == ANNA => {
                heard.push(anonymous(&format!("{reply:?}")));
            }
            Output::Cut { session, why } if *session == ANNA => heard.push(format!("{why:?}")),
            Output::Consult { to, query } if *to == ANNA => heard.push(format!("{query:?}")),
            _ => {}
        }
    }
    heard
}

/// What Anna tries. A target may be her own, a stranger's real one, or one that is nobody's.
#[derive(Clone, Debug)]
enum Target {
    Own,
    Strangers(SessionId),
    Named(&'static str, &'static str),
}

fn target() -> impl Strategy<Value = Target> {
    prop_oneof![
        Just(Target::Own),
        (room(), name()).prop_map(|(room, name)| Target::Named(room, name)),
        prop::sample::select(STRANGERS.to_vec()).prop_map(Target::Strangers),
    ]
}

/// Channel and nick meant. A stranger's are known by their seed, whether they are here or not.
fn resolve(
    world: &World,
    known: &[(SessionId, String, String)],
    target: &Target,
) -> (String, String) {
    match target {
        Target::Own => world.customer(ANNA).unwrap(),
        Target::Named(room, name) => ((*room).to_owned(), (*name).to_owned()),
        Target::Strangers(session) => {
            let (_, channel, nick) = known.iter().find(|(s, _, _)| s == session).unwrap();
            (channel.clone(), nick.clone())
        }
    }
}

/// The channels and nicks that the strangers have whenever they are here.
fn strangers() -> Vec<(SessionId, String, String)> {
    let mut world = World::new(Guests::Customer);
    world.arrive(ANNA, "anna", None);
    let mut known = Vec::new();
    for session in STRANGERS {
        world.arrive(session, "eve", None);
        let (channel, nick) = world.customer(session).unwrap();
        known.push((session, channel, nick));
    }
    known
}

const TRIES: usize = 42;

/// The `n`th of everything that Anna may try.
fn attempt(n: usize, channel: &str, nick: &str) -> Command {
    let ask = Command::Ask;
    let of = |verb| desk(Some(channel), verb);
    let folded = Folded::of(nick);
    match n {
        0 => ask(Question::Names(chan(channel))),
        1 => ask(Question::Who { mask: line(channel), operators: false }),
        2 => ask(Question::Who { mask: line(nick), operators: false }),
        3 => ask(Question::Who { mask: line("*"), operators: false }),
        4 => ask(Question::Whois(line(nick))),
        5 => ask(Question::Whowas { nick: line(nick), count: None }),
        6 => ask(Question::List(ListFilter::default())),
        7 => {
            let channels = vec![line(channel)];
            ask(Question::List(ListFilter { channels, ..ListFilter::default() }))
        }
        8 => ask(Question::Ison(vec![line(nick), line("desk")])),
        9 => ask(Question::Userhost(vec![line(nick)])),
        10 => ask(Question::Lusers),
        11 => ask(Question::Monitor(MonitorChange::Add(vec![line(nick)]))),
        12 => ask(Question::Monitor(MonitorChange::Status)),
        13 => join(channel),
        14 => Command::Part { channel: chan(channel), reason: None },
        15 => Command::Topic { channel: chan(channel), text: None },
        16 => Command::Topic { channel: chan(channel), text: Some(line("mine")) },
        17 => Command::Kick { channel: chan(channel), nick: folded, reason: None },
        18 => Command::Invite { nick: folded, channel: chan(channel) },
        19 => modes(channel, true, 'b', None),
        20 => modes(channel, true, 'i', None),
        21 => say(channel, Verb::Privmsg, "hello"),
        22 => say(&format!("@{channel}"), Verb::Privmsg, "hello"),
        23 => say(nick, Verb::Privmsg, "hello"),
        24 => say(channel, Verb::Notice, "hello"),
        25 => say(channel, Verb::Tag, ""),
        26 => Command::Nick(Nick::parse(nick).unwrap()),
        27 => Command::Away(Some(line("out"))),
        28 => Command::UserModes(vec![(true, 'i')]),
        29 => of(DeskVerb::History(None)),
        30 => of(DeskVerb::Card),
        31 => of(DeskVerb::Claim),
        32 => of(DeskVerb::Watch),
        33 => of(DeskVerb::Why),
        34 => of(DeskVerb::Note(line("x"))),
        35 => of(DeskVerb::Close(None)),
        36 => desk(None, DeskVerb::Queue(None)),
        37 => desk(None, DeskVerb::Online),
        38 => desk(None, DeskVerb::Search(line("hello"))),
        39 => of(DeskVerb::Rate { stars: 4, comment: None }),
        40 => {
            let to = TransferTo::Department(Department::parse("support").unwrap());
            of(DeskVerb::Transfer { to, warm: false, why: None })
        }
        _ => of(DeskVerb::Email(line("a@b.example"))),
    }
}

/// Anna, whom bob helps, and nobody else.
fn quiet() -> World {
    let mut world = World::new(Guests::Customer);
    world.staff(BOB);
    world.arrive(ANNA, "anna", None);
    let (channel, _) = world.customer(ANNA).unwrap();
    world.act(ANNA, &say(&channel, Verb::Privmsg, "my invoice is wrong"));
    world.act(BOB, &join(&channel));
    world
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// Two worlds, in one of which much goes on around Anna: she cannot tell which one she is in.
    #[test]
    fn a_customer_cannot_tell_what_goes_on_around_them(
        script in prop::collection::vec(
            prop_oneof![
                1 => around().prop_map(Ok),
                1 => (0..TRIES, target()).prop_map(Err),
            ], 1..40),
    ) {
        let known = strangers();
        let (mut busy, mut quiet) = (quiet(), quiet());
        for step in &script {
            match step {
                Ok(around) => {
                    let heard = go_on(&mut busy, around);
                    prop_assert_eq!(heard, Vec::<String>::new(), "of {:?}", around);
                }
                Err((n, target)) => {
                    let (channel, nick) = resolve(&busy, &known, target);
                    let command = attempt(*n, &channel, &nick);
                    // The clock is no secret.
                    quiet.now = busy.now;
                    busy.act(ANNA, &command);
                    quiet.act(ANNA, &command);
                    prop_assert_eq!(heard_by_anna(&busy), heard_by_anna(&quiet), "{:?}", command);
                }
            }
        }
    }
}

#[test]
fn strangers_have_the_nicks_that_the_property_asks_for() {
    let mut world = quiet();
    for (session, channel, nick) in strangers() {
        world.arrive(session, "eve", None);
        assert_eq!(world.customer(session), Some((channel, nick.clone())));
        let whois = Command::Ask(Question::Whois(line(&nick)));
        let seen = |reply: &Reply| matches!(reply, Reply::Whois { card: Some(_), .. });
        assert!(world.replies(BOB, &whois).iter().any(seen), "staff see them");
        assert!(!world.replies(ANNA, &whois).iter().any(seen));
    }
}
