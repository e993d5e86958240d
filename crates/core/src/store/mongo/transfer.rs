//! All that the database keeps, page by page, and how it is written to another one.

use std::collections::HashMap;

use async_trait::async_trait;
use mongodb::bson::spec::BinarySubtype;
use mongodb::bson::{
    Binary, Bson, DateTime, Document, RawDocument, RawDocumentBuf, doc, serialize_to_raw_document_buf,
};
use mongodb::options::FindOptions;
use serde::Serialize;

use super::accounts::{KeyRecord, SessionRecord, UserRecord, key, session, user};
use super::checks::{RollupRecord, check, rollup};
use super::error::{duplicates, failed};
use super::leases::{NUMBERS, collector};
use super::past::order_of_revisions;
use super::record::{
    Brought, CommitRecord, EventRecord, GapRecord, HealthRecord, IncidentRecord, StatusRecord, date_of, decode, encode,
};
use super::reports::{ReportRecord, report};
use super::servers::{ServerRecord, server};
use super::templates::{TemplateRecord, template};
use super::{
    CHECKS, COLLECTORS, COMMITS, EVENTS, GAPS, HEALTH, INCIDENTS, KEYS, MongoStore, REPORTS, ROLLUPS, SERVERS,
    SESSIONS, SETTINGS, STATUS, TEMPLATES, USERS, cannot_read,
};
use crate::schema::{Check, Event, ProbeId, Timestamp};
use crate::store::transfer::{
    AppliedCommit, Entry, EntryId, Export, Import, KeptTarget, Origin, Part, Revision, Setting, TargetGap, by_revision,
};
use crate::store::{SIGNING_KEY, StoreError};

/// Where it is noted, beside the settings, what the database is a copy of.
const ORIGIN: &str = "origin";

#[async_trait]
impl Export for MongoStore {
    fn location(&self) -> String {
        self.location.clone()
    }

    async fn entries(&self, part: Part, behind: Option<&EntryId>, limit: usize) -> Result<Vec<Entry>, StoreError> {
        let page = Page { store: self, behind, limit };
        self.in_time("list what it keeps", page.read(part)).await
    }

    /// Without a deadline: of checks the server counts each.
    async fn count(&self, part: Part) -> Result<u64, StoreError> {
        let collection = match part {
            Part::Targets => STATUS,
            Part::Commits => COMMITS,
            Part::Events => EVENTS,
            Part::Incidents => INCIDENTS,
            Part::Gaps => GAPS,
            Part::Servers => SERVERS,
            Part::Rollups => ROLLUPS,
            Part::Checks => CHECKS,
            Part::Users => USERS,
            Part::Keys => KEYS,
            Part::Sessions => SESSIONS,
            Part::Settings => SETTINGS,
            Part::Templates => TEMPLATES,
            Part::Reports => REPORTS,
        };
        let filter = if part == Part::Settings {
            known_settings()
        } else {
            doc! {}
        };
        self.collection(collection).count_documents(filter).await.map_err(cannot_read)
    }

    async fn living_collectors(&self, _: Timestamp) -> Result<Vec<String>, StoreError> {
        let living = doc! { "$expr": { "$gt": ["$until", "$$NOW"] } };
        let by_id = FindOptions::builder().sort(doc! { "_id": 1 }).build();
        let found = self.in_time("read the roll", self.find_each(COLLECTORS, living, by_id, collector)).await?;
        Ok(found.into_iter().map(|collector| collector.id).collect())
    }

    async fn origin(&self) -> Result<Option<Origin>, StoreError> {
        let find = self.find_by_id(SETTINGS, ORIGIN, |document| decode(SETTINGS, document));
        self.in_time("say what it is a copy of", find).await
    }
}

#[async_trait]
impl Import for MongoStore {
    async fn put(&self, entries: Vec<Entry>) -> Result<(), StoreError> {
        let mut checks: Vec<Check> = Vec::new();
        let mut documents = Documents::default();
        for entry in entries {
            match entry {
                Entry::Check(check) => checks.push(check),
                entry => documents.add(entry)?,
            }
        }
        if !checks.is_empty() {
            self.in_time("write checks", self.insert_checks(checks.iter())).await?;
        }
        for (collection, some) in documents.0 {
            self.in_time("write what is copied", self.put_documents(collection, some)).await?;
        }
        Ok(())
    }

    async fn set_origin(&self, origin: &Origin) -> Result<(), StoreError> {
        let set = async {
            let settings = self.database.collection::<Origin>(SETTINGS);
            let set = settings.replace_one(doc! { "_id": ORIGIN }, origin).upsert(true).await;
            set.map(drop).map_err(|error| failed("keep what it is a copy of", error))
        };
        self.in_time("keep what it is a copy of", set).await
    }
}

impl MongoStore {
    /// Adds documents; those that are there are replaced.
    async fn put_documents(&self, collection: &'static str, documents: Vec<Put>) -> Result<(), StoreError> {
        let cannot_write = |error| failed(&format!("write to {collection}"), error);
        let collection = self.collection(collection);
        let all = documents.iter().map(|put| &put.document);
        let there = match collection.insert_many(all).ordered(false).await {
            Ok(_) => return Ok(()),
            Err(error) => duplicates(&error).ok_or_else(|| cannot_write(error))?,
        };
        for Put { is, document } in there.into_iter().filter_map(|number| documents.get(number)) {
            collection.replace_one(is.clone(), document).upsert(true).await.map_err(cannot_write)?;
        }
        Ok(())
    }
}

/// A document, and what only it and the one in its place are.
struct Put {
    is: Document,
    document: RawDocumentBuf,
}

/// Documents to be written, by their collections in the order in which those are written.
#[derive(Default)]
struct Documents(Vec<(&'static str, Vec<Put>)>);

impl Documents {
    fn add(&mut self, entry: Entry) -> Result<(), StoreError> {
        match entry {
            Entry::Target(target) => self.add_target(&target),
            Entry::Commit(AppliedCommit { target, revision, id, at }) => {
                let is = doc! { "target": &target, "revision": revision.cast_signed() };
                let brought = Brought { target, revision };
                self.add_with_id(COMMITS, is, &CommitRecord { brought, commit: id, at: Some(at) })
            }
            Entry::Revision(revision) => self.add_events(revision),
            Entry::Incident(told) => {
                let is = doc! { "target": &told.target, "key": &told.incident.key };
                let document = encode(&told.target, &IncidentRecord::new(&told.target, told.incident.clone()))?;
                self.push(INCIDENTS, is, document);
                Ok(())
            }
            Entry::Gap(TargetGap { target, gap }) => {
                let id = doc! { "target": &target, "from": date_of(gap.from) };
                let record = WithId { id: id.clone(), record: GapRecord { target, gap } };
                self.add_with_id(GAPS, id, &record)
            }
            Entry::Server(server) => self.add_with_id(SERVERS, &server.name, &ServerRecord::of(&server)),
            Entry::Rollup(rollup) => {
                let is = doc! { "target": rollup.probe.as_str(), "hour": date_of(rollup.hour) };
                self.push(ROLLUPS, is, raw(ROLLUPS, &RollupRecord::of(rollup))?);
                Ok(())
            }
            // Has no document of its own.
            Entry::Check(_) => Ok(()),
            Entry::User(user) => self.add_with_id(USERS, &user.name, &UserRecord::of(&user)),
            Entry::Key(key) => self.add_with_id(KEYS, &key.id, &KeyRecord::of(&key)),
            Entry::Session(session) => self.add_with_id(SESSIONS, &session.id, &SessionRecord::of(&session)),
            Entry::Setting(setting) => self.add_setting(setting),
            Entry::Template(template) => self.add_with_id(TEMPLATES, &template.id, &TemplateRecord::of(&template)),
            Entry::Report(report) => self.add_with_id(REPORTS, &report.id, &ReportRecord::of(&report)),
        }
    }

    /// Health first: a target that has a state is one that has its health.
    fn add_target(&mut self, kept: &KeptTarget) -> Result<(), StoreError> {
        let KeptTarget { state, commit, fence } = kept;
        let health = HealthRecord {
            target: state.name.clone(),
            revision: state.revision,
            commit: commit.clone(),
            health: state.health.clone(),
            fence: *fence,
        };
        let health = Fenced { health, fence: *fence };
        let status = StatusRecord::new(&state.name, state.revision, &kept.change());
        let is = doc! { "_id": &state.name };
        self.push(HEALTH, is.clone(), encode(&state.name, &health)?);
        self.push(STATUS, is, encode(&state.name, &status)?);
        Ok(())
    }

    fn add_events(&mut self, Revision { target, revision, periods }: Revision) -> Result<(), StoreError> {
        for (position, period) in (0..).zip(periods) {
            let Event { key, at, .. } = &period.event;
            let is = doc! { "target": &target, "revision": revision.cast_signed(), "key": key, "at": date_of(*at) };
            self.push(EVENTS, is, encode(&target, &EventRecord::of_period(position, period))?);
        }
        Ok(())
    }

    fn add_setting(&mut self, setting: Setting) -> Result<(), StoreError> {
        let (name, value) = match setting {
            Setting::LastToken(last) => (NUMBERS, Bson::from(last.cast_signed())),
            Setting::SigningKey(bytes) => (SIGNING_KEY, Binary { subtype: BinarySubtype::Generic, bytes }.into()),
        };
        self.add_with_id(SETTINGS, name, &doc! { "_id": name, "value": value })
    }

    fn add_with_id(
        &mut self,
        collection: &'static str,
        id: impl Into<Bson>,
        record: &impl Serialize,
    ) -> Result<(), StoreError> {
        self.push(collection, doc! { "_id": id.into() }, raw(collection, record)?);
        Ok(())
    }

    fn push(&mut self, collection: &'static str, is: Document, document: RawDocumentBuf) {
        let put = Put { is, document };
        match self.0.iter_mut().find(|(name, _)| *name == collection) {
            Some((_, some)) => some.push(put),
            None => self.0.push((collection, vec![put])),
        }
    }
}

/// A record, and the id that its document has.
#[derive(Serialize)]
struct WithId<T> {
    #[serde(rename = "_id")]
    id: Document,
    #[serde(flatten)]
    record: T,
}

/// The health of a target with its fence, which else only whoever takes the lease writes.
#[derive(Serialize)]
struct Fenced {
    #[serde(flatten)]
    health: HealthRecord,
    fence: u64,
}

fn raw(collection: &str, record: &impl Serialize) -> Result<RawDocumentBuf, StoreError> {
    serialize_to_raw_document_buf(record)
        .map_err(|error| StoreError::corrupt(format!("an entry for {collection}"), error))
}

/// Which entries of a part are asked for.
struct Page<'a> {
    store: &'a MongoStore,
    behind: Option<&'a EntryId>,
    limit: usize,
}

impl Page<'_> {
    async fn read(&self, part: Part) -> Result<Vec<Entry>, StoreError> {
        match part {
            Part::Targets => self.targets().await,
            Part::Commits => {
                let behind = self.behind.map(|id| doc! { "target": &id.name, "revision": id.number });
                self.by_id(COMMITS, behind.map(Bson::from), applied_commit).await
            }
            Part::Events => self.revisions().await,
            Part::Incidents => {
                let behind = self.behind.map(|id| (&*id.name, Bson::from(&*id.detail)));
                let incident = |document: &RawDocument| {
                    let record: IncidentRecord = decode(INCIDENTS, document)?;
                    Ok(Entry::Incident(Box::new(record.into_target_incident())))
                };
                self.within(INCIDENTS, "key", behind, incident).await
            }
            Part::Gaps => {
                let behind = self.behind.map(|id| doc! { "target": &id.name, "from": date(id) });
                let gap = |document: &RawDocument| {
                    let GapRecord { target, gap } = decode(GAPS, document)?;
                    Ok(Entry::Gap(TargetGap { target, gap }))
                };
                self.by_id(GAPS, behind.map(Bson::from), gap).await
            }
            Part::Servers => self.servers().await,
            Part::Rollups => self.of_probes(ROLLUPS, "hour", |document| rollup(document).map(Entry::Rollup)).await,
            Part::Checks => self.of_probes(CHECKS, "at", |document| check(document).map(Entry::Check)).await,
            Part::Users => self.by_name(USERS, |document| user(document).map(Entry::User)).await,
            Part::Keys => self.by_name(KEYS, |document| key(document).map(Box::new).map(Entry::Key)).await,
            Part::Sessions => self.by_name(SESSIONS, |document| session(document).map(Entry::Session)).await,
            Part::Settings => self.settings().await,
            Part::Templates => {
                self.by_name(TEMPLATES, |document| template(document).map(Box::new).map(Entry::Template)).await
            }
            Part::Reports => self.by_name(REPORTS, |document| report(document).map(Entry::Report)).await,
        }
    }

    async fn targets(&self) -> Result<Vec<Entry>, StoreError> {
        let status: Vec<StatusRecord> = self.by_name(STATUS, |document| decode(STATUS, document)).await?;
        let names: Vec<&str> = status.iter().map(|record| &*record.target).collect();
        let read = |document: &RawDocument| decode::<HealthRecord>(HEALTH, document);
        let filter = doc! { "_id": { "$in": names } };
        let health = self.store.find_each(HEALTH, filter, FindOptions::default(), read).await?;
        let mut health: HashMap<_, _> = health.into_iter().map(|record| (record.target.clone(), record)).collect();
        let kept = |record: StatusRecord| match health.remove(&record.target) {
            Some(HealthRecord { commit, health, fence, .. }) => {
                Ok(Entry::Target(Box::new(KeptTarget { state: record.with_health(health), commit, fence })))
            }
            None => Err(StoreError::corrupt(format!("target {}", record.target), "it has no health")),
        };
        status.into_iter().map(kept).collect()
    }

    /// The revisions, the last one whole.
    async fn revisions(&self) -> Result<Vec<Entry>, StoreError> {
        let behind = self.behind.map(|id| (&*id.name, Bson::from(id.number)));
        let event = |document: &RawDocument| decode::<EventRecord>(EVENTS, document);
        let mut records = self.within(EVENTS, "revision", behind, event).await?;
        if records.len() == self.limit
            && let Some(last) = records.last().map(|record| record.event.clone())
        {
            records.retain(|EventRecord { event, .. }| event.target != last.target || event.revision != last.revision);
            let revision = doc! { "target": &last.target, "revision": last.revision.cast_signed() };
            records.extend(self.store.find_each(EVENTS, revision, FindOptions::default(), event).await?);
        }
        // The index orders them by target and revision; few share one.
        records.sort_by(|a, b| order_of_revisions(a).cmp(&order_of_revisions(b)));
        Ok(by_revision(records.into_iter().map(EventRecord::into_period).collect()))
    }

    /// Those that are not removed.
    async fn servers(&self) -> Result<Vec<Entry>, StoreError> {
        let mut filter = behind_id(self.behind.map(|id| Bson::from(&*id.name)));
        filter.insert("removed", false);
        let options = FindOptions::builder().sort(doc! { "_id": 1 }).limit(self.most()).build();
        self.store.find_each(SERVERS, filter, options, |document| server(document).map(Entry::Server)).await
    }

    async fn settings(&self) -> Result<Vec<Entry>, StoreError> {
        // In the order of their names in entries, too.
        let by_id = FindOptions::builder().sort(doc! { "_id": 1 }).build();
        let mut settings = self.store.find_each(SETTINGS, known_settings(), by_id, setting).await?;
        settings.retain(|entry| self.behind.is_none_or(|behind| entry.id() > *behind));
        settings.truncate(self.limit);
        Ok(settings)
    }

    /// What lies behind in a collection whose ids are names.
    async fn by_name<T>(
        &self,
        collection: &'static str,
        read: impl Fn(&RawDocument) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        self.by_id(collection, self.behind.map(|id| Bson::from(&*id.name)), read).await
    }

    /// What lies behind an id in a collection.
    async fn by_id<T>(
        &self,
        collection: &'static str,
        behind: Option<Bson>,
        read: impl Fn(&RawDocument) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let options = FindOptions::builder().sort(doc! { "_id": 1 }).limit(self.most()).build();
        self.store.find_each(collection, behind_id(behind), options, read).await
    }

    /// What lies behind in a collection that an index orders by target and by something inside it: the rest of the target,
    /// then the targets behind it.
    async fn within<T>(
        &self,
        collection: &'static str,
        inside: &str,
        behind: Option<(&str, Bson)>,
        read: impl Fn(&RawDocument) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let order = doc! { "target": 1, inside: 1 };
        let options = |limit| FindOptions::builder().sort(order.clone()).limit(limit).build();
        let mut found = Vec::new();
        let mut rest = doc! {};
        if let Some((target, place)) = behind {
            let filter = doc! { "target": target, inside: { "$gt": place } };
            found = self.store.find_each(collection, filter, options(self.most()), &read).await?;
            rest = doc! { "target": { "$gt": target } };
        }
        if found.len() < self.limit {
            let missing = self.most().saturating_sub_unsigned(found.len() as u64);
            found.extend(self.store.find_each(collection, rest, options(missing), &read).await?);
        }
        Ok(found)
    }

    /// What lies behind of each probe, in the order of this time. Not of servers that are not known, which nobody finds.
    async fn of_probes(
        &self,
        collection: &'static str,
        time: &str,
        read: impl Fn(&RawDocument) -> Result<Entry, StoreError>,
    ) -> Result<Vec<Entry>, StoreError> {
        let mut found = Vec::new();
        let mut next = match self.behind {
            Some(id) => Some((id.name.clone(), doc! { time: { "$gt": date(id) } })),
            None => self.probe_behind(collection, None).await?,
        };
        while let Some((probe, mut filter)) = next
            && found.len() < self.limit
        {
            if self.is_known(&probe).await? {
                let missing = self.most().saturating_sub_unsigned(found.len() as u64);
                let options = FindOptions::builder().sort(doc! { time: 1 }).limit(missing).build();
                filter.insert("target", &probe);
                found.extend(self.store.find_each(collection, filter, options, &read).await?);
            }
            next = self.probe_behind(collection, Some(&probe)).await?;
        }
        // Checks may be there twice.
        found.dedup_by_key(|entry| entry.id());
        Ok(found)
    }

    /// The first probe behind a name that something is kept of, and the condition that all of it meets.
    async fn probe_behind(
        &self,
        collection: &'static str,
        name: Option<&str>,
    ) -> Result<Option<(String, Document)>, StoreError> {
        let filter = name.map_or_else(Document::new, |name| doc! { "target": { "$gt": name } });
        let first = FindOptions::builder().sort(doc! { "target": 1 }).limit(1).build();
        let target = |document: &RawDocument| match document.get_str("target") {
            Ok(target) => Ok(target.to_owned()),
            Err(error) => Err(StoreError::corrupt(format!("a document of {collection}"), error)),
        };
        let found = self.store.find_each(collection, filter, first, target).await?;
        Ok(found.into_iter().next().map(|target| (target, doc! {})))
    }

    async fn is_known(&self, probe: &str) -> Result<bool, StoreError> {
        let probe = ProbeId::kept_as(probe);
        let Some(id) = probe.server() else { return Ok(true) };
        Ok(!self.store.find_servers(doc! { "id": id, "removed": false }).await?.is_empty())
    }

    fn most(&self) -> i64 {
        i64::try_from(self.limit).unwrap_or(i64::MAX)
    }
}

fn behind_id(id: Option<Bson>) -> Document {
    id.map_or_else(Document::new, |id| doc! { "_id": { "$gt": id } })
}

/// The instant in an id.
fn date(id: &EntryId) -> DateTime {
    DateTime::from_millis(id.number)
}

fn applied_commit(document: &RawDocument) -> Result<Entry, StoreError> {
    let CommitRecord { brought: Brought { target, revision }, commit: id, at } = decode(COMMITS, document)?;
    // Older programs wrote no date.
    let at = at.or_else(|| Timestamp::from_millis(0)).unwrap_or_else(Timestamp::now);
    Ok(Entry::Commit(AppliedCommit { target, revision, id, at }))
}

/// The settings that are entries.
fn known_settings() -> Document {
    doc! { "_id": { "$in": [NUMBERS, SIGNING_KEY] } }
}

fn setting(document: &RawDocument) -> Result<Entry, StoreError> {
    let what = || StoreError::corrupt("a setting", "it is not of its kind");
    let setting = if document.get_str("_id").is_ok_and(|id| id == NUMBERS) {
        let last = document.get_i64("value").ok().and_then(|last| u64::try_from(last).ok());
        Setting::LastToken(last.ok_or_else(what)?)
    } else {
        Setting::SigningKey(document.get_binary("value").map_err(|_| what())?.bytes.to_vec())
    };
    Ok(Entry::Setting(setting))
}
