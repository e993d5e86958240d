//! Slack: the current status, and the history of the same items.

use serde_json::Value;

use super::incident::{headline, link, recent, state, updates};
use super::json::{describe, has_list, list, text, time, word};
use super::merge::Merged;
use crate::schema::{Incident, IncidentKind, IncidentState, IncidentUpdate, Service, dimension_names};
use crate::target::{Document, Meaning, ParseError, Report, Vocabulary};

/// What the type of an active item means. A notice tells of something that is not Slack's own trouble.
static TYPES: Vocabulary =
    Vocabulary(&[("outage", Meaning::OUTAGE), ("incident", Meaning::DEGRADED), ("notice", Meaning::OK)]);

/// What the status of an item means; only `active` counts against its services.
const STATES: &[(&str, IncidentState)] = &[
    ("active", IncidentState::Investigating),
    ("resolved", IncidentState::Resolved),
    ("scheduled", IncidentState::Scheduled),
    ("completed", IncidentState::Completed),
    ("cancelled", IncidentState::Completed),
];

/// The words that the current status has for itself. `active` is no severity: a mere notice makes it so.
const CURRENT: [&str; 2] = ["ok", "active"];

/// Reads the current status, or the history (a bare list): the services that active items name. All others are OK.
pub(super) fn parse(document: &Document<'_>) -> Result<Report, ParseError> {
    let value: Value = document.json()?;
    let Some(items) = items(&value) else {
        return Err(ParseError::unrecognised(format!(
            "expected Slack's current status (an object with status ok or active, and active_incidents) or its \
             history (a list of items with type, status and services), found {}",
            describe(&value)
        )));
    };

    let mut report = Report::open_only();
    let mut merged = Merged::default();
    let mut incidents = Vec::new();
    for item in items {
        let stated = word(item, "status");
        let state = state(STATES, &stated);
        let meaning = match state {
            Some(IncidentState::Investigating) => Some(report.read(&TYPES, &word(item, "type"))),
            Some(_) => None,
            None => Some(report.unknown(&stated)),
        };
        if let Some(meaning) = meaning {
            for service in services(item, meaning) {
                merged.add(service);
            }
        }
        incidents.push(incident(item, state.unwrap_or(IncidentState::Investigating)));
    }
    report.services = merged.into_services();
    report.incidents = recent(incidents);
    Ok(report)
}

/// The document's items; `None` if it is not Slack's. A history is never empty, so an empty list is none.
fn items(value: &Value) -> Option<&[Value]> {
    let is_item =
        |item: &Value| text(item, "type").is_some() && item.get("status").is_some() && item.get("services").is_some();
    if let Value::Array(items) = value {
        return Some(items.as_slice()).filter(|items| !items.is_empty() && items.iter().all(is_item));
    }
    let word = text(value, "status")?;
    let is_current = CURRENT.iter().any(|known| known.eq_ignore_ascii_case(&word));
    (is_current && has_list(value, "active_incidents")).then(|| list(value, "active_incidents"))
}

/// The names of the services that an item names; they are all the id that Slack gives them.
fn names(item: &Value) -> impl Iterator<Item = &str> {
    list(item, "services").iter().filter_map(Value::as_str).map(str::trim).filter(|name| !name.is_empty())
}

fn services(item: &Value, meaning: Meaning) -> impl Iterator<Item = Service> {
    names(item).map(move |name| {
        let mut service = Service::named(name, name);
        service.set(meaning);
        service.last_timestamp = time(item, "date_updated").or_else(|| time(item, "date_created"));
        service.dimensions.insert(dimension_names::INCIDENT.to_owned(), word(item, "id").into());
        service
    })
}

fn incident(item: &Value, state: IncidentState) -> Incident {
    let is_planned = matches!(state, IncidentState::Scheduled | IncidentState::Completed);
    let said = list(item, "notes").iter().map(|note| IncidentUpdate {
        at: time(note, "date_created"),
        state: None,
        text: text(note, "body").unwrap_or_default(),
    });
    Incident {
        key: word(item, "id"),
        kind: if is_planned { IncidentKind::Maintenance } else { IncidentKind::Incident },
        title: headline(&text(item, "title").unwrap_or_default()),
        state,
        impact: text(item, "type").and_then(|word| TYPES.meaning(&word)).map(Meaning::status),
        started_at: time(item, "date_created"),
        updated_at: time(item, "date_updated"),
        // Slack does not say when an item ended; the last update may be a later correction.
        resolved_at: None,
        url: link(item, "url"),
        services: names(item).map(str::to_owned).collect(),
        updates: updates(said),
    }
}

#[cfg(test)]
mod tests {
    use super::super::incident::MAX_CLOSED;
    use super::*;
    use crate::schema::Status;
    use serde_json::json;

    fn read(value: &Value) -> Result<Report, ParseError> {
        parse(&Document::new(value.to_string().as_bytes()))
    }

    fn item(id: u32, kind: &str, status: &str, services: &[&str]) -> Value {
        json!({
            "id": id, "type": kind, "status": status, "services": services, "title": "Trouble &amp; strife",
            "date_created": "2024-02-27T07:41:56-08:00", "date_updated": format!("2024-02-27T08:0{id}:40-08:00"),
            "url": "https://slack-status.com/2024-02/1",
            "notes": [{"date_created": "2024-02-27T07:41:56-08:00", "body": "<p>We know.</p>"}],
        })
    }

    fn current(items: &[Value]) -> Value {
        let word = if items.is_empty() { "ok" } else { "active" };
        json!({"status": word, "date_updated": "2024-02-27T09:24:02-08:00", "active_incidents": items})
    }

    fn seen(report: &Report) -> Vec<(&str, Status)> {
        report.services.iter().map(|service| (service.name.as_str(), service.status)).collect()
    }

    #[test]
    fn the_type_of_an_active_item_is_what_counts() {
        for (kind, status, is_known) in [
            ("outage", Status::Outage, true),
            ("Incident", Status::Degraded, true),
            ("notice", Status::Ok, true),
            ("haunting", Status::Unknown, false),
        ] {
            let report = read(&current(&[item(1, kind, "active", &["Search"])])).unwrap();
            assert_eq!(seen(&report), [("Search", status)], "{kind}");
            assert_eq!(report.unknown_words.is_empty(), is_known);
        }
        assert!(read(&current(&[])).unwrap().services.is_empty());
    }

    #[test]
    fn only_active_items_count() {
        for (status, state, kind) in [
            ("resolved", IncidentState::Resolved, IncidentKind::Incident),
            ("scheduled", IncidentState::Scheduled, IncidentKind::Maintenance),
            ("completed", IncidentState::Completed, IncidentKind::Maintenance),
            ("cancelled", IncidentState::Completed, IncidentKind::Maintenance),
        ] {
            let report = read(&current(&[item(1, "outage", status, &["Search"])])).unwrap();
            assert!(report.services.is_empty(), "{status}");
            assert_eq!((report.incidents[0].state, report.incidents[0].kind), (state, kind));
        }
        let report = read(&current(&[item(1, "outage", "smouldering", &["Search"])])).unwrap();
        assert_eq!(seen(&report), [("Search", Status::Unknown)]);
        assert!(report.unknown_words.contains("smouldering"));
    }

    #[test]
    fn of_several_items_on_one_service_the_worst_counts() {
        let items = [
            item(1, "incident", "active", &["Search", "Files"]),
            item(2, "outage", "active", &["Search"]),
            item(3, "notice", "active", &["Search"]),
        ];
        let report = read(&current(&items)).unwrap();
        assert_eq!(seen(&report), [("Search", Status::Outage), ("Files", Status::Degraded)]);
        let search = &report.services[0];
        assert_eq!(search.dimensions["incident"], "2".into());
        assert_eq!(search.last_timestamp.unwrap().to_string(), "2024-02-27T16:03:40.000Z");
    }

    #[test]
    fn an_item_becomes_an_incident() {
        let report = read(&current(&[item(7, "incident", "active", &["Search"])])).unwrap();
        let incident = &report.incidents[0];
        assert_eq!((incident.key.as_str(), incident.title.as_str()), ("7", "Trouble & strife"));
        assert_eq!((incident.state, incident.impact), (IncidentState::Investigating, Some(Status::Degraded)));
        assert_eq!(
            (incident.services.as_slice(), incident.updates[0].text.as_str()),
            (&["Search".to_owned()][..], "We know.")
        );
        assert_eq!(incident.url.as_deref(), Some("https://slack-status.com/2024-02/1"));
    }

    #[test]
    fn of_the_history_only_what_is_still_active_counts() {
        let items = [item(2, "incident", "active", &["Search"]), item(1, "outage", "resolved", &["Files"])];
        let report = read(&json!(items)).unwrap();
        assert_eq!(seen(&report), [("Search", Status::Degraded)]);
        assert_eq!(report.incidents.len(), 2);

        let past = (1..=200).map(|id| item(id, "outage", "resolved", &["Files"]));
        let report = read(&past.chain([item(0, "incident", "active", &["Search"])]).collect()).unwrap();
        assert_eq!(seen(&report), [("Search", Status::Degraded)]);
        assert_eq!((report.incidents.len(), report.incidents[0].key.as_str()), (1 + MAX_CLOSED, "0"));
    }

    #[test]
    fn other_documents_are_refused() {
        for stranger in [
            json!([]),
            json!({"status": "ok"}),
            json!({"status": "green", "active_incidents": []}),
            json!({"status": "ok", "active_incidents": null}),
            json!({"status": 500, "error": "x"}),
            json!([{"service": "Exchange", "status": "serviceOperational", "id": "Exchange", "issues": []}]),
        ] {
            let error = read(&stranger).unwrap_err();
            assert!(matches!(&error, ParseError::Unrecognised(said) if said.contains("Slack")), "{stranger}: {error}");
        }
    }
}
