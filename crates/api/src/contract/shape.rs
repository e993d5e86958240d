//! The JSON below `/api/status`: shapes that serialise as the contract writes them.

use std::borrow::Cow;

use serde::Serialize;
use unistatus_core::schema::{Dimensions, Kind, Status};
use unistatus_core::store::TargetState;

use super::{Served, ServiceFields, TargetFields};

/// The body of `GET /api/status`.
#[derive(Serialize)]
pub(crate) struct TargetList<'a> {
    /// The targets, ordered by name.
    pub(crate) targets: Vec<TargetEntry<'a>>,
}

/// An element of `targets`.
#[derive(Serialize)]
pub(crate) struct TargetEntry<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    endpoint: Option<&'a str>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<Kind>,
    #[serde(skip_serializing_if = "Option::is_none")]
    services: Option<Vec<ServiceEntry<'a>>>,
}

impl<'a> TargetEntry<'a> {
    /// A target with those of its services that are to be listed.
    pub(crate) fn new(
        state: &'a TargetState,
        services: impl IntoIterator<Item = Served<'a>>,
        fields: TargetFields,
    ) -> Self {
        let entry = |fields| move |service| ServiceEntry::new(service, fields);
        Self {
            name: &state.name,
            endpoint: fields.endpoint.then_some(&state.endpoint),
            kind: fields.kind.then_some(state.kind),
            services: fields.services.map(|fields| services.into_iter().map(entry(fields)).collect()),
        }
    }
}

/// An element of a target's `services`.
#[derive(Serialize)]
struct ServiceEntry<'a> {
    name: &'a str,
    #[serde(flatten)]
    standing: Standing<'a>,
}

impl<'a> ServiceEntry<'a> {
    fn new(service: Served<'a>, fields: ServiceFields) -> Self {
        Self { name: service.name(), standing: Standing::new(service, fields) }
    }
}

/// An element of the arrays below `/api/status/{target}`.
#[derive(Serialize)]
pub(crate) struct Row<'a> {
    target: &'a str,
    service: &'a str,
    #[serde(flatten)]
    standing: Standing<'a>,
}

impl<'a> Row<'a> {
    /// A service of the target of that name.
    pub(crate) fn new(target: &'a str, service: Served<'a>, fields: ServiceFields) -> Self {
        Self { target, service: service.name(), standing: Standing::new(service, fields) }
    }
}

/// How a service is, without its name.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Standing<'a> {
    /// Empty where it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_timestamp: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Status>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dimensions: Option<Cow<'a, Dimensions>>,
}

impl<'a> Standing<'a> {
    fn new(service: Served<'a>, fields: ServiceFields) -> Self {
        let last_timestamp = || service.last_timestamp().map(|instant| instant.to_string()).unwrap_or_default();
        Self {
            last_timestamp: fields.last_timestamp.then(last_timestamp),
            status: fields.status.then(|| service.status()),
            dimensions: fields.dimensions.then(|| service.dimensions()),
        }
    }
}
