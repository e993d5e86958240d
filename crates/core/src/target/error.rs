//! What can go wrong between an address and a report, as errors and as data.

use std::time::Duration;

use super::fetch::FetchError;
use crate::schema::FailureClass;

/// Why a document could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// Not a well-formed document at all.
    #[error("{0}")]
    Malformed(String),
    /// A document, but not of this format: a login page, an error body, another family.
    #[error("{0}")]
    Unrecognised(String),
    /// A document of this format that should name every service and names none.
    #[error("the document names no service")]
    Empty,
    /// The document names services, but `include` and `exclude` let none through.
    #[error("the document names {named} services, and include/exclude let none through")]
    Filtered {
        /// How many services the document names.
        named: usize,
    },
    /// The user's own mapping failed on this document.
    #[error(transparent)]
    Mapping(#[from] MappingError),
}

impl ParseError {
    /// [`ParseError::Malformed`] with a reason.
    pub fn malformed(reason: impl Into<String>) -> Self {
        Self::Malformed(reason.into())
    }

    /// [`ParseError::Unrecognised`] with a reason: what was found, and what was expected.
    pub fn unrecognised(reason: impl Into<String>) -> Self {
        Self::Unrecognised(reason.into())
    }
}

/// A fault in a user's own mapping (`jq`, `selectors`, `rules`).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {problem}; expected {expected}")]
pub struct MappingError {
    /// The key of the targets file that is at fault (`jq`, `selectors.name`, …).
    pub key: String,
    /// What is wrong, with the expression and the input at that point.
    pub problem: String,
    /// What is accepted.
    pub expected: String,
}

/// Why an ask failed.
#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    /// The document could not be fetched.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The document could not be read.
    #[error("{source}")]
    Parse {
        /// What is wrong with it.
        source: ParseError,
        /// The HTTP status that it came with.
        http_status: u16,
        /// Its size in bytes.
        bytes: u64,
    },
}

impl CollectError {
    /// The class it is stored and counted under.
    pub fn class(&self) -> FailureClass {
        match self {
            Self::Fetch(error) => error.class(),
            Self::Parse { .. } => FailureClass::Parse,
        }
    }

    /// How long the source asks to be left alone.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Fetch(error) => error.retry_after(),
            Self::Parse { .. } => None,
        }
    }

    /// The HTTP status of the answer, if there was one.
    pub fn http_status(&self) -> Option<u16> {
        match self {
            Self::Fetch(error) => error.http_status_code(),
            Self::Parse { http_status, .. } => Some(*http_status),
        }
    }
}
