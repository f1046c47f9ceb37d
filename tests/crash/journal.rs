//! What the disk holds, read the way an auditor reads it: `switchboard transcript … --audience audit`.

use super::server::Server;
use std::collections::{BTreeMap, BTreeSet};

/// Where a conversation stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Stand {
    #[default]
    Idle,
    Queued {
        returned: bool,
    },
    Owned(String),
}

/// One channel's record.
#[derive(Debug, Default)]
pub(crate) struct Record {
    /// Words of people in order: kind (`said`, `whisper`, `note`) and text.
    pub(crate) words: Vec<(String, String)>,
    /// The place of each text in `words`.
    pub(crate) places: BTreeMap<String, usize>,
    /// Every stand in order.
    pub(crate) stands: Vec<Stand>,
    /// Who had or helped with the conversation that is now.
    pub(crate) people: BTreeSet<String>,
    /// To whom a transfer is offered and not decided.
    pub(crate) offered: Option<String>,
}

impl Record {
    /// Reads the record of a channel, and holds each line to "exactly once".
    pub(crate) fn read(server: &Server, channel: &str) -> Self {
        let words = ["transcript", channel, "--format", "json", "--audience", "audit"];
        let mut record = Self::default();
        for line in server.says(&words).lines() {
            let page: serde_json::Value = serde_json::from_str(line).unwrap();
            assert_eq!(page["channel"], channel);
            for line in page["lines"].as_array().unwrap() {
                let kind = line["kind"].as_str().unwrap();
                let text = line["text"].as_str().unwrap();
                match kind {
                    "event" => record.happened(text),
                    _ => record.said(kind, text),
                }
            }
        }
        record
    }

    fn said(&mut self, kind: &str, text: &str) {
        let before = self.places.insert(text.to_owned(), self.words.len());
        assert_eq!(before, None, "stored twice: {text}");
        self.words.push((kind.to_owned(), text.to_owned()));
    }

    fn happened(&mut self, text: &str) {
        let words: Vec<&str> = text.split_ascii_whitespace().collect();
        match words[..] {
            ["opened", ..] => self.people.clear(),
            [who, "joined", "to", "help", ..] => drop(self.people.insert(who.to_owned())),
            ["queued", "in", _, ref rest @ ..] => {
                self.offered = None;
                let returned = rest.starts_with(&["as", "returned"]);
                self.stands.push(Stand::Queued { returned });
            }
            ["owned", "by", who, ..] => {
                self.offered = None;
                self.people.insert(who.to_owned());
                self.stands.push(Stand::Owned(who.to_owned()));
            }
            ["cold" | "warm", "transfer", "offered", "by", _, "to", who, ..] => {
                self.offered = Some(who.to_owned());
            }
            ["offer", ..] => self.offered = None,
            ["closed" | "wrapping", ..] => {
                self.offered = None;
                if self.stand() != Stand::Idle {
                    self.stands.push(Stand::Idle);
                }
            }
            _ => {}
        }
    }

    /// True when a JOIN of theirs is a claim: it waits, and they gave it back or were never in it.
    pub(crate) fn is_new_to(&self, who: &str) -> bool {
        let gave = match &self.stands[..] {
            [.., Stand::Owned(last), Stand::Queued { .. }] => last == who,
            _ => false,
        };
        matches!(self.stand(), Stand::Queued { .. }) && (gave || !self.people.contains(who))
    }

    /// Where it stands now.
    pub(crate) fn stand(&self) -> Stand {
        self.stands.last().cloned().unwrap_or_default()
    }
}
