//! How a transcript calls people and channels, and how they are really called.

use crate::script::Act;
use std::collections::BTreeMap;

/// The customers a transcript knows: by the name it gives them, their channel.
#[derive(Default)]
pub(crate) struct Names(BTreeMap<String, String>);

impl Names {
    /// A customer's channel, known from their welcome on.
    pub(crate) fn learn(&mut self, who: &str, channel: &str) {
        self.0.insert(who.to_owned(), channel.to_owned());
    }

    /// Real names as the transcript calls them: `<anna>` her channel, `anna` herself.
    pub(crate) fn called(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (who, channel) in &self.0 {
            text = text.replace(channel, &format!("<{who}>"));
            text = text.replace(&format!("-{}", code(channel)), "");
        }
        text
    }

    /// What the transcript calls `<anna>`, and `@anna`, as it is really written.
    pub(crate) fn real(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (who, channel) in self.0.iter().rev() {
            text = text.replace(&format!("<{who}>"), channel);
            text = text.replace(&format!("@{who}"), &format!("{who}-{}", code(channel)));
        }
        text
    }

    /// An act with real names in it; words without a target go to the customer's own channel.
    pub(crate) fn really(&self, act: &Act, who: &str) -> Act {
        let real = |text: &String| self.real(text);
        let nick = |name: &String| match self.0.contains_key(name) {
            true => self.real(&format!("@{name}")),
            false => name.clone(),
        };
        match act.clone() {
            Act::Say(to, words) if to.is_empty() => Act::Say(self.real(&format!("<{who}>")), words),
            Act::Say(to, words) => Act::Say(nick(&real(&to)), words),
            Act::Join(channel) => Act::Join(real(&channel)),
            Act::Part(channel, why) => Act::Part(real(&channel), why),
            Act::Desk(words) => Act::Desk(real(&words)),
            Act::Kick(channel, who, why) => Act::Kick(real(&channel), nick(&who), why),
            Act::Invite(who, channel) => Act::Invite(nick(&who), real(&channel)),
            Act::Ban(channel, mask) => Act::Ban(real(&channel), real(&mask)),
            Act::Ask(what, of) => Act::Ask(what, nick(&real(&of))),
            act @ (Act::Away(_) | Act::Nick(_) | Act::Quit(_)) => act,
        }
    }
}

fn code(channel: &str) -> &str {
    channel.rsplit('-').next().unwrap_or_default()
}
