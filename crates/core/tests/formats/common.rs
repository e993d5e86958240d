//! What the three tables of recorded documents share.
#![expect(clippy::unwrap_used, reason = "helpers of tests, which may")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use unistatus_core::schema::{Kind, Service, Status};
use unistatus_core::target::{Document, Filter, Mapping, ParseError, Report, find_format, formats};

/// The folder of a transport's recordings (`rest`, `html`, `rss`); `None`, with a note, where it is absent.
pub(crate) fn recordings(transport: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fixtures").join(transport);
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: no recorded documents at {}", folder.display());
    None
}

/// Every recorded document of a transport: path below its folder, and bytes. Prose (`*.md`) is left out.
pub(crate) fn all_recordings(transport: &str) -> BTreeMap<String, Vec<u8>> {
    let Some(root) = recordings(transport) else { return BTreeMap::new() };
    let mut files = BTreeMap::new();
    for vendor in std::fs::read_dir(&root).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_dir()) {
        for file in std::fs::read_dir(vendor.path()).unwrap().map(Result::unwrap) {
            let path = file.path().strip_prefix(&root).unwrap().to_string_lossy().into_owned();
            files.insert(path, std::fs::read(file.path()).unwrap());
        }
    }
    files
}

/// The formats of a transport that need no mapping of the user's.
pub(crate) fn builtin(kind: Kind) -> impl Iterator<Item = &'static str> {
    let rows = formats(kind).iter().filter(|row| !row.is_mapped());
    rows.map(|row| row.name)
}

/// Tries every built-in format on every recorded document of a transport: the pairs of file and format in `listed` must
/// be read, all others be refused. Answers the documents; none where they are absent.
pub(crate) fn read_as_listed(kind: Kind, listed: &[(&str, &str)]) -> BTreeMap<String, Vec<u8>> {
    let files = all_recordings(&kind.as_str().to_lowercase());
    let rows: BTreeSet<_> = listed.iter().copied().collect();
    assert_eq!(rows.len(), listed.len(), "a row stands twice");
    for (file, bytes) in &files {
        for format in builtin(kind) {
            let is_listed = rows.contains(&(file.as_str(), format));
            match parse(kind, format, bytes).err() {
                None => assert!(is_listed, "{file} is read as {format}, and no row says what it shows"),
                Some(error) => assert!(!is_listed, "{file} is refused by {format}: {error}"),
            }
        }
    }
    let missing = rows.iter().find(|(file, _)| !files.is_empty() && !files.contains_key(*file));
    assert_eq!(missing, None, "a row without a recording");
    files
}

/// Reads a document with a built-in format, the way a target does.
pub(crate) fn parse(kind: Kind, format: &str, bytes: &[u8]) -> Result<Report, ParseError> {
    let format = find_format(kind, format).unwrap().build(&Mapping::default()).unwrap();
    format.parse(&Document::new(bytes))?.finish(&Filter::default())
}

/// How many services have each status: `[OK, Unknown, Degraded, Outage]`.
pub(crate) fn count<'a>(services: impl IntoIterator<Item = &'a Service>) -> [usize; 4] {
    let mut counts = [0; 4];
    for service in services {
        let place = Status::ALL.iter().position(|&status| status == service.status).unwrap();
        counts[place] += 1;
    }
    counts
}

/// The service that stands for the page as a whole.
pub(crate) fn page(report: &Report) -> Option<&Service> {
    report.services.iter().find(|service| service.dimensions.contains_key("scope"))
}

/// All services but the one that stands for the page.
pub(crate) fn components(report: &Report) -> impl Iterator<Item = &Service> {
    report.services.iter().filter(|service| !service.dimensions.contains_key("scope"))
}
