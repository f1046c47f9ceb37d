//! How often somebody may try to sign in. A pure value: the moment is an argument.
//!
//! Three token buckets are asked for each attempt: of the account from this address, of the
//! address, and of the account from anywhere. The last is the widest and does not count for an
//! address from which that account has signed in before, so that a stranger who guesses cannot
//! keep the owner out. An attempt that succeeds gives its tokens back.

use crate::base::casemap::fold;
use crate::base::limits::ACCOUNTLEN;
use crate::base::text::truncate;
use crate::base::time::Timestamp;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// An address may fail for this many accounts at the full rate: people behind one router.
pub const ADDRESS_FACTOR: u64 = 5;
/// An account may fail from this many addresses at the full rate.
pub const ACCOUNT_FACTOR: u64 = 10;
/// The parts of a token that a bucket of rate one regains each millisecond are one in a minute's.
const TOKEN: u64 = 60_000;

/// How an attempt that was let through ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// They signed in.
    Right,
    /// They did not.
    Wrong,
    /// Nobody could tell (a full queue, a disk that fails): it does not count.
    NotJudged,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Pair(String, String),
    Address(String),
    Account(String),
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    /// Parts of tokens left; `TOKEN` of them are one attempt.
    level: u64,
    /// When that was so.
    at: Timestamp,
}

/// The attempts of the last minutes, in bounded memory.
#[derive(Debug)]
pub struct Attempts {
    per_minute: u64,
    buckets: Recent<Bucket>,
    /// Pairs of account and address that signed in.
    proven: Recent<()>,
}

impl Attempts {
    /// `logins_per_minute` for one account from one address (0: no limit at all); at most
    /// `entries_max` buckets and as many proven pairs are kept, the oldest dropped first.
    pub fn new(logins_per_minute: u32, entries_max: usize) -> Self {
        Self {
            per_minute: u64::from(logins_per_minute),
            buckets: Recent::new(entries_max),
            proven: Recent::new(entries_max),
        }
    }

    /// Asks for one attempt; `Err` is the whole seconds to wait. Without an account (a
    /// certificate, which cannot be guessed) only the address counts.
    pub fn begin(
        &mut self,
        now: Timestamp,
        account: Option<&str>,
        address: &str,
    ) -> Result<(), u64> {
        if self.per_minute == 0 {
            return Ok(());
        }
        let keys = self.keys(account, address);
        let mut filled = Vec::with_capacity(keys.len());
        let mut wait = 0;
        for (key, rate) in keys {
            let bucket = self.filled(now, &key, rate);
            let missing = TOKEN.saturating_sub(bucket.level);
            wait = wait.max(missing.div_ceil(rate));
            filled.push((key, bucket));
        }
        for (key, mut bucket) in filled {
            if wait == 0 {
                bucket.level -= TOKEN;
            } else if !self.buckets.holds(&key) {
                continue;
            }
            // Written even when refused: what is in use is not the oldest, and a clock that was
            // set back does not stop the refill until it has caught up.
            self.buckets.put(key, bucket);
        }
        if wait == 0 { Ok(()) } else { Err(wait.div_ceil(1000)) }
    }

    /// Tells how an attempt ended that `begin` let through.
    pub fn end(&mut self, now: Timestamp, account: Option<&str>, address: &str, ending: Ending) {
        if self.per_minute == 0 || ending == Ending::Wrong {
            return;
        }
        for (key, rate) in self.keys(account, address) {
            let mut bucket = self.filled(now, &key, rate);
            bucket.level = (bucket.level + TOKEN).min(rate * TOKEN);
            self.buckets.put(key, bucket);
        }
        if let (Ending::Right, Some(account)) = (ending, account) {
            self.proven.put(pair(account, address), ());
        }
    }

    /// The buckets an attempt draws on, each with its tokens a minute, which is also its size.
    fn keys(&self, account: Option<&str>, address: &str) -> Vec<(Key, u64)> {
        let mut keys = vec![(Key::Address(network(address)), self.per_minute * ADDRESS_FACTOR)];
        if let Some(account) = account {
            let pair = pair(account, address);
            if !self.proven.holds(&pair) {
                keys.push((Key::Account(account_key(account)), self.per_minute * ACCOUNT_FACTOR));
            }
            keys.push((pair, self.per_minute));
        }
        keys
    }

    fn filled(&self, now: Timestamp, key: &Key, rate: u64) -> Bucket {
        let size = rate * TOKEN;
        let Some(bucket) = self.buckets.get(key) else { return Bucket { level: size, at: now } };
        let elapsed = u64::try_from(now.since(bucket.at).as_millis()).unwrap_or(u64::MAX);
        let level = bucket.level.saturating_add(elapsed.saturating_mul(rate)).min(size);
        Bucket { level, at: now }
    }
}

fn pair(account: &str, address: &str) -> Key {
    Key::Pair(account_key(account), network(address))
}

/// No account has a longer name, so what is typed beyond that need not be kept.
fn account_key(account: &str) -> String {
    fold(truncate(account, ACCOUNTLEN + 1))
}

/// The address as one person has it: an IPv6 host owns its whole /64.
fn network(address: &str) -> String {
    match address.parse() {
        Ok(IpAddr::V6(v6)) => match v6.to_ipv4_mapped() {
            Some(v4) => v4.to_string(),
            None => {
                let [a, b, c, d, ..] = v6.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
        },
        Ok(IpAddr::V4(v4)) => v4.to_string(),
        Err(_) => truncate(address, 64).to_owned(),
    }
}

/// A map of bounded size that drops what was written longest ago.
#[derive(Debug)]
struct Recent<V> {
    max: usize,
    entries: BTreeMap<Key, (u64, V)>,
    order: BTreeMap<u64, Key>,
    next: u64,
}

impl<V> Recent<V> {
    fn new(max: usize) -> Self {
        Self { max: max.max(1), entries: BTreeMap::new(), order: BTreeMap::new(), next: 0 }
    }

    fn get(&self, key: &Key) -> Option<&V> {
        self.entries.get(key).map(|(_, value)| value)
    }

    fn holds(&self, key: &Key) -> bool {
        self.entries.contains_key(key)
    }

    fn put(&mut self, key: Key, value: V) {
        self.next += 1;
        self.order.insert(self.next, key.clone());
        if let Some((place, _)) = self.entries.insert(key, (self.next, value)) {
            self.order.remove(&place);
        }
        while self.entries.len() > self.max {
            let Some((_, oldest)) = self.order.pop_first() else { return };
            self.entries.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const T0: Timestamp = Timestamp(1_000_000);

    fn fail(attempts: &mut Attempts, now: Timestamp, account: &str, address: &str) -> bool {
        let through = attempts.begin(now, Some(account), address).is_ok();
        if through {
            attempts.end(now, Some(account), address, Ending::Wrong);
        }
        through
    }

    #[test]
    fn a_guesser_is_slowed_and_told_for_how_long() {
        let mut attempts = Attempts::new(6, 100);
        for _ in 0..6 {
            assert!(fail(&mut attempts, T0, "bob", "10.0.0.1"));
        }
        assert_eq!(attempts.begin(T0, Some("BOB"), "10.0.0.1"), Err(10));
        let later = T0 + Duration::from_millis(9_999);
        assert_eq!(attempts.begin(later, Some("bob"), "10.0.0.1"), Err(1));
        assert!(fail(&mut attempts, T0 + Duration::from_secs(10), "bob", "10.0.0.1"));
        assert!(fail(&mut attempts, T0, "carol", "10.0.0.1"), "another account is not his");
    }

    #[test]
    fn success_and_what_was_not_judged_cost_nothing() {
        let mut attempts = Attempts::new(2, 100);
        for ending in [Ending::Right, Ending::NotJudged] {
            for _ in 0..50 {
                assert_eq!(attempts.begin(T0, Some("bob"), "10.0.0.1"), Ok(()));
                attempts.end(T0, Some("bob"), "10.0.0.1", ending);
            }
        }
    }

    #[test]
    fn success_never_fills_a_bucket_beyond_its_size() {
        let mut attempts = Attempts::new(2, 100);
        for _ in 0..50 {
            attempts.end(T0, Some("bob"), "10.0.0.1", Ending::Right);
        }
        assert!(fail(&mut attempts, T0, "bob", "10.0.0.1"));
        assert!(fail(&mut attempts, T0, "bob", "10.0.0.1"));
        assert!(!fail(&mut attempts, T0, "bob", "10.0.0.1"));
    }

    #[test]
    fn an_address_is_bounded_over_all_accounts() {
        let mut attempts = Attempts::new(2, 1000);
        let through =
            (0..100).filter(|n| fail(&mut attempts, T0, &format!("a{n}"), "10.0.0.1")).count();
        assert_eq!(through as u64, 2 * ADDRESS_FACTOR);
        assert!(fail(&mut attempts, T0, "a1", "10.0.0.2"));
        assert_eq!(attempts.begin(T0, None, "10.0.0.1").map_err(|wait| wait > 0), Err(true));
        assert_eq!(attempts.begin(T0, None, "10.0.0.3"), Ok(()));
    }

    #[test]
    fn a_stranger_does_not_keep_the_owner_out() {
        let mut attempts = Attempts::new(2, 1000);
        // One stranger: only he waits.
        while fail(&mut attempts, T0, "bob", "10.0.0.1") {}
        assert_eq!(attempts.begin(T0, Some("bob"), "10.9.9.9"), Ok(()));
        attempts.end(T0, Some("bob"), "10.9.9.9", Ending::Right);
        // Many strangers together: bounded, and the owner's own address still serves.
        let many = (0..100)
            .filter(|n| fail(&mut attempts, T0, "bob", &format!("10.0.1.{n}")))
            .count() as u64;
        assert!(many <= 2 * ACCOUNT_FACTOR, "{many}");
        assert!(attempts.begin(T0, Some("bob"), "10.0.2.1").is_err());
        assert_eq!(attempts.begin(T0, Some("bob"), "10.9.9.9"), Ok(()));
        // From a new address the owner waits seconds, not minutes.
        let later = T0 + Duration::from_secs(60 / (2 * ACCOUNT_FACTOR));
        assert_eq!(attempts.begin(later, Some("bob"), "10.0.2.1"), Ok(()));
    }

    #[test]
    fn an_ipv6_network_is_one_address_and_a_mapped_one_is_ipv4() {
        let mut attempts = Attempts::new(1, 100);
        assert!(fail(&mut attempts, T0, "bob", "2001:db8::1"));
        assert!(!fail(&mut attempts, T0, "bob", "2001:db8::ffff:2"));
        assert!(fail(&mut attempts, T0, "bob", "2001:db8:0:1::1"));
        assert!(fail(&mut attempts, T0, "bob", "::ffff:10.0.0.1"));
        assert!(!fail(&mut attempts, T0, "bob", "10.0.0.1"));
    }

    #[test]
    fn memory_is_bounded_and_a_clock_that_steps_back_is_harmless() {
        let mut attempts = Attempts::new(1, 8);
        for n in 0..1000 {
            fail(&mut attempts, T0, &format!("a{n}"), &format!("10.0.{}.{}", n / 250, n % 250));
            attempts.end(T0, Some(&format!("a{n}")), "10.0.0.1", Ending::Right);
        }
        assert_eq!(attempts.buckets.entries.len(), 8);
        assert_eq!(attempts.buckets.order.len(), 8);
        assert_eq!(attempts.proven.entries.len(), 8);
        let mut attempts = Attempts::new(1, 8);
        assert!(fail(&mut attempts, T0, "bob", "10.0.0.1"));
        assert!(!fail(&mut attempts, Timestamp(0), "bob", "10.0.0.1"));
        assert!(fail(&mut attempts, Timestamp(60_000), "bob", "10.0.0.1"));
    }

    #[test]
    fn zero_is_no_limit() {
        let mut attempts = Attempts::new(0, 8);
        assert!((0..100).all(|_| fail(&mut attempts, T0, "bob", "10.0.0.1")));
        assert!(attempts.buckets.entries.is_empty());
    }
}
