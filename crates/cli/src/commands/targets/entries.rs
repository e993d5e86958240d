//! Finding the targets that a command is about, and adding one to a targets file.

use std::fs::{self, Permissions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use unistatus_core::catalog::{Selection, TargetSet, TargetsSource, assemble};
use unistatus_core::config::Settings;
use unistatus_core::exit::{self, Failure};
use unistatus_core::target::spec::{Configured, SpecError};

use super::show;

/// The user's own targets.
pub(super) fn own(settings: &Settings) -> Result<TargetSet, Failure> {
    of_path(settings.targets_file.clone())
}

/// The targets of a file, or of a folder of them.
pub(super) fn of_path(path: Option<PathBuf>) -> Result<TargetSet, Failure> {
    let (targets, _) = TargetsSource::new(Selection::None, path).load().map_err(Failure::config)?;
    Ok(targets)
}

/// The target of a name or an alias: the user's own first, then the catalog's.
///
/// # Errors
/// [`exit::USAGE`] if there is none, with those of similar names.
pub(super) fn find(own: &TargetSet, name: &str) -> Result<Configured, Failure> {
    let Some(entry) = own.look_up(&name.to_lowercase()).map_err(Failure::config)? else {
        return Err(show::unknown(name, own).unwrap_or_else(Failure::config));
    };
    let fault =
        |SpecError { key, problem, expected, .. }| format!("target \"{name}\", {key}: {problem}; expected {expected}");
    let built = entry.spec.build(entry.floor(), entry.category());
    built.map_err(|faults| Failure::new(exit::CONFIG, faults.into_iter().map(fault).collect::<Vec<_>>().join("\n")))
}

/// A targets file that an entry is to be added to.
#[derive(Debug)]
pub(super) struct TargetsFile<'a> {
    path: &'a Path,
}

impl<'a> TargetsFile<'a> {
    /// The file at a path, which need not be there yet.
    pub(super) const fn new(path: &'a Path) -> Self {
        Self { path }
    }

    /// Makes sure that the file can take an entry of this name; gives what stands in it.
    ///
    /// # Errors
    /// [`exit::USAGE`] if the name is taken or the path is a folder's, [`exit::CONFIG`] if what is there is no targets
    /// file.
    pub(super) fn check(&self, name: &str) -> Result<String, Failure> {
        let path = self.path.display();
        if self.path.is_dir() {
            return Err(Failure::new(exit::USAGE, format!("{path} is a folder; expected a targets file to add to")));
        }
        let text = match fs::read_to_string(self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(Failure::new(exit::CONFIG, format!("{path}: {error}"))),
        };
        let targets = self.read(&text)?;
        if targets.get(name).is_some() {
            let message = format!("{path} has a target \"{name}\" already; expected another name by --name");
            return Err(Failure::new(exit::USAGE, message));
        }
        Ok(text)
    }

    /// Adds an entry at the end of the file, and makes the file where there is none. What comes of it is a targets file,
    /// or nothing is changed at all.
    ///
    /// # Errors
    /// As [`TargetsFile::check`], and [`exit::BROKEN`] if the file cannot be written.
    pub(super) fn add(&self, name: &str, entry: &str) -> Result<(), Failure> {
        let before = self.check(name)?;
        let gap = match before.as_str() {
            "" => "",
            text if text.ends_with('\n') => "\n",
            _ => "\n\n",
        };
        let after = format!("{before}{gap}{entry}");
        self.read(&after)?;
        self.replace(&after)
            .map_err(|error| Failure::new(exit::BROKEN, format!("{} cannot be written: {error}", self.path.display())))
    }

    fn read(&self, text: &str) -> Result<TargetSet, Failure> {
        assemble(&Selection::None, &[(self.path.to_owned(), text.to_owned())]).map_err(Failure::config)
    }

    /// Writes the file beside itself and puts it in its place in one step: whoever reads it finds the old or the new.
    fn replace(&self, text: &str) -> io::Result<()> {
        // A link stays one, and what it leads to is replaced.
        let path = fs::canonicalize(self.path).unwrap_or_else(|_| self.path.to_owned());
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut builder = tempfile::Builder::new();
        builder.prefix(".targets-").permissions(new_file());
        let mut beside = builder.tempfile_in(folder)?;
        if let Ok(old) = fs::metadata(&path) {
            beside.as_file().set_permissions(old.permissions())?;
        }
        beside.write_all(text.as_bytes())?;
        beside.as_file().sync_all()?;
        beside.persist(&path)?;
        Ok(())
    }
}

/// What others may do with a new file: what the user's mask leaves. Temporary files are for their owner alone otherwise.
fn new_file() -> Permissions {
    use std::os::unix::fs::PermissionsExt;
    Permissions::from_mode(0o666)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRY: &str =
        "[[target]]\nname = \"NAME\"\ntype = \"REST\"\nformat = \"statuspage\"\nendpoint = \"http://h/\"\n";

    fn add(path: &Path, name: &str) -> Result<(), Failure> {
        TargetsFile::new(path).add(name, &ENTRY.replace("NAME", name))
    }

    #[test]
    fn an_entry_is_added_behind_what_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("targets.toml");
        add(&path, "a").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), ENTRY.replace("NAME", "a"));

        let mine = "# ours\n[[target]]\nname = \"b\" # kept\ntype = \"REST\"\nformat = \"statuspage\"\nendpoint = \"http://h/\"";
        fs::write(&path, mine).unwrap();
        add(&path, "a").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), format!("{mine}\n\n{}", ENTRY.replace("NAME", "a")));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing else is left");
    }

    #[test]
    fn a_file_that_cannot_take_it_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("targets.toml");
        for text in [ENTRY.replace("NAME", "a"), "[[target]]\nname = 5\n".to_owned(), "not = [toml".to_owned()] {
            fs::write(&path, &text).unwrap();
            assert!(add(&path, "a").is_err());
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        fs::write(&path, "# ours\n").unwrap();
        assert!(add(&path, "Not A Name").is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "# ours\n");
        assert!(add(folder.path(), "a").is_err());
        assert!(add(&folder.path().join("none/targets.toml"), "a").is_err());
    }

    #[test]
    fn what_may_be_done_with_the_file_stays_and_a_link_stays_one() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("targets.toml"), folder.path().join("link.toml"));
        fs::write(&path, "").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        symlink(&path, &link).unwrap();
        add(&link, "a").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(fs::read_to_string(&path).unwrap(), ENTRY.replace("NAME", "a"));
    }
}
