//! A target as it is served.

use std::ops::Range;

use bytes::Bytes;
use unistatus_core::schema::Timestamp;
use unistatus_core::store::TargetState;

use super::{Body, render};

/// A target, rendered, and the names its services are found by.
#[derive(Debug)]
pub(crate) struct TargetView {
    name: String,
    revision: u64,
    stale: bool,
    entry: Bytes,
    rows: Body,
    /// In the source's order.
    services: Vec<ServiceView>,
}

/// A service, and where its row is.
#[derive(Debug)]
struct ServiceView {
    key: String,
    name: String,
    /// The name without regard to case.
    folded: String,
    span: Range<usize>,
}

impl TargetView {
    /// Renders a target as it is to be seen now; `before` is how it was seen until now.
    pub(super) fn new(state: &TargetState, now: Timestamp, before: Option<&Self>) -> Self {
        let rendered = render::target(state, now);
        let services = state
            .services
            .iter()
            .zip(rendered.spans)
            .map(|(service, span)| ServiceView {
                key: service.key.clone(),
                name: service.name.clone(),
                folded: service.name.to_lowercase(),
                span,
            })
            .collect();
        Self {
            name: state.name.clone(),
            revision: state.revision,
            stale: state.health.is_stale(now),
            entry: rendered.entry,
            rows: Body::new(rendered.rows, now, before.map(|before| &before.rows)),
            services,
        }
    }

    /// Its name.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The revision that it shows.
    pub(crate) const fn revision(&self) -> u64 {
        self.revision
    }

    /// Whether it was rendered as stale.
    pub(super) const fn is_stale(&self) -> bool {
        self.stale
    }

    /// Its object in the list of all targets.
    pub(crate) const fn entry(&self) -> &Bytes {
        &self.entry
    }

    /// The name of the service that has this key.
    pub(crate) fn name_of(&self, key: &str) -> Option<&str> {
        self.services.iter().find(|service| service.key == key).map(|service| service.name.as_str())
    }

    /// A row for each of its services.
    pub(crate) const fn rows(&self) -> &Body {
        &self.rows
    }

    /// A row for each service that has this name; where none has, for each that has it in another case. `None` where
    /// none has that either.
    pub(crate) fn rows_named(&self, name: &str) -> Option<Body> {
        let folded = name.to_lowercase();
        self.rows_of(|service| service.name == name).or_else(|| self.rows_of(|service| service.folded == folded))
    }

    fn rows_of(&self, is_meant: impl Fn(&ServiceView) -> bool) -> Option<Body> {
        let mut meant = self.services.iter().filter(|service| is_meant(service)).peekable();
        meant.peek()?;
        let rows = render::array(meant.filter_map(|service| self.rows.bytes().get(service.span.clone())));
        Some(Body::part_of(&self.rows, rows.into()))
    }
}
