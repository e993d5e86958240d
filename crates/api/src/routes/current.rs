//! The snapshot a request is answered from, and the answer.

use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::header::{self, ContentType};
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use unistatus_core::schema::Timestamp;

use crate::app::Context;
use crate::conditional::is_not_modified;
use crate::error::ApiError;
use crate::snapshot::{Body, Latest, Snapshot};

/// What is known at the moment of a request. Before the first snapshot the request is [`ApiError::NO_SNAPSHOT`].
pub(super) struct Current {
    latest: Latest,
    now: Timestamp,
}

impl Current {
    /// What is known.
    pub(super) fn snapshot(&self) -> &Snapshot {
        &self.latest.snapshot
    }

    /// What is known, to keep.
    pub(super) fn into_snapshot(self) -> Arc<Snapshot> {
        self.latest.snapshot
    }

    /// Answers with a body of the snapshot, or with 304 where the client has it already.
    ///
    /// The client shall ask each time (`no-cache`), as a change may come at any moment; mostly it is told that what
    /// it has still holds. While the database is away, `Age` says for how long nobody could confirm the answer.
    pub(super) fn answer(&self, request: &HttpRequest, body: &Body) -> HttpResponse {
        let last_modified = body.last_modified(self.now);
        let not_modified =
            is_not_modified(request.headers(), body.etag(), last_modified.map(|modified| modified.seconds));
        let mut response = if not_modified { HttpResponse::NotModified() } else { HttpResponse::Ok() };
        response.insert_header((header::CACHE_CONTROL, "no-cache")).insert_header((header::ETAG, body.etag()));
        if let Some(modified) = last_modified {
            response.insert_header((header::LAST_MODIFIED, modified.http_date.as_str()));
        }
        if let Some(confirmed) = self.latest.unconfirmed_since {
            response.insert_header((header::AGE, confirmed.until(self.now).as_secs()));
        }
        if not_modified {
            return response.finish();
        }
        response.content_type(ContentType::json()).body(body.bytes().clone())
    }
}

impl FromRequest for Current {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(match request.app_data::<web::Data<Context>>() {
            Some(context) => match context.snapshots.latest() {
                Some(latest) => Ok(Self { latest, now: context.clock.now() }),
                None => Err(ApiError::NO_SNAPSHOT),
            },
            None => Err(ApiError::Internal),
        })
    }
}
