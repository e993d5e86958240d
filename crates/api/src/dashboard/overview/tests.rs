//! What the overview shows, as the template gets it.

use actix_web::test::TestRequest;
use insta::assert_json_snapshot;
use serde_json::Value;
use unistatus_core::schema::{Kind, Status};
use unistatus_core::store::TargetState;

use super::*;
use crate::snapshot::testing::{at, service, target};

fn of(category: &str, mut state: TargetState) -> TargetState {
    state.about.category = Some(category.to_owned());
    state
}

fn world() -> Arc<Snapshot> {
    let mut github = of(
        "code",
        target(
            "github",
            [("Actions", Status::Outage), ("Pages", Status::Ok)].map(|(name, status)| service(name, status)),
        ),
    );
    github.about.title = Some("GitHub".to_owned());
    let mut probe = target("gateway", [service("gateway", Status::Degraded)]);
    probe.kind = Kind::Ping;
    let fine = of("code", target("gitlab", [service("Pages", Status::Ok)]));
    Snapshot::of(vec![github, probe, fine, target("feed", [])], at(60))
}

fn page(query: &str) -> Value {
    let (snapshot, fields) = (world(), Fields::read(query));
    let selection = read(&fields, &snapshot).unwrap();
    let page = OverviewPage::new(
        Frame::new("Overview", Here::Overview, Viewer::stranger(&TestRequest::get().to_http_request())),
        &snapshot,
        &fields,
        &selection,
        at(60),
    );
    serde_json::to_value(&page).unwrap()
}

fn titles<'a>(page: &'a Value, list: &str) -> Vec<&'a str> {
    page[list].as_array().unwrap().iter().map(|element| element["title"].as_str().unwrap()).collect()
}

#[test]
fn trouble_comes_first_with_its_services_and_then_everything_by_groups() {
    assert_json_snapshot!(page(""));
}

#[test]
fn what_is_looked_for_is_found_in_targets_and_in_services() {
    let found = page("q=pages");
    assert_eq!(titles(&found, "cards"), ["GitHub"], "of the other one it is all there is");
    assert_eq!(found["cards"][0]["services"][0]["name"], "Pages");
    assert_eq!((&found["shown"], &found["total"]), (&2.into(), &4.into()));
    assert_eq!(found["headline"], page("")["headline"], "the headline is about everything");
    let found = page("q=GIT&type=REST&status=");
    assert_eq!(titles(&found, "groups"), ["Code hosting"]);
    assert_eq!(found["form"]["q"], "GIT");
    assert_eq!(page("status=Outage")["shown"], 1);
    assert_eq!(page("category=code")["shown"], 2);
}
