//! Every error has the one shape.

use unistatus_core::schema::Status;

use crate::support::{Answer, MemoryStore, TestApp, service, target};

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
}

#[tokio::test(flavor = "multi_thread")]
async fn paths_that_lead_nowhere() {
    let app = small().await;
    for path in [
        "/",
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
    for path in ["/api/status", "/api/status/github", "/api/status/x/y", "/healthz", "/readyz"] {
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
    for path in ["/api/status", "/api/status/github", "/api/status/github/Actions", "/healthz", "/readyz"] {
        let answer = app.get(&format!("{path}?st%61tus=OK&x=1")).await;
        assert_error(&answer, 400, "BadRequest", path);
        assert!(answer.body.contains(r#"\"status\" is not a query parameter"#), "{}", answer.body);
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

#[tokio::test(flavor = "multi_thread")]
async fn before_the_first_snapshot_nothing_is_ready_but_the_process() {
    let store = MemoryStore::new([target("github", [])]);
    store.set_away(true);
    let app = TestApp::over(store).await;
    for path in ["/api/status", "/api/status/github", "/api/status/github/Actions", "/readyz"] {
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
