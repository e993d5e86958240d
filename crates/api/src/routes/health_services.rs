//! `/health-services`: how named services are, asked for anew where what is known is old.

use actix_web::http::header::{self, ContentType, HeaderValue};
use actix_web::{HttpResponse, web};
use futures_util::future::join_all;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use unistatus_core::schema::Status;
use utoipa::ToSchema;

use super::current::Current;
use super::parameters::NoParameters;
use crate::app::Context;
use crate::json;
use crate::openapi::answers::{NotReady, Refused};
use crate::refresh::Seen;

/// How a service is, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = ServiceHealth)]
enum Health {
    /// All of it is OK.
    Healthy,
    /// Some of it is Degraded.
    Degraded,
    /// Some of it has an Outage.
    Unhealthy,
    /// Nobody knows.
    Unknown,
}

impl Health {
    const fn of(seen: &Seen) -> Self {
        match seen.status {
            Some(Status::Ok) => Self::Healthy,
            Some(Status::Degraded) => Self::Degraded,
            Some(Status::Outage) => Self::Unhealthy,
            Some(Status::Unknown) | None => Self::Unknown,
        }
    }
}

/// The services in the order of the settings.
#[derive(ToSchema)]
#[schema(as = HealthOfServices, value_type = std::collections::BTreeMap<String, Health>, example = json!({"bitbucket": "healthy", "azure-pipelines": "healthy"}))]
struct Services<'a>(Vec<(&'a str, Health)>);

impl Serialize for Services<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, health) in &self.0 {
            map.serialize_entry(name, health)?;
        }
        map.end()
    }
}

/// `GET /health-services`.
#[utoipa::path(
    get,
    path = "/health-services",
    operation_id = "getHealthOfServices",
    tag = "Status",
    summary = "How the services are that the settings name",
    description = "A word each, by `HEALTH_SERVICES`: the worst of what is known of the target of that name. What is younger than \
                   five minutes is answered as it is known; what is older is asked for anew, once however many requests wait, for \
                   up to eight seconds. Where the source fails, it is the old answer, and the header `Age` says how many \
                   seconds old the oldest is.",
    responses(
        (
            status = 200,
            description = "How they are.",
            body = Services,
            headers(("Age" = u64, description = "How old the oldest is, in seconds, where one is five minutes old or older.")),
        ),
        Refused,
        NotReady,
    ),
)]
pub(super) async fn tell(_: NoParameters, current: Current, context: web::Data<Context>) -> HttpResponse {
    let refresher = &context.refresher;
    let look = |name| refresher.look(name, current.snapshot(), current.now());
    let seen = join_all(refresher.names().iter().map(|name| look(name))).await;
    let now = context.clock.now();
    let services = refresher.names().iter().zip(&seen).map(|(name, seen)| (name.as_str(), Health::of(seen)));
    let oldest = seen.iter().filter(|seen| !seen.is_fresh(now)).filter_map(|seen| seen.age(now)).max();
    let mut response = HttpResponse::Ok();
    response
        .content_type(ContentType::json())
        .insert_header((header::CACHE_CONTROL, HeaderValue::from_static("no-store")));
    if let Some(age) = oldest {
        response.insert_header((header::AGE, age.as_secs()));
    }
    response.body(json::to_vec(&Services(services.collect())))
}
