//! Switchboard: a self-hosted chat server in the spirit of IRC, for customer support.
//!
//! The map, from the ground up; imports go down only, and siblings on a floor never know each other
//! (`tests/tidy.rs` holds this):
//!
//! - `base`: identifiers, moments, limits, validated text. Plain data.
//! - `wire`: lines and messages of IRC as bytes. `desk`: one deterministic value that decides
//!   everything: who waits, who owns, who may see what.
//! - `face`: a protocol session as a value: lines become commands, notices become bytes.
//!   `store`: the journal and the archive.
//! - `accounts`: who may sign in. `transcript`: a conversation as a document.
//!   `guide`: what people read who connect.
//! - `node`: the runner: a batch of commands, one commit, then their bytes.
//! - `net`: sockets, TLS, proxies.
//! - `config`, `telemetry`, `serve`, `cli`: what an operator meets.
//!
//! What always holds, and is absent on purpose:
//!
//! - Nothing of a conversation leaves `node` before the event behind it is stored.
//! - The desk's state changes in `desk::state` by applying facts and passing changes, nowhere else;
//!   replaying the journal gives the same state.
//! - Recipients are chosen in `desk::audience`, nowhere else.
//! - Below `node` there is no clock, socket, file, thread, lock or random number.
//! - No queue is unbounded, and nobody waits for anybody's socket.
#![forbid(unsafe_code)]
#![warn(missing_docs, unreachable_pub)]

pub mod base;

pub mod desk;
pub mod wire;

pub mod face;
pub mod store;

pub mod accounts;
pub mod guide;
pub mod transcript;

pub mod node;

pub mod net;

pub mod cli;
pub mod config;
pub mod serve;
pub mod telemetry;
