//! The page speaks too: the service that stands for a source's page as a whole.

use super::Meaning;
use crate::schema::{Incident, IncidentKind, IncidentState, Service, Status, dimension_names};

/// The key of the service that stands for the page, the same in every kind of document of a source. No source's ids
/// are as short.
pub(super) const KEY: &str = "page";

/// The service that stands for the page: the worst of what the page claims and of its open incidents.
pub(super) fn page(name: impl Into<String>, claimed: Meaning, incidents: &[Incident]) -> Service {
    let mut service = Service::named(KEY, name);
    service.dimensions.insert(dimension_names::SCOPE.to_owned(), dimension_names::SCOPE_PAGE.into());
    service.set(incidents.iter().map(raised).fold(claimed, Meaning::worst));
    service
}

/// What an incident makes of the page, whatever its components say: vendors leave those green. One that is only being
/// watched raises nothing, nor does planned work, which the page's own claim shows where it degrades something.
fn raised(incident: &Incident) -> Meaning {
    let is_unsettled = matches!(incident.state, IncidentState::Investigating | IncidentState::Identified);
    if is_unsettled && incident.kind == IncidentKind::Incident {
        Meaning::Is(incident.impact.unwrap_or(Status::Ok))
    } else {
        Meaning::OK
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_unsettled_unplanned_trouble_raises_a_page() {
        use IncidentKind::{Incident as Unplanned, Maintenance};
        use IncidentState::{Identified, InProgress, Investigating, Monitoring};
        let degraded = Some(Status::Degraded);
        for (kind, state, impact, expected) in [
            (Unplanned, Investigating, Some(Status::Outage), Status::Outage),
            (Unplanned, Identified, degraded, Status::Degraded),
            (Unplanned, Investigating, Some(Status::Ok), Status::Ok),
            (Unplanned, Investigating, None, Status::Ok),
            (Unplanned, Investigating, Some(Status::Unknown), Status::Unknown),
            (Unplanned, Monitoring, Some(Status::Outage), Status::Ok),
            (Maintenance, InProgress, degraded, Status::Ok),
        ] {
            let incident = Incident {
                key: "i".to_owned(),
                kind,
                title: String::new(),
                state,
                impact,
                started_at: None,
                updated_at: None,
                resolved_at: None,
                url: None,
                services: Vec::new(),
                updates: Vec::new(),
            };
            assert_eq!(page("Acme", Meaning::OK, &[incident]).status, expected, "{kind:?} {state:?} {impact:?}");
        }
    }
}
