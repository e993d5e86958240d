//! The words that Slack ends an incident with.

/// What a sentence says, in lower case, if the incident is over with it.
const CLOSING: [&str; 20] = [
    "issue is resolved",
    "issue is now resolved",
    "issue has been resolved",
    "issue has now been resolved",
    "issues are now resolved",
    "issues have been resolved",
    "issues have now been resolved",
    "incident is now resolved",
    "incident has been resolved",
    "incident has now been resolved",
    "we've resolved the issue",
    "we've now resolved the issue",
    "we've resolved this issue",
    "we've resolved an issue",
    "we have resolved the issue",
    "we have resolved this issue",
    "users should no longer",
    "customers should no longer",
    "maintenance is now complete",
    "maintenance has been completed",
];

/// The words that make such a sentence a hope, or true of a part only.
const HEDGES: [&str; 16] = [
    "until",
    "once",
    "when",
    "if",
    "before",
    "whether",
    "not",
    "yet",
    "while",
    "most",
    "many",
    "some",
    "majority",
    "partially",
    "except",
    "but",
];

/// How the account begins that is posted when all is over.
const ACCOUNT: &str = "issue summary:";

/// Whether an update ends its incident.
pub(super) fn closes(text: &str) -> bool {
    let text = text.replace('’', "'").to_lowercase();
    text.starts_with(ACCOUNT) || text.split(['.', '!', '?', ':', ';']).any(is_closing)
}

fn is_closing(sentence: &str) -> bool {
    let mut words = sentence.split(|c: char| !(c.is_alphanumeric() || c == '\''));
    CLOSING.iter().any(|words| has_words(sentence, words)) && !words.any(|word| HEDGES.contains(&word))
}

/// Whether a sentence has these words, whole.
fn has_words(sentence: &str, words: &str) -> bool {
    let is_edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    sentence.match_indices(words).any(|(at, _)| {
        let (before, rest) = sentence.split_at(at);
        is_edge(before.chars().next_back()) && is_edge(rest[words.len()..].chars().next())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_closing_sentence_closes_and_nothing_else_does() {
        for words in CLOSING {
            assert!(closes(&format!("Sorry for that. The {words} for all users.Current status: fine.")), "{words}");
        }
        for text in [
            "This issue is now resolved.Current status and actions: we found the cause. If it comes back, tell us.",
            "We’ve resolved the issue with threads, and we are sorry",
            "This issue has now been resolved, thank you for your patience.",
            "We've now resolved the issue for everyone.",
            "We rolled back the change and have confirmed the fix is deployed and the issue is resolved.",
            "Affected users should no longer experience any trouble with threads.",
            "Issue summary: From 9:01 AM to 11:00 AM users had trouble.",
        ] {
            assert!(closes(text), "{text}");
        }
        for text in [
            "",
            "We are working to get this resolved.",
            "We will be back once the issue is resolved.",
            "We'll post another update in 30 minutes or when this issue is resolved",
            "We do not think that the issue is resolved.",
            "The issue is resolved for most users.",
            "While the issue is now resolved in North America, Europe is still affected.",
            "While the majority of users should no longer be experiencing issues, we go on looking.",
            "The issue is resolvedly open.",
            "The tissue is resolved.",
            "The issue is unresolved.",
            "The issue is not resolved.",
            "We've resolved a technical limit that slowed the recovery.",
            "Our issue summary: to come.",
        ] {
            assert!(!closes(text), "{text}");
        }
    }
}
