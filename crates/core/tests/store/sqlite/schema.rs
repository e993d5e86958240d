//! Files that an older Unistatus wrote.

use std::collections::BTreeSet;
use std::time::Duration;

use rusqlite::{Connection, params};
use unistatus_core::schema::{About, Incident, IncidentKind, IncidentState, Status, Timestamp};
use unistatus_core::store::testkit::{Author, Database, at, check, health, incident};
use unistatus_core::store::{Changed, Commit, IncidentQuery, Member, Outcome, Place, Store, StoreError, Window};

use super::path_of;

const SCHEMA_1: &str = include_str!("../../../src/store/sqlite/1.sql");
const SCHEMA_2: &str = include_str!("../../../src/store/sqlite/2.sql");
const SCHEMA_3: &str = include_str!("../../../src/store/sqlite/3.sql");
const SCHEMA_4: &str = include_str!("../../../src/store/sqlite/4.sql");
const SCHEMA_5: &str = include_str!("../../../src/store/sqlite/5.sql");
const SCHEMA_6: &str = include_str!("../../../src/store/sqlite/6.sql");

/// Makes the file one of schema 1, with these targets.
fn file_of_schema_1(database: &Database, targets: &[&str]) -> Connection {
    let file = Connection::open(path_of(database)).unwrap();
    file.execute_batch(SCHEMA_1).unwrap();
    file.execute_batch("PRAGMA application_id = 0x554e4953; PRAGMA user_version = 1").unwrap();
    for target in targets {
        file.execute("INSERT INTO targets VALUES (?, 'https://a.example', 'REST', 6, 0, '[]')", [target]).unwrap();
        let asked = health(at(60));
        let json = serde_json::to_string(&asked).unwrap();
        file.execute("INSERT INTO health VALUES (?, 1, 'last', ?, ?)", params![target, at(60).as_millis(), json])
            .unwrap();
    }
    file
}

fn write_event(file: &Connection, target: &str, revision: u64, key: &str, seconds: i64, to: Option<Status>) {
    let word = to.map(Status::as_str);
    file.execute(
        "INSERT INTO events (target, revision, key, service, dimensions, to_status, at) VALUES (?1, ?2, ?3, ?3, '{}', ?4, ?5)",
        params![target, revision.cast_signed(), key, word, at(seconds).as_millis()],
    )
    .unwrap();
}

fn write_incident(file: &Connection, incident: &Incident) {
    let json = serde_json::to_string(incident).unwrap();
    let started_at = incident.started_at.map(Timestamp::as_millis);
    file.execute("INSERT INTO incidents VALUES ('b', ?, ?, ?)", params![incident.key, started_at, json]).unwrap();
}

async fn ends(store: &dyn Store, target: &str) -> Vec<(u64, String, Option<Timestamp>)> {
    let window = Window::new(Some(target), at(0), at(1000));
    let periods = store.past(&window).await.unwrap().periods;
    periods.into_iter().map(|period| (period.event.revision, period.event.key, period.until)).collect()
}

#[tokio::test]
async fn events_of_schema_1_get_their_ends() {
    let database = Database::sqlite();
    let file = file_of_schema_1(&database, &["b", "a"]);
    let (ok, outage) = (Some(Status::Ok), Some(Status::Outage));
    for (revision, key, seconds, to) in [
        (1, "x", 10, ok),
        (1, "y", 10, ok),
        (2, "x", 20, outage),
        (3, "y", 30, None),
        (4, "x", 20, ok),
        (5, "y", 50, ok),
        // The clock went back.
        (6, "y", 40, outage),
    ] {
        write_event(&file, "b", revision, key, seconds, to);
        write_event(&file, "a", revision, key, seconds + 5, to);
    }
    drop(file);
    let store = database.open().await;
    for (target, later) in [("b", 0), ("a", 5)] {
        let expected = [
            (1, "x", Some(20)),
            (1, "y", Some(30)),
            (2, "x", Some(20)),
            (3, "y", Some(30)),
            (4, "x", None),
            (5, "y", Some(50)),
            (6, "y", None),
        ];
        let expected = expected.map(|(revision, key, end)| (revision, key.to_owned(), end.map(|end| at(end + later))));
        assert_eq!(ends(&*store, target).await, expected);
    }
    // What follows ends those that had not ended.
    let next = Author::at("b", 6).turn(at(70), &[("x", None), ("y", ok)]);
    assert_eq!(store.commit(&next).await.unwrap(), Outcome::Applied);
    let ends = ends(&*store, "b").await;
    let [of_x, .., of_y] = [4, 5, 6].map(|n| ends[n].2);
    assert_eq!((of_x, of_y), (Some(at(70)), Some(at(70))));
    assert_eq!(ends[7..], [(7, "x".to_owned(), Some(at(70))), (7, "y".to_owned(), None)]);
}

#[tokio::test]
async fn incidents_of_schema_1_are_found() {
    let database = Database::sqlite();
    let file = file_of_schema_1(&database, &["b"]);
    let closed = |key: &str, [started_at, updated_at, resolved_at]: [Option<Timestamp>; 3]| Incident {
        state: IncidentState::Resolved,
        updated_at,
        resolved_at,
        ..incident(key, started_at)
    };
    let split_second = Timestamp::from_millis(at(20).as_millis() + 745).unwrap();
    let before = Timestamp::from_millis(split_second.as_millis() + 1).unwrap();
    let mut maintenance = closed("maintenance", [Some(at(1)), None, None]);
    (maintenance.kind, maintenance.state) = (IncidentKind::Maintenance, IncidentState::Completed);
    for incident in [
        closed("resolved", [Some(at(5)), Some(at(6)), Some(split_second)]),
        closed("updated", [Some(at(4)), Some(split_second), None]),
        closed("begun", [Some(split_second), None, None]),
        closed("undated", [None, None, None]),
        maintenance,
        incident("open", Some(at(2))),
    ] {
        write_incident(&file, &incident);
    }
    drop(file);
    let store = database.open().await;
    let any = IncidentQuery::default();
    for (query, expected) in [
        (IncidentQuery { from: Some(split_second), ..any.clone() }, &["begun", "resolved", "updated", "open"][..]),
        (IncidentQuery { from: Some(before), ..any.clone() }, &["open"]),
        (
            IncidentQuery { open: Some(false), until: Some(at(5)), ..any.clone() },
            &["updated", "maintenance", "undated"],
        ),
        (IncidentQuery { open: Some(true), ..any.clone() }, &["open"]),
        (IncidentQuery { kind: Some(IncidentKind::Maintenance), ..any }, &["maintenance"]),
    ] {
        let found = store.find_incidents(&query).await.unwrap();
        assert_eq!(found.iter().map(|one| one.incident.key.as_str()).collect::<Vec<_>>(), expected, "{query:?}");
    }
}

#[tokio::test]
async fn targets_of_schema_1_are_as_they_were() {
    let database = Database::sqlite();
    let file = file_of_schema_1(&database, &["b"]);
    file.execute("INSERT INTO commits VALUES ('b', 6, 'sixth')", []).unwrap();
    drop(file);
    let store = database.open().await;
    let state = store.target("b").await.unwrap().unwrap();
    assert_eq!((state.about, state.revision, state.health), (About::default(), 6, health(at(60))));
    let mut sixth = Author::at("b", 5).change(vec![]);
    "sixth".clone_into(&mut sixth.id);
    assert_eq!(store.commit(&sixth).await.unwrap(), Outcome::AlreadyApplied);
    let asked: i64 = Connection::open(path_of(&database))
        .unwrap()
        .query_row("SELECT at FROM commits", [], |row| row.get(0))
        .unwrap();
    assert_eq!(asked, at(60).as_millis());
}

#[tokio::test]
async fn a_file_of_schema_2_keeps_all_it_has() {
    let database = Database::sqlite();
    let file = file_of_schema_1(&database, &["b", "a"]);
    write_event(&file, "b", 6, "x", 10, Some(Status::Ok));
    write_incident(&file, &incident("open", Some(at(2))));
    file.execute_batch(SCHEMA_2).unwrap();
    file.execute_batch(
        "PRAGMA user_version = 2;
         UPDATE targets SET about = '{\"categories\":[\"dns\"]}' WHERE name = 'b';
         INSERT INTO gaps VALUES ('b', 1700000001000, 1700000002000)",
    )
    .unwrap();
    let stored: Vec<String> = file
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let rows = |file: &Connection| -> Vec<i64> {
        let count = |table| file.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap();
        stored.iter().map(count).collect()
    };
    let before = rows(&file);
    drop(file);

    let store = database.open().await;
    assert_eq!(rows(&Connection::open(path_of(&database)).unwrap()), before);
    let state = store.target("b").await.unwrap().unwrap();
    assert_eq!((state.revision, state.health), (6, health(at(60))));
    assert_eq!(store.events("b").await.unwrap().len(), 1);
    assert_eq!(store.incidents("b").await.unwrap(), [incident("open", Some(at(2)))]);
    assert_eq!(store.past(&Window::new(None, at(0), at(100))).await.unwrap().gaps.len(), 1);
    // What is new works, and what is old goes on.
    let mut watch = store.watch().await.unwrap();
    store.record(&[check("b", at(100))]).await.unwrap();
    assert_eq!(store.commit(&Author::at("b", 6).healthy(at(100))).await.unwrap(), Outcome::Applied);
    match watch.changed().await.unwrap() {
        Changed::Some { targets, .. } => assert_eq!(targets, ["b".to_owned()].into()),
        Changed::Everything => panic!("nothing was missed"),
    }
    assert!(store.servers().await.unwrap().is_empty() && store.users().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_file_of_schema_4_keeps_its_turns_and_is_shared() {
    let database = Database::sqlite();
    let file = file_of_schema_1(&database, &["b"]);
    for schema in [SCHEMA_2, SCHEMA_3, SCHEMA_4] {
        file.execute_batch(schema).unwrap();
    }
    let taken = "PRAGMA user_version = 4; INSERT INTO leases VALUES ('b', 'a server', 1700000060000)";
    file.execute_batch(taken).unwrap();
    drop(file);

    let store = database.open().await;
    let minute = Duration::from_mins(1);
    assert!(!store.take_turn("b", "a collector", minute, at(59)).await.unwrap());
    assert!(store.take_turn("b", "a collector", minute, at(60)).await.unwrap());
    assert_eq!(store.vacant_leases().await.unwrap(), BTreeSet::new());

    let targets = BTreeSet::from(["b".to_owned()]);
    store.open_leases(&targets).await.unwrap();
    let me = Member { id: "a".to_owned(), load: 1 };
    assert!(!store.report_in(&me, minute, at(0)).await.unwrap().was_on_it);
    let [old, new] = [store.take_leases("a", &targets).await, store.take_leases("a", &targets).await];
    let under = |token: u64| Commit { fence: Some(token), ..Author::at("b", 6).healthy(at(100)) };
    let fenced = store.commit(&under(old.unwrap()["b"])).await;
    assert!(matches!(fenced, Err(StoreError::Fenced { .. })), "{fenced:?}");
    assert_eq!(store.commit(&under(new.unwrap()["b"])).await.unwrap(), Outcome::Applied);
}

#[tokio::test]
async fn the_events_of_schema_5_keep_their_places_and_their_ends() {
    let database = Database::sqlite();
    let file = file_of_schema_1(&database, &["b"]);
    let (ok, outage) = (Some(Status::Ok), Some(Status::Outage));
    for (revision, key, seconds, to) in [(4, "y", 10, ok), (5, "y", 20, None), (5, "x", 20, ok), (6, "x", 30, outage)] {
        write_event(&file, "b", revision, key, seconds, to);
    }
    for schema in [SCHEMA_2, SCHEMA_3, SCHEMA_4, SCHEMA_5] {
        file.execute_batch(schema).unwrap();
    }
    // The first one is forgotten.
    file.execute_batch("PRAGMA user_version = 5; DELETE FROM events WHERE seq = 1; UPDATE forgotten SET seq = 1")
        .unwrap();
    drop(file);
    let store = database.open().await;
    let expected = [(5, "y", Some(20)), (5, "x", Some(30)), (6, "x", None)];
    let expected =
        expected.map(|(revision, key, until): (_, _, Option<i64>)| (revision, key.to_owned(), until.map(at)));
    assert_eq!(ends(&*store, "b").await, expected);
    let behind = async |place: &str| store.events_behind(&Place::parse(place).unwrap(), 9).await;
    let places: Vec<_> = behind("1").await.unwrap().unwrap().into_iter().map(|placed| placed.place).collect();
    assert_eq!(places.iter().map(Place::as_str).collect::<Vec<_>>(), ["2", "3", "4"]);
    assert_eq!(behind("0").await.unwrap(), None);
    // What is added comes behind them, and ends what it follows.
    let commit = Author::at("b", 6).turn(at(40), &[("x", ok)]);
    assert_eq!(store.commit(&commit).await.unwrap(), Outcome::Applied);
    assert_eq!(behind("4").await.unwrap().unwrap()[0].place.as_str(), "5");
    assert_eq!(ends(&*store, "b").await[2], (6, "x".to_owned(), Some(at(40))));
}

#[tokio::test]
async fn the_leases_of_schema_6_stay_with_their_holders() {
    let database = Database::sqlite();
    let file = file_of_schema_1(&database, &["b"]);
    for schema in [SCHEMA_2, SCHEMA_3, SCHEMA_4, SCHEMA_5, SCHEMA_6] {
        file.execute_batch(schema).unwrap();
    }
    let held = "PRAGMA user_version = 6; INSERT INTO collectors VALUES ('a', 1, 0);
        INSERT INTO leases (target, holder, token) VALUES ('b', 'a', 7), ('c', NULL, 6)";
    file.execute_batch(held).unwrap();
    drop(file);

    let store = database.open().await;
    assert_eq!(store.held_leases("a").await.unwrap(), [("b".to_owned(), 7)].into());
    assert_eq!(store.vacant_leases().await.unwrap(), ["c".to_owned()].into());
    store.leave_roll("a").await.unwrap();
    assert_eq!(store.left_leases("a").await.unwrap(), BTreeSet::new(), "the file does not say who had it");
}
