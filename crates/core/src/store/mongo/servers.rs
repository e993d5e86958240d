//! The servers that were added.
//!
//! No transaction deletes from a time series. So a server that is removed is first marked as removed, which hides it; then
//! its checks and roll-ups are deleted, and its document last. Where that was cut short, whoever adds a server of that name
//! ends it first. What comes later still is of a server that nobody knows, and expires.

use std::net::IpAddr;

use async_trait::async_trait;
use mongodb::bson::{Document, RawDocument, doc};
use mongodb::options::FindOptions;
use serde::{Deserialize, Serialize};

use super::error::{failed, is_duplicate_key};
use super::record::{date, decode};
use super::{MongoStore, SERVERS};
use crate::schema::{ProbeId, Server, Timestamp};
use crate::store::{Servers, StoreError};

/// A server, in `servers`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ServerRecord {
    #[serde(rename = "_id")]
    name: String,
    id: String,
    /// As text, which is what people look for.
    address: String,
    #[serde(with = "date")]
    added_at: Timestamp,
    /// Whether it is removed, and only its checks are still to be deleted.
    #[serde(default)]
    removed: bool,
}

#[async_trait]
impl Servers for MongoStore {
    async fn servers(&self) -> Result<Vec<Server>, StoreError> {
        self.in_time("list the servers", self.find_servers(doc! { "removed": false })).await
    }

    async fn server(&self, name: &str) -> Result<Option<Server>, StoreError> {
        let found = self.in_time("find a server", self.find_servers(doc! { "_id": name, "removed": false })).await?;
        Ok(found.into_iter().next())
    }

    async fn add_server(&self, server: &Server) -> Result<bool, StoreError> {
        self.in_time("add a server", self.insert_server(server)).await
    }

    async fn move_server(&self, name: &str, address: IpAddr) -> Result<bool, StoreError> {
        let update = doc! { "$set": { "address": address.to_string() } };
        self.in_time("change a server", self.update_server(name, update)).await
    }

    async fn remove_server(&self, name: &str) -> Result<bool, StoreError> {
        let hidden = self.in_time("remove a server", self.hide_server(name)).await?;
        if let Some(server) = &hidden {
            self.in_time("delete the checks of a server", self.end_removal(server)).await?;
        }
        Ok(hidden.is_some())
    }
}

impl MongoStore {
    /// Ends the removals that were cut short.
    pub(super) async fn end_removals(&self) -> Result<(), StoreError> {
        for server in self.find_servers(doc! { "removed": true }).await? {
            self.end_removal(&server).await?;
        }
        Ok(())
    }

    async fn end_removal(&self, server: &Server) -> Result<(), StoreError> {
        self.delete_measurements(&ProbeId::of_server(&server.id)).await?;
        let hidden = doc! { "_id": &server.name, "id": &server.id, "removed": true };
        let deleted = self.collection(SERVERS).delete_one(hidden).await;
        deleted.map(drop).map_err(|error| failed("remove a server", error))
    }

    pub(super) async fn find_servers(&self, filter: Document) -> Result<Vec<Server>, StoreError> {
        let by_name = FindOptions::builder().sort(doc! { "_id": 1 }).build();
        self.find_each(SERVERS, filter, by_name, server).await
    }

    async fn insert_server(&self, server: &Server) -> Result<bool, StoreError> {
        let record = ServerRecord::of(server);
        loop {
            match self.database.collection::<ServerRecord>(SERVERS).insert_one(&record).await {
                Ok(_) => return Ok(true),
                Err(error) if !is_duplicate_key(&error) => return Err(failed("add a server", error)),
                Err(_) => {}
            }
            let left = self.find_servers(doc! { "_id": &record.name, "removed": true }).await?;
            let Some(left) = left.first() else { return Ok(false) };
            self.end_removal(left).await?;
        }
    }

    /// Hides a server, and answers which one that was.
    async fn hide_server(&self, name: &str) -> Result<Option<Server>, StoreError> {
        let (known, hide) = (doc! { "_id": name, "removed": false }, doc! { "$set": { "removed": true } });
        let hidden = self.database.collection::<ServerRecord>(SERVERS).find_one_and_update(known, hide).await;
        hidden.map_err(|error| failed("remove a server", error))?.map(ServerRecord::into_server).transpose()
    }

    async fn update_server(&self, name: &str, update: Document) -> Result<bool, StoreError> {
        let updated = self.collection(SERVERS).update_one(doc! { "_id": name, "removed": false }, update).await;
        updated.map(|updated| updated.matched_count == 1).map_err(|error| failed("change a server", error))
    }
}

impl ServerRecord {
    pub(super) fn of(server: &Server) -> Self {
        let Server { id, name, address, added_at } = server.clone();
        Self { name, id, address: address.to_string(), added_at, removed: false }
    }

    fn into_server(self) -> Result<Server, StoreError> {
        let Self { name, id, address, added_at, .. } = self;
        let address = address.parse().map_err(|error| StoreError::corrupt(format!("server {name}"), error))?;
        Ok(Server { id, name, address, added_at })
    }
}

pub(super) fn server(document: &RawDocument) -> Result<Server, StoreError> {
    decode::<ServerRecord>(SERVERS, document)?.into_server()
}
