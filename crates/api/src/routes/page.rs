//! Pages: all lists page the same way. `limit` says how many, `cursor` where to go on; the next page is in a `Link`
//! header, so that bodies keep their shape. Without `limit` everything is answered.

use actix_web::HttpRequest;
use actix_web::http::header::HeaderValue;
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::form_urlencoded;
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterIn};

use super::parameters::Parameters;
use crate::error::ApiError;
use crate::openapi::parameters;
pub(super) use crate::query::{MAX_LIMIT, Page, cut};
use crate::query::{decode, encode};

impl<C: Serialize + DeserializeOwned> Page<C> {
    /// Takes `limit` and `cursor`.
    ///
    /// # Errors
    /// [`ApiError::BadRequest`] for a limit that is none, and for a cursor that no list of this kind gave.
    pub(super) fn take(parameters: &mut Parameters) -> Result<Self, ApiError> {
        let limit = take_limit(parameters)?;
        let behind = parameters.one("cursor", |value| {
            decode(value).ok_or("expected is the cursor of a `Link` header that this resource gave")
        })?;
        Ok(Self { limit, behind })
    }
}

/// The page that is asked for where nothing else may be.
///
/// # Errors
/// As [`Page::take`]; [`ApiError::BadRequest`] for any other parameter.
pub(super) fn alone<C: Serialize + DeserializeOwned>(request: &HttpRequest) -> Result<Page<C>, ApiError> {
    let mut parameters = Parameters::read(request.query_string())?;
    let page = Page::take(&mut parameters)?;
    parameters.finish().map(|()| page)
}

/// What may be asked of a list where nothing else may be.
pub(super) enum Paging {}

impl IntoParams for Paging {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        documented()
    }
}

/// Takes `limit`.
///
/// # Errors
/// [`ApiError::BadRequest`] for one that is none.
pub(super) fn take_limit(parameters: &mut Parameters) -> Result<Option<u32>, ApiError> {
    parameters.one("limit", |value| {
        let limit = value.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit));
        limit.ok_or_else(|| format!("expected is a number from 1 to {MAX_LIMIT}"))
    })
}

/// `limit` and `cursor`, documented.
pub(super) fn documented() -> Vec<Parameter> {
    vec![limit("How many elements at the most; all of them where it is not given."), cursor()]
}

/// `limit`, documented.
pub(super) fn limit(description: &str) -> Parameter {
    parameters::number("limit", description, (1, MAX_LIMIT), 20)
}

/// `cursor`, documented.
pub(super) fn cursor() -> Parameter {
    let description = "Where to go on: as the `Link` header of the page before says. Nothing in it is to be relied on.";
    parameters::opaque("cursor", description)
}

/// The `Link` header that leads to the page behind `last`: the same resource with the same parameters.
///
/// # Errors
/// [`ApiError::Internal`] if no header can be made of it, which no path and no query that was sent leads to.
pub(super) fn next_link<C: Serialize>(request: &HttpRequest, last: &C) -> Result<HeaderValue, ApiError> {
    let mut query = form_urlencoded::Serializer::new(String::new());
    let given = form_urlencoded::parse(request.query_string().as_bytes());
    query.extend_pairs(given.filter(|(name, _)| name != "cursor"));
    query.append_pair("cursor", &encode(last));
    let link = format!("<{}?{}>; rel=\"next\"", request.uri().path(), query.finish());
    HeaderValue::try_from(link).map_err(|_| ApiError::Internal)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;
    use proptest::prelude::*;

    use super::*;

    type Named = Page<(String, i64)>;

    fn page(query: &str) -> Result<Named, ApiError> {
        let mut parameters = Parameters::read(query)?;
        let page = Page::take(&mut parameters)?;
        parameters.finish().map(|()| page)
    }

    #[test]
    fn limits_are_bounded_and_cursors_are_ours() {
        assert_eq!(page("").unwrap(), Page { limit: None, behind: None });
        assert_eq!(page("limit=1000").unwrap().limit, Some(1000));
        for query in ["limit=0", "limit=1001", "limit=-1", "limit=x", "limit=", "limit=99999999999999999999"] {
            assert!(page(query).unwrap_err().to_string().contains("from 1 to 1000"), "{query}");
        }
        for query in ["cursor=", "cursor=x", "cursor=e30", "cursor=%00", &format!("cursor={}", "A".repeat(4000))] {
            assert!(page(query).unwrap_err().to_string().contains("Link"), "{query}");
        }
    }

    proptest! {
        #[test]
        fn a_link_leads_on_with_the_same_parameters(name in any::<String>(), number in any::<i64>(), q in any::<String>()) {
            let query = form_urlencoded::Serializer::new(String::new()).append_pair("q", &q).finish();
            let request = TestRequest::with_uri(&format!("/api/x?limit=2&cursor=old&{query}")).to_http_request();
            let link = next_link(&request, &(name.clone(), number)).unwrap();
            let target = link.to_str().unwrap().strip_prefix("</api/x?").and_then(|rest| rest.strip_suffix(">; rel=\"next\"")).unwrap();
            let mut parameters = Parameters::read(target).unwrap();
            prop_assert_eq!(parameters.one("q", |q| Ok::<_, String>(q.to_owned())).unwrap(), Some(q));
            prop_assert_eq!(Named::take(&mut parameters).unwrap(), Page { limit: Some(2), behind: Some((name, number)) });
            prop_assert!(parameters.finish().is_ok());
        }
    }
}
