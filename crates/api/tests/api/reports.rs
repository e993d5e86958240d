//! `/api/reports`: listings of items, kept as Rollbar told them.

use std::sync::Arc;

use serde_json::{Value, json};
use unistatus_core::access::{NewKey, Scope};
use unistatus_core::store::Store;
use unistatus_core::store::testkit::Database;
use unistatus_simulator::rollbar::{Project, StandIn, Trouble};

use crate::support::{NOW, TestApp, account, at, rollbar};

struct World {
    app: TestApp<Arc<dyn Store>>,
    rollbar: StandIn,
    key: String,
    _database: Database,
}

impl World {
    async fn over(database: Database) -> Self {
        let store = database.open().await;
        let new = NewKey::create("ci", Scope::Write, None, at(NOW)).unwrap();
        assert!(store.add_key(&new.key).await.unwrap());
        let rollbar = rollbar(Project::of(200)).await;
        let app = TestApp::with(store, |options| options.rollbar = Some(account(&rollbar))).await;
        app.until("/readyz", |answer| answer.status == 200).await;
        Self { app, rollbar, key: new.secret.clone(), _database: database }
    }

    async fn ask(&self, method: &str, path: &str) -> crate::support::Answer {
        self.app.send(method, path, &[("X-API-KEY", self.key.as_str())]).await
    }

    async fn kept(&self, path: &str) -> Value {
        let kept = self.ask("POST", path).await;
        assert_eq!(kept.status, 201, "{path}: {}", kept.body);
        let told = kept.json();
        let location = format!("/api/reports/{}", told["id"].as_str().unwrap());
        assert_eq!(kept.header("location"), Some(location.as_str()));
        told
    }

    async fn listed(&self, path: &str) -> Vec<Value> {
        self.ask("GET", path).await.json()["reports"].as_array().unwrap().clone()
    }
}

async fn a_report_is_what_was_listed_then(database: Database) {
    let world = World::over(database).await;
    assert_eq!(world.listed("/api/reports").await, Vec::<Value>::new());
    let query = "status=active&limit=3";
    let before = world.ask("GET", &format!("/api/items?{query}")).await;
    let told = world.kept(&format!("/api/reports?{query}")).await;
    assert_eq!((&told["query"], &told["created"]), (&json!(query), &json!(at(NOW).to_string())));
    let id = told["id"].as_str().unwrap();
    for path in [format!("/api/reports/{id}"), format!("/reports/{id}")] {
        let report = world.ask("GET", &path).await;
        assert_eq!((report.status, report.header("content-type")), (200, Some("application/json")));
        assert_eq!(report.body, before.body, "byte for byte");
        assert_eq!(told["bytes"], report.body.len());
    }
    world.app.clock.advance(std::time::Duration::from_secs(1));
    let other = world.kept("/reports?level=critical").await;
    assert_eq!(world.listed("/reports").await, [other.clone(), told.clone()], "newest first");
    let first = world.ask("GET", "/api/reports?limit=1").await;
    assert_eq!(first.json()["reports"], json!([other]));
    let next = first.header("link").unwrap().split(['<', '>']).nth(1).unwrap().to_owned();
    assert_eq!(world.listed(&next).await, std::slice::from_ref(&told));

    assert_eq!(world.ask("DELETE", &format!("/api/reports/{id}")).await.status, 204);
    for method in ["GET", "DELETE"] {
        let gone = world.ask(method, &format!("/api/reports/{id}")).await;
        assert_eq!((gone.status, &gone.json()["error"]["code"]), (404, &json!("ReportNotFound")));
    }
    world.kept("/api/reports").await;
    assert_eq!(world.ask("DELETE", "/api/reports").await.body, r#"{"removed":2}"#);
    assert_eq!(world.listed("/api/reports").await, Vec::<Value>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_what_was_listed_then_on_sqlite() {
    a_report_is_what_was_listed_then(Database::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_what_was_listed_then_on_mongo() {
    if let Some(database) = Database::mongo() {
        a_report_is_what_was_listed_then(database).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_listed_is_not_kept() {
    let world = World::over(Database::sqlite()).await;
    for (path, status, code) in [
        ("/api/reports?level=loud", 400, "BadRequest"),
        ("/api/reports?limit=0", 400, "BadRequest"),
        ("/api/reports?x=1", 400, "BadRequest"),
    ] {
        let refused = world.ask("POST", path).await;
        assert_eq!((refused.status, refused.json()["error"]["code"].as_str()), (status, Some(code)), "{path}");
    }
    world.rollbar.trouble(Trouble::LoginPage, None);
    let away = world.ask("POST", "/api/reports").await;
    assert_eq!((away.status, &away.json()["error"]["code"]), (502, &json!("RollbarUnavailable")));
    assert_eq!(world.listed("/api/reports").await, Vec::<Value>::new());
    assert_eq!(world.ask("GET", "/api/reports?cursor=x").await.status, 400);
}
