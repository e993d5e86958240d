//! What pages tell of the past, and that they do not need it.

use unistatus_core::schema::Status;

use crate::support::{MemoryStore, TestApp, at, service, target};
use crate::world::{Stage, browse};

#[actix_web::test]
async fn a_target_shows_its_days_its_uptime_and_what_is_going_on() {
    let stage = Stage::new().await;
    let page = browse(&stage.app, "/targets/github").await.body;
    assert_eq!(page.matches("<svg class=\"bars\"").count(), 3);
    assert_eq!(page.matches("<rect").count(), 3 * 90);
    assert!(page.contains("<title>3 May: 100 %</title>"), "{page}");
    assert_eq!(page.matches("<dt>24 h</dt><dd>100 %</dd>").count(), 3);
    assert!(page.contains("Slow &lt;pushes&gt;") && page.contains("1 earlier update"));
    assert!(!page.contains("javascript:") && page.contains("https:&#x2f;&#x2f;github.test&#x2f;"));
}

#[actix_web::test]
async fn a_service_shows_the_incidents_that_concern_it() {
    let stage = Stage::new().await;
    let concerned = browse(&stage.app, "/targets/github/Actions").await.body;
    assert!(
        concerned.contains("Slow &lt;pushes&gt;") && concerned.contains("0 days with trouble in 90"),
        "{concerned}"
    );
    let other = browse(&stage.app, "/targets/github/Pages").await.body;
    assert!(!other.contains("Slow"));
    assert_eq!(browse(&stage.app, "/targets/github/pages").await.status, 200, "without regard to case");
}

#[actix_web::test]
async fn days_with_trouble_are_told() {
    let mut stage = Stage::new().await;
    let turn = stage.github.turn(at("2026-05-03T12:00:00Z"), &[("Actions", Some(Status::Outage))]);
    stage.app.store.commit(&turn).await.unwrap();
    let turn = stage.github.turn(at("2026-05-03T18:00:00Z"), &[("Actions", Some(Status::Ok))]);
    stage.app.store.commit(&turn).await.unwrap();
    stage.turn("Pages", Status::Degraded).await;
    stage.app.until("/api/status", |answer| answer.body.matches("Degraded").count() == 2).await;
    let page = browse(&stage.app, "/targets/github/Actions").await.body;
    assert!(page.contains("<title>3 May: 75.00 %, 1 incident</title>"), "{page}");
    assert!(page.contains("1 day with trouble in 90") && page.contains("<th scope=\"row\">3 May</th>"));
}

#[actix_web::test]
async fn while_the_database_is_away_the_present_is_shown_alone() {
    let store = MemoryStore::new([target("github", [service("Actions", Status::Outage, &[])])]);
    let app = TestApp::ready(store.clone()).await;
    store.set_away(true);
    let is_told = |answer: &crate::support::Answer| answer.header("Age").is_some();
    app.until("/api/status", is_told).await;
    for path in ["/targets/github", "/targets/github/Actions"] {
        let page = browse(&app, path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(page.body.contains("The past is not shown.") && page.body.contains("Outage"), "{path}");
    }
    assert!(browse(&app, "/").await.body.contains("The database does not answer."));
}
