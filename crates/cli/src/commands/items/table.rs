//! Items for people. They are told as Rollbar told them, so no field is certain to be there.

use serde::Deserialize;
use serde_json::{Map, Value};
use unistatus_core::exit::Failure;
use unistatus_core::schema::Timestamp;

use crate::api::Answer;
use crate::output::{self, cell};

#[derive(Deserialize)]
struct Items {
    items: Vec<Map<String, Value>>,
}

/// A listing of items as a table.
pub(in crate::commands) fn table(listing: &Answer) -> Result<String, Failure> {
    let row = |item: &Map<String, Value>| {
        let text = |field| item.get(field).map(told).unwrap_or_default();
        let last = item.get("last_occurrence_timestamp").and_then(instant).map(|at| at.to_string()).unwrap_or_default();
        let number = item.get("counter").map(|counter| format!("#{}", told(counter))).unwrap_or_default();
        let [id, level, status, environment, occurrences, title] =
            ["id", "level", "status", "environment", "total_occurrences", "title"].map(text);
        [id, number, level, status, environment, occurrences, last, title].iter().map(|text| cell(text)).collect()
    };
    let header = ["ID", "NUMBER", "LEVEL", "STATUS", "ENVIRONMENT", "OCCURRENCES", "LAST", "TITLE"];
    Ok(output::grid(&header, listing.read::<Items>()?.items.iter().map(row)))
}

/// A value in a cell: a text without quotes, nothing where there is nothing.
pub(super) fn told(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The instant of a number of seconds, as Rollbar counts time.
fn instant(seconds: &Value) -> Option<Timestamp> {
    seconds.as_i64()?.checked_mul(1000).and_then(Timestamp::from_millis)
}
