//! Bytes that are no conversation: noise, lines without end, other protocols at the wrong door.

use crate::world::{Client, Setup, play};
use std::time::Duration;
use switchboard::node::Limits;

/// A TLS 1.2 client hello of 517 bytes, without a newline in it.
fn hello() -> Vec<u8> {
    let mut bytes = vec![0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3];
    bytes.resize(517, 0x5a);
    bytes
}

/// Noise that is the same in every run.
fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed | 1;
    let mut bytes = Vec::with_capacity(length);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.push((state >> 32) as u8);
    }
    bytes
}

/// Limits under which whoever does not register is soon cut.
fn impatient() -> Setup {
    let limits = Limits { registration: Duration::from_millis(300), ..Limits::default() };
    Setup { limits, ..Setup::default() }
}

/// No rate, so that only what is tested holds a peer back.
fn hasty() -> Setup {
    Setup { limits: Limits { lines_per_second: 0, ..Limits::default() }, ..Setup::default() }
}

/// Milliseconds for which this thread has had the processor. Source: proc(5), schedstat.
fn busy_ms() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    text.split(' ').next().unwrap().parse::<u64>().unwrap() / 1_000_000
}

/// Kilobytes of memory this process holds now.
fn resident_kb() -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap();
    let row = text.lines().find(|row| row.starts_with("VmRSS:")).unwrap();
    row.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn noise_is_cut_at_once_where_it_cannot_be_irc() {
    play(impatient(), async |world| {
        let (mut quiet, _) = world.customer("quiet").await;
        for first in [0_u8, 3, 0x16, 0x1f, 0x80, 0xff] {
            let mut bytes = noise(u64::from(first) + 7, 4096);
            (bytes[0], bytes[1]) = (first, b'\n');
            let mut peer = Client::to(world.irc).await;
            peer.sends(&bytes).await;
            assert!(peer.rest().await.starts_with("ERROR :"), "{first:#x}");
            quiet.hears_pong().await;
        }
        assert_eq!(world.counters().cut_other, 6);
        assert_eq!(world.people(), 1, "nobody came of it");
    });
}

#[test]
fn noise_costs_nobody_else_anything() {
    play(impatient(), async |world| {
        let (mut quiet, _) = world.customer("quiet").await;
        for seed in 1..=20 {
            let mut irc = Client::to(world.irc).await;
            // A letter first: it might be IRC, so it is read.
            irc.sends(b"N").await;
            irc.sends(&noise(seed, 64 << 10)).await;
            irc.sends(b"\n").await;
            let mut plain = Client::to(world.plain).await;
            plain.sends(&noise(seed, 8 << 10)).await;
            plain.sends(b"\n/quit\n").await;
            let mut tls = Client::to(world.tls).await;
            tls.sends(&noise(seed, 8 << 10)).await;
            quiet.hears_pong().await;
            assert!(irc.rest().await.contains("ERROR :"));
            plain.rest().await;
            tls.rest().await;
        }
        let counters = world.counters();
        assert_eq!(counters.cut_registration + counters.cut_other, 20, "{counters:?}");
    });
}

#[test]
fn a_line_without_end_is_not_kept() {
    play(hasty(), async |world| {
        const PIECE: usize = 1 << 20;
        const PIECES: usize = 32;
        let (mut quiet, _) = world.customer("quiet").await;
        let (mut long, _) = world.customer("long").await;
        let mut typed = Client::to(world.plain).await;
        typed.hears("Welcome").await;
        let piece = vec![b'x'; PIECE];
        let (before, read) = (resident_kb(), world.counters().bytes_in);
        for _ in 0..PIECES {
            long.sends(&piece).await;
            typed.sends(&piece).await;
            quiet.hears_pong().await;
        }
        let all = read + 2 * (PIECE * PIECES) as u64;
        world.until(|w| w.counters().bytes_in >= all).await;
        let grown = resident_kb().saturating_sub(before);
        assert!(grown < 24 << 10, "{grown} kB more for {} kB of one line each", 32 << 10);
        assert_eq!(world.counters().lines_overlong, 0, "it has not ended yet");
        long.says("\r\nPING behind\r\n").await;
        long.hears(" 417 ").await;
        long.hears("PONG hostile.test :behind").await;
        typed.says("\r\nhello\r\n").await;
        typed.hears("longer than").await;
        typed.hears("has your message").await;
        assert_eq!(world.counters().lines_overlong, 2);
    });
}

#[test]
fn a_line_without_end_is_no_registration() {
    play(impatient(), async |world| {
        let mut peer = Client::to(world.irc).await;
        peer.sends(&vec![b'N'; 200 << 10]).await;
        let said = peer.rest().await;
        assert!(said.starts_with("ERROR :Registration took too long"), "{said}");
        assert_eq!(world.counters().cut_registration, 1);
    });
}

#[test]
fn nul_and_bare_cr_end_no_line_and_reach_nobody() {
    play(hasty(), async |world| {
        let mut bob = world.staff("bob").await;
        let (mut anna, channel) = world.customer("anna").await;
        for bad in ["\rQUIT", "\0", "\r", "\r\0 PRIVMSG bob :x"] {
            let (said, alive) = anna.asks(&format!("PRIVMSG {channel} :one{bad} two")).await;
            assert!(alive && said.len() == 1, "{bad:?}: {said:?}");
            assert!(said[0].contains("NUL or a bare CR"), "{said:?}");
            let (said, alive) = anna.asks(&format!("NI\rCK {bad}\0")).await;
            assert!(alive && said.len() == 1, "{said:?}");
        }
        let mut typed = Client::to(world.plain).await;
        typed.hears("Welcome").await;
        typed.sends(b"typed\rQUIT\x1b[2Jthere\x07\r\n").await;
        typed.hears("has your message").await;
        let told = bob.hears("typed").await;
        assert!(!told.contains(char::is_control), "{told:?}");
        assert!(!told.contains("one"), "nothing of the lines that were not used");
    });
}

#[test]
fn a_browser_is_shown_the_door_and_nothing_it_posts_is_done() {
    play(hasty(), async |world| {
        let body = "NICK evil\r\nUSER evil 0 * :evil\r\nPRIVMSG desk :help\r\n";
        for verb in ["GET", "POST", "PUT", "HEAD", "OPTIONS", "DELETE", "PATCH", "CONNECT"] {
            for port in [world.irc, world.plain] {
                let mut browser = Client::to(port).await;
                let head = format!("{verb} / HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n");
                browser.says(&format!("{head}{body}")).await;
                let said = browser.rest().await;
                assert!(!said.contains(" 001 ") && !said.contains("has your message"), "{said}");
                if port == world.irc {
                    assert!(said.starts_with("ERROR :"), "{said}");
                }
            }
        }
        assert_eq!(world.counters().cut_other, 16);
        world.until(|w| w.people() == 0).await;
    });
}

#[test]
fn tls_at_a_plain_door_is_told_so_and_costs_no_processor() {
    play(impatient(), async |world| {
        for port in [world.irc, world.plain] {
            let mut peer = Client::to(port).await;
            peer.sends(&hello()).await;
            let said = peer.rest().await;
            assert!(said.contains("does not speak TLS"), "{said}");
        }
        assert_eq!(world.counters().cut_other, 2);
        // The same bytes behind a letter: more than one line's worth, and never a newline.
        let mut peer = Client::to(world.irc).await;
        let mut bytes = b"N".to_vec();
        bytes.extend(hello().repeat(12));
        let before = busy_ms();
        peer.sends(&bytes).await;
        assert!(peer.rest().await.starts_with("ERROR :Registration"));
        let busy = busy_ms() - before;
        assert!(busy < 150, "{busy} ms of 300 were spent on a peer that said nothing more");
    });
}

#[test]
fn plain_words_at_the_tls_door_end_and_others_get_in() {
    play(hasty(), async |world| {
        let mut silent = Vec::new();
        for n in 0..20 {
            let mut peer = Client::to(world.tls).await;
            if n % 2 == 0 {
                peer.says("NICK anna\r\nUSER anna 0 * :anna\r\n").await;
                assert!(!peer.rest().await.contains("001"));
            } else {
                silent.push(peer);
            }
        }
        let (mut quiet, _) = world.customer("quiet").await;
        quiet.hears_pong().await;
        assert_eq!(world.counters().connections, 1, "without a handshake there is no session");
    });
}

impl Client {
    /// The connection is served now, and whatever it is told besides is no error.
    pub(crate) async fn hears_pong(&mut self) {
        let (_, alive) = self.asks("PING now").await;
        assert!(alive, "a quiet client was cut");
    }
}
