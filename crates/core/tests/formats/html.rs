//! Recorded documents of the html formats.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails as a test does")]

use std::collections::BTreeSet;
use std::sync::Arc;

use proptest::prelude::*;
use unistatus_core::schema::{IncidentState, Kind, Status, dimension_names, plain_text};
use unistatus_core::target::formats;
use unistatus_core::target::html::SelectorsSpec;
use unistatus_core::target::{Document, Format, Mapping, find_format};

use crate::common::{all_recordings, components, count, page, parse};

/// What a recorded home page shows.
struct Shown {
    file: &'static str,
    /// The page's name and status.
    page: (&'static str, Status),
    /// Components by status, `[OK, Unknown, Degraded, Outage]`, and how many stand in a group.
    components: ([usize; 4], usize),
    /// One component: its key, name and group.
    one: (&'static str, &'static str, Option<&'static str>),
    /// Incidents that go on, and maintenances that lie ahead.
    told: (usize, usize),
}

/// Read off the pages by other means than the format under test.
const STATUSPAGE: &[Shown] = &[
    Shown {
        file: "aquafadas/home-2021-01-23.html",
        page: ("Aquafadas", Status::Degraded),
        components: ([17, 0, 1, 0], 16),
        one: ("wlfm6r7zhwb7", "ConversionFlow", Some("Cloud Authoring")),
        told: (1, 0),
    },
    Shown {
        file: "atlassian-access/home-2021-01-22.html",
        page: ("Atlassian Access", Status::Ok),
        components: ([6, 0, 0, 0], 0),
        one: ("hqd5zdvzh5g1", "Domain Claims", None),
        told: (0, 0),
    },
    Shown {
        file: "cloudflare/home-2021-10-18.html",
        page: ("Cloudflare", Status::Degraded),
        components: ([244, 0, 23, 0], 267),
        one: ("3sq3s4d20ywk", "Cloudflare Dashboard", Some("Cloudflare Sites and Services")),
        told: (1, 0),
    },
    Shown {
        file: "datadog/home-2021-01-22.html",
        page: ("Datadog", Status::Ok),
        components: ([14, 0, 0, 0], 0),
        one: ("b5fx9rfn6137", "Web Application", None),
        told: (0, 0),
    },
    Shown {
        file: "python/home-2021-01-22.html",
        page: ("Python Infrastructure", Status::Degraded),
        components: ([97, 0, 1, 0], 94),
        one: ("yjlyv2k3zz3p", "pypi.org - Backends", Some("PyPI")),
        told: (1, 0),
    },
    Shown {
        file: "streamyard/home-2024-06-20.html",
        page: ("StreamYard", Status::Ok),
        components: ([4, 0, 0, 0], 0),
        one: ("rg8xzp8nr12k", "Studio", None),
        told: (0, 0),
    },
    Shown {
        file: "textexpander/home-2021-01-22.html",
        page: ("TextExpander", Status::Ok),
        components: ([1, 0, 0, 0], 0),
        one: ("y16vxh397j8j", "TextExpander Server", None),
        told: (0, 0),
    },
    Shown {
        file: "zoom/home-2022-08-23.html",
        page: ("Zoom", Status::Ok),
        components: ([108, 0, 0, 0], 102),
        one: ("cn1j8pttz0wy", "Zoom Dashboard & Reporting", Some("Zoom Website")),
        told: (0, 6),
    },
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
fn every_recorded_page_is_read_as_what_it_shows_or_refused() {
    let recordings = all_recordings("html");
    if recordings.is_empty() {
        return;
    }
    let expected: BTreeSet<_> =
        STATUSPAGE.iter().map(|row| row.file).chain(NO_STATUSPAGE.iter().map(|&(file, _)| file)).collect();
    assert_eq!(recordings.keys().map(String::as_str).collect::<BTreeSet<_>>(), expected);

    for shown in STATUSPAGE {
        let Shown { file, one: (key, name, group), .. } = *shown;
        let report = parse(Kind::Html, "statuspage", &recordings[file]).unwrap();
        let page = page(&report).unwrap();
        assert_eq!((page.name.as_str(), page.status), shown.page, "{file}");
        assert_eq!(report.services[0].key, page.key, "{file}: the page comes first");
        let grouped = components(&report).filter(|it| it.dimensions.contains_key(dimension_names::GROUP)).count();
        assert_eq!((count(components(&report)), grouped), shown.components, "{file}");
        let component = components(&report).find(|it| it.key == key).unwrap();
        let found = component.dimensions.get(dimension_names::GROUP).map(ToString::to_string);
        assert_eq!((component.name.as_str(), found.as_deref()), (name, group), "{file}");
        let ahead = report.incidents.iter().filter(|it| it.state == IncidentState::Scheduled).count();
        let going_on = report.incidents.iter().filter(|it| it.is_open()).count() - ahead;
        assert_eq!((going_on, ahead), shown.told, "{file}");

        assert!(report.unknown_words.is_empty(), "{file}: {:?}", report.unknown_words);
        assert!(report.services.iter().all(|it| it.last_timestamp.is_none()), "{file}: the page tells no time");
        let keys: BTreeSet<_> = report.services.iter().map(|it| &it.key).collect();
        assert_eq!(keys.len(), report.services.len(), "{file}: keys are unique");
        assert!(!report.services.iter().any(|it| it.name.contains('?') || it.name.contains("  ")), "{file}");
    }
    for (file, says) in NO_STATUSPAGE {
        let refusal = parse(Kind::Html, "statuspage", &recordings[*file]).unwrap_err().to_string();
        assert!(refusal.contains(says), "{file}: {refusal}");
    }
    for (file, bytes) in &recordings {
        let refusal = parse(Kind::Html, "statusio", bytes).unwrap_err().to_string();
        assert!(refusal.contains("where a status.io home page was expected"), "{file}: {refusal}");
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
        let report = parse(Kind::Html, "statuspage", bytes).unwrap();
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

/// A small page that all three formats can read.
const PAGE: &str = "<!DOCTYPE html><html><head><title>Acme Status</title><link rel='canonical' href='https://acme.example'>
<body class='status index status-minor'><div id='statusio_status_bar'><strong id='statusbar_text'>Active Incident</strong></div>
<div class='unresolved-incident impact-major'><div class='incident-title'><a class='actual-title' href='/incidents/a1'>Disks</a>
</div><div class='update'><strong>Identified</strong> - We found <br/>it &amp; more<small>Jan <var>5</var></small></div></div>
<div class='components-section' id='statusio_components'><div class='component-container is-group'><div data-component-id='g'
 class='component-inner-container' data-component-status='major_outage'><span class='name'>Gruppe é</span></div>
<div class='child-components-container'><div data-component-id='c' class='component' data-component-status='partial_outage'>
<span class='name component_name'>API</span><p class='component-status'>Service Disruption</p>
<div class='row'><b class='container_name'>Frankfurt</b><i title='Operational'></i></div></div></div></div></div>
<div class='panel'><div class='panel-title'><a href='/pages/incident/p/i1'>Disks</a></div><div class='row'>
<p class='event_inner_title'>Components</p><p class='event_inner_text'>API</p></div><div class='row'><b class='incident_time'>
February 10, 2026 22:52 UTC</b><p class='incident_update_status'>INVESTIGATING</p></div></div></body></html>";

fn own_formats() -> Vec<Arc<dyn Format>> {
    let selectors =
        "marker = 'body'\nrow = '[data-component-id]'\nname = '.name'\nstatus = '@class'\nupdated = 'small'";
    let selectors: SelectorsSpec = toml::from_str(selectors).unwrap();
    let mapping = Mapping { selectors: Some(selectors), ..Mapping::default() };
    formats(Kind::Html).iter().map(|row| row.build(&mapping).unwrap()).collect()
}

/// What is put in, or cut out where it is shorter than what it stands for.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let markup = [
        "",
        "<",
        ">",
        "</div>",
        "<div>",
        "<table><tr>",
        "<svg><title>",
        "<script>",
        "<!--",
        "<b><p></b>",
        "&#x0;",
        "'",
        "\"",
        " class='name'",
        " data-component-id=''",
        "<template>",
        "<select><option>",
        "\u{0}",
        "é",
        "<div class='update'>",
    ];
    prop_oneof![
        proptest::sample::select(markup.map(|it| it.as_bytes().to_vec()).to_vec()),
        proptest::collection::vec(any::<u8>(), 0..8),
    ]
}

#[test]
fn all_formats_read_the_page_that_is_mutated() {
    for (row, format) in formats(Kind::Html).iter().zip(own_formats()) {
        assert!(format.parse(&Document::new(PAGE.as_bytes())).is_ok(), "{}", row.name);
        assert!(find_format(Kind::Html, row.name).is_some());
    }
}

proptest! {
    #[test]
    fn no_page_makes_a_format_panic_or_waver(
        edits in proptest::collection::vec((any::<proptest::sample::Index>(), 0_usize..80, pieces(), 1_usize..40), 1..12),
    ) {
        let mut bytes = PAGE.as_bytes().to_vec();
        for (place, length, piece, times) in edits {
            let start = place.index(bytes.len() + 1);
            let end = bytes.len().min(start + length);
            bytes.splice(start..end, piece.repeat(times));
        }
        let document = Document::new(&bytes);
        for format in own_formats() {
            prop_assert_eq!(format.parse(&document), format.parse(&document));
        }
        plain_text(&document.text());
    }
}
