//! The reference of commands and capabilities: its examples are played by the server in memory, and the page
//! that is in the program is the one they give. `REFERENCE=write cargo test --test reference` writes it anew.

#[allow(dead_code, reason = "shared with other suites, each of which uses some of it")]
mod stage;

use stage::{PASSWORD, Peer, Stage};
use std::collections::BTreeMap;
use switchboard::base::text::Line;
use switchboard::desk::settings::{Guests, Settings};
use switchboard::guide::{REFERENCE, reference};

/// What people type for each entry. A block begins with `= NAME`; then, line by line: `bob > …` is shown
/// with what bob hears, `bob - …` is not shown, `carol <` shows what carol has heard meanwhile, and
/// `bob caps …` is how bob connects. Who is named comes in when first named.
const INPUTS: &str = include_str!("reference/inputs.txt");

struct Scene {
    stage: Stage,
    people: BTreeMap<String, Peer>,
    caps: BTreeMap<String, String>,
    /// anna's nick and channel, once she is here.
    anna: Option<(String, String)>,
    shown: String,
}

impl Scene {
    fn new(members: bool) -> Self {
        let greet = "Hello {nick}, this is {agent}. How can I help?".to_owned();
        let settings = Settings {
            guests: if members { Guests::Member } else { Guests::Customer },
            templates: BTreeMap::from([("greet".to_owned(), greet)]),
            ..Settings::default()
        };
        let mut stage = Stage::of(settings);
        stage.info_mut().motd = vec![Line::scrubbed("Be kind.")];
        stage.info_mut().admin = vec![Line::scrubbed("root@chat.example")];
        Self {
            stage,
            people: BTreeMap::new(),
            caps: BTreeMap::new(),
            anna: None,
            shown: String::new(),
        }
    }

    fn peer(&mut self, name: &str) -> Peer {
        if let Some(peer) = self.people.get(name) {
            return peer.clone();
        }
        let caps = self.caps.get(name).cloned().unwrap_or_default();
        let peer = match name {
            "anna" => {
                let (peer, nick, channel) = self.stage.customer("anna", &caps);
                self.anna = Some((nick, channel));
                peer
            }
            "new" => self.stage.connect(),
            "mia" => {
                let peer = self.stage.connect();
                let start =
                    format!("CAP REQ :{caps}\r\nNICK {name}\r\nUSER {name} 0 * :{name}\r\nCAP END");
                self.stage.says(&peer, &start);
                peer
            }
            staff => self.stage.staff(staff, &caps),
        };
        peer.heard();
        self.people.insert(name.to_owned(), peer.clone());
        peer
    }

    fn filled(&self, text: &str) -> String {
        let (nick, channel) = self.anna.clone().unwrap_or_default();
        text.replace("{nick}", &nick).replace("{channel}", &channel).replace("{password}", PASSWORD)
    }

    fn show(&mut self, name: &str, mark: char, line: &str) {
        self.shown.push_str(&format!("{name} {mark} {line}\n"));
    }

    fn play(&mut self, line: &str) {
        let (name, rest) = line.split_once(' ').unwrap_or((line, ""));
        let (what, words) = rest.split_once(' ').unwrap_or((rest, ""));
        match what {
            "caps" => {
                self.caps.insert(name.to_owned(), words.to_owned());
                self.peer(name);
            }
            ">" | "-" => {
                let peer = self.peer(name);
                let words = self.filled(words);
                peer.heard();
                let heard = self.stage.says_any(&peer, &words);
                if what == ">" {
                    self.show(name, '>', &words);
                    heard.iter().for_each(|line| self.show(name, '<', line));
                }
            }
            "<" => {
                for line in self.peer(name).heard() {
                    self.show(name, '<', &line);
                }
            }
            _ => panic!("{line:?} is none of caps, >, -, <"),
        }
    }
}

fn examples() -> BTreeMap<String, String> {
    let mut examples = BTreeMap::new();
    for block in INPUTS.split("\n= ").skip(1) {
        let (name, lines) = block.split_once('\n').unwrap();
        let members = name.ends_with(" (members)");
        let mut scene = Scene::new(members);
        lines.lines().filter(|l| !l.trim().is_empty()).for_each(|line| scene.play(line));
        let name = name.trim_end_matches(" (members)").to_owned();
        assert!(!scene.shown.is_empty(), "nothing is shown of {name}");
        assert!(examples.insert(name.clone(), scene.shown).is_none(), "{name} twice");
    }
    examples
}

#[test]
fn the_reference_is_what_the_server_does() {
    let text = reference::text(&examples())
        .unwrap_or_else(|wrong| panic!("no example, or no entry: {wrong:?}"));
    if std::env::var_os("REFERENCE").is_some_and(|how| how == "write") {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/src/guide/reference.md");
        std::fs::write(file, text).unwrap();
        return;
    }
    for (new, old) in text.lines().zip(REFERENCE.text.lines()) {
        assert_eq!(new, old, "write it anew: REFERENCE=write cargo test --test reference");
    }
    assert_eq!(
        text.len(),
        REFERENCE.text.len(),
        "write it anew: REFERENCE=write cargo test --test reference"
    );
}
