//! The kinds of load, each a function from options to printed figures.

use super::Options;
use super::client::{Client, PATIENCE, connector, contains};
use super::machine::{Used, Watch, quantile, resident};
use super::server::{self, PASSWORD, Server};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::sync::{Notify, Semaphore};
use tokio::task::{JoinHandle, spawn_local};
use tokio::time::{interval, sleep, timeout};
use tokio_rustls::TlsConnector;

/// Connections that are being made at once.
const OPENING: usize = 32;
/// Customers of one agent.
const EACH: usize = 10;
/// Before anything is measured.
const WARM_UP: Duration = Duration::from_secs(1);

/// Runs what was asked for.
pub(crate) async fn run(options: &Options) {
    match options.mode.as_str() {
        "idle" => idle(options).await,
        "desk" => desk(options, None).await,
        "tls" => desk(options, Some(connector())).await,
        "churn" => churn(options).await,
        "fanout" => fanout(options, false).await,
        "slow" => fanout(options, true).await,
        other => panic!("there is no mode {other}; {}", super::USAGE),
    }
}

fn say_used(used: &Used, units: u64, unit: &str) {
    let each = used.server.as_secs_f64() * 1e6 / units.max(1) as f64;
    println!(
        "  server CPU {each:.2} us/{unit}, {:.2} of a core; {unit}s/s {:.0}; generator {:.2}, others {:.2} of a core",
        used.server.as_secs_f64() / used.wall.as_secs_f64(),
        units as f64 / used.wall.as_secs_f64(),
        used.own,
        used.others,
    );
}

fn say_delay(what: &str, delays: &mut [u32]) {
    delays.sort_unstable();
    let (half, most) = (quantile(delays, 0.5), quantile(delays, 0.99));
    let worst = delays.last().copied().unwrap_or_default();
    println!("  {what}: p50 {half} us, p99 {most} us, worst {worst} us, of {}", delays.len());
}

/// Makes that many customers, a few at a time; each with its channel.
async fn customers(
    server: &Server,
    tls: Option<&TlsConnector>,
    count: usize,
) -> Vec<(Client, String)> {
    let gate = Rc::new(Semaphore::new(OPENING));
    let address = if tls.is_some() { server.tls } else { server.plain };
    let make = |n: usize| {
        let (gate, tls) = (gate.clone(), tls.cloned());
        spawn_local(async move {
            let _turn = gate.acquire().await.unwrap();
            let mut client = Client::connect(address, tls.as_ref()).await;
            let channel = client.register(&format!("anna{n}"), None).await;
            (client, channel)
        })
    };
    let tasks: Vec<JoinHandle<(Client, String)>> = (0..count).map(make).collect();
    let mut made = Vec::new();
    for task in tasks {
        made.push(task.await.unwrap());
    }
    made
}

async fn agent(server: &Server, tls: Option<&TlsConnector>, n: usize) -> Client {
    let address = if tls.is_some() { server.tls } else { server.plain };
    let mut client = Client::connect(address, tls).await;
    client.register(&format!("agent{n}"), Some(&format!("agent{n}:{PASSWORD}"))).await;
    client
}

/// Resident bytes of a connection that is registered, in its channel, and silent.
async fn idle(options: &Options) {
    let count = options.connections.unwrap_or(5000);
    for (name, tls) in [("plain", None), ("TLS", Some(connector()))] {
        if name == "TLS" && options.running.is_some() {
            continue;
        }
        let server = server::get(options, 0);
        // What the first ones bring with them once is not a connection's.
        let first = customers(&server, tls.as_ref(), 50).await;
        sleep(WARM_UP).await;
        let before = resident(server.pid);
        let watch = Watch::start(server.pid);
        let made = customers(&server, tls.as_ref(), count).await;
        let opening = watch.stop();
        sleep(WARM_UP).await;
        let bytes = (resident(server.pid) - before) / count as u64;
        println!(
            "idle, {count} {name} connections: {bytes} resident bytes each ({} MB before)",
            before >> 20
        );
        say_used(&opening, count as u64, "opening");
        let watch = Watch::start(server.pid);
        sleep(options.span.min(Duration::from_secs(5))).await;
        let quiet = watch.stop();
        println!(
            "  silent: {:.4} of a core",
            quiet.server.as_secs_f64() / quiet.wall.as_secs_f64()
        );
        drop((first, made));
    }
}

/// What the customers of a desk share.
#[derive(Default)]
struct Loop {
    measuring: Cell<bool>,
    stopping: Cell<bool>,
    messages: Cell<u64>,
    delays: RefCell<Vec<u32>>,
    /// At a rate: those who have nothing under way.
    idle: RefCell<VecDeque<Rc<Notify>>>,
    paced: bool,
}

/// Conversations of two: a customer's line, the agent's answer, and so on.
async fn desk(options: &Options, tls: Option<TlsConnector>) {
    let count = options.connections.unwrap_or(500);
    let agents = count.div_ceil(EACH);
    let server = server::get(options, agents);
    let tls = tls.as_ref();
    let mut made = customers(&server, tls, count).await;
    let mut answering = Vec::new();
    for n in 0..agents {
        let mut client = agent(&server, tls, n).await;
        for (customer, channel) in made.iter_mut().skip(n * EACH).take(EACH) {
            customer.send(format!("PRIVMSG {channel} :hello\r\n").as_bytes()).await;
            customer.send(b"PING said\r\n").await;
            customer.until("PONG ").await;
            client.send(format!("JOIN {channel}\r\n").as_bytes()).await;
            client.until(" is yours. ").await;
        }
        answering.push(spawn_local(answer(client)));
    }
    let shared = Rc::new(Loop { paced: options.rate.is_some(), ..Loop::default() });
    let asking: Vec<_> =
        made.into_iter().map(|(c, name)| spawn_local(ask(c, name, shared.clone()))).collect();
    let pacer = options.rate.map(|rate| spawn_local(pace(rate, shared.clone())));
    sleep(WARM_UP).await;
    shared.measuring.set(true);
    let watch = Watch::start(server.pid);
    sleep(options.span).await;
    let (used, messages) = (watch.stop(), shared.messages.get());
    shared.measuring.set(false);
    shared.stopping.set(true);
    if let Some(pacer) = pacer {
        let late: u64 = pacer.await.unwrap();
        println!("  {late} turns found everybody still waiting for an answer");
    }
    for notify in shared.idle.borrow_mut().drain(..) {
        notify.notify_one();
    }
    for task in asking {
        task.await.unwrap();
    }
    let how = options.rate.map_or("closed loop".to_owned(), |rate| format!("{rate} messages/s"));
    let wire = if tls.is_some() { "TLS" } else { "plain" };
    println!("desk, {count} conversations, {agents} agents, {wire}, {how}: nothing missing");
    say_used(&used, messages, "message");
    say_delay("line and answer", &mut shared.delays.borrow_mut());
    answering.iter().for_each(JoinHandle::abort);
}

/// An agent: every line of a customer's is answered with the same words.
async fn answer(mut client: Client) {
    let mut out = Vec::new();
    loop {
        let Some(line) = client.line().await else { return };
        // `:anna0-code!~user@host PRIVMSG #c-anna0-code :~17`
        if let Some(at) = line.windows(3).position(|part| part == b" :~") {
            let text = &line[at + 3..];
            let mut words = line[..at].split(|&b| b == b' ');
            let (verb, channel) = (words.nth(1), words.next());
            if let (Some(b"PRIVMSG"), Some(channel)) = (verb, channel) {
                out.extend_from_slice(b"PRIVMSG ");
                out.extend_from_slice(channel);
                out.extend_from_slice(b" :=");
                out.extend_from_slice(text);
                out.extend_from_slice(b"\r\n");
            }
        }
        if !client.has_line() && !out.is_empty() {
            client.send(&out).await;
            out.clear();
        }
    }
}

/// A customer: a line, its answer, the next line; until it is over.
async fn ask(mut client: Client, channel: String, shared: Rc<Loop>) {
    let turn = Rc::new(Notify::new());
    for n in 0_u64.. {
        if shared.paced && !shared.stopping.get() {
            shared.idle.borrow_mut().push_back(turn.clone());
            turn.notified().await;
        }
        if shared.stopping.get() {
            return;
        }
        let said = Instant::now();
        client
            .send(format!("PRIVMSG {channel} :~{n} an ordinary line of some words\r\n").as_bytes())
            .await;
        let wanted = format!(":={n} an ordinary line of some words");
        let answered = timeout(PATIENCE, async {
            while let Some(line) = client.line().await {
                if line.ends_with(wanted.as_bytes()) {
                    return true;
                }
                assert!(!contains(line, b" :="), "an answer came out of turn");
            }
            false
        });
        let came = answered.await.unwrap_or(false);
        assert!(came, "{channel}: the answer to line {n} is missing");
        if shared.measuring.get() {
            shared.messages.set(shared.messages.get() + 2);
            shared.delays.borrow_mut().push(said.elapsed().as_micros() as u32);
        }
    }
}

/// Gives turns at a rate. The number of turns for which nobody was idle.
async fn pace(rate: u64, shared: Rc<Loop>) -> u64 {
    let begun = Instant::now();
    let (mut given, mut late) = (0, 0);
    let mut beat = interval(Duration::from_millis(1));
    while !shared.stopping.get() {
        beat.tick().await;
        let due = begun.elapsed().as_micros() as u64 * rate / 2 / 1_000_000;
        while given < due {
            given += 1;
            match shared.idle.borrow_mut().pop_front() {
                Some(turn) => turn.notify_one(),
                None => late += 1,
            }
        }
    }
    late
}

/// Visits: connect, register, say a line, quit, and wait for the end.
async fn churn(options: &Options) {
    let server = server::get(options, 0);
    let stop = Rc::new(Cell::new(false));
    let visits = Rc::new(Cell::new(0_u64));
    let delays = Rc::new(RefCell::new(Vec::new()));
    let before = resident(server.pid);
    let watch = Watch::start(server.pid);
    let worker = |n: usize| {
        let (stop, visits, delays, address) =
            (stop.clone(), visits.clone(), delays.clone(), server.plain);
        spawn_local(async move {
            while !stop.get() {
                let begun = Instant::now();
                let mut client = Client::connect(address, None).await;
                let channel = client.register(&format!("anna{n}"), None).await;
                client.send(format!("PRIVMSG {channel} :hello\r\nQUIT :bye\r\n").as_bytes()).await;
                client.until("ERROR ").await;
                let over = timeout(PATIENCE, client.read_out()).await;
                assert!(over.is_ok(), "the connection does not end");
                visits.set(visits.get() + 1);
                delays.borrow_mut().push(begun.elapsed().as_micros() as u32);
            }
        })
    };
    let workers: Vec<_> = (0..options.connections.unwrap_or(OPENING)).map(worker).collect();
    sleep(options.span).await;
    stop.set(true);
    for worker in workers {
        worker.await.unwrap();
    }
    let used = watch.stop();
    println!("churn, {} at once: every goodbye came", options.connections.unwrap_or(OPENING));
    say_used(&used, visits.get(), "visit");
    say_delay("a visit", &mut delays.borrow_mut());
    let grown = resident(server.pid).saturating_sub(before) / visits.get().max(1);
    println!("  {grown} resident bytes kept for each visit, of those whose seat is still held");
}

/// A staff channel of many: four speak in turn with themselves, everybody hears every line. With a peer
/// that reads nothing, the others are to be served as before, and it is to be cut.
async fn fanout(options: &Options, slow: bool) {
    const SPEAKERS: usize = 4;
    const BURST: usize = 10;
    let count = options.connections.unwrap_or(200).max(SPEAKERS);
    let server = server::get(options, count + usize::from(slow));
    let mut members = Vec::new();
    for n in 0..count {
        let mut client = agent(&server, None, n).await;
        client.send(b"JOIN #lounge\r\n").await;
        client.until(" 366 ").await;
        members.push(client);
    }
    let mute = if slow {
        let mut client = Client::narrow(server.plain).await;
        let pass = format!("agent{count}:{PASSWORD}");
        client.register(&format!("agent{count}"), Some(&pass)).await;
        client.send(b"JOIN #lounge\r\n").await;
        client.until(" 366 ").await;
        Some(client)
    } else {
        None
    };
    let heard: Rc<Vec<Cell<u64>>> = Rc::new((0..count).map(|_| Cell::new(0)).collect());
    let delays = Rc::new(RefCell::new(Vec::new()));
    let (stop, said) = (Rc::new(Cell::new(false)), Rc::new(Cell::new(0_u64)));
    let mut tasks = Vec::new();
    for (n, mut client) in members.into_iter().enumerate() {
        let (heard, stop, said, delays) =
            (heard.clone(), stop.clone(), said.clone(), delays.clone());
        tasks.push(spawn_local(async move {
            let mut pending: Option<Instant> = None;
            // Long lines fill sooner what the kernel keeps for a peer that does not read.
            let more = if slow { " and more of them".repeat(20) } else { String::new() };
            let line = format!("PRIVMSG #lounge :~ an ordinary line of some words{more}\r\n");
            let mut turn = line.into_bytes().repeat(BURST);
            turn.extend_from_slice(b"PING done\r\n");
            loop {
                if n < SPEAKERS && pending.is_none() && !stop.get() {
                    client.send(&turn).await;
                    said.set(said.get() + BURST as u64);
                    pending = Some(Instant::now());
                }
                let Some(line) = client.line().await else { panic!("member {n} was cut") };
                if contains(line, b" #lounge :~") {
                    heard[n].set(heard[n].get() + 1);
                } else if line.ends_with(b"done") {
                    let begun = pending.take().unwrap();
                    delays.borrow_mut().push(begun.elapsed().as_micros() as u32);
                }
            }
        }));
    }
    sleep(WARM_UP).await;
    delays.borrow_mut().clear();
    let (watch, before) = (Watch::start(server.pid), said.get());
    sleep(options.span).await;
    let (used, lines) = (watch.stop(), said.get() - before);
    stop.set(true);
    let all = said.get() * (count as u64 - 1);
    let begun = Instant::now();
    while heard.iter().take(count).map(Cell::get).sum::<u64>() < all {
        assert!(begun.elapsed() < PATIENCE, "deliveries are missing");
        sleep(Duration::from_millis(5)).await;
    }
    sleep(Duration::from_millis(50)).await;
    assert_eq!(heard.iter().map(Cell::get).sum::<u64>(), all, "a line came twice");
    println!("fanout, {SPEAKERS} speakers to {count}: every delivery came");
    say_used(&used, lines * (count as u64 - 1), "delivery");
    say_used(&used, lines, "line");
    say_delay("ten lines until they are stored and out", &mut delays.borrow_mut());
    if let Some(mut mute) = mute {
        let over = timeout(PATIENCE, mute.read_out()).await;
        println!("  the peer that read nothing was cut: {}", over.is_ok());
        assert!(over.is_ok(), "it was not cut; give it more --seconds");
    }
    for task in tasks {
        assert!(!task.is_finished(), "a member was cut");
        task.abort();
    }
}
