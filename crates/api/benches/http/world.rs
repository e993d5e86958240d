//! What the API serves here: targets that a collector might have written.

use std::sync::Arc;

use futures_util::future::join_all;
use unistatus_core::schema::{Service, Status, Timestamp};
use unistatus_core::store::testkit::{Author, Database, at, health, service};
use unistatus_core::store::{Commit, Health, Store};

/// How many services each target has.
pub(crate) const SERVICES: usize = 10;
/// How many commits are under way at a time.
const WRITERS: usize = 64;
/// The interval of the targets, in milliseconds: long, that none of them grows stale meanwhile.
const INTERVAL_MS: u64 = 3_600_000;

/// Targets in a store, and those who write them.
pub(crate) struct World {
    store: Arc<dyn Store>,
    authors: Vec<Author>,
}

impl World {
    /// Fills a database with so many targets.
    pub(crate) async fn fill(database: &Database, targets: usize) -> Self {
        let store = database.open().await;
        let mut authors: Vec<_> = (0..targets).map(|number| Author::new(&name(number))).collect();
        let commits: Vec<_> =
            authors.iter_mut().enumerate().map(|(number, author)| fresh(author.change(services(number)))).collect();
        for some in commits.chunks(WRITERS) {
            for outcome in join_all(some.iter().map(|commit| store.commit(commit))).await {
                outcome.unwrap();
            }
        }
        Self { store, authors }
    }

    /// Commits a change of one service of one target: it turns, and its dimensions hold a mark.
    pub(crate) async fn turn(&mut self, target: usize, is_well: bool, mark: &str) {
        let target = target % self.authors.len();
        let mut services = services(target);
        services[0].status = if is_well { Status::Ok } else { Status::Outage };
        services[0].dimensions.insert("mark".to_owned(), mark.into());
        let mut commit = fresh(self.authors[target].change(services));
        if let Some(change) = &mut commit.change {
            change.events.truncate(1);
        }
        self.store.commit(&commit).await.unwrap();
    }

    /// Ends the connections.
    pub(crate) async fn close(self) {
        self.store.close().await;
    }
}

/// The name of a target.
pub(crate) fn name(number: usize) -> String {
    format!("target-{number:04}")
}

/// Services with as much to say as those of most vendors: about 150 bytes each, which shrink as theirs do.
fn services(target: usize) -> Vec<Service> {
    const REGIONS: [&str; 5] = ["eu-central-1", "us-east-1", "us-west-2", "ap-northeast-1", "sa-east-1"];
    let described = |number: usize| {
        // An id as vendors have them: nobody guesses the next one.
        let id = (target * SERVICES + number + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mut service = service(&format!("Service number {number}"), Status::Ok);
        service.last_timestamp = Some(at(i64::try_from(id % 10_000_000).unwrap()));
        service.dimensions.insert("serviceId".to_owned(), format!("{:012x}", id >> 16).into());
        service.dimensions.insert("region".to_owned(), REGIONS[id % REGIONS.len()].into());
        service
    };
    (0..SERVICES).map(described).collect()
}

/// The commit as one of now.
fn fresh(commit: Commit) -> Commit {
    Commit { health: Health { interval_ms: INTERVAL_MS, ..health(Timestamp::now()) }, ..commit }
}
