//! Who may do what: each operation with each credential.

use std::collections::BTreeSet;

use unistatus_core::config::ReadAccess;
use unistatus_core::schema::Status;

use unistatus_simulator::rollbar::{Project, StandIn};

use crate::support::{Cast, MemoryStore, TestApp, account, rollbar, secret_key, service, target};

/// What an operation takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Takes {
    /// Nothing: not even a look at what is sent.
    Nothing,
    /// What reading takes; a question that is posted is one, too.
    Reading,
    /// To be somebody.
    Being,
    /// The same, by a method that changes things.
    Leaving,
    Write,
    Admin,
}

use Takes::{Admin, Being, Leaving, Nothing, Reading, Write};

/// Every operation, what it takes, and a body that it understands.
const OPERATIONS: &[(&str, &str, Takes, &str)] = &[
    ("get", "/api/badge/{target}", Reading, ""),
    ("get", "/api/badge/{target}/{service}", Reading, ""),
    ("get", "/api/events", Reading, ""),
    ("get", "/api/events.atom", Reading, ""),
    ("get", "/api/history/{target}", Reading, ""),
    ("get", "/api/history/{target}/{service}", Reading, ""),
    ("get", "/api/incidents", Reading, ""),
    ("get", "/api/items", Being, ""),
    ("post", "/api/items", Write, r#"{"data":{"environment":"a","body":{"message":{"body":"b"}}}}"#),
    ("get", "/api/items/{id}", Being, ""),
    ("put", "/api/items/{id}", Write, r#"{"status":"muted"}"#),
    ("patch", "/api/items/{id}", Write, r#"{"status":"muted"}"#),
    ("delete", "/api/items/{id}", Write, ""),
    ("get", "/api/keys", Admin, ""),
    ("post", "/api/keys", Admin, r#"{"name":"a","scope":"read"}"#),
    ("delete", "/api/keys/{id}", Admin, ""),
    ("post", "/api/login", Nothing, r#"{"name":5}"#),
    ("post", "/api/logout", Leaving, ""),
    ("get", "/api/openapi.json", Reading, ""),
    ("put", "/api/password", Leaving, r#"{"current":5}"#),
    ("get", "/api/reports", Being, ""),
    ("post", "/api/reports", Write, ""),
    ("delete", "/api/reports", Write, ""),
    ("get", "/api/reports/{id}", Being, ""),
    ("delete", "/api/reports/{id}", Write, ""),
    ("get", "/api/servers", Reading, ""),
    ("post", "/api/servers", Write, r#"{"server":{"name":"a","IP":"10.0.0.1"}}"#),
    ("put", "/api/servers", Write, r#"{"server":{"name":"a","IP":"10.0.0.1"}}"#),
    ("delete", "/api/servers", Write, r#"{"server":"a"}"#),
    ("get", "/api/servers/{name}", Reading, ""),
    ("get", "/api/session", Being, ""),
    ("get", "/api/status", Reading, ""),
    ("get", "/api/status/{target}", Reading, ""),
    ("get", "/api/status/{target}/{service}", Reading, ""),
    ("get", "/api/stream", Reading, ""),
    ("get", "/api/targets", Reading, ""),
    ("get", "/api/targets/{target}", Reading, ""),
    ("get", "/api/templates", Reading, ""),
    ("post", "/api/templates", Write, r#"{"name":"a","content":"b"}"#),
    ("get", "/api/templates/{id}", Reading, ""),
    ("put", "/api/templates/{id}", Write, r#"{"name":"a","content":"b"}"#),
    ("patch", "/api/templates/{id}", Write, r#"{"name":"a"}"#),
    ("delete", "/api/templates/{id}", Write, ""),
    ("post", "/api/templates/{id}/render", Leaving, "{}"),
    ("get", "/api/users", Admin, ""),
    ("post", "/api/users", Admin, r#"{"name":"b","password":"battery staple","scope":"read"}"#),
    ("put", "/api/users/{name}", Admin, r#"{"scope":"write"}"#),
    ("delete", "/api/users/{name}", Admin, ""),
    ("get", "/", Reading, ""),
    ("get", "/check", Nothing, ""),
    ("get", "/graphql", Reading, ""),
    ("post", "/graphql", Reading, r#"{"query":"{ apiVersion }"}"#),
    ("get", "/health-services", Reading, ""),
    ("get", "/healthz", Nothing, ""),
    ("get", "/host-os", Reading, ""),
    ("get", "/metrics", Reading, ""),
    ("get", "/readyz", Nothing, ""),
    ("get", "/which", Reading, ""),
];

/// What is answered where it is not what was asked for.
const FINE: u16 = 0;

/// The answers to a credential: where it takes reading (while that is open, and while it takes a key), being somebody, leaving, writing, and giving access.
struct Row {
    credential: &'static str,
    reading: [u16; 2],
    being: u16,
    leaving: u16,
    write: u16,
    admin: u16,
}

const fn row(credential: &'static str, reading: [u16; 2], others: [u16; 4]) -> Row {
    let [being, leaving, write, admin] = others;
    Row { credential, reading, being, leaving, write, admin }
}

const ROWS: [Row; 15] = [
    row("none", [FINE, 401], [401, 401, 401, 401]),
    row("nonsense", [401, 401], [401, 401, 401, 401]),
    row("a wrong key", [401, 401], [401, 401, 401, 401]),
    row("an expired key", [401, 401], [401, 401, 401, 401]),
    row("a revoked key", [401, 401], [401, 401, 401, 401]),
    row("a read key", [FINE, FINE], [FINE, FINE, 403, 403]),
    row("a write key", [FINE, FINE], [FINE, FINE, FINE, 403]),
    row("an admin key", [FINE, FINE], [FINE, FINE, FINE, FINE]),
    row("an admin key as bearer", [FINE, FINE], [FINE, FINE, FINE, FINE]),
    row("a token", [FINE, FINE], [FINE, FINE, FINE, 403]),
    row("a token of an ended session", [401, 401], [401, 401, 401, 401]),
    row("a cookie", [FINE, FINE], [FINE, 403, 403, 403]),
    row("a cookie that is meant", [FINE, FINE], [FINE, FINE, FINE, 403]),
    row("a cookie from elsewhere", [FINE, FINE], [FINE, 403, 403, 403]),
    row("a cookie of an ended session", [FINE, 401], [401, 401, 401, 401]),
];

impl Row {
    fn wanted(&self, takes: Takes, reading: ReadAccess) -> u16 {
        let at = usize::from(reading == ReadAccess::Key);
        match takes {
            Nothing => FINE,
            Reading => self.reading[at],
            Being => self.being,
            Leaving => self.leaving,
            Write => self.write,
            Admin => self.admin,
        }
    }

    async fn headers(&self, cast: &Cast) -> Vec<(&'static str, String)> {
        let key = |key: &String| vec![("X-API-KEY", key.clone())];
        let cookie = |token: &str| ("Cookie", format!("theme=dark; unistatus_session={token}"));
        let ((token, csrf), (old, old_csrf)) = (cast.logged_in().await, cast.logged_out().await);
        match self.credential {
            "none" => vec![],
            "nonsense" => vec![("Authorization", "Bearer nonsense".to_owned())],
            "a wrong key" => key(&cast.wrong),
            "an expired key" => key(&cast.expired),
            "a revoked key" => key(&cast.revoked),
            "a read key" => key(&cast.read),
            "a write key" => key(&cast.write),
            "an admin key" => key(&cast.admin),
            "an admin key as bearer" => vec![("Authorization", format!("Bearer {}", cast.admin))],
            "a token" => vec![("Authorization", format!("bearer {token}"))],
            "a token of an ended session" => vec![("Authorization", format!("Bearer {old}"))],
            "a cookie" => vec![cookie(&token)],
            "a cookie that is meant" => {
                vec![cookie(&token), ("X-CSRF-Token", csrf), ("Origin", "http://unistatus.test".to_owned())]
            }
            "a cookie from elsewhere" => {
                vec![cookie(&token), ("X-CSRF-Token", csrf), ("Sec-Fetch-Site", "cross-site".to_owned())]
            }
            "a cookie of an ended session" => vec![cookie(&old), ("X-CSRF-Token", old_csrf)],
            other => panic!("{other} is nobody"),
        }
    }
}

async fn app(reading: ReadAccess) -> (TestApp, Cast, StandIn) {
    let github = target("github", [service("Actions", Status::Ok, &[])]);
    let store = MemoryStore::new([github]);
    let cast = Cast::of(&store).await;
    let rollbar = rollbar(Project::of(1)).await;
    let app = TestApp::with(store, |options| {
        options.rollbar = Some(account(&rollbar));
        options.read_access = reading;
        options.secret_key = Some(secret_key());
    })
    .await;
    app.until("/readyz", |answer| answer.status == 200).await;
    (app, cast, rollbar)
}

fn example(path: &str) -> String {
    [("{target}", "github"), ("{service}", "Actions"), ("{id}", "nokey"), ("{name}", "nobody")]
        .iter()
        .fold(path.to_owned(), |path, (name, value)| path.replace(name, value))
}

async fn every_operation_with_every_credential(reading: ReadAccess) {
    let (app, cast, _rollbar) = app(reading).await;
    for &(method, path, takes, body) in OPERATIONS {
        for row in &ROWS {
            let mut headers = row.headers(&cast).await;
            if !body.is_empty() {
                headers.push(("Content-Type", "application/json".to_owned()));
            }
            let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
            // HEAD, as the stream does not end.
            let answer = match method {
                "get" => app.send("HEAD", &example(path), &headers).await,
                _ => app.send_body(&method.to_uppercase(), &example(path), &headers, body).await,
            };
            let told = if matches!(answer.status, 401 | 403) { answer.status } else { FINE };
            let context = format!("{method} {path} with {}: {answer:?}", row.credential);
            assert_eq!(told, row.wanted(takes, reading), "{context}");
            assert!(answer.status < 500, "{context}");
            let wanted = (answer.status == 401).then_some("Bearer realm=\"unistatus\"");
            assert_eq!(answer.header("www-authenticate"), wanted, "{context}");
            if method != "get" && told != FINE {
                let code = if told == 401 { "Unauthorized" } else { "Forbidden" };
                assert_eq!(answer.json()["error"]["code"], code, "{context}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_reading_is_open() {
    every_operation_with_every_credential(ReadAccess::Open).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_reading_takes_a_key() {
    every_operation_with_every_credential(ReadAccess::Key).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_operation_is_left_out_and_each_is_documented_as_it_is() {
    let (app, ..) = app(ReadAccess::Open).await;
    let document = app.get("/api/openapi.json").await.json();
    let mut documented = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            documented.insert((method.as_str(), path.as_str()));
            let takes = OPERATIONS.iter().find(|row| (row.0, row.1) == (method, path)).map(|row| row.2);
            let takes = takes.unwrap_or_else(|| panic!("{method} {path} is not in the table"));
            let security = operation["security"].as_array();
            let is_optional = security.is_some_and(|ways| ways.iter().any(|way| way.as_object().unwrap().is_empty()));
            assert_eq!(security.is_none(), takes == Nothing, "{method} {path}");
            assert_eq!(is_optional, takes == Reading, "{method} {path}");
            let says = operation["description"].as_str().unwrap();
            assert_eq!(says.contains("Takes the scope `write`"), takes == Write, "{method} {path}");
            assert_eq!(says.contains("Takes the scope `admin`"), takes == Admin, "{method} {path}");
        }
    }
    assert_eq!(documented, OPERATIONS.iter().map(|row| (row.0, row.1)).collect());
}

#[tokio::test(flavor = "multi_thread")]
async fn where_reading_takes_a_key_nothing_else_is_found_without_one() {
    let (app, cast, _) = app(ReadAccess::Key).await;
    for path in
        ["/", "/api/docs", "/api/docs/index.html", "/nowhere", "//healthz", "/%68ealthz", "/healthz/", "/api/login/"]
    {
        assert_eq!(app.get(path).await.status, 401, "{path}");
        assert_ne!(app.send("GET", path, &[("X-API-KEY", &cast.read)]).await.status, 401, "{path}");
    }
    assert_eq!(app.get("/login").await.status, 200, "the page to log in at is found");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_nobody_yet_is_told_how_to_become_somebody() {
    let app = TestApp::spawn([]).await;
    let message = |answer: crate::support::Answer| answer.json()["error"]["message"].as_str().unwrap().to_owned();
    let told = message(app.send("DELETE", "/api/servers", &[]).await);
    assert!(told.contains("unistatus keys create NAME --scope write") && told.contains("ADMIN_NAME"), "{told}");
    Cast::of(&app.store).await;
    let told = message(app.send("DELETE", "/api/servers", &[]).await);
    assert!(!told.contains("keys create") && told.contains("X-API-KEY"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_scheme_is_meant_for_somebody_else() {
    let (app, ..) = app(ReadAccess::Open).await;
    assert_eq!(app.send("GET", "/api/status", &[("Authorization", "Basic dTpw")]).await.status, 200);
}
