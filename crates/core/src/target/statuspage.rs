//! What the JSON and the pages of Atlassian Statuspage have in common: one vocabulary.

use super::{Meaning, Vocabulary};

/// What a component's status means.
pub(super) static COMPONENT: Vocabulary = Vocabulary(&[
    ("operational", Meaning::OK),
    ("degraded_performance", Meaning::DEGRADED),
    ("partial_outage", Meaning::DEGRADED),
    ("major_outage", Meaning::OUTAGE),
    ("under_maintenance", Meaning::Maintenance),
]);

/// What the page's indicator means: a summary of the components, which knows nothing of incidents.
pub(super) static INDICATOR: Vocabulary = Vocabulary(&[
    ("none", Meaning::OK),
    ("minor", Meaning::DEGRADED),
    ("major", Meaning::OUTAGE),
    ("critical", Meaning::OUTAGE),
    ("maintenance", Meaning::Maintenance),
]);

/// What the impact of an incident means.
pub(super) static IMPACT: Vocabulary = Vocabulary(&[
    ("none", Meaning::OK),
    ("minor", Meaning::DEGRADED),
    ("major", Meaning::DEGRADED),
    ("critical", Meaning::OUTAGE),
    ("maintenance", Meaning::Maintenance),
]);

/// A line of text that a page shows among its components ("Visit www.githubstatus.com for more information"): a
/// display hint for places that embed the list. It is always operational and nothing that could fail.
pub(super) fn is_decoy(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    name.starts_with("visit ") && name.ends_with(" for more information")
}
