//! Writing JSON.

use serde::Serialize;

/// The JSON text of a value.
///
/// Writing to memory fails for no value of ours (no map has keys other than strings). If one ever did, `null` in its
/// place keeps the document around it well-formed, and the log says so.
pub(crate) fn to_vec(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_else(|error| {
        tracing::error!(%error, "a value cannot be written as JSON");
        b"null".to_vec()
    })
}
