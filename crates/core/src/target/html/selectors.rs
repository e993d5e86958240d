//! The user's own CSS selectors and word table: a page that no built-in format knows, without code.
//!
//! ```toml
//! [[target]]
//! name     = "intranet"
//! type     = "HTML"
//! format   = "selectors"
//! endpoint = "http://127.0.0.1:9000/status"
//! words    = { "All good" = "OK", "Slow" = "Degraded", "Gone" = "Outage", "Planned work" = "maintenance" }
//!
//! [target.selectors]
//! marker  = "body.status-board"     # must match: the proof that this is the page, and not a login form
//! row     = "table#services tr"     # one element per service
//! name    = "td.name"               # inside the row: the text of the first match
//! status  = "td.state @class"       # ... or an attribute of it; of a class, the first token that is a known word
//! region  = "@data-region"          # ... or an attribute of the row itself
//! updated = "time @datetime"        # RFC 3339, or seconds or milliseconds since the epoch
//! ```

use std::sync::Arc;

use scraper::{ElementRef, Selector, error::SelectorErrorKind};

use super::page::{epoch, open, title};
use crate::schema::{Service, Timestamp, collapse, dimension_names, text_of, truncate};
use crate::target::{Coverage, Document, Format, Mapping, MappingError, Meaning, ParseError, Report, WordTable};

/// The `selectors` table of a targets file.
///
/// `marker` and `row` are CSS selectors. The others say where in a row something stands: `selector` means the text of
/// the first element that matches, `selector @attribute` an attribute of it, and `@attribute` an attribute of the row.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SelectorsSpec {
    /// Must match something, or the page is not the one expected: a login form is no status.
    pub marker: String,
    /// The element of each service.
    pub row: String,
    /// The service's name. A row without one is an error: the page has changed.
    pub name: String,
    /// The word for its status, looked up in `words`; the words of the contract and `maintenance` are known without.
    pub status: String,
    /// The region it runs in.
    pub region: Option<String>,
    /// The group it is listed under.
    pub group: Option<String>,
    /// What identifies it, if names may change or repeat; else group, name and region do.
    pub key: Option<String>,
    /// When its status was last updated: RFC 3339, or seconds or milliseconds since the epoch. Anything else is no time.
    pub updated: Option<String>,
}

/// Compiles a target's selectors.
///
/// # Errors
/// [`MappingError`] if there are none, or one of them is no selector.
pub(super) fn compile(mapping: &Mapping) -> Result<Arc<dyn Format>, MappingError> {
    let spec = mapping.selectors.as_ref().ok_or_else(|| MappingError {
        key: "selectors".to_owned(),
        problem: "missing".to_owned(),
        expected: "a table with marker, row, name and status".to_owned(),
    })?;
    let optional = |key, expression: &Option<String>| expression.as_deref().map(|it| Place::new(key, it)).transpose();
    Ok(Arc::new(Selectors {
        marker: selector("marker", &spec.marker, &spec.marker, "a CSS selector")?,
        row: selector("row", &spec.row, &spec.row, "a CSS selector")?,
        name: Place::new("name", &spec.name)?,
        status: Place::new("status", &spec.status)?,
        region: optional("region", &spec.region)?,
        group: optional("group", &spec.group)?,
        key: optional("key", &spec.key)?,
        updated: optional("updated", &spec.updated)?,
        words: mapping.words.clone(),
        coverage: mapping.coverage.unwrap_or_default(),
        spec: spec.clone(),
    }))
}

/// The format that a user's selectors make.
struct Selectors {
    spec: SelectorsSpec,
    marker: Selector,
    row: Selector,
    name: Place,
    status: Place,
    region: Option<Place>,
    group: Option<Place>,
    key: Option<Place>,
    updated: Option<Place>,
    words: WordTable,
    coverage: Coverage,
}

impl Format for Selectors {
    fn parse(&self, document: &Document<'_>) -> Result<Report, ParseError> {
        let page = open(document)?;
        if page.select(&self.marker).next().is_none() {
            return Err(ParseError::unrecognised(format!(
                "\"{}\", where a page was expected that selectors.marker \"{}\" matches",
                title(&page),
                self.spec.marker
            )));
        }
        let mut report = Report::new(self.coverage);
        for row in page.select(&self.row) {
            let service = self.service(row, &mut report)?;
            report.services.push(service);
        }
        Ok(report)
    }
}

impl Selectors {
    fn service(&self, row: ElementRef<'_>, report: &mut Report) -> Result<Service, MappingError> {
        let name = self.name.read(row).ok_or_else(|| MappingError {
            key: "selectors.name".to_owned(),
            problem: format!("\"{}\" finds nothing in {}", self.spec.name, truncate(&collapse(&row.html()), 200)),
            expected: "a name in every row".to_owned(),
        })?;
        let read = |place: &Option<Place>| place.as_ref().and_then(|place| place.read(row));
        let (region, group, id) = (read(&self.region), read(&self.group), read(&self.key));
        let key = id.clone().unwrap_or_else(|| {
            [group.as_deref(), Some(&name), region.as_deref()].into_iter().flatten().collect::<Vec<_>>().join("/")
        });
        let mut service = Service::named(key, name);
        service.set(self.meaning(row, report));
        service.last_timestamp =
            read(&self.updated).and_then(|at| Timestamp::parse_rfc3339(&at).or_else(|| epoch(&at)));
        let dimensions =
            [(dimension_names::REGION, region), (dimension_names::GROUP, group), (dimension_names::SERVICE_ID, id)];
        let known = dimensions.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.into())));
        service.dimensions.extend(known);
        Ok(service)
    }

    fn meaning(&self, row: ElementRef<'_>, report: &mut Report) -> Meaning {
        let Some(said) = self.status.read(row) else {
            return report.unknown(&format!("(no {})", self.spec.status));
        };
        // Classes say many things; a status is but one of them.
        let words: Vec<_> = if self.status.attribute.as_deref() == Some("class") {
            said.split(' ').collect()
        } else {
            vec![said.as_str()]
        };
        let own = words.iter().find_map(|word| self.words.meaning(word));
        own.or_else(|| words.iter().find_map(|word| word.parse().ok())).unwrap_or_else(|| report.unknown(&said))
    }
}

/// Where in a row something stands.
struct Place {
    /// The element; `None`: the row itself.
    selector: Option<Selector>,
    /// Its attribute; `None`: its text.
    attribute: Option<String>,
}

impl Place {
    fn new(key: &str, expression: &str) -> Result<Self, MappingError> {
        let expected = "a CSS selector, or one followed by @ and the name of an attribute, or only that";
        let expression = expression.trim();
        let (before, attribute) = match expression.rsplit_once('@') {
            Some((before, name)) if is_attribute(name) && !before.ends_with(|c: char| !c.is_whitespace()) => {
                (before.trim_end(), Some(name.to_ascii_lowercase()))
            }
            _ => (expression, None),
        };
        let selector = match (before, &attribute) {
            ("", Some(_)) => None,
            _ => Some(selector(key, before, expression, expected)?),
        };
        Ok(Self { selector, attribute })
    }

    /// What stands there; `None` for nothing and for nothing but white space.
    fn read(&self, row: ElementRef<'_>) -> Option<String> {
        let element = match &self.selector {
            Some(selector) => row.select(selector).next()?,
            None => row,
        };
        let value = match &self.attribute {
            Some(attribute) => collapse(element.attr(attribute)?),
            None => text_of(element),
        };
        Some(value).filter(|value| !value.is_empty())
    }
}

fn is_attribute(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_:.".contains(c))
}

fn selector(key: &str, css: &str, expression: &str, expected: &str) -> Result<Selector, MappingError> {
    Selector::parse(css).map_err(|error| MappingError {
        key: format!("selectors.{key}"),
        problem: match error {
            SelectorErrorKind::UnexpectedSelectorParseError(kind) => {
                format!("\"{expression}\" cannot be read: {kind:?}")
            }
            other => format!("\"{expression}\" cannot be read: {other}"),
        },
        expected: expected.to_owned(),
    })
}

#[cfg(test)]
mod tests;
