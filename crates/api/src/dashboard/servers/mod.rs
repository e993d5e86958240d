//! The team's own servers: all of them, and each.

pub(super) mod list;
pub(super) mod page;
mod wish;

use std::sync::Arc;
use std::time::Duration;

use unistatus_core::schema::{ProbeId, Server, Timestamp, dimension_names};

use super::link;
use super::look::Look;
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
    id: String,
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
        let is_its_own = |target: &&Arc<TargetView>| target.state().about.server.as_ref() == Some(&server.id);
        let target = snapshot.target(&server.name).filter(is_its_own).map(Arc::clone);
        let Server { id, name, address, added_at } = server;
        Self { id, name, address: address.to_string(), added_at: Some(added_at), target }
    }

    /// The server that a target is of, if it is of any.
    fn of_target(target: &Arc<TargetView>) -> Option<Self> {
        let id = target.state().about.server.clone()?;
        Some(Self {
            id,
            name: target.name().to_owned(),
            address: target.state().endpoint.clone(),
            added_at: None,
            target: Some(Arc::clone(target)),
        })
    }

    /// Under which id its pings are kept.
    fn probe(&self) -> ProbeId {
        ProbeId::of_server(&self.id)
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
