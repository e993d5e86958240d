//! status.cloud.microsoft's posts on consumer services: one for each service, with one word for all that is wrong.
//! While all is well nobody has written anything, and the null date stands where times would be.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::codes::{Letters, code};
use super::markup::escape;
use crate::world::{Condition, Service, ServiceState, Truth};

/// The posts.
pub(super) fn posts(truth: &Truth<'_>) -> String {
    let posts: Vec<_> = truth.services().map(|(service, state)| post(truth, service, state)).collect();
    Value::from(posts).to_string()
}

fn post(truth: &Truth<'_>, service: &Service, state: ServiceState) -> Value {
    let mut post = json!({
        "ServiceDisplayName": service.name,
        "ServiceWorkloadName": code(Letters::Mixed, 12, &[&truth.vendor.name, &service.id]),
        "Id": null,
        "AuthoredDateTime": "0001-01-01T00:00:00+00:00",
        "InternalDateTime": "0001-01-01T00:00:00+00:00",
        "LastUpdatedTime": ticks(truth.updated_at),
        "Title": "",
        "Message": "",
        "Status": "Operational",
    });
    if state.condition != Condition::Operational {
        post["Id"] = code(Letters::Hex, 32, &[&truth.vendor.name, &service.id, &state.since.to_rfc3339()]).into();
        post["AuthoredDateTime"] = ticks(state.since).into();
        post["Title"] = format!("Some users have trouble with {}", service.name).into();
        post["Message"] = format!("<div>We are looking into trouble with {}.</div>", escape(&service.name)).into();
        post["Status"] = "Service degradation".into();
    }
    post
}

/// `2026-01-05T08:00:00.1200000+00:00`: ten millionths of a second.
fn ticks(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%S%.6f0+00:00").to_string()
}
