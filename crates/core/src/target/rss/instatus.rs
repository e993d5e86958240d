//! Instatus' history feeds: `history.rss` and `history.atom`, the very paths of Statuspage's.
//!
//! An item per incident or maintenance; its body says which of the two it is, which components it affects, and runs its
//! updates together, each as `Sep 25, 15:15:00 GMT+0 - Label - text` (in Atom the label is marked up instead). Updates
//! stand oldest first in some feeds and newest first in others, so their dates decide. Those name no year; the item does,
//! by its own date, which is the start.
//!
//! A feed comes to the page *and* to components. To the page, because it tells of everything that is posted there; with
//! `Degraded` for what is only being watched too, as there is nothing else to say it with. To components, because it names
//! them. It names only those that something happened to, and forgets them with its oldest items: what it does not name
//! is well. It does not say how bad anything is.

use super::date;
use super::feed::{Entry, Feed, newest_updates, outside_brackets};
use super::history::{Sum, meaning, state};
use super::markup::FeedKind;
use super::tally::{Claim, Tally};
use crate::schema::{Incident, IncidentKind, IncidentState, IncidentUpdate, Service, Timestamp, plain_text, truncate};
use crate::target::{Document, ParseError, Report, whole};

/// The labels of an incident's updates and the states they bring.
const LABELS: [(&str, IncidentState); 4] = [
    ("Investigating", IncidentState::Investigating),
    ("Identified", IncidentState::Identified),
    ("Monitoring", IncidentState::Monitoring),
    ("Resolved", IncidentState::Resolved),
];

/// The same of a maintenance. `Identified` is both "planned" and "under way".
const MAINTENANCE_LABELS: [(&str, IncidentState); 7] = [
    ("Identified", IncidentState::Scheduled),
    ("Scheduled", IncidentState::Scheduled),
    ("In progress", IncidentState::InProgress),
    ("Verifying", IncidentState::InProgress),
    ("Monitoring", IncidentState::InProgress),
    ("Completed", IncidentState::Completed),
    ("Resolved", IncidentState::Completed),
];

/// How the title of every history feed ends. Statuspage writes the second word large.
const TITLE_SUFFIX: &str = " - Incident history";

const COMPONENTS: &str = "Affected Components:";
const MAINTENANCE: &str = "Type: Maintenance";

/// So long before its start a maintenance may be announced, in milliseconds. Dates without a year are looked for from
/// there on.
const NOTICE: i64 = 120 * 24 * 3_600_000;

/// Reads a history feed.
///
/// # Errors
/// [`ParseError`] if the document is no feed, or not one of Instatus'.
pub(super) fn parse(document: &Document<'_>) -> Result<Report, ParseError> {
    let feed = Feed::read(document)?;
    let items: Option<Vec<Item<'_>>> = feed.entries.iter().map(Item::read).collect();
    let items =
        items.filter(|items| is_instatus(&feed, items)).ok_or_else(|| feed.not_of("Instatus' history feeds"))?;

    let mut report = Report::open_only();
    let mut sum = Sum::default();
    let mut tally = Tally::default();
    for item in &items {
        let open = match item.state() {
            Some(state) => meaning(state),
            None => Some(report.unknown(item.posts.last().map_or("(no label)", |post| &post.label))),
        };
        let at = item.changed_at();
        sum.add(open, at);
        for name in &item.components {
            tally.add(Service::named(name, name), Claim { incident: item.id, open, at })?;
        }
        report.incidents.push(item.incident());
    }
    let name = feed.title.strip_suffix(TITLE_SUFFIX).unwrap_or(&feed.title);
    report.services.push(sum.into_page(name));
    report.services.extend(tally.into_services());
    Ok(report)
}

/// Items have an update of the family's; a page too new to have any is known by its title and by whose it says it is.
fn is_instatus(feed: &Feed, items: &[Item<'_>]) -> bool {
    if !items.is_empty() {
        return items
            .iter()
            .flat_map(|item| &item.posts)
            .any(|post| state(&LABELS, &post.label).or_else(|| state(&MAINTENANCE_LABELS, &post.label)).is_some());
    }
    let Some(name) = feed.title.strip_suffix(TITLE_SUFFIX) else { return false };
    match feed.kind {
        FeedKind::Rss => !feed.description.is_empty() && name.starts_with(&feed.description),
        FeedKind::Atom => feed.links.iter().any(|link| link.ends_with("/history.atom")),
    }
}

/// An incident or a maintenance.
struct Item<'a> {
    entry: &'a Entry,
    kind: IncidentKind,
    id: &'a str,
    /// The names of the components that it affects.
    components: Vec<String>,
    /// Oldest first.
    posts: Vec<Post>,
}

impl<'a> Item<'a> {
    /// Reads an entry; `None` if neither its link nor its id is Instatus'.
    fn read(entry: &'a Entry) -> Option<Self> {
        let (kind, id) = identity(entry)?;
        let mut text = plain_text(&entry.body);
        // Half of the tags in the RSS feed's HTML are escaped twice.
        if text.contains("</small>") {
            text = plain_text(&text);
        }
        let earliest = entry.published.and_then(|start| Timestamp::from_millis(start.as_millis() - NOTICE));
        let (head, posts) = posts(&text, earliest);
        let (head, components) = head.split_once(COMPONENTS).unwrap_or((head, ""));
        let is_planned = kind == IncidentKind::Maintenance || head.contains(MAINTENANCE);
        Some(Self {
            entry,
            kind: if is_planned { IncidentKind::Maintenance } else { IncidentKind::Incident },
            id,
            components: outside_brackets(components),
            posts,
        })
    }

    /// Its state by its newest update; `None` if nobody knows its label, which means that it is open.
    fn state(&self) -> Option<IncidentState> {
        self.posts.last().and_then(|post| self.state_of(post))
    }

    /// The state that an update brings.
    fn state_of(&self, post: &Post) -> Option<IncidentState> {
        if self.kind == IncidentKind::Incident {
            return state(&LABELS, &post.label);
        }
        let state = state(&MAINTENANCE_LABELS, &post.label)?;
        // The item's date is the planned start. What is posted from then on is no announcement any more.
        let has_begun = post.at.zip(self.entry.published).is_some_and(|(at, start)| at >= start);
        Some(if state == IncidentState::Scheduled && has_begun { IncidentState::InProgress } else { state })
    }

    /// When its state last changed: with its newest update, else with its start if that does not lie ahead.
    fn changed_at(&self) -> Option<Timestamp> {
        let is_ahead = self.state() == Some(IncidentState::Scheduled);
        self.posts.last().and_then(|post| post.at).or(self.entry.published.filter(|_| !is_ahead))
    }

    fn incident(&self) -> Incident {
        let state = self.state().unwrap_or(match self.kind {
            IncidentKind::Incident => IncidentState::Investigating,
            IncidentKind::Maintenance => IncidentState::InProgress,
        });
        let page = [whole::KEY.to_owned()];
        Incident {
            key: self.id.to_owned(),
            kind: self.kind,
            title: self.entry.title.clone(),
            state,
            impact: None,
            started_at: self.entry.published,
            updated_at: self.changed_at(),
            resolved_at: self.changed_at().filter(|_| state.is_closed()),
            url: self.entry.url(),
            services: if self.components.is_empty() { page.to_vec() } else { self.components.clone() },
            updates: newest_updates(self.posts.iter().rev().map(|post| IncidentUpdate {
                at: post.at,
                state: self.state_of(post),
                text: truncate(&post.text, IncidentUpdate::MAX_TEXT),
            })),
        }
    }
}

/// What an entry tells of, and its id, by its link (`…/incident/<id>`) or its own id (`tag:…:Incident/<id>`).
fn identity(entry: &Entry) -> Option<(IncidentKind, &str)> {
    const MARKS: [(&str, IncidentKind); 4] = [
        ("/incident/", IncidentKind::Incident),
        ("/maintenance/", IncidentKind::Maintenance),
        (":Incident/", IncidentKind::Incident),
        (":Maintenance/", IncidentKind::Maintenance),
    ];
    // Statuspage's are numbers where these begin with a letter.
    let is_id = |id: &str| {
        id.starts_with(|c: char| c.is_ascii_alphabetic()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    let addresses = [entry.link.as_deref().unwrap_or_default(), entry.id.as_str()];
    let ids = addresses
        .into_iter()
        .flat_map(|address| MARKS.iter().filter_map(move |&(mark, kind)| Some((kind, address.rsplit_once(mark)?.1))));
    ids.into_iter().find(|(_, id)| is_id(id))
}

/// One update.
struct Post {
    at: Option<Timestamp>,
    label: String,
    text: String,
}

/// What a text says before its first update, and its updates, oldest first.
fn posts(text: &str, from: Option<Timestamp>) -> (&str, Vec<Post>) {
    let stamps: Vec<Stamp<'_>> = text.match_indices(" GMT").filter_map(|(at, _)| Stamp::around(text, at)).collect();
    let ends = stamps.iter().skip(1).map(|next| next.start).chain([text.len()]);
    let post = |(stamp, end): (&Stamp<'_>, usize)| {
        let text = text.get(stamp.end..end).unwrap_or_default().trim();
        Post {
            at: from.and_then(|from| date::yearless(stamp.date, from)),
            label: stamp.label.to_owned(),
            // A full stop is put after every text, also after those that have theirs.
            text: text.strip_suffix("..").map_or(text.to_owned(), |text| format!("{text}.")),
        }
    };
    let mut posts: Vec<Post> = stamps.iter().zip(ends).map(post).collect();
    if posts.iter().all(|post| post.at.is_some()) {
        if posts.first().map(|post| post.at) > posts.last().map(|post| post.at) {
            posts.reverse();
        }
        // Stable: updates of one second keep their order.
        posts.sort_by_key(|post| post.at);
    }
    (text.get(..stamps.first().map_or(text.len(), |stamp| stamp.start)).unwrap_or_default(), posts)
}

/// What an update begins with: `Sep 25, 15:15:00 GMT+0 - Label - `, or without the first dash.
struct Stamp<'a> {
    start: usize,
    end: usize,
    date: &'a str,
    label: &'a str,
}

impl<'a> Stamp<'a> {
    /// The stamp whose zone begins at a place of a text; `None` if there is none around.
    fn around(text: &'a str, zone: usize) -> Option<Self> {
        /// No label is longer.
        const LONGEST: usize = 40;
        let (before, after) = text.split_at_checked(zone)?;
        let words: usize = before.rsplit(' ').take(3).map(|word| word.len() + 1).sum();
        let start = before.len().saturating_sub(words - 1);
        let date_end = zone + 1 + after.trim_start().find(' ')?;
        let date = text.get(start..date_end)?;
        let (day, time) = date.split_once(',').filter(|(_, time)| time.contains(" GMT+") || time.contains(" GMT-"))?;
        // A leap year has every day there is.
        date::parse(&format!("{day} 2024{time}"))?;
        let rest = text.get(date_end + 1..)?;
        let label = rest.strip_prefix("- ").unwrap_or(rest);
        let label_start = text.len() - label.len();
        let (label, _) = label.split_once(" -")?;
        let end = label_start + label.len() + " -".len();
        (label.len() <= LONGEST).then_some(Self { start, end, date, label: label.trim() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Status;

    /// An item: `incident` or `maintenance`, its id, the day of September 2026 it begins, the components and the updates.
    fn item(section: &str, id: &str, day: u32, components: &str, posts: &[(&str, &str)]) -> String {
        let posts: Vec<_> = posts.iter().map(|(date, label)| format!("{date} - {label} - Text of {label}.")).collect();
        let kind = if section == "incident" { "Incident" } else { "Maintenance" };
        format!(
            "<item><title>Item {id}</title><description>\n  Type: {kind}\n  Duration: 2 hours\n\n  Affected Components: \
             {components}\n  {}\n</description><pubDate>Fri, {day} Sep 2026 12:00:00 +0000</pubDate>\
             <link>https://status.acme.test/{section}/{id}</link></item>",
            posts.join(" ")
        )
    }

    fn rss(items: &str) -> String {
        format!(
            "<rss><channel><title>ACME Status - Incident history</title><link>https://status.acme.test</link>\
             <description>ACME</description>{items}</channel></rss>"
        )
    }

    fn read(document: &str) -> Result<Report, ParseError> {
        parse(&Document::new(document.as_bytes()))
    }

    fn rows(report: &Report) -> Vec<(&str, Status)> {
        report.services.iter().map(|service| (service.key.as_str(), service.status)).collect()
    }

    const FIRST: &str = "Sep 4, 12:00:00 GMT+0";
    const SECOND: &str = "Sep 4, 13:30:00 GMT+0";

    #[test]
    fn the_newest_label_is_the_state() {
        use IncidentState::{Completed, Identified, InProgress, Investigating, Monitoring, Resolved, Scheduled};
        let (ok, degraded, unknown) = (Status::Ok, Status::Degraded, Status::Unknown);
        let early = "Aug 28, 09:00:00 GMT+0";
        for (section, posts, state, status) in [
            ("incident", &[(FIRST, "Investigating")][..], Investigating, degraded),
            ("incident", &[(FIRST, "Investigating"), (SECOND, "identified")], Identified, degraded),
            ("incident", &[(FIRST, "Resolved"), (SECOND, "Monitoring")], Monitoring, degraded),
            ("incident", &[(FIRST, "Investigating"), (SECOND, "Resolved")], Resolved, ok),
            ("incident", &[(SECOND, "Resolved"), (FIRST, "Investigating")], Resolved, ok),
            ("incident", &[(FIRST, "Investigating"), (FIRST, "Resolved")], Resolved, ok),
            ("incident", &[(FIRST, "Investigating"), (SECOND, "Puzzled")], Investigating, unknown),
            ("incident", &[(FIRST, "Investigating"), (SECOND, "Completed")], Investigating, unknown),
            ("maintenance", &[(early, "Identified")], Scheduled, ok),
            ("maintenance", &[(early, "Identified"), (FIRST, "Identified")], InProgress, degraded),
            ("maintenance", &[(early, "Identified"), (FIRST, "Verifying")], InProgress, degraded),
            ("maintenance", &[(early, "Scheduled"), (early, "In progress")], InProgress, degraded),
            ("maintenance", &[(FIRST, "Identified"), (SECOND, "Completed")], Completed, ok),
        ] {
            let report = read(&rss(&item(section, "cmuh4kc8h", 4, "App", posts))).unwrap();
            assert_eq!(rows(&report), [("page", status), ("App", status)], "{posts:?}");
            let incident = &report.incidents[0];
            assert_eq!((incident.state, incident.resolved_at.is_some()), (state, state.is_closed()), "{posts:?}");
            assert_eq!(incident.kind == IncidentKind::Maintenance, section == "maintenance");
            for service in &report.services {
                let is_planned = status == degraded && section == "maintenance";
                assert_eq!(service.dimensions.contains_key("maintenance"), is_planned, "{posts:?}");
            }
            assert_eq!(report.unknown_words.len(), usize::from(status == unknown), "{posts:?}");
        }
    }

    #[test]
    fn the_page_and_the_components_are_as_bad_as_what_is_open() {
        let items = item("incident", "c4", 24, "API (a, b), App", &[("Sep 24, 12:00:00 GMT+0", "Resolved")])
            + &item("maintenance", "c3", 20, "Jobs", &[("Sep 20, 14:00:00 GMT+2", "Identified")])
            + &item("incident", "c2", 4, "App, Web", &[(FIRST, "Investigating"), (SECOND, "Monitoring")])
            + &item("incident", "c1", 2, ", , ", &[("Sep 2, 12:00:00 GMT+0", "Resolved")]);
        let report = read(&rss(&items)).unwrap();
        let (ok, degraded) = (Status::Ok, Status::Degraded);
        assert_eq!(
            rows(&report),
            [("page", degraded), ("API (a, b)", ok), ("App", degraded), ("Jobs", degraded), ("Web", degraded)]
        );
        let page = &report.services[0];
        assert_eq!((page.name.as_str(), page.dimensions.len()), ("ACME Status", 1), "not all of it is planned");
        assert_eq!(page.last_timestamp.unwrap().to_string(), "2026-09-20T12:00:00.000Z");
        let app = &report.services[2];
        assert_eq!(app.dimensions["incident"], "c2".into());
        assert_eq!(app.last_timestamp.unwrap().to_string(), "2026-09-04T13:30:00.000Z");
        assert_eq!(report.services[3].dimensions["maintenance"], true.into());
        let named: Vec<_> = report.incidents.iter().map(|incident| incident.services.join("|")).collect();
        assert_eq!(named, ["API (a, b)|App", "Jobs", "App|Web", "page"]);
    }

    #[test]
    fn updates_run_together_are_told_apart_and_newest_first() {
        let posts = [(FIRST, "Investigating"), (SECOND, "Resolved")];
        let report = read(&rss(&item("incident", "c1", 4, "App", &posts))).unwrap();
        let incident = &report.incidents[0];
        let told: Vec<_> =
            incident.updates.iter().map(|update| (update.state.unwrap(), update.text.as_str())).collect();
        assert_eq!(
            told,
            [(IncidentState::Resolved, "Text of Resolved."), (IncidentState::Investigating, "Text of Investigating.")]
        );
        assert_eq!(incident.started_at.unwrap().to_string(), "2026-09-04T12:00:00.000Z");
        assert_eq!(incident.resolved_at.unwrap().to_string(), "2026-09-04T13:30:00.000Z");

        let (head, posts) = posts_of(
            "x Sep 4, 10:00 GMT+0 - no - Dec 31, 23:00:00 GMT-5 - Investigating - at 1 - 2 GMT-3 - so. \
            Jan 1, 09:00:00 GMT+0 - Resolved -",
        );
        assert_eq!(head, "x");
        let told: Vec<_> = posts.iter().map(|post| (post.label.as_str(), post.text.as_str())).collect();
        assert_eq!(told, [("no", ""), ("Investigating", "at 1 - 2 GMT-3 - so."), ("Resolved", "")]);
        assert_eq!(posts[2].at.unwrap().to_string(), "2027-01-01T09:00:00.000Z");
    }

    fn posts_of(text: &str) -> (String, Vec<Post>) {
        let (head, posts) = posts(text, date::parse("2026-08-01T00:00:00Z"));
        (head.trim().to_owned(), posts)
    }

    #[test]
    fn atom_marks_the_label_up_and_may_escape_it_twice() {
        let body = "<p><strong>Type:</strong> Maintenance</p><p><strong>Affected Components:</strong> App</p>\
            <p><small>Jul <var data-var='date'> 19</var>, <var data-var='time'>06:07:55</var> GMT+0</small><br />\
            <strong>Completed</strong> -\n  All done..</p><p><small>Jul <var data-var='date'> 8</var>, <var \
            data-var='time'>07:24:48</var> GMT+0</small><br /><strong>Identified</strong> - We plan to.</p>";
        let twice = body.replace("<p><small>", "&lt;p&gt;&lt;small&gt;").replace("</small>", "&lt;/small&gt;");
        for body in [body, &twice] {
            let atom = format!(
                "<feed><title>ACME - Incident history</title><entry><title>Upgrade</title>\
                 <id>tag:status.acme.test,2005:Maintenance/cmrbr5ynx</id><published>2026-07-19T06:00:00.000+00:00</published>\
                 <updated>2026-07-08T07:24:48.978+00:00</updated><content type=\"html\"><![CDATA[{body}]]></content></entry></feed>"
            );
            let report = read(&atom).unwrap();
            assert_eq!(rows(&report), [("page", Status::Ok), ("App", Status::Ok)]);
            let incident = &report.incidents[0];
            assert_eq!((incident.key.as_str(), incident.state), ("cmrbr5ynx", IncidentState::Completed));
            assert_eq!(
                incident.updates.iter().map(|u| u.text.as_str()).collect::<Vec<_>>(),
                ["All done.", "We plan to."]
            );
            assert_eq!(report.services[0].last_timestamp.unwrap().to_string(), "2026-07-19T06:07:55.000Z");
            assert_eq!(incident.updates[1].at.unwrap().to_string(), "2026-07-08T07:24:48.000Z");
        }
    }

    #[test]
    fn look_alikes_are_refused_and_a_new_page_is_not() {
        let new = read(&rss("")).unwrap();
        assert_eq!(rows(&new), [("page", Status::Ok)]);
        let good = item("incident", "cmuh4kc8h", 4, "App", &[(FIRST, "Resolved")]);
        let twist = |from: &str, to: &str| rss(&good).replace(from, to);
        for (what, document) in [
            ("Statuspage", twist("/incident/", "/incidents/")),
            (
                "Statuspage's Atom",
                twist("https://status.acme.test/incident/cmuh4kc8h", "tag:status.acme.test,2005:Incident/30463506"),
            ),
            ("Checkly", twist(" GMT+0", "")),
            (
                "status.io",
                twist("/incident/cmuh4kc8h", "/pages/incident/533c6539221ae15e3f000031/6a216c468614df05b0372d0d"),
            ),
            ("other labels", twist("Resolved", "Archived")),
            ("Statuspage, empty", rss("").replace("history", "History")),
            ("nobody's, empty", rss("").replace("<description>ACME</description>", "")),
        ] {
            let error = read(&document).unwrap_err();
            assert!(matches!(&error, ParseError::Unrecognised(said) if said.contains("Instatus")), "{what}: {error}");
        }
    }
}
