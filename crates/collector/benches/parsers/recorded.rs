//! Recorded answers of real vendors, where this machine has them beside the repository.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use unistatus_core::target::identify::identify;
use unistatus_core::target::{Document, Mapping};
use url::Url;

use crate::answer::Answer;

/// So many are read: each the largest of its format.
const COUNT: usize = 12;

/// The largest recorded documents of the formats whose documents are largest; `None` where there are none.
pub(crate) fn answers() -> Option<Vec<Answer>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fixtures");
    let mut largest: BTreeMap<String, Answer> = BTreeMap::new();
    for file in ["rest", "html", "rss"].iter().flat_map(|transport| files(&root.join(transport))) {
        let Some((format, answer)) = read(&root, &file) else { continue };
        if largest.get(&format).is_none_or(|known| known.size() < answer.size()) {
            largest.insert(format, answer);
        }
    }
    let mut answers: Vec<_> = largest.into_values().collect();
    answers.sort_by_key(|answer| Reverse(answer.size()));
    answers.truncate(COUNT);
    (!answers.is_empty()).then_some(answers)
}

/// The name of the format that reads a file best, and the answer that it is by itself; `None` for a document that no
/// format reads.
fn read(root: &Path, file: &Path) -> Option<(String, Answer)> {
    let bytes = fs::read(file).unwrap();
    let best = identify(&Document::new(&bytes)).matches.into_iter().next()?;
    let vendor = file.strip_prefix(root).unwrap().parent().unwrap().display();
    let format = format!("{} {}", best.kind, best.format.name);
    let answer = Answer {
        title: format!("{format} ({vendor})"),
        format: best.format.build(&Mapping::default()).unwrap(),
        parts: vec![(Url::parse("http://localhost/").unwrap(), Some(bytes))],
        asked_at: None,
    };
    Some((format, answer))
}

/// The files of a transport: each vendor has a folder of its own.
fn files(transport: &Path) -> Vec<PathBuf> {
    let inside = |folder: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).into_iter().flatten();
        entries.map(|entry| entry.unwrap().path()).collect()
    };
    let vendors = inside(transport).into_iter().filter(|path| path.is_dir());
    vendors.flat_map(|vendor| inside(&vendor)).filter(|path| path.extension().is_none_or(|end| end != "md")).collect()
}
