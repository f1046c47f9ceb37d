//! Broken and hostile WebSocket peers: before registration and after it (the class of CVE-2023-50784).

use crate::frames::{PING, Socket, TEXT, frame, request};
use crate::world::{Setup, World, play};
use switchboard::node::Limits;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpSocket, TcpStream};

async fn web(world: &World) -> Socket<TcpStream> {
    let stream = TcpStream::connect(world.web).await.unwrap();
    Socket::open(stream, "/irc", "Sec-WebSocket-Protocol: text.ircv3.net\r\n").await.0
}

#[test]
fn frames_that_lie_about_their_size_or_kind_end_their_sender() {
    play(Setup::default(), async |world| {
        let header = |first: u8, length: u64| {
            [&[first, 0x80 | 127], &length.to_be_bytes()[..], &[0; 4], b"NICK x"].concat()
        };
        let fragments = [frame(0x01, &[b'a'; 9000]), frame(0x00, &[b'a'; 9000])].concat();
        for (bytes, wanted) in [
            (header(TEXT, u64::MAX), 1009),
            (header(TEXT, 1 << 63), 1009),
            (header(TEXT, 1 << 32), 1009),
            (header(0x02, 20_000), 1009),
            (frame(PING, &[0; 126]), 1002),
            (fragments, 1009),
            (frame(TEXT, b"\xc3\x28"), 1007),
            (frame(0x80, b"of nothing"), 1002),
            (frame(0xf1, b"reserved bits"), 1002),
            (frame(0x83, b"reserved kind"), 1002),
            (vec![TEXT, 4, b'N', b'I', b'C', b'K'], 1002),
        ] {
            for registered in [false, true] {
                let mut peer = web(world).await;
                if registered {
                    peer.registers("peer").await;
                }
                peer.sends(&bytes).await;
                let (code, last) = peer.ends().await;
                assert_eq!(code, wanted, "{bytes:02x?}");
                assert!(last.starts_with("ERROR :"), "{last}");
            }
        }
    });
}

#[test]
fn whatever_comes_in_place_of_frames_ends_only_its_sender() {
    play(Setup::default(), async |world| {
        let mut random = 0x9e37_79b9_u32;
        for _ in 0..40 {
            let noise: Vec<u8> = (0..600)
                .map(|_| {
                    random ^= random << 13;
                    random ^= random >> 17;
                    random ^= random << 5;
                    random as u8
                })
                .collect();
            let mut peer = web(world).await;
            peer.sends(&noise).await;
            peer.stream.shutdown().await.unwrap();
            while peer.frame().await.is_some() {}
        }
    });
}

/// A ping costs what a line costs: who sends too many before registering is cut, later they wait.
#[test]
fn a_flood_of_pings_is_a_flood_of_lines() {
    play(Setup::default(), async |world| {
        let mut peer = web(world).await;
        let limits = Limits { lines_per_second: 0, ..Limits::default() };
        world.hub.with(|node, _| node.set_limits(limits));
        peer.sends(&frame(PING, b"?").repeat(300)).await;
        let (_, last) = peer.ends().await;
        assert!(last.starts_with("ERROR :Too many lines"), "{last}");
        let mut peer = web(world).await;
        peer.registers("peer").await;
        world.hub.with(|node, _| node.set_limits(Limits::default()));
        peer.sends(&frame(PING, b"?").repeat(100)).await;
        world.until(|world| world.counters().throttled > 0).await;
    });
}

#[test]
fn who_reads_no_answer_to_pings_is_not_read() {
    let limits = Limits { lines_per_second: 0, ..Limits::default() };
    play(Setup { limits, ..Setup::default() }, async |world| {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        let stream = socket.connect(world.web).await.unwrap();
        let (mut peer, _) = Socket::open(stream, "/", "").await;
        peer.registers("greedy").await;
        let pings = frame(PING, &[b'?'; 125]).repeat(1000);
        let mut sent = 0;
        // The server takes no more once its answers do not leave; the socket is full then.
        while peer.stream.try_write(&pings).is_ok() || sent < 100 {
            sent += 1;
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
            assert!(sent < 10_000, "it is read without end");
        }
        world.serves().await;
    });
}

#[test]
fn half_requests_and_half_frames_hold_nobody_up() {
    play(Setup::default(), async |world| {
        let whole = request("/", "");
        let mut halves = Vec::new();
        for cut in [1, 10, whole.len() - 1] {
            let mut stream = TcpStream::connect(world.web).await.unwrap();
            stream.write_all(&whole.as_bytes()[..cut]).await.unwrap();
            halves.push(stream);
        }
        let mut peer = web(world).await;
        let long = frame(TEXT, &[b'a'; 200]);
        peer.sends(&long[..100]).await;
        world.serves().await;
        drop((halves, peer));
    });
}
