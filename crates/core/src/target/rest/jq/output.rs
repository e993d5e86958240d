//! From what a filter yields to services.

use chrono::DateTime;
use serde_json::{Map, Number, Value};

use super::{EXPECTED, MAX_SERVICES};
use crate::schema::{Dimensions, Scalar, Service, Timestamp, dimension_names};
use crate::target::explain::Recorder;
use crate::target::rest::json::{NO_WORD, describe, text};
use crate::target::{Meaning, Report, WordTable};

/// What is wrong with an output, and what is accepted.
pub(super) struct Fault {
    pub(super) problem: String,
    pub(super) expected: String,
}

impl Fault {
    pub(super) fn new(problem: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { problem: problem.into(), expected: expected.into() }
    }

    pub(super) fn too_many() -> Self {
        Self::new("one too many", format!("at most {MAX_SERVICES} services"))
    }
}

/// The service that an output describes. A status word that neither the contract nor the user's words know is noted.
pub(super) fn service(
    report: &mut Report,
    words: &WordTable,
    output: &Value,
    recorder: &mut Recorder,
) -> Result<Service, Fault> {
    let Value::Object(fields) = output else { return Err(Fault::new(describe(output), EXPECTED)) };
    let name = text(output, "name").ok_or_else(|| Fault::new(found("name", fields), "the service's name as text"))?;
    let (word, meaning) = word(words, fields)?;
    recorder.word("status", word, meaning);
    let meaning = report.note(word, meaning);
    let dimensions = dimensions(fields)?;
    let key = match fields.get("key") {
        None | Some(Value::Null) => match dimensions.get(dimension_names::REGION) {
            Some(region) => format!("{name}/{region}"),
            None => name.clone(),
        },
        Some(_) => text(output, "key").ok_or_else(|| Fault::new(found("key", fields), "text or a number"))?,
    };
    let mut service = Service::named(key, name);
    service.set(meaning);
    service.last_timestamp = timestamp(fields)?;
    service.dimensions.extend(dimensions);
    Ok(service)
}

/// A field and what is there instead of what should be.
fn found(key: &str, fields: &Map<String, Value>) -> String {
    fields.get(key).map_or_else(|| format!("no {key}"), |value| format!("{key} is {}", describe(value)))
}

/// The status word and what it means; the user's words win over the contract's own. A null is a word that the source did
/// not say; a missing field is a fault of the filter.
fn word<'a>(words: &WordTable, fields: &'a Map<String, Value>) -> Result<(&'a str, Option<Meaning>), Fault> {
    match fields.get("status") {
        Some(Value::String(word)) => Ok((word, words.meaning(word).or_else(|| word.trim().parse().ok()))),
        Some(Value::Null) => Ok((NO_WORD, None)),
        _ => Err(Fault::new(
            found("status", fields),
            "a word as text: OK, Unknown, Degraded, Outage, maintenance or one of `words` \
             (of a boolean: if .up then \"OK\" else \"Outage\" end)",
        )),
    }
}

fn timestamp(fields: &Map<String, Value>) -> Result<Option<Timestamp>, Fault> {
    let wrong = || {
        Fault::new(
            fields.get("lastTimestamp").map_or_else(String::new, |value| format!("lastTimestamp {value}")),
            "lastTimestamp in RFC 3339, as epoch seconds or milliseconds, or null",
        )
    };
    match fields.get("lastTimestamp") {
        None | Some(Value::Null) => Ok(None),
        // The contract's own "not known", should the source be another Unistatus.
        Some(Value::String(text)) if text.trim().is_empty() => Ok(None),
        Some(Value::String(text)) => match Timestamp::parse_rfc3339(text) {
            // A null date is a date, and means none.
            None if DateTime::parse_from_rfc3339(text.trim()).is_err() => Err(wrong()),
            instant => Ok(instant),
        },
        Some(Value::Number(number)) => epoch(number).map(Timestamp::unless_null).ok_or_else(wrong),
        Some(_) => Err(wrong()),
    }
}

/// Epoch seconds, or milliseconds from where seconds would lie thousands of years ahead.
fn epoch(number: &Number) -> Option<Timestamp> {
    const FIRST_MILLIS: f64 = 1e11;
    let number = number.as_f64()?;
    let millis = if number < FIRST_MILLIS { number * 1e3 } else { number };
    #[expect(clippy::cast_possible_truncation, reason = "saturates, and what is out of range is no instant")]
    Timestamp::from_millis(millis.round() as i64)
}

fn dimensions(fields: &Map<String, Value>) -> Result<Dimensions, Fault> {
    let given = match fields.get("dimensions") {
        None | Some(Value::Null) => return Ok(Dimensions::new()),
        Some(Value::Object(given)) => given,
        Some(_) => return Err(Fault::new(found("dimensions", fields), "a flat object of texts, numbers and booleans")),
    };
    let mut dimensions = Dimensions::new();
    for (name, value) in given {
        let scalar = match value {
            Value::Null => continue,
            Value::Bool(value) => Scalar::Bool(*value),
            Value::String(value) => Scalar::Text(value.clone()),
            Value::Number(number) => match (number.as_i64(), number.as_f64()) {
                (Some(number), _) => Scalar::Integer(number),
                (None, Some(number)) => Scalar::Float(number),
                (None, None) => continue,
            },
            Value::Array(_) | Value::Object(_) => {
                let problem = format!("dimensions.{name} is {}", describe(value));
                return Err(Fault::new(problem, "a text, a number, a boolean or null"));
            }
        };
        dimensions.insert(name.clone(), scalar);
    }
    Ok(dimensions)
}
