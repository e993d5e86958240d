//! A body that is rendered once and served many times.

use std::io;
use std::sync::Arc;

use actix_web::http::header::HeaderValue;
use bytes::Bytes;
use chrono::DateTime;
use tokio::sync::OnceCell;
use tokio::task::spawn_blocking;
use unistatus_core::schema::Timestamp;

use crate::digest::digest;
use crate::encoding::Coding;

/// Bytes, and what tells a client whether they are the ones it has. The headers are written once, too.
#[derive(Debug)]
pub(crate) struct Body {
    bytes: Bytes,
    etag: HeaderValue,
    modified: Option<LastModified>,
    /// In the order of [`Coding::ALL`]; `None` for a body that is not worth it.
    encodings: Option<Box<[Encoding; 3]>>,
}

/// A body in one coding, made when it is first asked for.
#[derive(Debug)]
struct Encoding {
    etag: HeaderValue,
    bytes: OnceCell<Bytes>,
}

/// When a body last changed, as far as HTTP can say it: in whole seconds, rounded up.
#[derive(Clone, Debug)]
pub(crate) struct LastModified {
    /// Seconds since the epoch.
    pub(crate) seconds: i64,
    /// The same as a header writes it.
    pub(crate) http_date: HeaderValue,
}

/// How many bytes of the digest make the entity tag.
const ETAG_BYTES: usize = 16;
/// Bodies of fewer bytes are sent as they are: they fit into one packet anyway.
const WORTH_ENCODING: usize = 1024;

impl Body {
    /// A body that changed now, unless it is what `before` was already: then it is `before`, with the encodings that
    /// were made of it.
    pub(super) fn renewed(bytes: Bytes, now: Timestamp, before: Option<&Arc<Self>>) -> Arc<Self> {
        match before {
            Some(before) if before.bytes == bytes => Arc::clone(before),
            Some(before) => Arc::new(Self::new(bytes, Some(LastModified::at(now).behind(before.modified.as_ref())))),
            None => Arc::new(Self::new(bytes, Some(LastModified::at(now)))),
        }
    }

    /// A part of a body that changed when the whole did (or before: nobody kept that).
    pub(super) fn part_of(whole: &Self, bytes: Bytes) -> Self {
        Self::new(bytes, whole.modified.clone())
    }

    /// A body made for one request: nobody knows when it last changed.
    pub(crate) fn made(bytes: Bytes) -> Self {
        Self::new(bytes, None)
    }

    fn new(bytes: Bytes, modified: Option<LastModified>) -> Self {
        let digest = digest(&bytes, ETAG_BYTES);
        let encoding = |coding: Coding| Encoding { etag: etag(&digest, coding.tag_suffix()), bytes: OnceCell::new() };
        let encodings = (bytes.len() >= WORTH_ENCODING).then(|| Box::new(Coding::ALL.map(encoding)));
        Self { etag: etag(&digest, ""), bytes, modified, encodings }
    }

    /// The bytes. To clone them copies nothing.
    pub(crate) const fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The body as a client is to get it that accepts this coding. Nothing is encoded yet.
    pub(crate) fn in_coding(&self, coding: Option<Coding>) -> Representation<'_> {
        let encoded = coding.and_then(|coding| Some((coding, self.encodings.as_deref()?.get(coding as usize)?)));
        Representation { body: self, encoded }
    }

    /// The entity tags that it has, one for each coding.
    pub(crate) fn etags(&self) -> impl Iterator<Item = &HeaderValue> {
        let encoded = self.encodings.iter().flat_map(|encodings| encodings.iter());
        std::iter::once(&self.etag).chain(encoded.map(|encoding| &encoding.etag))
    }

    /// When the body last changed; `None` where nobody knows, and within the second in which it did. That second may
    /// bring another change, and a client that was told the same date for two bodies would take the one for the other.
    pub(crate) fn last_modified(&self, now: Timestamp) -> Option<&LastModified> {
        self.modified.as_ref().filter(|modified| modified.seconds <= now.as_millis().div_euclid(1000))
    }
}

/// A body in the coding that a client accepts, or as it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Representation<'a> {
    body: &'a Body,
    encoded: Option<(Coding, &'a Encoding)>,
}

impl Representation<'_> {
    /// The coding it is in; `None` for the bytes as they are.
    pub(crate) fn coding(&self) -> Option<Coding> {
        self.encoded.map(|(coding, _)| coding)
    }

    /// The strong entity tag, with its quotes: the same for the same bytes in the same coding, in every process.
    pub(crate) fn etag(&self) -> &HeaderValue {
        self.encoded.map_or(&self.body.etag, |(_, encoding)| &encoding.etag)
    }

    /// The bytes, encoded once however many ask at the same time, on a thread that may block.
    ///
    /// # Errors
    /// Where the coding's library fails.
    pub(crate) async fn bytes(&self) -> io::Result<Bytes> {
        let Some((coding, encoding)) = self.encoded else { return Ok(self.body.bytes.clone()) };
        let encode = || async {
            let plain = self.body.bytes.clone();
            spawn_blocking(move || coding.encode(&plain)).await?.map(Bytes::from)
        };
        encoding.bytes.get_or_try_init(encode).await.cloned()
    }
}

impl LastModified {
    fn at(now: Timestamp) -> Self {
        Self::in_second(now.as_millis().div_euclid(1000).saturating_add(1))
    }

    /// This; but where the clock was put back, a second behind the one before: clients may have that and compare.
    /// (The same second is none that they have, see [`Body::last_modified`].)
    fn behind(self, before: Option<&Self>) -> Self {
        match before {
            Some(before) if before.seconds > self.seconds => Self::in_second(before.seconds.saturating_add(1)),
            _ => self,
        }
    }

    fn in_second(seconds: i64) -> Self {
        let http_date =
            DateTime::from_timestamp(seconds, 0).unwrap_or_default().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
        Self { seconds, http_date: header(&http_date) }
    }
}

fn etag(digest: &str, suffix: &str) -> HeaderValue {
    header(&format!("\"{digest}{suffix}\""))
}

#[expect(clippy::expect_used, reason = "tags and dates are visible ASCII, of which every header may be made")]
fn header(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("visible ASCII")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis).unwrap()
    }

    fn large() -> Body {
        Body::made("a".repeat(WORTH_ENCODING).into())
    }

    #[test]
    fn the_date_is_rounded_up_and_told_when_its_second_is_reached() {
        let body = Body::renewed(Bytes::from_static(b"a"), at(784_111_776_250), None);
        assert!(body.last_modified(at(784_111_776_999)).is_none());
        let modified = body.last_modified(at(784_111_777_000)).unwrap();
        assert_eq!(modified.seconds, 784_111_777);
        assert_eq!(modified.http_date, "Sun, 06 Nov 1994 08:49:37 GMT");
        assert!(Body::made(Bytes::new()).last_modified(at(784_111_777_000)).is_none());
    }

    #[test]
    fn the_same_bytes_are_the_same_body() {
        let first = Body::renewed(Bytes::from_static(b"a"), at(1_000), None);
        let same = Body::renewed(Bytes::from_static(b"a"), at(9_000), Some(&first));
        let other = Body::renewed(Bytes::from_static(b"b"), at(9_000), Some(&first));
        assert!(Arc::ptr_eq(&first, &same));
        assert_ne!(other.etag, first.etag);
        assert_eq!(other.last_modified(at(20_000)).unwrap().seconds, 10);
    }

    #[test]
    fn no_body_is_older_than_the_one_before_whatever_the_clock_does() {
        let bodies = [(b"a", 50_000), (b"b", 20_000), (b"c", 30_000), (b"d", 30_100), (b"e", 60_000), (b"f", 60_100)];
        let mut before = None;
        let seconds = bodies.map(|(bytes, now)| {
            let body = Body::renewed(Bytes::from_static(bytes), at(now), before.as_ref());
            assert!(body.last_modified(at(now)).is_none());
            before.insert(body).modified.as_ref().unwrap().seconds
        });
        assert_eq!(seconds, [51, 52, 53, 54, 61, 61]);
    }

    #[test]
    fn tags_are_quoted_digests() {
        assert_eq!(Body::made(Bytes::new()).etag, "\"e3b0c44298fc1c149afbf4c8996fb924\"");
    }

    #[tokio::test]
    async fn each_coding_has_a_tag_and_bytes_of_its_own() {
        let body = large();
        let mut seen = vec![(body.etag.clone(), body.bytes.clone())];
        for coding in Coding::ALL {
            let representation = body.in_coding(Some(coding));
            let bytes = representation.bytes().await.unwrap();
            assert_eq!(representation.coding(), Some(coding));
            assert!(bytes.len() < 200, "{coding:?}");
            assert!(!seen.iter().any(|(etag, other)| etag == representation.etag() || *other == bytes), "{coding:?}");
            seen.push((representation.etag().clone(), bytes));
        }
        assert_eq!(body.in_coding(None).bytes().await.unwrap(), body.bytes);
    }

    #[tokio::test]
    async fn what_many_ask_for_at_once_is_encoded_once() {
        let body = large();
        let representation = body.in_coding(Some(Coding::Gzip));
        let all = futures_util::future::join_all((0..20).map(|_| representation.bytes())).await;
        let first = all[0].as_ref().unwrap();
        assert!(all.iter().all(|bytes| bytes.as_ref().unwrap().as_ptr() == first.as_ptr()));
    }

    #[tokio::test]
    async fn a_small_body_is_sent_as_it_is() {
        let body = Body::made("a".repeat(WORTH_ENCODING - 1).into());
        let representation = body.in_coding(Some(Coding::Brotli));
        assert_eq!((representation.coding(), representation.etag()), (None, &body.etag));
        assert_eq!(representation.bytes().await.unwrap(), body.bytes);
    }
}
