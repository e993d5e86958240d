//! What templates are filled in with.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::schema::{Event, Status, Timestamp};

/// How long before we saw it the change of the example happened.
const UNSEEN: Duration = Duration::from_mins(2);

/// What a template knows of a change: its fields in the words of `/api/events`, each by its name, and all of them as
/// `event`.
pub fn context(event: &Event) -> Map<String, Value> {
    let mut fields = match serde_json::to_value(event) {
        Ok(Value::Object(fields)) => fields,
        // No event is written as anything else.
        Ok(_) | Err(_) => Map::new(),
    };
    // Counts our commits, and tells people nothing.
    fields.remove("revision");
    let event = Value::Object(fields.clone());
    fields.insert("event".to_owned(), event);
    fields
}

/// A change to try templates with.
pub fn example(now: Timestamp) -> Event {
    Event {
        target: "github".to_owned(),
        revision: 2,
        key: "8l4ygp009s5s".to_owned(),
        service: "Git Operations".to_owned(),
        dimensions: [("serviceId".to_owned(), "8l4ygp009s5s".into())].into(),
        from: Some(Status::Ok),
        to: Some(Status::Degraded),
        source_at: Some(now.minus(UNSEEN)),
        at: now,
    }
}
