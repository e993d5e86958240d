//! What is no longer kept, a little at a time.

use rusqlite::{Transaction, params};

use super::file::sql;
use crate::schema::Timestamp;
use crate::store::StoreError;

/// How many rows of a table one transaction forgets: a commit that comes meanwhile waits for so many.
const CHUNK: u16 = 500;
/// The same of checks and roll-ups, which are small and lie side by side.
const SMALL_CHUNK: u16 = 2000;

/// How far forgetting has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Forgotten {
    /// There is more to forget.
    Some,
    /// There is nothing left to forget.
    All,
}

/// The event with the highest number stays, so that no number is given twice.
pub(super) const EVENTS: &str = "DELETE FROM events WHERE seq IN
         (SELECT seq FROM events WHERE until < ? AND seq < (SELECT max(seq) FROM events) LIMIT ?)
     RETURNING seq";

pub(super) const INCIDENTS: &str =
    "DELETE FROM incidents WHERE rowid IN (SELECT rowid FROM incidents WHERE ended_at < ? LIMIT ?)";

pub(super) const GAPS: &str =
    "DELETE FROM gaps WHERE (target, from_at) IN (SELECT target, from_at FROM gaps WHERE until_at < ? LIMIT ?)";

/// The last commit of a target stays: it may still be sent again by one who does not know whether it arrived.
pub(super) const COMMITS: &str = "DELETE FROM commits WHERE (target, revision) IN
         (SELECT target, commits.revision FROM commits JOIN targets ON name = target
          WHERE at < ? AND commits.revision < targets.revision LIMIT ?)";

/// Forgets some of what ended before an instant.
pub(super) fn forget(transaction: &Transaction<'_>, horizon: Timestamp) -> Result<Forgotten, StoreError> {
    let delete = |statement: &str| transaction.prepare_cached(statement)?.execute(params![horizon.as_millis(), CHUNK]);
    let forget = || -> rusqlite::Result<_> {
        Ok([forget_events(transaction, horizon)?, delete(INCIDENTS)?, delete(GAPS)?, delete(COMMITS)?])
    };
    let deleted = forget().map_err(sql)?;
    Ok(if deleted.contains(&usize::from(CHUNK)) { Forgotten::Some } else { Forgotten::All })
}

/// Forgets events, and notes the last place from which they could be missed.
fn forget_events(transaction: &Transaction<'_>, horizon: Timestamp) -> rusqlite::Result<usize> {
    let numbers: Vec<i64> = transaction
        .prepare_cached(EVENTS)?
        .query_map(params![horizon.as_millis(), CHUNK], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    if let Some(last) = numbers.iter().max() {
        transaction.prepare_cached("UPDATE forgotten SET seq = max(seq, ?)")?.execute([last])?;
    }
    Ok(numbers.len())
}

/// What is left of servers that were removed.
pub(super) const LOST_CHECKS: &str = "DELETE FROM checks WHERE (probe, at) IN
         (SELECT probe, at FROM probes CROSS JOIN checks ON probe = number WHERE name IS NULL LIMIT ?)";

pub(super) const LOST_ROLLUPS: &str = "DELETE FROM rollups WHERE (probe, hour) IN
         (SELECT probe, hour FROM probes CROSS JOIN rollups ON probe = number WHERE name IS NULL LIMIT ?)";

/// Each probe is asked for its oldest ones, which costs no more than a look where there are none.
pub(super) const OLD_CHECKS: &str = "DELETE FROM checks WHERE (probe, at) IN
         (SELECT probe, at FROM probes CROSS JOIN checks ON probe = number WHERE at < ? LIMIT ?)";

pub(super) const OLD_ROLLUPS: &str = "DELETE FROM rollups WHERE (probe, hour) IN
         (SELECT probe, hour FROM rollups WHERE hour < ? LIMIT ?)";

/// The numbers under which nothing is kept.
pub(super) const EMPTY_PROBES: &str = "DELETE FROM probes
     WHERE NOT EXISTS (SELECT 1 FROM checks WHERE probe = number)
       AND NOT EXISTS (SELECT 1 FROM rollups WHERE probe = number)";

/// Forgets some of what is left of removed servers, of the checks before an instant, and of the roll-ups before one.
pub(super) fn forget_checks(
    transaction: &Transaction<'_>,
    checks: Option<Timestamp>,
    rollups: Option<Timestamp>,
) -> Result<Forgotten, StoreError> {
    let forget = || -> rusqlite::Result<_> {
        let lost = |statement: &str| transaction.prepare_cached(statement)?.execute([SMALL_CHUNK]);
        let old = |statement: &str, horizon: Option<Timestamp>| match horizon {
            Some(horizon) => transaction.prepare_cached(statement)?.execute(params![horizon.as_millis(), SMALL_CHUNK]),
            None => Ok(0),
        };
        let deleted = [lost(LOST_CHECKS)?, lost(LOST_ROLLUPS)?, old(OLD_CHECKS, checks)?, old(OLD_ROLLUPS, rollups)?];
        if deleted.contains(&usize::from(SMALL_CHUNK)) {
            return Ok(Forgotten::Some);
        }
        transaction.prepare_cached(EMPTY_PROBES)?.execute([])?;
        Ok(Forgotten::All)
    };
    forget().map_err(sql)
}
