//! A target as it is served.

use std::ops::Range;

use bytes::Bytes;
use unistatus_core::schema::Timestamp;
use unistatus_core::store::TargetState;

use super::{Body, render};

/// A target, rendered, and the names its services are found by.
#[derive(Debug)]
pub(crate) struct TargetView {
    state: TargetState,
    stale: bool,
    entry: Bytes,
    rows: Body,
    /// In the source's order.
    services: Vec<ServiceView>,
}

/// A service, and where its row is.
#[derive(Debug)]
struct ServiceView {
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
                name: service.name.clone(),
                folded: service.name.to_lowercase(),
                span,
            })
            .collect();
        Self {
            state: state.clone(),
            stale: state.health.is_stale(now),
            entry: rendered.entry,
            rows: Body::new(rendered.rows, now, before.map(|before| &before.rows)),
            services,
        }
    }

    /// What it was rendered from.
    pub(super) const fn state(&self) -> &TargetState {
        &self.state
    }

    /// Its name.
    pub(super) fn name(&self) -> &str {
        &self.state.name
    }

    /// Whether it was rendered as stale.
    pub(super) const fn is_stale(&self) -> bool {
        self.stale
    }

    /// Its object in the list of all targets.
    pub(super) const fn entry(&self) -> &Bytes {
        &self.entry
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
