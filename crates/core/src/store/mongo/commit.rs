//! One commit: a transaction, or for nothing but health one conditional write.

use std::collections::BTreeMap;
use std::time::Duration;

use mongodb::ClientSession;
use mongodb::bson::{Bson, Document, RawDocumentBuf, doc};
use mongodb::error::{Error, ErrorKind, Result, TRANSIENT_TRANSACTION_ERROR, UNKNOWN_TRANSACTION_COMMIT_RESULT};
use mongodb::options::{ReadConcern, WriteConcern};
use tokio::time::{Instant, sleep, timeout};

use super::MongoStore;
use super::error::{failed, is_duplicate_key};
use super::lost::LOST;
use super::record::{
    Brought, CommitRecord, EventRecord, GapRecord, HealthRecord, IncidentRecord, NEVER, StatusRecord, date_of, decode,
    encode,
};
use crate::schema::{Event, Timestamp};
use crate::store::verdict::{Standing, Verdict};
use crate::store::{Change, Commit, Outcome, StoreError};

/// How long to stay out of another transaction's way before the next try.
const PAUSE: Duration = Duration::from_millis(5);

/// A commit as documents.
struct Documents {
    health: RawDocumentBuf,
    change: Option<ChangeDocuments>,
    gap: Option<GapDocument>,
}

/// A gap, and the id that makes writing it again harmless.
struct GapDocument {
    id: Document,
    gap: RawDocumentBuf,
}

struct ChangeDocuments {
    status: RawDocumentBuf,
    commit: RawDocumentBuf,
    superseded: Vec<Superseded>,
    events: Vec<RawDocumentBuf>,
    incidents: Vec<RawDocumentBuf>,
    incident_keys: Vec<String>,
}

/// The services whose last event, whichever it is, ends at an instant.
struct Superseded {
    keys: Vec<String>,
    until: Timestamp,
}

impl MongoStore {
    /// Writes a commit, or finds that it is not to be written. Has no deadline.
    pub(super) async fn write(&self, commit: &Commit) -> std::result::Result<Outcome, StoreError> {
        let documents = Documents::of(commit)?;
        let mut waited_since = Instant::now();
        loop {
            // First the write, which succeeds if nobody else was there; only else the question who was.
            let written = match documents {
                // The server refuses a transaction that meets another one, but lets a single write wait for it.
                Documents { change: None, gap: None, ref health } => {
                    timeout(LOST, self.replace_health(commit, health)).await.unwrap_or(Ok(false))
                }
                _ => self.transact(commit, &documents).await,
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
            let fence = self.last_token(&commit.target).await?;
            return Ok(Standing { fence, ..Standing::default() });
        };
        let health: HealthRecord = decode(super::HEALTH, &health)?;
        let next = doc! { "target": &commit.target, "revision": commit.base.saturating_add(1).cast_signed() };
        let successor = match find(super::COMMITS, next.into()).await? {
            Some(successor) => Some(decode::<CommitRecord>(super::COMMITS, &successor)?.commit),
            None => None,
        };
        Ok(Standing {
            revision: health.revision,
            successor,
            fence: health.fence,
            health: Some((health.commit, health.health.last_attempt)),
        })
    }

    /// Whether the health was at the commit's revision and was replaced.
    async fn replace_health(&self, commit: &Commit, health: &RawDocumentBuf) -> Result<bool> {
        let replaced = self.collection(super::HEALTH).update_one(health_before(commit), replace_all(health)?).await?;
        Ok(replaced.matched_count == 1)
    }

    /// Whether the target was at the commit's base and all was written.
    async fn transact(&self, commit: &Commit, documents: &Documents) -> Result<bool> {
        let mut session = self.client.start_session().await?;
        session
            .start_transaction()
            .read_concern(ReadConcern::snapshot())
            .write_concern(WriteConcern::majority())
            .await?;
        let written = self.write_all(&mut session, commit, documents).await;
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

    async fn write_all(&self, session: &mut ClientSession, commit: &Commit, documents: &Documents) -> Result<bool> {
        let Documents { health, change, gap } = documents;
        let is_next = if let Some(change) = change {
            self.write_change(session, commit, health, change).await?
        } else {
            let collection = self.collection(super::HEALTH);
            let replaced = collection.update_one(health_before(commit), replace_all(health)?).session(&mut *session);
            replaced.await?.matched_count == 1
        };
        if let (true, Some(GapDocument { id, gap })) = (is_next, gap) {
            let id = doc! { "_id": id };
            self.collection(super::GAPS).replace_one(id, gap).upsert(true).session(session).await?;
        }
        Ok(is_next)
    }

    async fn write_change(
        &self,
        session: &mut ClientSession,
        commit: &Commit,
        health: &RawDocumentBuf,
        change: &ChangeDocuments,
    ) -> Result<bool> {
        if !self.replace_status(session, commit, &change.status).await?
            || !self.write_health(session, commit, health).await?
        {
            return Ok(false);
        }
        self.collection(super::COMMITS).insert_one(&change.commit).session(&mut *session).await?;
        self.write_events(session, commit, change).await?;
        if !change.incidents.is_empty() {
            let incidents = self.collection(super::INCIDENTS);
            let replaced = doc! { "target": &commit.target, "key": { "$in": &change.incident_keys } };
            incidents.delete_many(replaced).session(&mut *session).await?;
            incidents.insert_many(&change.incidents).session(&mut *session).await?;
        }
        Ok(true)
    }

    /// Keeps the health unless there is newer one. Answers whether no fence was in the way.
    async fn write_health(
        &self,
        session: &mut ClientSession,
        commit: &Commit,
        health: &RawDocumentBuf,
    ) -> Result<bool> {
        let collection = self.collection(super::HEALTH);
        let mut kept = doc! { "revision": commit.revision().cast_signed() };
        if commit.base > 0 {
            let unfenced = doc! { "_id": &commit.target, "fence": fence_for(commit) };
            let updated = collection.update_one(unfenced, keep_newer(commit, health, kept)?).session(session).await?;
            return Ok(updated.matched_count == 1);
        }
        let token = self.last_token_at_first(&mut *session, &commit.target, &commit.id).await?;
        if commit.fence.is_some_and(|own| own.cast_signed() < token) {
            return Ok(false);
        }
        kept.insert("fence", token);
        let first = collection.update_one(doc! { "_id": &commit.target }, keep_newer(commit, health, kept)?);
        first.upsert(true).session(session).await.map(|_| true)
    }

    /// Ends the events that these follow, and adds these.
    async fn write_events(&self, session: &mut ClientSession, commit: &Commit, change: &ChangeDocuments) -> Result<()> {
        let events = self.collection(super::EVENTS);
        for Superseded { keys, until } in &change.superseded {
            let last = doc! {
                "target": &commit.target,
                "key": { "$in": keys },
                // An older program writes no end; a removal is its own.
                "until": { "$in": [NEVER, null] },
                "to": { "$ne": null },
            };
            let end = doc! { "$set": { "until": date_of(*until) } };
            events.update_many(last, end).session(&mut *session).await?;
        }
        if !change.events.is_empty() {
            events.insert_many(&change.events).session(session).await?;
        }
        Ok(())
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
            fence: 0,
        };
        let change = commit.change.as_ref().map(|change| ChangeDocuments::of(commit, change)).transpose()?;
        let gap = commit.gap.map(|gap| {
            let record = GapRecord { target: target.clone(), gap };
            let id = doc! { "target": target, "from": date_of(gap.from) };
            encode(target, &record).map(|gap| GapDocument { id, gap })
        });
        Ok(Self { health: encode(target, &health)?, change, gap: gap.transpose()? })
    }
}

impl ChangeDocuments {
    fn of(commit: &Commit, change: &Change) -> std::result::Result<Self, StoreError> {
        let (target, revision) = (&commit.target, commit.revision());
        let brought = CommitRecord {
            brought: Brought { target: target.clone(), revision },
            commit: commit.id.clone(),
            at: Some(Timestamp::now()),
        };
        let events = (0_u64..).zip(&change.events);
        let events = events.map(|(position, event)| encode(target, &EventRecord::new(position, event.clone())));
        // Of two with the same key the later one counts.
        let incidents: BTreeMap<_, _> = change.incidents.iter().map(|incident| (&incident.key, incident)).collect();
        let documents =
            incidents.values().map(|&incident| encode(target, &IncidentRecord::new(target, incident.clone())));
        Ok(Self {
            status: encode(target, &StatusRecord::new(target, revision, change))?,
            commit: encode(target, &brought)?,
            superseded: Superseded::by(&change.events),
            events: events.collect::<std::result::Result<_, _>>()?,
            incidents: documents.collect::<std::result::Result<_, _>>()?,
            incident_keys: incidents.into_keys().cloned().collect(),
        })
    }
}

impl Superseded {
    /// What these events follow: mostly all have one instant.
    fn by(events: &[Event]) -> Vec<Self> {
        let mut keys: BTreeMap<Timestamp, Vec<String>> = BTreeMap::new();
        for event in events {
            keys.entry(event.at).or_default().push(event.key.clone());
        }
        keys.into_iter().map(|(until, keys)| Self { keys, until }).collect()
    }
}

/// The health that this commit may replace: at its revision, not its own and not newer, and not fenced.
fn health_before(commit: &Commit) -> Document {
    doc! {
        "_id": &commit.target,
        "revision": commit.base.cast_signed(),
        "commit": { "$ne": &commit.id },
        "lastAttempt": { "$lte": date_of(commit.health.last_attempt) },
        "fence": fence_for(commit),
    }
}

/// The fences that let this commit through; where there is none yet, it is one of them.
fn fence_for(commit: &Commit) -> Document {
    // Under no lease, none counts.
    let most = commit.fence.map_or(i64::MAX, u64::cast_signed);
    doc! { "$not": { "$gt": most } }
}

/// The update that keeps this health, and the fence that is there.
fn replace_all(health: &RawDocumentBuf) -> Result<Document> {
    Ok(doc! { "$set": Document::try_from(health.as_ref())? })
}

/// The update that keeps the health unless there is newer one, these fields in any case, and else the fence that is there.
fn keep_newer(commit: &Commit, health: &RawDocumentBuf, kept: Document) -> Result<Vec<Document>> {
    let is_newer = doc! { "$gt": ["$lastAttempt", date_of(commit.health.last_attempt)] };
    let health = doc! { "$literal": Document::try_from(health.as_ref())? };
    let either = doc! { "$cond": [is_newer, {}, health] };
    Ok(vec![doc! { "$replaceWith": { "$mergeObjects": ["$$ROOT", either, kept] } }])
}

fn is_worth_another_try(error: &Error) -> bool {
    error.contains_label(TRANSIENT_TRANSACTION_ERROR) && !is_away(error)
}

/// No server was found, for as long as is waited for one.
fn is_away(error: &Error) -> bool {
    matches!(*error.kind, ErrorKind::ServerSelection { .. })
}
