//! From incidents that name services to services: the arithmetic that all open-only feeds share.

use std::collections::BTreeMap;

use crate::schema::{Service, Timestamp, dimension_names};
use crate::target::{Meaning, ParseError};

/// How many services a feed may come to. Products times locations of a hostile feed would have no end.
const MAX_SERVICES: usize = 20_000;

/// The services that a feed's incidents name: each is as bad as the worst open incident that names it, and OK where
/// only closed ones do. They keep the order in which they were first named.
#[derive(Debug, Default)]
pub(super) struct Tally {
    rows: Vec<Row>,
    places: BTreeMap<String, usize>,
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
        let place = match self.places.get(&service.key) {
            Some(&place) => place,
            None if self.rows.len() == MAX_SERVICES => {
                return Err(ParseError::malformed(format!("the feed names more than {MAX_SERVICES} services")));
            }
            None => {
                self.places.insert(service.key.clone(), self.rows.len());
                self.rows.push(Row { service, open: None });
                self.rows.len() - 1
            }
        };
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
        let claim = Claim { incident: "i", open: None, at: None };
        let mut tally = Tally::default();
        let all = (0..=MAX_SERVICES).try_for_each(|n| tally.add(Service::named(n.to_string(), "x"), claim));
        assert!(all.unwrap_err().to_string().contains("more than 20000 services"));
    }
}
