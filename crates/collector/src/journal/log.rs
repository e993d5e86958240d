//! The records of one kind, in files that are only appended to and only removed as a whole.

use std::collections::VecDeque;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::frame::{self, HEADER};

/// The records of one kind, in segments: `changes-00000001.log`, `changes-00000002.log`, … What an earlier process wrote
/// is read and removed, never appended to.
#[derive(Debug)]
pub(super) struct Log {
    folder: PathBuf,
    /// What the names of its segments begin with.
    kind: &'static str,
    /// Where a segment ends and the next one begins, in bytes.
    segment_size: u64,
    /// The oldest first.
    segments: VecDeque<Segment>,
    /// The last segment, as long as it is appended to.
    open: Option<File>,
    /// The number of the next segment.
    next: u64,
    /// Segments were made whose names may not be on the disk yet.
    has_new_names: bool,
}

#[derive(Debug)]
struct Segment {
    number: u64,
    path: PathBuf,
    bytes: u64,
}

impl Log {
    /// The log of a kind in a folder, with what an earlier process left of it.
    pub(super) fn open(folder: &Path, kind: &'static str, segment_size: u64) -> io::Result<Self> {
        let mut found = Vec::new();
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            if let Some(number) = entry.file_name().to_str().and_then(|name| number(kind, name)) {
                found.push(Segment { number, path: entry.path(), bytes: entry.metadata()?.len() });
            }
        }
        found.sort_by_key(|segment| segment.number);
        let next = found.last().map_or(1, |segment| segment.number + 1);
        let (folder, segments) = (folder.to_owned(), found.into());
        Ok(Self { folder, kind, segment_size, segments, open: None, next, has_new_names: false })
    }

    /// How many bytes it takes.
    pub(super) fn bytes(&self) -> u64 {
        self.segments.iter().map(|segment| segment.bytes).sum()
    }

    /// The number of its oldest segment.
    pub(super) fn oldest(&self) -> Option<u64> {
        self.segments.front().map(|segment| segment.number)
    }

    /// Whether there is nothing in it.
    pub(super) fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }

    /// Appends what [`frame::encode`] made. If that fails, nothing was appended.
    pub(super) fn append(&mut self, framed: &[u8]) -> io::Result<()> {
        let length = framed.len() as u64;
        if self.open.is_some() && self.last_bytes() + length > self.segment_size {
            self.close()?;
        }
        let mut file = match self.open.take() {
            Some(file) => file,
            None => self.begin()?,
        };
        if let Err(error) = file.write_all(framed) {
            // Where it cannot be taken back, it ends the segment, and reads as torn.
            if file.set_len(self.last_bytes()).is_ok() {
                self.open = Some(file);
            }
            return Err(error);
        }
        self.open = Some(file);
        self.grow(length);
        Ok(())
    }

    /// Waits until all that was appended is on the disk.
    pub(super) fn sync(&mut self) -> io::Result<()> {
        if let Some(file) = &self.open {
            file.sync_data()?;
        }
        if self.has_new_names {
            File::open(&self.folder)?.sync_all()?;
            self.has_new_names = false;
        }
        Ok(())
    }

    /// Reads the segment at this place, from the oldest on, and cuts off what is torn of it; `None` if there is none there.
    pub(super) fn read(&mut self, place: usize) -> io::Result<Option<Vec<Vec<u8>>>> {
        let Some(segment) = self.segments.get_mut(place) else { return Ok(None) };
        let bytes = fs::read(&segment.path)?;
        let path = segment.path.display();
        let Some(found) = frame::decode(&bytes) else {
            tracing::warn!(file = %path, "is no file of this version of the journal; it is not read");
            return Ok(Some(Vec::new()));
        };
        let torn = bytes.len() - found.good;
        if torn > 0 {
            let at = found.good;
            tracing::warn!(file = %path, at, bytes = torn, "the end of a file of the journal is torn; it is cut off");
            OpenOptions::new().write(true).open(&segment.path)?.set_len(found.good as u64)?;
            segment.bytes = found.good as u64;
        }
        Ok(Some(found.records))
    }

    /// Removes the oldest segment, and says how many records that had; `None` if there is no segment.
    pub(super) fn remove_oldest(&mut self) -> io::Result<Option<usize>> {
        let Some(segment) = self.segments.front() else { return Ok(None) };
        // It may have gone by itself: somebody tidied up.
        let records = fs::read(&segment.path).ok().and_then(|bytes| frame::decode(&bytes));
        if self.segments.len() == 1 {
            self.open = None;
        }
        remove(&segment.path)?;
        self.segments.pop_front();
        Ok(Some(records.map_or(0, |segment| segment.records.len())))
    }

    /// Removes all segments, the oldest first.
    pub(super) fn clear(&mut self) -> io::Result<()> {
        self.open = None;
        while let Some(segment) = self.segments.front() {
            remove(&segment.path)?;
            self.segments.pop_front();
        }
        Ok(())
    }

    fn grow(&mut self, bytes: u64) {
        if let Some(last) = self.segments.back_mut() {
            last.bytes += bytes;
        }
    }

    fn last_bytes(&self) -> u64 {
        self.segments.back().map_or(0, |segment| segment.bytes)
    }

    /// Ends the segment that is appended to.
    fn close(&mut self) -> io::Result<()> {
        match self.open.take() {
            Some(file) => file.sync_data(),
            None => Ok(()),
        }
    }

    /// Begins a segment.
    fn begin(&mut self) -> io::Result<File> {
        let path = self.folder.join(format!("{}-{:08}.log", self.kind, self.next));
        let mut file = OpenOptions::new().append(true).create_new(true).open(&path)?;
        self.segments.push_back(Segment { number: self.next, path, bytes: 0 });
        self.next += 1;
        self.has_new_names = true;
        file.write_all(HEADER)?;
        self.grow(HEADER.len() as u64);
        Ok(file)
    }
}

/// The number of a segment of this kind; `None` if the name is not that of one.
fn number(kind: &str, name: &str) -> Option<u64> {
    name.strip_prefix(kind)?.strip_prefix('-')?.strip_suffix(".log")?.parse().ok()
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}
