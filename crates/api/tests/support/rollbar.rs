//! A Rollbar to ask.

use std::time::Duration;

use unistatus_core::config::Hidden;
use unistatus_core::rollbar::{Account, Limits};
use unistatus_simulator::rollbar::{Project, StandIn, tokens};

/// A stand-in with this project.
pub(crate) async fn rollbar(project: Project) -> StandIn {
    StandIn::start(project).await.unwrap()
}

/// How it is asked by whoever may do everything, without long pauses.
pub(crate) fn account(rollbar: &StandIn) -> Account {
    let limits = Limits { pause: Duration::from_millis(1), body: 1024 * 1024, ..Limits::default() };
    let (url, token) = (rollbar.url(), Hidden::new(tokens::ALL));
    Account { url, token, contact: Some("ops@example.org".to_owned()), limits }
}
