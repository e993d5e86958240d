//! Meta's products for businesses and developers: `orgs.json`, a list of products with their services.

use serde_json::Value;

use super::json::{describe, list, text, time, word};
use crate::schema::{Service, dimension_names};
use crate::target::{Document, Meaning, ParseError, Report, Vocabulary};

/// What the status of a service means. It is prose, but of a few fixed phrases; a phrase that is none of them is not
/// searched for words that sound bad.
static STATUS: Vocabulary = Vocabulary(&[
    ("No known issues", Meaning::OK),
    ("Resolved", Meaning::OK),
    ("Low disruptions", Meaning::DEGRADED),
    ("Medium disruptions", Meaning::DEGRADED),
    ("High disruptions", Meaning::OUTAGE),
]);

/// Reads the list: one service for each service of each product. Their ids are counted within the product.
pub(super) fn parse(document: &Document<'_>) -> Result<Report, ParseError> {
    let value: Value = document.json()?;
    let products = value.as_array().map_or(&[][..], Vec::as_slice);
    if products.is_empty() || !products.iter().all(is_product) {
        return Err(ParseError::unrecognised(format!(
            "expected Meta's orgs.json (a list of products with id, name and services[], each with name and status), \
             found {}",
            describe(&value)
        )));
    }
    let mut report = Report::complete();
    for product in products {
        let (Some(folder), Some(group)) = (text(product, "id"), text(product, "name")) else { continue };
        for row in list(product, "services") {
            let Some(name) = text(row, "name") else { continue };
            let id = text(row, "id");
            let mut service = Service::named(format!("{folder}/{}", id.as_ref().unwrap_or(&name)), name);
            service.set(report.read(&STATUS, &word(row, "status")));
            service.last_timestamp = time(row, "time");
            service.dimensions.insert(dimension_names::GROUP.to_owned(), group.as_str().into());
            if let Some(id) = id {
                service.dimensions.insert(dimension_names::SERVICE_ID.to_owned(), id.into());
            }
            report.services.push(service);
        }
    }
    Ok(report)
}

fn is_product(row: &Value) -> bool {
    let is_service = |service: &Value| text(service, "name").is_some() && service.get("status").is_some();
    let services = row.get("services").and_then(Value::as_array);
    text(row, "id").is_some() && text(row, "name").is_some() && services.is_some_and(|rows| rows.iter().all(is_service))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Status;
    use crate::target::Filter;
    use serde_json::json;

    fn read(value: &Value) -> Result<Report, ParseError> {
        parse(&Document::new(value.to_string().as_bytes()))?.finish(&Filter::default())
    }

    fn product(id: &str, services: &Value) -> Value {
        json!({"id": id, "name": format!("The {id}"), "section": 1, "services": services, "feature_flags": []})
    }

    fn service(status: &Value) -> Value {
        json!({"id": 2, "name": "Apps", "status": status, "time": null})
    }

    #[test]
    fn every_phrase_and_some_that_are_none() {
        for (phrase, status, is_known) in [
            (json!("No known issues"), Status::Ok, true),
            (json!("no known issues "), Status::Ok, true),
            (json!("Resolved"), Status::Ok, true),
            (json!("Low disruptions"), Status::Degraded, true),
            (json!("Medium disruptions"), Status::Degraded, true),
            (json!("High disruptions"), Status::Outage, true),
            (json!("No major outage"), Status::Unknown, false),
            (json!("The outage is resolved"), Status::Unknown, false),
            (json!(null), Status::Unknown, false),
        ] {
            let report = read(&json!([product("graph-api", &json!([service(&phrase)]))])).unwrap();
            assert_eq!(report.services[0].status, status, "{phrase}");
            assert_eq!(report.unknown_words.is_empty(), is_known, "{phrase}");
        }
    }

    #[test]
    fn services_are_counted_within_their_product() {
        let timed =
            json!({"id": "3", "name": "Login", "status": "Low disruptions", "time": "2026-07-31T10:00:00+02:00"});
        let prose = json!({"name": "Sync", "status": "Resolved", "time": "Jul 31, 2026, 1:53 PM PDT"});
        let report = read(&json!([
            product("fbs", &json!([service(&json!("Resolved")), timed])),
            product("ctx", &json!([service(&json!("Resolved")), prose])),
            product("none", &json!([])),
        ]))
        .unwrap();
        let seen: Vec<_> = report
            .services
            .iter()
            .map(|service| (service.key.as_str(), service.name.as_str(), service.dimensions["group"].to_string()))
            .collect();
        let (fbs, ctx) = ("The fbs".to_owned(), "The ctx".to_owned());
        assert_eq!(
            seen,
            [
                ("fbs/2", "Apps", fbs.clone()),
                ("fbs/3", "Login", fbs),
                ("ctx/2", "Apps", ctx.clone()),
                ("ctx/Sync", "Sync", ctx)
            ]
        );
        assert_eq!(report.services[0].dimensions["serviceId"], "2".into());
        assert_eq!(report.services[1].last_timestamp.unwrap().to_string(), "2026-07-31T08:00:00.000Z");
        assert_eq!([report.services[0].last_timestamp, report.services[3].last_timestamp], [None; 2]);
    }

    #[test]
    fn other_documents_are_refused() {
        let apps = json!([service(&json!("Resolved"))]);
        for stranger in [
            json!([]),
            json!({"services": apps}),
            json!([{"id": 1, "type": "incident", "status": "active", "services": ["Search"]}]),
            json!([{"id": "x", "name": "x", "services": ["Search"]}]),
            json!([product("fbs", &apps), {"id": "Exchange", "service": "Exchange"}]),
            json!({"status": 500, "error": "x"}),
        ] {
            let error = read(&stranger).unwrap_err();
            assert!(matches!(&error, ParseError::Unrecognised(said) if said.contains("Meta")), "{stranger}: {error}");
        }
        assert_eq!(read(&json!([product("fbs", &json!([]))])).unwrap_err(), ParseError::Empty);
    }
}
