//! A measured store does what the one inside does, and tells how.

use std::sync::Arc;

use prometheus::Registry;
use unistatus_core::metrics::{StoreMetrics, encode};
use unistatus_core::schema::Status;
use unistatus_core::store::testkit::{Author, Database, service};
use unistatus_core::store::{Measured, Outcome, Store};

async fn measured(database: &Database) -> (Arc<dyn Store>, Registry) {
    let registry = Registry::new();
    let metrics = StoreMetrics::new(&registry).unwrap();
    (Arc::new(Measured::new(database.open().await, metrics)), registry)
}

fn told(registry: &Registry) -> String {
    String::from_utf8(encode(registry)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_it_is_asked_is_done_and_counted() {
    let database = Database::sqlite();
    let (store, registry) = measured(&database).await;
    let mut watch = store.watch().await.unwrap();
    let written = Author::new("github").write(&*store, vec![service("a", Status::Ok)]).await.unwrap();
    assert_eq!(written, Outcome::Applied);
    watch.changed().await.unwrap();
    assert_eq!(store.targets().await.unwrap(), database.open().await.targets().await.unwrap());
    assert_eq!(store.target("github").await.unwrap().unwrap().revision, 1);
    store.ping().await.unwrap();
    let told = told(&registry);
    for operation in ["watch", "commit", "targets", "target", "ping"] {
        let count = format!("unistatus_store_operation_duration_seconds_count{{operation=\"{operation}\"}} 1\n");
        assert!(told.contains(&count), "{count} in {told}");
        for kind in ["unavailable", "corrupt", "invalid", "unsuitable", "too_large"] {
            let errors = format!("unistatus_store_errors_total{{kind=\"{kind}\",operation=\"{operation}\"}} 0\n");
            assert!(told.contains(&errors), "{errors} in {told}");
        }
    }
    assert!(told.contains("unistatus_store_up 1\n"), "{told}");
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_wrong_is_counted_by_kind() {
    let database = Database::sqlite();
    let (store, registry) = measured(&database).await;
    Author::new("github").write(&*store, vec![service("a", Status::Ok)]).await.unwrap();
    Author::new("github").write(&*store, vec![service("b", Status::Ok)]).await.unwrap_err();
    let conflict = told(&registry);
    assert!(
        conflict.contains("unistatus_store_errors_total{kind=\"conflict\",operation=\"commit\"} 1\n"),
        "{conflict}"
    );
    assert!(conflict.contains("unistatus_store_up 1\n"), "it did answer: {conflict}");
    store.close().await;
    store.ping().await.unwrap_err();
    let away = told(&registry);
    assert!(away.contains("unistatus_store_errors_total{kind=\"unavailable\",operation=\"ping\"} 1\n"), "{away}");
    assert!(away.contains("unistatus_store_up 0\n"), "{away}");
}
