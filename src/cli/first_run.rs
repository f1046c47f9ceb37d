//! The first minute: the data directory, an admin account, and what to type next.
//!
//! Only what is true of the effective config is said: its ports, its guests, its certificate.

use super::account::{cost, now, open};
use super::healthcheck::reachable;
use super::{Failure, account};
use crate::config::{Config, Listen, ListenKind};
use crate::desk::language::people::Role;
use crate::desk::settings::Guests;
use std::net::{IpAddr, SocketAddr};

/// The first account's name.
const ADMIN: &str = "admin";
/// Letters of its password, five bits each.
const PASSWORD_LETTERS: usize = 20;
/// Thirty-two letters and digits, without those that look like others.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// Makes the data directory and, when there is no account at all, the admin's. Returns its password, which is
/// kept nowhere.
pub(super) fn prepare(config: &Config) -> Result<Option<String>, Failure> {
    let mut store = open(config)?;
    let accounts = store.list().map_err(account::unreadable)?;
    if !accounts.is_empty() {
        return Ok(None);
    }
    let password = draw_password()?;
    store.add(now(), ADMIN, Role::Admin, &password, cost(config))?;
    Ok(Some(password))
}

fn draw_password() -> Result<String, Failure> {
    let mut bytes = [0; PASSWORD_LETTERS];
    getrandom::fill(&mut bytes).map_err(|cause| {
        Failure::new(
            format!("the system gives no random numbers: {cause}"),
            "see to its random device",
        )
    })?;
    Ok(bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect())
}

/// What a start says on standard output. `listeners` are the places it really listens at; `password` is that
/// of the admin account, if this start made it; `program` is how the operator called us.
pub(super) fn welcome(
    config: &Config,
    listeners: &[Listen],
    password: Option<&str>,
    program: &str,
) -> String {
    let mut out = format!("Switchboard {} listens at\n", env!("CARGO_PKG_VERSION"));
    for listen in listeners {
        out.push_str(&format!("  {listen}\n"));
    }
    let Some(password) = password else { return out };
    out.push_str(&format!(
        "Conversations and accounts are kept in {}.\n\n",
        config.server.data_dir.display()
    ));
    out.push_str(&only_password(password));
    out.push_str("\nTry it, each in a terminal of its own:\n");
    for (who, line) in steps(config, listeners, program) {
        out.push_str(&format!("  {who:12}{line}\n"));
    }
    out.push_str("\nCtrl-C stops the server; nothing that was seen is lost.\n");
    out
}

/// That the admin account was made, and its password.
pub(super) fn only_password(password: &str) -> String {
    format!("The account {ADMIN} was made; its password is shown this once:\n  {password}\n")
}

/// Who types what.
fn steps(config: &Config, listeners: &[Listen], program: &str) -> Vec<(&'static str, String)> {
    let mut steps = Vec::new();
    let at = |kind, tls| {
        let fits = |listen: &&Listen| listen.kind == kind && listen.tls == tls && direct(listen);
        listeners.iter().find(fits).map(|listen| reachable(listen.address))
    };
    let file = config
        .file
        .as_ref()
        .map(|path| format!(" --config {}", path.display()))
        .unwrap_or_default();
    if config.desk.guests == Guests::Customer {
        if let Some(plain) = at(ListenKind::Plain, false) {
            steps.push(("a customer", format!("nc {} {}", plain.ip(), plain.port())));
        } else if let Some(irc) = at(ListenKind::Irc, false) {
            steps.push(("a customer", format!("irssi -c {} -p {} -n anna", irc.ip(), irc.port())));
        }
    }
    steps.push(("an agent", format!("{program} account add bob --role agent{file}")));
    let unencrypted =
        at(ListenKind::Irc, false).filter(|address| takes_passwords(config, *address));
    if let Some(irc) = unencrypted {
        let (ip, port) = (irc.ip(), irc.port());
        steps.push(("", format!("irssi -c {ip} -p {port} -n bob -w bob:PASSWORD")));
        steps.push(("or", format!("weechat -r '/set irc.look.temporary_servers on' -r '/connect irc://bob:bob:PASSWORD@{irc}'")));
    } else if let Some(irc) = at(ListenKind::Irc, true) {
        let (ip, port) = (irc.ip(), irc.port());
        steps.push(("", format!("irssi, and in it: /connect -tls {ip} {port} bob:PASSWORD bob")));
    }
    if steps.len() > 2 {
        steps.push(("or", format!("another client: {program} guide{file}")));
    }
    if config.desk.guests == Guests::Customer && steps.len() > 2 {
        steps.push(("", "and /join the channel that appears once the customer has written".into()));
    }
    steps
}

/// True when a connection from this machine needs no PROXY header.
fn direct(listen: &Listen) -> bool {
    let from = reachable(listen.address).ip();
    !listen.proxy_protocol_from.iter().any(|net| net.contains(&from))
}

/// True when a password from this machine is taken there without TLS.
fn takes_passwords(config: &Config, address: SocketAddr) -> bool {
    let from: IpAddr = address.ip();
    config.access.plaintext_passwords || config.exempt(from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_lead_to_a_first_chat() {
        let config = Config::default();
        let text = welcome(&config, &config.listen, Some("sesame"), "switchboard");
        for line in [
            "  irc 127.0.0.1:6697 (TLS)",
            "  sesame",
            "  a customer  nc 127.0.0.1 2323",
            "  an agent    switchboard account add bob --role agent",
            "              irssi -c 127.0.0.1 -p 6667 -n bob -w bob:PASSWORD",
            "  or          weechat -r '/set irc.look.temporary_servers on' -r '/connect irc://bob:bob:PASSWORD@127.0.0.1:6667'",
        ] {
            assert!(text.lines().any(|said| said == line), "{line}\nis not in\n{text}");
        }
        assert!(text.lines().count() <= 20);
    }

    #[test]
    fn later_starts_only_say_where_they_listen() {
        let config = Config::default();
        let text = welcome(&config, &config.listen, None, "switchboard");
        assert_eq!(text.lines().count(), 1 + config.listen.len());
    }

    #[test]
    fn nothing_untrue_of_the_config_is_said() {
        let say = |text: &str| {
            let config = Config::parse(text, "x").unwrap();
            welcome(&config, &config.listen, Some("sesame"), "switchboard")
        };
        let tls = say("[[listen]]\naddress = \"0.0.0.0:6697\"\ntls = true");
        assert!(tls.contains("/connect -tls 127.0.0.1 6697 bob:PASSWORD bob"), "{tls}");
        assert!(!tls.contains("nc ") && !tls.contains("weechat"), "{tls}");
        let refuse = say("[server]\nguests = \"refuse\"\n[[listen]]\naddress = \"127.0.0.1:7000\"");
        assert!(!refuse.contains("customer"), "{refuse}");
        assert!(refuse.contains("-p 7000"), "{refuse}");
        let strict = say("[limits]\nexempt = []");
        assert!(!strict.contains("-w bob:PASSWORD"), "{strict}");
        assert!(strict.contains("-tls 127.0.0.1 6697"), "{strict}");
    }

    #[test]
    fn passwords_are_long_and_never_the_same() {
        let one = draw_password().unwrap();
        assert_eq!(one.len(), PASSWORD_LETTERS);
        assert!(one.bytes().all(|byte| ALPHABET.contains(&byte)));
        assert_ne!(one, draw_password().unwrap());
    }
}
