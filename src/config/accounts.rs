//! The keys of `[access]`, `[accounts]` and `[[operator]]`: who may sign in, and how it is checked. A part
//! of the table in `schema`; it knows no other section.

use super::schema::{Row, row};
use super::value::Kind;
use super::{Config, Operator};

pub(super) const ACCESS: &[Row<Config>] = &[
    row!(
        "password_memory",
        Kind::Size,
        |c| c.access.password_memory,
        "Memory of one password hash (Argon2id). \
         More is harder to crack and heavier on this machine: hash_workers times this is in use at worst."
    ),
    row!(
        "password_passes",
        Kind::Count(1, 1000),
        |c| c.access.password_passes,
        "Passes over that memory."
    ),
    row!("password_lanes", Kind::Count(1, 64), |c| c.access.password_lanes, "Lanes of one hash."),
    row!(
        "hash_workers",
        Kind::Count(1, 64),
        |c| c.access.hash_workers,
        "Threads that check passwords, so that \
         sign-ins never slow down conversations."
    ),
    row!(
        "plaintext_passwords",
        Kind::Flag,
        |c| c.access.plaintext_passwords,
        "Take passwords without TLS from \
         anywhere. Anybody on the way can then read them."
    ),
];

pub(super) const ACCOUNTS: &[Row<Config>] = &[
    row!(
        "registration",
        Kind::Choice(&["closed", "invitation", "open"]),
        |c| c.registering.policy,
        "Who may make an account for themselves (REGISTER). Invitation: whoever has a code of \
         `switchboard account invite`, which says the account's role. Open: anybody, without rights; \
         not where guests = \"customer\". Each REGISTER counts among logins_per_minute of its address."
    ),
    row!(
        "before_connect",
        Kind::Flag,
        |c| c.registering.before_connect,
        "REGISTER is taken before NICK and USER are complete."
    ),
    row!(
        "email_required",
        Kind::Flag,
        |c| c.registering.email_required,
        "Open registration needs an e-mail address, and the account waits to be verified. This version \
         sends no mail itself: confirm each with `switchboard account verify NAME`."
    ),
    row!(
        "password_characters",
        Kind::Count(1, 64),
        |c| c.registering.password_characters,
        "Characters of a new password at least."
    ),
    row!(
        "reserve_nicks",
        Kind::Flag,
        |c| c.desk.reserve_nicks,
        "Where guests = \"member\", only who is signed in to an account has the nick of its name. \
         Staff accounts' names are always kept for them."
    ),
];

pub(super) const OPERATOR: &[Row<Operator>] = &[
    row!("name", Kind::Text, |o| o.rule.name, "The name to say: /OPER name password."),
    row!(
        "password",
        Kind::Secret,
        |o| o.password,
        "The password, or better its hash, which `switchboard account hash` makes."
    ),
    row!(
        "hosts",
        Kind::List,
        |o| o.rule.hosts,
        "Where they may come from: addresses, networks, or masks as \"*!~root@192.0.2.*\". Empty: from anywhere."
    ),
    row!("tls", Kind::Flag, |o| o.rule.tls, "Only over TLS."),
    row!(
        "certificate",
        Kind::Text,
        |o| o.rule.certificate,
        "Only with the client certificate of this SHA-256 in hexadecimal, besides the password. Empty: any or none."
    ),
];
