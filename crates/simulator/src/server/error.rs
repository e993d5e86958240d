//! What can be wrong with a call.

use std::error::Error;
use std::fmt;
use std::io;

/// A name that nothing here has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// No vendor has this name.
    Vendor {
        /// The name asked for.
        name: String,
    },
    /// The vendor has no such service.
    Service {
        /// The vendor.
        vendor: String,
        /// The id or name asked for.
        service: String,
    },
    /// No incident of this id was opened by hand.
    Incident {
        /// The vendor.
        vendor: String,
        /// The id asked for.
        id: String,
    },
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Vendor { name } => write!(f, "there is no vendor \"{name}\""),
            Self::Service { vendor, service } => {
                write!(f, "{vendor} has no service whose id or name is \"{service}\"")
            }
            Self::Incident { vendor, id } => write!(f, "no incident \"{id}\" was opened at {vendor}"),
        }
    }
}

impl Error for Unknown {}

/// Why a simulator did not start.
#[derive(Debug)]
pub struct StartError {
    /// Who was to listen: a vendor's name, or `admin`.
    pub who: String,
    /// Where.
    pub port: u16,
    /// What went wrong.
    pub source: io::Error,
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { who, port, .. } = self;
        write!(
            f,
            "{who} cannot listen on port {port} of 127.0.0.1 (each vendor needs a free port and a file descriptor)"
        )
    }
}

impl Error for StartError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.source)
    }
}
