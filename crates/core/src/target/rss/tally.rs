//! From incidents that name services to services: the arithmetic that all open-only feeds share.

use std::collections::BTreeMap;

use crate::schema::{Service, Timestamp, dimension_names};
use crate::target::{Meaning, ParseError};

/// How many times a feed's incidents may name a service. Products times locations of a hostile feed have no end.
const MAX_CLAIMS: usize = 100_000;

/// The services that a feed's incidents name: each is as bad as the worst open incident that names it, and OK where
/// only closed ones do. They keep the order in which they were first named.
#[derive(Debug, Default)]
pub(super) struct Tally {
    rows: Vec<Row>,
    places: BTreeMap<String, usize>,
    claims: usize,
}

#[derive(Debug)]
struct Row {
    service: Service,
    /// The worst that an open incident means; `None` while only closed ones name the service.
    open: Option<Meaning>,
}

/// What one incident means for the services it names.
#[derive(Clone, Copy, Debug)]
pub(super) struct Claim<'a> {
    /// The incident's key.
    pub(super) incident: &'a str,
    /// What it means while it is open; `None` if it is closed.
    pub(super) open: Option<Meaning>,
    /// When the incident was last updated.
    pub(super) at: Option<Timestamp>,
}

impl Tally {
    /// Notes that an incident names a service; `service` carries key, name and lasting dimensions.
    ///
    /// # Errors
    /// [`ParseError::Malformed`] if the feed names more services than any source has.
    pub(super) fn add(&mut self, service: Service, claim: Claim<'_>) -> Result<(), ParseError> {
        if self.claims == MAX_CLAIMS {
            return Err(too_many());
        }
        self.claims += 1;
        let next = self.rows.len();
        let place = *self.places.entry(service.key.clone()).or_insert(next);
        if place == next {
            self.rows.push(Row { service, open: None });
        }
        if let Some(row) = self.rows.get_mut(place) {
            row.claim(claim);
        }
        Ok(())
    }

    /// The services.
    pub(super) fn into_services(self) -> Vec<Service> {
        self.rows.into_iter().map(|row| row.service).collect()
    }
}

impl Row {
    fn claim(&mut self, claim: Claim<'_>) {
        let Row { service, open } = self;
        match (*open, claim.open) {
            (None, None) => {
                service.set(Meaning::OK);
                service.last_timestamp = service.last_timestamp.max(claim.at);
            }
            (Some(_), None) => {}
            (None, Some(meaning)) => {
                *open = Some(meaning);
                service.set(meaning);
                service.last_timestamp = claim.at;
                service.dimensions.insert(dimension_names::INCIDENT.to_owned(), claim.incident.into());
            }
            (Some(before), Some(meaning)) => {
                let worst = before.worst(meaning);
                if worst != before {
                    *open = Some(worst);
                    service.set(worst);
                    service.dimensions.insert(dimension_names::INCIDENT.to_owned(), claim.incident.into());
                }
                service.last_timestamp = service.last_timestamp.max(claim.at);
            }
        }
    }
}

fn too_many() -> ParseError {
    ParseError::malformed(format!("the feed names more than {MAX_CLAIMS} services"))
}

/// Each of the named services in each of the regions; by itself where there is no region.
///
/// # Errors
/// As [`Tally::add`]: before the product is made, for it is what would have no end.
pub(super) fn in_each_region(names: &[String], regions: &[&str]) -> Result<Vec<Service>, ParseError> {
    if names.len().saturating_mul(regions.len()) > MAX_CLAIMS {
        return Err(too_many());
    }
    if regions.is_empty() {
        return Ok(names.iter().map(|name| Service::named(name, name)).collect());
    }
    let mut services = Vec::with_capacity(names.len() * regions.len());
    for name in names {
        for &region in regions {
            let mut service = Service::named(format!("{name}|{region}"), name);
            service.dimensions.insert(dimension_names::REGION.to_owned(), region.into());
            services.push(service);
        }
    }
    Ok(services)
}

/// Items that share a key, together; groups and the items inside keep their order.
pub(super) fn grouped<K: Ord + Clone, T>(items: impl IntoIterator<Item = (K, T)>) -> Vec<(K, Vec<T>)> {
    let mut places: BTreeMap<K, usize> = BTreeMap::new();
    let mut groups: Vec<(K, Vec<T>)> = Vec::new();
    for (key, item) in items {
        let place = *places.entry(key.clone()).or_insert(groups.len());
        match groups.get_mut(place) {
            Some((_, group)) => group.push(item),
            None => groups.push((key, vec![item])),
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Status;

    fn told(claims: &[(&str, Option<Meaning>, i64)]) -> Service {
        let mut tally = Tally::default();
        for &(incident, open, secs) in claims {
            let claim = Claim { incident, open, at: Timestamp::from_secs(secs) };
            tally.add(Service::named("k", "K"), claim).unwrap();
        }
        tally.into_services().remove(0)
    }

    #[test]
    fn the_worst_open_incident_decides_and_closed_ones_mean_ok() {
        for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2]] {
            let claims =
                [("closed", None, 30), ("mild", Some(Meaning::DEGRADED), 20), ("bad", Some(Meaning::OUTAGE), 10)];
            let service = told(&order.map(|place| claims[place]));
            assert_eq!(service.status, Status::Outage);
            assert_eq!(service.last_timestamp, Timestamp::from_secs(20));
            assert_eq!(service.dimensions["incident"], "bad".into());
        }
        let service = told(&[("a", None, 10), ("b", None, 30), ("c", None, 20)]);
        assert_eq!((service.status, service.last_timestamp), (Status::Ok, Timestamp::from_secs(30)));
        assert!(service.dimensions.is_empty());
    }

    #[test]
    fn services_without_end_are_refused() {
        let names: Vec<String> = (0..1000).map(|n| n.to_string()).collect();
        let regions: Vec<&str> = names.iter().map(String::as_str).collect();
        assert!(in_each_region(&names, &regions).unwrap_err().to_string().contains("more than 100000 services"));

        let claim = Claim { incident: "i", open: None, at: None };
        let mut tally = Tally::default();
        let mut all = (0..=MAX_CLAIMS).map(|_| tally.add(Service::named("k", "K"), claim));
        assert_eq!(all.find_map(Result::err), Some(too_many()));
    }
}
