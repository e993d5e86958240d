//! The document says what the routes do, and the page shows it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::Value;
use unistatus_core::schema::{Server, Status};
use unistatus_core::store::testkit::{self, Author, Database};
use unistatus_core::store::{Report, Reports as _, Servers as _, Store, Templates as _};
use unistatus_core::template::{Draft, Template};

use unistatus_simulator::rollbar::{Project, StandIn};

use crate::support::{Cast, Client, MemoryStore, NOW, TestApp, account, at, rollbar, service, target};

/// A server that knows what the examples of the document name.
async fn app() -> TestApp {
    TestApp::spawn([target("aws", []), target("github", [service("GitHub", Status::Ok, &[("scope", "page")])])]).await
}

/// The same over a store that keeps the past.
async fn app_with_a_past(database: &Database) -> TestApp<Arc<dyn Store>> {
    let store = database.open().await;
    for (target, service) in [("github", "GitHub"), ("aws", "EC2")] {
        let mut commit = Author::new(target).change(vec![testkit::service(service, Status::Ok)]);
        commit.health = testkit::health(at(NOW));
        store.commit(&commit).await.unwrap();
    }
    TestApp::ready(store).await
}

async fn document<S>(app: &TestApp<S>) -> Value {
    let answer = app.get("/api/openapi.json").await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

/// Every operation: its method, its path and what is said of it.
fn all_operations(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    document["paths"].as_object().unwrap().iter().flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().iter();
        methods.map(|(method, operation)| (method.as_str(), path.as_str(), operation))
    })
}

/// Every operation that reads: its path and what is said of it.
fn operations(document: &Value) -> impl Iterator<Item = (&str, &Value)> {
    all_operations(document).filter(|(method, ..)| *method == "get").map(|(_, path, operation)| (path, operation))
}

/// A server that keeps the server, the template, the report and the item that the examples name, and a key to do everything with.
async fn app_with_accounts() -> (TestApp, String, StandIn) {
    let store = MemoryStore::new([target("github", [service("GitHub", Status::Ok, &[("scope", "page")])])]);
    let key = Cast::of(&store).await.admin;
    let server = Server {
        id: "an id".to_owned(),
        name: "google_dns".to_owned(),
        address: [8, 8, 8, 8].into(),
        added_at: at(NOW),
    };
    assert!(store.add_server(&server).await.unwrap());
    let template = Template {
        id: "6f0d0a6e-0b9c-4c8e-9d1b-1f9f0c3d2a10".to_owned(),
        ..Template::new(Draft::default(), at(NOW)).unwrap()
    };
    assert!(store.add_template(&template).await.unwrap());
    let report = Report { id: template.id, created_at: at(NOW), query: String::new(), body: r#"{"items":[]}"#.into() };
    assert!(store.add_report(&report).await.unwrap());
    let rollbar = rollbar(Project::of(200)).await;
    let app = TestApp::with(store, |options| options.rollbar = Some(account(&rollbar))).await;
    app.until("/readyz", |answer| answer.status == 200).await;
    (app, key, rollbar)
}

/// Whether an operation is about what only a server knows that keeps accounts.
fn is_about_accounts(operation: &Value) -> bool {
    matches!(operation["tags"][0].as_str(), Some("Access" | "Items" | "Servers" | "Templates"))
}

fn parameters<'a>(operation: &'a Value, place: &'a str) -> impl Iterator<Item = &'a Value> {
    operation["parameters"].as_array().into_iter().flatten().filter(move |parameter| parameter["in"] == place)
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

/// The path of the operation with its examples in it.
fn example_path(path: &str, operation: &Value) -> String {
    parameters(operation, "path").fold(path.to_owned(), |path, parameter| {
        path.replace(&format!("{{{}}}", text(parameter, "name")), text(parameter, "example"))
    })
}

/// A query that gives a parameter these values.
fn query(parameter: &Value, value: &Value) -> String {
    let word = |value: &Value| value.as_str().map_or_else(|| value.to_string(), |text| text.replace(' ', "%20"));
    let name = text(parameter, "name");
    match value {
        Value::Array(values) => format!("{name}={}", values.iter().map(word).collect::<Vec<_>>().join(",")),
        Value::Object(pairs) => {
            pairs.iter().map(|(name, value)| format!("{name}={}", word(value))).collect::<Vec<_>>().join("&")
        }
        value => format!("{name}={}", word(value)),
    }
}

fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(properties) => properties.iter().for_each(|(name, value)| match (name.as_str(), value) {
            ("$ref", Value::String(target)) => drop(found.insert(target.clone())),
            _ => references(value, found),
        }),
        Value::Array(elements) => elements.iter().for_each(|element| references(element, found)),
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_reference_resolves_and_every_schema_is_used() {
    let document = document(&app().await).await;
    assert_eq!(document["openapi"], "3.1.0");
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let there: BTreeSet<String> = schemas.keys().map(|name| format!("#/components/schemas/{name}")).collect();
    assert_eq!(found, there);
    for (name, schema) in schemas {
        let is_described = schema["description"].is_string() || schema["oneOf"].is_array();
        assert!(is_described, "{name} is not described");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_says_what_it_is_for() {
    let document = document(&app().await).await;
    let tags: Vec<&str> = document["tags"].as_array().unwrap().iter().map(|tag| text(tag, "name")).collect();
    let mut ids = BTreeSet::new();
    for (method, path, operation) in all_operations(&document) {
        let id = text(operation, "operationId");
        assert!(ids.insert(id), "{id} is there twice");
        let reads = &["list", "get", "follow", "check", "ask"][..];
        let verbs = match method {
            "get" => reads,
            "post" => &["ask", "add", "create", "log", "render"],
            "put" => &["change"],
            "patch" => &["amend", "change"],
            _ => &["remove", "revoke"],
        };
        let noun = verbs.iter().find_map(|verb| id.strip_prefix(verb));
        assert!(noun.is_some_and(|noun| noun.starts_with(|c: char| c.is_ascii_uppercase())), "{path}: {id}");
        for said in ["summary", "description"] {
            assert!(text(operation, said).len() > 10, "{path} has no {said}");
        }
        let its = operation["tags"].as_array().unwrap();
        assert!(its.len() == 1 && its.iter().all(|tag| tags.contains(&tag.as_str().unwrap())), "{path}: {its:?}");
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            assert!(text(parameter, "description").len() > 10, "{parameter} of {path} is not described");
        }
        for (status, response) in operation["responses"].as_object().unwrap() {
            assert!(!text(response, "description").is_empty(), "{status} of {path} is not described");
        }
        let is_fine = ["200", "201", "204"].iter().any(|status| operation["responses"][status].is_object());
        assert!(is_fine, "{path} does not document what it is for");
        for status in ["400", "500"] {
            assert!(operation["responses"][status].is_object(), "{path} does not document {status}");
        }
    }
}

/// The route itself lists what it accepts.
#[tokio::test(flavor = "multi_thread")]
async fn the_documented_query_parameters_are_those_that_are_accepted() {
    let (app, key, _rollbar) = app_with_accounts().await;
    let document = document(&app).await;
    for (path, operation) in operations(&document) {
        let path_asked = format!("{}?nonsense=1", example_path(path, operation));
        let refused = app.send("GET", &path_asked, &[("X-API-KEY", &key)]).await;
        assert_eq!(refused.status, 400, "{path}: {}", refused.body);
        let error = &refused.json()["error"]["message"];
        let message = error.as_str().or(refused.header("x-reason")).unwrap().to_owned();
        let accepted = message.split_once("accepted are ").map_or("", |(_, names)| names).trim_end_matches('.');
        let accepted: BTreeSet<&str> = accepted.split(", ").filter(|name| !name.is_empty()).collect();
        let documented: BTreeSet<&str> =
            parameters(operation, "query").map(|parameter| text(parameter, "name")).collect();
        assert_eq!(documented, accepted, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_documented_example_and_word_is_accepted() {
    let database = Database::sqlite();
    let app = app_with_a_past(&database).await;
    let (other, key, _rollbar) = app_with_accounts().await;
    let document = document(&app).await;
    // HEAD, as the stream does not end.
    for (path, operation) in operations(&document) {
        let key = [("X-API-KEY", key.as_str())];
        let (client, headers): (&Client, _) =
            if is_about_accounts(operation) { (&other, &key[..]) } else { (&app, &[][..]) };
        let path = example_path(path, operation);
        let required = |but: &str| {
            let needed = parameters(operation, "query").filter(|parameter| parameter["required"] == true);
            let needed = needed.filter(|parameter| text(parameter, "name") != but);
            needed.fold(format!("{path}?"), |path, parameter| {
                format!("{path}{}&", query(parameter, &parameter["schema"]["examples"][0]))
            })
        };
        let address = required("");
        assert_eq!(client.send("HEAD", &address, headers).await.status, 200, "{address}");
        for parameter in parameters(operation, "query") {
            let schema = &parameter["schema"];
            let lists = [&schema["enum"], &schema["items"]["enum"], &schema["examples"]];
            let words = lists.into_iter().filter_map(Value::as_array).flatten();
            let bounds = [&schema["minimum"], &schema["maximum"], &schema["default"]];
            for value in words.chain(bounds).filter(|value| !value.is_null()) {
                let address = required(text(parameter, "name")) + &query(parameter, value);
                assert_eq!(client.send("HEAD", &address, headers).await.status, 200, "{address}");
            }
        }
    }
}

/// A change of this is a change of the contract.
#[tokio::test(flavor = "multi_thread")]
async fn the_operations_and_their_parameters() {
    let document = document(&app().await).await;
    let mut summary = String::new();
    for (method, path, operation) in all_operations(&document) {
        let statuses = operation["responses"].as_object().unwrap().keys().map(String::as_str).collect::<Vec<_>>();
        writeln!(summary, "{} {method} {path} -> {}", text(operation, "operationId"), statuses.join(" ")).unwrap();
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let (place, name, mut schema) =
                (text(parameter, "in"), text(parameter, "name"), parameter["schema"].clone());
            schema.as_object_mut().unwrap().remove("examples");
            writeln!(summary, "    {place} {name}: {schema}").unwrap();
        }
    }
    insta::assert_snapshot!(summary);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_and_its_page_need_no_database_and_are_kept_by_clients() {
    let store = MemoryStore::new([]);
    store.set_away(true);
    let app = TestApp::over(store).await;
    for path in ["/api/openapi.json", "/api/docs/", "/api/docs/swagger-ui-bundle.js"] {
        let answer = app.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        let again = app.send("GET", path, &[("If-None-Match", answer.header("etag").unwrap())]).await;
        assert_eq!((again.status, again.bytes.len()), (304, 0), "{path}");
    }
    let packed = app.send("GET", "/api/openapi.json", &[("Accept-Encoding", "br")]).await;
    assert_eq!(packed.header("content-encoding"), Some("br"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_loads_nothing_from_elsewhere() {
    let app = app().await;
    let redirect = app.get("/api/docs").await;
    assert_eq!((redirect.status, redirect.header("location")), (308, Some("docs/")));

    let page = app.get("/api/docs/").await;
    assert_eq!(page.header("content-type"), Some("text/html"));
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("default-src 'none'") && !policy.contains("http"), "{policy}");
    let loaded =
        page.body.split([' ', '>']).filter_map(|word| word.strip_prefix("src=").or(word.strip_prefix("href=")));
    let named: Vec<&str> = loaded.map(|name| name.trim_matches('"').trim_start_matches("./")).collect();
    assert!(named.len() > 4, "{}", page.body);
    for name in named {
        let file = app.get(&format!("/api/docs/{name}")).await;
        assert_eq!(file.status, 200, "{name}");
        assert!(file.header("content-security-policy").is_some(), "{name}");
    }

    let settings = app.get("/api/docs/swagger-initializer.js").await.body;
    assert!(settings.contains(r#""url": "../openapi.json""#) && !settings.contains("http"), "{settings}");
    assert!(settings.contains(r#""validatorUrl": "none""#), "{settings}");

    for path in ["/api/docs/nothing.js", "/api/docs/../status", "/api/docs/a/b", "/api/docs/%2e%2e/x"] {
        let answer = app.get(path).await;
        assert_eq!((answer.status, answer.json()["error"]["code"].as_str()), (404, Some("RouteNotFound")), "{path}");
    }
    assert_eq!(app.get("/api/docs/?x=1").await.status, 400);
}
