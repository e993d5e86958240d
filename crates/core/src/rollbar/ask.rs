//! Asking: one request, sent, and sent again where that is safe, until a deadline.

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap};
use serde_json::value::RawValue;
use tokio::time::{Instant, sleep, timeout_at};
use url::Url;

use super::error::{Failure, RollbarError, TokenScope};
use super::{Rollbar, answer, retry};
use crate::target::fetch::{self, FetchError};

/// The header that tells who asks.
const TOKEN: &str = "X-Rollbar-Access-Token";
/// In how many seconds a limited token may ask again.
const REMAINING_SECONDS: &str = "X-Rate-Limit-Remaining-Seconds";

/// A request to Rollbar.
#[derive(Debug)]
pub(super) struct Ask {
    method: Method,
    /// The path below the address of the API.
    path: Vec<String>,
    query: Vec<(&'static str, String)>,
    body: Option<String>,
}

impl Ask {
    pub(super) fn get<'a>(path: impl IntoIterator<Item = &'a str>) -> Self {
        Self::new(Method::GET, path, None)
    }

    pub(super) fn post<'a>(path: impl IntoIterator<Item = &'a str>, body: String) -> Self {
        Self::new(Method::POST, path, Some(body))
    }

    pub(super) fn patch<'a>(path: impl IntoIterator<Item = &'a str>, body: String) -> Self {
        Self::new(Method::PATCH, path, Some(body))
    }

    pub(super) fn with_query(self, query: Vec<(&'static str, String)>) -> Self {
        Self { query, ..self }
    }

    fn new<'a>(method: Method, path: impl IntoIterator<Item = &'a str>, body: Option<String>) -> Self {
        Self { method, path: path.into_iter().map(str::to_owned).collect(), query: Vec::new(), body }
    }

    /// Whether it changes nothing, however often it is sent.
    pub(super) fn is_safe(&self) -> bool {
        self.method.is_safe()
    }

    /// Whether it names an item, which may not be there.
    pub(super) fn names_item(&self) -> bool {
        matches!(self.path.as_slice(), [kind, item] if kind.starts_with("item") && !item.is_empty())
    }

    /// What the token has to be good for.
    pub(super) fn scope(&self) -> TokenScope {
        if self.method == Method::POST {
            TokenScope::PostServerItem
        } else if self.is_safe() {
            TokenScope::Read
        } else {
            TokenScope::Write
        }
    }

    /// Where it is sent.
    fn url(&self, base: &Url) -> Url {
        let mut url = base.clone();
        // No web address is without a path.
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(&self.path);
        }
        if !self.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&self.query);
        }
        url
    }
}

impl Rollbar {
    /// The `result` of an answer, as it was sent.
    pub(super) async fn result(&self, ask: &Ask, deadline: Instant) -> Result<Box<RawValue>, RollbarError> {
        answer::result(&self.sent(ask, deadline).await?)
    }

    /// The body of a good answer. The token is nowhere in it.
    pub(super) async fn sent(&self, ask: &Ask, deadline: Instant) -> Result<Bytes, RollbarError> {
        let limits = &self.0.limits;
        let mut attempt = 1;
        loop {
            let Ok(outcome) = timeout_at(deadline, self.once(ask)).await else {
                return Err(RollbarError::TooSlow { seconds: limits.total.as_secs(), is_safe: ask.is_safe() });
            };
            let failure = match outcome {
                Ok(body) => return Ok(body),
                Err(failure) => failure,
            };
            let left = deadline.saturating_duration_since(Instant::now());
            match retry::pause(&failure, ask.is_safe(), attempt, limits).filter(|&pause| pause < left) {
                Some(pause) => {
                    tracing::debug!(%failure, attempt, method = %ask.method, "Rollbar is asked again");
                    sleep(pause).await;
                    attempt += 1;
                }
                None => return Err(RollbarError::of(failure, ask)),
            }
        }
    }

    async fn once(&self, ask: &Ask) -> Result<Bytes, Failure> {
        let connection = &*self.0;
        let _turn = connection.turns.acquire().await;
        let mut builder = connection
            .client
            .request(ask.method.clone(), ask.url(&connection.base))
            .header(ACCEPT, "application/json")
            .header(TOKEN, connection.header.clone());
        if let Some(body) = &ask.body {
            builder = builder.header(CONTENT_TYPE, "application/json").body(body.clone());
        }
        let response = builder.send().await.map_err(|error| Failure::of_sending(&error))?;
        let (status, wait) = (response.status(), wait(response.headers()));
        let body = fetch::body(response, connection.limits.body).await;
        let body = body.map(|body| answer::blotted(body, connection.token.reveal()));
        // An item that is asked for by its number is answered by a redirect to it, which says all that is needed.
        if status.is_success() || status.is_redirection() {
            return body.map_err(Failure::Broken);
        }
        // What a refusal says beside its status is of use, and not needed.
        let said = body.ok().and_then(|body| answer::message(&body));
        Err(Failure::Answered { status: status.as_u16(), said, wait })
    }
}

impl Failure {
    fn of_sending(error: &reqwest::Error) -> Self {
        let told = FetchError::from_reqwest(error);
        if error.is_connect() { Self::NotSent(told) } else { Self::Broken(told) }
    }
}

/// How long Rollbar wants to be left alone, where it says so.
fn wait(headers: &HeaderMap) -> Option<std::time::Duration> {
    let remaining = || headers.get(REMAINING_SECONDS)?.to_str().ok()?.trim().parse().ok();
    fetch::retry_after(headers).or_else(|| remaining().map(std::time::Duration::from_secs))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn addresses_keep_what_the_base_has_and_encode_what_is_put_into_them() {
        for (base, expected) in [
            ("https://api.rollbar.com/api/1", "https://api.rollbar.com/api/1/items/?query=a+%26+b&level=error"),
            ("http://127.0.0.1:81/", "http://127.0.0.1:81/items/?query=a+%26+b&level=error"),
            ("http://h/x/", "http://h/x/items/?query=a+%26+b&level=error"),
        ] {
            let query = vec![("query", "a & b".to_owned()), ("level", "error".to_owned())];
            let url = Ask::get(["items", ""]).with_query(query).url(&Url::parse(base).unwrap());
            assert_eq!(url.as_str(), expected);
        }
        let url = Ask::get(["item", "../x?"]).url(&Url::parse("http://h/api").unwrap());
        assert_eq!(url.as_str(), "http://h/api/item/..%2Fx%3F");
    }

    #[test]
    fn some_requests_name_an_item() {
        let names = |path: [&str; 2]| Ask::get(path).names_item();
        assert!(names(["item", "1"]) && names(["item_by_counter", "1"]));
        assert!(!names(["item", ""]) && !names(["items", ""]));
    }

    #[test]
    fn each_method_takes_its_scope() {
        let asks = [Ask::get(["a"]), Ask::post(["a"], String::new()), Ask::patch(["a"], String::new())];
        let scopes = asks.iter().map(|ask| (ask.scope(), ask.is_safe()));
        assert_eq!(
            scopes.collect::<Vec<_>>(),
            [(TokenScope::Read, true), (TokenScope::PostServerItem, false), (TokenScope::Write, false)]
        );
    }

    #[test]
    fn the_wait_is_what_the_standard_header_says_else_what_rollbars_own_does() {
        let headers = |pairs: &[(&'static str, &str)]| {
            pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect::<HeaderMap>()
        };
        for (pairs, expected) in [
            (&[("retry-after", "7"), ("x-rate-limit-remaining-seconds", "9")][..], Some(7)),
            (&[("x-rate-limit-remaining-seconds", " 9 ")], Some(9)),
            (&[("x-rate-limit-remaining-seconds", "soon")], None),
            (&[], None),
        ] {
            assert_eq!(wait(&headers(pairs)), expected.map(Duration::from_secs), "{pairs:?}");
        }
    }
}
