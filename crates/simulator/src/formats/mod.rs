//! How each vendor says what is true: one file per wire format, and one table that names them all.
//!
//! A rendering is a pure function of a [`Truth`](crate::Truth): the same truth always gives the same bytes.

mod apple;
mod aws;
mod aws_rss;
mod azure;
mod azure_devops;
mod azure_devops_html;
mod azure_html;
mod azure_rss;
mod betterstack;
mod cachet;
mod codes;
mod concur;
mod dialect;
mod google_atom;
mod google_html;
mod google_incidents;
mod health_json;
mod heroku;
mod hund_html;
mod ibm;
mod incident_io;
mod incident_io_native;
mod instatus;
mod instatus_feed;
mod markup;
mod matrix;
mod meta;
mod meta_rss;
mod microsoft_status;
mod msgraph;
mod notices_rss;
mod rollbar;
mod runs;
mod salesforce;
mod slack;
mod slack_feed;
mod sorry;
mod statusio;
mod statusio_html;
mod statusio_rss;
mod statuspage;
mod statuspage_feed;
mod statuspage_html;
mod table_html;
mod times;
mod uptime_kuma;
mod xai_rss;
mod zscaler;

pub use azure_rss::azure_region;
pub use dialect::{Access, Asked, Dialect, Kind, Page, Render, Tells, Validators};
pub(crate) use times::http as http_date;

/// What most dialects have in common: a complete list of services, with incidents and planned work.
const DIALECT: Dialect = Dialect {
    name: "",
    kind: Kind::Rest,
    format: "",
    endpoint: SUMMARY,
    others: &[],
    validators: Validators::Honoured,
    access: Access::Open,
    mapping: "",
    tells: Tells { page: true, services: true, regions: false, incidents: true, maintenance: true, plans: true },
};

/// A dialect that tells of events only: each with the services it names, and no word for those that are well.
const EVENTS: Tells =
    Tells { page: false, services: false, regions: true, incidents: true, maintenance: false, plans: false };

/// A dialect that lists services and nothing else.
const LIST: Tells =
    Tells { page: false, services: true, regions: true, incidents: false, maintenance: false, plans: false };

/// The dialect of a name.
pub fn find_dialect(name: &str) -> Option<&'static Dialect> {
    DIALECTS.iter().find(|dialect| dialect.name == name)
}

/// The two pages of a list; a list of one has one page.
fn half<T>(rows: &[T]) -> (&[T], &[T]) {
    rows.split_at(rows.len().div_ceil(2))
}

const JSON: &str = "application/json; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";
const RSS: &str = "application/rss+xml; charset=utf-8";
const ATOM: &str = "application/atom+xml; charset=utf-8";

const SUMMARY: Page =
    Page { path: "/api/v2/summary.json", content_type: JSON, render: Render::Text(statuspage::summary) };
const STATUS: Page = Page { path: "/api/v2/status.json", content_type: JSON, render: Render::Text(statuspage::status) };
const COMPONENTS: Page =
    Page { path: "/api/v2/components.json", content_type: JSON, render: Render::Text(statuspage::components) };
const HOME: Page = Page { path: "/", content_type: HTML, render: Render::Text(statuspage_html::home) };
const HISTORY_RSS: Page = Page { path: "/history.rss", content_type: RSS, render: Render::Text(statuspage_feed::rss) };
const HISTORY_ATOM: Page =
    Page { path: "/history.atom", content_type: ATOM, render: Render::Text(statuspage_feed::atom) };
/// A Statuspage host has all of these; which one is read is the target's choice.
const STATUSPAGE: &[Page] = &[SUMMARY, STATUS, COMPONENTS, HOME, HISTORY_RSS, HISTORY_ATOM];

const CONCUR_BANNER: Page = Page { path: "/api/v3/banner", content_type: JSON, render: Render::Text(concur::banner) };
const CONCUR_HISTORY: Page =
    Page { path: "/api/open/status_history", content_type: JSON, render: Render::Answer(concur::status_history) };
const CONCUR_INCIDENTS: Page =
    Page { path: "/api/open/incidents", content_type: JSON, render: Render::Text(concur::incidents) };
/// Concur has all of these; which one is read is the target's choice.
const CONCUR: &[Page] = &[CONCUR_BANNER, CONCUR_HISTORY, CONCUR_INCIDENTS];
const INSTATUS_RSS: Page = Page { path: "/history.rss", content_type: RSS, render: Render::Text(instatus_feed::rss) };
const INSTATUS_ATOM: Page =
    Page { path: "/history.atom", content_type: ATOM, render: Render::Text(instatus_feed::atom) };
const SLACK_RSS: Page = Page { path: "/feed/rss", content_type: RSS, render: Render::Text(slack_feed::rss) };
const SLACK_ATOM: Page = Page { path: "/feed/atom", content_type: ATOM, render: Render::Text(slack_feed::atom) };

/// The `jq` filter for [`health_json`].
const HEALTH_JQ: &str = r#"jq = '.checks[] | {name, status: (if .up then "OK" else "Outage" end), lastTimestamp: .at, dimensions: {region: .dc}}'
"#;

/// The `selectors` and `words` for [`table_html`].
const TABLE_SELECTORS: &str = r#"selectors = { marker = "table.machines", row = "table.machines tbody tr", name = "td.machine", status = "td.state", region = "td.hall", updated = "td.since time @datetime", key = "@id" }
words = { "Running" = "OK", "Slow" = "Degraded", "Partly down" = "Degraded", "Stopped" = "Outage", "Planned stop" = "maintenance" }
"#;

/// The `rules` and `words` for [`notices_rss`]. Each post is an item with an id of its own: those with the same service
/// are one story.
const NOTICES_RULES: &str = r#"rules = { expect_title = ': notices$', service = { from = "title", pattern = '^\[[^\]]+\] (?<service>.+): ' }, region = { from = "title", pattern = '^\[(?<region>[^\]]+)\]' }, group_by = { from = "title", pattern = '^(?<group>.+): ' }, state = [{ from = "title", pattern = ': (?<word>[^:]+)$' }] }
words = { "delayed" = "Degraded", "partly stopped" = "Degraded", "stopped" = "Outage", "planned work" = "maintenance", "back to normal" = "OK" }
"#;

/// The table of dialects: a new one is a file beside this one and a row here.
pub static DIALECTS: &[Dialect] = &[
    Dialect {
        name: "statuspage",
        kind: Kind::Rest,
        format: "statuspage",
        endpoint: SUMMARY,
        others: STATUSPAGE,
        ..DIALECT
    },
    Dialect {
        name: "incident-io",
        kind: Kind::Rest,
        format: "incident-io",
        endpoint: Page { path: "/api/v2/summary.json", content_type: JSON, render: Render::Text(incident_io::summary) },
        others: &[Page { path: "/api/v2/status.json", content_type: JSON, render: Render::Text(incident_io::status) }],
        validators: Validators::Absent,
        ..DIALECT
    },
    Dialect {
        name: "google-incidents",
        kind: Kind::Rest,
        format: "google-incidents",
        endpoint: Page {
            path: "/incidents.json",
            content_type: JSON,
            render: Render::Text(google_incidents::incidents),
        },
        validators: Validators::Ignored,
        tells: EVENTS,
        ..DIALECT
    },
    Dialect {
        name: "azure-devops",
        kind: Kind::Rest,
        format: "azure-devops",
        endpoint: Page { path: "/_apis/status/health", content_type: JSON, render: Render::Text(azure_devops::health) },
        tells: LIST,
        ..DIALECT
    },
    Dialect {
        name: "aws",
        kind: Kind::Rest,
        format: "aws",
        endpoint: Page {
            path: "/public/currentevents",
            content_type: "application/json;charset=utf-16",
            render: Render::Bytes(aws::events),
        },
        tells: EVENTS,
        ..DIALECT
    },
    Dialect {
        name: "azure",
        kind: Kind::Rest,
        format: "azure",
        endpoint: Page { path: azure::PATH, content_type: JSON, render: Render::Answer(azure::statuses) },
        validators: Validators::Absent,
        tells: Tells { maintenance: true, ..LIST },
        ..DIALECT
    },
    Dialect {
        name: "microsoft-status",
        kind: Kind::Rest,
        format: "microsoft-status",
        endpoint: Page {
            path: "/api/posts/m365Consumer",
            content_type: JSON,
            render: Render::Text(microsoft_status::posts),
        },
        validators: Validators::Absent,
        tells: Tells { regions: false, ..LIST },
        ..DIALECT
    },
    Dialect {
        name: "msgraph",
        kind: Kind::Rest,
        format: "msgraph",
        endpoint: Page { path: msgraph::PATH, content_type: JSON, render: Render::Answer(msgraph::overviews) },
        validators: Validators::Absent,
        tells: Tells { page: false, maintenance: false, plans: false, ..DIALECT.tells },
        ..DIALECT
    },
    Dialect {
        name: "slack",
        kind: Kind::Rest,
        format: "slack",
        endpoint: Page { path: "/api/v2.0.0/current", content_type: JSON, render: Render::Text(slack::current) },
        tells: Tells { regions: false, plans: true, ..EVENTS },
        ..DIALECT
    },
    Dialect {
        name: "incident-io-native",
        kind: Kind::Rest,
        format: "incident-io",
        endpoint: Page {
            path: "/proxy/status.vendor.example",
            content_type: JSON,
            render: Render::Text(incident_io_native::page),
        },
        others: &[Page {
            path: "/api/v1/summary",
            content_type: JSON,
            render: Render::Text(incident_io_native::widget),
        }],
        validators: Validators::Absent,
        ..DIALECT
    },
    Dialect {
        name: "cachet",
        kind: Kind::Rest,
        format: "cachet",
        endpoint: Page { path: "/api/v1/components", content_type: JSON, render: Render::Answer(cachet::components) },
        others: &[
            Page {
                path: "/api/v1/components/groups",
                content_type: JSON,
                render: Render::Answer(cachet::component_groups),
            },
            Page { path: "/api/v1/status", content_type: JSON, render: Render::Text(cachet::status) },
            Page { path: "/api/v1/incidents", content_type: JSON, render: Render::Answer(cachet::incidents) },
        ],
        tells: Tells { maintenance: false, ..DIALECT.tells },
        ..DIALECT
    },
    Dialect {
        name: "uptime-kuma",
        kind: Kind::Rest,
        format: "uptime-kuma",
        endpoint: Page {
            path: "/api/status-page/heartbeat/default",
            content_type: JSON,
            render: Render::Text(uptime_kuma::heartbeats),
        },
        others: &[Page {
            path: "/api/status-page/default",
            content_type: JSON,
            render: Render::Text(uptime_kuma::page),
        }],
        tells: Tells { page: false, ..DIALECT.tells },
        ..DIALECT
    },
    Dialect {
        name: "rollbar",
        kind: Kind::Rest,
        format: "rollbar",
        endpoint: Page { path: "/api/1/items/", content_type: JSON, render: Render::Answer(rollbar::items) },
        validators: Validators::Absent,
        // Of the project as a whole it says nothing that does not follow from its items.
        tells: Tells { regions: false, ..EVENTS },
        ..DIALECT
    },
    Dialect {
        name: "salesforce",
        kind: Kind::Rest,
        format: "salesforce",
        endpoint: Page { path: "/v1/instances", content_type: JSON, render: Render::Text(salesforce::instances) },
        others: &[Page { path: "/v1/products/All", content_type: JSON, render: Render::Text(salesforce::product) }],
        tells: Tells { page: false, regions: true, ..DIALECT.tells },
        ..DIALECT
    },
    Dialect {
        name: "meta",
        kind: Kind::Rest,
        format: "meta",
        endpoint: Page { path: "/data/orgs.json", content_type: JSON, render: Render::Text(meta::orgs) },
        tells: Tells { regions: false, ..LIST },
        ..DIALECT
    },
    Dialect {
        name: "apple",
        kind: Kind::Rest,
        format: "apple",
        endpoint: Page {
            path: "/support/systemstatus/data/system_status_en_US.js",
            content_type: JSON,
            render: Render::Text(apple::services),
        },
        tells: Tells { page: false, plans: false, ..DIALECT.tells },
        ..DIALECT
    },
    Dialect {
        name: "heroku",
        kind: Kind::Rest,
        format: "heroku",
        endpoint: Page {
            path: "/api/v4/current-status",
            content_type: JSON,
            render: Render::Text(heroku::current_status),
        },
        others: &[Page { path: "/api/v4/incidents", content_type: JSON, render: Render::Text(heroku::incidents) }],
        tells: Tells { page: false, ..DIALECT.tells },
        ..DIALECT
    },
    Dialect {
        name: "statusio",
        kind: Kind::Rest,
        format: "statusio",
        endpoint: Page {
            path: "/1.0/status/5f0c2ab1d3e4f5a6b7c8d9e0",
            content_type: JSON,
            render: Render::Text(statusio::status),
        },
        tells: Tells { regions: true, ..DIALECT.tells },
        ..DIALECT
    },
    Dialect {
        name: "instatus",
        kind: Kind::Rest,
        format: "instatus",
        endpoint: Page { path: "/summary.json", content_type: JSON, render: Render::Text(instatus::summary) },
        others: &[Page { path: "/v2/components.json", content_type: JSON, render: Render::Text(instatus::components) }],
        ..DIALECT
    },
    Dialect {
        name: "betterstack",
        kind: Kind::Rest,
        format: "betterstack",
        endpoint: Page { path: "/index.json", content_type: JSON, render: Render::Text(betterstack::index) },
        ..DIALECT
    },
    Dialect {
        name: "sorry",
        kind: Kind::Rest,
        format: "sorry",
        endpoint: Page { path: "/api/v1/status", content_type: JSON, render: Render::Text(sorry::status) },
        others: &[
            Page { path: "/api/v1/components", content_type: JSON, render: Render::Answer(sorry::components) },
            Page { path: "/api/v1/notices", content_type: JSON, render: Render::Answer(sorry::notices) },
        ],
        ..DIALECT
    },
    Dialect {
        name: "zscaler",
        kind: Kind::Rest,
        format: "zscaler",
        endpoint: Page { path: "/api/cloud-status", content_type: JSON, render: Render::Text(zscaler::cloud_status) },
        tells: Tells { regions: false, incidents: true, ..LIST },
        ..DIALECT
    },
    Dialect {
        name: "concur",
        kind: Kind::Rest,
        format: "concur",
        endpoint: CONCUR_HISTORY,
        others: CONCUR,
        tells: Tells { regions: false, incidents: true, ..LIST },
        ..DIALECT
    },
    Dialect {
        name: "concur-incidents",
        kind: Kind::Rest,
        format: "concur",
        endpoint: CONCUR_INCIDENTS,
        others: CONCUR,
        tells: EVENTS,
        ..DIALECT
    },
    Dialect {
        name: "concur-banner",
        kind: Kind::Rest,
        format: "concur",
        endpoint: CONCUR_BANNER,
        others: CONCUR,
        tells: Tells { page: true, regions: false, incidents: false, ..EVENTS },
        ..DIALECT
    },
    Dialect {
        name: "ibm",
        kind: Kind::Rest,
        format: "ibm",
        endpoint: Page { path: "/status/getEnhancedStatus", content_type: JSON, render: Render::Text(ibm::status) },
        // It tells of plans, too, but only for who has its clock: when they begin and end is for the reader to compare.
        tells: Tells { maintenance: true, ..EVENTS },
        ..DIALECT
    },
    Dialect {
        name: "jq",
        kind: Kind::Rest,
        format: "jq",
        endpoint: Page { path: "/health.json", content_type: JSON, render: Render::Text(health_json::health) },
        mapping: HEALTH_JQ,
        tells: LIST,
        ..DIALECT
    },
    Dialect {
        name: "statuspage-html",
        kind: Kind::Html,
        format: "statuspage",
        endpoint: HOME,
        others: STATUSPAGE,
        ..DIALECT
    },
    Dialect {
        name: "statusio-html",
        kind: Kind::Html,
        format: "statusio",
        endpoint: Page { path: "/", content_type: HTML, render: Render::Text(statusio_html::home) },
        tells: Tells { plans: false, ..DIALECT.tells },
        ..DIALECT
    },
    Dialect {
        name: "azure-html",
        kind: Kind::Html,
        format: "azure",
        endpoint: Page { path: "/en-us/status", content_type: HTML, render: Render::Text(azure_html::status) },
        tells: Tells { incidents: true, ..LIST },
        ..DIALECT
    },
    Dialect {
        name: "azure-devops-html",
        kind: Kind::Html,
        format: "azure-devops",
        endpoint: Page { path: "/", content_type: HTML, render: Render::Text(azure_devops_html::status) },
        tells: Tells { incidents: true, ..LIST },
        ..DIALECT
    },
    Dialect {
        name: "google-html",
        kind: Kind::Html,
        format: "google",
        endpoint: Page { path: "/regional/americas", content_type: HTML, render: Render::Text(google_html::health) },
        tells: Tells { incidents: true, ..LIST },
        ..DIALECT
    },
    Dialect {
        name: "hund-html",
        kind: Kind::Html,
        format: "hund",
        endpoint: Page { path: "/", content_type: HTML, render: Render::Text(hund_html::home) },
        tells: Tells { incidents: false, plans: false, ..DIALECT.tells },
        ..DIALECT
    },
    Dialect {
        name: "selectors",
        kind: Kind::Html,
        format: "selectors",
        endpoint: Page { path: "/machines.html", content_type: HTML, render: Render::Text(table_html::machines) },
        mapping: TABLE_SELECTORS,
        tells: Tells { maintenance: true, ..LIST },
        ..DIALECT
    },
    Dialect {
        name: "aws-rss",
        kind: Kind::Rss,
        format: "aws",
        endpoint: Page { path: "/rss/all.rss", content_type: RSS, render: Render::Text(aws_rss::all) },
        tells: EVENTS,
        ..DIALECT
    },
    Dialect {
        name: "google-atom",
        kind: Kind::Rss,
        format: "google",
        endpoint: Page { path: "/en/feed.atom", content_type: ATOM, render: Render::Text(google_atom::feed) },
        tells: EVENTS,
        ..DIALECT
    },
    Dialect {
        name: "statuspage-rss",
        kind: Kind::Rss,
        format: "statuspage",
        endpoint: HISTORY_RSS,
        others: STATUSPAGE,
        tells: Tells { services: false, ..DIALECT.tells },
        ..DIALECT
    },
    Dialect {
        name: "statuspage-atom",
        kind: Kind::Rss,
        format: "statuspage",
        endpoint: HISTORY_ATOM,
        others: STATUSPAGE,
        tells: Tells { services: false, ..DIALECT.tells },
        ..DIALECT
    },
    Dialect {
        name: "azure-rss",
        kind: Kind::Rss,
        format: "azure",
        endpoint: Page { path: "/en-us/status/feed/", content_type: RSS, render: Render::Text(azure_rss::feed) },
        tells: EVENTS,
        ..DIALECT
    },
    Dialect {
        name: "instatus-rss",
        kind: Kind::Rss,
        format: "instatus",
        endpoint: INSTATUS_RSS,
        others: &[INSTATUS_ATOM],
        tells: Tells { services: false, ..DIALECT.tells },
        ..DIALECT
    },
    Dialect {
        name: "instatus-atom",
        kind: Kind::Rss,
        format: "instatus",
        endpoint: INSTATUS_ATOM,
        others: &[INSTATUS_RSS],
        tells: Tells { services: false, ..DIALECT.tells },
        ..DIALECT
    },
    Dialect {
        name: "statusio-rss",
        kind: Kind::Rss,
        format: "statusio",
        endpoint: Page {
            path: "/pages/533c6539221ae15e3f000031/rss",
            content_type: RSS,
            render: Render::Text(statusio_rss::feed),
        },
        tells: Tells { services: false, ..DIALECT.tells },
        ..DIALECT
    },
    Dialect {
        name: "slack-rss",
        kind: Kind::Rss,
        format: "slack",
        endpoint: SLACK_RSS,
        others: &[SLACK_ATOM],
        tells: Tells { regions: false, maintenance: true, ..EVENTS },
        ..DIALECT
    },
    Dialect {
        name: "slack-atom",
        kind: Kind::Rss,
        format: "slack",
        endpoint: SLACK_ATOM,
        others: &[SLACK_RSS],
        tells: Tells { regions: false, maintenance: true, ..EVENTS },
        ..DIALECT
    },
    Dialect {
        name: "meta-rss",
        kind: Kind::Rss,
        format: "meta",
        endpoint: Page {
            path: "/outage-events-feed-product.rss",
            content_type: RSS,
            render: Render::Text(meta_rss::feed),
        },
        tells: Tells { regions: false, ..EVENTS },
        ..DIALECT
    },
    Dialect {
        name: "xai-rss",
        kind: Kind::Rss,
        format: "xai",
        endpoint: Page { path: "/feed.xml", content_type: RSS, render: Render::Text(xai_rss::feed) },
        tells: Tells { maintenance: true, ..EVENTS },
        ..DIALECT
    },
    Dialect {
        name: "rules",
        kind: Kind::Rss,
        format: "rules",
        endpoint: Page { path: "/notices.rss", content_type: RSS, render: Render::Text(notices_rss::notices) },
        mapping: NOTICES_RULES,
        tells: Tells { incidents: false, maintenance: true, ..EVENTS },
        ..DIALECT
    },
];
