//! What lets targets and services pass.

use std::collections::{BTreeMap, BTreeSet};

use unistatus_core::schema::{Kind, Scalar, Status};

use crate::contract::Served;
use crate::json;
use crate::snapshot::TargetView;

/// Lets targets pass that are any of what is named, in each respect in which anything is.
#[derive(Clone, Debug, Default)]
pub(crate) struct TargetFilter {
    /// Their types.
    pub(crate) kinds: Vec<Kind>,
    /// Their names.
    pub(crate) names: BTreeSet<String>,
    /// Their categories.
    pub(crate) categories: BTreeSet<String>,
}

impl TargetFilter {
    /// Whether a target passes.
    pub(crate) fn takes(&self, target: &TargetView) -> bool {
        let category = || target.state().about.category.as_ref();
        (self.kinds.is_empty() || self.kinds.contains(&target.state().kind))
            && (self.names.is_empty() || self.names.contains(target.name()))
            && (self.categories.is_empty() || category().is_some_and(|category| self.categories.contains(category)))
    }
}

/// Lets services pass that are any of what is named, in each respect in which anything is. It sees what is served: a
/// service that is stale is `Unknown`, with the dimensions that say so.
#[derive(Clone, Debug, Default)]
pub(crate) struct ServiceFilter {
    /// Their statuses.
    pub(crate) statuses: Vec<Status>,
    /// For each dimension the values it may have, as the JSON writes them, texts without their quotes.
    pub(crate) dimensions: BTreeMap<String, Vec<String>>,
}

impl ServiceFilter {
    /// Whether it names nothing, so that everything passes.
    pub(crate) fn is_empty(&self) -> bool {
        self.statuses.is_empty() && self.dimensions.is_empty()
    }

    /// Whether a service passes.
    pub(crate) fn takes(&self, service: &Served<'_>) -> bool {
        (self.statuses.is_empty() || self.statuses.contains(&service.status())) && self.takes_dimensions(service)
    }

    fn takes_dimensions(&self, service: &Served<'_>) -> bool {
        if self.dimensions.is_empty() {
            return true;
        }
        let dimensions = service.dimensions();
        self.dimensions.iter().all(|(name, values)| {
            dimensions.get(name).is_some_and(|found| values.iter().any(|value| is_written(found, value)))
        })
    }
}

/// Whether the JSON writes a value so.
fn is_written(scalar: &Scalar, value: &str) -> bool {
    match scalar {
        Scalar::Text(text) => text == value,
        Scalar::Bool(_) | Scalar::Integer(_) | Scalar::Float(_) => json::to_vec(scalar) == value.as_bytes(),
    }
}

/// A part of a name, without regard to case.
#[derive(Clone, Debug)]
pub(crate) struct Needle(String);

impl Needle {
    /// What is looked for.
    pub(crate) fn new(text: &str) -> Self {
        Self(text.to_lowercase())
    }

    /// Whether a name has it.
    pub(crate) fn is_in(&self, name: &str) -> bool {
        name.to_lowercase().contains(&self.0)
    }

    /// Whether a target's name or title has it.
    pub(crate) fn is_in_target(&self, target: &TargetView) -> bool {
        self.is_in(target.name()) || target.state().about.title.as_deref().is_some_and(|title| self.is_in(title))
    }
}
