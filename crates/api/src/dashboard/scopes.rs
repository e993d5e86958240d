//! What somebody may do, as forms let one choose it.

use unistatus_core::access::Scope;

use crate::error::ApiError;

/// All of them, as they are written.
pub(super) const ALL: [&str; 3] = [Scope::Read.as_str(), Scope::Write.as_str(), Scope::Admin.as_str()];

/// Reads what was chosen.
///
/// # Errors
/// [`ApiError::BadRequest`] for what is none.
pub(super) fn read(chosen: &str) -> Result<Scope, ApiError> {
    chosen
        .parse()
        .map_err(|accepted| ApiError::BadRequest(format!("The scope is not accepted: expected is {accepted}.")))
}
