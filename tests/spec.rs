//! One file for each specification: its cases quote the section they judge, what must happen and what
//! must not. Faces, runner, desk, accounts and archive in memory; the clock is the test's.

#[allow(dead_code, reason = "used as more specifications get their file")]
#[path = "spec/support.rs"]
mod support;

#[path = "spec/chathistory.rs"]
mod chathistory;
#[path = "spec/extended_isupport.rs"]
mod extended_isupport;

#[path = "spec/multi_prefix.rs"]
mod multi_prefix;
#[path = "spec/network_icon.rs"]
mod network_icon;
#[path = "spec/several_clients.rs"]
mod several_clients;
#[path = "spec/sts.rs"]
mod sts;

#[allow(dead_code, reason = "shared with other suites, each of which uses some of it")]
mod stage;
