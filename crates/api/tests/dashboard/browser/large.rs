//! The overview of a large world.

use unistatus_core::schema::Status;

use super::Chromium;
use crate::support::{MemoryStore, TestApp};
use crate::world::with_services;

const TARGETS: usize = 500;
const SERVICES: usize = 10;
/// How much the overview may bring over the wire, with all that it needs.
const MOST_BYTES: u64 = 300_000;
/// Every so many targets are in trouble.
const TROUBLED: usize = 10;

#[actix_web::test]
async fn the_overview_of_five_hundred_targets_is_light() {
    let Some(chromium) = Chromium::start() else { return };
    let categories = ["ai", "cloud", "code", "observability", "payments", "security"];
    let targets = (0..TARGETS).map(|number| {
        let mut target = with_services(&format!("target-{number:03}"), SERVICES);
        target.about.category = Some(categories[number % categories.len()].to_owned());
        if number % TROUBLED == 0 {
            target.services[0].status = Status::Degraded;
        }
        target
    });
    let app = TestApp::ready(MemoryStore::new(targets)).await;
    let page = chromium.page(&format!("http://{}", app.address)).await;
    page.visit("/").await;
    assert_eq!(page.value("document.querySelectorAll('.tiles li').length").await, TARGETS);
    assert_eq!(page.value("document.querySelectorAll('.card').length").await, TARGETS / TROUBLED);
    page.until("!document.getElementById('live').hidden").await;
    page.until("performance.getEntriesByName('first-contentful-paint').length > 0").await;
    let answered = page.value("Math.round(performance.getEntriesByType('navigation')[0].responseStart)").await;
    let painted = page.value("Math.round(performance.getEntriesByName('first-contentful-paint')[0].startTime)").await;
    println!(
        "{TARGETS} targets, {} services: {} bytes over the wire, answered after {answered} ms, painted after {painted} ms",
        TARGETS * SERVICES,
        page.bytes(),
    );
    assert!(page.bytes() < MOST_BYTES, "{} bytes", page.bytes());
    page.assert_clean();
}
