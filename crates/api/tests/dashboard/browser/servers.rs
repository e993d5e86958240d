//! The team's own servers.

use std::time::Duration;

use unistatus_core::access::Scope;
use unistatus_core::schema::Status;
use unistatus_core::store::testkit::Author;

use super::Chromium;
use crate::servers::{ping, pinged, server};
use crate::support::add_user;
use crate::world::Stage;

/// Marks the document, to tell later that it is the same one.
const MARK: &str = "window.mark = true";
/// Whether it is.
const IS_MARKED: &str = "window.mark === true";
const SECOND: Duration = Duration::from_secs(1);

#[actix_web::test]
async fn the_first_ping_of_a_server_appears_on_its_chart_without_a_reload() {
    let Some(chromium) = Chromium::start() else { return };
    let stage = Stage::new().await;
    let page = chromium.page(&stage.base()).await;
    page.visit("/servers").await;
    assert_eq!(page.value("document.querySelector('h1').innerText").await, "No servers yet");
    stage.app.store.add_server(&server("web", 10 * SECOND)).await.unwrap();
    page.visit("/servers").await;
    page.follow(".servers a").await;
    assert_eq!(page.path().await, "/servers/web");
    assert_eq!(page.value("!!document.getElementById('awaited')").await, true);
    page.value(MARK).await;
    page.until("!document.getElementById('live').hidden").await;
    // As a collector does it: the state first, and a moment later what was measured.
    let mut author = Author::new("web");
    stage.app.store.commit(&pinged(&mut author, "web", Status::Ok)).await.unwrap();
    page.until("document.querySelector('h1 .state').innerText === 'OK'").await;
    assert_eq!(page.value("!!document.getElementById('awaited')").await, true);
    stage.app.store.record(&[ping("web", SECOND, Some(1_500))]).await.unwrap();
    page.until("!!document.querySelector('.chart .median')").await;
    assert_eq!(page.value("document.querySelectorAll('#measured-lines tbody tr').length").await, 1);
    assert_eq!(page.value("document.querySelectorAll('.row .bars rect').length").await, 90);
    stage.app.store.record(&[ping("web", Duration::ZERO, None)]).await.unwrap();
    stage.app.store.commit(&pinged(&mut author, "web", Status::Outage)).await.unwrap();
    page.until("!!document.querySelector('.chart .loss rect')").await;
    page.until("document.querySelector('h1 .state').innerText === 'Outage'").await;
    assert_eq!(page.value("document.getElementById('news').innerText").await, "web: Outage");
    assert_eq!(page.value(IS_MARKED).await, true);
    page.assert_clean();
}

#[actix_web::test]
async fn ranges_are_links_and_the_list_leads_to_each_server() {
    let Some(chromium) = Chromium::start() else { return };
    let stage = Stage::new().await.with_server().await;
    let page = chromium.page(&stage.base()).await;
    page.visit("/").await;
    page.follow("nav a[href='/servers']").await;
    assert_eq!(page.path().await, "/servers");
    assert_eq!(page.value("document.querySelectorAll('.servers .row').length").await, 2);
    page.follow(".servers a").await;
    assert_eq!(page.path().await, "/servers/web%2F1");
    assert_eq!(page.value("!!document.querySelector('.chart')").await, true);
    page.follow(".ranges a[href$='range=7d']").await;
    assert_eq!(page.value("location.search").await, "?range=7d");
    assert_eq!(page.value("document.querySelector('.ranges a[aria-current]').innerText").await, "7 days");
    page.value("document.querySelector('#measured-lines summary').click()").await;
    page.until("document.querySelector('#measured-lines table').checkVisibility()").await;
    page.assert_clean();
}

#[actix_web::test]
async fn a_person_logs_in_adds_a_server_sees_its_first_ping_removes_it_and_logs_out() {
    let Some(chromium) = Chromium::start() else { return };
    let stage = Stage::new().await;
    add_user(&*stage.app.store, "will", Scope::Write).await;
    let page = chromium.page(&stage.base()).await;
    page.visit("/servers").await;
    page.follow("#rows a[href^='/login']").await;
    page.type_into("#name", "will").await;
    page.type_into("#password", "correct horse").await;
    page.follow("form.fields button").await;
    assert_eq!(page.path().await, "/servers", "one is back where one was");
    page.type_into("#name", "web").await;
    page.type_into("#address", "192.0.2.7").await;
    page.follow("#new button").await;
    assert_eq!(page.path().await, "/servers/web");
    assert_eq!(page.value("!!document.getElementById('awaited')").await, true);
    page.value(MARK).await;
    let added = stage.app.store.server("web").await.unwrap().unwrap();
    let pinged = pinged(&mut Author::new("web"), &added.id, Status::Ok);
    stage.app.store.commit(&pinged).await.unwrap();
    stage.app.store.record(&[ping(&added.id, Duration::ZERO, Some(1_500))]).await.unwrap();
    page.until("!!document.querySelector('.chart .median')").await;
    assert_eq!(page.value(IS_MARKED).await, true);
    page.value("document.querySelector('.confirm summary').click()").await;
    page.until("document.querySelector('.confirm button').checkVisibility()").await;
    page.follow(".confirm button").await;
    assert_eq!(page.path().await, "/servers");
    assert_eq!(page.value("document.querySelector('h1').innerText").await, "No servers yet");
    page.follow("form.account button").await;
    assert_eq!(page.value("document.querySelector('a.account').innerText").await, "Log in");
    page.assert_clean();
}
