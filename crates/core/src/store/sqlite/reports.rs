//! What other services answered.

use async_trait::async_trait;
use rusqlite::{Row, Transaction};

use super::SqliteStore;
use super::file::sql;
use super::read::{all, number, time};
use crate::store::{ByAge, Report, ReportSummary, Reports, StoreError};

/// The reports behind a place, so many at the most. The length of a body is known without reading it.
pub(super) const SUMMARIES: &str = "SELECT id, created_at, query, length(body) AS size FROM reports
     WHERE (created_at, id) < (?, ?) ORDER BY created_at DESC, id DESC LIMIT ?";

#[async_trait]
impl Reports for SqliteStore {
    async fn add_report(&self, report: &Report) -> Result<bool, StoreError> {
        report.check()?;
        let Report { id, created_at, query, body } = report.clone();
        let add = "INSERT OR IGNORE INTO reports (id, created_at, query, body) VALUES (?, ?, ?, ?)";
        self.execute(add, (id, created_at.as_millis(), query, Vec::from(body))).await
    }

    async fn reports(&self, behind: Option<&ByAge>, limit: Option<u32>) -> Result<Vec<ReportSummary>, StoreError> {
        // Nothing is newer than the newest instant.
        let (at, id) =
            behind.map_or((i64::MAX, String::new()), |place| (place.created_at.as_millis(), place.id.clone()));
        let limit = limit.map_or(-1, i64::from);
        self.read(move |connection| all(connection, SUMMARIES, (at, id, limit), summary)).await
    }

    async fn report(&self, id: &str) -> Result<Option<Report>, StoreError> {
        let id = id.to_owned();
        let find = "SELECT id, created_at, query, body FROM reports WHERE id = ?";
        let found = self.read(move |connection| all(connection, find, [id], report)).await?;
        Ok(found.into_iter().next())
    }

    async fn remove_report(&self, id: &str) -> Result<bool, StoreError> {
        self.execute("DELETE FROM reports WHERE id = ?", (id.to_owned(),)).await
    }

    async fn remove_reports(&self) -> Result<u64, StoreError> {
        let remove = |transaction: &Transaction<'_>| transaction.execute("DELETE FROM reports", []).map_err(sql);
        let removed = self.writer.work(remove).await?;
        Ok(u64::try_from(removed).unwrap_or(u64::MAX))
    }
}

fn summary(row: &Row<'_>) -> Result<ReportSummary, StoreError> {
    let id: String = row.get("id").map_err(sql)?;
    let what = || format!("report {id}");
    Ok(ReportSummary {
        created_at: time(&what, row, "created_at")?,
        query: row.get("query").map_err(sql)?,
        size: number(&what, row, "size")?,
        id: id.clone(),
    })
}

pub(super) fn report(row: &Row<'_>) -> Result<Report, StoreError> {
    let id: String = row.get("id").map_err(sql)?;
    Ok(Report {
        created_at: time(&|| format!("report {id}"), row, "created_at")?,
        query: row.get("query").map_err(sql)?,
        body: row.get::<_, Vec<u8>>("body").map_err(sql)?.into(),
        id: id.clone(),
    })
}
