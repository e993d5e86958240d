//! The user's own rules against recorded documents: what they read without any code of ours.

use std::collections::BTreeSet;

use unistatus_core::schema::Kind;
use unistatus_core::target::{Document, Mapping, find_format};

use crate::common::{all_recordings, components, count};

/// Rules, words, and what recordings show through them: `[OK, Unknown, Degraded, Outage]`.
type ByRules = (&'static str, &'static str, &'static [(&'static str, [usize; 4])]);

const BY_RULES: &[ByRules] = &[
    (
        "expect_title = '^Azure Status$'\n\
         service = { from = 'category', pattern = '^(?<service>.+)$' }\n\
         closed = [{ from = 'title', pattern = '(?i)- (Resolved|Mitigated)\\s*$' }]",
        "",
        &[
            ("azure/feed-2026-09-25-empty.rss", [0; 4]),
            ("azure/feed-2022-09-07-afd-active.rss", [0, 0, 35, 0]),
            ("azure/feed-2026-07-23T1638-westus-active.rss", [0, 0, 10, 0]),
            ("azure/feed-2026-07-23T1812-westus-active.rss", [0, 0, 15, 0]),
        ],
    ),
    (
        "expect_title = '^xAI'\n\
         service = { from = 'title', pattern = '^\\[(?<service>[^(]+) \\(' }\n\
         region = { from = 'title', pattern = '^[^(]+\\((?<region>[^.]+)' }\n\
         state = [{ from = 'body', pattern = 'Status: (?<word>\\w+) Severity: available' }]",
        "resolved = 'OK'",
        &[("xai/feed-2026-07-07-excerpt.rss", [3, 0, 0, 0])],
    ),
    (
        "order = 'oldest-first'\n\
         state = [{ from = 'html', pattern = '<br /><b>(?<word>\\w+)</b>' }]",
        "resolved = 'OK'\ncompleted = 'OK'\nactive = 'maintenance'",
        &[("docker/rss-2026-06-24-excerpt.rss", [1, 0, 0, 0])],
    ),
    (
        "expect_title = 'Incident history$'\n\
         order = 'oldest-first'\n\
         service = { from = 'body', pattern = 'Affected Components: (?<service>[A-Z]\\w+)' }\n\
         state = [{ from = 'body', pattern = 'GMT\\S+ - (?<word>\\w+) - ' }]",
        "resolved = 'OK'",
        &[("northflank/history-2026-10-excerpt.rss", [2, 0, 0, 0])],
    ),
];

#[test]
fn rules_read_what_vendors_write() {
    let files = all_recordings("rss");
    for (rules, words, recordings) in BY_RULES {
        let mapping = Mapping {
            rules: Some(toml::from_str(rules).unwrap()),
            words: toml::from_str(words).unwrap(),
            ..Mapping::default()
        };
        let format = find_format(Kind::Rss, "rules").unwrap().build(&mapping).unwrap();
        for (file, expected) in *recordings {
            let Some(bytes) = files.get(*file) else { continue };
            let report = format.parse(&Document::new(bytes)).unwrap();
            assert_eq!(count(components(&report)), *expected, "{file}: {:#?}", report.services);
            assert_eq!(report.unknown_words, BTreeSet::new(), "{file}");
        }
    }
}
