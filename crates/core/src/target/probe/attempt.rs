//! What one attempt of a probe found.

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::time::Duration;

use crate::schema::Timestamp;
use crate::target::fetch::FetchError;

/// What one attempt found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attempt {
    /// How many packets were sent; one for a probe that makes a connection.
    pub sent: u16,
    /// How many of them had no good answer.
    pub lost: u16,
    /// How long the answer took, of several the average; `None` if there was none.
    pub latency: Option<Duration>,
    /// Why the attempt counts as failed; `None` if it was answered as it should be.
    pub fault: Option<Fault>,
    /// Who was asked, as far as that is known.
    pub address: Option<IpAddr>,
    /// When the certificate that was served expires; of several the first to.
    pub certificate_expires: Option<Timestamp>,
    /// The HTTP status of the answer.
    pub http_status: Option<u16>,
    /// How much of the answer's body was read, in bytes.
    pub bytes: u64,
}

impl Attempt {
    /// The attempt of a connection that had a good answer.
    pub fn answered(latency: Duration) -> Self {
        Self { sent: 1, latency: Some(latency), ..Self::default() }
    }

    /// The attempt to send so many packets of which none had a good answer.
    pub fn failed(sent: u16, fault: Fault) -> Self {
        Self { sent, lost: sent, fault: Some(fault), ..Self::default() }
    }
}

/// Why an attempt counts as failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The word of it.
    pub reason: Reason,
    /// What happened, for people. It holds no secret.
    pub detail: String,
}

impl Fault {
    /// A fault and what happened.
    pub fn new(reason: Reason, detail: impl Into<String>) -> Self {
        Self { reason, detail: detail.into() }
    }

    /// The fault that a socket tells of.
    fn of_socket(error: &io::Error) -> Self {
        let reason = match error.kind() {
            io::ErrorKind::ConnectionRefused => Reason::Refused,
            // A firewall of this machine's own says "not permitted".
            io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable | io::ErrorKind::PermissionDenied => {
                Reason::Unreachable
            }
            io::ErrorKind::TimedOut => Reason::Timeout,
            _ => Reason::Connection,
        };
        Self::new(reason, error.to_string())
    }

    /// Nothing came in time.
    pub fn too_slow(what: &str, limit: Duration) -> Self {
        Self::new(Reason::Timeout, format!("{what} within {}", humantime::format_duration(limit)))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.reason, self.detail)
    }
}

/// What keeps an attempt from being answered.
#[derive(Debug)]
pub(super) enum Trouble {
    /// Something with whoever is asked: that is a measurement.
    Theirs(Fault),
    /// Something with this machine, or with how it is set up: then nothing was measured.
    Ours(FetchError),
}

impl Trouble {
    /// The trouble that a socket tells of.
    pub(super) fn of_socket(error: &io::Error) -> Self {
        /// `ENOMEM`, `ENFILE`, `EMFILE`, `EADDRNOTAVAIL` (no port is left), `ENOBUFS`.
        const OURS: [i32; 5] = [12, 23, 24, 99, 105];
        match error.raw_os_error() {
            Some(code) if cfg!(target_os = "linux") && OURS.contains(&code) => {
                Self::Ours(FetchError::own_trouble(error))
            }
            _ => Self::Theirs(Fault::of_socket(error)),
        }
    }
}

impl Trouble {
    /// The trouble of a connection to an address. To one of IPv6, a machine that has none itself knows no way.
    pub(super) fn of_connection(error: &io::Error, to: IpAddr) -> Self {
        match Self::of_socket(error) {
            Self::Ours(_) if to.is_ipv6() && error.kind() == io::ErrorKind::AddrNotAvailable => {
                Self::Theirs(Fault::new(Reason::Unreachable, error.to_string()))
            }
            trouble => trouble,
        }
    }
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Self::Theirs(fault)
    }
}

impl From<FetchError> for Trouble {
    fn from(error: FetchError) -> Self {
        Self::Ours(error)
    }
}

/// Why a probe's service is not OK, in one word: the dimension `reason`. The set is small and its words are stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// The name does not resolve.
    Dns,
    /// Nobody listens at the port.
    Refused,
    /// No way leads there.
    Unreachable,
    /// Nothing came in time.
    Timeout,
    /// The connection broke, or what came over it is not the protocol.
    Connection,
    /// No encrypted channel came about.
    Tls,
    /// The certificate has expired.
    CertificateExpired,
    /// The certificate is another name's.
    CertificateName,
    /// The certificate is nobody's that is trusted.
    CertificateUntrusted,
    /// The HTTP status is none of those expected.
    HttpStatus,
    /// Too many redirects, or one that leads nowhere.
    Redirect,
    /// The body is not what is expected.
    Body,
    /// More packets are lost than may be.
    Loss,
    /// The answer takes longer than it may.
    Latency,
    /// The certificate expires soon.
    CertificateExpiring,
}

impl Reason {
    /// The word that is stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Refused => "refused",
            Self::Unreachable => "unreachable",
            Self::Timeout => "timeout",
            Self::Connection => "connection",
            Self::Tls => "tls",
            Self::CertificateExpired => "certificate_expired",
            Self::CertificateName => "certificate_name",
            Self::CertificateUntrusted => "certificate_untrusted",
            Self::HttpStatus => "http_status",
            Self::Redirect => "redirect",
            Self::Body => "body",
            Self::Loss => "loss",
            Self::Latency => "latency",
            Self::CertificateExpiring => "certificate_expiring",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn without_an_address_of_its_own_a_machine_has_no_way_to_ipv6_and_no_port_left_to_ipv4() {
        let reason = |to: &str| match Trouble::of_connection(&io::Error::from_raw_os_error(99), to.parse().unwrap()) {
            Trouble::Theirs(fault) => Some(fault.reason),
            Trouble::Ours(_) => None,
        };
        assert_eq!([reason("2001:db8::1"), reason("192.0.2.1")], [Some(Reason::Unreachable), None]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_this_machine_lacks_is_no_fault_of_others() {
        for (code, reason) in [
            (24, None),
            (99, None),
            (111, Some(Reason::Refused)),
            (113, Some(Reason::Unreachable)),
            (101, Some(Reason::Unreachable)),
            (1, Some(Reason::Unreachable)),
            (110, Some(Reason::Timeout)),
            (104, Some(Reason::Connection)),
        ] {
            let found = match Trouble::of_socket(&io::Error::from_raw_os_error(code)) {
                Trouble::Theirs(fault) => Some(fault.reason),
                Trouble::Ours(error) => {
                    assert!(error.to_string().starts_with("this machine cannot ask: "), "{error}");
                    None
                }
            };
            assert_eq!(found, reason, "{code}");
        }
    }
}
