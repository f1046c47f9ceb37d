//! How many connections one address, and one account, may have and make. Plain counting, with time as an argument.

use crate::base::casemap::fold;
use crate::base::time::Timestamp;
use ipnet::IpNet;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::rc::Rc;
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);
/// Addresses remembered at once; beyond it those without connections are forgotten early.
const ADDRESSES: usize = 100_000;

/// Limits per address. Zero turns a limit off. An IPv6 address counts as its /64, which is what
/// one subscriber has.
#[derive(Clone, Debug, Default)]
pub struct GateLimits {
    /// Connections open at once, of everybody.
    pub connections: u32,
    /// Connections open at once from one address.
    pub per_address: u32,
    /// New connections from one address in a minute.
    pub per_minute: u32,
    /// Connections open at once of one account, which do not count for their address.
    pub per_account: u32,
    /// Addresses that no per-address limit holds for.
    pub exempt: Vec<IpNet>,
    /// Addresses of gateways: those whom they bring count elsewhere.
    pub gateways: Vec<IpNet>,
}

#[derive(Debug, Default)]
struct Address {
    open: u32,
    /// When the current minute began, and the connections made in it.
    since: Timestamp,
    made: u32,
}

#[derive(Debug)]
pub(super) struct Gate {
    limits: GateLimits,
    addresses: BTreeMap<IpAddr, Address>,
    /// Connections open of each account, by its folded name.
    accounts: BTreeMap<String, u32>,
    open: u32,
}

/// A place held until it is dropped.
pub(super) struct Pass {
    gate: Rc<RefCell<Gate>>,
    place: Place,
    exempt: bool,
}

/// Where a connection counts.
enum Place {
    Nowhere,
    /// At an address, since the minute in which it came.
    Address(IpAddr, Timestamp),
    Account(String),
}

impl Pass {
    /// The same place for another address.
    pub(super) fn relocate(&mut self, now: Timestamp, to: IpAddr) -> Result<(), &'static str> {
        self.leave();
        let mut taken = Gate::admit(&self.gate, now, to)?;
        self.place = std::mem::replace(&mut taken.place, Place::Nowhere);
        self.exempt = taken.exempt;
        Ok(())
    }

    /// From here on it counts for its account, and its address is as if it had never come from there:
    /// behind a gateway are many accounts.
    pub(super) fn sign_in(&mut self, account: &str) -> Result<(), &'static str> {
        let account = fold(account);
        if matches!(&self.place, Place::Account(before) if *before == account) {
            return Ok(());
        }
        let mut gate = self.gate.borrow_mut();
        let per_account = gate.limits.per_account;
        let held = gate.accounts.get(&account).copied().unwrap_or(0);
        if !self.exempt && per_account > 0 && held >= per_account {
            return Err("Too many connections of your account. Close one and try again");
        }
        gate.vacate(&self.place);
        if let Place::Address(key, since) = &self.place
            && let Some(address) = gate.addresses.get_mut(key).filter(|a| a.since == *since)
        {
            address.made = address.made.saturating_sub(1);
        }
        gate.open += 1;
        gate.accounts.insert(account.clone(), held + 1);
        drop(gate);
        self.place = Place::Account(account);
        Ok(())
    }

    fn leave(&mut self) {
        let place = std::mem::replace(&mut self.place, Place::Nowhere);
        self.gate.borrow_mut().vacate(&place);
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        self.leave();
    }
}

impl Gate {
    pub(super) fn new(limits: GateLimits) -> Self {
        Self { limits, addresses: BTreeMap::new(), accounts: BTreeMap::new(), open: 0 }
    }

    pub(super) fn set_limits(&mut self, limits: GateLimits) {
        self.limits = limits;
    }

    /// Connections open now.
    pub(super) fn open(&self) -> u32 {
        self.open
    }

    /// True when no per-address limit holds for it.
    pub(super) fn exempts(&self, address: IpAddr) -> bool {
        self.limits.exempt.iter().any(|net| net.contains(&address.to_canonical()))
    }

    /// Lets one more connection in, or says to the person why not.
    pub(super) fn admit(
        gate: &Rc<RefCell<Self>>,
        now: Timestamp,
        address: IpAddr,
    ) -> Result<Pass, &'static str> {
        let mut inner = gate.borrow_mut();
        let limits = &inner.limits;
        let (total, per_address, per_minute) =
            (limits.connections, limits.per_address, limits.per_minute);
        let gateway = limits.gateways.iter().any(|net| net.contains(&address.to_canonical()));
        let exempt = gateway || inner.exempts(address);
        if total > 0 && inner.open >= total {
            return Err("This server is full. Please try again in a few minutes");
        }
        inner.forget_idle(now);
        let key = key(address);
        let fresh = || Address { since: now, ..Address::default() };
        let known = inner.addresses.entry(key).or_insert_with(fresh);
        if now.since(known.since) >= MINUTE {
            known.since = now;
            known.made = 0;
        }
        if !exempt && per_address > 0 && known.open >= per_address {
            return Err("Too many connections from your address. Close one and try again");
        }
        if !exempt && per_minute > 0 && known.made >= per_minute {
            return Err("Too many connections from your address. Wait a minute and try again");
        }
        known.made += 1;
        known.open += 1;
        let place = Place::Address(key, known.since);
        inner.open += 1;
        drop(inner);
        Ok(Pass { gate: gate.clone(), place, exempt })
    }

    fn vacate(&mut self, place: &Place) {
        match place {
            Place::Nowhere => return,
            Place::Address(key, _) => {
                if let Some(address) = self.addresses.get_mut(key) {
                    address.open = address.open.saturating_sub(1);
                }
            }
            Place::Account(account) => {
                let left = self.accounts.get(account).map_or(0, |held| held.saturating_sub(1));
                match left {
                    0 => self.accounts.remove(account),
                    left => self.accounts.insert(account.clone(), left),
                };
            }
        }
        self.open = self.open.saturating_sub(1);
    }

    fn forget_idle(&mut self, now: Timestamp) {
        if self.addresses.len() < 1024 || !self.addresses.len().is_power_of_two() {
            if self.addresses.len() >= ADDRESSES {
                self.addresses.retain(|_, a| a.open > 0);
            }
            return;
        }
        self.addresses.retain(|_, a| a.open > 0 || now.since(a.since) < MINUTE);
    }
}

fn key(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => IpAddr::V4(v4),
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate(limits: GateLimits) -> Rc<RefCell<Gate>> {
        Rc::new(RefCell::new(Gate::new(limits)))
    }

    #[test]
    fn one_address_has_so_many_at_once_and_others_are_not_touched() {
        let gate = gate(GateLimits { per_address: 2, ..GateLimits::default() });
        let one: IpAddr = "192.0.2.1".parse().unwrap();
        let first = Gate::admit(&gate, Timestamp(0), one).ok().unwrap();
        let _second = Gate::admit(&gate, Timestamp(0), one).ok().unwrap();
        assert!(Gate::admit(&gate, Timestamp(0), one).is_err());
        assert!(Gate::admit(&gate, Timestamp(0), "192.0.2.2".parse().unwrap()).is_ok());
        drop(first);
        assert!(Gate::admit(&gate, Timestamp(0), one).is_ok());
    }

    #[test]
    fn one_address_makes_so_many_a_minute() {
        let gate = gate(GateLimits { per_minute: 1, ..GateLimits::default() });
        let one: IpAddr = "192.0.2.1".parse().unwrap();
        drop(Gate::admit(&gate, Timestamp(1000), one).ok().unwrap());
        assert!(Gate::admit(&gate, Timestamp(60_999), one).is_err());
        assert!(Gate::admit(&gate, Timestamp(61_000), one).is_ok());
    }

    #[test]
    fn who_signs_in_counts_for_the_account_and_no_more_for_the_address() {
        let limits =
            GateLimits { per_address: 1, per_minute: 1, per_account: 2, ..GateLimits::default() };
        let gate = gate(limits);
        let one: IpAddr = "192.0.2.1".parse().unwrap();
        let mut held = Vec::new();
        for account in ["bob", "Bob", "carol", "dora"] {
            let mut pass = Gate::admit(&gate, Timestamp(0), one).ok().unwrap();
            pass.sign_in(account).unwrap();
            pass.sign_in(account).unwrap();
            held.push(pass);
        }
        let mut third = Gate::admit(&gate, Timestamp(0), one).ok().unwrap();
        assert!(third.sign_in("BOB").is_err(), "two are enough");
        assert!(Gate::admit(&gate, Timestamp(0), one).is_err(), "and it still has its address");
        assert_eq!(gate.borrow().open(), 5);
        held.remove(0);
        assert!(third.sign_in("bob").is_ok() && third.sign_in("eve").is_ok());
        drop((held, third));
        assert!(gate.borrow().open() == 0 && gate.borrow().accounts.is_empty());
        assert!(Gate::admit(&gate, Timestamp(0), one).is_ok());
    }

    #[test]
    fn a_v6_subscriber_is_one_address_and_a_mapped_v4_is_its_v4() {
        let gate = gate(GateLimits { per_address: 1, ..GateLimits::default() });
        let _a = Gate::admit(&gate, Timestamp(0), "2001:db8::1".parse().unwrap()).ok().unwrap();
        assert!(Gate::admit(&gate, Timestamp(0), "2001:db8::2".parse().unwrap()).is_err());
        assert!(Gate::admit(&gate, Timestamp(0), "2001:db8:0:1::1".parse().unwrap()).is_ok());
        let _b = Gate::admit(&gate, Timestamp(0), "192.0.2.9".parse().unwrap()).ok().unwrap();
        assert!(Gate::admit(&gate, Timestamp(0), "::ffff:192.0.2.9".parse().unwrap()).is_err());
    }

    #[test]
    fn exempt_addresses_have_only_the_total() {
        let limits = GateLimits {
            connections: 3,
            per_address: 1,
            per_minute: 1,
            per_account: 1,
            exempt: vec!["127.0.0.0/8".parse().unwrap()],
            gateways: Vec::new(),
        };
        let gate = gate(limits);
        let local: IpAddr = "127.0.0.1".parse().unwrap();
        let held: Vec<_> =
            (0..3).map(|_| Gate::admit(&gate, Timestamp(0), local).ok().unwrap()).collect();
        let mut held: Vec<_> = held;
        assert!(held.iter_mut().all(|pass| pass.sign_in("bob").is_ok()));
        assert!(Gate::admit(&gate, Timestamp(0), local).is_err());
        drop(held);
        assert!(Gate::admit(&gate, Timestamp(0), local).is_ok());
    }

    #[test]
    fn whom_a_gateway_brings_counts_where_they_are() {
        let gateways = vec!["10.0.0.1/32".parse().unwrap()];
        let gate = gate(GateLimits { per_address: 1, gateways, ..GateLimits::default() });
        let admit = || {
            let gateway: IpAddr = "10.0.0.1".parse().unwrap();
            Gate::admit(&gate, Timestamp(0), gateway).ok().unwrap()
        };
        let real: IpAddr = "192.0.2.1".parse().unwrap();
        let (mut first, mut second) = (admit(), admit());
        assert!(first.relocate(Timestamp(0), real).is_ok());
        assert!(second.relocate(Timestamp(0), real).is_err());
        drop(first);
        let mut third = admit();
        assert!(third.relocate(Timestamp(0), real).is_ok());
        drop((second, third));
        assert_eq!(gate.borrow().open(), 0);
    }
}
