//! What HTTP probes make of certificates.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tempfile::TempDir;
use unistatus_core::schema::{FailureClass, Timestamp};

use crate::support::{Asker, Measured, Server, answer, degraded, entry, ok, outage, targets};

/// An authority of our own.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    folder: TempDir,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("ca.pem"), certificate.pem()).unwrap();
        Self { issuer: Issuer::new(params, key), folder }
    }

    /// The key of the entry that trusts it.
    fn ca(&self) -> String {
        format!("ca = \"{}\"", self.folder.path().join("ca.pem").display())
    }

    /// A server with a certificate for this name, until then.
    async fn server(&self, name: &str, until: Timestamp) -> Server {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = std::time::SystemTime::from(until.to_chrono()).into();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        serve(certificate.der().clone(), &key).await
    }
}

/// A server with this certificate.
async fn serve(certificate: CertificateDer<'static>, key: &KeyPair) -> Server {
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
        .unwrap();
    Server::encrypted(&[answer("200 OK", "", "")], Arc::new(config)).await
}

/// So many days from now, to the second: certificates know no finer ones.
fn in_days(days: i64) -> Timestamp {
    Timestamp::from_secs(Timestamp::now().as_millis() / 1000 + days * 86_400).unwrap()
}

async fn measure(host: &str, server: &Server, probe: &str) -> Measured {
    let endpoint = format!("https://{host}:{}/", server.address.port());
    Asker::new().measure(&entry("HTTP", &endpoint, &format!("retries = 0, {probe}"))).await
}

#[tokio::test]
async fn a_certificate_is_good_expiring_expired_or_anothers() {
    let authority = Authority::new();
    let trusting = |more: &str| format!("{}{more}", authority.ca());
    for (name, days, probe, expected) in [
        ("127.0.0.1", 90, trusting(""), ok()),
        ("127.0.0.1", 8, trusting(""), ok()),
        ("127.0.0.1", 6, trusting(""), degraded("certificate_expiring")),
        ("127.0.0.1", 6, trusting(", degraded = { certificate = \"0s\" }"), ok()),
        ("127.0.0.1", 20, trusting(", degraded = { certificate = \"30d\" }"), degraded("certificate_expiring")),
        ("127.0.0.1", -1, trusting(""), outage("certificate_expired")),
        ("other.example", 90, trusting(""), outage("certificate_name")),
        ("127.0.0.1", 90, "timeout = \"5s\"".to_owned(), outage("certificate_untrusted")),
    ] {
        let until = in_days(days);
        let server = authority.server(name, until).await;
        let measured = measure("127.0.0.1", &server, &probe).await;
        assert_eq!(measured.verdict(), expected, "{name} for {days} days where {probe:?}");
        let is_known = !matches!(expected.1, Some("certificate_name" | "certificate_untrusted"));
        let expires = is_known.then(|| until.to_string());
        assert_eq!(measured.dimension("certificateExpires"), expires.as_deref(), "{name} for {days} days");
    }
}

/// As `openssl req -x509` makes them: an authority that vouches for itself.
#[tokio::test]
async fn a_certificate_of_ones_own_making_is_not_trusted() {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let server = serve(params.self_signed(&key).unwrap().der().clone(), &key).await;
    let measured = measure("127.0.0.1", &server, "timeout = \"5s\"").await;
    assert_eq!(measured.verdict(), outage("certificate_untrusted"));
}

#[tokio::test]
async fn a_name_is_asked_for_by_its_name() {
    let authority = Authority::new();
    let server = authority.server("localhost", in_days(90)).await;
    assert_eq!(measure("localhost", &server, &authority.ca()).await.verdict(), ok());
    assert_eq!(measure("127.0.0.1", &server, &authority.ca()).await.verdict(), outage("certificate_name"));
}

#[tokio::test]
async fn of_several_certificates_the_first_to_expire_counts() {
    let authority = Authority::new();
    let last = authority.server("127.0.0.1", in_days(3)).await;
    let location = format!("location: https://{}/\r\n", last.address);
    let first = Server::start(&[answer("301 Moved Permanently", &location, "")]).await;
    let measured = Asker::new().measure(&entry("HTTP", &first.url(), &authority.ca())).await;
    assert_eq!(measured.verdict(), degraded("certificate_expiring"));
}

#[tokio::test]
async fn what_speaks_no_tls_has_no_encrypted_channel() {
    let authority = Authority::new();
    let server = Server::start(&[answer("400 Bad Request", "", "")]).await;
    let measured = measure("127.0.0.1", &server, &format!("{}, timeout = \"5s\"", authority.ca())).await;
    assert!(matches!(measured.verdict().1, Some("tls" | "timeout")), "{measured:?}");
}

#[tokio::test]
async fn a_file_of_certificates_that_is_missing_is_no_outage() {
    let authority = Authority::new();
    let server = authority.server("127.0.0.1", Timestamp::now().plus(Duration::from_hours(2400))).await;
    let endpoint = format!("https://{}/", server.address);
    let targets = targets(&entry("HTTP", &endpoint, "ca = \"/nowhere/ca.pem\""));
    let error = Asker::new().collect(&*targets.get("it").unwrap().target).await.unwrap_err();
    assert_eq!(error.class(), FailureClass::NotConfigured);
    assert!(error.to_string().contains("probe.ca: /nowhere/ca.pem: "), "{error}");
}
