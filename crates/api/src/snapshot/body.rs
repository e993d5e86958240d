//! A body that is rendered once and served many times.

use std::fmt::Write as _;

use bytes::Bytes;
use sha2::{Digest, Sha256};
use unistatus_core::schema::Timestamp;

/// Bytes, and what tells a client whether they are the ones it has.
#[derive(Clone, Debug)]
pub(crate) struct Body {
    bytes: Bytes,
    etag: String,
    modified: LastModified,
}

/// When a body last changed, as far as HTTP can say it: in whole seconds, rounded up.
#[derive(Clone, Debug)]
pub(crate) struct LastModified {
    /// Seconds since the epoch.
    pub(crate) seconds: i64,
    /// The same as a header writes it.
    pub(crate) http_date: String,
}

/// How many bytes of the digest make the entity tag.
const ETAG_BYTES: usize = 16;

impl Body {
    /// A body that changed now, unless it is what `before` was already.
    pub(super) fn new(bytes: Bytes, now: Timestamp, before: Option<&Self>) -> Self {
        let etag = etag(&bytes);
        let modified = match before {
            Some(before) if before.etag == etag => before.modified.clone(),
            Some(_) | None => LastModified::at(now),
        };
        Self { bytes, etag, modified }
    }

    /// A part of a body that changed when the whole did (or before: nobody kept that).
    pub(super) fn part_of(whole: &Self, bytes: Bytes) -> Self {
        let etag = etag(&bytes);
        Self { bytes, etag, modified: whole.modified.clone() }
    }

    /// The bytes. To clone them copies nothing.
    pub(crate) const fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The strong entity tag, with its quotes: the same for the same bytes, in every process.
    pub(crate) fn etag(&self) -> &str {
        &self.etag
    }

    /// When the body last changed; `None` within the second in which it did. That second may bring another change,
    /// and a client that was told the same date for two bodies would take the one for the other.
    pub(crate) fn last_modified(&self, now: Timestamp) -> Option<&LastModified> {
        (self.modified.seconds <= now.as_millis().div_euclid(1000)).then_some(&self.modified)
    }
}

impl LastModified {
    fn at(now: Timestamp) -> Self {
        let seconds = now.as_millis().div_euclid(1000).saturating_add(1);
        let instant = Timestamp::from_secs(seconds).unwrap_or(now);
        Self { seconds, http_date: instant.to_chrono().format("%a, %d %b %Y %H:%M:%S GMT").to_string() }
    }
}

fn etag(bytes: &[u8]) -> String {
    let mut etag = String::with_capacity(2 * ETAG_BYTES + 2);
    etag.push('"');
    for byte in Sha256::digest(bytes).iter().take(ETAG_BYTES) {
        // Writing to a string cannot fail.
        let _ = write!(etag, "{byte:02x}");
    }
    etag.push('"');
    etag
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis).unwrap()
    }

    #[test]
    fn the_date_is_rounded_up_and_told_when_its_second_is_reached() {
        let body = Body::new(Bytes::from_static(b"a"), at(784_111_776_250), None);
        assert!(body.last_modified(at(784_111_776_999)).is_none());
        let modified = body.last_modified(at(784_111_777_000)).unwrap();
        assert_eq!(modified.seconds, 784_111_777);
        assert_eq!(modified.http_date, "Sun, 06 Nov 1994 08:49:37 GMT");
    }

    #[test]
    fn the_same_bytes_keep_tag_and_date() {
        let first = Body::new(Bytes::from_static(b"a"), at(1_000), None);
        let same = Body::new(Bytes::from_static(b"a"), at(9_000), Some(&first));
        let other = Body::new(Bytes::from_static(b"b"), at(9_000), Some(&first));
        assert_eq!((same.etag(), same.modified.seconds), (first.etag(), 2));
        assert_ne!(other.etag(), first.etag());
        assert_eq!(other.modified.seconds, 10);
    }

    #[test]
    fn tags_are_quoted_digests() {
        assert_eq!(etag(b""), "\"e3b0c44298fc1c149afbf4c8996fb924\"");
    }
}
