//! The pages over HTTP.

use std::time::Duration;

use unistatus_core::schema::Status;
use unistatus_core::store::TargetState;

use crate::support::{MemoryStore, TestApp, service, target};
use crate::world::{BROWSER, Stage, browse, with_services};

/// The answer's names of list elements with such an id.
fn ids<'a>(html: &'a str, prefix: &str) -> Vec<&'a str> {
    let wanted = format!("<li id=\"{prefix}");
    html.split(wanted.as_str()).skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
}

#[actix_web::test]
async fn people_get_a_page_and_programs_an_answer_of_their_own() {
    let app = TestApp::spawn([target("github", [])]).await;
    for headers in [&[][..], &[("Accept", "*/*")], &[("Accept", "application/json")]] {
        let answer = app.send("GET", "/", headers).await;
        assert_eq!((answer.status, answer.header("Vary")), (200, Some("Accept, Accept-Encoding, Cookie")));
        assert!(answer.json()["uptime"].is_u64(), "{}", answer.body);
    }
    let page = browse(&app, "/").await;
    assert_eq!((page.status, page.header("Vary")), (200, Some("Accept, Accept-Encoding, Cookie")));
    assert_eq!(page.header("Content-Type"), Some("text/html; charset=utf-8"));
    assert_eq!(app.send("POST", "/", &[BROWSER]).await.status, 405);
}

#[actix_web::test]
async fn every_page_forbids_what_is_not_its_own() {
    let stage = Stage::new().await;
    for path in ["/", "/targets/github", "/targets/github/Actions", "/targets/none", "/?status=wrong"] {
        let answer = browse(&stage.app, path).await;
        let policy = answer.header("Content-Security-Policy").unwrap();
        assert_eq!(
            policy,
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
             form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        );
        assert_eq!(answer.header("X-Content-Type-Options"), Some("nosniff"));
        assert_eq!(answer.header("Referrer-Policy"), Some("same-origin"));
    }
}

#[actix_web::test]
async fn an_error_is_a_page_to_people_and_json_to_programs() {
    let stage = Stage::new().await;
    for (path, status, code, said) in [
        ("/targets/none", 404, "TargetNotFound", "The specified target does not exist."),
        ("/targets/github/none", 404, "ServiceNotFound", "The specified service does not exist."),
        ("/targets/%FF", 400, "BadRequest", "is not percent-encoded UTF-8"),
        ("/targets/github?page=0", 400, "BadRequest", "expected is the number of a page"),
        ("/targets/github?wat=1", 400, "BadRequest", "is not a query parameter"),
    ] {
        let page = browse(&stage.app, path).await;
        assert_eq!((page.status, page.header("Cache-Control")), (status, Some("no-store")), "{path}");
        assert!(page.body.starts_with("<!DOCTYPE html>") && page.body.contains(said), "{path}: {}", page.body);
        let answer = stage.app.get(path).await;
        assert_eq!((answer.status, &answer.json()["error"]["code"]), (status, &code.into()), "{path}");
    }
    let page = browse(&stage.app, "/?status=%3Cb%3E").await;
    assert_eq!(page.status, 400);
    assert!(page.body.contains("&lt;b&gt;") && !page.body.contains("<b>"));
}

#[actix_web::test]
async fn before_the_first_snapshot_a_page_comes_back_by_itself() {
    let store = MemoryStore::new([]);
    store.set_away(true);
    let app = TestApp::over(store).await;
    let page = browse(&app, "/").await;
    assert_eq!((page.status, page.header("Retry-After")), (503, Some("2")));
    assert!(page.body.contains("http-equiv=\"refresh\""));
}

#[actix_web::test]
async fn a_page_that_did_not_change_is_not_sent_again() {
    let mut stage = Stage::new().await;
    for path in ["/", "/targets/github"] {
        let first = browse(&stage.app, path).await;
        assert_eq!(first.header("Cache-Control"), Some("no-cache"));
        let etag = first.header("ETag").unwrap();
        let again = stage.app.send("GET", path, &[BROWSER, ("If-None-Match", etag)]).await;
        assert_eq!((again.status, again.bytes.len()), (304, 0), "{path}");
        assert!(again.header("Content-Security-Policy").is_some());
    }
    let etag = browse(&stage.app, "/").await.header("ETag").unwrap().to_owned();
    stage.turn("Actions", Status::Outage).await;
    let is_told = |answer: &crate::support::Answer| answer.body.contains("Outage");
    stage.app.until("/api/status", is_told).await;
    let changed = stage.app.send("GET", "/", &[BROWSER, ("If-None-Match", &etag)]).await;
    assert_eq!(changed.status, 200);
    assert!(changed.body.contains("<span>Outage: GitHub</span>"), "{}", changed.body);
}

#[actix_web::test]
async fn how_long_ago_something_was_is_told_anew_each_minute() {
    let app = TestApp::spawn([target("github", [service("Actions", Status::Outage, &[])])]).await;
    let told = |body: &str| body.split("</time>").next().unwrap().rsplit('>').next().unwrap().to_owned();
    assert_eq!(told(&browse(&app, "/").await.body), "2 h ago");
    app.clock.advance(Duration::from_mins(3));
    assert_eq!(told(&browse(&app, "/").await.body), "2 h ago", "it is 12:03, and it was 9:45");
    app.clock.advance(Duration::from_mins(45));
    app.until("/api/status", |answer| answer.body.contains("stale")).await;
    assert_eq!(told(&browse(&app, "/").await.body), "3 h ago");
}

#[actix_web::test]
async fn forms_work_without_scripts() {
    let stage = Stage::new().await;
    let found = browse(&stage.app, "/?q=&status=Degraded&category=&type=").await.body;
    assert_eq!(ids(&found, "t-"), ["stripe"]);
    assert!(found.contains("1 of 3 targets") && found.contains("<option selected>Degraded</option>"));
    let found = browse(&stage.app, "/?q=operations").await.body;
    assert_eq!((ids(&found, "t-"), ids(&found, "c-")), (vec!["github"], vec!["github"]));
    assert!(found.contains("value=\"operations\""));
    assert_eq!(ids(&browse(&stage.app, "/?type=PING").await.body, "t-"), ["gateway"]);
    assert_eq!(ids(&browse(&stage.app, "/?category=code").await.body, "t-"), ["github"]);
    assert!(browse(&stage.app, "/?q=nothing").await.body.contains("Nothing is like that."));
    assert!(browse(&stage.app, "/").await.body.contains("Own probes"));
}

#[actix_web::test]
async fn a_target_of_many_services_is_shown_in_parts() {
    let mut many = with_services("azure", 120);
    many.services[77].status = Status::Outage;
    let app = TestApp::spawn([many]).await;
    let page = |number: usize| format!("/targets/azure?page={number}");
    let first = browse(&app, "/targets/azure").await.body;
    assert_eq!(ids(&first, "s-").len(), 50);
    assert_eq!(ids(&first, "s-")[0], "internal-key-of-Service%2077", "the worst comes first");
    assert!(first.contains("href=\"/targets/azure?page=2\"") && first.contains("Page 1 of 3 · 120 services"));
    let all: Vec<String> = [first, browse(&app, &page(2)).await.body, browse(&app, &page(3)).await.body].into();
    let mut shown: Vec<&str> = all.iter().flat_map(|page| ids(page, "s-")).collect();
    shown.sort_unstable();
    shown.dedup();
    assert_eq!(shown.len(), 120);
    assert_eq!(ids(&browse(&app, &page(9)).await.body, "s-").len(), 20, "there is no such page: the last one");
    let found = browse(&app, "/targets/azure?q=service+11&status=").await.body;
    assert_eq!(ids(&found, "s-").len(), 11);
}

#[actix_web::test]
async fn what_is_not_believed_any_more_says_what_it_was() {
    let app = TestApp::spawn([target("github", [service("Actions", Status::Ok, &[])])]).await;
    app.clock.advance(Duration::from_mins(6));
    app.until("/api/status", |answer| answer.body.contains("stale")).await;
    let page = browse(&app, "/targets/github").await.body;
    assert!(page.contains("Not heard for too long.") && page.contains("was OK"), "{page}");
    assert!(browse(&app, "/").await.body.contains("No word of github"));
}

#[actix_web::test]
async fn where_there_is_nothing_to_show_that_is_said() {
    let none: [TargetState; 0] = [];
    let app = TestApp::spawn(none).await;
    assert!(browse(&app, "/").await.body.contains("No target is known yet."));
    let app = TestApp::spawn([target("quiet", [])]).await;
    assert!(browse(&app, "/targets/quiet").await.body.contains("No service is reported."));
}
