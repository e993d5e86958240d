//! Pages of our own, broken on purpose: whatever a source sends, no format panics, and the same bytes always give the
//! same report.

#![expect(clippy::unwrap_used, reason = "a helper of tests fails as a test does")]

use std::sync::Arc;

use proptest::prelude::*;
use unistatus_core::schema::{Kind, plain_text};
use unistatus_core::target::formats;
use unistatus_core::target::html::SelectorsSpec;
use unistatus_core::target::{Document, Format, Mapping, find_format};

/// A small page that three formats can read: Statuspage's, status.io's and the user's own.
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

/// A page of each of the others.
const AZURE: &str = "<title>Azure status</title><table data-zone-name=current-impact class=region-status-table><tbody>
<tr class=current-incident><td><h3>Disks &amp; more</h3>We look.</table><table data-zone-name='asia' class='region-status-table'>
<thead><tr class='status-table-head'><th><span>Products</span><th><span><i class='superscript'>\u{2021}</i>East Asia</span></thead>
<tr class='status-category'><td>Compute<tr><td>Functions é<td class='status-cell'><i class='status-icon' data-label=Not available>
</i><b class='hide-text'>Warning</b></table>";

const AZURE_DEVOPS: &str = "<script id='dataProviders' type='application/json'>{\"data\":{
\"ms.vss-status-web.public-status-data-provider\":{\"serviceStatus\":{\"services\":[{\"id\":\"Boards\",\"geographies\":
[{\"id\":\"EU\",\"name\":\"Europe\",\"health\":1},{\"id\":\"US\",\"health\":0}]}]}},
\"ms.vss-status-web.active-public-live-site-events-data-provider\":{\"liveSiteEvents\":[{\"id\":7,\"severity\":1,\"state\":1,
\"title\":\"é\",\"startTime\":\"/Date(1647448269933)/\",\"impact\":[{\"serviceId\":\"Boards\",\"scopeName\":\"Europe\"}],
\"logs\":[{\"description\":\"<p>…</p>\",\"creationDateTime\":\"/Date(1647448269933+0100)/\"}]}]}}}</script>";

const GOOGLE: &str = "<title>Service Health</title><div class='a__banner-container'><p>us-east1: <a href='/incidents/i1'>Logs</a></p>
</div><table class='b__regional-table'><thead><th class='b__product'>Products<th class='b__location'><span class='c__location-id'>
us-east1</span></thead><tbody><tr><th class='b__product'><a href='/products/p1/history'>Cloud Run é</a><td><psd-status-icon
 class='d__status-icon'><svg class='d__status-icon d__disruption'></svg></psd-status-icon></table>";

const TIMELINE: &str = "<title>Status Dashboard</title><table class='timeline-table'><tr><th><th class='col1'>14<tr>
<td class='service-status'>AB Testing é<span class='service-tag'>Beta</span><td class='day'><span class='bubble high'></span>
<td class='day'><span class='end-bubble bubble medium'></span><tr><td class='product-name'>BigQuery<td class='product-day'>
<a class='status-icon ok'></a></table><span class='bubble high'></span>";

const HUND: &str = "<title>Status Page - Acme</title><aside class='degraded state-bar'><span class='status'>é</span>
<time datetime='2021-01-23T08:50:30Z'>now</time></aside><section class='groups'><section class='group'><header><h2>Ads &amp; more</h2>
</header><div class='item'><span class='name'><a href='/components/c1'>API</a></span><div class='status'><span class='outage state'>
</span></div></div></section></section><footer><a href='https://hund.io/'>Hund</a></footer>";

const PAGES: &[&str] = &[PAGE, AZURE, AZURE_DEVOPS, GOOGLE, TIMELINE, HUND];

fn all_formats() -> Vec<Arc<dyn Format>> {
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
        "<td class='status-cell'>",
        "<tbody>",
        "</script>",
        " class='x__status-icon x__outage'",
        "[{",
    ];
    prop_oneof![
        proptest::sample::select(markup.map(|it| it.as_bytes().to_vec()).to_vec()),
        proptest::collection::vec(any::<u8>(), 0..8),
    ]
}

#[test]
fn each_format_reads_a_page_that_is_mutated() {
    for (row, format) in formats(Kind::Html).iter().zip(all_formats()) {
        let is_read = |page: &str| format.parse(&Document::new(page.as_bytes())).is_ok();
        assert!(PAGES.iter().any(|page| is_read(page)), "{}", row.name);
        assert!(find_format(Kind::Html, row.name).is_some());
    }
}

proptest! {
    #[test]
    fn no_page_makes_a_format_panic_or_waver(
        page in proptest::sample::select(PAGES),
        edits in proptest::collection::vec((any::<proptest::sample::Index>(), 0_usize..80, pieces(), 1_usize..40), 1..12),
    ) {
        let mut bytes = page.as_bytes().to_vec();
        for (place, length, piece, times) in edits {
            let start = place.index(bytes.len() + 1);
            let end = bytes.len().min(start + length);
            bytes.splice(start..end, piece.repeat(times));
        }
        let document = Document::new(&bytes);
        for format in all_formats() {
            prop_assert_eq!(format.parse(&document), format.parse(&document));
        }
        plain_text(&document.text());
    }
}
