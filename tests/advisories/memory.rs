//! Advisories about memory, numbers and shapes.

use crate::stage::{Peer, Stage};
use proptest::prelude::*;
use std::time::Duration;
use switchboard::base::limits::{CHANLIMIT, MAXLIST, MONITOR};
use switchboard::config::Config;
use switchboard::face::irc::desk_commands::DESK_COMMANDS;
use switchboard::node::Limits;

fn has(heard: &[String], what: &str) -> bool {
    heard.iter().any(|line| line.contains(what))
}

/// CVE-2015-5290: a list command took memory without end.
#[test]
fn every_list_of_a_person_has_its_end() {
    let mut stage = Stage::new();
    let bob = stage.staff("bob", "batch");
    let carol = stage.staff("carol", "batch");
    let mut told = Vec::new();
    for n in 0..600 {
        let others: Vec<String> = (0..20).map(|i| format!("n{n}x{i}")).collect();
        told.extend(stage.says(&bob, &format!("MONITOR + {}", others.join(","))));
        told.extend(stage.says(&bob, &format!("JOIN #r{n}\r\nMODE #r0 +b *!*@h{n}")));
        stage.says(&carol, &format!("JOIN #i{n}\r\nINVITE bob #i{n}\r\nPART #i{n}"));
        bob.heard();
    }
    for refused in [" 734 ", " 405 ", " 478 "] {
        assert!(has(&told, refused), "{refused}");
    }
    let state = stage.node.desk().state();
    let (_, person) = state.persons().find(|(id, _)| *id == bob.id).unwrap();
    assert!(person.monitors.len() <= MONITOR && person.rooms.len() <= CHANLIMIT);
    assert!(person.invited.len() <= CHANLIMIT, "{} invitations", person.invited.len());
    let lists = state.room(&switchboard::base::text::Folded::of("#r0")).unwrap();
    assert!(lists.lists.values().map(Vec::len).sum::<usize>() <= MAXLIST);
    assert!(state.customers().count() == 0);
}

/// CVE-2015-5290: what each of the lists may hold, in bytes, with everything as long as it may be.
#[test]
fn what_a_person_keeps_is_bounded_in_bytes() {
    use switchboard::base::limits::{METADATA_KEY_BYTES, METADATA_VALUE_BYTES, NICKLEN};
    use switchboard::desk::language::metadata::Owner;
    let mut stage = Stage::members();
    let anna = stage.connect();
    let caps =
        "batch draft/metadata-2 draft/multiline draft/read-marker message-tags standard-replies";
    let lines = format!("CAP REQ :{caps}\r\nNICK anna\r\nUSER a 0 * :a\r\nCAP END\r\nJOIN #x");
    stage.says(&anna, &lines);
    let value = "v".repeat(METADATA_VALUE_BYTES);
    let mut told = Vec::new();
    for n in 0..600 {
        let key = format!("{n:0>width$}", width = METADATA_KEY_BYTES);
        let nick = format!("n{n:0>width$}", width = NICKLEN - 1);
        told.extend(stage.says(
            &anna,
            &format!("METADATA * SET {key} :{value}\r\nMETADATA #x SET {key} :{value}"),
        ));
        told.extend(stage.says(&anna, &format!("METADATA * SUB {key}\r\nMONITOR + {nick}")));
        told.extend(
            stage.says(&anna, &format!("MARKREAD #{nick} timestamp=2026-01-01T00:00:00.000Z")),
        );
    }
    for refused in [" LIMIT_REACHED ", " TOO_MANY_SUBS ", " 734 ", " INTERNAL_ERROR "] {
        assert!(has(&told, refused), "{refused}");
    }
    let state = stage.node.desk().state();
    let (_, person) = state.persons().find(|(id, _)| *id == anna.id).unwrap();
    let settings = switchboard::desk::settings::MetadataSettings::default();
    let one = METADATA_KEY_BYTES + METADATA_VALUE_BYTES;
    for owner in [Owner::Session(anna.id), Owner::Room(switchboard::base::text::Folded::of("#x"))] {
        let kept: usize =
            state.metadata(&owner).map(|(key, value)| key.len() + value.as_str().len()).sum();
        assert!(kept > 0 && kept <= settings.max_keys as usize * one, "{owner:?}: {kept}");
    }
    let subscribed: usize = person.subscriptions.iter().map(|key| key.len()).sum();
    assert!(subscribed <= settings.max_subs as usize * METADATA_KEY_BYTES, "{subscribed}");
    let watched: usize = person.monitors.values().map(|nick| nick.as_str().len()).sum();
    assert!(watched <= MONITOR * NICKLEN, "{watched}");
    // A batch that never ends is over at its limit, however long somebody goes on with it.
    stage.says(&anna, "BATCH +1 draft/multiline #x");
    let line = format!("@batch=1;+a={} PRIVMSG #x :{}", "t".repeat(4000), "w".repeat(400));
    let refused = (0..500).filter(|_| !stage.says(&anna, &line).is_empty()).count();
    assert_eq!(refused, 1, "said once, and what follows is not kept");
}

/// CVE-2021-32918: with its default settings a server took all memory there was.
#[test]
fn the_defaults_bound_what_peers_can_take() {
    let limits = Config::default().limits;
    for (name, bound) in [
        ("sendq_soft", limits.sendq_soft),
        ("sendq_hard", limits.sendq_hard),
        ("messages_per_second", limits.messages_per_second as usize),
        ("connections", limits.connections as usize),
        ("connections_per_address", limits.connections_per_address as usize),
        ("connections_per_account", limits.connections_per_account as usize),
        ("connects_per_minute", limits.connects_per_minute as usize),
        ("logins_per_minute", limits.logins_per_minute as usize),
    ] {
        assert!(bound > 0, "{name} is off unless somebody turns it on");
    }
    assert!(!limits.registration_timeout.is_zero() && !limits.ping_timeout.is_zero());
    assert!(limits.sendq_hard <= 4 << 20, "one peer's queue");
    assert!(Limits::default().queue_hard <= 4 << 20);
}

/// CVE-2021-33586, CVE-2012-6084: a PONG of odd shape, and commands where they did not belong.
#[test]
fn no_verb_minds_how_many_parameters_it_gets() {
    let verbs = "ADMIN AUTHENTICATE AWAY CAP HEALTH HELP HELPOP INFO INVITE ISON JOIN KICK KILL KLINE \
        LINKS LIST LUSERS MODE MONITOR MOTD NAMES NICK NOTICE OPER PART PASS PING PONG PRIVMSG \
        QUIT REHASH SETNAME STATS SUMMON TAGMSG TIME TOPIC TRACE UNKLINE USER USERHOST USERS WALLOPS \
        VERSION WHO WHOIS WHOWAS SERVER SQUIT NJOIN WEBIRC REGISTER VERIFY BATCH CHATHISTORY \
        ISUPPORT MARKREAD METADATA REDACT RENAME DLINE UNDLINE CONNECT";
    let desk = DESK_COMMANDS.iter().map(|row| row.name);
    for verb in verbs.split_ascii_whitespace().chain(desk) {
        let mut stage = Stage::new();
        let mut bob = stage.staff("bob", "batch");
        for count in 0..=17 {
            for filler in ["a", ":", "#c-x-7777", "-1", "::"] {
                let line = format!("{verb}{}", format!(" {filler}").repeat(count));
                if bob.closed() {
                    bob = stage.staff("bob", "batch");
                }
                let (anna, _, _) = stage.customer("anna", "batch");
                for peer in [&stage.connect(), &bob, &anna] {
                    stage.says(peer, &line);
                }
                let gone = stage.node.desk().state().persons().map(|(id, _)| id);
                let gone: Vec<_> = gone.filter(|id| *id != bob.id).collect();
                for id in gone {
                    stage.node.closed(stage.now, id, "gone");
                }
                stage.settle();
            }
        }
    }
    let mut stage = Stage::new();
    let peer = stage.connect();
    for pong in ["PONG", "PONG :", "PONG a", "PONG a b", "PONG a b c d", "PONG : :"] {
        assert!(stage.says(&peer, pong).is_empty(), "nothing is disclosed in answer to {pong}");
    }
}

/// CVE-2009-4016, CVE-2013-0238: a number below nothing or above everything.
#[test]
fn numbers_at_their_ends_are_refused_or_taken_and_never_counted_with() {
    let mut stage = Stage::new();
    let bob = stage.staff("bob", "standard-replies");
    let (anna, _, channel) = stage.customer("anna", "standard-replies");
    stage.says(&anna, &format!("PRIVMSG {channel} :help"));
    stage.says(&bob, &format!("JOIN {channel}\r\nJOIN #room"));
    let ends =
        ["-1", "0", "4294967295", "4294967296", "18446744073709551615", "99999999999999999999"];
    for n in ends {
        for line in [
            format!("CAPACITY {n}"),
            format!("HISTORY {channel} {n}"),
            format!("HOLD {channel} {n}"),
            format!("BLOCK 203.0.113.7 {n} :x"),
            format!("BLOCK 203.0.113.7 {n}w :x"),
            format!("BLOCK 203.0.113.7/{n} 1h :x"),
            format!("BLOCK ::1/{n} 1h :x"),
            format!("UNBLOCK {n}"),
            format!("KLINE {n} 203.0.113.7 :x"),
            format!("REPORT {n}w"),
            format!("REPORT {n}d"),
            format!("MODE #room +l {n}"),
            format!("LIST C<{n},C>{n},T<{n},T>{n},>{n},<{n}"),
            format!("WHO * %t,{n}"),
            format!("CAP LS {n}"),
            format!("STATS {n}"),
        ] {
            let heard = stage.says(&bob, &line);
            assert!(!heard.is_empty() && !bob.closed(), "{line}: {heard:#?}");
        }
        stage.says(&anna, &format!("RATE {n}\r\nHISTORY {n}"));
        stage.passes(Duration::from_secs(1));
        anna.heard();
        bob.heard();
    }
}

/// Blocks somebody, and says whether it was taken.
fn blocked(stage: &mut Stage, bob: &Peer, target: &str) -> bool {
    let before = stage.disk.events().len();
    let heard = stage.says(bob, &format!("BLOCK {target} 1h :why"));
    assert!(!heard.is_empty(), "{target:?}");
    stage.disk.events().len() > before
}

/// CVE-2013-0238: a negative prefix length.
#[test]
fn a_prefix_out_of_its_range_blocks_nobody() {
    let mut stage = Stage::new();
    let bob = stage.staff("bob", "standard-replies");
    for bad in [
        "192.0.2.0/-1",
        "192.0.2.0/33",
        "192.0.2.0/99999999999",
        "192.0.2.0/",
        "/8",
        "0.0.0.0/0",
        "::/0",
        "2001:db8::/129",
        "2001:db8::/-0",
        "192.0.2.0/8/8",
        "192.0.2.0/0x8",
        "192.0.2/24",
        "*",
        "*!*@*",
        "?*!*@*",
        "//",
        "1/1",
        "192.0.2.0/ 8",
    ] {
        assert!(!blocked(&mut stage, &bob, bad), "{bad}");
        assert_eq!(stage.node.blocked(stage.now, "192.0.2.9"), None, "{bad}");
    }
    assert!(blocked(&mut stage, &bob, "198.51.100.77/24"));
    assert!(stage.node.blocked(stage.now, "198.51.100.9").is_some());
    assert!(stage.node.blocked(stage.now, "::ffff:198.51.100.9").is_some());
    assert_eq!(stage.node.blocked(stage.now, "198.51.101.9"), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// CVE-2013-0238: whatever is typed as a mask, only who it names is blocked.
    #[test]
    fn any_mask_is_refused_or_names_somebody(
        targets in proptest::collection::vec("[0-9a-f:./*?!@-]{1,24}|[0-9]{1,3}(\\.[0-9]{1,3}){3}/-?[0-9]{1,12}", 1..20)
    ) {
        let mut stage = Stage::new();
        let bob = stage.staff("bob", "standard-replies");
        for target in &targets {
            blocked(&mut stage, &bob, target);
        }
        prop_assert!(!bob.closed());
        let state = stage.node.desk().state();
        prop_assert_eq!(state.persons().count(), 1);
    }
}

/// CVE-2013-6413, CVE-2013-7384: somebody ended while words to them were under way.
#[test]
fn ends_in_the_middle_of_what_ends_them() {
    let mut stage = Stage::new();
    let staff = ["bob", "carol", "sue"].map(|name| stage.staff(name, "batch echo-message"));
    let [bob, carol, sue] = &staff;
    let (anna, nick, channel) = stage.customer("anna", "batch");
    stage.says(&anna, &format!("PRIVMSG {channel} :help"));
    stage.says(bob, &format!("JOIN {channel}"));
    stage.says(carol, &format!("JOIN {channel}"));
    stage.says(sue, &format!("WATCH {channel}"));
    // The block ends the conversation and the connection of whom the words are about.
    let lines = format!("BLOCK {nick} 1h :x\r\nPRIVMSG {channel} :there?\r\nKICK {channel} {nick}");
    stage.says(bob, &lines);
    assert!(anna.closed());
    let heard = stage.says(&anna, "PRIVMSG desk :still here");
    assert!(heard.last().is_some_and(|line| line.starts_with("ERROR ")), "{heard:#?}");
    // All in one read: what stands behind the end is nobody's.
    stage.says(carol, "QUIT :a\r\nPRIVMSG #support :after\r\nQUIT :b\r\nNICK ghost");
    assert!(carol.closed() && !has(&bob.heard(), "after"));
    stage.accounts.remove("sue").unwrap();
    stage.tell_accounts();
    assert!(sue.closed());
    assert_eq!(stage.signed_in(), ["bob"]);
}

/// CVE-2021-22911: a question became a command of the database.
#[test]
fn a_search_is_words_and_never_a_query() {
    use switchboard::base::text::Line;
    use switchboard::store::sqlite::{SqliteArchive, SqliteJournal};
    use switchboard::store::{Archive, Journal};
    let mut stage = Stage::new();
    let (anna, _, channel) = stage.customer("anna", "batch");
    stage.says(&anna, &format!("PRIVMSG {channel} :plain words"));
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("switchboard.db");
    let mut journal = SqliteJournal::open(file.clone()).unwrap();
    journal.append(&stage.disk.events()).unwrap();
    let mut archive = SqliteArchive::open(file).unwrap();
    for words in [
        "' OR 1=1 --",
        "\" OR *",
        "x'; DROP TABLE event; --",
        "NEAR(",
        "a AND NOT",
        "*",
        "^",
        "\0",
        "{col}:x",
    ] {
        let found = archive.search(Line::scrubbed(words).as_str(), 10);
        assert!(found.is_ok_and(|found| found.is_empty()), "{words:?}");
    }
    assert_eq!(archive.search("words", 10).unwrap().len(), 1);
}
