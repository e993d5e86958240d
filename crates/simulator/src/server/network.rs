//! All vendors at work, and what can be asked of and set for them.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::clock::Timekeeper;
use super::error::Unknown;
use super::requests::Recorded;
use super::site::Site;
use crate::faults::{Fault, Planned};
use crate::formats::{Access, Validators};
use crate::world::{Condition, NewIncident, Stage, Truth};

/// The vendors of a running [`crate::Simulator`].
#[derive(Debug)]
pub struct Network {
    sites: Vec<Arc<Site>>,
    places: HashMap<String, usize>,
    pub(super) clock: Arc<Timekeeper>,
}

/// A vendor as a target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VendorView {
    /// Its name.
    pub name: String,
    /// `REST`, `HTML` or `RSS`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The format that reads it.
    pub format: &'static str,
    /// How it speaks: the name in the table of dialects.
    pub dialect: &'static str,
    /// What to ask.
    pub url: String,
    /// The further keys of a targets file, as TOML; empty if the dialect needs none.
    pub mapping: String,
}

impl Network {
    pub(super) fn new(sites: Vec<Arc<Site>>, clock: Arc<Timekeeper>) -> Self {
        let places = sites.iter().enumerate().map(|(place, site)| (site.vendor.name.clone(), place)).collect();
        Self { sites, places, clock }
    }

    pub(super) fn site(&self, vendor: &str) -> Result<&Arc<Site>, Unknown> {
        let place = self.places.get(vendor).copied();
        place.and_then(|place| self.sites.get(place)).ok_or_else(|| Unknown::Vendor { name: vendor.to_owned() })
    }

    pub(super) fn sites(&self) -> &[Arc<Site>] {
        &self.sites
    }

    /// All vendors, in their order.
    pub fn vendors(&self) -> impl Iterator<Item = VendorView> {
        self.sites.iter().map(|site| view(site))
    }

    /// One vendor.
    pub fn vendor(&self, vendor: &str) -> Result<VendorView, Unknown> {
        Ok(view(self.site(vendor)?))
    }

    /// A complete targets file that names every vendor.
    pub fn targets_toml(&self) -> String {
        let mut toml = String::from("# The vendors of a running simulator.\n");
        for VendorView { name, kind, format, url, mapping, .. } in self.vendors() {
            // Writing to a String cannot fail. None of these values has a quote or a backslash.
            let _ = write!(
                toml,
                "\n[[target]]\nname = \"{name}\"\ntype = \"{kind}\"\nformat = \"{format}\"\nendpoint = \"{url}\"\n{mapping}"
            );
        }
        toml
    }

    /// Looks at what is true of a vendor now.
    pub fn truth<R>(&self, vendor: &str, look: impl FnOnce(&Truth<'_>) -> R) -> Result<R, Unknown> {
        Ok(self.site(vendor)?.with_truth(look))
    }

    /// Sets a service's condition, whatever the script says, until it is released. The service is found by its id or
    /// else by its name.
    pub fn set(&self, vendor: &str, service: &str, condition: Condition) -> Result<(), Unknown> {
        let (site, place) = self.service(vendor, service)?;
        let current = site.with_truth(|truth| truth.state(place));
        let now = self.clock.now();
        site.with_settings(|settings| {
            if let Some(current) = current {
                settings.overrides.set(&site.vendor, place, current, condition, now);
            }
        });
        Ok(())
    }

    /// Gives a service back to the script.
    pub fn release(&self, vendor: &str, service: &str) -> Result<(), Unknown> {
        let (site, place) = self.service(vendor, service)?;
        let now = self.clock.now();
        site.with_settings(|settings| settings.overrides.release(&site.vendor, place, now));
        Ok(())
    }

    /// Opens an incident (or a maintenance) at a vendor and answers its id. It is what the vendor says: the
    /// conditions of the services stay as they are.
    pub fn open_incident(&self, vendor: &str, incident: NewIncident) -> Result<String, Unknown> {
        let named = incident.services.iter().map(|service| Ok(self.service(vendor, service)?.1));
        let places = named.collect::<Result<Vec<_>, _>>()?;
        let now = self.clock.now();
        Ok(self.site(vendor)?.with_settings(|settings| settings.overrides.open(incident, places, now)))
    }

    /// Posts an update to an incident that was opened by hand.
    pub fn update_incident(&self, vendor: &str, id: &str, stage: Stage, text: &str) -> Result<(), Unknown> {
        let now = self.clock.now();
        let found = self.site(vendor)?.with_settings(|settings| settings.overrides.post(id, stage, text, now));
        if found { Ok(()) } else { Err(Unknown::Incident { vendor: vendor.to_owned(), id: id.to_owned() }) }
    }

    /// Closes an incident (not a maintenance: that is an update to [`Stage::Completed`]) that was opened by hand.
    pub fn close_incident(&self, vendor: &str, id: &str) -> Result<(), Unknown> {
        self.update_incident(vendor, id, Stage::Resolved, "All is well again.")
    }

    /// Makes every request to a vendor fail, until the fault is cleared or another is set. Requests that hang already
    /// go on hanging.
    pub fn set_fault(&self, vendor: &str, fault: Fault) -> Result<(), Unknown> {
        self.plan(vendor, fault, None)
    }

    /// Makes the next so many requests to a vendor fail.
    pub fn set_fault_for(&self, vendor: &str, fault: Fault, requests: u32) -> Result<(), Unknown> {
        self.plan(vendor, fault, Some(requests))
    }

    fn plan(&self, vendor: &str, fault: Fault, requests: Option<u32>) -> Result<(), Unknown> {
        let location = match &fault {
            Fault::RedirectTo(other) | Fault::MovedTo(other) => Some(self.site(other)?.url()),
            _ => None,
        };
        let planned = (requests != Some(0)).then_some(Planned { fault, requests, location });
        self.site(vendor)?.with_settings(|settings| settings.planned = planned);
        Ok(())
    }

    /// Lets a vendor answer rightly again.
    pub fn clear_fault(&self, vendor: &str) -> Result<(), Unknown> {
        self.site(vendor)?.with_settings(|settings| settings.planned = None);
        Ok(())
    }

    /// Sets how a vendor treats conditional requests.
    pub fn set_validators(&self, vendor: &str, validators: Validators) -> Result<(), Unknown> {
        self.site(vendor)?.with_settings(|settings| settings.validators = validators);
        Ok(())
    }

    /// Sets who may read a vendor's pages. The targets file says nothing of it: how to get in is the asker's business.
    pub fn set_access(&self, vendor: &str, access: Access) -> Result<(), Unknown> {
        self.site(vendor)?.with_settings(|settings| settings.door.access = access);
        Ok(())
    }

    /// How many tokens a vendor issued.
    pub fn tokens_issued(&self, vendor: &str) -> Result<u64, Unknown> {
        Ok(self.site(vendor)?.with_settings(|settings| settings.door.issued()))
    }

    /// Sets how long the tokens are good for that a vendor issues from now on, as their `expires_in` says in whole
    /// seconds. They end by the calendar, which [`Self::advance`] moves.
    pub fn set_token_lifetime(&self, vendor: &str, lifetime: Duration) -> Result<(), Unknown> {
        self.site(vendor)?.with_settings(|settings| settings.door.lifetime = lifetime);
        Ok(())
    }

    /// Makes all tokens worthless that a vendor issued so far.
    pub fn revoke_tokens(&self, vendor: &str) -> Result<(), Unknown> {
        self.site(vendor)?.with_settings(|settings| settings.door.revoke());
        Ok(())
    }

    /// The newest requests that a vendor got, oldest first.
    pub fn requests(&self, vendor: &str) -> Result<Vec<Recorded>, Unknown> {
        Ok(self.site(vendor)?.record.newest())
    }

    /// How many requests a vendor got.
    pub fn count(&self, vendor: &str) -> Result<u64, Unknown> {
        Ok(self.site(vendor)?.record.count())
    }

    /// How many requests a vendor is answering now.
    pub fn in_flight(&self, vendor: &str) -> Result<usize, Unknown> {
        Ok(self.site(vendor)?.record.in_flight())
    }

    /// The most requests that a vendor was answering at once.
    pub fn max_in_flight(&self, vendor: &str) -> Result<usize, Unknown> {
        Ok(self.site(vendor)?.record.max_in_flight())
    }

    /// Waits until a vendor got so many requests in all. May be cancelled.
    pub async fn wait_for_requests(&self, vendor: &str, count: u64) -> Result<(), Unknown> {
        self.site(vendor)?.record.wait_for(count).await;
        Ok(())
    }

    /// Moves the timeline forward.
    pub fn advance(&self, by: Duration) {
        self.clock.advance(by);
    }

    /// What time it is on the timeline.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// How much time has passed on the timeline.
    pub fn elapsed(&self) -> Duration {
        self.clock.elapsed()
    }

    fn service(&self, vendor: &str, service: &str) -> Result<(&Arc<Site>, usize), Unknown> {
        let site = self.site(vendor)?;
        let missing = || Unknown::Service { vendor: vendor.to_owned(), service: service.to_owned() };
        Ok((site, site.vendor.find_service(service).ok_or_else(missing)?))
    }
}

fn view(site: &Site) -> VendorView {
    let dialect = site.vendor.dialect;
    VendorView {
        name: site.vendor.name.clone(),
        kind: dialect.kind.as_str(),
        format: dialect.format,
        dialect: dialect.name,
        url: site.url(),
        mapping: dialect.mapping.replace("{origin}", &site.origin()),
    }
}
