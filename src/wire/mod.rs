//! The line protocol: frames, messages, tags, numerics and how lines are written.
//!
//! It knows bytes and the grammar of IRC, and nothing of desks, people, sessions or sockets.

pub mod build;
pub mod framing;
pub mod message;
pub mod numeric;
pub mod tags;
pub mod telnet;
