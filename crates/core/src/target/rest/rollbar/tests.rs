use proptest::prelude::*;
use serde_json::json;

use super::super::testing::{led_to, read_parts};
use super::*;

const LIST: &str = "https://api.rollbar.com/api/1/items/?status=active";

fn item(id: u64, level: &Value, status: &str, environment: &Value) -> Value {
    json!({
        "id": id, "counter": 400 + id, "project_id": 12345, "level": level, "status": status,
        "environment": environment, "title": "KeyError: <b>'user'</b>", "first_occurrence_timestamp": 1_767_600_000 + id,
        "last_occurrence_timestamp": 1_767_700_000 + id, "total_occurrences": 7,
    })
}

fn page(items: &[Value]) -> Value {
    json!({"err": 0, "result": {"page": 1, "total_count": items.len(), "items": items}})
}

fn read(pages: &[&Value]) -> Result<Report, ParseError> {
    let parts: Vec<_> = pages.iter().map(|page| Some(*page)).collect();
    read_parts(&PARTED, LIST, &parts)
}

/// The names of services with their statuses.
fn seen(report: &Report) -> Vec<(&str, Status)> {
    report.services.iter().map(|service| (service.name.as_str(), service.status)).collect()
}

#[test]
fn the_level_of_what_is_open_decides() {
    for (level, status, is_known) in [
        (json!("critical"), Status::Outage, true),
        (json!("Error"), Status::Degraded, true),
        (json!("warning"), Status::Ok, true),
        (json!("info"), Status::Ok, true),
        (json!("debug"), Status::Ok, true),
        (json!(50), Status::Outage, true),
        (json!(40), Status::Degraded, true),
        (json!(30), Status::Ok, true),
        (json!("fatal"), Status::Unknown, false),
        (json!(null), Status::Unknown, false),
    ] {
        let report = read(&[&page(&[item(1, &level, "active", &json!("production"))])]).unwrap();
        assert_eq!(seen(&report), [(WHOLE, status), ("production", status)], "{level}");
        assert_eq!(report.unknown_words.is_empty(), is_known, "{level}");
        assert_eq!(report.incidents[0].impact, Some(status).filter(|_| is_known), "{level}");
    }
}

#[test]
fn each_environment_is_as_bad_as_its_own_worst_item() {
    let report = read(&[&page(&[
        item(1, &json!("error"), "active", &json!("staging")),
        item(2, &json!("critical"), "active", &json!("production")),
        item(3, &json!("error"), "active", &json!("production")),
        item(4, &json!("warning"), "active", &json!("qa")),
        item(5, &json!("error"), "active", &json!(null)),
    ])])
    .unwrap();
    let (outage, degraded) = (Status::Outage, Status::Degraded);
    let expected = [(WHOLE, outage), ("production", outage), ("qa", Status::Ok), ("staging", degraded)];
    assert_eq!(seen(&report), expected);
    assert_eq!(report.coverage, crate::target::Coverage::OpenOnly);
    assert_eq!(report.services[0].dimensions["scope"], "page".into());
    let production = &report.services[1];
    assert_eq!(production.dimensions["incident"], "2".into());
    assert_eq!(production.last_timestamp, Timestamp::from_secs(1_767_600_002));
    assert_eq!((report.services[2].last_timestamp, report.services[2].dimensions.len()), (None, 0));
    let keys: Vec<_> = report.incidents[1].services.iter().collect();
    assert_eq!(keys, [&production.key]);
}

#[test]
fn a_status_is_as_old_as_the_first_item_that_makes_it() {
    let mut reactivated = item(1, &json!("error"), "active", &json!("production"));
    reactivated["last_activated_timestamp"] = json!(1_767_800_000);
    let mut undated = item(2, &json!("error"), "active", &json!("production"));
    undated["first_occurrence_timestamp"] = json!(null);
    let younger = item(3, &json!("error"), "active", &json!("production"));
    let since = |items: &[Value]| read(&[&page(items)]).unwrap().services[1].last_timestamp;
    assert_eq!(since(&[undated.clone(), reactivated.clone()]), Timestamp::from_secs(1_767_800_000));
    assert_eq!(since(&[reactivated, undated.clone(), younger]), Timestamp::from_secs(1_767_600_003));
    assert_eq!(since(&[undated]), None);
}

#[test]
fn what_is_not_open_decides_nothing() {
    for (status, told, is_known) in [
        ("resolved", Some(IncidentState::Resolved), true),
        ("muted", None, true),
        ("archived", None, true),
        ("Active", Some(IncidentState::Investigating), true),
        ("sleeping", Some(IncidentState::Resolved), false),
    ] {
        let report = read(&[&page(&[item(1, &json!("critical"), status, &json!("production"))])]).unwrap();
        let is_open = told == Some(IncidentState::Investigating);
        assert_eq!(report.services.len(), if is_open { 2 } else { 1 }, "{status}");
        assert_eq!(report.services[0].status, if is_open { Status::Outage } else { Status::Ok }, "{status}");
        assert_eq!(report.incidents.first().map(|incident| incident.state), told, "{status}");
        assert_eq!(report.unknown_words.is_empty(), is_known, "{status}");
    }
}

#[test]
fn a_project_without_items_is_well() {
    let report = read(&[&page(&[])]).unwrap();
    assert_eq!(seen(&report), [(WHOLE, Status::Ok)]);
    assert_eq!(report.services[0].last_timestamp, None);
}

#[test]
fn items_are_told_with_their_numbers_levels_and_pages() {
    let report = read(&[&page(&[item(1, &json!("critical"), "active", &json!("production"))])]).unwrap();
    let told = &report.incidents[0];
    assert_eq!((told.key.as_str(), told.title.as_str()), ("1", "#401 KeyError: 'user'"));
    assert_eq!(told.url.as_deref(), Some("https://rollbar.com/project/12345/item/401/"));
    assert_eq!(told.updates[0].text, "Level critical in production.");
    assert_eq!(told.updated_at, Timestamp::from_secs(1_767_700_001));
}

#[test]
fn full_pages_lead_to_the_next_and_keep_what_was_asked() {
    let full = |total: Value| {
        let items: Vec<_> = (1..=100).map(|id| item(id, &json!("error"), "active", &json!("production"))).collect();
        json!({"err": 0, "result": {"page": 1, "total_count": total, "items": items}})
    };
    let second = "https://api.rollbar.com/api/1/items/?status=active&level=error&page=2";
    let third = "https://api.rollbar.com/api/1/items/?status=active&level=error&page=3";
    let first = "https://api.rollbar.com/api/1/items/?page=1&status=active&level=error";
    for (total, last, expected) in [
        (json!(100), json!(100), &[][..]),
        (json!(101), json!(101), &[second]),
        (json!(null), json!(null), &[second, third]),
    ] {
        let (page, last) = (full(total), page(&[item(1, &last, "active", &json!("x"))]));
        let there = [(second, &page), (third, &last)];
        let there = if expected.len() == 1 { [(second, &last), (third, &last)] } else { there };
        assert_eq!(led_to(&PARTED, first, &page, &there), expected);
    }
}

#[test]
fn a_list_that_is_too_long_says_how_to_ask_for_less() {
    let items: Vec<_> = (1..=100).map(|id| item(id, &json!("error"), "active", &json!("production"))).collect();
    let long = json!({"err": 0, "result": {"page": 1, "total_count": 2001, "items": items}}).to_string();
    let endless = json!({"err": 0, "result": {"page": 1, "total_count": null, "items": items}}).to_string();
    let url = Url::parse(LIST).unwrap();
    let part = |bytes| Part { url: &url, document: Some(crate::target::Document::new(bytes)) };
    for parts in [vec![part(long.as_bytes())], vec![part(endless.as_bytes()); 20]] {
        let error = next(&parts).unwrap_err().to_string();
        assert!(error.contains("more than 2000 items") && error.contains("level=critical"), "{error}");
    }
}

#[test]
fn an_item_that_moved_between_two_pages_counts_once_and_a_missing_page_is_no_good_news() {
    let one = page(&[item(1, &json!("error"), "active", &json!("a")), item(2, &json!("error"), "active", &json!("a"))]);
    let two =
        page(&[item(2, &json!("error"), "active", &json!("a")), item(3, &json!("critical"), "active", &json!("b"))]);
    let report = read(&[&one, &two]).unwrap();
    let told: Vec<_> = report.incidents.iter().map(|incident| incident.key.as_str()).collect();
    assert_eq!(told, ["1", "2", "3"]);
    assert!(read_parts(&PARTED, LIST, &[Some(&one), None]).is_err());
}

#[test]
fn one_broken_item_does_not_lose_the_rest() {
    let broken = json!([
        item(1, &json!("critical"), "active", &json!("production")), null, {}, {"id": 9}, [], "x",
        {"id": 8, "counter": 8, "level": [], "status": {}, "environment": 7},
    ]);
    let value = json!({"err": 0, "result": {"page": 1, "items": broken}});
    let report = read(&[&value]).unwrap();
    assert_eq!(seen(&report), [(WHOLE, Status::Outage), ("production", Status::Outage)]);
    assert!(!report.unknown_words.is_empty());
}

#[test]
fn other_documents_are_refused() {
    for (stranger, said) in [
        (json!({"err": 1, "message": "invalid access token"}), "the keys err, message"),
        (json!({"err": 1, "result": {"page": 1, "items": []}}), "the keys err, result"),
        (json!({"err": 0, "result": {"items": []}}), "the keys err, result"),
        (json!({"err": 0, "result": {"page": 1, "instances": []}}), "the keys err, result"),
        (json!({"err": 0, "result": {"page": 1, "items": [{"id": 1}]}}), "the keys err, result"),
        (json!({"result": {"page": 1, "items": []}}), "the keys result"),
        (json!([]), "an empty list"),
    ] {
        let error = read(&[&stranger]).unwrap_err();
        assert!(matches!(&error, ParseError::Unrecognised(text) if text.contains(said)), "{stranger}: {error}");
    }
}

proptest! {
    /// Against what the words say, item by item.
    #[test]
    fn the_whole_is_as_bad_as_the_worst_environment(
        items in prop::collection::vec((0..5_usize, 0..4_usize, 0..3_usize), 0..12),
    ) {
        let levels = ["critical", "error", "warning", "info", "debug"];
        let statuses = ["active", "resolved", "muted", "archived"];
        let environments = ["production", "qa", "staging"];
        let rows: Vec<_> = (1..).zip(&items).map(|(id, &(level, status, environment))| {
            item(id, &json!(levels[level]), statuses[status], &json!(environments[environment]))
        }).collect();
        let report = read(&[&page(&rows)]).unwrap();
        let worst = |of: Option<usize>| {
            let open = items.iter().filter(|&&(_, status, at)| status == 0 && of.is_none_or(|of| of == at));
            match open.map(|&(level, ..)| level).min() {
                Some(0) => Status::Outage,
                Some(1) => Status::Degraded,
                _ => Status::Ok,
            }
        };
        let named = (0..3).filter(|&of| items.iter().any(|&(_, status, at)| status == 0 && at == of));
        let expected: Vec<_> = std::iter::once((WHOLE, worst(None)))
            .chain(named.map(|of| (environments[of], worst(Some(of)))))
            .collect();
        prop_assert_eq!(seen(&report), expected);
        let told = items.iter().filter(|&&(_, status, _)| status < 2).count();
        prop_assert_eq!(report.incidents.len(), told);
    }
}
