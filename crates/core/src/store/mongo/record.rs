//! The documents: the schema as it is, but for its dates, which are BSON dates.

use mongodb::bson::{DateTime, RawDocument, RawDocumentBuf, deserialize_from_slice, serialize_to_raw_document_buf};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::schema::{
    About, Dimensions, Event, Gap, Incident, IncidentKind, IncidentState, IncidentUpdate, Kind, Service, Status,
    Timestamp, Validators,
};
use crate::store::{Change, Failure, Health, Period, StoreError, TargetIncident, TargetState};

/// What a document may weigh. MongoDB takes 16 MiB, but a transaction keeps a document several times in the server's
/// cache, of which a small server has 256 MB: at the limit it is refused now and then.
const LARGEST: usize = 8 * 1024 * 1024;

/// Until when the status is a service's that no event has followed yet: a date that never comes, so that one condition
/// finds what was known at an instant, and no index lets it expire.
pub(super) const NEVER: DateTime = DateTime::from_millis(253_402_300_799_999);

/// The end of an event as MongoDB keeps it.
pub(super) fn end_of(until: Option<Timestamp>) -> DateTime {
    until.map_or(NEVER, date_of)
}

/// An instant as MongoDB keeps it.
pub(super) fn date_of(instant: Timestamp) -> DateTime {
    DateTime::from_millis(instant.as_millis())
}

/// A target in `status`: the unified schema, and where it stands.
#[derive(Serialize, Deserialize)]
pub(super) struct StatusRecord {
    #[serde(rename = "_id")]
    pub(super) target: String,
    name: String,
    endpoint: String,
    #[serde(rename = "type")]
    kind: Kind,
    /// Older documents have none.
    #[serde(default)]
    about: About,
    services: Vec<ServiceRecord>,
    revision: u64,
    retired: bool,
}

impl StatusRecord {
    pub(super) fn new(target: &str, revision: u64, change: &Change) -> Self {
        Self {
            target: target.to_owned(),
            name: target.to_owned(),
            endpoint: change.endpoint.clone(),
            kind: change.kind,
            about: change.about.clone(),
            services: change.services.iter().cloned().map(ServiceRecord).collect(),
            revision,
            retired: change.retired,
        }
    }

    pub(super) fn with_health(self, health: Health) -> TargetState {
        TargetState {
            name: self.name,
            endpoint: self.endpoint,
            kind: self.kind,
            about: self.about,
            revision: self.revision,
            retired: self.retired,
            services: self.services.into_iter().map(|ServiceRecord(service)| service).collect(),
            health,
        }
    }
}

/// How the collection of a target goes, in `health`: apart from `status`, so that an ask that changes nothing rewrites
/// some hundred bytes and no services.
#[derive(Serialize, Deserialize)]
pub(super) struct HealthRecord {
    /// The target.
    #[serde(rename = "_id")]
    pub(super) target: String,
    /// The revision in `status`, so that a commit of health alone needs this one document.
    pub(super) revision: u64,
    /// The id of the commit that brought this health.
    pub(super) commit: String,
    #[serde(flatten, with = "HealthFields")]
    pub(super) health: Health,
    /// The token of whoever took the target's lease last. Written with that, and by the target's first commit.
    #[serde(default, skip_serializing)]
    pub(super) fence: u64,
}

/// Which commit brought a revision, in `commits`: what makes writing it again harmless.
#[derive(Serialize, Deserialize)]
pub(super) struct CommitRecord {
    #[serde(rename = "_id")]
    pub(super) brought: Brought,
    pub(super) commit: String,
    /// When it was written.
    #[serde(default, with = "date_if_any")]
    pub(super) at: Option<Timestamp>,
}

/// A revision of a target.
#[derive(Serialize, Deserialize)]
pub(super) struct Brought {
    pub(super) target: String,
    pub(super) revision: u64,
}

/// An event, in `events`.
#[derive(Serialize, Deserialize)]
pub(super) struct EventRecord {
    /// Its place inside its revision.
    pub(super) position: u64,
    /// When the next event of the service followed; a removal ends with itself.
    #[serde(default, with = "date_or_never")]
    until: Option<Timestamp>,
    #[serde(flatten, with = "EventFields")]
    pub(super) event: Event,
}

impl EventRecord {
    /// The record of an event that is its service's last one.
    pub(super) fn new(position: u64, event: Event) -> Self {
        let until = event.to.is_none().then_some(event.at);
        Self { position, until, event }
    }

    /// The record of an event with its end.
    pub(super) fn of_period(position: u64, Period { event, until }: Period) -> Self {
        Self { position, until, event }
    }

    pub(super) fn into_period(self) -> Period {
        Period { event: self.event, until: self.until }
    }
}

/// An incident in its last known form, in `incidents`.
#[derive(Serialize, Deserialize)]
pub(super) struct IncidentRecord {
    target: String,
    /// When it was over, as far as that is known; null for one that is not.
    #[serde(default, rename = "endedAt", with = "date_if_any")]
    ended_at: Option<Timestamp>,
    #[serde(flatten, with = "IncidentFields")]
    pub(super) incident: Incident,
}

impl IncidentRecord {
    pub(super) fn new(target: &str, incident: Incident) -> Self {
        Self { target: target.to_owned(), ended_at: incident.ended_at(), incident }
    }

    pub(super) fn into_target_incident(self) -> TargetIncident {
        TargetIncident { target: self.target, incident: self.incident }
    }
}

/// A time of which nothing is known, in `gaps`.
#[derive(Serialize, Deserialize)]
pub(super) struct GapRecord {
    pub(super) target: String,
    #[serde(flatten, with = "GapFields")]
    pub(super) gap: Gap,
}

/// Writes a document; an error says for which target it cannot be one.
pub(super) fn encode<T: Serialize>(target: &str, record: &T) -> Result<RawDocumentBuf, StoreError> {
    let document = serialize_to_raw_document_buf(record).map_err(|error| StoreError::invalid(target, error))?;
    let size = document.as_bytes().len();
    if size > LARGEST {
        let message = format!("a document of {size} bytes is too large for MongoDB, {LARGEST} are the most");
        return Err(StoreError::invalid(target, message));
    }
    Ok(document)
}

/// Reads a document.
pub(super) fn decode<T: DeserializeOwned>(collection: &str, document: &RawDocument) -> Result<T, StoreError> {
    deserialize_from_slice(document.as_bytes()).map_err(|error| {
        let id = document.get("_id").ok().flatten();
        StoreError::corrupt(format!("the document {id:?} of {collection}"), error)
    })
}

#[derive(Serialize, Deserialize)]
struct ServiceRecord(#[serde(with = "ServiceFields")] Service);

#[derive(Serialize, Deserialize)]
#[serde(remote = "Service", rename_all = "camelCase")]
struct ServiceFields {
    key: String,
    name: String,
    status: Status,
    #[serde(default, with = "date_if_any")]
    last_timestamp: Option<Timestamp>,
    dimensions: Dimensions,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Health", rename_all = "camelCase")]
struct HealthFields {
    interval_ms: u64,
    #[serde(with = "date")]
    last_attempt: Timestamp,
    #[serde(default, with = "date_if_any")]
    last_success: Option<Timestamp>,
    #[serde(default, with = "date_if_any")]
    believed_until: Option<Timestamp>,
    duration_ms: u64,
    http_status: Option<u16>,
    bytes: u64,
    consecutive_failures: u32,
    failure: Option<Failure>,
    #[serde(default, with = "date_if_any")]
    not_before: Option<Timestamp>,
    #[serde(default, with = "date_if_any")]
    next_ask: Option<Timestamp>,
    validators: Validators,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Event", rename_all = "camelCase")]
struct EventFields {
    target: String,
    revision: u64,
    key: String,
    service: String,
    dimensions: Dimensions,
    from: Option<Status>,
    to: Option<Status>,
    #[serde(default, with = "date_if_any")]
    source_at: Option<Timestamp>,
    #[serde(with = "date")]
    at: Timestamp,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Incident", rename_all = "camelCase")]
struct IncidentFields {
    key: String,
    kind: IncidentKind,
    title: String,
    state: IncidentState,
    impact: Option<Status>,
    #[serde(default, with = "date_if_any")]
    started_at: Option<Timestamp>,
    #[serde(default, with = "date_if_any")]
    updated_at: Option<Timestamp>,
    #[serde(default, with = "date_if_any")]
    resolved_at: Option<Timestamp>,
    url: Option<String>,
    services: Vec<String>,
    #[serde(with = "updates")]
    updates: Vec<IncidentUpdate>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "IncidentUpdate", rename_all = "camelCase")]
struct UpdateFields {
    #[serde(default, with = "date_if_any")]
    at: Option<Timestamp>,
    state: Option<IncidentState>,
    text: String,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Gap")]
struct GapFields {
    #[serde(with = "date")]
    from: Timestamp,
    #[serde(with = "date")]
    until: Timestamp,
}

/// The updates of an incident, each through [`UpdateFields`].
mod updates {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::{IncidentUpdate, UpdateFields};

    #[derive(Serialize, Deserialize)]
    struct UpdateRecord(#[serde(with = "UpdateFields")] IncidentUpdate);

    pub(super) fn serialize<S: Serializer>(updates: &[IncidentUpdate], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(updates.iter().cloned().map(UpdateRecord))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<IncidentUpdate>, D::Error> {
        let updates = Vec::<UpdateRecord>::deserialize(deserializer)?;
        Ok(updates.into_iter().map(|UpdateRecord(update)| update).collect())
    }
}

/// An instant as a BSON date.
pub(super) mod date {
    use mongodb::bson::DateTime;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::date_of;
    use crate::schema::Timestamp;

    pub(in crate::store::mongo) fn serialize<S: Serializer>(
        instant: &Timestamp,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        date_of(*instant).serialize(serializer)
    }

    pub(in crate::store::mongo) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Timestamp, D::Error> {
        let millis = DateTime::deserialize(deserializer)?.timestamp_millis();
        Timestamp::from_millis(millis).ok_or_else(|| D::Error::custom("a date beyond dates"))
    }
}

/// An instant as a BSON date, or null.
pub(super) mod date_if_any {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::schema::Timestamp;

    #[derive(Serialize, Deserialize)]
    struct Date(#[serde(with = "super::date")] Timestamp);

    #[expect(clippy::ref_option, reason = "serde hands the field over like this")]
    pub(in crate::store::mongo) fn serialize<S: Serializer>(
        instant: &Option<Timestamp>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        instant.map(Date).serialize(serializer)
    }

    pub(in crate::store::mongo) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Timestamp>, D::Error> {
        Ok(Option::<Date>::deserialize(deserializer)?.map(|Date(instant)| instant))
    }
}

/// An instant as a BSON date, where `None` is [`NEVER`].
mod date_or_never {
    use serde::{Deserializer, Serialize, Serializer};

    use super::{NEVER, date_if_any, date_of, end_of};
    use crate::schema::Timestamp;

    #[expect(clippy::ref_option, reason = "serde hands the field over like this")]
    pub(super) fn serialize<S: Serializer>(instant: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
        end_of(*instant).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
        Ok(date_if_any::deserialize(deserializer)?.filter(|&instant| date_of(instant) != NEVER))
    }
}
