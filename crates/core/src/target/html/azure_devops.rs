//! Azure DevOps: the status page. It is drawn by scripts; what it shows stands in it as JSON, the health document of
//! the JSON API and the events that are going on.

use serde_json::Value;

use super::page::{by_id, open_whole, title};
use crate::target::rest::azure_devops::{read, read_events};
use crate::target::{Document, ParseError, Report};

/// The id of the script that holds the data.
const DATA: &str = "dataProviders";

/// Where in the data the health document stands, and where the events.
const HEALTH: &str = "/data/ms.vss-status-web.public-status-data-provider/serviceStatus";
const EVENTS: &str = "/data/ms.vss-status-web.active-public-live-site-events-data-provider/liveSiteEvents";

/// Reads the Azure DevOps status page.
pub(super) fn parse(document: &Document<'_>) -> Result<Report, ParseError> {
    let page = open_whole(document)?;
    let Some(script) = by_id(&page, DATA).filter(|element| element.value().name() == "script") else {
        let title = title(&page);
        return Err(ParseError::unrecognised(format!(
            "\"{title}\" where the Azure DevOps status page was expected (script#{DATA})"
        )));
    };
    let data: Value = Document::new(script.text().collect::<String>().as_bytes()).json()?;
    let Some(health) = data.pointer(HEALTH) else {
        return Err(ParseError::unrecognised("a page of Azure DevOps, but not its status page (no serviceStatus)"));
    };
    let mut report = read(health)?;
    let events = data.pointer(EVENTS).and_then(Value::as_array);
    read_events(events.map_or(&[], Vec::as_slice), health, &mut report);
    Ok(report)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{IncidentState, Status};
    use serde_json::json;

    fn page(data: &str) -> String {
        format!(
            "<!DOCTYPE html><html><body><div>JavaScript is Disabled</div><script>var health = 1;</script>
            <script id='dataProviders' type='application/json'>{data}</script></body></html>"
        )
    }

    fn data(health: &Value, events: &Value) -> String {
        json!({"data": {
            "ms.vss-web.page-data": {"hostName": "TEAM FOUNDATION"},
            "ms.vss-status-web.public-status-data-provider": {"serviceStatus": health},
            "ms.vss-status-web.active-public-live-site-events-data-provider": {"liveSiteEvents": events},
        }})
        .to_string()
    }

    fn read(html: &str) -> Result<Report, ParseError> {
        parse(&Document::new(html.as_bytes()))
    }

    fn health(rows: &Value) -> Value {
        json!({
            "lastUpdated": "/Date(1647450876440)/", "status": {"health": 1, "message": "Investigating"},
            "services": [{"id": "Boards", "geographies": rows}],
        })
    }

    #[test]
    fn every_number_means_a_health() {
        for (number, status) in [
            (json!(1), Some(Status::Outage)),
            (json!(2), Some(Status::Degraded)),
            (json!(3), Some(Status::Degraded)),
            (json!(4), Some(Status::Ok)),
            (json!("healthy"), Some(Status::Ok)),
            (json!(0), None),
            (json!(5), Some(Status::Unknown)),
            (json!(null), Some(Status::Unknown)),
        ] {
            let rows = json!([{"id": "US", "name": "United States", "health": number}]);
            let report = read(&page(&data(&health(&rows), &json!([])))).unwrap();
            let told: Vec<_> =
                report.services.iter().map(|it| (it.key.as_str(), it.name.as_str(), it.status)).collect();
            assert_eq!(told, status.map(|status| ("Boards/US", "Boards", status)).into_iter().collect::<Vec<_>>());
            assert!(
                report.services.iter().all(|it| it.last_timestamp.is_none() && it.dimensions["region"] == "US".into())
            );
            assert_eq!(report.unknown_words.is_empty(), status != Some(Status::Unknown), "{number}");
        }
    }

    #[test]
    fn events_are_incidents() {
        let rows =
            json!([{"id": "US", "name": "United States", "health": 1}, {"id": "EU", "name": "Europe", "health": 4}]);
        let event = json!({
            "id": 7, "severity": 2, "state": 1, "title": "Slow", "startTime": "/Date(1647448269933)/",
            "impact": [{"serviceId": "Boards", "scopeType": 1, "scopeName": "Europe"}],
        });
        let report = read(&page(&data(&health(&rows), &json!([event])))).unwrap();
        let [incident] = &report.incidents[..] else { panic!("{report:?}") };
        assert_eq!((incident.title.as_str(), incident.state), ("Slow", IncidentState::Investigating));
        assert_eq!(
            (incident.impact, incident.services.as_slice()),
            (Some(Status::Degraded), &["Boards/EU".to_owned()][..])
        );
        assert_eq!(report.services[1].dimensions["incident"], "7".into());
        assert_eq!(report.services.iter().map(|it| it.status).collect::<Vec<_>>(), [Status::Outage, Status::Ok]);
        for none in [json!(null), json!({}), json!([])] {
            assert!(read(&page(&data(&health(&rows), &none))).unwrap().incidents.is_empty(), "{none}");
        }
    }

    #[test]
    fn what_is_no_status_page_is_refused() {
        let whole = page(&data(&health(&json!([{"id": "US", "health": 4}])), &json!([])));
        assert!(read(&whole).is_ok());
        for (html, says) in [
            ("<title>Sign in</title><body>JavaScript is Disabled", "\"Sign in\" where the Azure DevOps"),
            ("<div id='dataProviders'>{}</div>", "where the Azure DevOps status page was expected"),
            (&page("{\"data\": {\"ms.vss-web.page-data\": {}}}"), "not its status page"),
            (&page(&data(&json!(null), &json!([]))), "found null"),
            (
                &page(&data(&json!({"services": [{"serviceName": "App Store"}]}), &json!([]))),
                "services[].geographies[]",
            ),
            (&page(""), "empty"),
            (&whole.replace("}</script>", "</script>"), "not JSON"),
            (&whole[..whole.len() - 60], "cut short"),
        ] {
            let refusal = read(html).unwrap_err().to_string();
            assert!(refusal.contains(says), "{says}: {refusal}");
        }
    }
}
