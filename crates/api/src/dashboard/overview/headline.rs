//! How everything is, in one sentence and some numbers.

use serde::Serialize;

use crate::dashboard::look::Look;
use crate::dashboard::markup::Markup;

/// How many targets the sentence names.
const NAMED: usize = 3;

/// The sentence.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(in crate::dashboard) struct Headline {
    look: Look,
    text: String,
}

/// How many targets look so.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Count {
    look: Look,
    targets: usize,
    /// Those alone; `None` where no filter finds them.
    link: Option<Markup>,
}

impl Headline {
    /// The sentence about targets with these looks and titles. It tells of the worst.
    pub(in crate::dashboard) fn of(targets: &[(Look, &str)]) -> Self {
        let worst = targets.iter().map(|&(look, _)| look).max();
        let Some(look) = worst else {
            return Self { look: Look::Quiet, text: "Nothing is watched yet".to_owned() };
        };
        let titles: Vec<&str> = targets.iter().filter(|(found, _)| *found == look).map(|&(_, title)| title).collect();
        let text = match look {
            Look::Quiet => "Nothing reported yet".to_owned(),
            Look::Ok => "All systems operational".to_owned(),
            Look::Unknown => format!("No word of {}", enumerated(&titles)),
            Look::Maintenance => format!("Planned maintenance at {}", enumerated(&titles)),
            Look::Degraded => format!("Degraded: {}", enumerated(&titles)),
            Look::Outage => format!("Outage: {}", enumerated(&titles)),
        };
        Self { look, text }
    }
}

impl Count {
    /// How many of the targets look how; looks that none has are left out, but for the four words of the contract.
    pub(super) fn all(targets: &[(Look, &str)]) -> Vec<Self> {
        let count = |look| targets.iter().filter(|(found, _)| *found == look).count();
        let is_always_shown = |look| !matches!(look, Look::Maintenance | Look::Quiet);
        let counts = Look::ALL.into_iter().map(|look| Self {
            look,
            targets: count(look),
            link: look.status().map(|status| Markup::link("/", &[("status", status.as_str())])),
        });
        counts.filter(|shown| shown.targets > 0 || is_always_shown(shown.look)).collect()
    }
}

/// `a`, `a and b`, `a, b and c`, `a, b, c and 4 more`.
fn enumerated(names: &[&str]) -> String {
    let more = names.len().saturating_sub(NAMED);
    let more = (more > 0).then(|| format!("{more} more"));
    let mut shown: Vec<&str> = names.iter().take(NAMED).copied().chain(more.as_deref()).collect();
    let last = shown.pop().unwrap_or_default();
    if shown.is_empty() { last.to_owned() } else { format!("{} and {last}", shown.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_tells_of_the_worst() {
        let text = |targets: &[(Look, &str)]| Headline::of(targets).text;
        assert_eq!(text(&[]), "Nothing is watched yet");
        assert_eq!(text(&[(Look::Ok, "a"), (Look::Quiet, "b")]), "All systems operational");
        assert_eq!(text(&[(Look::Ok, "a"), (Look::Maintenance, "b")]), "Planned maintenance at b");
        assert_eq!(text(&[(Look::Unknown, "a"), (Look::Ok, "b"), (Look::Unknown, "c")]), "No word of a and c");
        assert_eq!(text(&[(Look::Degraded, "a"), (Look::Outage, "b")]), "Outage: b");
        let many = ["a", "b", "c", "d", "e"].map(|title| (Look::Degraded, title));
        assert_eq!(text(&many[..3]), "Degraded: a, b and c");
        assert_eq!(text(&many), "Degraded: a, b, c and 2 more");
    }

    #[test]
    fn the_four_words_are_always_counted_and_lead_to_their_targets() {
        let counts = Count::all(&[(Look::Ok, "a"), (Look::Ok, "b"), (Look::Maintenance, "c")]);
        let shown: Vec<_> = counts.iter().map(|count| (count.look.word(), count.targets)).collect();
        assert_eq!(shown, [("Outage", 0), ("Degraded", 0), ("Maintenance", 1), ("Unknown", 0), ("OK", 2)]);
        assert_eq!(counts[2].link.as_ref().unwrap().as_str(), "/?status=Degraded");
    }
}
