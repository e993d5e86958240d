//! What an ask changes, case by case, and the laws that hold for all of them.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::schema::{
    About, Incident, IncidentKind, IncidentState, Kind, Service, Status, Timestamp, Validators, dimension_names,
};
use crate::target::{Answer, CollectError, Coverage, Identity, Observation, ParseError, Report};
use proptest::prelude::*;

use super::*;

fn time(secs: i64) -> Timestamp {
    Timestamp::from_secs(1_700_000_000 + secs).unwrap()
}

fn identity() -> Identity {
    Identity {
        name: "github".to_owned(),
        endpoint: "https://status.example/".to_owned(),
        kind: Kind::Rest,
        about: About::default(),
        every: None,
        floor: Duration::ZERO,
    }
}

fn service(key: &str, status: Status) -> Service {
    Service { status, ..Service::named(key, key.to_uppercase()) }
}

fn said(service: Service, at: Timestamp) -> Service {
    Service { last_timestamp: Some(at), ..service }
}

fn report(coverage: Coverage, services: Vec<Service>) -> Report {
    Report { services, ..Report::new(coverage) }
}

#[expect(clippy::unnecessary_wraps, reason = "an outcome as `observe` takes it")]
fn seen(answer: Answer) -> Result<Observation, CollectError> {
    let validators = Validators { etag: Some("\"1\"".to_owned()), ..Validators::default() };
    Ok(Observation { answer, validators, http_status: Some(200), bytes: 10, check: None })
}

fn failed() -> Result<Observation, CollectError> {
    Err(CollectError::Parse { source: ParseError::Empty, http_status: 200, bytes: 0 })
}

/// Observes and takes over; returns the commit.
fn step(known: &mut Known, at: Timestamp, outcome: &Result<Observation, CollectError>) -> Commit {
    step_at(known, at, Duration::from_mins(1), outcome)
}

/// The same at another interval.
fn step_at(
    known: &mut Known,
    at: Timestamp,
    interval: Duration,
    outcome: &Result<Observation, CollectError>,
) -> Commit {
    let (identity, took) = (identity(), Duration::from_millis(5));
    let ask = Ask {
        identity: &identity,
        commit_id: format!("c{}", at.as_millis()),
        at,
        took,
        interval,
        horizon: Some(time(-86_400)),
        next: at.plus(Duration::from_mins(1)),
    };
    let commit = observe(known, ask, outcome);
    known.apply(&commit);
    commit
}

fn complete(known: &mut Known, at: Timestamp, services: Vec<Service>) -> Commit {
    step(known, at, &seen(Answer::Report(report(Coverage::Complete, services))))
}

fn open_only(known: &mut Known, at: Timestamp, services: Vec<Service>) -> Commit {
    step(known, at, &seen(Answer::Report(report(Coverage::OpenOnly, services))))
}

fn changes(commit: &Commit) -> Vec<(String, Option<Status>, Option<Status>)> {
    let events = commit.change.iter().flat_map(|change| &change.events);
    events.map(|event| (event.key.clone(), event.from, event.to)).collect()
}

#[test]
fn first_sight_has_no_from_and_is_dated_by_the_source_else_by_us() {
    let mut known = Known::default();
    let commit = complete(
        &mut known,
        time(10),
        vec![
            said(service("a", Status::Ok), time(-500)),
            service("b", Status::Outage),
            said(service("c", Status::Ok), time(86_400)),
        ],
    );
    assert_eq!(
        changes(&commit),
        [
            ("a".into(), None, Some(Status::Ok)),
            ("b".into(), None, Some(Status::Outage)),
            ("c".into(), None, Some(Status::Ok))
        ]
    );
    let dates: Vec<_> = known.services.iter().map(|service| service.last_timestamp).collect();
    assert_eq!(
        dates,
        [Some(time(-500)), Some(time(10)), Some(time(10))],
        "a plan for tomorrow is no time of the status"
    );
    let sources: Vec<_> = commit.change.unwrap().events.iter().map(|event| event.source_at).collect();
    assert_eq!(sources[..2], [Some(time(-500)), None]);
}

#[test]
fn an_undated_status_keeps_the_time_of_its_first_sight() {
    let mut known = Known::default();
    complete(&mut known, time(0), vec![service("a", Status::Ok)]);
    let unchanged = complete(&mut known, time(60), vec![service("a", Status::Ok)]);
    assert_eq!((unchanged.change, known.services[0].last_timestamp), (None, Some(time(0))));
    complete(&mut known, time(120), vec![service("a", Status::Degraded)]);
    assert_eq!(known.services[0].last_timestamp, Some(time(120)));
}

#[test]
fn an_unchanged_source_changes_nothing_but_the_health() {
    let mut known = Known::default();
    complete(&mut known, time(0), vec![service("a", Status::Outage)]);
    for (at, outcome) in [
        (60, seen(Answer::Unchanged)),
        (120, seen(Answer::Report(report(Coverage::Complete, vec![service("a", Status::Outage)])))),
    ] {
        let commit = step(&mut known, time(at), &outcome);
        assert_eq!((commit.change, commit.base), (None, 1));
        assert_eq!(commit.health.last_success, Some(time(at)));
    }
}

#[test]
fn a_failure_is_not_an_outage() {
    let mut known = Known::default();
    complete(&mut known, time(0), vec![service("a", Status::Ok)]);
    let first = step(&mut known, time(60), &failed());
    let second = step(&mut known, time(120), &failed());
    assert_eq!((first.change, second.change), (None, None));
    assert_eq!(known.services[0].status, Status::Ok);
    let health = second.health;
    assert_eq!((health.consecutive_failures, health.last_success, health.last_attempt), (2, Some(time(0)), time(120)));
    assert_eq!(health.failure.unwrap().message, "the document names no service");
    assert_eq!(health.validators.etag.as_deref(), Some("\"1\""), "what the source gave last stays good");
    let back = complete(&mut known, time(180), vec![service("a", Status::Ok)]);
    assert_eq!((back.health.consecutive_failures, back.health.failure), (0, None));
}

#[test]
fn a_target_that_never_answered_is_listed_without_services() {
    let commit = step(&mut Known::default(), time(0), &failed());
    let change = commit.change.expect("the first commit makes the target known");
    assert!(change.services.is_empty() && change.events.is_empty() && commit.health.last_success.is_none());
}

#[test]
fn a_complete_document_removes_what_it_does_not_name() {
    let mut known = Known::default();
    complete(&mut known, time(0), vec![service("a", Status::Ok), service("b", Status::Degraded)]);
    let commit = complete(&mut known, time(60), vec![service("a", Status::Ok)]);
    assert_eq!(changes(&commit), [("b".into(), Some(Status::Degraded), None)]);
    assert_eq!(known.services.len(), 1);
}

#[test]
fn an_open_only_document_means_ok_by_silence_and_keeps_places() {
    let mut known = Known::default();
    assert!(open_only(&mut known, time(0), Vec::new()).change.unwrap().services.is_empty());
    let mut broken = service("b", Status::Outage);
    broken.dimensions.insert(dimension_names::INCIDENT.to_owned(), "i1".into());
    broken.dimensions.insert(dimension_names::REGION.to_owned(), "us".into());
    open_only(&mut known, time(60), vec![service("a", Status::Degraded), broken]);
    open_only(&mut known, time(120), vec![service("c", Status::Degraded), service("a", Status::Degraded)]);
    assert_eq!(known.services.iter().map(|service| service.key.as_str()).collect::<Vec<_>>(), ["a", "b", "c"]);
    let recovered = &known.services[1];
    assert_eq!((recovered.status, recovered.last_timestamp), (Status::Ok, Some(time(120))));
    assert_eq!(recovered.dimensions.keys().collect::<Vec<_>>(), ["region"], "the incident ends with the trouble");
    let commit = open_only(&mut known, time(180), Vec::new());
    assert_eq!(changes(&commit).len(), 2);
    assert_eq!(known.services[1].last_timestamp, Some(time(120)), "OK since then");
    assert_eq!(open_only(&mut known, time(240), Vec::new()).change, None);
}

#[test]
fn a_change_of_order_name_or_dimension_rewrites_the_state_without_an_event() {
    let mut known = Known::default();
    complete(&mut known, time(0), vec![service("a", Status::Ok), service("b", Status::Ok)]);
    let commit = complete(&mut known, time(60), vec![service("b", Status::Ok), service("a", Status::Ok)]);
    assert!(commit.change.is_some() && changes(&commit).is_empty());
}

fn incident(key: &str, state: IncidentState) -> Incident {
    Incident {
        key: key.to_owned(),
        kind: IncidentKind::Incident,
        title: "Trouble".to_owned(),
        state,
        impact: None,
        started_at: None,
        updated_at: None,
        resolved_at: None,
        url: None,
        services: Vec::new(),
        updates: Vec::new(),
    }
}

fn with_incidents(
    known: &mut Known,
    at: Timestamp,
    incidents: Vec<Incident>,
) -> Vec<(String, IncidentState, Option<Timestamp>)> {
    let report = Report { incidents, ..report(Coverage::Complete, vec![service("a", Status::Ok)]) };
    let commit = step(known, at, &seen(Answer::Report(report)));
    let changed = commit.change.into_iter().flat_map(|change| change.incidents);
    changed.map(|incident| (incident.key, incident.state, incident.resolved_at)).collect()
}

#[test]
fn only_incidents_that_changed_are_written_and_one_that_vanishes_while_open_is_over() {
    use IncidentState::{Identified, Investigating, Resolved};
    let mut known = Known::default();
    let first = vec![incident("old", Resolved), incident("new", Investigating)];
    assert_eq!(with_incidents(&mut known, time(0), first.clone()).len(), 2);
    assert!(with_incidents(&mut known, time(60), first).is_empty());
    let moved = with_incidents(&mut known, time(120), vec![incident("new", Identified)]);
    assert_eq!(moved, [("new".to_owned(), Identified, None)], "a closed one that is listed no more stays as it is");
    let vanished = with_incidents(&mut known, time(180), Vec::new());
    assert_eq!(vanished, [("new".to_owned(), Resolved, Some(time(180)))]);
    assert!(with_incidents(&mut known, time(240), Vec::new()).is_empty());
}

#[test]
fn a_clock_that_steps_back_does_not_hide_what_happens() {
    let mut known = Known::default();
    complete(&mut known, time(1_000), vec![service("a", Status::Ok)]);
    let commit = complete(&mut known, time(0), vec![service("a", Status::Outage)]);
    assert_eq!((commit.health.last_attempt, commit.change.unwrap().events[0].at), (time(1_000), time(1_000)));
}

#[test]
fn time_that_no_success_covers_is_a_gap_and_ends_with_the_next_one() {
    let mut known = Known::default();
    let ok = || vec![service("a", Status::Ok)];
    assert_eq!(complete(&mut known, time(0), ok()).gap, None, "nothing was known before");
    // Believed for five minutes and through that moment.
    assert_eq!(complete(&mut known, time(300), ok()).gap, None);
    assert_eq!(step(&mut known, time(900), &failed()).gap, None, "a failure ends no gap");
    let from = Timestamp::from_millis(time(600).as_millis() + 1).unwrap();
    let commit = step(&mut known, time(1_000), &seen(Answer::Unchanged));
    assert_eq!((commit.gap, commit.change), (Some(Gap { from, until: time(1_000) }), None));
    assert_eq!(complete(&mut known, time(1_060), ok()).gap, None, "it is told once");
}

#[test]
fn another_interval_changes_nothing_of_what_was_believed() {
    let ok = || seen(Answer::Report(report(Coverage::Complete, vec![service("a", Status::Ok)])));
    let hours = |n: u64| Duration::from_hours(n);
    for (before, after, first_secs, gap) in [
        // Believed for eighteen hours, which a failure at a shorter interval does not take back.
        (hours(6), Duration::from_mins(1), 5 * 3600, None),
        // Believed for five minutes, which a failure at a longer interval does not give back.
        (Duration::from_mins(1), hours(1), 3600, Some(300)),
    ] {
        let mut known = Known::default();
        step_at(&mut known, time(0), before, &ok());
        step_at(&mut known, time(first_secs), after, &failed());
        let commit = step_at(&mut known, time(first_secs + 60), after, &ok());
        let from = gap.map(|secs| Timestamp::from_millis(time(secs).as_millis() + 1).unwrap());
        let gap = from.map(|from| Gap { from, until: time(first_secs + 60) });
        assert_eq!(commit.gap, gap, "from {before:?} to {after:?}");
    }
}

#[test]
fn from_planned_work_to_a_fault_is_a_change() {
    let planned = |status| {
        let mut service = service("a", status);
        service.dimensions.insert(dimension_names::MAINTENANCE.to_owned(), true.into());
        service
    };
    let mut known = Known::default();
    let degraded = Some(Status::Degraded);
    let ok = Some(Status::Ok);
    for (secs, reported, expected) in [
        (0, service("a", Status::Ok), vec![("a".to_owned(), None, ok)]),
        (60, planned(Status::Degraded), vec![("a".to_owned(), ok, degraded)]),
        (120, planned(Status::Degraded), vec![]),
        (180, service("a", Status::Degraded), vec![("a".to_owned(), degraded, degraded)]),
        (240, service("a", Status::Ok), vec![("a".to_owned(), degraded, ok)]),
    ] {
        assert_eq!(changes(&complete(&mut known, time(secs), vec![reported])), expected, "{secs}");
    }
}

#[test]
fn closed_incidents_that_would_be_forgotten_at_once_are_left_out() {
    use IncidentState::{Investigating, Resolved};
    let mut known = Known::default();
    let ended = |key: &str, secs| Incident { resolved_at: Some(time(secs)), ..incident(key, Resolved) };
    let listed = vec![ended("ancient", -86_401), ended("old", -86_400), incident("open", Investigating)];
    let told = with_incidents(&mut known, time(0), listed);
    let keys: Vec<&str> = told.iter().map(|(key, ..)| key.as_str()).collect();
    assert_eq!(keys, ["old", "open"]);
    // One that is known is told of whenever it ended.
    assert_eq!(with_incidents(&mut known, time(60), vec![ended("old", -86_400), ended("open", -90_000)]).len(), 1);
}

#[test]
fn what_is_open_is_over_for_a_target_that_is_asked_no_more() {
    use IncidentState::{Investigating, Resolved};
    let mut known = Known::default();
    with_incidents(&mut known, time(0), vec![incident("open", Investigating), incident("over", Resolved)]);
    let commit = retire(&known, "github", "r".to_owned(), time(60)).unwrap();
    let [closed] = &commit.change.unwrap().incidents[..] else { panic!("one was open") };
    assert_eq!((closed.key.as_str(), closed.state, closed.resolved_at), ("open", Resolved, Some(time(60))));
}

#[test]
fn a_retired_target_has_no_services_and_comes_back_as_new() {
    let mut known = Known::default();
    assert!(retire(&known, "github", "r".to_owned(), time(0)).is_none(), "it was never known");
    complete(&mut known, time(0), vec![service("a", Status::Ok)]);
    let commit = retire(&known, "github", "r".to_owned(), time(60)).unwrap();
    known.apply(&commit);
    assert_eq!(changes(&commit), [("a".into(), Some(Status::Ok), None)]);
    assert!(commit.change.as_ref().unwrap().incidents.is_empty());
    assert!(known.services.is_empty() && retire(&known, "github", "r".to_owned(), time(90)).is_none());
    assert_eq!(known.health.as_ref().unwrap().validators, Validators::default(), "it has to see the document again");
    let back = complete(&mut known, time(120), vec![service("a", Status::Ok)]);
    assert_eq!((changes(&back), back.base), (vec![("a".into(), None, Some(Status::Ok))], 2));
}

fn reports() -> impl Strategy<Value = Report> {
    let statuses = prop::sample::select(Status::ALL.to_vec());
    let services = prop::collection::btree_map("[a-e]", (statuses, prop::option::of(-100_i64..100)), 0..5);
    (services, any::<bool>()).prop_map(|(services, is_complete)| {
        let coverage = if is_complete { Coverage::Complete } else { Coverage::OpenOnly };
        let services = services
            .into_iter()
            .map(|(key, (status, secs))| Service { last_timestamp: secs.map(time), ..service(&key, status) });
        report(coverage, services.collect())
    })
}

proptest! {
    #[test]
    fn folding_the_events_gives_the_state(reports in prop::collection::vec(prop::option::of(reports()), 1..12)) {
        let mut known = Known::default();
        let mut folded: BTreeMap<String, Status> = BTreeMap::new();
        for (round, report) in (0_i64..).zip(reports) {
            let outcome = report.map_or_else(failed, |report| seen(Answer::Report(report)));
            let before = known.clone();
            let commit = step(&mut known, time(round * 60), &outcome);
            for (key, from, to) in changes(&commit) {
                prop_assert_eq!(folded.get(&key).copied(), from);
                match to {
                    Some(to) => { folded.insert(key, to); }
                    None => { folded.remove(&key); }
                }
            }
            let state: BTreeMap<_, _> = known.services.iter().map(|s| (s.key.clone(), s.status)).collect();
            prop_assert_eq!(&state, &folded);
            prop_assert!(known.services.iter().all(|service| service.last_timestamp.is_some()));
            // The same observation again changes nothing.
            let mut again = known.clone();
            prop_assert_eq!(step(&mut again, time(round * 60 + 1), &outcome).change, None);
            prop_assert!(outcome.is_ok() || before.services == known.services);
        }
    }
}
