//! Small pages in Hund's markup: every word, every trap.

use super::*;
use crate::schema::{Scalar, Status};

fn page(bar: &str, groups: &str) -> String {
    format!(
        "<!DOCTYPE html><html><head><title>Status Page - Acme &amp; Sons\n</title></head><body><div class='container'>
        <aside class='{bar} state-bar'><span class='status'>Operating Normally</span><span class='meta'>
        <time datetime='2021-01-23T08:50:30Z'>Jan 23, 2021 2:50 AM CST</time></span></aside>
        <section class='groups'>{groups}</section><section class='history limited'><header><h2>Recent History</h2></header>
        <div class='events'><div class='event item'><span class='name'>Old</span><div class='status'>
        <span class='outage state'></span></div></div></div></section>
        <footer><div class='attribution'><a href='https://hund.io/'>Powered By Hund.io</a></div></footer></div></body></html>"
    )
}

fn group(name: &str, items: &str) -> String {
    format!(
        "<section class='group'><header><h2>{name}</h2><span class='outage state' title='Outage'>Outage</span></header>
        {items}</section>"
    )
}

fn item(id: &str, name: &str, state: &str) -> String {
    format!(
        "<div class='item clickable'><div class='info'><span class='name'><a href=\"/components/{id}\">{name}</a></span>
        <span class='description' data-tooltip='Outage'></span></div>
        <div class='status'><span class='{state} state icon' title='Operational'></span></div></div>"
    )
}

fn read(html: &str) -> Report {
    parse(&Document::new(html.as_bytes())).unwrap()
}

fn refusal(html: &str) -> String {
    parse(&Document::new(html.as_bytes())).unwrap_err().to_string()
}

fn text<'a>(service: &'a Service, dimension: &str) -> Option<&'a str> {
    match service.dimensions.get(dimension)? {
        Scalar::Text(text) => Some(text),
        _ => None,
    }
}

const WORDS: [(&str, Status, bool, Option<&str>); 7] = [
    ("operational", Status::Ok, false, None),
    ("degraded", Status::Degraded, false, None),
    ("Outage", Status::Outage, false, None),
    ("maintenance", Status::Degraded, true, None),
    ("pending", Status::Unknown, false, None),
    ("on-fire", Status::Unknown, false, Some("on-fire")),
    ("", Status::Unknown, false, Some("(no class of a state)")),
];

#[test]
fn every_state_of_a_component_is_read() {
    for (word, status, maintenance, noted) in WORDS {
        let report = read(&page("operational", &group("Ads", &item("5c74", "Web &amp; API", word))));
        let [page, service] = &report.services[..] else { panic!("{word}: {report:?}") };
        assert_eq!(service.status, status, "{word}");
        assert_eq!(service.dimensions.contains_key(dimension_names::MAINTENANCE), maintenance, "{word}");
        assert_eq!((service.key.as_str(), service.name.as_str()), ("5c74", "Web & API"));
        assert_eq!((text(service, "serviceId"), text(service, "group")), (Some("5c74"), Some("Ads")));
        assert_eq!(service.last_timestamp, None, "the time is that of the page");
        assert_eq!(page.status, Status::Ok, "components do not speak for the page");
        assert_eq!(report.unknown_words.iter().map(String::as_str).next(), noted, "{word}");
    }
}

#[test]
fn the_page_speaks_first_by_its_bar() {
    for (word, status, maintenance, noted) in WORDS {
        let report = read(&page(word, &group("Ads", &item("5c74", "Web", "operational"))));
        let page = &report.services[0];
        assert_eq!(page.status, status, "{word}");
        assert_eq!(page.dimensions.contains_key(dimension_names::MAINTENANCE), maintenance, "{word}");
        assert_eq!((page.key.as_str(), page.name.as_str()), ("page", "Acme & Sons"));
        assert_eq!(text(page, "scope"), Some("page"));
        assert_eq!(page.last_timestamp.map(|at| at.to_string()).as_deref(), Some("2021-01-23T08:50:30.000Z"));
        assert_eq!(report.unknown_words.iter().map(String::as_str).next(), noted, "{word}");
    }
    let undated = page("outage", &group("Ads", &item("5c74", "Web", "outage"))).replace("2021-01-23T08:50:30Z", "soon");
    assert_eq!(read(&undated).services[0].last_timestamp, None);
}

#[test]
fn components_stand_in_groups_or_alone() {
    let unlinked = item("x", "API", "degraded").replace("<a href=\"/components/x\">API</a>", "API");
    let groups = group("Ads", &(unlinked.clone() + &item("a1", "Web", "operational")))
        + &group("", &item("b2?x=1", "Web", "operational"))
        + &unlinked
        + "<div class='item'><span class='name'>Silent</span></div>";
    let report = read(&page("degraded", &groups));
    let told: Vec<_> = report.services[1..]
        .iter()
        .map(|it| (it.key.as_str(), it.name.as_str(), text(it, "group"), it.status))
        .collect();
    assert_eq!(
        told,
        [
            ("Ads/API", "API", Some("Ads"), Status::Degraded),
            ("a1", "Web", Some("Ads"), Status::Ok),
            ("b2", "Web", None, Status::Ok),
            ("API", "API", None, Status::Degraded),
            ("Silent", "Silent", None, Status::Unknown),
        ]
    );
    assert!(report.unknown_words.contains("(no .status .state)"));
    assert!(report.incidents.is_empty(), "the history is over");
}

#[test]
fn what_is_no_status_page_is_refused() {
    let whole = page("operational", &group("Ads", &item("5c74", "Web", "operational")));
    for (html, says) in [
        (
            "<title>Sign in</title><body>Operating Normally <a href='https://hund.io/'>Hund</a>",
            "\"Sign in\" where a Hund",
        ),
        (&whole.replace("state-bar", "bar"), "where a Hund status page was expected"),
        ("<title>Shop</title><aside class='state-bar open'></aside>", "\"Shop\" where a Hund"),
        (&page("operational", &group("Ads", "")), "markup has changed"),
        (&whole.replace("class='name'", "class='n'"), "without a .name"),
        (&whole.replace("Status Page - Acme &amp; Sons", ""), "without a title"),
    ] {
        assert!(refusal(html).contains(says), "{says}: {}", refusal(html));
    }
    let unbranded = read(&whole.replace("https://hund.io/", "/"));
    assert_eq!(unbranded.services.len(), 2);
    let alone = read(&page("outage", ""));
    assert_eq!(alone.services.iter().map(|it| it.status).collect::<Vec<_>>(), [Status::Outage]);
}
