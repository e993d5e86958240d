//! Which pages of other origins may use the API in a browser.

use unistatus_core::config::CorsOrigins;
use unistatus_core::schema::Status;

use crate::support::{Answer, MemoryStore, TestApp, service, target};

const HERE: &str = "https://status.example.org";

async fn app(origins: CorsOrigins) -> TestApp {
    let store = MemoryStore::new([target("github", [service("Actions", Status::Ok, &[])])]);
    let app = TestApp::with(store, |options| options.cors = origins).await;
    app.until("/readyz", |answer| answer.status == 200).await;
    app
}

fn allowed(answer: &Answer) -> Option<&str> {
    answer.header("access-control-allow-origin")
}

/// What a browser asks before it sends what a page cannot send by a form.
async fn preflight(app: &TestApp, origin: &str, method: &str) -> Answer {
    let headers = [
        ("Origin", origin),
        ("Access-Control-Request-Method", method),
        ("Access-Control-Request-Headers", "content-type,if-match,if-none-match,x-api-key"),
    ];
    app.send("OPTIONS", "/api/status", &headers).await
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_told_anything_unless_it_is_configured() {
    let app = app(CorsOrigins::None).await;
    let answer = app.send("GET", "/api/status", &[("Origin", HERE)]).await;
    assert_eq!((answer.status, allowed(&answer)), (200, None));
    assert_eq!(answer.header("access-control-expose-headers"), None);
    assert_eq!(preflight(&app, HERE, "GET").await.status, 405);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_of_these_origins_may_read_and_others_may_not() {
    let app = app(CorsOrigins::Some(vec![HERE.to_owned(), "http://localhost:3000".to_owned()])).await;
    for origin in [HERE, "http://localhost:3000"] {
        for (path, status) in [("/api/status", 200), ("/api/status/gitlab", 404), ("/api/status?x=1", 400)] {
            let answer = app.send("GET", path, &[("Origin", origin)]).await;
            assert_eq!((answer.status, allowed(&answer)), (status, Some(origin)), "{path}");
            assert!(answer.header("vary").unwrap().contains("Origin"), "{answer:?}");
            let exposed = answer.header("access-control-expose-headers").unwrap().to_lowercase();
            for name in ["etag", "link", "location", "x-request-id", "age", "retry-after"] {
                assert!(exposed.split(", ").any(|found| found == name), "{name} in {exposed}");
            }
        }
    }
    for origin in ["https://evil.example", "http://status.example.org", "null"] {
        let answer = app.send("GET", "/api/status", &[("Origin", origin)]).await;
        assert_eq!((answer.status, allowed(&answer)), (200, None), "{origin}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_may_ask_before() {
    let app = app(CorsOrigins::Some(vec![HERE.to_owned()])).await;
    for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] {
        let answer = preflight(&app, HERE, method).await;
        assert_eq!((answer.status, allowed(&answer)), (200, Some(HERE)), "{method}");
        assert!(answer.header("access-control-allow-methods").unwrap().contains(method), "{answer:?}");
        let headers = answer.header("access-control-allow-headers").unwrap().to_lowercase();
        for name in ["content-type", "if-match", "if-none-match", "x-api-key"] {
            assert!(headers.split(", ").any(|found| found == name), "{name} in {headers}");
        }
        assert_eq!(answer.header("access-control-allow-credentials"), None, "the cookie is for pages of this server");
        assert!(answer.header("x-request-id").is_some());
    }
    for (origin, method) in [("https://evil.example", "GET"), ("https://evil.example", "DELETE"), (HERE, "TRACE")] {
        let answer = preflight(&app, origin, method).await;
        assert_eq!((answer.status, answer.json()["error"]["code"].as_str()), (400, Some("BadRequest")), "{answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn any_page_may_read_if_it_says_so() {
    let app = app(CorsOrigins::Any).await;
    let answer = app.send("GET", "/api/status", &[("Origin", "https://anywhere.example")]).await;
    assert_eq!((answer.status, allowed(&answer)), (200, Some("*")));
    assert_eq!(answer.header("access-control-allow-credentials"), None);
}
