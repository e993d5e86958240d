//! The events in the order in which they were committed: that of their numbers, since one commit is written at a time.

use rusqlite::{Connection, Row, params};

use super::file::sql;
use super::read::{EVENT, all, event};
use crate::store::{Place, Placed, StoreError};

/// The number of a place, where it is one of ours: that of the last event before it.
pub(super) fn number(place: &Place) -> Option<i64> {
    let number = place.as_str().parse().ok()?;
    // Each place has one text.
    (place_at(number) == *place).then_some(number)
}

/// The place behind the event of this number.
pub(super) fn place_at(number: i64) -> Place {
    Place::numbered(number.cast_unsigned())
}

/// The number of the last event; 0 before the first.
pub(super) fn last_number(connection: &Connection) -> Result<i64, StoreError> {
    connection.query_row("SELECT coalesce(max(seq), 0) FROM events", [], |row| row.get(0)).map_err(sql)
}

/// The events behind a number, `limit` at the most; `None` if there is no such number yet, or if one of the events was
/// forgotten. To be asked at one moment.
pub(super) fn behind(connection: &Connection, number: i64, limit: usize) -> Result<Option<Vec<Placed>>, StoreError> {
    let forgotten: i64 = connection.query_row("SELECT max(seq) FROM forgotten", [], |row| row.get(0)).map_err(sql)?;
    if !(forgotten..=last_number(connection)?).contains(&number) {
        return Ok(None);
    }
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let placed = |row: &Row<'_>| Ok(Placed { place: place_at(row.get("seq").map_err(sql)?), event: event(row)? });
    all(connection, &format!("{EVENT} WHERE seq > ? ORDER BY seq LIMIT ?"), params![number, limit], placed).map(Some)
}
