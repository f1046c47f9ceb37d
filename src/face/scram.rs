//! SCRAM-SHA-256 as the server speaks it: a pure value, one message in, one message out.
//!
//! Source: RFC 5802 with RFC 7677. It knows no account store, no line protocol and no randomness:
//! keys and nonce arrive in `ScramKeys`. Channel binding is not offered, so `n` and `y` are taken
//! and `p=` is refused.

use super::ScramKeys;
use crate::base::casemap::same;
use crate::base::limits::SASL_BYTES;
use crate::base::text::AccountName;
use crate::desk::language::people::Role;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use std::fmt;
use subtle::{Choice, ConstantTimeEq};

/// Why an exchange ended without signing anybody in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScramError {
    /// A message is not what RFC 5802 section 7 allows at this point.
    Malformed,
    /// The client insists on channel binding (`p=`), which this server does not offer.
    ChannelBinding,
    /// The client wants to act for another account than its own.
    OtherAccount,
    /// Wrong password, unknown account or suspended account: one answer for all three.
    Refused,
}

impl fmt::Display for ScramError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => {
                "The SCRAM message could not be read; check the client's SASL settings or use PLAIN."
            }
            Self::ChannelBinding => {
                "Channel binding is not offered here; choose SCRAM-SHA-256 without -PLUS."
            }
            Self::OtherAccount => {
                "Signing in for another account is not allowed; leave the authorisation name empty."
            }
            Self::Refused => "Account or password is wrong; check both and try again.",
        })
    }
}

impl std::error::Error for ScramError {}

/// The account that a client-first message names, decoded, as typed.
///
/// The caller looks up its `ScramKeys` and then calls `ServerExchange::begin` with the same bytes.
pub fn client_first_account(message: &[u8]) -> Result<String, ScramError> {
    ClientFirst::parse(message).map(|first| first.account)
}

/// StoredKey and ServerKey of a password. Source: RFC 5802 section 3.
///
/// The password is taken as its UTF-8 bytes; SASLprep is left to the client, which changes
/// nothing for ASCII. Costs `iterations` rounds of HMAC-SHA-256.
pub fn derive(password: &str, salt: &[u8], iterations: u32) -> ([u8; 32], [u8; 32]) {
    let mut salted = [0; 32];
    pbkdf2::pbkdf2_hmac::<Sha256>(password.as_bytes(), salt, iterations.max(1), &mut salted);
    let client_key = hmac(&salted, b"Client Key");
    (Sha256::digest(client_key).into(), hmac(&salted, b"Server Key"))
}

/// An exchange between the server's first message and the client's last.
pub struct ServerExchange {
    keys: ScramKeys,
    account: String,
    gs2_header: String,
    nonce: String,
    /// client-first-message-bare `,` server-first-message: the start of AuthMessage.
    transcript: String,
}

impl fmt::Debug for ServerExchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServerExchange(secret)")
    }
}

impl ServerExchange {
    /// Reads client-first and gives server-first, with the keys of the account it named.
    pub fn begin(keys: ScramKeys, client_first: &[u8]) -> Result<(Self, Vec<u8>), ScramError> {
        let first = ClientFirst::parse(client_first)?;
        let nonce = format!("{}{}", first.nonce, keys.nonce);
        let salt = BASE64.encode(&keys.salt);
        let server_first = format!("r={nonce},s={salt},i={}", keys.iterations);
        let transcript = format!("{},{server_first}", first.bare);
        let exchange = Self {
            keys,
            account: first.account,
            gs2_header: first.gs2_header.to_owned(),
            nonce,
            transcript,
        };
        Ok((exchange, server_first.into_bytes()))
    }

    /// The account as the client typed it, for the attempt limits.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// Reads client-final; gives who signed in and server-final (`v=…`), which proves the server
    /// to the client. An unknown account fails here and not before, after the same work.
    pub fn finish(self, client_final: &[u8]) -> Result<(AccountName, Role, Vec<u8>), ScramError> {
        let message = readable(client_final)?;
        let (without_proof, proof) = message.rsplit_once(",p=").ok_or(ScramError::Malformed)?;
        let mut attributes = without_proof.split(',');
        let binding = value(attributes.next(), "c=")?;
        let nonce = value(attributes.next(), "r=")?;
        let proof = decode(proof)?;
        let Ok(proof) = <[u8; 32]>::try_from(proof) else {
            return Err(ScramError::Malformed);
        };
        if decode(binding)? != self.gs2_header.as_bytes() || nonce != self.nonce {
            return Err(ScramError::Malformed);
        }
        let auth_message = format!("{},{without_proof}", self.transcript);
        let signature = hmac(&self.keys.stored_key, auth_message.as_bytes());
        let mut client_key = proof;
        for (key, sign) in client_key.iter_mut().zip(signature) {
            *key ^= sign;
        }
        let shown: [u8; 32] = Sha256::digest(client_key).into();
        let exists = Choice::from(u8::from(self.keys.account.is_some()));
        let right = shown.ct_eq(&self.keys.stored_key) & exists;
        let verifier = hmac(&self.keys.server_key, auth_message.as_bytes());
        match self.keys.account {
            Some((name, role)) if bool::from(right) => {
                Ok((name, role, format!("v={}", BASE64.encode(verifier)).into_bytes()))
            }
            Some(_) | None => Err(ScramError::Refused),
        }
    }
}

/// client-first-message. Source: RFC 5802 section 7.
struct ClientFirst<'a> {
    /// `n,,` or `y,a=…,`, to be repeated in client-final.
    gs2_header: &'a str,
    /// Everything after it.
    bare: &'a str,
    account: String,
    nonce: &'a str,
}

impl<'a> ClientFirst<'a> {
    fn parse(message: &'a [u8]) -> Result<Self, ScramError> {
        let message = readable(message)?;
        let mut parts = message.splitn(3, ',');
        let (flag, authzid) = (parts.next(), parts.next().ok_or(ScramError::Malformed)?);
        let bare = parts.next().ok_or(ScramError::Malformed)?;
        match flag {
            Some("n" | "y") => {}
            Some(other) if other.starts_with("p=") => return Err(ScramError::ChannelBinding),
            Some(_) | None => return Err(ScramError::Malformed),
        }
        // A first attribute `m=` is an extension that must be understood, and none is; it is
        // refused here because it is not `n=`. Optional extensions after the nonce are ignored.
        let mut attributes = bare.split(',');
        let account = decode_name(value(attributes.next(), "n=")?)?;
        let nonce = value(attributes.next(), "r=")?;
        if nonce.is_empty() || !nonce.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(ScramError::Malformed);
        }
        if !authzid.is_empty() && !same(&decode_name(value(Some(authzid), "a=")?)?, &account) {
            return Err(ScramError::OtherAccount);
        }
        let gs2_header = &message[..message.len() - bare.len()];
        Ok(Self { gs2_header, bare, account, nonce })
    }
}

/// The message as text: bounded, UTF-8, without NUL.
fn readable(message: &[u8]) -> Result<&str, ScramError> {
    match std::str::from_utf8(message) {
        Ok(text) if text.len() <= SASL_BYTES && !text.contains('\0') => Ok(text),
        Ok(_) | Err(_) => Err(ScramError::Malformed),
    }
}

fn value<'a>(attribute: Option<&'a str>, key: &str) -> Result<&'a str, ScramError> {
    attribute.and_then(|text| text.strip_prefix(key)).ok_or(ScramError::Malformed)
}

fn decode(text: &str) -> Result<Vec<u8>, ScramError> {
    BASE64.decode(text).map_err(|_| ScramError::Malformed)
}

/// A saslname: `=2C` is a comma, `=3D` an equals sign, any other `=` an error (section 5.1).
fn decode_name(text: &str) -> Result<String, ScramError> {
    let mut pieces = text.split('=');
    let mut name = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (character, rest) = match (piece.strip_prefix("2C"), piece.strip_prefix("3D")) {
            (Some(rest), _) => (',', rest),
            (None, Some(rest)) => ('=', rest),
            (None, None) => return Err(ScramError::Malformed),
        };
        name.push(character);
        name.push_str(rest);
    }
    if name.is_empty() { Err(ScramError::Malformed) } else { Ok(name) }
}

fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        unreachable!("HMAC takes a key of any length");
    };
    mac.update(message);
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FIRST: &[u8] = b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
    const NONCE: &str = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";

    /// The account, salt and nonce of RFC 7677 section 3.
    fn keys(exists: bool) -> ScramKeys {
        let salt = BASE64.decode("W22ZaJ0SNY7soEsUEjb6gQ==").unwrap();
        let (stored_key, server_key) = derive("pencil", &salt, 4096);
        let name = AccountName::parse("user").unwrap();
        ScramKeys {
            account: exists.then_some((name, Role::Agent)),
            salt,
            iterations: 4096,
            stored_key,
            server_key,
            nonce: "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0".to_owned(),
        }
    }

    fn last(proof: &str) -> Vec<u8> {
        format!("c=biws,r={NONCE},p={proof}").into_bytes()
    }

    const PROOF: &str = "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";

    #[test]
    fn the_exchange_of_rfc_7677() {
        assert_eq!(client_first_account(FIRST).unwrap(), "user");
        let (exchange, server_first) = ServerExchange::begin(keys(true), FIRST).unwrap();
        let wanted = format!("r={NONCE},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");
        assert_eq!(server_first, wanted.as_bytes());
        assert_eq!(exchange.account(), "user");
        let (name, role, server_final) = exchange.finish(&last(PROOF)).unwrap();
        assert_eq!((name.as_str(), role), ("user", Role::Agent));
        assert_eq!(server_final, b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
    }

    #[test]
    fn unknown_accounts_and_wrong_proofs_fail_alike_and_only_at_the_end() {
        let wrong = BASE64.encode([7; 32]);
        for (exists, proof) in [(false, PROOF), (false, &*wrong), (true, &*wrong)] {
            let (exchange, _) = ServerExchange::begin(keys(exists), FIRST).unwrap();
            assert_eq!(exchange.finish(&last(proof)).unwrap_err(), ScramError::Refused);
        }
    }

    #[test]
    fn client_first_as_it_may_and_may_not_be() {
        let long = format!("n,,n=user,r={}", "x".repeat(SASL_BYTES));
        let table: &[(&str, Result<&str, ScramError>)] = &[
            ("n,,n=bob,r=x", Ok("bob")),
            ("y,,n=bob,r=x,ext=1", Ok("bob")),
            ("n,a=BOB,n=bob,r=x", Ok("bob")),
            ("n,,n=b=2Co=3Db,r=x", Ok("b,o=b")),
            ("n,a=carol,n=bob,r=x", Err(ScramError::OtherAccount)),
            ("p=tls-unique,,n=bob,r=x", Err(ScramError::ChannelBinding)),
            ("n,,n=b=2co,r=x", Err(ScramError::Malformed)),
            ("n,,n=bob=,r=x", Err(ScramError::Malformed)),
            ("n,,n=,r=x", Err(ScramError::Malformed)),
            ("n,,n=bob,r=", Err(ScramError::Malformed)),
            ("n,,n=bob,r=a b", Err(ScramError::Malformed)),
            ("n,,n=bob", Err(ScramError::Malformed)),
            ("n,,m=x,n=bob,r=x", Err(ScramError::Malformed)),
            ("n,bob,n=bob,r=x", Err(ScramError::Malformed)),
            ("x,,n=bob,r=x", Err(ScramError::Malformed)),
            ("n=bob,r=x", Err(ScramError::Malformed)),
            ("", Err(ScramError::Malformed)),
            (&long, Err(ScramError::Malformed)),
        ];
        for (message, wanted) in table {
            let got = client_first_account(message.as_bytes());
            assert_eq!(got.as_deref(), wanted.as_ref().copied(), "{message}");
        }
    }

    #[test]
    fn client_final_must_repeat_header_and_nonce() {
        let changed = [
            format!("c=eSws,r={NONCE},p={PROOF}"),
            format!("c=biws,r={NONCE}x,p={PROOF}"),
            format!("c=biws,r=rOprNGfwEbeRWgbNEkqO,p={PROOF}"),
            format!("c=biws,r={NONCE}"),
            format!("r={NONCE},c=biws,p={PROOF}"),
            format!("c=biws,r={NONCE},p=AAAA"),
            format!("c=biws,r={NONCE},p=!"),
            String::new(),
        ];
        for message in changed {
            let (exchange, _) = ServerExchange::begin(keys(true), FIRST).unwrap();
            let got = exchange.finish(message.as_bytes()).unwrap_err();
            assert_eq!(got, ScramError::Malformed, "{message}");
        }
        // The same bytes with another attribute are another AuthMessage, so the proof is wrong.
        let (exchange, _) = ServerExchange::begin(keys(true), FIRST).unwrap();
        let message = format!("c=biws,r={NONCE},x=1,p={PROOF}");
        assert_eq!(exchange.finish(message.as_bytes()).unwrap_err(), ScramError::Refused);
    }

    #[test]
    fn nothing_secret_is_printed() {
        let (exchange, _) = ServerExchange::begin(keys(true), FIRST).unwrap();
        assert_eq!(format!("{exchange:?}"), "ServerExchange(secret)");
    }

    proptest! {
        #[test]
        fn no_client_bytes_panic(first in any::<Vec<u8>>(), last in any::<Vec<u8>>()) {
            let _ = client_first_account(&first);
            let _ = ServerExchange::begin(keys_cheap(), &first);
            let (exchange, _) = ServerExchange::begin(keys_cheap(), FIRST).unwrap();
            prop_assert!(exchange.finish(&last).is_err());
        }

        #[test]
        fn no_likely_client_text_panics(first in "[npy=a,]{0,6}[nmr=,23CD€]{0,24}", last in "c=biws,[rcp=,A/+]{0,24}") {
            let _ = ServerExchange::begin(keys_cheap(), first.as_bytes());
            let (exchange, _) = ServerExchange::begin(keys_cheap(), FIRST).unwrap();
            prop_assert!(exchange.finish(last.as_bytes()).is_err());
        }
    }

    /// Keys of nobody, made without the cost of a derivation.
    fn keys_cheap() -> ScramKeys {
        ScramKeys {
            account: None,
            salt: vec![1; 16],
            iterations: 4096,
            stored_key: [0; 32],
            server_key: [0; 32],
            nonce: "n".to_owned(),
        }
    }
}
