//! What a setting comes to and where that is from, fit to be shown.

use std::fmt;

use serde::{Serialize, Serializer};

/// Where the value of a setting is from, strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// The command line.
    Flag,
    /// The process's environment.
    Environment,
    /// The `.env` of the working folder.
    DotEnv,
    /// The `unistatus.toml` of the working folder.
    File,
    /// Nobody set it.
    Default,
}

impl Source {
    /// Its name in messages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Flag => "flag",
            Self::Environment => "environment",
            Self::DotEnv => ".env",
            Self::File => "unistatus.toml",
            Self::Default => "default",
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for Source {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A setting as a process has it. It holds no secret, and displays itself as `NAME=value (source)`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Explained {
    /// Its name, as the environment writes it.
    pub name: &'static str,
    /// What it is understood as, in the words of the configuration and without its secrets; `None` where nobody set it
    /// and it has no default.
    pub value: Option<String>,
    /// Where it is from.
    pub source: Source,
    /// The file that it was read from, where `NAME_FILE` named one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The setting that it was made of, where that was another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub made_of: Option<&'static str>,
}

impl Explained {
    /// Where it is from, in words.
    pub fn origin(&self) -> String {
        match (&self.file, self.made_of) {
            (Some(file), _) => format!("{}, file {file}", self.source),
            (None, Some(name)) => format!("{}, made of {name}", self.source),
            (None, None) => self.source.to_string(),
        }
    }
}

impl fmt::Display for Explained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={} ({})", self.name, self.value.as_deref().unwrap_or_default(), self.origin())
    }
}
