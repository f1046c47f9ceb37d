//! One file for each specification: its cases quote the section they judge, what must happen and what
//! must not. Faces, runner, desk, accounts and archive in memory; the clock is the test's.

#[allow(dead_code, reason = "used as more specifications get their file")]
#[path = "spec/support.rs"]
mod support;

#[path = "spec/account_registration.rs"]
mod account_registration;
#[path = "spec/extended_isupport.rs"]
mod extended_isupport;
#[path = "spec/kill.rs"]
mod kill;
#[path = "spec/multi_prefix.rs"]
mod multi_prefix;
#[path = "spec/network_icon.rs"]
mod network_icon;
#[path = "spec/oper.rs"]
mod oper;
#[path = "spec/several_clients.rs"]
mod several_clients;
#[path = "spec/sts.rs"]
mod sts;
#[path = "spec/wallops.rs"]
mod wallops;

#[allow(dead_code, reason = "shared with other suites, each of which uses some of it")]
mod stage;
