//! `/api/items`: the items of the team's Rollbar project.

use std::time::Duration;

use serde_json::{Value, json};
use unistatus_core::rollbar::Account;
use unistatus_simulator::rollbar::{Project, StandIn, Trouble};

use crate::support::{Answer, Cast, MemoryStore, TestApp, account, rollbar};

/// A server with a project, somebody who may write, and somebody who may read.
struct World {
    rollbar: StandIn,
    app: TestApp,
    writer: String,
    reader: String,
}

impl World {
    async fn of(project: Project) -> Self {
        Self::with(project, |_| ()).await
    }

    async fn with(project: Project, change: impl FnOnce(&mut Account)) -> Self {
        let rollbar = rollbar(project).await;
        let mut account = account(&rollbar);
        change(&mut account);
        let store = MemoryStore::new([]);
        let cast = Cast::of(&store).await;
        let app = TestApp::with(store, |options| options.rollbar = Some(account)).await;
        app.until("/readyz", |answer| answer.status == 200).await;
        Self { rollbar, app, writer: cast.write, reader: cast.read }
    }

    async fn get(&self, path: &str) -> Answer {
        self.app.send("GET", path, &[("X-API-KEY", &self.reader)]).await
    }

    async fn send(&self, method: &str, path: &str, body: &Value) -> Answer {
        let headers = [("X-API-KEY", self.writer.as_str()), ("Content-Type", "application/json")];
        self.app.send_body(method, path, &headers, &body.to_string()).await
    }

    fn items(&self) -> Vec<Value> {
        self.rollbar.with_project(|project| project.items().to_vec())
    }
}

fn code(answer: &Answer) -> (u16, String) {
    (answer.status, answer.json()["error"]["code"].as_str().unwrap().to_owned())
}

fn message(answer: &Answer) -> String {
    answer.json()["error"]["message"].as_str().unwrap().to_owned()
}

fn occurrence() -> Value {
    json!({"data": {"environment": "production", "level": "error", "body": {"trace_chain": [{"frames": []}]}}})
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_follow_each_other_by_their_links() {
    let world = World::of(Project::of(230)).await;
    let (mut listed, mut path) = (Vec::new(), "/api/items?limit=90&level=critical,error,warning,info".to_owned());
    loop {
        let page = world.get(&path).await;
        assert_eq!((page.status, page.header("cache-control")), (200, Some("no-store")), "{}", page.body);
        let items = page.json()["items"].as_array().unwrap().clone();
        assert!(items.len() <= 90);
        listed.extend(items);
        let Some(link) = page.header("link") else { break };
        path = link.strip_prefix('<').unwrap().split_once('>').unwrap().0.to_owned();
        assert!(path.starts_with("/api/items?limit=90&level=critical%2Cerror%2Cwarning%2Cinfo&cursor="), "{path}");
    }
    let expected: Vec<_> = world.items().into_iter().filter(|item| item["level"] != "debug").collect();
    assert_eq!(listed, expected);
    let whole = world.get("/items").await;
    assert_eq!((whole.json(), whole.header("link")), (json!({"items": world.items()}), None));
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_the_last_item_nothing_is_listed_and_nobody_asks_on() {
    let world = World::of(Project::of(3)).await;
    for cursor in [
        // {"page":2,"skip":0}, {"page":1,"skip":99} and {"page":4294967295,"skip":0}
        "eyJwYWdlIjoyLCJza2lwIjowfQ",
        "eyJwYWdlIjoxLCJza2lwIjo5OX0",
        "eyJwYWdlIjo0Mjk0OTY3Mjk1LCJza2lwIjowfQ",
    ] {
        let before = world.rollbar.asked().len();
        let page = world.get(&format!("/api/items?cursor={cursor}")).await;
        assert_eq!((page.status, page.json(), page.header("link")), (200, json!({"items": []}), None), "{cursor}");
        assert_eq!(world.rollbar.asked().len(), before + 1, "{cursor}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_are_rollbars_own_and_what_is_strange_is_refused() {
    let world = World::of(Project::of(20)).await;
    let query = "status=active,resolved&environment=production&framework=django&assigned_user=unassigned\
                 &is_snoozed=false&ids=272505003,272505004&query=number";
    let answer = world.get(&format!("/api/items?{query}")).await;
    let ids: Vec<_> = answer.json()["items"].as_array().unwrap().iter().map(|item| item["counter"].clone()).collect();
    let expected: Vec<_> = world.items().into_iter().map(|item| item["counter"].clone()).collect();
    assert_eq!(ids, expected.into_iter().filter(|counter| [3, 4].iter().any(|one| counter == one)).collect::<Vec<_>>());

    for (query, said) in [
        ("status=open", "accepted are active, resolved, muted, archived"),
        ("level=fatal", "accepted are critical, error, warning, info, debug"),
        ("environment=", "expected is a text"),
        ("ids=a", "expected are ids of items"),
        ("is_snoozed=maybe", "accepted are true, false"),
        ("assigned_user=a&assigned_team=b", "expected is one of them"),
        ("limit=0", "from 1 to 1000"),
        ("limit=1001", "from 1 to 1000"),
        ("page=2", "accepted are status, level, environment"),
        ("cursor=x", "Link"),
        // {"page":0,"skip":0} and {"page":1,"skip":100}
        ("cursor=eyJwYWdlIjowLCJza2lwIjowfQ", "Link"),
        ("cursor=eyJwYWdlIjoxLCJza2lwIjoxMDB9", "Link"),
    ] {
        let before = world.rollbar.asked().len();
        let answer = world.get(&format!("/api/items?{query}")).await;
        assert_eq!(code(&answer), (400, "BadRequest".to_owned()), "{query}");
        assert!(message(&answer).contains(said), "{query}: {}", answer.body);
        assert_eq!(world.rollbar.asked().len(), before, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn both_addresses_do_the_same() {
    for base in ["/api/items", "/items"] {
        let world = World::of(Project::of(3)).await;
        let one = format!("{base}/272505001");
        assert_eq!(world.get(&one).await.json(), world.items()[2], "{base}");
        assert_eq!(world.get(&format!("{base}/%231")).await.json(), world.items()[2], "{base}");
        let answer = world.send("POST", base, &occurrence()).await;
        assert_eq!((answer.status, answer.json()["uuid"].is_string()), (201, true), "{}", answer.body);
        assert_eq!(world.items().len(), 4);
        let answer = world.send("PATCH", &one, &json!({"level": "warning"})).await;
        assert_eq!((answer.status, &answer.json()), (200, &world.items()[3]), "{base}");
        assert_eq!(world.items()[3]["level"], "warning");
        let mut whole = answer.json();
        whole["title"] = json!("Renamed");
        whole["counter"] = json!(99);
        let answer = world.send("PUT", &one, &whole).await;
        assert_eq!((answer.status, &answer.json()["title"]), (200, &json!("Renamed")), "{}", answer.body);
        assert_eq!(world.items()[3]["counter"], 1, "what cannot be changed is passed over");
        let answer = world.app.send("DELETE", &one, &[("X-API-KEY", &world.writer)]).await;
        assert_eq!((answer.status, answer.body.as_str()), (204, ""));
        assert_eq!(world.items()[3]["status"], "archived");
        let refused = world.app.send("BREW", &one, &[]).await;
        assert_eq!(refused.header("allow"), Some("GET, HEAD, PUT, PATCH, DELETE"), "{base}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_nobody_reads_nothing_and_who_only_reads_changes_nothing() {
    let world = World::of(Project::of(3)).await;
    for path in ["/api/items", "/api/items/272505001", "/items", "/items/272505001"] {
        assert_eq!(code(&world.app.get(path).await), (401, "Unauthorized".to_owned()), "{path}");
    }
    let headers = [("X-API-KEY", world.reader.as_str()), ("Content-Type", "application/json")];
    for (method, path) in
        [("POST", "/items"), ("PUT", "/items/272505001"), ("PATCH", "/items/272505001"), ("DELETE", "/items/272505001")]
    {
        let answer = world.app.send_body(method, path, &headers, r#"{"status":"muted"}"#).await;
        assert_eq!(code(&answer), (403, "Forbidden".to_owned()), "{method}");
    }
    assert_eq!(world.rollbar.asked(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_cannot_be_meant_never_reach_rollbar() {
    let world = World::of(Project::of(1)).await;
    for (method, path, body, said) in [
        ("POST", "/items", json!({"data": []}), "no access_token"),
        ("POST", "/items", json!({"data": {}, "access_token": "t"}), "no access_token"),
        ("PATCH", "/items/1", json!({}), "nothing is to be changed"),
        ("PATCH", "/items/1", json!({"counter": 1}), "expected is a JSON object"),
        ("PATCH", "/items/1", json!({"status": "open"}), "active, resolved, muted, archived"),
        ("PATCH", "/items/1", json!({"title": ""}), "1 to 255 characters"),
        ("PUT", "/items/1", json!({"id": 1}), "nothing is to be changed"),
        ("PUT", "/items/1", json!([]), "expected is a JSON object"),
        ("PATCH", "/items/x", json!({"status": "muted"}), "the id of an item (272505123)"),
    ] {
        let answer = world.send(method, path, &body).await;
        assert_eq!(code(&answer), (400, "BadRequest".to_owned()), "{method} {body}");
        assert!(message(&answer).contains(said), "{method} {body}: {}", answer.body);
    }
    let unnamed = world.app.send_body("POST", "/items", &[("X-API-KEY", &world.writer)], "{}").await;
    assert_eq!(code(&unnamed), (415, "UnsupportedMediaType".to_owned()));
    let large = json!({"data": {"x": "x".repeat(65 * 1024)}});
    assert_eq!(code(&world.send("POST", "/items", &large).await), (413, "PayloadTooLarge".to_owned()));
    assert_eq!(world.rollbar.asked(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn rollbars_errors_are_passed_on_in_our_shape() {
    let world = World::of(Project::of(1)).await;
    let answers = |status| Trouble::Status { status, retry_after: Some(3600) };
    for (trouble, status, expected, said) in [
        (answers(400), 422, "RollbarRefused", "This is made up"),
        (
            answers(401),
            502,
            "RollbarTokenRefused",
            "ROLLBAR_TOKEN has to be a project access token with the scope read",
        ),
        (answers(403), 502, "RollbarTokenRefused", "(403: This is made up)"),
        (answers(422), 422, "RollbarRefused", "This is made up"),
        (answers(429), 429, "RollbarLimited", "3600 seconds"),
        (answers(500), 502, "RollbarUnavailable", "it answers 500"),
        (answers(503), 502, "RollbarUnavailable", "it answers 503"),
        (Trouble::LoginPage, 502, "RollbarUnavailable", "Is ROLLBAR_URL right?"),
        (Trouble::Half, 502, "RollbarUnavailable", "a JSON object with err and result"),
    ] {
        world.rollbar.trouble(trouble, None);
        for path in ["/api/items", "/items/272505001"] {
            let answer = world.get(path).await;
            assert_eq!(code(&answer), (status, expected.to_owned()), "{trouble:?}");
            assert!(message(&answer).contains(said), "{trouble:?}: {}", answer.body);
            assert_eq!(answer.header("retry-after"), (status == 429).then_some("3600"), "{trouble:?}");
            assert_eq!(answer.header("cache-control"), Some("no-store"), "{trouble:?}");
        }
    }
    world.rollbar.trouble(answers(404), None);
    assert_eq!(code(&world.get("/items/272505001").await), (404, "ItemNotFound".to_owned()));
    let answer = world.get("/items").await;
    assert_eq!(code(&answer), (502, "RollbarUnavailable".to_owned()), "there is always a list");
    assert!(message(&answer).contains("Is ROLLBAR_URL right?"), "{}", answer.body);

    world.rollbar.well();
    let answer = world.send("POST", "/api/items", &json!({"data": {"environment": "production"}})).await;
    assert_eq!(code(&answer), (422, "RollbarRefused".to_owned()));
    assert!(message(&answer).contains("data.body is required"), "{}", answer.body);
    assert_eq!(code(&world.get("/api/items/5").await), (404, "ItemNotFound".to_owned()));
    let answer = world.send("PATCH", "/api/items/5", &json!({"status": "muted"})).await;
    assert_eq!(code(&answer), (404, "ItemNotFound".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollbar_that_hangs_keeps_nobody_else_waiting_and_is_given_up() {
    let world = World::with(Project::of(1), |account| account.limits.total = Duration::from_millis(500)).await;
    world.rollbar.trouble(Trouble::Hang, None);
    let hanging = async {
        tokio::join!(world.get("/items"), world.get("/items/272505001"), world.get("/items"), world.get("/items"))
    };
    let others = async {
        world.rollbar.wait_for(4).await;
        world.app.get("/api/status").await.status
    };
    let ((first, second, third, fourth), other) = tokio::join!(hanging, others);
    assert_eq!(other, 200);
    for answer in [first, second, third, fourth] {
        assert_eq!(code(&answer), (504, "RollbarTimeout".to_owned()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_project_it_says_what_to_set() {
    let store = MemoryStore::new([]);
    let cast = Cast::of(&store).await;
    let app = TestApp::ready(store).await;
    assert_eq!(code(&app.get("/api/items").await), (401, "Unauthorized".to_owned()));
    let headers = [("X-API-KEY", cast.write.as_str()), ("Content-Type", "application/json")];
    let (post, change) = (occurrence().to_string(), r#"{"status":"muted"}"#.to_owned());
    for (method, path, body) in [
        ("GET", "/api/items", ""),
        ("GET", "/api/items/1", ""),
        ("POST", "/api/items", post.as_str()),
        ("PUT", "/api/items/1", &change),
        ("PATCH", "/api/items/1", &change),
        ("DELETE", "/api/items/1", ""),
    ] {
        let answer = app.send_body(method, path, &headers, body).await;
        assert_eq!(code(&answer), (501, "RollbarNotConfigured".to_owned()), "{method}");
        assert!(message(&answer).contains("set ROLLBAR_TOKEN"), "{}", answer.body);
    }
}
