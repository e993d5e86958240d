//! How each vendor says what is true: one file per wire format, and one table that names them all.
//!
//! A rendering is a pure function of a [`Truth`]: the same truth always gives the same bytes.

mod aws_rss;
mod azure_devops;
mod betterstack;
mod codes;
mod google_atom;
mod google_incidents;
mod health_json;
mod heroku;
mod incident_io;
mod instatus;
mod markup;
mod notices_rss;
mod slack;
mod sorry;
mod statusio;
mod statusio_html;
mod statuspage;
mod statuspage_feed;
mod statuspage_html;
mod table_html;
mod times;

use std::fmt;

pub(crate) use times::http as http_date;

use crate::world::Truth;

/// What a target's `type` says of a vendor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// JSON.
    Rest,
    /// A web page.
    Html,
    /// An RSS or Atom feed.
    Rss,
}

impl Kind {
    /// The word of a targets file.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rest => "REST",
            Self::Html => "HTML",
            Self::Rss => "RSS",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// How a vendor treats conditional requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Validators {
    /// Sends `ETag` and `Last-Modified`, and answers 304 where they still hold.
    Honoured,
    /// Sends them, and always answers 200.
    Ignored,
    /// Sends none.
    Absent,
}

/// A document that a vendor answers with.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    /// Its path on the vendor's host.
    pub path: &'static str,
    /// Its `Content-Type`.
    pub content_type: &'static str,
    /// What it says.
    pub render: Render,
}

impl Page {
    /// What the document says to such a request.
    pub fn body(&self, truth: &Truth<'_>, asked: &Asked) -> Vec<u8> {
        match self.render {
            Render::Text(render) => render(truth).into_bytes(),
            Render::Bytes(render) => render(truth),
            Render::Answer(render) => render(truth, asked).into_bytes(),
        }
    }
}

/// How a document comes about.
#[derive(Clone, Copy, Debug)]
pub enum Render {
    /// Text in UTF-8.
    Text(fn(&Truth<'_>) -> String),
    /// Text in another encoding.
    Bytes(fn(&Truth<'_>) -> Vec<u8>),
    /// Text that depends on the request: a page of a list, or one that gives absolute addresses.
    Answer(fn(&Truth<'_>, &Asked) -> String),
}

/// What a document may depend on beside the truth.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The vendor's own scheme, host and port: `http://127.0.0.1:4001`.
    pub origin: String,
    /// The names and values of the query, decoded, in their order.
    pub query: Vec<(String, String)>,
}

impl Asked {
    /// The first value of a name in the query.
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// What a dialect's documents tell of what is true; the rest they have no words for.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a question of its own")]
pub struct Tells {
    /// How the page is as a whole.
    pub page: bool,
    /// Which services there are, also those that are well. The others tell of events, and of services only by them.
    pub services: bool,
    /// In which regions.
    pub regions: bool,
    /// What is going on, with a title each.
    pub incidents: bool,
    /// That a service is under planned maintenance.
    pub maintenance: bool,
    /// Planned work that lies ahead.
    pub plans: bool,
}

/// A row of the table: how a vendor speaks.
#[derive(Debug)]
pub struct Dialect {
    /// Its name here, unique.
    pub name: &'static str,
    /// The `type` of a target that reads it.
    pub kind: Kind,
    /// The `format` of a target that reads it.
    pub format: &'static str,
    /// The page that such a target reads.
    pub endpoint: Page,
    /// The pages that the vendor has beside it.
    pub others: &'static [Page],
    /// How conditional requests are treated, unless a test says otherwise.
    pub validators: Validators,
    /// The keys beyond name, type, format and endpoint that a targets file needs to read it: TOML, or nothing.
    pub mapping: &'static str,
    /// What its endpoint tells.
    pub tells: Tells,
}

/// What most dialects have in common: a complete list of services, with incidents and planned work.
const DIALECT: Dialect = Dialect {
    name: "",
    kind: Kind::Rest,
    format: "",
    endpoint: SUMMARY,
    others: &[],
    validators: Validators::Honoured,
    mapping: "",
    tells: Tells { page: true, services: true, regions: false, incidents: true, maintenance: true, plans: true },
};

/// A dialect that tells of events only: each with the services it names, and no word for those that are well.
const EVENTS: Tells =
    Tells { page: false, services: false, regions: true, incidents: true, maintenance: false, plans: false };

/// A dialect that lists services and nothing else.
const LIST: Tells =
    Tells { page: false, services: true, regions: true, incidents: false, maintenance: false, plans: false };

impl Dialect {
    /// The page at a path.
    pub fn page(&self, path: &str) -> Option<&Page> {
        std::iter::once(&self.endpoint).chain(self.others).find(|page| page.path == path)
    }
}

/// The dialect of a name.
pub fn find_dialect(name: &str) -> Option<&'static Dialect> {
    DIALECTS.iter().find(|dialect| dialect.name == name)
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
        format: "statuspage",
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
        name: "slack",
        kind: Kind::Rest,
        format: "slack",
        endpoint: Page { path: "/api/v2.0.0/current", content_type: JSON, render: Render::Text(slack::current) },
        tells: Tells { regions: false, plans: true, ..EVENTS },
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
        name: "rules",
        kind: Kind::Rss,
        format: "rules",
        endpoint: Page { path: "/notices.rss", content_type: RSS, render: Render::Text(notices_rss::notices) },
        mapping: NOTICES_RULES,
        tells: Tells { incidents: false, maintenance: true, ..EVENTS },
        ..DIALECT
    },
];
