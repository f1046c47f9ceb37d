//! Real, unmodified clients against the real program: irssi, WeeChat, nc, telnet, a script, openssl.
//!
//! They run in a terminal (tmux) as a person would run them, and what is asserted is what their screens show.
//! Ignored unless asked for, since they need the clients: `cargo test --test clients -- --ignored`.

#[path = "clients/plain.rs"]
mod plain;
#[path = "clients/reconnect.rs"]
mod reconnect;
#[path = "clients/screen.rs"]
mod screen;
#[path = "clients/stage.rs"]
mod stage;
#[path = "clients/story.rs"]
mod story;
#[path = "clients/verbs.rs"]
mod verbs;
