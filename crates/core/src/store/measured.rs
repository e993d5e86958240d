//! A store that tells how it does: every operation is timed and counted, and is a span where traces are taken.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::Instant;
use tracing::{Instrument, field};

use super::{
    Accounts, ByAge, Changed, CheckQuery, Checks, Commit, EventQuery, Exchanged, History, IncidentQuery, Late, Leases,
    Member, Outcome, Past, Place, Placed, Replaced, Report, ReportSummary, Reports, Retention, Roll, Rollup, Servers,
    States, Store, StoreError, TargetIncident, TargetState, Templates, Turns, Watch, Window,
};
use crate::access::{Key, Session, User};
use crate::metrics::StoreMetrics;
use crate::schema::{Check, Event, Incident, ProbeId, Server, Timestamp};
use crate::template::Template;

/// A store, measured. Does what the one inside does.
#[derive(Debug)]
pub struct Measured {
    store: Arc<dyn Store>,
    metrics: StoreMetrics,
}

impl Measured {
    /// A store whose operations are counted in these metrics.
    pub fn new(store: Arc<dyn Store>, metrics: StoreMetrics) -> Self {
        metrics.set_up(true);
        Self { store, metrics }
    }

    async fn measure<T>(
        &self,
        operation: &'static str,
        work: impl Future<Output = Result<T, StoreError>> + Send,
    ) -> Result<T, StoreError> {
        let span = tracing::info_span!(
            "store",
            otel.name = operation,
            otel.kind = "client",
            otel.status_code = field::Empty,
            error = field::Empty
        );
        let begun = Instant::now();
        let result = work.instrument(span.clone()).await;
        self.metrics.ended(operation, begun.elapsed(), result.as_ref().err());
        if let Err(error) = &result {
            span.record("otel.status_code", "ERROR").record("error", field::display(error));
        }
        result
    }
}

#[async_trait]
impl States for Measured {
    async fn commit(&self, commit: &Commit) -> Result<Outcome, StoreError> {
        self.measure("commit", self.store.commit(commit)).await
    }

    async fn enter_late(&self, commits: &[Commit]) -> Result<Late, StoreError> {
        self.measure("enter_late", self.store.enter_late(commits)).await
    }

    async fn targets(&self) -> Result<Vec<TargetState>, StoreError> {
        self.measure("targets", self.store.targets()).await
    }

    async fn target(&self, name: &str) -> Result<Option<TargetState>, StoreError> {
        self.measure("target", self.store.target(name)).await
    }

    async fn names(&self) -> Result<BTreeSet<String>, StoreError> {
        self.measure("names", self.store.names()).await
    }

    async fn targets_named(&self, names: &BTreeSet<String>) -> Result<Vec<TargetState>, StoreError> {
        self.measure("targets_named", self.store.targets_named(names)).await
    }
}

#[async_trait]
impl History for Measured {
    async fn events(&self, target: &str) -> Result<Vec<Event>, StoreError> {
        self.measure("events", self.store.events(target)).await
    }

    async fn incidents(&self, target: &str) -> Result<Vec<Incident>, StoreError> {
        self.measure("incidents", self.store.incidents(target)).await
    }

    async fn find_events(&self, query: &EventQuery) -> Result<Vec<Event>, StoreError> {
        self.measure("find_events", self.store.find_events(query)).await
    }

    async fn find_incidents(&self, query: &IncidentQuery) -> Result<Vec<TargetIncident>, StoreError> {
        self.measure("find_incidents", self.store.find_incidents(query)).await
    }

    async fn past(&self, window: &Window) -> Result<Past, StoreError> {
        self.measure("past", self.store.past(window)).await
    }

    async fn events_behind(&self, place: &Place, limit: usize) -> Result<Option<Vec<Placed>>, StoreError> {
        self.measure("events_behind", self.store.events_behind(place, limit)).await
    }

    async fn retain(&self, retention: Retention, now: Timestamp) -> Result<(), StoreError> {
        self.measure("retain", self.store.retain(retention, now)).await
    }
}

#[async_trait]
impl Checks for Measured {
    async fn record(&self, checks: &[Check]) -> Result<(), StoreError> {
        self.measure("record", self.store.record(checks)).await
    }

    async fn record_again(&self, checks: &[Check]) -> Result<(), StoreError> {
        self.measure("record_again", self.store.record_again(checks)).await
    }

    async fn checks(&self, query: &CheckQuery) -> Result<Vec<Check>, StoreError> {
        self.measure("checks", self.store.checks(query)).await
    }

    async fn put_rollups(&self, rollups: &[Rollup]) -> Result<(), StoreError> {
        self.measure("put_rollups", self.store.put_rollups(rollups)).await
    }

    async fn rollups(&self, probe: &ProbeId, from: Timestamp, until: Timestamp) -> Result<Vec<Rollup>, StoreError> {
        self.measure("rollups", self.store.rollups(probe, from, until)).await
    }

    async fn last_rollup(&self, probe: &ProbeId) -> Result<Option<Timestamp>, StoreError> {
        self.measure("last_rollup", self.store.last_rollup(probe)).await
    }

    async fn retain_checks(&self, checks: Retention, rollups: Retention, now: Timestamp) -> Result<(), StoreError> {
        self.measure("retain_checks", self.store.retain_checks(checks, rollups, now)).await
    }
}

#[async_trait]
impl Turns for Measured {
    async fn take_turn(&self, target: &str, holder: &str, span: Duration, now: Timestamp) -> Result<bool, StoreError> {
        self.measure("take_turn", self.store.take_turn(target, holder, span, now)).await
    }

    async fn end_turn(&self, target: &str, holder: &str) -> Result<(), StoreError> {
        self.measure("end_turn", self.store.end_turn(target, holder)).await
    }
}

#[async_trait]
impl Leases for Measured {
    async fn report_in(&self, me: &Member, span: Duration, now: Timestamp) -> Result<Roll, StoreError> {
        self.measure("report_in", self.store.report_in(me, span, now)).await
    }

    async fn strike_off(&self, now: Timestamp) -> Result<BTreeSet<String>, StoreError> {
        self.measure("strike_off", self.store.strike_off(now)).await
    }

    async fn leave_roll(&self, id: &str) -> Result<(), StoreError> {
        self.measure("leave_roll", self.store.leave_roll(id)).await
    }

    async fn open_leases(&self, targets: &BTreeSet<String>) -> Result<(), StoreError> {
        self.measure("open_leases", self.store.open_leases(targets)).await
    }

    async fn vacant_leases(&self) -> Result<BTreeSet<String>, StoreError> {
        self.measure("vacant_leases", self.store.vacant_leases()).await
    }

    async fn left_leases(&self, id: &str) -> Result<BTreeSet<String>, StoreError> {
        self.measure("left_leases", self.store.left_leases(id)).await
    }

    async fn take_leases(&self, holder: &str, targets: &BTreeSet<String>) -> Result<BTreeMap<String, u64>, StoreError> {
        self.measure("take_leases", self.store.take_leases(holder, targets)).await
    }

    async fn held_leases(&self, holder: &str) -> Result<BTreeMap<String, u64>, StoreError> {
        self.measure("held_leases", self.store.held_leases(holder)).await
    }

    async fn give_up_leases(&self, holder: &str, targets: &BTreeSet<String>) -> Result<(), StoreError> {
        self.measure("give_up_leases", self.store.give_up_leases(holder, targets)).await
    }

    async fn close_lease(&self, holder: &str, target: &str) -> Result<(), StoreError> {
        self.measure("close_lease", self.store.close_lease(holder, target)).await
    }
}

#[async_trait]
impl Servers for Measured {
    async fn servers(&self) -> Result<Vec<Server>, StoreError> {
        self.measure("servers", self.store.servers()).await
    }

    async fn server(&self, name: &str) -> Result<Option<Server>, StoreError> {
        self.measure("server", self.store.server(name)).await
    }

    async fn add_server(&self, server: &Server) -> Result<bool, StoreError> {
        self.measure("add_server", self.store.add_server(server)).await
    }

    async fn move_server(&self, name: &str, address: IpAddr) -> Result<bool, StoreError> {
        self.measure("move_server", self.store.move_server(name, address)).await
    }

    async fn remove_server(&self, name: &str) -> Result<bool, StoreError> {
        self.measure("remove_server", self.store.remove_server(name)).await
    }
}

#[async_trait]
impl Accounts for Measured {
    async fn add_key(&self, key: &Key) -> Result<bool, StoreError> {
        self.measure("add_key", self.store.add_key(key)).await
    }

    async fn keys(&self) -> Result<Vec<Key>, StoreError> {
        self.measure("keys", self.store.keys()).await
    }

    async fn key(&self, id: &str) -> Result<Option<Key>, StoreError> {
        self.measure("key", self.store.key(id)).await
    }

    async fn revoke_key(&self, id: &str, at: Timestamp) -> Result<bool, StoreError> {
        self.measure("revoke_key", self.store.revoke_key(id, at)).await
    }

    async fn key_used(&self, id: &str, at: Timestamp) -> Result<(), StoreError> {
        self.measure("key_used", self.store.key_used(id, at)).await
    }

    async fn add_user(&self, user: &User) -> Result<bool, StoreError> {
        self.measure("add_user", self.store.add_user(user)).await
    }

    async fn users(&self) -> Result<Vec<User>, StoreError> {
        self.measure("users", self.store.users()).await
    }

    async fn user(&self, name: &str) -> Result<Option<User>, StoreError> {
        self.measure("user", self.store.user(name)).await
    }

    async fn replace_user(&self, was: &User, user: Option<&User>, now: Timestamp) -> Result<Replaced, StoreError> {
        self.measure("replace_user", self.store.replace_user(was, user, now)).await
    }

    async fn begin_session(&self, session: &Session, user: &User, now: Timestamp) -> Result<bool, StoreError> {
        self.measure("begin_session", self.store.begin_session(session, user, now)).await
    }

    async fn session(&self, id: &str) -> Result<Option<Session>, StoreError> {
        self.measure("session", self.store.session(id)).await
    }

    async fn end_session(&self, id: &str) -> Result<(), StoreError> {
        self.measure("end_session", self.store.end_session(id)).await
    }

    async fn signing_key(&self, fresh: &[u8]) -> Result<Vec<u8>, StoreError> {
        self.measure("signing_key", self.store.signing_key(fresh)).await
    }
}

#[async_trait]
impl Templates for Measured {
    async fn add_template(&self, template: &Template) -> Result<bool, StoreError> {
        self.measure("add_template", self.store.add_template(template)).await
    }

    async fn templates(&self, behind: Option<&ByAge>, limit: Option<u32>) -> Result<Vec<Template>, StoreError> {
        self.measure("templates", self.store.templates(behind, limit)).await
    }

    async fn template(&self, id: &str) -> Result<Option<Template>, StoreError> {
        self.measure("template", self.store.template(id)).await
    }

    async fn replace_template(&self, template: &Template) -> Result<Exchanged, StoreError> {
        self.measure("replace_template", self.store.replace_template(template)).await
    }

    async fn remove_template(&self, id: &str, revision: u64) -> Result<Exchanged, StoreError> {
        self.measure("remove_template", self.store.remove_template(id, revision)).await
    }
}

#[async_trait]
impl Reports for Measured {
    async fn add_report(&self, report: &Report) -> Result<bool, StoreError> {
        self.measure("add_report", self.store.add_report(report)).await
    }

    async fn reports(&self, behind: Option<&ByAge>, limit: Option<u32>) -> Result<Vec<ReportSummary>, StoreError> {
        self.measure("reports", self.store.reports(behind, limit)).await
    }

    async fn report(&self, id: &str) -> Result<Option<Report>, StoreError> {
        self.measure("report", self.store.report(id)).await
    }

    async fn remove_report(&self, id: &str) -> Result<bool, StoreError> {
        self.measure("remove_report", self.store.remove_report(id)).await
    }

    async fn remove_reports(&self) -> Result<u64, StoreError> {
        self.measure("remove_reports", self.store.remove_reports()).await
    }
}

#[async_trait]
impl Store for Measured {
    async fn watch(&self) -> Result<Box<dyn Watch>, StoreError> {
        let watch = self.measure("watch", self.store.watch()).await?;
        Ok(Box::new(MeasuredWatch { watch, metrics: self.metrics.clone() }))
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.measure("ping", self.store.ping()).await
    }

    async fn close(&self) {
        self.store.close().await;
    }
}

/// A watch whose errors are counted. How long it waits says nothing about the database.
struct MeasuredWatch {
    watch: Box<dyn Watch>,
    metrics: StoreMetrics,
}

#[async_trait]
impl Watch for MeasuredWatch {
    async fn changed(&mut self) -> Result<Changed, StoreError> {
        let changed = self.watch.changed().await;
        self.metrics.noticed("changed", changed.as_ref().err());
        changed
    }

    fn place(&self) -> Option<Place> {
        self.watch.place()
    }
}
