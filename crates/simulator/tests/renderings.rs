//! What the wire formats say: well-formed at all times, and true.

#![expect(clippy::unwrap_used, reason = "the helpers of tests fail by panicking, as tests do")]

use std::time::Duration;

use atom_syndication::Feed;
use rss::Channel;
use scraper::{Html, Selector};
use serde_json::Value;
use unistatus_simulator::formats::{Asked, DIALECTS, Dialect, Page, find_dialect};
use unistatus_simulator::{Condition, NewIncident, Options, Simulator, Stage, Truth, World};

async fn quiet(dialect: &'static Dialect, services: usize) -> Simulator {
    Simulator::start(World::uniform(1, services, &[dialect]).quiet(), Options::manual()).await.unwrap()
}

async fn demo(vendor: &str) -> Simulator {
    Simulator::start(World::demo(1).only(&[vendor]).quiet(), Options::manual()).await.unwrap()
}

fn pages(dialect: &'static Dialect) -> impl Iterator<Item = &'static Page> {
    std::iter::once(&dialect.endpoint).chain(dialect.others)
}

/// What the (only) vendor says at its endpoint.
fn said(simulator: &Simulator) -> String {
    let vendor = simulator.vendors().next().unwrap();
    said_at(simulator, find_dialect(vendor.dialect).unwrap().endpoint.path)
}

/// What the (only) vendor says at a path.
fn said_at(simulator: &Simulator, path: &str) -> String {
    let vendor = simulator.vendors().next().unwrap();
    let page = find_dialect(vendor.dialect).unwrap().page(path).unwrap();
    simulator.truth(&vendor.name, |truth| document(page, truth)).unwrap()
}

/// What a page says, whatever its encoding.
fn document(page: &Page, truth: &Truth<'_>) -> String {
    let bytes = page.body(truth, &Asked { origin: "http://127.0.0.1:1".to_owned(), query: Vec::new() });
    if let Some(utf16) = bytes.strip_prefix(&[0xFE, 0xFF]) {
        let units: Vec<u16> = utf16.chunks(2).map(|pair| u16::from_be_bytes(pair.try_into().unwrap())).collect();
        return String::from_utf16(&units).unwrap();
    }
    String::from_utf8(bytes).unwrap()
}

fn json(simulator: &Simulator) -> Value {
    serde_json::from_str(&said(simulator)).unwrap()
}

fn texts(html: &Html, selector: &str) -> Vec<String> {
    let text = |element: scraper::ElementRef| {
        element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
    };
    html.select(&Selector::parse(selector).unwrap()).map(text).collect()
}

fn incident(title: &str, condition: Condition, services: &[&str]) -> NewIncident {
    NewIncident { title: title.into(), condition, services: services.iter().map(ToString::to_string).collect() }
}

/// Parses a document, strictly.
fn check(page: &Page, document: &str) -> Result<(), String> {
    match page.content_type.split(';').next().unwrap() {
        "application/json" => serde_json::from_str::<Value>(document).map(drop).map_err(|error| error.to_string()),
        "text/html" => {
            let errors = Html::parse_document(document).errors;
            if errors.is_empty() { Ok(()) } else { Err(format!("{errors:?}")) }
        }
        "application/rss+xml" => {
            let channel = Channel::read_from(document.as_bytes()).map_err(|error| error.to_string())?;
            if channel.title.is_empty() { Err("no title".into()) } else { Ok(()) }
        }
        "application/atom+xml" => {
            let feed = Feed::read_from(document.as_bytes()).map_err(|error| error.to_string())?;
            if feed.title.is_empty() || feed.id.is_empty() { Err("no title or id".into()) } else { Ok(()) }
        }
        other => Err(format!("unexpected content type {other}")),
    }
}

#[tokio::test]
async fn every_page_is_well_formed_at_all_times() {
    for world in [World::demo(3), World::uniform(DIALECTS.len(), 5, &[]), World::uniform(DIALECTS.len(), 0, &[])] {
        let simulator = Simulator::start(world, Options::manual()).await.unwrap();
        for _ in 0..8 {
            for vendor in simulator.vendors() {
                for page in pages(find_dialect(vendor.dialect).unwrap()) {
                    let document = simulator.truth(&vendor.name, |truth| document(page, truth)).unwrap();
                    check(page, &document)
                        .unwrap_or_else(|why| panic!("{} {}: {why}\n{document}", vendor.name, page.path));
                }
            }
            simulator.advance(Duration::from_secs(457));
        }
    }
}

/// For each dialect: what its document has in place of the state of a service in each condition, from best to worst.
const WORDS: &[(&str, [&str; 5])] = &[
    (
        "statuspage",
        [
            "\"operational\"",
            "\"under_maintenance\"",
            "\"degraded_performance\"",
            "\"partial_outage\"",
            "\"major_outage\"",
        ],
    ),
    (
        "incident-io",
        [
            "\"operational\"",
            "\"under_maintenance\"",
            "\"degraded_performance\"",
            "\"partial_outage\"",
            "\"major_outage\"",
        ],
    ),
    (
        "google-incidents",
        [
            "[]",
            "\"status\":\"SERVICE_DISRUPTION\"",
            "\"status\":\"SERVICE_DISRUPTION\"",
            "\"status\":\"SERVICE_DISRUPTION\"",
            "\"status\":\"SERVICE_OUTAGE\"",
        ],
    ),
    ("azure-devops", ["\"healthy\"", "\"advisory\"", "\"degraded\"", "\"degraded\"", "\"unhealthy\""]),
    ("aws", ["[]", "\"status\":\"1\"", "\"status\":\"2\"", "\"status\":\"2\"", "\"status\":\"3\""]),
    (
        "azure",
        [
            "\"availabilityState\":\"Available\"",
            "\"reasonType\":\"Planned\"",
            "\"availabilityState\":\"Degraded\"",
            "\"availabilityState\":\"Degraded\"",
            "\"availabilityState\":\"Unavailable\"",
        ],
    ),
    (
        "microsoft-status",
        [
            "\"Operational\"",
            "\"Service degradation\"",
            "\"Service degradation\"",
            "\"Service degradation\"",
            "\"Service degradation\"",
        ],
    ),
    (
        "msgraph",
        [
            "\"serviceOperational\"",
            "\"serviceDegradation\"",
            "\"serviceDegradation\"",
            "\"extendedRecovery\"",
            "\"serviceInterruption\"",
        ],
    ),
    (
        "slack",
        ["\"ok\"", "\"type\":\"incident\"", "\"type\":\"incident\"", "\"type\":\"incident\"", "\"type\":\"outage\""],
    ),
    (
        "incident-io-native",
        [
            "\"affected_components\":[]",
            "\"status\":\"under_maintenance\"",
            "\"status\":\"degraded_performance\"",
            "\"status\":\"partial_outage\"",
            "\"status\":\"full_outage\"",
        ],
    ),
    ("cachet", ["\"status\":1", "\"status\":2", "\"status\":2", "\"status\":3", "\"status\":4"]),
    ("uptime-kuma", ["\"status\":1", "\"status\":3", "\"status\":2", "\"status\":2", "\"status\":0"]),
    (
        "rollbar",
        ["\"items\":[]", "\"level\":\"error\"", "\"level\":\"error\"", "\"level\":\"error\"", "\"level\":\"critical\""],
    ),
    (
        "salesforce",
        [
            "\"OK\"",
            "\"MAINTENANCE_CORE\"",
            "\"MINOR_INCIDENT_CORE\"",
            "\"MAJOR_INCIDENT_NONCORE\"",
            "\"MAJOR_INCIDENT_CORE\"",
        ],
    ),
    (
        "meta",
        [
            "\"No known issues\"",
            "\"Low disruptions\"",
            "\"Low disruptions\"",
            "\"Medium disruptions\"",
            "\"High disruptions\"",
        ],
    ),
    ("apple", ["\"events\":[]", "\"Maintenance\"", "\"Performance\"", "\"Issue\"", "\"Outage\""]),
    (
        "heroku",
        [
            "\"status\":\"green\"",
            "\"status\":\"blue\"",
            "\"status\":\"yellow\"",
            "\"status\":\"yellow\"",
            "\"status\":\"red\"",
        ],
    ),
    (
        "statusio",
        [
            "\"status\":\"Operational\"",
            "\"status\":\"Planned Maintenance\"",
            "\"status\":\"Degraded Performance\"",
            "\"status\":\"Partial Service Disruption\"",
            "\"status\":\"Service Disruption\"",
        ],
    ),
    ("instatus", ["\"UP\"", "\"UNDERMAINTENANCE\"", "\"HASISSUES\"", "\"HASISSUES\"", "\"HASISSUES\""]),
    (
        "betterstack",
        [
            "\"status\":\"operational\"",
            "\"status\":\"maintenance\"",
            "\"status\":\"degraded\"",
            "\"status\":\"degraded\"",
            "\"status\":\"downtime\"",
        ],
    ),
    (
        "sorry",
        [
            "\"state\":\"operational\"",
            "\"state\":\"under_maintenance\"",
            "\"state\":\"degraded\"",
            "\"state\":\"degraded\"",
            "\"state\":\"degraded\"",
        ],
    ),
    (
        "zscaler",
        [
            "\"status\":true",
            "\"severityTid\":\"19\",\"short",
            "\"severityTid\":\"19\",\"short",
            "\"severityTid\":\"19\",\"short",
            "\"severityTid\":\"20\",\"short",
        ],
    ),
    (
        "concur",
        [
            "\"Current Status\":{\"incidents\":[],\"status\":\"normal\"}",
            "\"status\":\"degradation\"}",
            "\"status\":\"degradation\"}",
            "\"status\":\"degradation\"}",
            "\"status\":\"disruption\"}",
        ],
    ),
    (
        "concur-incidents",
        [
            "[]",
            "\"severity\":\"degradation\"",
            "\"severity\":\"degradation\"",
            "\"severity\":\"degradation\"",
            "\"severity\":\"disruption\"",
        ],
    ),
    (
        "concur-banner",
        ["\"display\":false", "\"display\":true", "\"display\":true", "\"display\":true", "\"display\":true"],
    ),
    ("ibm", ["\"statusItems\":[{\"audience\"", "\"type\":\"maintenance\"", "\"sev\":3", "\"sev\":2", "\"sev\":1"]),
    ("jq", ["\"up\":true", "\"up\":true", "\"up\":true", "\"up\":true", "\"up\":false"]),
    (
        "statuspage-html",
        [
            "data-component-status=\"operational\"",
            "data-component-status=\"under_maintenance\"",
            "data-component-status=\"degraded_performance\"",
            "data-component-status=\"partial_outage\"",
            "data-component-status=\"major_outage\"",
        ],
    ),
    (
        "statusio-html",
        [
            "component-status\">Operational",
            "component-status\">Planned Maintenance",
            "component-status\">Degraded Performance",
            "component-status\">Partial Service Disruption",
            "component-status\">Service Disruption",
        ],
    ),
    (
        "azure-html",
        [
            "data-label=\"Good\"",
            "data-label=\"Information\"",
            "data-label=\"Warning\"",
            "data-label=\"Warning\"",
            "data-label=\"Critical\"",
        ],
    ),
    (
        "azure-devops-html",
        [
            "\"health\":4,\"id\":\"eu-west-1\"",
            "\"health\":3,\"id\":\"eu-west-1\"",
            "\"health\":2,\"id\":\"eu-west-1\"",
            "\"health\":2,\"id\":\"eu-west-1\"",
            "\"health\":1,\"id\":\"eu-west-1\"",
        ],
    ),
    (
        "google-html",
        // In a cell: the legend has every icon.
        [
            "__available\" height=\"18\"></svg></psd-status-icon> </td>",
            "__disruption\" height=\"18\"></svg></psd-status-icon> </td>",
            "__disruption\" height=\"18\"></svg></psd-status-icon> </td>",
            "__disruption\" height=\"18\"></svg></psd-status-icon> </td>",
            "__outage\" height=\"18\"></svg></psd-status-icon> </td>",
        ],
    ),
    (
        "hund-html",
        [
            "operational state icon",
            "maintenance state icon",
            "degraded state icon",
            "degraded state icon",
            "outage state icon",
        ],
    ),
    ("selectors", [">Running<", ">Planned stop<", ">Slow<", ">Partly down<", ">Stopped<"]),
    (
        "aws-rss",
        [
            "</ttl>\n  </channel>",
            "[Informational message: ",
            "[Performance issues: ",
            "[Performance issues: ",
            "[Service disruption: ",
        ],
    ),
    ("google-atom", ["</id>\n</feed>", ">eu-west-1: ", ">eu-west-1: ", ">eu-west-1: ", ">eu-west-1: "]),
    (
        "statuspage-rss",
        ["</pubDate>\n  </channel>", ">In progress<", ">Investigating<", ">Investigating<", ">Investigating<"],
    ),
    (
        "statuspage-atom",
        ["</author>\n</feed>", ">In progress<", ">Investigating<", ">Investigating<", ">Investigating<"],
    ),
    (
        "azure-rss",
        [
            "</lastBuildDate>\n  </channel>",
            ">Planned work on Service 1 <",
            ">Slow answers from Service 1 <",
            ">Slow answers from Service 1 <",
            ">Slow answers from Service 1 <",
        ],
    ),
    (
        "instatus-rss",
        [
            "</pubDate>\n</channel>",
            " - Identified - ",
            " - Investigating - ",
            " - Investigating - ",
            " - Investigating - ",
        ],
    ),
    ("instatus-atom", ["</updated>\n</feed>", ">Identified<", ">Investigating<", ">Investigating<", ">Investigating<"]),
    (
        "statusio-rss",
        ["</lastBuildDate>\n  </channel>", ">Active<", ">Investigating<", ">Investigating<", ">Investigating<"],
    ),
    ("slack-rss", [">Notice: ", ">Maintenance: ", ">Incident: ", ">Incident: ", ">Outage: "]),
    ("slack-atom", [">Notice: ", ">Maintenance: ", ">Incident: ", ">Incident: ", ">Outage: "]),
    (
        "meta-rss",
        [
            "/>\n  </channel>",
            ">Planned work on Service 1<",
            ">Slow answers from Service 1<",
            ">Slow answers from Service 1<",
            ">Slow answers from Service 1<",
        ],
    ),
    (
        "xai-rss",
        [
            "Severity: available",
            "Severity: maintenance",
            "Severity: degraded",
            "Severity: disruption",
            "Severity: outage",
        ],
    ),
    ("rules", ["</description>\n  </channel>", "1: planned work<", "1: delayed<", "1: partly stopped<", "1: stopped<"]),
];

#[tokio::test]
async fn every_dialect_tells_of_every_condition_and_of_its_end() {
    for (name, words) in WORDS {
        let dialect = find_dialect(name).unwrap();
        let simulator = quiet(dialect, 1).await;
        for (condition, word) in Condition::ALL.into_iter().zip(words) {
            simulator.set("vendor-0001", "Service 1", condition).unwrap();
            simulator.advance(Duration::from_mins(1));
            let document = said(&simulator).replace("&lt;", "<").replace("&gt;", ">");
            assert!(document.contains(word), "{name}, {condition:?}: no {word} in {document}");
        }
        let worst = said(&simulator);
        simulator.set("vendor-0001", "Service 1", Condition::Operational).unwrap();
        assert_ne!(said(&simulator), worst, "{name}");
    }
    assert_eq!(WORDS.len(), DIALECTS.len(), "every dialect has its words");
}

#[tokio::test]
async fn the_indicator_of_a_statuspage_follows_its_components() {
    use Condition::{Degraded, Maintenance, MajorOutage, Operational, PartialOutage};
    let simulator = quiet(find_dialect("statuspage").unwrap(), 2).await;
    for (conditions, indicator) in [
        ([Operational, Operational], "none"),
        ([Maintenance, Operational], "maintenance"),
        ([Degraded, Maintenance], "minor"),
        ([PartialOutage, Degraded], "minor"),
        ([PartialOutage, PartialOutage], "major"),
        ([MajorOutage, Operational], "major"),
        ([MajorOutage, MajorOutage], "critical"),
    ] {
        for (service, condition) in ["Service 1", "Service 2"].into_iter().zip(conditions) {
            simulator.set("vendor-0001", service, condition).unwrap();
        }
        let summary = json(&simulator);
        assert_eq!(summary["status"]["indicator"], indicator, "{conditions:?}");
        let html = Html::parse_document(&said_at(&simulator, "/"));
        assert_eq!(
            texts(&html, &format!(".page-status.status-{indicator} .status")),
            [summary["status"]["description"].as_str().unwrap()]
        );
    }
}

#[tokio::test]
async fn a_critical_incident_may_stand_over_green_components() {
    let simulator = demo("github").await;
    let id = simulator.open_incident("github", incident("Agents fail", Condition::MajorOutage, &["Runners"])).unwrap();
    let summary = json(&simulator);
    assert_eq!(summary["status"]["indicator"], "none");
    assert_eq!(summary["incidents"][0]["impact"], "critical");
    assert_eq!(summary["incidents"][0]["status"], "investigating");
    assert_eq!(summary["incidents"][0]["components"][0]["name"], "Runners");
    let html = Html::parse_document(&said_at(&simulator, "/"));
    assert_eq!(texts(&html, ".unresolved-incident.impact-critical a.actual-title"), ["Agents fail"]);
    assert!(texts(&html, ".page-status").is_empty(), "the banner gives way to the incident");

    simulator.advance(Duration::from_mins(1));
    simulator.update_incident("github", &id, Stage::Monitoring, "Better <now>").unwrap();
    let summary = json(&simulator);
    assert_eq!(summary["incidents"][0]["status"], "monitoring");
    assert_eq!(summary["incidents"][0]["incident_updates"][0]["body"], "Better <now>");
    assert_eq!(summary["incidents"][0]["monitoring_at"], "2026-01-05T08:01:00.000Z");

    simulator.close_incident("github", &id).unwrap();
    assert_eq!(json(&simulator)["incidents"].as_array().unwrap().len(), 0);
    let html = Html::parse_document(&said_at(&simulator, "/"));
    assert_eq!(texts(&html, ".incidents-list .incident-title.impact-critical"), ["Agents fail"]);
}

#[tokio::test]
async fn a_statuspage_lists_groups_after_their_children_with_the_worst_of_them() {
    let simulator = demo("zoom").await;
    simulator.set("zoom", "phone-voice-mail", Condition::PartialOutage).unwrap();
    let summary = json(&simulator);
    let rows = summary["components"].as_array().unwrap();
    let row = |name: &str| rows.iter().find(|row| row["name"] == name).unwrap();
    assert_eq!(rows.len(), 7 + 2);
    assert_eq!(row("Phone")["group"], true);
    assert_eq!(row("Phone")["status"], "partial_outage");
    assert_eq!(row("Phone")["components"].as_array().unwrap().len(), 2);
    assert_eq!(row("Voice Mail")["group_id"], row("Phone")["id"]);
    assert_eq!(row("Voice Mail")["updated_at"], "2026-01-05T00:00:00.000-08:00", "Zoom's page is in Pacific time");
    assert_eq!(row("Web Portal")["group_id"], Value::Null);

    let html = Html::parse_document(&said_at(&simulator, "/"));
    assert_eq!(texts(&html, ".is-group .child-components-container [data-component-id] .name").len(), 5);
    assert_eq!(texts(&html, ".components-section [data-component-id] .name").len(), 7 + 2);
}

#[tokio::test]
async fn planned_work_is_told_before_while_and_after() {
    let simulator = demo("github").await;
    let id = simulator.open_incident("github", incident("Move", Condition::Maintenance, &["Runners"])).unwrap();
    let summary = json(&simulator);
    assert_eq!(summary["scheduled_maintenances"][0]["status"], "in_progress");
    assert_eq!(summary["scheduled_maintenances"][0]["scheduled_for"], "2026-01-05T08:00:00.000Z");
    let html = Html::parse_document(&said_at(&simulator, "/"));
    assert_eq!(texts(&html, ".scheduled-incidents-container .scheduled-incident .incident-title"), ["Move"]);

    simulator.update_incident("github", &id, Stage::Scheduled, "Later.").unwrap();
    let feed = Channel::read_from(said_at(&simulator, "/history.rss").as_bytes()).unwrap();
    assert!(feed.items()[0].description().unwrap().contains("THIS IS A SCHEDULED EVENT"));

    simulator.update_incident("github", &id, Stage::Completed, "Done.").unwrap();
    assert_eq!(json(&simulator)["scheduled_maintenances"].as_array().unwrap().len(), 0);
}

#[tokio::test]
async fn names_with_markup_letters_arrive_whole() {
    let simulator = demo("github").await;
    simulator.set("github", "merge-requests-reviews", Condition::Degraded).unwrap();
    let html = Html::parse_document(&said_at(&simulator, "/"));
    assert!(texts(&html, "[data-component-id] .name").contains(&"Merge Requests & Reviews".to_owned()));
    let title = "Slow answers from Merge Requests & Reviews";
    assert_eq!(
        Channel::read_from(said_at(&simulator, "/history.rss").as_bytes()).unwrap().items()[0].title(),
        Some(title)
    );
    assert_eq!(
        Feed::read_from(said_at(&simulator, "/history.atom").as_bytes()).unwrap().entries()[0].title.as_str(),
        title
    );
}

#[tokio::test]
async fn aws_names_service_region_and_time_in_its_guids() {
    let simulator = demo("aws").await;
    simulator.set("aws", "s3-eu-central-1", Condition::MajorOutage).unwrap();
    let channel = Channel::read_from(said(&simulator).as_bytes()).unwrap();
    let [item] = channel.items() else { panic!("one item expected: {channel:?}") };
    assert_eq!(item.guid().unwrap().value(), "https://status.aws.amazon.com/#s3-eu-central-1_1767600000");
    assert_eq!(item.pub_date(), Some("Mon, 05 Jan 2026 00:00:00 PST"));
    assert_eq!(item.title(), Some("Service disruption: Outage of s3"));

    simulator.advance(Duration::from_mins(1));
    simulator.set("aws", "s3-eu-central-1", Condition::Operational).unwrap();
    let channel = Channel::read_from(said(&simulator).as_bytes()).unwrap();
    let titles: Vec<_> = channel.items().iter().filter_map(rss::Item::title).collect();
    assert_eq!(
        titles,
        ["Service is operating normally: [RESOLVED] Outage of s3", "Service disruption: [RESOLVED] Outage of s3"]
    );
}

#[tokio::test]
async fn a_feed_of_google_tells_each_post_and_marks_the_last() {
    let simulator = demo("gcp").await;
    simulator.set("gcp", "object-store-asia-south2", Condition::Degraded).unwrap();
    simulator.advance(Duration::from_mins(1));
    simulator.set("gcp", "object-store-asia-south2", Condition::Operational).unwrap();
    let feed = Feed::read_from(said(&simulator).as_bytes()).unwrap();
    let titles: Vec<_> = feed.entries().iter().map(|entry| entry.title.as_str()).collect();
    assert_eq!(
        titles,
        ["RESOLVED: asia-south2: Slow answers from Object Store", "asia-south2: Slow answers from Object Store"]
    );
    let summary = &feed.entries()[0].summary.as_ref().unwrap().value;
    assert!(
        summary.contains("Affected products: Object Store")
            && summary.contains("Affected locations: Delhi (asia-south2)")
    );
    assert_eq!(feed.updated.to_rfc3339(), "2026-01-05T08:01:00+00:00");
}

#[tokio::test]
async fn googles_list_keeps_what_is_over() {
    let simulator = demo("google-workspace").await;
    simulator.set("google-workspace", "Mail", Condition::MajorOutage).unwrap();
    let ongoing = json(&simulator);
    assert_eq!(ongoing[0]["end"], Value::Null);
    assert_eq!(ongoing[0]["affected_products"][0]["title"], "Mail");
    assert_eq!(ongoing[0]["most_recent_update"]["when"], "2026-01-05T08:00:00+00:00");

    simulator.set("google-workspace", "Mail", Condition::Operational).unwrap();
    let over = json(&simulator);
    assert_eq!(over[0]["end"], "2026-01-05T08:00:00+00:00");
    assert_eq!(over[0]["status_impact"], "SERVICE_OUTAGE");
    assert_eq!(over[0]["most_recent_update"]["status"], "AVAILABLE");
}

#[tokio::test]
async fn azure_devops_lists_each_service_once_with_all_its_geographies() {
    let simulator = demo("azure-devops").await;
    simulator.set("azure-devops", "repos-eu", Condition::MajorOutage).unwrap();
    let health = json(&simulator);
    assert_eq!(health["services"].as_array().unwrap().len(), 5);
    assert_eq!(health["services"][1]["id"], "Repos");
    assert_eq!(health["services"][1]["geographies"][1]["name"], "Europe");
    assert_eq!(health["services"][1]["geographies"][1]["health"], "unhealthy");
    assert_eq!(health["status"]["health"], "unhealthy");
}

/// What the (only) vendor answers at its endpoint to such a query.
fn asked(simulator: &Simulator, query: &[(&str, &str)]) -> Value {
    let vendor = simulator.vendors().next().unwrap();
    let page = &find_dialect(vendor.dialect).unwrap().endpoint;
    let query = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let asked = Asked { origin: "http://127.0.0.1:1".to_owned(), query };
    serde_json::from_slice(&simulator.truth(&vendor.name, |truth| page.body(truth, &asked)).unwrap()).unwrap()
}

#[tokio::test]
async fn lists_in_pages_lead_from_one_to_the_next() {
    for (dialect, link) in [("azure", "nextLink"), ("msgraph", "@odata.nextLink")] {
        for services in [0, 1, 2, 5] {
            let simulator = quiet(find_dialect(dialect).unwrap(), services).await;
            let mut pages = vec![asked(&simulator, &[])];
            while let Some(next) = pages.last().unwrap().get(link) {
                let (address, query) = next.as_str().unwrap().split_once('?').unwrap();
                assert_eq!(address, format!("http://127.0.0.1:1{}", find_dialect(dialect).unwrap().endpoint.path));
                let query: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
                let query: Vec<_> = query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
                let page = asked(&simulator, &query);
                pages.push(page);
            }
            assert_eq!(pages.len(), if services > 1 { 2 } else { 1 }, "{dialect}, {services} services");
            let rows: usize = pages.iter().map(|page| page["value"].as_array().unwrap().len()).sum();
            assert_eq!(rows, services, "{dialect}");
        }
    }
}

#[tokio::test]
async fn the_events_of_aws_are_in_utf_16_and_tell_each_service_of_several() {
    let simulator = quiet(find_dialect("aws").unwrap(), 2).await;
    let power = incident("Power", Condition::MajorOutage, &["Service 1", "Service 2"]);
    let id = simulator.open_incident("vendor-0001", power).unwrap();
    let bytes = simulator
        .truth("vendor-0001", |truth| find_dialect("aws").unwrap().endpoint.body(truth, &Asked::default()))
        .unwrap();
    assert_eq!(&bytes[..4], [0xFE, 0xFF, 0, b'[']);

    let event = &json(&simulator)[0];
    assert_eq!((&event["service"], &event["status"]), (&"multipleservices-eu-west-1".into(), &"3".into()));
    assert_eq!(event["impacted_services"]["service-2-us-east-1"]["current"], "3");
    assert_eq!((&event["date"], &event["event_log"][0]["timestamp"]), (&"1767600000".into(), &1_767_600_000.into()));
    assert_eq!(event["impacted_service_status_changes"][0]["timestamp"], 1_767_600_000_000_i64);
    assert!(event["arn"].as_str().unwrap().starts_with("arn:aws:health:eu-west-1::event/MULTIPLE_SERVICES/"));

    simulator.close_incident("vendor-0001", &id).unwrap();
    let event = &json(&simulator)[0];
    assert_eq!((&event["summary"], &event["status"]), (&"[RESOLVED] Power".into(), &"0".into()));
    assert_eq!(event["end_time"], "1767600000");
}
#[tokio::test]
async fn a_matrix_has_a_cell_for_each_service_in_each_region_and_says_which_are_empty() {
    for (name, cell, filled) in
        [("azure-html", "td.status-cell", ".status-icon[data-label=Good]"), ("google-html", "td.j2GwV__cell", "svg")]
    {
        // Five services, each in one of four regions.
        let simulator = quiet(find_dialect(name).unwrap(), 5).await;
        let html = Html::parse_document(&said(&simulator));
        assert_eq!(texts(&html, cell).len(), 5 * 4, "{name}");
        assert_eq!(texts(&html, &format!("{cell} {filled}")).len(), 5, "{name}");
    }
}
