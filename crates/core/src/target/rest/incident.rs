//! What the formats share in telling of incidents.

use std::cmp::Reverse;

use serde_json::Value;

use super::json::text;
use crate::schema::{Incident, IncidentState, IncidentUpdate, plain_text, truncate};

/// How many characters of a headline are kept.
const MAX_TITLE: usize = 300;

/// How many incidents that are over are told of.
pub(super) const MAX_CLOSED: usize = 50;

/// A headline as plain text of limited length.
pub(super) fn headline(text: &str) -> String {
    truncate(&plain_text(text), MAX_TITLE)
}

/// What a state word means; words compare without regard to case.
pub(super) fn state(words: &[(&str, IncidentState)], word: &str) -> Option<IncidentState> {
    words.iter().find(|(known, _)| known.eq_ignore_ascii_case(word.trim())).map(|&(_, state)| state)
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

/// What is told of a source that keeps its history for years: all that is open, then the newest of what is over.
pub(super) fn recent<T>(events: Vec<T>, incident: impl Fn(&T) -> &Incident) -> Vec<T> {
    let (mut told, mut closed): (Vec<_>, Vec<_>) = events.into_iter().partition(|event| incident(event).is_open());
    closed.sort_by_key(|event| Reverse(incident(event).resolved_at.max(incident(event).updated_at)));
    closed.truncate(MAX_CLOSED);
    told.append(&mut closed);
    told
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{IncidentKind, Timestamp};
    use serde_json::json;

    #[test]
    fn of_a_long_history_the_open_and_the_newest_are_told() {
        let one = |secs: i64| Incident {
            key: secs.to_string(),
            kind: IncidentKind::Incident,
            title: String::new(),
            state: if secs < 3 { IncidentState::Monitoring } else { IncidentState::Resolved },
            impact: None,
            started_at: None,
            updated_at: Timestamp::from_secs(secs),
            resolved_at: None,
            url: None,
            services: Vec::new(),
            updates: Vec::new(),
        };
        let told = recent((1..200).map(one).collect(), |incident| incident);
        let keys: Vec<_> = told.iter().map(|incident| incident.key.as_str()).collect();
        assert_eq!(keys.len(), 2 + MAX_CLOSED);
        assert_eq!((&keys[..4], keys[51]), (&["1", "2", "199", "198"][..], "150"));
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
