//! Every command, with no, too few, too many, empty and oversized parameters, in every state of a
//! connection: each has an answer or is silent by its specification, and a connection that ends was
//! told ERROR.

use crate::world::{Client, Setup, World, play};
use switchboard::face::irc::desk_commands::DESK_COMMANDS;
use switchboard::node::Limits;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Fresh,
    HalfRegistered,
    Customer,
    Agent,
}

/// Commands that say nothing when all is well, or must never cause an answer: by which rule.
const SILENT: &[(&str, &[State], &str)] = &[
    ("NOTICE", &[State::Customer, State::Agent], "RFC 2812 3.3.2: never an automatic reply"),
    ("PONG", &ALL, "RFC 2812 3.7.3: the answer to PING has none"),
    ("TAGMSG", &[State::Customer, State::Agent], "message-tags: nothing to relay, nothing said"),
    ("JOIN", &[State::Agent], "RFC 2812 3.2.1: being there already is no error"),
    ("SEARCH", &[State::Agent], "the archive answers, behind the lines that follow"),
    ("REPORT", &[State::Agent], "the archive answers, behind the lines that follow"),
    ("SETNAME", &[State::Customer, State::Agent], "setname: told to those who asked for it"),
    ("MONITOR", &[State::Customer, State::Agent], "monitor: - and C are silent"),
    ("USER", &[State::Fresh, State::HalfRegistered], "kept until NICK and CAP END have come"),
    ("NICK", &ALL, "kept until USER has come; afterwards one's own nick again changes nothing"),
];

const ALL: [State; 4] = [State::Fresh, State::HalfRegistered, State::Customer, State::Agent];

fn shapes() -> Vec<String> {
    let many = " a b c d e f g h i j k l m n o p q";
    let shapes = ["", " :", " : :", " x", " #x", " #c-none-7777", " x y", " #x y z", many];
    let oversized = ["y".repeat(400), format!("#{}", "y".repeat(470)), "y".repeat(700)];
    let tagged = format!(" x\r\n@+t={} PING tagged", "y".repeat(5000));
    let shapes = shapes.iter().map(|shape| (*shape).to_owned());
    let lists = ["x,".repeat(200), "#x,".repeat(100), format!("#x :{}", "é".repeat(200))];
    shapes
        .chain(oversized.iter().chain(&lists).map(|text| format!(" {text}")))
        .chain([tagged])
        .collect()
}

/// The names of IRC's commands as HELP lists them, and those of the desk from its table.
async fn verbs(world: &World) -> Vec<String> {
    let mut sue = world.staff("sue").await;
    let (help, _) = sue.asks("HELP").await;
    let rows = help.iter().filter_map(|line| line.split_once(" 705 sue index :"));
    let names = rows.map(|(_, row)| row).filter(|row| !row.contains(|c: char| c.is_lowercase()));
    let mut verbs: Vec<String> =
        names.flat_map(str::split_whitespace).map(str::to_owned).filter(|v| v != "HELP").collect();
    assert!(verbs.len() > 40, "{help:#?}");
    verbs.extend(DESK_COMMANDS.iter().map(|row| row.name.to_owned()));
    verbs.extend(["NONSENSE", "1", "é"].map(str::to_owned));
    verbs
}

async fn enter(world: &World, state: State) -> Client {
    let mut client = Client::to(world.irc).await;
    match state {
        State::Fresh => {}
        State::HalfRegistered => client.says("CAP LS 302\r\nNICK half\r\n").await,
        State::Customer => return world.customer("anna").await.0,
        State::Agent => client.signs_in("bob").await,
    }
    client.asks("PING settled").await;
    client
}

/// True for a line that is an answer of some kind.
fn answers(line: &str) -> bool {
    let line = line.strip_prefix('@').and_then(|l| l.split_once(' ')).map_or(line, |(_, l)| l);
    let line = line.strip_prefix(':').and_then(|l| l.split_once(' ')).map_or(line, |(_, l)| l);
    let verb = line.split(' ').next().unwrap_or_default();
    let numeric = verb.len() == 3 && verb.bytes().all(|b| b.is_ascii_digit());
    let spoken = [
        "FAIL",
        "WARN",
        "NOTE",
        "NOTICE",
        "ERROR",
        "CAP",
        "AUTHENTICATE",
        "PONG",
        "JOIN",
        "PART",
        "NICK",
        "MODE",
        "TOPIC",
        "KICK",
        "INVITE",
        "SETNAME",
        "AWAY",
        "ACCOUNT",
        "PRIVMSG",
    ];
    numeric || spoken.contains(&verb)
}

fn may_be_silent(verb: &str, state: State) -> bool {
    SILENT.iter().any(|(name, states, _)| *name == verb && states.contains(&state))
}

async fn try_all(world: &World, state: State) {
    let verbs = verbs(world).await;
    world.until(|w| w.people() == 0).await;
    let mut client = enter(world, state).await;
    let mut unanswered = Vec::new();
    let before = matches!(state, State::Fresh | State::HalfRegistered);
    // What may lead out of the state that is tried.
    let moves: &[&str] =
        if before { &["NICK", "USER", "CAP", "PASS", "AUTHENTICATE"] } else { &["NICK"] };
    for verb in verbs {
        for shape in shapes() {
            let line = format!("{verb}{shape}");
            let (said, alive) = client.asks(&line).await;
            let answered = !said.is_empty() || may_be_silent(&verb, state);
            let shown: String = line.chars().take(60).collect();
            if !answered {
                unanswered.push(shown.clone());
            }
            assert!(said.iter().all(|l| answers(l)), "{state:?}: {shown:?}: {said:#?}");
            if !alive {
                let last = said.last().map_or("", String::as_str);
                assert!(last.starts_with("ERROR :"), "{state:?}: {shown:?}: {said:#?}");
            }
            if !alive || moves.contains(&verb.as_str()) {
                drop(client);
                client = enter(world, state).await;
            }
        }
        if before {
            // So many lines are taken before registration, and no more.
            drop(client);
            client = enter(world, state).await;
        }
    }
    assert!(unanswered.is_empty(), "{state:?}: nothing is said to {unanswered:#?}");
}

fn hasty() -> Setup {
    Setup { limits: Limits { lines_per_second: 0, ..Limits::default() }, ..Setup::default() }
}

#[test]
fn before_a_word_was_said() {
    play(hasty(), async |world| try_all(world, State::Fresh).await);
}

#[test]
fn half_registered() {
    play(hasty(), async |world| try_all(world, State::HalfRegistered).await);
}

#[test]
fn as_a_customer() {
    play(hasty(), async |world| try_all(world, State::Customer).await);
}

#[test]
fn as_an_agent() {
    play(hasty(), async |world| try_all(world, State::Agent).await);
}

#[test]
fn what_the_archive_answers_comes_too() {
    play(hasty(), async |world| {
        let mut bob = world.staff("bob").await;
        for (asked, answer) in [("SEARCH x' OR 1=1 --", "found"), ("REPORT 7d", "7d")] {
            bob.says(&format!("{asked}\r\n")).await;
            let said = bob.line().await.unwrap();
            assert!(answers(&said) && !said.is_empty(), "{asked}: {said} {answer}");
        }
    });
}
