//! What the process that renders is told, and what it answers: JSON both.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Fault;

/// What is to be done.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Job {
    /// The template.
    pub(super) content: String,
    /// What it is filled in with; without it, only its syntax is checked.
    pub(super) context: Option<Map<String, Value>>,
}

/// What came of it.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Answer {
    /// The text; nothing where only the syntax was checked.
    Done(String),
    /// It is no template.
    Syntax(Fault),
    /// It asks for what is not there, or for what cannot be done.
    Failed(Fault),
    /// It takes too many steps.
    TooLong,
    /// The text is too long.
    TooMuchText,
}
