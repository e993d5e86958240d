//! What the formats share in telling of incidents.

use std::cmp::Reverse;
use std::collections::HashMap;

use serde_json::Value;

use super::json::text;
use crate::schema::{
    Incident, IncidentKind, IncidentState, IncidentUpdate, Service, dimension_names, plain_text, truncate,
};
use crate::target::Report;

/// How many characters of a headline are kept.
const MAX_TITLE: usize = 300;

/// A headline as plain text of limited length.
pub(super) fn headline(text: &str) -> String {
    truncate(&plain_text(text), MAX_TITLE)
}

/// What a state word means; words compare without regard to case.
pub(super) fn state(words: &[(&str, IncidentState)], word: &str) -> Option<IncidentState> {
    words.iter().find(|(known, _)| known.eq_ignore_ascii_case(word.trim())).map(|&(_, state)| state)
}

/// As [`state`]; a word that the table does not have is noted.
pub(super) fn read_state(report: &mut Report, words: &[(&str, IncidentState)], word: &str) -> Option<IncidentState> {
    let known = state(words, word);
    if known.is_none() {
        report.unknown(word);
    }
    known
}

/// Gives the services that open incidents name the key of theirs: of several the one with the worst impact, then the
/// first. Planned work is no incident.
pub(super) fn mark_named(services: &mut [Service], incidents: &[Incident]) {
    let mut named: HashMap<&str, &Incident> = HashMap::new();
    for incident in incidents.iter().filter(|incident| incident.is_open() && incident.kind == IncidentKind::Incident) {
        for key in &incident.services {
            let known = named.entry(key).or_insert(incident);
            if incident.impact > known.impact {
                *known = incident;
            }
        }
    }
    for service in services {
        if let Some(incident) = named.get(service.key.as_str()) {
            service.dimensions.insert(dimension_names::INCIDENT.to_owned(), incident.key.as_str().into());
        }
    }
}

/// The web address under a key; what is none (a path, another scheme) is left out.
pub(super) fn link(value: &Value, key: &str) -> Option<String> {
    text(value, key).filter(|url| url.starts_with("https://") || url.starts_with("http://"))
}

/// Updates as they are kept: newest first, only so many, in plain text of limited length. Those without a time come
/// last, in the source's order.
pub(super) fn updates(said: impl Iterator<Item = IncidentUpdate>) -> Vec<IncidentUpdate> {
    let mut updates: Vec<_> = said.collect();
    updates.sort_by_key(|update| Reverse(update.at));
    updates.truncate(Incident::MAX_UPDATES);
    for update in &mut updates {
        update.text = truncate(&plain_text(&update.text), IncidentUpdate::MAX_TEXT);
    }
    updates
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Status, Timestamp};
    use serde_json::json;

    fn incident(key: &str, kind: IncidentKind, state: IncidentState, impact: Status) -> Incident {
        Incident {
            key: key.to_owned(),
            kind,
            title: String::new(),
            state,
            impact: Some(impact),
            started_at: None,
            updated_at: None,
            resolved_at: None,
            url: None,
            services: vec!["api".to_owned()],
            updates: Vec::new(),
        }
    }

    #[test]
    fn a_service_is_marked_with_the_worst_open_incident_that_names_it() {
        use IncidentKind::{Incident as Unplanned, Maintenance};
        let incidents = [
            incident("over", Unplanned, IncidentState::Resolved, Status::Outage),
            incident("planned", Maintenance, IncidentState::InProgress, Status::Outage),
            incident("mild", Unplanned, IncidentState::Monitoring, Status::Ok),
            incident("first", Unplanned, IncidentState::Identified, Status::Degraded),
            incident("second", Unplanned, IncidentState::Identified, Status::Degraded),
        ];
        let marked = |incidents| {
            let mut services = [Service::named("api", "API"), Service::named("web", "Web")];
            mark_named(&mut services, incidents);
            assert!(services[1].dimensions.is_empty());
            services[0].dimensions.get("incident").map(ToString::to_string)
        };
        assert_eq!(marked(&incidents).as_deref(), Some("first"));
        assert_eq!(marked(&incidents[..3]).as_deref(), Some("mild"));
        assert_eq!(marked(&incidents[..2]), None);
    }

    #[test]
    fn updates_are_newest_first_short_and_plain() {
        let said = |secs: i64, text: &str| IncidentUpdate {
            at: Timestamp::from_secs(secs).and_then(Timestamp::unless_null),
            state: None,
            text: text.to_owned(),
        };
        let kept = updates([said(0, "undated"), said(5, "old"), said(9, "<p>new</p>")].into_iter());
        assert_eq!(kept.iter().map(|update| update.text.as_str()).collect::<Vec<_>>(), ["new", "old", "undated"]);

        let many = updates((1..200).map(|secs| said(secs, &"x".repeat(5_000))));
        assert_eq!(many.len(), Incident::MAX_UPDATES);
        assert_eq!(many[0].at, Timestamp::from_secs(199));
        assert!(many.iter().all(|update| update.text.chars().count() == IncidentUpdate::MAX_TEXT));
    }

    #[test]
    fn only_web_addresses_are_links() {
        let value = json!({"a": "https://example.com/1", "b": "incidents/1", "c": "javascript:alert(1)", "d": null});
        assert_eq!(link(&value, "a").as_deref(), Some("https://example.com/1"));
        assert!(["b", "c", "d"].iter().all(|key| link(&value, key).is_none()));
    }
}
