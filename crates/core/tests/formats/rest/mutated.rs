//! Documents of our own, broken on purpose: whatever a source sends, no format panics, and the same bytes always give
//! the same report.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use proptest::prelude::*;
use serde_json::{Value, json};
use unistatus_core::schema::Kind;
use unistatus_core::target::{Document, Filter, Format, Mapping, find_format};

use super::builtin;

/// A format and a document of its family, with something of everything in it.
type Seed = (&'static str, Value);

/// One document of each format.
fn seeds() -> Vec<Seed> {
    [seeds_of_vendors(), seeds_of_pages()].concat()
}

/// As [`seeds`]: those of Statuspage, and of vendors with a format of their own.
fn seeds_of_vendors() -> Vec<Seed> {
    let incident = json!({
        "id": "i1", "name": "Trouble", "status": "investigating", "impact": "critical", "shortlink": "https://x.test/1",
        "created_at": "2026-01-01T00:00:00Z", "components": [{"id": "c1", "name": "API"}],
        "incident_updates": [{"status": "identified", "body": "<p>é &amp; ü</p>", "created_at": "2026-01-01T00:00:00Z"}],
    });
    vec![
        (
            "statuspage",
            json!({
                "page": {"id": "p", "name": "Acme", "updated_at": "2026-01-01T00:00:00.123-07:00"},
                "status": {"indicator": "minor", "description": "…"},
                "components": [
                    {"id": "g", "name": "EU", "status": "major_outage", "group": true},
                    {"id": "c1", "name": "API", "status": "major_outage", "group_id": "g", "updated_at": "2026-01-01T00:00:00Z"},
                ],
                "incidents": [incident], "scheduled_maintenances": [{"id": "m", "name": "Work", "status": "in_progress"}],
            }),
        ),
        (
            "google-incidents",
            json!([{
                "id": "i1", "begin": "2026-01-01T00:00:00+00:00", "external_desc": "**Title**\nSlow", "severity": "low",
                "most_recent_update": {"when": "2026-01-01T00:00:00+00:00", "status": "SERVICE_OUTAGE"},
                "affected_products": [{"id": "p1", "title": "Compute"}], "updates": [{"text": "…"}],
                "currently_affected_locations": [{"id": "us-west1"}, {"id": "global"}],
            }]),
        ),
        (
            "azure-devops",
            json!({
                "status": {"health": "healthy"}, "lastUpdated": "2026-01-01T00:00:00Z",
                "services": [{"id": "Boards", "geographies": [{"id": "EU", "name": "Europe", "health": "degraded"}]}],
            }),
        ),
        (
            "slack",
            json!({
                "status": "active", "date_updated": "2026-01-01T00:00:00-08:00",
                "active_incidents": [{
                    "id": 7, "type": "incident", "status": "active", "services": ["Search"], "title": "Slow",
                    "notes": [{"body": "<b>…</b>", "date_created": "2026-01-01T00:00:00-08:00"}],
                }],
            }),
        ),
    ]
}

/// As [`seeds`]: those of Heroku, and of services that host pages for others.
fn seeds_of_pages() -> Vec<Seed> {
    vec![
        (
            "heroku",
            json!({
                "status": [{"system": "Apps", "status": "yellow"}, {"system": "Data", "status": "green"}],
                "incidents": [{
                    "id": 7, "title": "Slow", "state": "open", "updated_at": "2026-01-01T00:00:00.000Z",
                    "systems": [{"name": "Apps", "status": "yellow"}],
                    "updates": [{"update_type": "issue", "contents": "…", "created_at": "2026-01-01T00:00:00.000Z"}],
                }],
                "scheduled": [{"id": 8, "title": "Work", "state": "upcoming", "updates": [{"update_type": "resolved"}]}],
            }),
        ),
        (
            "statusio",
            json!({"result": {
                "status_overall": {"status": "Service Disruption", "status_code": 500, "updated": "2026-01-01T00:00:00Z"},
                "status": [{
                    "id": "c", "name": "API", "status_code": 300,
                    "containers": [{"id": "k", "name": "EU", "status_code": 300, "updated": "2026-01-01T00:00:00Z"}],
                }],
                "incidents": [{
                    "_id": "i", "name": "Slow", "components_affected": [{"_id": "c"}], "containers_affected": [{"_id": "k"}],
                    "messages": [{"state": 100, "status": 300, "details": "…", "datetime": "2026-01-01T00:00:00Z"}],
                }],
                "maintenance": {"active": [{"_id": "m", "name": "Work"}], "upcoming": []},
            }}),
        ),
        (
            "instatus",
            json!({
                "page": {"name": "Acme", "status": "HASISSUES"},
                "activeIncidents": [{"id": "i", "name": "Slow", "status": "IDENTIFIED", "impact": "MAJOROUTAGE"}],
                "activeMaintenances": [{"name": "Work", "status": "INPROGRESS", "start": "2026-01-01T00:00:00.000Z"}],
                "components": [
                    {"id": "g", "name": "EU", "status": "MAJOROUTAGE", "group": null, "children": []},
                    {"id": "c", "name": "API", "status": "MAJOROUTAGE", "group": {"id": "g", "name": "EU"}},
                ],
            }),
        ),
        (
            "betterstack",
            json!({
                "data": {"id": "1", "type": "status_page", "attributes": {
                    "company_name": "Acme", "aggregate_state": "downtime", "updated_at": "2026-01-01T00:00:00.000Z",
                }},
                "included": [
                    {"id": "5", "type": "status_page_section", "attributes": {"name": "EU"}},
                    {"id": "2", "type": "status_page_resource", "attributes": {
                        "status_page_section_id": 5, "public_name": "API", "status": "downtime",
                    }},
                    {"id": "3", "type": "status_report", "attributes": {
                        "title": "Down", "report_type": "manual", "aggregate_state": "downtime",
                        "affected_resources": [{"status_page_resource_id": "2", "status": "downtime"}],
                    }, "relationships": {"status_updates": {"data": [{"id": "4", "type": "status_update"}]}}},
                    {"id": "4", "type": "status_update", "attributes": {
                        "message": "…", "published_at": "2026-01-01T00:00:00.000Z",
                        "affected_resources": [{"status_page_resource_id": "2", "status": "downtime"}],
                    }},
                ],
            }),
        ),
        (
            "sorry",
            json!({
                "page": {"id": 1, "name": "Acme", "state": "degraded", "updated_at": "2026-01-01T00:00:00.000Z"},
                "components": [{"id": 2, "name": "EU", "state": "operational"}, {
                    "id": 3, "name": "API", "state": "degraded", "parent_id": 2, "updated_at": "2026-01-01T00:00:00.000Z",
                }],
                "notices": [{
                    "id": 4, "type": "unplanned", "state": "identified", "subject": "Slow", "components": [{"id": 3}],
                    "latest_update": {"state": "identified", "content": "…", "created_at": "2026-01-01T00:00:00.000Z"},
                }],
            }),
        ),
    ]
}

/// All built-in formats, and a filter that takes whatever a document holds for a service.
#[expect(clippy::unwrap_used, reason = "a helper of tests")]
fn all_formats() -> &'static [Arc<dyn Format>] {
    static FORMATS: LazyLock<Vec<Arc<dyn Format>>> = LazyLock::new(|| {
        let filter = ".. | objects | {name: (.name // .id), status, lastTimestamp: .updated_at, dimensions: .page}";
        let mapping = Mapping { jq: Some(filter.to_owned()), ..Mapping::default() };
        let names = builtin().chain(["jq"]);
        names.map(|name| find_format(Kind::Rest, name).unwrap().build(&mapping).unwrap()).collect()
    });
    &FORMATS
}

fn try_all(bytes: &[u8]) -> Result<(), TestCaseError> {
    for format in all_formats() {
        let read = || format.parse(&Document::new(bytes)).and_then(|report| report.finish(&Filter::default()));
        prop_assert_eq!(read(), read());
    }
    Ok(())
}

/// Puts `other` in the place of the n-th value of a document, counted in its order.
fn replace(value: &mut Value, n: &mut usize, other: &Value) {
    if *n == 0 {
        *value = other.clone();
    }
    *n = n.wrapping_sub(1);
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, n, other)),
        Value::Object(fields) => fields.values_mut().for_each(|field| replace(field, n, other)),
        _ => {}
    }
}

/// Values that have no business where they are put.
fn stray() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        Just(json!("9999-12-31T23:59:60+23:59")),
    ];
    scalar.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map("id|name|status|begin|services", inner, 0..3)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_cut_or_flipped_bytes_make_a_format_panic(
        seed in any::<prop::sample::Index>(), cut in any::<prop::sample::Index>(),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
    ) {
        let mut bytes = seed.get(&seeds()).1.to_string().into_bytes();
        for (place, byte) in flips {
            let place = place.index(bytes.len());
            bytes[place] ^= byte;
        }
        try_all(&bytes)?;
        bytes.truncate(cut.index(bytes.len()));
        try_all(&bytes)?;
    }

    #[test]
    fn no_stray_value_makes_a_format_panic(
        seed in any::<prop::sample::Index>(), strays in prop::collection::vec((0..60_usize, stray()), 1..4),
    ) {
        let mut value = seed.get(&seeds()).1.clone();
        for (mut place, stray) in strays {
            replace(&mut value, &mut place, &stray);
        }
        try_all(value.to_string().as_bytes())?;
    }
}

#[test]
fn every_seed_is_read_by_its_own_format() {
    let seeds = seeds();
    for (format, seed) in &seeds {
        super::read(format, seed.to_string().as_bytes()).unwrap_or_else(|error| panic!("{format}: {error}"));
    }
    let with_seeds: BTreeSet<_> = seeds.iter().map(|(format, _)| *format).collect();
    assert_eq!(with_seeds, builtin().collect(), "every format has a seed");
}
