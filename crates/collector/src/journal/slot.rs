//! A collector's own place in a journal's folder, which several collectors may share.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use crate::random;

/// How many collectors may share a folder.
const MOST: usize = 1_024;
/// How many digits an id has.
const DIGITS: usize = 16;

/// A place that this process has to itself for as long as this lives. The lock is one of the system's, and ends with the
/// process, however that ends.
#[derive(Debug)]
pub(super) struct Slot {
    /// Where it is.
    pub(super) folder: PathBuf,
    /// Who has it, whichever process that is: made once, and kept in the slot.
    pub(super) id: String,
    /// Holds the id, and the lock.
    _file: File,
}

impl Slot {
    /// Takes the first slot of a folder that no other process has.
    pub(super) fn take(folder: &Path) -> io::Result<Self> {
        for number in 0..MOST {
            let folder = folder.join(number.to_string());
            fs::create_dir_all(&folder)?;
            let path = folder.join("id");
            let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
            match file.try_lock() {
                Ok(()) => {
                    let id = identify(&mut file)?;
                    sync_names(&folder)?;
                    return Ok(Self { folder, id, _file: file });
                }
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
        Err(io::Error::other(format!("all of its {MOST} slots are taken")))
    }
}

/// Waits until the names of a folder and of what is in it are on the disk.
fn sync_names(folder: &Path) -> io::Result<()> {
    folder.ancestors().take(2).try_for_each(|folder| File::open(folder)?.sync_all())
}

/// The id that the file holds; a new one where it holds none.
fn identify(file: &mut File) -> io::Result<String> {
    let mut kept = Vec::new();
    file.read_to_end(&mut kept)?;
    if let Some(id) = String::from_utf8(kept).ok().filter(|id| is_id(id)) {
        return Ok(id);
    }
    let id = format!("{:0DIGITS$x}", random::bits());
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(id.as_bytes())?;
    file.sync_all()?;
    Ok(id)
}

fn is_id(text: &str) -> bool {
    text.len() == DIGITS && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use tempfile::tempdir;

    use super::*;

    #[test]
    fn each_takes_the_first_slot_that_is_free_and_comes_back_as_who_had_it() {
        let folder = tempdir().unwrap();
        let take = || Slot::take(folder.path()).unwrap();
        let (first, second) = (take(), take());
        assert_eq!((first.folder.ends_with("0"), second.folder.ends_with("1")), (true, true));
        assert!(first.id != second.id && is_id(&first.id) && is_id(&second.id));
        let id = first.id.clone();
        drop(first);
        assert_eq!(take().id, id);
    }

    #[test]
    fn an_id_that_is_torn_is_made_anew() {
        let folder = tempdir().unwrap();
        let first = Slot::take(folder.path()).unwrap().id;
        for torn in [&first[..9], "", "0123456789ABCDEF", &format!("{first}0")] {
            fs::write(folder.path().join("0/id"), torn).unwrap();
            let id = Slot::take(folder.path()).unwrap().id;
            assert!(is_id(&id) && id != torn, "{id}");
            assert_eq!(Slot::take(folder.path()).unwrap().id, id);
        }
    }
}
