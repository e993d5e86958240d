//! A service as clients see it.

use std::borrow::Cow;

use unistatus_core::schema::{Dimensions, Service, Status, Timestamp, dimension_names};

/// A service as it is served: where its target's last success is too long ago, its status is `Unknown`, and dimensions
/// say what it was.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Served<'a> {
    service: &'a Service,
    is_stale: bool,
}

impl<'a> Served<'a> {
    /// A service as it is known; `is_stale` if its target is not believed any more.
    pub(crate) const fn of(service: &'a Service, is_stale: bool) -> Self {
        Self { service, is_stale }
    }

    /// What tells it from the others of its target. Internal: no body shows it.
    pub(crate) fn key(&self) -> &'a str {
        &self.service.key
    }

    /// Its name.
    pub(crate) fn name(&self) -> &'a str {
        &self.service.name
    }

    /// Its status.
    pub(crate) const fn status(&self) -> Status {
        if self.is_stale { Status::Unknown } else { self.service.status }
    }

    /// When its status was last updated, where that is known.
    pub(crate) const fn last_timestamp(&self) -> Option<Timestamp> {
        self.service.last_timestamp
    }

    /// Its dimensions.
    pub(crate) fn dimensions(&self) -> Cow<'a, Dimensions> {
        if !self.is_stale {
            return Cow::Borrowed(&self.service.dimensions);
        }
        let mut dimensions = self.service.dimensions.clone();
        dimensions.insert(dimension_names::STALE.to_owned(), true.into());
        dimensions.insert(dimension_names::LAST_KNOWN_STATUS.to_owned(), self.service.status.as_str().into());
        Cow::Owned(dimensions)
    }
}
