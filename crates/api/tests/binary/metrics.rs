//! The program's own metrics, on a real database.

use unistatus_core::metrics::testkit::assert_clean;
use unistatus_core::schema::Status;
use unistatus_core::store::testkit::{Author, Database, service};

use crate::api;

#[tokio::test(flavor = "multi_thread")]
async fn they_are_clean_with_what_a_database_holds() {
    for database in [Some(Database::sqlite()), Database::mongo()].into_iter().flatten() {
        let store = database.open().await;
        let services = ["a \"b\"", "c\nd", "e\\"].map(|name| service(name, Status::Degraded));
        Author::new("github").write(&*store, services.to_vec()).await.unwrap();
        store.close().await;
        let mut process = api().env("DB_URL", database.address()).start();
        let client = process.client().await;
        client.until("/readyz", |answer| answer.status == 200).await;
        let answer = client.get("/metrics").await;
        assert_clean(&answer.body);
        for part in [
            // The testkit's last success is long ago.
            r#"unistatus_service_status{target="github",service="c\nd",key="c\nd"} 1"#,
            r#"unistatus_store_operation_duration_seconds_count{operation="targets"}"#,
            "process_resident_memory_bytes",
            concat!(r#"unistatus_build_info{version=""#, env!("CARGO_PKG_VERSION"), r#""} 1"#),
        ] {
            assert!(answer.body.contains(part), "{part} in {}", answer.body);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn they_are_not_served_if_switched_off() {
    let mut process = api().env("PROMETHEUS_ENABLED", "false").start();
    let answer = process.client().await.get("/metrics").await;
    assert_eq!((answer.status, answer.json()["error"]["code"].as_str()), (404, Some("RouteNotFound")));
}
