//! The parameter `at`: the world as it was known at an instant.

use std::sync::Arc;

use actix_web::web;
use unistatus_core::history::world_at;
use unistatus_core::store::Window;
use utoipa::openapi::path::Parameter;

use super::current::Current;
use super::parameters::{Parameters, instant};
use crate::app::Context;
use crate::error::ApiError;
use crate::openapi::parameters;
use crate::snapshot::Snapshot;

/// `at`, documented.
pub(super) fn documented() -> Vec<Parameter> {
    vec![parameters::instant(
        "at",
        "How it was known at this instant; now where it is not given. It must not lie ahead.",
    )]
}

/// Takes `at`: what was known then of a target, or of all of them; what is known now where it is not given.
///
/// # Errors
/// [`ApiError::BadRequest`] for what is no instant, and for one that lies ahead; what the archive cannot answer.
pub(super) async fn snapshot(
    parameters: &mut Parameters,
    current: &Current,
    context: &Context,
    target: Option<&str>,
) -> Result<Arc<Snapshot>, ApiError> {
    let Some(at) = parameters.one("at", instant)? else { return Ok(Arc::clone(current.snapshot())) };
    let now = context.clock.now();
    if at > now {
        return Err(ApiError::BadRequest(format!("\"at\" lies ahead: it is {now}.")));
    }
    let window = Window { target: target.map(str::to_owned), from: at, to: at };
    let past = context.archive.ask(|store| {
        let window = window.clone();
        async move { store.past(&window).await }
    });
    let past = past.await?;
    web::block(move || Snapshot::of(world_at(past, at), at)).await.map_err(|error| {
        tracing::error!(%error, "the world of the past cannot be made");
        ApiError::Internal
    })
}
