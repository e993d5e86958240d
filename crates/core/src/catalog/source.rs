//! Where the targets of a process come from, and noticing when that changes.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::file::{TargetsError, TargetsFault};
use super::{Selection, TargetSet, assemble};

/// The selection of the built-in catalog, and the user's own file or folder.
#[derive(Debug)]
pub struct TargetsSource {
    selection: Selection,
    path: Option<PathBuf>,
    /// What the files said when they were read last.
    seen: Option<Vec<(PathBuf, String)>>,
}

impl TargetsSource {
    /// A source that has not been read yet.
    pub const fn new(selection: Selection, path: Option<PathBuf>) -> Self {
        Self { selection, path, seen: None }
    }

    /// Reads the targets for the first time.
    ///
    /// # Errors
    /// [`TargetsError`] names every fault of every file; nothing starts half configured.
    pub fn load(mut self) -> Result<(TargetSet, Self), TargetsError> {
        let first = self.poll()?.unwrap_or_default();
        Ok((first, self))
    }

    /// Reads the targets anew; `None` if no file changed since the last call. After a fault the same files are not
    /// read again until they change, so each fault is told once.
    ///
    /// # Errors
    /// [`TargetsError`] if a file cannot be read or holds a fault.
    pub fn poll(&mut self) -> Result<Option<TargetSet>, TargetsError> {
        let files = match &self.path {
            Some(path) => read_all(path).map_err(|fault| TargetsError(vec![fault])),
            None => Ok(Vec::new()),
        };
        let files = match files {
            Ok(files) => files,
            Err(error) => {
                // Unreadable files count as seen: once is enough to say so.
                let told = self.seen.replace(vec![(PathBuf::new(), error.to_string())]);
                return if told == self.seen { Ok(None) } else { Err(error) };
            }
        };
        if self.seen.as_ref() == Some(&files) {
            return Ok(None);
        }
        let set = assemble(&self.selection, &files);
        self.seen = Some(files);
        set.map(Some)
    }
}

/// The text of a file, or of all `*.toml` files of a folder, ordered by name.
fn read_all(path: &Path) -> Result<Vec<(PathBuf, String)>, TargetsFault> {
    let fault = |path: &Path, error: &io::Error| TargetsFault {
        file: path.display().to_string(),
        line: 0,
        message: format!("{error}; expected a readable TOML file, or a folder of them"),
    };
    let read = |path: PathBuf| fs::read_to_string(&path).map_err(|error| fault(&path, &error)).map(|text| (path, text));
    if !path.is_dir() {
        return Ok(vec![read(path.to_owned())?]);
    }
    let entries = fs::read_dir(path).and_then(Iterator::collect::<io::Result<Vec<_>>>);
    let mut paths: Vec<_> =
        entries.map_err(|error| fault(path, &error))?.into_iter().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    paths.sort();
    paths.into_iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRY: &str =
        "[[target]]\nname = \"NAME\"\ntype = \"REST\"\nformat = \"statuspage\"\nendpoint = \"http://h/\"\n";

    #[test]
    fn a_change_is_noticed_once_and_so_is_a_fault() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("targets.toml");
        let mut source = TargetsSource::new(Selection::None, Some(path.clone()));
        assert!(source.poll().unwrap_err().to_string().contains("targets.toml: "));
        assert!(source.poll().unwrap().is_none(), "told once");

        fs::write(&path, ENTRY.replace("NAME", "a")).unwrap();
        assert_eq!(source.poll().unwrap().unwrap().len(), 1);
        assert!(source.poll().unwrap().is_none());

        fs::write(&path, "broken").unwrap();
        assert!(source.poll().is_err());
        assert!(source.poll().unwrap().is_none(), "told once");

        fs::write(&path, ENTRY.replace("NAME", "b")).unwrap();
        assert!(source.poll().unwrap().unwrap().get("b").is_some());
    }

    #[test]
    fn a_folder_is_all_its_toml_files() {
        let folder = tempfile::tempdir().unwrap();
        for (file, name) in [("b.toml", "b"), ("a.toml", "a"), ("notes.txt", "no")] {
            fs::write(folder.path().join(file), ENTRY.replace("NAME", name)).unwrap();
        }
        let set = TargetsSource::new(Selection::None, Some(folder.path().to_owned())).poll().unwrap().unwrap();
        assert_eq!(set.iter().map(|found| found.target.identity().name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    }
}
