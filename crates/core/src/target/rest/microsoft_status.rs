//! status.cloud.microsoft: how Azure, the consumer services of Microsoft 365, and two admin centers are.
//!
//! The document is a post, or a list of posts, with how one service is. A list names its services; a post by itself
//! leaves that to its address.

use serde_json::Value;
use url::Url;

use super::incident::{headline, updates};
use super::json::{NO_WORD, describe, text, time, word};
use crate::schema::{Incident, IncidentKind, IncidentState, IncidentUpdate, Service, Timestamp, dimension_names};
use crate::target::{Meaning, ParseError, Part, Parted, Report, Vocabulary};

/// What a status word means: the site's own five, two of them in two spellings.
static STATES: Vocabulary = Vocabulary(&[
    ("Available", Meaning::OK),
    ("Operational", Meaning::OK),
    ("Service restored", Meaning::OK),
    ("ServiceRestored", Meaning::OK),
    ("Service degradation", Meaning::DEGRADED),
    ("ServiceDegradation", Meaning::DEGRADED),
    ("Unknown", Meaning::UNKNOWN),
]);

/// The words for trouble that is over.
const RESTORED: [&str; 2] = ["Service restored", "ServiceRestored"];

/// What a post by itself is about, by the end of its address.
const SUBJECTS: [(&str, &str); 3] =
    [("azure", "Azure"), ("mac", "Microsoft 365 admin center"), ("ppac", "Power Platform admin center")];

/// What it is about where the address does not tell: the site.
const SITE: &str = "Microsoft service health";

/// The key of what a post by itself is about; a target has one such post.
const KEY: &str = "post";

/// One document, with its address.
pub(super) const PARTED: Parted = Parted { next: |_| Ok(None), parse };

/// Reads posts: one service for each.
fn parse(parts: &[Part<'_>]) -> Result<Report, ParseError> {
    let Some(Part { url, document: Some(document) }) = parts.first() else {
        return Err(ParseError::malformed("the document is missing"));
    };
    let value: Value = document.json()?;
    let posts = value.as_array().map_or(std::slice::from_ref(&value), Vec::as_slice);
    if posts.is_empty() || !posts.iter().all(is_post) {
        return Err(ParseError::unrecognised(format!(
            "expected posts of status.cloud.microsoft (an object, or a list of objects, with Status, AuthoredDateTime \
             and InternalDateTime), found {}",
            describe(&value)
        )));
    }

    let mut report = Report::complete();
    for post in posts {
        let stated = word(post, "Status");
        let meaning = report.read(&STATES, &stated);
        let mut service = service(post, url);
        service.set(meaning);
        service.last_timestamp = authored_at(post);
        if let Some(state) = state(&stated, meaning) {
            let incident = incident(post, &service, state);
            if incident.is_open() {
                service.dimensions.insert(dimension_names::INCIDENT.to_owned(), incident.key.as_str().into());
            }
            report.incidents.push(incident);
        }
        report.services.push(service);
    }
    Ok(report)
}

fn is_post(post: &Value) -> bool {
    let telling = ["AuthoredDateTime", "InternalDateTime", "ServiceWorkloadName"];
    post.get("Status").is_some() && telling.iter().any(|key| post.get(key).is_some())
}

fn service(post: &Value, url: &Url) -> Service {
    let (id, name) = (text(post, "ServiceWorkloadName"), text(post, "ServiceDisplayName"));
    match (id.as_ref().or(name.as_ref()), name.as_ref().or(id.as_ref())) {
        (Some(key), Some(name)) => {
            let mut service = Service::named(key, name);
            if let Some(id) = &id {
                service.dimensions.insert(dimension_names::SERVICE_ID.to_owned(), id.as_str().into());
            }
            service
        }
        _ => Service::named(KEY, subject(url)),
    }
}

fn subject(url: &Url) -> &'static str {
    let last = url.path().trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    SUBJECTS.iter().find(|(end, _)| end.eq_ignore_ascii_case(last)).map_or(SITE, |(_, name)| name)
}

/// When somebody wrote the post, and so its status. `LastUpdatedTime` is the moment of the answer (the posts of a list
/// are ten millionths of a second apart), and so is this one where nobody wrote anything, which has no id.
fn authored_at(post: &Value) -> Option<Timestamp> {
    text(post, "Id").and_then(|_| time(post, "AuthoredDateTime"))
}

/// How far the trouble has come that a post tells of; `None` if it tells of none. While all is well, or the site does
/// not know, its text is about the site.
fn state(stated: &str, meaning: Meaning) -> Option<IncidentState> {
    let is_over = RESTORED.iter().any(|word| word.eq_ignore_ascii_case(stated));
    let is_unsaid = stated == NO_WORD || STATES.meaning(stated) == Some(Meaning::UNKNOWN);
    match meaning {
        _ if is_over => Some(IncidentState::Resolved),
        _ if is_unsaid => None,
        Meaning::OK => None,
        _ => Some(IncidentState::Investigating),
    }
}

fn incident(post: &Value, service: &Service, state: IncidentState) -> Incident {
    let message = text(post, "Message");
    let title = headline(&text(post, "Title").or_else(|| message.clone()).unwrap_or_default());
    let said = message.map(|text| IncidentUpdate { at: authored_at(post), state: Some(state), text });
    Incident {
        key: text(post, "Id").unwrap_or_else(|| service.key.clone()),
        kind: IncidentKind::Incident,
        title: if title.is_empty() { word(post, "Status") } else { title },
        state,
        impact: (!state.is_closed()).then_some(service.status),
        // The present post's time; the first one is not told.
        started_at: None,
        updated_at: authored_at(post),
        resolved_at: None,
        url: None,
        services: vec![service.key.clone()],
        updates: updates(said.into_iter()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Status;
    use crate::target::Document;
    use serde_json::json;

    fn read_at(address: &str, value: &Value) -> Result<Report, ParseError> {
        let url = Url::parse(address).unwrap();
        let bytes = value.to_string();
        parse(&[Part { url: &url, document: Some(Document::new(bytes.as_bytes())) }])
    }

    fn read(value: &Value) -> Result<Report, ParseError> {
        read_at("https://status.cloud.microsoft/", value)
    }

    /// A post of a list; `with` replaces fields.
    fn post(with: &Value) -> Value {
        let mut post = json!({
            "ServiceDisplayName": "OneDrive", "ServiceWorkloadName": "OneDriveConsumer", "Id": null,
            "AuthoredDateTime": "0001-01-01T00:00:00+00:00", "InternalDateTime": "0001-01-01T00:00:00+00:00",
            "LastUpdatedTime": "2026-08-01T00:32:00.4890465+00:00", "Title": "", "Message": "", "Status": "Operational",
        });
        for (key, value) in with.as_object().unwrap() {
            post[key] = value.clone();
        }
        post
    }

    #[test]
    fn every_word_of_the_vocabulary_and_one_that_is_none() {
        for (word, status, is_known) in [
            (json!("Available"), Status::Ok, true),
            (json!("operational"), Status::Ok, true),
            (json!("Service restored"), Status::Ok, true),
            (json!("ServiceRestored"), Status::Ok, true),
            (json!("Service degradation"), Status::Degraded, true),
            (json!("ServiceDegradation"), Status::Degraded, true),
            (json!("Unknown"), Status::Unknown, true),
            (json!("Service interruption"), Status::Unknown, false),
            (json!(null), Status::Unknown, false),
        ] {
            let report = read(&json!([post(&json!({"Status": word}))])).unwrap();
            assert_eq!(report.services[0].status, status, "{word}");
            assert_eq!(report.unknown_words.is_empty(), is_known, "{word}");
        }
    }

    #[test]
    fn a_list_names_its_services_and_has_no_times() {
        let nameless = post(&json!({"ServiceDisplayName": null, "ServiceWorkloadName": "Whiteboard"}));
        let report = read(&json!([post(&json!({})), nameless])).unwrap();
        let seen: Vec<_> =
            report.services.iter().map(|s| (s.key.as_str(), s.name.as_str(), s.last_timestamp)).collect();
        assert_eq!(seen, [("OneDriveConsumer", "OneDrive", None), ("Whiteboard", "Whiteboard", None)]);
        assert_eq!(report.services[0].dimensions["serviceId"], "OneDriveConsumer".into());
        assert!(report.incidents.is_empty());
    }

    #[test]
    fn a_post_by_itself_is_about_what_its_address_says() {
        let alone = json!({
            "Id": "972a3801", "AuthoredDateTime": "2026-09-16T18:30:21+00:00", "Status": "Available", "Title": "",
            "InternalDateTime": "2026-09-18T21:22:55+00:00", "LastUpdatedTime": "2026-09-18T21:24:00.490309+00:00",
            "Message": "<div>This site is …</div>",
        });
        for (address, name) in [
            ("https://status.cloud.microsoft/api/posts/azure", "Azure"),
            ("https://status.cloud.microsoft/api/posts/MAC/", "Microsoft 365 admin center"),
            ("https://status.cloud.microsoft/api/posts/ppac?x=1", "Power Platform admin center"),
            ("http://localhost/post.json", "Microsoft service health"),
        ] {
            let report = read_at(address, &alone).unwrap();
            let service = &report.services[0];
            assert_eq!((service.key.as_str(), service.name.as_str()), ("post", name));
            assert_eq!(service.last_timestamp.unwrap().to_string(), "2026-09-16T18:30:21.000Z");
            assert!(report.incidents.is_empty(), "what it says while all is well is no incident");
        }
    }

    #[test]
    fn a_post_that_nobody_wrote_has_no_time() {
        let idle = json!({
            "Id": null, "AuthoredDateTime": "2026-08-01T00:35:00.5654416+00:00", "Status": "Available",
            "LastUpdatedTime": "2026-08-01T00:35:00.5654416+00:00",
        });
        assert_eq!(read(&idle).unwrap().services[0].last_timestamp, None);
    }

    #[test]
    fn trouble_is_told_while_it_lasts_and_when_it_is_over() {
        let trouble = json!({
            "Id": "p1", "AuthoredDateTime": "2026-09-16T18:30:21.1234567+00:00", "Status": "Service degradation",
            "Title": "Slow &amp; late", "Message": "<p>We know.</p>",
        });
        let report = read(&json!([post(&trouble)])).unwrap();
        let incident = &report.incidents[0];
        assert_eq!((incident.key.as_str(), incident.title.as_str()), ("p1", "Slow & late"));
        assert_eq!((incident.state, incident.impact), (IncidentState::Investigating, Some(Status::Degraded)));
        assert_eq!(incident.updated_at.unwrap().to_string(), "2026-09-16T18:30:21.123Z");
        assert_eq!(
            (incident.updates[0].text.as_str(), &incident.services),
            ("We know.", &vec!["OneDriveConsumer".into()])
        );
        assert_eq!(report.services[0].dimensions["incident"], "p1".into());

        let mut over = trouble;
        over["Status"] = "Service restored".into();
        let report = read(&json!([post(&over)])).unwrap();
        assert_eq!((report.incidents[0].state, report.services[0].status), (IncidentState::Resolved, Status::Ok));
        assert!(!report.services[0].dimensions.contains_key("incident"));

        let report = read(&json!([post(&json!({"Status": "Service degradation"}))])).unwrap();
        assert_eq!(report.incidents[0].title, "Service degradation");
        assert_eq!(report.services[0].dimensions["incident"], "OneDriveConsumer".into());
    }

    #[test]
    fn a_site_that_does_not_know_tells_of_no_trouble() {
        for (word, told) in [(json!("unknown"), 0), (json!(null), 0), (json!("Service interruption"), 1)] {
            let report = read(&json!([post(&json!({"Status": word, "Message": "This site is …"}))])).unwrap();
            assert_eq!((report.services[0].status, report.incidents.len()), (Status::Unknown, told), "{word}");
            assert_eq!(report.services[0].dimensions.contains_key("incident"), told > 0, "{word}");
        }
    }

    #[test]
    fn other_documents_are_refused() {
        for stranger in [
            json!([]),
            json!({}),
            json!({"status": "Available", "authoredDateTime": "2026-08-01T00:35:00Z"}),
            json!({"Status": "Available"}),
            json!([post(&json!({})), null]),
            json!({"status": 500, "error": "x"}),
            json!("x"),
        ] {
            let error = read(&stranger).unwrap_err();
            assert!(matches!(&error, ParseError::Unrecognised(said) if said.contains("posts")), "{stranger}: {error}");
        }
        assert!(parse(&[]).is_err());
    }
}
