//! What other services answered.

use async_trait::async_trait;
use mongodb::bson::spec::BinarySubtype;
use mongodb::bson::{Binary, Document, RawDocument, doc};
use mongodb::error::Error;
use mongodb::options::FindOptions;
use serde::{Deserialize, Serialize};

use super::error::failed;
use super::record::{date, date_of, decode};
use super::{MongoStore, REPORTS};
use crate::schema::Timestamp;
use crate::store::{ByAge, Report, ReportSummary, Reports, StoreError};

/// A report, in `reports`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReportRecord {
    #[serde(rename = "_id")]
    id: String,
    #[serde(with = "date")]
    created_at: Timestamp,
    query: String,
    size: u64,
    /// Not text, so that it is kept byte for byte whatever it holds.
    body: Binary,
}

/// The same without its body.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SummaryRecord {
    #[serde(rename = "_id")]
    id: String,
    #[serde(with = "date")]
    created_at: Timestamp,
    query: String,
    size: u64,
}

/// The order of the list.
pub(super) fn order() -> Document {
    doc! { "createdAt": -1, "_id": -1 }
}

#[async_trait]
impl Reports for MongoStore {
    async fn add_report(&self, report: &Report) -> Result<bool, StoreError> {
        report.check()?;
        self.in_time("add a report", self.insert_new(REPORTS, &ReportRecord::of(report))).await
    }

    async fn reports(&self, behind: Option<&ByAge>, limit: Option<u32>) -> Result<Vec<ReportSummary>, StoreError> {
        let options = FindOptions::builder().sort(order()).limit(limit.map(i64::from));
        let options = options.projection(doc! { "body": 0 }).build();
        let filter = behind.map_or_else(Document::new, |ByAge { created_at, id }| {
            let at = date_of(*created_at);
            let behind = [doc! { "createdAt": { "$lt": at } }, doc! { "_id": { "$lt": id } }];
            doc! { "createdAt": { "$lte": at }, "$or": behind.to_vec() }
        });
        self.in_time("list the reports", self.find_each(REPORTS, filter, options, summary)).await
    }

    async fn report(&self, id: &str) -> Result<Option<Report>, StoreError> {
        self.in_time("find a report", self.find_by_id(REPORTS, id, report)).await
    }

    async fn remove_report(&self, id: &str) -> Result<bool, StoreError> {
        let remove = self.remove_reports_of(doc! { "_id": id });
        self.in_time("remove a report", remove).await.map(|removed| removed > 0)
    }

    async fn remove_reports(&self) -> Result<u64, StoreError> {
        self.in_time("remove the reports", self.remove_reports_of(doc! {})).await
    }
}

impl MongoStore {
    async fn remove_reports_of(&self, filter: Document) -> Result<u64, StoreError> {
        let removed = self.collection(REPORTS).delete_many(filter).await.map_err(cannot_remove)?;
        Ok(removed.deleted_count)
    }
}

impl ReportRecord {
    pub(super) fn of(report: &Report) -> Self {
        let ReportSummary { id, created_at, query, size } = report.summary();
        let body = Binary { subtype: BinarySubtype::Generic, bytes: report.body.to_vec() };
        Self { id, created_at, query, size, body }
    }
}

fn cannot_remove(error: Error) -> StoreError {
    failed("remove reports", error)
}

fn summary(document: &RawDocument) -> Result<ReportSummary, StoreError> {
    decode(REPORTS, document).map(|SummaryRecord { id, created_at, query, size }| ReportSummary {
        id,
        created_at,
        query,
        size,
    })
}

pub(super) fn report(document: &RawDocument) -> Result<Report, StoreError> {
    let ReportRecord { id, created_at, query, body, .. } = decode(REPORTS, document)?;
    Ok(Report { id, created_at, query, body: body.bytes.into() })
}
