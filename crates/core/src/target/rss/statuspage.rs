//! Atlassian Statuspage's history feeds: `history.rss` and `history.atom`.
//!
//! They list up to 25 of the newest incidents and maintenances, an item each, rewritten in place; the first label in
//! an item's body is its state. They know no components, so a feed comes to exactly one service, the page as a whole:
//! as bad as the worst that is open. That makes every feed complete. For the components there is the page's JSON.
//!
//! Other makers' feeds lie at the same paths. Two things tell Statuspage's own: items link to `/incidents/<code>`, and
//! bodies are blocks of `<small>date</small><br><strong>Label</strong> - text`.

use super::feed::{Entry, Feed, host, newest_updates, update};
use super::history::{Block, Sum, blocks, meaning};
use crate::schema::{Incident, IncidentKind, IncidentState, Timestamp};
use crate::target::{Document, ParseError, Report, whole};

/// The labels of updates and the states they bring. Compared exactly: look-alikes write them in capitals.
const LABELS: [(&str, IncidentState); 9] = [
    ("Investigating", IncidentState::Investigating),
    ("Identified", IncidentState::Identified),
    ("Monitoring", IncidentState::Monitoring),
    ("Resolved", IncidentState::Resolved),
    ("Postmortem", IncidentState::Resolved),
    ("Scheduled", IncidentState::Scheduled),
    ("In progress", IncidentState::InProgress),
    ("Verifying", IncidentState::InProgress),
    ("Completed", IncidentState::Completed),
];

/// The label of an update that leaves the state as the one before it did.
const UPDATE: &str = "Update";

/// How the title of every history feed ends. Instatus writes the second word small.
const TITLE_SUFFIX: &str = "Incident History";

/// Reads a history feed.
///
/// # Errors
/// [`ParseError`] if the document is no feed, or not one of Statuspage's.
pub(super) fn parse(document: &Document<'_>) -> Result<Report, ParseError> {
    let feed = Feed::read(document)?;
    let items: Option<Vec<Item<'_>>> = feed.entries.iter().map(Item::read).collect();
    let items =
        items.filter(|items| is_statuspage(&feed, items)).ok_or_else(|| feed.not_of("Statuspage's history feeds"))?;

    let mut report = Report::complete();
    let mut sum = Sum::default();
    for item in &items {
        let open = match item.state {
            Some(state) => meaning(state),
            None => Some(report.unknown(item.blocks.first().map_or("(no label)", |block| block.label))),
        };
        sum.add(open, item.changed_at());
        report.incidents.push(item.incident());
    }
    let name = feed.title.strip_suffix(TITLE_SUFFIX).unwrap_or(&feed.title).trim_end_matches([' ', '-']);
    report.services.push(sum.into_page(feed.page_name(name)));
    Ok(report)
}

fn is_statuspage(feed: &Feed, items: &[Item<'_>]) -> bool {
    if items.is_empty() {
        let says_so = feed.description == "Statuspage" || feed.links.iter().any(|link| link.ends_with("/history.atom"));
        return says_so && feed.title.ends_with(TITLE_SUFFIX);
    }
    items.iter().flat_map(|item| &item.blocks).any(|block| block.label == UPDATE || state_of(block).is_some())
}

/// An incident or a maintenance.
struct Item<'a> {
    entry: &'a Entry,
    code: &'a str,
    blocks: Vec<Block<'a>>,
    /// Its state; `None` if nobody knows its label, which means that it is open.
    state: Option<IncidentState>,
}

/// The state that an update brings, if it brings one that is known.
fn state_of(block: &Block<'_>) -> Option<IncidentState> {
    LABELS.iter().find(|(label, _)| *label == block.label).map(|&(_, state)| state)
}

impl<'a> Item<'a> {
    /// Reads an entry; `None` if its link (RSS has it as the guid, too) is not that of a Statuspage incident.
    fn read(entry: &'a Entry) -> Option<Self> {
        let (page, code) = entry.link.as_deref().unwrap_or(&entry.id).rsplit_once("/incidents/")?;
        let is_code = !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !is_code || host(page).is_none() {
            return None;
        }
        let blocks = blocks(&entry.body, "strong");
        let state = current_state(&blocks);
        Some(Self { entry, code, blocks, state })
    }

    /// When its state last changed. None for what lies ahead, whose date is the planned start, and Atom's `updated`
    /// is no better: edits of the text move it days after the end.
    fn changed_at(&self) -> Option<Timestamp> {
        let known = self.state.or_else(|| self.blocks.iter().find_map(state_of));
        (known != Some(IncidentState::Scheduled)).then(|| self.entry.published.or(self.entry.updated)).flatten()
    }

    fn incident(&self) -> Incident {
        let changed_at = self.changed_at();
        let state = self.state.unwrap_or(IncidentState::Investigating);
        let is_planned = self.blocks.iter().filter_map(state_of).any(|state| {
            matches!(state, IncidentState::Scheduled | IncidentState::InProgress | IncidentState::Completed)
        });
        // The prose dates name no year, and their zones are unreliable. One update's time is known all the same: that
        // of the change of state, which is the newest but for a postmortem.
        let dated = self.blocks.iter().position(|block| block.label != "Postmortem");
        Incident {
            key: self.code.to_owned(),
            kind: if is_planned { IncidentKind::Maintenance } else { IncidentKind::Incident },
            title: self.entry.title.clone(),
            state,
            impact: None,
            started_at: self.entry.published.filter(|_| state == IncidentState::Scheduled),
            updated_at: self.entry.updated.or(changed_at),
            resolved_at: changed_at.filter(|_| state.is_closed()),
            url: self.entry.url(),
            services: vec![whole::KEY.to_owned()],
            updates: newest_updates(self.blocks.iter().enumerate().map(|(place, block)| {
                let at = changed_at.filter(|_| Some(place) == dated);
                update(at, state_of(block), block.html)
            })),
        }
    }
}

/// The state that the newest label brings; an update that brings none leaves that of the one before, and an incident
/// that is only updated, or updated after its end, is open.
fn current_state(blocks: &[Block<'_>]) -> Option<IncidentState> {
    let newest = blocks.first()?;
    if newest.label != UPDATE {
        return state_of(newest);
    }
    let before = blocks.iter().find_map(state_of).filter(|state| !state.is_closed());
    Some(before.unwrap_or(IncidentState::Investigating))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Status;

    fn block(label: &str) -> String {
        format!(
            "<p><small>Jan <var data-var='date'>18</var>, <var data-var='time'>10:13</var> UTC</small><br>\
             <strong>{label}</strong> - Text of {label}.<br /><strong>Impact</strong><br /><small>none</small></p>"
        )
    }

    fn item(code: &str, day: u32, body: &str) -> String {
        let body = body.replace('&', "&amp;").replace('<', "&lt;");
        format!(
            "<item><title>Incident {code}</title><description>{body}</description>\
             <pubDate>Sat, {day} Jan 2020 10:13:00 +0000</pubDate>\
             <link>https://status.acme.test/incidents/{code}</link></item>"
        )
    }

    fn rss(items: &str) -> String {
        format!(
            "<rss><channel><title>ACME Status - Incident History</title><link>https://status.acme.test</link>\
             <description>Statuspage</description>{items}</channel></rss>"
        )
    }

    fn read(document: &str) -> Result<Report, ParseError> {
        parse(&Document::new(document.as_bytes()))
    }

    #[test]
    fn the_first_label_is_the_state() {
        use IncidentState::{Completed, Identified, InProgress, Investigating, Monitoring, Resolved, Scheduled};
        let (ok, degraded) = (Status::Ok, Status::Degraded);
        for (labels, state, status, is_maintenance) in [
            (&["Investigating"][..], Investigating, degraded, false),
            (&["Identified", "Investigating"], Identified, degraded, false),
            (&["Monitoring", "Resolved"], Monitoring, degraded, false),
            (&["Update", "Update", "Identified"], Identified, degraded, false),
            (&["Update"], Investigating, degraded, false),
            (&["Update", "Resolved"], Investigating, degraded, false),
            (&["Resolved", "Monitoring"], Resolved, ok, false),
            (&["Postmortem", "Resolved"], Resolved, ok, false),
            (&["Scheduled"], Scheduled, ok, false),
            (&["Update", "Scheduled"], Scheduled, ok, false),
            (&["In progress", "Scheduled"], InProgress, degraded, true),
            (&["Update", "In progress"], InProgress, degraded, true),
            (&["Verifying", "In progress"], InProgress, degraded, true),
            (&["Completed", "In progress"], Completed, ok, false),
        ] {
            let body: String = labels.iter().map(|label| block(label)).collect();
            let report = read(&rss(&item("abc", 18, &body))).unwrap();
            let page = &report.services[0];
            assert_eq!((report.incidents[0].state, page.status), (state, status), "{labels:?}");
            assert_eq!(page.dimensions.contains_key("maintenance"), is_maintenance, "{labels:?}");
            assert_eq!(page.last_timestamp.is_some(), state != Scheduled, "{labels:?}");
            assert_eq!(report.incidents[0].resolved_at.is_some(), state.is_closed());
        }
    }

    #[test]
    fn the_page_is_one_service_as_bad_as_the_worst_that_is_open() {
        let items = [("c", 20, "Resolved"), ("b", 18, "In progress"), ("a", 17, "Monitoring")]
            .map(|(code, day, label)| item(code, day, &block(label)));
        let report = read(&rss(&items.concat())).unwrap();
        let [page] = report.services.as_slice() else { panic!("{:?}", report.services) };
        assert_eq!((page.key.as_str(), page.name.as_str(), page.status), ("page", "ACME Status", Status::Degraded));
        assert_eq!(page.dimensions.keys().collect::<Vec<_>>(), ["scope"], "not planned, so not marked as maintenance");
        assert_eq!(page.last_timestamp.unwrap().to_string(), "2020-01-18T10:13:00.000Z");
        assert_eq!(report.incidents.iter().map(|incident| incident.key.as_str()).collect::<Vec<_>>(), ["c", "b", "a"]);
        assert_eq!(report.incidents[1].kind, IncidentKind::Maintenance);
    }

    #[test]
    fn a_scheduled_event_tells_when_it_starts_and_nothing_of_now() {
        let body = format!("<p><strong>THIS IS A SCHEDULED EVENT Jan 28</strong></p>{}", block("Scheduled"));
        let report = read(&rss(&(item("next", 28, &body) + &item("last", 18, &block("Resolved"))))).unwrap();
        assert_eq!(report.services[0].last_timestamp.unwrap().to_string(), "2020-01-18T10:13:00.000Z");
        let next = &report.incidents[0];
        assert_eq!(next.started_at.unwrap().to_string(), "2020-01-28T10:13:00.000Z");
        assert_eq!((next.updated_at, next.updates[0].at), (None, None));
    }

    #[test]
    fn an_unknown_label_makes_no_planned_start_a_time_of_now() {
        let body = block("Halfway") + &block("Scheduled");
        let page = read(&rss(&item("next", 28, &body))).unwrap().services.remove(0);
        assert_eq!((page.status, page.last_timestamp), (Status::Unknown, None));
    }

    #[test]
    fn updates_are_told_newest_first_and_dated_where_that_is_certain() {
        let body = block("Postmortem") + &block("Resolved") + &block("Update") + &block("Investigating");
        let updates = read(&rss(&item("abc", 18, &body))).unwrap().incidents.remove(0).updates;
        let dated: Vec<_> = updates.iter().map(|update| update.at.is_some()).collect();
        assert_eq!(dated, [false, true, false, false]);
        assert_eq!((updates[1].state, updates[2].state), (Some(IncidentState::Resolved), None));
        assert_eq!(updates[3].text, "Text of Investigating. Impact none");
    }

    #[test]
    fn a_label_that_nobody_knows_is_open_and_unknown() {
        let items = item("b", 19, &block("Halfway")) + &item("a", 18, &block("Resolved"));
        let report = read(&rss(&items)).unwrap();
        assert_eq!(report.services[0].status, Status::Unknown);
        assert_eq!(report.unknown_words.iter().collect::<Vec<_>>(), ["Halfway"]);
        assert!(report.incidents[0].is_open());
    }

    #[test]
    fn an_open_incident_below_closed_ones_counts_and_every_time_is_an_instant() {
        let items = item("c", 20, &block("Resolved")) + &item("b", 19, &block("Completed"));
        let open = item("a", 18, &block("Identified"));
        for (offset, at) in [("+0000", "2020-01-18T10:13:00.000Z"), ("-0800", "2020-01-18T18:13:00.000Z")] {
            let open = open.replace("+0000", offset);
            let page = read(&rss(&(items.clone() + &open))).unwrap().services.remove(0);
            assert_eq!((page.status, page.last_timestamp.unwrap().to_string().as_str()), (Status::Degraded, at));
        }
    }

    #[test]
    fn a_guid_stands_in_for_a_missing_link() {
        let item = item("abc", 18, &block("Resolved")).replace("link>", "guid>");
        assert_eq!(read(&rss(&item)).unwrap().incidents[0].key, "abc");
    }

    #[test]
    fn a_new_page_is_empty_and_a_headless_one_goes_by_its_host() {
        let new = read(&rss("")).unwrap();
        assert_eq!((new.services[0].status, new.services[0].last_timestamp), (Status::Ok, None));
        let headless = format!("<rss><channel>{}</channel></rss>", item("abc", 18, &block("Monitoring")));
        assert_eq!(read(&headless).unwrap().services[0].name, "status.acme.test");
    }

    #[test]
    fn atom_counts_from_the_change_of_state_not_from_the_last_edit() {
        let body = block("Resolved").replace('<', "&lt;");
        let atom = format!(
            "<feed><title>ACME - Incident History</title><entry><title>t</title><published>2020-01-18T10:13:00Z</published>\
             <updated>2020-01-25T00:00:00Z</updated><link rel=\"alternate\" href=\"https://status.acme.test/incidents/abc\"/>\
             <content type=\"html\">{body}</content></entry></feed>"
        );
        let report = read(&atom).unwrap();
        assert_eq!(report.services[0].last_timestamp.unwrap().to_string(), "2020-01-18T10:13:00.000Z");
        assert_eq!((report.services[0].name.as_str(), report.incidents[0].key.as_str()), ("ACME", "abc"));
    }

    #[test]
    fn look_alikes_are_refused() {
        let item_with =
            |link: &str, body: &str| item("abc", 18, body).replace("https://status.acme.test/incidents/abc", link);
        let good = "https://status.acme.test/incidents/abc";
        for (family, items) in [
            ("Instatus", item_with("https://status.acme.test/incident/cmuh4kc8h", &block("Resolved"))),
            ("status.io", item_with("https://status.io/pages/incident/5b36/6a21", &block("Resolved"))),
            ("OnlineOrNot", item_with("status.acme.test/incidents/abc", &block("Resolved"))),
            ("capitals", item_with(good, &block("RESOLVED"))),
            ("incident.io", item_with(good, "<b>Status: Resolved</b><br/>text")),
            ("Instatus, empty", String::new()),
        ] {
            let document = rss(&items).replace("Incident History", "Incident history");
            assert!(matches!(read(&document), Err(ParseError::Unrecognised(_))), "{family}");
        }
    }
}
