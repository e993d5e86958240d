//! Sources that are asked on behalf of requests, where what is known of them is old.
//!
//! They are asked as a collector would: through the same target, with the right to do so taken from the store, and what
//! comes of it is committed like any other observation. However many requests wait, one ask is under way.

mod ask;
mod flights;
mod seen;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;
use unistatus_core::catalog::Selection;
use unistatus_core::config::Settings;
use unistatus_core::schema::Timestamp;
use unistatus_core::secrets::Secrets;
use unistatus_core::store::Retention;

use crate::archive::Archive;
use crate::clock::Clock;
use crate::snapshot::Snapshot;
use ask::Asker;
use flights::Flights;
pub(crate) use seen::Seen;

/// What is told as it is known, without asking anew: what is younger than this.
pub(crate) const FRESH: Duration = Duration::from_mins(5);
/// How long a request waits for something newer.
const PATIENCE: Duration = Duration::from_secs(8);

/// Which targets are asked on behalf of requests, and how.
#[derive(Clone, Debug)]
pub struct Refreshing {
    /// The names of the targets.
    pub names: Vec<String>,
    /// The built-in entries that may be asked.
    pub catalog: Selection,
    /// The operator's own targets: a file, or a folder of them.
    pub targets_file: Option<PathBuf>,
    /// How whoever runs this can be reached; tells sources who asks.
    pub contact: Option<String>,
    /// What `${NAME}` in a targets file stands for.
    pub secrets: Secrets,
    /// For how long the past is kept.
    pub retention: Retention,
    /// How long a request waits for something newer.
    pub patience: Duration,
}

impl Refreshing {
    /// What the settings say. Built-in entries are asked by their names, chosen or not; but none where none may be.
    pub fn of(settings: &Settings) -> Self {
        let catalog = match settings.catalog {
            Selection::None => Selection::None,
            _ => Selection::Some(settings.health_services.iter().cloned().collect()),
        };
        Self {
            catalog,
            names: settings.health_services.clone(),
            targets_file: settings.targets_file.clone(),
            contact: settings.contact.clone(),
            secrets: settings.secrets.clone(),
            retention: settings.history_retention,
            patience: PATIENCE,
        }
    }

    /// None are.
    pub fn none() -> Self {
        Self {
            names: Vec::new(),
            catalog: Selection::None,
            targets_file: None,
            contact: None,
            secrets: Secrets::default(),
            retention: Retention::Forever,
            patience: PATIENCE,
        }
    }
}

/// Asks on behalf of requests. Clones share what is under way.
#[derive(Clone, Debug)]
pub(crate) struct Refresher {
    names: Arc<[String]>,
    patience: Duration,
    asker: Arc<Asker>,
    flights: Arc<Flights<Option<Seen>>>,
}

impl Refresher {
    pub(crate) fn new(how: Refreshing, archive: Archive, clock: Arc<dyn Clock>) -> Self {
        let (names, patience) = (how.names.clone().into(), how.patience);
        Self { names, patience, asker: Arc::new(Asker::new(how, archive, clock)), flights: Arc::default() }
    }

    /// The targets that may be asked.
    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    /// What was seen of a target: less than [`FRESH`] ago, unless nothing newer can be had in time.
    pub(crate) async fn look(&self, name: &str, snapshot: &Snapshot, now: Timestamp) -> Seen {
        let served = snapshot.target(name).map(|target| Seen::of_state(target.state())).unwrap_or_default();
        // What the last ask found may not have come round to the snapshot yet.
        let known = served.or_later(self.flights.landed(name).flatten().unwrap_or_default());
        if known.is_fresh(now) {
            return known;
        }
        let (asker, owned) = (Arc::clone(&self.asker), name.to_owned());
        let flight = self.flights.join(name, async move { asker.ask(&owned).await });
        let seen = timeout(self.patience, flight).await.ok().flatten().flatten();
        seen.map_or(known, |seen| known.or_later(seen))
    }
}
