//! status.io's feeds: `/pages/<page id>/rss` on the page's own host.
//!
//! An item per incident or maintenance, which its link tells apart; its updates stand oldest first, so the last label is
//! its state. The feed knows no components and comes to one service, the page, as Statuspage's feeds do.

use super::date;
use super::feed::{Entry, Feed, newest_updates, update};
use super::history::{Block, Sum, blocks, meaning, state};
use super::markup::FeedKind;
use crate::schema::{Incident, IncidentKind, IncidentState, Timestamp};
use crate::target::{Document, ParseError, Report, whole};

/// The labels of updates and the states they bring: of incidents, then of maintenances.
const LABELS: [(&str, IncidentState); 8] = [
    ("Investigating", IncidentState::Investigating),
    ("Identified", IncidentState::Identified),
    ("Monitoring", IncidentState::Monitoring),
    ("Resolved", IncidentState::Resolved),
    ("Scheduled", IncidentState::Scheduled),
    ("Active", IncidentState::InProgress),
    ("In Progress", IncidentState::InProgress),
    ("Completed", IncidentState::Completed),
];

/// How the title of every feed ends, after the page's own.
const TITLE_SUFFIX: &str = " Page";

/// Reads a feed.
///
/// # Errors
/// [`ParseError`] if the document is no feed, or not one of status.io's.
pub(super) fn parse(document: &Document<'_>) -> Result<Report, ParseError> {
    let feed = Feed::read(document)?;
    let items: Option<Vec<Item<'_>>> = feed.entries.iter().map(Item::read).collect();
    let items = items.filter(|items| is_statusio(&feed, items)).ok_or_else(|| feed.not_of("status.io's feeds"))?;

    let mut report = Report::complete();
    let mut sum = Sum::default();
    for item in &items {
        let open = match item.state {
            Some(state) => meaning(state),
            None => Some(report.unknown(item.blocks.last().map_or("(no label)", |block| block.label))),
        };
        sum.add(open, item.changed_at());
        report.incidents.push(item.incident());
    }
    let name = feed.title.strip_suffix(TITLE_SUFFIX).unwrap_or(&feed.title);
    report.services.push(sum.into_page(feed.page_name(name)));
    Ok(report)
}

/// Items have the links and a label of the family; a page too new to have any leads to itself by its id.
fn is_statusio(feed: &Feed, items: &[Item<'_>]) -> bool {
    let leads_to_page = |link: &String| link.split_once("/pages/").is_some_and(|(_, path)| path.split('/').any(is_id));
    if items.is_empty() {
        return feed.kind == FeedKind::Rss && feed.links.iter().any(leads_to_page);
    }
    items.iter().flat_map(|item| &item.blocks).any(|block| state(&LABELS, block.label).is_some())
}

/// An incident or a maintenance.
struct Item<'a> {
    entry: &'a Entry,
    kind: IncidentKind,
    id: &'a str,
    /// Oldest first.
    blocks: Vec<Block<'a>>,
    /// Its state; `None` if nobody knows its label, which means that it is open.
    state: Option<IncidentState>,
}

impl<'a> Item<'a> {
    /// Reads an entry; `None` if its link is not `…/pages/incident/<page>/<id>` or `…/pages/maintenance/<page>/<id>`.
    fn read(entry: &'a Entry) -> Option<Self> {
        let (_, path) = entry.link.as_deref()?.split_once("/pages/")?;
        let (kind, page, id) = match *path.trim_end_matches('/').split('/').collect::<Vec<_>>().as_slice() {
            ["incident", page, id] => (IncidentKind::Incident, page, id),
            ["maintenance", page, id] => (IncidentKind::Maintenance, page, id),
            _ => return None,
        };
        if !(is_id(page) && is_id(id)) {
            return None;
        }
        let blocks = blocks(&entry.body, "b");
        let state = blocks.last().and_then(|block| state(&LABELS, block.label));
        Some(Self { entry, kind, id, blocks, state })
    }

    /// When its state last changed. None for what lies ahead: that it was announced changed nothing.
    fn changed_at(&self) -> Option<Timestamp> {
        self.entry.published.filter(|_| self.state != Some(IncidentState::Scheduled))
    }

    fn incident(&self) -> Incident {
        let state = self.state.unwrap_or(match self.kind {
            IncidentKind::Incident => IncidentState::Investigating,
            IncidentKind::Maintenance => IncidentState::InProgress,
        });
        // An incident begins with its first update, a maintenance with the one that says so.
        let first = match self.kind {
            IncidentKind::Incident => self.blocks.first(),
            IncidentKind::Maintenance => {
                self.blocks.iter().find(|block| state_of(block) == Some(IncidentState::InProgress))
            }
        };
        Incident {
            key: self.id.to_owned(),
            kind: self.kind,
            title: self.entry.title.clone(),
            state,
            impact: None,
            started_at: first.and_then(posted_at),
            updated_at: self.entry.published,
            resolved_at: self.blocks.last().and_then(posted_at).or(self.entry.published).filter(|_| state.is_closed()),
            url: self.entry.url(),
            services: vec![whole::KEY.to_owned()],
            updates: newest_updates(
                self.blocks.iter().rev().map(|block| update(posted_at(block), state_of(block), block.html)),
            ),
        }
    }
}

fn state_of(block: &Block<'_>) -> Option<IncidentState> {
    state(&LABELS, block.label)
}

/// When an update was posted, if its zone is one that is known.
fn posted_at(block: &Block<'_>) -> Option<Timestamp> {
    date::parse(block.date)
}

/// Whether a part of an address is an id: 24 hexadecimal digits.
fn is_id(part: &str) -> bool {
    part.len() == 24 && part.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Status;

    const PAGE: &str = "533c6539221ae15e3f000031";

    fn block(hour: u32, label: &str) -> String {
        format!(
            "<small>June 4, 2026 {hour:02}:15 PDT</small><br /><b>{label}</b> - Text of <b>{label}</b>.<br /><br />"
        )
    }

    /// An item: `incident` or `maintenance`, the last digit of its id, the day it changed, and its labels, oldest first.
    fn item(section: &str, digit: u8, day: u32, labels: &[&str]) -> String {
        let body: String = (5..).zip(labels).map(|(hour, label)| block(hour, label)).collect();
        format!(
            "<item><title><![CDATA[Item {digit}]]></title><description><![CDATA[{body}]]></description>\
             <link>https://status.io/pages/{section}/{PAGE}/6a216c468614df05b0372d0{digit}</link>\
             <pubDate>Thu, {day:02} Jun 2026 13:43:08 GMT</pubDate></item>"
        )
    }

    fn rss(items: &str) -> String {
        format!(
            "<rss version=\"2.0\"><channel><title><![CDATA[ACME Systems Status Page]]></title>\
             <link>https://status.acme.test/pages/{PAGE}</link>{items}</channel></rss>"
        )
    }

    fn read(document: &str) -> Result<Report, ParseError> {
        parse(&Document::new(document.as_bytes()))
    }

    #[test]
    fn the_last_label_is_the_state() {
        use IncidentState::{Completed, Identified, InProgress, Investigating, Monitoring, Resolved, Scheduled};
        let (ok, degraded, unknown) = (Status::Ok, Status::Degraded, Status::Unknown);
        for (section, labels, state, status) in [
            ("incident", &["Investigating"][..], Investigating, degraded),
            ("incident", &["Investigating", "identified"], Identified, degraded),
            ("incident", &["Investigating", "Identified", "Monitoring"], Monitoring, degraded),
            ("incident", &["Investigating", "Resolved"], Resolved, ok),
            ("incident", &["Resolved", "Investigating"], Investigating, degraded),
            ("maintenance", &["Scheduled"], Scheduled, ok),
            ("maintenance", &["Scheduled", "Active"], InProgress, degraded),
            ("maintenance", &["Scheduled", "In Progress"], InProgress, degraded),
            ("maintenance", &["Active", "Completed"], Completed, ok),
            ("incident", &["Investigating", "Pondering"], Investigating, unknown),
            ("maintenance", &["Scheduled", "Pondering"], InProgress, unknown),
        ] {
            let report = read(&rss(&item(section, 1, 4, labels))).unwrap();
            let (page, incident) = (&report.services[0], &report.incidents[0]);
            assert_eq!((incident.state, page.status), (state, status), "{labels:?}");
            assert_eq!(incident.kind == IncidentKind::Maintenance, section == "maintenance");
            assert_eq!(page.dimensions.contains_key("maintenance"), state == InProgress && status == degraded);
            assert_eq!(incident.resolved_at.is_some(), state.is_closed());
            assert_eq!(report.unknown_words.len(), usize::from(status == unknown), "{labels:?}");
        }
    }

    #[test]
    fn updates_are_told_newest_first_and_times_are_instants() {
        let report = read(&rss(&item("maintenance", 1, 4, &["Scheduled", "Active", "Completed"]))).unwrap();
        let incident = &report.incidents[0];
        let told: Vec<_> =
            incident.updates.iter().map(|update| (update.at.unwrap().to_string(), update.text.as_str())).collect();
        assert_eq!(told[0], ("2026-06-04T14:15:00.000Z".to_owned(), "Text of Completed."));
        assert_eq!(told[2], ("2026-06-04T12:15:00.000Z".to_owned(), "Text of Scheduled."));
        assert_eq!(incident.started_at.unwrap().to_string(), "2026-06-04T13:15:00.000Z");
        assert_eq!(incident.resolved_at.unwrap().to_string(), "2026-06-04T14:15:00.000Z");
        assert_eq!(incident.updated_at.unwrap().to_string(), "2026-06-04T13:43:08.000Z");
    }

    #[test]
    fn an_open_item_below_closed_ones_makes_the_page() {
        let items = item("incident", 1, 20, &["Resolved"])
            + &item("maintenance", 2, 19, &["Completed"])
            + &item("incident", 3, 18, &["Investigating"])
            + &item("maintenance", 4, 17, &["Active"]);
        let report = read(&rss(&items)).unwrap();
        let [page] = report.services.as_slice() else { panic!("{:?}", report.services) };
        assert_eq!((page.key.as_str(), page.name.as_str()), ("page", "ACME Systems Status"));
        assert_eq!((page.status, page.dimensions.len()), (Status::Degraded, 1), "not planned, so not maintenance");
        assert_eq!(page.last_timestamp.unwrap().to_string(), "2026-06-18T13:43:08.000Z");
    }

    #[test]
    fn what_lies_ahead_says_nothing_of_now() {
        let items = item("maintenance", 2, 20, &["Scheduled"]) + &item("incident", 1, 4, &["Resolved"]);
        let page = read(&rss(&items)).unwrap().services.remove(0);
        assert_eq!(page.status, Status::Ok);
        assert_eq!(page.last_timestamp.unwrap().to_string(), "2026-06-04T13:43:08.000Z");
    }

    #[test]
    fn strangers_are_refused_and_a_new_page_is_not() {
        let new = read(&rss("")).unwrap();
        assert_eq!((new.services[0].status, new.services[0].last_timestamp), (Status::Ok, None));
        let good = item("incident", 1, 4, &["Resolved"]);
        for (what, document) in [
            ("another path", rss(&good.replace("/pages/incident/", "/incident/"))),
            ("another id", rss(&good.replace("6a216c468614df05b0372d01", "cmuh4kc8h00s013pih51rz3uf"))),
            ("other labels", rss(&item("incident", 1, 4, &["RESOLVED!"]))),
            ("Statuspage's markup", rss(&good.replace("<b>", "<strong>").replace("</b>", "</strong>"))),
            ("empty, and nobody's", rss("").replace(PAGE, "about")),
        ] {
            let error = read(&document).unwrap_err();
            assert!(matches!(&error, ParseError::Unrecognised(said) if said.contains("status.io")), "{what}: {error}");
        }
    }
}
