//! What probes measured: a row of some twenty bytes for each check, those of a probe side by side in the order of time.

use async_trait::async_trait;
use rusqlite::types::Value;
use rusqlite::{Connection, Row, Transaction, params, params_from_iter};

use super::SqliteStore;
use super::file::sql;
use super::find::Question;
use super::forget::{Forgotten, forget_checks};
use super::read::{all, json, number, time, time_if_any};
use super::write;
use crate::schema::{Check, ProbeId, Status, Timestamp};
use crate::store::{CheckQuery, Checks, Retention, Rollup, StoreError, latency};

/// The statuses, and the numbers that they have in a row.
const STATUSES: [(i64, Status); 4] =
    [(0, Status::Ok), (1, Status::Unknown), (2, Status::Degraded), (3, Status::Outage)];

/// Adds a check of a probe that has a number, unless it is there.
pub(super) const ADD_CHECK: &str = "INSERT OR IGNORE INTO checks (probe, at, status, latency, sent, lost)
     SELECT number, ?2, ?3, ?4, ?5, ?6 FROM probes WHERE name = ?1";

const PUT_ROLLUP: &str = "INSERT OR REPLACE INTO rollups (probe, hour, checks, outages, sent, lost, latency, classes)
     SELECT number, ?2, ?3, ?4, ?5, ?6, ?7, ?8 FROM probes WHERE name = ?1";

pub(super) const ROLLUPS: &str = "SELECT hour, checks, outages, sent, lost, latency, classes FROM rollups
     WHERE probe = (SELECT number FROM probes WHERE name = ?) AND hour >= ? AND hour < ? ORDER BY hour";

pub(super) const LAST_ROLLUP: &str = "SELECT max(hour) AS hour FROM rollups
     WHERE probe = (SELECT number FROM probes WHERE name = ?)";

#[async_trait]
impl Checks for SqliteStore {
    async fn record(&self, checks: &[Check]) -> Result<(), StoreError> {
        if checks.is_empty() {
            return Ok(());
        }
        self.writer.record(checks.to_vec()).await
    }

    async fn checks(&self, query: &CheckQuery) -> Result<Vec<Check>, StoreError> {
        let query = query.clone();
        self.read(move |connection| find(connection, &query)).await
    }

    async fn put_rollups(&self, rollups: &[Rollup]) -> Result<(), StoreError> {
        let rollups = rollups.to_vec();
        self.writer.work(move |transaction| rollups.iter().try_for_each(|one| put_rollup(transaction, one))).await
    }

    async fn rollups(&self, probe: &ProbeId, from: Timestamp, until: Timestamp) -> Result<Vec<Rollup>, StoreError> {
        let probe = probe.clone();
        let bounds = [from, until].map(Timestamp::as_millis);
        self.read(move |connection| {
            all(connection, ROLLUPS, params![probe.as_str(), bounds[0], bounds[1]], |row| rollup(&probe, row))
        })
        .await
    }

    async fn last_rollup(&self, probe: &ProbeId) -> Result<Option<Timestamp>, StoreError> {
        let probe = probe.clone();
        let hours = self.read(move |connection| {
            let what = || format!("the last roll-up of {probe}");
            all(connection, LAST_ROLLUP, [probe.as_str()], |row| time_if_any(&what, row, "hour"))
        });
        Ok(hours.await?.into_iter().flatten().next())
    }

    async fn retain_checks(&self, checks: Retention, rollups: Retention, now: Timestamp) -> Result<(), StoreError> {
        let [checks, rollups] = [checks, rollups].map(|retention| retention.horizon(now));
        while self.writer.work(move |transaction| forget_checks(transaction, checks, rollups)).await? == Forgotten::Some
        {
        }
        Ok(())
    }
}

/// Writes checks that are not there yet.
pub(super) fn record(transaction: &Transaction<'_>, checks: &[Check]) -> Result<(), StoreError> {
    let write = || -> rusqlite::Result<()> {
        let mut add = transaction.prepare_cached(ADD_CHECK)?;
        for check in checks {
            let status = STATUSES.iter().find(|(_, status)| *status == check.status).map(|(number, _)| number);
            let latency = check.latency.map(latency::to_micros);
            let values = params![check.probe.as_str(), check.at.as_millis(), status, latency, check.sent, check.lost];
            // It was there, or the probe has no number.
            if add.execute(values)? == 0 && add_probe(transaction, &check.probe)? {
                add.execute(values)?;
            }
        }
        Ok(())
    };
    write().map_err(sql)
}

/// Gives a probe a number; answers whether it has one only now. Not to that of a server that is gone: what comes late of it
/// is kept nowhere.
fn add_probe(transaction: &Transaction<'_>, probe: &ProbeId) -> rusqlite::Result<bool> {
    if let Some(server) = probe.server()
        && !transaction.prepare_cached("SELECT 1 FROM servers WHERE id = ?")?.exists([server])?
    {
        return Ok(false);
    }
    let mut add = transaction.prepare_cached("INSERT OR IGNORE INTO probes (name) VALUES (?)")?;
    Ok(add.execute([probe.as_str()])? == 1)
}

/// Writes a roll-up in the place of the one of its probe and hour.
pub(super) fn put_rollup(transaction: &Transaction<'_>, rollup: &Rollup) -> Result<(), StoreError> {
    let classes = write::json(rollup.probe.as_str(), &rollup.classes)?;
    let write = || {
        add_probe(transaction, &rollup.probe)?;
        transaction.prepare_cached(PUT_ROLLUP)?.execute(params![
            rollup.probe.as_str(),
            rollup.hour.as_millis(),
            rollup.checks,
            rollup.outages,
            rollup.sent,
            rollup.lost,
            latency::to_micros(rollup.latency),
            classes
        ])
    };
    write().map(|_| ()).map_err(sql)
}

fn find(connection: &Connection, query: &CheckQuery) -> Result<Vec<Check>, StoreError> {
    let Question { statement, values } = about_checks(query);
    all(connection, &statement, params_from_iter(values), |row| check(&query.probe, row))
}

/// The question for checks.
pub(super) fn about_checks(query: &CheckQuery) -> Question {
    let mut question = Question::new("SELECT at, status, latency, sent, lost FROM checks");
    question.and("probe = (SELECT number FROM probes WHERE name = ?)", [query.probe.as_str().to_owned()]);
    if let Some(from) = query.from {
        question.and("at >= ?", [from.as_millis()]);
    }
    if let Some(until) = query.until {
        question.and("at < ?", [until.as_millis()]);
    }
    // -1 is no limit.
    let limit = query.limit.map_or(-1, i64::from);
    let mut question = question.ordered("at DESC LIMIT ?");
    question.values.push(Value::from(limit));
    question
}

/// The check of a row of a probe.
pub(super) fn check(probe: &ProbeId, row: &Row<'_>) -> Result<Check, StoreError> {
    let what = || format!("a check of {probe}");
    let at = time(&what, row, "at")?;
    let what = || format!("the check of {probe} at {at}");
    let number_of_status: i64 = row.get("status").map_err(sql)?;
    let status = STATUSES.iter().find(|(number, _)| *number == number_of_status).map(|&(_, status)| status);
    let latency: Option<i64> = row.get("latency").map_err(sql)?;
    Ok(Check {
        probe: probe.clone(),
        at,
        status: status.ok_or_else(|| StoreError::corrupt(what(), format_args!("no status is {number_of_status}")))?,
        latency: latency.map(|micros| latency::from_micros(micros, &what)).transpose()?,
        sent: number(&what, row, "sent")?,
        lost: number(&what, row, "lost")?,
    })
}

/// The roll-up of a row of a probe.
pub(super) fn rollup(probe: &ProbeId, row: &Row<'_>) -> Result<Rollup, StoreError> {
    let what = || format!("a roll-up of {probe}");
    let hour = time(&what, row, "hour")?;
    let what = || format!("the roll-up of {probe} at {hour}");
    Ok(Rollup {
        probe: probe.clone(),
        hour,
        checks: number(&what, row, "checks")?,
        outages: number(&what, row, "outages")?,
        sent: number(&what, row, "sent")?,
        lost: number(&what, row, "lost")?,
        latency: latency::from_micros(row.get("latency").map_err(sql)?, &what)?,
        classes: json(&what, &row.get::<_, String>("classes").map_err(sql)?)?,
    })
}
