//! That nobody is kept out.

use std::time::Duration;

use serde_json::Value;
use unistatus_core::access::Scope;
use unistatus_core::schema::Status;
use unistatus_core::store::Servers;

use super::Chromium;
use crate::servers::server;
use crate::support::{Cast, MemoryStore, TestApp, add_user};
use crate::world::Stage;

/// The script of axe-core; `None`, with a note, where there is none and nobody insists.
fn axe() -> Option<String> {
    let Some(path) = std::env::var_os("AXE") else {
        assert!(std::env::var_os("REQUIRE_CHROMIUM").is_none(), "there is no axe-core (see scripts/axe)");
        eprintln!("skipped: there is no axe-core (see scripts/axe)");
        return None;
    };
    Some(std::fs::read_to_string(path).unwrap())
}

/// What is wrong with a page, as far as it keeps anybody out.
const FAULTS: &str = "axe.run().then((found) => found.violations
    .filter((fault) => ['serious', 'critical'].includes(fault.impact))
    .map((fault) => fault.id + ': ' + fault.nodes.map((node) => node.target + ' ' + node.failureSummary).join('; ')))";
/// A page of each sort.
const PAGES: [&str; 8] = [
    "/",
    "/?q=operations",
    "/servers",
    "/servers/new",
    "/servers/web%2F1",
    "/targets/github",
    "/targets/github/Actions",
    "/targets/none",
];
/// The pages for who is logged in, and the one to do that.
const FOR_MEMBERS: [&str; 7] =
    ["/login", "/account", "/account?password=changed", "/keys", "/users", "/servers", "/servers/web"];
/// Whether something is wider than the screen.
const IS_TOO_WIDE: &str = "document.documentElement.scrollWidth > document.documentElement.clientWidth";

#[actix_web::test]
async fn no_page_keeps_anybody_out_in_light_and_in_dark() {
    let (Some(axe), Some(chromium)) = (axe(), Chromium::start()) else { return };
    let mut stage = Stage::new().await.with_server().await;
    stage.turn("Actions", Status::Outage).await;
    stage.app.until("/api/status", |answer| answer.body.contains("Outage")).await;
    let page = chromium.page(&stage.base()).await;
    for scheme in ["light", "dark"] {
        page.prefer(scheme).await;
        for path in PAGES {
            page.visit(path).await;
            page.value("document.querySelectorAll('details').forEach((details) => { details.open = true; })").await;
            page.value(&axe).await;
            let faults = page.value(FAULTS).await;
            assert_eq!(faults, Value::Array(Vec::new()), "{path} in {scheme}");
        }
    }
}

#[actix_web::test]
async fn nobody_is_kept_from_giving_access_and_adding_servers() {
    let (Some(axe), Some(chromium)) = (axe(), Chromium::start()) else { return };
    let store = MemoryStore::new([]);
    add_user(&store, "ada", Scope::Admin).await;
    Cast::of(&store).await;
    store.add_server(&server("web", Duration::ZERO)).await.unwrap();
    let app = TestApp::ready(store).await;
    let page = chromium.page(&format!("http://{}", app.address)).await;
    page.visit("/login").await;
    page.type_into("#name", "ada").await;
    page.type_into("#password", "correct horse").await;
    page.follow("form.fields button").await;
    for scheme in ["light", "dark"] {
        page.prefer(scheme).await;
        for path in FOR_MEMBERS {
            page.visit(path).await;
            page.value("document.querySelectorAll('details').forEach((details) => details.open = true)").await;
            page.value(&axe).await;
            assert_eq!(page.value(FAULTS).await, Value::Array(Vec::new()), "{path} in {scheme}");
            assert_eq!(page.value(IS_TOO_WIDE).await, false, "{path}");
        }
    }
    page.resize(320, 640).await;
    for path in FOR_MEMBERS {
        page.visit(path).await;
        assert_eq!(page.value(IS_TOO_WIDE).await, false, "{path} on a phone");
    }
    page.assert_clean();
}

#[actix_web::test]
async fn every_page_fits_from_a_phone_to_a_wall() {
    let Some(chromium) = Chromium::start() else { return };
    let mut stage = Stage::new().await.with_server().await;
    stage.turn("Actions", Status::Outage).await;
    stage.app.until("/api/status", |answer| answer.body.contains("Outage")).await;
    let page = chromium.page(&stage.base()).await;
    for (width, height) in [(320, 640), (390, 844), (1440, 900), (3840, 2160)] {
        page.resize(width, height).await;
        for path in ["/", "/servers", "/servers/web%2F1", "/targets/github", "/targets/github/Actions"] {
            page.visit(path).await;
            assert_eq!(page.value(IS_TOO_WIDE).await, false, "{path} at {width}");
            let bottom = page.value("document.querySelector('h1').getBoundingClientRect().bottom").await;
            assert!(bottom.as_f64().unwrap() < f64::from(height), "{path} at {width}: how it is is seen at once");
        }
    }
    page.assert_clean();
}
