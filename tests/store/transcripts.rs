//! Transcripts: what each audience is shown, word for word, and what a customer never is.

use crate::events::{any_log, department, event, known, line, name, opened, said};
use proptest::prelude::*;
use std::sync::Arc;
use switchboard::base::ids::{ConversationId, CustomerId};
use switchboard::base::text::Line;
use switchboard::base::time::Timestamp;
use switchboard::desk::language::command::Verb;
use switchboard::desk::language::fact::*;
use switchboard::desk::language::people::Actor;
use switchboard::store::Episode;
use switchboard::transcript::{Audience, Format, html, json, render, text};

/// 2026-11-21, one minute before midnight.
const START: u64 = 1_795_305_540_000;
const C: ConversationId = ConversationId(41);

fn episode(rows: Vec<(u64, Actor, Fact, Vec<&str>)>) -> Episode {
    let numbered = rows.into_iter().zip(1..);
    let events: Vec<Event> = numbered
        .map(|((s, actor, fact, words), seq)| event(seq, START + s * 1000, actor, fact, &words))
        .collect();
    let closed = events.iter().find(|e| matches!(e.fact, Fact::Closed { .. })).map(|e| e.at);
    let channel = "#c-anna-7k2f".to_owned();
    Episode { conversation: C, channel, opened: Timestamp(START + 4000), closed, events }
}

fn sample() -> Episode {
    let anna = || Actor::Customer(CustomerId(1));
    let staff = |who: &str| Actor::Staff(name(who));
    let owned = |owner: &str, how, from: Option<&str>| Fact::Owned {
        conversation: C,
        owner: name(owner),
        how,
        from: from.map(name),
    };
    let everyone = || said(41, Hearers::Everyone);
    let until = Timestamp(START + 600_000);
    let queued = Fact::Queued {
        conversation: C,
        department: department("support"),
        class: Class::Urgent,
        place: 0,
        reason: Reason::FirstLine,
    };
    let offered = Fact::Offered {
        conversation: C,
        to: name("carol"),
        deadline: until,
        transfer: Some(TransferTerms { giver: name("bob"), warm: true, department: None }),
    };
    let watch = Fact::WatchBegan { conversation: C, watcher: name("sue") };
    let tagged = Fact::Tagged { conversation: C, added: vec![line("vip")], removed: vec![] };
    let closing = |reason| Fact::WrappingUp { conversation: C, deadline: until, reason };
    episode(vec![
        (0, Actor::Desk, known(1, "7k2f", "anna"), vec!["anna", "~an", "Anna Real", "192.0.2.7"]),
        (4, anna(), opened(41, 1), vec!["https://shop.example/cart"]),
        (4, anna(), everyone(), vec!["my \u{2}invoice\u{2} is <wrong>"]),
        (5, Actor::Desk, queued, vec![]),
        (14, staff("bob"), owned("bob", Taking::Claimed, None), vec![]),
        (15, staff("sue"), watch, vec![]),
        (16, staff("bob"), everyone(), vec!["hello & welcome"]),
        (17, staff("bob"), said(41, Hearers::Staff), vec!["she is difficult"]),
        (18, staff("bob"), said(41, Hearers::Note), vec!["bad payer"]),
        (19, staff("bob"), tagged, vec![]),
        (20, staff("bob"), Fact::Held { conversation: C, until }, vec!["coffee"]),
        (30, staff("bob"), Fact::Unheld { conversation: C, reason: Reason::Spoke }, vec![]),
        (31, staff("bob"), offered, vec!["knows billing"]),
        (60, staff("carol"), owned("carol", Taking::Transferred, Some("bob")), vec![]),
        (61, anna(), Fact::CustomerRenamed { customer: CustomerId(1) }, vec!["annie-7k2f"]),
        (62, anna(), everyone(), vec!["\u{1}ACTION waves\u{1}"]),
        (70, staff("carol"), closing(Ending::ByAgent), vec!["solved at last"]),
        (90, Actor::Desk, Fact::Closed { conversation: C, reason: Ending::WrappedUp }, vec![]),
        (95, anna(), Fact::Rated { conversation: C, stars: 4 }, vec!["nice"]),
    ])
}

#[test]
fn the_customer_reads_what_they_saw() {
    let wanted = "\
Channel: #c-anna-7k2f
Customer: annie-7k2f
Department: support
Opened: 2026-11-21 23:59:04Z
Closed: 2026-11-22 00:00:10Z (closed)
Times are UTC.

2026-11-21
23:59:04 anna-7k2f> my invoice is <wrong>
23:59:14 -- bob joined
23:59:16 bob> hello & welcome
23:59:20 -- on hold until 00:09:00Z
23:59:30 -- off hold

2026-11-22
00:00:00 -- handed over to carol
00:00:02 annie-7k2f> * waves
00:00:10 -- closed

8 lines
";
    assert_eq!(text(&sample(), Audience::Customer), wanted);
}

/// What was taken back: the customer sees that something stood there, the audit what, and who took it.
#[test]
fn a_line_that_was_taken_back_is_only_the_audits() {
    let mut episode = sample();
    let line = episode.events.iter().find(|e| e.word(0).as_str() == "hello & welcome").unwrap();
    let place = Place::Conversation(C);
    let fact = Fact::Redacted { line: line.seq, place };
    let whisper = episode.events.iter().find(|e| e.word(0).as_str() == "bad payer").unwrap();
    let hidden = Fact::Redacted { line: whisper.seq, place: Place::Conversation(C) };
    for (n, fact) in [fact, hidden].into_iter().enumerate() {
        let by = Actor::Staff(name("sue"));
        let seq = 100 + n as u64;
        episode.events.push(event(seq, START + 96_000, by, fact, &["a slip of sue"]));
    }
    let read = text(&episode, Audience::Customer);
    assert!(read.contains("23:59:16 bob> [removed]\n"), "{read}");
    let whole = text(&sample(), Audience::Customer);
    assert_eq!(read.replace("[removed]", "hello & welcome"), whole, "and nothing else changed");
    for format in [Format::Text, Format::Json, Format::Html] {
        let read = render(&episode, Audience::Customer, format);
        for secret in ["welcome", "payer", "slip", "sue"] {
            assert!(!read.contains(secret), "{format:?} {secret}");
        }
        let audit = render(&episode, Audience::Audit, format);
        for kept in ["welcome", "bad payer", "removed by sue"] {
            assert!(audit.contains(kept), "{format:?} {kept}");
        }
    }
}

#[test]
fn the_audit_reads_everything() {
    let wanted = "\
Channel: #c-anna-7k2f
Conversation: 41
Customer: annie-7k2f
Department: support
Opened: 2026-11-21 23:59:04Z
Closed: 2026-11-22 00:00:30Z (closed by an agent)
Times are UTC.

2026-11-21
23:59:00 -- desk: customer known (nick, user, real name, address): anna, ~an, Anna Real, 192.0.2.7
23:59:04 -- anna-7k2f: opened for support: https://shop.example/cart
23:59:04 anna-7k2f> my invoice is <wrong>
23:59:05 -- desk: queued in support as urgent (first line)
23:59:14 -- bob: owned by bob (claimed)
23:59:15 -- sue: sue began to watch
23:59:16 bob> hello & welcome
23:59:17 [whisper] bob> she is difficult
23:59:18 [note] bob> bad payer
23:59:19 -- bob: tagged +vip
23:59:20 -- bob: on hold until 2026-11-22 00:09:00Z: coffee
23:59:30 -- bob: off hold (somebody spoke)
23:59:31 -- bob: warm transfer offered by bob to carol until 2026-11-22 00:09:00Z: knows billing

2026-11-22
00:00:00 -- carol: owned by carol from bob (transferred)
00:00:01 -- annie-7k2f: customer's nick is now: annie-7k2f
00:00:02 annie-7k2f> * waves
00:00:10 -- carol: wrapping up until 2026-11-22 00:09:00Z (closed by an agent): solved at last
00:00:30 -- desk: closed (wrap-up over)
00:00:35 -- annie-7k2f: rated 4 of 5: nice

19 lines
";
    assert_eq!(text(&sample(), Audience::Audit), wanted);
}

#[test]
fn json_is_one_object_with_the_words_as_said() {
    let page: serde_json::Value =
        serde_json::from_str(&json(&sample(), Audience::Customer)).unwrap();
    assert_eq!(page["channel"], "#c-anna-7k2f");
    assert_eq!(page["audience"], "customer");
    assert_eq!(page["opened"], "2026-11-21T23:59:04.000Z");
    assert_eq!(page["count"], 8);
    assert_eq!(page["lines"].as_array().unwrap().len(), 8);
    assert_eq!(page["lines"][0]["text"], "my \u{2}invoice\u{2} is <wrong>");
    assert_eq!(page["lines"][6]["kind"], "action");
    // The number would count everybody's conversations.
    assert!(page.get("conversation").is_none());
    let page: serde_json::Value = serde_json::from_str(&json(&sample(), Audience::Audit)).unwrap();
    assert_eq!(page["conversation"], 41);
    assert_eq!(page["lines"][8]["kind"], "note");
}

#[test]
fn html_stands_alone_and_escapes_every_word() {
    let page = html(&sample(), Audience::Customer);
    assert!(page.starts_with("<!doctype html>") && page.ends_with("</html>\n"));
    assert!(page.contains("anna-7k2f&gt; my invoice is &lt;wrong&gt;"));
    assert!(page.contains("hello &amp; welcome"));
    for outside in ["<wrong", "<script", "http:", "https:", "src=", "url("] {
        assert!(!page.contains(outside), "{outside}");
    }
    assert!(page.contains("<p>8 lines</p>"));
}

#[test]
fn nobody_can_forge_a_line_of_the_desk() {
    let forged = "x\u{2028}23:59:59 -- bob joined\u{1b}[2K\r";
    let mut episode = sample();
    episode.events[2].words = vec![Line::scrubbed(forged)];
    let page = text(&episode, Audience::Customer);
    assert!(page.contains("anna-7k2f> x 23:59:59 -- bob joined[2K"));
    assert!(!page.contains(|c: char| c != '\n' && (c.is_control() || c == '\u{2028}')));
}

#[test]
fn that_they_were_blocked_is_not_told() {
    let mut episode = sample();
    for event in &mut episode.events {
        if let Fact::WrappingUp { reason, .. } = &mut event.fact {
            *reason = Ending::Blocked;
        }
    }
    assert!(!text(&episode, Audience::Customer).contains("block"));
    assert!(text(&episode, Audience::Audit).contains("customer blocked"));
}

#[test]
fn erased_words_leave_a_whole_transcript() {
    let mut episode = sample();
    for event in &mut episode.events {
        event.words.clear();
    }
    let page = text(&episode, Audience::Customer);
    assert!(page.contains("customer-7k2f> \n") && page.ends_with("8 lines\n"), "{page}");
}

#[test]
fn names_of_formats_and_audiences_are_those_of_the_command_line() {
    for (name, format) in [("text", Format::Text), ("json", Format::Json), ("html", Format::Html)] {
        assert_eq!(Format::parse(name), Some(format));
    }
    assert_eq!(Format::parse("pdf"), None);
    assert_eq!(Audience::parse("audit"), Some(Audience::Audit));
    assert_eq!(Audience::parse("customer"), Some(Audience::Customer));
    assert_eq!(Audience::parse("staff"), None);
    assert_eq!(render(&sample(), Audience::Audit, Format::Text), text(&sample(), Audience::Audit));
}

/// Marks every word and name in an event: `secret…` if it is staff's, `open…` if the customer saw it.
fn marked(event: &mut Event, n: usize) {
    let secret = || name("secretive");
    match &mut event.fact {
        Fact::WatchBegan { watcher: who, .. }
        | Fact::WatchEnded { watcher: who, .. }
        | Fact::HelperJoined { helper: who, .. }
        | Fact::HelperLeft { helper: who, .. }
        | Fact::Offered { to: who, .. }
        | Fact::OfferedToDepartment { giver: who, .. }
        | Fact::Introduced { to: who, .. }
        | Fact::PrivateSaid { to: who, .. }
        | Fact::Readiness { agent: who, .. }
        | Fact::CapacitySet { agent: who, .. } => *who = secret(),
        Fact::OfferEnded { to, .. } => *to = Some(secret()),
        Fact::Tagged { added, removed, .. } => {
            *added = vec![line("secretive")];
            *removed = vec![line("secretive")];
        }
        Fact::Routed { chosen, candidates, .. } => {
            *chosen = Some(secret());
            candidates.iter_mut().for_each(|c| c.agent = secret());
        }
        Fact::CustomerKnown { code, .. } => *code = Arc::from("7k2f"),
        _ => {}
    }
    let open = match &event.fact {
        Fact::Said { to: Hearers::Everyone, verb, .. } => *verb != Verb::Tag,
        _ => false,
    };
    let nick = matches!(event.fact, Fact::CustomerKnown { .. } | Fact::CustomerRenamed { .. });
    let word = |at: usize| match (open, nick, at) {
        (true, _, 0) => format!("open{n}x"),
        // Further lines of a message, of which some continue the one before.
        (true, _, 2..) => format!("{}open{n}x{at}", if at.is_multiple_of(2) { '+' } else { ' ' }),
        (_, true, 0) => format!("nick{n}"),
        _ => format!("secret{n}x{at}"),
    };
    event.words = (0..event.words.len()).map(|at| line(&word(at))).collect();
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn no_word_of_staff_is_in_a_customers_transcript(mut events in any_log(60)) {
        events.iter_mut().enumerate().for_each(|(n, event)| marked(event, n));
        let episode = Episode {
            conversation: ConversationId(987_654_321),
            channel: "#c-anna-7k2f".to_owned(),
            opened: Timestamp(0),
            closed: None,
            events,
        };
        for format in [Format::Text, Format::Json, Format::Html] {
            let page = render(&episode, Audience::Customer, format);
            prop_assert!(!page.contains("secret"), "{}", page);
            prop_assert!(!page.contains("987654321"));
            let audit = render(&episode, Audience::Audit, format);
            for event in &episode.events {
                for (at, word) in event.words.iter().map(Line::as_str).enumerate() {
                    let said = matches!(event.fact, Fact::Said { .. });
                    let word = if said && at > 1 { word.trim_start_matches(['+', ' ']) } else { word };
                    if word.starts_with("open") {
                        prop_assert!(page.contains(word), "{} lacks {}", page, word);
                    }
                    // The tags that a client sent are for clients.
                    let shown = !said || at != 1;
                    prop_assert!(!shown || audit.contains(word), "{} lacks {}", audit, word);
                }
            }
        }
    }

    #[test]
    fn the_count_is_the_number_of_lines(events in any_log(60)) {
        let (channel, conversation) = ("#c".to_owned(), ConversationId(1));
        let episode = Episode { conversation, channel, opened: Timestamp(0), closed: None, events };
        let page = text(&episode, Audience::Audit);
        let timed = |l: &&str| l.len() > 9 && l.is_char_boundary(8) && l[..8].matches(':').count() == 2 && l.as_bytes()[2] == b':';
        let lines = page.lines().filter(timed).count();
        let count: usize = page.lines().last().unwrap().split(' ').next().unwrap().parse().unwrap();
        let said = |e: &Event| matches!(e.fact, Fact::Said { .. });
        let rows = |e: &Event| if said(e) { e.lines().len() } else { 1 };
        prop_assert_eq!(count, episode.events.iter().map(rows).sum::<usize>());
        prop_assert_eq!(lines, count);
    }
}
