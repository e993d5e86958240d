//! What queries for events and incidents are in SQL.
//!
//! A page is read off an index that has the order of the answer. Of several targets there is no such index: then each is
//! asked for its own, and the answers are merged as far as the page goes.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::types::Value;
use rusqlite::{Connection, Row, params_from_iter};

use super::file::sql;
use super::read::{EVENT, at_one_moment, event, incident};
use crate::schema::{Event, Status};
use crate::store::{EventId, EventQuery, IncidentId, IncidentQuery, StoreError, TargetIncident};

/// The events that a query asks for.
pub(super) fn events(connection: &Connection, query: &EventQuery) -> Result<Vec<Event>, StoreError> {
    let questions: Vec<_> = each(&query.targets).map(|target| about_events(query, target)).collect();
    merged(connection, &questions, query.limit, event, EventId::of)
}

/// The incidents that a query asks for.
pub(super) fn incidents(connection: &Connection, query: &IncidentQuery) -> Result<Vec<TargetIncident>, StoreError> {
    let both = |target| [true, false].map(|is_dated| about_incidents(query, target, is_dated));
    let questions: Vec<_> = each(&query.targets).flat_map(both).collect();
    let read = |row: &Row<'_>| {
        let target: String = row.get("target").map_err(sql)?;
        let incident = incident(&target, row)?;
        Ok(TargetIncident { target, incident })
    };
    merged(connection, &questions, query.limit, read, TargetIncident::id)
}

/// Each target once; where there are none, all at once.
fn each(targets: &[String]) -> impl Iterator<Item = Option<&str>> {
    let names: BTreeSet<_> = targets.iter().map(String::as_str).collect();
    let all = names.is_empty().then_some(None);
    all.into_iter().chain(names.into_iter().map(Some))
}

/// A statement, and the values of its question marks.
pub(super) struct Question {
    pub(super) statement: String,
    pub(super) values: Vec<Value>,
}

impl Question {
    /// A question without conditions.
    pub(super) fn new(select: &str) -> Self {
        Self { statement: format!("{select} WHERE TRUE"), values: Vec::new() }
    }

    /// Adds a condition.
    pub(super) fn and<T: Into<Value>>(&mut self, condition: &str, values: impl IntoIterator<Item = T>) {
        self.statement.push_str(" AND ");
        self.statement.push_str(condition);
        self.values.extend(values.into_iter().map(Into::into));
    }

    /// Sets the order of the answer.
    pub(super) fn ordered(mut self, order: &str) -> Self {
        self.statement.push_str(" ORDER BY ");
        self.statement.push_str(order);
        self
    }
}

/// The question for events, of one target or of all.
pub(super) fn about_events(query: &EventQuery, target: Option<&str>) -> Question {
    // Of two ends the earlier one counts; told both, an index might take the other.
    let behind = query.behind.as_ref().filter(|behind| query.until.is_none_or(|until| behind.at < until));
    let until = query.until.filter(|_| behind.is_none());
    let mut question = Question::new(EVENT);
    if let Some(target) = target {
        question.and("target = ?", [target.to_owned()]);
    }
    if let Some(service) = &query.service {
        question.and("(service = ? OR key = ?)", [service.clone(), service.clone()]);
    }
    if !query.to.is_empty() {
        let marks = vec!["?"; query.to.len()].join(", ");
        let words = query.to.iter().copied().map(Status::as_str).map(str::to_owned);
        question.and(&format!("to_status IN ({marks})"), words);
    }
    if let Some(from) = query.from {
        question.and("at >= ?", [from.as_millis()]);
    }
    if let Some(until) = until {
        question.and("at < ?", [until.as_millis()]);
    }
    if let Some(EventId { at, target, revision, key }) = behind {
        let (at, target) = (Value::from(at.as_millis()), Value::from(target.clone()));
        let revision = Value::from(i64::try_from(*revision).unwrap_or(i64::MAX));
        // The first condition is part of the second: it is the one that an index serves.
        question.and("at <= ?", [at.clone()]);
        question.and(
            "(at < ? OR target > ? OR target = ? AND (revision < ? OR revision = ? AND key > ?))",
            [at, target.clone(), target, revision.clone(), revision, Value::from(key.clone())],
        );
    }
    question.ordered("at DESC, target, revision DESC, key")
}

/// The question for incidents whose start is known, or for those whose start is not: no range of an index has both.
pub(super) fn about_incidents(query: &IncidentQuery, target: Option<&str>, is_dated: bool) -> Question {
    // As above.
    let is_before = |behind: &&IncidentId| query.until.is_none_or(|until| behind.started_at < Some(until));
    let behind = query.behind.as_ref().filter(is_before);
    let until = query.until.filter(|_| is_dated && behind.is_none());
    let mut question = Question::new("SELECT target, incident FROM incidents");
    question.and::<Value>(if is_dated { "started_at IS NOT NULL" } else { "started_at IS NULL" }, []);
    if let Some(target) = target {
        question.and("target = ?", [target.to_owned()]);
    }
    if let Some(kind) = query.kind {
        question.and("kind = ?", [kind.as_str().to_owned()]);
    }
    if let Some(open) = query.open {
        question.and::<Value>(if open { "is_open" } else { "NOT is_open" }, []);
    }
    if let Some(from) = query.from {
        question.and("(is_open OR ended_at >= ?)", [from.as_millis()]);
    }
    if let Some(until) = until {
        question.and("started_at < ?", [until.as_millis()]);
    }
    if let Some(behind) = behind {
        question.and_behind(behind, is_dated);
    }
    question.ordered("started_at DESC, target, key")
}

impl Question {
    /// Adds the condition that an incident is behind another one.
    fn and_behind(&mut self, IncidentId { started_at, target, key }: &IncidentId, is_dated: bool) {
        let names = [target, target, key].map(|name| Value::from(name.clone()));
        match started_at.map(|instant| Value::from(instant.as_millis())) {
            Some(instant) if is_dated => {
                // For the index, as above.
                self.and("started_at <= ?", [instant.clone()]);
                let values = [instant.clone(), instant].into_iter().chain(names);
                self.and("(started_at < ? OR started_at = ? AND (target > ? OR target = ? AND key > ?))", values);
            }
            // Those without a start are behind all that have one.
            Some(_) => {}
            None if is_dated => self.and::<Value>("FALSE", []),
            None => self.and("(target > ? OR target = ? AND key > ?)", names),
        }
    }
}

/// The answers to all questions, `limit` at the most, in the order of their ids. Each answer is in that order already,
/// and is read no further than it is needed.
fn merged<T, Id: Ord>(
    connection: &Connection,
    questions: &[Question],
    limit: Option<u32>,
    read: impl Fn(&Row<'_>) -> Result<T, StoreError>,
    id: impl Fn(&T) -> Id,
) -> Result<Vec<T>, StoreError> {
    at_one_moment(connection, |connection| {
        let prepare = |question: &Question| connection.prepare_cached(&question.statement);
        let mut statements = questions.iter().map(prepare).collect::<rusqlite::Result<Vec<_>>>().map_err(sql)?;
        let mut answers = Vec::with_capacity(questions.len());
        for (statement, question) in statements.iter_mut().zip(questions) {
            answers.push(statement.query(params_from_iter(&question.values)).map_err(sql)?);
        }
        // The first of each answer that was not taken yet.
        let mut firsts = BTreeMap::new();
        let mut read_on = |n: usize, firsts: &mut BTreeMap<_, _>| -> Result<(), StoreError> {
            if let Some(row) = answers[n].next().map_err(sql)? {
                let first = read(row)?;
                firsts.insert(id(&first), (first, n));
            }
            Ok(())
        };
        for n in 0..questions.len() {
            read_on(n, &mut firsts)?;
        }
        let most = limit.map_or(usize::MAX, |limit| limit as usize);
        let mut found = Vec::new();
        while found.len() < most
            && let Some((_, (first, n))) = firsts.pop_first()
        {
            found.push(first);
            // Not beyond the page: the next one that fits may be far.
            if found.len() < most {
                read_on(n, &mut firsts)?;
            }
        }
        Ok(found)
    })
}
