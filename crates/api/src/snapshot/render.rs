//! The contract's JSON. Pure: what is known and the moment in, bytes out.

use std::borrow::Cow;
use std::ops::Range;

use bytes::Bytes;
use serde::Serialize;
use unistatus_core::schema::{Dimensions, Kind, Service, Status, Timestamp, dimension_names};
use unistatus_core::store::TargetState;

use crate::json;

/// A target, rendered.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Rendered {
    /// Its object in the list of all targets.
    pub(super) entry: Bytes,
    /// The array of its rows.
    pub(super) rows: Bytes,
    /// Where each row lies in the array, in the order of the services.
    pub(super) spans: Vec<Range<usize>>,
}

/// Renders a target as it is to be seen at a moment: where its last success is too long ago, every status is
/// `Unknown`, and dimensions say what it was.
pub(super) fn target(state: &TargetState, now: Timestamp) -> Rendered {
    let is_stale = state.health.is_stale(now);
    let standings: Vec<Standing<'_>> = state.services.iter().map(|service| Standing::of(service, is_stale)).collect();
    let named = || state.services.iter().map(|service| service.name.as_str()).zip(&standings);
    let entry = json::to_vec(&TargetEntry {
        name: &state.name,
        endpoint: &state.endpoint,
        kind: state.kind,
        services: named().map(|(name, standing)| ServiceEntry { name, standing }).collect(),
    });
    let mut spans = Vec::with_capacity(standings.len());
    let mut end = OPEN.len();
    let rows: Vec<Vec<u8>> = named()
        .map(|(service, standing)| {
            let row = json::to_vec(&Row { target: &state.name, service, standing });
            spans.push(end..end + row.len());
            end += row.len() + COMMA.len();
            row
        })
        .collect();
    Rendered { entry: entry.into(), rows: array(rows.iter().map(Vec::as_slice)).into(), spans }
}

/// The list of all targets, from their entries.
pub(super) fn list<'a>(entries: impl Iterator<Item = &'a [u8]>) -> Bytes {
    [b"{\"targets\":", array(entries).as_slice(), b"}"].concat().into()
}

const OPEN: &[u8] = b"[";
const COMMA: &[u8] = b",";
const CLOSE: &[u8] = b"]";

/// A JSON array of elements that are JSON already.
pub(super) fn array<'a>(elements: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut array = OPEN.to_vec();
    for (position, element) in elements.enumerate() {
        if position > 0 {
            array.extend_from_slice(COMMA);
        }
        array.extend_from_slice(element);
    }
    array.extend_from_slice(CLOSE);
    array
}

/// An element of `targets`.
#[derive(Serialize)]
struct TargetEntry<'a> {
    name: &'a str,
    endpoint: &'a str,
    #[serde(rename = "type")]
    kind: Kind,
    services: Vec<ServiceEntry<'a>>,
}

/// An element of a target's `services`.
#[derive(Serialize)]
struct ServiceEntry<'a> {
    name: &'a str,
    #[serde(flatten)]
    standing: &'a Standing<'a>,
}

/// An element of the arrays below `/api/status/{target}`.
#[derive(Serialize)]
struct Row<'a> {
    target: &'a str,
    service: &'a str,
    #[serde(flatten)]
    standing: &'a Standing<'a>,
}

/// How a service is, without its name.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Standing<'a> {
    last_timestamp: String,
    status: Status,
    dimensions: Cow<'a, Dimensions>,
}

impl<'a> Standing<'a> {
    fn of(service: &'a Service, is_stale: bool) -> Self {
        let last_timestamp = service.last_timestamp.map(|instant| instant.to_string()).unwrap_or_default();
        if !is_stale {
            return Self { last_timestamp, status: service.status, dimensions: Cow::Borrowed(&service.dimensions) };
        }
        let mut dimensions = service.dimensions.clone();
        dimensions.insert(dimension_names::STALE.to_owned(), true.into());
        dimensions.insert(dimension_names::LAST_KNOWN_STATUS.to_owned(), service.status.as_str().into());
        Self { last_timestamp, status: Status::Unknown, dimensions: Cow::Owned(dimensions) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};
    use unistatus_core::schema::Scalar;

    use super::*;
    use crate::snapshot::testing;

    #[test]
    fn what_is_fresh_is_written_as_it_is() {
        let state = testing::target("github", [testing::service("Actions", Status::Degraded)]);
        let rendered = target(&state, testing::at(0));
        assert_eq!(
            rendered.entry,
            concat!(
                r#"{"name":"github","endpoint":"https://github.test/","type":"REST","services":["#,
                r#"{"name":"Actions","lastTimestamp":"1994-11-06T08:49:37.000Z","status":"Degraded","dimensions":{}}]}"#,
            )
        );
        assert_eq!(
            rendered.rows,
            concat!(
                r#"[{"target":"github","service":"Actions","lastTimestamp":"1994-11-06T08:49:37.000Z","#,
                r#""status":"Degraded","dimensions":{}}]"#,
            )
        );
    }

    #[test]
    fn what_is_stale_is_unknown_and_says_what_it_was() {
        let mut state = testing::target("github", [testing::service("Actions", Status::Outage)]);
        state.services[0].last_timestamp = None;
        let believed = testing::at(testing::BELIEVED_SECS);
        assert!(!target(&state, believed).entry.windows(5).any(|window| window == b"stale"));
        let rows: Value =
            serde_json::from_slice(&target(&state, testing::at(testing::BELIEVED_SECS + 1)).rows).unwrap();
        assert_eq!(
            rows,
            json!([{
                "target": "github", "service": "Actions", "lastTimestamp": "", "status": "Unknown",
                "dimensions": {"stale": true, "lastKnownStatus": "Outage"},
            }])
        );
    }

    #[test]
    fn arrays_and_lists_of_none_and_some() {
        assert_eq!(array([].into_iter()), b"[]");
        assert_eq!(array([b"1".as_slice(), b"{}"].into_iter()), b"[1,{}]");
        assert_eq!(list([b"{}".as_slice()].into_iter()), r#"{"targets":[{}]}"#);
    }

    fn scalar() -> impl Strategy<Value = Scalar> {
        prop_oneof![
            any::<bool>().prop_map(Scalar::Bool),
            any::<i64>().prop_map(Scalar::Integer),
            // Few digits: serde_json does not read back the last bit of many.
            any::<i32>().prop_map(|eighths| Scalar::Float(f64::from(eighths) / 8.0)),
            any::<String>().prop_map(Scalar::Text),
        ]
    }

    fn service() -> impl Strategy<Value = Service> {
        (
            any::<String>(),
            prop::sample::select(&Status::ALL[..]),
            prop::option::of(1..4_102_444_800_000_i64),
            prop::collection::btree_map(any::<String>(), scalar(), 0..4),
        )
            .prop_map(|(name, status, millis, dimensions)| Service {
                key: testing::KEY.to_owned(),
                name,
                status,
                last_timestamp: millis.and_then(Timestamp::from_millis),
                dimensions,
            })
    }

    proptest! {
        #[test]
        fn every_state_reads_back(
            services in prop::collection::vec(service(), 0..6),
            endpoint in any::<String>(),
            kind in prop::sample::select(&Kind::ALL[..]),
            secs in prop::sample::select(&[0, testing::BELIEVED_SECS + 1][..]),
        ) {
            let mut state = testing::target("any", services);
            (state.endpoint, state.kind) = (endpoint, kind);
            let is_stale = secs > 0;
            let rendered = target(&state, testing::at(secs));
            let list: Value = serde_json::from_slice(&list([rendered.entry.as_ref()].into_iter())).unwrap();
            let entry = &list["targets"][0];
            prop_assert_eq!(keys(entry), ["endpoint", "name", "services", "type"]);
            prop_assert_eq!(&entry["endpoint"], &json!(state.endpoint));
            prop_assert_eq!(&entry["type"], kind.as_str());
            let entries = entry["services"].as_array().unwrap();
            let rows: Vec<Value> = serde_json::from_slice(&rendered.rows).unwrap();
            prop_assert_eq!([entries.len(), rows.len(), rendered.spans.len()], [state.services.len(); 3]);
            for (position, service) in state.services.iter().enumerate() {
                let (entry, row) = (&entries[position], &rows[position]);
                prop_assert_eq!(keys(entry), ["dimensions", "lastTimestamp", "name", "status"]);
                prop_assert_eq!(keys(row), ["dimensions", "lastTimestamp", "service", "status", "target"]);
                prop_assert_eq!(&entry["name"], &json!(service.name));
                prop_assert_eq!(&row["service"], &json!(service.name));
                for key in ["dimensions", "lastTimestamp", "status"] {
                    prop_assert_eq!(&entry[key], &row[key]);
                }
                let read = Timestamp::parse_rfc3339(row["lastTimestamp"].as_str().unwrap());
                prop_assert_eq!(read, service.last_timestamp);
                let mut shown: Dimensions = serde_json::from_value(row["dimensions"].clone()).unwrap();
                if is_stale {
                    prop_assert_eq!(&row["status"], "Unknown");
                    prop_assert_eq!(shown.remove("stale"), Some(Scalar::Bool(true)));
                    prop_assert_eq!(shown.remove("lastKnownStatus"), Some(service.status.as_str().into()));
                } else {
                    prop_assert_eq!(&row["status"], service.status.as_str());
                }
                prop_assert_eq!(&shown, &service.dimensions);
                let span: Value = serde_json::from_slice(&rendered.rows[rendered.spans[position].clone()]).unwrap();
                prop_assert_eq!(&span, row);
            }
            prop_assert!(!rendered.entry.windows(testing::KEY.len()).any(|window| window == testing::KEY.as_bytes()));
        }
    }

    fn keys(object: &Value) -> Vec<&str> {
        let mut keys: Vec<&str> = object.as_object().unwrap().keys().map(String::as_str).collect();
        keys.sort_unstable();
        keys
    }
}
