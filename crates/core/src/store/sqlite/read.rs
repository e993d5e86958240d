//! What is asked of the file.

use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, Row};
use serde::de::DeserializeOwned;

use super::file::{File, sql};
use crate::schema::{About, Event, Incident, Status, Timestamp};
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

const STATE: &str = "SELECT name, endpoint, type, revision, retired, services, health
                     FROM targets JOIN health ON target = name";

/// All targets that are not retired, by name.
pub(super) fn targets(connection: &Connection) -> Result<Vec<TargetState>, StoreError> {
    let statement = format!("{STATE} WHERE NOT retired ORDER BY name");
    all(connection, &statement, None, state)
}

/// One target.
pub(super) fn target(connection: &Connection, name: &str) -> Result<Option<TargetState>, StoreError> {
    let statement = format!("{STATE} WHERE name = ?");
    all(connection, &statement, Some(name), state).map(|states| states.into_iter().next())
}

/// All events of a target, oldest first.
pub(super) fn events(connection: &Connection, target: &str) -> Result<Vec<Event>, StoreError> {
    let statement = "SELECT target, revision, key, service, dimensions, from_status, to_status, source_at, at
                     FROM events WHERE target = ? ORDER BY revision, seq";
    all(connection, statement, Some(target), event)
}

/// All incidents of a target, newest start first.
pub(super) fn incidents(connection: &Connection, target: &str) -> Result<Vec<Incident>, StoreError> {
    let statement = "SELECT incident FROM incidents WHERE target = ? ORDER BY started_at DESC, key";
    all(connection, statement, Some(target), |row| {
        json(&format!("an incident of target {target}"), &row.get::<_, String>(0).map_err(sql)?)
    })
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
    connection.query_row("SELECT coalesce(max(changed), 0) FROM health", [], |row| row.get(0)).map_err(sql)
}

/// The targets that were changed after that number, each with its own.
pub(super) fn changes_since(connection: &Connection, number: i64) -> Result<Vec<(String, i64)>, StoreError> {
    let select = || {
        connection
            .prepare_cached("SELECT target, changed FROM health WHERE changed > ?")?
            .query_map([number], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<_>>()
    };
    select().map_err(sql)
}

fn all<T>(
    connection: &Connection,
    statement: &str,
    target: Option<&str>,
    read: impl Fn(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut statement = connection.prepare_cached(statement).map_err(sql)?;
    let mut rows = statement.query(rusqlite::params_from_iter(target)).map_err(sql)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(sql)? {
        found.push(read(row)?);
    }
    Ok(found)
}

fn state(row: &Row<'_>) -> Result<TargetState, StoreError> {
    let name: String = row.get("name").map_err(sql)?;
    let what = format!("target {name}");
    let kind: String = row.get("type").map_err(sql)?;
    Ok(TargetState {
        endpoint: row.get("endpoint").map_err(sql)?,
        kind: kind.parse().map_err(|error| StoreError::corrupt(&what, error))?,
        about: About::default(),
        revision: row.get::<_, i64>("revision").map_err(sql)?.cast_unsigned(),
        retired: row.get("retired").map_err(sql)?,
        services: json(&what, &row.get::<_, String>("services").map_err(sql)?)?,
        health: json(&what, &row.get::<_, String>("health").map_err(sql)?)?,
        name,
    })
}

fn event(row: &Row<'_>) -> Result<Event, StoreError> {
    let target: String = row.get("target").map_err(sql)?;
    let revision = row.get::<_, i64>("revision").map_err(sql)?.cast_unsigned();
    let what = format!("an event of revision {revision} of target {target}");
    let status = |column| -> Result<Option<Status>, StoreError> {
        let word: Option<String> = row.get(column).map_err(sql)?;
        word.map(|word| word.parse().map_err(|error| StoreError::corrupt(&what, error))).transpose()
    };
    let time = |column| -> Result<Option<Timestamp>, StoreError> {
        let millis: Option<i64> = row.get(column).map_err(sql)?;
        let read =
            |millis| Timestamp::from_millis(millis).ok_or_else(|| StoreError::corrupt(&what, "a date beyond dates"));
        millis.map(read).transpose()
    };
    Ok(Event {
        key: row.get("key").map_err(sql)?,
        service: row.get("service").map_err(sql)?,
        dimensions: json(&what, &row.get::<_, String>("dimensions").map_err(sql)?)?,
        from: status("from_status")?,
        to: status("to_status")?,
        source_at: time("source_at")?,
        at: time("at")?.ok_or_else(|| StoreError::corrupt(&what, "it has no time"))?,
        target,
        revision,
    })
}

fn json<T: DeserializeOwned>(what: &str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::corrupt(what, error))
}
