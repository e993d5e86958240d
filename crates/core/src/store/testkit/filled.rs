//! A store with something of everything, and all that it answers.

use std::time::Duration;

use bytes::Bytes;

use super::sample::{Author, at, check, incident, rollup, service};
use crate::access::{Key, Scope, Session, User};
use crate::schema::{Check, Gap, Incident, IncidentState, ProbeId, Scalar, Server, Service, Status, Timestamp};
use crate::store::{
    CheckQuery, Commit, EventQuery, IncidentQuery, Late, Member, Outcome, Report, Rollup, Store, Window,
};
use crate::template::Template;

/// Names that say something to a database, of targets and of what is of them.
const NAMES: [&str; 5] = ["", "$set", "a.b", "grüße 🚦", "nul\0nul"];
/// How many checks there are of a probe.
const CHECKS: i64 = 25;

/// Writes something of everything that a store keeps.
pub async fn fill(store: &dyn Store) {
    for name in NAMES {
        fill_target(store, name).await;
    }
    let mut author = Author::new("retired");
    applies(store, author.change(vec![service("s", Status::Ok)])).await;
    applies(store, author.turn(at(3), &[("s", None)])).await;
    applies(store, author.retire()).await;
    fill_late(store).await;
    fill_measurements(store).await;
    fill_under_a_lease(store).await;
    fill_accounts(store).await;
    fill_texts(store).await;
}

async fn applies(store: &dyn Store, commit: Commit) {
    assert_eq!(store.commit(&commit).await.expect("it can be written"), Outcome::Applied, "{commit:?}");
}

/// A target with services that come, change and go, incidents and gaps.
async fn fill_target(store: &dyn Store, name: &str) {
    let mut author = Author::new(name);
    let mut services: Vec<Service> = (0..6).map(|n| service(&format!("{name}{n}"), Status::ALL[n % 4])).collect();
    services[0].dimensions.insert(name.replace('\0', ""), Scalar::Float(0.1 + 0.2));
    services[1].dimensions.insert("count".to_owned(), Scalar::Integer(i64::MAX));
    let mut first = author.change(services);
    if let Some(change) = &mut first.change {
        // No order but that in which they were committed.
        change.events.reverse();
        let over = Incident { state: IncidentState::Resolved, resolved_at: Some(at(9)), ..incident("b", Some(at(1))) };
        change.incidents = vec![over, incident(name, None)];
    }
    applies(store, Commit { gap: Some(Gap { from: at(-20), until: at(-10) }), ..first }).await;
    let (one, two) = (format!("{name}1"), format!("{name}4"));
    applies(store, author.turn(at(5), &[(&two, Some(Status::Outage)), (&one, Some(Status::Degraded))])).await;
    applies(store, author.turn(at(7), &[(&one, None)])).await;
    let gap = Some(Gap { from: at(8), until: at(10) });
    applies(store, Commit { gap, ..author.healthy(at(10)) }).await;
}

/// A target of which two changes of a service came late: they are of one revision.
async fn fill_late(store: &dyn Store) {
    let mut author = Author::new("late");
    applies(store, author.change(vec![service("s", Status::Ok)])).await;
    let mut overtaken = Author::at("late", 1);
    let turns = [(at(20), Status::Degraded), (at(30), Status::Outage)];
    let run = turns.map(|(instant, to)| overtaken.turn(instant, &[("s", Some(to))]));
    applies(store, author.turn(at(40), &[("s", Some(Status::Unknown))])).await;
    let late = store.enter_late(&run).await.expect("it can be written");
    assert_eq!(late, Late::Entered { added: 2, overtaken: 0 });
}

async fn fill_measurements(store: &dyn Store) {
    let server = Server {
        id: "5f0c".to_owned(),
        name: "dns".to_owned(),
        address: "2001:db8::1".parse().expect("an address"),
        added_at: at(1),
    };
    assert!(store.add_server(&server).await.expect("it can be written"));
    for probe in [ProbeId::of_target(NAMES[0]), ProbeId::of_target(NAMES[3]), ProbeId::of_server("5f0c")] {
        let of = |check: Check| Check { probe: probe.clone(), ..check };
        let mut checks: Vec<Check> = (0..CHECKS).map(|n| of(check("", at(n * 10)))).collect();
        checks.push(of(Check { status: Status::Outage, latency: None, lost: 4, ..check("", at(-1)) }));
        store.record(&checks).await.expect("they can be written");
        let hours = (0..3).map(|n| Rollup { probe: probe.clone(), ..rollup("", at(3600 * n)) });
        store.put_rollups(&hours.collect::<Vec<_>>()).await.expect("they can be written");
    }
}

/// A target that two collectors asked, one after the other; neither is on the roll any more.
async fn fill_under_a_lease(store: &dyn Store) {
    let target = || [FENCED.to_owned()].into();
    let mut author = Author::new(FENCED);
    applies(store, author.change(vec![])).await;
    store.open_leases(&target()).await.expect("it can be opened");
    for id in ["first", "second"] {
        let me = Member { id: id.to_owned(), load: 1 };
        store.report_in(&me, Duration::from_mins(1), Timestamp::now()).await.expect("it can report");
        let taken = store.take_leases(id, &target()).await.expect("it can be taken");
        applies(store, Commit { fence: taken.get(FENCED).copied(), ..author.change(vec![]) }).await;
        store.leave_roll(id).await.expect("it can leave");
    }
}

/// A target of [`fill`] that collectors asked.
pub const FENCED: &str = "fenced";

async fn fill_accounts(store: &dyn Store) {
    for (name, scope) in [("ann", Scope::Admin), ("bob", Scope::Read)] {
        let user = User { name: name.to_owned(), scope, password: format!("hash of {name}"), created_at: at(1) };
        assert!(store.add_user(&user).await.expect("it can be written"));
        let expires_at = Timestamp::now().plus(Duration::from_hours(1));
        let session = Session { id: format!("session of {name}"), user: name.to_owned(), expires_at };
        assert!(store.begin_session(&session, &user, Timestamp::now()).await.expect("it can be written"));
    }
    for (id, expires_at) in [("one", None), ("two", Some(at(100)))] {
        let (name, hash) = (format!("key {id}"), format!("hash of {id}"));
        let (scope, last_used_at, revoked_at) = (Scope::Write, None, None);
        let key = Key { id: id.to_owned(), name, scope, hash, created_at: at(2), expires_at, last_used_at, revoked_at };
        assert!(store.add_key(&key).await.expect("it can be written"));
    }
    store.key_used("one", at(50)).await.expect("it can be written");
    assert!(store.revoke_key("two", at(60)).await.expect("it can be written"));
    store.signing_key(b"a key \0 to sign with").await.expect("it can be written");
}

async fn fill_texts(store: &dyn Store) {
    for id in ["t1", "t2", "t3"] {
        let template = Template {
            id: id.to_owned(),
            name: "short".to_owned(),
            description: String::new(),
            content: "{{ service }} is {{ to }}\r\n".to_owned(),
            created_at: at(1),
            modified_at: at(2),
            revision: 1,
        };
        assert!(store.add_template(&template).await.expect("it can be written"));
        let (query, body) = (format!("{{\"page\":\"{id}\"}}"), Bytes::from_static(b"{ \"no\" : utf-8 \xff\0 }"));
        let report = Report { id: id.to_owned(), created_at: at(1), query, body };
        assert!(store.add_report(&report).await.expect("it can be written"));
    }
}

/// All that a store answers when it is asked for all: what a copy of it has to answer, too.
pub async fn answers(store: &dyn Store) -> Vec<String> {
    let past = store.past(&Window::new(None, at(-1_000_000), at(1_000_000))).await.expect("it can be read");
    let servers = store.servers().await.expect("they can be read");
    let users = store.users().await.expect("they can be read");
    let keys = store.keys().await.expect("they can be read");
    let reports = store.reports(None, None).await.expect("they can be read");
    let mut answers = vec![
        format!("{:?}", store.targets().await.expect("they can be read")),
        format!("{:?}", store.find_events(&EventQuery::default()).await.expect("they can be read")),
        format!("{:?}", store.find_incidents(&IncidentQuery::default()).await.expect("they can be read")),
        format!("{:?}", store.templates(None, None).await.expect("they can be read")),
        format!("{servers:?} {reports:?}"),
        // Shown otherwise, they have no hashes.
        serde_json::to_string(&(&users, &keys)).expect("they are JSON"),
        format!("{:?}", store.signing_key(b"none").await.expect("it can be read")),
    ];
    for state in &past.states {
        let (events, incidents) = (store.events(&state.name).await, store.incidents(&state.name).await);
        answers.push(format!("{:?} {:?}", events.expect("they can be read"), incidents.expect("they can be read")));
    }
    let of_targets = past.states.iter().map(|state| ProbeId::of_target(&state.name));
    for probe in of_targets.chain(servers.iter().map(|server| ProbeId::of_server(&server.id))) {
        let checks = store.checks(&CheckQuery::all_of(probe.clone())).await.expect("they can be read");
        let rollups = store.rollups(&probe, at(-1_000_000), at(1_000_000)).await.expect("they can be read");
        answers.push(format!("{checks:?} {rollups:?}"));
    }
    for user in &users {
        let session = store.session(&format!("session of {}", user.name)).await.expect("it can be read");
        answers.push(format!("{session:?}"));
    }
    for report in &reports {
        answers.push(format!("{:?}", store.report(&report.id).await.expect("it can be read")));
    }
    answers.push(format!("{past:?}"));
    answers
}
