use super::*;
use crate::schema::Status;

const INTRANET: &str = r#"
    expect_title = '^Intranet status'
    service = { from = "title", pattern = '\[(?<service>[^\]]+)\]' }
    region = { from = "category", pattern = '^(?<region>[a-z]{3}\d)$' }
    group_by = { from = "guid", pattern = '^(?<group>\d+)' }
    closed = [{ from = "title", pattern = 'Closed:' }]
    state = [
        { from = "html", pattern = '<b>down</b>', status = "Outage" },
        { from = "body", pattern = 'Level: (?<word>\w+)' },
    ]
"#;

fn mapping(rules: &str) -> Mapping {
    let words = "minor = 'Degraded'\nmajor = 'Outage'\nnone = 'OK'\nplanned = 'maintenance'";
    Mapping { rules: Some(toml::from_str(rules).unwrap()), words: toml::from_str(words).unwrap(), ..Mapping::default() }
}

/// An item given as `(guid, hour, title, body, categories)`.
type Item<'a> = (&'a str, u32, &'a str, &'a str, &'a [&'a str]);

fn feed(items: &[Item<'_>]) -> String {
    let items: Vec<String> = items
        .iter()
        .map(|(guid, hour, title, body, categories)| {
            let categories: String = categories.iter().fold(String::new(), |all, name| all + "<category>" + name + "</category>");
            format!(
                "<item><title>{title}</title><guid>{guid}</guid><pubDate>Tue, 4 Aug 2026 {hour}:00:00 GMT</pubDate>\
                 <link>https://intranet.test/{guid}</link><description><![CDATA[{body}]]></description>{categories}</item>"
            )
        })
        .collect();
    format!("<rss><channel><title>Intranet status</title>{}</channel></rss>", items.concat())
}

fn read(mapping: &Mapping, items: &[Item<'_>]) -> Result<Report, ParseError> {
    compile(mapping).unwrap().parse(&Document::new(feed(items).as_bytes()))
}

fn rows(report: &Report) -> Vec<(&str, Status)> {
    report.services.iter().map(|service| (service.key.as_str(), service.status)).collect()
}

#[test]
fn the_worked_example_reads_as_it_says() {
    let report = read(
        &mapping(INTRANET),
        &[
            ("42", 9, "[Mail] Messages are delayed", "<p>Level: <i>minor</i>.</p>", &["fra1", "urgent", "ams2"]),
            ("41", 8, "[Wiki] Closed: Search is down", "<b>down</b>", &[]),
            ("40", 7, "[Git] [Builds] gone", "<b>down</b>", &[]),
            ("39", 6, "[Printers] moved", "Level: planned", &[]),
            ("38", 5, "[Phones] fine", "Level: none", &[]),
            ("37", 4, "[Door] stuck", "call us", &[]),
            ("36", 3, "The canteen is closed", "", &[]),
        ],
    )
    .unwrap();
    assert_eq!(
        rows(&report),
        [
            ("Mail|fra1", Status::Degraded),
            ("Mail|ams2", Status::Degraded),
            ("Wiki", Status::Ok),
            ("Git", Status::Outage),
            ("Builds", Status::Outage),
            ("Printers", Status::Degraded),
            ("Phones", Status::Ok),
            ("Door", Status::Degraded),
        ]
    );
    assert_eq!(report.coverage, Coverage::OpenOnly);
    assert_eq!(report.services[0].dimensions["region"], "fra1".into());
    assert_eq!(report.services[5].dimensions["maintenance"], true.into());
    assert_eq!(report.services[0].last_timestamp.unwrap().to_string(), "2026-08-04T09:00:00.000Z");
    let mail = &report.incidents[0];
    assert_eq!((mail.key.as_str(), mail.url.as_deref()), ("42", Some("https://intranet.test/42")));
    assert_eq!(mail.services, ["Mail|fra1", "Mail|ams2"]);
}

#[test]
fn entries_of_one_group_are_one_incident_and_the_newest_decides() {
    let report = read(
        &mapping(INTRANET),
        &[
            ("42-1", 9, "[Mail] slow", "Level: minor", &[]),
            ("42-3", 11, "[Mail] Closed: slow", "", &[]),
            ("42-2", 10, "[Mail] slower", "Level: major", &[]),
        ],
    )
    .unwrap();
    assert_eq!(rows(&report), [("Mail", Status::Ok)]);
    assert_eq!((report.incidents.len(), report.incidents[0].updates.len()), (1, 3));
    assert_eq!(report.incidents[0].started_at.unwrap().to_string(), "2026-08-04T09:00:00.000Z");
}

#[test]
fn order_says_which_match_inside_an_entry_counts() {
    let body = "Level: major Level: none";
    for (order, status) in [("newest-first", Status::Outage), ("oldest-first", Status::Ok)] {
        let rules = mapping(&format!("order = '{order}'\n{INTRANET}"));
        assert_eq!(rows(&read(&rules, &[("1", 9, "[Mail] x", body, &[])]).unwrap()), [("Mail", status)], "{order}");
    }
}

#[test]
fn a_word_without_a_meaning_is_unknown_and_noted() {
    let report = read(&mapping(INTRANET), &[("1", 9, "[Mail] x", "Level: purple", &[])]).unwrap();
    assert_eq!(rows(&report), [("Mail", Status::Unknown)]);
    assert!(report.unknown_words.contains("purple"));
}

#[test]
fn without_rules_every_entry_is_trouble_of_the_feed() {
    let report = read(&mapping("open = 'Outage'"), &[("1", 9, "x", "", &[])]).unwrap();
    assert_eq!(rows(&report), [("Intranet status", Status::Outage)]);
}

#[test]
fn another_feed_is_refused_and_an_empty_one_is_good_news() {
    assert!(read(&mapping(INTRANET), &[]).unwrap().services.is_empty());
    let other = b"<rss><channel><title>Some blog</title></channel></rss>";
    let error = compile(&mapping(INTRANET)).unwrap().parse(&Document::new(other)).unwrap_err();
    assert!(matches!(error, ParseError::Unrecognised(_)), "{error:?}");
    let said = "a feed titled \"Some blog\", where one was expected that rules.expect_title `^Intranet status` matches";
    assert_eq!(error.to_string(), said);
}

#[test]
fn a_feed_in_which_nothing_names_a_service_has_changed_its_shape() {
    let error = read(&mapping(INTRANET), &[("1", 9, "Mail: slow", "", &[])]).unwrap_err().to_string();
    let said = "rules.service: `\\[(?<service>[^\\]]+)\\]` matches the title of none of the feed's 1 entries, such as \
                \"Mail: slow\"; expected a match in at least one of them";
    assert_eq!(error, said);
}

#[test]
fn each_entry_is_explained_with_its_group_and_the_rule_that_matched() {
    let feed = feed(&[
        ("42-1", 9, "[Mail] slow", "Level: minor", &["fra1"]),
        ("42-2", 10, "[Mail] slower", "Level: purple", &["fra1", "ams2"]),
        ("41", 8, "[Wiki] Closed: slow", "", &[]),
        ("40", 7, "[Git] gone", "<b>down</b>", &[]),
        ("39", 6, "[Door] stuck", "", &[]),
        ("38", 5, "The canteen", "", &[]),
    ]);
    let nowhere = url::Url::parse("http://localhost/").unwrap();
    let part = Part { url: &nowhere, document: Some(Document::new(feed.as_bytes())) };
    let rules = compile(&mapping(INTRANET)).unwrap();
    let Explanation { lines, report, .. } = rules.explain(&[part]);
    let told = lines.iter().map(|line| {
        let found: Vec<_> = line.found.iter().map(|found| format!("{} {}", found.by, found.what)).collect();
        format!("{}: {} => {}", line.piece.replace("2026-08-04T", ""), found.join("; "), line.outcome)
    });
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            "entry 2 of 10:00:00.000Z, \"[Mail] slower\": group \"42\"; service \"Mail\"; region \"fra1\", \"ams2\"; state[1] \
             \"purple\" is a word that is not known => open: Unknown for Mail in fra1, Mail in ams2",
            "entry 1 of 09:00:00.000Z, \"[Mail] slow\": group \"42\" => entry 2 is newer and of the same group",
            "entry 3 of 08:00:00.000Z, \"[Wiki] Closed: slow\": group \"41\"; service \"Wiki\"; region nothing; closed[0] \
             matches => closed: OK for Wiki",
            "entry 4 of 07:00:00.000Z, \"[Git] gone\": group \"40\"; service \"Git\"; region nothing; state[0] matches, \
             which means Outage => open: Outage for Git",
            "entry 5 of 06:00:00.000Z, \"[Door] stuck\": group \"39\"; service \"Door\"; region nothing; open no other \
             rule matches, which means Degraded => open: Degraded for Door",
            "entry 6 of 05:00:00.000Z, \"The canteen\": group \"38\"; service nothing; region nothing => an \
             announcement: it names no service",
        ]
    );
    assert_eq!(report, rules.parse(&Document::new(feed.as_bytes())), "what is explained is what is read");
}

#[test]
fn coverage_is_the_users_to_say() {
    let complete = Mapping { coverage: Some(Coverage::Complete), ..mapping(INTRANET) };
    assert_eq!(read(&complete, &[]).unwrap().coverage, Coverage::Complete);
}

#[test]
fn a_broken_rule_is_named_with_what_was_expected() {
    for (rules, says) in [
        ("expect_title = '('", "rules.expect_title: `(` is no regular expression"),
        ("service = { from = 'title', pattern = 'a' }", "rules.service.pattern: `a` has no group named `service`"),
        ("region = { from = 'title', pattern = '(?<service>a)' }", "expected one such as `(?<region>\\w+)`"),
        ("closed = [{ from = 'title', pattern = '[' }]", "rules.closed[0].pattern"),
        ("state = [{ from = 'title', pattern = 'x' }]", "rules.state[0].pattern: `x` has no group named `word`"),
        ("closed = [{ from = 'body', pattern = '((a{1000}){1000}){10}' }]", "rules.closed[0].pattern"),
    ] {
        let error = compile(&mapping(rules)).err().unwrap().to_string();
        assert!(error.contains(says), "{error}");
    }
    assert!(compile(&Mapping::default()).err().unwrap().to_string().starts_with("rules: missing"));
    for rules in ["clsed = []", "order = 'random'", "closed = [{ from = 'author', pattern = 'x' }]", "open = 'fine'"] {
        assert!(toml::from_str::<RulesSpec>(rules).is_err(), "{rules}");
    }
}
