//! Every sentence there is, and the exact shape of those that scripts and customers rely on.

use super::*;
use crate::base::ids::{BlockId, ConversationId};
use crate::base::text::{ChannelName, Nick};
use crate::desk::language::fact::{
    Candidate, Class, Deed, Ending, Exclusion, OfferOutcome, Reason,
};
use crate::desk::language::metadata::MetadataRefusal;
use crate::desk::language::people::{Department, Source};
use crate::desk::language::refusal::{CannotJoin, CannotSend, DeskRefusal, PastRefusal, Refusal};
use crate::desk::language::text::CardFacts;
use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::Arc;

fn channel() -> ChannelName {
    ChannelName::parse("#c-anna-7k2f").unwrap()
}

fn account(name: &str) -> AccountName {
    AccountName::parse(name).unwrap()
}

fn nick(name: &str) -> Nick {
    Nick::parse(name).unwrap()
}

fn department() -> Department {
    Department::parse("support").unwrap()
}

fn line(text: &str) -> Line {
    Line::parse(text).unwrap()
}

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn source() -> Source {
    Source {
        nick: nick("bob"),
        user: Arc::from("~bob"),
        host: Arc::from("guest.test"),
        account: None,
        bot: false,
        realname: line("Bob"),
    }
}

fn card() -> CardFacts {
    CardFacts {
        channel: channel(),
        conversation: Some(ConversationId(12)),
        department: Some(department()),
        state: "waiting",
        owner: None,
        waited: secs(92),
        past: 1,
        tags: vec![line("billing"), line("vip")],
        urgent: true,
        connected: true,
        realname: line("Anna"),
        address: Arc::from("192.0.2.7"),
    }
}

fn for_customers() -> Vec<Text> {
    use Text::*;
    vec![
        Greeting(Arc::from("Example")),
        ResumeToken(Arc::from("abc-123")),
        WelcomeBack(true),
        WelcomeBack(false),
        SeatGone,
        Waiting(department()),
        Position { place: 2, minutes: None, overtaken: false },
        Joined(nick("bob")),
        AlsoJoined(nick("bob")),
        HandedOver(nick("bob")),
        AgentLost,
        OnHold(secs(300), Some(line("asking billing"))),
        OffHold,
        ConversationClosed,
        RatingThanks,
        MailNoted(line("a@example.org")),
        NobodyHere,
        Proposal(nick("bob"), None),
        AskingFor(department()),
        BotFirst(nick("triage")),
        NotStored,
    ]
}

fn for_channels() -> Vec<Text> {
    use Text::*;
    vec![
        New(channel(), department(), secs(0), line("my invoice is wrong")),
        Taken(channel(), account("bob"), secs(14)),
        Offer(channel(), account("bob"), secs(30)),
        Requeued(channel(), department(), secs(92), Reason::OwnerLost),
        OfferOver(channel(), account("bob"), OfferOutcome::Declined, Some(line("at lunch"))),
        OfferOver(channel(), account("bob"), OfferOutcome::TimedOut, None),
        OwnerLost(channel(), account("bob"), secs(60)),
        OwnerBack(channel(), account("bob")),
        Transferred(channel(), account("bob"), account("carol")),
        Closed(channel(), Some(account("bob")), Ending::ByAgent, Some(line("solved"))),
        Closed(channel(), None, Ending::Abandoned, None),
        Silent(channel(), account("bob"), secs(60)),
        HoldOver(channel(), account("bob")),
        QueueState(2, Some(secs(92)), 3),
        MarkedUrgent(channel(), true),
        MarkedUrgent(channel(), false),
        TransferLoop(channel(), 4),
    ]
}

fn for_one_agent() -> Vec<Text> {
    use Text::*;
    let why = || Some(line("knows billing"));
    vec![
        OfferToYou(channel(), department(), line("hello"), secs(30)),
        TransferToYou(channel(), account("bob"), why(), true, secs(30)),
        TransferToDepartment(channel(), account("bob"), department(), why(), secs(60)),
        TransferAccepted(channel(), account("carol")),
        TransferOver(channel(), None, OfferOutcome::TimedOut, None),
        TakerHere(channel(), account("carol")),
        YouAreIntroduced(channel(), account("bob")),
        YouOwn(channel()),
        YouOwnAgain(channel()),
        YouHelp(channel(), Some(account("bob"))),
        YouWatch(channel()),
        WatchOver(channel()),
        YouLost(channel(), None),
        MissedAway,
        NowReady(true),
        NowReady(false),
        CapacityIs(account("bob"), 3, 4),
        SilentWarning(channel(), secs(60)),
        HoldDue(channel()),
        CustomerAway(channel(), secs(120)),
        CustomerBack(channel()),
        MailWanted(channel(), line("a@example.org")),
        RatedBy(channel(), 5, Some(line("thanks"))),
        NoteKept(channel()),
        NoteBy(account("bob"), line("paid twice")),
        TagsAre(channel(), vec![line("billing")]),
        TagsAre(channel(), vec![]),
        YouClosed(channel(), ConversationId(12)),
        YouReleased(channel()),
        TransferOffered(channel(), Arc::from("carol"), secs(30)),
        TransferCancelled(channel()),
        YouDeclined(channel()),
        HoldBegun(channel(), secs(300)),
        HoldEnded(channel()),
        Proposed(nick("anna-7k2f")),
    ]
}

fn for_listings() -> Vec<Text> {
    use Text::*;
    let candidate =
        |name, excluded| Candidate { agent: account(name), load: 3, limit: 4, excluded };
    vec![
        Heading("Waiting", 2),
        QueueRow {
            place: 1,
            channel: channel(),
            department: department(),
            waited: secs(92),
            class: Class::Urgent,
            quote: line("my invoice"),
            offered_to: None,
        },
        OnlineRow(nick("anna-7k2f"), channel(), secs(92)),
        Card(Box::new(card())),
        TemplateRow(Arc::from("hello"), Arc::from("Hello {nick}")),
        BlockRow(BlockId(3), line("192.0.2.7"), Timestamp(0), line("spam"), Arc::from("bob")),
        BlockSet(BlockId(3), line("192.0.2.7"), secs(86_400)),
        BlockLifted(BlockId(3), line("192.0.2.7")),
        Why(channel(), None, vec![candidate("bob", Some(Exclusion::Full)), candidate("al", None)]),
        Why(channel(), Some(account("bob")), vec![]),
        WhyClaim(channel(), department()),
        SearchRow(ConversationId(12), line("#c-anna-7k2f"), Timestamp(0), line("my invoice")),
        ReportRow(Arc::from("taken"), Arc::from("12")),
        NothingThere("no templates"),
        Storage(true),
        Storage(false),
        Operated(Arc::from("op"), Deed::Opered, vec![line("bob"), line("192.0.2.7")]),
        Operated(Arc::from("op"), Deed::Killed, vec![line("anna"), line("spam")]),
        Operated(Arc::from("op"), Deed::Walloped, vec![line("hello")]),
        Operated(Arc::from("op"), Deed::Rehashed, vec![line("limits.sendq_soft")]),
        Operated(Arc::from("op"), Deed::RehashFailed, vec![line("a.toml:3: no")]),
        BlockTold(Arc::from("bob"), BlockId(3), line("192.0.2.7"), line("spam")),
        UnblockTold(Arc::from("bob"), BlockId(3)),
        Connected(Arc::new(source()), Arc::from("192.0.2.7")),
        Disconnected(Arc::new(source()), line("Ping timeout")),
    ]
}

fn all() -> Vec<Text> {
    [for_customers(), for_channels(), for_one_agent(), for_listings()].concat()
}

fn refusals() -> Vec<Refusal> {
    let a = || -> Arc<str> { Arc::from("anna") };
    let sends = [
        CannotSend::Moderated,
        CannotSend::Outside,
        CannotSend::SignedInOnly,
        CannotSend::NoCtcp,
        CannotSend::NeedsAccount,
        CannotSend::Banned,
        CannotSend::Watching,
        CannotSend::BotSilenced,
        CannotSend::LooksLikeCommand,
        CannotSend::NoConversation,
        CannotSend::Service,
    ];
    let joins = [
        CannotJoin::InviteOnly,
        CannotJoin::Banned,
        CannotJoin::BadKey,
        CannotJoin::Full,
        CannotJoin::NeedsAccount,
    ];
    let mut all = vec![
        Refusal::NoSuchNick(a()),
        Refusal::NoSuchChannel(a()),
        Refusal::NotOnChannel(a()),
        Refusal::UserNotInChannel(a(), a()),
        Refusal::UserOnChannel(a(), a()),
        Refusal::NickInUse(nick("bob")),
        Refusal::NickReserved(nick("bob")),
        Refusal::NotOperator(a()),
        Refusal::Forwarded(channel(), channel()),
        Refusal::TooManyChannels(channel()),
        Refusal::UnknownMode('y'),
        Refusal::ListFull(channel(), 'b'),
        Refusal::InvalidMode(channel(), 'k', "a b".into()),
        Refusal::Metadata(MetadataRefusal::InvalidTarget(a())),
        Refusal::Metadata(MetadataRefusal::InvalidKey(a())),
        Refusal::Metadata(MetadataRefusal::NoPermission(a(), a())),
        Refusal::Metadata(MetadataRefusal::NotSet(a(), a())),
        Refusal::Metadata(MetadataRefusal::LimitReached(a())),
        Refusal::Metadata(MetadataRefusal::ValueTooLong(280)),
        Refusal::UnknownUserMode,
        Refusal::OthersModes,
        Refusal::NoSuchServer(Arc::from("irc.far")),
        Refusal::CannotRename(channel(), channel()),
        Refusal::NameInUse(channel(), channel()),
        Refusal::MonitorFull(100, a()),
        Refusal::NotPermitted,
        Refusal::NoOperatorHost,
        Refusal::CannotKill,
        Refusal::Blocked(a()),
        Refusal::StorageFailing,
    ];
    all.extend(sends.map(|why| Refusal::CannotSend(a(), why)));
    all.extend(joins.map(|why| Refusal::CannotJoin(channel(), why)));
    all.extend(desk_refusals().into_iter().map(Refusal::Desk));
    let past = [
        PastRefusal::Target(vec![a()]),
        PastRefusal::Unreadable(vec![a()]),
        PastRefusal::NoSuchLine(a(), a()),
        PastRefusal::NotYours(a(), a()),
        PastRefusal::TooLate(a(), a(), 60),
        PastRefusal::TooManyMarkers(a()),
    ];
    all.extend(past.map(Refusal::Past));
    all
}

fn desk_refusals() -> Vec<DeskRefusal> {
    use DeskRefusal::*;
    let a = || -> Arc<str> { Arc::from("anna") };
    vec![
        NoConversation,
        NotLive(channel()),
        AlreadyTaken(channel(), account("bob")),
        OfferedToOther(channel(), account("bob")),
        QueueEmpty,
        OverCapacity { who: account("bob"), load: 4, limit: 4 },
        NotOwner(channel()),
        NoOffer,
        TransferPending(channel()),
        NoTransfer(channel()),
        NotIntroduced(channel()),
        NoSuchAgent(a()),
        AgentAway(account("bob")),
        ToOneself,
        NoSuchDepartment(department()),
        DepartmentEmpty(department()),
        WentBack(channel()),
        HoldState(channel()),
        WatchState(channel()),
        AlreadyIn(channel()),
        NoSuchTemplate(a()),
        TemplateArguments(a(), 2),
        BadBlockTarget(a()),
        BlocksYourself(a()),
        BlocksColleagues(a(), 2),
        NoSuchBlock(a()),
        TooMany("tags", 16),
        OutOfRange("Stars", 1, 5),
        NoSuchVisitor(a()),
        VisitorBusy(a()),
        TooSoon(secs(5)),
        NothingYet,
    ]
}

/// The names of an enum's variants, read from its source.
fn variants<'a>(source: &'a str, name: &str) -> BTreeSet<&'a str> {
    let start = source.find(&format!("pub enum {name} {{")).unwrap();
    let body = &source[start..];
    let body = &body[..body.find("\n}").unwrap()];
    let names = body.lines().filter_map(|l| l.strip_prefix("    ")).filter_map(|l| {
        let end = l.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(l.len());
        (l.starts_with(|c: char| c.is_ascii_uppercase())).then(|| &l[..end])
    });
    names.collect()
}

fn names<T: Debug>(samples: &[T]) -> BTreeSet<String> {
    let name = |sample: &T| {
        let text = format!("{sample:?}");
        text.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap().to_owned()
    };
    samples.iter().map(name).collect()
}

fn same<'a>(named: &'a BTreeSet<String>, declared: &BTreeSet<&'a str>) {
    assert_eq!(&named.iter().map(String::as_str).collect::<BTreeSet<_>>(), declared);
}

#[test]
fn every_variant_has_a_sample_here() {
    let texts = include_str!("../../desk/language/text.rs");
    let refused = include_str!("../../desk/language/refusal.rs");
    same(&names(&all()), &variants(texts, "Text"));
    same(&names(&refusals()), &variants(refused, "Refusal"));
    same(&names(&desk_refusals()), &variants(refused, "DeskRefusal"));
}

#[test]
fn every_sentence_is_one_line_that_says_something() {
    let sentences = all().iter().flat_map(|t| [english(t), english_plain(t)]).collect::<Vec<_>>();
    for sentence in sentences.into_iter().chain(refusals().iter().map(refusal)) {
        assert!(sentence.len() > 5 && sentence.len() < 300, "{sentence}");
        assert!(!sentence.contains(|c: char| c.is_control()), "{sentence}");
        assert!(!sentence.contains("  "), "{sentence}");
    }
}

#[test]
fn the_customers_shelf_is_exactly_the_customers_sentences() {
    assert!(for_customers().iter().all(is_for_customers));
    let others = [for_channels(), for_one_agent(), for_listings()].concat();
    assert!(!others.iter().any(is_for_customers));
}

#[test]
fn announcements_begin_as_scripts_expect() {
    let starts = [
        "NEW #c-anna-7k2f support waiting=0s \"my invoice is wrong\" - /join #c-anna-7k2f ",
        "TAKEN #c-anna-7k2f bob waited=14s",
        "OFFER #c-anna-7k2f bob 30s",
        "WAITING #c-anna-7k2f support owner-lost waiting=92s",
        "DECLINED #c-anna-7k2f bob declined - declined: at lunch",
        "MISSED #c-anna-7k2f bob timed-out",
        "LOST #c-anna-7k2f bob 60s",
        "BACK #c-anna-7k2f bob",
        "TRANSFERRED #c-anna-7k2f bob carol",
        "CLOSED #c-anna-7k2f bob by-agent - closed: solved",
        "CLOSED #c-anna-7k2f * abandoned",
        "SILENT #c-anna-7k2f bob 60s",
        "HELD #c-anna-7k2f bob",
        "2 waiting, longest 1:32, 3 agents ready",
        "URGENT #c-anna-7k2f",
        "NORMAL #c-anna-7k2f",
        "ALARM #c-anna-7k2f transfers=4",
    ];
    for (text, start) in for_channels().iter().zip(starts) {
        assert!(english(text).starts_with(start), "{}", english(text));
    }
    let new = Text::New(channel(), department(), secs(0), line("a \"b\""));
    assert!(english(&new).contains("\"a 'b'\""));
}

#[test]
fn the_queue_reads_like_the_topic() {
    let state = |waiting, longest, ready| english(&Text::QueueState(waiting, longest, ready));
    assert_eq!(state(2, Some(secs(92)), 3), "2 waiting, longest 1:32, 3 agents ready");
    assert_eq!(state(0, None, 3), "0 waiting, 3 agents ready");
    assert_eq!(state(1, Some(secs(5)), 1), "1 waiting, longest 5s, 1 agent ready");
    assert_eq!(state(0, Some(secs(5)), 0), "0 waiting, 0 agents ready");
}

#[test]
fn customers_are_told_how_to_come_back() {
    let text = Text::ResumeToken(Arc::from("abc-123"));
    assert!(english(&text).contains("PASS resume:abc-123"));
    assert!(english_plain(&text).contains("/resume resume:abc-123"));
    assert_eq!(english(&Text::Joined(nick("bob"))), "bob joined");
}

#[test]
fn places_and_waits_are_said_in_words() {
    let at = |place, minutes, overtaken| english(&Text::Position { place, minutes, overtaken });
    assert_eq!(at(1, None, false), "You are next in line.");
    assert_eq!(at(3, Some((2, Some(4))), false), "You are number 3 in line, about 2 to 4 minutes.");
    assert_eq!(at(3, Some((0, Some(1))), false), "You are number 3 in line, about a minute.");
    assert_eq!(at(9, Some((30, None)), false), "You are number 9 in line, more than 30 minutes.");
    assert!(at(2, None, true).contains("urgent"));
    assert_eq!(words(secs(90)), "90 seconds");
    assert_eq!(words(secs(60)), "1 minute");
    assert_eq!((halves(3).as_str(), halves(4).as_str()), ("1.5", "2"));
}

#[test]
fn listings_hold_what_staff_need() {
    let row = english(&for_listings()[1]);
    assert_eq!(row, "1. #c-anna-7k2f support 1:32 urgent \"my invoice\"");
    let card = english(&Text::Card(Box::new(card())));
    for part in ["waiting", "for support", "owner nobody", "1:32", "billing vip", "192.0.2.7"] {
        assert!(card.contains(part), "{part}: {card}");
    }
    let why = english(&for_listings()[8]);
    assert_eq!(why, "#c-anna-7k2f went to nobody: bob 1.5/2 full, al 1.5/2");
}
