//! `/` to programs, `/host-os` and `/which`.

use std::time::Duration;

use serde_json::json;
use unistatus_core::schema::Status;

use crate::support::{TestApp, service, target};

#[tokio::test(flavor = "multi_thread")]
async fn programs_are_told_how_long_it_has_run_and_browsers_get_a_page() {
    let app = TestApp::spawn([target("github", [service("Actions", Status::Ok, &[])])]).await;
    for accept in ["*/*", "application/json", "application/json, text/html;q=0.9"] {
        let answer = app.send("GET", "/", &[("Accept", accept)]).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")), "{accept}");
        let uptime = answer.json()["uptime"].as_u64().unwrap();
        assert_eq!(answer.json(), json!({"uptime": uptime}));
        assert!(Duration::from_secs(uptime) < Duration::from_mins(10), "it was started just now");
        assert!(answer.header("vary").is_some_and(|vary| vary.to_ascii_lowercase().contains("accept")));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
    assert_eq!(app.get("/").await.status, 200, "whoever says nothing is no browser");
    assert_eq!(app.get("/?x=1").await.status, 400);
    let page = app.send("GET", "/", &[("Accept", "text/html")]).await;
    assert!(page.header("content-type").is_some_and(|kind| kind.starts_with("text/html")));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_system_is_told_as_uname_tells_it() {
    let app = TestApp::spawn([]).await;
    let answer = app.get("/host-os").await;
    let uname = |what: &str| {
        let told = std::process::Command::new("uname").arg(what).output().unwrap();
        String::from_utf8(told.stdout).unwrap().trim().to_owned()
    };
    let told = answer.json();
    assert_eq!((&told["typeOS"], &told["versionOS"]), (&json!(uname("-s")), &json!(uname("-r"))));
    let zones = told["timezones"].as_array().unwrap();
    assert!(zones.len() == 2 && zones.iter().all(|zone| !zone.as_str().unwrap().is_empty()), "{told}");
    assert_eq!(told.as_object().unwrap().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_it_is_is_a_line_of_text() {
    let app = TestApp::spawn([]).await;
    let answer = app.get("/which").await;
    assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
    let expected = format!("Unistatus {}: ", env!("CARGO_PKG_VERSION"));
    assert!(answer.body.starts_with(&expected) && answer.body.ends_with('\n'), "{}", answer.body);
    assert_eq!(answer.body.lines().count(), 1);
}
