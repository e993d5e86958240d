//! The JSON below `/api/status`: shapes that serialise as the contract writes them.

use std::borrow::Cow;

use serde::Serialize;
use unistatus_core::schema::{Dimensions, Kind, Status};
use unistatus_core::store::TargetState;
use utoipa::ToSchema;

use super::{Served, ServiceFields, TargetFields};
use crate::openapi::schemas;

/// The body of `GET /api/status`.
#[derive(Serialize, ToSchema)]
pub(crate) struct TargetList<'a> {
    /// The targets, ordered by name.
    pub(crate) targets: Vec<TargetEntry<'a>>,
}

/// An element of `targets`.
#[derive(Serialize, ToSchema)]
#[schema(as = Target, example = json!({
    "name": "github",
    "endpoint": "https://www.githubstatus.com/api/v2/summary.json",
    "type": "REST",
    "services": [{
        "name": "Git Operations",
        "lastTimestamp": "2023-04-18T09:45:04.745Z",
        "status": "OK",
        "dimensions": {"serviceId": "8l4ygp009s5s"},
    }],
}))]
pub(crate) struct TargetEntry<'a> {
    /// Its name.
    name: &'a str,
    /// Where it is asked; of secrets in it nobody sees the value.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    endpoint: Option<&'a str>,
    /// How it is asked.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = schemas::TargetType, required = false)]
    kind: Option<Kind>,
    /// Its services, in the order of their source.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
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
#[derive(Serialize, ToSchema)]
#[schema(as = Service)]
struct ServiceEntry<'a> {
    /// The source's own name for it. It may repeat inside a target.
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
#[derive(Serialize, ToSchema)]
#[schema(as = ServiceRow, example = json!({
    "target": "github",
    "service": "Git Operations",
    "lastTimestamp": "2023-04-18T09:45:04.745Z",
    "status": "OK",
    "dimensions": {"serviceId": "8l4ygp009s5s"},
}))]
pub(crate) struct Row<'a> {
    /// The target's name.
    target: &'a str,
    /// The service's name.
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
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Standing<'a> {
    /// Empty where it is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = schemas::MaybeTimestamp, required = false)]
    last_timestamp: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = schemas::Status, required = false)]
    status: Option<Status>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = schemas::Dimensions, required = false)]
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
