//! The templates of messages.

use async_trait::async_trait;
use rusqlite::{Row, Transaction, params};

use super::SqliteStore;
use super::file::sql;
use super::read::{all, number, time};
use crate::store::{ByAge, Exchanged, StoreError, Templates};
use crate::template::Template;

pub(super) const TEMPLATES: &str =
    "SELECT id, name, description, created_at, modified_at, revision, content FROM templates";
/// The templates behind a place, so many at the most.
pub(super) const BEHIND: &str = "WHERE (created_at, id) > (?, ?) ORDER BY created_at, id LIMIT ?";

#[async_trait]
impl Templates for SqliteStore {
    async fn add_template(&self, template: &Template) -> Result<bool, StoreError> {
        let Template { id, name, description, content, created_at, modified_at, revision } = template.clone();
        let (created_at, modified_at) = (created_at.as_millis(), modified_at.as_millis());
        self.execute(
            "INSERT OR IGNORE INTO templates (id, name, description, created_at, modified_at, revision, content)
             VALUES (?, ?, ?, ?, ?, ?, ?)",
            (id, name, description, created_at, modified_at, revision.cast_signed(), content),
        )
        .await
    }

    async fn templates(&self, behind: Option<&ByAge>, limit: Option<u32>) -> Result<Vec<Template>, StoreError> {
        // Nothing is older than the oldest instant.
        let (at, id) =
            behind.map_or((i64::MIN, String::new()), |place| (place.created_at.as_millis(), place.id.clone()));
        let limit = limit.map_or(-1, i64::from);
        self.read(move |connection| all(connection, &format!("{TEMPLATES} {BEHIND}"), (at, id, limit), template)).await
    }

    async fn template(&self, id: &str) -> Result<Option<Template>, StoreError> {
        let id = id.to_owned();
        let find = format!("{TEMPLATES} WHERE id = ?");
        let found = self.read(move |connection| all(connection, &find, [id], template)).await?;
        Ok(found.into_iter().next())
    }

    async fn replace_template(&self, template: &Template) -> Result<Exchanged, StoreError> {
        let Template { id, name, description, content, created_at, modified_at, revision } = template.clone();
        let (created_at, modified_at) = (created_at.as_millis(), modified_at.as_millis());
        let revision = revision.cast_signed();
        let replace = move |transaction: &Transaction<'_>| {
            let replaced = transaction.prepare_cached(
                "UPDATE templates SET name = ?, description = ?, created_at = ?, modified_at = ?, revision = ?, content = ?
                 WHERE id = ? AND revision = ?",
            )?.execute(params![name, description, created_at, modified_at, revision, content, id, revision - 1])?;
            exchanged(transaction, &id, replaced)
        };
        self.writer.work(move |transaction| replace(transaction).map_err(sql)).await
    }

    async fn remove_template(&self, id: &str, revision: u64) -> Result<Exchanged, StoreError> {
        let id = id.to_owned();
        let remove = move |transaction: &Transaction<'_>| {
            let delete = "DELETE FROM templates WHERE id = ? AND revision = ?";
            let removed = transaction.prepare_cached(delete)?.execute(params![id, revision.cast_signed()])?;
            exchanged(transaction, &id, removed)
        };
        self.writer.work(move |transaction| remove(transaction).map_err(sql)).await
    }
}

/// What became of the template of an id, of which so many rows were written.
fn exchanged(transaction: &Transaction<'_>, id: &str, rows: usize) -> rusqlite::Result<Exchanged> {
    if rows > 0 {
        return Ok(Exchanged::Done);
    }
    let is_there = transaction.prepare_cached("SELECT 1 FROM templates WHERE id = ?")?.exists([id])?;
    Ok(if is_there { Exchanged::Otherwise } else { Exchanged::Unknown })
}

pub(super) fn template(row: &Row<'_>) -> Result<Template, StoreError> {
    let id: String = row.get("id").map_err(sql)?;
    let what = || format!("template {id}");
    Ok(Template {
        name: row.get("name").map_err(sql)?,
        description: row.get("description").map_err(sql)?,
        content: row.get("content").map_err(sql)?,
        created_at: time(&what, row, "created_at")?,
        modified_at: time(&what, row, "modified_at")?,
        revision: number(&what, row, "revision")?,
        id: id.clone(),
    })
}
