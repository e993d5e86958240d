//! Every error has the one shape.

use unistatus_core::schema::Status;

use crate::support::{Answer, Connection, MemoryStore, TestApp, service, target};

fn assert_error(answer: &Answer, status: u16, code: &str, context: &str) {
    assert_eq!(answer.status, status, "{context}: {}", answer.body);
    let body = answer.json();
    assert_eq!(body["error"]["code"], code, "{context}");
    assert!(body["error"]["message"].as_str().is_some_and(|message| message.len() > 10), "{context}");
    assert_eq!(body.as_object().unwrap().len(), 1, "{context}");
    assert_eq!(body["error"].as_object().unwrap().len(), 2, "{context}");
    assert_eq!(answer.header("content-type"), Some("application/json"), "{context}");
    assert_eq!(answer.header("cache-control"), Some("no-store"), "{context}");
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{context}");
}

async fn small() -> TestApp {
    TestApp::spawn([target("github", [service("Actions", Status::Ok, &[])])]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_names_are_answered_as_the_contract_says() {
    let app = small().await;
    assert_eq!(
        app.get("/api/status/gitlab").await.body,
        r#"{"error":{"code":"TargetNotFound","message":"The specified target does not exist."}}"#
    );
    assert_eq!(
        app.get("/api/status/github/Pages").await.body,
        r#"{"error":{"code":"ServiceNotFound","message":"The specified service does not exist."}}"#
    );
    assert_error(&app.get("/api/status/gitlab/Pages").await, 404, "TargetNotFound", "target before service");
    assert_error(&app.get("/api/status/gitlab?status=OK").await, 404, "TargetNotFound", "with a filter");
    assert_error(&app.get("/api/status/github/Pages?status=OK").await, 404, "ServiceNotFound", "with a filter");
    assert_error(&app.get("/api/targets/gitlab").await, 404, "TargetNotFound", "its collection");
}

#[tokio::test(flavor = "multi_thread")]
async fn paths_that_lead_nowhere() {
    let app = small().await;
    for path in [
        "/api",
        "/api/",
        "/api/status/",
        "/api/status/github/",
        "/api/status//Actions",
        "/api/status/github/Actions/",
        "/api/status/github/Actions/more",
        "//api/status",
        "/API/status",
        "/api/../api/status",
        "/healthz/",
        "/%FF",
    ] {
        assert_error(&app.get(path).await, 404, "RouteNotFound", path);
    }
    assert_error(&app.send("DELETE", "/nowhere", &[]).await, 404, "RouteNotFound", "DELETE");
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_cannot_be_decoded() {
    let app = small().await;
    for path in ["/api/status/%", "/api/status/%zz", "/api/status/github/%FF", "/api/status/%C3%28", "/api/status/a%2"]
    {
        assert_error(&app.get(path).await, 400, "BadRequest", path);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn other_methods_are_told_which_there_are() {
    let app = small().await;
    for path in ["/api/status", "/api/status/github", "/api/status/x/y", "/api/targets", "/api/targets/x", "/healthz"] {
        for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "BREW"] {
            let answer = app.send(method, path, &[]).await;
            assert_error(&answer, 405, "MethodNotAllowed", &format!("{method} {path}"));
            assert_eq!(answer.header("allow"), Some("GET, HEAD"));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_query_parameters_are_refused_by_name() {
    let app = small().await;
    for path in [
        "/api/status",
        "/api/status/github",
        "/api/status/github/Actions",
        "/api/targets",
        "/api/targets/github",
        "/healthz",
        "/readyz",
    ] {
        let answer = app.get(&format!("{path}?stat%65=OK&x=1")).await;
        assert_error(&answer, 400, "BadRequest", path);
        assert!(answer.body.contains(r#"\"state\" is not a query parameter"#), "{}", answer.body);
        for harmless in ["?", "?&"] {
            assert_eq!(app.get(&format!("{path}{harmless}")).await.status, 200, "{path}{harmless}");
        }
    }
    for odd in ["?x", "?=", "?%", "?%FF=%FF", "?a=b=c"] {
        assert_error(&app.get(&format!("/api/status{odd}")).await, 400, "BadRequest", odd);
    }
    let long = app.get(&format!("/api/status?{}", "y".repeat(5000))).await;
    assert!(long.body.len() < 300, "a long name is cut: {}", long.body);
}

/// What is not understood is answered with what is.
#[tokio::test(flavor = "multi_thread")]
async fn bad_parameters_are_told_what_is_accepted() {
    let app = small().await;
    let statuses = "OK, Unknown, Degraded, Outage";
    let rows = "accepted are at, status, dimension.<name>, q, fields, limit, cursor";
    for (path, accepted) in [
        (
            "/api/status?x=1",
            "accepted are at, type, target, category, status, dimension.<name>, q, fields, limit, cursor",
        ),
        ("/api/status/github?type=REST", rows),
        ("/api/status/github/Actions?target=github", rows),
        ("/api/targets?status=OK", "accepted are type, target, category, q, failing, stale, limit, cursor"),
        ("/api/targets/github?limit=1", "accepts none"),
        ("/api/status?status=fine", statuses),
        ("/api/status?status=OK,", statuses),
        ("/api/status/github?status=0", statuses),
        ("/api/status/github/Actions?status=", statuses),
        ("/api/status?type=XML", "REST, HTML, RSS, PING, TCP, HTTP"),
        ("/api/targets?type=REST,XML", "REST, HTML, RSS, PING, TCP, HTTP"),
        ("/api/status?category=nonsense", "cloud"),
        ("/api/targets?category=", "cloud"),
        ("/api/status?target=githup", "such as github"),
        ("/api/status?target=GitHub", "such as github"),
        ("/api/targets?target=github,zzzzzzzz", "the names that /api/targets lists"),
        ("/api/status?fields=key", "endpoint, type, services, lastTimestamp, status, dimensions"),
        ("/api/status?fields=", "endpoint, type, services"),
        ("/api/status?fields=name", "endpoint, type, services"),
        ("/api/status/github?fields=endpoint", "accepted are lastTimestamp, status, dimensions"),
        ("/api/status?q=a&q=b", "more than once"),
        ("/api/status?limit=0", "from 1 to 1000"),
        ("/api/status?limit=1001", "from 1 to 1000"),
        ("/api/status?limit=99999999999999999999", "from 1 to 1000"),
        ("/api/status?cursor=x", "`Link` header"),
        ("/api/status/github?cursor=ImdpdGh1YiI", "`Link` header"),
        ("/api/targets?cursor=", "`Link` header"),
        ("/api/targets?failing=yes", "true, false"),
        ("/api/targets?stale=", "true, false"),
        ("/api/status?dimension.=x", "dimension.<name>"),
    ] {
        let answer = app.get(path).await;
        assert_error(&answer, 400, "BadRequest", path);
        assert!(answer.body.contains(accepted), "{path}: {}", answer.body);
    }
    let many = app.get(&format!("/api/status?{}", "dimension.a=b&".repeat(1001))).await;
    assert_error(&many, 400, "BadRequest", "dimensions");
    assert!(many.body.contains("more than 1000 values"), "{}", many.body);
    for parameter in ["status", "target", "limit", "cursor"] {
        let long = app.get(&format!("/api/status?{parameter}={}", "y".repeat(50_000))).await;
        assert_error(&long, 400, "BadRequest", parameter);
        assert!(long.body.len() < 300, "a long value is cut: {}", long.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn before_the_first_snapshot_nothing_is_ready_but_the_process() {
    let store = MemoryStore::new([target("github", [])]);
    store.set_away(true);
    let app = TestApp::over(store).await;
    for path in [
        "/api/status",
        "/api/status?q=x",
        "/api/status/github",
        "/api/status/github/Actions",
        "/api/targets",
        "/api/targets/github",
        "/readyz",
    ] {
        let answer = app.get(path).await;
        assert_error(&answer, 503, "NotReady", path);
        assert!(answer.header("retry-after").is_some_and(|seconds| seconds.parse::<u32>().is_ok()), "{path}");
    }
    let alive = app.get("/healthz").await;
    assert_eq!((alive.status, alive.body.as_str()), (200, r#"{"status":"OK"}"#));

    app.store.set_away(false);
    let ready = app.until("/readyz", |answer| answer.status == 200).await;
    assert_eq!(ready.body, r#"{"status":"OK"}"#);
    assert_eq!(app.get("/api/status").await.header("age"), None);
}

/// What actix's parser refuses by itself has the one shape, too, also behind a request that was fine.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_request_is_an_error_like_any_other() {
    let app = small().await;
    let get = |path: &str, header: &str| format!("GET {path} HTTP/1.1\r\nHost: unistatus.test\r\n{header}\r\n\r\n");
    for (request, status, code) in [
        (get(&format!("/api/status?q={}", "a".repeat(1_000_000)), "A: b"), 431, "RequestHeaderFieldsTooLarge"),
        (get("/api/status", &format!("A: {}", "b".repeat(200_000))), 431, "RequestHeaderFieldsTooLarge"),
        (get(&format!("/api/status?q={}", "a".repeat(70_000)), "A: b"), 400, "BadRequest"),
        (get("/api/st\0atus", "A: b"), 400, "BadRequest"),
        (get("/api/status", "no header"), 400, "BadRequest"),
        ("\u{16}\u{3}\u{1}".to_owned(), 400, "BadRequest"),
    ] {
        let mut connection = Connection::open(app.address).await;
        connection.send(&request).await;
        let answer = connection.rest().await;
        let shown = &request[..request.len().min(40)];
        assert_error(&answer, status, code, shown);
    }
    let mut connection = Connection::open(app.address).await;
    connection.send(&(get("/healthz", "A: b") + &get("/api/\0", "A: b"))).await;
    let both = connection.text().await;
    assert!(both.starts_with("HTTP/1.1 200 OK\r\n") && both.contains(r#"{"status":"OK"}HTTP/1.1 400 "#), "{both}");
    assert!(both.ends_with("}}") && both.contains(r#"{"error":{"code":"BadRequest""#), "{both}");
}
