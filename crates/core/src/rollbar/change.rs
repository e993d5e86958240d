//! What of an item can be changed.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::{ItemLevel, ItemStatus};

/// How long a title may be, in characters.
const TITLE: usize = 255;
/// How long the name of a version may be, in characters.
const VERSION: usize = 40;
/// The names of what can be changed.
const FIELDS: [&str; 8] = [
    "status",
    "resolved_in_version",
    "title",
    "level",
    "assigned_user_id",
    "assigned_team_id",
    "snooze_enabled",
    "snooze_expiration_in_seconds",
];

/// A change of an item, in Rollbar's own words. What is not given stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ItemChange {
    /// The status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<ItemStatus>,
    /// The version that it is resolved in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolved_in_version: Option<String>,
    /// The title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The level.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<ItemLevel>,
    /// The id of the user whom it is assigned to.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub assigned_user_id: Option<Assignee>,
    /// The id of the team that it is assigned to.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub assigned_team_id: Option<Assignee>,
    /// Whether nobody is to hear of it for a while.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snooze_enabled: Option<bool>,
    /// For how long, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snooze_expiration_in_seconds: Option<u32>,
}

/// What is wrong with a change; the message says what is expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadChange {
    /// It is no JSON object, or has a value of another kind than it should have.
    #[error(
        "expected is a JSON object with some of status (active, resolved, muted, archived), level (critical, error, \
         warning, info, debug), title, assigned_user_id, assigned_team_id, resolved_in_version, snooze_enabled, \
         snooze_expiration_in_seconds"
    )]
    Unreadable,
    /// Nothing is to be changed.
    #[error("nothing is to be changed")]
    Nothing,
    /// No title, or one that is too long.
    #[error("a title has 1 to {TITLE} characters")]
    Title,
    /// A version that is too long, or without the status that it goes with.
    #[error("resolved_in_version has 1 to {VERSION} characters, and goes with the status resolved")]
    Version,
    /// A time without what it is for.
    #[error("snooze_expiration_in_seconds is 1 or more, and goes with snooze_enabled true")]
    Snooze,
}

/// Whom an item is assigned to; nobody is written `null`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Option<u64>", into = "Option<u64>")]
pub enum Assignee {
    /// Nobody.
    Nobody,
    /// Who has this id.
    Id(u64),
}

impl From<Option<u64>> for Assignee {
    fn from(id: Option<u64>) -> Self {
        id.map_or(Self::Nobody, Self::Id)
    }
}

impl From<Assignee> for Option<u64> {
    fn from(assignee: Assignee) -> Self {
        match assignee {
            Assignee::Nobody => None,
            Assignee::Id(id) => Some(id),
        }
    }
}

/// A value that is given, though it be `null`.
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Assignee>, D::Error> {
    Assignee::deserialize(deserializer).map(Some)
}

impl ItemChange {
    /// The change to this status, and nothing else.
    pub fn to(status: ItemStatus) -> Self {
        Self { status: Some(status), ..Self::default() }
    }

    /// Reads a change: what it names, and nothing but what can be changed.
    ///
    /// # Errors
    /// [`BadChange`].
    pub fn read(json: &[u8]) -> Result<Self, BadChange> {
        let fields: Map<String, Value> = serde_json::from_slice(json).map_err(|_| BadChange::Unreadable)?;
        Self::of(fields)
    }

    /// Reads the change that makes an item what it is told to be: an item as Rollbar tells it, changed here and there.
    /// What cannot be changed is passed over, and so is what goes with another state.
    ///
    /// # Errors
    /// [`BadChange`].
    pub fn read_whole(json: &[u8]) -> Result<Self, BadChange> {
        let mut fields: Map<String, Value> = serde_json::from_slice(json).map_err(|_| BadChange::Unreadable)?;
        // An item that tells of neither has `null` there, as it has a version it was once resolved in.
        fields.retain(|name, value| {
            let may_be_null = matches!(name.as_str(), "assigned_user_id" | "assigned_team_id");
            FIELDS.contains(&name.as_str()) && (may_be_null || !value.is_null())
        });
        if fields.get("status").and_then(Value::as_str) != Some(ItemStatus::Resolved.as_str()) {
            fields.remove("resolved_in_version");
        }
        // Teams cost extra: an account without them would refuse the change for a team that nobody named.
        if fields.get("assigned_team_id").is_some_and(Value::is_null) {
            fields.remove("assigned_team_id");
        }
        Self::of(fields)
    }

    fn of(fields: Map<String, Value>) -> Result<Self, BadChange> {
        let change: Self = serde_json::from_value(fields.into()).map_err(|_| BadChange::Unreadable)?;
        change.check().map(|()| change)
    }

    /// Whether Rollbar can be asked for it.
    ///
    /// # Errors
    /// [`BadChange`].
    pub fn check(&self) -> Result<(), BadChange> {
        let fits = |text: &Option<String>, most| {
            text.as_ref().is_none_or(|text| !text.is_empty() && text.chars().count() <= most)
        };
        if *self == Self::default() {
            return Err(BadChange::Nothing);
        }
        if !fits(&self.title, TITLE) {
            return Err(BadChange::Title);
        }
        let is_resolved = self.status == Some(ItemStatus::Resolved);
        if !fits(&self.resolved_in_version, VERSION) || (self.resolved_in_version.is_some() && !is_resolved) {
            return Err(BadChange::Version);
        }
        match self.snooze_expiration_in_seconds {
            Some(seconds) if seconds == 0 || self.snooze_enabled != Some(true) => Err(BadChange::Snooze),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(value: &Value) -> Result<Value, BadChange> {
        ItemChange::read(value.to_string().as_bytes()).map(|change| json!(change))
    }

    #[test]
    fn a_change_is_sent_as_it_is_read() {
        for change in [
            json!({"status": "resolved", "resolved_in_version": "aabbcc1"}),
            json!({"status": "archived"}),
            json!({"level": "warning", "title": "A title"}),
            json!({"assigned_user_id": null}),
            json!({"assigned_user_id": 7, "assigned_team_id": null}),
            json!({"snooze_enabled": true, "snooze_expiration_in_seconds": 3600}),
            json!({"snooze_enabled": false}),
        ] {
            assert_eq!(read(&change), Ok(change));
        }
        // Not given is what `null` means elsewhere.
        assert_eq!(read(&json!({"status": "active", "title": null})), Ok(json!({"status": "active"})));
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for (change, fault) in [
            (json!({}), BadChange::Nothing),
            (json!([]), BadChange::Unreadable),
            (json!({"status": "open"}), BadChange::Unreadable),
            (json!({"level": 40}), BadChange::Unreadable),
            (json!({"counter": 1}), BadChange::Unreadable),
            (json!({"assigned_user_id": "ann"}), BadChange::Unreadable),
            (json!({"title": ""}), BadChange::Title),
            (json!({"title": "x".repeat(256)}), BadChange::Title),
            (json!({"resolved_in_version": "1"}), BadChange::Version),
            (json!({"status": "resolved", "resolved_in_version": "x".repeat(41)}), BadChange::Version),
            (json!({"snooze_expiration_in_seconds": 60}), BadChange::Snooze),
            (json!({"snooze_enabled": true, "snooze_expiration_in_seconds": 0}), BadChange::Snooze),
        ] {
            assert_eq!(read(&change), Err(fault), "{change}");
        }
        assert_eq!(ItemChange::read(b"{"), Err(BadChange::Unreadable));
        // Bounds are in characters.
        assert!(read(&json!({"title": "é".repeat(255)})).is_ok());
    }

    #[test]
    fn of_a_whole_item_what_can_be_changed_is_taken() {
        let whole = |value: Value| ItemChange::read_whole(value.to_string().as_bytes()).map(|change| json!(change));
        let item = json!({
            "id": 1, "counter": 2, "status": "active", "level": "error", "title": "Oh", "total_occurrences": 3,
            "assigned_user_id": null, "assigned_team_id": null, "resolved_in_version": "old", "snooze_enabled": null,
        });
        let change = json!({"status": "active", "level": "error", "title": "Oh", "assigned_user_id": null});
        assert_eq!(whole(item), Ok(change));
        assert_eq!(whole(json!({"status": "muted"})), Ok(json!({"status": "muted"})));
        assert_eq!(whole(json!({"id": 1})), Err(BadChange::Nothing));
        assert_eq!(whole(json!({"status": "gone"})), Err(BadChange::Unreadable));
    }
}
