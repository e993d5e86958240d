//! GraphQL answers what the routes answer, and refuses what is too much or cannot be understood.

use std::sync::Arc;

use serde_json::{Value, json};
use unistatus_core::schema::{Event, IncidentState, IncidentUpdate, Kind, Service, Status};
use unistatus_core::store::testkit::{self, Author, Database, health};
use unistatus_core::store::{Commit, Store};

use crate::support::{Answer, Client, MemoryStore, NOW, TestApp, at, service, target};

const JSON: (&str, &str) = ("Content-Type", "application/json");

/// The query that the common tools ask for the schema with, as `graphql-js` writes it.
const INTROSPECTION: &str = include_str!("../support/introspection.graphql");

async fn post(client: &Client, body: &Value) -> Answer {
    client.post("/graphql", &[JSON], &body.to_string()).await
}

async fn ask(client: &Client, query: &str) -> Answer {
    post(client, &json!({ "query": query })).await
}

/// The data of an answer without errors.
async fn data(client: &Client, query: &str) -> Value {
    let answer = ask(client, query).await;
    let mut body = answer.json();
    assert_eq!((answer.status, body.get("errors")), (200, None), "{query}: {}", answer.body);
    body["data"].take()
}

/// Asserts that errors of GraphQL are answered, with this code each.
fn assert_errors(answer: &Answer, status: u16, code: &str, context: &str) {
    assert_eq!(answer.status, status, "{context}: {}", answer.body);
    let body = answer.json();
    let errors = body["errors"].as_array().unwrap_or_else(|| panic!("{context}: {body}"));
    assert!((1..=20).contains(&errors.len()), "{context}: {}", errors.len());
    for error in errors {
        assert_eq!(error["extensions"]["code"], code, "{context}: {error}");
        let message = error["message"].as_str().unwrap();
        assert!(!message.is_empty() && message.chars().count() <= 500, "{context}: {message}");
    }
}

/// A field, so many times.
fn aliases(count: usize, field: &str) -> String {
    (0..count).fold(String::new(), |all, number| all + &format!("a{number}: {field} "))
}

/// What a source did at an instant: its services with the statuses they had before.
fn step(author: &mut Author, instant: &str, services: &[(Service, Option<Status>)]) -> Commit {
    let mut commit = author.change(services.iter().map(|(service, _)| service.clone()).collect());
    commit.health = health(at(NOW));
    let change = commit.change.as_mut().unwrap();
    for (event, (service, from)) in change.events.iter_mut().zip(services) {
        *event = Event { from: *from, at: at(instant), source_at: service.last_timestamp, ..event.clone() };
    }
    change.events.retain(|event| event.from != event.to);
    commit
}

/// Some days of two targets.
fn past() -> Vec<Commit> {
    let (mut github, mut aws) = (Author::new("github"), Author::new("aws"));
    let actions = |status| service("Actions", status, &[("region", "eu"), ("serviceId", "a1")]);
    let pages = service("Pages", Status::Ok, &[]);
    let mut last = step(&mut github, "2026-05-01T00:00:00Z", &[(actions(Status::Ok), None), (pages.clone(), None)]);
    last.change.as_mut().unwrap().incidents = vec![testkit::incident("old", Some(at("2026-04-01T00:00:00Z")))];
    let mut commits = vec![last];
    for (instant, from, to) in [
        ("2026-05-02T00:00:00Z", Status::Ok, Status::Outage),
        ("2026-05-02T06:00:00Z", Status::Outage, Status::Degraded),
        ("2026-05-03T00:00:00Z", Status::Degraded, Status::Ok),
    ] {
        commits.push(step(&mut github, instant, &[(actions(to), Some(from)), (pages.clone(), Some(Status::Ok))]));
    }
    let mut closed = testkit::incident("closed", Some(at("2026-05-02T00:00:00Z")));
    closed.state = IncidentState::Resolved;
    closed.resolved_at = Some(at("2026-05-03T00:00:00Z"));
    closed.services = vec![pages.key.clone(), "gone".to_owned()];
    closed.updates = vec![IncidentUpdate {
        at: closed.resolved_at,
        state: Some(IncidentState::Resolved),
        text: "It works again.".to_owned(),
    }];
    commits.last_mut().unwrap().change.as_mut().unwrap().incidents = vec![closed];

    let mut ec2 = service("EC2", Status::Degraded, &[("region", "us")]);
    ec2.last_timestamp = None;
    let mut commit = step(&mut aws, "2026-05-01T00:00:00Z", &[(ec2, None)]);
    let change = commit.change.as_mut().unwrap();
    change.kind = Kind::Rss;
    change.about.category = Some("cloud".to_owned());
    change.about.title = Some("Amazon Web Services".to_owned());
    commits.push(commit);
    commits
}

/// Servers over the past, on each kind of store that there is.
async fn apps() -> Vec<TestApp<Arc<dyn Store>>> {
    let mut apps = Vec::new();
    for database in [Some(Database::sqlite()), Database::mongo()].into_iter().flatten() {
        let store = database.open().await;
        for commit in past() {
            store.commit(&commit).await.unwrap();
        }
        apps.push(TestApp::ready(store).await);
    }
    apps
}

/// What a route answers.
async fn route(client: &Client, path: &str) -> Value {
    let answer = client.get(path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    answer.json()
}

#[tokio::test(flavor = "multi_thread")]
async fn status_is_that_of_the_route() {
    for app in apps().await {
        for (parameters, arguments, found) in [
            ("", "", 2),
            ("type=RSS", "(type: RSS)", 1),
            ("type=RSS,REST", "(type: [RSS, REST])", 2),
            ("target=github", r#"(target: ["github"])"#, 1),
            ("category=CLOUD", r#"(category: "CLOUD")"#, 1),
            ("status=Degraded,Outage", "(status: [Degraded, Outage])", 1),
            ("status=OK&type=RSS", "(status: OK, type: RSS)", 0),
            ("dimension.region=eu", r#"(dimension: {name: "region", values: "eu"})"#, 1),
            (
                "dimension.region=eu&dimension.region=us",
                r#"(dimension: [{name: "region", values: "eu"}, {name: "region", values: ["us"]}])"#,
                2,
            ),
            ("q=AMAZON", r#"(q: "AMAZON")"#, 1),
            ("q=pages", r#"(q: "pages")"#, 1),
            ("limit=1", "(limit: 1)", 1),
            ("at=2026-05-02T03:00:00Z", r#"(at: "2026-05-02T05:00:00+02:00")"#, 2),
            ("at=2026-05-02T03:00:00Z&status=Outage", r#"(at: "2026-05-02T03:00:00Z", status: Outage)"#, 1),
            ("at=2026-04-30T00:00:00Z", r#"(at: "2026-04-30T00:00:00Z")"#, 0),
        ] {
            let mut wanted = route(&app, &format!("/api/status?{parameters}")).await["targets"].take();
            for target in wanted.as_array_mut().unwrap() {
                for service in target["services"].as_array_mut().unwrap() {
                    if service["lastTimestamp"] == "" {
                        service["lastTimestamp"] = Value::Null;
                    }
                }
            }
            let query = format!(
                "{{status{arguments} {{name endpoint type services {{name lastTimestamp status dimensions}}}}}}"
            );
            let answered = data(&app, &query).await;
            assert_eq!(answered["status"], wanted, "{arguments}");
            assert_eq!(wanted.as_array().unwrap().len(), found, "{arguments}");
        }
        let behind = data(&app, r#"{status(after: "aws") {name} targets(after: "aws", limit: 1) {name}}"#).await;
        assert_eq!(behind, json!({"status": [{"name": "github"}], "targets": [{"name": "github"}]}));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn services_of_a_target_are_its_rows() {
    for app in apps().await {
        for (path, arguments, at) in [
            ("github", "", ""),
            ("github/actions", r#"(name: "actions")"#, ""),
            ("github?status=OK", "(status: OK)", ""),
            ("github?q=PAG", r#"(q: "PAG")"#, ""),
            ("github?dimension.region=eu", r#"(dimension: {name: "region", values: "eu"})"#, ""),
            ("github/Actions?at=2026-05-02T03:00:00Z", r#"(name: "Actions")"#, r#", at: "2026-05-02T03:00:00Z""#),
        ] {
            let wanted = route(&app, &format!("/api/status/{path}")).await;
            let fields = "{service: name lastTimestamp status dimensions}";
            let query = format!(r#"{{target(name: "github"{at}) {{services{arguments} {fields}}}}}"#);
            let mut rows = data(&app, &query).await["target"]["services"].take();
            for row in rows.as_array_mut().unwrap() {
                row["target"] = json!("github");
            }
            assert_eq!(rows, wanted, "{path}");
        }
        let none = data(&app, r#"{status(q: "pages") {services(name: "Actions") {name}}}"#).await;
        assert_eq!(none["status"][0]["services"], json!([]), "arguments leave out more");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_collection_is_that_of_the_route() {
    for app in apps().await {
        let fields = "name title type category homepage endpoint status services {name} collection {
            intervalSeconds lastAttempt lastSuccess nextAsk durationMs httpStatus failure {class message}
            consecutiveFailures stale staleAfter bytes notBefore}";
        for (parameters, arguments, found) in [
            ("", "", 2),
            ("type=REST", "(type: REST)", 1),
            ("q=amazon", r#"(q: "amazon")"#, 1),
            ("failing=true", "(failing: true)", 0),
            ("stale=false&category=cloud", r#"(stale: false, category: ["cloud"])"#, 1),
            ("target=aws,github&limit=1", r#"(target: ["aws", "github"], limit: 1)"#, 1),
        ] {
            let mut wanted = route(&app, &format!("/api/targets?{parameters}")).await["targets"].take();
            for target in wanted.as_array_mut().unwrap() {
                target["intervalSeconds"] = json!(target["intervalSeconds"].as_f64());
            }
            let mut answered = data(&app, &format!("{{targets{arguments} {{{fields}}}}}")).await["targets"].take();
            for target in answered.as_array_mut().unwrap() {
                target["services"] = json!(target["services"].as_array().unwrap().len());
                let collection = target.as_object_mut().unwrap().remove("collection").unwrap();
                target.as_object_mut().unwrap().extend(collection.as_object().unwrap().clone());
            }
            assert_eq!(answered, wanted, "{arguments}");
            assert_eq!(wanted.as_array().unwrap().len(), found, "{arguments}");
        }
        let then = data(&app, r#"{target(name: "aws", at: "2026-05-02T00:00:00Z") {title collection {stale}}}"#).await;
        assert_eq!(then["target"], json!({"title": "Amazon Web Services", "collection": null}));
    }
}

/// Reads a list to its end, so many elements at a time, and compares each cursor with that of the route's `Link`.
async fn paged(app: &Client, name: &str, limit: usize, arguments: &str, fields: &str, parameters: &str) -> Vec<Value> {
    let (mut all, mut after) = (Vec::new(), String::new());
    let mut path = format!("/api/{name}?limit={limit}&{parameters}");
    loop {
        let query = format!(
            "{{{name}(limit: {limit}{arguments}{after}) {{
                edges {{cursor node {{{fields}}}}} pageInfo {{hasNextPage endCursor}}}}}}"
        );
        let page = data(app, &query).await;
        let page = &page[name];
        let edges = page["edges"].as_array().unwrap();
        assert!(edges.len() <= limit);
        all.extend(edges.iter().map(|edge| edge["node"].clone()));
        assert_eq!(page["pageInfo"]["endCursor"], edges.last().map_or(Value::Null, |edge| edge["cursor"].clone()));
        let answer = app.get(&path).await;
        let link = answer.header("link").map(str::to_owned);
        assert_eq!(page["pageInfo"]["hasNextPage"], link.is_some());
        let Some(link) = link else { return all };
        let cursor = page["pageInfo"]["endCursor"].as_str().unwrap();
        assert!(link.contains(&format!("cursor={cursor}")), "{link} {cursor}");
        after = format!(", after: \"{cursor}\"");
        link[1..link.find('>').unwrap()].clone_into(&mut path);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn events_and_incidents_are_those_of_the_routes_page_by_page() {
    let events = "target service key from to at sourceAt dimensions";
    let incidents = "target key kind title state impact startedAt updatedAt resolvedAt url services
        updates {at state text}";
    for app in apps().await {
        for (name, fields, parameters, arguments, found) in [
            ("events", events, "", "", 6),
            ("events", events, "target=github&status=OK,Outage", r#", target: "github", status: [OK, Outage]"#, 4),
            ("events", events, "service=EC2", r#", service: "EC2""#, 1),
            (
                "events",
                events,
                "from=2026-05-02T00:00:00Z&to=2026-05-03T00:00:00Z",
                r#", from: "2026-05-02T00:00:00Z", to: "2026-05-03T00:00:00Z""#,
                2,
            ),
            ("incidents", incidents, "", "", 2),
            ("incidents", incidents, "state=open", ", state: open", 1),
            ("incidents", incidents, "state=closed&kind=incident", ", state: closed, kind: incident", 1),
            ("incidents", incidents, "target=aws&kind=maintenance", r#", target: ["aws"], kind: maintenance"#, 0),
        ] {
            let wanted = route(&app, &format!("/api/{name}?{parameters}")).await[name].take();
            assert_eq!(wanted.as_array().unwrap().len(), found, "{name} {parameters}");
            for limit in [1, 2, 500] {
                let all = paged(&app, name, limit, arguments, fields, parameters).await;
                assert_eq!(Value::Array(all), wanted, "{name} {parameters}, {limit} at a time");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn history_is_that_of_the_route() {
    let totals = "totals {uptime downtimeSeconds seconds {ok unknown degraded maintenance outage}}";
    let fields = format!(
        "target from to counting {{degraded maintenance unknown}} services {{service key dimensions {totals}
            intervals {{from to status maintenance}} buckets {{from to worst {totals}}}}}"
    );
    let flatten = |value: &mut Value| {
        let object = value.as_object_mut().unwrap();
        let totals = object.remove("totals").unwrap();
        object.extend(totals.as_object().unwrap().clone());
    };
    for app in apps().await {
        for (path, arguments) in [
            ("github", ""),
            ("github/actions?from=2026-05-01T00:00:00Z", r#", service: "actions", from: "2026-05-01T00:00:00Z""#),
            (
                "github?from=2026-05-01T00:00:00Z&to=2026-05-03T12:00:00Z&bucket=hour&timezone=Europe/Berlin",
                r#", from: "2026-05-01T00:00:00Z", to: "2026-05-03T12:00:00Z", bucket: hour, timezone: "Europe/Berlin""#,
            ),
            (
                "github?degraded=down&unknown=up&maintenance=excluded",
                ", degraded: down, unknown: up, maintenance: excluded",
            ),
            ("github?limit=1", ", limit: 1"),
        ] {
            let wanted = route(&app, &format!("/api/history/{path}")).await;
            let query = format!(r#"{{history(target: "github"{arguments}) {{{fields}}}}}"#);
            let mut history = data(&app, &query).await["history"].take();
            for service in history["services"].as_array_mut().unwrap() {
                flatten(service);
                service["buckets"].as_array_mut().unwrap().iter_mut().for_each(flatten);
            }
            assert_eq!(history, wanted, "{path}");
        }
        let first = data(&app, r#"{history(target: "github", limit: 1) {pageInfo {hasNextPage endCursor}}}"#).await;
        let page = &first["history"]["pageInfo"];
        assert_eq!(page["hasNextPage"], true);
        let behind = format!(
            r#"{{history(target: "github", after: {}) {{services {{service}} pageInfo {{hasNextPage}}}}}}"#,
            page["endCursor"]
        );
        let behind = data(&app, &behind).await;
        assert_eq!(behind["history"], json!({"services": [{"service": "Pages"}], "pageInfo": {"hasNextPage": false}}));
    }
}

async fn small() -> TestApp {
    TestApp::spawn([target("github", [service("Actions", Status::Ok, &[])])]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_one_field_leaves_the_others() {
    for app in apps().await {
        for (field, code) in [
            (r#"target(name: "gitlab") {name}"#, "TargetNotFound"),
            (r#"target(name: "github", at: "2999-01-01T00:00:00Z") {name}"#, "BadRequest"),
            (r#"history(target: "gitlab") {target}"#, "TargetNotFound"),
            (r#"history(target: "github", service: "never") {target}"#, "ServiceNotFound"),
            (r#"history(target: "github", timezone: "Mars/Base") {target}"#, "BadRequest"),
            (r#"history(target: "github", after: "x") {target}"#, "BadRequest"),
            (
                r#"history(target: "github", bucket: hour, from: "2020-01-01T00:00:00Z") {services {buckets {from}}}"#,
                "BadRequest",
            ),
            (r#"events(from: "2026-05-02T00:00:00Z", to: "2026-05-01T00:00:00Z") {edges {cursor}}"#, "BadRequest"),
            (r#"events(after: "x") {edges {cursor}}"#, "BadRequest"),
            ("events(limit: 0) {edges {cursor}}", "BadRequest"),
            ("incidents(limit: 1001) {edges {cursor}}", "BadRequest"),
        ] {
            let answer = ask(&app, &format!("{{it: {field} apiVersion}}")).await;
            assert_errors(&answer, 200, code, field);
            let body = answer.json();
            assert_eq!(body["data"], json!({"it": null, "apiVersion": env!("CARGO_PKG_VERSION")}), "{field}");
            assert_eq!(body["errors"][0]["path"], json!(["it"]), "{field}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_asks_the_archive_ten_times_at_the_most() {
    let app = small().await;
    let events = |count| format!("{{{}}}", aliases(count, "events(limit: 1) {nodes {at}}"));
    assert_eq!(data(&app, &events(10)).await.as_object().unwrap().len(), 10);
    let answer = ask(&app, &events(11)).await;
    assert_errors(&answer, 200, "BadRequest", "eleven");
    let body = answer.json();
    let nulls = body["data"].as_object().unwrap().values().filter(|value| value.is_null()).count();
    assert_eq!((nulls, body["errors"].as_array().unwrap().len()), (1, 1), "{body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_database_the_present_is_answered() {
    let app = small().await;
    app.store.set_away(true);
    let answer =
        ask(&app, r#"{target(name: "github") {name} events {edges {cursor}} incidents {edges {cursor}}}"#).await;
    assert_errors(&answer, 200, "StoreUnavailable", "away");
    assert_eq!(answer.json()["data"], json!({"target": {"name": "github"}, "events": null, "incidents": null}));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_the_past_keeps_nobody_from_the_present() {
    let app = TestApp::patient(MemoryStore::new([target("github", [])])).await;
    app.store.set_away(true);
    let asking = |client: Client| tokio::spawn(async move { ask(&client, "{events {nodes {at}}}").await });
    let waiting: Vec<_> = (0..30).map(|_| asking(Client { address: app.address })).collect();
    for question in ["{targets {name}}", r#"{target(name: "github") {name}}"#, "{__typename}"] {
        data(&app, question).await;
    }
    app.store.set_away(false);
    for waited in waiting {
        assert_eq!(waited.await.unwrap().json()["data"], json!({"events": {"nodes": []}}));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_have_so_many_elements_in_all_however_often_they_are_named() {
    let services = (0..2_000).map(|number| service(&format!("service {number}"), Status::Ok, &[]));
    let app = TestApp::spawn([target("github", services)]).await;
    let query = |count| format!(r#"{{target(name: "github") {{{}}}}}"#, aliases(count, "services {status}"));
    assert_eq!(data(&app, &query(12)).await["target"].as_object().unwrap().len(), 12);
    let answer = ask(&app, &query(13)).await;
    assert_errors(&answer, 200, "BadRequest", "thirteen times two thousand");
    assert!(answer.body.contains("25000 elements"), "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_answer_depends_on_is_said() {
    let app = small().await;
    for accept in ["application/json", "application/graphql-response+json"] {
        let answer = app.send("GET", "/graphql?query=%7BapiVersion%7D", &[("Accept", accept)]).await;
        assert_eq!(
            (answer.header("vary"), answer.header("content-type")),
            (Some("Accept, Accept-Encoding"), Some(accept))
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_schema_can_be_asked_for_as_the_tools_do() {
    let app = small().await;
    let schema = data(&app, INTROSPECTION).await;
    assert!(schema["__schema"]["types"].as_array().unwrap().len() > 20);
    assert_eq!(schema["__schema"]["mutationType"], Value::Null);
    assert_eq!(schema["__schema"]["subscriptionType"], Value::Null);
}

/// A query of a page that shows everything.
const DASHBOARD: &str = "{
    status {name title type endpoint status services {name status lastTimestamp dimensions}
        collection {stale lastSuccess failure {class}}}
    events {edges {node {target service from to at}}}
    incidents(state: open) {edges {node {target title state startedAt services}}}
}";

#[tokio::test(flavor = "multi_thread")]
async fn what_is_ordinary_passes_and_what_is_too_much_does_not() {
    let app = small().await;
    data(&app, DASHBOARD).await;
    data(&app, &format!("{{{}}}", aliases(100, r#"target(name: "github") {name services {name status}}"#))).await;
    let doubling = (0..40).fold(String::new(), |all, n| {
        let next = n + 1;
        all + &format!("fragment f{n} on Query {{...f{next} ...f{next}}} ")
    });
    for (case, query) in [
        ("aliases", format!("{{{}}}", aliases(100, "status {name}"))),
        ("many aliases", format!("{{{}}}", aliases(1001, "apiVersion"))),
        (
            "large pages",
            "{events(limit: 1000) {edges {cursor node {target service key from to at sourceAt dimensions}}
            nodes {target service key from to at sourceAt dimensions}}}"
                .to_owned(),
        ),
        ("depth", format!("{{__schema{{types{{ofType{}name{}}}}}}}", "{ofType".repeat(14) + "{", "}".repeat(15))),
        ("aliases of the schema", format!("{{{}}}", aliases(60, "__schema{types{fields{name args{name}}}}"))),
        ("aliases in the schema", format!("{{__schema{{types{{{}}}}}}}", aliases(50, "fields{type{fields{name}}}"))),
        ("doubling fragments", format!("{{...f0}} {doubling} fragment f40 on Query {{apiVersion}}")),
        ("circular fragments", "{...a} fragment a on Query {...b} fragment b on Query {...a}".to_owned()),
        ("deep fields", format!("{}{}", "{a".repeat(10_000), "}".repeat(10_000))),
        ("deep lists", format!("{{status(target: {}{}) {{name}}}}", "[".repeat(20_000), "]".repeat(20_000))),
        ("deep objects", format!("{{status(dimension: {}1{}) {{name}}}}", "{a:".repeat(15_000), "}".repeat(15_000))),
        ("deep types", format!("query($a: {}Int{}) {{apiVersion}}", "[".repeat(30_000), "]".repeat(30_000))),
        ("directives", format!("{{apiVersion {}}}", "@skip(if: false) ".repeat(300))),
        ("many values", format!("{{status(target: [{}]) {{name}}}}", r#""a","#.repeat(1001))),
    ] {
        let answer = ask(&app, &query).await;
        let status = if case == "many values" { 200 } else { 400 };
        assert_errors(&answer, status, "BadRequest", case);
        assert!(answer.body.len() < 20_000, "{case}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_question_is_told_so() {
    let app = small().await;
    for (query, variables) in [
        ("", json!({})),
        ("{", json!({})),
        ("}", json!({})),
        ("hello", json!({})),
        ("{nothing}", json!({})),
        ("{status}", json!({})),
        ("{apiVersion {a}}", json!({})),
        ("{status(stat: 1) {name}}", json!({})),
        ("{status(limit: 99999999999999999999) {name}}", json!({})),
        ("{status(limit: 1e400) {name}}", json!({})),
        ("{status(limit: -1) {name}}", json!({})),
        ("{status(status: ok) {name}}", json!({})),
        ("{status(status: \"fine\") {name}}", json!({})),
        ("{status(at: \"now\") {name}}", json!({})),
        ("{status(target: \"gitlab\") {name}}", json!({})),
        ("{status(category: \"none\") {name}}", json!({})),
        ("{status(limit: 0) {name}}", json!({})),
        ("mutation {apiVersion}", json!({})),
        ("subscription {apiVersion}", json!({})),
        ("fragment a on Query {apiVersion}", json!({})),
        ("query a {apiVersion} query b {apiVersion}", json!({})),
        ("query($x: Nothing) {apiVersion}", json!({})),
        ("query($x: Int!) {status(limit: $x) {name}}", json!({})),
        ("query($x: Int) {status(limit: $x) {name}}", json!({"x": "one"})),
        ("query($x: Int) {status(limit: $x) {name}}", json!({"x": u64::MAX})),
        ("query($x: Int) {status(limit: $x) {name}}", json!({"x": 1e300})),
        ("query($x: Int) {status(limit: $x) {name}}", json!({"x": {"a": [1]}})),
        ("query($x: [Status!]) {status(status: $x) {name}}", json!({"x": ["OK", null]})),
        ("query($x: DateTime) {status(at: $x) {name}}", json!({"x": 5})),
        ("{status(q: \"\\uD800\") {name}}", json!({})),
        ("{apiVersion @unknown}", json!({})),
        ("{apiVersion @skip(if: 1)}", json!({})),
    ] {
        let answer = post(&app, &json!({"query": query, "variables": variables})).await;
        assert!(matches!(answer.status, 200 | 400), "{query}: {}", answer.body);
        assert_errors(&answer, answer.status, "BadRequest", query);
    }
    let several = json!({"query": "query a {apiVersion} query b {v: apiVersion}", "operationName": "b"});
    assert_eq!(post(&app, &several).await.json()["data"]["v"], env!("CARGO_PKG_VERSION"));
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_are_no_question_have_the_one_shape() {
    let app = small().await;
    let long = format!(r#"{{"query":"{{apiVersion}}","x":"{}"}}"#, "y".repeat(65_536));
    let deep = format!(r#"{{"query":"{{apiVersion}}","variables":{}{}}}"#, "{\"a\":".repeat(5_000), "}".repeat(5_001));
    for (content_type, body, status, code) in [
        ("application/json", "", 400, "BadRequest"),
        ("application/json", "{", 400, "BadRequest"),
        ("application/json", "null", 400, "BadRequest"),
        ("application/json", "{}", 400, "BadRequest"),
        ("application/json", r#"[{"query":"{apiVersion}"}]"#, 400, "BadRequest"),
        ("application/json", r#"{"query":5}"#, 400, "BadRequest"),
        ("application/json", r#"{"query":"{apiVersion}","variables":[]}"#, 400, "BadRequest"),
        ("application/json", r#"{"query":"{apiVersion}","variables":"{}"}"#, 400, "BadRequest"),
        ("application/json", &deep, 400, "BadRequest"),
        ("application/json", &long, 413, "PayloadTooLarge"),
        ("text/plain", r#"{"query":"{apiVersion}"}"#, 415, "UnsupportedMediaType"),
        ("application/x-www-form-urlencoded", "query={apiVersion}", 415, "UnsupportedMediaType"),
        ("multipart/form-data; boundary=x", "--x--", 415, "UnsupportedMediaType"),
        ("nonsense", "{apiVersion}", 415, "UnsupportedMediaType"),
    ] {
        let answer = app.post("/graphql", &[("Content-Type", content_type)], body).await;
        assert_eq!(
            (answer.status, &answer.json()["error"]["code"]),
            (status, &json!(code)),
            "{content_type} {body:.80}"
        );
    }
    // Nothing of a body that is said to be too large is waited for.
    let announced = app.send("POST", "/graphql", &[JSON, ("Content-Length", "1048576")]).await;
    assert_eq!((announced.status, &announced.json()["error"]["code"]), (413, &json!("PayloadTooLarge")));
    assert_eq!(app.send("POST", "/graphql", &[("Content-Length", "0")]).await.status, 415);
    let deleted = app.send("DELETE", "/graphql", &[]).await;
    assert_eq!((deleted.status, deleted.header("allow")), (405, Some("GET, HEAD, POST")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_may_be_asked_in_the_address() {
    let app = small().await;
    let wanted = json!({"data": {"status": [{"name": "github"}]}});
    for path in [
        "/graphql?query=%7Bstatus%7Bname%7D%7D",
        "/graphql?query=query%20a($n:Int)%7Bstatus(limit:$n)%7Bname%7D%7D&variables=%7B%22n%22:1%7D&operationName=a",
        "/graphql?query=%7Bstatus%7Bname%7D%7D&variables=null",
    ] {
        let answer = app.get(path).await;
        assert_eq!((answer.status, answer.json()), (200, wanted.clone()), "{path}");
        assert_eq!(answer.header("content-type"), Some("application/json"));
        let etag = answer.header("etag").unwrap();
        assert_eq!(app.send("GET", path, &[("If-None-Match", etag)]).await.status, 304, "{path}");
        assert_eq!(app.send("HEAD", path, &[]).await.status, 200, "{path}");
    }
    for (path, said) in [
        ("/graphql", "POST"),
        ("/graphql?query=a&query=b", "more than once"),
        ("/graphql?query=%7BapiVersion%7D&stat=1", "accepted are query, operationName, variables"),
        ("/graphql?query=%7BapiVersion%7D&variables=5", "JSON object"),
        ("/graphql?query=%7BapiVersion%7D&variables=%7B", "JSON object"),
    ] {
        let answer = app.send("GET", path, &[("Accept", "text/html")]).await;
        assert_eq!((answer.status, &answer.json()["error"]["code"]), (400, &json!("BadRequest")), "{path}");
        assert!(answer.body.contains(said), "{path}: {}", answer.body);
    }
    assert_errors(&app.get("/graphql?query=mutation%7Ba%7D").await, 400, "BadRequest", "a mutation");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_knows_the_type_of_its_answers_gets_it() {
    let app = small().await;
    let accept = ("Accept", "application/graphql-response+json, application/json;q=0.9");
    for (query, status) in [("{apiVersion}", 200), ("{", 400)] {
        let answer = app.post("/graphql", &[JSON, accept], &json!({ "query": query }).to_string()).await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("content-type"), Some("application/graphql-response+json"));
    }
    let answer = ask(&app, "{apiVersion}").await;
    let etag = answer.header("etag").unwrap();
    let again = app.post("/graphql", &[JSON, ("If-None-Match", etag)], r#"{"query":"{apiVersion}"}"#).await;
    assert_eq!(again.status, 200, "what is posted is answered each time");
}

#[tokio::test(flavor = "multi_thread")]
async fn before_the_first_snapshot_it_is_not_ready() {
    let store = MemoryStore::new([]);
    store.set_away(true);
    let app = TestApp::over(store).await;
    for answer in [ask(&app, "{apiVersion}").await, app.get("/graphql?query=%7BapiVersion%7D").await] {
        assert_eq!((answer.status, &answer.json()["error"]["code"]), (503, &json!("NotReady")));
        assert!(answer.header("retry-after").is_some());
    }
}
