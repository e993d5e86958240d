//! The templates of messages.

use async_trait::async_trait;
use mongodb::bson::{Document, RawDocument, doc};
use mongodb::error::Error;
use mongodb::options::FindOptions;
use serde::{Deserialize, Serialize};

use super::error::failed;
use super::record::{date, date_of, decode};
use super::{MongoStore, TEMPLATES};
use crate::schema::Timestamp;
use crate::store::{ByAge, Exchanged, StoreError, Templates};
use crate::template::Template;

/// A template, in `templates`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TemplateRecord {
    #[serde(rename = "_id")]
    id: String,
    name: String,
    description: String,
    content: String,
    #[serde(with = "date")]
    created_at: Timestamp,
    #[serde(with = "date")]
    modified_at: Timestamp,
    revision: u64,
}

/// The order of the list.
pub(super) fn order() -> Document {
    doc! { "createdAt": 1, "_id": 1 }
}

#[async_trait]
impl Templates for MongoStore {
    async fn add_template(&self, template: &Template) -> Result<bool, StoreError> {
        self.in_time("add a template", self.insert_new(TEMPLATES, &TemplateRecord::of(template))).await
    }

    async fn templates(&self, behind: Option<&ByAge>, limit: Option<u32>) -> Result<Vec<Template>, StoreError> {
        let options = FindOptions::builder().sort(order()).limit(limit.map(i64::from)).build();
        let filter = behind.map_or_else(Document::new, |ByAge { created_at, id }| {
            let at = date_of(*created_at);
            let behind = [doc! { "createdAt": { "$gt": at } }, doc! { "_id": { "$gt": id } }];
            doc! { "createdAt": { "$gte": at }, "$or": behind.to_vec() }
        });
        self.in_time("list the templates", self.find_each(TEMPLATES, filter, options, template)).await
    }

    async fn template(&self, id: &str) -> Result<Option<Template>, StoreError> {
        self.in_time("find a template", self.find_by_id(TEMPLATES, id, template)).await
    }

    async fn replace_template(&self, template: &Template) -> Result<Exchanged, StoreError> {
        let record = TemplateRecord::of(template);
        let replace = async {
            let was = at_revision(&record.id, record.revision.saturating_sub(1));
            let templates = self.database.collection::<TemplateRecord>(TEMPLATES);
            let replaced = templates.replace_one(was, &record).await.map_err(cannot_write)?;
            self.exchanged(&record.id, replaced.matched_count).await
        };
        self.in_time("replace a template", replace).await
    }

    async fn remove_template(&self, id: &str, revision: u64) -> Result<Exchanged, StoreError> {
        let remove = async {
            let removed = self.collection(TEMPLATES).delete_one(at_revision(id, revision)).await;
            self.exchanged(id, removed.map_err(cannot_write)?.deleted_count).await
        };
        self.in_time("remove a template", remove).await
    }
}

impl MongoStore {
    /// What became of the template of an id, of which so many documents were written.
    async fn exchanged(&self, id: &str, documents: u64) -> Result<Exchanged, StoreError> {
        if documents > 0 {
            return Ok(Exchanged::Done);
        }
        let there = self.collection(TEMPLATES).find_one(doc! { "_id": id }).projection(doc! { "_id": 1 }).await;
        let is_there = there.map_err(cannot_write)?.is_some();
        Ok(if is_there { Exchanged::Otherwise } else { Exchanged::Unknown })
    }
}

fn at_revision(id: &str, revision: u64) -> Document {
    doc! { "_id": id, "revision": revision.cast_signed() }
}

fn cannot_write(error: Error) -> StoreError {
    failed("write a template", error)
}

impl TemplateRecord {
    pub(super) fn of(template: &Template) -> Self {
        let Template { id, name, description, content, created_at, modified_at, revision } = template.clone();
        Self { id, name, description, content, created_at, modified_at, revision }
    }
}

pub(super) fn template(document: &RawDocument) -> Result<Template, StoreError> {
    let record = decode(TEMPLATES, document)?;
    let TemplateRecord { id, name, description, content, created_at, modified_at, revision } = record;
    Ok(Template { id, name, description, content, created_at, modified_at, revision })
}
