//! `/healthz` and `/readyz`: for whoever runs the server.

use actix_web::http::header::{self, ContentType};
use actix_web::{HttpResponse, HttpResponseBuilder, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::parameters::NoParameters;
use crate::app::Context;
use crate::error::ApiError;
use crate::json;
use crate::openapi::answers::{NotReady, Refused};

/// What they say.
#[derive(Serialize, ToSchema)]
struct Health {
    /// `OK`, or `KO`.
    status: &'static str,
}

/// `GET /healthz`: the process is up. Touches nothing.
#[utoipa::path(
    get,
    path = "/healthz",
    operation_id = "checkLiveness",
    tag = "Server",
    summary = "Whether the process is up",
    description = "Touches nothing.",
    responses(
        (status = 200, description = "It is.", body = Health, example = json!({"status": "OK"})),
        Refused,
    ),
)]
pub(super) async fn alive(_: NoParameters) -> HttpResponse {
    fine()
}

/// `GET /readyz`: there is something to serve, and the server is not about to end. Whether the database is there does
/// not matter: the last snapshot is served without it.
#[utoipa::path(
    get,
    path = "/readyz",
    operation_id = "checkReadiness",
    tag = "Server",
    summary = "Whether there is something to serve",
    description = "200 from the first snapshot on, until the server stops; whether the database is there does not \
                   matter.",
    responses(
        (status = 200, description = "There is.", body = Health, example = json!({"status": "OK"})),
        Refused,
        NotReady,
    ),
)]
pub(super) async fn ready(_: NoParameters, context: web::Data<Context>) -> Result<HttpResponse, ApiError> {
    if context.stop.is_cancelled() {
        return Err(ApiError::STOPPING);
    }
    context.snapshots.latest().ok_or(ApiError::NO_SNAPSHOT)?;
    Ok(fine())
}

/// `GET /check`: whether the database answers a real question, decided within five seconds.
#[utoipa::path(
    get,
    path = "/check",
    operation_id = "checkDatabase",
    tag = "Server",
    summary = "Whether the database answers",
    description = "Asks it a real question, and waits for the answer no longer than five seconds.",
    responses(
        (status = 200, description = "It does.", body = Health, example = json!({"status": "OK"})),
        Refused,
        (status = 503, description = "It does not; what is known now is still served.", body = Health, example = json!({"status": "KO"})),
    ),
)]
pub(super) async fn check(_: NoParameters, context: web::Data<Context>) -> HttpResponse {
    if context.archive.is_there().await {
        return fine();
    }
    say(HttpResponse::ServiceUnavailable(), "KO")
}

fn fine() -> HttpResponse {
    say(HttpResponse::Ok(), "OK")
}

fn say(mut response: HttpResponseBuilder, status: &'static str) -> HttpResponse {
    response
        .content_type(ContentType::json())
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(json::to_vec(&Health { status }))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use tokio_util::sync::CancellationToken;
    use unistatus_core::config::ReadAccess;
    use unistatus_core::networks::{AddressPolicy, Networks};
    use unistatus_core::template::Renderer;

    use super::*;
    use crate::archive::Archive;
    use crate::auth::{Auth, Callers, Rules};
    use crate::clock::SystemClock;
    use crate::dashboard::Front;
    use crate::items::Items;
    use crate::refresh::{Refresher, Refreshing};
    use crate::servers::Servers;
    use crate::snapshot::Snapshots;

    #[actix_web::test]
    async fn a_server_that_stops_is_not_ready() {
        let stop = CancellationToken::new();
        let (archive, clock) = (Archive::new(Duration::ZERO), Arc::new(SystemClock));
        let rules = Rules { read: ReadAccess::Open, admin: None, secret_key: None, callers: Callers::Anybody };
        let refresher = Refresher::new(Refreshing::none(), archive.clone(), clock.clone());
        let context = web::Data::new(Context {
            snapshots: Snapshots::none(),
            auth: Auth::new(rules, archive.clone(), clock.clone()),
            archive,
            clock,
            heartbeat: Duration::from_secs(1),
            public_url: None,
            front: Front::default(),
            refresher,
            began: tokio::time::Instant::now(),
            servers: Servers::new(AddressPolicy::default()),
            renderer: Renderer::default(),
            items: Items::new(None),
            limits: None,
            trusted_proxies: Networks::default(),
            stop: stop.clone(),
        });
        assert_eq!(ready(NoParameters, context.clone()).await.unwrap_err(), ApiError::NO_SNAPSHOT);
        stop.cancel();
        assert_eq!(ready(NoParameters, context).await.unwrap_err(), ApiError::STOPPING);
    }
}
