//! WEBIRC: a gateway tells whom it brings, before anything else.
//!
//! Source: IRCv3 webirc. Whether the address has a place here is not decided here.

use super::registration::{already, end};
use super::session::{IrcFace, Stage, Turn};
use crate::face::Action;
use crate::wire::message::Message;
use sha2::{Digest, Sha256};
use std::net::IpAddr;
use std::sync::Arc;
use subtle::ConstantTimeEq;

/// WEBIRC password gateway hostname address [options]. The host name is not used: it is the
/// gateway's word only, and the address says more.
pub(super) fn webirc(face: &mut IrcFace, message: &Message, turn: &mut Turn) {
    let Some(start) = face.start.as_mut().filter(|_| face.stage == Stage::Fresh) else {
        return already(face, turn);
    };
    if start.lines > 1 {
        let text = "WEBIRC must be the first line; connect again.";
        return end(face, text, "late WEBIRC", turn);
    }
    let from = start.connection.address.parse::<IpAddr>().ok();
    let shown = &face.certificate;
    let digest = Sha256::digest(message.params[0]);
    let known = face.info.gateways.iter().any(|gateway| {
        from.is_some_and(|from| gateway.addresses.iter().any(|net| net.contains(&from)))
            && gateway.certificate.as_ref().is_none_or(|wanted| {
                shown.as_ref().is_some_and(|shown| shown.eq_ignore_ascii_case(wanted))
            })
            && bool::from(gateway.password.ct_eq(digest.as_slice()))
    });
    if !known {
        let text = "This gateway is not known here, or its password is wrong; see to [[webirc]] in \
                    the server's config.";
        return end(face, text, "unknown WEBIRC gateway", turn);
    }
    let Ok(address) = message.params[3].parse::<IpAddr>() else {
        let text = "The address in WEBIRC is none; it is the fourth parameter.";
        return end(face, text, "WEBIRC without an address", turn);
    };
    let options = message.params.get(4).copied().unwrap_or_default();
    let mut names = options.split(' ').map(|option| option.split('=').next().unwrap_or_default());
    let secure = names.any(|name| name == "secure");
    let address: Arc<str> = address.to_canonical().to_string().into();
    // What is safe is the weaker of both ways; and what the gateway has shown is not the person's.
    face.tls &= secure;
    face.trusted &= secure;
    face.certificate = None;
    start.connection.address = address.clone();
    start.connection.tls &= secure;
    start.connection.certificate = None;
    turn.act(Action::Relocate(address));
}
