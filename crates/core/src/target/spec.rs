//! The shape of a target in a targets file, and the way from there to a [`Target`].

mod auth;
mod probe;

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use chrono::NaiveDate;
use serde::Deserialize;
use toml::Spanned;
use url::Url;

use self::auth::{AuthFault, AuthSpec};
use self::probe::{Measured, ProbeSpec};
use super::fetch::{Auth, is_web_address};
use super::html::SelectorsSpec;
use super::polled::Source;
use super::rss::RulesSpec;
use super::{
    Coverage, Filter, Format, FormatRow, HtmlTarget, Identity, Mapping, MappingError, RestTarget, RssTarget, Target,
    WordTable, find_format, formats,
};
use crate::interval;
use crate::schema::{About, Kind};
use crate::secrets::{SecretError, Secrets, Template};

/// A `[[target]]` of a targets file, as it is written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetSpec {
    name: Spanned<String>,
    #[serde(rename = "type")]
    kind: Spanned<String>,
    format: Option<Spanned<String>>,
    endpoint: Spanned<String>,
    every: Option<Spanned<String>>,
    /// Who asks, where the source wants to know.
    auth: Option<Spanned<AuthSpec>>,
    include: Option<Spanned<Vec<String>>>,
    exclude: Option<Spanned<Vec<String>>>,
    /// What people call the service; the name where it is not given.
    title: Option<String>,
    /// The sort of thing it is.
    category: Option<Spanned<String>>,
    /// The status page for people.
    homepage: Option<Spanned<String>>,
    /// Other names it goes by.
    #[serde(default)]
    aliases: Vec<Spanned<String>>,
    /// The month (`2026-09`) in which the source was last seen to answer so.
    evidence: Option<Spanned<String>>,
    /// What its reader should know beyond all that: which address it replaces, what it does not tell.
    note: Option<String>,
    /// The shortest interval that is polite to this source.
    floor: Option<Spanned<String>>,
    /// Whether most teams would miss it first.
    #[serde(default)]
    recommended: bool,
    /// The evidence behind the entry is weak: no recorded document, or one source alone.
    #[serde(default)]
    unverified: bool,
    /// The filter of format `jq`.
    jq: Option<Spanned<String>>,
    /// The selectors of format `selectors`.
    selectors: Option<Spanned<SelectorsSpec>>,
    /// The rules of format `rules`.
    rules: Option<Spanned<RulesSpec>>,
    /// What the status words of an own mapping mean.
    #[serde(default)]
    words: WordTable,
    /// What it means that a document does not name a service.
    covers: Option<Coverage>,
    /// How a probe measures.
    probe: Option<Spanned<ProbeSpec>>,
}

/// A fault of a targets file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpecError {
    /// Where in the file, in bytes.
    pub span: Range<usize>,
    /// The key at fault.
    pub key: String,
    /// What is wrong with it.
    pub problem: String,
    /// What is accepted.
    pub expected: String,
}

impl SpecError {
    fn at<T>(value: &Spanned<T>, key: &str, problem: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { span: value.span(), key: key.to_owned(), problem: problem.into(), expected: expected.into() }
    }
}

/// A target, ready to be asked, and the fingerprint of its definition: two definitions that differ in anything that
/// matters have different ones.
#[derive(Clone)]
pub struct Configured {
    /// The target.
    pub target: Arc<dyn Target>,
    /// The name of its format; empty for a probe, which reads none.
    pub format: &'static str,
    /// The fingerprint of its definition.
    pub definition: String,
}

impl fmt::Debug for Configured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.target.identity().fmt(f)
    }
}

impl TargetSpec {
    /// The target's name.
    pub fn name(&self) -> &str {
        self.name.get_ref()
    }

    /// Where the name stands in the file, in bytes.
    pub fn name_span(&self) -> Range<usize> {
        self.name.span()
    }

    /// What people call the service.
    pub fn title(&self) -> &str {
        self.title.as_deref().unwrap_or(self.name())
    }

    /// The type, as it is written.
    pub fn kind_word(&self) -> &str {
        self.kind.get_ref()
    }

    /// The format's name, as it is written.
    pub fn format_name(&self) -> Option<&str> {
        self.format.as_ref().map(|format| format.get_ref().as_str())
    }

    /// The address that is asked, as it is written.
    pub fn endpoint(&self) -> &str {
        self.endpoint.get_ref()
    }

    /// The category that the entry itself names; those of the catalog are in the category of their file.
    pub fn category(&self) -> Option<&str> {
        self.category.as_ref().map(|category| category.get_ref().as_str())
    }

    /// The status page for people.
    pub fn homepage(&self) -> Option<&str> {
        self.homepage.as_ref().map(|homepage| homepage.get_ref().as_str())
    }

    /// Other names it goes by.
    pub fn aliases(&self) -> impl Iterator<Item = &str> {
        self.aliases.iter().map(|alias| alias.get_ref().as_str())
    }

    /// The month (`2026-09`) in which the source was last seen to answer so.
    pub fn evidence(&self) -> Option<&str> {
        self.evidence.as_ref().map(|evidence| evidence.get_ref().as_str())
    }

    /// What its reader should know beyond all that.
    pub fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }

    /// How often it is asked, where the entry says so.
    pub fn every(&self) -> Option<&str> {
        self.every.as_ref().map(|every| every.get_ref().as_str())
    }

    /// The shortest interval that is polite to this source, where it is longer than what binds all. (That it is an
    /// interval, [`build`](Self::build) checks.)
    pub fn floor(&self) -> Option<Duration> {
        interval::parse(self.floor.as_ref()?.get_ref()).ok()
    }

    /// The globs of the services that are kept; all where there are none.
    pub fn include(&self) -> &[String] {
        self.include.as_ref().map_or(&[], |globs| globs.get_ref())
    }

    /// The globs of the services that are left out.
    pub fn exclude(&self) -> &[String] {
        self.exclude.as_ref().map_or(&[], |globs| globs.get_ref())
    }

    /// Whether most teams would miss it first.
    pub fn is_recommended(&self) -> bool {
        self.recommended
    }

    /// Whether the evidence behind the entry is weak: no recorded document, or one source alone.
    pub fn is_unverified(&self) -> bool {
        self.unverified
    }

    /// The first secret that it needs and that cannot be had; then it is not configured, and asked for nothing.
    pub fn missing_secret(&self, secrets: &Secrets) -> Option<SecretError> {
        self.missing_secrets(secrets).into_iter().next()
    }

    /// All secrets that it needs and that cannot be had, each once.
    pub fn missing_secrets(&self, secrets: &Secrets) -> Vec<SecretError> {
        let address = Template::parse(self.endpoint()).ok();
        let auth = self.auth().ok().flatten();
        let probe: Vec<_> = self.probe.iter().flat_map(|probe| probe.get_ref().templates()).collect();
        let templates = address.iter().chain(auth.iter().flat_map(Auth::templates)).chain(&probe);
        let mut told = BTreeSet::new();
        let names = templates.flat_map(Template::names).filter(|name| told.insert(*name));
        names.filter_map(|name| secrets.get(name).err()).collect()
    }

    /// The format that reads the target's answers.
    ///
    /// # Errors
    /// All faults of what decides it.
    pub fn format(&self) -> Result<Arc<dyn Format>, Vec<SpecError>> {
        let row = self.kind().and_then(|kind| self.format_row(kind));
        row.and_then(|row| self.build_format(row)).map_err(|fault| vec![fault])
    }

    /// The target this describes, asked no more often than `floor`, or than its own floor where that is longer.
    /// `category` is the one whose file it stands in; its own goes before.
    ///
    /// # Errors
    /// All faults of the entry.
    pub fn build(&self, floor: Duration, category: Option<&str>) -> Result<Configured, Vec<SpecError>> {
        let mut faults = Vec::new();
        let kind = keep(&mut faults, self.kind());
        let asked = match kind {
            Some(kind) if kind.is_probe() => self.measured(kind, &mut faults).map(Asked::Measured),
            kind => self.source(kind, &mut faults).map(|(row, source)| Asked::Read(row, source)),
        };
        let every = keep(&mut faults, interval_of("every", self.every.as_ref()));
        let own_floor = keep(&mut faults, interval_of("floor", self.floor.as_ref()));
        keep(&mut faults, self.check_name());
        keep(&mut faults, self.check_about());
        let (Some(kind), Some(asked), Some(every), Some(own_floor), true) =
            (kind, asked, every, own_floor, faults.is_empty())
        else {
            return Err(faults);
        };
        let floor = own_floor.map_or(floor, |own| own.max(floor));
        let identity = Identity {
            name: self.name().to_owned(),
            endpoint: self.endpoint.get_ref().clone(),
            kind,
            about: self.about(category),
            every,
            floor,
        };
        Ok(match asked {
            Asked::Measured(measured) => {
                let definition = self.probe_definition(&measured);
                Configured { target: measured.target(identity), format: "", definition }
            }
            Asked::Read(row, source) => {
                let definition = source.definition.clone();
                let target: Arc<dyn Target> = match kind {
                    Kind::Html => Arc::new(HtmlTarget::new(identity, source)),
                    Kind::Rss => Arc::new(RssTarget::new(identity, source)),
                    // Probes are measured.
                    _ => Arc::new(RestTarget::new(identity, source)),
                };
                Configured { target, format: row.name, definition }
            }
        })
    }

    /// How a source is asked and read; `None` where there are faults, or its type is unknown.
    fn source(&self, kind: Option<Kind>, faults: &mut Vec<SpecError>) -> Option<(&'static FormatRow, Source)> {
        let row = kind.and_then(|kind| keep(faults, self.format_row(kind)));
        let format = row.and_then(|row| keep(faults, self.build_format(row)));
        faults.extend(row.map(|row| self.idle_mappings(row)).unwrap_or_default());
        let filter = keep(faults, self.filter());
        let address = keep(faults, address("endpoint", &self.endpoint));
        let auth = keep(faults, self.auth());
        if let (Some(probe), Some(kind)) = (&self.probe, kind) {
            let problem = format!("a {kind} target is read, not measured");
            faults.push(SpecError::at(probe, "probe", problem, "it at a PING, TCP or HTTP target"));
        }
        let (address, auth, format, filter) = (address?, auth?, format?, Arc::new(filter?));
        Some((row?, Source { address, auth, format, filter, definition: self.definition() }))
    }

    /// What a probe measures; `None` where there are faults.
    fn measured(&self, kind: Kind, faults: &mut Vec<SpecError>) -> Option<Measured> {
        faults.extend(self.keys_of_sources().into_iter().map(|(key, span)| {
            let problem = format!("a {kind} target is measured, and reads no document");
            let expected = match key {
                "auth" => "probe.headers = { Authorization = \"Bearer ${NAME}\" } at an HTTP target",
                _ => "it at a REST, HTML or RSS target",
            };
            SpecError { span, key: key.to_owned(), problem, expected: expected.to_owned() }
        }));
        let usual = ProbeSpec::default();
        self.probe.as_ref().map_or(&usual, Spanned::get_ref).compile(kind, &self.endpoint, faults)
    }

    /// The parts of a mapping of the user's own that this format would not look at.
    fn idle_mappings(&self, row: &FormatRow) -> Vec<SpecError> {
        let is_idle = |key: &str| match key {
            "words" | "covers" => !row.is_mapped(),
            "jq" | "selectors" | "rules" => key != row.name,
            _ => false,
        };
        let idle = self.keys_of_sources().into_iter().filter(|(key, _)| is_idle(key));
        idle.map(|(key, span)| {
            let problem = format!("the format {} reads its documents without it", row.name);
            let expected = match key {
                "words" | "covers" => "it where the format is jq, selectors or rules".to_owned(),
                _ => format!("it where the format is {key}"),
            };
            SpecError { span, key: key.to_owned(), problem, expected }
        })
        .collect()
    }

    /// The keys that say how a document is fetched and read, as far as they are given.
    fn keys_of_sources(&self) -> Vec<(&'static str, Range<usize>)> {
        // These two have no place of their own.
        let name = |is_given: bool| is_given.then(|| self.name.span());
        [
            ("format", self.format.as_ref().map(Spanned::span)),
            ("auth", self.auth.as_ref().map(Spanned::span)),
            ("include", self.include.as_ref().map(Spanned::span)),
            ("exclude", self.exclude.as_ref().map(Spanned::span)),
            ("jq", self.jq.as_ref().map(Spanned::span)),
            ("selectors", self.selectors.as_ref().map(Spanned::span)),
            ("rules", self.rules.as_ref().map(Spanned::span)),
            ("words", name(!self.words.is_empty())),
            ("covers", name(self.covers.is_some())),
        ]
        .into_iter()
        .filter_map(|(key, span)| Some((key, span?)))
        .collect()
    }

    /// What people want to know of it.
    fn about(&self, category: Option<&str>) -> About {
        About {
            title: self.title.clone(),
            category: self.category().or(category).map(str::to_owned),
            homepage: self.homepage().map(str::to_owned),
            server: None,
        }
    }

    fn check_name(&self) -> Result<(), SpecError> {
        check_name("name", &self.name)
    }

    /// Checks what is told about the target, and decides nothing.
    fn check_about(&self) -> Result<(), SpecError> {
        for alias in &self.aliases {
            check_name("aliases", alias)?;
        }
        if let Some(category) = &self.category {
            check_name("category", category)?;
        }
        if let Some(homepage) = &self.homepage {
            check_address("homepage", homepage, homepage.get_ref())?;
        }
        match &self.evidence {
            Some(month) if NaiveDate::parse_from_str(&format!("{}-01", month.get_ref()), "%Y-%m-%d").is_err() => {
                let problem = format!("\"{}\" is not a month", month.get_ref());
                Err(SpecError::at(month, "evidence", problem, "a year and a month such as \"2026-09\""))
            }
            _ => Ok(()),
        }
    }

    fn kind(&self) -> Result<Kind, SpecError> {
        let word = self.kind.get_ref();
        word.parse().map_err(|_| {
            let expected = "REST, HTML, RSS, PING, TCP or HTTP";
            SpecError::at(&self.kind, "type", format!("\"{word}\" is not a type"), expected)
        })
    }

    fn format_row(&self, kind: Kind) -> Result<&'static FormatRow, SpecError> {
        if kind.is_probe() {
            let problem = format!("a {kind} target is measured, and reads no document");
            return Err(SpecError::at(&self.kind, "type", problem, "REST, HTML or RSS"));
        }
        let accepted = || formats(kind).iter().map(|row| row.name).collect::<Vec<_>>().join(", ");
        let Some(format) = &self.format else {
            return Err(SpecError::at(&self.kind, "format", format!("a {kind} target needs a format"), accepted()));
        };
        let name = format.get_ref();
        find_format(kind, name)
            .ok_or_else(|| SpecError::at(format, "format", format!("\"{name}\" is not a {kind} format"), accepted()))
    }

    fn build_format(&self, row: &'static FormatRow) -> Result<Arc<dyn Format>, SpecError> {
        let mapping = Mapping {
            jq: self.jq.as_ref().map(|jq| jq.get_ref().clone()),
            selectors: self.selectors.as_ref().map(|selectors| selectors.get_ref().clone()),
            rules: self.rules.as_ref().map(|rules| rules.get_ref().clone()),
            words: self.words.clone(),
            coverage: self.covers,
        };
        row.build(&mapping).map_err(|MappingError { key, problem, expected }| {
            let span = match key.split(['.', '[']).next() {
                Some("jq") => self.jq.as_ref().map(Spanned::span),
                Some("selectors") => self.selectors.as_ref().map(Spanned::span),
                Some("rules") => self.rules.as_ref().map(Spanned::span),
                _ => None,
            };
            let span = span.or_else(|| self.format.as_ref().map(Spanned::span)).unwrap_or_else(|| self.name.span());
            SpecError { span, key, problem, expected }
        })
    }

    fn filter(&self) -> Result<Filter, SpecError> {
        let globs = |list: &Option<Spanned<Vec<String>>>| list.as_ref().map(|list| list.get_ref().clone());
        let (include, exclude) = (globs(&self.include).unwrap_or_default(), globs(&self.exclude).unwrap_or_default());
        Filter::new(&include, &exclude).map_err(|error| {
            let bad = error.glob().unwrap_or_default().to_owned();
            let (key, list) =
                if include.contains(&bad) { ("include", &self.include) } else { ("exclude", &self.exclude) };
            let span = list.as_ref().map_or_else(|| self.name.span(), Spanned::span);
            let problem = format!("\"{bad}\" is not a glob: {}", error.kind());
            SpecError { span, key: key.to_owned(), problem, expected: "globs such as \"Git *\"".to_owned() }
        })
    }

    fn auth(&self) -> Result<Option<Auth>, SpecError> {
        let Some(auth) = &self.auth else { return Ok(None) };
        auth.get_ref().compile().map(Some).map_err(|AuthFault { key, problem, expected }| SpecError {
            span: auth.span(),
            key: format!("auth{key}"),
            problem,
            expected: expected.to_owned(),
        })
    }

    /// Hashes all that decides what is measured, and how it is called.
    fn probe_definition(&self, measured: &Measured) -> String {
        let mut hasher = DefaultHasher::new();
        env!("CARGO_PKG_VERSION").hash(&mut hasher);
        (self.kind.get_ref(), self.endpoint.get_ref(), self.title()).hash(&mut hasher);
        for written in [&self.every, &self.floor] {
            written.as_ref().map(Spanned::get_ref).hash(&mut hasher);
        }
        format!("{measured:?}").hash(&mut hasher);
        format!("{:016x}", hasher.finish())
    }

    /// Hashes all that decides how a document is read, and the version that reads it.
    fn definition(&self) -> String {
        let mut hasher = DefaultHasher::new();
        env!("CARGO_PKG_VERSION").hash(&mut hasher);
        let plain = |text: &Option<Spanned<String>>| text.as_ref().map(|text| text.get_ref().clone());
        (self.kind.get_ref(), plain(&self.format), self.endpoint.get_ref()).hash(&mut hasher);
        (plain(&self.every), plain(&self.floor)).hash(&mut hasher);
        for globs in [&self.include, &self.exclude] {
            globs.as_ref().map(Spanned::get_ref).hash(&mut hasher);
        }
        plain(&self.jq).hash(&mut hasher);
        let selectors = self.selectors.as_ref().map(Spanned::get_ref);
        let rules = self.rules.as_ref().map(Spanned::get_ref);
        let auth = self.auth.as_ref().map(Spanned::get_ref);
        format!("{selectors:?} {rules:?} {:?} {:?} {auth:?}", self.words, self.covers).hash(&mut hasher);
        format!("{:016x}", hasher.finish())
    }
}

/// How a target is asked.
enum Asked {
    /// Its documents are fetched and read.
    Read(&'static FormatRow, Source),
    /// It is measured.
    Measured(Measured),
}

/// What a target may be called.
pub const NAME_ACCEPTED: &str = "1 to 64 characters of a-z, 0-9 and -";

/// Whether a target may be called so.
pub fn is_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

fn check_name(key: &str, written: &Spanned<String>) -> Result<(), SpecError> {
    let name = written.get_ref();
    if is_name(name) {
        return Ok(());
    }
    Err(SpecError::at(written, key, format!("\"{name}\" cannot be a target's name"), NAME_ACCEPTED))
}

/// An address that may have `${NAME}`s in it.
fn address(key: &str, written: &Spanned<String>) -> Result<Template, SpecError> {
    let template = Template::parse(written.get_ref()).map_err(|problem| {
        let problem = format!("\"{}\" has {problem}", written.get_ref());
        SpecError::at(written, key, problem, "${NAME} where a variable's value belongs")
    })?;
    // Where its beginning comes from a variable, nothing can be said of it yet.
    if written.get_ref().starts_with("${") {
        return Ok(template);
    }
    // A word can stand wherever a variable's value can, but for a port; a digit there.
    let [word, digit] =
        ["x", "1"].map(|value| template.fill_with(|_| Ok::<_, Infallible>(value.to_owned())).unwrap_or_default());
    let url = |text: &str| Url::parse(text).ok();
    check_address(key, written, if url(&word).is_some() { &word } else { &digit })?;
    let password = |text: &str| url(text).and_then(|url| url.password().map(str::to_owned));
    if password(&digit).is_some() && password(&digit) == password(&word) {
        let expected = "auth = { basic = { username = \"…\", password = \"${NAME}\" } }";
        return Err(SpecError::at(written, key, "it holds a password itself", expected));
    }
    Ok(template)
}

fn check_address(key: &str, written: &Spanned<String>, address: &str) -> Result<(), SpecError> {
    if Url::parse(address).is_ok_and(|url| is_web_address(&url)) {
        return Ok(());
    }
    // What stands before an @ may be a password.
    let shown = if written.get_ref().contains('@') { "it".to_owned() } else { format!("\"{}\"", written.get_ref()) };
    let problem = format!("{shown} is not a web address");
    Err(SpecError::at(written, key, problem, "an absolute http:// or https:// address"))
}

fn interval_of(key: &str, written: Option<&Spanned<String>>) -> Result<Option<Duration>, SpecError> {
    let Some(written) = written else { return Ok(None) };
    interval::parse(written.get_ref()).map(Some).map_err(|_| {
        let problem = format!("\"{}\" is not an interval", written.get_ref());
        SpecError::at(written, key, problem, interval::ACCEPTED)
    })
}

/// The value, or `None` with the fault kept.
fn keep<T>(faults: &mut Vec<SpecError>, result: Result<T, SpecError>) -> Option<T> {
    result.map_err(|fault| faults.push(fault)).ok()
}
