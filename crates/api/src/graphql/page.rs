//! Pages of lists, in the manner of Relay.

use async_graphql::OutputType;
use async_graphql::connection::{Connection, Edge};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::ApiError;
use crate::query::{MAX_LIMIT, Page, cut, decode, encode, refused};

/// A page: `found` are the elements behind the place before, one more than the limit where there are so many.
pub(super) fn connection<F, C: Serialize, T: OutputType>(
    found: Vec<F>,
    limit: u32,
    is_first: bool,
    cursor_of: impl Fn(&F) -> C,
    node: impl Fn(F) -> T,
) -> Connection<String, T> {
    let (found, has_next_page) = cut(found, Some(limit));
    let mut connection = Connection::new(!is_first, has_next_page);
    connection.edges.extend(found.into_iter().map(|element| Edge::new(encode(&cursor_of(&element)), node(element))));
    connection
}

/// The limit of a page.
///
/// # Errors
/// [`ApiError::BadRequest`] for one that is none.
pub(super) fn limit(limit: u32) -> Result<u32, ApiError> {
    if (1..=MAX_LIMIT).contains(&limit) {
        return Ok(limit);
    }
    Err(refused("limit", &limit.to_string(), format_args!("expected is a number from 1 to {MAX_LIMIT}")))
}

/// The part of a list that begins behind an element, which is told by what names it.
pub(super) fn behind(given: Option<u32>, after: Option<String>) -> Result<Page<String>, ApiError> {
    Ok(Page { limit: given.map(limit).transpose()?, behind: after })
}

/// Reads the cursor of an element; `id` is what it means.
pub(super) fn cursor<C: DeserializeOwned, I>(
    after: Option<&str>,
    id: impl Fn(C) -> Option<I>,
) -> Result<Option<I>, ApiError> {
    let accepted = "expected is the cursor of an element of this list";
    let read = |text| decode(text).and_then(&id).ok_or_else(|| refused("after", text, accepted));
    after.map(read).transpose()
}
