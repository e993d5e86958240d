//! What happens while somebody looks.

use unistatus_core::schema::Status;

use super::Chromium;
use crate::world::Stage;

/// Marks the document, to tell later that it is the same one.
const MARK: &str = "window.mark = true";
/// Whether it is.
const IS_MARKED: &str = "window.mark === true";

#[actix_web::test]
async fn the_overview_shows_how_everything_is_and_where_the_trouble_lies() {
    let Some(chromium) = Chromium::start() else { return };
    let stage = Stage::new().await;
    let page = chromium.page(&stage.base()).await;
    page.visit("/").await;
    assert_eq!(page.value("document.querySelector('h1').innerText").await, "Degraded: Stripe");
    let names =
        "[...document.querySelectorAll('.tiles li')].map((tile) => tile.dataset.name + ': ' + tile.dataset.look)";
    let shown = page.value(names).await;
    assert_eq!(shown, serde_json::json!(["Gateway: OK", "GitHub: OK", "Stripe: Degraded"]));
    let card = "document.querySelector('#c-stripe .lines').checkVisibility()";
    assert_eq!(page.value(card).await, true, "a few services in trouble are shown unasked");
    page.until("!document.getElementById('live').hidden").await;
    page.assert_clean();
}

#[actix_web::test]
async fn a_search_finds_while_one_types_and_keeps_the_page() {
    let Some(chromium) = Chromium::start() else { return };
    let stage = Stage::new().await;
    let page = chromium.page(&stage.base()).await;
    page.visit("/").await;
    page.value(MARK).await;
    page.type_into("#q", "operations").await;
    page.until("document.querySelectorAll('.tiles li').length === 1 && !!document.querySelector('#c-github')").await;
    assert_eq!(page.value("location.search").await, "?q=operations");
    assert_eq!(page.value("document.activeElement.id").await, "q", "one can go on typing");
    page.value("document.querySelector('#q').select()").await;
    page.type_into("#q", "nobody").await;
    page.until("document.querySelector('#groups').innerText === 'Nothing is like that.'").await;
    let choose = "(() => { const q = document.querySelector('#q'); q.value = ''; const status = document.querySelector('#status'); \
                  status.value = 'Degraded'; status.dispatchEvent(new Event('input', { bubbles: true })); })()";
    page.value(choose).await;
    page.until("[...document.querySelectorAll('.tiles li')].map((tile) => tile.id).join() === 't-stripe'").await;
    assert_eq!(page.value(IS_MARKED).await, true);
    page.assert_clean();
}

#[actix_web::test]
async fn a_change_is_shown_and_told_without_a_reload() {
    let Some(chromium) = Chromium::start() else { return };
    let mut stage = Stage::new().await;
    let page = chromium.page(&stage.base()).await;
    page.visit("/").await;
    page.value(MARK).await;
    page.until("!document.getElementById('live').hidden").await;
    page.value("document.querySelector('#t-github a').focus()").await;
    page.value("window.untouched = document.querySelector('#t-gateway')").await;
    stage.turn("Actions", Status::Outage).await;
    page.until("document.querySelector('#t-github').classList.contains('outage')").await;
    assert_eq!(page.value("document.querySelector('h1').innerText").await, "Outage: GitHub");
    assert_eq!(page.value("document.querySelector('#c-github .lines').innerText.startsWith('Actions')").await, true);
    assert_eq!(page.value("document.getElementById('news').innerText").await, "GitHub: Outage");
    assert_eq!(page.value("document.activeElement.getAttribute('href')").await, "/targets/github");
    assert_eq!(page.value("window.untouched.isConnected").await, true, "what did not change stays");
    page.value("document.querySelector('#c-github details').open = false").await;
    stage.turn("Pages", Status::Outage).await;
    page.until("document.querySelector('#c-github .lines').textContent.includes('Pages')").await;
    assert_eq!(page.value("document.querySelector('#c-github details').open").await, false, "what was closed stays so");
    stage.turn("Pages", Status::Ok).await;
    page.until("document.querySelector('#c-github') === null").await;
    assert_eq!(page.value(IS_MARKED).await, true);
    page.assert_clean();
}

#[actix_web::test]
async fn a_target_is_reached_by_the_keyboard_and_follows_its_changes() {
    let Some(chromium) = Chromium::start() else { return };
    let mut stage = Stage::new().await;
    let page = chromium.page(&stage.base()).await;
    page.visit("/").await;
    page.press("Tab", 9).await;
    assert_eq!(page.value("document.activeElement.innerText").await, "Skip to content");
    page.visit("/targets/github").await;
    page.value(MARK).await;
    assert_eq!(page.value("document.querySelectorAll('.row .bars rect').length").await, 3 * 90);
    assert_eq!(page.value("document.querySelector('.incident h3').innerText").await, "Slow <pushes>");
    page.until("!document.getElementById('live').hidden").await;
    stage.turn("Git Operations", Status::Degraded).await;
    page.until("document.querySelector('.row').id === 's-Git%20Operations'").await;
    assert_eq!(page.value("document.querySelector('.row .look').innerText").await, "Degraded", "the worst is on top");
    assert_eq!(page.value(IS_MARKED).await, true);
    page.assert_clean();
}

/// Counts the streams that are closed from now on.
const COUNT_CLOSED: &str = "(() => { const close = EventSource.prototype.close; window.ended = 0;
    EventSource.prototype.close = function () { window.ended += 1; close.call(this); }; })()";

#[actix_web::test]
async fn a_page_that_is_left_keeps_no_connection_and_follows_on_when_one_comes_back() {
    let Some(chromium) = Chromium::start() else { return };
    let mut stage = Stage::new().await;
    let page = chromium.page(&stage.base()).await;
    page.visit("/targets/github").await;
    page.until("!document.getElementById('live').hidden").await;
    page.value(COUNT_CLOSED).await;
    page.value("window.dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))").await;
    assert_eq!(page.value("window.ended").await, 1);
    stage.turn("Pages", Status::Outage).await;
    page.value("window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))").await;
    page.until("document.querySelector('.row .look').innerText === 'Outage'").await;
    stage.turn("Pages", Status::Ok).await;
    page.until("document.querySelector('.row .look').innerText === 'OK'").await;
    page.assert_clean();
}
