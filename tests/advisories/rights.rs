//! Advisories about who may do what.

use crate::stage::{Peer, Stage};
use switchboard::base::time::Timestamp;
use switchboard::desk::language::command::may_use;
use switchboard::desk::language::people::Role;
use switchboard::face::irc::desk_commands::DESK_COMMANDS;
use switchboard::store::Archive;

/// A line for each desk command that is right but for who says it.
fn lines(channel: &str, nick: &str) -> Vec<(&'static str, String)> {
    let arguments = |name: &str| match name {
        "QUEUE" | "TEMPLATES" | "BLOCKS" | "READY" | "ONLINE" | "HELP" => String::new(),
        "CAPACITY" => "3".to_owned(),
        "TRANSFER" => format!("{channel} carol cold :why"),
        "NOTE" | "HOLD" | "CLOSE" | "DECLINE" => format!("{channel} :text"),
        "SAY" => format!("{channel} greet x"),
        "SEARCH" => "words".to_owned(),
        "TAG" => format!("{channel} +vip"),
        "BLOCK" => "203.0.113.7 1h :why".to_owned(),
        "UNBLOCK" => "1".to_owned(),
        "REPORT" => "7d".to_owned(),
        "PROPOSE" => format!("{nick} :hello"),
        "RATE" => "5 nice".to_owned(),
        "EMAIL" => "a@example.com".to_owned(),
        "DEPARTMENT" => "support".to_owned(),
        _ => channel.to_owned(),
    };
    DESK_COMMANDS
        .iter()
        .map(|row| (row.name, format!("{} {}", row.name, arguments(row.name))))
        .collect()
}

struct Scene {
    stage: Stage,
    who: Peer,
    channel: String,
    nick: String,
}

fn scene(role: Role, inside: bool) -> Scene {
    let mut stage = Stage::new();
    let (anna, nick, channel) = stage.customer("anna", "batch");
    stage.says(&anna, &format!("PRIVMSG {channel} :help"));
    let caps = "standard-replies";
    let name = match role {
        Role::Customer => "",
        Role::Member => "mia",
        Role::Bot => "robo",
        Role::Agent => "bob",
        Role::Supervisor => "sue",
        Role::Admin => "root",
    };
    let who = match (role, inside) {
        (Role::Customer, true) => {
            stage.says(&anna, &format!("CAP REQ :{caps}"));
            anna
        }
        (Role::Customer, false) => stage.customer("eve", caps).0,
        _ => stage.staff(name, caps),
    };
    if inside && role.is_staff() {
        let carol = stage.staff("carol", "batch");
        stage.says(&carol, &format!("JOIN {channel}"));
        stage.says(&who, &format!("JOIN {channel}"));
    }
    who.heard();
    Scene { stage, who, channel, nick }
}

/// GHSA-8cmp-fc56-7g44: one command asked for the wrong right.
#[test]
fn every_desk_command_asks_for_its_own_right_and_a_refusal_changes_nothing() {
    let roles = [Role::Customer, Role::Bot, Role::Agent, Role::Supervisor, Role::Admin];
    for role in roles {
        for inside in [true, false] {
            for at in 0..DESK_COMMANDS.len() {
                let mut scene = scene(role, inside);
                let (name, line) = lines(&scene.channel, &scene.nick).swap_remove(at);
                if name == "HELP" {
                    continue;
                }
                let (before, people) = (scene.stage.disk.events().len(), picture(&scene.stage));
                let heard = scene.stage.says(&scene.who, &line).join("\n");
                let case = format!("{role} {inside}: {line}: {heard}");
                let refused = heard.contains(" NOT_PERMITTED ") || heard.contains(" 421 ");
                assert_eq!(refused, !may_use(name).allows(role), "{case}");
                if refused {
                    assert_eq!(scene.stage.disk.events().len(), before, "{case}");
                    assert_eq!(picture(&scene.stage), people, "{case}");
                }
                if role == Role::Customer && refused {
                    assert!(heard.contains(" 421 "), "to them there is no such command: {case}");
                }
            }
        }
    }
}

/// What operators of the server may do: each command, and from which role on.
const OPERATORS: &[(&str, Role)] = &[
    ("KILL carol :x", Role::Admin),
    ("WALLOPS :x", Role::Admin),
    ("REHASH", Role::Admin),
    ("STATS o", Role::Admin),
    ("STATS k", Role::Admin),
    ("STATS p", Role::Admin),
    ("KLINE 60 *!*@203.0.113.7 :x", Role::Agent),
    ("DLINE 60 203.0.113.7 :x", Role::Agent),
    ("UNKLINE 203.0.113.9", Role::Agent),
    ("UNDLINE 203.0.113.9", Role::Agent),
    ("OPER root open-sesame", Role::Bot),
    ("RENAME #ours #theirs :x", Role::Admin),
    ("REDACT #ours $ID :x", Role::Admin),
];

/// A command of operators that one role too many could use.
#[test]
fn every_operator_command_asks_for_its_own_right_and_a_refusal_changes_nothing() {
    use Role::{Admin, Agent, Bot, Customer, Member, Supervisor};
    for role in [Customer, Member, Bot, Agent, Supervisor, Admin] {
        for (line, least) in OPERATORS {
            let mut scene = scene(role, false);
            scene.stage.says(&scene.who, "CAP REQ :draft/message-redaction");
            let carol = scene.stage.staff("carol", "echo-message message-tags");
            scene.stage.says(&carol, "JOIN #ours\r\nBLOCK 203.0.113.9 1h :why");
            let said = scene.stage.says(&carol, "PRIVMSG #ours :words").join("");
            let id = said.split_once("msgid=").unwrap().1;
            let line = line.replace("$ID", id.split([';', ' ']).next().unwrap());
            let (before, people) = (scene.stage.disk.events().len(), picture(&scene.stage));
            let heard = scene.stage.says(&scene.who, &line).join("\n");
            let case = format!("{role}: {line}: {heard}");
            if role < *least {
                assert_eq!(scene.stage.disk.events().len(), before, "{case}");
                assert_eq!(picture(&scene.stage), people, "{case}");
                assert!(!carol.closed(), "{case}");
                for told in ["203.0.113", " 243 ", " 382 ", " 381 "] {
                    let echoed = line.contains(told);
                    assert!(echoed || !heard.contains(told), "{told}: {case}");
                }
            } else {
                let refused = [" 481 ", " 421 ", " 491 ", "NOT_PERMITTED"];
                assert!(refused.iter().all(|code| !heard.contains(code)), "{case}");
            }
        }
    }
}

/// Who watched, barged, blocked and killed can be asked for afterwards; what was said cannot.
#[test]
fn the_audit_names_who_did_what() {
    let mut stage = Stage::new();
    let (anna, _, channel) = stage.customer("anna", "");
    stage.says(&anna, &format!("PRIVMSG {channel} :help"));
    let (sue, root) = (stage.staff("sue", ""), stage.staff("root", ""));
    let lines = "WATCH $C\r\nUNWATCH $C\r\nBARGE $C\r\nTAKEOVER $C\r\nCLOSE $C :done";
    stage.says(&sue, &lines.replace("$C", &channel));
    stage.says(&sue, "BLOCK 203.0.113.9 1h :why\r\nUNBLOCK 1");
    stage.says(&root, "KILL sue :enough\r\nREHASH");
    let acts = stage.disk.archive().acts(Timestamp(0), Timestamp(u64::MAX)).unwrap();
    let acts: Vec<_> = acts.iter().map(|it| format!("{} {}", it.who, it.act)).collect();
    for wanted in [
        "sue watch",
        "sue unwatch",
        "sue barge",
        "sue takeover",
        "sue close",
        "sue block",
        "sue unblock",
        "root kill",
        "root rehash",
    ] {
        assert!(acts.iter().any(|act| act == wanted), "{wanted}: {acts:?}");
    }
}

/// Everything that could have changed.
fn picture(stage: &Stage) -> String {
    let state = stage.node.desk().state();
    let people: Vec<_> = state.persons().collect();
    let conversations: Vec<_> = state.conversations().collect();
    let agents: Vec<_> = state.agents().collect();
    format!("{people:?}{conversations:?}{agents:?}")
}

/// The same at the desk itself: a face goes on believing in the role that somebody came with.
#[test]
fn the_desk_asks_again_when_a_role_was_taken_away() {
    for at in 0..DESK_COMMANDS.len() {
        let mut scene = scene(Role::Supervisor, true);
        scene.stage.accounts.set_role("sue", Role::Bot).unwrap();
        scene.stage.tell_accounts();
        let (name, line) = lines(&scene.channel, &scene.nick).swap_remove(at);
        if name == "HELP" {
            continue;
        }
        let (before, people) = (scene.stage.disk.events().len(), picture(&scene.stage));
        let heard = scene.stage.says(&scene.who, &line).join("\n");
        let refused = heard.contains(" NOT_PERMITTED ") || heard.contains(" 481 ");
        assert_eq!(refused, !may_use(name).allows(Role::Bot), "{line}: {heard}");
        if refused {
            assert_eq!(scene.stage.disk.events().len(), before, "{line}");
            assert_eq!(picture(&scene.stage), people, "{line}");
        }
    }
}

/// The IRC verbs that mean a desk command ask for the same right; ergo#2382: what is somebody
/// else's looks as if it were not there.
#[test]
fn what_is_not_ones_own_looks_like_what_is_not_there() {
    let mut scene = scene(Role::Customer, false);
    let (channel, nick) = (scene.channel.clone(), scene.nick.clone());
    let bob = scene.stage.staff("bob", "batch");
    let caps = "draft/chathistory draft/message-redaction draft/metadata-2 draft/read-marker draft/channel-rename";
    scene.stage.says(&scene.who, &format!("CAP REQ :batch {caps}\r\nCAP REQ -batch"));
    scene.stage.says(&bob, "JOIN #room\r\nTOPIC #room :secret\r\nPRIVMSG #room :words");
    scene.stage.says(&bob, "METADATA * SET url :x\r\nMETADATA #room SET url :x");
    for line in [
        "JOIN $C",
        "PART $C",
        "TOPIC $C",
        "TOPIC $C :x",
        "MODE $C",
        "MODE $C +b",
        "MODE $C +b x",
        "NAMES $C",
        "WHO $C",
        "LIST $C",
        "KICK $C $N",
        "INVITE bob $C",
        "PRIVMSG $C :x",
        "PRIVMSG @$C :x",
        "WHOIS $N",
        "WHOWAS $N",
        "ISON $N",
        "USERHOST $N",
        "MONITOR + $N",
        "PRIVMSG $N :x",
        "INVITE $N #x",
        "KLINE 60 $N :x",
        "WATCH $C",
        "HISTORY $C",
        "CARD $C",
        "CHATHISTORY LATEST $C * 5",
        "CHATHISTORY AFTER $C timestamp=2020-01-01T00:00:00.000Z 5",
        "CHATHISTORY LATEST $N * 5",
        "REDACT $C s1 :x",
        "REDACT $N s1 :x",
        "METADATA $C LIST",
        "METADATA $C GET url",
        "METADATA $C SYNC",
        "METADATA $C SET url :x",
        "METADATA $C CLEAR",
        "METADATA $N LIST",
        "METADATA $N GET url",
        "METADATA $N SET url :x",
        "MARKREAD $C",
        "RENAME $C #other :x",
        "RENAME #other $C :x",
    ] {
        let mut ask = |channel: &str, nick: &str| {
            let asked = line.replace("$C", channel).replace("$N", nick);
            let heard = scene.stage.says(&scene.who, &asked).join("\n");
            heard.replace(channel, "$C").replace(nick, "$N").replace(&channel[1..], "$c")
        };
        let nothing = ask("#c-nobody-7777", "nobody-7777");
        assert_eq!(ask(&channel, &nick), nothing, "{line}");
        assert_eq!(ask("#room", "carol"), nothing, "{line}");
    }
}

/// An account without rights opens nothing at a desk: whoever signs in to it is a customer, and whoever
/// had rights and lost them is cut, with what staff see.
#[test]
fn an_account_without_rights_is_a_customers_at_a_desk() {
    let mut stage = Stage::new();
    let mia = stage.connect();
    let heard = stage.says(
        &mia,
        &format!("PASS mia:{}\r\nNICK mia\r\nUSER mia 0 * :Mia", crate::stage::PASSWORD),
    );
    let welcome = heard.iter().find(|line| line.contains(" 001 ")).unwrap();
    assert!(welcome.contains(" mia-"), "{welcome}");
    assert!(stage.signed_in().is_empty());
    let bob = stage.staff("bob", "batch");
    stage.accounts.set_role("bob", Role::Member).unwrap();
    stage.tell_accounts();
    assert!(bob.heard().last().unwrap().contains("ERROR"));
    assert!(bob.closed() && stage.signed_in().is_empty());
}

/// Who came to a desk with an account that has no rights goes with it.
#[test]
fn a_customer_who_came_with_an_account_goes_with_it() {
    let mut stage = Stage::new();
    let mia = stage.connect();
    let pass = format!("PASS mia:{}", crate::stage::PASSWORD);
    stage.says(&mia, &format!("{pass}\r\nNICK mia\r\nUSER mia 0 * :Mia"));
    let (anna, ..) = stage.customer("anna", "");
    stage.accounts.suspend("mia", true).unwrap();
    stage.tell_accounts();
    assert!(mia.heard().last().unwrap().contains("ERROR") && mia.closed());
    assert!(!anna.closed(), "nobody else is touched");
    let again = stage.connect();
    let heard = stage.says(&again, &format!("{pass}\r\nNICK mia\r\nUSER mia 0 * :Mia"));
    assert!(!heard.iter().any(|line| line.contains(" 001 ")), "{heard:#?}");
}

/// Where guests are members it is an ordinary user's, with a nick that is kept for it.
#[test]
fn an_account_without_rights_is_an_ordinary_users_among_members() {
    let mut stage = Stage::members();
    let eve = stage.connect();
    let heard = stage.says(&eve, "NICK mia\r\nUSER mia 0 * :Eve").join("\n");
    assert!(heard.contains(" 433 ") && !heard.contains(" 001 "), "{heard}");
    let mia = stage.staff("mia", "batch");
    assert!(stage.signed_in().is_empty(), "no staff");
    let heard = stage.says(&mia, "JOIN #x\r\nMODE #x\r\nWHOIS mia\r\nQUEUE").join("\n");
    for wanted in [" 324 mia #x ", " 330 mia mia mia ", " 421 mia QUEUE "] {
        assert!(heard.contains(wanted), "{wanted}: {heard}");
    }
}
