//! Azure DevOps: the health of each service in each geography.
//!
//! The status page holds the same document, with numbers for words, and beside it the events that are going on.

mod events;

pub(in crate::target) use events::read_events;

use serde_json::Value;

use super::json::{describe, has_list, list, text, word};
use crate::schema::{Service, dimension_names};
use crate::target::{Document, Meaning, ParseError, Report, Vocabulary};

/// What a health word means, and the number that the status page has for it.
static HEALTH: Vocabulary = Vocabulary(&[
    ("healthy", Meaning::OK),
    ("4", Meaning::OK),
    ("advisory", Meaning::DEGRADED),
    ("3", Meaning::DEGRADED),
    ("degraded", Meaning::DEGRADED),
    ("2", Meaning::DEGRADED),
    ("unhealthy", Meaning::OUTAGE),
    ("1", Meaning::OUTAGE),
    ("unknown", Meaning::UNKNOWN),
]);

/// What stands for the health of a service that a geography does not have.
const NOT_APPLICABLE: [&str; 2] = ["notApplicable", "0"];

/// Reads a health document.
pub(super) fn parse(document: &Document<'_>) -> Result<Report, ParseError> {
    read(&document.json()?)
}

/// Reads a health document: one service for each service and geography.
///
/// `status.health` is only the worst of them and no service of its own. `lastUpdated` is the time of the document, not
/// of any service in it (and was a week old in a live one), so no service gets it: the time at which the present
/// status was first seen says more.
pub(in crate::target) fn read(value: &Value) -> Result<Report, ParseError> {
    let services = list(value, "services");
    let is_health = if services.is_empty() {
        has_list(value, "services") && value.get("status").is_some_and(|status| text(status, "health").is_some())
    } else {
        services.iter().any(|service| text(service, "id").is_some() && has_list(service, "geographies"))
    };
    if !is_health {
        return Err(ParseError::unrecognised(format!(
            "expected an Azure DevOps health document (an object with services[].geographies[]), found {}",
            describe(value)
        )));
    }

    let mut report = Report::complete();
    for row in services {
        let Some(name) = text(row, "id") else { continue };
        for geography in list(row, "geographies") {
            let Some(region) = text(geography, "id") else { continue };
            let health = word(geography, "health");
            if NOT_APPLICABLE.iter().any(|word| word.eq_ignore_ascii_case(&health)) {
                continue;
            }
            let mut service = Service::named(key(&name, &region), name.as_str());
            service.set(report.read(&HEALTH, &health));
            service.dimensions.insert(dimension_names::SERVICE_ID.to_owned(), name.as_str().into());
            service.dimensions.insert(dimension_names::REGION.to_owned(), region.into());
            report.services.push(service);
        }
    }
    Ok(report)
}

/// The key of a service in a geography, by the ids of both.
fn key(service: &str, geography: &str) -> String {
    format!("{service}/{geography}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Status;
    use serde_json::json;

    fn read(value: &Value) -> Result<Report, ParseError> {
        parse(&Document::new(value.to_string().as_bytes()))
    }

    #[test]
    fn every_word_of_the_vocabulary_and_one_that_is_none() {
        for (word, status) in [
            (json!("healthy"), Status::Ok),
            (json!("Advisory"), Status::Degraded),
            (json!("degraded"), Status::Degraded),
            (json!("unhealthy"), Status::Outage),
            (json!("unknown"), Status::Unknown),
            (json!(4), Status::Ok),
            (json!(3), Status::Degraded),
            (json!(2), Status::Degraded),
            (json!(1), Status::Outage),
            (json!(7), Status::Unknown),
            (json!("meditating"), Status::Unknown),
            (json!(null), Status::Unknown),
        ] {
            let geography = json!({"id": "EU", "name": "Europe", "health": word});
            let report = read(&json!({"services": [{"id": "Boards", "geographies": [geography]}]})).unwrap();
            assert_eq!(report.services[0].status, status, "{word}");
            let is_known = ![json!("meditating"), json!(7), json!(null)].contains(&word);
            assert_eq!(report.unknown_words.is_empty(), is_known, "{word}");
        }
    }

    #[test]
    fn a_service_stands_once_for_each_geography_and_has_no_time_of_its_own() {
        let geographies =
            json!([{"id": "US", "health": "healthy"}, {"id": "AU", "health": "unhealthy"}, {"name": "?"}]);
        let report = read(&json!({
            "lastUpdated": "2026-07-24T17:05:34.397Z",
            "status": {"health": "unhealthy", "message": "…"},
            "services": [{"id": "Boards", "geographies": geographies}, {"id": "Repos", "geographies": []}, null],
        }))
        .unwrap();
        let seen: Vec<_> =
            report.services.iter().map(|s| (s.key.as_str(), s.name.as_str(), s.status, s.last_timestamp)).collect();
        assert_eq!(seen, [("Boards/US", "Boards", Status::Ok, None), ("Boards/AU", "Boards", Status::Outage, None)]);
        assert_eq!(report.services[1].dimensions["region"], "AU".into());
        assert_eq!(report.services[1].dimensions["serviceId"], "Boards".into());
    }

    #[test]
    fn a_geography_that_does_not_have_a_service_is_left_out() {
        let geographies =
            json!([{"id": "US", "health": 0}, {"id": "AU", "health": "NotApplicable"}, {"id": "EU", "health": 4}]);
        let report = read(&json!({"services": [{"id": "Boards", "geographies": geographies}]})).unwrap();
        assert_eq!(report.services.iter().map(|service| service.key.as_str()).collect::<Vec<_>>(), ["Boards/EU"]);
        assert!(report.unknown_words.is_empty());
    }

    #[test]
    fn other_documents_are_refused_and_an_empty_one_names_nothing() {
        for stranger in [
            json!({"status": 500, "error": "x"}),
            json!({"services": [{"serviceName": "App Store", "events": []}]}),
            json!({"services": []}),
            json!([]),
        ] {
            let error = read(&stranger).unwrap_err();
            assert!(matches!(error, ParseError::Unrecognised(_)), "{stranger}: {error}");
        }
        let empty = json!({"status": {"health": "healthy"}, "services": []});
        assert!(matches!(read(&empty).unwrap().finish(&crate::target::Filter::default()), Err(ParseError::Empty)));
    }
}
