//! Changes that come late, in a transaction of their own.

use futures_util::FutureExt;
use mongodb::ClientSession;
use mongodb::bson::{Bson, Document, RawDocumentBuf, doc};
use mongodb::error::{Error, Result};
use mongodb::options::FindOptions;

use super::error::failed;
use super::record::{EventRecord, GapRecord, HealthRecord, date_of, decode, encode, end_of};
use super::{EVENTS, GAPS, HEALTH, MongoStore, transaction};
use crate::schema::Status;
use crate::store::late::{Entry, Run, Stored};
use crate::store::{Late, Period, StoreError};

/// What there is that decides about a run, as documents.
struct Found {
    health: Option<RawDocumentBuf>,
    events: Vec<RawDocumentBuf>,
    next_change: Option<RawDocumentBuf>,
    gap: Option<RawDocumentBuf>,
}

impl MongoStore {
    /// Lets a run enter the history. Has no deadline.
    pub(super) async fn let_enter(&self, run: Run) -> std::result::Result<Late, StoreError> {
        let enter = async {
            let mut session = self.client.start_session().await?;
            let transaction = transaction(&mut session);
            transaction.and_run((self, run), |session, (store, run)| store.try_enter(session, run).boxed()).await
        };
        enter.await.map_err(|error: Error| failed("let late changes enter the history", error))?
    }

    /// What makes no sense is no error of the transaction: it would not go away by trying again.
    async fn try_enter(&self, session: &mut ClientSession, run: &Run) -> Result<std::result::Result<Late, StoreError>> {
        let entry = match self.found(session, run).await?.stored(run) {
            Ok(stored) => stored.and_then(|stored| run.enter(stored)),
            Err(corrupt) => return Ok(Err(corrupt)),
        };
        let Some(entry) = entry else { return Ok(Ok(Late::TooEarly)) };
        let late = entry.outcome();
        match Amendments::of(&run.target, entry) {
            Ok(amendments) => self.amend(session, &run.target, &amendments).await.map(|()| Ok(late)),
            Err(invalid) => Ok(Err(invalid)),
        }
    }

    async fn found(&self, session: &mut ClientSession, run: &Run) -> Result<Found> {
        let (target, base, heard) = (&run.target, run.base.cast_signed(), date_of(run.heard));
        let keys: Vec<&str> = run.keys().collect();
        let since = doc! { "target": target, "revision": { "$gte": base }, "key": { "$in": &keys } };
        let mut events = self.all(session, EVENTS, since).await?;
        for key in keys {
            let before = doc! { "target": target, "revision": { "$lt": base }, "key": key };
            events.extend(self.first(session, EVENTS, before, doc! { "revision": -1, "at": -1 }).await?);
        }
        let next_change = doc! { "target": target, "revision": { "$gt": base }, "at": { "$gt": heard } };
        // Before every date where nothing was ever believed.
        let stale_from = run.stale_from.map_or(Bson::MinKey, |instant| date_of(instant).into());
        let gap = doc! { "target": target, "from": { "$lte": stale_from }, "until": { "$gt": heard } };
        Ok(Found {
            health: self.first(session, HEALTH, doc! { "_id": target }, doc! {}).await?,
            events,
            next_change: self.first(session, EVENTS, next_change, doc! { "at": 1 }).await?,
            gap: self.first(session, GAPS, gap, doc! { "until": 1 }).await?,
        })
    }

    async fn first(
        &self,
        session: &mut ClientSession,
        collection: &str,
        filter: Document,
        order: Document,
    ) -> Result<Option<RawDocumentBuf>> {
        let options = FindOptions::builder().sort(order).limit(1).build();
        let collection = self.collection(collection);
        let mut found = collection.find(filter).with_options(options).session(&mut *session).await?;
        found.next(session).await.transpose()
    }

    async fn all(
        &self,
        session: &mut ClientSession,
        collection: &str,
        filter: Document,
    ) -> Result<Vec<RawDocumentBuf>> {
        let collection = self.collection(collection);
        let mut found = collection.find(filter).session(&mut *session).await?;
        let mut all = Vec::new();
        while let Some(document) = found.next(session).await {
            all.push(document?);
        }
        Ok(all)
    }

    async fn amend(&self, session: &mut ClientSession, target: &str, amendments: &Amendments) -> Result<()> {
        let Amendments { added, amended } = amendments;
        if added.is_empty() && amended.is_empty() {
            return Ok(());
        }
        // Written by each commit, too: of two at once one has to begin again. And whoever watches the target hears of it.
        let note = doc! { "$inc": { "late": 1 } };
        self.collection(HEALTH).update_one(doc! { "_id": target }, note).session(&mut *session).await?;
        let events = self.collection(EVENTS);
        for (event, amendment) in amended {
            events.update_one(event.clone(), amendment.clone()).session(&mut *session).await?;
        }
        if !added.is_empty() {
            events.insert_many(added).session(session).await?;
        }
        Ok(())
    }
}

impl Found {
    /// What the documents say that decides about this run; `None` where the target is not known.
    fn stored(self, run: &Run) -> std::result::Result<Option<Stored>, StoreError> {
        let health = self.health.map(|health| decode::<HealthRecord>(HEALTH, &health)).transpose()?;
        run.check(health.as_ref().map_or(0, |record| record.revision))?;
        let Some(HealthRecord { health, .. }) = health else { return Ok(None) };
        let event = |document: &RawDocumentBuf| decode::<EventRecord>(EVENTS, document).map(EventRecord::into_period);
        let next_change = self.next_change.as_ref().map(event).transpose()?;
        let gap = self.gap.map(|gap| decode::<GapRecord>(GAPS, &gap)).transpose()?;
        Ok(Some(Stored {
            periods: self.events.iter().map(event).collect::<std::result::Result<_, _>>()?,
            next_change: next_change.map(|period| period.event.at),
            gap_end: gap.map(|record| record.gap.until),
            last_success: health.last_success,
        }))
    }
}

/// What is to be written, as documents.
struct Amendments {
    added: Vec<RawDocumentBuf>,
    /// Which event is amended, and how.
    amended: Vec<(Document, Document)>,
}

impl Amendments {
    fn of(target: &str, Entry { added, amended, .. }: Entry) -> std::result::Result<Self, StoreError> {
        let records = (0_u64..).zip(added).map(|(position, period)| EventRecord::of_period(position, period));
        Ok(Self {
            added: records.map(|record| encode(target, &record)).collect::<std::result::Result<_, _>>()?,
            amended: amended.iter().map(amendment).collect(),
        })
    }
}

fn amendment(Period { event, until }: &Period) -> (Document, Document) {
    let revision = event.revision.cast_signed();
    let which = doc! { "target": &event.target, "revision": revision, "key": &event.key, "at": date_of(event.at) };
    let from = event.from.map_or(Bson::Null, |status| Status::as_str(status).into());
    (which, doc! { "$set": { "from": from, "until": end_of(*until) } })
}
