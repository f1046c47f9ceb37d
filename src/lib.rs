//! Switchboard: a self-hosted chat server in the spirit of IRC, for customer support.
#![forbid(unsafe_code)]
#![warn(missing_docs, unreachable_pub)]
pub mod accounts;
pub mod base;
pub mod cli;
pub mod config;
pub mod desk;
pub mod face;
pub mod net;
pub mod node;
pub mod serve;
pub mod store;
pub mod telemetry;
pub mod transcript;
pub mod wire;
