//! What plays a transcript: the desk alone, the faces in memory, or (elsewhere) a server behind
//! sockets. A player tells a driver what people do and asks it what they heard.

use crate::heard::Heard;
use crate::script::Act;
use std::time::Duration;
use switchboard::desk::Desk;
use switchboard::desk::language::fact::Event;

/// Something that can play a transcript.
pub(crate) trait Driver {
    /// Its name, as `only` in a transcript and reports write it.
    fn name(&self) -> &'static str;
    /// An account exists from now on.
    fn account(&mut self, name: &str, role: &str);
    /// An account is suspended or removed.
    fn account_ends(&mut self, name: &str);
    /// A member of staff comes; `who` is how the transcript calls the session.
    fn staff(&mut self, who: &str, account: &str);
    /// A customer comes.
    fn customer(&mut self, who: &str, address: Option<&str>, department: Option<&str>);
    /// A customer comes back with their token, or with a wrong one.
    fn returns(&mut self, who: &str, right: bool);
    /// Somebody does something.
    fn act(&mut self, who: &str, act: &Act);
    /// Somebody's connection is lost.
    fn lose(&mut self, who: &str);
    /// Time passes.
    fn pass(&mut self, span: Duration);
    /// The disk works, or not.
    fn storage(&mut self, works: bool);
    /// The server stops and starts again.
    fn restart(&mut self);
    /// What everybody heard since this was asked last, in order, and the faults of the checks that
    /// the driver itself makes.
    fn heard(&mut self) -> (Vec<(String, Heard)>, Vec<String>);
    /// The events since this was asked last; none where they cannot be seen.
    fn events(&mut self) -> Option<Vec<Event>>;
    /// The desk itself, where it can be looked into.
    fn desk(&self) -> Option<&Desk>;
    /// True when customers are shown words only.
    fn shows_words_only(&self) -> bool {
        false
    }
    /// What the transcript calls `<anna>` as it is really written.
    fn real(&self, text: &str) -> String;
}
