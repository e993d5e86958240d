//! `/healthz` and `/readyz`: for whoever runs the server.

use actix_web::http::header::{self, ContentType};
use actix_web::{HttpResponse, web};

use super::parameters::NoParameters;
use crate::app::Context;
use crate::error::ApiError;

/// `GET /healthz`: the process is up. Touches nothing.
pub(super) async fn alive(_: NoParameters) -> HttpResponse {
    fine()
}

/// `GET /readyz`: there is something to serve, and the server is not about to end. Whether the database is there does
/// not matter: the last snapshot is served without it.
pub(super) async fn ready(_: NoParameters, context: web::Data<Context>) -> Result<HttpResponse, ApiError> {
    if context.stop.is_cancelled() {
        return Err(ApiError::STOPPING);
    }
    context.snapshots.latest().ok_or(ApiError::NO_SNAPSHOT)?;
    Ok(fine())
}

/// `GET /check`: whether the database answers a real question, decided within five seconds.
pub(super) async fn check(_: NoParameters, context: web::Data<Context>) -> HttpResponse {
    if context.archive.is_there().await {
        return fine();
    }
    HttpResponse::ServiceUnavailable()
        .content_type(ContentType::json())
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(r#"{"status":"KO"}"#)
}

fn fine() -> HttpResponse {
    HttpResponse::Ok()
        .content_type(ContentType::json())
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(r#"{"status":"OK"}"#)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::archive::Archive;
    use crate::clock::SystemClock;
    use crate::snapshot::Snapshots;

    #[actix_web::test]
    async fn a_server_that_stops_is_not_ready() {
        let stop = CancellationToken::new();
        let (snapshots, archive) = (Snapshots::none(), Archive::new(Duration::ZERO));
        let (clock, heartbeat) = (Arc::new(SystemClock), Duration::from_secs(1));
        let context = Context { snapshots, archive, clock, heartbeat, stop: stop.clone() };
        let context = web::Data::new(context);
        assert_eq!(ready(NoParameters, context.clone()).await.unwrap_err(), ApiError::NO_SNAPSHOT);
        stop.cancel();
        assert_eq!(ready(NoParameters, context).await.unwrap_err(), ApiError::STOPPING);
    }
}
