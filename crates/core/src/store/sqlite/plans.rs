//! How SQLite goes about what it is asked: a page and a window read as much as they need, not all there is.

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use tempfile::TempDir;

use super::checks::{ADD_CHECK, LAST_ROLLUP, ROLLUPS, about_checks};
use super::file::File;
use super::find::{Question, about_events, about_incidents};
use super::forget::{
    COMMITS, EMPTY_PROBES, EVENTS, GAPS, INCIDENTS, LOST_CHECKS, LOST_ROLLUPS, OLD_CHECKS, OLD_ROLLUPS,
};
use super::late::{AMEND, BEFORE, GAP_END, NEXT_CHANGE, SINCE};
use super::leases::{HELD, LEFT, VACANT};
use super::read::{CHANGES, EVENT};
use super::reports::SUMMARIES;
use super::templates::{BEHIND, TEMPLATES};
use super::window::about_periods;
use super::write::{END_THE_LAST, REPLACE_HEALTH};
use crate::schema::{IncidentKind, ProbeId, Status, Timestamp};
use crate::store::testkit::at;
use crate::store::{CheckQuery, EventId, EventQuery, IncidentId, IncidentQuery, Window};

fn fresh() -> (TempDir, Connection) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("unistatus.db");
    let connection = File::new(path.to_str().unwrap()).unwrap().open().unwrap();
    (folder, connection)
}

fn plan(connection: &Connection, statement: &str, values: &[Value]) -> String {
    let mut explain = connection.prepare(&format!("EXPLAIN QUERY PLAN {statement}")).unwrap();
    let values = params_from_iter(values);
    let steps = explain.query_map(values, |row| row.get("detail")).unwrap();
    steps.collect::<rusqlite::Result<Vec<String>>>().unwrap().join("; ")
}

fn is_a_page(connection: &Connection, Question { statement, values }: &Question, expected: &str) {
    let plan = plan(connection, statement, values);
    assert!(plan.starts_with(expected), "{plan} for {statement}");
    assert!(!plan.contains("TEMP B-TREE") && !plan.contains(';'), "{plan} for {statement}");
}

#[test]
fn a_page_of_events_is_read_off_an_index_in_its_order() {
    let (_folder, connection) = fresh();
    let any = EventQuery::default();
    let behind = EventId { at: at(1), target: "b".to_owned(), revision: 1, key: "a".to_owned() };
    let behind = EventQuery { behind: Some(behind), ..any.clone() };
    let since = EventQuery { from: Some(at(0)), ..any.clone() };
    let both = EventQuery { until: Some(at(9)), ..behind.clone() };
    let filtered = EventQuery { service: Some("a".to_owned()), to: Status::ALL.to_vec(), ..behind.clone() };
    for (query, target, expected) in [
        (&any, None, "SCAN events USING INDEX events_newest"),
        (&behind, None, "SEARCH events USING INDEX events_newest (at<?)"),
        (&since, None, "SEARCH events USING INDEX events_newest (at>?)"),
        (&both, None, "SEARCH events USING INDEX events_newest (at<?)"),
        (&filtered, None, "SEARCH events USING INDEX events_newest (at<?)"),
        (&any, Some("a"), "SEARCH events USING INDEX events_of_target (target=?)"),
        (&behind, Some("a"), "SEARCH events USING INDEX events_of_target (target=? AND at<?)"),
        (&filtered, Some("a"), "SEARCH events USING INDEX events_of_target (target=? AND at<?)"),
    ] {
        is_a_page(&connection, &about_events(query, target), expected);
    }
}

#[test]
fn a_page_of_incidents_is_read_off_an_index_in_its_order() {
    let (_folder, connection) = fresh();
    let any = IncidentQuery::default();
    let open = IncidentQuery { open: Some(true), ..any.clone() };
    let closed = IncidentQuery { open: Some(false), ..any.clone() };
    let until = IncidentQuery { kind: Some(IncidentKind::Incident), until: Some(at(9)), ..any.clone() };
    let behind = IncidentId { started_at: Some(at(1)), target: "b".to_owned(), key: "a".to_owned() };
    let behind = IncidentQuery { behind: Some(behind), ..any.clone() };
    for (query, target, is_dated, expected) in [
        (&any, None, true, "SEARCH incidents USING INDEX incidents_newest (started_at>?)"),
        (&any, None, false, "SEARCH incidents USING INDEX incidents_newest (started_at=?)"),
        (&open, None, true, "SEARCH incidents USING INDEX incidents_open (started_at>?)"),
        (&open, None, false, "SEARCH incidents USING INDEX incidents_open (started_at=?)"),
        (&closed, None, true, "SEARCH incidents USING INDEX incidents_newest (started_at>?)"),
        (&until, None, true, "SEARCH incidents USING INDEX incidents_newest (started_at>? AND started_at<?)"),
        (&behind, None, true, "SEARCH incidents USING INDEX incidents_newest (started_at>? AND started_at<?)"),
        (
            &behind,
            Some("a"),
            true,
            "SEARCH incidents USING INDEX incidents_of_target (target=? AND started_at>? AND started_at<?)",
        ),
        (&any, Some("a"), false, "SEARCH incidents USING INDEX incidents_of_target (target=? AND started_at=?)"),
    ] {
        is_a_page(&connection, &about_incidents(query, target, is_dated), expected);
    }
}

#[test]
fn a_window_is_read_off_an_index() {
    let (_folder, connection) = fresh();
    let of = |target: Option<&str>| Window::new(target, at(0), at(1));
    for (window, values, expected) in [
        (of(None), 4, "SEARCH events USING INDEX events_by_end (until>?)"),
        (of(Some("a")), 5, "SEARCH events USING INDEX"),
    ] {
        let plan = plan(&connection, &about_periods(&window), &vec![Value::Null; values]);
        assert!(plan.starts_with(expected), "{plan}");
    }
}

#[test]
fn what_is_written_and_forgotten_is_found_by_an_index() {
    let (_folder, connection) = fresh();
    let instant = || Value::from(Timestamp::as_millis(at(0)));
    let name = || Value::from("a".to_owned());
    for (statement, values, expected) in [
        (END_THE_LAST, vec![instant(), name(), name()], "events_standing (target=? AND key=?)"),
        (EVENTS, vec![instant(), 1.into()], "events_by_end (until<?)"),
        (INCIDENTS, vec![instant(), 1.into()], "incidents_by_end (ended_at<?)"),
        (GAPS, vec![instant(), 1.into()], "gaps_by_end (until_at<?)"),
        (COMMITS, vec![instant(), 1.into()], "commits_by_age (at<?)"),
    ] {
        let plan = plan(&connection, statement, &values);
        assert!(plan.contains(expected) && !plan.contains("SCAN"), "{plan} for {statement}");
    }
}

#[test]
fn what_comes_late_is_put_in_its_place_by_an_index() {
    let (_folder, connection) = fresh();
    let name = || Value::from("a".to_owned());
    let number = || Value::from(1);
    for (statement, values, expected) in [
        (format!("{EVENT} {BEFORE}"), vec![name(), name(), number()], "SEARCH events USING INDEX"),
        (format!("{EVENT} {SINCE}"), vec![name(), name(), number()], "SEARCH events USING INDEX"),
        (NEXT_CHANGE.to_owned(), vec![name(), number(), number()], "SEARCH events USING"),
        (GAP_END.to_owned(), vec![name(), number(), number()], "SEARCH gaps USING"),
        (
            AMEND.to_owned(),
            vec![Value::Null, number(), name(), number(), name(), number()],
            "(target=? AND revision=? AND key=? AND at=?)",
        ),
    ] {
        let plan = plan(&connection, &statement, &values);
        assert!(plan.contains(expected) && !plan.contains("SCAN"), "{plan} for {statement}");
    }
}

#[test]
fn what_changed_is_found_without_reading_all_health() {
    let (_folder, connection) = fresh();
    let name = || Value::from("a".to_owned());
    for (statement, values, expected) in [
        (CHANGES, vec![1.into()], "SEARCH health USING COVERING INDEX health_by_change (changed>?)"),
        ("SELECT coalesce(max(changed), 0) FROM health", vec![], "SEARCH health USING COVERING INDEX health_by_change"),
        (
            REPLACE_HEALTH,
            vec![1.into(), name(), 1.into(), name(), name(), 1.into(), 1.into()],
            "health USING PRIMARY KEY (target=?)",
        ),
    ] {
        let plan = plan(&connection, statement, &values);
        assert!(plan.contains(expected) && !plan.contains("SCAN"), "{plan} for {statement}");
    }
}

#[test]
fn leases_are_found_by_their_holder() {
    let (_folder, connection) = fresh();
    let id = || vec!["a".to_owned().into()];
    for (statement, values) in [(VACANT, vec![]), (LEFT, id()), (HELD, id())] {
        let plan = plan(&connection, statement, &values);
        assert!(
            plan.starts_with("SEARCH leases USING") && plan.contains("INDEX leases_by_holder (holder=?)"),
            "{plan}"
        );
    }
}

#[test]
fn a_page_by_age_is_read_off_an_index() {
    let (_folder, connection) = fresh();
    for (statement, expected) in [
        (format!("{TEMPLATES} {BEHIND}"), "SEARCH templates USING INDEX templates_by_age ((created_at,id)>(?,?))"),
        (SUMMARIES.to_owned(), "SEARCH reports USING INDEX reports_by_age ((created_at,id)<(?,?))"),
    ] {
        let plan = plan(&connection, &statement, &[1.into(), "a".to_owned().into(), 1.into()]);
        assert_eq!(plan, expected);
    }
}

#[test]
fn checks_are_read_and_written_where_they_lie() {
    let (_folder, connection) = fresh();
    let any = CheckQuery::all_of(ProbeId::of_target("a"));
    for (query, expected) in [
        (any.clone(), "SEARCH checks USING PRIMARY KEY (probe=?)"),
        (
            CheckQuery { limit: Some(1), until: Some(at(1)), ..any.clone() },
            "SEARCH checks USING PRIMARY KEY (probe=? AND at<?)",
        ),
        (
            CheckQuery { from: Some(at(0)), until: Some(at(1)), ..any },
            "SEARCH checks USING PRIMARY KEY (probe=? AND at>? AND at<?)",
        ),
    ] {
        let Question { statement, values } = about_checks(&query);
        let plan = plan(&connection, &statement, &values);
        assert!(plan.contains(expected) && !plan.contains("SCAN") && !plan.contains("TEMP B-TREE"), "{plan}");
    }
    let name = || Value::from("a".to_owned());
    let number = || Value::from(1);
    for (statement, values, expected) in [
        (
            ADD_CHECK,
            vec![name(), number(), number(), Value::Null, number(), number()],
            "SEARCH probes USING COVERING INDEX sqlite_autoindex_probes_1 (name=?)",
        ),
        (ROLLUPS, vec![name(), number(), number()], "SEARCH rollups USING PRIMARY KEY (probe=? AND hour>? AND hour<?)"),
        (LAST_ROLLUP, vec![name()], "SEARCH rollups USING PRIMARY KEY (probe=?)"),
        (LOST_CHECKS, vec![number()], "SEARCH probes USING COVERING INDEX sqlite_autoindex_probes_1 (name=?)"),
        (LOST_ROLLUPS, vec![number()], "SEARCH probes USING COVERING INDEX sqlite_autoindex_probes_1 (name=?)"),
        (OLD_ROLLUPS, vec![number(), number()], "SEARCH rollups USING COVERING INDEX rollups_by_hour (hour<?)"),
    ] {
        let plan = plan(&connection, statement, &values);
        assert!(plan.contains(expected) && !plan.contains("SCAN"), "{plan} for {statement}");
    }
    // Each probe, and of it what is asked for.
    for (statement, values, expected) in [
        (OLD_CHECKS, vec![number(), number()], "SEARCH checks USING PRIMARY KEY (probe=? AND at<?)"),
        (EMPTY_PROBES, vec![], "SEARCH checks USING PRIMARY KEY (probe=?)"),
    ] {
        let plan = plan(&connection, statement, &values);
        assert!(plan.contains(expected) && !plan.contains("SCAN checks"), "{plan} for {statement}");
    }
}
