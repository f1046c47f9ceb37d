//! Password hashes: Argon2id in PHC string form. It knows no accounts and no files.
//!
//! Source: RFC 9106; the cost's default follows the OWASP password storage recommendations.

use crate::base::limits::PASSWORD_BYTES;
use crate::store::Fault;
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

/// What one password hash costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Memory, in KiB; at least 8 for each lane.
    pub memory_kib: u32,
    /// Passes over that memory; at least 1.
    pub passes: u32,
    /// Lanes; at least 1.
    pub lanes: u32,
}

impl Default for Cost {
    fn default() -> Self {
        Self { memory_kib: 19 * 1024, passes: 2, lanes: 1 }
    }
}

impl Cost {
    /// Whether Argon2 can work at this cost; the fault's cause says what is out of range.
    pub fn check(self) -> Result<(), Fault> {
        self.argon2().map(|_| ())
    }

    fn argon2(self) -> Result<Argon2<'static>, Fault> {
        let params = Params::new(self.memory_kib, self.passes, self.lanes, None)
            .map_err(|e| fault("choose the cost of a password hash", e))?;
        Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
    }
}

/// Makes and checks password hashes at one cost, and counts the work done.
pub struct Hasher {
    cost: Cost,
    /// The hash of a password nobody has, checked where there is no account.
    dummy: String,
    work: AtomicU64,
}

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hasher").field("cost", &self.cost).finish_non_exhaustive()
    }
}

impl Hasher {
    /// A hasher at this cost. Computes one hash.
    pub fn new(cost: Cost) -> Result<Self, Fault> {
        let mut nobody = [0; 32];
        getrandom::fill(&mut nobody).map_err(|e| fault("draw random bits", e))?;
        let dummy = hash_bytes(&nobody, cost)?;
        Ok(Self { cost, dummy, work: AtomicU64::new(0) })
    }

    /// What a new hash costs.
    pub fn cost(&self) -> Cost {
        self.cost
    }

    /// The hash of a password, with a fresh salt, as a PHC string.
    pub fn hash(&self, password: &str) -> Result<String, Fault> {
        self.count(self.cost.memory_kib, self.cost.passes);
        hash_password(password, self.cost)
    }

    /// True when `hash` is one of `password`. With no hash (no such account) the same work is
    /// done at this hasher's cost and the answer is no.
    pub fn verify(&self, password: &str, hash: Option<&str>) -> bool {
        let right = match hash.map(PasswordHash::new) {
            Some(Ok(parsed)) => self.verify_parsed(password, &parsed),
            Some(Err(_)) | None => {
                if let Ok(parsed) = PasswordHash::new(&self.dummy) {
                    self.verify_parsed(password, &parsed);
                }
                false
            }
        };
        right && password.len() <= PASSWORD_BYTES
    }

    /// True when `hash` was made at another cost than this hasher's, or cannot be read.
    pub fn needs_rehash(&self, hash: &str) -> bool {
        let Ok(parsed) = PasswordHash::new(hash) else { return true };
        match Params::try_from(&parsed) {
            Ok(params) => {
                let cost = Cost {
                    memory_kib: params.m_cost(),
                    passes: params.t_cost(),
                    lanes: params.p_cost(),
                };
                cost != self.cost || parsed.algorithm != argon2::ARGON2ID_IDENT
            }
            Err(_) => true,
        }
    }

    /// KiB of memory passed over so far: equal work, equal figure, whatever the clock says.
    pub fn work(&self) -> u64 {
        self.work.load(Ordering::Relaxed)
    }

    fn verify_parsed(&self, password: &str, hash: &PasswordHash) -> bool {
        // The cost stands in the hash itself; the algorithm is checked against what it names.
        let Ok(argon2) = self.cost.argon2() else { return false };
        if let Ok(params) = Params::try_from(hash) {
            self.count(params.m_cost(), params.t_cost());
        }
        argon2.verify_password(password.as_bytes(), hash).is_ok()
    }

    fn count(&self, memory_kib: u32, passes: u32) {
        self.work.fetch_add(u64::from(memory_kib) * u64::from(passes), Ordering::Relaxed);
    }
}

/// The hash of a password at this cost, with a fresh salt, as a PHC string.
pub fn hash_password(password: &str, cost: Cost) -> Result<String, Fault> {
    hash_bytes(password.as_bytes(), cost)
}

fn hash_bytes(password: &[u8], cost: Cost) -> Result<String, Fault> {
    let hash = cost.argon2()?.hash_password(password);
    hash.map(|hash| hash.to_string()).map_err(|e| fault("compute a password hash", e))
}

fn fault(doing: &'static str, cause: impl fmt::Display) -> Fault {
    Fault { doing, cause: cause.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TINY: Cost = Cost { memory_kib: 8, passes: 1, lanes: 1 };

    #[test]
    fn a_hash_knows_its_password_and_no_other() {
        let hasher = Hasher::new(TINY).unwrap();
        let hash = hasher.hash("correct horse").unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{hash}");
        assert!(hasher.verify("correct horse", Some(&hash)));
        assert!(!hasher.verify("correct hors", Some(&hash)));
        assert!(!hasher.verify("correct horse", Some("$argon2id$broken")));
        assert!(!hasher.verify("correct horse", None));
        assert_ne!(hash, hasher.hash("correct horse").unwrap(), "salts are fresh");
        assert!(!format!("{hasher:?}").contains("argon2id"));
    }

    #[test]
    fn no_account_costs_what_an_account_does() {
        let hasher = Hasher::new(TINY).unwrap();
        let hash = hasher.hash("correct horse").unwrap();
        let spent = |hash: Option<&str>| {
            let before = hasher.work();
            hasher.verify("wrong password", hash);
            hasher.work() - before
        };
        assert_eq!(spent(Some(&hash)), 8);
        assert_eq!(spent(None), 8);
    }

    #[test]
    fn a_new_cost_asks_for_a_new_hash() {
        let old = Hasher::new(TINY).unwrap();
        let hash = old.hash("correct horse").unwrap();
        let dearer = Hasher::new(Cost { memory_kib: 16, ..TINY }).unwrap();
        assert!(!old.needs_rehash(&hash));
        assert!(dearer.needs_rehash(&hash));
        assert!(dearer.verify("correct horse", Some(&hash)), "old hashes still serve");
        assert!(old.needs_rehash("rubbish"));
    }

    #[test]
    fn impossible_costs_are_refused() {
        assert!(Cost::default().check().is_ok());
        assert!(Cost { memory_kib: 4, ..TINY }.check().is_err());
        assert!(Cost { passes: 0, ..TINY }.check().is_err());
        assert!(Cost { lanes: 0, ..TINY }.check().is_err());
    }
}
