//! One service out of several open events that name it.

use std::collections::HashMap;

use crate::schema::{Service, Status, dimension_names};
use crate::target::ParseError;

/// More services than this is no source's answer (Google has some 200 products in some 50 locations).
pub(super) const MAX_SERVICES: usize = 50_000;

/// The services that open events name, each once.
#[derive(Default)]
pub(super) struct Merged {
    services: Vec<Service>,
    places: HashMap<String, usize>,
    named: usize,
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
        if rank(&said) > rank(known) {
            *known = said;
        }
        known.last_timestamp = newest;
    }

    /// Makes room for what one event names: where it names things and places, it names all pairs of them.
    ///
    /// # Errors
    /// [`ParseError::Unrecognised`] if all events together name more than [`MAX_SERVICES`].
    pub(super) fn make_room(&mut self, things: usize, places: usize) -> Result<(), ParseError> {
        self.named = self.named.saturating_add(things.saturating_mul(places));
        if self.named <= MAX_SERVICES {
            return Ok(());
        }
        Err(ParseError::unrecognised(format!(
            "expected events that name at most {MAX_SERVICES} services and places, found more"
        )))
    }

    /// The services, in the order in which they were first named.
    pub(super) fn into_services(self) -> Vec<Service> {
        self.services
    }
}

/// How bad a service is said to be; maintenance gives way to trouble that nobody planned.
fn rank(service: &Service) -> (Status, bool) {
    (service.status, !service.dimensions.contains_key(dimension_names::MAINTENANCE))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Timestamp;
    use crate::target::Meaning;

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
        let services = merged.into_services();
        assert_eq!(services.len(), 2);
        assert_eq!((services[0].key.as_str(), services[0].name.as_str()), ("a", "Outage"));
        assert_eq!(services[0].last_timestamp, Timestamp::from_secs(9));
        assert_eq!(services[1].key, "b");
    }
    #[test]
    fn maintenance_gives_way_to_trouble_that_nobody_planned() {
        for order in [[Meaning::Maintenance, Meaning::DEGRADED], [Meaning::DEGRADED, Meaning::Maintenance]] {
            let mut merged = Merged::default();
            for meaning in order {
                let mut said = Service::named("a", "A");
                said.set(meaning);
                merged.add(said);
            }
            assert!(merged.into_services()[0].dimensions.is_empty());
        }
    }

    #[test]
    fn there_is_room_for_as_many_as_any_source_has() {
        let mut merged = Merged::default();
        assert!(merged.make_room(MAX_SERVICES / 50, 49).is_ok());
        assert!(merged.make_room(MAX_SERVICES / 50, 1).is_ok());
        assert!(merged.make_room(1, 1).is_err());
        assert!(Merged::default().make_room(usize::MAX, usize::MAX).is_err());
    }
}
