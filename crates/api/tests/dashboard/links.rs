//! Where pages lead to.

use std::collections::{BTreeMap, BTreeSet};

use unistatus_core::schema::Status;
use unistatus_core::store::testkit::{Author, service};

use crate::support::Client;
use crate::world::{Stage, about, browse};

/// The addresses of this server that a page names.
fn addresses(html: &str) -> BTreeSet<String> {
    let named =
        ["href=\"", "src=\"", "data-stream=\"", "action=\""].into_iter().flat_map(|name| html.split(name).skip(1));
    let address = |rest: &str| rest.split('"').next().unwrap().replace("&amp;", "&");
    named.map(address).filter(|address| address.starts_with('/')).collect()
}

/// Every page that can be reached, and what it says.
pub(crate) async fn pages(client: &Client) -> BTreeMap<String, String> {
    let (mut pages, mut seen) = (BTreeMap::new(), BTreeSet::new());
    let mut ahead = BTreeSet::from(["/".to_owned()]);
    while let Some(address) = ahead.pop_first() {
        // A stream never ends: it is asked for its head alone.
        let method = if address.starts_with("/api/stream") { "HEAD" } else { "GET" };
        let answer = client.send(method, &address, &[crate::world::BROWSER]).await;
        assert_eq!(answer.status, 200, "{address}");
        seen.insert(address.clone());
        let is_page = !address.starts_with("/api") && !address.starts_with("/assets");
        if is_page {
            ahead.extend(addresses(&answer.body).difference(&seen).cloned());
            pages.insert(address, answer.body);
        }
    }
    pages
}

/// Names that HTML, a script or an address might take for something else.
pub(crate) const HOSTILE: [&str; 10] = [
    "<script>alert(1)</script>",
    "\" onmouseover=\"alert(1)",
    "' x='",
    "a/b?c#d&amp;e",
    "100 % {{ 7 * 7 }}",
    "..",
    "",
    " ",
    "São Paulo 🚦",
    "</title><img src=x>",
];

#[actix_web::test]
async fn every_link_of_every_page_leads_somewhere_whatever_things_are_called() {
    let services = HOSTILE.map(|name| service(name, Status::Degraded)).to_vec();
    let hostile = about(Author::new("hostile").change(services), "<b>\"Hostile\"</b>", Some("<i>'&"));
    let stage = Stage::with(vec![hostile]).await;
    let pages = pages(&stage.app).await;
    assert!(pages.keys().any(|page| page.contains("/targets/hostile/%3Cscript%3E")), "{:?}", pages.keys());
    assert!(pages.keys().filter(|page| page.starts_with("/targets/")).count() >= 14);
    for (address, html) in pages {
        for stranger in
            ["<script>alert", "<b>", "<i>", "<img src=x", " onmouseover=\"", " x='", "49 }}", "100 % 49", "javascript:"]
        {
            assert!(!html.contains(stranger), "{stranger} in {address}:\n{html}");
        }
        let scripts: Vec<&str> = html.split("<script").skip(1).collect();
        assert!(scripts.len() == 1 && scripts[0].starts_with(" src=\"/assets/"), "{address}");
        for inline in ["<style", " style=\"", " onclick", " onload"] {
            assert!(!html.contains(inline), "{inline} in {address}");
        }
        let ids: Vec<&str> = html.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "an id is repeated in {address}: {ids:?}");
    }
}

#[actix_web::test]
async fn what_pages_are_dressed_with_is_kept_for_ever_and_sent_small() {
    let stage = Stage::new().await;
    let html = browse(&stage.app, "/").await.body;
    let assets: Vec<String> = addresses(&html).into_iter().filter(|address| address.starts_with("/assets/")).collect();
    assert_eq!(assets.len(), 3);
    for address in assets {
        let plain = stage.app.get(&address).await;
        assert_eq!(plain.header("Cache-Control"), Some("public, max-age=31536000, immutable"));
        assert_eq!(plain.header("X-Content-Type-Options"), Some("nosniff"));
        let small = stage.app.send("GET", &address, &[("Accept-Encoding", "br")]).await;
        assert!(plain.bytes.len() < 1024 || small.bytes.len() * 2 < plain.bytes.len(), "{address}");
    }
    assert_eq!(stage.app.get("/assets/style-0000000000000000.css").await.status, 404);
}
