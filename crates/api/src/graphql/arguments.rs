//! Arguments that several questions take, read into what `select` understands.

use std::collections::BTreeMap;

use async_graphql::InputObject;

use super::words::{Kind, Status};
use crate::error::ApiError;
use crate::query::{Known, VALUES, refused, too_many};
use crate::select::{Needle, ServiceFilter, TargetFilter};
use crate::snapshot::Snapshot;

/// The values that a dimension may have.
#[derive(Debug, InputObject)]
pub(super) struct DimensionFilter {
    /// The name of the dimension.
    name: String,
    /// Any of these, each written as in the JSON, texts without their quotes.
    values: Vec<String>,
}

/// Which targets are meant: any of what is named, in each respect in which anything is.
pub(super) fn targets(
    kinds: Option<Vec<Kind>>,
    names: Option<Vec<String>>,
    categories: Option<Vec<String>>,
    snapshots: &[&Snapshot],
) -> Result<TargetFilter, ApiError> {
    let (names, categories) = (texts("target", names)?, texts("category", categories)?);
    let known = Known::of(snapshots);
    let target = |name: &String| known.target(name).map_err(|accepted| refused("target", name, accepted));
    let category = |name: &String| known.category(name).map_err(|accepted| refused("category", name, accepted));
    Ok(TargetFilter {
        kinds: all("type", kinds)?,
        names: names.iter().map(target).collect::<Result<_, _>>()?,
        categories: categories.iter().map(category).collect::<Result<_, _>>()?,
    })
}

/// Which services are meant.
pub(super) fn services(
    statuses: Option<Vec<Status>>,
    dimensions: Option<Vec<DimensionFilter>>,
) -> Result<ServiceFilter, ApiError> {
    let mut named: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for DimensionFilter { name, values } in dimensions.unwrap_or_default() {
        named.entry(name).or_default().extend(values);
    }
    if named.values().map(Vec::len).sum::<usize>() > VALUES {
        return Err(too_many("dimension"));
    }
    Ok(ServiceFilter { statuses: all("status", statuses)?, dimensions: named })
}

/// Part of a name.
pub(super) fn needle(q: Option<String>) -> Option<Needle> {
    q.map(|text| Needle::new(&text))
}

/// The words of a list.
pub(super) fn all<T: Into<U>, U>(name: &str, words: Option<Vec<T>>) -> Result<Vec<U>, ApiError> {
    Ok(texts(name, words)?.into_iter().map(Into::into).collect())
}

/// The elements of a list: none where it is not given.
pub(super) fn texts<T>(name: &str, given: Option<Vec<T>>) -> Result<Vec<T>, ApiError> {
    let given = given.unwrap_or_default();
    if given.len() > VALUES { Err(too_many(name)) } else { Ok(given) }
}
