//! Small states to serve.

use unistatus_core::schema::{About, Dimensions, Kind, Scalar, Service, Status, Timestamp, Validators};
use unistatus_core::store::{Health, TargetState};

/// When the tests begin. All targets were asked with success at this moment, every minute.
pub(crate) const NOW: &str = "2026-05-04T12:00:00.500Z";

pub(crate) fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).unwrap()
}

pub(crate) fn dimensions(pairs: &[(&str, &str)]) -> Dimensions {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), Scalar::from(*value))).collect()
}

pub(crate) fn service(name: &str, status: Status, pairs: &[(&str, &str)]) -> Service {
    Service {
        key: format!("internal-key-of-{name}"),
        name: name.to_owned(),
        status,
        last_timestamp: Some(at("2026-05-04T09:45:04.745Z")),
        dimensions: dimensions(pairs),
    }
}

pub(crate) fn target(name: &str, services: impl IntoIterator<Item = Service>) -> TargetState {
    TargetState {
        name: name.to_owned(),
        endpoint: format!("https://{name}.test/status.json"),
        kind: Kind::Rest,
        about: About::default(),
        revision: 1,
        retired: false,
        services: services.into_iter().collect(),
        health: Health {
            interval_ms: 60_000,
            last_attempt: at(NOW),
            last_success: Some(at(NOW)),
            duration_ms: 120,
            http_status: Some(200),
            bytes: 512,
            consecutive_failures: 0,
            failure: None,
            not_before: None,
            next_ask: None,
            believed_until: None,
            validators: Validators::default(),
        },
    }
}
