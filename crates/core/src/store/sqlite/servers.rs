//! The servers that were added.

use std::net::IpAddr;

use async_trait::async_trait;
use rusqlite::{OptionalExtension as _, Row};

use super::SqliteStore;
use super::file::sql;
use super::forget::{Forgotten, forget_checks};
use super::read::{all, time};
use crate::schema::{ProbeId, Server};
use crate::store::{Servers, StoreError};

pub(super) const SERVERS: &str = "SELECT name, id, address, added_at FROM servers";

#[async_trait]
impl Servers for SqliteStore {
    async fn servers(&self) -> Result<Vec<Server>, StoreError> {
        self.read(|connection| all(connection, &format!("{SERVERS} ORDER BY name"), [], server)).await
    }

    async fn server(&self, name: &str) -> Result<Option<Server>, StoreError> {
        let name = name.to_owned();
        let found =
            self.read(move |connection| all(connection, &format!("{SERVERS} WHERE name = ?"), [name], server)).await?;
        Ok(found.into_iter().next())
    }

    async fn add_server(&self, server: &Server) -> Result<bool, StoreError> {
        let Server { id, name, address, added_at } = server.clone();
        self.execute(
            "INSERT OR IGNORE INTO servers (name, id, address, added_at) VALUES (?, ?, ?, ?)",
            (name, id, address.to_string(), added_at.as_millis()),
        )
        .await
    }

    async fn move_server(&self, name: &str, address: IpAddr) -> Result<bool, StoreError> {
        self.execute("UPDATE servers SET address = ? WHERE name = ?", (address.to_string(), name.to_owned())).await
    }

    async fn remove_server(&self, name: &str) -> Result<bool, StoreError> {
        let name = name.to_owned();
        let removed = self.writer.work(move |transaction| {
            let remove = || {
                let delete = "DELETE FROM servers WHERE name = ? RETURNING id";
                let id: Option<String> = transaction.query_row(delete, [&name], |row| row.get(0)).optional()?;
                if let Some(id) = &id {
                    // From now on nobody finds its checks and roll-ups, however long it takes to delete them.
                    let probe = ProbeId::of_server(id);
                    transaction.execute("UPDATE probes SET name = NULL WHERE name = ?", [probe.as_str()])?;
                }
                Ok(id.is_some())
            };
            remove().map_err(sql)
        });
        if !removed.await? {
            return Ok(false);
        }
        while self.writer.work(|transaction| forget_checks(transaction, None, None)).await? == Forgotten::Some {}
        Ok(true)
    }
}

pub(super) fn server(row: &Row<'_>) -> Result<Server, StoreError> {
    let name: String = row.get("name").map_err(sql)?;
    let what = || format!("server {name}");
    let address: String = row.get("address").map_err(sql)?;
    Ok(Server {
        id: row.get("id").map_err(sql)?,
        address: address.parse().map_err(|error| StoreError::corrupt(what(), error))?,
        added_at: time(&what, row, "added_at")?,
        name: name.clone(),
    })
}
