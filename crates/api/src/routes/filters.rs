//! The query parameters that filter, read into what `select` understands.

use std::collections::BTreeMap;
use std::convert::Infallible;

use serde_json::json;
use unistatus_core::schema::{Kind, Status};
use utoipa::openapi::path::Parameter;

use super::parameters::{Parameters, word};
use crate::contract::{Property, ServiceFields, TargetFields};
use crate::error::ApiError;
use crate::openapi::parameters;
use crate::query::{Known, VALUES, too_many};
use crate::select::{Needle, ServiceFilter, TargetFilter};
use crate::snapshot::Snapshot;

/// How a filter of dimensions is written.
const DIMENSION: &str = "dimension.<name>";

/// Takes `type`, `target` and `category`. Targets and categories must be known to one of the snapshots: a filter for
/// what is not there is a slip.
pub(crate) fn targets(parameters: &mut Parameters, snapshots: &[&Snapshot]) -> Result<TargetFilter, ApiError> {
    let kinds = Kind::ALL.map(|kind| (kind.as_str(), kind));
    let known = Known::of(snapshots);
    Ok(TargetFilter {
        kinds: parameters.all("type", |value| word(value, &kinds))?,
        names: parameters.all("target", |name| known.target(name))?.into_iter().collect(),
        categories: parameters.all("category", |name| known.category(name))?.into_iter().collect(),
    })
}

/// `type`, `target` and `category`, documented.
pub(super) fn targets_documented() -> Vec<Parameter> {
    vec![
        parameters::words("type", "Targets of these types.", Kind::ALL.map(Kind::as_str), &["REST", "RSS"]),
        parameters::texts("target", "Targets of these names, which must be known.", &["github", "aws"]),
        parameters::texts("category", "Targets of these categories, which must be known.", &["cloud", "code"]),
    ]
}

/// Takes `q`.
pub(crate) fn needle(parameters: &mut Parameters) -> Result<Option<Needle>, ApiError> {
    parameters.one("q", |text| Ok::<_, Infallible>(Needle::new(text)))
}

/// `q`, documented.
pub(super) fn needle_documented(description: &str) -> Parameter {
    parameters::text("q", description, "git")
}

/// Takes `status` and `dimension.<name>`.
pub(crate) fn services(parameters: &mut Parameters) -> Result<ServiceFilter, ApiError> {
    let words = Status::ALL.map(|status| (status.as_str(), status));
    let statuses = parameters.all("status", |value| word(value, &words))?;
    let mut dimensions: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let given = parameters.prefixed("dimension.", DIMENSION);
    if given.len() > VALUES {
        return Err(too_many(DIMENSION));
    }
    for (name, value) in given {
        dimensions.entry(name).or_default().push(value);
    }
    Ok(ServiceFilter { statuses, dimensions })
}

/// `status` and `dimension.<name>`, documented.
pub(super) fn services_documented() -> Vec<Parameter> {
    let dimension = "Services whose dimension has this value, written as in the JSON; the name of the dimension is part \
                     of the parameter's name.";
    vec![
        status_documented("Services of these statuses."),
        parameters::prefixed("dimension.", DIMENSION, dimension, json!({"dimension.scope": "page"})),
    ]
}

/// `status`, documented.
pub(super) fn status_documented(description: &str) -> Parameter {
    parameters::words("status", description, Status::ALL.map(Status::as_str), &["Degraded", "Outage"])
}

/// `fields`, documented.
pub(super) fn fields_documented(accepted: &[Property]) -> Parameter {
    let names = accepted.iter().map(|property| property.as_str());
    parameters::words(
        "fields",
        "The properties that are shown beside the names; all where it is not given.",
        names,
        &["status"],
    )
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
