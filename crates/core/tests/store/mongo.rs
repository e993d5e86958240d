//! A MongoDB that cannot serve, that goes away and that comes back; and what only it knows of.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::TryStreamExt;
use mongodb::bson::{Bson, DateTime, Document, doc};
use mongodb::options::IndexOptions;
use mongodb::{Client, IndexModel};
use tokio_util::sync::CancellationToken;
use unistatus_core::schema::{Check, Event, Gap, IncidentState, ProbeId, Server, Status};
use unistatus_core::store::testkit::{Author, Database, TestMongo, at, check, event, incident, rollup, service};
use unistatus_core::store::{
    Changed, CheckQuery, Commit, EventId, EventQuery, IncidentQuery, Late, Member, Outcome, Past, Place, Placed,
    Retention, Rollup, Store, StoreError, Watch, Window, open,
};

use super::address::refusal;

/// The database as the driver sees it.
async fn raw(database: &Database) -> mongodb::Database {
    Client::with_uri_str(database.address()).await.unwrap().default_database().unwrap()
}

async fn collection(database: &Database, name: &str) -> mongodb::Collection<Document> {
    raw(database).await.collection(name)
}

/// All that was ever known.
async fn ever(store: &dyn Store) -> Past {
    store.past(&Window::new(None, at(-1_000_000), at(1_000_000))).await.unwrap()
}

async fn is_unavailable<T: std::fmt::Debug>(work: impl Future<Output = Result<T, StoreError>>) -> String {
    match work.await {
        Err(error @ StoreError::Unavailable { .. }) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standalone_server_is_told_how_to_become_a_replica_set() {
    let Some(mongo) = TestMongo::launch(&[]) else { return };
    // Until it has started it is merely away.
    for address in [mongo.address("db"), format!("{}?replicaSet=rs0", mongo.address("db"))] {
        let message = loop {
            match open(&address).await {
                Err(StoreError::Unavailable { .. }) => {}
                Err(StoreError::Unsuitable(message)) => break message,
                other => panic!("{other:?}"),
            }
        };
        assert!(message.contains("--replSet rs0") && message.contains("rs.initiate()"), "{message}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_set_that_is_not_initiated_is_waited_for() {
    let Some(mongo) = TestMongo::launch(&["--replSet", "rs0"]) else { return };
    while !is_unavailable(open(&mongo.address("db"))).await.contains("rs.initiate()") {}
}

#[tokio::test]
async fn a_replica_set_of_another_name_is_named() {
    let Some(mongo) = TestMongo::shared() else { return };
    let refusal = refusal(&format!("{}?replicaSet=other", mongo.address("db"))).await;
    assert!(refusal.contains("is called rs0") && refusal.contains("replicaSet=other"), "{refusal}");
}

#[tokio::test]
async fn a_wrong_password_is_unsuitable_and_not_shown() {
    let Some(mongo) = TestMongo::shared() else { return };
    let address = mongo.address("db").replace("mongodb://", "mongodb://user:s3cr3t@");
    let refusal = refusal(&address).await;
    assert!(refusal.contains("does not let this user in") && !refusal.contains("s3cr3t"), "{refusal}");
}

#[tokio::test]
async fn a_server_that_is_away_is_unavailable_and_shows_no_password() {
    let unused = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let message = is_unavailable(open(&format!("mongodb://user:s3cr3t@{unused}/db"))).await;
    assert!(!message.contains("s3cr3t"), "{message}");
}

#[tokio::test]
async fn a_transaction_that_a_killed_process_left_open_is_not_waited_for() {
    let Some(database) = Database::mongo() else { return };
    let store = database.open().await;
    let mut author = Author::new("github");
    author.write(&*store, vec![service("a", Status::Ok)]).await.unwrap();

    // What is left of a process that was killed between two writes of a commit.
    let address = format!("{}?appName=unistatus", database.address());
    let client = Client::with_uri_str(address).await.unwrap();
    let leave = async |name: &str| {
        let mut session = client.start_session().await.unwrap();
        session.start_transaction().await.unwrap();
        let records = client.default_database().unwrap().collection::<Document>(name);
        let id = doc! { "_id": "github" };
        records.update_one(id, doc! { "$set": { "lost": true } }).session(&mut session).await.unwrap();
        session
    };
    let _status = leave("status").await;
    author.write(&*store, vec![service("a", Status::Outage)]).await.unwrap();
    let _health = leave("health").await;
    store.commit(&author.healthy(at(60))).await.unwrap();
    author.write(&*store, vec![service("a", Status::Degraded)]).await.unwrap();
    assert_eq!(store.target("github").await.unwrap().unwrap().services[0].status, Status::Degraded);

    // Whoever takes over what the killed one asked does not wait for it either.
    let targets = enter_and_open(&*store, "github").await;
    let _lease = leave("leases").await;
    let _health = leave("health").await;
    let taken = store.take_leases("a", &targets).await.unwrap();
    let fenced = Commit { fence: Some(taken["github"] - 1), ..author.healthy(at(61)) };
    assert!(matches!(store.commit(&fenced).await, Err(StoreError::Fenced { .. })));
}

/// Puts the collector `a` on the roll, and opens the lease of a target.
async fn enter_and_open(store: &dyn Store, target: &str) -> BTreeSet<String> {
    let me = Member { id: "a".to_owned(), load: 1 };
    store.report_in(&me, Duration::from_hours(1), at(0)).await.unwrap();
    let targets = BTreeSet::from([target.to_owned()]);
    store.open_leases(&targets).await.unwrap();
    targets
}

#[tokio::test]
async fn a_turn_that_an_older_program_kept_as_a_lease_is_a_vacant_one() {
    let Some(database) = Database::mongo() else { return };
    let store = database.open().await;
    let turn = doc! { "_id": "github", "holder": "a server", "until": DateTime::from_millis(i64::MAX) };
    collection(&database, "leases").await.insert_one(turn).await.unwrap();
    let targets = enter_and_open(&*store, "github").await;
    assert_eq!(store.vacant_leases().await.unwrap(), targets);
    let taken = store.take_leases("a", &targets).await.unwrap();
    assert_eq!((taken.len(), store.vacant_leases().await.unwrap()), (1, BTreeSet::new()));
    assert_eq!(store.held_leases("a").await.unwrap(), taken);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_is_survived_without_opening_again() {
    let Some(mut mongo) = TestMongo::start() else { return };
    let database = Database::on(&mongo);
    let store = database.open().await;
    let mut author = Author::new("github");
    author.write(&*store, vec![service("a", Status::Ok)]).await.unwrap();
    let mut watch = store.watch().await.unwrap();

    let lost = author.change(vec![service("a", Status::Outage)]);
    mongo.kill();
    let health = Author::at("github", 1).healthy(at(60));
    tokio::join!(
        is_unavailable(store.commit(&lost)),
        is_unavailable(store.commit(&health)),
        is_unavailable(store.targets()),
        is_unavailable(store.ping()),
        is_unavailable(watch.changed()),
        is_unavailable(database.try_open()),
    );

    mongo.restart();
    assert_eq!(store.commit(&lost).await.unwrap(), Outcome::Applied);
    assert_eq!(store.target("github").await.unwrap().unwrap().revision, 2);
    let changed = loop {
        match tokio::time::timeout(Duration::from_mins(1), watch.changed()).await.unwrap() {
            Err(StoreError::Unavailable { .. }) => {}
            changed => break changed.unwrap(),
        }
    };
    assert_eq!(targets(changed), ["github".to_owned()].into());

    // The same where nobody asks while it is away, and it ends in good order.
    mongo.stop();
    mongo.restart();
    author.write(&*store, vec![]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_that_lost_its_place_reports_everything() {
    let Some(database) = Database::mongo() else { return };
    let store = database.open().await;
    let mut author = Author::new("github");
    author.write(&*store, vec![]).await.unwrap();
    let mut watch = store.watch().await.unwrap();
    collection(&database, "health").await.drop().await.unwrap();
    assert_eq!(watch.changed().await.unwrap(), Changed::Everything);
    Author::new("gitlab").write(&*store, vec![]).await.unwrap();
    assert_eq!(targets(watch.changed().await.unwrap()), ["gitlab".to_owned()].into());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documents_are_the_unified_schema() {
    let Some(database) = Database::mongo() else { return };
    let store = database.open().await;
    let mut commit = Author::new("github").change(vec![service("a", Status::Ok)]);
    let mut over = incident("2", Some(at(1)));
    (over.state, over.updated_at) = (IncidentState::Resolved, Some(at(2)));
    commit.change.as_mut().unwrap().incidents = vec![incident("1", Some(at(1))), over];
    commit.gap = Some(Gap { from: at(-2), until: at(-1) });
    store.commit(&commit).await.unwrap();

    let status = collection(&database, "status").await.find_one(doc! {}).await.unwrap().unwrap();
    let date = |seconds| Bson::DateTime(DateTime::from_millis(at(seconds).as_millis()));
    let service = doc! {
        "key": "a", "name": "a", "status": "OK", "lastTimestamp": date(0), "dimensions": {},
    };
    let expected = doc! {
        "_id": "github", "name": "github", "endpoint": "https://github.example/status", "type": "REST",
        "about": {}, "services": [service], "revision": 1_i64, "retired": false,
    };
    assert_eq!(status, expected);
    for (name, field) in [("health", "lastAttempt"), ("events", "at"), ("incidents", "startedAt")] {
        let document = collection(&database, name).await.find_one(doc! {}).await.unwrap().unwrap();
        assert!(matches!(document.get(field), Some(Bson::DateTime(_))), "{document}");
    }
    let gap = collection(&database, "gaps").await.find_one(doc! {}).await.unwrap().unwrap();
    let id = doc! { "target": "github", "from": date(-2) };
    assert_eq!(gap, doc! { "_id": id, "target": "github", "from": date(-2), "until": date(-1) });
    let incidents = collection(&database, "incidents").await;
    let [open, over] = ["1", "2"].map(|key| incidents.find_one(doc! { "key": key }));
    assert_eq!(open.await.unwrap().unwrap().get("endedAt"), Some(&Bson::Null));
    assert_eq!(over.await.unwrap().unwrap().get("endedAt"), Some(&date(2)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_that_is_missing_is_null_and_a_document_that_cannot_be_read_is_named() {
    let Some(database) = Database::mongo() else { return };
    let store = database.open().await;
    let mut undated = service("a", Status::Ok);
    undated.last_timestamp = None;
    Author::new("github").write(&*store, vec![undated.clone()]).await.unwrap();
    let unset = doc! { "$unset": { "services.0.lastTimestamp": "" } };
    collection(&database, "status").await.update_one(doc! {}, unset).await.unwrap();
    collection(&database, "events")
        .await
        .update_one(doc! {}, doc! { "$unset": { "sourceAt": "", "from": "" } })
        .await
        .unwrap();
    let states = store.targets().await.unwrap();
    assert_eq!(states[0].services, [undated.clone()]);
    assert_eq!(store.events("github").await.unwrap(), [event("github", 1, &undated)]);
    let unset = doc! { "$unset": { "about": "" } };
    collection(&database, "status").await.update_one(doc! {}, unset).await.unwrap();
    assert_eq!(store.targets().await.unwrap(), states);

    collection(&database, "status")
        .await
        .update_one(doc! {}, doc! { "$set": { "services.0.status": 7 } })
        .await
        .unwrap();
    match store.targets().await {
        Err(StoreError::Corrupt { what, .. }) => assert!(what.contains("github") && what.contains("status"), "{what}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_largest_document_is_written_replaced_and_watched() {
    let Some(database) = Database::mongo() else { return };
    let store = database.open().await;
    let mut watch = store.watch().await.unwrap();
    let mut large = service("large", Status::Ok);
    // With its other fields the document is as large as is let through, to some hundred bytes.
    large.dimensions.insert("text".to_owned(), "x".repeat(8 * 1024 * 1024 - 500).into());
    let mut author = Author::new("large");
    for revision in 1..=2 {
        let mut commit = author.change(vec![large.clone()]);
        commit.change.as_mut().unwrap().events.clear();
        assert_eq!(store.commit(&commit).await.unwrap(), Outcome::Applied);
        assert_eq!(store.target("large").await.unwrap().unwrap().revision, revision);
        assert_eq!(targets(watch.changed().await.unwrap()), ["large".to_owned()].into());
    }
}

/// Writes what has every sort of end: events that others followed, removals, what came back, and closed incidents.
async fn write_a_history(store: &dyn Store) {
    const OK: Option<Status> = Some(Status::Ok);
    for name in ["b", "a"] {
        let mut author = Author::new(name);
        // The clock is put back once.
        for (seconds, turns) in [
            (10, &[("y", OK), ("x", OK)][..]),
            (20, &[("x", None), ("z", OK)]),
            (15, &[("x", OK), ("y", Some(Status::Outage))]),
            (40, &[("y", None)]),
        ] {
            let mut commit = author.turn(at(seconds), turns);
            let mut over = incident(&format!("{seconds}"), Some(at(seconds)));
            (over.state, over.updated_at) = (IncidentState::Completed, None);
            commit.change.as_mut().unwrap().incidents = vec![over, incident("open", Some(at(0)))];
            store.commit(&commit).await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_older_program_wrote_gets_its_dates() {
    let Some(database) = Database::mongo() else { return };
    let store = database.open().await;
    write_a_history(&*store).await;
    let over = IncidentQuery { from: Some(at(15)), open: Some(false), ..IncidentQuery::default() };
    let (past, incidents) = (ever(&*store).await, store.find_incidents(&over).await.unwrap());
    assert_eq!((past.periods.len(), incidents.len()), (14, 6));

    for (name, field) in [("events", "until"), ("incidents", "endedAt"), ("commits", "at")] {
        let unset = doc! { "$unset": { field: "" } };
        collection(&database, name).await.update_many(doc! {}, unset).await.unwrap();
    }
    // Processes that start at once, while one commits that has started before.
    let mut author = Author::at("a", 4);
    let commit = author.turn(at(50), &[("z", None), ("new", Some(Status::Ok))]);
    let (one, other, committed) = tokio::join!(database.open(), database.open(), store.commit(&commit));
    assert_eq!(committed.unwrap(), Outcome::Applied);
    for store in [one, other] {
        let Past { periods, .. } = ever(&*store).await;
        let is_new = |event: &Event| event.target == "a" && event.revision == 5;
        let (new, mut old): (Vec<_>, Vec<_>) = periods.into_iter().partition(|period| is_new(&period.event));
        assert_eq!(new.iter().map(|period| period.until).collect::<Vec<_>>(), [Some(at(50)), None]);
        let ended = old.iter_mut().find(|period| period.event.key == "z" && period.event.target == "a").unwrap();
        assert_eq!(ended.until.take(), Some(at(50)));
        assert_eq!(old, past.periods);
        assert_eq!(store.find_incidents(&over).await.unwrap(), incidents);
    }
    let undated = collection(&database, "commits").await.find_one(doc! { "at": null }).await.unwrap();
    assert_eq!(undated, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_index_of_an_older_program_is_not_in_the_way_of_what_comes_late() {
    let Some(database) = Database::mongo() else { return };
    database.open().await.close().await;
    let events = collection(&database, "events").await;
    let options = IndexOptions::builder().unique(true).build();
    let index = IndexModel::builder().keys(doc! { "target": 1, "revision": 1, "key": 1 }).options(options).build();
    events.create_index(index).await.unwrap();

    let store = database.open().await;
    let author = &mut Author::new("github");
    store.commit(&author.turn(at(0), &[("a", Some(Status::Ok))])).await.unwrap();
    let mut late = author.clone();
    let late = [late.turn(at(10), &[("a", Some(Status::Outage))]), late.turn(at(20), &[("a", Some(Status::Degraded))])];
    store.commit(&author.turn(at(30), &[("a", Some(Status::Ok))])).await.unwrap();
    assert_eq!(store.enter_late(&late).await.unwrap(), Late::Entered { added: 2, overtaken: 0 });
    let told = store.events("github").await.unwrap();
    assert_eq!(told.iter().map(|event| event.revision).collect::<Vec<_>>(), [1, 1, 1, 2]);
    let twice = events.find_one(doc! { "revision": 2_i64 }).await.unwrap().unwrap();
    let twice: Document = twice.into_iter().filter(|(name, _)| name != "_id").collect();
    events.insert_one(twice).await.unwrap_err();
}

/// The spans after which the documents of a collection expire.
async fn spans(database: &Database, name: &str) -> Vec<u64> {
    let indexes = collection(database, name).await.list_indexes().await.unwrap();
    let indexes: Vec<_> = indexes.try_collect().await.unwrap();
    indexes.into_iter().filter_map(|index| Some(index.options?.expire_after?.as_secs())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_retention_can_be_changed() {
    let Some(database) = Database::mongo() else { return };
    let store = database.open().await;
    let hours = |hours| Retention::For(Duration::from_hours(hours));
    let forever = Duration::from_secs(u64::MAX);
    for (retention, span, of_commits) in [
        (Retention::Forever, None, None),
        (hours(48), Some(172_800), Some(2_592_000)),
        (hours(48), Some(172_800), Some(2_592_000)),
        (hours(72), Some(259_200), Some(2_592_000)),
        (hours(24 * 31), Some(2_678_400), Some(2_678_400)),
        // What may be sent again stays for a month.
        (Retention::For(Duration::from_millis(3_600_001)), Some(3601), Some(2_592_000)),
        (Retention::For(forever), Some(2_147_483_647), Some(2_147_483_647)),
        (Retention::Forever, None, None),
    ] {
        store.retain(retention, at(0)).await.unwrap();
        for name in ["events", "incidents", "gaps"] {
            assert_eq!(spans(&database, name).await, Vec::from_iter(span), "{name}: {retention:?}");
        }
        assert_eq!(spans(&database, "commits").await, Vec::from_iter(of_commits), "{retention:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_and_windows_are_read_off_indexes() {
    let Some(database) = Database::mongo() else { return };
    let store = database.open().await;
    for target in 0..10 {
        let mut author = Author::new(&format!("target-{target}"));
        for seconds in 0..10 {
            let keys: Vec<_> = (0..20).map(|n| format!("{n}")).collect();
            let turns: Vec<_> = keys.iter().map(|key| (key.as_str(), Some(Status::Ok))).collect();
            store.commit(&author.turn(at(seconds), &turns)).await.unwrap();
        }
    }
    let all = EventQuery { limit: Some(50), ..EventQuery::default() };
    let of_one = EventQuery { targets: vec!["target-5".to_owned()], ..all.clone() };
    let of_two = EventQuery { targets: vec!["target-5".to_owned(), "target-7".to_owned()], ..all.clone() };
    let window = Window::new(None, at(5), at(5));
    let of_one_target = Window { target: Some("target-5".to_owned()), ..window.clone() };
    let raw = raw(&database).await;
    raw.run_command(doc! { "profile": 2 }).await.unwrap();
    for query in [all, of_one, of_two] {
        let page = store.find_events(&query).await.unwrap();
        let next = EventQuery { behind: page.last().map(EventId::of), ..query };
        assert_eq!((page.len(), store.find_events(&next).await.unwrap().len()), (50, 50));
    }
    // The events of that second, and those that it ended.
    assert_eq!(store.past(&of_one_target).await.unwrap().periods.len(), 20);
    assert_eq!(store.past(&window).await.unwrap().periods.len(), 200);
    raw.run_command(doc! { "profile": 0 }).await.unwrap();

    let asked = doc! { "op": "query", "ns": format!("{}.events", raw.name()) };
    let asked = raw.collection::<Document>("system.profile").find(asked).await.unwrap();
    let asked: Vec<_> = asked.try_collect().await.unwrap();
    assert_eq!(asked.len(), 8);
    for asked in asked {
        let is_off_index = asked.get_str("planSummary").is_ok_and(|plan| !plan.contains("COLLSCAN"));
        assert!(is_off_index && !asked.contains_key("hasSortStage"), "{asked}");
        // Of 2000.
        assert!(asked.get_i32("docsExamined").unwrap() < 500, "{asked}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_that_was_tampered_with_is_unknown_or_another_one() {
    let Some(database) = Database::mongo() else { return };
    let store = database.open().await;
    let mut watch = store.watch().await.unwrap();
    Author::new("github").write(&*store, vec![service("a", Status::Ok)]).await.unwrap();
    let [placed] = told(&mut *watch, 1).await.try_into().unwrap();
    let text = placed.place.as_str();
    for n in 1..text.len() {
        let digit = if text[n..].starts_with('F') { "0" } else { "F" };
        for tampered in [text[..n].to_owned(), format!("{}{digit}{}", &text[..n], &text[n + 1..])] {
            let behind = store.events_behind(&Place::parse(&tampered).unwrap(), 10).await;
            assert!(behind.is_ok(), "{tampered}: {behind:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn checks_are_a_time_series_and_read_off_its_index() {
    let Some(database) = Database::mongo() else { return };
    let store = database.open().await;
    let raw = raw(&database).await;
    let series: Vec<_> =
        raw.list_collections().filter(doc! { "name": "checks" }).await.unwrap().try_collect().await.unwrap();
    let series = series[0].options.timeseries.clone().unwrap();
    assert_eq!((series.time_field.as_str(), series.meta_field.as_deref()), ("at", Some("target")));

    for target in ["a", "b", "c"] {
        let checks: Vec<_> = (0..2000).map(|n| check(target, at(60 * n))).collect();
        store.record(&checks).await.unwrap();
    }
    let page = CheckQuery { until: Some(at(60_000)), limit: Some(50), ..CheckQuery::all_of(ProbeId::of_target("b")) };
    raw.run_command(doc! { "profile": 2 }).await.unwrap();
    assert_eq!(store.checks(&page).await.unwrap().len(), 50);
    raw.run_command(doc! { "profile": 0 }).await.unwrap();
    let asked = doc! { "ns": { "$regex": "checks$" }, "planSummary": { "$exists": true } };
    let asked = raw.collection::<Document>("system.profile").find_one(asked).await.unwrap().unwrap();
    assert!(asked.get_str("planSummary").unwrap().starts_with("IXSCAN"), "{asked}");
    // Of a hundred buckets; each holds an hour at the most.
    assert!(asked.get_i32("docsExamined").unwrap() < 25, "{asked}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_retention_of_checks_can_be_changed() {
    let Some(database) = Database::mongo() else { return };
    let store = database.open().await;
    let hours = |hours| Retention::For(Duration::from_hours(hours));
    for (checks, rollups, of_checks, of_rollups) in [
        (Retention::Forever, Retention::Forever, None, None),
        (hours(48), hours(24 * 365), Some(172_800), Some(31_536_000)),
        (hours(48), hours(24 * 365), Some(172_800), Some(31_536_000)),
        (hours(72), Retention::Forever, Some(259_200), None),
        (hours(49 * 365 * 24), hours(1), Some(1_545_264_000), Some(3600)),
        (Retention::For(Duration::MAX), Retention::For(Duration::MAX), None, Some(2_147_483_647)),
        (hours(1), hours(1), Some(3600), Some(3600)),
        (Retention::Forever, Retention::Forever, None, None),
    ] {
        store.retain_checks(checks, rollups, at(0)).await.unwrap();
        let found = raw(&database).await.list_collections().filter(doc! { "name": "checks" }).await.unwrap();
        let found: Vec<_> = found.try_collect().await.unwrap();
        assert_eq!(found[0].options.expire_after_seconds.map(|span| span.as_secs()), of_checks, "{checks:?}");
        assert_eq!(spans(&database, "rollups").await, Vec::from_iter(of_rollups), "{rollups:?}");
    }
    assert_eq!(spans(&database, "sessions").await, [0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_without_checks_gets_them() {
    let Some(database) = Database::mongo() else { return };
    let store = database.open().await;
    Author::new("github").write(&*store, vec![service("a", Status::Ok)]).await.unwrap();
    let raw = raw(&database).await;
    for name in ["checks", "rollups", "servers", "keys", "users", "sessions", "settings"] {
        raw.collection::<Document>(name).drop().await.unwrap();
    }
    let (one, other) = tokio::join!(database.open(), database.open());
    one.record(&[check("dns", at(0))]).await.unwrap();
    let query = CheckQuery::all_of(ProbeId::of_target("dns"));
    assert_eq!(other.checks(&query).await.unwrap(), [check("dns", at(0))]);
    assert_eq!(one.targets().await.unwrap().len(), 1);
    assert_eq!(spans(&database, "sessions").await, [0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_arrived_of_checks_is_not_written_again() {
    let Some(database) = Database::mongo() else { return };
    let store = database.open().await;
    let checks: Vec<_> = (0..50).flat_map(|n| [check("a", at(n)), check("b", at(n))]).collect();
    let arrived: Vec<_> = checks.iter().skip(1).step_by(3).cloned().collect();
    store.record(&arrived).await.unwrap();
    store.record_again(&checks).await.unwrap();
    let written = collection(&database, "checks").await;
    assert_eq!(written.count_documents(doc! {}).await.unwrap(), 100);
    for target in ["a", "b"] {
        let found = store.checks(&CheckQuery::all_of(ProbeId::of_target(target))).await.unwrap();
        assert_eq!(found.len(), 50, "{target}");
    }
    // One that is there already stands for the question whether the majority has them all.
    store.record_again(&checks).await.unwrap();
    assert_eq!(written.count_documents(doc! {}).await.unwrap(), 101);
    store.record_again(&[]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removal_that_was_cut_short_is_ended_and_never_seen() {
    let Some(database) = Database::mongo() else { return };
    let store = database.open().await;
    let server = |name: &str, id: &str| Server {
        id: id.to_owned(),
        name: name.to_owned(),
        address: "::1".parse().unwrap(),
        added_at: at(0),
    };
    let of = |id: &str| CheckQuery::all_of(ProbeId::of_server(id));
    for (name, id) in [("added again", "1"), ("gone", "2")] {
        assert!(store.add_server(&server(name, id)).await.unwrap());
        let probe = ProbeId::of_server(id);
        store.record(&[Check { probe: probe.clone(), ..check("", at(0)) }]).await.unwrap();
        store.put_rollups(&[Rollup { probe, ..rollup("", at(0)) }]).await.unwrap();
    }
    // What the first step of a removal leaves.
    let cut = doc! { "$set": { "removed": true } };
    collection(&database, "servers").await.update_many(doc! {}, cut).await.unwrap();
    assert_eq!(store.servers().await.unwrap(), []);
    assert_eq!(store.server("gone").await.unwrap(), None);
    assert!(!store.remove_server("gone").await.unwrap());
    assert!(!store.move_server("gone", "::2".parse().unwrap()).await.unwrap());

    assert!(store.add_server(&server("added again", "3")).await.unwrap());
    assert_eq!(store.checks(&of("1")).await.unwrap(), []);
    assert_eq!(store.rollups(&ProbeId::of_server("1"), at(0), at(9)).await.unwrap(), []);
    assert_eq!(store.checks(&of("2")).await.unwrap().len(), 1);
    store.retain_checks(Retention::Forever, Retention::Forever, at(0)).await.unwrap();
    assert_eq!(store.checks(&of("2")).await.unwrap(), []);
    assert_eq!(collection(&database, "servers").await.count_documents(doc! {}).await.unwrap(), 1);
    assert_eq!(store.servers().await.unwrap(), [server("added again", "3")]);
}

#[track_caller]
fn is_corrupt<T>(answer: Result<T, StoreError>, expected: &str) {
    let error = answer.err().unwrap();
    let shown = format!("{error} {error:?}");
    assert!(matches!(&error, StoreError::Corrupt { what, .. } if what.contains(expected)), "{shown}");
    assert!(!shown.contains("s3cr3t"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_named_without_a_secret() {
    let Some(database) = Database::mongo() else { return };
    let store = database.open().await;
    for (name, spoilt) in [
        ("checks", doc! { "target": "dns", "at": DateTime::from_millis(0), "status": "fine" }),
        ("rollups", doc! { "_id": "r1", "target": "dns", "hour": DateTime::from_millis(0) }),
        (
            "servers",
            doc! { "_id": "dns", "id": "1", "address": "999.1.1.1", "addedAt": DateTime::from_millis(0), "removed": false },
        ),
        ("keys", doc! { "_id": "k1", "name": 7, "scope": "s3cr3t", "hash": "s3cr3t" }),
        ("users", doc! { "_id": "ada", "scope": "s3cr3t", "password": "s3cr3t" }),
        ("sessions", doc! { "_id": "s3cr3t", "user": 7 }),
        ("settings", doc! { "_id": "signingKey", "value": "s3cr3t" }),
        ("templates", doc! { "_id": "t1", "name": 7 }),
        ("reports", doc! { "_id": "r9", "createdAt": 7 }),
        ("collectors", doc! { "_id": "c1", "number": "one" }),
        ("leases", doc! { "_id": "l1", "token": "one" }),
    ] {
        collection(&database, name).await.insert_one(spoilt).await.unwrap();
    }
    let query = CheckQuery::all_of(ProbeId::of_target("dns"));
    is_corrupt(store.checks(&query).await, "of checks");
    is_corrupt(store.rollups(&ProbeId::of_target("dns"), at(-1_700_000_000), at(0)).await, "r1");
    is_corrupt(store.last_rollup(&ProbeId::of_target("dns")).await, "r1");
    is_corrupt(store.servers().await, "server dns");
    is_corrupt(store.keys().await, "key k1");
    is_corrupt(store.key("k1").await, "key k1");
    is_corrupt(store.users().await, "user ada");
    is_corrupt(store.session("s3cr3t").await, "a session");
    is_corrupt(store.signing_key(b"fresh").await, "the signing key");
    is_corrupt(store.templates(None, None).await, "t1");
    is_corrupt(store.template("t1").await, "t1");
    is_corrupt(store.reports(None, None).await, "r9");
    is_corrupt(store.report("r9").await, "r9");
    is_corrupt(store.vacant_leases().await, "c1");
    is_corrupt(store.held_leases("c1").await, "c1");
    is_corrupt(store.open_leases(&BTreeSet::from(["l1".to_owned()])).await, "l1");
}

/// Commits, as often as it takes.
async fn commit_patiently(store: &dyn Store, commit: &Commit) {
    while let Err(error) = store.commit(commit).await {
        assert!(error.is_transient(), "{error:?}");
    }
}

/// The next events that a watch tells, so many, whatever happens meanwhile.
async fn told(watch: &mut dyn Watch, count: usize) -> Vec<Placed> {
    let mut told = Vec::new();
    let tell = async {
        while told.len() < count {
            match watch.changed().await {
                Ok(Changed::Some { events, .. }) => told.extend(events),
                Err(StoreError::Unavailable { .. }) => {}
                other => panic!("nothing was missed: {other:?}"),
            }
        }
    };
    tokio::time::timeout(Duration::from_mins(1), tell).await.unwrap();
    told
}

/// Reads all the time until it is over, and once more.
async fn read_until(store: &dyn Store, over: CancellationToken) {
    let window = Window::new(None, at(0), at(100));
    while !over.is_cancelled() {
        for error in [
            store.find_events(&EventQuery::default()).await.err(),
            store.find_incidents(&IncidentQuery::default()).await.err(),
            store.past(&window).await.err(),
        ] {
            assert!(error.as_ref().is_none_or(StoreError::is_transient), "{error:?}");
        }
    }
    assert!(!store.find_events(&EventQuery::default()).await.unwrap().is_empty());
    assert!(!store.past(&window).await.unwrap().periods.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_down_and_a_restart_lose_and_repeat_nothing() {
    let Some(mut mongo) = TestMongo::start() else { return };
    let database = Database::on(&mongo);
    let store = database.open().await;
    let mut author = Author::new("github");
    let mut watch = store.watch().await.unwrap();
    store.commit(&author.turn(at(0), &[("a", Some(Status::Ok))])).await.unwrap();
    let over = CancellationToken::new();
    let disturb = async {
        mongo.step_down().await;
        for n in 1..=5 {
            commit_patiently(&*store, &author.turn(at(n), &[("a", None), ("b", Some(Status::Ok))])).await;
        }
        over.cancel();
    };
    let (mut told_so_far, ..) = tokio::join!(told(&mut *watch, 11), read_until(&*store, over.clone()), disturb);

    mongo.kill();
    is_unavailable(watch.changed()).await;
    mongo.restart();
    commit_patiently(&*store, &author.turn(at(9), &[("a", Some(Status::Ok))])).await;
    told_so_far.extend(told(&mut *watch, 1).await);

    let told_events: Vec<_> = told_so_far.iter().map(|placed| placed.event.clone()).collect();
    assert_eq!(told_events, store.events("github").await.unwrap());
    let behind = store.events_behind(&told_so_far[0].place, 100).await.unwrap();
    assert_eq!(behind.as_deref(), Some(&told_so_far[1..]));
}

/// The targets that a watch saw change.
fn targets(changed: Changed) -> BTreeSet<String> {
    match changed {
        Changed::Some { targets, .. } => targets,
        Changed::Everything => panic!("nothing was missed"),
    }
}
