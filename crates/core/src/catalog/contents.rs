//! What the built-in catalog holds, and that it keeps its own rules.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::schema::{Service, Status, dimension_names};
use crate::target::{Document, Report};

fn all() -> &'static [Entry] {
    entries().unwrap()
}

fn entry(name: &str) -> &'static Entry {
    find(name).unwrap().unwrap_or_else(|| panic!("there is no {name}"))
}

#[test]
fn every_entry_is_a_target_with_a_name_of_its_own() {
    let names: BTreeSet<_> = all().iter().map(|entry| entry.spec.name()).collect();
    assert_eq!(names.len(), all().len(), "a name is repeated");
    let set = assemble(&Selection::All, &[]).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(set.len(), all().len());
    for entry in all() {
        let identity = set.get(entry.spec.name()).unwrap().target.identity();
        assert_eq!(identity.floor, entry.floor(), "{}", identity.name);
        assert!(identity.floor >= FLOOR, "{}", identity.name);
    }
}

#[test]
fn there_are_a_thousand_entries_and_few_that_are_asked_unbidden() {
    assert!(all().len() >= 1000, "{}", all().len());
    let recommended = all().iter().filter(|entry| entry.spec.is_recommended()).count();
    assert!((35..=50).contains(&recommended), "{recommended}");
}

#[test]
fn no_alias_is_taken() {
    let reserved = ["all", "none", "recommended"].into_iter().chain(categories());
    let mut taken: BTreeMap<&str, &str> = reserved.map(|word| (word, "a word of CATALOG")).collect();
    taken.extend(all().iter().map(|entry| (entry.spec.name(), "a name")));
    for entry in all() {
        assert!(!categories().any(|category| category == entry.spec.name()), "{} is a category", entry.spec.name());
        for alias in entry.spec.aliases() {
            let before = taken.insert(alias, entry.spec.name());
            assert_eq!(before, None, "the alias {alias} of {} is taken", entry.spec.name());
        }
    }
}

#[test]
fn every_entry_says_what_it_is_and_when_it_was_last_seen() {
    let titles: usize = CATEGORIES.iter().map(|category| category.toml.matches("\ntitle = ").count()).sum();
    assert_eq!(titles, all().len());
    for entry in all() {
        let (spec, name) = (&entry.spec, entry.spec.name());
        assert!(spec.homepage().is_some() && spec.evidence().is_some(), "{name}");
        assert!(spec.evidence() > Some("2024-"), "{name}: older evidence is none");
        let sentences = [Some(spec.title()), spec.note()];
        for text in sentences.into_iter().flatten() {
            assert!(!text.is_empty() && text.trim() == text && !text.contains(char::is_control), "{name}: {text:?}");
        }
        assert!(spec.note().is_none_or(|note| note.ends_with('.')), "{name}: a note is a sentence");
    }
}

#[test]
fn no_source_is_asked_twice() {
    let mut asked = BTreeMap::new();
    for entry in all() {
        let address = entry.spec.endpoint().to_lowercase();
        let (_, address) = address.split_once("://").unwrap();
        let address = address.trim_start_matches("www.").trim_end_matches('/').to_owned();
        let name = entry.spec.name();
        assert_eq!(asked.insert(address, name), None, "{name} asks what another one asks");
    }
}

#[test]
fn categories_and_the_entries_in_them_are_sorted_by_name() {
    assert!(categories().is_sorted());
    let place = |entry: &'static Entry| (entry.category(), entry.spec.name());
    assert!(all().is_sorted_by_key(place), "{:?}", all().windows(2).find(|two| place(&two[0]) > place(&two[1])));
}

#[test]
fn the_services_of_the_mission_are_there_with_the_transport_it_names() {
    for (name, kind, format) in [
        ("aws", "RSS", "aws"),
        ("aws-health", "REST", "aws"),
        ("azure", "RSS", "azure"),
        ("azure-devops", "REST", "azure-devops"),
        ("azure-pipelines", "REST", "azure-devops"),
        ("azure-resource-health", "REST", "azure"),
        ("azure-summary", "REST", "microsoft-status"),
        ("bitbucket", "REST", "statuspage"),
        ("gcp", "RSS", "google"),
        ("github", "REST", "statuspage"),
        ("gitlab", "HTML", "statusio"),
        ("gitlab-api", "REST", "statusio"),
        ("google-workspace", "REST", "google-incidents"),
        ("meta", "REST", "meta"),
        ("microsoft-365", "REST", "msgraph"),
        ("microsoft-365-consumer", "REST", "microsoft-status"),
        ("power-platform", "REST", "microsoft-status"),
        ("slack", "REST", "slack"),
        ("x", "HTML", "selectors"),
        ("zoom", "REST", "statuspage"),
    ] {
        let spec = &entry(name).spec;
        assert_eq!((spec.name(), spec.kind_word(), spec.format_name()), (name, kind, Some(format)));
    }
    for (alias, name) in [
        ("claude", "anthropic"),
        ("facebook", "meta"),
        ("google-cloud", "gcp"),
        ("office-365", "microsoft-365"),
        ("sendgrid", "twilio"),
        ("twitter", "x"),
    ] {
        assert_eq!(entry(alias).spec.name(), name);
    }
}

#[test]
fn the_recommended_ones_include_what_every_list_of_status_pages_has() {
    let names = "anthropic atlassian aws azure azure-devops bitbucket cloudflare datadog digitalocean discord docker \
                 gcp github gitlab google-workspace npm openai pypi slack stripe twilio vercel zoom";
    for name in names.split_whitespace() {
        assert!(entry(name).spec.is_recommended(), "{name}");
    }
}

/// Reads a document as the entry says.
fn read(name: &str, document: &str) -> Result<Report, String> {
    let format = entry(name).spec.format().unwrap();
    format.parse(&Document::new(document.as_bytes())).map_err(|error| error.to_string())
}

fn statuses(report: &Report) -> Vec<(&str, Status)> {
    report.services.iter().map(|service: &Service| (service.name.as_str(), service.status)).collect()
}

#[test]
fn x_is_read_from_the_cards_of_a_markdown_page() {
    let page = |tip: &str| {
        format!(
            "# X Developer Platform Status\n\n<Warning>\n Some systems are degraded.\n</Warning>\n\n\
             <CardGroup cols={{3}}>\n\
             <Card title=\"X API v2\" icon=\"triangle-exclamation\" color=\"#d7cc55\" horizontal href=\"#\">\n\
             <Tooltip tip=\"{tip}\">Words</Tooltip>\n</Card>\n\
             <Card title=\"Developer Console\" icon=\"circle-check\" horizontal href=\"#\">\n\
             <Tooltip tip=\"Operational\">Normal</Tooltip>\n</Card>\n</CardGroup>\n\n## Incident history\n\n\
             <Steps>\n<Step title=\"Outage\">Resolved.</Step>\n</Steps>\n"
        )
    };
    for (tip, status) in [
        ("Operational", Status::Ok),
        ("Degraded", Status::Degraded),
        ("Outage", Status::Outage),
        ("Sort of fine", Status::Unknown),
    ] {
        let report = read("x", &page(tip)).unwrap();
        assert_eq!(statuses(&report), [("X API v2", status), ("Developer Console", Status::Ok)]);
        assert_eq!(report.unknown_words.len(), usize::from(status == Status::Unknown));
    }
    let other = "# Support\n\n<CardGroup>\n<Card title=\"API Status\" href=\"/status\">\n\
                 All operational.\n</Card>\n</CardGroup>\n";
    for stranger in [other, "<html><body><form><input type=password></form></body></html>", "{\"status\":\"ok\"}"] {
        assert!(read("x", stranger).is_err(), "{stranger}");
    }
}

#[test]
fn paypal_is_read_by_the_state_of_its_production_environment() {
    let component = |name: &str, production: &str| {
        format!(
            "{{\"name\":\"{name}\",\"category\":{{\"name\":\"product\"}},\
             \"status\":{{\"production\":\"{production}\",\"sandbox\":\"Service Outage\"}}}}"
        )
    };
    let words = ["Operational", "service_disruption", "Service Outage", "Under Maintenance", "Wobbly"];
    let components: Vec<String> = words.iter().map(|word| component(word, word)).collect();
    let report = read("paypal", &format!("{{\"result\":[{}]}}", components.join(","))).unwrap();
    let expected = [Status::Ok, Status::Degraded, Status::Outage, Status::Degraded, Status::Unknown];
    assert_eq!(statuses(&report), words.into_iter().zip(expected).collect::<Vec<_>>());
    assert!(report.services[3].dimensions.contains_key(dimension_names::MAINTENANCE));
    assert!(read("paypal", "{\"error\":\"forbidden\"}").is_err());
}

#[test]
fn mistral_is_read_by_its_open_incidents() {
    let incident = |name: &str, severity: &str, services: &str| {
        format!(
            "{{\"name\":\"{name}\",\"severity\":\"{severity}\",\"updated_at\":\"2026-08-01T10:00:00.000Z\",\
             \"services\":{services}}}"
        )
    };
    let open = [
        incident("Slow", "MEDIUM", "[{\"name\":\"API\"},{\"name\":\"Vibe\"}]"),
        incident("Down", "MAJOR", "[{\"name\":\"API\"}]"),
        incident("Somewhere", "MINOR", "[]"),
    ];
    let report = read("mistral-ai", &format!("{{\"incidents\":[{}]}}", open.join(","))).unwrap();
    let expected = [("API", Status::Outage), ("Mistral AI", Status::Degraded), ("Vibe", Status::Degraded)];
    assert_eq!(statuses(&report), expected);
    assert!(read("mistral-ai", "{\"incidents\":[]}").unwrap().services.is_empty());
    assert!(read("mistral-ai", "{\"statusCode\":404}").is_err());
}

#[test]
fn oracle_is_read_region_by_region() {
    let answer = r#"{"regionHealthReports":[
        {"regionCanonicalName":"us-ashburn-1","serviceHealthReports":[
            {"serviceName":"Compute","serviceCategoryName":"Compute","serviceStatus":"NormalPerformance"},
            {"serviceName":"Console","serviceCategoryName":"Tools","serviceStatus":"MajorOutage"}]},
        {"regionCanonicalName":"uk-london-1","serviceHealthReports":[
            {"serviceName":"Compute","serviceCategoryName":"Compute","serviceStatus":"Hibernating"}]}]}"#;
    let report = read("oracle-cloud", answer).unwrap();
    let expected = [("Compute", Status::Ok), ("Console", Status::Outage), ("Compute", Status::Unknown)];
    assert_eq!(statuses(&report), expected);
    assert_eq!(report.services[2].key, "Compute/uk-london-1");
    assert!(read("oracle-cloud", r#"{"status":{"indicator":"none"}}"#).is_err());
}

#[test]
fn exoscale_is_read_from_the_leaves_of_a_tree() {
    let answer = r#"{"services":[
        {"id":10,"name":"CH-GVA-2","current_incident_type":"minor","children":[
            {"id":11,"name":"Compute","current_incident_type":"major"},
            {"id":12,"name":"Storage","current_incident_type":"scheduled","children":[]}]},
        {"id":20,"name":"DNS","current_incident_type":null,"children":null}]}"#;
    let report = read("exoscale", answer).unwrap();
    assert_eq!(statuses(&report), [("Compute", Status::Outage), ("Storage", Status::Degraded), ("DNS", Status::Ok)]);
    assert_eq!(report.services[0].dimensions.get(dimension_names::GROUP), Some(&"CH-GVA-2".into()));
    assert!(read("exoscale", r#"{"services":[{"id":20,"name":"DNS"}]}"#).is_err(), "a key that is gone is no OK");
}
