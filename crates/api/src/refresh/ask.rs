//! One ask on behalf of requests.

use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use unistatus_core::access::new_id;
use unistatus_core::catalog::{TargetSet, TargetsSource};
use unistatus_core::causes::with_causes;
use unistatus_core::observe::{Ask, Known, observe};
use unistatus_core::schema::Validators;
use unistatus_core::store::{Health, Store, StoreError};
use unistatus_core::target::fetch::Limits;
use unistatus_core::target::spec::Configured;
use unistatus_core::target::{Context, Fetcher, Observation, Prober};

use super::Refreshing;
use super::seen::Seen;
use crate::archive::Archive;
use crate::clock::Clock;

/// For how long the right to ask is taken: longer than an ask takes.
const TURN: Duration = Duration::from_mins(1);
/// How often it is looked whether somebody else's ask is done.
const LOOK: Duration = Duration::from_millis(250);
/// How often a target is asked that names no interval and that no collector asks.
const INTERVAL: Duration = Duration::from_mins(1);
/// A source of one's own that names no shorter interval is left alone for so long after an ask.
const PAUSE: Duration = Duration::from_secs(10);

/// Asks on behalf of requests.
pub(super) struct Asker {
    how: Refreshing,
    targets: Mutex<Targets>,
    /// Made when the first is needed.
    tools: OnceLock<Option<Tools>>,
    archive: Archive,
    clock: Arc<dyn Clock>,
}

struct Targets {
    source: TargetsSource,
    set: TargetSet,
}

struct Tools {
    fetcher: Fetcher,
    prober: Prober,
    /// What tells this process from others that may ask.
    holder: String,
}

impl Asker {
    pub(super) fn new(how: Refreshing, archive: Archive, clock: Arc<dyn Clock>) -> Self {
        let source = TargetsSource::new(how.catalog.clone(), how.targets_file.clone());
        let targets = Mutex::new(Targets { source, set: TargetSet::default() });
        Self { how, targets, tools: OnceLock::new(), archive, clock }
    }

    /// Asks a target, unless somebody did just now or the source is to be left alone; tells what is known of it then.
    /// `None` if nothing can be found out: no such target is set up, or the database is away.
    pub(super) async fn ask(&self, name: &str) -> Option<Seen> {
        let store = Arc::clone(self.archive.store()?);
        let configured = self.configured(name)?;
        let tools = self.tools.get_or_init(|| self.tools()).as_ref()?;
        let asked = async {
            let until = Instant::now() + self.how.patience;
            loop {
                let known = Known::load(store.as_ref(), name).await?;
                if !self.is_due(&known, &configured) {
                    return Ok(Seen::of_known(&known));
                }
                if store.take_turn(name, &tools.holder, TURN, self.clock.now()).await? {
                    let seen = self.ask_alone(store.as_ref(), &configured, tools).await;
                    store.end_turn(name, &tools.holder).await?;
                    return seen;
                }
                if Instant::now() > until {
                    return Ok(Seen::of_known(&known));
                }
                tokio::time::sleep(LOOK).await;
            }
        };
        asked
            .await
            .inspect_err(|error: &StoreError| {
                tracing::warn!(target = name, error = with_causes(error), "cannot be asked for a request");
            })
            .ok()
    }

    /// Asks a target that nobody else may ask meanwhile.
    async fn ask_alone(&self, store: &dyn Store, configured: &Configured, tools: &Tools) -> Result<Seen, StoreError> {
        let identity = configured.target.identity();
        // Somebody may have been faster.
        let mut known = Known::load(store, &identity.name).await?;
        if !self.is_due(&known, configured) {
            return Ok(Seen::of_known(&known));
        }
        let none = Validators::default();
        let interval = known.health.as_ref().map_or_else(|| identity.interval(INTERVAL), Health::interval);
        let (now, begun) = (self.clock.now(), Instant::now());
        let outcome = configured
            .target
            .collect(&Context {
                fetcher: &tools.fetcher,
                prober: &tools.prober,
                validators: known.health.as_ref().map_or(&none, |health| &health.validators),
                now,
                interval: Some(self.how.patience),
            })
            .await;
        if let Err(error) = &outcome {
            tracing::warn!(target = identity.name, class = %error.class(), %error, "no answer; what was known stays");
        }
        let Ok(commit_id) = new_id() else { return Ok(Seen::of_known(&known)) };
        let ask = Ask {
            identity,
            commit_id,
            at: now,
            took: begun.elapsed(),
            interval,
            horizon: self.how.retention.horizon(now),
            next: now.plus(interval),
        };
        let commit = observe(&known, ask, &outcome);
        match store.commit(&commit).await {
            Ok(_) => known.apply(&commit),
            // Somebody wrote without the right to ask, and knows no less.
            Err(StoreError::Conflict { .. }) => known = Known::load(store, &identity.name).await?,
            Err(error) => return Err(error),
        }
        if let Ok(Observation { check: Some(check), .. }) = &outcome {
            store.record(std::slice::from_ref(check)).await?;
        }
        Ok(Seen::of_known(&known))
    }

    /// Whether what is known is old, and the source may be asked.
    fn is_due(&self, known: &Known, configured: &Configured) -> bool {
        let Some(health) = &known.health else { return true };
        let now = self.clock.now();
        let pause = configured.target.identity().floor.max(PAUSE);
        !Seen::of_known(known).is_fresh(now)
            && health.last_attempt.plus(pause) <= now
            && health.not_before.is_none_or(|until| until <= now)
    }

    /// The target of this name, as it is set up now.
    fn configured(&self, name: &str) -> Option<Configured> {
        let mut targets = self.targets.lock().unwrap_or_else(PoisonError::into_inner);
        match targets.source.poll() {
            Ok(None) => {}
            Ok(Some(set)) => targets.set = set,
            Err(error) => {
                for fault in &error.0 {
                    tracing::error!(%fault, "the targets cannot be used; those read before stay");
                }
            }
        }
        targets.set.get(name).cloned()
    }

    fn tools(&self) -> Option<Tools> {
        let Refreshing { contact, secrets, patience, .. } = &self.how;
        let limits = Limits { silence: *patience, total: *patience, ..Limits::default() };
        let fetcher = Fetcher::new(limits, contact.as_deref(), secrets.clone());
        let fetcher =
            fetcher.inspect_err(|error| tracing::error!(%error, "no source can be asked for requests")).ok()?;
        let holder =
            new_id().inspect_err(|error| tracing::error!(%error, "no source can be asked for requests")).ok()?;
        Some(Tools { fetcher, prober: Prober::new(secrets.clone()), holder })
    }
}

impl fmt::Debug for Asker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Asker").field("names", &self.how.names).finish_non_exhaustive()
    }
}
