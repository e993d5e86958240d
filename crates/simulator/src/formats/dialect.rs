//! What there is to say of how a vendor speaks.

use std::fmt;

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

/// Who may read a vendor's pages; the credentials are in [`crate::credentials`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Access {
    /// Everybody.
    #[default]
    Open,
    /// Who has the token.
    Bearer,
    /// Who has the key, in a header of its own.
    Header,
    /// Who has name and password.
    Basic,
    /// Who has a token that the vendor issued to the client, for a limited time.
    #[serde(rename = "oauth2")]
    OAuth2,
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
    /// Who may read its pages, unless a test says otherwise.
    pub access: Access,
    /// The keys beyond name, type, format and endpoint that a targets file needs to read it: TOML, or nothing. For
    /// `{origin}` the vendor's own scheme, host and port are put in.
    pub mapping: &'static str,
    /// What its endpoint tells.
    pub tells: Tells,
}

impl Dialect {
    /// The page at a path.
    pub fn page(&self, path: &str) -> Option<&Page> {
        std::iter::once(&self.endpoint).chain(self.others).find(|page| page.path == path)
    }
}
