//! `/api/templates`: how they come to be, change, go, and are filled in.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use unistatus_core::access::{NewKey, Scope};
use unistatus_core::schema::Status;
use unistatus_core::store::Store;
use unistatus_core::store::testkit::{Author, Database, service};
use unistatus_core::template::{Draft, Template};

use crate::support::{Answer, Client, NOW, TestApp, at};

const MINUTE: Duration = Duration::from_mins(1);
const JSON: (&str, &str) = ("Content-Type", "application/json");
const PATCH: (&str, &str) = ("Content-Type", "application/merge-patch+json");

/// A server over a store, and somebody who may write.
struct World {
    app: TestApp<Arc<dyn Store>>,
    key: String,
    _database: Database,
}

impl World {
    async fn on(database: Database) -> Self {
        let store = database.open().await;
        let key = NewKey::create("a key", Scope::Write, None, at(NOW)).unwrap();
        assert!(store.add_key(&key.key).await.unwrap());
        Self { app: TestApp::ready(store).await, key: key.secret, _database: database }
    }

    async fn new() -> Self {
        Self::on(Database::sqlite()).await
    }

    fn writer(&self) -> Writer<'_> {
        Writer { client: &self.app, key: &self.key }
    }
}

/// On both stores, where both are there.
async fn worlds() -> Vec<World> {
    join_all([Some(Database::sqlite()), Database::mongo()].into_iter().flatten().map(World::on)).await
}

/// Somebody who may write.
#[derive(Clone, Copy)]
struct Writer<'a> {
    client: &'a Client,
    key: &'a str,
}

impl Writer<'_> {
    async fn send(self, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let headers = [headers, &[JSON, ("X-API-KEY", self.key)]].concat();
        self.client.send_body(method, path, &headers, &body.to_string()).await
    }

    async fn add(self, name: &str, content: &str) -> Answer {
        let added = self.send("POST", "/api/templates", &[], &json!({"name": name, "content": content})).await;
        assert_eq!(added.status, 201, "{}", added.body);
        added
    }

    async fn patch(self, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let headers = [headers, &[PATCH, ("X-API-KEY", self.key)]].concat();
        self.client.send_body("PATCH", path, &headers, body).await
    }

    async fn remove(self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let headers = [headers, &[("X-API-KEY", self.key)]].concat();
        self.client.send("DELETE", path, &headers).await
    }

    async fn render(self, path: &str, body: &str) -> Answer {
        let headers = [JSON, ("X-API-KEY", self.key)];
        self.client.send_body("POST", &format!("{path}/render"), &headers, body).await
    }
}

fn code(answer: &Answer) -> (u16, String) {
    (answer.status, answer.json()["error"]["code"].as_str().unwrap().to_owned())
}

fn message(answer: &Answer) -> String {
    answer.json()["error"]["message"].as_str().unwrap().to_owned()
}

fn path_of(added: &Answer) -> &str {
    added.header("location").unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_lives_the_same_life_on_both_stores() {
    for world in worlds().await {
        let (app, writer) = (&world.app, world.writer());
        assert_eq!(app.get("/api/templates").await.body, r#"{"templates":[]}"#);
        let wish = json!({"name": "short", "description": "for the chat", "content": "{{ service }} is {{ to }}"});
        let added = writer.send("POST", "/api/templates", &[], &wish).await;
        assert_eq!(added.status, 201, "{}", added.body);
        let (path, first) = (path_of(&added).to_owned(), added.json());
        assert_eq!(path, format!("/api/templates/{}", first["id"].as_str().unwrap()));
        for name in ["name", "description", "content"] {
            assert_eq!(first[name], wish[name]);
        }
        assert_eq!(first["created"], at(NOW).to_string());
        assert_eq!(first["created"], first["modified"]);

        let told = app.get(&path).await;
        assert_eq!((told.status, told.json()), (200, first.clone()));
        assert_eq!(told.header("etag"), added.header("etag"));
        let etag = told.header("etag").unwrap();
        assert_eq!(app.send("GET", &path, &[("If-None-Match", etag)]).await.status, 304);

        app.clock.advance(MINUTE);
        let changed = writer.send("PUT", &path, &[("If-Match", etag)], &json!({"name": "n", "content": "c"})).await;
        assert_eq!(changed.status, 200, "{}", changed.body);
        let expected = json!({
            "id": first["id"], "name": "n", "description": "", "content": "c",
            "created": at(NOW).to_string(), "modified": at(NOW).plus(MINUTE).to_string(),
        });
        assert_eq!(changed.json(), expected);
        assert_eq!(app.get(&path).await.json(), expected);
        assert_eq!(app.get("/api/templates").await.json(), json!({"templates": [expected]}));

        let gone = writer.remove(&path, &[]).await;
        assert_eq!((gone.status, gone.body.as_str()), (204, ""));
        assert_eq!(app.get("/api/templates").await.body, r#"{"templates":[]}"#);
        for (method, body) in [("GET", ""), ("PUT", r#"{"name":"n","content":"c"}"#), ("PATCH", "{}"), ("DELETE", "")] {
            let headers = [JSON, ("X-API-KEY", &world.key), ("If-Match", "*")];
            let answer = app.send_body(method, &path, &headers, body).await;
            assert_eq!(code(&answer), (404, "TemplateNotFound".to_owned()), "{method}");
        }
        assert_eq!(code(&writer.render(&path, "{}").await), (404, "TemplateNotFound".to_owned()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_make_up_the_whole() {
    for world in worlds().await {
        let (app, writer) = (&world.app, world.writer());
        for n in 0..5 {
            app.clock.advance(Duration::from_secs(n / 2));
            writer.add("the same name", &n.to_string()).await;
        }
        let all = app.get("/api/templates").await.json()["templates"].as_array().unwrap().clone();
        let created: Vec<&str> = all.iter().map(|template| template["created"].as_str().unwrap()).collect();
        assert!(created.is_sorted(), "{created:?}");
        let (mut paged, mut path) = (Vec::new(), "/api/templates?limit=2".to_owned());
        loop {
            let page = app.get(&path).await;
            assert_eq!(page.status, 200, "{}", page.body);
            paged.extend(page.json()["templates"].as_array().unwrap().clone());
            let Some(link) = page.header("link") else { break };
            path = link.split(['<', '>']).nth(1).unwrap().to_owned();
        }
        assert_eq!(paged, all);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn so_many_are_read_at_once_and_no_more() {
    for world in worlds().await {
        let mut added = BTreeSet::new();
        for _ in 0..201 {
            let draft = Draft { name: "n".to_owned(), ..Draft::default() };
            let template = Template::new(draft, at(NOW)).unwrap();
            assert!(world.app.store.add_template(&template).await.unwrap());
            added.insert(template.id);
        }
        let ids = |answer: &Answer| -> Vec<String> {
            let templates = answer.json()["templates"].as_array().unwrap().clone();
            templates.iter().map(|template| template["id"].as_str().unwrap().to_owned()).collect()
        };
        // All of one moment, so they are in the order of their ids.
        let added: Vec<String> = added.into_iter().collect();
        let all = world.app.get("/api/templates").await;
        assert_eq!((ids(&all), all.header("link")), (added.clone(), None));
        let page = world.app.get("/api/templates?limit=1000").await;
        assert_eq!((ids(&page).as_slice(), page.header("link").is_some()), (&added[..100], true));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patch_changes_what_it_names() {
    let world = World::new().await;
    let writer = world.writer();
    let added =
        writer.send("POST", "/api/templates", &[], &json!({"name": "n", "description": "d", "content": "c"})).await;
    let path = path_of(&added);
    for (patch, expected) in [
        ("{}", ["n", "d", "c"]),
        (r#"{"name":"m"}"#, ["m", "d", "c"]),
        (r#"{"content":"{{ to }}"}"#, ["m", "d", "{{ to }}"]),
        (r#"{"description":null}"#, ["m", "", "{{ to }}"]),
        (r#"{"description":"e","name":"o"}"#, ["o", "e", "{{ to }}"]),
    ] {
        let patched = writer.patch(path, &[], patch).await;
        assert_eq!(patched.status, 200, "{patch}: {}", patched.body);
        assert_eq!(["name", "description", "content"].map(|name| patched.json()[name].clone()), expected, "{patch}");
        assert_eq!(world.app.get(path).await.json(), patched.json(), "{patch}");
    }
    for patch in
        [r#"{"name":null}"#, r#"{"content":null}"#, r#"{"id":"x"}"#, r#"["m"]"#, "null", "", "{", r#"{"name":5}"#]
    {
        assert_eq!(code(&writer.patch(path, &[], patch).await), (400, "BadRequest".to_owned()), "{patch}");
    }
    let plain =
        world.app.send_body("PATCH", path, &[("Content-Type", "text/plain"), ("X-API-KEY", &world.key)], "{}").await;
    assert_eq!(code(&plain), (415, "UnsupportedMediaType".to_owned()));
    assert!(message(&plain).contains("application/merge-patch+json"), "{}", plain.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_nothing_is_no_change() {
    let world = World::new().await;
    let writer = world.writer();
    let added = writer.add("n", "c").await;
    world.app.clock.advance(MINUTE);
    for _ in 0..2 {
        let same = writer.send("PUT", path_of(&added), &[], &json!({"name": "n", "content": "c"})).await;
        assert_eq!((same.status, same.json()), (200, added.json()));
        assert_eq!(same.header("etag"), added.header("etag"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_made_to_what_it_is_meant_for() {
    let world = World::new().await;
    let (app, writer) = (&world.app, world.writer());
    // Long enough to be encoded.
    let added = writer.add("n", &"c".repeat(3000)).await;
    let path = path_of(&added);
    let tag = |answer: &Answer| answer.header("etag").unwrap().to_owned();
    let first = tag(&added);
    for refused in [
        "\"other\"".to_owned(),
        format!("W/{first}"),
        "W/\"x\", \"y\"".to_owned(),
        first.trim_matches('"').to_owned(),
        String::new(),
        "\"x\", *".to_owned(),
    ] {
        let condition = [("If-Match", refused.as_str())];
        for answer in [
            writer.send("PUT", path, &condition, &json!({"name": "m", "content": "c"})).await,
            writer.patch(path, &condition, r#"{"name":"m"}"#).await,
            writer.remove(path, &condition).await,
        ] {
            assert_eq!(code(&answer), (412, "PreconditionFailed".to_owned()), "{refused}");
        }
    }
    // What is no template is told first, whatever it is meant for.
    for (wish, status) in [(json!({"name": "", "content": "c"}), 400), (json!({"name": "m", "content": "{{"}), 422)] {
        assert_eq!(writer.send("PUT", path, &[("If-Match", "\"other\"")], &wish).await.status, status, "{wish}");
    }
    assert_eq!(app.get(path).await.json(), added.json());

    let packed = app.send("GET", path, &[("Accept-Encoding", "gzip")]).await;
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    assert_ne!(tag(&packed), first);
    let mut name = 0;
    for accepted in [tag(&packed), format!("\"x,\", {first} ,W/\"y\""), "*".to_owned(), first.clone()] {
        name += 1;
        // What was accepted before made another tag of it.
        let back = writer.send("PUT", path, &[], &json!({"name": "n", "content": "c".repeat(3000)})).await;
        assert_eq!(tag(&back), first, "the clock stands still, and so it is the same again");
        let answer =
            writer.patch(path, &[("If-Match", &accepted)], &json!({"name": name.to_string()}).to_string()).await;
        assert_eq!(answer.status, 200, "{accepted}: {}", answer.body);
        assert_ne!(tag(&answer), first);
        assert_eq!(writer.patch(path, &[("If-Match", &first)], r#"{"name":"late"}"#).await.status, 412);
    }
    let last = tag(&app.get(path).await);
    assert_eq!(writer.remove(path, &[("If-Match", &first)]).await.status, 412);
    assert_eq!(writer.remove(path, &[("If-Match", &last)]).await.status, 204);
}

/// Writes one more line to a template, as often as it takes.
async fn append(writer: Writer<'_>, path: &str, line: &str) {
    loop {
        let was = writer.client.get(path).await;
        let content = format!("{}{line}\n", was.json()["content"].as_str().unwrap());
        let wish = json!({"name": "n", "content": content});
        let answer = writer.send("PUT", path, &[("If-Match", was.header("etag").unwrap())], &wish).await;
        match answer.status {
            200 => return,
            412 => {}
            _ => panic!("{}", answer.body),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_changes_a_template_at_once_overwrites_nothing() {
    const WRITERS: usize = 4;
    const LINES: usize = 3;
    for world in worlds().await {
        let writer = world.writer();
        let added = writer.add("n", "").await;
        let path = path_of(&added);
        let rivals: Vec<Value> = (0..WRITERS).map(|n| json!({"name": n.to_string(), "content": ""})).collect();
        let condition = [("If-Match", added.header("etag").unwrap())];
        let answers = join_all(rivals.iter().map(|wish| writer.send("PUT", path, &condition, wish))).await;
        let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
        assert_eq!(statuses.iter().filter(|status| **status == 412).count(), WRITERS - 1, "{statuses:?}");

        join_all((0..WRITERS).map(|n| async move {
            for line in 0..LINES {
                append(writer, path, &format!("{n} {line}")).await;
            }
        }))
        .await;
        let last = world.app.get(path).await.json();
        let lines: BTreeSet<&str> = last["content"].as_str().unwrap().lines().collect();
        assert_eq!(lines.len(), WRITERS * LINES, "{lines:?}");

        // Without a condition each change is made to what is there, and takes nothing else back.
        let patches = (0..WRITERS).map(|n| [json!({"name": n.to_string()}), json!({"description": n.to_string()})]);
        let patches: Vec<String> = patches.flatten().map(|patch| patch.to_string()).collect();
        for answer in join_all(patches.iter().map(|patch| writer.patch(path, &[], patch))).await {
            assert_eq!(answer.status, 200, "{}", answer.body);
        }
        let after = world.app.get(path).await.json();
        assert_eq!(after["content"], last["content"]);
        assert!(!after["description"].as_str().unwrap().is_empty(), "{after}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_template_is_refused_with_its_line() {
    let world = World::new().await;
    let writer = world.writer();
    let added = writer.add("n", "c").await;
    let long = "x".repeat(65_537);
    for (content, said) in [
        ("a\n{{ to", "line 2: syntax error"),
        ("{% if to %}", "line 1: syntax error"),
        ("\n\n{% include %}", "line 3: syntax error"),
        (long.as_str(), "65536 bytes"),
    ] {
        let wish = json!({"name": "n", "content": content});
        for answer in [
            writer.send("POST", "/api/templates", &[], &wish).await,
            writer.send("PUT", path_of(&added), &[], &wish).await,
            writer.patch(path_of(&added), &[], &json!({"content": content}).to_string()).await,
        ] {
            assert_eq!(code(&answer), (422, "InvalidTemplate".to_owned()));
            assert!(message(&answer).contains(said), "{}", answer.body);
        }
    }
    let most = "\u{1}".repeat(65_536);
    assert_eq!(writer.add("n", &most).await.json()["content"], most);
    for (wish, said) in [
        (json!({"name": "", "content": "c"}), "1 to 64 characters"),
        (json!({"name": "a\nb", "content": "c"}), "1 to 64 characters"),
        (json!({"name": "n", "content": "c", "description": "d".repeat(1025)}), "1024 bytes"),
        (json!({"name": "n"}), "expected"),
        (json!({"name": "n", "content": "c", "id": "x"}), "expected"),
        (json!({"name": "n", "content": ["c"]}), "expected"),
    ] {
        let answer = writer.send("POST", "/api/templates", &[], &wish).await;
        assert_eq!(code(&answer), (400, "BadRequest".to_owned()), "{wish}");
        assert!(message(&answer).contains(said), "{}", answer.body);
    }
    assert_eq!(world.app.get(path_of(&added)).await.json(), added.json());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_status_fills_a_template_in() {
    let world = World::new().await;
    let writer = world.writer();
    let content = "{{ service }} of {{ target }}: {{ from }} → {{ to }}{% if dimensions.region %} in {{ dimensions.region }}{% endif %}";
    let added = writer.add("n", content).await;
    let event = json!({"event": {
        "target": "aws", "service": "EC2 <b>", "key": "ec2-eu", "from": "Degraded", "to": "Outage",
        "at": "2026-05-04T12:00:00.500Z", "sourceAt": null, "dimensions": {"region": "eu"},
    }});
    for (body, text) in [
        (event.to_string(), "EC2 <b> of aws: Degraded → Outage in eu"),
        (
            json!({"event": {"target": "a", "service": "b", "to": "OK", "at": "2026-05-04T12:00:00Z"}}).to_string(),
            "b of a: None → OK",
        ),
        ("{}".to_owned(), "Git Operations of github: OK → Degraded"),
        ("null".to_owned(), "Git Operations of github: OK → Degraded"),
        (r#"{"event":null}"#.to_owned(), "Git Operations of github: OK → Degraded"),
        (String::new(), "Git Operations of github: OK → Degraded"),
    ] {
        let rendered = writer.render(path_of(&added), &body).await;
        assert_eq!((rendered.status, rendered.json()), (200, json!({"rendered": text})), "{body}");
    }
    for (field, value) in
        [("to", json!("Fine")), ("at", json!("noon")), ("dimensions", json!({"a": ["b"]})), ("more", json!(1))]
    {
        let mut event = event.clone();
        event["event"][field] = value;
        let answer = writer.render(path_of(&added), &event.to_string()).await;
        assert_eq!(code(&answer), (400, "BadRequest".to_owned()), "{field}");
    }
    let slip = writer.add("slip", "all is fine\n{{ servce }}").await;
    let answer = writer.render(path_of(&slip), "{}").await;
    assert_eq!(code(&answer), (422, "TemplateFailed".to_owned()));
    assert!(message(&answer).contains("line 2") && message(&answer).contains("servce"), "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_listed_of_the_past_can_be_rendered() {
    let world = World::new().await;
    Author::new("github").write(&*world.app.store, vec![service("Actions", Status::Outage)]).await.unwrap();
    let event = world.app.get("/api/events").await.json()["events"][0].clone();
    let writer = world.writer();
    let added = writer.add("n", "{{ service }}: {{ from }} → {{ to }}").await;
    let rendered = writer.render(path_of(&added), &json!({"event": event}).to_string()).await;
    assert_eq!(rendered.json()["rendered"], "Actions: None → Outage", "{}", rendered.body);
}
