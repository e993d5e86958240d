//! Statuspage home pages: the page first, then components without the heads of groups.

use std::collections::BTreeSet;

use unistatus_core::schema::IncidentState;
use unistatus_core::schema::Status::{self, Degraded, Ok};

use super::{Shown, read, shown};
use crate::common::all_recordings;

const fn home(file: &'static str) -> Shown {
    shown("statuspage", file)
}

#[rustfmt::skip]
pub(super) const SHOWN: &[Shown] = &[
    home("aquafadas/home-2021-01-23.html").page("Aquafadas", Degraded, "").counts([17, 0, 1, 0]).grouped(16).told(1, 0)
        .spot("wlfm6r7zhwb7", "ConversionFlow", Ok, "Cloud Authoring"),
    home("atlassian-access/home-2021-01-22.html").page("Atlassian Access", Ok, "").counts([6, 0, 0, 0])
        .spot("hqd5zdvzh5g1", "Domain Claims", Ok, ""),
    home("cloudflare/home-2021-10-18.html").page("Cloudflare", Degraded, "").counts([244, 0, 23, 0]).grouped(267).told(1, 0)
        .spot("3sq3s4d20ywk", "Cloudflare Dashboard", Ok, "Cloudflare Sites and Services"),
    home("datadog/home-2021-01-22.html").page("Datadog", Ok, "").counts([14, 0, 0, 0])
        .spot("b5fx9rfn6137", "Web Application", Ok, ""),
    home("python/home-2021-01-22.html").page("Python Infrastructure", Degraded, "").counts([97, 0, 1, 0]).grouped(94).told(1, 0)
        .spot("yjlyv2k3zz3p", "pypi.org - Backends", Degraded, "PyPI"),
    home("streamyard/home-2024-06-20.html").page("StreamYard", Ok, "").counts([4, 0, 0, 0])
        .spot("rg8xzp8nr12k", "Studio", Ok, ""),
    home("textexpander/home-2021-01-22.html").page("TextExpander", Ok, "").counts([1, 0, 0, 0])
        .spot("y16vxh397j8j", "TextExpander Server", Ok, ""),
    home("zoom/home-2022-08-23.html").page("Zoom", Ok, "").counts([108, 0, 0, 0]).grouped(102).told(0, 6)
        .spot("cn1j8pttz0wy", "Zoom Dashboard & Reporting", Ok, "Zoom Website"),
];

/// The recorded pages that are no Statuspage home page, and what the refusal says of them.
const NO_STATUSPAGE: &[(&str, &str)] = &[
    ("azure-devops/status-2022-03-16.html", "no Statuspage"),
    ("azure/status-page-2022.html", "no Statuspage (\"Azure status\")"),
    ("birdeye/inactive-2021-02-11.html", "switched off"),
    ("digitalocean/incident-d0glfj89j57y-2020-01-03.html", "the page of one Statuspage incident"),
    ("firebase/status-2018-11-16.html", "no Statuspage"),
    ("gcp/regional-americas-2022-trimmed.html", "no Statuspage"),
    ("indeed-hund/home-2021-01-23.html", "no Statuspage (\"Status Page - Indeed\")"),
];

#[test]
fn a_page_that_is_no_home_page_is_told_from_one() {
    let recordings = all_recordings("html");
    if recordings.is_empty() {
        return;
    }
    let expected: BTreeSet<_> =
        SHOWN.iter().map(|row| row.file).chain(NO_STATUSPAGE.iter().map(|&(file, _)| file)).collect();
    assert_eq!(recordings.keys().map(String::as_str).collect::<BTreeSet<_>>(), expected);
    for (file, says) in NO_STATUSPAGE {
        let refusal = read("statuspage", &recordings[*file]).unwrap_err().to_string();
        assert!(refusal.contains(says), "{file}: {refusal}");
    }
}

#[test]
fn recorded_incidents_are_told_in_full() {
    let recordings = all_recordings("html");
    for (file, key, title, state, impact, updates) in [
        ("aquafadas/home-2021-01-23.html", "rskb32nknbrx", "& ftp", IncidentState::Monitoring, Status::Degraded, 5),
        ("cloudflare/home-2021-10-18.html", "6zclz0q53pz9", "Logs issues", IncidentState::Identified, Status::Ok, 2),
        ("python/home-2021-01-22.html", "grk0k7sz6zkp", "Disabled", IncidentState::Monitoring, Status::Degraded, 9),
        ("zoom/home-2022-08-23.html", "3qn4sgpgpbzq", "trio.zoom.us", IncidentState::Scheduled, Status::Unknown, 1),
    ] {
        let Some(bytes) = recordings.get(file) else { continue };
        let report = read("statuspage", bytes).unwrap();
        let incident = &report.incidents[0];
        assert_eq!((incident.key.as_str(), incident.state), (key, state), "{file}");
        assert_eq!(incident.impact.unwrap_or(Status::Unknown), impact, "{file}");
        assert!(incident.title.ends_with(title), "{file}: {}", incident.title);
        let url = incident.url.as_deref().unwrap();
        assert!(url.starts_with("https://") && url.ends_with(&format!("/incidents/{key}")), "{file}: {url}");
        assert_eq!(incident.updates.len(), updates, "{file}");
        for update in &incident.updates {
            let text = &update.text;
            assert!(!text.is_empty() && !text.starts_with('-') && !text.contains('<'), "{file}: {text}");
            assert!(!["UTC", "CET", "PDT"].iter().any(|zone| text.ends_with(zone)), "{file}: {text}");
        }
    }
}
