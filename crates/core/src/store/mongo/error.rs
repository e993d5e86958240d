//! What the driver's errors mean for a store.

use mongodb::error::{Error, ErrorKind, WriteFailure};

use crate::store::StoreError;

/// Two documents of one `_id`, or of one key of a unique index.
const DUPLICATE_KEY: i32 = 11000;
/// The user may not do this; the user or the password is wrong.
const NOT_ALLOWED: [i32; 2] = [13, 18];

/// The error of a store for one of the driver; `what` is what it was to do.
pub(super) fn failed(what: &str, error: Error) -> StoreError {
    match *error.kind {
        ErrorKind::Authentication { message, .. } => {
            StoreError::Unsuitable(format!("MongoDB does not let this user in: {message}"))
        }
        ErrorKind::Command(refusal) if NOT_ALLOWED.contains(&refusal.code) => {
            StoreError::Unsuitable(format!("MongoDB does not let this user {what}: {}", refusal.message))
        }
        ErrorKind::InvalidTlsConfig { message, .. } | ErrorKind::IncompatibleServer { message, .. } => {
            StoreError::Unsuitable(format!("MongoDB cannot {what}: {message}"))
        }
        // The kind alone: the error around it shows the same once more, with the whole answer of the server.
        kind => StoreError::unavailable(format!("MongoDB did not {what}"), kind),
    }
}

/// The error of a store for an answer that took too long.
pub(super) fn overdue(what: &str) -> StoreError {
    StoreError::Unavailable { message: format!("MongoDB did not {what} in time"), source: None }
}

/// Which documents, by their number, of those that were to be inserted were not since there are such ones already; `None`
/// if anything else went wrong, too.
pub(super) fn duplicates(error: &Error) -> Option<Vec<usize>> {
    let ErrorKind::InsertMany(refused) = &*error.kind else { return None };
    let errors = refused.write_errors.as_deref().unwrap_or_default();
    let are_all = refused.write_concern_error.is_none() && errors.iter().all(|error| error.code == DUPLICATE_KEY);
    are_all.then(|| errors.iter().map(|error| error.index).collect())
}

/// Whether a document could not be written because there is one like it.
pub(super) fn is_duplicate_key(error: &Error) -> bool {
    match &*error.kind {
        ErrorKind::Write(WriteFailure::WriteError(error)) => error.code == DUPLICATE_KEY,
        ErrorKind::Command(error) => error.code == DUPLICATE_KEY,
        _ => false,
    }
}
