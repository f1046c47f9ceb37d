//! Certificates: read from files, or made on the first start; and what is asked of clients' own.
//!
//! A client's certificate is a name badge, not a passport: any will do, self-signed too, as long as
//! the client proves that it has the key. Its fingerprint is what accounts know.

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, ServerConfig, SignatureScheme};
use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// What a client on this machine calls the server.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// Where the certificate and its key are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFiles {
    /// PEM file of the chain, the server's own first.
    pub certificate: PathBuf,
    /// PEM file of the private key.
    pub key: PathBuf,
}

/// The TLS settings in force; new handshakes use them, running connections keep theirs.
#[derive(Clone)]
pub struct TlsSettings(Arc<Mutex<Arc<ServerConfig>>>);

impl fmt::Debug for TlsSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TlsSettings")
    }
}

impl TlsSettings {
    /// These, until they are replaced.
    pub fn new(config: Arc<ServerConfig>) -> Self {
        Self(Arc::new(Mutex::new(config)))
    }

    /// The ones for a handshake that begins now.
    pub fn current(&self) -> Arc<ServerConfig> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads the files again. When they are no good, the old certificate stays in use.
    ///
    /// # Errors
    /// What is wrong with the files, for the log.
    pub fn reload(&self, files: &CertificateFiles) -> io::Result<()> {
        let config = server_config(files)?;
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = config;
        Ok(())
    }
}

/// The certificate that is there; else a self-signed one for this name, made now. The key is
/// readable by its owner only.
///
/// # Errors
/// When the files cannot be written, or one of the two is there without the other.
pub fn load_or_make(directory: &Path, name: &str) -> io::Result<CertificateFiles> {
    let files = CertificateFiles {
        certificate: directory.join("server.pem"),
        key: directory.join("server.key"),
    };
    match (files.certificate.exists(), files.key.exists()) {
        (true, true) => return Ok(files),
        (false, false) => {}
        (has, _) => {
            let (there, missing) = if has {
                (&files.certificate, &files.key)
            } else {
                (&files.key, &files.certificate)
            };
            return Err(invalid(format!(
                "{} is there but {} is not: restore it, or remove both to have new ones made",
                there.display(),
                missing.display()
            )));
        }
    }
    fs::create_dir_all(directory)?;
    let (key, certificate) = self_signed(name).map_err(|e| invalid(e.to_string()))?;
    write_new(&files.key, &key, 0o600)?;
    write_new(&files.certificate, &certificate, 0o644)?;
    Ok(files)
}

/// A key and its certificate, as PEM, for this name and for the loopback that the first run listens at.
fn self_signed(name: &str) -> Result<(String, String), rcgen::Error> {
    let mut names = vec![name.to_owned()];
    names.extend(LOOPBACK.iter().filter(|own| **own != name).map(|own| (*own).to_owned()));
    let mut params = rcgen::CertificateParams::new(names)?;
    // Clients show the subject when they ask whether to trust it.
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    let key = rcgen::KeyPair::generate()?;
    let certificate = params.self_signed(&key)?;
    Ok((key.serialize_pem(), certificate.pem()))
}

/// Written whole under another name and then moved, so that no half of a file is ever found.
fn write_new(path: &Path, text: &str, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let partial = path.with_extension("new");
    let _ = fs::remove_file(&partial);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&partial)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&partial, path)
}

/// The TLS settings that these files make.
///
/// # Errors
/// When a file cannot be read, holds no certificate or key, or the two do not belong together.
pub fn server_config(files: &CertificateFiles) -> io::Result<Arc<ServerConfig>> {
    let about = |path: &Path, e: &dyn fmt::Display| invalid(format!("{}: {e}", path.display()));
    let chain = CertificateDer::pem_file_iter(&files.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|e| about(&files.certificate, &e))?;
    if chain.is_empty() {
        return Err(about(&files.certificate, &"there is no certificate in it"));
    }
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|e| about(&files.key, &e))?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|e| invalid(e.to_string()))?
        .with_client_cert_verifier(Arc::new(AnyBadge { provider }))
        .with_single_cert(chain, key)
        .map_err(|e| about(&files.certificate, &e))?;
    Ok(Arc::new(config))
}

fn invalid(why: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

/// Takes any client certificate whose key the client has, and none at all.
#[derive(Debug)]
struct AnyBadge {
    provider: Arc<CryptoProvider>,
}

impl ClientCertVerifier for AnyBadge {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_start_makes_a_certificate_and_later_ones_keep_it() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let directory = directory.path().join("certs");
        let files = load_or_make(&directory, "chat.example").unwrap();
        let mode = fs::metadata(&files.key).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let before = fs::read(&files.certificate).unwrap();
        assert_eq!(load_or_make(&directory, "chat.example").unwrap(), files);
        assert_eq!(fs::read(&files.certificate).unwrap(), before);
        assert!(server_config(&files).is_ok());
        fs::remove_file(&files.key).unwrap();
        assert!(load_or_make(&directory, "chat.example").is_err(), "one without the other");
    }

    #[test]
    fn a_rubbish_certificate_leaves_the_old_one_in_use() {
        let directory = tempfile::tempdir().unwrap();
        let files = load_or_make(directory.path(), "chat.example").unwrap();
        let settings = TlsSettings::new(server_config(&files).unwrap());
        let before = settings.current();
        fs::write(&files.certificate, "rubbish").unwrap();
        assert!(settings.reload(&files).is_err());
        assert!(Arc::ptr_eq(&before, &settings.current()));
    }
}
