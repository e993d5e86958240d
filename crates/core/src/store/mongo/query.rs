//! What is asked of the past, as conditions and orders that MongoDB answers from its indexes.
//!
//! It compares texts by their bytes, and puts null before every date.

use mongodb::bson::{Bson, Document, doc, serialize_to_bson};
use serde::Serialize;

use super::record::date_of;
use crate::schema::{IncidentState, Status, Timestamp};
use crate::store::{EventId, EventQuery, IncidentId, IncidentQuery, Window};

/// The states of an incident that is over.
const CLOSED: [IncidentState; 2] = [IncidentState::Resolved, IncidentState::Completed];

/// The order of the answer to an [`EventQuery`].
pub(super) fn order_of_events() -> Document {
    doc! { "at": -1, "target": 1, "revision": -1, "key": 1 }
}

/// The events that a query asks for.
pub(super) fn events(query: &EventQuery) -> Document {
    let mut conditions = Vec::new();
    conditions.extend(of_targets(&query.targets));
    conditions.extend(query.service.as_ref().map(|name| doc! { "$or": [{ "key": name }, { "service": name }] }));
    if !query.to.is_empty() {
        let words: Vec<_> = query.to.iter().copied().map(Status::as_str).collect();
        conditions.push(doc! { "to": { "$in": words } });
    }
    conditions.extend(query.from.map(|from| doc! { "at": { "$gte": date_of(from) } }));
    conditions.extend(query.until.map(|until| doc! { "at": { "$lt": date_of(until) } }));
    conditions.extend(query.behind.iter().flat_map(events_behind));
    all(conditions)
}

fn events_behind(EventId { at, target, revision, key }: &EventId) -> [Document; 2] {
    let (at, revision) = (date_of(*at), i64::try_from(*revision).unwrap_or(i64::MAX));
    let behind = doc! { "$or": [
        { "at": { "$lt": at } },
        { "target": { "$gt": target } },
        { "target": target, "revision": { "$lt": revision } },
        { "target": target, "revision": revision, "key": { "$gt": key } },
    ] };
    [doc! { "at": { "$lte": at } }, behind]
}

/// The order of the answer to an [`IncidentQuery`].
pub(super) fn order_of_incidents() -> Document {
    doc! { "startedAt": -1, "target": 1, "key": 1 }
}

/// The incidents that a query asks for.
pub(super) fn incidents(query: &IncidentQuery) -> Document {
    let mut conditions = Vec::new();
    conditions.extend(of_targets(&query.targets));
    conditions.extend(query.kind.map(|kind| doc! { "kind": word(&kind) }));
    conditions.extend(query.open.map(|open| if open { open_incidents() } else { closed_incidents() }));
    conditions
        .extend(query.from.map(|from| doc! { "$or": [open_incidents(), { "endedAt": { "$gte": date_of(from) } }] }));
    conditions.extend(query.until.map(|until| doc! { "startedAt": before(until) }));
    conditions.extend(query.behind.iter().flat_map(incidents_behind));
    all(conditions)
}

/// The incidents that are over.
pub(super) fn closed_incidents() -> Document {
    doc! { "state": { "$in": CLOSED.map(|state| word(&state)).to_vec() } }
}

fn open_incidents() -> Document {
    doc! { "state": { "$nin": CLOSED.map(|state| word(&state)).to_vec() } }
}

fn incidents_behind(IncidentId { started_at, target, key }: &IncidentId) -> Vec<Document> {
    let mut behind = vec![doc! { "target": { "$gt": target } }, doc! { "target": target, "key": { "$gt": key } }];
    let Some(started_at) = *started_at else {
        return vec![doc! { "startedAt": null }, doc! { "$or": behind }];
    };
    behind.insert(0, doc! { "startedAt": before(started_at) });
    vec![doc! { "startedAt": { "$not": { "$gt": date_of(started_at) } } }, doc! { "$or": behind }]
}

/// What a date is before an instant, or where there is none.
fn before(instant: Timestamp) -> Document {
    doc! { "$not": { "$gte": date_of(instant) } }
}

/// The events up to the window's end whose status was a service's inside it.
pub(super) fn periods(window: &Window) -> Document {
    let (from, to) = (date_of(window.from), date_of(window.to));
    let of_target = |condition| all(window.target.iter().map(|target| doc! { "target": target }).chain([condition]));
    // Each has an index of its own. The second adds those that lasted no time, and those whose end a clock that was put
    // back has moved before their beginning.
    let lasted = doc! { "until": { "$gt": from }, "at": { "$lte": to } };
    let began = doc! { "at": { "$gte": from, "$lte": to } };
    doc! { "$or": [of_target(lasted), of_target(began)] }
}

/// The gaps that touch the window.
pub(super) fn gaps(window: &Window) -> Document {
    let touches = doc! { "until": { "$gt": date_of(window.from) }, "from": { "$lte": date_of(window.to) } };
    all(window.target.iter().map(|target| doc! { "target": target }).chain([touches]))
}

fn of_targets(names: &[String]) -> Option<Document> {
    (!names.is_empty()).then(|| doc! { "target": { "$in": names } })
}

/// The condition that all of these hold.
fn all(conditions: impl IntoIterator<Item = Document>) -> Document {
    let conditions: Vec<_> = conditions.into_iter().collect();
    if conditions.is_empty() {
        doc! {}
    } else {
        doc! { "$and": conditions }
    }
}

/// A value of the schema that is written as one word.
fn word<T: Serialize>(value: &T) -> Bson {
    serialize_to_bson(value).unwrap_or_default()
}
