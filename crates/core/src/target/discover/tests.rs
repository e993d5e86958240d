use super::*;
use crate::target::find_format;

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

fn service(key: &str) -> Service {
    Service::named(key, key.to_uppercase())
}

fn page() -> Service {
    let mut page = Service::named("page", "Acme \"Cloud\"\n");
    page.dimensions.insert(dimension_names::SCOPE.to_owned(), dimension_names::SCOPE_PAGE.into());
    page
}

fn candidate(kind: Kind, format: &str, services: Vec<Service>) -> Candidate {
    Candidate {
        kind,
        format: find_format(kind, format).unwrap(),
        asked: url("https://status.example/"),
        endpoint: url("https://status.example/x?a=1&b=2"),
        report: Report { services, ..Report::complete() },
        is_complete: true,
        order: 0,
    }
}

/// A search in which these are found, and which is led to all well-known addresses.
fn search(candidates: Vec<Candidate>) -> Search {
    let start = url("https://status.example/x");
    let leads = leads::around(&start, &start, None);
    Search { leads, candidates, ..Search::new(Timestamp::from_secs(1_780_000_000).unwrap()) }
}

fn asked(mut search: Search) -> Vec<String> {
    std::iter::from_fn(|| search.next()).map(|lead| lead.url.path().to_owned()).collect()
}

#[test]
fn what_tells_services_apart_is_best_then_the_transport_then_the_number() {
    let ranked = [
        candidate(Kind::Rest, "statuspage", vec![page(), service("a"), service("b")]),
        candidate(Kind::Rest, "statuspage", vec![page(), service("a")]),
        candidate(Kind::Rest, "google-incidents", vec![]),
        candidate(Kind::Html, "statuspage", vec![page(), service("a"), service("b"), service("c")]),
        candidate(Kind::Rss, "aws", vec![service("a"), service("b"), service("c"), service("d")]),
        candidate(Kind::Rest, "statuspage", vec![page()]),
        candidate(Kind::Rss, "statuspage", vec![page()]),
    ];
    assert!(ranked.windows(2).all(|pair| pair[0].rank() < pair[1].rank()));
}

#[test]
fn what_lacks_parts_may_become_the_best_and_is_what_it_shows_then() {
    let html = candidate(Kind::Html, "statuspage", vec![page(), service("a")]);
    let feed = candidate(Kind::Rss, "statuspage", vec![page()]);
    let mut parted = candidate(Kind::Rest, "instatus", vec![page()]);
    parted.is_complete = false;
    assert!(parted.rank() < html.rank());
    parted.is_complete = true;
    assert!(html.rank() < parted.rank() && parted.rank() < feed.rank());
    let later = Candidate { order: 1, ..parted.clone() };
    assert!(parted.rank() < later.rank());
}

#[test]
fn a_search_for_a_stranger_has_an_end() {
    let asked = asked(search(Vec::new()));
    assert_eq!(asked.len(), MAX_REQUESTS - 1);
    assert_eq!(asked[..2], ["/", "/api/v2/summary.json"]);
}

#[test]
fn a_family_that_was_recognised_is_asked_at_its_own_addresses_alone() {
    let html = candidate(Kind::Html, "statuspage", vec![page(), service("a")]);
    assert_eq!(asked(search(vec![html])), ["/", "/api/v2/summary.json"]);
    let feed = candidate(Kind::Rss, "statuspage", vec![page()]);
    assert_eq!(asked(search(vec![feed])), ["/", "/api/v2/summary.json", "/history.atom", "/history.rss"]);
    let azure = candidate(Kind::Rest, "azure-devops", vec![service("a")]);
    assert_eq!(asked(search(vec![azure])), ["/_apis/status/health"]);
}

#[test]
fn a_host_that_is_silent_is_left_alone() {
    let mut search = search(Vec::new());
    search.silent.insert("status.example".to_owned());
    assert!(asked(search).is_empty());
}

#[test]
fn the_entry_of_a_candidate_is_one_of_a_targets_file() {
    let found = candidate(Kind::Rest, "statuspage", vec![page(), service("a")]);
    assert_eq!(
        found.entry("acme"),
        "[[target]]\nname = \"acme\"\ntype = \"REST\"\nformat = \"statuspage\"\nendpoint = \
         \"https://status.example/x?a=1&b=2\"\ntitle = \"\"\"\nAcme \"Cloud\"\n\"\"\"\n"
    );
    let spec: TargetSpec = toml::from_str(&found.keys("acme")).unwrap();
    assert!(spec.build(Duration::ZERO, None).is_ok());
}

#[test]
fn a_source_cannot_name_a_variable_in_its_entry() {
    let mut found = candidate(Kind::Rest, "instatus", vec![service("a")]);
    found.endpoint = url("https://status.example/x?a=${API_TOKEN}&b=$5");
    let spec: TargetSpec = toml::from_str(&found.keys("acme")).unwrap();
    assert_eq!(spec.endpoint(), "https://status.example/x?a=%24{API_TOKEN}&b=$5");
}

#[test]
fn kin_documents_of_the_same_services_count_once() {
    let first = candidate(Kind::Rss, "statuspage", vec![page()]);
    let mut second = first.clone();
    second.endpoint = url("https://status.example/history.atom");
    second.report.services[0].status = crate::schema::Status::Outage;
    assert!(first.says_as(&second));
    second.report.services.push(service("a"));
    assert!(!first.says_as(&second));
}

#[test]
fn a_refusal_says_what_it_is_about() {
    let refusal = |formats: &[&'static str], error: &str| Refusal {
        kind: Kind::Rest,
        formats: formats.to_vec(),
        error: ParseError::unrecognised(error),
    };
    let refusals = vec![refusal(&["a", "b"], "an empty list"), refusal(&["c"], "a list")];
    let told = |kind, refusals| Outcome::Refused { kind, refusals }.to_string();
    assert_eq!(
        told(Some(Kind::Rest), refusals),
        "JSON that no built-in format reads (a: an empty list; 2 others likewise)"
    );
    let one = vec![refusal(&["a"], "no page")];
    assert_eq!(told(Some(Kind::Html), one), "a page that no built-in format reads (a: no page)");
    assert_eq!(told(Some(Kind::Html), Vec::new()), "a page that no built-in format reads");
}
