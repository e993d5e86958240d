//! The script: what goes wrong, and when, as a pure function of a seed and the time.
//!
//! Time is cut into slots. In each slot a vendor has exactly one episode (an incident or a maintenance), which ends
//! within its slot; what it is follows from the seed and the slot's number alone. So every moment can be looked at by
//! itself, in any order, and every outage ends.

use super::dice::Dice;
use super::incident::{IncidentKind, Stage};
use super::time::Moment;
use super::{Condition, Service};

/// How far before the start a vendor's history reaches, in slots.
const FIRST_SLOT: i64 = -8;
/// An episode begins within so many milliseconds of its slot's begin.
pub(super) const JITTER: u64 = 10_000;
/// Episodes last at least so long, in milliseconds.
const SHORTEST: u64 = 90_000;
/// Episodes last less than so long, in milliseconds.
const LONGEST: u64 = 360_000;
/// Planned work is announced so many milliseconds before it begins.
const NOTICE: i64 = 300_000;
/// The shortest slot, in milliseconds: the longest episode and the notice of the next one fit.
const SHORTEST_SLOT: i64 = 700_000;

/// When a vendor's slots are, and the seed of what happens in them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Script {
    seed: u64,
    slot: i64,
    phase: i64,
}

/// A step of an episode: from `at` on, `stage` and `condition` hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) at: Moment,
    pub(crate) stage: Stage,
    pub(crate) condition: Condition,
}

/// What happens in one slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Episode {
    /// The slot's number, which names the episode.
    pub(crate) slot: i64,
    pub(crate) kind: IncidentKind,
    /// The places of the services concerned; one or two.
    pub(crate) services: Vec<usize>,
    /// In the order of time; the first is the announcement.
    pub(crate) steps: Vec<Step>,
    /// From when to when it lasts.
    pub(crate) span: (Moment, Moment),
    /// Picks the words.
    pub(crate) flavour: u64,
}

impl Script {
    /// Slots of `slot` milliseconds (or the shortest there are), one of which begins at `phase`.
    pub(super) fn new(seed: u64, slot: i64, phase: i64) -> Self {
        Self { seed, slot: slot.max(SHORTEST_SLOT), phase }
    }

    /// The episodes that were announced by `now`, newest first. Without services there are none.
    pub(crate) fn episodes(&self, services: &[Service], now: Moment) -> impl Iterator<Item = Episode> {
        // Work of the next slot may be announced already.
        let newest = now.saturating_sub(self.phase).div_euclid(self.slot).saturating_add(1);
        let slots = (FIRST_SLOT..=newest).rev().filter(|_| !services.is_empty());
        slots.map(|slot| self.episode(services, slot)).filter(move |episode| episode.announced_at() <= now)
    }

    fn episode(&self, services: &[Service], slot: i64) -> Episode {
        let mut dice = Dice::new(self.seed ^ slot.cast_unsigned().wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let offset = |milliseconds: u64| i64::try_from(milliseconds).unwrap_or_default();
        let start = slot.saturating_mul(self.slot).saturating_add(self.phase) + offset(dice.below(JITTER));
        let length = offset(SHORTEST + dice.below(LONGEST - SHORTEST));
        let place = dice.place(services.len());
        let mut concerned = vec![place];
        if dice.below(2) == 0 && are_kin(services, place, place + 1) {
            concerned.push(place + 1);
        }
        let (kind, steps) = match dice.below(20) {
            0..4 => (IncidentKind::Maintenance, maintenance(start, length)),
            4..12 => (IncidentKind::Incident, incident(start, length, Condition::Degraded)),
            12..16 => (IncidentKind::Incident, incident(start, length, Condition::PartialOutage)),
            _ => (IncidentKind::Incident, incident(start, length, Condition::MajorOutage)),
        };
        let span = (start, start + length);
        Episode { slot, kind, services: concerned, steps, span, flavour: dice.roll() }
    }
}

/// Whether both places have services that one incident can name: of one name or in one region. Some formats list names
/// and regions apart, and would claim more of others.
fn are_kin(services: &[Service], one: usize, other: usize) -> bool {
    match (services.get(one), services.get(other)) {
        (Some(one), Some(other)) => one.name == other.name || one.region == other.region,
        _ => false,
    }
}

fn maintenance(start: Moment, length: i64) -> Vec<Step> {
    vec![
        Step { at: start - NOTICE, stage: Stage::Scheduled, condition: Condition::Operational },
        Step { at: start, stage: Stage::InProgress, condition: Condition::Maintenance },
        Step { at: start + length, stage: Stage::Completed, condition: Condition::Operational },
    ]
}

/// What was out limps before it is well. It is in trouble as long as its incident is open, so that vendors that list
/// services and vendors that list events say the same.
fn incident(start: Moment, length: i64, condition: Condition) -> Vec<Step> {
    vec![
        Step { at: start, stage: Stage::Investigating, condition },
        Step { at: start + length / 4, stage: Stage::Identified, condition },
        Step { at: start + length / 4 * 3, stage: Stage::Monitoring, condition: Condition::Degraded },
        Step { at: start + length, stage: Stage::Resolved, condition: Condition::Operational },
    ]
}

impl Episode {
    /// The steps that were taken by `now`.
    pub(crate) fn taken(&self, now: Moment) -> impl Iterator<Item = &Step> {
        self.steps.iter().take_while(move |step| step.at <= now)
    }

    fn announced_at(&self) -> Moment {
        self.steps.first().map_or(self.span.0, |step| step.at)
    }

    /// What the services concerned are like at `now` because of it, and since when; `None` if nothing has changed for
    /// them yet.
    pub(crate) fn effect(&self, now: Moment) -> Option<(Condition, Moment)> {
        let mut condition = Condition::Operational;
        let mut effect = None;
        for step in self.taken(now).filter(|step| step.at >= self.span.0) {
            if step.condition != condition {
                condition = step.condition;
                effect = Some((condition, step.at));
            }
        }
        effect
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn script() -> impl Strategy<Value = Script> {
        (any::<u64>(), 0..2_000_000_i64, -1_000_000..1_000_000_i64)
            .prop_map(|(seed, slot, phase)| Script::new(seed, slot, phase))
    }

    fn services(count: usize) -> Vec<Service> {
        let service = |number: usize| Service {
            id: number.to_string(),
            name: format!("Service {}", number / 3),
            group: None,
            region: None,
        };
        (0..count).map(service).collect()
    }

    proptest! {
        #[test]
        fn every_episode_ends_within_its_slot_and_leaves_its_services_well(
            script in script(), count in 1_usize..50, now in 0..10_000_000_000_i64,
        ) {
            let episodes: Vec<_> = script.episodes(&services(count), now).take(20).collect();
            prop_assert!(!episodes.is_empty());
            for episode in episodes {
                let (start, end) = episode.span;
                prop_assert!(start < end && end < (episode.slot + 1) * script.slot + script.phase);
                prop_assert!(episode.steps.is_sorted_by(|a, b| a.at < b.at));
                prop_assert!(episode.services.iter().all(|&place| place < count));
                prop_assert!(episode.taken(now).next().is_some());
                prop_assert!(episode.effect(end).is_some_and(|(condition, _)| condition == Condition::Operational));
                prop_assert!(episode.effect(start).is_some_and(|(condition, _)| condition != Condition::Operational));
                prop_assert_eq!(episode.effect(start - 1), None);
            }
        }

        #[test]
        fn the_past_does_not_change(script in script(), count in 1_usize..50, now in 0..10_000_000_000_i64) {
            let services = services(count);
            let then: Vec<_> = script.episodes(&services, now).take(5).collect();
            let later: Vec<_> = script.episodes(&services, now + 3_000_000).take(40).collect();
            prop_assert!(then.iter().all(|episode| later.contains(episode)));
        }
    }

    #[test]
    fn a_vendor_without_services_has_no_episodes() {
        assert_eq!(Script::new(1, 0, 0).episodes(&[], 1_000_000).count(), 0);
    }
}
