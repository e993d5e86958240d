//! Worlds for load: many vendors of one size.

use super::timeline::{JITTER, Script};
use super::{Dice, Region, Service, Vendor, World, Zone, hash};
use crate::formats::Dialect;

/// Slots of a vendor in a large world, in milliseconds: an episode every twenty minutes.
const SLOT: i64 = 1_200_000;

/// Regions that the services of a uniform world take turns at.
const REGIONS: [(&str, &str); 4] =
    [("eu-west-1", "Ireland"), ("us-east-1", "N. Virginia"), ("us-west-2", "Oregon"), ("ap-south-1", "Mumbai")];

impl World {
    /// `vendors` vendors called `vendor-0001` and so on, each with so many services, speaking the dialects of `mix` in
    /// turn; an empty mix is all dialects. Each has an episode every twenty minutes, spread evenly.
    pub fn uniform(vendors: usize, services: usize, mix: &[&'static Dialect]) -> Self {
        let all: Vec<_> = crate::formats::DIALECTS.iter().collect();
        let mix = if mix.is_empty() { &all } else { mix };
        let vendors = (1..=vendors).zip(mix.iter().cycle()).map(|(number, dialect)| {
            let name = format!("vendor-{number:04}");
            let mut dice = Dice::new(hash(&[&name]));
            let phase = i64::try_from(dice.below(SLOT.unsigned_abs())).unwrap_or_default();
            Vendor {
                title: format!("Vendor {number}"),
                dialect,
                zone: Zone::Utc,
                services: (1..=services).zip(REGIONS.iter().cycle()).map(numbered).collect(),
                script: Some(Script::new(dice.roll(), SLOT, phase)),
                name,
            }
        });
        Self { vendors: vendors.collect() }
    }
}

fn numbered((number, (region, place)): (usize, &(&str, &str))) -> Service {
    Service {
        id: format!("service-{number}-{region}"),
        name: format!("Service {number}"),
        group: None,
        region: Some(Region { id: (*region).to_owned(), name: (*place).to_owned() }),
    }
}

/// The script of the vendor at `place` among `count` that take turns: if there are at least fourteen of them (else
/// their slots would be too short), something begins somewhere in any minute.
pub(super) fn turn(seed: u64, name: &str, place: usize, count: usize) -> Script {
    // Two neighbours' episodes begin at most this and the jitter apart: less than a minute.
    const STEP: i64 = 60_000 - JITTER.cast_signed();
    let steps = |number: usize| i64::try_from(number).unwrap_or_default() * STEP;
    Script::new(seed ^ hash(&[name]), steps(count), steps(place))
}
