//! All that was known in a window of time.

use rusqlite::types::Value;
use rusqlite::{Connection, Params, Row, params_from_iter};

use super::file::sql;
use super::read::{EVENT, all, at_one_moment, event, every_target, target, time};
use super::write::STANDING;
use crate::schema::Gap;
use crate::store::{Past, Period, StoreError, TargetState, Window};

/// All that was known in a window.
pub(super) fn past(connection: &Connection, window: &Window) -> Result<Past, StoreError> {
    at_one_moment(connection, |connection| {
        Ok(Past {
            states: states(connection, window)?,
            periods: periods(connection, window)?,
            gaps: gaps(connection, window)?,
        })
    })
}

fn states(connection: &Connection, window: &Window) -> Result<Vec<TargetState>, StoreError> {
    match &window.target {
        Some(name) => target(connection, name).map(Vec::from_iter),
        None => every_target(connection),
    }
}

fn periods(connection: &Connection, window: &Window) -> Result<Vec<Period>, StoreError> {
    let (from, to) = (window.from.as_millis(), window.to.as_millis());
    let periods = all(connection, &about_periods(window), values(window, [from, to, from, from]), period)?;
    window.bounded(periods)
}

/// The statement for the periods of a window.
pub(super) fn about_periods(window: &Window) -> String {
    // Of all targets, those that had not ended are few if the window is of late. Named, since the order of the answer
    // would lead to another index, through all events there are.
    let of_whom = if window.target.is_some() { "WHERE target = ?" } else { "INDEXED BY events_by_end WHERE TRUE" };
    // The first condition is part of the last, for no event ends before it begins: it is the one that the index serves.
    format!(
        "{EVENT} {of_whom} AND until >= ? AND at <= ? AND (until > ? OR at >= ?) ORDER BY target, revision, at, seq {}",
        limit(window)
    )
}

fn gaps(connection: &Connection, window: &Window) -> Result<Vec<(String, Gap)>, StoreError> {
    let of_whom = if window.target.is_some() { "target = ?" } else { "TRUE" };
    let statement = format!(
        "SELECT target, from_at, until_at FROM gaps
         WHERE {of_whom} AND until_at > ? AND from_at <= ? ORDER BY target, from_at {}",
        limit(window)
    );
    let gaps = all(connection, &statement, values(window, [window.from.as_millis(), window.to.as_millis()]), gap)?;
    window.bounded(gaps)
}

fn limit(window: &Window) -> String {
    window.limit().map(|limit| format!("LIMIT {limit}")).unwrap_or_default()
}

/// The values of a statement: the target, if it is of one, and these.
fn values<const N: usize>(window: &Window, instants: [i64; N]) -> impl Params {
    let target = window.target.clone().map(Value::from);
    params_from_iter(target.into_iter().chain(instants.map(Value::from)))
}

/// The event in a row, with its end.
pub(super) fn period(row: &Row<'_>) -> Result<Period, StoreError> {
    let event = event(row)?;
    let until = match row.get::<_, i64>("until").map_err(sql)? {
        STANDING => None,
        _ => Some(time(&|| format!("the end of an event of target {}", event.target), row, "until")?),
    };
    Ok(Period { event, until })
}

pub(super) fn gap(row: &Row<'_>) -> Result<(String, Gap), StoreError> {
    let target: String = row.get("target").map_err(sql)?;
    let what = || format!("a gap of target {target}");
    let gap = Gap { from: time(&what, row, "from_at")?, until: time(&what, row, "until_at")? };
    Ok((target, gap))
}
