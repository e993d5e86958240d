//! What the list shows, as the template gets it.

use std::sync::Arc;
use std::time::Duration;

use actix_web::test::TestRequest;
use insta::assert_json_snapshot;
use serde_json::{Value, json};
use unistatus_core::schema::{About, Kind, Server, Service, Status, dimension_names};
use unistatus_core::store::TargetState;

use super::*;
use crate::snapshot::Snapshot;
use crate::snapshot::testing::{at, service, target};

fn server(name: &str, address: &str) -> Server {
    Server { id: name.to_owned(), name: name.to_owned(), address: address.parse().unwrap(), added_at: at(-3600) }
}

fn pinged(name: &str, service: Service) -> TargetState {
    let about = About { server: Some(name.to_owned()), ..About::default() };
    TargetState { kind: Kind::Ping, about, endpoint: "192.0.2.9".to_owned(), ..target(name, [service]) }
}

/// Three servers: one is down, one is fine, one was never pinged; and a probe of the operator's.
fn world() -> Arc<Snapshot> {
    let mut down = service("b/ack", Status::Outage);
    down.dimensions.insert(dimension_names::REASON.to_owned(), "timeout".into());
    let mut probe = target("gateway", [service("gateway", Status::Ok)]);
    probe.kind = Kind::Ping;
    Snapshot::of(vec![pinged("b/ack", down), probe, pinged("web", service("web", Status::Ok))], at(60))
}

fn known() -> Vec<Known> {
    let servers = [("<new>", "2001:db8::7"), ("b/ack", "192.0.2.8"), ("web", "192.0.2.9")];
    servers.map(|(name, address)| Known::of(server(name, address), &world())).into()
}

/// The page; each of the servers that was ever pinged was so a minute ago.
fn page(query: &str) -> Value {
    let query = Query::read(query).unwrap();
    let mut list = List::new(known(), &query);
    let check = |server: &Known| Check {
        probe: server.probe(),
        at: at(0),
        status: Status::Ok,
        latency: Some(Duration::from_millis(12)),
        sent: 4,
        lost: 1,
    };
    list.pings = list.shown.iter().map(|server| server.target.is_some().then(|| check(server))).collect();
    let viewer = Viewer::stranger(&TestRequest::get().to_http_request());
    let page = ServersPage::new(Frame::new("Servers", Here::Servers, viewer), &list, &query, None, at(60));
    serde_json::to_value(&page).unwrap()
}

fn names(page: &Value) -> Vec<&str> {
    page["rows"].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap()).collect()
}

#[test]
fn trouble_comes_first_and_what_was_never_pinged_says_so() {
    assert_json_snapshot!(page(""));
}

#[test]
fn servers_are_found_by_their_names_and_addresses() {
    assert_eq!(names(&page("q=ACK")), ["b/ack"]);
    assert_eq!(names(&page("q=192.0.2.")), ["b/ack", "web"]);
    assert_eq!(names(&page("q=2001:db8")), ["<new>"]);
    let none = page("q=nobody");
    assert_eq!((names(&none).len(), &none["total"], &none["q"]), (0, &json!(3), &json!("nobody")));
    assert_eq!(none["headline"], page("")["headline"], "the headline is about everything");
}

#[test]
fn only_targets_of_servers_stand_for_one_where_the_database_is_away() {
    let world = world();
    let servers: Vec<Known> = world.targets().iter().filter_map(Known::of_target).collect();
    let told: Vec<_> = servers.iter().map(|server| (server.name.as_str(), server.address.as_str())).collect();
    assert_eq!(told, [("b/ack", "192.0.2.9"), ("web", "192.0.2.9")]);
    assert!(servers.iter().all(|server| server.added_at.is_none()));
}
