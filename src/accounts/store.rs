//! The accounts on disk: one SQLite file of their own, `accounts.db` in the data directory.
//!
//! Any number of processes may have it open; each change is one transaction and raises the
//! generation, which a running server polls. It keeps hashes and SCRAM keys, never a password.

use super::file;
use super::hash::{Cost, hash_password};
use crate::base::casemap::{fold, same};
use crate::base::limits::PASSWORD_BYTES;
use crate::base::text::{AccountName, Invalid};
use crate::base::time::Timestamp;
use crate::desk::StaffAccount;
use crate::desk::language::people::Role;
use crate::face::scram;
use crate::store::Fault;
use hmac::{Hmac, KeyInit, Mac};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior, params};
use sha2::Sha256;
use std::fmt;
use std::path::Path;

/// The file's name in the data directory.
pub const FILE_NAME: &str = "accounts.db";
/// Characters of a password at least. Source: NIST SP 800-63B section 5.1.1.1.
pub const PASSWORD_CHARACTERS_MIN: usize = 8;
/// Iterations of the SCRAM keys of every account, and of those made up for nobody.
/// Source: RFC 7677 section 4 asks for 4096 at least; the client pays for each sign-in.
pub const SCRAM_ITERATIONS: u32 = 16_384;
/// Bytes of a SCRAM salt.
pub const SCRAM_SALT_BYTES: usize = 16;

/// Why a change to the accounts was not made. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountError {
    /// There is an account of that name already.
    AlreadyExists(AccountName),
    /// There is no account of that name.
    NoSuchAccount(String),
    /// The text cannot be an account's name.
    InvalidName(String, Invalid),
    /// The name is the server's own.
    NameTaken(String),
    /// Fewer than these many characters.
    PasswordTooShort(usize),
    /// More than `PASSWORD_BYTES` bytes.
    PasswordTooLong,
    /// A control character, which sign-in messages cannot carry.
    PasswordCharacter,
    /// Customers have no account.
    CustomerRole,
    /// Not 64 hexadecimal digits.
    InvalidFingerprint,
    /// The certificate belongs to that account already.
    CertificateTaken(AccountName),
    /// No account of that name waits to be verified.
    NotWaiting(String),
    /// The account has no such certificate.
    NoSuchCertificate(AccountName),
    /// The disk or the database failed.
    Fault(Fault),
}

impl fmt::Display for AccountError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AlreadyExists(name) => write!(
                f,
                "There is already an account {name}; choose another name, or change its password or role instead."
            ),
            Self::NoSuchAccount(name) => write!(
                f,
                "There is no account {name:?}; list the accounts to see which there are."
            ),
            Self::InvalidName(name, why) => write!(
                f,
                "{name:?} cannot be an account's name: {why}. Use up to 24 letters, digits, - and _, beginning with a letter."
            ),
            Self::NameTaken(name) => {
                write!(f, "{name} is a name of the server itself; choose another.")
            }
            Self::PasswordTooShort(least) => {
                write!(f, "The password is too short; use at least {least} characters.")
            }
            Self::PasswordTooLong => {
                write!(f, "The password is too long; use at most {PASSWORD_BYTES} bytes.")
            }
            Self::PasswordCharacter => f.write_str(
                "The password holds a control character, which cannot be sent at sign-in; leave it out.",
            ),
            Self::CustomerRole => f.write_str(
                "Customers need no account; choose the role member, bot, agent, supervisor or admin.",
            ),
            Self::InvalidFingerprint => f.write_str(
                "That is not a SHA-256 fingerprint; give 64 hexadecimal digits, colons allowed.",
            ),
            Self::CertificateTaken(name) => write!(
                f,
                "That certificate already belongs to {name}; remove it there first."
            ),
            Self::NotWaiting(name) => write!(
                f,
                "No account {name:?} waits to be verified; list the accounts to see which do."
            ),
            Self::NoSuchCertificate(name) => write!(
                f,
                "{name} has no such certificate; list the account to see which it has."
            ),
            Self::Fault(fault) => write!(
                f,
                "The accounts could not be read or written ({fault}); check the disk and the file's permissions, then try again."
            ),
        }
    }
}

impl std::error::Error for AccountError {}

impl From<Fault> for AccountError {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// What is kept to check a SCRAM-SHA-256 exchange. Source: RFC 5802 section 3.
#[derive(Clone, PartialEq, Eq)]
pub struct ScramRecord {
    /// The salt.
    pub salt: Vec<u8>,
    /// The iteration count.
    pub iterations: u32,
    /// StoredKey.
    pub stored_key: [u8; 32],
    /// ServerKey.
    pub server_key: [u8; 32],
}

/// One account, with what is needed to check a sign-in.
#[derive(Clone, PartialEq, Eq)]
pub struct Record {
    /// Its name, as it was given at its making.
    pub name: AccountName,
    /// Its role; never `Customer`.
    pub role: Role,
    /// The Argon2id hash of its password, a PHC string.
    pub password_hash: String,
    /// The SCRAM keys of its password.
    pub scram: ScramRecord,
    /// May not sign in for now.
    pub suspended: bool,
    /// When it was made.
    pub created: Timestamp,
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("name", &self.name)
            .field("role", &self.role)
            .field("suspended", &self.suspended)
            .field("created", &self.created)
            .finish_non_exhaustive()
    }
}

/// One account, as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Its name.
    pub name: AccountName,
    /// Its role.
    pub role: Role,
    /// May not sign in for now.
    pub suspended: bool,
    /// When it was made.
    pub created: Timestamp,
    /// The SHA-256 fingerprints of its certificates, lower-case hex, sorted.
    pub certificates: Vec<String>,
}

/// The accounts' file, open.
pub struct AccountStore {
    pub(super) database: Connection,
    characters_min: usize,
}

impl fmt::Debug for AccountStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccountStore")
    }
}

impl AccountStore {
    /// Opens the file, making it (readable by its owner only) when it is not there; its directory
    /// must be. A file of a newer version of the server is a fault.
    pub fn open(path: &Path) -> Result<Self, Fault> {
        let characters_min = PASSWORD_CHARACTERS_MIN;
        Ok(Self { database: file::open(path)?, characters_min })
    }

    /// Passwords of these many characters at least, in place of `PASSWORD_CHARACTERS_MIN`.
    #[must_use]
    pub fn requiring(self, characters_min: usize) -> Self {
        Self { characters_min, ..self }
    }

    /// Makes an account. `cost` is that of its password's hash.
    pub fn add(
        &mut self,
        now: Timestamp,
        name: &str,
        role: Role,
        password: &str,
        cost: Cost,
    ) -> Result<(), AccountError> {
        let name = AccountName::parse(name)
            .map_err(|why| AccountError::InvalidName(name.to_owned(), why))?;
        if is_reserved(&name) {
            return Err(AccountError::NameTaken(name.to_string()));
        }
        check_role(role)?;
        check_password(password, self.characters_min)?;
        // Asked first so that a refusal costs no hash, and again by the key when it is written.
        if let Some(record) = self.find(name.as_str())? {
            return Err(AccountError::AlreadyExists(record.name));
        }
        let (hash, keys) = secrets(password, cost)?;
        let created = i64::try_from(now.0).unwrap_or(i64::MAX);
        self.change(|tx| {
            let made = tx.execute(
                "INSERT OR IGNORE INTO account VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?, NULL)",
                params![
                    fold(name.as_str()),
                    name.as_str(),
                    role.name(),
                    hash,
                    keys.salt,
                    keys.iterations,
                    keys.stored_key,
                    keys.server_key,
                    created
                ],
            )?;
            Ok(if made == 1 { Ok(()) } else { Err(AccountError::AlreadyExists(name.clone())) })
        })
    }

    /// Gives an account another password; its SCRAM keys change with it.
    pub fn set_password(
        &mut self,
        name: &str,
        password: &str,
        cost: Cost,
    ) -> Result<(), AccountError> {
        check_password(password, self.characters_min)?;
        self.must_find(name)?;
        let (hash, keys) = secrets(password, cost)?;
        self.change(|tx| {
            let changed = tx.execute(
                "UPDATE account SET password = ?, scram_salt = ?, scram_iterations = ?,
                 scram_stored_key = ?, scram_server_key = ? WHERE folded = ?",
                params![
                    hash,
                    keys.salt,
                    keys.iterations,
                    keys.stored_key,
                    keys.server_key,
                    fold(name)
                ],
            )?;
            Ok(one_changed(changed, name))
        })
    }

    /// Gives an account another role.
    pub fn set_role(&mut self, name: &str, role: Role) -> Result<(), AccountError> {
        check_role(role)?;
        self.change(|tx| {
            let sql = "UPDATE account SET role = ? WHERE folded = ?";
            Ok(one_changed(tx.execute(sql, params![role.name(), fold(name)])?, name))
        })
    }

    /// Removes an account and its certificates.
    pub fn remove(&mut self, name: &str) -> Result<(), AccountError> {
        self.change(|tx| {
            let sql = "DELETE FROM account WHERE folded = ?";
            Ok(one_changed(tx.execute(sql, [fold(name)])?, name))
        })
    }

    /// Suspends an account (`true`) or lets it sign in again (`false`).
    pub fn suspend(&mut self, name: &str, suspended: bool) -> Result<(), AccountError> {
        self.change(|tx| {
            let sql = "UPDATE account SET suspended = ? WHERE folded = ?";
            Ok(one_changed(tx.execute(sql, params![suspended, fold(name)])?, name))
        })
    }

    /// Lets a client certificate sign in as this account. The fingerprint is the SHA-256 of the
    /// certificate (DER) in hex; colons and capitals are allowed.
    pub fn add_certificate(&mut self, name: &str, fingerprint: &str) -> Result<(), AccountError> {
        let fingerprint = parse_fingerprint(fingerprint)?;
        self.must_find(name)?;
        // Another process may take it between the question and the change: then it is asked again.
        let taken = |store: &Self| -> Result<(), AccountError> {
            match store.find_by_certificate(&fingerprint)? {
                Some(owner) => Err(AccountError::CertificateTaken(owner.name)),
                None => Ok(()),
            }
        };
        taken(self)?;
        let added = self.change(|tx| {
            let added = tx.execute(
                "INSERT OR IGNORE INTO certificate
                 SELECT ?, folded FROM account WHERE folded = ?",
                params![fingerprint, fold(name)],
            )?;
            Ok(one_changed(added, name))
        });
        if added.is_err() {
            taken(self)?;
        }
        added
    }

    /// Takes a certificate from this account.
    pub fn remove_certificate(
        &mut self,
        name: &str,
        fingerprint: &str,
    ) -> Result<(), AccountError> {
        let fingerprint = parse_fingerprint(fingerprint)?;
        let account = self.must_find(name)?;
        self.change(|tx| {
            let removed = tx.execute(
                "DELETE FROM certificate WHERE fingerprint = ? AND account = ?",
                params![fingerprint, fold(name)],
            )?;
            Ok(match removed {
                0 => Err(AccountError::NoSuchCertificate(account.name.clone())),
                _ => Ok(()),
            })
        })
    }

    /// All accounts by name.
    pub fn list(&self) -> Result<Vec<Summary>, Fault> {
        let doing = "list the accounts";
        let read = || -> rusqlite::Result<Vec<Summary>> {
            let mut query = self.database.prepare_cached(
                "SELECT name, role, suspended, created_ms,
                 (SELECT group_concat(fingerprint, ' ' ORDER BY fingerprint)
                  FROM certificate WHERE account = folded)
                 FROM account ORDER BY folded",
            )?;
            let rows = query.query_map([], |row| {
                let certificates: Option<String> = row.get(4)?;
                let certificates = certificates.unwrap_or_default();
                Ok(Summary {
                    name: name_in(row, 0)?,
                    role: role_in(row, 1)?,
                    suspended: row.get(2)?,
                    created: moment_in(row, 3)?,
                    certificates: certificates.split_whitespace().map(str::to_owned).collect(),
                })
            })?;
            rows.collect()
        };
        read().map_err(|e| fault(doing, e))
    }

    /// The accounts that may sign in, as the desk wants them.
    pub fn staff(&self) -> Result<Vec<StaffAccount>, Fault> {
        let accounts = self.list()?.into_iter().filter(|account| !account.suspended);
        Ok(accounts.map(|a| StaffAccount { name: a.name, role: a.role }).collect())
    }

    /// The account of that name, whatever its case; suspended ones too.
    pub fn find(&self, name: &str) -> Result<Option<Record>, Fault> {
        self.record("SELECT * FROM account WHERE folded = ?", &fold(name))
    }

    /// The account that a certificate (SHA-256, lower-case hex) belongs to.
    pub fn find_by_certificate(&self, fingerprint: &str) -> Result<Option<Record>, Fault> {
        self.record(
            "SELECT account.* FROM account JOIN certificate ON account = folded
             WHERE fingerprint = ?",
            fingerprint,
        )
    }

    /// A number that every change by any process makes larger. Cheap: one read of one row.
    pub fn generation(&self) -> Result<u64, Fault> {
        let generation: i64 =
            self.one("read the accounts' generation", "SELECT generation FROM state")?;
        Ok(u64::try_from(generation).unwrap_or_default())
    }

    /// A key of this installation for one purpose, always the same; purposes share nothing.
    ///
    /// # Errors
    /// A fault of the file.
    pub fn key(&self, purpose: &str) -> Result<[u8; 16], Fault> {
        let mut key = [0; 16];
        if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.secret()?) {
            mac.update(purpose.as_bytes());
            key.copy_from_slice(&mac.finalize().into_bytes()[..16]);
        }
        Ok(key)
    }

    /// The secret of this installation from which the salts of unknown accounts are made.
    pub(super) fn secret(&self) -> Result<Vec<u8>, Fault> {
        self.one("read the accounts' secret", "SELECT secret FROM state")
    }

    /// Replaces the hash of an unchanged password by one of another cost. Nothing happens when
    /// the password was changed meanwhile; the generation stays, since nobody need know.
    pub(super) fn rehash(&self, record: &Record, hash: &str) -> Result<(), Fault> {
        let sql = "UPDATE account SET password = ? WHERE folded = ? AND password = ?";
        let folded = fold(record.name.as_str());
        match self.database.execute(sql, params![hash, folded, record.password_hash]) {
            Ok(_) => Ok(()),
            Err(e) => Err(fault("renew a password hash", e)),
        }
    }

    fn must_find(&self, name: &str) -> Result<Record, AccountError> {
        self.find(name)?.ok_or_else(|| AccountError::NoSuchAccount(name.to_owned()))
    }

    fn one<T: rusqlite::types::FromSql>(&self, doing: &'static str, sql: &str) -> Result<T, Fault> {
        let read = || self.database.prepare_cached(sql)?.query_row([], |row| row.get(0));
        read().map_err(|e| fault(doing, e))
    }

    fn record(&self, sql: &str, key: &str) -> Result<Option<Record>, Fault> {
        let read = || self.database.prepare_cached(sql)?.query_row([key], record_in).optional();
        read().map_err(|e| fault("read an account", e))
    }

    /// Makes one change and raises the generation with it, or does neither.
    pub(super) fn change(
        &self,
        change: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<Result<(), AccountError>>,
    ) -> Result<(), AccountError> {
        let write = || {
            let behavior = TransactionBehavior::Immediate;
            let tx = Transaction::new_unchecked(&self.database, behavior)?;
            let outcome = change(&tx)?;
            if outcome.is_ok() {
                tx.execute("UPDATE state SET generation = generation + 1", [])?;
                tx.commit()?;
            }
            Ok(outcome)
        };
        write().map_err(|e: rusqlite::Error| AccountError::Fault(fault("change an account", e)))?
    }
}

/// The 64 lower-case hex digits of a fingerprint written with or without colons and capitals.
pub fn parse_fingerprint(text: &str) -> Result<String, AccountError> {
    let digits: String = text.chars().filter(|&c| c != ':').collect();
    if digits.len() == 64 && digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        Ok(digits.to_ascii_lowercase())
    } else {
        Err(AccountError::InvalidFingerprint)
    }
}

fn check_role(role: Role) -> Result<(), AccountError> {
    if role == Role::Customer { Err(AccountError::CustomerRole) } else { Ok(()) }
}

/// True for the names of the server's own services, and for what PASS and SASL take for a seat.
pub(super) fn is_reserved(name: &AccountName) -> bool {
    ["desk", "server", "resume"].iter().any(|service| same(service, name.as_str()))
}

fn check_password(password: &str, characters_min: usize) -> Result<(), AccountError> {
    if password.chars().count() < characters_min {
        Err(AccountError::PasswordTooShort(characters_min))
    } else if password.len() > PASSWORD_BYTES {
        Err(AccountError::PasswordTooLong)
    } else if password.chars().any(char::is_control) {
        Err(AccountError::PasswordCharacter)
    } else {
        Ok(())
    }
}

/// What is kept of a password: its hash and its SCRAM keys, each with a salt of its own.
pub(super) fn secrets(password: &str, cost: Cost) -> Result<(String, ScramRecord), Fault> {
    let hash = hash_password(password, cost)?;
    let mut salt = vec![0; SCRAM_SALT_BYTES];
    getrandom::fill(&mut salt).map_err(|e| fault("draw random bits", e))?;
    let (stored_key, server_key) = scram::derive(password, &salt, SCRAM_ITERATIONS);
    Ok((hash, ScramRecord { salt, iterations: SCRAM_ITERATIONS, stored_key, server_key }))
}

fn one_changed(changed: usize, name: &str) -> Result<(), AccountError> {
    match changed {
        0 => Err(AccountError::NoSuchAccount(name.to_owned())),
        _ => Ok(()),
    }
}

fn record_in(row: &Row<'_>) -> rusqlite::Result<Record> {
    Ok(Record {
        name: name_in(row, 1)?,
        role: role_in(row, 2)?,
        password_hash: row.get(3)?,
        scram: ScramRecord {
            salt: row.get(4)?,
            iterations: row.get(5)?,
            stored_key: row.get(6)?,
            server_key: row.get(7)?,
        },
        suspended: row.get(8)?,
        created: moment_in(row, 9)?,
    })
}

fn name_in(row: &Row<'_>, column: usize) -> rusqlite::Result<AccountName> {
    let text: String = row.get(column)?;
    AccountName::parse(&text).map_err(|why| unreadable(column, format!("{text:?}: {why}")))
}

fn role_in(row: &Row<'_>, column: usize) -> rusqlite::Result<Role> {
    let text: String = row.get(column)?;
    match Role::parse(&text) {
        Some(role) if role != Role::Customer => Ok(role),
        Some(_) | None => Err(unreadable(column, format!("{text:?} is no account's role"))),
    }
}

fn moment_in(row: &Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    let ms: i64 = row.get(column)?;
    Ok(Timestamp(u64::try_from(ms).unwrap_or_default()))
}

fn unreadable(column: usize, cause: String) -> rusqlite::Error {
    let kind = rusqlite::types::Type::Text;
    rusqlite::Error::FromSqlConversionFailure(column, kind, cause.into())
}

pub(super) fn fault(doing: &'static str, cause: impl fmt::Display) -> Fault {
    Fault { doing, cause: cause.to_string() }
}
