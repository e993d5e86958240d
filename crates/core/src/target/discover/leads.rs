//! Where to look for a status: the addresses at which the families publish, and those that a page gives itself.

use std::collections::VecDeque;

use scraper::{Html, Selector};
use url::Url;

use crate::schema::{Kind, PAGE_BUDGET, affordable};
use crate::target::Document;
use crate::target::fetch::is_web_address;

/// An address at which something may be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lead {
    pub(super) url: Url,
    /// The transport that is expected there. What there is decides.
    pub(super) kind: Kind,
    /// The formats of the families that publish there; none where any may.
    pub(super) families: &'static [&'static str],
}

/// An address on a page's own host at which families publish.
struct WellKnown {
    /// The path. `{host}` stands for the page's host, `{slug}` for what follows `/status/` in the page's own path: a row
    /// with that is for pages that have it.
    path: &'static str,
    kind: Kind,
    /// The names of the formats that read what these families publish in any transport.
    families: &'static [&'static str],
}

const fn well_known(path: &'static str, kind: Kind, families: &'static [&'static str]) -> WellKnown {
    WellKnown { path, kind, families }
}

/// The well-known addresses, in the order in which they are asked where the family is not known: the common families
/// first, their best address before the others. There are more than a search may ask.
const WELL_KNOWN: &[WellKnown] = &[
    well_known("/api/status-page/{slug}", Kind::Rest, &["uptime-kuma"]),
    // Not much by itself, but it shows whose it is.
    well_known("/", Kind::Html, &["statuspage", "statusio", "hund"]),
    well_known("/api/v2/summary.json", Kind::Rest, &["statuspage", "incident-io"]),
    well_known("/summary.json", Kind::Rest, &["instatus"]),
    well_known("/index.json", Kind::Rest, &["betterstack"]),
    well_known("/proxy/{host}", Kind::Rest, &["incident-io"]),
    well_known("/api/v1/status", Kind::Rest, &["sorry"]),
    well_known("/api/v1/components", Kind::Rest, &["cachet", "sorry"]),
    well_known("/api/v1/summary", Kind::Rest, &["incident-io"]),
    well_known("/history.atom", Kind::Rss, &["statuspage", "instatus"]),
    well_known("/history.rss", Kind::Rss, &["statuspage", "instatus"]),
    well_known("/feed.atom", Kind::Rss, &["incident-io"]),
    well_known("/incidents.json", Kind::Rest, &["google-incidents", "google"]),
    well_known("/api/v4/current-status", Kind::Rest, &["heroku"]),
    well_known("/api/v2.0.0/current", Kind::Rest, &["slack"]),
    well_known("/_apis/status/health", Kind::Rest, &["azure-devops"]),
    well_known("/feed.rss", Kind::Rss, &["incident-io"]),
    well_known("/rss/all.rss", Kind::Rss, &["aws"]),
    well_known("/en/feed.atom", Kind::Rss, &["google"]),
];

/// How many of the feeds that a page links to are looked into: some link to one for each service.
const MAX_FEEDS: usize = 3;

/// A text that is no address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a web address; expected one such as status.example.com or https://status.example.com/")]
pub struct NoAddress(String);

/// The address that somebody means: without a scheme, one on `https`.
///
/// # Errors
/// [`NoAddress`] if it is none of the web.
pub fn address(text: &str) -> Result<Url, NoAddress> {
    let text = text.trim();
    let with_scheme = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    // A password would stand in the entry that comes of it.
    let is_open = |url: &Url| url.username().is_empty() && url.password().is_none();
    let url = Url::parse(&with_scheme).ok().filter(|url| is_web_address(url) && is_open(url));
    let mut url = url.ok_or_else(|| NoAddress(text.to_owned()))?;
    url.set_fragment(None);
    Ok(url)
}

/// Where else to look, given the address that was asked, the one it led to, and what was there.
pub(super) fn around(start: &Url, base: &Url, page: Option<Document<'_>>) -> VecDeque<Lead> {
    let mut leads = page.map(|page| linked(base, &page)).unwrap_or_default();
    let slug = start.path().strip_prefix("/status/").map(|rest| rest.trim_end_matches('/'));
    let slug = slug.filter(|slug| !slug.is_empty() && !slug.contains('/'));
    for &WellKnown { path, kind, families } in WELL_KNOWN {
        let path = path.replace("{host}", base.host_str().unwrap_or_default());
        let path = match slug {
            Some(slug) => path.replace("{slug}", slug),
            None if path.contains("{slug}") => continue,
            None => path,
        };
        leads.extend(base.join(&path).ok().map(|url| Lead { url, kind, families }));
    }
    leads
}

/// What a page itself leads to: the API that its vendor keeps elsewhere, and its feeds.
fn linked(base: &Url, page: &Document<'_>) -> VecDeque<Lead> {
    let text = page.text();
    if !text.trim_start().starts_with('<') || affordable(&text, PAGE_BUDGET).len() < text.len() {
        return VecDeque::new();
    }
    let page = Html::parse_document(&text);
    let values = |css: &str, attribute: &str| -> Vec<String> {
        let Ok(selector) = Selector::parse(css) else { return Vec::new() };
        page.select(&selector).filter_map(|element| element.attr(attribute)).map(str::to_owned).collect()
    };
    let api = values("[href*='/pages/']", "href").iter().find_map(|link| statusio_page(base, link));
    let api = api.and_then(|id| Url::parse(&format!("https://api.status.io/1.0/status/{id}")).ok());
    let api = api.map(|url| Lead { url, kind: Kind::Rest, families: &["statusio"] });
    let feeds =
        "link[rel~='alternate'][type='application/rss+xml'], link[rel~='alternate'][type='application/atom+xml']";
    let feeds = values(feeds, "href").into_iter().filter_map(|link| base.join(&link).ok());
    let feeds = feeds.filter(is_web_address).take(MAX_FEEDS);
    api.into_iter().chain(feeds.map(|url| Lead { url, kind: Kind::Rss, families: &[] })).collect()
}

/// The page's id in a link of a status.io page: `/pages/incident/<page>/<incident>`, `/pages/history/<page>`,
/// `/pages/<page>/rss`.
fn statusio_page(base: &Url, link: &str) -> Option<String> {
    let url = base.join(link).ok()?;
    let mut segments = url.path_segments()?.skip_while(|&segment| segment != "pages").skip(1);
    let is_id = |segment: &&str| segment.len() == 24 && segment.bytes().all(|byte| byte.is_ascii_hexdigit());
    segments.find(is_id).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::target::formats;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn leads(start: &str, html: &str) -> Vec<String> {
        let page = Document::new(html.as_bytes());
        around(&url(start), &url(start), Some(page)).into_iter().map(|lead| lead.url.into()).collect()
    }

    #[test]
    fn an_address_may_lack_its_scheme() {
        for (text, meant) in [
            (" status.example.com ", "https://status.example.com/"),
            ("status.example.com/history.rss#top", "https://status.example.com/history.rss"),
            ("localhost:9000/x", "https://localhost:9000/x"),
            ("http://127.0.0.1:9000", "http://127.0.0.1:9000/"),
        ] {
            assert_eq!(address(text).map(String::from).as_deref(), Ok(meant), "{text}");
        }
        for text in ["", "ftp://example.com/", "https://", "not an address", "mailto:a@b.example", "https://u:p@h/"] {
            assert!(address(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_a_page_links_to_is_looked_into_first() {
        let html = "<!DOCTYPE html><head><link rel='stylesheet' href='/a.css'>
            <link rel='alternate' type='application/atom+xml' href='/pages/feed.atom'>
            <link rel='alternate feed' type='application/rss+xml' href='https://feeds.example/x'>
            <link rel='alternate' hreflang='de' href='/de'></head>
            <a href='/pages/incident/5b36dc6502d06804c08349f7/5d0a8c1e2f3b4a5c6d7e8f90'>An incident</a>";
        let found = leads("https://status.example/", html);
        let expected = [
            "https://api.status.io/1.0/status/5b36dc6502d06804c08349f7",
            "https://status.example/pages/feed.atom",
            "https://feeds.example/x",
            "https://status.example/",
            "https://status.example/api/v2/summary.json",
        ];
        assert_eq!(found[..5], expected);
    }

    #[test]
    fn every_family_of_the_table_has_a_format() {
        let kinds = [Kind::Rest, Kind::Html, Kind::Rss];
        for (row, family) in WELL_KNOWN.iter().flat_map(|row| row.families.iter().map(move |family| (row, family))) {
            let is_known = kinds.into_iter().flat_map(formats).any(|format| format.name == *family);
            assert!(is_known, "{}: no format is called {family}", row.path);
        }
    }

    #[test]
    fn every_well_known_address_lies_on_the_pages_own_host() {
        let found = leads("https://status.example:8443/deep/page?x=1", "<p>");
        assert!(found.iter().all(|lead| lead.starts_with("https://status.example:8443/")), "{found:?}");
        assert!(found.contains(&"https://status.example:8443/proxy/status.example".to_owned()));
        assert_eq!(found.len(), WELL_KNOWN.len() - 1);
        assert_eq!(found.iter().collect::<BTreeSet<_>>().len(), found.len());
        let named = leads("https://status.example/status/fleet/", "<p>");
        assert_eq!(named[0], "https://status.example/api/status-page/fleet");
    }
}
