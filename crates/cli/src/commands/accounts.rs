//! What the commands for keys and users share: the store they work on, and how they fail.

use unistatus_api::accounts::AccountError;
use unistatus_core::config::{Flags, Settings};
use unistatus_core::exit::{self, Failure};
use unistatus_core::schema::Timestamp;
use unistatus_core::store::{self, Store, StoreError};
use unistatus_core::telemetry::{self, Traces};

/// Does a work on the store of the settings, and closes it. A database that is not there yet is made: the first key is
/// often made before anything else.
pub(super) async fn on_store<T>(
    flags: &Flags,
    work: impl AsyncFnOnce(&dyn Store) -> Result<T, AccountError>,
) -> Result<T, Failure> {
    let settings = Settings::load(flags).map_err(Failure::config)?;
    telemetry::init(settings.log_level, settings.log_format, &Traces::nowhere());
    let store = store::open(settings.db_url.reveal()).await.map_err(|error| failure(error.into()))?;
    let done = work(&*store).await;
    store.close().await;
    done.map_err(failure)
}

/// Says what cannot be done: that what was asked for is wrong, or that the database is.
pub(super) fn failure(error: AccountError) -> Failure {
    match error {
        AccountError::Store(error @ StoreError::Unavailable { .. }) => Failure::caused(exit::UNREACHABLE, &error),
        AccountError::Store(error) => Failure::config(error),
        error => Failure::new(exit::USAGE, error),
    }
}

/// An instant as a table shows it; nothing where there is none.
pub(super) fn shown(at: Option<Timestamp>) -> String {
    at.map(|at| at.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use unistatus_core::access::AccessError;

    use super::*;

    #[test]
    fn what_was_asked_for_wrongly_is_told_from_what_is_wrong_with_the_database() {
        let gone = || StoreError::Unavailable { message: "gone".to_owned(), source: None };
        for (error, code, message) in [
            (AccountError::LastAdmin, exit::USAGE, AccountError::LastAdmin.to_string()),
            (AccessError::Name.into(), exit::USAGE, AccessError::Name.to_string()),
            (gone().into(), exit::UNREACHABLE, gone().to_string()),
            (StoreError::Unsuitable("old".to_owned()).into(), exit::CONFIG, "old".to_owned()),
        ] {
            assert_eq!(failure(error), Failure::new(code, message));
        }
    }
}
