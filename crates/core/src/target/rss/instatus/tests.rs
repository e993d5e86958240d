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
fn what_lies_ahead_says_nothing_of_now_however_early_it_is_announced() {
    for announced in ["Aug 28, 09:00:00 GMT+0", "Jan 15, 09:00:00 GMT+0"] {
        let items = item("maintenance", "c2", 20, "App, Jobs", &[(announced, "Identified")])
            + &item("incident", "c1", 4, "App", &[(FIRST, "Investigating"), (SECOND, "Resolved")]);
        let report = read(&rss(&items)).unwrap();
        let told: Vec<_> = report.services.iter().map(|it| (it.status, it.last_timestamp)).collect();
        let resolved_at = date::parse("2026-09-04T13:30:00Z");
        assert_eq!(told, [(Status::Ok, resolved_at), (Status::Ok, resolved_at), (Status::Ok, None)], "{announced}");
        assert_eq!(report.incidents[0].state, IncidentState::Scheduled, "{announced}");
        let posted_at = report.incidents[0].updated_at.unwrap();
        assert!(posted_at < report.incidents[0].started_at.unwrap(), "{announced}: {posted_at}");
    }
}

#[test]
fn updates_run_together_are_told_apart_and_newest_first() {
    let posts = [(FIRST, "Investigating"), (SECOND, "Resolved")];
    let report = read(&rss(&item("incident", "c1", 4, "App", &posts))).unwrap();
    let incident = &report.incidents[0];
    let told: Vec<_> = incident.updates.iter().map(|update| (update.state.unwrap(), update.text.as_str())).collect();
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
        assert_eq!(incident.updates.iter().map(|u| u.text.as_str()).collect::<Vec<_>>(), ["All done.", "We plan to."]);
        assert_eq!(report.services[0].last_timestamp.unwrap().to_string(), "2026-07-19T06:07:55.000Z");
        assert_eq!(incident.updates[1].at.unwrap().to_string(), "2026-07-08T07:24:48.000Z");
    }
}

#[test]
fn look_alikes_are_refused_and_a_new_page_is_not() {
    let new = read(&rss("")).unwrap();
    assert_eq!(rows(&new), [("page", Status::Ok)]);
    let headless =
        rss(&item("incident", "c1", 4, "", &[(FIRST, "Resolved")])).replace("ACME Status - Incident history", "");
    assert_eq!(read(&headless).unwrap().services[0].name, "status.acme.test");
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
