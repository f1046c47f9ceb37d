//! The IRC face in memory: lines and replies in, bytes out, with no desk, socket or clock.

#[path = "irc/commands.rs"]
mod commands;
#[path = "irc/desk_words.rs"]
mod desk_words;
#[path = "irc/handshakes.rs"]
mod handshakes;
#[path = "irc/notices.rs"]
mod notices;
#[path = "irc/registration.rs"]
mod registration;
#[path = "irc/replies.rs"]
mod replies;
#[path = "irc/seat.rs"]
mod seat;
#[path = "irc/with_desk.rs"]
mod with_desk;
