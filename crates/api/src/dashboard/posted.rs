//! What a form of ours sends, by somebody who means it.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use unistatus_core::access::Scope;

use super::form::Fields;
use crate::app::Context;
use crate::auth::{Identity, Visitor};
use crate::error::ApiError;
use crate::routes::body;

/// The field that shows that a form is ours.
const CSRF: &str = "csrf";

/// A form that was sent.
pub(super) struct Posted {
    /// Who sent it; they may do what it takes.
    pub(super) who: Identity,
    /// What is filled in.
    pub(super) fields: Fields,
}

impl Posted {
    /// Reads a form for which its sender needs a scope.
    ///
    /// # Errors
    /// [`ApiError::Unauthorized`] where nobody is logged in, [`ApiError::Forbidden`] where they may not, or where the form
    /// is not one of ours; what a body is refused for.
    pub(super) async fn read(
        visitor: Visitor,
        scope: Scope,
        (request, payload): (&HttpRequest, web::Payload),
        context: &Context,
    ) -> Result<Self, ApiError> {
        let logged_out = || ApiError::Unauthorized("You are not logged in any more.".to_owned());
        let identity = visitor.0.ok_or_else(logged_out)?;
        let fields = fields(request, payload).await?;
        let who = context.auth.meant(identity, fields.value(CSRF)).await?;
        who.must(scope)?;
        Ok(Self { who, fields })
    }
}

/// Reads what a form sends.
///
/// # Errors
/// What a body is refused for.
pub(super) async fn fields(request: &HttpRequest, payload: web::Payload) -> Result<Fields, ApiError> {
    let body = body::form(request, payload).await?;
    Ok(Fields::read(&String::from_utf8_lossy(&body)))
}

/// It is done: leads to a page that shows it, so that nobody sends the form twice.
pub(super) fn done(page: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, page))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .finish()
}
