//! The order of commits: a change stream over the database, and the places in it.

use std::time::Duration;

use mongodb::Database;
use mongodb::bson::{Bson, Document, RawDocumentBuf, deserialize_from_bson, doc, serialize_to_bson};
use mongodb::change_stream::ChangeStream;
use mongodb::change_stream::event::ResumeToken;
use mongodb::error::{Error, ErrorKind, Result};
use serde::Deserialize;

use super::record::{EventRecord, decode};
use super::{EVENTS, HEALTH};
use crate::store::{Place, Placed, StoreError};

/// The server cannot go on from the token: what followed it is forgotten, or the token is not one of its own.
const LOST: [i32; 4] = [136, 260, 280, 286];
/// The token is too short, or a part of it is not of its type.
const NO_TOKEN: [i32; 4] = [9, 14, 15, 207];
/// How long the server waits for one more event before it says that there is none: whoever asks wants what is there.
const BRIEFLY: Duration = Duration::from_millis(1);

/// A change, as a stream tells it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Seen {
    /// Where to go on behind it.
    #[serde(rename = "_id")]
    pub(super) token: ResumeToken,
    document_key: Option<Document>,
    /// That of an event.
    full_document: Option<RawDocumentBuf>,
}

/// What a change means.
pub(super) enum Meaning {
    /// The state or the health of this target is another one.
    Target(String),
    /// This happened.
    Event(Box<Placed>),
    /// This happened, but cannot be read.
    Unreadable(StoreError),
    /// A collection as a whole was dropped or renamed.
    Upheaval,
}

impl Seen {
    pub(super) fn meaning(self) -> Meaning {
        match (self.full_document, self.document_key) {
            (Some(event), _) => match placed(&self.token, &event) {
                Ok(placed) => Meaning::Event(Box::new(placed)),
                Err(error) => Meaning::Unreadable(error),
            },
            (None, Some(key)) => Meaning::Target(key.get_str("_id").unwrap_or_default().to_owned()),
            (None, None) => Meaning::Upheaval,
        }
    }
}

fn placed(token: &ResumeToken, event: &RawDocumentBuf) -> std::result::Result<Placed, StoreError> {
    let record: EventRecord = decode(EVENTS, event)?;
    let place = place(token).ok_or_else(|| StoreError::corrupt("the place of an event", format!("{token:?}")))?;
    Ok(Placed { place, event: record.event })
}

/// The place behind the change of this token; `None` where the token is no short text. That of an event always is, that
/// of a target holds its name.
pub(super) fn place(token: &ResumeToken) -> Option<Place> {
    match serialize_to_bson(token).ok()? {
        // A token has a second part where a document's key has numbers in it. None of ours has.
        Bson::Document(token) if token.len() == 1 => Place::parse(token.get_str("_data").ok()?),
        _ => None,
    }
}

/// The token of a place; `None` where no server writes such ones.
fn token(place: &Place) -> Option<ResumeToken> {
    let digits = place.as_str();
    let is_hexadecimal = digits.len().is_multiple_of(2) && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let token = is_hexadecimal.then(|| doc! { "_data": digits })?;
    deserialize_from_bson(token.into()).ok()
}

/// Opens a stream of what targets and events change: now, or behind a token.
pub(super) async fn changes(database: &Database, behind: Option<ResumeToken>) -> Result<ChangeStream<Seen>> {
    Ok(database.watch().pipeline([wanted(), shortened()]).resume_after(behind).await?.with_type())
}

/// The events behind a place, in the order of their commits, so many at the most; `None` if they cannot be told.
pub(super) async fn events_behind(database: &Database, place: &Place, limit: usize) -> Result<Option<Vec<Placed>>> {
    let Some(token) = token(place) else { return Ok(None) };
    match read_behind(database, token, limit).await {
        Err(error) if is_lost(&error) || is_no_token(&error) => Ok(None),
        read => read,
    }
}

async fn read_behind(database: &Database, token: ResumeToken, limit: usize) -> Result<Option<Vec<Placed>>> {
    let stages = [wanted(), shortened(), without_targets()];
    let stream = database.watch().pipeline(stages).resume_after(token).max_await_time(BRIEFLY);
    let mut stream = stream.await?.with_type::<Seen>();
    let mut events = Vec::new();
    while events.len() < limit {
        match stream.next_if_any().await?.map(Seen::meaning) {
            Some(Meaning::Event(placed)) => events.push(*placed),
            // Nothing, since there is nothing more.
            None if stream.is_alive() => break,
            _ => return Ok(None),
        }
    }
    Ok(Some(events))
}

/// What targets and events change. Neither the end that an event gets later nor that it expires is news, nor who asks a
/// target.
fn wanted() -> Document {
    let new_event = doc! { "ns.coll": EVENTS, "operationType": { "$nin": ["update", "replace", "delete"] } };
    let replaced_as_a_whole = doc! { "to.coll": { "$in": [HEALTH, EVENTS] } };
    let of_target = doc! { "ns.coll": HEALTH, "updateDescription.updatedFields.fence": { "$exists": false } };
    doc! { "$match": { "$or": [of_target, new_event, replaced_as_a_whole] } }
}

/// Of targets the name is enough.
fn shortened() -> Document {
    let event = doc! { "$cond": [{ "$eq": ["$ns.coll", EVENTS] }, "$fullDocument", "$$REMOVE"] };
    doc! { "$project": { "operationType": 1, "ns": 1, "documentKey": 1, "fullDocument": event } }
}

/// The events alone. By no `$match`: the server would look for the token among what that lets through, and a token may
/// be that of a target.
fn without_targets() -> Document {
    doc! { "$redact": { "$cond": [{ "$eq": ["$ns.coll", HEALTH] }, "$$PRUNE", "$$KEEP"] } }
}

/// Whether the server cannot go on where the stream was to begin.
pub(super) fn is_lost(error: &Error) -> bool {
    matches!(&*error.kind, ErrorKind::Command(refusal) if LOST.contains(&refusal.code))
}

/// Whether the server could not take the token apart, for which it has some dozens of codes, most of them without a
/// name.
fn is_no_token(error: &Error) -> bool {
    match &*error.kind {
        ErrorKind::Command(refusal) => {
            NO_TOKEN.contains(&refusal.code) || refusal.code_name == format!("Location{}", refusal.code)
        }
        _ => false,
    }
}
