//! Real, unmodified clients against the real program: irssi, WeeChat, HexChat, ZNC, The Lounge, Limnoria, Sopel,
//! the libraries that people build upon, nc, telnet, a script, openssl.
//!
//! They run in a terminal (tmux) as a person would run them, and what is asserted is what their screens show.
//! Ignored unless asked for, since they need the clients (`tests/clients/install` gets them): `cargo test --test clients -- --ignored`.

#[path = "clients/bots.rs"]
mod bots;
#[path = "clients/guide.rs"]
mod guide;
#[path = "clients/hexchat.rs"]
mod hexchat;
#[path = "clients/libraries.rs"]
mod libraries;
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
