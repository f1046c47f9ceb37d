//! `switchboard account …`: staff accounts, changed beside a running server, which sees it at once.

use super::{Failure, answer};
use crate::accounts::hash::{Cost, hash_password};
use crate::accounts::store::{AccountError, AccountStore, Summary};
use crate::base::text::AccountName;
use crate::base::time::{Timestamp, utc};
use crate::config::{Config, Policy};
use crate::desk::language::people::Role;
use crate::desk::settings::Guests;
use crate::store::Fault;
use clap::Subcommand;
use std::fmt::Write;
use std::io::{BufRead, IsTerminal, stdin};
use std::time::{SystemTime, UNIX_EPOCH};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make an account
    Add {
        #[arg(value_parser = account_name)]
        name: AccountName,
        /// member, bot, agent, supervisor or admin
        #[arg(long, default_value = "agent", value_parser = account_role)]
        role: Role,
        /// Read the password from the first line of standard input instead of asking for it
        #[arg(long)]
        password_stdin: bool,
    },
    /// Give an account another password
    Passwd {
        #[arg(value_parser = account_name)]
        name: AccountName,
        /// Read the password from the first line of standard input instead of asking for it
        #[arg(long)]
        password_stdin: bool,
    },
    /// Print the hash of a password, for an [[operator]] block in the config
    Hash {
        /// Read the password from the first line of standard input instead of asking for it
        #[arg(long)]
        password_stdin: bool,
    },
    /// Give an account another role: member, bot, agent, supervisor or admin
    Role {
        #[arg(value_parser = account_name)]
        name: AccountName,
        #[arg(value_parser = account_role)]
        role: Role,
    },
    /// Show a code with which somebody makes their own account, by REGISTER and VERIFY
    Invite {
        /// member, bot, agent, supervisor or admin; if not named, member where guests are members, else agent
        #[arg(long, value_parser = account_role)]
        role: Option<Role>,
    },
    /// Confirm an account that waits to be verified
    Verify {
        #[arg(value_parser = account_name)]
        name: AccountName,
    },
    /// Show all accounts
    List,
    /// Remove an account; its sessions end at once
    Remove {
        #[arg(value_parser = account_name)]
        name: AccountName,
    },
    /// Keep an account from signing in; its sessions end at once
    Suspend {
        #[arg(value_parser = account_name)]
        name: AccountName,
    },
    /// Let a suspended account sign in again
    Resume {
        #[arg(value_parser = account_name)]
        name: AccountName,
    },
    /// Let a client certificate sign in as an account (SASL EXTERNAL)
    Certificate {
        #[arg(value_parser = account_name)]
        name: AccountName,
        /// SHA-256 of the certificate: 64 hexadecimal digits, colons allowed
        fingerprint: String,
        /// Take it away instead
        #[arg(long)]
        remove: bool,
    },
}

fn account_name(text: &str) -> Result<AccountName, String> {
    AccountName::parse(text).map_err(|why| why.to_string())
}

fn account_role(text: &str) -> Result<Role, String> {
    Role::parse(text)
        .filter(|role| *role != Role::Customer)
        .ok_or_else(|| "a role is member, bot, agent, supervisor or admin".into())
}

impl From<AccountError> for Failure {
    /// The error is two sentences, or one with the advice in it; here they follow the program's name.
    fn from(error: AccountError) -> Self {
        let text = error.to_string();
        let text = text.trim_end_matches('.');
        let mut letters = text.chars();
        match letters.next() {
            // "There is …" becomes "there is …"; a name in capitals stays.
            Some(first) if text.chars().nth(1).is_some_and(char::is_lowercase) => {
                Self(first.to_lowercase().chain(letters).collect())
            }
            _ => Self(text.into()),
        }
    }
}

/// What a hash costs under this config.
pub(super) fn cost(config: &Config) -> Cost {
    Cost {
        memory_kib: config.access.password_memory_kib(),
        passes: config.access.password_passes,
        lanes: config.access.password_lanes,
    }
}

/// The moment it is.
pub(super) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// Opens the accounts of this config, made on first use.
pub(super) fn open(config: &Config) -> Result<AccountStore, Failure> {
    make_private(&config.server.data_dir).map_err(|cause| {
        Failure::new(
            format!(
                "the data directory {} cannot be made: {cause}",
                config.server.data_dir.display()
            ),
            "correct its permissions, or name another as data_dir in [server]",
        )
    })?;
    let store = AccountStore::open(&config.accounts()).map_err(unreadable)?;
    // What others must keep to, the operator is only told.
    Ok(store.requiring(1))
}

/// A remark on a password that nobody else would be allowed.
fn weak(config: &Config, password: &str) -> String {
    let least = config.registering.password_characters as usize;
    if password.chars().count() >= least {
        return String::new();
    }
    format!(" Its password is short: {least} characters or more are hard to guess.")
}

pub(super) fn unreadable(fault: Fault) -> Failure {
    Failure::new(
        format!("the accounts cannot be read: {fault}"),
        "check the disk and the permissions of the data directory",
    )
}

fn make_private(directory: &std::path::Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}

pub(super) fn run(config: &Config, command: Command) -> Result<(), Failure> {
    if let Command::Hash { password_stdin } = command {
        let password = password("the operator", password_stdin)?;
        let hash = hash_password(&password, cost(config)).map_err(unreadable)?;
        answer(&format!("{hash}\n"));
        return Ok(());
    }
    if !matches!(command, Command::Add { .. }) && !config.accounts().exists() {
        return Err(Failure::new(
            format!("there are no accounts in {} yet", config.server.data_dir.display()),
            "start the server once, make one with `switchboard account add NAME --role admin`, or \
             name the config of the server with --config",
        ));
    }
    let mut store = open(config)?;
    let done = match command {
        Command::Hash { .. } => unreachable!("answered above"),
        Command::Add { name, role, password_stdin } => {
            let password = password(name.as_str(), password_stdin)?;
            store.add(now(), name.as_str(), role, &password, cost(config))?;
            format!("{name} is now an account with the role {role}.{}", weak(config, &password))
        }
        Command::Passwd { name, password_stdin } => {
            let password = password(name.as_str(), password_stdin)?;
            store.set_password(name.as_str(), &password, cost(config))?;
            format!("{name} has a new password.{}", weak(config, &password))
        }
        Command::Role { name, role } => {
            store.set_role(name.as_str(), role)?;
            format!("{name} now has the role {role}.")
        }
        Command::Invite { role } => invite(config, &store, role)?,
        Command::Verify { name } => {
            store.confirm(now(), name.as_str())?;
            format!("{name} can sign in now.")
        }
        Command::List => return list(&store),
        Command::Remove { name } => {
            store.remove(name.as_str())?;
            format!("{name} is removed.")
        }
        Command::Suspend { name } => {
            store.suspend(name.as_str(), true)?;
            format!("{name} cannot sign in until `switchboard account resume {name}`.")
        }
        Command::Resume { name } => {
            store.suspend(name.as_str(), false)?;
            format!("{name} can sign in again.")
        }
        Command::Certificate { name, fingerprint, remove: true } => {
            store.remove_certificate(name.as_str(), &fingerprint)?;
            format!("That certificate no longer signs in as {name}.")
        }
        Command::Certificate { name, fingerprint, remove: false } => {
            store.add_certificate(name.as_str(), &fingerprint)?;
            format!("That certificate now signs in as {name}.")
        }
    };
    answer(&format!("{done}\n"));
    Ok(())
}

/// A code, and how to use it.
fn invite(config: &Config, store: &AccountStore, role: Option<Role>) -> Result<String, Failure> {
    let role = role.unwrap_or(match config.desk.guests {
        Guests::Member => Role::Member,
        Guests::Customer | Guests::Refuse => Role::Agent,
    });
    let code = store.invite(now(), role)?;
    let when = match config.registering.policy {
        Policy::Invitation => "",
        Policy::Closed | Policy::Open => " once registration in [accounts] is \"invitation\"",
    };
    Ok(format!(
        "{code}\nGood once, for a week{when}, for an account with the role {role}: \
         REGISTER account * password, then VERIFY account {code}"
    ))
}

fn list(store: &AccountStore) -> Result<(), Failure> {
    answer(&table(&store.list().map_err(unreadable)?));
    for (name, email) in store.waiting(now()).map_err(unreadable)? {
        answer(&format!("{name} <{email}> waits: switchboard account verify {name}\n"));
    }
    Ok(())
}

/// The password for an account: from standard input, or asked for twice without being shown.
fn password(name: &str, from_stdin: bool) -> Result<String, Failure> {
    if from_stdin {
        let mut line = String::new();
        let read = stdin().lock().read_line(&mut line);
        read.map_err(|cause| {
            Failure::new(
                format!("no password could be read: {cause}"),
                "give it as one line of UTF-8 on standard input",
            )
        })?;
        return Ok(line.trim_end_matches(['\r', '\n']).to_owned());
    }
    let elsewhere =
        "run it in a terminal, or give the password on standard input with --password-stdin";
    if !stdin().is_terminal() {
        return Err(Failure::new("there is no terminal to ask for the password on", elsewhere));
    }
    let ask = |prompt: String| {
        rpassword::prompt_password(prompt).map_err(|cause| {
            Failure::new(format!("the password could not be asked for: {cause}"), elsewhere)
        })
    };
    let first = ask(format!("Password for {name}: "))?;
    if ask("The same once more: ".into())? == first {
        Ok(first)
    } else {
        Err(Failure::new("the two passwords are not the same and nothing was changed", "try again"))
    }
}

/// The accounts in columns.
fn table(rows: &[Summary]) -> String {
    if rows.is_empty() {
        return "There are no accounts yet. Make one: switchboard account add NAME --role admin\n"
            .into();
    }
    let width = rows.iter().map(|row| row.name.as_str().len()).max().unwrap_or(0).max("NAME".len());
    let mut out =
        format!("{:width$}  {:10}  {:9}  {:20}  CERTIFICATES\n", "NAME", "ROLE", "STATE", "MADE");
    for row in rows {
        let state = if row.suspended { "suspended" } else { "active" };
        let made = utc(Timestamp(row.created.seconds() * 1000)).replace(".000", "");
        let certificates =
            if row.certificates.is_empty() { "-".into() } else { row.certificates.join(" ") };
        // Writing to a String cannot fail.
        let _ = writeln!(
            out,
            "{:width$}  {:10}  {state:9}  {made:20}  {certificates}",
            row.name.as_str(),
            row.role.name()
        );
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_shown_in_columns() {
        let row = |name: &str, role, suspended, certificates| Summary {
            name: AccountName::parse(name).unwrap(),
            role,
            suspended,
            created: Timestamp(951_782_400_123),
            certificates,
        };
        let rows = [
            row("admin", Role::Admin, false, vec![]),
            row("bob", Role::Agent, true, vec!["aa".into(), "bb".into()]),
        ];
        assert_eq!(
            table(&rows),
            "NAME   ROLE        STATE      MADE                  CERTIFICATES\n\
             admin  admin       active     2000-02-29T00:00:00Z  -\n\
             bob    agent       suspended  2000-02-29T00:00:00Z  aa bb\n"
        );
        assert!(table(&[]).contains("account add"));
    }

    #[test]
    fn customers_cannot_have_accounts() {
        assert_eq!(account_role("agent"), Ok(Role::Agent));
        assert!(account_role("customer").is_err());
        assert!(account_role("Agent").is_err());
    }
}
