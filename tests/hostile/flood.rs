//! Too much at once: peers that never read, and peers that never stop.

use crate::world::{Client, Setup, play};
use switchboard::node::Limits;

fn small_queues() -> Setup {
    let limits = Limits {
        queue_soft: 16 << 10,
        queue_hard: 64 << 10,
        lines_per_second: 0,
        ..Limits::default()
    };
    Setup { limits, ..Setup::default() }
}

#[test]
fn who_never_reads_is_cut_and_the_others_miss_nothing() {
    play(small_queues(), async |world| {
        let mut bob = world.staff("bob").await;
        let mut sue = world.staff("sue").await;
        let mut carol = Client::narrow(world.irc).await;
        carol.signs_in("carol").await;
        for member in [&mut bob, &mut sue, &mut carol] {
            member.says("JOIN #room\r\n").await;
            member.hears(" 366 ").await;
        }
        let words = "x".repeat(380);
        let (mut said, mut gone) = (0, false);
        while world.counters().cut_queue == 0 {
            for _ in 0..50 {
                said += 1;
                bob.says(&format!("PRIVMSG #room :{said} {words}\r\n")).await;
            }
            bob.hears_pong().await;
            assert!(said < 100_000, "carol is never cut");
            // Sue reads as fast as it comes.
            let mut next = said - 49;
            while next <= said {
                let line = sue.line().await.expect("sue is still here");
                if line.contains(&format!(" PRIVMSG #room :{next} x")) {
                    next += 1;
                }
                gone |= line.contains(" QUIT ") && line.contains("sendq exceeded");
            }
        }
        // Both are told who is gone and why.
        if !gone {
            assert!(sue.hears(" QUIT ").await.contains("sendq exceeded"));
        }
        let rest = carol.rest().await;
        let lines: Vec<&str> = rest.split_terminator("\r\n").collect();
        assert_eq!(*lines.last().unwrap(), "ERROR :sendq exceeded");
        let whole = |line: &&str| line.ends_with('x') || !line.contains(" PRIVMSG ");
        assert!(lines.iter().all(whole), "what carol did get is whole");
        assert_eq!(world.counters().cut_queue, 1);
        bob.says("PRIVMSG #room :still here\r\n").await;
        sue.hears("still here").await;
    });
}

#[test]
fn who_does_not_read_answers_is_not_read_either_and_loses_nothing() {
    play(small_queues(), async |world| {
        const LINES: usize = 4000;
        let (mut quiet, _) = world.customer("quiet").await;
        let mut greedy = Client::narrow(world.irc).await;
        greedy.says("NICK greedy\r\nUSER greedy 0 * :greedy\r\n").await;
        greedy.hears(" 376 ").await;
        let asked: String = (0..LINES).map(|n| format!("HELP JOIN\r\nPING n{n}\r\n")).collect();
        greedy.keeps_saying(asked + "PING last\r\n");
        world.until(|w| w.counters().choked > 0).await;
        quiet.hears_pong().await;
        assert_eq!(world.counters().cut_queue, 0, "its own doing is a reason to wait, not to cut");
        let mut next = 0;
        while let Some(line) = greedy.line().await {
            if line.ends_with(":last") {
                break;
            }
            if let Some((_, n)) = line.split_once(" PONG hostile.test :n") {
                assert_eq!(n.parse(), Ok(next), "in order, none left out");
                next += 1;
            }
        }
        assert_eq!(next, LINES);
    });
}

#[test]
fn a_flood_is_slowed_down_and_nothing_of_it_is_lost() {
    const LINES: usize = 600;
    let limits = Limits { lines_per_second: 1000, burst: 20, ..Limits::default() };
    play(Setup { limits, ..Setup::default() }, async |world| {
        let mut bob = world.staff("bob").await;
        let (mut quiet, _) = world.customer("quiet").await;
        let (mut anna, channel) = world.customer("anna").await;
        anna.says(&format!("PRIVMSG {channel} :help\r\n")).await;
        bob.hears("NEW #c-anna").await;
        bob.says(&format!("JOIN {channel}\r\n")).await;
        bob.hears("is yours").await;
        let lines: String =
            (0..LINES).map(|n| format!("PRIVMSG {channel} :line {n} end\r\n")).collect();
        anna.says(&lines).await;
        quiet.hears_pong().await;
        for n in 0..LINES {
            if n % 100 == 0 {
                quiet.hears_pong().await;
            }
            let line = bob.hears(&format!(" PRIVMSG {channel} :line ")).await;
            assert!(line.ends_with(&format!(":line {n} end")), "{line}, not {n}");
        }
        assert!(world.counters().throttled > 0, "{:?}", world.counters());
        anna.hears_pong().await;
    });
}

#[test]
fn a_full_house_turns_people_away_with_a_word_and_counts_them() {
    let gate = switchboard::net::GateLimits { per_address: 3, ..Default::default() };
    play(Setup { gate, ..Setup::default() }, async |world| {
        let (anna, _) = world.customer("anna").await;
        let (mut bert, _) = world.customer("bert").await;
        let typed = Client::to(world.plain).await;
        for port in [world.irc, world.plain] {
            let said = Client::to(port).await.rest().await;
            assert!(said.contains("Too many connections from your address"), "{said}");
        }
        assert_eq!(world.counters().connections_refused, 2);
        bert.hears_pong().await;
        drop((anna, bert, typed));
        world.until(|w| w.counters().connections_now == 0).await;
    });
}
