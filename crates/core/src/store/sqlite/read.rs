//! What is asked of the file.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, Params, Row, Transaction, TransactionBehavior};
use serde::de::DeserializeOwned;

use super::file::{File, sql};
use crate::schema::{Event, Incident, Status, Timestamp};
use crate::store::{StoreError, TargetState};

/// The connections that read: each sees one moment of the file and waits for no writer.
#[derive(Debug)]
pub(super) struct Readers {
    file: File,
    idle: Mutex<Option<Vec<Connection>>>,
}

impl Readers {
    pub(super) fn new(file: File) -> Self {
        Self { file, idle: Mutex::new(Some(Vec::new())) }
    }

    /// Runs a query on a connection. Blocks.
    pub(super) fn read<T>(&self, query: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let idle = match &mut *self.idle.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(idle) => idle.pop(),
            None => return Err(StoreError::closed()),
        };
        let connection = match idle {
            Some(connection) => connection,
            None => self.file.open_to_read()?,
        };
        let answer = query(&connection)?;
        if let Some(idle) = &mut *self.idle.lock().unwrap_or_else(PoisonError::into_inner) {
            idle.push(connection);
        }
        Ok(answer)
    }

    /// Gives no more connections out.
    pub(super) fn close(&self) {
        drop(self.idle.lock().unwrap_or_else(PoisonError::into_inner).take());
    }

    /// Whether no more connections are given out.
    pub(super) fn is_closed(&self) -> bool {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).is_none()
    }
}

/// Asks several questions of one moment.
pub(super) fn at_one_moment<T>(
    connection: &Connection,
    read: impl FnOnce(&Connection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let snapshot = Transaction::new_unchecked(connection, TransactionBehavior::Deferred).map_err(sql)?;
    // Its end takes nothing back: nothing was written.
    read(&snapshot)
}

/// What [`event`] reads.
pub(super) const EVENT: &str =
    "SELECT seq, target, revision, key, service, dimensions, from_status, to_status, source_at, at, until FROM events";

const STATE: &str = "SELECT name, endpoint, type, about, revision, retired, services, health
                     FROM targets JOIN health ON target = name";

/// All targets that are not retired, by name.
pub(super) fn targets(connection: &Connection) -> Result<Vec<TargetState>, StoreError> {
    let statement = format!("{STATE} WHERE NOT retired ORDER BY name");
    all(connection, &statement, [], state)
}

/// The names of all targets that are not retired.
pub(super) fn names(connection: &Connection) -> Result<BTreeSet<String>, StoreError> {
    let select = || {
        connection
            .prepare_cached("SELECT name FROM targets WHERE NOT retired")?
            .query_map([], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()
    };
    select().map_err(sql)
}

/// All targets, the retired ones too, by name.
pub(super) fn every_target(connection: &Connection) -> Result<Vec<TargetState>, StoreError> {
    all(connection, &format!("{STATE} ORDER BY name"), [], state)
}

/// One target.
pub(super) fn target(connection: &Connection, name: &str) -> Result<Option<TargetState>, StoreError> {
    let statement = format!("{STATE} WHERE name = ?");
    all(connection, &statement, [name], state).map(|states| states.into_iter().next())
}

/// The targets of these names, by name.
pub(super) fn targets_named(connection: &Connection, names: &BTreeSet<String>) -> Result<Vec<TargetState>, StoreError> {
    at_one_moment(connection, |connection| {
        names.iter().filter_map(|name| target(connection, name).transpose()).collect()
    })
}

/// All events of a target, in their order.
pub(super) fn events(connection: &Connection, target: &str) -> Result<Vec<Event>, StoreError> {
    all(connection, &format!("{EVENT} WHERE target = ? ORDER BY revision, at, seq"), [target], event)
}

/// All incidents of a target, newest start first.
pub(super) fn incidents(connection: &Connection, target: &str) -> Result<Vec<Incident>, StoreError> {
    let statement = "SELECT incident FROM incidents WHERE target = ? ORDER BY started_at DESC, key";
    all(connection, statement, [target], |row| incident(target, row))
}

/// Asks `PRAGMA data_version`: a number that changes with each commit of another connection.
pub(super) fn data_version(connection: &Connection) -> Result<i64, StoreError> {
    connection
        .prepare_cached("PRAGMA data_version")
        .and_then(|mut ask| ask.query_row([], |row| row.get(0)))
        .map_err(sql)
}

/// The highest number a change has.
pub(super) fn last_change(connection: &Connection) -> Result<i64, StoreError> {
    connection
        .prepare_cached("SELECT coalesce(max(changed), 0) FROM health")
        .and_then(|mut ask| ask.query_row([], |row| row.get(0)))
        .map_err(sql)
}

/// The targets that were changed after a number.
pub(super) const CHANGES: &str = "SELECT target, changed FROM health WHERE changed > ?";

/// The targets that were changed after that number, each with its own.
pub(super) fn changes_since(connection: &Connection, number: i64) -> Result<Vec<(String, i64)>, StoreError> {
    let select = || {
        connection
            .prepare_cached(CHANGES)?
            .query_map([number], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<_>>()
    };
    select().map_err(sql)
}

/// All rows that answer a statement.
pub(super) fn all<T>(
    connection: &Connection,
    statement: &str,
    values: impl Params,
    read: impl Fn(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut statement = connection.prepare_cached(statement).map_err(sql)?;
    let mut rows = statement.query(values).map_err(sql)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(sql)? {
        found.push(read(row)?);
    }
    Ok(found)
}

/// The target of a row that has all of its state and its health.
pub(super) fn state(row: &Row<'_>) -> Result<TargetState, StoreError> {
    let name: String = row.get("name").map_err(sql)?;
    let what = || format!("target {name}");
    let kind: String = row.get("type").map_err(sql)?;
    Ok(TargetState {
        endpoint: row.get("endpoint").map_err(sql)?,
        kind: kind.parse().map_err(|error| StoreError::corrupt(what(), error))?,
        about: json(&what, &row.get::<_, String>("about").map_err(sql)?)?,
        revision: row.get::<_, i64>("revision").map_err(sql)?.cast_unsigned(),
        retired: row.get("retired").map_err(sql)?,
        services: json(&what, &row.get::<_, String>("services").map_err(sql)?)?,
        health: json(&what, &row.get::<_, String>("health").map_err(sql)?)?,
        name: name.clone(),
    })
}

/// The event of a row that [`EVENT`] asks for.
pub(super) fn event(row: &Row<'_>) -> Result<Event, StoreError> {
    let target: String = row.get("target").map_err(sql)?;
    let revision = row.get::<_, i64>("revision").map_err(sql)?.cast_unsigned();
    let what = || format!("an event of revision {revision} of target {target}");
    let status = |column| -> Result<Option<Status>, StoreError> {
        let word: Option<String> = row.get(column).map_err(sql)?;
        word.map(|word| word.parse().map_err(|error| StoreError::corrupt(what(), error))).transpose()
    };
    Ok(Event {
        key: row.get("key").map_err(sql)?,
        service: row.get("service").map_err(sql)?,
        dimensions: json(&what, &row.get::<_, String>("dimensions").map_err(sql)?)?,
        from: status("from_status")?,
        to: status("to_status")?,
        source_at: time_if_any(&what, row, "source_at")?,
        at: time(&what, row, "at")?,
        target: target.clone(),
        revision,
    })
}

/// The incident of a row of a target.
pub(super) fn incident(target: &str, row: &Row<'_>) -> Result<Incident, StoreError> {
    json(&|| format!("an incident of target {target}"), &row.get::<_, String>("incident").map_err(sql)?)
}

/// The instant in a column.
pub(super) fn time(what: &dyn Fn() -> String, row: &Row<'_>, column: &str) -> Result<Timestamp, StoreError> {
    time_if_any(what, row, column)?.ok_or_else(|| StoreError::corrupt(what(), format_args!("its {column} is missing")))
}

/// The instant in a column, if there is one.
pub(super) fn time_if_any(
    what: &dyn Fn() -> String,
    row: &Row<'_>,
    column: &str,
) -> Result<Option<Timestamp>, StoreError> {
    let millis: Option<i64> = row.get(column).map_err(sql)?;
    let read =
        |millis| Timestamp::from_millis(millis).ok_or_else(|| StoreError::corrupt(what(), "a date beyond dates"));
    millis.map(read).transpose()
}

/// The number in a column, of any type of integers.
pub(super) fn number<T: TryFrom<i64>>(what: &dyn Fn() -> String, row: &Row<'_>, column: &str) -> Result<T, StoreError> {
    let number: i64 = row.get(column).map_err(sql)?;
    T::try_from(number).map_err(|_| StoreError::corrupt(what(), format_args!("its {column} is {number}")))
}

/// The value that a text of JSON is.
pub(super) fn json<T: DeserializeOwned>(what: &dyn Fn() -> String, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::corrupt(what(), error))
}
