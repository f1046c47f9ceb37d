//! What a block, or an operator's `hosts`, may name: an address, a network, a `nick!user@host` mask
//! or an account (`~a:name`). Pure text and numbers; it knows no state.

use super::language::people::Source;
use crate::base::casemap::{mask_matches, same};
use crate::base::text::AccountName;
use ipnet::{IpNet, Ipv4Net};
use std::net::IpAddr;

/// What a target that is an account begins with. Source: IRCv3 account-extban.
const ACCOUNT: &str = "~a:";
/// The widest networks, by prefix: a block of everybody is a mistake, not a block.
const WIDEST_V4: u8 = 8;
const WIDEST_V6: u8 = 16;
/// Where IPv4 stands within IPv6. Source: RFC 4291 section 2.5.5.2.
const MAPPED_PREFIX: u8 = 96;

/// A target in its one form; none when it names nobody, or everybody.
pub fn normal(text: &str) -> Option<String> {
    for prefix in [ACCOUNT, "~account:", "account:"] {
        if let Some(name) = strip(text, prefix) {
            return AccountName::parse(name).ok().map(|name| format!("{ACCOUNT}{}", name.folded()));
        }
    }
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(address.to_canonical().to_string());
    }
    if text.contains('/') && !text.contains(['!', '@']) {
        return network(text).map(|net| net.to_string());
    }
    if !text.contains(['!', '@', '*', '?']) || text.contains(' ') {
        return None;
    }
    let mask = match (text.contains('!'), text.contains('@')) {
        (true, true) => text.to_owned(),
        (true, false) => format!("{text}@*"),
        (false, true) => format!("*!{text}"),
        (false, false) => format!("{text}!*@*"),
    };
    match mask.rsplit_once('@') {
        Some((who, host)) if host.contains('/') => network(host).map(|net| format!("{who}@{net}")),
        _ if mask.chars().all(|c| "*!@?.:".contains(c)) => None,
        _ => Some(mask),
    }
}

fn strip<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let head = text.get(..prefix.len())?;
    same(head, prefix).then(|| &text[prefix.len()..])
}

/// A network that is not too wide. One of mapped IPv4 addresses is a network of IPv4.
fn network(text: &str) -> Option<IpNet> {
    let net = text.parse::<IpNet>().ok()?.trunc();
    match net {
        IpNet::V4(v4) => (v4.prefix_len() >= WIDEST_V4).then_some(net),
        IpNet::V6(v6) => match v6.addr().to_ipv4_mapped() {
            Some(v4) if v6.prefix_len() >= MAPPED_PREFIX => {
                let inner = Ipv4Net::new(v4, v6.prefix_len() - MAPPED_PREFIX).ok()?;
                (inner.prefix_len() >= WIDEST_V4).then_some(IpNet::V4(inner))
            }
            // It would hold all of IPv4 and more.
            _ if v6.contains(&std::net::Ipv4Addr::UNSPECIFIED.to_ipv6_mapped()) => None,
            _ => (v6.prefix_len() >= WIDEST_V6).then_some(net),
        },
    }
}

/// True when a target (in its one form) names this address or this person. Addresses and networks
/// match by number, never as text; the host of a mask may be either, or what is shown.
pub fn matches(target: &str, ip: Option<IpAddr>, source: Option<&Source>) -> bool {
    if let Some(name) = target.strip_prefix(ACCOUNT) {
        return source
            .and_then(|s| s.account.as_ref())
            .is_some_and(|account| account.folded().as_str() == name);
    }
    if let Some(hit) = by_number(target, ip) {
        return hit;
    }
    let Some(source) = source else { return false };
    if let Some((who, host)) = target.rsplit_once('@')
        && let Some(hit) = by_number(host, ip)
    {
        return hit && mask_matches(who, &format!("{}!{}", source.nick, source.user));
    }
    let shown = |host: &str| format!("{}!{}@{host}", source.nick, source.user);
    mask_matches(target, &shown(&source.host))
        || ip.is_some_and(|ip| mask_matches(target, &shown(&ip.to_canonical().to_string())))
}

/// Whether an address or network holds this address; none when the text is neither.
fn by_number(text: &str, ip: Option<IpAddr>) -> Option<bool> {
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(ip.map(|ip| ip.to_canonical()) == Some(address.to_canonical()));
    }
    let net = text.parse::<IpNet>().ok()?;
    Some(ip.is_some_and(|ip| net.contains(&ip.to_canonical())))
}
