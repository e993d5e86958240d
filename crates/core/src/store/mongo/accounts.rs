//! Who may do what.
//!
//! What cannot be read is named without what it holds: that may be a hash.

use async_trait::async_trait;
use futures_util::FutureExt;
use mongodb::bson::spec::BinarySubtype;
use mongodb::bson::{
    Binary, Bson, Document, RawDocument, RawDocumentBuf, deserialize_from_slice, doc, serialize_to_raw_document_buf,
};
use mongodb::error::Error;
use mongodb::options::{FindOptions, ReadConcern, ReturnDocument, WriteConcern};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::error::{failed, is_duplicate_key};
use super::record::{date, date_if_any, date_of};
use super::{KEYS, MongoStore, SESSIONS, SETTINGS, USERS};
use crate::access::{Key, Scope, Session, User};
use crate::schema::Timestamp;
use crate::store::{Accounts, SIGNING_KEY, StoreError};

/// An API key, in `keys`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct KeyRecord {
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
struct UserRecord {
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
struct SessionRecord {
    #[serde(rename = "_id")]
    id: String,
    user: String,
    #[serde(with = "date")]
    expires_at: Timestamp,
}

#[async_trait]
impl Accounts for MongoStore {
    async fn add_key(&self, key: &Key) -> Result<bool, StoreError> {
        let Key { id, name, scope, hash, created_at, expires_at, last_used_at, revoked_at } = key.clone();
        let record = KeyRecord { id, name, scope, hash, created_at, expires_at, last_used_at, revoked_at };
        self.in_time("add a key", self.insert_new(KEYS, &record)).await
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

    async fn change_user(&self, user: &User) -> Result<bool, StoreError> {
        let replacement = serialize_to_raw_document_buf(&UserRecord::of(user))
            .map_err(|error| StoreError::Unsuitable(format!("user {} cannot be written: {error}", user.name)))?;
        self.in_time("change a user", self.end_user(&user.name, Some(replacement))).await
    }

    async fn users(&self) -> Result<Vec<User>, StoreError> {
        let by_name = FindOptions::builder().sort(doc! { "_id": 1 }).build();
        self.in_time("list the users", self.find_each(USERS, doc! {}, by_name, user)).await
    }

    async fn user(&self, name: &str) -> Result<Option<User>, StoreError> {
        self.in_time("find a user", self.find_by_id(USERS, name, user)).await
    }

    async fn remove_user(&self, name: &str) -> Result<bool, StoreError> {
        self.in_time("remove a user", self.end_user(name, None)).await
    }

    async fn begin_session(&self, session: &Session, now: Timestamp) -> Result<(), StoreError> {
        let Session { id, user, expires_at } = session.clone();
        let record = SessionRecord { id, user, expires_at };
        let begin = async {
            let sessions = self.database.collection::<SessionRecord>(SESSIONS);
            sessions.delete_many(doc! { "expiresAt": { "$lte": date_of(now) } }).await?;
            sessions.replace_one(doc! { "_id": &record.id }, &record).upsert(true).await
        };
        self.in_time("begin a session", begin.map(|begun| begun.map(drop).map_err(cannot_write))).await
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
    /// Adds a document; answers whether there was none of its id.
    async fn insert_new<T: Serialize + Send + Sync>(
        &self,
        collection: &'static str,
        record: &T,
    ) -> Result<bool, StoreError> {
        match self.database.collection::<T>(collection).insert_one(record).await {
            Ok(_) => Ok(true),
            Err(error) if is_duplicate_key(&error) => Ok(false),
            Err(error) => Err(cannot_write(error)),
        }
    }

    async fn find_by_id<T>(
        &self,
        collection: &'static str,
        id: &str,
        read: impl Fn(&RawDocument) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        let found = self.find_each(collection, doc! { "_id": id }, FindOptions::default(), read).await?;
        Ok(found.into_iter().next())
    }

    /// Ends the sessions of a user who is replaced, or removed, in one transaction; answers whether there is one.
    async fn end_user(&self, name: &str, replacement: Option<RawDocumentBuf>) -> Result<bool, StoreError> {
        let end = async {
            let mut session = self.client.start_session().await?;
            let transaction = session
                .start_transaction()
                .read_concern(ReadConcern::snapshot())
                .write_concern(WriteConcern::majority());
            let context = (self.collection(USERS), self.collection(SESSIONS), name.to_owned(), replacement);
            transaction
                .and_run(context, |session, (users, sessions, name, replacement)| {
                    async move {
                        let id = doc! { "_id": name.as_str() };
                        let is_known = match replacement {
                            Some(user) => users.replace_one(id, user).session(&mut *session).await?.matched_count == 1,
                            None => users.delete_one(id).session(&mut *session).await?.deleted_count == 1,
                        };
                        if is_known {
                            sessions.delete_many(doc! { "user": name.as_str() }).session(session).await?;
                        }
                        Ok(is_known)
                    }
                    .boxed()
                })
                .await
        };
        end.await.map_err(cannot_write)
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

fn cannot_write(error: Error) -> StoreError {
    failed("write who may do what", error)
}

fn key(document: &RawDocument) -> Result<Key, StoreError> {
    let record = read(document, || format!("key {}", id_of(document)))?;
    let KeyRecord { id, name, scope, hash, created_at, expires_at, last_used_at, revoked_at } = record;
    Ok(Key { id, name, scope, hash, created_at, expires_at, last_used_at, revoked_at })
}

fn user(document: &RawDocument) -> Result<User, StoreError> {
    let UserRecord { name, scope, password, created_at } = read(document, || format!("user {}", id_of(document)))?;
    Ok(User { name, scope, password, created_at })
}

fn session(document: &RawDocument) -> Result<Session, StoreError> {
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

impl UserRecord {
    fn of(user: &User) -> Self {
        let User { name, scope, password, created_at } = user.clone();
        Self { name, scope, password, created_at }
    }
}
