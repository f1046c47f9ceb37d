//! Accounts that people make for themselves: by an invitation's code, by a code sent to an address, or
//! freely. Codes are kept as their SHA-256; each is good once and for a while.
//!
//! It knows no session and sends nothing: a letter is handed to whoever can (`Letter`).

use super::hash::Cost;
use super::store::{AccountError, AccountStore, fault, is_reserved, secrets};
use crate::base::casemap::fold;
use crate::base::limits::{ACCOUNTS, ACCOUNTS_WAITING};
use crate::base::text::AccountName;
use crate::base::time::Timestamp;
use crate::desk::language::people::Role;
use crate::face::registering::{NewAccount, Proof, Registered};
use crate::store::Fault;
use rusqlite::{OptionalExtension, Transaction, params};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::time::Duration;

/// How long an invitation is good.
pub const INVITATION_SPAN: Duration = Duration::from_secs(7 * 24 * 3600);
/// How long an account waits to be verified.
pub const WAITING_SPAN: Duration = Duration::from_secs(24 * 3600);
/// Bytes of randomness in a code.
const CODE_BYTES: usize = 16;

/// What somebody must be sent so that they can verify their account.
pub struct Letter {
    /// The account that waits.
    pub account: AccountName,
    /// The address they gave.
    pub email: String,
    /// What VERIFY must bring.
    pub code: String,
}

/// Sends a letter, or says that it cannot. Called on a thread that may wait.
pub type Post = std::sync::Arc<dyn Fn(&Letter) -> Result<(), Fault> + Send + Sync>;

impl AccountStore {
    /// Makes an invitation to an account of that role; gives its code, which is kept nowhere.
    pub fn invite(&self, now: Timestamp, role: Role) -> Result<String, AccountError> {
        if role == Role::Customer {
            return Err(AccountError::CustomerRole);
        }
        let code = draw_code()?;
        self.change(|tx| {
            tx.execute("DELETE FROM invitation WHERE until_ms < ?", [ms(now)])?;
            let until = ms(now + INVITATION_SPAN);
            let row = params![digest(&code), role.name(), until];
            tx.execute("INSERT INTO invitation VALUES (?, ?, ?)", row)?;
            Ok(Ok(()))
        })?;
        Ok(code)
    }

    /// REGISTER, and VERIFY with an invitation. A name that waits counts as taken.
    pub fn register(
        &self,
        now: Timestamp,
        new: &NewAccount,
        cost: Cost,
        post: Option<&Post>,
    ) -> Result<Registered, Fault> {
        let role = match &new.proof {
            Proof::Nothing | Proof::Email => Role::Member,
            Proof::Invitation(code) => match self.invitation(now, code)? {
                Some(role) => role,
                None => return Ok(Registered::WrongCode),
            },
        };
        if is_reserved(&new.name) {
            return Ok(Registered::Reserved);
        }
        if self.taken(now, &new.name)? {
            return Ok(Registered::Exists);
        }
        if self.full(now, &new.proof)? {
            return Ok(Registered::Full);
        }
        match (&new.proof, &new.email) {
            (Proof::Email, Some(email)) => self.wait(now, new, email, cost, post),
            _ => self.make(now, new, role, cost),
        }
    }

    /// VERIFY of an account that waits.
    pub fn verify(&self, now: Timestamp, name: &str, code: &str) -> Result<Registered, Fault> {
        self.confirm_waiting(now, name, Some(code))
    }

    /// Confirms an account that waits, by the operator's word.
    pub fn confirm(&self, now: Timestamp, name: &str) -> Result<(), AccountError> {
        match self.confirm_waiting(now, name, None)? {
            Registered::Done(..) => Ok(()),
            _ => Err(AccountError::NotWaiting(name.to_owned())),
        }
    }

    /// The names that wait to be verified, with the address each gave.
    pub fn waiting(&self, now: Timestamp) -> Result<Vec<(String, String)>, Fault> {
        let read = || -> rusqlite::Result<Vec<_>> {
            let sql = "SELECT name, email FROM waiting WHERE until_ms >= ? ORDER BY folded";
            let mut query = self.database.prepare_cached(sql)?;
            let rows = query.query_map([ms(now)], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect()
        };
        read().map_err(|e| fault("list who waits", e))
    }

    /// The role that an invitation gives, if it is good.
    fn invitation(&self, now: Timestamp, code: &str) -> Result<Option<Role>, Fault> {
        let sql = "SELECT role FROM invitation WHERE code = ? AND until_ms >= ?";
        let read = || {
            let mut query = self.database.prepare_cached(sql)?;
            query
                .query_row(params![digest(code), ms(now)], |row| row.get::<_, String>(0))
                .optional()
        };
        let role = read().map_err(|e| fault("read an invitation", e))?;
        Ok(role.and_then(|role| Role::parse(&role)))
    }

    fn taken(&self, now: Timestamp, name: &AccountName) -> Result<bool, Fault> {
        let sql = "SELECT EXISTS (SELECT 1 FROM account WHERE folded = ?1)
                   OR EXISTS (SELECT 1 FROM waiting WHERE folded = ?1 AND until_ms >= ?2)";
        let key = fold(name.as_str());
        let read = || {
            self.database.prepare_cached(sql)?.query_row(params![key, ms(now)], |row| row.get(0))
        };
        read().map_err(|e| fault("read an account", e))
    }

    fn full(&self, now: Timestamp, proof: &Proof) -> Result<bool, Fault> {
        let count = |sql: &str| -> rusqlite::Result<usize> {
            let count: i64 = self.database.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
            Ok(usize::try_from(count).unwrap_or(usize::MAX))
        };
        let read = || -> rusqlite::Result<bool> {
            if *proof == Proof::Email {
                self.database.execute("DELETE FROM waiting WHERE until_ms < ?", [ms(now)])?;
                if count("SELECT count(*) FROM waiting")? >= ACCOUNTS_WAITING {
                    return Ok(true);
                }
            }
            Ok(count("SELECT count(*) FROM account")? >= ACCOUNTS)
        };
        read().map_err(|e| fault("count the accounts", e))
    }

    /// Makes the account, and uses up its invitation, or does neither.
    fn make(
        &self,
        now: Timestamp,
        new: &NewAccount,
        role: Role,
        cost: Cost,
    ) -> Result<Registered, Fault> {
        let (hash, keys) = secrets(&new.password, cost)?;
        let made = self.change(|tx| {
            if let Proof::Invitation(code) = &new.proof
                && tx.execute("DELETE FROM invitation WHERE code = ?", [digest(code)])? == 0
            {
                return Ok(Err(AccountError::NotWaiting(new.name.to_string())));
            }
            let made = tx.execute(
                "INSERT OR IGNORE INTO account VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?)",
                params![
                    fold(new.name.as_str()),
                    new.name.as_str(),
                    role.name(),
                    hash,
                    keys.salt,
                    keys.iterations,
                    keys.stored_key,
                    keys.server_key,
                    ms(now),
                    new.email
                ],
            )?;
            Ok(if made == 1 { Ok(()) } else { Err(AccountError::AlreadyExists(new.name.clone())) })
        });
        match made {
            Ok(()) => Ok(Registered::Done(new.name.clone(), role)),
            Err(AccountError::Fault(fault)) => Err(fault),
            Err(AccountError::NotWaiting(_)) => Ok(Registered::WrongCode),
            Err(_) => Ok(Registered::Exists),
        }
    }

    /// Keeps the account until its code is brought, and has the code sent.
    fn wait(
        &self,
        now: Timestamp,
        new: &NewAccount,
        email: &str,
        cost: Cost,
        post: Option<&Post>,
    ) -> Result<Registered, Fault> {
        let (hash, keys) = secrets(&new.password, cost)?;
        let letter =
            Letter { account: new.name.clone(), email: email.to_owned(), code: draw_code()? };
        let folded = fold(new.name.as_str());
        let write = || {
            self.database.execute(
                "INSERT OR IGNORE INTO waiting VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                params![
                    folded,
                    new.name.as_str(),
                    hash,
                    keys.salt,
                    keys.iterations,
                    keys.stored_key,
                    keys.server_key,
                    email,
                    digest(&letter.code),
                    ms(now + WAITING_SPAN)
                ],
            )
        };
        if write().map_err(|e| fault("keep an account that waits", e))? == 0 {
            return Ok(Registered::Exists);
        }
        let Some(post) = post else { return Ok(Registered::Waits(new.name.clone(), false)) };
        if let Err(unsent) = post(&letter) {
            let forget = self.database.execute("DELETE FROM waiting WHERE folded = ?", [&folded]);
            forget.map_err(|e| fault("forget an account that waits", e))?;
            return Err(unsent);
        }
        Ok(Registered::Waits(new.name.clone(), true))
    }

    fn confirm_waiting(
        &self,
        now: Timestamp,
        name: &str,
        code: Option<&str>,
    ) -> Result<Registered, Fault> {
        let mut made = None;
        let outcome = self.change(|tx| {
            made = moved(tx, now, name, code)?;
            Ok(match made {
                Some(_) => Ok(()),
                None => Err(AccountError::NotWaiting(name.to_owned())),
            })
        });
        match (outcome, made) {
            (Err(AccountError::Fault(fault)), _) => Err(fault),
            (Ok(()), Some(name)) => Ok(Registered::Done(name, Role::Member)),
            _ => Ok(Registered::WrongCode),
        }
    }
}

/// Turns an account that waits into one, if the code is its own; the operator needs none.
fn moved(
    tx: &Transaction<'_>,
    now: Timestamp,
    name: &str,
    code: Option<&str>,
) -> rusqlite::Result<Option<AccountName>> {
    let folded = fold(name);
    let given = code.map(digest);
    let sql = "SELECT name FROM waiting
               WHERE folded = ?1 AND until_ms >= ?2 AND (?3 IS NULL OR code = ?3)";
    let key = params![folded, ms(now), given];
    let found: Option<String> = tx.query_row(sql, key, |row| row.get(0)).optional()?;
    let Some(found) = found.and_then(|name| AccountName::parse(&name).ok()) else {
        return Ok(None);
    };
    let made = tx.execute(
        "INSERT OR IGNORE INTO account
         SELECT folded, name, ?, password, scram_salt, scram_iterations, scram_stored_key,
                scram_server_key, 0, ?, email FROM waiting WHERE folded = ?",
        params![Role::Member.name(), ms(now), folded],
    )?;
    tx.execute("DELETE FROM waiting WHERE folded = ?", [&folded])?;
    Ok((made == 1).then_some(found))
}

/// Codes are compared as digests: what a comparison's time tells is of no use.
fn digest(code: &str) -> [u8; 32] {
    Sha256::digest(code.trim().to_ascii_lowercase()).into()
}

fn draw_code() -> Result<String, Fault> {
    let mut random = [0; CODE_BYTES];
    getrandom::fill(&mut random).map_err(|e| fault("draw random bits", e))?;
    let mut code = String::with_capacity(2 * CODE_BYTES);
    for byte in random {
        // Writing to a String cannot fail.
        let _ = write!(code, "{byte:02x}");
    }
    Ok(code)
}

fn ms(at: Timestamp) -> i64 {
    i64::try_from(at.0).unwrap_or(i64::MAX)
}
