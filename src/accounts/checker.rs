//! Judges one set of credentials against the accounts. It knows no attempt limits and no threads.
//!
//! A check of a password has three steps, so that what happens to the account during the slow one
//! in the middle still counts: `look_up`, `compare`, `confirm`.

use super::hash::Hasher;
use super::operators::Operators;
use super::registering::Post;
use super::store::{AccountStore, Record, SCRAM_ITERATIONS, SCRAM_SALT_BYTES};
use crate::base::casemap::{fold, same};
use crate::base::time::Timestamp;
use crate::face::{Credentials, ScramKeys, Verdict};
use crate::store::Fault;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// Bytes of randomness in a SCRAM nonce; three in four characters of base64, without padding.
const NONCE_BYTES: usize = 18;

/// Judges credentials with a connection of its own to the accounts' file.
pub struct Checker {
    store: AccountStore,
    hasher: Arc<Hasher>,
    secret: Vec<u8>,
    post: Option<Post>,
    operators: Operators,
}

impl fmt::Debug for Checker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Checker(secret)")
    }
}

/// An account as it was when a check of its password began; or that there was none.
#[derive(Clone, Debug)]
pub struct Pending {
    account: String,
    record: Option<Record>,
}

impl Checker {
    /// A checker on that file, which is made when it is not there.
    pub fn open(path: &Path, hasher: Arc<Hasher>) -> Result<Self, Fault> {
        let store = AccountStore::open(path)?;
        let secret = store.secret()?;
        let (operators, post) = (Operators::default(), None);
        Ok(Self { store, hasher, secret, operators, post })
    }

    /// The same with a way to send letters.
    #[must_use]
    pub fn with_post(self, post: Option<Post>) -> Self {
        Self { post, ..self }
    }

    /// The same, with these operators' passwords.
    #[must_use]
    pub fn with_operators(self, operators: Operators) -> Self {
        Self { operators, ..self }
    }

    /// The verdict on these credentials. `Verdict::TooMany` and `Unavailable` are not its to give:
    /// the first is the pool's, the second is what a fault means.
    pub fn judge(&self, now: Timestamp, credentials: &Credentials) -> Result<Verdict, Fault> {
        match credentials {
            Credentials::Password { account, password } => self.password(account, password),
            Credentials::Operator { name, password } => match self.operators.find(name) {
                Some(block) if block.admits(password, &self.hasher) => {
                    Ok(Verdict::Operator(block.name))
                }
                Some(_) => Ok(Verdict::No),
                None => self.password(name, password),
            },
            Credentials::Certificate { account, fingerprint } => {
                self.certificate(account.as_deref(), fingerprint.as_deref())
            }
            Credentials::ScramKeys { account } => {
                self.scram_keys(account).map(|keys| Verdict::Scram(Box::new(keys)))
            }
            Credentials::New(new) => self
                .store
                .register(now, new, self.hasher.cost(), self.post.as_ref())
                .map(Verdict::Registered),
            Credentials::Code { account, code } => {
                self.store.verify(now, account, code).map(Verdict::Registered)
            }
        }
    }

    fn password(&self, account: &str, password: &str) -> Result<Verdict, Fault> {
        let pending = self.look_up(account)?;
        let right = self.compare(&pending, password);
        self.confirm(pending, right, password)
    }

    /// Reads the account whose password is to be checked.
    pub fn look_up(&self, account: &str) -> Result<Pending, Fault> {
        Ok(Pending { account: account.to_owned(), record: self.store.find(account)? })
    }

    /// The slow step: the same work whether the account exists, is suspended, or neither.
    pub fn compare(&self, pending: &Pending, password: &str) -> bool {
        self.hasher.verify(password, pending.record.as_ref().map(|r| r.password_hash.as_str()))
    }

    /// The verdict, from the account as it is now: one that was removed or suspended, or whose
    /// password changed, during the comparison is not let in. Renews a hash of another cost.
    pub fn confirm(&self, pending: Pending, right: bool, password: &str) -> Result<Verdict, Fault> {
        // Read again for nobody too: what is done does not tell whether there is an account.
        let now = self.store.find(&pending.account)?;
        let (Some(before), Some(now)) = (pending.record, now) else { return Ok(Verdict::No) };
        if !right || now.suspended {
            return Ok(Verdict::No);
        }
        // Another hash may be another password, or the same one renewed by another sign-in.
        let renewed = now.password_hash != before.password_hash;
        if renewed && !self.hasher.verify(password, Some(&now.password_hash)) {
            return Ok(Verdict::No);
        }
        if self.hasher.needs_rehash(&now.password_hash) {
            let renewed = self.hasher.hash(password)?;
            // The person is who they say even when the disk takes no writes; the next sign-in
            // tries again.
            if let Err(fault) = self.store.rehash(&now, &renewed) {
                tracing::warn!(%fault, "a password hash was not renewed");
            }
        }
        Ok(Verdict::Yes(now.name, now.role))
    }

    /// A certificate proves its owner only by the fingerprint that the transport saw.
    fn certificate(
        &self,
        account: Option<&str>,
        fingerprint: Option<&str>,
    ) -> Result<Verdict, Fault> {
        let Some(fingerprint) = fingerprint else { return Ok(Verdict::No) };
        let Some(record) = self.store.find_by_certificate(fingerprint)? else {
            return Ok(Verdict::No);
        };
        let asked = account.is_none_or(|name| same(name, record.name.as_str()));
        if record.suspended || !asked {
            return Ok(Verdict::No);
        }
        Ok(Verdict::Yes(record.name, record.role))
    }

    /// The SCRAM keys of an account. Those of nobody are made up, the same at each asking, so
    /// that a salt does not tell which accounts exist.
    fn scram_keys(&self, account: &str) -> Result<ScramKeys, Fault> {
        let mut random = [0; NONCE_BYTES];
        getrandom::fill(&mut random)
            .map_err(|e| Fault { doing: "draw random bits", cause: e.to_string() })?;
        let nonce = BASE64.encode(random);
        let made_up = self.made_up("salt", account);
        let nobody = (self.made_up("stored", account), self.made_up("server", account));
        Ok(match self.store.find(account)? {
            Some(record) => ScramKeys {
                account: (!record.suspended).then_some((record.name, record.role)),
                salt: record.scram.salt,
                iterations: record.scram.iterations,
                stored_key: record.scram.stored_key,
                server_key: record.scram.server_key,
                nonce,
            },
            None => ScramKeys {
                account: None,
                salt: made_up[..SCRAM_SALT_BYTES].to_vec(),
                iterations: SCRAM_ITERATIONS,
                stored_key: nobody.0,
                server_key: nobody.1,
                nonce,
            },
        })
    }

    fn made_up(&self, what: &str, account: &str) -> [u8; 32] {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.secret) else {
            unreachable!("HMAC takes a key of any length");
        };
        mac.update(what.as_bytes());
        mac.update(&[0]);
        mac.update(fold(account).as_bytes());
        mac.finalize().into_bytes().into()
    }
}
