//! One commit: a transaction, or for health alone one conditional write.

use std::collections::BTreeMap;
use std::time::Duration;

use mongodb::ClientSession;
use mongodb::bson::{Bson, DateTime, Document, RawDocumentBuf, doc};
use mongodb::error::{Error, ErrorKind, Result, TRANSIENT_TRANSACTION_ERROR, UNKNOWN_TRANSACTION_COMMIT_RESULT};
use mongodb::options::{ReadConcern, WriteConcern};
use tokio::time::{Instant, sleep, timeout};

use super::MongoStore;
use super::error::{failed, is_duplicate_key};
use super::lost::LOST;
use super::record::{Brought, CommitRecord, EventRecord, HealthRecord, IncidentRecord, StatusRecord, decode, encode};
use crate::store::verdict::{Standing, Verdict};
use crate::store::{Change, Commit, Outcome, StoreError};

/// How long to stay out of another transaction's way before the next try.
const PAUSE: Duration = Duration::from_millis(5);

/// A commit as documents.
struct Documents {
    health: RawDocumentBuf,
    change: Option<ChangeDocuments>,
}

struct ChangeDocuments {
    status: RawDocumentBuf,
    commit: RawDocumentBuf,
    events: Vec<RawDocumentBuf>,
    incidents: Vec<RawDocumentBuf>,
    incident_keys: Vec<String>,
}

impl MongoStore {
    /// Writes a commit, or finds that it is not to be written. Has no deadline.
    pub(super) async fn write(&self, commit: &Commit) -> std::result::Result<Outcome, StoreError> {
        let documents = Documents::of(commit)?;
        let mut waited_since = Instant::now();
        loop {
            // First the write, which succeeds if nobody else was there; only else the question who was.
            let written = match &documents.change {
                Some(change) => self.transact(commit, &documents.health, change).await,
                // The server refuses a transaction that meets another one, but lets a single write wait for it.
                None => timeout(LOST, self.replace_health(commit, &documents.health)).await.unwrap_or(Ok(false)),
            };
            match written {
                Ok(true) => return Ok(Outcome::Applied),
                Ok(false) => {}
                Err(error) if is_worth_another_try(&error) => sleep(PAUSE).await,
                Err(error) => return Err(failed("write a commit", error)),
            }
            if waited_since.elapsed() >= LOST {
                // Where that is not allowed, the server does it, later.
                let _ = self.end_lost_transactions().await;
                waited_since = Instant::now();
            }
            if let Verdict::Answer(answer) = self.standing(commit).await?.judge(commit) {
                return answer;
            }
        }
    }

    async fn standing(&self, commit: &Commit) -> std::result::Result<Standing, StoreError> {
        let find = |collection: &'static str, id: Bson| async move {
            // By a majority, or the answer could be taken back.
            let majority = ReadConcern::majority();
            let found = self.collection(collection).find_one(doc! { "_id": id }).read_concern(majority).await;
            found.map_err(|error| failed("say who wrote before", error))
        };
        // In this order: what the health says of the revision is in `commits` by then.
        let Some(health) = find(super::HEALTH, commit.target.as_str().into()).await? else {
            return Ok(Standing::default());
        };
        let health: HealthRecord = decode(super::HEALTH, &health)?;
        let next = doc! { "target": &commit.target, "revision": commit.base.saturating_add(1).cast_signed() };
        let successor = match find(super::COMMITS, next.into()).await? {
            Some(successor) => Some(decode::<CommitRecord>(super::COMMITS, &successor)?.commit),
            None => None,
        };
        Ok(Standing { revision: health.revision, successor, health: Some((health.commit, health.health.last_attempt)) })
    }

    /// Whether the health was at the commit's revision and was replaced.
    async fn replace_health(&self, commit: &Commit, health: &RawDocumentBuf) -> Result<bool> {
        let expected = doc! {
            "_id": &commit.target,
            "revision": commit.base.cast_signed(),
            "commit": { "$ne": &commit.id },
            "lastAttempt": { "$lte": last_attempt(commit) },
        };
        let replaced = self.collection(super::HEALTH).replace_one(expected, health).await?;
        Ok(replaced.matched_count == 1)
    }

    /// Whether the target was at the commit's base and all was written.
    async fn transact(&self, commit: &Commit, health: &RawDocumentBuf, change: &ChangeDocuments) -> Result<bool> {
        let mut session = self.client.start_session().await?;
        session
            .start_transaction()
            .read_concern(ReadConcern::snapshot())
            .write_concern(WriteConcern::majority())
            .await?;
        let written = self.write_all(&mut session, commit, health, change).await;
        if !matches!(written, Ok(true)) {
            // Before another try, which would meet it; the server may have ended it by itself.
            let _ = session.abort_transaction().await;
            return written;
        }
        loop {
            match session.commit_transaction().await {
                Err(error) if error.contains_label(UNKNOWN_TRANSACTION_COMMIT_RESULT) && !is_away(&error) => {}
                committed => return committed.map(|()| true),
            }
        }
    }

    async fn write_all(
        &self,
        session: &mut ClientSession,
        commit: &Commit,
        health: &RawDocumentBuf,
        change: &ChangeDocuments,
    ) -> Result<bool> {
        if !self.replace_status(session, commit, &change.status).await? {
            return Ok(false);
        }
        self.collection(super::HEALTH)
            .update_one(doc! { "_id": &commit.target }, keep_newer(commit, health)?)
            .upsert(true)
            .session(&mut *session)
            .await?;
        self.collection(super::COMMITS).insert_one(&change.commit).session(&mut *session).await?;
        if !change.events.is_empty() {
            self.collection(super::EVENTS).insert_many(&change.events).session(&mut *session).await?;
        }
        if !change.incidents.is_empty() {
            let incidents = self.collection(super::INCIDENTS);
            let replaced = doc! { "target": &commit.target, "key": { "$in": &change.incident_keys } };
            incidents.delete_many(replaced).session(&mut *session).await?;
            incidents.insert_many(&change.incidents).session(&mut *session).await?;
        }
        Ok(true)
    }

    async fn replace_status(
        &self,
        session: &mut ClientSession,
        commit: &Commit,
        status: &RawDocumentBuf,
    ) -> Result<bool> {
        let collection = self.collection(super::STATUS);
        if commit.base == 0 {
            return match collection.insert_one(status).session(session).await {
                Ok(_) => Ok(true),
                Err(error) if is_duplicate_key(&error) => Ok(false),
                Err(error) => Err(error),
            };
        }
        let expected = doc! { "_id": &commit.target, "revision": commit.base.cast_signed() };
        Ok(collection.replace_one(expected, status).session(session).await?.matched_count == 1)
    }
}

impl Documents {
    fn of(commit: &Commit) -> std::result::Result<Self, StoreError> {
        let target = &commit.target;
        let health = HealthRecord {
            target: target.clone(),
            revision: commit.revision(),
            commit: commit.id.clone(),
            health: commit.health.clone(),
        };
        let change = commit.change.as_ref().map(|change| ChangeDocuments::of(commit, change)).transpose()?;
        Ok(Self { health: encode(target, &health)?, change })
    }
}

impl ChangeDocuments {
    fn of(commit: &Commit, change: &Change) -> std::result::Result<Self, StoreError> {
        let (target, revision) = (&commit.target, commit.revision());
        let brought = CommitRecord { brought: Brought { target: target.clone(), revision }, commit: commit.id.clone() };
        let events = (0_u64..).zip(&change.events);
        let events = events.map(|(position, event)| encode(target, &EventRecord { position, event: event.clone() }));
        // Of two with the same key the later one counts.
        let incidents: BTreeMap<_, _> = change.incidents.iter().map(|incident| (&incident.key, incident)).collect();
        let documents = incidents
            .values()
            .map(|&incident| encode(target, &IncidentRecord { target: target.clone(), incident: incident.clone() }));
        Ok(Self {
            status: encode(target, &StatusRecord::new(target, revision, change))?,
            commit: encode(target, &brought)?,
            events: events.collect::<std::result::Result<_, _>>()?,
            incidents: documents.collect::<std::result::Result<_, _>>()?,
            incident_keys: incidents.into_keys().cloned().collect(),
        })
    }
}

/// The update that keeps the health unless there is newer one, and notes the revision in any case.
fn keep_newer(commit: &Commit, health: &RawDocumentBuf) -> Result<Vec<Document>> {
    let health = Document::try_from(health.as_ref())?;
    let only_the_revision = doc! { "$mergeObjects": ["$$ROOT", { "revision": commit.revision().cast_signed() }] };
    let is_newer = doc! { "$gt": ["$lastAttempt", last_attempt(commit)] };
    Ok(vec![doc! { "$replaceWith": { "$cond": [is_newer, only_the_revision, { "$literal": health }] } }])
}

fn last_attempt(commit: &Commit) -> DateTime {
    DateTime::from_millis(commit.health.last_attempt.as_millis())
}

fn is_worth_another_try(error: &Error) -> bool {
    error.contains_label(TRANSIENT_TRANSACTION_ERROR) && !is_away(error)
}

/// No server was found, for as long as is waited for one.
fn is_away(error: &Error) -> bool {
    matches!(*error.kind, ErrorKind::ServerSelection { .. })
}
