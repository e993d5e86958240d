//! Why there is no text.

use std::{fmt, io};

use serde::{Deserialize, Serialize};

/// What is wrong with a template, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// The line, from 1 on, where that is known.
    pub line: Option<usize>,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

/// Why a template cannot be read, or filled in.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// It is no template.
    #[error("{0}")]
    Syntax(Fault),
    /// It asks for what is not there, or for what cannot be done.
    #[error("{0}")]
    Failed(Fault),
    /// It takes too much time, or never ends.
    #[error("it takes too long, and was stopped")]
    TooLong,
    /// It takes too much memory, or nests too deeply.
    #[error("it takes too much memory or nests too deeply, and was stopped")]
    TooMuchMemory,
    /// The text would be too long.
    #[error("the text that it makes is too long: {} bytes are the most", super::work::LONGEST)]
    TooMuchText,
    /// Others are being rendered, and go on being so.
    #[error("too many templates are rendered at once")]
    Busy,
    /// The process that renders cannot be started, or says nothing: a fault of ours.
    #[error("the process that renders templates cannot be used")]
    Process(#[source] io::Error),
}
