//! What is true: vendors, their services, how these are, and what the vendors say about it.
//!
//! A [`World`] is fixed when it is made. What is true at a moment, a [`Truth`], is a pure function of the vendor's
//! script, the time, and what was set by hand.

mod build;
mod demo;
mod dice;
mod incident;
mod overrides;
mod time;
mod timeline;
mod truth;

use serde::{Deserialize, Serialize};

use crate::formats::Dialect;

pub(crate) use dice::{Dice, hash};
pub use incident::{Incident, IncidentKind, Stage, Update};
pub use overrides::{NewIncident, Overrides};
pub use time::{Calendar, Speed};
use timeline::Script;
pub use truth::{ServiceState, Truth};

/// What a service is like, from best to worst.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Condition {
    /// All is well.
    #[default]
    Operational,
    /// Planned work goes on.
    Maintenance,
    /// It works, but badly.
    Degraded,
    /// It does not work for some.
    PartialOutage,
    /// It does not work.
    MajorOutage,
}

impl Condition {
    /// All conditions, from best to worst.
    pub const ALL: [Self; 5] =
        [Self::Operational, Self::Maintenance, Self::Degraded, Self::PartialOutage, Self::MajorOutage];
}

/// A region, or whatever a vendor divides its services by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    /// What machines call it: `us-east-1`.
    pub id: String,
    /// What people call it: `N. Virginia`.
    pub name: String,
}

/// A service of a vendor. A service in three regions is three of these with one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Unique within the vendor; formats with opaque ids make theirs of it.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The group that it is shown in.
    pub group: Option<String>,
    /// Where it runs.
    pub region: Option<Region>,
}

/// The zone that a vendor's page writes its times in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Zone {
    /// UTC.
    #[default]
    Utc,
    /// US Pacific time, with its summer time.
    Pacific,
}

/// A vendor: who it is, how it speaks, what it runs.
#[derive(Clone, Debug)]
pub struct Vendor {
    /// Its name as a target: `[a-z0-9-]{1,64}`.
    pub name: String,
    /// Its name for people.
    pub title: String,
    /// How it says what is true.
    pub dialect: &'static Dialect,
    /// The zone of its page's times.
    pub zone: Zone,
    /// Its services, in its own order.
    pub services: Vec<Service>,
    script: Option<Script>,
}

impl Vendor {
    /// The place of a service, by its id or else by its name (the first of that name).
    pub fn find_service(&self, id_or_name: &str) -> Option<usize> {
        let by = |matches: fn(&Service) -> &str| self.services.iter().position(|one| matches(one) == id_or_name);
        by(|service| &service.id).or_else(|| by(|service| &service.name))
    }

    /// The address that its pages give as their own. It never answers: names under `.example` are nobody's.
    pub fn home(&self) -> String {
        format!("https://status.{}.example", self.name)
    }
}

/// All vendors, fixed when made.
#[derive(Clone, Debug, Default)]
pub struct World {
    vendors: Vec<Vendor>,
}

impl World {
    /// All vendors, in their order.
    pub fn vendors(&self) -> &[Vendor] {
        &self.vendors
    }

    /// The same world without a script: all is well until something is set by hand. What tests want.
    #[must_use]
    pub fn quiet(mut self) -> Self {
        for vendor in &mut self.vendors {
            vendor.script = None;
        }
        self
    }

    /// The same world, only with the vendors of these names.
    #[must_use]
    pub fn only(mut self, names: &[&str]) -> Self {
        self.vendors.retain(|vendor| names.contains(&vendor.name.as_str()));
        self
    }

    pub(crate) fn into_vendors(self) -> Vec<Vendor> {
        self.vendors
    }
}
