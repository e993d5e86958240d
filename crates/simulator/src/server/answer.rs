//! Answers: bodies, encodings, conditional requests.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures_util::stream;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Body, Frame, SizeHint};
use hyper::header::{
    ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE,
    IF_NONE_MATCH, LAST_MODIFIED, VARY,
};
use hyper::{Response, StatusCode};

use super::requests::InFlight;
use crate::faults::bodies::{gzip, padding};
use crate::formats::{Validators, http_date};

/// A body of any making.
pub(crate) type AnyBody = UnsyncBoxBody<Bytes, Infallible>;

/// A body that keeps its request in flight until it is sent or dropped.
pub(super) struct Tracked {
    body: AnyBody,
    _in_flight: InFlight,
}

impl Tracked {
    pub(super) fn new(body: AnyBody, in_flight: InFlight) -> Self {
        Self { body, _in_flight: in_flight }
    }
}

impl Body for Tracked {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// All at once.
pub(crate) fn full(bytes: impl Into<Bytes>) -> AnyBody {
    Full::new(bytes.into()).boxed_unsync()
}

/// In chunks, with white space behind it up to `size` bytes.
pub(crate) fn padded(bytes: Bytes, size: u64) -> AnyBody {
    let pieces = padding(bytes.len(), size).map(Bytes::from_static);
    let frames = std::iter::once(bytes).chain(pieces).map(|piece| Ok(Frame::data(piece)));
    StreamBody::new(stream::iter(frames)).boxed_unsync()
}

/// A byte at a time, with a pause before each.
pub(crate) fn drip(bytes: Bytes, pause: Duration) -> AnyBody {
    let drops = stream::unfold(bytes, move |mut rest| async move {
        if rest.is_empty() {
            return None;
        }
        tokio::time::sleep(pause).await;
        let drop = rest.split_to(1);
        Some((Ok(Frame::data(drop)), rest))
    });
    StreamBody::new(drops).boxed_unsync()
}

/// An answer with a status, a content type and a body.
pub(crate) fn answer(status: StatusCode, content_type: &str, body: AnyBody) -> Response<AnyBody> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    put(response.headers_mut(), CONTENT_TYPE, content_type);
    response
}

/// Sets a header; a value that cannot be one is left out.
pub(crate) fn put(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// A rendered document.
#[derive(Debug)]
pub(super) struct Rendered {
    pub(super) content_type: &'static str,
    pub(super) body: Bytes,
    pub(super) updated_at: DateTime<Utc>,
}

impl Rendered {
    /// The usual answer: 304 where the asker has it already, gzip where the asker takes it.
    pub(crate) fn answer(self, asked: &HeaderMap, validators: Validators) -> io::Result<Response<AnyBody>> {
        // Weak, since it is the same for both encodings.
        let etag = format!("W/\"{:016x}\"", crate::world::hash(&[&String::from_utf8_lossy(&self.body)]));
        let mut response = if validators == Validators::Honoured && self.is_known(asked, &etag) {
            let mut response = Response::new(full(Bytes::new()));
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            response
        } else if takes_gzip(asked) {
            let mut response = answer(StatusCode::OK, self.content_type, full(gzip(&self.body)?));
            put(response.headers_mut(), CONTENT_ENCODING, "gzip");
            response
        } else {
            answer(StatusCode::OK, self.content_type, full(self.body.clone()))
        };
        let headers = response.headers_mut();
        put(headers, VARY, "Accept-Encoding");
        if validators != Validators::Absent {
            put(headers, ETAG, &etag);
            put(headers, LAST_MODIFIED, &http_date(self.updated_at));
        }
        Ok(response)
    }

    /// Whether the asker has this already. Where it names tags, these alone decide (RFC 9110, 13.2.2).
    fn is_known(&self, asked: &HeaderMap, etag: &str) -> bool {
        let text = |name| asked.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
        if let Some(tags) = text(IF_NONE_MATCH) {
            let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
            return tags.split(',').any(|tag| tag.trim() == "*" || opaque(tag) == opaque(etag));
        }
        let since = text(IF_MODIFIED_SINCE).and_then(|date| DateTime::parse_from_rfc2822(date).ok());
        since.is_some_and(|since| self.updated_at.timestamp() <= since.timestamp())
    }
}

/// Whether `Accept-Encoding` names gzip, and not with a weight of zero.
fn takes_gzip(asked: &HeaderMap) -> bool {
    let accepted = asked.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split(',')).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, "q=1"));
        let weight = weight.trim().trim_start_matches("q=").parse().unwrap_or(1.0_f32);
        name.trim().eq_ignore_ascii_case("gzip") && weight > 0.0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(name: HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_str(value).unwrap())])
    }

    #[test]
    fn gzip_is_sent_only_to_those_who_take_it() {
        assert!(takes_gzip(&asked(ACCEPT_ENCODING, "br, GZIP;q=0.8")));
        assert!(!takes_gzip(&asked(ACCEPT_ENCODING, "gzip;q=0, identity")));
        assert!(!takes_gzip(&HeaderMap::new()));
    }

    #[test]
    fn what_is_known_is_not_sent_again() {
        let rendered = || Rendered {
            content_type: "text/plain",
            body: Bytes::from_static(b"hello"),
            updated_at: DateTime::from_timestamp_millis(1_767_600_000_500).unwrap(),
        };
        let status = |asked: &HeaderMap, validators| rendered().answer(asked, validators).unwrap().status().as_u16();

        let first = rendered().answer(&HeaderMap::new(), Validators::Honoured).unwrap();
        let etag = first.headers()[ETAG].to_str().unwrap();
        let modified = first.headers()[LAST_MODIFIED].to_str().unwrap();
        assert_eq!(modified, "Mon, 05 Jan 2026 08:00:00 GMT");
        assert_eq!(status(&asked(IF_NONE_MATCH, &format!("\"other\", {etag}")), Validators::Honoured), 304);
        assert_eq!(status(&asked(IF_NONE_MATCH, "*"), Validators::Honoured), 304);
        assert_eq!(status(&asked(IF_NONE_MATCH, "\"other\""), Validators::Honoured), 200);
        assert_eq!(status(&asked(IF_NONE_MATCH, etag), Validators::Ignored), 200);
        assert_eq!(status(&asked(IF_MODIFIED_SINCE, modified), Validators::Honoured), 304);
        assert_eq!(status(&asked(IF_MODIFIED_SINCE, "Mon, 05 Jan 2026 07:59:59 GMT"), Validators::Honoured), 200);
        assert_eq!(status(&asked(IF_MODIFIED_SINCE, "yesterday"), Validators::Honoured), 200);

        let mut both = asked(IF_NONE_MATCH, "\"other\"");
        both.extend(asked(IF_MODIFIED_SINCE, modified));
        assert_eq!(status(&both, Validators::Honoured), 200, "the tags alone decide");

        let bare = rendered().answer(&HeaderMap::new(), Validators::Absent).unwrap();
        assert!(!bare.headers().contains_key(ETAG) && !bare.headers().contains_key(LAST_MODIFIED));
    }
}
