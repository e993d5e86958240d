//! The polite HTTP client that all targets of a process share.

use std::time::Duration;

use bytes::Bytes;
use url::Url;

use crate::schema::{FailureClass, Validators};

/// What to fetch.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Where it lies.
    pub url: &'a Url,
    /// The media types that are understood.
    pub accept: &'static str,
    /// What the source gave with its last good answer.
    pub validators: &'a Validators,
}

/// What came back.
#[derive(Debug)]
pub enum Fetched {
    /// 304: as last time.
    NotModified,
    /// A document.
    Body {
        /// The document.
        body: Body,
        /// What to ask "has it changed?" with next time.
        validators: Validators,
    },
}

/// A document's body after decompression.
#[derive(Debug)]
pub struct Body {
    /// The HTTP status it came with (2xx).
    pub status: u16,
    /// The bytes.
    pub bytes: Bytes,
    /// The charset of its `Content-Type`.
    pub charset: Option<String>,
}

/// Why nothing could be fetched.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct FetchError {
    class: FailureClass,
    message: String,
    http_status: Option<u16>,
    retry_after: Option<Duration>,
}

impl FetchError {
    /// The class it is stored and counted under.
    pub fn class(&self) -> FailureClass {
        self.class
    }

    /// How long the source asks to be left alone.
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// The HTTP status of the answer, if there was one.
    pub fn http_status(&self) -> Option<u16> {
        self.http_status
    }
}

/// The polite HTTP client.
#[derive(Debug)]
pub struct Fetcher {}

impl Fetcher {
    /// Fetches a document.
    pub async fn fetch(&self, _request: &Request<'_>) -> Result<Fetched, FetchError> {
        Ok(Fetched::NotModified)
    }
}
