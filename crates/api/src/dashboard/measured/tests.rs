//! What is read of a range, and what is shown of it.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;
use serde_json::json;
use unistatus_core::history::Span;
use unistatus_core::schema::{Check, ProbeId, Status, Timestamp};
use unistatus_core::store::Rollup;

use super::plan::Plan;
use super::*;
use crate::dashboard::form::Fields;

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;

/// So many milliseconds after 12:00 on some day.
fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(1_777_896_000_000 + millis).unwrap()
}

fn check(at: Timestamp, micros: Option<u64>, lost: u16) -> Check {
    let latency = micros.map(Duration::from_micros);
    Check { probe: ProbeId::of_target("web"), at, status: Status::Ok, latency, sent: 4, lost }
}

fn rollup(hour: Timestamp) -> Rollup {
    Rollup {
        probe: ProbeId::of_target("web"),
        hour,
        checks: 360,
        outages: 0,
        sent: 1440,
        lost: 144,
        latency: Duration::from_secs(4),
        classes: BTreeMap::from([(300, 360)]),
    }
}

fn measured(range: Range, every: Duration, now: Timestamp, checks: Vec<Check>, rollups: Vec<Rollup>) -> Measured {
    let last = checks.first().cloned();
    Measured { range, plan: Plan::of(range, every, now), every, checks, rollups, last }
}

fn view(measured: &Measured) -> serde_json::Value {
    let view = MeasuredView::of(measured, "/servers/web", &Fields::read("range=1h&q=x"));
    serde_json::to_value(&view).unwrap()
}

#[test]
fn every_range_has_as_many_points_as_are_told_apart_and_so_many_rows_are_read_at_the_most() {
    for (range, secs, width_mins, is_summed) in [
        (Range::Hour, 1, 1, false),
        (Range::SixHours, 1, 3, false),
        (Range::Day, 10, 10, false),
        (Range::Day, 60, 10, false),
        (Range::Day, 1, 60, true),
        (Range::Week, 10, 60, true),
        (Range::Month, 10, 360, true),
        (Range::Quarter, 600, 720, true),
    ] {
        let plan = Plan::of(range, Duration::from_secs(secs), at(1));
        assert_eq!((plan.width, plan.is_summed), (Duration::from_mins(width_mins), is_summed), "{range:?} {secs}");
        let points = plan.window.millis() / u64::try_from(plan.width.as_millis()).unwrap();
        assert!((60..=180).contains(&points) || (range, secs) == (Range::Day, 1), "{range:?}: {points}");
    }
}

#[test]
fn a_range_that_is_none_is_answered_with_those_that_are() {
    assert_eq!(Range::read("7D"), Ok(Range::Week));
    assert_eq!(Range::read("2h").unwrap_err(), "accepted are 1h, 6h, 24h, 7d, 30d, 90d");
}

#[test]
fn a_slow_probe_has_a_line_and_what_it_missed_is_a_gap() {
    let every = Duration::from_mins(4);
    // Asked every four minutes, and silent from 11:20 to 11:40.
    let minutes = (0..15).map(|number| 4 * number).filter(|minute| !(20..40).contains(minute));
    let checks = minutes.rev().map(|minute| check(at((minute - 60) * MINUTE_MS + 90_000), Some(5_000), 0)).collect();
    let shown = view(&measured(Range::Hour, every, at(0), checks, Vec::new()));
    let picture = shown["picture"].as_str().unwrap();
    assert_eq!(picture.matches("class=\"median\"").count(), 2, "{picture}");
    assert_eq!(shown["lines"].as_array().unwrap().len(), 10, "only what was measured is told in words");
}

#[test]
fn figures_are_those_of_the_whole_range_and_other_ranges_keep_what_was_asked() {
    let checks = vec![check(at(-MINUTE_MS), Some(2_000), 1), check(at(-2 * MINUTE_MS), None, 4)];
    let shown = view(&measured(Range::Hour, Duration::from_secs(10), at(0), checks, Vec::new()));
    assert_eq!(shown["figures"], json!({"p50": "2 ms", "p95": "2 ms", "loss": "62.50 %", "checks": 2}));
    assert_eq!((&shown["range"], &shown["again"], &shown["is_awaited"]), (&json!("hour"), &json!(10), &json!(false)));
    let choices = shown["choices"].as_array().unwrap();
    assert_eq!(choices[1], json!({"title": "6 hours", "link": "/servers/web?q=x&amp;range=6h", "is_chosen": false}));
    assert_eq!(choices[0]["is_chosen"], true);
}

#[test]
fn sums_and_single_checks_are_one_picture() {
    let (rollups, checks) = (vec![rollup(at(-2 * HOUR_MS))], vec![check(at(-MINUTE_MS), Some(2_000), 0)]);
    let shown = view(&measured(Range::Week, Duration::from_secs(10), at(0), checks, rollups));
    assert_eq!(shown["figures"]["checks"], 361);
    assert_eq!(shown["figures"]["loss"], "9.98 %");
    assert_eq!(shown["lines"].as_array().unwrap().len(), 2);
    assert_eq!(shown["again"], json!(null));
}

#[test]
fn where_nothing_was_measured_that_is_told_and_the_first_is_awaited() {
    let mut none = measured(Range::Day, Duration::from_mins(1), at(0), Vec::new(), Vec::new());
    let shown = view(&none);
    let told = ["picture", "figures", "is_awaited", "again"].map(|name| shown[name].clone());
    assert_eq!(told, [json!(null), json!(null), json!(true), json!(2)]);
    none.last = Some(check(at(-48 * HOUR_MS), None, 4));
    let shown = view(&none);
    assert_eq!((&shown["picture"], &shown["is_awaited"], &shown["again"]), (&json!(null), &json!(false), &json!(null)));
}

#[test]
fn a_check_is_told_with_what_was_lost() {
    for (check, told) in [
        (check(at(0), Some(12_300), 0), "12 ms"),
        (check(at(0), Some(800), 1), "800 µs, 1 of 4 lost"),
        (check(at(0), None, 4), "no answer, 4 of 4 lost"),
    ] {
        let last = serde_json::to_value(LastCheck::of(&check, at(0))).unwrap();
        assert_eq!(last["told"], told);
    }
}

proptest! {
    #[test]
    fn the_present_lies_in_the_last_part_of_a_window_that_keeps_its_grid(
        now in 0..100 * HOUR_MS, range in prop::sample::select(&Range::ALL[..]), secs in 1..7_200_u64,
    ) {
        let (now, range) = (at(now), range.1);
        let Plan { window, width, .. } = Plan::of(range, Duration::from_secs(secs), now);
        prop_assert_eq!(u128::from(window.millis()), range.length().as_millis());
        prop_assert!(window.contains(now) && window.until.minus(width) <= now);
        prop_assert_eq!(window.from.as_millis() % i64::try_from(width.as_millis()).unwrap(), 0);
    }

    /// Whatever was summed up: every instant that is shown is told of once.
    #[test]
    fn each_instant_is_read_once(now in 0..100 * HOUR_MS, unsummed in 0..200_i64, probed in 0..200 * HOUR_MS) {
        let now = at(now);
        let plan = Plan::of(Range::Week, Duration::from_secs(10), now);
        let last = unistatus_core::checks::hour_of(now).as_millis() - unsummed * HOUR_MS;
        let begins = (plan.window.from.as_millis()..last).step_by(usize::try_from(HOUR_MS).unwrap());
        let rollups: Vec<Rollup> = begins.map(|hour| rollup(Timestamp::from_millis(hour).unwrap())).collect();
        let instant = Timestamp::from_millis(now.as_millis() - probed).unwrap();
        let summed = rollups.iter().map(|one| Span { from: one.hour, until: one.hour.plus(Duration::from_hours(1)) });
        let told = summed.chain([plan.unsummed(&rollups)]).filter(|span| span.contains(instant)).count();
        prop_assert_eq!(told, usize::from(plan.window.contains(instant)));
    }
}
