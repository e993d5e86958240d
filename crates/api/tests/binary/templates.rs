//! Templates that nobody should write: each is refused or cut off, is told why, and harms nobody.

use futures_util::future::join_all;
use serde_json::{Value, json};
use unistatus_core::access::{NewKey, Scope};
use unistatus_core::schema::Timestamp;
use unistatus_core::store::testkit::Database;

use crate::api;
use crate::client::{Answer, Client};
use crate::process::Process;

/// The program, and somebody who may write.
struct World {
    client: Client,
    key: String,
    process: Process,
    _database: Database,
}

impl World {
    async fn new() -> Self {
        let database = Database::sqlite();
        let store = database.open().await;
        let key = NewKey::create("a key", Scope::Write, None, Timestamp::now()).unwrap();
        assert!(store.add_key(&key.key).await.unwrap());
        store.close().await;
        let mut process = api().args(["--db", database.address()]).start();
        let client = process.client().await;
        client.until("/readyz", |answer| answer.status == 200).await;
        Self { client, key: key.secret, process, _database: database }
    }

    async fn post(&self, path: &str, body: &Value) -> Answer {
        let headers = [("Content-Type", "application/json"), ("X-API-KEY", self.key.as_str())];
        self.client.post(path, &headers, &body.to_string()).await
    }

    async fn add(&self, content: &str) -> Answer {
        self.post("/api/templates", &json!({"name": "a template", "content": content})).await
    }

    /// Adds a template and renders it.
    async fn render(&self, content: &str) -> Answer {
        let added = self.add(content).await;
        assert_eq!(added.status, 201, "{content}: {}", added.body);
        self.post(&format!("{}/render", added.header("location").unwrap()), &json!({})).await
    }

    async fn is_well(&self) {
        let rendered = self.render("{{ service }}").await;
        assert_eq!((rendered.status, rendered.json()), (200, json!({"rendered": "Git Operations"})));
    }
}

#[track_caller]
fn is_refused(content: &str, answer: &Answer, code: &str, said: &[&str]) {
    let (error, begin) = (&answer.json()["error"], content.chars().take(80).collect::<String>());
    assert_eq!((answer.status, error["code"].as_str()), (422, Some(code)), "{begin}: {}", answer.body);
    let message = error["message"].as_str().unwrap();
    assert!(said.iter().any(|said| message.contains(said)), "{begin}: {message} says nothing of {said:?}");
}

const TIME: &[&str] = &["takes too long"];
const MEMORY: &[&str] = &["too much memory"];
const TEXT: &[&str] = &["1048576 bytes"];

#[tokio::test(flavor = "multi_thread")]
async fn what_takes_too_much_is_cut_off() {
    let world = World::new().await;
    let doubled = |most: usize, end: &str| format!("{{% set x = 'x' %}}{}{end}", "{% set x = x ~ x %}".repeat(most));
    for (content, said) in [
        // For ever.
        ("{% for a in range(9999) %}{% for b in range(9999) %}{{ a }}{% endfor %}{% endfor %}".to_owned(), &[TIME, TEXT].concat()[..]),
        ("{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}".to_owned(), TIME),
        // Few steps, and each of them long.
        ("{% for a in range(9999) %}{% set x = range(9999)|sort|join(',') %}{% endfor %}".to_owned(), TIME),
        ("{% macro m(n) %}{{ m(n + 1) }}{% endmacro %}{{ m(0) }}".to_owned(), &["recursion"]),
        ("{% for a in [1] recursive %}{{ loop([1]) }}{% endfor %}".to_owned(), &["recursion"]),
        // Memory.
        (doubled(40, "{{ x|length }}"), MEMORY),
        (doubled(40, "{{ x }}"), &[MEMORY, TEXT].concat()),
        (doubled(40, "{{ x|upper }}"), MEMORY),
        ("{% set x = 'x' * 1000000000 %}".to_owned(), &["too large"]),
        (
            "{% set n = namespace(x=[]) %}{% for a in range(9999) %}{% set n.x = [n.x, ('x' * 90000)|upper] %}{% endfor %}"
                .to_owned(),
            MEMORY,
        ),
        // Text.
        ("{{ 'x' * 99999 }}".repeat(11), TEXT),
        ("{% for a in range(999) %}{{ service * 999 }}{% endfor %}".to_owned(), TEXT),
        // What is not there for it.
        ("{% include '/etc/passwd' %}".to_owned(), &["neither include nor import nor extend"]),
        ("{{ environ.SECRET_KEY }}".to_owned(), &["environ"]),
    ] {
        is_refused(&content, &world.render(&content).await, "TemplateFailed", said);
        world.is_well().await;
    }
    assert!(!world.process.stderr().contains("no template can be rendered"), "{}", world.process.stderr());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_even_be_read_is_no_template() {
    let world = World::new().await;
    for (content, said) in [
        // Deep without a bracket: nothing counts how deep.
        (format!("{{{{ {}a }}}}", "a+".repeat(30_000)), MEMORY),
        (format!("{{{{ {}a }}}}", "not ".repeat(16_000)), &["recursion", "too much memory"]),
        (format!("{{{{ {}", "(".repeat(60_000)), &["recursion"]),
        ("{% if to %}".repeat(5_000), &["recursion", "too much memory"]),
        ("x".repeat(64 * 1024 + 1), &["65536 bytes"]),
    ] {
        is_refused(&content, &world.add(&content).await, "InvalidTemplate", said);
        world.is_well().await;
    }
    // Ten megabytes are not even received.
    let length = (10 * 1024 * 1024).to_string();
    let headers = [("Content-Type", "application/json"), ("X-API-KEY", &world.key), ("Content-Length", &length)];
    let answer = world.client.send("POST", "/api/templates", &headers).await;
    assert_eq!((answer.status, answer.json()["error"]["code"].as_str()), (413, Some("PayloadTooLarge")));
    world.is_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_renders_at_once_waits_for_each_other() {
    let world = World::new().await;
    let added = world.add("{{ service }}").await;
    let path = format!("{}/render", added.header("location").unwrap());
    let empty = json!({});
    for rendered in join_all((0..8).map(|_| world.post(&path, &empty))).await {
        assert_eq!(rendered.status, 200, "{}", rendered.body);
    }
}
