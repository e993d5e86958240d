//! What is told of a target.

use serde::Serialize;
use unistatus_core::catalog::{Entry, Selection, TargetSet, TargetsSource};
use unistatus_core::config::{Flags, Settings};
use unistatus_core::exit::Failure;
use unistatus_core::secrets::Secrets;

/// What is told of a target, as JSON has it.
#[derive(Serialize)]
pub(super) struct About<'a> {
    pub(super) name: &'a str,
    pub(super) title: &'a str,
    /// Of a built-in target.
    pub(super) category: Option<&'static str>,
    /// Of one of the user's own.
    pub(super) file: Option<&'a str>,
    pub(super) homepage: Option<&'a str>,
    #[serde(rename = "type")]
    pub(super) kind: &'a str,
    pub(super) format: Option<&'a str>,
    pub(super) endpoint: &'a str,
    /// How often it is asked, where the entry says so.
    pub(super) every: Option<&'a str>,
    /// The shortest interval that it is asked at, in seconds.
    pub(super) floor: u64,
    pub(super) include: &'a [String],
    pub(super) exclude: &'a [String],
    pub(super) evidence: Option<&'a str>,
    pub(super) aliases: Vec<&'a str>,
    pub(super) recommended: bool,
    pub(super) unverified: bool,
    pub(super) note: Option<&'a str>,
    /// The secret that it needs and that nobody has set: it is not configured then, and asked for nothing.
    pub(super) missing: Option<String>,
}

impl<'a> About<'a> {
    pub(super) fn of(entry: &'a Entry, secrets: &Secrets) -> Self {
        let spec = &entry.spec;
        Self {
            name: spec.name(),
            title: spec.title(),
            category: entry.category(),
            file: entry.file(),
            homepage: spec.homepage(),
            kind: spec.kind_word(),
            format: spec.format_name(),
            endpoint: spec.endpoint(),
            every: spec.every(),
            floor: entry.floor().as_secs(),
            include: spec.include(),
            exclude: spec.exclude(),
            evidence: spec.evidence(),
            aliases: spec.aliases().collect(),
            recommended: spec.is_recommended(),
            unverified: spec.is_unverified(),
            note: spec.note(),
            missing: spec.missing_secret(secrets).map(|error| error.to_string()),
        }
    }

    /// What speaks for and against it, in words.
    pub(super) fn flags(&self) -> String {
        let is_missing = self.missing.is_some();
        let flags =
            [(self.recommended, "recommended"), (self.unverified, "unverified"), (is_missing, "not configured")];
        flags.iter().filter(|(is_so, _)| *is_so).map(|(_, word)| *word).collect::<Vec<_>>().join(", ")
    }
}

/// The targets of the present configuration, with another selection of the catalog where one is given; and its secrets.
pub(super) fn configured(flags: &Flags, selection: Option<Selection>) -> Result<(TargetSet, Secrets), Failure> {
    let Settings { catalog, targets_file, secrets, .. } = Settings::load(flags).map_err(Failure::config)?;
    let source = TargetsSource::new(selection.unwrap_or(catalog), targets_file);
    let (set, _) = source.load().map_err(Failure::config)?;
    Ok((set, secrets))
}
