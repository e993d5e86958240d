//! The snapshot a request is answered from, and the answer.

use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use serde::Serialize;
use unistatus_core::schema::Timestamp;

use super::page::next_link;
use super::representation;
use crate::app::Context;
use crate::error::ApiError;
use crate::snapshot::{Body, Latest, Snapshot};

/// What is known at the moment of a request. Before the first snapshot the request is [`ApiError::NO_SNAPSHOT`].
pub(crate) struct Current {
    latest: Latest,
    now: Timestamp,
}

/// A body made for one request, and where the next page begins, if there is one.
pub(super) struct List<C> {
    /// The JSON.
    pub(super) bytes: Vec<u8>,
    /// The cursor of the next page.
    pub(super) next: Option<C>,
}

/// The type of most bodies.
pub(super) const JSON: HeaderValue = HeaderValue::from_static("application/json");

impl Current {
    /// What is known now.
    ///
    /// # Errors
    /// [`ApiError::NO_SNAPSHOT`]
    pub(crate) fn of(context: &Context) -> Result<Self, ApiError> {
        let latest = context.snapshots.latest().ok_or(ApiError::NO_SNAPSHOT)?;
        Ok(Self { latest, now: context.clock.now() })
    }

    /// What is known, and what is known of that.
    pub(crate) const fn latest(&self) -> &Latest {
        &self.latest
    }

    /// What is known.
    pub(crate) fn snapshot(&self) -> &Arc<Snapshot> {
        &self.latest.snapshot
    }

    /// When the request came.
    pub(crate) const fn now(&self) -> Timestamp {
        self.now
    }

    /// Answers with JSON, as [`Self::answer_as`] does.
    pub(super) async fn answer(&self, request: &HttpRequest, body: &Body) -> Result<HttpResponse, ApiError> {
        self.answer_as(JSON, request, body).await
    }

    /// Answers with a body. While the database is away, `Age` says for how long nobody could confirm the answer.
    pub(crate) async fn answer_as(
        &self,
        content_type: HeaderValue,
        request: &HttpRequest,
        body: &Body,
    ) -> Result<HttpResponse, ApiError> {
        let mut response = representation::answer(content_type, request, body, body.last_modified(self.now)).await?;
        self.tell_age(&mut response);
        Ok(response)
    }

    /// While the database is away, tells for how long nobody could confirm the answer.
    pub(super) fn tell_age<B>(&self, response: &mut HttpResponse<B>) {
        if let Some(confirmed) = self.latest.unconfirmed_since {
            response.headers_mut().insert(header::AGE, HeaderValue::from(confirmed.until(self.now).as_secs()));
        }
    }

    /// Answers with a body that is made for this request, on a thread that may block: of many targets that is work of
    /// milliseconds, for which no other client shall wait.
    pub(super) async fn answer_list<C: Serialize + Send + 'static>(
        &self,
        request: &HttpRequest,
        list: impl FnOnce() -> List<C> + Send + 'static,
    ) -> Result<HttpResponse, ApiError> {
        let make = move || {
            let List { bytes, next } = list();
            (Body::made(bytes.into()), next)
        };
        let (body, next) = web::block(make).await.map_err(|error| {
            tracing::error!(%error, "a list cannot be made");
            ApiError::Internal
        })?;
        self.answer_page(request, &body, next).await
    }

    /// Answers with a body and the way to the next page, if there is one.
    pub(super) async fn answer_page<C: Serialize>(
        &self,
        request: &HttpRequest,
        body: &Body,
        next: Option<C>,
    ) -> Result<HttpResponse, ApiError> {
        let mut response = self.answer(request, body).await?;
        if let Some(next) = next {
            // With a 304, too: that there is a next page may be what changed.
            response.headers_mut().insert(header::LINK, next_link(request, &next)?);
        }
        Ok(response)
    }
}

impl FromRequest for Current {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let context = request.app_data::<web::Data<Context>>().ok_or(ApiError::Internal);
        ready(context.and_then(|context| Self::of(context)))
    }
}
