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

use scraper::{ElementRef, Html, Selector, error::SelectorErrorKind};

use super::page::{epoch, open, title};
use crate::schema::{Service, Timestamp, collapse, dimension_names, text_of, truncate};
use crate::target::explain::{Recorder, SHOWN};
use crate::target::{
    Coverage, Document, Explanation, Format, Mapping, MappingError, Meaning, ParseError, Part, Report, WordTable,
};

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
        self.read(document, &mut Recorder::default())
    }

    fn explain(&self, parts: &[Part<'_>]) -> Explanation {
        Explanation::of(parts, |document, recorder| self.read(document, recorder))
    }
}

impl Selectors {
    fn read(&self, document: &Document<'_>, recorder: &mut Recorder) -> Result<Report, ParseError> {
        let page = open(document)?;
        if page.select(&self.marker).next().is_none() {
            return Err(ParseError::unrecognised(format!(
                "{}, where a page was expected that selectors.marker \"{}\" matches",
                shown(&page),
                self.spec.marker
            )));
        }
        let mut report = Report::new(self.coverage);
        for (number, row) in (1..).zip(page.select(&self.row)) {
            recorder.piece(|| format!("row {number}"));
            let service = self.service(number, row, &mut report, recorder)?;
            recorder.service(&service);
            report.services.push(service);
        }
        if report.services.is_empty() && self.coverage == Coverage::Complete {
            return Err(MappingError {
                key: "selectors.row".to_owned(),
                problem: format!("\"{}\" matches nothing in {}", self.spec.row, shown(&page)),
                expected: "an element for each service; or `covers = \"open-only\"`, if none means that all is well"
                    .to_owned(),
            }
            .into());
        }
        Ok(report)
    }

    fn service(
        &self,
        number: usize,
        row: ElementRef<'_>,
        report: &mut Report,
        recorder: &mut Recorder,
    ) -> Result<Service, MappingError> {
        let name = self.name.read(row).ok_or_else(|| MappingError {
            key: "selectors.name".to_owned(),
            problem: format!(
                "\"{}\" finds nothing in row {number}, {}",
                self.spec.name,
                truncate(&collapse(&row.html()), SHOWN)
            ),
            expected: "a name in every row".to_owned(),
        })?;
        recorder.found("name", || quoted(&name));
        let meaning = self.meaning(row, report, recorder);
        let mut optional = |by: &str, place: &Option<Place>| {
            let text = place.as_ref()?.read(row);
            recorder.found(by, || text.as_deref().map_or_else(|| "nothing".to_owned(), quoted));
            text
        };
        let (region, group) = (optional("region", &self.region), optional("group", &self.group));
        let (id, updated) = (optional("key", &self.key), optional("updated", &self.updated));
        let key = id.clone().unwrap_or_else(|| {
            [group.as_deref(), Some(&name), region.as_deref()].into_iter().flatten().collect::<Vec<_>>().join("/")
        });
        let mut service = Service::named(key, name);
        service.set(meaning);
        service.last_timestamp = updated.and_then(|at| Timestamp::parse_rfc3339(&at).or_else(|| epoch(&at)));
        let dimensions =
            [(dimension_names::REGION, region), (dimension_names::GROUP, group), (dimension_names::SERVICE_ID, id)];
        let known = dimensions.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.into())));
        service.dimensions.extend(known);
        Ok(service)
    }

    fn meaning(&self, row: ElementRef<'_>, report: &mut Report, recorder: &mut Recorder) -> Meaning {
        let Some(said) = self.status.read(row) else {
            recorder.found("status", || "nothing".to_owned());
            return report.unknown(&format!("(no {})", self.spec.status));
        };
        // Classes say many things; a status is but one of them.
        let words: Vec<_> = if self.status.attribute.as_deref() == Some("class") {
            said.split(' ').collect()
        } else {
            vec![said.as_str()]
        };
        let find = |meaning: fn(&WordTable, &str) -> Option<Meaning>| {
            words.iter().find_map(|word| Some((*word, meaning(&self.words, word)?)))
        };
        let known = find(WordTable::meaning).or_else(|| find(|_, word| word.parse().ok()));
        let (word, meaning) = known.map_or((said.as_str(), None), |(word, meaning)| (word, Some(meaning)));
        recorder.word("status", word, meaning);
        report.note(word, meaning)
    }
}

/// Which page it is, for people: by its title, else by how its text begins.
fn shown(page: &Html) -> String {
    match title(page) {
        title if title.is_empty() => {
            let text = truncate(&text_of(page.root_element()), SHOWN);
            format!("a page without a title, whose text begins \"{text}\"")
        }
        title => format!("the page \"{title}\""),
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", truncate(text, SHOWN))
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
