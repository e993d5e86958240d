//! The services of a target as rows of a page.

use serde::Serialize;
use unistatus_core::schema::{Timestamp, dimension_names};

use super::link;
use super::look::Look;
use super::markup::Markup;
use super::moment::Moment;
use super::past::{Past, ServicePast};
use crate::contract::Served;

/// The dimensions that tell people which of several services of one name it is.
const TELLING: [&str; 2] = [dimension_names::GROUP, dimension_names::REGION];

/// A service.
#[derive(Debug, Serialize)]
pub(super) struct ServiceRow {
    /// What tells it from all others of the page.
    id: String,
    name: String,
    link: Option<Markup>,
    look: Look,
    /// Since when it looks so.
    since: Option<Moment>,
    /// How it was when it was last known, if it is not any more.
    was: Option<String>,
    /// What tells it from others of the same name.
    notes: Vec<String>,
    /// `None` where none is known.
    past: Option<ServicePast>,
}

impl ServiceRow {
    /// The row of a service.
    pub(super) fn of(target: &str, service: &Served<'_>, past: Option<&Past>, now: Timestamp) -> Self {
        let dimensions = service.dimensions();
        let note = |name: &&str| dimensions.get(*name).map(ToString::to_string);
        Self {
            id: format!("s-{}", link::segment(service.key())),
            name: shown_name(service.name()),
            link: link::of_service("/targets", target, service.name()),
            look: Look::of(service),
            since: service.last_timestamp().map(|since| Moment::of(since, now)),
            was: dimensions.get(dimension_names::LAST_KNOWN_STATUS).map(ToString::to_string),
            notes: TELLING.iter().filter_map(note).collect(),
            past: past.and_then(|past| past.of(service.key())),
        }
    }
}

/// A name that can be seen.
pub(super) fn shown_name(name: &str) -> String {
    if name.trim().is_empty() { "(no name)".to_owned() } else { name.to_owned() }
}
