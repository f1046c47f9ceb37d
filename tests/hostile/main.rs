//! Peers that mean harm or are broken, over real sockets: promise 5. After each of them the server
//! still serves, nothing has panicked, and what was cut was counted.
//!
//! Nothing here measures time: a test waits for what happens, and a deadline only ends one that hangs.

#[path = "../server/frames.rs"]
mod frames;

mod flood;
mod garbage;
mod halves;
mod verbs;
mod websocket;
mod world;
