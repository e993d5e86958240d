//! The bodies' bytes. Pure: what is known in, bytes out.

use std::ops::Range;

use bytes::Bytes;
use unistatus_core::store::TargetState;

use crate::contract::{Row, Served, ServiceFields, TargetEntry, TargetFields};
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

/// Renders a target; `is_stale` if it is not believed any more.
pub(super) fn target(state: &TargetState, is_stale: bool) -> Rendered {
    let services = || state.services.iter().map(|service| Served::of(service, is_stale));
    let entry = json::to_vec(&TargetEntry::new(state, services(), TargetFields::ALL));
    let mut spans = Vec::with_capacity(state.services.len());
    let mut end = OPEN.len();
    let rows: Vec<Vec<u8>> = services()
        .map(|service| {
            let row = json::to_vec(&Row::new(&state.name, service, ServiceFields::ALL));
            spans.push(end..end + row.len());
            end += row.len() + COMMA.len();
            row
        })
        .collect();
    Rendered { entry: entry.into(), rows: array(rows.iter().map(Vec::as_slice)).into(), spans }
}

/// The list of all targets, from their entries.
pub(super) fn list<'a>(entries: impl Iterator<Item = &'a [u8]> + Clone) -> Bytes {
    [b"{\"targets\":", array(entries).as_slice(), b"}"].concat().into()
}

const OPEN: &[u8] = b"[";
const COMMA: &[u8] = b",";
const CLOSE: &[u8] = b"]";

/// A JSON array of elements that are JSON already.
pub(super) fn array<'a>(elements: impl Iterator<Item = &'a [u8]> + Clone) -> Vec<u8> {
    let length: usize = elements.clone().map(|element| element.len() + COMMA.len()).sum();
    let mut array = Vec::with_capacity(OPEN.len() + length + CLOSE.len());
    array.extend_from_slice(OPEN);
    for (position, element) in elements.enumerate() {
        if position > 0 {
            array.extend_from_slice(COMMA);
        }
        array.extend_from_slice(element);
    }
    array.extend_from_slice(CLOSE);
    array
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};
    use unistatus_core::schema::{Dimensions, Kind, Scalar, Service, Status, Timestamp};

    use super::*;
    use crate::snapshot::testing;

    /// A target, rendered so many seconds after it was asked.
    fn rendered(state: &TargetState, secs: i64) -> Rendered {
        target(state, state.health.is_stale(testing::at(secs)))
    }

    #[test]
    fn what_is_fresh_is_written_as_it_is() {
        let state = testing::target("github", [testing::service("Actions", Status::Degraded)]);
        let rendered = rendered(&state, 0);
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
        let believed = rendered(&state, testing::BELIEVED_SECS);
        assert!(!believed.entry.windows(5).any(|window| window == b"stale"));
        let disbelieved = rendered(&state, testing::BELIEVED_SECS + 1);
        let rows: Value = serde_json::from_slice(&disbelieved.rows).unwrap();
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
            let rendered = rendered(&state, secs);
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
