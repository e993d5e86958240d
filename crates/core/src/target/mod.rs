//! What is asked, and how its answer becomes a [`Report`].
//!
//! A target is a *transport* plus a *format*. The transport ([`RestTarget`], [`HtmlTarget`], [`RssTarget`]) fetches a
//! document politely; the format is a pure function from the document's bytes to a [`Report`], one file per format,
//! named by one table per transport (in `rest/mod.rs`, `html/mod.rs`, `rss/mod.rs`). To add a format, write
//! its file beside the others and add its row; `docs/ARCHITECTURE.md` walks through it.
//!
//! The probes ([`PingTarget`], [`TcpTarget`], [`HttpTarget`]) read no document: they measure ([`probe`]).
//!
//! This module knows [`crate::schema`] and never [`crate::store`]; its formats know no network and no clock.

mod aws;
pub mod discover;
mod document;
mod error;
mod explain;
pub mod fetch;
mod filter;
mod format;
pub mod html;
pub mod identify;
mod polled;
pub mod probe;
mod report;
pub mod rest;
pub mod rss;
pub mod spec;
mod statuspage;
mod vocabulary;
mod whole;

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;

pub use document::Document;
pub use error::{CollectError, MappingError, ParseError};
pub use explain::{Explanation, Found, Line};
pub use fetch::Fetcher;
pub use filter::Filter;
pub use format::{Format, FormatRow, Mapping, Parser, Part, Parted, find_format, formats};
pub use html::HtmlTarget;
pub use polled::{Examination, Polled, Transport};
pub use probe::{HttpTarget, PingTarget, Prober, TcpTarget};
pub use report::{Coverage, Report, Word};
pub use rest::RestTarget;
pub use rss::RssTarget;
pub use vocabulary::{Meaning, Vocabulary, WordTable};

use crate::schema::{About, Check, Kind, ProbeId, Timestamp, Validators};

/// Something that can be asked how its services are.
#[async_trait]
pub trait Target: Send + Sync + fmt::Debug {
    /// Name, endpoint, kind and the shortest polite interval.
    fn identity(&self) -> &Identity;

    /// Asks once.
    ///
    /// May be cancelled at any await: nothing is kept half done.
    ///
    /// # Errors
    /// [`CollectError`] says in which step it failed, and so in which class. A failure says nothing about the
    /// services: it never becomes an outage. (That nobody answers a probe is a measurement, and no failure.)
    async fn collect(&self, cx: &Context<'_>) -> Result<Observation, CollectError>;

    /// Asks once, whatever is known of the last answer, and tells how the answer was read, or what was measured: for people who set up
    /// targets or look after them.
    ///
    /// # Errors
    /// [`FetchError`](fetch::FetchError) if the answer could not be fetched. One that cannot be read is told of in the
    /// examination.
    async fn examine(&self, cx: &Context<'_>) -> Result<Examination, fetch::FetchError>;

    /// Reads a document that was recorded before as if it were the answer, and tells how.
    fn explain(&self, document: &Document<'_>) -> Explanation;
}

/// Who a target is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Its name, unique among all targets.
    pub name: String,
    /// The address that is asked.
    pub endpoint: String,
    /// The transport.
    pub kind: Kind,
    /// What people want to know of it.
    pub about: About,
    /// How long to wait between two asks; `None` leaves it to whoever asks.
    pub every: Option<Duration>,
    /// The shortest interval that is polite to this source. Zero where the source is the user's own.
    pub floor: Duration,
}

impl Identity {
    /// The interval to ask at, given the asker's own: the target's wish first, never below its floor.
    pub fn interval(&self, default: Duration) -> Duration {
        self.every.unwrap_or(default).max(self.floor)
    }

    /// Under which id its measurements are kept, if it measures.
    pub fn probe(&self) -> ProbeId {
        ProbeId::of(&self.name, &self.about)
    }
}

/// What an ask may use.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The polite HTTP client shared by all targets of the process.
    pub fetcher: &'a Fetcher,
    /// What all probes of the process share.
    pub prober: &'a Prober,
    /// What the source gave with its last good answer, to ask "has it changed?" with.
    pub validators: &'a Validators,
    /// What time it is: targets have no clock of their own.
    pub now: Timestamp,
    /// How long after the beginning of this ask the next one is due; `None` where nobody waits for it.
    pub interval: Option<Duration>,
}

/// What one ask yielded.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    /// What the source says, or that it says the same as last time.
    pub answer: Answer,
    /// What to ask "has it changed?" with next time.
    pub validators: Validators,
    /// The HTTP status of the answer.
    pub http_status: Option<u16>,
    /// The size of the answer's body after decompression, in bytes; 0 for "not modified".
    pub bytes: u64,
    /// What was measured, if the target is a probe.
    pub check: Option<Check>,
}

/// A source's answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// Nothing changed since the answer that the validators came with (HTTP 304).
    Unchanged,
    /// The source's document, read.
    Report(Report),
}
