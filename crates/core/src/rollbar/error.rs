//! Why Rollbar gave no good answer.

use std::fmt;
use std::time::Duration;

use super::answer::said;
use super::ask::Ask;
use crate::target::fetch::FetchError;

/// How long to wait where Rollbar's limit is reached and it does not say for how long: its limits are by the minute.
const UNSAID: Duration = Duration::from_mins(1);

/// What a project access token of Rollbar may be good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenScope {
    /// Reading.
    Read,
    /// Changing items.
    Write,
    /// Reporting occurrences.
    PostServerItem,
}

impl TokenScope {
    /// Rollbar's word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::PostServerItem => "post_server_item",
        }
    }
}

impl fmt::Display for TokenScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Why Rollbar gave no good answer. The messages are sentences for people, and never hold the token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RollbarError {
    /// The project has no such item.
    #[error("Rollbar has no such item in this project.")]
    ItemNotFound,
    /// Rollbar understood what is asked for, and does not do it.
    #[error("Rollbar refuses this: {said}.")]
    Refused {
        /// Its status: 400, 413, 422; 200 where only the body refuses.
        status: u16,
        /// Why, in Rollbar's words.
        said: String,
    },
    /// The token is none, or not good for this.
    #[error(
        "Rollbar does not accept the token of this server ({status}: {said}): ROLLBAR_TOKEN has to be a project access \
         token with the scope {scope}."
    )]
    TokenRefused {
        /// Its status: 401 or 403.
        status: u16,
        /// Why, in Rollbar's words.
        said: String,
        /// What the token has to be good for.
        scope: TokenScope,
    },
    /// The token was used too often.
    #[error("Rollbar's rate limit is reached: ask again in {seconds} seconds.")]
    Limited {
        /// After how many seconds to ask again, 1 or more.
        seconds: u64,
    },
    /// Rollbar cannot be reached, or is in trouble itself.
    #[error("Rollbar cannot be asked: {problem}{}.", doubt(*.is_safe))]
    Unavailable {
        /// What went wrong.
        problem: String,
        /// Whether nothing was to be changed: else it is not known whether it was.
        is_safe: bool,
    },
    /// The operation was not over in time.
    #[error("Rollbar gave no complete answer within {seconds} seconds{}.", doubt(*.is_safe))]
    TooSlow {
        /// In how many seconds it should have been.
        seconds: u64,
        /// As above.
        is_safe: bool,
    },
    /// It answers, and not as its API does.
    #[error("What answers in Rollbar's place is not its API: expected was {expected}. Is ROLLBAR_URL right?")]
    Unreadable {
        /// What was expected.
        expected: &'static str,
    },
    /// The client itself cannot be used.
    #[error("The client of Rollbar cannot be used: {problem}.")]
    Unusable {
        /// Why.
        problem: String,
    },
}

const fn doubt(is_safe: bool) -> &'static str {
    if is_safe { "" } else { "; whether it was done is not known" }
}

/// Why one request had no good answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// It was never sent.
    #[error("{0}")]
    NotSent(FetchError),
    /// It was sent, at least in part, and there was no whole answer.
    #[error("{0}")]
    Broken(FetchError),
    /// It was answered, and not by what was asked for.
    #[error("it answered {status}")]
    Answered {
        /// The status.
        status: u16,
        /// What it says.
        said: Option<String>,
        /// How long it wants to be left alone.
        wait: Option<Duration>,
    },
}

impl RollbarError {
    /// What a failure means for who asked.
    pub(super) fn of(failure: Failure, ask: &Ask) -> Self {
        let (status, message, wait) = match failure {
            Failure::NotSent(error) => return Self::Unavailable { problem: error.to_string(), is_safe: true },
            Failure::Broken(error) => {
                return Self::Unavailable { problem: error.to_string(), is_safe: ask.is_safe() };
            }
            Failure::Answered { status, said, wait } => (status, said, wait),
        };
        let said = message.unwrap_or_else(|| said(None));
        match status {
            404 if ask.names_item() => Self::ItemNotFound,
            404 => Self::Unreadable { expected: "a resource of the API" },
            // So it is documented for changes.
            400 if said.to_lowercase().starts_with("item not found") => Self::ItemNotFound,
            401 | 403 => Self::TokenRefused { status, said, scope: ask.scope() },
            400 | 413 | 422 => Self::Refused { status, said },
            429 => {
                let wait = wait.unwrap_or(UNSAID);
                Self::Limited { seconds: (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1) }
            }
            _ => {
                // A server that refuses to look at a request has not done it.
                let is_safe = ask.is_safe() || status < 500;
                Self::Unavailable { problem: format!("it answers {status}"), is_safe }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_status_has_its_error() {
        let refused = |status| RollbarError::Refused { status, said: "no".to_owned() };
        let denied = |status, scope| RollbarError::TokenRefused { status, said: "no".to_owned(), scope };
        let away =
            |status: u16, is_safe| RollbarError::Unavailable { problem: format!("it answers {status}"), is_safe };
        for (status, reading, changing) in [
            (400, refused(400), refused(400)),
            (401, denied(401, TokenScope::Read), denied(401, TokenScope::Write)),
            (403, denied(403, TokenScope::Read), denied(403, TokenScope::Write)),
            (404, RollbarError::ItemNotFound, RollbarError::ItemNotFound),
            (405, away(405, true), away(405, true)),
            (413, refused(413), refused(413)),
            (422, refused(422), refused(422)),
            (429, RollbarError::Limited { seconds: 3 }, RollbarError::Limited { seconds: 3 }),
            (500, away(500, true), away(500, false)),
            (503, away(503, true), away(503, false)),
        ] {
            let answered =
                || Failure::Answered { status, said: Some("no".to_owned()), wait: Some(Duration::from_millis(2_001)) };
            assert_eq!(RollbarError::of(answered(), &Ask::get(["item", "1"])), reading);
            assert_eq!(RollbarError::of(answered(), &Ask::patch(["item", "1"], String::new())), changing);
        }
    }

    #[test]
    fn what_is_missing_from_an_answer_is_made_up_for() {
        let of = |status, said: Option<&str>| {
            let failure = Failure::Answered { status, said: said.map(str::to_owned), wait: None };
            RollbarError::of(failure, &Ask::get(["a"]))
        };
        assert_eq!(of(404, None), RollbarError::Unreadable { expected: "a resource of the API" });
        assert_eq!(of(429, None), RollbarError::Limited { seconds: 60 });
        assert_eq!(of(400, Some("Item not found in this project")), RollbarError::ItemNotFound);
        assert!(of(403, None).to_string().contains("(403: it gives no reason)"));
    }

    #[test]
    fn what_may_have_been_done_is_said_so() {
        for (is_safe, said) in [(true, "within 20 seconds."), (false, "; whether it was done is not known.")] {
            assert!(RollbarError::TooSlow { seconds: 20, is_safe }.to_string().ends_with(said));
        }
    }
}
