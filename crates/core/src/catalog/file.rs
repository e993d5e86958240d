//! A targets file's text, and where in it a fault lies.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use serde::Deserialize;

use crate::target::spec::{SpecError, TargetSpec};

/// Targets files that cannot be used: every fault, a line each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetsError(pub Vec<TargetsFault>);

impl fmt::Display for TargetsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            fault.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for TargetsError {}

/// One fault of a targets file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetsFault {
    /// The file.
    pub file: String,
    /// The line, counted from 1; 0 where the file itself is at fault.
    pub line: usize,
    /// Which target and which key, as far as that is known; what is wrong; what was expected.
    pub message: String,
}

impl fmt::Display for TargetsFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.file, self.message),
            line => write!(f, "{}:{line}: {}", self.file, self.message),
        }
    }
}

/// The whole of a targets file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TargetsFile {
    #[serde(default)]
    target: Vec<TargetSpec>,
}

/// Reads a targets file's text.
pub(super) fn read(file: &str, text: &str) -> Result<Vec<TargetSpec>, TargetsFault> {
    toml::from_str::<TargetsFile>(text).map(|file| file.target).map_err(|error| {
        let span = error.span().unwrap_or_default();
        // The parser says what it met and what it expected; the key is the one the fault's line begins with.
        let message = without_value(error.message()).trim().replace('\n', "; ");
        let message = match key_at(text, &span) {
            Some(key) => format!("{key}: {message}"),
            None => message,
        };
        TargetsFault { file: file.to_owned(), line: line_of(text, span.start), message }
    })
}

/// Gives the faults of one entry their place in the file.
pub(super) fn locate(file: &str, text: &str, target: &str, faults: Vec<SpecError>) -> Vec<TargetsFault> {
    let place = |SpecError { span, key, problem, expected }| TargetsFault {
        file: file.to_owned(),
        line: line_of(text, span.start),
        message: format!("target \"{target}\", {key}: {problem}; expected {expected}"),
    };
    faults.into_iter().map(place).collect()
}

/// A name that stands twice among the user's own targets.
pub(super) fn repeated(file: &str, text: &str, spec: &TargetSpec, first: &str) -> TargetsFault {
    let name = spec.name();
    TargetsFault {
        file: file.to_owned(),
        line: line_of(text, spec.name_span().start),
        message: format!("target \"{name}\", name: the name is taken already in {first}; expected one of its own"),
    }
}

/// The number of the line that the byte at `position` is in, counted from 1.
pub(crate) fn line_of(text: &str, position: usize) -> usize {
    1 + text.as_bytes().iter().take(position).filter(|&&byte| byte == b'\n').count()
}

/// The parser's message without the value that it met: where a secret belongs, it may be one.
fn without_value(message: &str) -> Cow<'_, str> {
    let shown = ["invalid type: ", "invalid value: "].into_iter().find(|shown| message.starts_with(shown));
    let parts = shown.and_then(|shown| Some((shown, message.strip_prefix(shown)?.rsplit_once(", expected ")?)));
    let Some((shown, (met, expected))) = parts else { return Cow::Borrowed(message) };
    let kind = met.split(['"', '`']).next().unwrap_or_default().trim_end();
    Cow::Owned(format!("{shown}{kind}, expected {expected}"))
}

fn key_at<'a>(text: &'a str, span: &Range<usize>) -> Option<&'a str> {
    let line = text.lines().nth(line_of(text, span.start) - 1)?;
    let (key, _) = line.split_once('=')?;
    let key = key.trim().trim_matches('"');
    let is_key = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    (!key.is_empty() && key.chars().all(is_key)).then_some(key)
}
