//! Lists that are read from the store, page by page: `{"events":[…]}` and the like.
//!
//! With a limit it is one page, and the next one is in the `Link` header. Without one it is everything: read and sent
//! some at a time, so that a year of it needs no more memory than a page.

use std::collections::VecDeque;
use std::pin::Pin;

use actix_web::http::header::{self, ContentType};
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;
use futures_util::stream;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::current::Current;
use super::page::{Page, cut};
use super::representation::{ACCEPT_ENCODING, NO_CACHE};
use crate::error::ApiError;
use crate::snapshot::Body;

/// The end of a list.
const CLOSE: &[u8] = b"]}";
/// How many elements are read at a time, and how many a page has at the most, unless they are large.
pub(super) const AT_ONCE: u32 = 1000;

/// An element of a list.
pub(super) struct Element<C> {
    /// Its JSON.
    pub(super) json: Vec<u8>,
    /// Its place in the list.
    pub(super) cursor: C,
}

/// The elements behind a place, so many at the most.
pub(super) type Read<C> = Box<dyn Fn(Option<C>, u32) -> Reading<C>>;
pub(super) type Reading<C> = Pin<Box<dyn Future<Output = Result<Vec<Element<C>>, ApiError>>>>;

/// The beginning of a document that has a list under a name, and nothing else.
pub(super) fn named(name: &str) -> String {
    format!("{{\"{name}\":[")
}

/// Answers with a list. `head` is the document up to the first element, `read` reads the elements behind a place, `at_once`
/// so many at the most, also where a larger page is asked for.
pub(super) async fn answer<C>(
    current: &Current,
    request: &HttpRequest,
    head: String,
    page: Page<C>,
    at_once: u32,
    read: Read<C>,
) -> Result<HttpResponse, ApiError>
where
    C: Serialize + DeserializeOwned + Clone + 'static,
{
    let wanted = page.limit.map_or(at_once, |limit| limit.min(at_once));
    // One more tells whether there are more.
    let first = read(page.behind, wanted.saturating_add(1)).await?;
    let (elements, has_more) = cut(first, Some(wanted));
    let next = elements.last().filter(|_| has_more).map(|last| last.cursor.clone());
    let mut list = head.into_bytes();
    list.extend(joined(&elements, true));
    match next {
        Some(behind) if page.limit.is_none() => {
            // Nobody knows the tag of what is not made yet; and it is sent as it is, unlike a list that is short.
            let mut response = HttpResponse::Ok();
            response
                .content_type(ContentType::json())
                .insert_header((header::CACHE_CONTROL, NO_CACHE))
                .insert_header((header::VARY, ACCEPT_ENCODING));
            let mut response = response.streaming(rest(list, behind, at_once, read));
            current.tell_age(&mut response);
            Ok(response)
        }
        next => {
            list.extend_from_slice(CLOSE);
            current.answer_page(request, &Body::made(list.into()), next).await
        }
    }
}

/// The beginning of a list, what follows it, and its end.
fn rest<C: Clone + 'static>(
    first: Vec<u8>,
    last: C,
    at_once: u32,
    read: Read<C>,
) -> impl stream::Stream<Item = Result<Bytes, ApiError>> {
    let ready = VecDeque::from([Bytes::from(first)]);
    stream::try_unfold((ready, Some(last), read), move |(mut ready, mut last, read)| async move {
        loop {
            if let Some(chunk) = ready.pop_front() {
                return Ok(Some((chunk, (ready, last, read))));
            }
            let Some(behind) = last.take() else { return Ok(None) };
            let elements = read(Some(behind), at_once).await?;
            last = elements.last().map(|last| last.cursor.clone());
            ready.push_back(if last.is_some() { joined(&elements, false).into() } else { Bytes::from_static(CLOSE) });
        }
    })
}

/// Elements, parted by commas; those that are not the first of their list have one before them, too.
fn joined<C>(elements: &[Element<C>], are_first: bool) -> Vec<u8> {
    let mut joined = Vec::new();
    for (position, element) in elements.iter().enumerate() {
        if position > 0 || !are_first {
            joined.push(b',');
        }
        joined.extend_from_slice(&element.json);
    }
    joined
}
