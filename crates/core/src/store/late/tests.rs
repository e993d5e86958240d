//! What enters, case by case, and against a timeline that is drawn second by second.

use proptest::collection::btree_map;
use proptest::prelude::*;

use super::*;
use crate::schema::{Dimensions, Status, dimension_names};
use crate::store::testkit::{Author, at, event, health, service};

const BASE: u64 = 5;
const NOBODY_HEARD: Option<i64> = None;

/// How a service is: not there, or its status and whether that is planned.
type Standing = Option<(Status, bool)>;

const GONE: Standing = None;
const OK: Standing = Some((Status::Ok, false));
const OUTAGE: Standing = Some((Status::Outage, false));
const DEGRADED: Standing = Some((Status::Degraded, false));
const PLANNED: Standing = Some((Status::Degraded, true));

fn told(revision: u64, seconds: i64, from: Standing, to: Standing) -> Event {
    let mut dimensions = Dimensions::new();
    if to.or(from).is_some_and(|(_, is_planned)| is_planned) {
        dimensions.insert(dimension_names::MAINTENANCE.to_owned(), true.into());
    }
    let status = |standing: Standing| standing.map(|(status, _)| status);
    let sample = event("github", revision, &service("a", Status::Ok));
    Event { dimensions, from: status(from), to: status(to), at: at(seconds), ..sample }
}

/// The events that lead from one standing through these, the first of them of this revision.
fn course(mut revision: u64, from: Standing, turns: &[(i64, Standing)]) -> Vec<Event> {
    let mut before = from;
    let mut course = Vec::new();
    for &(seconds, to) in turns {
        course.push(told(revision, seconds, before, to));
        (before, revision) = (to, revision + 1);
    }
    course
}

/// The commits that tell of these events, each made on top of the one before.
fn commits(base: u64, events: &[Event]) -> Vec<Commit> {
    let mut author = Author::at("github", base);
    let commits = events.iter().map(|event| {
        let mut commit = author.change(Vec::new());
        commit.health = health(event.at);
        commit.change.as_mut().unwrap().events = vec![event.clone()];
        commit
    });
    commits.collect()
}

/// A history of the service `a`.
#[derive(Clone, Debug, Default)]
struct History {
    periods: Vec<Period>,
    next_change: Option<Timestamp>,
    gap_end: Option<Timestamp>,
    last_success: Option<Timestamp>,
}

impl History {
    /// It was so at the base, and then went through these. It was heard last at this second.
    fn of(known: Standing, since: &[(i64, Standing)], heard: Option<i64>) -> Self {
        let first = known.map(|_| told(BASE, 0, GONE, known));
        let events: Vec<Event> = first.into_iter().chain(course(BASE + 1, known, since)).collect();
        let ends = events.iter().skip(1).map(|event| Some(event.at)).chain([None]);
        let periods = events.iter().zip(ends).map(|(event, next)| Period {
            event: event.clone(),
            until: if event.to.is_some() { next } else { Some(event.at) },
        });
        Self { periods: periods.collect(), last_success: heard.map(at), ..Self::default() }
    }

    /// Lets commits enter; answers what becomes of them.
    fn take(&mut self, commits: &[Commit]) -> Late {
        let run = Run::of(commits).unwrap().unwrap();
        let since = self.periods.iter().map(|period| &period.event);
        let next = since.filter(|event| event.revision > run.base && event.at > run.heard).map(|event| event.at).min();
        let Self { periods, gap_end, last_success, .. } = self.clone();
        let stored = Stored { periods, next_change: self.next_change.or(next), gap_end, last_success };
        let Some(entry) = run.enter(stored) else { return Late::TooEarly };
        let outcome = entry.outcome();
        let id = |period: &Period| (period.event.revision, period.event.at);
        for amended in entry.amended {
            let was = self.periods.iter().position(|period| id(period) == id(&amended)).unwrap();
            self.periods[was] = amended;
        }
        self.periods.extend(entry.added);
        self.periods.sort_by_key(id);
        self.is_whole();
        outcome
    }

    /// Each event follows the one before it, in time and in what it tells, and is the end of that.
    fn is_whole(&self) {
        for pair in self.periods.windows(2) {
            let [before, after] = pair else { unreachable!() };
            assert!(before.event.at < after.event.at, "{self:#?}");
            assert_eq!(after.event.from, before.event.to, "{self:#?}");
            assert_ne!(standing(&after.event), standing(&before.event), "{self:#?}");
            let end = if before.event.to.is_some() { after.event.at } else { before.event.at };
            assert_eq!(before.until, Some(end), "{self:#?}");
        }
        let last = self.periods.last().unwrap();
        assert_eq!(last.until, last.event.to.is_none().then_some(last.event.at), "{self:#?}");
    }

    /// When it became what.
    fn turns(&self) -> Vec<(i64, Standing)> {
        let seconds = |event: &Event| (event.at.as_millis() - at(0).as_millis()) / 1000;
        self.periods.iter().map(|period| (seconds(&period.event), standing(&period.event))).collect()
    }
}

const fn entered(added: usize, overtaken: usize) -> Late {
    Late::Entered { added, overtaken }
}

#[test]
fn what_was_seen_before_somebody_else_told_of_a_change_is_put_before_it() {
    for (since, seen, outcome, expected) in [
        // The other one tells of where it led.
        (&[(30, OUTAGE)][..], &[(10, OUTAGE)][..], entered(0, 0), &[(0, OK), (30, OUTAGE)][..]),
        (&[(30, OUTAGE)], &[(10, DEGRADED), (20, OUTAGE)], entered(1, 0), &[(0, OK), (10, DEGRADED), (30, OUTAGE)]),
        // Or of something else.
        (&[(30, OUTAGE)], &[(10, DEGRADED)], entered(1, 0), &[(0, OK), (10, DEGRADED), (30, OUTAGE)]),
        (
            &[(30, OUTAGE), (40, OK)],
            &[(10, DEGRADED), (20, OK)],
            entered(2, 0),
            &[(0, OK), (10, DEGRADED), (20, OK), (30, OUTAGE), (40, OK)],
        ),
        (&[(30, OUTAGE)], &[(10, GONE), (20, OK)], entered(2, 0), &[(0, OK), (10, GONE), (20, OK), (30, OUTAGE)]),
        // Planned work is not what it is without a plan.
        (&[(30, PLANNED)], &[(10, DEGRADED)], entered(1, 0), &[(0, OK), (10, DEGRADED), (30, PLANNED)]),
        // What comes after it is left out.
        (&[(30, OUTAGE)], &[(10, DEGRADED), (40, OK)], entered(1, 1), &[(0, OK), (10, DEGRADED), (30, OUTAGE)]),
        (&[(30, OUTAGE)], &[(30, DEGRADED), (40, OK)], entered(0, 2), &[(0, OK), (30, OUTAGE)]),
    ] {
        let mut history = History::of(OK, since, NOBODY_HEARD);
        let late = commits(BASE, &course(BASE + 1, OK, seen));
        assert_eq!(history.take(&late), outcome, "{seen:?}");
        assert_eq!(history.turns(), expected, "{seen:?}");
    }
}

#[test]
fn where_nobody_told_of_a_change_since_it_leads_back_once_somebody_heard() {
    let mut history = History::of(OK, &[], Some(15));
    let late = commits(BASE, &course(BASE + 1, OK, &[(10, DEGRADED), (20, OUTAGE)]));
    assert_eq!(history.take(&late), Late::TooEarly);
    assert_eq!(history.turns(), [(0, OK)]);
    history.last_success = Some(at(60));
    assert_eq!(history.take(&late), entered(3, 0));
    assert_eq!(history.turns(), [(0, OK), (10, DEGRADED), (20, OUTAGE), (60, OK)]);
    let [.., last] = &history.periods[..] else { unreachable!() };
    assert_eq!((last.event.revision, last.event.source_at), (BASE, None));
    assert_eq!(history.take(&late), entered(0, 0), "they have entered");

    // What came back by itself, or was never there, needs nobody.
    let mut history = History::of(OK, &[], NOBODY_HEARD);
    let late = commits(BASE, &course(BASE + 1, OK, &[(10, OUTAGE), (20, OK)]));
    assert_eq!(history.take(&late), entered(2, 0));
    let mut history = History { last_success: Some(at(60)), ..History::default() };
    assert_eq!(history.take(&commits(BASE, &course(BASE + 1, GONE, &[(10, OK)]))), entered(2, 0));
    assert_eq!(history.turns(), [(10, OK), (60, GONE)]);
}

#[test]
fn it_leads_back_when_the_target_was_heard_first_as_far_as_that_is_known() {
    // Of an ask a minute, what it tells is believed for five.
    let believed = 10 + 300;
    for (next_change, gap_end, heard, expected) in [
        (None, None, 60, at(60)),
        (None, None, 9_000, at(believed).plus(MOMENT)),
        (Some(40), None, 9_000, at(40)),
        (Some(8_000), None, 9_000, at(believed).plus(MOMENT)),
        (None, Some(2_000), 9_000, at(2_000)),
        (Some(2_000), Some(2_000), 9_000, at(2_000)),
    ] {
        let mut history = History::of(OK, &[], Some(heard));
        (history.next_change, history.gap_end) = (next_change.map(at), gap_end.map(at));
        assert_eq!(history.take(&commits(BASE, &course(BASE + 1, OK, &[(10, OUTAGE)]))), entered(2, 0));
        assert_eq!(history.periods.last().unwrap().event.at, expected);
    }
}

#[test]
fn what_a_clock_that_was_put_back_says_comes_after_what_was_before() {
    let mut history = History::of(OK, &[], Some(60));
    // Both at the instant of what the state was at.
    let late = commits(BASE, &course(BASE + 1, OK, &[(0, OUTAGE), (0, DEGRADED)]));
    for outcome in [entered(3, 0), entered(0, 0)] {
        assert_eq!(history.take(&late), outcome);
        let times = history.periods.iter().map(|period| period.event.at).collect::<Vec<_>>();
        assert_eq!(times, [at(0), at(0).plus(MOMENT), at(0).plus(2 * MOMENT), at(60)]);
    }
}

#[test]
fn two_who_saw_from_the_same_revision_enter_both() {
    let mut history = History::of(OK, &[(90, DEGRADED)], NOBODY_HEARD);
    let one = commits(BASE, &course(BASE + 1, OK, &[(10, OUTAGE), (40, OK)]));
    let other = commits(BASE, &course(BASE + 1, OK, &[(20, DEGRADED), (50, OK)]));
    assert_eq!((history.take(&other), history.take(&one)), (entered(2, 0), entered(1, 0)));
    assert_eq!(history.turns(), [(0, OK), (10, OUTAGE), (20, DEGRADED), (50, OK), (90, DEGRADED)]);
    assert_eq!((history.take(&other), history.take(&one)), (entered(0, 0), entered(0, 0)));
}

#[test]
fn that_a_target_is_asked_no_more_is_no_change_that_was_seen() {
    let mut commits = commits(BASE, &course(BASE + 1, OK, &[(10, GONE)]));
    commits[0].change.as_mut().unwrap().retired = true;
    assert!(Run::of(&commits).unwrap().is_none());
    assert!(Run::of(&[]).unwrap().is_none());
}

/// A second, and how the service is from then on: two that follow each other are never the same.
fn turns(before: Standing, seconds: std::ops::Range<i64>) -> impl Strategy<Value = Turns> {
    const STANDINGS: [Standing; 5] = [GONE, OK, OUTAGE, DEGRADED, PLANNED];
    btree_map(seconds, prop::sample::select(&STANDINGS[..]), 0..7).prop_map(move |turns| {
        let mut last = before;
        turns.into_iter().filter(|&(_, to)| std::mem::replace(&mut last, to) != to).collect()
    })
}

/// To what a service turned, and in which second.
type Turns = Vec<(i64, Standing)>;

/// How it was known, what others told since, and what was seen.
fn scenes() -> impl Strategy<Value = (Standing, Turns, Turns)> {
    prop::sample::select(&[GONE, OK, PLANNED][..])
        .prop_flat_map(|known| (Just(known), turns(known, 1..40), turns(known, 1..40)))
        .prop_filter("something was seen", |(_, _, seen)| !seen.is_empty())
}

fn standing_at(known: Standing, turns: &[(i64, Standing)], second: i64) -> Standing {
    turns.iter().rfind(|(from, _)| *from <= second).map_or(known, |&(_, to)| to)
}

/// How it was in each second, as the simplest reader of the rule would draw it.
fn timeline(known: Standing, since: &[(i64, Standing)], seen: &[(i64, Standing)], end: i64) -> Vec<Standing> {
    let first = since.first().copied();
    let knows_better = first.map_or(end, |(second, _)| second);
    let mut seen: Vec<_> = seen.iter().copied().filter(|&(second, _)| second < knows_better).collect();
    if let (Some((_, to)), Some((_, last))) = (first, seen.last())
        && to == *last
    {
        seen.pop();
    }
    (0..100)
        .map(
            |second| {
                if second < knows_better {
                    standing_at(known, &seen, second)
                } else {
                    standing_at(known, since, second)
                }
            },
        )
        .collect()
}

proptest! {
    #[test]
    fn what_enters_is_the_timeline((known, since, seen) in scenes()) {
        let end = 60;
        let before = History::of(known, &since, Some(end));
        let mut history = before.clone();
        let events = course(BASE + 1, known, &seen);
        let late = commits(BASE, &events);
        let Late::Entered { added, overtaken } = history.take(&late) else { panic!("it was heard") };
        let expected = timeline(known, &since, &seen, end);
        let turns = history.turns();
        let drawn: Vec<_> = (0..100).map(|second| standing_at(known, &turns, second)).collect();
        prop_assert_eq!(drawn, expected);
        prop_assert_eq!(history.periods.len(), before.periods.len() + added);
        let first = since.first().map_or(end, |&(second, _)| second);
        prop_assert_eq!(overtaken, seen.iter().filter(|(second, _)| *second >= first).count());
        // What was told is told still, and what is new was seen, or leads back.
        for period in &before.periods {
            let is_it = |event: &Event| *event == Event { from: event.from, ..period.event.clone() };
            prop_assert!(history.periods.iter().any(|period| is_it(&period.event)), "{:?}", period);
        }
        let is_new = |period: &&Period| before.periods.iter().all(|old| old.event.at != period.event.at);
        for Period { event, .. } in history.periods.iter().filter(is_new) {
            let was_seen = events.iter().any(|seen| *event == Event { revision: BASE, from: event.from, ..seen.clone() });
            prop_assert!(was_seen || event.at == at(end), "{event:?}");
        }
        // Again, in whole or the first ones alone.
        for count in 1..=late.len() {
            let written = history.periods.clone();
            let again = history.take(&late[..count]);
            prop_assert!(matches!(again, Late::Entered { added: 0, .. }), "{again:?}");
            prop_assert_eq!(&history.periods, &written);
        }
    }

    #[test]
    fn whoever_enters_in_whatever_order_it_stays_whole(
        (known, since, one) in scenes(),
        cut in any::<prop::sample::Index>(),
        more in turns(OK, 1..40),
    ) {
        let mut history = History::of(known, &since, Some(60));
        let one = commits(BASE, &course(BASE + 1, known, &one));
        let other = commits(BASE, &course(BASE + 1, known, &more));
        // Each checks that it is whole.
        for late in [&one[..=cut.index(one.len())], &other, &one, &other, &one] {
            if !late.is_empty() {
                history.take(late);
            }
        }
    }
}
