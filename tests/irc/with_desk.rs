//! The face and the real desk together, with a runner of a few lines: what people see of each other.

use crate::seat::*;
use std::collections::BTreeMap;
use std::sync::Arc;
use switchboard::base::ids::SessionId;
use switchboard::desk::language::command::Token;
use switchboard::desk::language::notice::{Notice, Output};
use switchboard::desk::language::people::Role;
use switchboard::desk::outcome::Outcome;
use switchboard::desk::settings::Settings;
use switchboard::desk::{Desk, StaffAccount};
use switchboard::face::irc::IrcFace;
use switchboard::face::{Action, Actions, Dialect, Face, Verdict};

struct World {
    desk: Desk,
    people: BTreeMap<SessionId, (IrcFace, String)>,
}

impl World {
    fn new() -> Self {
        let mut desk = Desk::new(Settings::default(), 1);
        let account = |name, role| StaffAccount { name: account(name), role };
        let staff = vec![
            account("bob", Role::Agent),
            account("carol", Role::Agent),
            account("sue", Role::Supervisor),
            account("root", Role::Admin),
        ];
        let mut out = Outcome::default();
        desk.set_accounts(NOW, staff, &mut out);
        Self { desk, people: BTreeMap::new() }
    }

    /// Somebody connects, with these capabilities; staff sign in by PASS.
    fn enter(&mut self, id: u64, name: &str, role: Role, caps: &str) -> SessionId {
        let mut connection = connection();
        connection.session = SessionId(id);
        connection.code_seed = id * 7_919;
        connection.token = Token { secret: [id as u8; 32], digest: [id as u8; 32] };
        let face = IrcFace::new(Arc::new(info()), connection);
        let id = SessionId(id);
        self.people.insert(id, (face, String::new()));
        self.say(id, &format!("CAP REQ :{caps}"));
        if role != Role::Customer {
            let mut actions = Actions::default();
            let (face, _) = self.people.get_mut(&id).unwrap();
            face.line(NOW, format!("PASS {name}:x").as_bytes(), &mut actions);
            let mut actions = Actions::default();
            face.verdict(NOW, Verdict::Yes(account(name), role), &mut actions);
        }
        for text in [format!("NICK {name}"), "USER x 0 * :X".to_owned(), "CAP END".to_owned()] {
            self.say(id, &text);
        }
        assert!(self.people[&id].0.registered(), "{}", self.people[&id].1);
        id
    }

    fn say(&mut self, id: SessionId, text: &str) {
        let mut actions = Actions::default();
        self.people.get_mut(&id).unwrap().0.line(NOW, text.as_bytes(), &mut actions);
        for action in actions.list {
            match action {
                Action::Say(bytes) => self.tell(id, &bytes),
                Action::Desk(command) => {
                    let mut out = Outcome::default();
                    self.desk.handle(NOW, id, &command, &mut out);
                    self.release(&out);
                }
                other => panic!("{other:?}"),
            }
        }
    }

    fn release(&mut self, out: &Outcome) {
        for output in &out.outputs {
            match output {
                Output::Notice { to, notice } => {
                    for id in &out.recipients[to.clone()] {
                        self.notice(*id, notice);
                    }
                }
                Output::Reply { to, reply } => {
                    let mut bytes = Vec::new();
                    self.people.get_mut(to).unwrap().0.reply(NOW, reply, &mut bytes);
                    self.tell(*to, &bytes);
                }
                Output::Cut { session, why } => {
                    let mut bytes = Vec::new();
                    self.people.get_mut(session).unwrap().0.farewell(why, &mut bytes);
                    self.tell(*session, &bytes);
                }
                Output::Consult { .. } => {}
            }
        }
    }

    fn notice(&mut self, id: SessionId, notice: &Notice) {
        let (face, _) = self.people.get_mut(&id).unwrap();
        if let Notice::Said(said) = notice
            && said.sender == Some(id)
            && !said.replayed
            && !face.dialect().has(Dialect::ECHO)
        {
            return;
        }
        let mut bytes = Vec::new();
        face.notice(NOW, notice, &mut bytes);
        if let Notice::Renamed { who, nick } = notice {
            face.renamed(&who.nick, nick);
        }
        self.tell(id, &bytes);
    }

    fn tell(&mut self, id: SessionId, bytes: &[u8]) {
        self.people.get_mut(&id).unwrap().1.push_str(str::from_utf8(bytes).unwrap());
    }

    fn heard(&mut self, id: SessionId) -> String {
        let said = std::mem::take(&mut self.people.get_mut(&id).unwrap().1);
        verbs(&said);
        said
    }
}

/// Bob, Carol and Sue at the desk, and Anna with her channel.
struct Scene {
    world: World,
    bob: SessionId,
    carol: SessionId,
    sue: SessionId,
    anna: SessionId,
    lounge: String,
}

impl Scene {
    fn new() -> Self {
        let mut world = World::new();
        let bob = world.enter(1, "bob", Role::Agent, "server-time batch message-tags");
        let carol = world.enter(2, "carol", Role::Agent, "standard-replies extended-join");
        let sue = world.enter(3, "sue", Role::Supervisor, "batch");
        let anna = world.enter(4, "anna", Role::Customer, "echo-message");
        let hello = world.heard(anna);
        let joined = hello.lines().find_map(|row| row.split_once(" JOIN "));
        let lounge = joined.unwrap().1.to_owned();
        let mut scene = Self { world, bob, carol, sue, anna, lounge };
        scene.quiet();
        scene
    }

    fn quiet(&mut self) {
        for id in [self.bob, self.carol, self.sue, self.anna] {
            self.world.heard(id);
        }
    }

    /// Says a line, with `$C` for Anna's channel and `$N` for her nick.
    fn say(&mut self, who: SessionId, text: &str) {
        let nick = self.lounge.strip_prefix("#c-").unwrap();
        let text = text.replace("$C", &self.lounge).replace("$N", nick);
        self.world.say(who, &text);
    }

    /// What somebody heard since the last time, with the names put back.
    fn heard(&mut self, who: SessionId) -> String {
        self.world.heard(who).replace(&self.lounge, "$C")
    }
}

#[test]
fn a_conversation_from_the_first_line_to_the_rating() {
    let mut scene = Scene::new();
    let (bob, carol, anna) = (scene.bob, scene.carol, scene.anna);
    scene.say(anna, "PRIVMSG $C :my invoice is wrong");
    assert!(
        scene
            .heard(bob)
            .contains("NOTICE #support :NEW $C support waiting=0s \"my invoice is wrong\"")
    );
    scene.say(bob, "JOIN $C");
    let said = scene.heard(bob);
    assert!(
        verbs(&said).starts_with("NOTICE JOIN MODE 332 333 353 366 BATCH PRIVMSG BATCH NOTICE"),
        "{said}"
    );
    let said = scene.heard(anna);
    assert!(said.contains(" JOIN $C\r\n") && said.contains(":bob joined\r\n"), "{said}");
    scene.say(bob, "PRIVMSG $C :hello, let me look");
    assert!(scene.heard(anna).ends_with(" PRIVMSG $C :hello, let me look\r\n"));
    scene.say(bob, "PRIVMSG $C :!transfer carol knows billing");
    assert!(scene.heard(carol).contains("bob offers you $C for 30 seconds: knows billing"));
    assert_eq!(scene.heard(anna), "", "an offer is not the customer's business");
    scene.say(carol, "JOIN $C");
    let said = scene.heard(carol);
    assert!(said.contains("[23:59] my invoice is wrong") && said.contains(" JOIN $C carol :X\r\n"));
    assert!(scene.heard(anna).contains(":carol helps you from here on"));
    scene.say(carol, "TRANSFER $C nobody");
    assert!(scene.heard(carol).starts_with(":irc.test FAIL TRANSFER NO_SUCH_AGENT "));
    scene.say(carol, "KICK $C $N :all done");
    assert!(scene.heard(anna).contains("RATE 5"));
    scene.say(anna, "PRIVMSG desk :rate 5 nice");
    assert!(scene.heard(carol).contains("gave 5 of 5: nice"));
}

#[test]
fn what_was_typed_in_a_channel_is_answered_there() {
    let mut scene = Scene::new();
    let (bob, anna) = (scene.bob, scene.anna);
    scene.say(anna, "PRIVMSG $C :hello");
    scene.say(bob, "JOIN $C");
    scene.quiet();
    let channel = scene.lounge.clone();
    for (typed, answer) in [
        ("!transfr carol", "There is no desk command \"transfr\""),
        ("!transfer", "Something is missing"),
        ("!transfer nobody", "nobody"),
        ("!watch", "WATCH"),
        ("!help close", "CLOSE [#channel]"),
        ("!queue", "nothing to show"),
        ("!card", "owner bob"),
        ("!note she is cross", "is kept"),
    ] {
        scene.say(bob, &format!("PRIVMSG {channel} :{typed}"));
        let said = scene.heard(bob);
        let there = said.lines().find(|line| line.contains(" NOTICE @$C :"));
        assert!(there.is_some_and(|line| line.contains(answer)), "{typed}: {said}");
        assert!(!said.contains("NOTICE bob "), "{typed}: {said}");
        assert_eq!(scene.heard(anna), "", "{typed}");
    }
    // What is asked of `desk` without a channel, or of a channel one is not in, is answered to the nick.
    for asked in ["PRIVMSG desk :queue", "PRIVMSG desk :nonsense", "QUEUE"] {
        scene.say(bob, asked);
        assert!(scene.heard(bob).contains(" NOTICE bob :"), "{asked}");
    }
    scene.say(bob, "PART $C");
    scene.quiet();
    scene.say(bob, "PRIVMSG $C :!transfr carol");
    assert!(scene.heard(bob).contains(" NOTICE bob :"));
}

#[test]
fn staff_only_words_never_reach_a_customer() {
    let mut scene = Scene::new();
    let (bob, carol, sue, anna) = (scene.bob, scene.carol, scene.sue, scene.anna);
    scene.say(anna, "PRIVMSG $C :hello");
    scene.say(bob, "JOIN $C");
    scene.quiet();
    for (who, text) in [
        (bob, "PRIVMSG @$C :psst"),
        (bob, "PRIVMSG $C :!note she is cross"),
        (bob, "PRIVMSG $C :!transfr carol"),
        (bob, "NOTICE $C :!transfr carol"),
        (bob, "PRIVMSG $C :/close"),
        (bob, "PRIVMSG desk :card $C"),
        (bob, "WHOIS $N"),
        (bob, "TOPIC $C"),
        (bob, "PRIVMSG $C :!tag +vip"),
        (sue, "WATCH $C"),
        (sue, "PRIVMSG $C :can they see this?"),
        (carol, "NAMES $C"),
        (sue, "UNWATCH $C"),
    ] {
        scene.say(who, text);
        assert_eq!(scene.heard(anna), "", "{text}");
    }
    scene.say(bob, "PRIVMSG $C :!!important");
    assert!(scene.heard(anna).ends_with(" PRIVMSG $C :!important\r\n"));
}

#[test]
fn a_customers_questions_show_them_alone() {
    let mut scene = Scene::new();
    let anna = scene.anna;
    for (text, expected) in [
        ("WHOIS bob", "401 318"),
        ("WHOIS nobody", "401 318"),
        ("WHO *", "352 352 315"),
        ("NAMES #support", "366"),
        ("NAMES #nowhere", "366"),
        ("JOIN #nowhere", "403"),
        ("MODE #support", "403"),
        ("MODE #nowhere", "403"),
        ("TOPIC #support", "403"),
        ("KICK #support bob", "403"),
        ("PRIVMSG bob :hi", "401"),
        ("PRIVMSG nobody :hi", "401"),
        ("NOTICE bob :hi", ""),
        ("LIST", "321 322 323"),
        ("ISON bob desk", "303"),
        ("LUSERS", "251 254 255 265 266"),
        ("MONITOR + bob", "731"),
        ("MODE $C", "324 329"),
        ("WHO $C", "352 352 315"),
    ] {
        scene.say(anna, text);
        let said = scene.heard(anna);
        assert_eq!(verbs(&said), expected, "{text}: {said}");
        assert!(!said.contains("carol"));
    }
}

#[test]
fn a_new_nick_is_what_numerics_are_sent_to() {
    let mut scene = Scene::new();
    let (carol, anna) = (scene.carol, scene.anna);
    scene.say(carol, "NICK carla");
    scene.say(carol, "MODE carla");
    assert!(scene.heard(carol).contains(":irc.test 221 carla "));
    scene.say(anna, "NICK ann");
    let renamed = scene.heard(anna);
    let new = renamed.trim_end().rsplit(' ').next().unwrap().to_owned();
    assert!(new.starts_with("ann-"), "the code stays: {renamed}");
    scene.say(anna, "LUSERS");
    assert!(scene.heard(anna).starts_with(&format!(":irc.test 251 {new} ")));
}

#[test]
fn every_command_in_every_shape_meets_the_real_desk() {
    let names = switchboard::face::irc::desk_commands::DESK_COMMANDS.iter().map(|row| row.name);
    let verbs = crate::commands::VERBS.split_ascii_whitespace().chain(names);
    let verbs: Vec<&str> =
        verbs.filter(|v| !["QUIT", "OPER", "REHASH", "AUTHENTICATE"].contains(v)).collect();
    let mut scene = Scene::new();
    let everybody = [scene.bob, scene.carol, scene.sue, scene.anna];
    for shape in crate::commands::shapes() {
        for verb in &verbs {
            for who in everybody {
                scene.say(who, &format!("{verb}{shape}"));
                scene.quiet();
            }
        }
    }
}
