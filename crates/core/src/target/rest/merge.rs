//! One service out of several open events that name it.

use std::collections::HashMap;

use crate::schema::Service;

/// The services that open events name, each once.
#[derive(Default)]
pub(super) struct Merged {
    services: Vec<Service>,
    places: HashMap<String, usize>,
}

impl Merged {
    /// Adds what one event says about a service. Of several events on one service the worst counts, with what that
    /// one tells of it; the time is the newest of all.
    pub(super) fn add(&mut self, said: Service) {
        let Some(known) = self.places.get(&said.key).and_then(|&place| self.services.get_mut(place)) else {
            self.places.insert(said.key.clone(), self.services.len());
            self.services.push(said);
            return;
        };
        let newest = known.last_timestamp.max(said.last_timestamp);
        if said.status > known.status {
            *known = said;
        }
        known.last_timestamp = newest;
    }

    /// How many services there are.
    pub(super) fn len(&self) -> usize {
        self.services.len()
    }

    /// The services, in the order in which they were first named.
    pub(super) fn into_services(self) -> Vec<Service> {
        self.services
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Status, Timestamp};

    #[test]
    fn the_worst_counts_and_the_newest_time() {
        let said = |key: &str, status, secs| Service {
            status,
            last_timestamp: Timestamp::from_secs(secs),
            ..Service::named(key, format!("{status}"))
        };
        let mut merged = Merged::default();
        merged.add(said("a", Status::Degraded, 9));
        merged.add(said("b", Status::Ok, 1));
        merged.add(said("a", Status::Outage, 5));
        merged.add(said("a", Status::Ok, 7));
        assert_eq!(merged.len(), 2);
        let services = merged.into_services();
        assert_eq!((services[0].key.as_str(), services[0].name.as_str()), ("a", "Outage"));
        assert_eq!(services[0].last_timestamp, Timestamp::from_secs(9));
        assert_eq!(services[1].key, "b");
    }
}
