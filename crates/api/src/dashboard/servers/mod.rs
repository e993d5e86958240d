//! The team's own servers: all of them, and each.

pub(super) mod list;
pub(super) mod page;
mod wish;

use std::sync::Arc;
use std::time::Duration;

use unistatus_core::schema::{Server, Timestamp, dimension_names};

use super::link;
use super::look::Look;
use crate::servers::is_of_a_server;
use crate::snapshot::{Snapshot, TargetView};

/// The path of the list.
const LIST: &str = "/servers";
/// How often a server is taken to be pinged of which nobody knows that yet.
const USUAL_INTERVAL: Duration = Duration::from_mins(1);

/// The path of the page of a server; of the list where no browser can ask for one.
fn path_of(name: &str) -> String {
    link::of_target(LIST, name).map_or_else(|| LIST.to_owned(), |_| format!("{LIST}/{}", link::segment(name)))
}

/// A server, as far as it is known.
#[derive(Debug)]
struct Known {
    name: String,
    address: String,
    /// `None` where only the database knows and does not answer.
    added_at: Option<Timestamp>,
    /// Its target; `None` before its first ping.
    target: Option<Arc<TargetView>>,
}

impl Known {
    /// A server that the database knows.
    fn of(server: Server, snapshot: &Snapshot) -> Self {
        let target = snapshot.target(&server.name).filter(|target| is_of_a_server(target)).map(Arc::clone);
        Self { address: server.address.to_string(), added_at: Some(server.added_at), name: server.name, target }
    }

    /// The server that a target is of, if it is of any.
    fn of_target(target: &Arc<TargetView>) -> Option<Self> {
        is_of_a_server(target).then(|| Self {
            name: target.name().to_owned(),
            address: target.state().endpoint.clone(),
            added_at: None,
            target: Some(Arc::clone(target)),
        })
    }

    /// How often it is pinged.
    fn every(&self) -> Duration {
        self.target.as_ref().map_or(USUAL_INTERVAL, |target| target.state().health.interval())
    }

    /// How it is.
    fn look(&self) -> Look {
        self.target.as_ref().map_or(Look::Quiet, |target| Look::worst(target.services()))
    }

    /// How it is, in words.
    fn state(&self) -> &'static str {
        if self.target.is_none() { "Waiting for its first ping" } else { self.look().word() }
    }

    /// Why it is not OK, in one word.
    fn reason(&self) -> Option<String> {
        let service = self.target.as_ref()?.services().next()?;
        service.dimensions().get(dimension_names::REASON).map(ToString::to_string)
    }
}
