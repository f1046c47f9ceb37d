//! A keyed permutation of 64-bit numbers: message ids are counts, and a count seen twice tells how
//! much was said meanwhile by others. Veiled, an id is as good a name and tells nothing (promise 2).
//! Under the same key, a text has a name that tells whether it is the same text, and nothing else.
//!
//! Four Feistel rounds over SipHash-1-3; the key is made once for an installation and kept with its
//! data, so that a message has the same id for ever.

use siphasher::sip::SipHasher13;
use std::hash::Hasher;

/// Characters of a name: 40 bits, so that two addresses in a million hardly share one.
pub const NAME_CHARACTERS: usize = 8;

/// The permutation of one installation.
#[derive(Clone, Default)]
pub struct Veil {
    key: [u8; 16],
}

impl std::fmt::Debug for Veil {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Veil(secret)")
    }
}

impl Veil {
    /// The permutation under this key.
    pub fn new(key: [u8; 16]) -> Self {
        Self { key }
    }

    fn round(&self, round: u8, half: u32) -> u32 {
        let mut hasher = SipHasher13::new_with_key(&self.key);
        hasher.write_u8(round);
        hasher.write_u32(half);
        // The lower half of a hash is as good as any.
        (hasher.finish() & u64::from(u32::MAX)) as u32
    }

    /// The veiled form of a number.
    pub fn hide(&self, number: u64) -> u64 {
        let (mut left, mut right) = ((number >> 32) as u32, (number & 0xffff_ffff) as u32);
        for round in 0..4 {
            (left, right) = (right, left ^ self.round(round, right));
        }
        (u64::from(left) << 32) | u64::from(right)
    }

    /// What stands for a text: the same for the same text, `NAME_CHARACTERS` lower-case letters and digits.
    pub fn name(&self, text: &str) -> String {
        const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
        let mut hasher = SipHasher13::new_with_key(&self.key);
        // No round has this number: names and veiled numbers have nothing to do with each other.
        hasher.write_u8(u8::MAX);
        hasher.write(text.as_bytes());
        let bits = hasher.finish();
        let digit = |n: usize| char::from(ALPHABET[((bits >> (5 * n)) & 31) as usize]);
        (0..NAME_CHARACTERS).map(digit).collect()
    }

    /// The number behind a veiled form.
    pub fn reveal(&self, veiled: u64) -> u64 {
        let (mut left, mut right) = ((veiled >> 32) as u32, (veiled & 0xffff_ffff) as u32);
        for round in (0..4).rev() {
            (left, right) = (right ^ self.round(round, left), left);
        }
        (u64::from(left) << 32) | u64::from(right)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_hidden_can_be_revealed(number: u64, key: [u8; 16]) {
            let veil = Veil::new(key);
            prop_assert_eq!(veil.reveal(veil.hide(number)), number);
        }
    }

    #[test]
    fn neighbours_do_not_look_like_neighbours_and_keys_matter() {
        let veil = Veil::new([7; 16]);
        let other = Veil::new([8; 16]);
        for n in 1..100u64 {
            assert!(veil.hide(n).abs_diff(veil.hide(n + 1)) > 1 << 20);
            assert_ne!(veil.hide(n), other.hide(n));
        }
    }

    #[test]
    fn a_text_has_one_name_under_each_key() {
        let (veil, other) = (Veil::new([7; 16]), Veil::new([8; 16]));
        let name = veil.name("192.0.2.1");
        assert_eq!((name.len(), veil.name("192.0.2.1")), (NAME_CHARACTERS, name.clone()));
        assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()));
        assert!(name != veil.name("192.0.2.2") && name != other.name("192.0.2.1"));
    }
}
