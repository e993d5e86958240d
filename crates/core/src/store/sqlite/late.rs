//! Changes that come late, inside a transaction of their own.

use rusqlite::{Transaction, params};

use super::file::sql;
use super::read::{EVENT, all, target, time_if_any};
use super::window::period;
use super::write::{add_event, end_of, mark, next_change_number};
use crate::schema::{Status, Timestamp};
use crate::store::late::{Entry, Run, Stored};
use crate::store::{Late, Period, StoreError};

/// The last event of a service before a revision.
pub(super) const BEFORE: &str =
    "WHERE target = ?1 AND key = ?2 AND revision < ?3 ORDER BY revision DESC, at DESC LIMIT 1";

/// The events of a service from a revision on.
pub(super) const SINCE: &str = "WHERE target = ?1 AND key = ?2 AND revision >= ?3";

/// The first event of a target after an instant that a later revision brought.
pub(super) const NEXT_CHANGE: &str = "SELECT min(at) AS at FROM events WHERE target = ? AND revision > ? AND at > ?";

/// The end of the gap that begins at an instant at the latest, and ends after another one.
pub(super) const GAP_END: &str =
    "SELECT min(until_at) AS at FROM gaps WHERE target = ? AND from_at <= ? AND until_at > ?";

/// Amends an event.
pub(super) const AMEND: &str =
    "UPDATE events SET from_status = ?, until = ? WHERE target = ? AND revision = ? AND key = ? AND at = ?";

/// Lets a run enter the history.
pub(super) fn enter(transaction: &Transaction<'_>, run: &Run) -> Result<Late, StoreError> {
    let state = target(transaction, &run.target)?;
    run.check(state.as_ref().map_or(0, |state| state.revision))?;
    let Some(state) = state else { return Ok(Late::TooEarly) };
    let Some(entry) = run.enter(stored(transaction, run, state.health.last_success)?) else {
        return Ok(Late::TooEarly);
    };
    write(transaction, &run.target, &entry)?;
    Ok(entry.outcome())
}

fn stored(transaction: &Transaction<'_>, run: &Run, last_success: Option<Timestamp>) -> Result<Stored, StoreError> {
    let (target, base, heard) = (run.target.as_str(), run.base.cast_signed(), run.heard.as_millis());
    let mut periods: Vec<Period> = Vec::new();
    for key in run.keys() {
        for which in [BEFORE, SINCE] {
            periods.extend(all(transaction, &format!("{EVENT} {which}"), params![target, key, base], period)?);
        }
    }
    let instant = |statement, values: [i64; 2]| {
        let what = || format!("what follows in the history of target {target}");
        let [first, second] = values;
        let found = all(transaction, statement, params![target, first, second], |row| time_if_any(&what, row, "at"))?;
        Ok::<_, StoreError>(found.into_iter().flatten().next())
    };
    let gap_end = match run.stale_from {
        Some(stale_from) => instant(GAP_END, [stale_from.as_millis(), heard])?,
        None => None,
    };
    Ok(Stored { periods, next_change: instant(NEXT_CHANGE, [base, heard])?, gap_end, last_success })
}

fn write(transaction: &Transaction<'_>, target: &str, entry: &Entry) -> Result<(), StoreError> {
    if entry.added.is_empty() && entry.amended.is_empty() {
        return Ok(());
    }
    for Period { event, until } in &entry.amended {
        let from = event.from.map(Status::as_str);
        let (revision, at) = (event.revision.cast_signed(), event.at.as_millis());
        let values = params![from, end_of(*until), target, revision, event.key, at];
        transaction.prepare_cached(AMEND).and_then(|mut amend| amend.execute(values)).map_err(sql)?;
    }
    for Period { event, until } in &entry.added {
        add_event(transaction, None, event, *until)?;
    }
    // Nothing of the target changed but its history: whoever watches it hears of that.
    next_change_number(transaction).and_then(|number| mark(transaction, number, target)).map_err(sql)
}
