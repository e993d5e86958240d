//! What is asked of the past, and what the model answers.

use std::ops::Range;

use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use unistatus_core::schema::{Event, IncidentKind, Status, Timestamp};
use unistatus_core::store::{
    EventId, EventQuery, IncidentId, IncidentQuery, Past, Period, Placed, Store, TargetIncident, Window,
};

use super::{Known, Model, TARGETS, soon};

/// One question.
#[derive(Clone, Debug)]
pub(super) enum Ask {
    Events(EventQuery),
    Incidents(IncidentQuery),
    Past(Window),
    /// What is behind the place of one of the events, and how much of it.
    Behind(Index, usize),
}

/// How many questions of each sort are asked.
const EACH: Range<usize> = 4..8;

pub(super) fn asks() -> impl Strategy<Value = Vec<Ask>> {
    let behind = (any::<Index>(), 0..8_usize).prop_map(|(place, limit)| Ask::Behind(place, limit));
    let all = (
        vec(event_queries().prop_map(Ask::Events), EACH),
        vec(incident_queries().prop_map(Ask::Incidents), EACH),
        vec(windows().prop_map(Ask::Past), EACH),
        vec(behind, EACH),
    );
    all.prop_map(|(events, incidents, windows, places)| [events, incidents, windows, places].concat())
}

/// A condition, which more questions than not do without.
fn rarely<T: std::fmt::Debug + Clone>(strategy: impl Strategy<Value = T>) -> impl Strategy<Value = Option<T>> {
    prop::option::weighted(0.3, strategy)
}

fn targets() -> impl Strategy<Value = Vec<String>> {
    vec(select(&TARGETS[..]).prop_map(str::to_owned), 0..3)
}

fn names() -> impl Strategy<Value = (String, String)> {
    (select(&TARGETS[..]).prop_map(str::to_owned), "[a-c]?")
}

fn event_queries() -> impl Strategy<Value = EventQuery> {
    let to = prop_oneof![2 => Just(Vec::new()), 1 => vec(select(&Status::ALL[..]), 1..4)];
    let behind = (soon(), names(), 0..8_u64);
    let behind = behind.prop_map(|(at, (target, key), revision)| EventId { at, target, revision, key });
    let parts = (targets(), rarely("[a-c]"), to, rarely(soon()), rarely(soon()), of(behind), of(0..6_u32));
    parts.prop_map(|(targets, service, to, from, until, behind, limit)| EventQuery {
        targets,
        service,
        to,
        from,
        until,
        behind,
        limit,
    })
}

fn incident_queries() -> impl Strategy<Value = IncidentQuery> {
    let kind = rarely(select(&[IncidentKind::Incident, IncidentKind::Maintenance][..]));
    let behind = (of(soon()), names());
    let behind = behind.prop_map(|(started_at, (target, key))| IncidentId { started_at, target, key });
    let parts = (targets(), kind, rarely(any::<bool>()), rarely(soon()), rarely(soon()), of(behind), of(0..6_u32));
    parts.prop_map(|(targets, kind, open, from, until, behind, limit)| IncidentQuery {
        targets,
        kind,
        open,
        from,
        until,
        behind,
        limit,
    })
}

fn windows() -> impl Strategy<Value = Window> {
    let target = of(select(&TARGETS[..]));
    (target, soon(), soon()).prop_map(|(target, one, other)| Window::new(target, one.min(other), one.max(other)))
}

impl Ask {
    /// Asks both the store, which told these events so far, and the model.
    pub(super) async fn agrees(&self, store: &dyn Store, model: &Model, told: &[Placed]) {
        match self {
            Self::Events(query) => {
                assert_eq!(store.find_events(query).await.unwrap(), model.find_events(query), "{query:?}");
            }
            Self::Incidents(query) => {
                assert_eq!(store.find_incidents(query).await.unwrap(), model.find_incidents(query), "{query:?}");
            }
            Self::Past(window) => assert_eq!(store.past(window).await.unwrap(), model.past(window), "{window:?}"),
            Self::Behind(..) if told.is_empty() => {}
            Self::Behind(place, limit) => {
                let n = place.index(told.len());
                let behind = store.events_behind(&told[n].place, *limit).await.unwrap().unwrap();
                assert_eq!(behind, told[n + 1..].iter().take(*limit).cloned().collect::<Vec<_>>());
            }
        }
    }
}

fn is_of(targets: &[String], target: &String) -> bool {
    targets.is_empty() || targets.contains(target)
}

fn first<T>(mut all: Vec<T>, limit: Option<u32>) -> Vec<T> {
    all.truncate(limit.map_or(usize::MAX, |limit| limit as usize));
    all
}

impl Model {
    fn find_events(&self, query: &EventQuery) -> Vec<Event> {
        let mut found = self.feed.clone();
        found.retain(|event| {
            is_of(&query.targets, &event.target)
                && query.service.as_ref().is_none_or(|name| *name == event.service || *name == event.key)
                && (query.to.is_empty() || event.to.is_some_and(|to| query.to.contains(&to)))
                && query.from.is_none_or(|from| event.at >= from)
                && query.until.is_none_or(|until| event.at < until)
                && query.behind.as_ref().is_none_or(|behind| EventId::of(event) > *behind)
        });
        found.sort_by_key(EventId::of);
        first(found, query.limit)
    }

    fn find_incidents(&self, query: &IncidentQuery) -> Vec<TargetIncident> {
        let all = self.targets.iter().flat_map(|(target, known)| {
            known.incidents.iter().map(|incident| TargetIncident { target: target.clone(), incident: incident.clone() })
        });
        let mut found: Vec<_> = all.collect();
        found.retain(|one| {
            let incident = &one.incident;
            let ended_at = incident.resolved_at.or(incident.updated_at).or(incident.started_at);
            is_of(&query.targets, &one.target)
                && query.kind.is_none_or(|kind| incident.kind == kind)
                && query.open.is_none_or(|open| incident.is_open() == open)
                && query.from.is_none_or(|from| incident.is_open() || ended_at >= Some(from))
                && query.until.is_none_or(|until| incident.started_at.is_none_or(|start| start < until))
                && query.behind.as_ref().is_none_or(|behind| one.id() > *behind)
        });
        found.sort_by_key(TargetIncident::id);
        first(found, query.limit)
    }

    fn past(&self, window: &Window) -> Past {
        let mut past = Past::default();
        for (name, known) in &self.targets {
            if window.target.as_ref().is_some_and(|target| target != name) {
                continue;
            }
            past.states.push(known.state.clone());
            past.periods.extend(known.periods().filter(|period| is_inside(window, period.event.at, period.until)));
            let gaps = known.gaps.iter().filter(|gap| gap.from <= window.to && gap.until > window.from);
            past.gaps.extend(gaps.map(|&gap| (name.clone(), gap)));
        }
        past
    }
}

/// Whether what began and ended at these instants shares one with a window; its own first one counts in any case.
fn is_inside(window: &Window, from: Timestamp, until: Option<Timestamp>) -> bool {
    from <= window.to && (from >= window.from || until.is_none_or(|until| until > window.from))
}

impl Known {
    fn periods(&self) -> impl Iterator<Item = Period> {
        self.events.iter().enumerate().map(|(n, event)| {
            let next = self.events[n + 1..].iter().find(|next| next.key == event.key).map(|next| next.at);
            Period { event: event.clone(), until: if event.to.is_some() { next } else { Some(event.at) } }
        })
    }
}
