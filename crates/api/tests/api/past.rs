//! What is served of the past, over both real stores: the world at an instant is what was served then, lists come in
//! pages, and what is not understood is refused.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use unistatus_core::schema::{Event, Gap, IncidentKind, IncidentState, Service, Status, Timestamp};
use unistatus_core::store::testkit::{Author, Database, event, health, incident, service};
use unistatus_core::store::{Commit, Store};

use crate::support::{Answer, MemoryStore, NOW, TestApp, at, target};

/// Both kinds of store, or the embedded one where there is no MongoDB.
fn databases() -> Vec<Database> {
    [Some(Database::sqlite()), Database::mongo()].into_iter().flatten().collect()
}

const TARGETS: [&str; 2] = ["a", "b"];

/// One who writes what a collector would have written.
struct Scribe {
    author: Author,
    target: &'static str,
    revision: u64,
    services: Vec<Service>,
    last_success: Option<Timestamp>,
}

impl Scribe {
    fn new(target: &'static str) -> Self {
        Self { author: Author::new(target), target, revision: 0, services: Vec::new(), last_success: None }
    }

    /// The commit of an ask that found these services.
    fn found(&mut self, services: Vec<Service>, now: Timestamp) -> Commit {
        let mut commit = self.author.change(services.clone());
        self.revision += 1;
        let before: BTreeMap<_, _> = self.services.iter().map(|known| (known.key.clone(), known.status)).collect();
        let change =
            |service: &Service, from, to| Event { from, to, at: now, ..event(self.target, self.revision, service) };
        let turned = services.iter().filter(|service| before.get(&service.key) != Some(&service.status));
        let turned = turned.map(|service| change(service, before.get(&service.key).copied(), Some(service.status)));
        let is_gone = |known: &&Service| services.iter().all(|service| service.key != known.key);
        let gone = self.services.iter().filter(is_gone).map(|known| change(known, Some(known.status), None));
        commit.change.as_mut().unwrap().events = turned.chain(gone).collect();
        // Believed for five minutes and through that moment.
        let from = self.last_success.map(|last| last.plus(Duration::from_millis(300_001)));
        commit.gap = from.filter(|&from| from < now).map(|from| Gap { from, until: now });
        commit.health = health(now);
        (self.services, self.last_success) = (services, Some(now));
        commit
    }
}

/// An ask: of whom, how long after the one before, and what it finds.
#[derive(Clone, Debug)]
struct Ask {
    target: usize,
    after_secs: u64,
    found: Vec<Option<Status>>,
}

fn asks() -> impl Strategy<Value = Vec<Ask>> {
    let found = prop::collection::vec(prop::option::weighted(0.8, select(&Status::ALL[..])), 3);
    let ask = (0..TARGETS.len(), prop_oneof![Just(0_u64), 1..200_u64, 290..700_u64], found);
    prop::collection::vec(ask.prop_map(|(target, after_secs, found)| Ask { target, after_secs, found }), 1..10)
}

impl Ask {
    /// The services that it finds: each says what its status is, and since when it is so.
    fn services(&self, before: &[Service], now: Timestamp) -> Vec<Service> {
        let found = self.found.iter().zip(["x", "y", "z"]).filter_map(|(status, name)| Some((name, (*status)?)));
        found
            .map(|(name, status)| {
                let same = before.iter().find(|known| known.key == name && known.status == status);
                let last_timestamp = same.map_or(Some(now), |known| known.last_timestamp);
                Service { last_timestamp, ..service(name, status) }
            })
            .collect()
    }
}

/// A body of `/api/status` as far as the past knows it: targets with services, and these by name.
fn canonical(body: &str) -> Value {
    let mut body: Value = serde_json::from_str(body).unwrap();
    let targets = body["targets"].as_array_mut().unwrap();
    targets.retain(|target| target["services"] != json!([]));
    for target in targets {
        let services = target["services"].as_array_mut().unwrap();
        services.sort_by_key(|service| service["name"].as_str().unwrap().to_owned());
    }
    body
}

/// What is answered about an instant later is what was served then.
async fn the_past_is_what_was_served(database: Database, asks: Vec<Ask>) {
    let store = database.open().await;
    let app = TestApp::ready(Arc::clone(&store)).await;
    let mut scribes = TARGETS.map(Scribe::new);
    let mut now = at(NOW);
    let mut served = BTreeMap::new();
    for ask in &asks {
        let pause = Duration::from_secs(ask.after_secs);
        now = now.plus(pause);
        app.clock.advance(pause);
        let scribe = &mut scribes[ask.target];
        let commit = scribe.found(ask.services(&scribe.services, now), now);
        store.commit(&commit).await.unwrap();
        let asked = now.to_string();
        let path = format!("/api/targets/{}", scribe.target);
        let revisions = |answer: &Answer| answer.status == 200 && answer.json()["lastSuccess"] == asked;
        app.until(&path, revisions).await;
        // Two asks at one time are told apart by what they found alone.
        let known = |service: &Service| {
            json!([service.name, service.status.as_str(), service.last_timestamp.map(|at| at.to_string())])
        };
        let expected: Vec<_> = scribe.services.iter().map(known).collect();
        let shows = |answer: &Answer| {
            let rows = answer.json();
            let shown = |row: &Value| json!([row["service"], row["status"], row["lastTimestamp"]]);
            rows.as_array().is_some_and(|rows| rows.iter().map(shown).eq(expected.clone()))
        };
        app.until(&format!("/api/status/{}", scribe.target), shows).await;
        served.insert(now, canonical(&app.get("/api/status").await.body));
    }
    app.clock.advance(Duration::from_hours(1));
    for (instant, body) in served {
        let answer = app.get(&format!("/api/status?at={instant}")).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(canonical(&answer.body), body, "at {instant}, on {}", database.address());
    }
    let ages_ago = app.get("/api/status?at=2020-01-01T00:00:00Z").await;
    assert_eq!(ages_ago.body, r#"{"targets":[]}"#);
    store.close().await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn sqlite_tells_the_past_as_it_was_served(asks in asks()) {
        Runtime::new().unwrap().block_on(the_past_is_what_was_served(Database::sqlite(), asks));
    }

    #[test]
    fn mongo_tells_the_past_as_it_was_served(asks in asks()) {
        if let Some(database) = Database::mongo() {
            Runtime::new().unwrap().block_on(the_past_is_what_was_served(database, asks));
        }
    }
}

/// A minute each: OK, an outage, planned work, OK; then silence.
async fn an_hour(store: &dyn Store) {
    let mut scribe = Scribe::new("a");
    let planned = || {
        let mut planned = service("x", Status::Degraded);
        planned.dimensions.insert("maintenance".to_owned(), true.into());
        planned
    };
    let mut now = at(NOW);
    for found in [service("x", Status::Ok), service("x", Status::Outage), planned(), service("x", Status::Ok)] {
        let mut commit = scribe.found(vec![found], now);
        let mut open = incident("1", Some(at(NOW)));
        open.services = vec!["x".to_owned()];
        let mut planned = incident("2", None);
        (planned.kind, planned.state) = (IncidentKind::Maintenance, IncidentState::Completed);
        commit.change.as_mut().unwrap().incidents = vec![open, planned];
        store.commit(&commit).await.unwrap();
        now = now.plus(Duration::from_mins(1));
    }
}

#[tokio::test]
async fn a_history_tells_intervals_uptime_and_buckets() {
    for database in databases() {
        let store = database.open().await;
        an_hour(&*store).await;
        let app = TestApp::ready(store).await;
        app.clock.advance(Duration::from_hours(1));
        let history = app.get("/api/history/a/X?bucket=hour&timezone=Asia/Kolkata").await.json();
        let service = &history["services"][0];
        assert_eq!((&history["target"], &service["service"], &service["key"]), (&json!("a"), &json!("x"), &json!("x")));
        let seconds = json!({"ok": 360.001, "outage": 60.0, "maintenance": 60.0, "degraded": 0.0, "unknown": 3119.999});
        assert_eq!(service["seconds"], seconds);
        assert_eq!(service["downtimeSeconds"], 60.0);
        assert!((service["uptime"].as_f64().unwrap() - 360.001 / 420.001).abs() < 1e-12);
        let intervals: Vec<_> =
            service["intervals"].as_array().unwrap().iter().map(|one| one["status"].clone()).collect();
        assert_eq!(intervals, ["OK", "Outage", "Degraded", "OK", "Unknown"]);
        assert_eq!(service["intervals"][2]["maintenance"], true);
        assert_eq!(service["intervals"][1]["to"], "2026-05-04T12:02:00.500Z");
        // 17:30 there, so an hour ends half an hour after one begins here; the window is 90 days.
        let buckets = service["buckets"].as_array().unwrap();
        let [before, last] = [&buckets[buckets.len() - 2], &buckets[buckets.len() - 1]];
        assert_eq!(
            (&before["to"], &last["from"]),
            (&json!("2026-05-04T12:30:00.000Z"), &json!("2026-05-04T12:30:00.000Z"))
        );
        assert_eq!(
            (&before["worst"], &last["worst"], &last["uptime"]),
            (&json!("Outage"), &json!("Unknown"), &json!(null))
        );
        assert_eq!(buckets[0]["worst"], json!(null), "it did not exist then");
        let counted = app.get("/api/history/a?maintenance=down&unknown=up&fields=dimensions").await.json();
        assert_eq!(counted["services"][0]["downtimeSeconds"], 120.0);
        assert_eq!((counted["services"][0].get("buckets"), counted["services"][0].get("intervals")), (None, None));
        for (path, code) in [
            ("/api/history/nobody", "TargetNotFound"),
            ("/api/history/a/nothing", "ServiceNotFound"),
            ("/api/status/nobody?at=2026-05-04T12:01:00Z", "TargetNotFound"),
            ("/api/status/a/nothing?at=2026-05-04T12:01:00Z", "ServiceNotFound"),
        ] {
            let answer = app.get(path).await;
            assert_eq!((answer.status, answer.json()["error"]["code"].as_str()), (404, Some(code)), "{path}");
        }
    }
}

/// All elements of a list, page by page.
async fn pages(app: &TestApp<Arc<dyn Store>>, path: &str, name: &str) -> Vec<Value> {
    let (mut path, mut elements) = (path.to_owned(), Vec::new());
    loop {
        let page = app.get(&path).await;
        assert_eq!(page.status, 200, "{}", page.body);
        elements.extend(page.json()[name].as_array().unwrap().clone());
        let Some(link) = page.header("link") else { return elements };
        let next = link.strip_prefix('<').and_then(|link| link.strip_suffix(">; rel=\"next\""));
        next.unwrap().clone_into(&mut path);
    }
}

#[tokio::test]
async fn events_and_incidents_come_in_pages_and_as_a_whole() {
    for database in databases() {
        let store = database.open().await;
        an_hour(&*store).await;
        let mut many = Author::new("many");
        // More than are read at a time.
        let services: Vec<_> = (0..2_500).map(|n| service(&format!("service {n}"), Status::Degraded)).collect();
        store.commit(&many.change(services)).await.unwrap();
        let app = TestApp::ready(store).await;
        let whole = app.get("/api/events").await.json()["events"].as_array().unwrap().clone();
        assert_eq!(whole.len(), 2_504);
        let streamed = app.get("/api/events").await;
        assert_eq!((streamed.header("etag"), streamed.header("vary")), (None, Some("Accept-Encoding")));
        assert_eq!(pages(&app, "/api/events?limit=999", "events").await, whole);
        let newest = json!({
            "target": "a", "service": "x", "key": "x", "from": "Degraded", "to": "OK",
            "at": "2026-05-04T12:03:00.500Z", "sourceAt": "2023-11-14T22:13:20.000Z", "dimensions": {},
        });
        assert_eq!(whole[0], newest);
        for (query, count) in [
            ("target=a", 4),
            ("target=a,many&service=x", 4),
            ("target=nobody", 0),
            ("status=Outage", 1),
            ("status=Outage,OK&target=a", 3),
            ("from=2026-05-04T12:02:00.500Z", 2),
            ("target=a&to=2026-05-04T12:02:00.500Z", 2),
            ("service=service%2012", 1),
        ] {
            assert_eq!(pages(&app, &format!("/api/events?limit=2&{query}"), "events").await.len(), count, "{query}");
        }
        let incidents = app.get("/api/incidents").await.json()["incidents"].as_array().unwrap().clone();
        assert_eq!(pages(&app, "/api/incidents?limit=1", "incidents").await, incidents);
        assert_eq!(
            (&incidents[0]["key"], &incidents[0]["services"], &incidents[1]["key"]),
            (&json!("1"), &json!(["x"]), &json!("2"))
        );
        for (query, keys) in
            [("state=open", &["1"][..]), ("kind=maintenance", &["2"]), ("state=closed&kind=incident", &[])]
        {
            let found = app.get(&format!("/api/incidents?{query}")).await.json();
            let found: Vec<_> = found["incidents"].as_array().unwrap().iter().map(|one| one["key"].clone()).collect();
            assert_eq!(found, keys, "{query}");
        }
        let again = app.get("/api/events?limit=3").await;
        let etag = again.header("etag").unwrap();
        assert_eq!(app.send("GET", "/api/events?limit=3", &[("If-None-Match", etag)]).await.status, 304);
        let feed = app.get("/api/events.atom?target=a").await;
        assert_eq!(feed.header("content-type"), Some("application/atom+xml; charset=utf-8"));
        assert_eq!(feed.body.matches("<entry>").count(), 4);
        assert!(
            feed.body.contains("a: x went from Degraded to OK")
                && feed.body.contains("http://unistatus.test/api/status/a/x")
        );
    }
}

#[tokio::test]
async fn links_lead_to_where_the_server_is_reached() {
    let database = Database::sqlite();
    let store = database.open().await;
    an_hour(&*store).await;
    let app = TestApp::with(store, |options| options.public_url = Some("https://status.example.com/us".to_owned()));
    let app = app.await;
    let feed = app.until("/api/events.atom?limit=1", |answer| answer.status == 200).await;
    assert!(feed.body.contains("\"https://status.example.com/us/api/status/a/x\""), "{}", feed.body);
    assert!(feed.body.contains("<id>https://status.example.com/us/api/events.atom?limit=1</id>"), "{}", feed.body);
}

#[tokio::test]
async fn a_target_may_be_named_that_is_there_now_or_was_there_then() {
    let database = Database::sqlite();
    let store = database.open().await;
    an_hour(&*store).await;
    let app = TestApp::ready(store).await;
    let names = |answer: &Value| answer["targets"].as_array().unwrap().len();
    assert_eq!(names(&app.get("/api/status?target=a").await.json()), 1);
    let before = app.get("/api/status?target=a&at=2020-01-01T00:00:00Z").await;
    assert_eq!((before.status, names(&before.json())), (200, 0), "{}", before.body);
    assert_eq!(app.get("/api/status?target=b&at=2020-01-01T00:00:00Z").await.status, 400);
}

#[tokio::test]
async fn a_badge_shows_the_worst_and_is_cached_like_the_rest() {
    let services = [("a", Status::Ok), ("b", Status::Outage)];
    let services = services.map(|(name, status)| crate::support::service(name, status, &[]));
    let app = TestApp::spawn([target("github", services)]).await;
    let badge = app.get("/api/badge/github").await;
    assert_eq!(badge.header("content-type"), Some("image/svg+xml; charset=utf-8"));
    assert!(badge.body.contains("github: Outage"), "{}", badge.body);
    assert!(app.get("/api/badge/github/A").await.body.contains("github: A: OK"));
    let etag = badge.header("etag").unwrap();
    assert_eq!(app.send("GET", "/api/badge/github", &[("If-None-Match", etag)]).await.status, 304);
    assert_eq!(app.get("/api/badge/gitlab").await.json()["error"]["code"], "TargetNotFound");
    assert_eq!(app.get("/api/badge/github/c").await.json()["error"]["code"], "ServiceNotFound");
}

#[tokio::test]
async fn what_is_not_understood_is_refused_with_what_is_accepted() {
    let app = TestApp::spawn([target("a", [])]).await;
    for (path, accepted) in [
        ("/api/status?at=yesterday", "RFC 3339"),
        ("/api/status?at=2099-01-01T00:00:00Z", "lies ahead"),
        ("/api/status/a?at=", "RFC 3339"),
        ("/api/events?status=fine", "OK, Unknown, Degraded"),
        ("/api/events?limit=1001", "from 1 to 1000"),
        ("/api/events?cursor=AAAA", "Link"),
        ("/api/events?cursor=WzkyMjMzNzIwMzY4NTQ3NzU4MDcsImEiLDEsImEiXQ", "Link"),
        ("/api/events?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "later than"),
        ("/api/events?page=2", "limit, cursor"),
        ("/api/events.atom?form=x", "target, service, status, from, to"),
        ("/api/events.atom?limit=0", "from 1 to 1000"),
        ("/api/events.atom?cursor=WzEsImEiLDEsImEiXQ", "not a query parameter"),
        ("/api/incidents?state=resolved", "open, closed"),
        ("/api/incidents?kind=x", "incident, maintenance"),
        ("/api/history/a?bucket=year", "hour, day, week and month"),
        ("/api/history/a?bucket=hour&from=2020-01-01T00:00:00Z", "2500 is the most"),
        ("/api/history/a?from=2099-01-01T00:00:00Z", "lies ahead"),
        ("/api/history/a?timezone=Mars", "Europe/Berlin"),
        ("/api/history/a?unknown=perhaps", "up, down and excluded"),
        ("/api/history/a?fields=all", "dimensions, intervals, buckets"),
        ("/api/badge/a?style=flat", "accepts none"),
    ] {
        let answer = app.get(path).await;
        assert_eq!((answer.status, answer.json()["error"]["code"].as_str()), (400, Some("BadRequest")), "{path}");
        let message = answer.json()["error"]["message"].as_str().unwrap().to_owned();
        assert!(message.contains(accepted), "{path}: {message}");
    }
}

#[tokio::test]
async fn the_past_waits_for_a_database_that_is_away_and_says_so_in_the_end() {
    let app = TestApp::ready(MemoryStore::new([target("a", [])])).await;
    assert_eq!(app.get("/check").await.body, r#"{"status":"OK"}"#);
    app.store.set_away(true);
    let answer = app.get("/api/events").await;
    assert_eq!((answer.status, answer.json()["error"]["code"].as_str()), (503, Some("StoreUnavailable")));
    assert!(answer.header("retry-after").is_some());
    let check = app.get("/check").await;
    assert_eq!((check.status, check.body.as_str()), (503, r#"{"status":"KO"}"#));
    assert_eq!((app.get("/api/status").await.status, app.get("/readyz").await.status), (200, 200));
    let store = app.store.clone();
    let (answer, ()) = tokio::join!(app.get("/api/events"), async { store.set_away(false) });
    assert_eq!(answer.status, 200);
}
