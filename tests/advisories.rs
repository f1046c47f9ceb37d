//! One test for each class of published advisory (facts/irc.md 4b) whose class applies to what is
//! here, in memory and by the smallest direct way; the id stands beside each.
//!
//! Left out, because there is nothing here that could have the class yet:
//! - CVE-2010-2075 (a trojaned release): there are no releases.
//! - CVE-2012-1836 (own DNS parser): no name is ever resolved.
//! - CVE-2020-14148 (a peer server's input): there is one server.
//! - CVE-2023-50784 (WebSocket frames), CVE-2023-32315 (admin console): there is no web listener.
//! - GHSA-7pw8-m2w2-f545 (SSRF by web push): nothing connects outwards.
//! - ergo#2149 (a deadlock): one thread owns the desk; there is no lock to take twice.

#[path = "advisories/memory.rs"]
mod memory;
#[path = "advisories/ranks.rs"]
mod ranks;
#[path = "advisories/rights.rs"]
mod rights;
#[path = "advisories/signing_in.rs"]
mod signing_in;
#[allow(dead_code, reason = "shared with other suites, each of which uses some of it")]
mod stage;
#[path = "advisories/text.rs"]
mod text;
