//! What is asked of events and of incidents, at once and in pages.

use super::applies;
use crate::schema::{Event, Incident, IncidentKind, IncidentState, Status, Timestamp};
use crate::store::testkit::{Author, Database, at, incident};
use crate::store::{EventId, EventQuery, IncidentId, IncidentQuery, Store, TargetIncident};

/// A query, and which of all there are it asks for.
type Case<'a, Query, T> = (Query, &'a dyn Fn(&T) -> bool);

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

/// Writes events of three targets, many of them at the same instant; answers them newest first.
async fn eventful(store: &dyn Store) -> Vec<Event> {
    let mut events = Vec::new();
    for target in ["b", "a", "B"] {
        let mut author = Author::new(target);
        for (round, seconds) in [1, 1, 2, 2, 2, 3, 5, 5, 5].into_iter().enumerate() {
            let [y, x, z] = [round, round + 1, round + 2].map(|n| Some(Status::ALL[n % 4]));
            let mut commit = author.turn(at(seconds), &[("y", y), ("x", x), ("z", z.filter(|_| round % 2 == 0))]);
            let written = &mut commit.change.as_mut().unwrap().events;
            // A service's name may be another one's key.
            "z".clone_into(&mut written[0].service);
            events.extend(written.iter().cloned());
            applies(store, &commit).await;
        }
    }
    events.sort_by_key(EventId::of);
    events
}

/// Events come newest first, at the same instant by target, revision and key; all conditions of a query hold.
pub async fn events_are_found_newest_first(database: &Database) {
    let store = &*database.open().await;
    let all = eventful(store).await;
    let any = EventQuery::default();
    let to = |words: &[Status]| EventQuery { to: words.to_vec(), ..any.clone() };
    let behind = EventId { at: at(2), target: "a".to_owned(), revision: 4, key: "xx".to_owned() };
    let elsewhere = EventId { target: "aa".to_owned(), ..behind.clone() };
    let everywhere = EventId { revision: u64::MAX, key: String::new(), ..behind.clone() };
    let cases: [Case<'_, EventQuery, Event>; 16] = [
        (any.clone(), &|_| true),
        (EventQuery { targets: names(&["a"]), ..any.clone() }, &|event| event.target == "a"),
        (EventQuery { targets: names(&["b", "B", "b", "nobody"]), ..any.clone() }, &|event| event.target != "a"),
        (EventQuery { targets: names(&["nobody"]), ..any.clone() }, &|_| false),
        (EventQuery { service: Some("z".to_owned()), ..any.clone() }, &|event| event.key != "x"),
        (EventQuery { service: Some("x".to_owned()), ..any.clone() }, &|event| event.key == "x"),
        (to(&[Status::ALL[1]]), &|event| event.to == Some(Status::ALL[1])),
        (to(&Status::ALL), &|event| event.to.is_some()),
        (EventQuery { from: Some(at(3)), ..any.clone() }, &|event| event.at >= at(3)),
        (EventQuery { until: Some(at(3)), ..any.clone() }, &|event| event.at < at(3)),
        (EventQuery { from: Some(at(2)), until: Some(at(2)), ..any.clone() }, &|_| false),
        (EventQuery { behind: Some(behind.clone()), ..any.clone() }, &|event| EventId::of(event) > behind),
        (EventQuery { behind: Some(elsewhere.clone()), ..any.clone() }, &|event| EventId::of(event) > elsewhere),
        (EventQuery { behind: Some(everywhere.clone()), ..any.clone() }, &|event| EventId::of(event) > everywhere),
        (EventQuery { behind: Some(EventId::of(&all[all.len() - 1])), ..any.clone() }, &|_| false),
        (
            EventQuery {
                targets: names(&["a", "b"]),
                service: Some("z".to_owned()),
                to: Status::ALL[..3].to_vec(),
                from: Some(at(2)),
                until: Some(at(5)),
                behind: Some(behind.clone()),
                limit: None,
            },
            &|event| {
                event.target != "B"
                    && event.key != "x"
                    && event.to.is_some_and(|to| Status::ALL[..3].contains(&to))
                    && (at(2)..at(5)).contains(&event.at)
                    && EventId::of(event) > behind
            },
        ),
    ];
    for (query, is_asked_for) in cases {
        let expected: Vec<_> = all.iter().filter(|event| is_asked_for(event)).cloned().collect();
        assert_eq!(store.find_events(&query).await.unwrap(), expected, "{query:?}");
        for limit in [0, 1, 4, u32::MAX] {
            let query = EventQuery { limit: Some(limit), ..query.clone() };
            let page = &expected[..expected.len().min(limit as usize)];
            assert_eq!(store.find_events(&query).await.unwrap(), page, "{query:?}");
        }
    }
}

/// Pages of any size, each behind the last event of the one before, make up the whole.
pub async fn pages_of_events_make_up_the_whole(database: &Database) {
    let store = &*database.open().await;
    eventful(store).await;
    for targets in [names(&[]), names(&["b"]), names(&["b", "a"])] {
        let whole = EventQuery { targets, ..EventQuery::default() };
        let expected = store.find_events(&whole).await.unwrap();
        for size in [1, 2, 3, 5, 8, 13, 1000] {
            let mut found = Vec::new();
            while found.len() < expected.len() {
                let behind = found.last().map(EventId::of);
                let page = EventQuery { behind, limit: Some(size), ..whole.clone() };
                let page = store.find_events(&page).await.unwrap();
                assert!(!page.is_empty() && page.len() <= size as usize, "{size}");
                found.extend(page);
            }
            assert_eq!(found, expected, "{size}");
        }
    }
}

/// What is committed while somebody pages repeats nothing and hides nothing of what was there.
pub async fn what_arrives_disturbs_no_pages(database: &Database) {
    let store = &*database.open().await;
    let old = eventful(store).await;
    let mut authors = ["b", "a", "B"].map(|target| Author::at(target, 9));
    let mut newcomer = Author::new("A");
    let mut found: Vec<Event> = Vec::new();
    for round in 0.. {
        let query = EventQuery { behind: found.last().map(EventId::of), limit: Some(2), ..EventQuery::default() };
        let page = store.find_events(&query).await.unwrap();
        if page.is_empty() {
            break;
        }
        found.extend(page);
        assert!(round < 500, "the pages do not end");
        // Some at the instant of the newest ones, some later; a newcomer's at an instant that was passed, or is not.
        let late = if round < 3 { 5 } else { 6 };
        let turn = [("x", Some(Status::Ok)), ("new", Some(Status::Outage))];
        applies(store, &authors[round % 3].turn(at(late), &turn)).await;
        applies(store, &newcomer.turn(at(4), &turn[..1])).await;
    }
    assert!(found.is_sorted_by_key(EventId::of), "nothing is repeated or out of order");
    assert!(found.windows(2).all(|pair| pair[0] != pair[1]));
    found.retain(|event| old.contains(event));
    assert_eq!(found, old);
}

/// Writes incidents of three targets, open ones and closed ones, some without dates; answers them newest first.
async fn troubled(store: &dyn Store) -> Vec<TargetIncident> {
    let started = [Some(5), Some(1), None, Some(5), Some(3)];
    let mut all = Vec::new();
    for (n, target) in ["b", "a", "B"].into_iter().enumerate() {
        let make = |(m, key): (usize, &str)| {
            let mut incident = incident(key, started[(m + n) % 5].map(at));
            let (kind, states) = match m % 2 {
                0 => (IncidentKind::Incident, [IncidentState::Monitoring, IncidentState::Resolved]),
                _ => (IncidentKind::Maintenance, [IncidentState::Scheduled, IncidentState::Completed]),
            };
            (incident.kind, incident.state) = (kind, states[m / 2 % 2]);
            incident.updated_at = Some(at(7)).filter(|_| m % 3 != 0);
            incident.resolved_at = Some(at(9)).filter(|_| m % 4 == 2);
            incident
        };
        let incidents: Vec<_> = ["x", "w", "z", "y", "é", "u", "v", "t"].into_iter().enumerate().map(make).collect();
        let mut commit = Author::new(target).change(vec![]);
        commit.change.as_mut().unwrap().incidents.clone_from(&incidents);
        applies(store, &commit).await;
        all.extend(incidents.into_iter().map(|incident| TargetIncident { target: target.to_owned(), incident }));
    }
    all.sort_by_key(TargetIncident::id);
    all
}

/// When a closed incident ended, as far as that is known.
fn ended_at(incident: &Incident) -> Option<Timestamp> {
    incident.resolved_at.or(incident.updated_at).or(incident.started_at)
}

/// Incidents come newest start first, those without one last, then by target and key; all conditions of a query hold.
pub async fn incidents_are_found_newest_first(database: &Database) {
    let store = &*database.open().await;
    let all = troubled(store).await;
    let any = IncidentQuery::default();
    let [dated, undated] =
        [Some(at(5)), None].map(|started_at| IncidentId { started_at, target: "a".to_owned(), key: "xx".to_owned() });
    let cases: [Case<'_, IncidentQuery, TargetIncident>; 14] = [
        (any.clone(), &|_| true),
        (IncidentQuery { targets: names(&["a"]), ..any.clone() }, &|one| one.target == "a"),
        (IncidentQuery { targets: names(&["b", "B", "b"]), ..any.clone() }, &|one| one.target != "a"),
        (IncidentQuery { targets: names(&["nobody"]), ..any.clone() }, &|_| false),
        (IncidentQuery { kind: Some(IncidentKind::Incident), ..any.clone() }, &|one| {
            one.incident.kind == IncidentKind::Incident
        }),
        (IncidentQuery { kind: Some(IncidentKind::Maintenance), ..any.clone() }, &|one| {
            one.incident.kind == IncidentKind::Maintenance
        }),
        (IncidentQuery { open: Some(true), ..any.clone() }, &|one| one.incident.is_open()),
        (IncidentQuery { open: Some(false), ..any.clone() }, &|one| !one.incident.is_open()),
        (IncidentQuery { from: Some(at(5)), ..any.clone() }, &|one| {
            one.incident.is_open() || ended_at(&one.incident) >= Some(at(5))
        }),
        (IncidentQuery { from: Some(at(8)), ..any.clone() }, &|one| {
            one.incident.is_open() || ended_at(&one.incident) >= Some(at(8))
        }),
        (IncidentQuery { until: Some(at(5)), ..any.clone() }, &|one| one.incident.started_at < Some(at(5))),
        (IncidentQuery { behind: Some(dated.clone()), ..any.clone() }, &|one| one.id() > dated),
        (IncidentQuery { behind: Some(undated.clone()), ..any.clone() }, &|one| one.id() > undated),
        (
            IncidentQuery {
                targets: names(&["a", "b"]),
                kind: Some(IncidentKind::Incident),
                open: Some(false),
                from: Some(at(2)),
                until: Some(at(6)),
                behind: Some(dated.clone()),
                limit: None,
            },
            &|TargetIncident { target, incident }| {
                target != "B"
                    && incident.kind == IncidentKind::Incident
                    && !incident.is_open()
                    && ended_at(incident) >= Some(at(2))
                    && incident.started_at < Some(at(6))
                    && TargetIncident { target: target.clone(), incident: incident.clone() }.id() > dated
            },
        ),
    ];
    for (query, is_asked_for) in cases {
        let expected: Vec<_> = all.iter().filter(|one| is_asked_for(one)).cloned().collect();
        assert_eq!(store.find_incidents(&query).await.unwrap(), expected, "{query:?}");
        for limit in [0, 1, 4, u32::MAX] {
            let query = IncidentQuery { limit: Some(limit), ..query.clone() };
            let page = &expected[..expected.len().min(limit as usize)];
            assert_eq!(store.find_incidents(&query).await.unwrap(), page, "{query:?}");
        }
    }
}

/// Pages of any size, each behind the last incident of the one before, make up the whole.
pub async fn pages_of_incidents_make_up_the_whole(database: &Database) {
    let store = &*database.open().await;
    troubled(store).await;
    for (targets, open) in [(names(&[]), None), (names(&["b", "a"]), None), (names(&[]), Some(true))] {
        let whole = IncidentQuery { targets, open, ..IncidentQuery::default() };
        let expected = store.find_incidents(&whole).await.unwrap();
        for size in [1, 2, 3, 5, 1000] {
            let mut found: Vec<TargetIncident> = Vec::new();
            while found.len() < expected.len() {
                let behind = found.last().map(TargetIncident::id);
                let page = IncidentQuery { behind, limit: Some(size), ..whole.clone() };
                let page = store.find_incidents(&page).await.unwrap();
                assert!(!page.is_empty() && page.len() <= size as usize, "{size}");
                found.extend(page);
            }
            assert_eq!(found, expected, "{size}");
        }
    }
}
