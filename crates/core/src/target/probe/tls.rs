//! Whom a probe trusts, and what is wrong with a certificate that it does not.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::SystemTime;

use rustls::client::Resumption;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{CertificateError, ClientConfig, RootCertStore};

use super::attempt::{Fault, Reason};
use crate::schema::Timestamp;
use crate::target::fetch::FetchError;

/// How channels are encrypted, by the certificates that are trusted: the system's, and those of a file beside them. Made
/// when it is first needed.
#[derive(Debug, Default)]
pub(super) struct Trust {
    system: OnceLock<Arc<ClientConfig>>,
    files: Mutex<HashMap<PathBuf, Kept>>,
}

/// What was made of a file as it was then.
#[derive(Debug)]
struct Kept {
    modified: SystemTime,
    config: Arc<ClientConfig>,
}

impl Trust {
    /// How to encrypt where the system's certificates are trusted, and those of `file`. A file that changed is read anew.
    ///
    /// # Errors
    /// [`FetchError`] of class `not_configured` if the file cannot be read or holds no certificate.
    pub(super) fn config(&self, file: Option<&Path>) -> Result<Arc<ClientConfig>, FetchError> {
        let Some(file) = file else {
            return match self.system.get() {
                Some(config) => Ok(Arc::clone(config)),
                None => system_roots().map(|roots| Arc::clone(self.system.get_or_init(|| config(roots)))),
            };
        };
        let refused = |problem: &dyn std::fmt::Display| {
            FetchError::not_configured(&format!(
                "probe.ca: {}: {problem}; expected a readable file of certificates in PEM",
                file.display()
            ))
        };
        let modified = fs::metadata(file).and_then(|file| file.modified()).map_err(|error| refused(&error))?;
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = files.get(file).filter(|kept| kept.modified == modified) {
            return Ok(Arc::clone(&kept.config));
        }
        let mut roots = system_roots()?;
        for certificate in read(file).map_err(|error| refused(&error))? {
            roots.add(certificate).map_err(|error| refused(&error))?;
        }
        let config = config(roots);
        files.insert(file.to_owned(), Kept { modified, config: Arc::clone(&config) });
        Ok(config)
    }
}

/// The certificates of a file; at least one.
fn read(file: &Path) -> io::Result<Vec<CertificateDer<'static>>> {
    let read = CertificateDer::pem_slice_iter(&fs::read(file)?).collect::<Result<Vec<_>, _>>();
    let certificates = read.map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.to_string()))?;
    if certificates.is_empty() {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it holds no certificate"));
    }
    Ok(certificates)
}

/// The certificates that the system trusts; there may be none.
fn system_roots() -> Result<RootCertStore, FetchError> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(found.certs);
    match found.errors.first() {
        Some(error) if roots.is_empty() => {
            Err(FetchError::not_configured(&format!("the system's certificates cannot be read: {error}")))
        }
        _ => Ok(roots),
    }
}

fn config(roots: RootCertStore) -> Arc<ClientConfig> {
    // The process may have chosen its provider before; then that one stays.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    // A resumed channel shows no certificate: one that has expired since would not be seen.
    config.resumption = Resumption::disabled();
    Arc::new(config)
}

/// Why no encrypted channel came about, and when the certificate at fault expired.
pub(super) fn fault(error: &io::Error) -> (Fault, Option<Timestamp>) {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    let Some(inner) = inner else {
        return (Fault::new(Reason::Tls, format!("no encrypted channel: {error}")), None);
    };
    let (reason, expired) = match inner {
        rustls::Error::InvalidCertificate(certificate) => match certificate {
            CertificateError::Expired => (Reason::CertificateExpired, None),
            CertificateError::ExpiredContext { not_after, .. } => {
                let secs = i64::try_from(not_after.as_secs()).ok();
                (Reason::CertificateExpired, secs.and_then(Timestamp::from_secs))
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                (Reason::CertificateName, None)
            }
            // Whatever else is wrong with it: it was shown, and is not trusted. So it is with the usual self-signed one.
            _ => (Reason::CertificateUntrusted, None),
        },
        _ => (Reason::Tls, None),
    };
    (Fault::new(reason, inner.to_string()), expired)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_once_and_anew_when_it_changed() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.pem");
        let trust = Trust::default();
        let refusal = |trust: &Trust| trust.config(Some(&file)).unwrap_err().to_string();
        assert!(refusal(&trust).starts_with("not configured: probe.ca: "), "{}", refusal(&trust));
        fs::write(&file, "nothing\n").unwrap();
        assert!(refusal(&trust).contains("it holds no certificate"), "{}", refusal(&trust));
        let write = |secs| {
            let key = rcgen::KeyPair::generate().unwrap();
            let certificate = rcgen::CertificateParams::new(vec!["a.example".to_owned()]).unwrap().self_signed(&key);
            fs::write(&file, certificate.unwrap().pem()).unwrap();
            let file = fs::File::options().write(true).open(&file).unwrap();
            file.set_modified(SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(secs)).unwrap();
        };
        write(1_000);
        let first = trust.config(Some(&file)).unwrap();
        assert!(Arc::ptr_eq(&first, &trust.config(Some(&file)).unwrap()));
        write(2_000);
        assert!(!Arc::ptr_eq(&first, &trust.config(Some(&file)).unwrap()));
        assert!(Arc::ptr_eq(&trust.config(None).unwrap(), &trust.config(None).unwrap()));
    }
}
