//! Whatever a client says before and after registration, in whatever order, and whenever the checks of its
//! passwords come to their end: it is only ever told what is legal, and the desk knows it as just that.
//!
//! The checker below is written from the specifications and knows nothing of the implementation. It reads
//! the lines that go out and come in, and the desk's list of people. Classes: CVE-2022-24976 (a sign-in
//! completed by the end of registration), CVE-2016-7144 (a fingerprint that was only claimed),
//! CVE-2019-20918 (a verdict that comes after the end), ergo#1634 (REGISTER round the server's password).

use crate::stage::{PASSWORD, PRINT, Peer, Stage};
use crate::support::{params, verb};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use std::collections::VecDeque;
use switchboard::desk::settings::{Guests, Settings};
use switchboard::face::ServerInfo;
use switchboard::face::registering::Registration;

/// SplitMix64.
struct Rng(u64);

impl Rng {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % n as u64).unwrap()
    }

    fn one<'a>(&mut self, of: &'a [String]) -> &'a str {
        &of[self.below(of.len())]
    }
}

/// What clients say. `%` is a number, so that names meet and do not meet.
fn script(server_password: bool) -> Vec<String> {
    let plain = |account: &str, password: &str| {
        format!("AUTHENTICATE {}", BASE64.encode(format!("\0{account}\0{password}")))
    };
    let mut lines: Vec<String> = [
        "CAP LS",
        "CAP LS 302",
        "CAP LIST",
        "CAP REQ sasl",
        "CAP REQ :sasl cap-notify account-notify",
        "CAP REQ :-sasl",
        "CAP REQ :nothing",
        "CAP END",
        "CAP END",
        "NICK a%",
        "NICK bob",
        "NICK mia",
        "NICK 1",
        "NICK",
        "USER u 0 * :U",
        "USER u 0 * :U",
        "USER u",
        "PASS wrong",
        "PASS bob:wrong-one",
        "AUTHENTICATE PLAIN",
        "AUTHENTICATE PLAIN",
        "AUTHENTICATE EXTERNAL",
        "AUTHENTICATE SCRAM-SHA-256",
        "AUTHENTICATE NOPE",
        "AUTHENTICATE *",
        "AUTHENTICATE +",
        "AUTHENTICATE Ym9i",
        "AUTHENTICATE biwsbj1ib2Iscj1hYmNkZWY=",
        "REGISTER * * long-enough",
        "REGISTER r% * long-enough",
        "REGISTER bob * long-enough",
        "VERIFY a1 guess",
        "JOIN #x",
        "PING x",
        "QUIT",
    ]
    .map(str::to_owned)
    .into();
    // What leads on is said more often than what does not.
    for line in
        ["NICK a%", "USER u 0 * :U", "CAP END", "AUTHENTICATE PLAIN", "REGISTER r% * long-enough"]
    {
        lines.extend([line.to_owned(), line.to_owned(), line.to_owned()]);
    }
    lines.extend([plain("bob", PASSWORD), plain("mia", PASSWORD)]);
    lines.push(format!("AUTHENTICATE {}", "A".repeat(400)));
    lines.push(plain("bob", PASSWORD));
    lines.push(plain("mia", PASSWORD));
    lines.push(plain("bob", "wrong-one"));
    lines.push(plain("nobody", PASSWORD));
    lines.push(format!("PASS mia:{PASSWORD}"));
    lines.push(format!("PASS bob:{PASSWORD}"));
    if server_password {
        lines.push("PASS letmein".to_owned());
        lines.push("PASS letmein".to_owned());
    }
    lines
}

/// What a client can know of itself, from what it has said and read.
#[derive(Default)]
struct Known {
    welcomed: bool,
    over: bool,
    nick: bool,
    user: bool,
    /// CAP LS or REQ, and no END since.
    holds: bool,
    /// A password that it may know was said: the server's, or an account's with rights.
    admitted: bool,
    /// Secrets said since the last numeric that ended an exchange.
    secret: Option<&'static str>,
    account: Option<String>,
}

struct Client {
    peer: Peer,
    certificate: bool,
    known: Known,
    /// Said and not answered: each with a PING behind it, so that its PONG tells that all of it was.
    said: VecDeque<String>,
    /// What the first of them lets it do is noted.
    begun: bool,
}

/// Judges what one client read, against the rules.
fn judge(client: &mut Client, heard: &[String], password: bool) -> Result<(), String> {
    for line in heard {
        let (code, words) = (verb(line), params(line));
        // Nothing is read while a check is under way: what comes belongs to the first line.
        if let (false, Some(first)) = (client.begun, client.said.front()) {
            note(&mut client.known, first);
            client.begun = true;
        }
        if code == "PONG" && words.last().is_some_and(|word| word == "behind") {
            client.said.pop_front();
            client.begun = false;
            continue;
        }
        let Client { known, certificate, .. } = client;
        if known.over {
            return Err(format!("{line}: after ERROR nothing comes"));
        }
        match code.as_str() {
            "001" => {
                let ready = known.nick && known.user && !known.holds;
                let once = !std::mem::replace(&mut known.welcomed, true);
                let staff = known.account.as_deref().is_some_and(|account| account == "bob");
                if !once || !ready {
                    return Err(format!("{line}: too early, or twice"));
                }
                if password && !known.admitted && !staff {
                    return Err(format!("{line}: without the server's password"));
                }
            }
            "900" => {
                let account = words[2].clone();
                let shown = match known.secret {
                    Some("registered") => true,
                    Some("certificate") => *certificate && account == "bob",
                    Some(named) => account == named,
                    None => false,
                };
                if !shown {
                    return Err(format!("{line}: nobody showed who they are"));
                }
                known.account = Some(account);
                known.secret = None;
            }
            "904" | "905" | "906" => known.secret = None,
            "REGISTER" | "VERIFY" if words[0] == "SUCCESS" => {
                if password && !known.admitted {
                    return Err(format!("{line}: round the server's password"));
                }
                if known.account.is_some() {
                    return Err(format!("{line}: signed in already"));
                }
                known.secret = Some("registered");
            }
            "ERROR" => known.over = true,
            "JOIN" | "353" | "366" | "005" | "422" if !known.welcomed => {
                return Err(format!("{line}: before 001"));
            }
            "451" if known.welcomed => return Err(format!("{line}: after 001")),
            _ => {}
        }
    }
    Ok(())
}

/// What a line that was said lets its client do, if the server answers it.
fn note(known: &mut Known, line: &str) {
    let mut words = line.split(' ');
    match (words.next().unwrap(), words.next().unwrap_or_default()) {
        ("CAP", "LS" | "REQ") if !known.welcomed => known.holds = true,
        ("CAP", "END") => known.holds = false,
        ("NICK", name) => known.nick |= !name.is_empty() && !name.starts_with('1'),
        ("USER", _) if line.contains(':') => known.user = true,
        ("PASS", "letmein") => known.admitted = true,
        ("PASS", given) if given == format!("bob:{PASSWORD}") && !known.welcomed => {
            known.account = Some("bob".to_owned());
        }
        ("PASS", given) if given == format!("mia:{PASSWORD}") && !known.welcomed => {
            known.account = Some("mia".to_owned());
        }
        ("AUTHENTICATE", "EXTERNAL") => known.secret = Some("certificate"),
        ("AUTHENTICATE", "PLAIN" | "SCRAM-SHA-256") => known.secret = None,
        ("AUTHENTICATE", data) if data.len() < 400 => {
            let decoded = BASE64.decode(data).unwrap_or_default();
            for name in ["bob", "mia"] {
                if decoded == format!("\0{name}\0{PASSWORD}").into_bytes() {
                    known.secret = Some(name);
                }
            }
        }
        _ => {}
    }
}

/// What the desk holds must be what its client was told.
fn compare(stage: &Stage, client: &Client) -> Result<(), String> {
    let state = stage.node.desk().state();
    let id = state.person_of(client.peer.id);
    let person = state.person(id);
    let known = &client.known;
    if client.begun && !known.over {
        return Ok(());
    }
    match person {
        None if known.welcomed && !known.over => Err("welcomed, and the desk does not know".into()),
        Some(_) if !known.welcomed || known.over => Err("the desk knows who is not welcome".into()),
        Some(person) => {
            let account = person.account().map(|account| account.to_string());
            let staff = person.is_staff();
            // One person may have several clients, and sign in anew by any of them.
            if account != known.account && state.clients_of(&id).len() == 1 {
                return Err(format!("{account:?} is not {:?}", known.account));
            }
            if staff && account.as_deref() != Some("bob") {
                return Err("rights that nobody gave".into());
            }
            Ok(())
        }
        None => Ok(()),
    }
}

fn stage(guests: Guests, password: bool) -> Stage {
    let registration = Registration {
        invitation: false,
        email_required: false,
        before_connect: true,
        password_characters: 8,
    };
    let info = ServerInfo {
        desk: false,
        accounts_only: guests == Guests::Refuse,
        registration: Some(registration),
        password: password.then(|| "letmein".into()),
        ..ServerInfo::default()
    };
    Stage::with(Settings { guests, ..Settings::default() }, info)
}

/// Plays one seed; gives how often somebody was welcomed, signed in, and made an account.
fn play(seed: u64, steps: usize) -> [usize; 3] {
    let mut rng = Rng(seed);
    let guests = if rng.below(4) == 0 { Guests::Refuse } else { Guests::Member };
    let password = rng.below(3) == 0;
    let mut stage = stage(guests, password);
    let lines = script(password);
    let mut clients: Vec<Client> = Vec::new();
    let mut history: Vec<String> = Vec::new();
    let mut reached = [0; 3];
    for step in 0..steps {
        if clients.len() < 3 {
            let certificate = rng.below(2) == 0;
            let peer = stage.connect_with(certificate.then_some(PRINT));
            clients.push(Client {
                peer,
                certificate,
                known: Known::default(),
                said: VecDeque::new(),
                begun: false,
            });
        }
        let at = rng.below(clients.len());
        match rng.below(24) {
            0 => stage.held = true,
            1 | 2 => {
                stage.held = false;
                stage.answer();
            }
            3 => {
                let gone = clients.swap_remove(at);
                stage.node.closed(stage.now, gone.peer.id, "connection reset");
                stage.settle();
                assert!(stage.node.desk().state().person(gone.peer.id).is_none());
                history.push(format!("{step}: {:?} gone", gone.peer.id));
            }
            4 => {
                stage.node.set_accounts_work(stage.now, rng.below(3) != 0);
                stage.settle();
            }
            5 => stage.tell_accounts(),
            _ => {
                let line = rng.one(&lines).replace('%', &rng.below(3).to_string());
                history.push(format!("{step}: {:?} {line}", clients[at].peer.id));
                stage.bytes(
                    &clients[at].peer.clone(),
                    format!("{line}\r\nPING behind\r\n").as_bytes(),
                );
                clients[at].said.push_back(line);
            }
        }
        for client in &mut clients {
            let heard = client.peer.heard();
            for (count, what) in reached.iter_mut().zip([" 001 ", " 900 ", "REGISTER SUCCESS"]) {
                *count += heard.iter().filter(|line| line.contains(what)).count();
            }
            history.extend(heard.iter().map(|line| format!("    {:?} < {line}", client.peer.id)));
            let verdict = judge(client, &heard, password).and_then(|()| compare(&stage, client));
            if let Err(why) = verdict {
                let shown = history.iter().rev().take(60).rev().cloned().collect::<Vec<_>>();
                panic!(
                    "seed {seed}, step {step}, {guests:?}, {:?}: {why}\n{}",
                    client.peer.id,
                    shown.join("\n")
                );
            }
        }
        clients.retain(|client| !client.peer.closed());
    }
    reached
}

#[test]
fn any_interleaving_reaches_only_legal_states() {
    let from = std::env::var("STATES_SEED").ok().and_then(|seed| seed.parse().ok());
    let seeds = from.map_or(0..80, |seed: u64| seed..seed + 1);
    let mut reached = [0; 3];
    for seed in seeds {
        for (all, some) in reached.iter_mut().zip(play(seed, 160)) {
            *all += some;
        }
    }
    println!("welcomes, sign-ins and new accounts: {reached:?}");
    assert!(from.is_some() || reached.iter().all(|count| *count > 60), "{reached:?}");
}
