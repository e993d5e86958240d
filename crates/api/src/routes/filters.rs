//! The query parameters that filter, read into what `select` understands.

use std::collections::BTreeMap;
use std::convert::Infallible;

use unistatus_core::schema::{Kind, Status};

use super::parameters::{Parameters, word};
use crate::contract::{Property, ServiceFields, TargetFields};
use crate::error::ApiError;
use crate::query::Known;
use crate::select::{Needle, ServiceFilter, TargetFilter};
use crate::snapshot::Snapshot;

/// Takes `type`, `target` and `category`. Targets and categories must be known: a filter for what is not there is a
/// slip.
pub(super) fn targets(parameters: &mut Parameters, snapshot: &Snapshot) -> Result<TargetFilter, ApiError> {
    let kinds = Kind::ALL.map(|kind| (kind.as_str(), kind));
    let known = Known::of(snapshot);
    Ok(TargetFilter {
        kinds: parameters.all("type", |value| word(value, &kinds))?,
        names: parameters.all("target", |name| known.target(name))?.into_iter().collect(),
        categories: parameters.all("category", |name| known.category(name))?.into_iter().collect(),
    })
}

/// Takes `q`.
pub(super) fn needle(parameters: &mut Parameters) -> Result<Option<Needle>, ApiError> {
    parameters.one("q", |text| Ok::<_, Infallible>(Needle::new(text)))
}

/// Takes `status` and `dimension.<name>`.
pub(super) fn services(parameters: &mut Parameters) -> Result<ServiceFilter, ApiError> {
    let words = Status::ALL.map(|status| (status.as_str(), status));
    let statuses = parameters.all("status", |value| word(value, &words))?;
    let mut dimensions: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in parameters.prefixed("dimension.", "dimension.<name>") {
        dimensions.entry(name).or_default().push(value);
    }
    Ok(ServiceFilter { statuses, dimensions })
}

/// Takes the `fields` of targets.
pub(super) fn target_fields(parameters: &mut Parameters) -> Result<TargetFields, ApiError> {
    let named = properties(parameters, &Property::OF_TARGETS)?;
    Ok(named.map_or(TargetFields::ALL, |named| TargetFields::of(&named)))
}

/// Takes the `fields` of rows.
pub(super) fn service_fields(parameters: &mut Parameters) -> Result<ServiceFields, ApiError> {
    let named = properties(parameters, &Property::OF_SERVICES)?;
    Ok(named.map_or(ServiceFields::ALL, |named| ServiceFields::of(&named)))
}

/// The properties that are named; `None` where `fields` is not given.
fn properties(parameters: &mut Parameters, accepted: &[Property]) -> Result<Option<Vec<Property>>, ApiError> {
    let words: Vec<(&str, Property)> = accepted.iter().map(|&property| (property.as_str(), property)).collect();
    let named = parameters.all("fields", |value| word(value, &words))?;
    Ok((!named.is_empty()).then_some(named))
}
