//! Logging in, giving access and logging out.

use unistatus_core::access::{Scope, User};
use unistatus_core::config::ReadAccess;
use unistatus_core::schema::Status;
use unistatus_core::store::{Accounts as _, Replaced};

use super::Chromium;
use super::page::Page;
use crate::support::{MemoryStore, NOW, TestApp, add_user, at, service, target};

async fn app(read_access: ReadAccess) -> TestApp {
    let store = MemoryStore::new([target("github", [service("Actions", Status::Ok, &[])])]);
    add_user(&store, "ada", Scope::Admin).await;
    let app = TestApp::with(store, |options| options.read_access = read_access).await;
    app.until("/readyz", |answer| answer.status == 200).await;
    app
}

/// Fills in the form of the login and sends it.
async fn log_in(page: &Page) {
    page.type_into("#name", "ada").await;
    page.type_into("#password", "correct horse").await;
    page.follow("form.fields button").await;
}

#[actix_web::test]
async fn a_person_logs_in_makes_a_key_and_logs_out() {
    let Some(chromium) = Chromium::start() else { return };
    let app = app(ReadAccess::Open).await;
    let page = chromium.page(&format!("http://{}", app.address)).await;
    page.visit("/targets/github").await;
    page.follow("a.account").await;
    assert_eq!(page.value("document.activeElement.id").await, "name", "one can type at once");
    log_in(&page).await;
    assert_eq!(page.path().await, "/targets/github", "one is back where one was");
    page.follow("nav a[href='/keys']").await;
    page.type_into("#name", "ci").await;
    page.follow("form.fields button").await;
    let key = page.value("document.querySelector('#secret').innerText").await;
    let answer = app.send("GET", "/api/session", &[("X-API-KEY", key.as_str().unwrap())]).await;
    assert_eq!((answer.status, &answer.json()["name"]), (200, &"ci".into()));
    page.follow("form.account button").await;
    assert_eq!(page.path().await, "/");
    assert_eq!(page.value("document.querySelector('a.account').innerText").await, "Log in");
    assert_eq!(app.store.sessions(), 0);
    page.assert_clean();
}

#[actix_web::test]
async fn a_person_changes_their_password_and_stays_logged_in() {
    let Some(chromium) = Chromium::start() else { return };
    let app = app(ReadAccess::Key).await;
    let page = chromium.page(&format!("http://{}", app.address)).await;
    page.visit("/").await;
    log_in(&page).await;
    page.follow("form.account a").await;
    assert_eq!(page.path().await, "/account");
    page.type_into("#current", "correct horse").await;
    page.type_into("#new", "battery staple").await;
    page.follow("form.fields button").await;
    assert_eq!(page.value("document.querySelector('#done strong').innerText").await, "The password is changed.");
    page.visit("/").await;
    assert_eq!(page.path().await, "/");
    let ada = app.store.user("ada").await.unwrap();
    assert!(User::accepts(ada.as_ref(), "battery staple"));
    page.assert_clean();
}

#[actix_web::test]
async fn a_page_that_is_open_notices_that_nobody_is_logged_in_any_more() {
    let Some(chromium) = Chromium::start() else { return };
    let app = app(ReadAccess::Key).await;
    let page = chromium.page(&format!("http://{}", app.address)).await;
    page.visit("/targets/github").await;
    assert_eq!(page.path().await, "/login");
    log_in(&page).await;
    page.until("!document.getElementById('live').hidden").await;
    assert_eq!(page.path().await, "/targets/github");
    let loads = page.loads();
    let ada = app.store.user("ada").await.unwrap().unwrap();
    let changed = User { password: "another".to_owned(), ..ada.clone() };
    assert_eq!(app.store.replace_user(&ada, Some(&changed), at(NOW)).await.unwrap(), Replaced::Done);
    app.store.update("github", |state| {
        state.services[0].status = Status::Outage;
        state.revision += 1;
    });
    page.loaded_since(loads).await;
    assert_eq!(page.path().await, "/login");
}
