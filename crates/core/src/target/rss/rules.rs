//! The user's own rules: how a feed that no built-in format knows is read.
//!
//! Entries are grouped into incidents; the newest entry of each says whether it is still open, how bad it is, and
//! which services it names. Say an intranet keeps a feed of items such as
//!
//! ```xml
//! <item><title>[Mail] Messages are delayed</title><category>fra1</category><guid>…/42</guid>
//!   <description>Level: minor. We are looking into it.</description></item>
//! <item><title>[Wiki] Closed: Search is down</title>…</item>
//! ```
//!
//! These rules read it as `Mail` in `fra1`, `Degraded`, and `Wiki`, `OK`:
//!
//! ```toml
//! [[target]]
//! name = "intranet"
//! type = "RSS"
//! format = "rules"
//! endpoint = "https://intranet.example/status.rss"
//! words = { minor = "Degraded", major = "Outage", none = "OK", planned = "maintenance" }
//!
//! [target.rules]
//! expect_title = '^Intranet status'
//! service = { from = "title", pattern = '^\[(?<service>[^\]]+)\]' }
//! region = { from = "category", pattern = '^(?<region>[a-z]{3}\d)$' }
//! closed = [{ from = "title", pattern = 'Closed:' }]
//! state = [{ from = "body", pattern = 'Level: (?<word>\w+)' }]
//! ```
//!
//! Without `covers` the feed is taken as open-only: what it does not name is well.

mod compiled;
mod spec;

use std::cmp::Reverse;
use std::sync::Arc;

use compiled::{Pattern, State};
use regex::Regex;
pub use spec::{Field, Order, PatternSpec, RulesSpec, StateSpec};

use super::feed::{Entry, Feed, newest_updates};
use super::tally::{Claim, Tally, grouped, in_each_region};
use crate::schema::{Incident, IncidentKind, IncidentState, Service, dimension_names, truncate};
use crate::target::explain::{Recorder, SHOWN};
use crate::target::{
    Coverage, Document, Explanation, Format, Mapping, MappingError, Meaning, ParseError, Part, Report, WordTable,
};

/// The rules of a target, ready to read with.
struct Rules {
    expect_title: Option<Regex>,
    service: Option<Pattern>,
    region: Option<Pattern>,
    group_by: Option<Pattern>,
    order: Order,
    closed: Vec<Pattern>,
    state: Vec<State>,
    open: Meaning,
    words: WordTable,
    coverage: Coverage,
}

/// Compiles a target's rules.
///
/// # Errors
/// [`MappingError`] if there are none, or if one is no regular expression or lacks the group it needs.
pub(super) fn compile(mapping: &Mapping) -> Result<Arc<dyn Format>, MappingError> {
    let spec = mapping.rules.as_ref().ok_or_else(|| MappingError {
        key: "rules".to_owned(),
        problem: "missing".to_owned(),
        expected: "a table of rules, at the least an empty one".to_owned(),
    })?;
    Ok(Arc::new(Rules {
        expect_title: spec
            .expect_title
            .as_deref()
            .map(|title| compiled::regex("rules.expect_title", title))
            .transpose()?,
        service: Pattern::optional("rules.service", spec.service.as_ref(), "service")?,
        region: Pattern::optional("rules.region", spec.region.as_ref(), "region")?,
        group_by: Pattern::optional("rules.group_by", spec.group_by.as_ref(), "group")?,
        order: spec.order,
        closed: Pattern::list("rules.closed", &spec.closed)?,
        state: State::list("rules.state", &spec.state)?,
        open: spec.open.unwrap_or(Meaning::DEGRADED),
        words: mapping.words.clone(),
        coverage: mapping.coverage.unwrap_or(Coverage::OpenOnly),
    }))
}

impl Format for Rules {
    fn parse(&self, document: &Document<'_>) -> Result<Report, ParseError> {
        self.read(document, &mut Recorder::default())
    }

    fn explain(&self, parts: &[Part<'_>]) -> Explanation {
        Explanation::of(parts, |document, recorder| self.read(document, recorder))
    }
}

impl Rules {
    fn read(&self, document: &Document<'_>, recorder: &mut Recorder) -> Result<Report, ParseError> {
        let feed = Feed::read(document)?;
        if let Some(expected) = &self.expect_title
            && !expected.is_match(&feed.title)
        {
            return Err(ParseError::unrecognised(format!(
                "a feed titled \"{}\", where one was expected that rules.expect_title `{}` matches",
                truncate(&feed.title, SHOWN),
                truncate(expected.as_str(), SHOWN)
            )));
        }
        let mut report = Report::new(self.coverage);
        let mut tally = Tally::default();
        let groups = grouped((1..).zip(&feed.entries).map(|(number, entry)| (self.group(entry), (number, entry))));
        for (key, mut entries) in groups {
            if self.order == Order::OldestFirst {
                entries.reverse();
            }
            // Stable: what bears no date, or the same, keeps its order.
            entries.sort_by_key(|(_, entry)| Reverse(entry.touched_at()));
            let Some(&(number, newest)) = entries.first() else { continue };
            begin(recorder, number, newest, &key);
            let services = self.services(&feed, newest, recorder)?;
            if services.is_empty() {
                recorder.outcome(|| "an announcement: it names no service".to_owned());
            } else {
                let meaning = self.meaning(newest, &mut report, recorder);
                let open = (meaning != Meaning::OK).then_some(meaning);
                recorder.outcome(|| outcome(&services, open));
                let posts: Vec<&Entry> = entries.iter().map(|&(_, entry)| entry).collect();
                report.incidents.push(incident(&key, &posts, &services, open));
                for service in services {
                    tally.add(service, Claim { incident: &key, open, at: newest.touched_at() })?;
                }
            }
            for (older, entry) in entries.into_iter().skip(1) {
                begin(recorder, older, entry, &key);
                recorder.outcome(|| format!("entry {number} is newer and of the same group"));
            }
        }
        report.services = tally.into_services();
        match &self.service {
            // One entry without a service is an announcement; a feed of them is a feed that has changed its shape.
            Some(pattern) if report.services.is_empty() && !feed.entries.is_empty() => {
                Err(pattern.matched_nothing("rules.service", &feed).into())
            }
            _ => Ok(report),
        }
    }

    fn group(&self, entry: &Entry) -> String {
        let by_rule = self.group_by.as_ref().and_then(|pattern| pattern.captures(entry).into_iter().next());
        let own = [entry.id.as_str(), entry.link.as_deref().unwrap_or_default(), &entry.title];
        by_rule.or_else(|| own.into_iter().find(|id| !id.is_empty()).map(str::to_owned)).unwrap_or_default()
    }

    /// Every service that the entry names, in every region; the feed itself where no rule says how services are named.
    fn services(&self, feed: &Feed, entry: &Entry, recorder: &mut Recorder) -> Result<Vec<Service>, ParseError> {
        let names = match &self.service {
            Some(pattern) => {
                let names = pattern.captures(entry);
                recorder.found("service", || listed(&names));
                names
            }
            None => vec![if feed.title.is_empty() { "feed".to_owned() } else { feed.title.clone() }],
        };
        let regions = match &self.region {
            Some(pattern) => {
                let regions = pattern.captures(entry);
                recorder.found("region", || listed(&regions));
                regions
            }
            None => Vec::new(),
        };
        in_each_region(&names, &regions.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// What an entry means: OK by any rule for closed ones, else by the first rule for states that matches, else as an
    /// open one.
    fn meaning(&self, entry: &Entry, report: &mut Report, recorder: &mut Recorder) -> Meaning {
        if let Some(place) = self.closed.iter().position(|pattern| pattern.is_match(entry)) {
            recorder.found(&format!("closed[{place}]"), || "matches".to_owned());
            return Meaning::OK;
        }
        for (place, state) in self.state.iter().enumerate() {
            match state {
                State::Is { pattern, meaning } if pattern.is_match(entry) => {
                    recorder.found(&format!("state[{place}]"), || format!("matches, which means {meaning}"));
                    return *meaning;
                }
                State::Word { pattern } => {
                    let words = pattern.captures(entry);
                    let newest = if self.order == Order::OldestFirst { words.last() } else { words.first() };
                    if let Some(word) = newest {
                        let meaning = self.words.meaning(word);
                        recorder.word(&format!("state[{place}]"), word, meaning);
                        return report.note(word, meaning);
                    }
                }
                State::Is { .. } => {}
            }
        }
        recorder.found("open", || format!("no other rule matches, which means {}", self.open));
        self.open
    }
}

/// Begins the line of an entry.
fn begin(recorder: &mut Recorder, number: usize, entry: &Entry, group: &str) {
    recorder.piece(|| {
        let at = entry.touched_at().map(|at| format!(" of {at}")).unwrap_or_default();
        format!("entry {number}{at}, \"{}\"", truncate(&entry.title, SHOWN))
    });
    recorder.found("group", || format!("\"{}\"", truncate(group, SHOWN)));
}

fn listed(captured: &[String]) -> String {
    match captured {
        [] => "nothing".to_owned(),
        _ => captured.iter().map(|text| format!("\"{}\"", truncate(text, SHOWN))).collect::<Vec<_>>().join(", "),
    }
}

/// What an entry comes to, for people.
fn outcome(services: &[Service], open: Option<Meaning>) -> String {
    let name = |service: &Service| match service.dimensions.get(dimension_names::REGION) {
        Some(region) => format!("{} in {region}", service.name),
        None => service.name.clone(),
    };
    let names: Vec<_> = services.iter().map(name).collect();
    match open {
        Some(meaning) => format!("open: {meaning} for {}", names.join(", ")),
        None => format!("closed: OK for {}", names.join(", ")),
    }
}

/// One incident from its entries, newest first.
fn incident(key: &str, entries: &[&Entry], services: &[Service], open: Option<Meaning>) -> Incident {
    let newest = entries.first();
    let updated_at = newest.and_then(|entry| entry.touched_at());
    let (kind, state) = match open {
        Some(Meaning::Maintenance) => (IncidentKind::Maintenance, IncidentState::InProgress),
        Some(Meaning::Is(_)) => (IncidentKind::Incident, IncidentState::Investigating),
        None => (IncidentKind::Incident, IncidentState::Resolved),
    };
    Incident {
        key: key.to_owned(),
        kind,
        title: newest.map(|entry| truncate(&entry.title, 500)).unwrap_or_default(),
        state,
        impact: open.map(Meaning::status),
        started_at: entries.iter().filter_map(|entry| entry.published).min(),
        updated_at,
        resolved_at: updated_at.filter(|_| open.is_none()),
        url: newest.and_then(|entry| entry.url()),
        services: services.iter().map(|service| service.key.clone()).collect(),
        updates: newest_updates(entries.iter().map(|entry| entry.as_update(entry.touched_at(), None))),
    }
}

#[cfg(test)]
mod tests;
