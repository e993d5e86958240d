//! Two stores side by side, in the order of their entries.

use std::fmt::{self, Write as _};

use sha2::{Digest, Sha256};

use super::side::Side;
use super::{Entry, Export, MigrateError, Part};
use crate::schema::Timestamp;

/// How a part was found to be, in both stores.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// The part.
    pub part: Part,
    /// How many entries it has; of revisions, how many events.
    pub count: u64,
    /// The SHA-256 of what they are, in hexadecimal digits: the same for the same content, whatever store keeps it.
    pub digest: String,
    /// How many entries the destination has beyond these, which the source has forgotten for their age since they were
    /// copied.
    pub forgotten: u64,
}

/// How the destination differs from the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Difference {
    /// It lacks an entry.
    Missing,
    /// It has an entry otherwise.
    Otherwise,
    /// It has an entry that the source has not.
    Additional,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Missing => "is not in the destination",
            Self::Otherwise => "is not the same in source and destination",
            Self::Additional => "is in the destination and not in the source",
        })
    }
}

/// What was found on a page of the source.
#[derive(Debug, Default)]
pub(super) struct Compared {
    /// What the destination lacks, or has otherwise.
    pub(super) wanting: Vec<Entry>,
    /// The first that is not as it is in the source.
    pub(super) different: Option<(String, Difference)>,
}

/// A walk through a part of two stores.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    part: Part,
    source: Side<'a>,
    destination: Side<'a>,
    /// When it began.
    now: Timestamp,
    digests: [Sha256; 2],
    /// How much of the source was walked through.
    pub(super) count: u64,
    forgotten: u64,
}

impl<'a> Walk<'a> {
    pub(super) fn new(part: Part, source: &'a dyn Export, destination: &'a dyn Export, now: Timestamp) -> Self {
        Self {
            part,
            source: Side::new(source, part),
            destination: Side::new(destination, part),
            now,
            digests: [Sha256::new(), Sha256::new()],
            count: 0,
            forgotten: 0,
        }
    }

    /// Compares the next page of the source; `None` after the end. What is found to be wanting may be written to the
    /// destination before the next call.
    pub(super) async fn next(&mut self) -> Result<Option<Compared>, MigrateError> {
        let page = self.source.page().await.map_err(MigrateError::Source)?;
        let mut compared = Compared::default();
        let Some(last) = page.back().map(Entry::id) else {
            return self.rest(compared).await;
        };
        for entry in page {
            self.compare(entry, &mut compared).await?;
        }
        self.destination.skip_to(last);
        Ok(Some(compared))
    }

    async fn compare(&mut self, entry: Entry, compared: &mut Compared) -> Result<(), MigrateError> {
        if entry.is_over(self.now) {
            return Ok(());
        }
        let id = entry.id();
        let mut counterpart = None;
        while let Some(other) = self.destination.next_up_to(&id).await.map_err(MigrateError::Destination)? {
            if other.id() == id {
                counterpart = Some(other.without_forgotten(&entry));
                break;
            }
            self.beyond(&other, compared);
        }
        self.count = self.count.saturating_add(entry.count());
        let told = entry.canonical().map_err(MigrateError::Source)?;
        absorb(&mut self.digests[0], &told);
        let other = counterpart.map(|other| other.canonical().map_err(MigrateError::Destination)).transpose()?;
        if let Some(other) = &other {
            absorb(&mut self.digests[1], other);
        }
        if other.as_ref() != Some(&told) {
            let how = if other.is_some() { Difference::Otherwise } else { Difference::Missing };
            compared.different.get_or_insert_with(|| (entry.to_string(), how));
            compared.wanting.push(entry);
        }
        Ok(())
    }

    /// What the destination has behind the end of the source: a page of it, as there may be much.
    async fn rest(&mut self, mut compared: Compared) -> Result<Option<Compared>, MigrateError> {
        let page = self.destination.page().await.map_err(MigrateError::Destination)?;
        for other in &page {
            self.beyond(other, &mut compared);
        }
        Ok((!page.is_empty()).then_some(compared))
    }

    /// Takes note of an entry that the source has not.
    fn beyond(&mut self, other: &Entry, compared: &mut Compared) {
        if other.may_be_forgotten(self.now) {
            self.forgotten = self.forgotten.saturating_add(other.count());
        } else {
            compared.different.get_or_insert_with(|| (other.to_string(), Difference::Additional));
        }
    }

    /// What the part was found to be; `None` if the stores did not tell the same.
    pub(super) fn tally(self) -> Option<Tally> {
        let Self { part, count, forgotten, digests, .. } = self;
        let [digest, other] = digests.map(|digest| hexadecimal(&digest.finalize()));
        (digest == other).then_some(Tally { part, count, digest, forgotten })
    }
}

/// Adds a text to a digest, with its length: else two texts could be others with the same letters.
fn absorb(digest: &mut Sha256, text: &[u8]) {
    digest.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
    digest.update(text);
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut digits, byte| {
        // Writing to a string cannot fail.
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}
