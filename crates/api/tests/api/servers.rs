//! `/api/servers`: exactly these words.

use std::time::Duration;

use serde_json::{Value, json};
use unistatus_core::schema::{About, Check, Kind, ProbeId, Server, Status, Timestamp};
use unistatus_core::store::{Checks, Servers};

use crate::support::{Answer, Cast, MemoryStore, NOW, TestApp, at, service, target};

struct Asked {
    app: TestApp,
    cast: Cast,
}

impl Asked {
    async fn new() -> Self {
        let store = MemoryStore::new([target("github", [service("Actions", Status::Ok, &[])])]);
        let cast = Cast::of(&store).await;
        Self { app: TestApp::ready(store).await, cast }
    }

    async fn send(&self, method: &str, body: &str) -> Answer {
        let headers = [("X-API-KEY", self.cast.write.as_str()), ("Content-Type", "application/json")];
        self.app.send_body(method, "/api/servers", &headers, body).await
    }

    /// Sends a wish, which has to be answered with this word and nothing else.
    async fn must(&self, method: &str, body: &str, status: u16, word: &str) -> Answer {
        let answer = self.send(method, body).await;
        let wanted = format!(r#"{{"status":"{word}"}}"#);
        assert_eq!((answer.status, answer.body.as_str()), (status, wanted.as_str()), "{method} {body}");
        assert_eq!(answer.header("content-type"), Some("application/json"));
        let reason = answer.header("x-reason");
        assert_eq!(reason.is_some(), word == "WRONG_REQUEST", "{method} {body}");
        assert!(reason.is_none_or(|reason| reason.is_ascii() && reason.len() > 5), "{reason:?}");
        answer
    }

    /// Under which id the pings of a server are kept.
    async fn probe(&self, name: &str) -> ProbeId {
        ProbeId::of_server(&self.app.store.server(name).await.unwrap().unwrap().id)
    }

    async fn names(&self) -> Value {
        let answer = self.app.get("/api/servers").await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }
}

fn wish(name: &str, address: &str) -> String {
    json!({"server": {"name": name, "IP": address}}).to_string()
}

fn named(name: &str) -> String {
    json!({"server": name}).to_string()
}

fn encoded(name: &str) -> String {
    name.bytes().fold("/api/servers/".to_owned(), |path, byte| path + &format!("%{byte:02X}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_life_of_a_server() {
    let asked = Asked::new().await;
    assert_eq!(asked.app.get("/api/servers").await.body, r#"{"servers":[]}"#);
    let long = "ü".repeat(64);
    let names = ["google_dns", "東京 サーバ", "a/b%c?d#e", " ", "\"<script>\"", long.as_str(), "\u{202e}"];
    for name in names {
        asked.must("PUT", &wish(name, "8.8.8.8"), 404, "NAME_DID_NOT_FOUND").await;
        asked.must("DELETE", &named(name), 404, "NAME_DID_NOT_FOUND").await;
        asked.must("POST", &wish(name, "8.8.8.8"), 201, "CREATED").await;
        asked.must("POST", &wish(name, "8.8.4.4"), 409, "NAME_ALREADY_EXIST").await;
        asked.must("PUT", &wish(name, "2001:4860:4860::8888"), 200, "UPDATED").await;
        asked.must("PUT", &wish(name, "2001:4860:4860::8888"), 200, "UPDATED").await;
        let pings = asked.app.get(&encoded(name)).await;
        assert_eq!((pings.status, pings.json()), (200, json!({"server": name, "pings": []})), "{name}");
    }
    let mut sorted = names;
    sorted.sort_unstable();
    assert_eq!(asked.names().await, json!({"servers": sorted}));
    for name in names {
        asked.must("DELETE", &named(name), 200, "DELETED").await;
        let gone = asked.app.get(&encoded(name)).await;
        assert_eq!((gone.status, gone.body.as_str()), (404, r#"{"status":"NAME_DID_NOT_FOUND"}"#));
    }
    assert_eq!(asked.names().await, json!({"servers": []}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_of_another_target_is_taken_and_that_of_a_server_that_went_is_not() {
    let asked = Asked::new().await;
    asked.must("POST", &wish("github", "8.8.8.8"), 409, "NAME_ALREADY_EXIST").await;
    asked.must("PUT", &wish("github", "8.8.8.8"), 404, "NAME_DID_NOT_FOUND").await;
    let mut left = target("left", []);
    left.kind = Kind::Ping;
    left.about = About { server: Some("one that went".to_owned()), ..About::default() };
    asked.app.store.put(left);
    let mut own = target("own", []);
    own.kind = Kind::Ping;
    own.about = About { category: Some(Server::CATEGORY.to_owned()), ..About::default() };
    asked.app.store.put(own);
    asked.app.until("/api/targets/left", |answer| answer.status == 200).await;
    asked.app.until("/api/targets/own", |answer| answer.status == 200).await;
    asked.must("POST", &wish("left", "8.8.8.8"), 201, "CREATED").await;
    asked.must("POST", &wish("own", "8.8.8.8"), 409, "NAME_ALREADY_EXIST").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_understood_is_a_wrong_request() {
    let asked = Asked::new().await;
    let long = "x".repeat(65);
    let wished = [
        String::new(),
        "{".to_owned(),
        "null".to_owned(),
        "[]".to_owned(),
        "{}".to_owned(),
        "\u{feff}{}".to_owned(),
        r#"{"server":null}"#.to_owned(),
        r#"{"server":"a"}"#.to_owned(),
        r#"{"server":{}}"#.to_owned(),
        r#"{"server":["a","8.8.8.8"]}"#.to_owned(),
        r#"[{"name":"a","IP":"8.8.8.8"}]"#.to_owned(),
        r#"{"server":{"name":"a"}}"#.to_owned(),
        r#"{"server":{"IP":"8.8.8.8"}}"#.to_owned(),
        r#"{"server":{"name":"a","ip":"8.8.8.8"}}"#.to_owned(),
        r#"{"server":{"name":"a","IP":"8.8.8.8","port":1}}"#.to_owned(),
        r#"{"server":{"name":"a","IP":"8.8.8.8"},"more":1}"#.to_owned(),
        r#"{"server":{"name":"a","name":"b","IP":"8.8.8.8"}}"#.to_owned(),
        r#"{"server":{"name":7,"IP":"8.8.8.8"}}"#.to_owned(),
        r#"{"server":{"name":"a","IP":8}}"#.to_owned(),
        r#"{"server":{"name":"a","IP":null}}"#.to_owned(),
        r#"{"server":{"name":"a","IP":"8.8.8.8"}} x"#.to_owned(),
        r#"{"server":{"name":"\ud800","IP":"8.8.8.8"}}"#.to_owned(),
        wish("", "8.8.8.8"),
        wish(&long, "8.8.8.8"),
        wish("a\nb", "8.8.8.8"),
        wish("a\0", "8.8.8.8"),
        wish("\u{85}", "8.8.8.8"),
    ];
    let addresses = [
        "",
        "999.1.1.1",
        "8.8.8",
        "8.8.8.8.8",
        "08.8.8.8",
        "8.8.8.8 ",
        "8.8.8.8/32",
        "dns.google",
        "::g",
        "fe80::1%eth0",
        "1",
    ];
    let addresses = addresses.iter().map(|address| wish("a", address));
    for body in wished.iter().cloned().chain(addresses) {
        for method in ["POST", "PUT"] {
            asked.must(method, &body, 400, "WRONG_REQUEST").await;
        }
    }
    for body in [
        "",
        "{",
        "{}",
        r#"{"server":7}"#,
        r#"{"server":{"name":"a"}}"#,
        r#"{"server":""}"#,
        r#"{"server":"a","x":1}"#,
        r#"{"server":"a\u0000"}"#,
        &named(&long),
    ] {
        asked.must("DELETE", body, 400, "WRONG_REQUEST").await;
    }
    for body in ["{", "{}", r#"{"server":7}"#, r#"{"server":"a","x":1}"#] {
        asked.must("GET", body, 400, "WRONG_REQUEST").await;
    }
    assert_eq!(asked.names().await, json!({"servers": []}));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_may_not_be_asked_is_a_wrong_request() {
    let asked = Asked::new().await;
    for address in ["127.0.0.1", "::1", "169.254.169.254", "::ffff:127.0.0.1", "fd00:ec2::254", "0.0.0.0", "224.0.0.1"]
    {
        let refused = asked.must("POST", &wish("a", address), 400, "WRONG_REQUEST").await;
        assert!(refused.header("x-reason").unwrap().contains("ADDRESS_ALLOW"), "{refused:?}");
    }
    asked.must("POST", &wish("a", "192.168.1.1"), 201, "CREATED").await;
    asked.must("PUT", &wish("a", "127.0.0.1"), 400, "WRONG_REQUEST").await;
    let allowed = TestApp::with(asked.app.store.clone(), |options| {
        options.address_policy = unistatus_core::networks::AddressPolicy::allowing("127.0.0.0/8".parse().unwrap());
    });
    let allowed = allowed.await;
    allowed.until("/readyz", |answer| answer.status == 200).await;
    let headers = [("X-API-KEY", asked.cast.write.as_str()), ("Content-Type", "application/json")];
    assert_eq!(allowed.post("/api/servers", &headers, &wish("b", "127.0.0.1")).await.status, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_that_are_not_about_the_wish_keep_their_shape() {
    let asked = Asked::new().await;
    let (key, body) = (("X-API-KEY", asked.cast.write.as_str()), wish("a", "8.8.8.8"));
    let code = |answer: &Answer| answer.json()["error"]["code"].as_str().map(str::to_owned);
    for kind in ["text/plain", "application/x-www-form-urlencoded", "nonsense"] {
        let answer = asked.app.post("/api/servers", &[key, ("Content-Type", kind)], &body).await;
        assert_eq!((answer.status, code(&answer).as_deref()), (415, Some("UnsupportedMediaType")), "{kind}");
    }
    for kind in ["application/json", "application/json; charset=utf-8", "Application/JSON"] {
        let answer = asked.app.post("/api/servers", &[key, ("Content-Type", kind)], &body).await;
        assert!(matches!(answer.status, 201 | 409), "{kind}: {answer:?}");
    }
    let unnamed = asked.app.post("/api/servers", &[key], &body).await;
    assert_eq!((unnamed.status, unnamed.body.as_str()), (409, r#"{"status":"NAME_ALREADY_EXIST"}"#));
    let answer = asked.app.send_body("PATCH", "/api/servers", &[key], &body).await;
    assert_eq!((answer.status, answer.header("allow")), (405, Some("GET, HEAD, POST, PUT, DELETE")));
    let large = format!(r#"{{"server":"{}"}}"#, "x".repeat(70_000));
    asked.must("DELETE", &large, 413, "WRONG_REQUEST").await;
    let strange = asked.app.post("/api/servers?x=1", &[key, ("Content-Type", "application/json")], &body).await;
    assert_eq!((strange.status, strange.body.as_str()), (400, r#"{"status":"WRONG_REQUEST"}"#));
    asked.app.store.set_away(true);
    let away = asked.app.get("/api/servers").await;
    assert_eq!((away.status, code(&away).as_deref()), (503, Some("StoreUnavailable")));
}

/// Writes checks of a probe, one each ten seconds; each third was lost.
async fn measure(store: &MemoryStore, probe: &ProbeId, count: u32) -> Vec<(Timestamp, Option<f64>)> {
    let mut written = Vec::new();
    for number in 0..count {
        let latency = (number % 3 != 2).then(|| Duration::from_micros(u64::from(1_000 * number + 250)));
        let check = Check {
            probe: probe.clone(),
            at: at(NOW).plus(Duration::from_secs(10) * number),
            status: Status::Ok,
            latency,
            sent: 4,
            lost: 0,
        };
        store.record(std::slice::from_ref(&check)).await.unwrap();
        written.push((check.at, latency.map(|_| f64::from(number) + 0.25)));
    }
    written.reverse();
    written
}

fn pings(pings: &[(Timestamp, Option<f64>)]) -> Value {
    pings.iter().map(|(at, latency)| json!({at.to_string(): latency})).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn pings_are_told_newest_first_and_a_lost_one_is_null() {
    let asked = Asked::new().await;
    asked.must("POST", &wish("a", "8.8.8.8"), 201, "CREATED").await;
    let written = measure(&asked.app.store, &asked.probe("a").await, 30).await;
    for other in [ProbeId::of_target("a"), ProbeId::of_server("b")] {
        measure(&asked.app.store, &other, 3).await;
    }
    let all = asked.app.get("/api/servers/a").await;
    assert_eq!(all.json(), json!({"server": "a", "pings": pings(&written)}), "none is of another of that name");
    assert!(all.body.contains(r#"{"2026-05-04T12:00:00.500Z":0.25}]}"#), "{}", all.body);
    assert_eq!(asked.send("GET", &named("a")).await.body, all.body);
    assert_eq!(asked.send("GET", &named("b")).await.body, r#"{"status":"NAME_DID_NOT_FOUND"}"#);

    let (from, to) = (at(NOW).plus(Duration::from_secs(50)), at(NOW).plus(Duration::from_secs(100)));
    let window = asked.app.get(&format!("/api/servers/a?from={from}&to={to}")).await.json();
    assert_eq!(window["pings"], pings(&written[20..25]));

    for limit in [1, 7, 30] {
        let (mut paged, mut next) = (Vec::new(), Some(format!("/api/servers/a?limit={limit}")));
        while let Some(path) = next {
            let page = asked.app.get(&path).await;
            paged.extend(page.json()["pings"].as_array().unwrap().clone());
            next = page.header("link").map(|link| link[1..link.find('>').unwrap()].to_owned());
        }
        assert_eq!(Value::from(paged), pings(&written));
    }
    for query in ["limit=0", "from=yesterday", "cursor=x", "x=1", &format!("from={to}&to={from}")] {
        let answer = asked.app.get(&format!("/api/servers/a?{query}")).await;
        assert_eq!((answer.status, answer.body.as_str()), (400, r#"{"status":"WRONG_REQUEST"}"#), "{query}");
    }
    asked.must("DELETE", &named("a"), 200, "DELETED").await;
    asked.must("POST", &wish("a", "8.8.8.8"), 201, "CREATED").await;
    assert_eq!(asked.app.get("/api/servers/a").await.json()["pings"], json!([]), "its pings went, too");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_year_of_pings_is_sent_as_it_is_read() {
    let asked = Asked::new().await;
    asked.must("POST", &wish("a", "8.8.8.8"), 201, "CREATED").await;
    let written = measure(&asked.app.store, &asked.probe("a").await, 2_500).await;
    assert_eq!(asked.app.get("/api/servers/a").await.json()["pings"], pings(&written));
}

#[tokio::test(flavor = "multi_thread")]
async fn names_page_like_all_other_lists() {
    let asked = Asked::new().await;
    for name in ["c", "a", "b"] {
        asked.must("POST", &wish(name, "8.8.8.8"), 201, "CREATED").await;
    }
    let first = asked.app.get("/api/servers?limit=2").await;
    assert_eq!(first.body, r#"{"servers":["a","b"]}"#);
    let link = first.header("link").unwrap();
    let second = asked.app.get(&link[1..link.find('>').unwrap()]).await;
    assert_eq!((second.body.as_str(), second.header("link")), (r#"{"servers":["c"]}"#, None));
}
