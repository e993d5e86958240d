use super::*;
use crate::schema::Status;

const DAY: &str = "2026-08-04";
const LINK: &str = "https://slack-status.com/2026-08/6f029c99f2b77bc";

/// An entry: the last digit of its id, when it was updated, its title and its body's HTML.
fn entry(digit: u8, updated: &str, title: &str, body: &str) -> String {
    let body = body.replace('&', "&amp;").replace('<', "&lt;");
    format!(
        "<entry><id>{LINK}{digit}</id><published>{DAY}T00:00:00-07:00</published><updated>{updated}</updated>\
         <link rel=\"alternate\" href=\"{LINK}{digit}\"/><title>{title}</title><content type=\"html\">{body}</content></entry>"
    )
}

fn atom(entries: &str) -> String {
    format!(
        "<feed><id>https://status.slack.com</id><link rel=\"alternate\" href=\"https://slack-status.com\"/>\
         <title>Slack System Status</title>{entries}</feed>"
    )
}

fn read_at(document: &str, now: &str) -> Result<Report, ParseError> {
    parse(&Document::new(document.as_bytes()).asked_at(Timestamp::parse_rfc3339(now).unwrap()))
}

/// What the feed says of Slack three hours after the updates of `DAY` at 09:00.
fn slack(entries: &str) -> Service {
    let services = read_at(&atom(entries), "2026-08-04T12:00:00Z").unwrap().services;
    let [service] = services.as_slice() else { panic!("{services:?}") };
    assert_eq!((service.key.as_str(), service.name.as_str()), ("Slack", "Slack"));
    service.clone()
}

const AT_NINE: &str = "2026-08-04T02:00:00-07:00";
const OPEN: &str = "<p><small>3:23pm PST</small> We see errors.</p><p><small>4:00pm PST</small> Still looking.</p>";
const CLOSED: &str =
    "<p><small>3:23pm PST</small> We see errors.</p><p><small>4:00pm PST</small> We’ve resolved the issue.</p>";

#[test]
fn the_first_word_of_the_title_says_how_bad_an_open_item_is() {
    for (title, status, is_maintenance) in [
        ("Outage: Slack is down", Status::Outage, false),
        ("incident: Search: no results", Status::Degraded, false),
        ("Notice: a provider has trouble", Status::Ok, false),
        ("Maintenance: databases", Status::Degraded, true),
        ("Catastrophe: all of it", Status::Unknown, false),
        ("Search has no results", Status::Unknown, false),
    ] {
        let service = slack(&entry(1, AT_NINE, title, OPEN));
        assert_eq!(
            (service.status, service.dimensions.contains_key("maintenance")),
            (status, is_maintenance),
            "{title}"
        );
        assert_eq!(service.last_timestamp.unwrap().to_string(), "2026-08-04T09:00:00.000Z");
        assert_eq!(slack(&entry(1, AT_NINE, title, CLOSED)).status, Status::Ok, "{title}");
    }
    let report = read_at(&atom(&entry(1, AT_NINE, "Catastrophe: x", OPEN)), "2026-08-04T12:00:00Z").unwrap();
    assert_eq!(report.unknown_words.iter().collect::<Vec<_>>(), ["Catastrophe"]);
}

#[test]
fn silence_ends_what_no_word_ends() {
    let feed = atom(&entry(1, AT_NINE, "Incident: x", OPEN));
    for (now, status, state) in [
        ("2026-08-04T08:00:00Z", Status::Degraded, IncidentState::Investigating),
        ("2026-08-05T09:00:00Z", Status::Degraded, IncidentState::Investigating),
        ("2026-08-05T09:00:01Z", Status::Ok, IncidentState::Resolved),
        ("2027-08-05T09:00:01Z", Status::Ok, IncidentState::Resolved),
    ] {
        let report = read_at(&feed, now).unwrap();
        assert_eq!((report.services[0].status, report.incidents[0].state), (status, state), "{now}");
    }
    let without_clock = |feed: &str| parse(&Document::new(feed.as_bytes())).unwrap().services.remove(0).status;
    assert_eq!(without_clock(&feed), Status::Degraded);
    let newer = entry(2, "2026-08-05T09:00:01Z", "Incident: y", CLOSED);
    assert_eq!(without_clock(&atom(&(newer + &entry(1, AT_NINE, "Outage: x", OPEN)))), Status::Ok);
    let undated = atom(&entry(1, "x", "Incident: x", OPEN).replace("<updated>x</updated>", ""));
    assert_eq!(without_clock(&undated.replace("published", "posted")), Status::Ok);
}

#[test]
fn an_open_item_below_closed_ones_counts() {
    let service = slack(
        &(entry(3, "2026-08-04T11:00:00Z", "Outage: z", CLOSED)
            + &entry(2, AT_NINE, "Incident: y", OPEN)
            + &entry(1, "2026-08-01T09:00:00Z", "Outage: x", OPEN)),
    );
    assert_eq!((service.status, &service.dimensions["incident"]), (Status::Degraded, &format!("{LINK}2").into()));
    assert_eq!(service.last_timestamp.unwrap().to_string(), "2026-08-04T09:00:00.000Z");
}

#[test]
fn maintenance_that_lies_ahead_is_no_trouble() {
    let ahead = entry(1, AT_NINE, "Maintenance: x", OPEN).replace("2026-08-04T00", "2026-08-09T00");
    let report = read_at(&atom(&ahead), "2026-08-04T12:00:00Z").unwrap();
    assert_eq!((report.services[0].status, report.services[0].last_timestamp), (Status::Ok, None));
    let incident = &report.incidents[0];
    assert_eq!((incident.kind, incident.state), (IncidentKind::Maintenance, IncidentState::Scheduled));
    assert_eq!(incident.started_at.unwrap().to_string(), "2026-08-09T07:00:00.000Z");
}

#[test]
fn rss_has_a_summary_and_one_date() {
    let rss = |summary: &str| {
        format!(
            "<rss><channel><title>Slack System Status</title><link>https://slack-status.com</link><item>\
             <title>Incident: Threads</title><description>{summary}</description><link>{LINK}1</link>\
             <guid>{LINK}1</guid><pubDate>Tue, 04 Aug 2026 02:00:00 -0700</pubDate></item></channel></rss>"
        )
    };
    for (summary, status) in [
        ("From 7:12 AM some users see errors.", Status::Degraded),
        ("This issue is now resolved.&amp;nbsp;Scope: some users saw errors.", Status::Ok),
    ] {
        let report = read_at(&rss(summary), "2026-08-04T12:00:00Z").unwrap();
        assert_eq!(report.services[0].status, status, "{summary}");
        assert_eq!(report.services[0].last_timestamp.unwrap().to_string(), "2026-08-04T09:00:00.000Z");
        let incident = &report.incidents[0];
        assert_eq!((incident.title.as_str(), incident.started_at), ("Threads", None));
        assert_eq!(incident.updates.len(), 1);
    }
}

#[test]
fn updates_are_told_newest_first() {
    let report = read_at(&atom(&entry(1, AT_NINE, "Incident: x", CLOSED)), "2026-08-04T12:00:00Z").unwrap();
    let told = report.incidents[0].updates.iter().map(|update| (update.text.as_str(), update.at.is_some()));
    assert_eq!(told.collect::<Vec<_>>(), [("We’ve resolved the issue.", true), ("We see errors.", false)]);
}

#[test]
fn other_feeds_are_refused_and_so_is_an_empty_one() {
    let other = atom(&entry(1, AT_NINE, "Incident: x", OPEN)).replace("slack-status.com", "slack.acme.test");
    assert!(matches!(read_at(&other, "2026-08-04T12:00:00Z"), Err(ParseError::Unrecognised(_))));
    assert_eq!(read_at(&atom(""), "2026-08-04T12:00:00Z"), Err(ParseError::Empty));
}
