//! What other services answered.

use bytes::Bytes;
use futures_util::future::join_all;

use super::in_time;
use crate::store::testkit::{Database, at};
use crate::store::{ByAge, Report, ReportSummary, Store, StoreError};

fn report(id: &str, seconds: i64) -> Report {
    Report {
        id: id.to_owned(),
        created_at: at(seconds),
        query: format!("{{\"page\":\"{id}\"}}"),
        body: Bytes::from(format!("{{ \"result\" : [\"{id}\"] }}\r\n")),
    }
}

async fn adds(store: &dyn Store, report: &Report) {
    assert!(store.add_report(report).await.unwrap());
}

/// All reports, read in pages of a size.
async fn in_pages(store: &dyn Store, size: u32) -> Vec<ReportSummary> {
    let mut all: Vec<ReportSummary> = Vec::new();
    loop {
        let behind = all.last().map(ReportSummary::place);
        let page = store.reports(behind.as_ref(), Some(size)).await.unwrap();
        assert!(page.len() <= usize::try_from(size).unwrap());
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}

/// A report is added once, and found as it was added, byte for byte, whatever the bytes are.
pub async fn a_report_is_kept_byte_for_byte(database: &Database) {
    let store = &*database.open().await;
    assert_eq!(store.report("a").await.unwrap(), None);
    let every_byte: Vec<u8> = (0..=255).collect();
    let bodies = [
        Bytes::new(),
        Bytes::from_static(b" {\"a\" :1e400,\"a\":0.10, \"\\u00e4\":\"\xc3\xa4\"}\n\n"),
        Bytes::from(every_byte),
        Bytes::from(vec![b' '; Report::MAX_BODY]),
    ];
    for (n, body) in (0..).zip(&bodies) {
        let query = format!("level={n}\0&query=\"\u{1F4A5}\"");
        adds(store, &Report { body: body.clone(), query, ..report(&format!("id {n}"), n) }).await;
    }
    assert!(!store.add_report(&report("id 0", 9)).await.unwrap());
    store.close().await;
    let store = database.open().await;
    for (n, body) in (0..).zip(&bodies) {
        let found = store.report(&format!("id {n}")).await.unwrap().unwrap();
        assert_eq!((found.created_at, found.query), (at(n), format!("level={n}\0&query=\"\u{1F4A5}\"")));
        assert!(found.body == *body, "{} bytes are {} now", body.len(), found.body.len());
    }
    assert_eq!(store.report("ID 0").await.unwrap(), None);
}

/// A report that is too large is refused, and nothing is written.
pub async fn a_report_that_is_too_large_is_refused(database: &Database) {
    let store = &*database.open().await;
    let too_large = Report { body: vec![b' '; Report::MAX_BODY + 1].into(), ..report("a", 0) };
    let refused = store.add_report(&too_large).await;
    assert!(matches!(refused, Err(StoreError::TooLarge { most: Report::MAX_BODY, .. })), "{refused:?}");
    assert_eq!(store.report("a").await.unwrap(), None);
    assert_eq!(store.reports(None, None).await.unwrap(), []);
}

/// Reports are listed newest first, then by their ids backwards, and pages make up the whole.
pub async fn reports_are_listed_newest_first(database: &Database) {
    let store = &*database.open().await;
    assert_eq!(store.reports(None, None).await.unwrap(), []);
    let ordered = [("0", 2), ("ä", 1), ("b", 1), ("a", 1), ("B", 1), ("A", 1), ("z", 0)];
    for n in [3, 0, 6, 2, 5, 1, 4] {
        adds(store, &report(ordered[n].0, ordered[n].1)).await;
    }
    let ordered = ordered.map(|(id, seconds)| report(id, seconds).summary());
    assert_eq!(ordered[0].size, 22);
    assert_eq!(store.reports(None, None).await.unwrap(), ordered);
    for size in 1..=8 {
        assert_eq!(in_pages(store, size).await, ordered, "{size}");
    }
    // A place need not be taken.
    let between = ByAge { created_at: at(1), id: "C".to_owned() };
    assert_eq!(store.reports(Some(&between), Some(2)).await.unwrap(), ordered[4..6]);
}

/// One report is removed, or all are; each by one of those who remove it at once.
pub async fn reports_are_removed(database: &Database) {
    let handles = [database.open().await, database.open().await];
    let store = &*handles[0];
    assert!(!store.remove_report("a").await.unwrap());
    assert_eq!(store.remove_reports().await.unwrap(), 0);
    for n in 0..20 {
        adds(store, &report(&n.to_string(), n)).await;
    }
    let remove = (0..8).map(|n| handles[n % 2].remove_report("7"));
    let removed = in_time(join_all(remove)).await.into_iter().filter(|answer| *answer.as_ref().unwrap()).count();
    assert_eq!(removed, 1);
    assert_eq!(store.report("7").await.unwrap(), None);
    assert_eq!(handles[1].reports(None, None).await.unwrap().len(), 19);
    let remove = (0..4).map(|n| handles[n % 2].remove_reports());
    let removed: u64 = in_time(join_all(remove)).await.into_iter().map(Result::unwrap).sum();
    assert_eq!(removed, 19);
    assert_eq!(handles[1].reports(None, None).await.unwrap(), []);
    adds(store, &report("7", 7)).await;
}
