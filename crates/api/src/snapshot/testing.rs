//! States for tests.

use unistatus_core::schema::{About, Dimensions, Kind, Service, Status, Timestamp, Validators};
use unistatus_core::store::{Health, TargetState};

/// The internal key of every service, which no body may show.
pub(crate) const KEY: &str = "the internal key";

/// For how long after its last success a target is believed.
pub(crate) const BELIEVED_SECS: i64 = 300;

/// So many seconds after all targets were asked with success.
pub(crate) fn at(secs: i64) -> Timestamp {
    Timestamp::from_secs(784_111_777 + secs).unwrap()
}

pub(crate) fn service(name: &str, status: Status) -> Service {
    Service {
        key: KEY.to_owned(),
        name: name.to_owned(),
        status,
        last_timestamp: Some(at(0)),
        dimensions: Dimensions::new(),
    }
}

pub(crate) fn target(name: &str, services: impl IntoIterator<Item = Service>) -> TargetState {
    TargetState {
        name: name.to_owned(),
        endpoint: format!("https://{name}.test/"),
        kind: Kind::Rest,
        about: About::default(),
        revision: 1,
        retired: false,
        services: services.into_iter().collect(),
        health: Health {
            interval_ms: 60_000,
            last_attempt: at(0),
            last_success: Some(at(0)),
            duration_ms: 10,
            http_status: Some(200),
            bytes: 100,
            consecutive_failures: 0,
            failure: None,
            not_before: None,
            next_ask: None,
            believed_until: None,
            validators: Validators::default(),
        },
    }
}
