//! The parameter `at`: the world as it was known at an instant.

use std::sync::Arc;

use utoipa::openapi::path::Parameter;

use super::current::Current;
use super::parameters::{Parameters, instant};
use crate::app::Context;
use crate::archive::Turn;
use crate::error::ApiError;
use crate::openapi::parameters;
use crate::query::{not_ahead, world};
use crate::snapshot::Snapshot;

/// `at`, documented.
pub(super) fn documented() -> Vec<Parameter> {
    vec![parameters::instant(
        "at",
        "How it was known at this instant; now where it is not given. It must not lie ahead.",
    )]
}

/// Takes `at`: what was known then of a target, or of all of them, and the turn to keep until the answer is made; what is
/// known now where it is not given.
///
/// # Errors
/// [`ApiError::BadRequest`] for what is no instant, and for one that lies ahead; what the archive cannot answer.
pub(super) async fn snapshot(
    parameters: &mut Parameters,
    current: &Current,
    context: &Context,
    target: Option<&str>,
) -> Result<(Arc<Snapshot>, Option<Turn>), ApiError> {
    let Some(at) = parameters.one("at", instant)? else { return Ok((Arc::clone(current.snapshot()), None)) };
    not_ahead("at", at, context.clock.now())?;
    let turn = context.archive.turn().await?;
    Ok((world(&turn, at, target).await?, Some(turn)))
}
