//! What is known of the targets, in Prometheus' text format. Pure.

use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash, Hasher};

use unistatus_core::schema::{Service, Status, Timestamp};
use unistatus_core::store::TargetState;

/// How many services are told of at the most: a store that somebody filled with names must not fill Prometheus' too.
pub(super) const MOST_SERVICES: usize = 50_000;

/// How many characters of a label's value are told.
const LONGEST_LABEL: usize = 128;
/// How many of those a label that is cut short keeps; a digest of the whole follows, so that no two become one.
const CUT_LABEL: usize = LONGEST_LABEL - 17;

/// A target as it is served.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen<'a> {
    /// What is known of it.
    pub(crate) state: &'a TargetState,
    /// Whether that is believed no more.
    pub(crate) is_stale: bool,
}

/// The text, and how many services it leaves out.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Rendered {
    pub(super) text: String,
    pub(super) dropped: usize,
}

/// A metric that has a value for each target; `None` where it has none.
struct OfTarget {
    name: &'static str,
    help: &'static str,
    write: fn(Seen<'_>, &mut String) -> Option<()>,
}

const SERVICE_STATUS: &str = "unistatus_service_status";

const OF_TARGETS: [OfTarget; 3] = [
    OfTarget {
        name: "unistatus_target_stale",
        help: "Whether what is known of the target is too old to be believed (1) or not (0).",
        write: |seen, text| write!(text, "{}", u8::from(seen.is_stale)).ok(),
    },
    OfTarget {
        name: "unistatus_target_last_success_timestamp_seconds",
        help: "When the target was last asked with success, in seconds since 1970; missing if it never was.",
        write: |seen, text| write_seconds(seen.state.health.last_success?, text),
    },
    OfTarget {
        name: "unistatus_target_consecutive_failures",
        help: "How many asks of the target in a row have failed.",
        write: |seen, text| write!(text, "{}", seen.state.health.consecutive_failures).ok(),
    },
];

/// Writes the metrics of these targets, with so many services at the most.
pub(super) fn render<'a>(targets: &(impl Iterator<Item = Seen<'a>> + Clone), most_services: usize) -> Rendered {
    let services: usize = targets.clone().map(|seen| seen.state.services.len()).sum();
    // About what a line takes, so that the text need not be moved as it grows.
    let mut text = String::with_capacity(services.min(most_services) * 120 + 1024);
    head(
        &mut text,
        SERVICE_STATUS,
        "The status of a service as it is served: 0 OK, 1 Unknown (also where it is stale), 2 Degraded, 3 Outage.",
    );
    let all = targets.clone().flat_map(|seen| seen.state.services.iter().map(move |service| (seen, service)));
    for (seen, service) in all.take(most_services) {
        write_service(seen, service, &mut text);
    }
    for metric in &OF_TARGETS {
        head(&mut text, metric.name, metric.help);
        for seen in targets.clone() {
            let begin = text.len();
            text.push_str(metric.name);
            text.push_str("{target=\"");
            write_label(&seen.state.name, &mut text);
            text.push_str("\"} ");
            match (metric.write)(seen, &mut text) {
                Some(()) => text.push('\n'),
                None => text.truncate(begin),
            }
        }
    }
    Rendered { text, dropped: services.saturating_sub(most_services) }
}

fn head(text: &mut String, name: &str, help: &str) {
    for part in ["# HELP ", name, " ", help, "\n# TYPE ", name, " gauge\n"] {
        text.push_str(part);
    }
}

fn write_service(seen: Seen<'_>, service: &Service, text: &mut String) {
    text.push_str(SERVICE_STATUS);
    for (opening, value) in
        [("{target=\"", &seen.state.name), ("\",service=\"", &service.name), ("\",key=\"", &service.key)]
    {
        text.push_str(opening);
        write_label(value, text);
    }
    text.push_str("\"} ");
    text.push(digit(if seen.is_stale { Status::Unknown } else { service.status }));
    text.push('\n');
}

const fn digit(status: Status) -> char {
    match status {
        Status::Ok => '0',
        Status::Unknown => '1',
        Status::Degraded => '2',
        Status::Outage => '3',
    }
}

fn write_seconds(time: Timestamp, text: &mut String) -> Option<()> {
    let millis = time.as_millis();
    write!(text, "{}.{:03}", millis.div_euclid(1000), millis.rem_euclid(1000)).ok()
}

/// Writes the value of a label, escaped and cut to a bearable length.
fn write_label(value: &str, text: &mut String) {
    // Most are short and plain.
    if value.len() <= LONGEST_LABEL || value.chars().nth(LONGEST_LABEL).is_none() {
        return write_escaped(value, text);
    }
    let end = value.char_indices().nth(CUT_LABEL).map_or(value.len(), |(end, _)| end);
    write_escaped(value.get(..end).unwrap_or(value), text);
    let mut digest = DefaultHasher::new();
    value.hash(&mut digest);
    // Writing to a string cannot fail.
    let _ = write!(text, "~{:016x}", digest.finish());
}

fn write_escaped(value: &str, text: &mut String) {
    let mut rest = value;
    while let Some(at) = rest.find(['\\', '"', '\n']) {
        let (plain, special) = rest.split_at(at);
        text.push_str(plain);
        let mut characters = special.chars();
        text.push_str(match characters.next() {
            Some('\n') => "\\n",
            Some('"') => "\\\"",
            _ => "\\\\",
        });
        rest = characters.as_str();
    }
    text.push_str(rest);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::snapshot::testing::{at, service, target};

    fn fresh(states: &[TargetState]) -> impl Iterator<Item = Seen<'_>> + Clone {
        states.iter().map(|state| Seen { state, is_stale: false })
    }

    fn keyed(name: &str, key: &str, status: Status) -> Service {
        Service { key: key.to_owned(), ..service(name, status) }
    }

    #[test]
    fn each_metric_has_its_lines_together() {
        let mut github = target("github", [keyed("Actions", "a1", Status::Outage), keyed("Pages", "p", Status::Ok)]);
        github.health.consecutive_failures = 4;
        let mut slack = target("slack", [keyed("Slack", "s", Status::Degraded)]);
        slack.health.last_success = None;
        let targets = [Seen { state: &github, is_stale: false }, Seen { state: &slack, is_stale: true }];
        let rendered = render(&targets.into_iter(), MOST_SERVICES);
        let lines: Vec<&str> = rendered.text.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(
            lines,
            [
                r#"unistatus_service_status{target="github",service="Actions",key="a1"} 3"#,
                r#"unistatus_service_status{target="github",service="Pages",key="p"} 0"#,
                r#"unistatus_service_status{target="slack",service="Slack",key="s"} 1"#,
                r#"unistatus_target_stale{target="github"} 0"#,
                r#"unistatus_target_stale{target="slack"} 1"#,
                r#"unistatus_target_last_success_timestamp_seconds{target="github"} 784111777.000"#,
                r#"unistatus_target_consecutive_failures{target="github"} 4"#,
                r#"unistatus_target_consecutive_failures{target="slack"} 0"#,
            ]
        );
        assert_eq!(rendered.dropped, 0);
        assert_eq!(at(0).as_millis(), 784_111_777_000);
    }

    #[test]
    fn what_is_too_much_is_left_out_and_counted() {
        let states =
            ["a", "b"].map(|name| target(name, ["x", "y", "z"].map(|service| keyed(service, service, Status::Ok))));
        let rendered = render(&fresh(&states), 4);
        assert_eq!(rendered.text.matches("unistatus_service_status{").count(), 4);
        assert_eq!(rendered.dropped, 2);
        // The targets themselves are all told of.
        assert_eq!(rendered.text.matches("unistatus_target_stale{").count(), 2);
    }

    #[test]
    fn long_values_are_cut_and_stay_apart() {
        let (long, other) = ("ü".repeat(LONGEST_LABEL) + "a", "ü".repeat(LONGEST_LABEL) + "b");
        let written = |value: &str| {
            let mut text = String::new();
            write_label(value, &mut text);
            text
        };
        for value in [&long, &other] {
            assert_eq!(written(value).chars().count(), LONGEST_LABEL);
        }
        assert_ne!(written(&long), written(&other));
        assert_eq!(written(&"ü".repeat(LONGEST_LABEL)), "ü".repeat(LONGEST_LABEL));
        assert_eq!(written("a \"quoted\"\\\n"), "a \\\"quoted\\\"\\\\\\n");
    }

    proptest! {
        #[test]
        fn any_names_make_lines_that_read_back(names in prop::collection::btree_set("\\PC{0,8}|[\"\\\\\n,{}= a]{0,200}", 0..6)) {
            let services = names.iter().map(|name| keyed(name, name, Status::Ok));
            let rendered = render(&fresh(&[target("t", services)]), MOST_SERVICES);
            let lines: BTreeSet<&str> =
                rendered.text.split('\n').filter(|line| line.starts_with("unistatus_service_status{")).collect();
            prop_assert_eq!(lines.len(), names.len());
            for name in names.iter().filter(|name| name.chars().count() <= LONGEST_LABEL) {
                let escaped = name.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
                let line = format!(r#"unistatus_service_status{{target="t",service="{escaped}",key="{escaped}"}} 0"#);
                prop_assert!(lines.contains(line.as_str()), "{}", line);
            }
        }
    }
}
