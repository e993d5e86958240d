//! All of history against a model that asks of each instant of a small world, straight from the list of events, how it
//! was.

use std::collections::BTreeSet;
use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::*;
use crate::schema::{About, Dimensions, Event, Gap, Kind, Service, Status, Timestamp, Validators, dimension_names};
use crate::store::{Health, Past, Period, TargetState, Window, stale_after};

/// When the small world begins, in milliseconds after the epoch.
const BEGIN: i64 = 1_700_000_000_000;
/// How many milliseconds it lasts.
const END: i64 = 40;
const KEYS: [&str; 4] = ["a", "b", "c", "d"];

fn at(offset: i64) -> Timestamp {
    Timestamp::from_millis(BEGIN + offset).unwrap()
}

fn span(from: i64, until: i64) -> Span {
    Span { from: at(from), until: at(until) }
}

/// Everything that ever happened to one target.
#[derive(Clone, Debug)]
struct World {
    events: Vec<Event>,
    gaps: Vec<Gap>,
    /// Since when nothing is believed any more, if not for ever.
    stale_from: Option<Timestamp>,
    /// The keys of its services as they are listed now.
    listed: Vec<&'static str>,
}

impl World {
    /// What the model says of a service at an instant.
    fn condition(&self, key: &str, at: Timestamp) -> Option<Condition> {
        let told = Condition::after(self.last_event(key, at)?)?;
        let is_known = !self.gaps.iter().any(|gap| gap.from <= at && at < gap.until)
            && self.stale_from.is_none_or(|from| at < from);
        Some(if is_known { told } else { Condition::Unknown })
    }

    /// The event that says how a service was at an instant.
    fn last_event(&self, key: &str, at: Timestamp) -> Option<&Event> {
        let events: Vec<&Event> = self.events.iter().filter(|event| event.key == key).collect();
        let is_over = |place: usize| events.get(place + 1).is_some_and(|next| next.at <= at);
        let lasts = |place: usize| events[place].to.is_some() && events[place].at <= at && !is_over(place);
        (0..events.len()).rfind(|&place| lasts(place)).map(|place| events[place])
    }

    /// The services that are left when the events up to an instant are applied one after the other.
    fn folded(&self, at: Timestamp) -> BTreeSet<(&str, Status)> {
        let mut services = BTreeSet::new();
        for event in self.events.iter().filter(|event| event.at <= at) {
            services.retain(|&(key, _)| key != event.key);
            services.extend(event.to.map(|status| (event.key.as_str(), status)));
        }
        services
    }

    fn state(&self) -> TargetState {
        let services = self.listed.iter().map(|key| Service {
            key: (*key).to_owned(),
            name: "now".to_owned(),
            status: Status::Ok,
            last_timestamp: None,
            dimensions: Dimensions::new(),
        });
        TargetState {
            name: "t".to_owned(),
            endpoint: "https://t.test/".to_owned(),
            kind: Kind::Rest,
            about: About::default(),
            revision: 1000,
            retired: self.listed.is_empty(),
            services: services.collect(),
            health: Health {
                interval_ms: 60_000,
                last_attempt: at(END),
                last_success: self.stale_from.map(|from| from.minus(believed_for())),
                duration_ms: 1,
                http_status: Some(200),
                bytes: 1,
                consecutive_failures: 0,
                failure: None,
                not_before: None,
                next_ask: None,
                believed_until: None,
                validators: Validators::default(),
            },
        }
    }

    /// What a store would tell of a window.
    fn past(&self, window: &Window) -> Past {
        let mut periods = Vec::new();
        for (place, event) in self.events.iter().enumerate() {
            let next = self.events[place + 1..].iter().find(|next| next.key == event.key);
            let until = if event.to.is_none() { Some(event.at) } else { next.map(|next| next.at) };
            let is_instant = until == Some(event.at) && event.at >= window.from;
            if event.at <= window.to && (is_instant || until.is_none_or(|until| until > window.from)) {
                periods.push(Period { event: event.clone(), until });
            }
        }
        let gaps = self.gaps.iter().filter(|gap| gap.from <= window.to && gap.until >= window.from);
        Past { states: vec![self.state()], periods, gaps: gaps.map(|gap| ("t".to_owned(), *gap)).collect() }
    }

    fn past_of(&self, span: Span) -> Past {
        self.past(&Window::new(None, span.from, span.until))
    }

    fn history(&self, window: Span) -> Vec<ServiceHistory> {
        let [target] = <[_; 1]>::try_from(histories(self.past_of(window), window)).unwrap();
        assert_eq!(target.target, "t");
        target.services
    }

    /// How long a service was in each condition, counted instant by instant.
    fn totals(&self, key: &str, span: Span) -> Totals {
        let mut totals = Totals::default();
        for instant in instants(span) {
            match self.condition(key, instant) {
                Some(Condition::Ok) => totals.ok_ms += 1,
                Some(Condition::Unknown) => totals.unknown_ms += 1,
                Some(Condition::Degraded) => totals.degraded_ms += 1,
                Some(Condition::Maintenance) => totals.maintenance_ms += 1,
                Some(Condition::Outage) => totals.outage_ms += 1,
                None => (),
            }
        }
        totals
    }

    /// The keys in the order in which services are listed: those of now first, then as they come in the list.
    fn order(&self, past: &Past) -> Vec<String> {
        let mut keys: Vec<String> = self.listed.iter().map(|key| (*key).to_owned()).collect();
        for period in &past.periods {
            if !keys.contains(&period.event.key) {
                keys.push(period.event.key.clone());
            }
        }
        keys
    }
}

fn believed_for() -> Duration {
    stale_after(Duration::from_mins(1)) + Duration::from_millis(1)
}

fn instants(span: Span) -> impl Iterator<Item = Timestamp> {
    (span.from.as_millis()..span.until.as_millis()).map(|millis| Timestamp::from_millis(millis).unwrap())
}

/// One event: which service, what becomes of it, and how far the clock goes on before it.
fn step(ticks: std::ops::Range<i64>) -> impl Strategy<Value = (usize, Option<Status>, bool, i64, bool)> {
    let to = prop_oneof![1 => Just(None), 4 => prop::sample::select(&Status::ALL[..]).prop_map(Some)];
    (0..KEYS.len(), to, any::<bool>(), ticks, any::<bool>())
}

/// Worlds whose clock goes on by so much between two events.
fn worlds(ticks: std::ops::Range<i64>) -> impl Strategy<Value = World> {
    let gap = (0..END, 0..12_i64).prop_map(|(from, length)| Gap { from: at(from), until: at(from + length) });
    (
        prop::collection::vec(step(ticks), 0..16),
        prop::collection::vec(gap, 0..4),
        prop::option::of(0..END + 10),
        Just(KEYS.to_vec()).prop_shuffle(),
        0..=KEYS.len(),
    )
        .prop_map(|(steps, mut gaps, stale, mut listed, count)| {
            gaps.sort();
            listed.truncate(count);
            let mut clock = 0;
            let events = steps.into_iter().enumerate().map(|(place, (key, to, maintenance, tick, has_source))| {
                clock += tick;
                Event {
                    target: "t".to_owned(),
                    revision: place as u64 + 1,
                    key: KEYS[key].to_owned(),
                    service: format!("name {place}"),
                    dimensions: [(dimension_names::MAINTENANCE.to_owned(), maintenance.into())].into(),
                    from: None,
                    to,
                    source_at: has_source.then(|| at(clock - 1000)),
                    at: at(clock),
                }
            });
            World { events: events.collect(), gaps, stale_from: stale.map(at), listed }
        })
}

/// Clocks that stand still at times, and step back.
fn any_world() -> impl Strategy<Value = World> {
    prop_oneof![worlds(0..5), worlds(-4..8)]
}

fn windows() -> impl Strategy<Value = Span> {
    (0..END, 0..END).prop_map(|(from, length)| span(from, (from + length).min(END)))
}

fn countings() -> impl Strategy<Value = Counting> {
    let counted = || prop::sample::select(&Counted::ALL[..]);
    (counted(), counted(), counted()).prop_map(|(maintenance, unknown, degraded)| Counting {
        maintenance,
        unknown,
        degraded,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, rng_seed: RngSeed::Fixed(1), ..ProptestConfig::default() })]

    #[test]
    fn stretches_say_of_each_instant_what_the_model_says(world in any_world(), window in windows()) {
        let services = world.history(window);
        let existed = |key: &String| instants(window).any(|instant| world.condition(key, instant).is_some());
        let keys: Vec<String> = world.order(&world.past_of(window)).into_iter().filter(existed).collect();
        prop_assert_eq!(services.iter().map(|service| service.key.clone()).collect::<Vec<_>>(), keys);
        for service in services {
            let stretches: Vec<Stretch> = service.stretches().collect();
            for instant in instants(window) {
                let told = stretches.iter().find(|stretch| stretch.span.contains(instant));
                prop_assert_eq!(told.map(|told| told.condition), world.condition(&service.key, instant));
            }
            for stretch in &stretches {
                prop_assert!(!stretch.span.is_empty() && stretch.span.within(window) == stretch.span);
            }
            for pair in stretches.windows(2) {
                let (one, next) = (pair[0], pair[1]);
                prop_assert!(one.span.until <= next.span.from, "{:?}", stretches);
                prop_assert!(one.span.until < next.span.from || one.condition != next.condition, "{:?}", stretches);
            }
        }
    }

    #[test]
    fn a_service_is_called_what_its_last_event_called_it(world in any_world(), window in windows()) {
        for service in world.history(window) {
            let is_told = |event: &&Event| event.key == service.key && event.at < window.until;
            let last = world.past_of(window).periods.into_iter().rfind(|period| is_told(&&period.event)).unwrap().event;
            prop_assert_eq!((service.name, service.dimensions), (last.service, last.dimensions));
        }
    }

    #[test]
    fn totals_and_uptime_are_what_the_instants_add_up_to(
        world in any_world(), window in windows(), counting in countings(),
    ) {
        for service in world.history(window) {
            let totals = service.totals();
            prop_assert_eq!(totals, world.totals(&service.key, window));
            let counted = instants(window).filter_map(|instant| {
                match world.condition(&service.key, instant)? {
                    Condition::Ok => Some(Counted::Up),
                    Condition::Outage => Some(Counted::Down),
                    Condition::Unknown => Some(counting.unknown),
                    Condition::Degraded => Some(counting.degraded),
                    Condition::Maintenance => Some(counting.maintenance),
                }
            });
            let counted: Vec<Counted> = counted.collect();
            let count = |which| counted.iter().map(|counted| u32::from(*counted == which)).sum::<u32>();
            let (up, down) = (count(Counted::Up), count(Counted::Down));
            let uptime = counting.uptime(&totals);
            prop_assert_eq!((uptime.up_ms, uptime.down_ms), (up.into(), down.into()));
            prop_assert_eq!(uptime.ratio(), (up + down > 0).then(|| f64::from(up) / f64::from(up + down)));
        }
    }

    #[test]
    fn the_buckets_of_a_window_add_up_to_it(
        world in any_world(), window in windows(), cuts in prop::collection::btree_set(0..END, 0..6),
    ) {
        let cuts = cuts.into_iter().map(at).filter(|cut| window.contains(*cut) && *cut > window.from);
        let ends: Vec<Timestamp> = [window.from].into_iter().chain(cuts).chain([window.until]).collect();
        let buckets: Vec<Span> = ends.windows(2).map(|ends| Span { from: ends[0], until: ends[1] }).collect();
        for service in world.history(window) {
            let totals = service.totals_in(&buckets);
            let expected: Vec<Totals> = buckets.iter().map(|bucket| world.totals(&service.key, *bucket)).collect();
            prop_assert_eq!(&totals, &expected);
            let whole = totals.iter().map(|totals| totals.ok_ms + totals.outage_ms).sum::<u64>();
            prop_assert_eq!(whole, service.totals().ok_ms + service.totals().outage_ms);
        }
    }

    #[test]
    fn spans_that_leave_time_out_count_what_is_in_them(world in any_world(), window in windows()) {
        let (first, last) = (span(3, 5).within(window), span(11, 29).within(window));
        for service in world.history(window) {
            let expected = [first, last].map(|span| world.totals(&service.key, span));
            prop_assert_eq!(service.totals_in(&[first, last]), expected);
        }
    }

    #[test]
    fn a_part_of_a_window_is_what_the_whole_says_of_it(world in any_world(), window in windows()) {
        for service in world.history(window) {
            let whole = world.history(span(0, END)).into_iter().find(|whole| whole.key == service.key).unwrap();
            prop_assert_eq!(whole.totals_in(&[window]), [service.totals()]);
        }
    }

    #[test]
    fn the_world_at_an_instant_is_what_the_model_says(world in any_world(), instant in (0..END).prop_map(at)) {
        let past = world.past(&Window::new(None, instant, instant));
        let order = world.order(&past);
        let expected: Vec<Service> = order.iter().filter_map(|key| world.last_event(key, instant)).map(|event| Service {
            key: event.key.clone(),
            name: event.service.clone(),
            status: event.to.unwrap(),
            last_timestamp: event.source_at.or(Some(event.at)),
            dimensions: event.dimensions.clone(),
        }).collect();
        let states = world_at(past, instant);
        prop_assert_eq!(states.is_empty(), expected.is_empty());
        for state in states {
            prop_assert_eq!(&state.services, &expected);
            let present = world.state();
            prop_assert_eq!((&state.endpoint, state.kind, state.retired), (&present.endpoint, present.kind, false));
            prop_assert!(state.health.last_attempt == instant && state.health.last_success.unwrap() <= instant);
            for service in &state.services {
                let is_stale = state.health.is_stale(instant);
                let known = if is_stale { Status::Unknown } else { service.status };
                prop_assert_eq!(world.condition(&service.key, instant).map(Condition::status), Some(known));
            }
        }
    }

    #[test]
    fn the_world_at_an_instant_is_what_the_events_up_to_then_add_up_to(
        world in worlds(0..5), instant in (0..END).prop_map(at),
    ) {
        let states = world_at(world.past_of(Span::instant(instant)), instant);
        let services = states.iter().flat_map(|state| &state.services);
        let told: BTreeSet<_> = services.map(|service| (service.key.as_str(), service.status)).collect();
        prop_assert_eq!(told, world.folded(instant));
    }
}

fn event(target: &str, revision: u64, key: &str, to: Option<Status>, offset: i64) -> Event {
    Event {
        target: target.to_owned(),
        revision,
        key: key.to_owned(),
        service: key.to_uppercase(),
        dimensions: Dimensions::new(),
        from: None,
        to,
        source_at: None,
        at: at(offset),
    }
}

fn still(events: impl IntoIterator<Item = Event>) -> World {
    World { events: events.into_iter().collect(), gaps: Vec::new(), stale_from: None, listed: vec!["a"] }
}

#[test]
fn what_has_not_happened_yet_has_no_history() {
    let world = still([event("t", 1, "a", Some(Status::Ok), 10)]);
    let window = span(0, 40).before(at(30));
    assert_eq!(world.history(window)[0].totals(), Totals { ok_ms: 20, ..Totals::default() });
    assert!(world.history(span(35, 40).before(at(30))).is_empty());
    assert!(world.history(span(0, 40).before(at(10))).is_empty());
}

#[test]
fn what_lasted_no_time_is_not_told() {
    let world = still([event("t", 1, "a", Some(Status::Ok), 10), event("t", 2, "a", None, 10)]);
    assert!(world.history(span(0, 40)).is_empty());
    assert!(world_at(world.past_of(Span::instant(at(10))), at(10)).is_empty());
}

#[test]
fn planned_work_is_degraded_only_where_the_status_says_so() {
    let planned = |status: Status, value: crate::schema::Scalar| {
        let mut event = event("t", 1, "a", Some(status), 0);
        event.dimensions.insert(dimension_names::MAINTENANCE.to_owned(), value);
        Condition::after(&event).unwrap()
    };
    assert_eq!(planned(Status::Degraded, true.into()), Condition::Maintenance);
    assert!(planned(Status::Degraded, true.into()).is_maintenance());
    assert_eq!(planned(Status::Degraded, false.into()), Condition::Degraded);
    assert_eq!(planned(Status::Degraded, "true".into()), Condition::Degraded);
    assert_eq!(planned(Status::Outage, true.into()), Condition::Outage);
    assert!(!planned(Status::Outage, true.into()).is_maintenance());
}

#[test]
fn targets_are_told_apart_and_ordered_by_name() {
    let named = |name: &str, stale_from: Option<i64>| {
        let world = World { stale_from: stale_from.map(at), ..still([]) };
        TargetState { name: name.to_owned(), ..world.state() }
    };
    let period = |target: &str, status: Status| Period { event: event(target, 7, "a", Some(status), 0), until: None };
    let past = Past {
        states: vec![named("bound", None), named("empty", None), named("stale", Some(20))],
        periods: vec![
            period("bound", Status::Outage),
            period("nobody's", Status::Ok),
            period("stale", Status::Degraded),
        ],
        gaps: vec![
            ("bound".to_owned(), Gap { from: at(5), until: at(15) }),
            ("nobody's".to_owned(), Gap { from: at(0), until: at(40) }),
        ],
    };
    let told: Vec<_> = histories(past.clone(), span(0, 40))
        .into_iter()
        .map(|target| (target.target, target.services.iter().map(ServiceHistory::totals).collect::<Vec<_>>()))
        .collect();
    assert_eq!(
        told,
        [
            ("bound".to_owned(), vec![Totals { outage_ms: 30, unknown_ms: 10, ..Totals::default() }]),
            ("empty".to_owned(), vec![]),
            ("stale".to_owned(), vec![Totals { degraded_ms: 20, unknown_ms: 20, ..Totals::default() }]),
        ]
    );
    let states = world_at(past, at(20));
    let told = states.iter().map(|state| (state.name.as_str(), state.revision, state.health.is_stale(at(20))));
    assert_eq!(told.collect::<Vec<_>>(), [("bound", 7, false), ("stale", 7, true)]);
}

#[test]
fn staleness_is_told_since_the_last_success_that_is_known() {
    let mut world = still([event("t", 1, "a", Some(Status::Ok), 0)]);
    world.stale_from = Some(at(20));
    let [state] = <[_; 1]>::try_from(world_at(world.past_of(Span::instant(at(30))), at(30))).unwrap();
    assert_eq!(state.health.last_success, world.state().health.last_success);
    assert_eq!(state.health.stale_from(), Some(at(20)));
}
