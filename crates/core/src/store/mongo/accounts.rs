//! Who may do what.
//!
//! What cannot be read is named without what it holds: that may be a hash.

use async_trait::async_trait;
use futures_util::FutureExt;
use mongodb::bson::spec::BinarySubtype;
use mongodb::bson::{
    Binary, Bson, Document, RawDocument, RawDocumentBuf, deserialize_from_slice, doc, serialize_to_document,
};
use mongodb::error::Error;
use mongodb::options::{FindOptions, ReturnDocument};
use mongodb::{ClientSession, Collection};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::error::{failed, is_duplicate_key};
use super::record::{date, date_if_any, date_of};
use super::{KEYS, MongoStore, SESSIONS, SETTINGS, USERS, transaction};
use crate::access::{Key, Scope, Session, User, is_admin_left};
use crate::schema::Timestamp;
use crate::store::{Accounts, Replaced, SIGNING_KEY, StoreError, loses_admin};

/// Where it is noted, beside the settings, that somebody may not give access any more.
const ADMINS: &str = "admins";

/// An API key, in `keys`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct KeyRecord {
    #[serde(rename = "_id")]
    id: String,
    name: String,
    scope: Scope,
    hash: String,
    #[serde(with = "date")]
    created_at: Timestamp,
    #[serde(default, with = "date_if_any")]
    expires_at: Option<Timestamp>,
    #[serde(default, with = "date_if_any")]
    last_used_at: Option<Timestamp>,
    #[serde(default, with = "date_if_any")]
    revoked_at: Option<Timestamp>,
}

/// A user, in `users`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UserRecord {
    #[serde(rename = "_id")]
    name: String,
    scope: Scope,
    password: String,
    #[serde(with = "date")]
    created_at: Timestamp,
}

/// A session, in `sessions`, from where the server deletes it once it is over.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SessionRecord {
    #[serde(rename = "_id")]
    id: String,
    user: String,
    #[serde(with = "date")]
    expires_at: Timestamp,
}

#[async_trait]
impl Accounts for MongoStore {
    async fn add_key(&self, key: &Key) -> Result<bool, StoreError> {
        self.in_time("add a key", self.insert_new(KEYS, &KeyRecord::of(key))).await
    }

    async fn keys(&self) -> Result<Vec<Key>, StoreError> {
        let oldest_first = FindOptions::builder().sort(doc! { "createdAt": 1, "_id": 1 }).build();
        self.in_time("list the keys", self.find_each(KEYS, doc! {}, oldest_first, key)).await
    }

    async fn key(&self, id: &str) -> Result<Option<Key>, StoreError> {
        self.in_time("find a key", self.find_by_id(KEYS, id, key)).await
    }

    async fn revoke_key(&self, id: &str, at: Timestamp) -> Result<bool, StoreError> {
        let revoke = vec![doc! { "$set": { "revokedAt": { "$ifNull": ["$revokedAt", date_of(at)] } } }];
        let revoke = async { self.collection(KEYS).update_one(doc! { "_id": id }, revoke).await.map_err(cannot_write) };
        self.in_time("revoke a key", revoke).await.map(|updated| updated.matched_count == 1)
    }

    async fn key_used(&self, id: &str, at: Timestamp) -> Result<(), StoreError> {
        // Null is before every date.
        let note = doc! { "$max": { "lastUsedAt": date_of(at) } };
        let note = async { self.collection(KEYS).update_one(doc! { "_id": id }, note).await.map_err(cannot_write) };
        self.in_time("note the use of a key", note).await.map(drop)
    }

    async fn add_user(&self, user: &User) -> Result<bool, StoreError> {
        self.in_time("add a user", self.insert_new(USERS, &UserRecord::of(user))).await
    }

    async fn users(&self) -> Result<Vec<User>, StoreError> {
        let by_name = FindOptions::builder().sort(doc! { "_id": 1 }).build();
        self.in_time("list the users", self.find_each(USERS, doc! {}, by_name, user)).await
    }

    async fn user(&self, name: &str) -> Result<Option<User>, StoreError> {
        self.in_time("find a user", self.find_by_id(USERS, name, user)).await
    }

    async fn replace_user(&self, was: &User, user: Option<&User>, now: Timestamp) -> Result<Replaced, StoreError> {
        let replacement = Replacement { was: was.clone(), becomes: user.cloned(), now };
        self.in_time("replace a user", self.replaced(replacement)).await
    }

    async fn begin_session(&self, session: &Session, user: &User, now: Timestamp) -> Result<bool, StoreError> {
        let over = doc! { "expiresAt": { "$lte": date_of(now) } };
        let begin = async {
            self.collection(SESSIONS).delete_many(over).await.map_err(cannot_write)?;
            self.begun(session, user).await
        };
        self.in_time("begin a session", begin).await
    }

    async fn session(&self, id: &str) -> Result<Option<Session>, StoreError> {
        self.in_time("find a session", self.find_by_id(SESSIONS, id, session)).await
    }

    async fn end_session(&self, id: &str) -> Result<(), StoreError> {
        let end = async { self.collection(SESSIONS).delete_one(doc! { "_id": id }).await.map_err(cannot_write) };
        self.in_time("end a session", end).await.map(drop)
    }

    async fn signing_key(&self, fresh: &[u8]) -> Result<Vec<u8>, StoreError> {
        self.in_time("keep the signing key", self.first_signing_key(fresh)).await
    }
}

impl MongoStore {
    /// Replaces a user, or removes them, and ends their sessions, in one transaction.
    async fn replaced(&self, replacement: Replacement) -> Result<Replaced, StoreError> {
        let context = (self, replacement);
        let replaced = async {
            let mut session = self.client.start_session().await?;
            let transaction = transaction(&mut session);
            transaction.and_run(context, |session, (store, how)| store.replace(session, how).boxed()).await
        };
        replaced.await.map_err(cannot_write)?
    }

    /// What was read and makes no sense is no error of the transaction: it would not go away by trying again.
    async fn replace(
        &self,
        session: &mut ClientSession,
        Replacement { was, becomes, now }: &Replacement,
    ) -> Result<Result<Replaced, StoreError>, Error> {
        let (users, by_name) = (self.collection(USERS), doc! { "_id": &was.name });
        match read_all(&users, by_name.clone(), session, user).await? {
            Ok(there) if there.first() == Some(was) => {}
            Ok(_) => return Ok(Ok(Replaced::Otherwise)),
            Err(corrupt) => return Ok(Err(corrupt)),
        }
        if loses_admin(was, becomes.as_ref()) {
            // Written by all who take somebody the right to give access: of two at once one has to begin again.
            let change = doc! { "$inc": { "changes": 1 } };
            let settings = self.collection(SETTINGS);
            settings.update_one(doc! { "_id": ADMINS }, change).upsert(true).session(&mut *session).await?;
            let others = read_all(&users, doc! { "_id": { "$ne": &was.name } }, session, user).await?;
            let keys = read_all(&self.collection(KEYS), doc! {}, session, key).await?;
            match others.and_then(|others| keys.map(|keys| is_admin_left(&others, &keys, *now))) {
                Ok(true) => {}
                Ok(false) => return Ok(Ok(Replaced::LastAdmin)),
                Err(corrupt) => return Ok(Err(corrupt)),
            }
        }
        match becomes {
            Some(user) => {
                let users = self.database.collection::<UserRecord>(USERS);
                users.replace_one(by_name, UserRecord::of(user)).session(&mut *session).await.map(drop)?;
            }
            None => users.delete_one(by_name).session(&mut *session).await.map(drop)?,
        }
        self.collection(SESSIONS).delete_many(doc! { "user": &was.name }).session(session).await?;
        Ok(Ok(Replaced::Done))
    }

    /// Begins a session, in one transaction with a note to its user: so whoever replaces the user at the same time has to
    /// begin again, and finds the session.
    async fn begun(&self, session: &Session, user: &User) -> Result<bool, StoreError> {
        let as_read = serialize_to_document(&UserRecord::of(user))
            .map_err(|error| StoreError::Unsuitable(format!("user {} cannot be written: {error}", user.name)))?;
        let context = (self, as_read, SessionRecord::of(session));
        let begun = async {
            let mut session = self.client.start_session().await?;
            let begin = transaction(&mut session).and_run(context, |session, (store, as_read, record)| {
                async move {
                    let note = doc! { "$inc": { "logins": 1 } };
                    let users = store.collection(USERS);
                    let noted = users.update_one(as_read.clone(), note).session(&mut *session).await?;
                    if noted.matched_count == 0 {
                        return Ok(false);
                    }
                    let sessions = store.database.collection::<SessionRecord>(SESSIONS);
                    sessions.replace_one(doc! { "_id": &record.id }, &*record).upsert(true).session(session).await?;
                    Ok(true)
                }
                .boxed()
            });
            begin.await
        };
        begun.await.map_err(cannot_write)
    }

    async fn first_signing_key(&self, fresh: &[u8]) -> Result<Vec<u8>, StoreError> {
        let fresh = Binary { subtype: BinarySubtype::Generic, bytes: fresh.to_vec() };
        let keep = doc! { "$setOnInsert": { "value": fresh } };
        let settings = self.database.collection::<Document>(SETTINGS);
        let kept = loop {
            let kept = settings.find_one_and_update(doc! { "_id": SIGNING_KEY }, keep.clone());
            match kept.upsert(true).return_document(ReturnDocument::After).await {
                // Somebody was faster.
                Err(error) if is_duplicate_key(&error) => {}
                kept => break kept.map_err(cannot_write)?,
            }
        };
        match kept.as_ref().and_then(|setting| setting.get("value")) {
            Some(Bson::Binary(value)) => Ok(value.bytes.clone()),
            _ => Err(StoreError::corrupt("the signing key", "it is none")),
        }
    }
}

/// How a user is replaced.
struct Replacement {
    was: User,
    becomes: Option<User>,
    now: Timestamp,
}

/// All documents that a transaction finds, or what is wrong with the first that cannot be read.
async fn read_all<T>(
    collection: &Collection<RawDocumentBuf>,
    filter: Document,
    session: &mut ClientSession,
    read: impl Fn(&RawDocument) -> Result<T, StoreError>,
) -> Result<Result<Vec<T>, StoreError>, Error> {
    let mut found = collection.find(filter).session(&mut *session).await?;
    let mut all = Vec::new();
    while found.advance(session).await? {
        match read(found.current()) {
            Ok(one) => all.push(one),
            Err(corrupt) => return Ok(Err(corrupt)),
        }
    }
    Ok(Ok(all))
}

fn cannot_write(error: Error) -> StoreError {
    failed("write who may do what", error)
}

pub(super) fn key(document: &RawDocument) -> Result<Key, StoreError> {
    let record = read(document, || format!("key {}", id_of(document)))?;
    let KeyRecord { id, name, scope, hash, created_at, expires_at, last_used_at, revoked_at } = record;
    Ok(Key { id, name, scope, hash, created_at, expires_at, last_used_at, revoked_at })
}

pub(super) fn user(document: &RawDocument) -> Result<User, StoreError> {
    let UserRecord { name, scope, password, created_at } = read(document, || format!("user {}", id_of(document)))?;
    Ok(User { name, scope, password, created_at })
}

pub(super) fn session(document: &RawDocument) -> Result<Session, StoreError> {
    // Not its id, which a token names.
    let SessionRecord { id, user, expires_at } = read(document, || "a session".to_owned())?;
    Ok(Session { id, user, expires_at })
}

/// Reads a document. What is wrong with it is not told, as that would show a value.
fn read<T: DeserializeOwned>(document: &RawDocument, what: impl Fn() -> String) -> Result<T, StoreError> {
    deserialize_from_slice(document.as_bytes())
        .map_err(|_| StoreError::corrupt(what(), "a field is missing, or is none of its kind"))
}

fn id_of(document: &RawDocument) -> &str {
    document.get_str("_id").unwrap_or_default()
}

impl KeyRecord {
    pub(super) fn of(key: &Key) -> Self {
        let Key { id, name, scope, hash, created_at, expires_at, last_used_at, revoked_at } = key.clone();
        Self { id, name, scope, hash, created_at, expires_at, last_used_at, revoked_at }
    }
}

impl SessionRecord {
    pub(super) fn of(session: &Session) -> Self {
        let Session { id, user, expires_at } = session.clone();
        Self { id, user, expires_at }
    }
}

impl UserRecord {
    pub(super) fn of(user: &User) -> Self {
        let User { name, scope, password, created_at } = user.clone();
        Self { name, scope, password, created_at }
    }
}
