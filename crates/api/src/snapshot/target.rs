//! A target as it is served.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use unistatus_core::schema::Timestamp;
use unistatus_core::store::TargetState;

use super::{Body, render};
use crate::contract::Served;

/// A target as it is known, and as it was rendered when what is shown of it last changed.
#[derive(Debug)]
pub(crate) struct TargetView {
    state: Arc<TargetState>,
    rendered: Arc<Rendered>,
}

/// What is served of a target, and the names its services are found by.
#[derive(Debug)]
struct Rendered {
    is_stale: bool,
    entry: Bytes,
    rows: Arc<Body>,
    /// In the source's order.
    services: Vec<ServiceView>,
}

/// A service, and where its row is.
#[derive(Debug)]
struct ServiceView {
    /// The name without regard to case.
    folded: String,
    span: Range<usize>,
}

impl TargetView {
    /// Renders a target as it is to be seen now; `before` is how it was seen until now.
    pub(super) fn new(state: Arc<TargetState>, now: Timestamp, before: Option<&Self>) -> Self {
        let is_stale = state.health.is_stale(now);
        let render::Rendered { entry, rows, spans } = render::target(&state, is_stale);
        let services = state.services.iter().zip(spans);
        let services = services.map(|(service, span)| ServiceView { folded: service.name.to_lowercase(), span });
        let rendered = Rendered {
            is_stale,
            entry,
            rows: Body::renewed(rows, now, before.map(|before| &before.rendered.rows)),
            services: services.collect(),
        };
        Self { rendered: Arc::new(rendered), state }
    }

    /// The target as it is known since, where what was rendered shows the same: nothing is rendered.
    pub(super) fn with_state(&self, state: TargetState) -> Self {
        Self { state: Arc::new(state), rendered: Arc::clone(&self.rendered) }
    }

    /// The same target as it is to be seen now.
    pub(super) fn seen_at(&self, now: Timestamp) -> Self {
        Self::new(Arc::clone(&self.state), now, Some(self))
    }

    /// What is known of it, whether it is believed or not.
    pub(crate) fn state(&self) -> &TargetState {
        &self.state
    }

    /// Its name.
    pub(crate) fn name(&self) -> &str {
        &self.state.name
    }

    /// Whether it was rendered as stale.
    pub(crate) fn is_stale(&self) -> bool {
        self.rendered.is_stale
    }

    /// Its services as they are served, in the source's order.
    pub(crate) fn services(&self) -> impl Iterator<Item = Served<'_>> {
        self.state.services.iter().map(|service| Served::of(service, self.is_stale()))
    }

    /// Where the services of this name stand among its services; where none has the name, those that have it in
    /// another case.
    pub(crate) fn positions_named(&self, name: &str) -> Vec<usize> {
        let exact: Vec<usize> = positions(&self.state.services, |service| service.name == name);
        if !exact.is_empty() {
            return exact;
        }
        let folded = name.to_lowercase();
        positions(&self.rendered.services, |service| service.folded == folded)
    }

    /// Its object in the list of all targets.
    pub(crate) fn entry(&self) -> &Bytes {
        &self.rendered.entry
    }

    /// The name of the service that has this key.
    pub(crate) fn name_of(&self, key: &str) -> Option<&str> {
        self.state.services.iter().find(|service| service.key == key).map(|service| service.name.as_str())
    }

    /// A row for each of its services.
    pub(crate) fn rows(&self) -> &Body {
        &self.rendered.rows
    }

    /// A row for each service of this name, as [`Self::positions_named`] finds them; `None` where there is none.
    pub(crate) fn rows_named(&self, name: &str) -> Option<Body> {
        let positions = self.positions_named(name);
        if positions.is_empty() {
            return None;
        }
        let Rendered { rows, services, .. } = &*self.rendered;
        let meant = positions.iter().filter_map(|&position| rows.bytes().get(services.get(position)?.span.clone()));
        Some(Body::part_of(rows, render::array(meant).into()))
    }
}

fn positions<T>(elements: &[T], is_meant: impl Fn(&T) -> bool) -> Vec<usize> {
    (0..elements.len()).filter(|&position| is_meant(&elements[position])).collect()
}
