//! Passwords of the config's `[[operator]]` blocks, shared by all who check them and replaced when
//! the config is read again. It knows neither hosts nor rights; those are the desk's.

use super::hash::Hasher;
use crate::base::casemap::same;
use crate::base::limits::PASSWORD_BYTES;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use subtle::ConstantTimeEq;

/// What an Argon2 hash begins with, as a PHC string; any other password is the password itself.
const HASHED: &str = "$argon2";

/// The password of one block.
#[derive(Clone)]
pub struct OperatorPassword {
    /// The block's name.
    pub name: Arc<str>,
    /// Its password, or the hash of it.
    pub password: Arc<str>,
}

/// All of them. A clone shares what is set.
#[derive(Clone, Default)]
pub struct Operators(Arc<Mutex<Arc<[OperatorPassword]>>>);

impl fmt::Debug for Operators {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Operators(secret)")
    }
}

impl Operators {
    /// These from now on.
    pub fn set(&self, all: Vec<OperatorPassword>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = all.into();
    }

    /// The block of that name; none: it may be an account.
    pub(super) fn find(&self, name: &str) -> Option<OperatorPassword> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        all.iter().find(|one| same(&one.name, name)).cloned()
    }
}

impl OperatorPassword {
    /// True when this is the password. A plain one costs the work of a hash too, so that the time
    /// tells nothing.
    pub(super) fn admits(&self, given: &str, hasher: &Hasher) -> bool {
        if self.password.starts_with(HASHED) {
            return hasher.verify(given, Some(&self.password));
        }
        hasher.verify(given, None);
        given.len() <= PASSWORD_BYTES
            && bool::from(self.password.as_bytes().ct_eq(given.as_bytes()))
    }
}
