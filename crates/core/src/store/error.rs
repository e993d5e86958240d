//! What can go wrong in a store.

use std::error::Error;
use std::fmt;

/// Why a store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The target's revision is not the one that the commit was made for; nothing was written.
    #[error("target {target} is at revision {found}, the commit was made for {expected}")]
    Conflict {
        /// The target.
        target: String,
        /// The revision the commit was made for.
        expected: u64,
        /// The revision the store has.
        found: u64,
    },
    /// The lease that the commit was made under was taken by somebody since; nothing was written, and nothing will be that
    /// was made under it.
    #[error("the lease of target {target} was taken since the commit was made")]
    Fenced {
        /// The target.
        target: String,
    },
    /// No store can take this commit, now or later: it contradicts itself or is too large. Nothing was written.
    #[error("the commit for target {target} cannot be written: {message}")]
    Invalid {
        /// The target.
        target: String,
        /// What is wrong with it.
        message: String,
    },
    /// The database cannot be reached or does not answer. Trying again later makes sense.
    #[error("the database is not available: {message}")]
    Unavailable {
        /// What was tried.
        message: String,
        /// What the driver says.
        #[source]
        source: Option<Box<dyn Error + Send + Sync>>,
    },
    /// The database cannot serve as it is set up; the message says how to mend that. Trying again does not help.
    #[error("{0}")]
    Unsuitable(String),
    /// The answer would have more than the question allows.
    #[error("the window has more than {most} changes, or as many gaps")]
    TooMuch {
        /// How many it may have.
        most: u32,
    },
    /// No store takes so much. Nothing was written.
    #[error("{what} cannot be written: {most} bytes are the most")]
    TooLarge {
        /// What was to be written.
        what: String,
        /// How many bytes it may have.
        most: usize,
    },
    /// Something stored cannot be read back.
    #[error("{what} cannot be read from the database: {message}")]
    Corrupt {
        /// Which record.
        what: String,
        /// What is wrong with it.
        message: String,
    },
}

impl StoreError {
    /// [`StoreError::Unavailable`] with its cause.
    pub fn unavailable(message: impl Into<String>, source: impl Error + Send + Sync + 'static) -> Self {
        Self::Unavailable { message: message.into(), source: Some(Box::new(source)) }
    }

    /// [`StoreError::Unavailable`] for a store that was closed.
    pub(super) fn closed() -> Self {
        Self::Unavailable { message: "it was closed".to_owned(), source: None }
    }

    /// [`StoreError::Invalid`] for one target's commit.
    pub(super) fn invalid(target: &str, message: impl fmt::Display) -> Self {
        Self::Invalid { target: target.to_owned(), message: message.to_string() }
    }

    /// [`StoreError::Corrupt`] for one record.
    pub fn corrupt(what: impl Into<String>, message: impl fmt::Display) -> Self {
        Self::Corrupt { what: what.into(), message: message.to_string() }
    }

    /// Whether trying again later makes sense.
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }

    /// Whether this is about the database, and not about what it was to take: that may be written once somebody has mended
    /// the database.
    pub const fn is_about_the_database(&self) -> bool {
        matches!(self, Self::Unavailable { .. } | Self::Unsuitable(_))
    }
}
