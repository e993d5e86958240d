//! One commit inside a transaction.

use rusqlite::{OptionalExtension, Row, Transaction, params};
use serde::Serialize;

use super::file::sql;
use super::leases::last_token;
use crate::schema::{Event, Gap, Incident, Status, Timestamp};
use crate::store::verdict::{Standing, Verdict};
use crate::store::{Change, Commit, Health, Outcome, StoreError};

/// The end of an event whose status still is its service's.
pub(super) const STANDING: i64 = i64::MAX;

/// Ends the last event of a service. The number itself, or the index of the standing events would not be used.
pub(super) const END_THE_LAST: &str =
    "UPDATE events SET until = max(at, ?) WHERE target = ? AND key = ? AND until = 9223372036854775807";

/// Replaces the health that a commit of health alone may replace.
pub(super) const REPLACE_HEALTH: &str = "UPDATE health SET changed = ?1, commit_id = ?2, last_attempt = ?3, health = ?4
     WHERE target = ?5 AND last_attempt <= ?3 AND commit_id <> ?2 AND fence <= ?7
     AND (SELECT revision FROM targets WHERE name = ?5) = ?6";

/// The number that the next transaction marks the targets with that it writes.
pub(super) fn next_change_number(transaction: &Transaction<'_>) -> rusqlite::Result<i64> {
    transaction.prepare_cached("SELECT coalesce(max(changed), 0) + 1 FROM health")?.query_row([], |row| row.get(0))
}

/// Writes one commit, or finds that it is not to be written.
///
/// The outer error means that the transaction is spoilt, the inner one is the commit's answer.
pub(super) fn apply(
    transaction: &Transaction<'_>,
    change_number: i64,
    commit: &Commit,
) -> Result<Result<Outcome, StoreError>, StoreError> {
    // First the write of health alone, which mostly succeeds; only else the question who was there before.
    if commit.change.is_none() && replace_health(transaction, change_number, commit)? {
        write_gap(transaction, commit)?;
        return Ok(Ok(Outcome::Applied));
    }
    if let Verdict::Answer(answer) = standing(transaction, commit)?.judge(commit) {
        return Ok(answer);
    }
    if let Some(change) = &commit.change {
        put_state(transaction, &commit.target, commit.revision(), change)?;
        write_commit(transaction, commit)?;
        for event in &change.events {
            write_event(transaction, event)?;
        }
        for incident in &change.incidents {
            write_incident(transaction, &commit.target, incident)?;
        }
    }
    write_gap(transaction, commit)?;
    write_health(transaction, change_number, commit)?;
    Ok(Ok(Outcome::Applied))
}

/// What is known of a target that decides about a commit.
struct Known {
    revision: i64,
    commit_id: String,
    last_attempt: i64,
    fence: i64,
}

impl Known {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            revision: row.get("revision")?,
            commit_id: row.get("commit_id")?,
            last_attempt: row.get("last_attempt")?,
            fence: row.get("fence")?,
        })
    }
}

fn standing(transaction: &Transaction<'_>, commit: &Commit) -> Result<Standing, StoreError> {
    let read = || -> rusqlite::Result<_> {
        let known = transaction
            .prepare_cached(
                "SELECT revision, commit_id, last_attempt, fence
                 FROM targets JOIN health ON target = name WHERE name = ?",
            )?
            .query_row([&commit.target], Known::read)
            .optional()?;
        let successor = transaction
            .prepare_cached("SELECT id FROM commits WHERE target = ? AND revision = ?")?
            .query_row(params![commit.target, commit.base.saturating_add(1).cast_signed()], |row| row.get(0))
            .optional()?;
        Ok((known, successor))
    };
    let (known, successor) = read().map_err(sql)?;
    let Some(Known { revision, commit_id, last_attempt, fence }) = known else {
        let fence = last_token(transaction, &commit.target).map_err(sql)?.cast_unsigned();
        return Ok(Standing { fence, ..Standing::default() });
    };
    let last_attempt = Timestamp::from_millis(last_attempt)
        .ok_or_else(|| StoreError::corrupt(format!("the health of target {}", commit.target), "a date beyond dates"))?;
    Ok(Standing {
        revision: revision.cast_unsigned(),
        successor,
        fence: fence.cast_unsigned(),
        health: Some((commit_id, last_attempt)),
    })
}

/// Writes a target as a change leaves it, at this revision.
pub(super) fn put_state(
    transaction: &Transaction<'_>,
    target: &str,
    revision: u64,
    change: &Change,
) -> Result<(), StoreError> {
    let (services, about) = (json(target, &change.services)?, json(target, &change.about)?);
    let write = || {
        transaction
            .prepare_cached(
                "INSERT INTO targets (name, endpoint, type, revision, retired, services, about)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                 ON CONFLICT (name) DO UPDATE
                 SET endpoint = ?2, type = ?3, revision = ?4, retired = ?5, services = ?6, about = ?7",
            )?
            .execute(params![
                target,
                change.endpoint,
                change.kind.as_str(),
                revision.cast_signed(),
                change.retired,
                services,
                about
            ])
    };
    write().map(|_| ()).map_err(sql)
}

/// Writes down which commit brought its revision.
fn write_commit(transaction: &Transaction<'_>, commit: &Commit) -> Result<(), StoreError> {
    let revision = commit.revision().cast_signed();
    let write = || {
        transaction
            .prepare_cached("INSERT INTO commits (target, revision, id, at) VALUES (?, ?, ?, ?)")?
            .execute(params![commit.target, revision, commit.id, commit.health.last_attempt.as_millis()])
    };
    write().map(|_| ()).map_err(sql)
}

/// Writes an event, which ends the last one of its service.
fn write_event(transaction: &Transaction<'_>, event: &Event) -> Result<(), StoreError> {
    let end =
        || transaction.prepare_cached(END_THE_LAST)?.execute(params![event.at.as_millis(), event.target, event.key]);
    end().map_err(sql)?;
    add_event(transaction, None, event, event.to.is_none().then_some(event.at))
}

/// Writes an event, with its end, under a number or under the one behind the last.
pub(super) fn add_event(
    transaction: &Transaction<'_>,
    number: Option<i64>,
    event: &Event,
    until: Option<Timestamp>,
) -> Result<(), StoreError> {
    let dimensions = json(&event.target, &event.dimensions)?;
    let add = || {
        transaction
            .prepare_cached(
                "INSERT INTO events
                     (seq, target, revision, key, service, dimensions, from_status, to_status, source_at, at, until)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            )?
            .execute(params![
                number,
                event.target,
                event.revision.cast_signed(),
                event.key,
                event.service,
                dimensions,
                event.from.map(Status::as_str),
                event.to.map(Status::as_str),
                event.source_at.map(Timestamp::as_millis),
                event.at.as_millis(),
                end_of(until),
            ])
    };
    add().map(|_| ()).map_err(sql)
}

/// The end of an event as the file has it.
pub(super) fn end_of(until: Option<Timestamp>) -> i64 {
    until.map_or(STANDING, Timestamp::as_millis)
}

/// Writes an incident in the place of the one of its key.
pub(super) fn write_incident(
    transaction: &Transaction<'_>,
    target: &str,
    incident: &Incident,
) -> Result<(), StoreError> {
    let body = json(target, incident)?;
    let write = || {
        transaction
            .prepare_cached(
                "INSERT INTO incidents (target, key, started_at, incident, kind, is_open, ended_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                 ON CONFLICT (target, key) DO UPDATE
                 SET started_at = ?3, incident = ?4, kind = ?5, is_open = ?6, ended_at = ?7",
            )?
            .execute(params![
                target,
                incident.key,
                incident.started_at.map(Timestamp::as_millis),
                body,
                incident.kind.as_str(),
                incident.is_open(),
                incident.ended_at().map(Timestamp::as_millis)
            ])
    };
    write().map(|_| ()).map_err(sql)
}

fn write_gap(transaction: &Transaction<'_>, commit: &Commit) -> Result<(), StoreError> {
    commit.gap.map_or(Ok(()), |gap| put_gap(transaction, &commit.target, gap))
}

/// Writes a gap in the place of the one that begins with it.
pub(super) fn put_gap(transaction: &Transaction<'_>, target: &str, Gap { from, until }: Gap) -> Result<(), StoreError> {
    let write = || {
        transaction
            .prepare_cached(
                "INSERT INTO gaps (target, from_at, until_at) VALUES (?1, ?2, ?3)
                 ON CONFLICT (target, from_at) DO UPDATE SET until_at = ?3",
            )?
            .execute(params![target, from.as_millis(), until.as_millis()])
    };
    write().map(|_| ()).map_err(sql)
}

/// Replaces the health in one statement, where it is at the commit's revision, not the commit's own and not newer; answers
/// whether it was.
fn replace_health(transaction: &Transaction<'_>, change_number: i64, commit: &Commit) -> Result<bool, StoreError> {
    let body = json::<Health>(&commit.target, &commit.health)?;
    let write = || {
        transaction.prepare_cached(REPLACE_HEALTH)?.execute(params![
            change_number,
            commit.id,
            commit.health.last_attempt.as_millis(),
            body,
            commit.target,
            commit.base.cast_signed(),
            // Under no lease, none counts.
            commit.fence.map_or(i64::MAX, u64::cast_signed)
        ])
    };
    write().map(|written| written == 1).map_err(sql)
}

/// Keeps the health unless there is newer one; marks the target as changed in any case. The first one of a target brings
/// the fence.
fn write_health(transaction: &Transaction<'_>, change_number: i64, commit: &Commit) -> Result<(), StoreError> {
    let body = json::<Health>(&commit.target, &commit.health)?;
    let write = || {
        let written = transaction
            .prepare_cached(
                "INSERT INTO health (target, changed, commit_id, last_attempt, health, fence)
                 VALUES (?1, ?2, ?3, ?4, ?5, coalesce((SELECT token FROM leases WHERE target = ?1), 0))
                 ON CONFLICT (target) DO UPDATE SET changed = ?2, commit_id = ?3, last_attempt = ?4, health = ?5
                 WHERE last_attempt <= ?4",
            )?
            .execute(params![commit.target, change_number, commit.id, commit.health.last_attempt.as_millis(), body])?;
        if written == 0 { mark(transaction, change_number, &commit.target) } else { Ok(()) }
    };
    write().map_err(sql)
}

/// Writes the health of a target, the id of the commit that brought it, and the fence, whatever is there.
pub(super) fn put_health(
    transaction: &Transaction<'_>,
    change_number: i64,
    (target, commit, health): (&str, &str, &Health),
    fence: u64,
) -> Result<(), StoreError> {
    let (body, last_attempt) = (json(target, health)?, health.last_attempt.as_millis());
    let write = || {
        transaction
            .prepare_cached(
                "INSERT OR REPLACE INTO health (target, changed, commit_id, last_attempt, health, fence)
                 VALUES (?, ?, ?, ?, ?, ?)",
            )?
            .execute(params![target, change_number, commit, last_attempt, body, fence.cast_signed()])
    };
    write().map(|_| ()).map_err(sql)
}

/// Marks a target as changed.
pub(super) fn mark(transaction: &Transaction<'_>, change_number: i64, target: &str) -> rusqlite::Result<()> {
    let mark = "UPDATE health SET changed = ? WHERE target = ?";
    transaction.prepare_cached(mark)?.execute(params![change_number, target]).map(drop)
}

/// The JSON of something of a target.
pub(super) fn json<T: Serialize>(target: &str, value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::invalid(target, error))
}
