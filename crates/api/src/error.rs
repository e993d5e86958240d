//! Every error of every route: one table of codes and statuses, one shape.
//!
//! What a client sees is a stable code and a sentence fit for strangers. Causes inside the server go to the log.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, ContentType};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use unistatus_core::rollbar::RollbarError;
use utoipa::ToSchema;

use crate::items;
use crate::json;
use crate::openapi::schemas;

/// How many seconds a client should wait before it asks again for what is not ready.
const RETRY_AFTER: &str = "2";

/// How to say who asks.
pub(crate) const AUTHENTICATE: &str = "Bearer realm=\"unistatus\"";

/// Why a request has no good answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ApiError {
    /// The request cannot be understood; the message says what is wrong and what is accepted.
    #[error("{0}")]
    BadRequest(String),
    /// No target of that name is known.
    #[error("The specified target does not exist.")]
    TargetNotFound,
    /// The target is known, and has no service of that name.
    #[error("The specified service does not exist.")]
    ServiceNotFound,
    /// No key has that id.
    #[error("The specified key does not exist.")]
    KeyNotFound,
    /// No user has that name.
    #[error("The specified user does not exist.")]
    UserNotFound,
    /// No template has that id.
    #[error("The specified template does not exist.")]
    TemplateNotFound,
    /// No report has that id.
    #[error("The specified report does not exist.")]
    ReportNotFound,
    /// What shall be a template is none; the message says what is wrong, and where.
    #[error("The template is not accepted: {0}.")]
    InvalidTemplate(String),
    /// A template cannot be filled in; the message says why, and where.
    #[error("The template cannot be rendered: {0}.")]
    TemplateFailed(String),
    /// What is to be changed is not as the client believes.
    #[error("It was changed meanwhile: `If-Match` names no entity tag that it has.")]
    PreconditionFailed,
    /// A user of that name is there already.
    #[error("A user of this name exists already.")]
    UserExists,
    /// Without this user, nobody could give access any more.
    #[error("This user is the last who may give access, and no key may: add another admin first.")]
    LastAdmin,
    /// Who asks has to say who they are; the message says how.
    #[error("{0}")]
    Unauthorized(String),
    /// Who asks may not do this; the message says what it takes.
    #[error("{0}")]
    Forbidden(&'static str),
    /// Who asks has asked too often.
    #[error("Too many requests: ask again in {seconds} seconds.")]
    TooManyRequests {
        /// After how many seconds to ask again.
        seconds: u64,
    },
    /// No resource has that path.
    #[error("There is no resource at this path.")]
    RouteNotFound,
    /// The resource is there, and does not understand the method.
    #[error("This resource does not support the method; it supports {allow}.")]
    MethodNotAllowed {
        /// The methods it understands, as the `Allow` header lists them.
        allow: &'static str,
    },
    /// The request's body is of a kind that the resource does not read; the message says which it reads.
    #[error("The body of the request must be {0}.")]
    UnsupportedMediaType(&'static str),
    /// The request's body exceeds the limit.
    #[error("The body of the request is too large.")]
    PayloadTooLarge,
    /// The head or the body of the request did not arrive in time.
    #[error("The request did not arrive in time.")]
    RequestTimeout,
    /// The head of the request exceeds the limit.
    #[error("The head of the request is too large: its path, its query and its headers together.")]
    HeadTooLarge,
    /// Nothing can be served yet, or not any more.
    #[error("{0}")]
    NotReady(&'static str),
    /// The database is needed for the answer and does not give it.
    #[error("The database does not answer; what is known now is still served.")]
    StoreUnavailable,
    /// No Rollbar project is configured.
    #[error(
        "This server knows no Rollbar project: set ROLLBAR_TOKEN, or ROLLBAR_TOKEN_FILE, to a project access token with \
         the scopes read, write and post_server_item."
    )]
    RollbarNotConfigured,
    /// Rollbar gave no good answer.
    #[error(transparent)]
    Rollbar(RollbarError),
    /// The fault is ours.
    #[error("The server failed to answer this request.")]
    Internal,
}

impl ApiError {
    /// Nothing has been read from the database yet.
    pub(crate) const NO_SNAPSHOT: Self = Self::NotReady("The status of the targets has not been read yet.");
    /// The server is about to end.
    pub(crate) const STOPPING: Self = Self::NotReady("The server is stopping.");
    /// As many templates are read as may be at once.
    pub(crate) const BUSY: Self = Self::NotReady("Too many templates are read or rendered at once.");

    /// Every code there is.
    pub(crate) const CODES: [&'static str; 31] = [
        "BadRequest",
        "TargetNotFound",
        "ServiceNotFound",
        "KeyNotFound",
        "UserNotFound",
        "TemplateNotFound",
        "ReportNotFound",
        "InvalidTemplate",
        "TemplateFailed",
        "PreconditionFailed",
        "UserExists",
        "LastAdmin",
        "Unauthorized",
        "Forbidden",
        "TooManyRequests",
        "RouteNotFound",
        "MethodNotAllowed",
        "RequestTimeout",
        "PayloadTooLarge",
        "UnsupportedMediaType",
        "RequestHeaderFieldsTooLarge",
        "NotReady",
        "StoreUnavailable",
        "ItemNotFound",
        "RollbarNotConfigured",
        "RollbarRefused",
        "RollbarLimited",
        "RollbarTokenRefused",
        "RollbarUnavailable",
        "RollbarTimeout",
        "Internal",
    ];

    /// A cursor that no list gave.
    pub(crate) fn bad_cursor() -> Self {
        Self::BadRequest("The cursor is not one of a `Link` header that this resource gave.".to_owned())
    }

    /// The code of a request that cannot be understood.
    pub(crate) const BAD_REQUEST: &'static str = "BadRequest";

    /// The code that clients can rely on.
    pub(crate) const fn code(&self) -> &'static str {
        self.row().1
    }

    /// The status it is answered with, and the code that clients can rely on.
    const fn row(&self) -> (StatusCode, &'static str) {
        match self {
            Self::BadRequest(_) => (StatusCode::BAD_REQUEST, Self::BAD_REQUEST),
            Self::TargetNotFound => (StatusCode::NOT_FOUND, "TargetNotFound"),
            Self::ServiceNotFound => (StatusCode::NOT_FOUND, "ServiceNotFound"),
            Self::KeyNotFound => (StatusCode::NOT_FOUND, "KeyNotFound"),
            Self::UserNotFound => (StatusCode::NOT_FOUND, "UserNotFound"),
            Self::TemplateNotFound => (StatusCode::NOT_FOUND, "TemplateNotFound"),
            Self::ReportNotFound => (StatusCode::NOT_FOUND, "ReportNotFound"),
            Self::InvalidTemplate(_) => (StatusCode::UNPROCESSABLE_ENTITY, "InvalidTemplate"),
            Self::TemplateFailed(_) => (StatusCode::UNPROCESSABLE_ENTITY, "TemplateFailed"),
            Self::PreconditionFailed => (StatusCode::PRECONDITION_FAILED, "PreconditionFailed"),
            Self::UserExists => (StatusCode::CONFLICT, "UserExists"),
            Self::LastAdmin => (StatusCode::CONFLICT, "LastAdmin"),
            Self::Unauthorized(_) => (StatusCode::UNAUTHORIZED, "Unauthorized"),
            Self::Forbidden(_) => (StatusCode::FORBIDDEN, "Forbidden"),
            Self::TooManyRequests { .. } => (StatusCode::TOO_MANY_REQUESTS, "TooManyRequests"),
            Self::RouteNotFound => (StatusCode::NOT_FOUND, "RouteNotFound"),
            Self::MethodNotAllowed { .. } => (StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed"),
            Self::UnsupportedMediaType(_) => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "UnsupportedMediaType"),
            Self::PayloadTooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "PayloadTooLarge"),
            Self::RequestTimeout => (StatusCode::REQUEST_TIMEOUT, "RequestTimeout"),
            Self::HeadTooLarge => (StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "RequestHeaderFieldsTooLarge"),
            Self::NotReady(_) => (StatusCode::SERVICE_UNAVAILABLE, "NotReady"),
            Self::StoreUnavailable => (StatusCode::SERVICE_UNAVAILABLE, "StoreUnavailable"),
            Self::RollbarNotConfigured => (StatusCode::NOT_IMPLEMENTED, "RollbarNotConfigured"),
            Self::Rollbar(error) => items::row(error),
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "Internal"),
        }
    }

    /// The body that it is answered with.
    pub(crate) fn json(&self) -> Vec<u8> {
        json::to_vec(&ErrorBody::of(self))
    }

    /// The error that says the same as one of actix's own.
    pub(crate) fn from_actix(error: &actix_web::Error) -> Self {
        if let Some(ours) = error.as_error::<Self>() {
            return ours.clone();
        }
        let status = error.as_response_error().status_code();
        if status == StatusCode::PAYLOAD_TOO_LARGE {
            Self::PayloadTooLarge
        } else if status.is_client_error() {
            Self::BadRequest(error.to_string())
        } else {
            tracing::error!(%error, "a request failed");
            Self::Internal
        }
    }
}

/// The shape of every error.
#[derive(Serialize, ToSchema)]
#[schema(as = Error)]
pub(crate) struct ErrorBody {
    error: ErrorDetail,
}

/// What is told of an error.
#[derive(Serialize, ToSchema)]
struct ErrorDetail {
    /// What went wrong, for programs.
    #[schema(value_type = schemas::ErrorCode)]
    code: &'static str,
    /// What went wrong, for people.
    #[schema(example = "The specified target does not exist.")]
    message: String,
}

impl ErrorBody {
    /// The body that tells of an error.
    pub(crate) fn of(error: &ApiError) -> Self {
        Self { error: ErrorDetail { code: error.code(), message: error.to_string() } }
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.row().0
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        response
            .content_type(ContentType::json())
            // Without it, a cache may keep a 404 or a 405 for as long as it likes.
            .insert_header((header::CACHE_CONTROL, "no-store"))
            // Said here too: an error that ends outside the middleware is not passed through it.
            .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"));
        match self {
            Self::MethodNotAllowed { allow } => {
                response.insert_header((header::ALLOW, *allow));
            }
            Self::NotReady(_) | Self::StoreUnavailable => {
                response.insert_header((header::RETRY_AFTER, RETRY_AFTER));
            }
            Self::TooManyRequests { seconds } | Self::Rollbar(RollbarError::Limited { seconds }) => {
                response.insert_header((header::RETRY_AFTER, *seconds));
            }
            Self::Unauthorized(_) => {
                response.insert_header((header::WWW_AUTHENTICATE, AUTHENTICATE));
            }
            Self::BadRequest(_)
            | Self::TargetNotFound
            | Self::ServiceNotFound
            | Self::KeyNotFound
            | Self::UserNotFound
            | Self::TemplateNotFound
            | Self::ReportNotFound
            | Self::InvalidTemplate(_)
            | Self::TemplateFailed(_)
            | Self::PreconditionFailed
            | Self::UserExists
            | Self::LastAdmin
            | Self::Forbidden(_)
            | Self::RouteNotFound
            | Self::UnsupportedMediaType(_)
            | Self::PayloadTooLarge
            | Self::RequestTimeout
            | Self::HeadTooLarge
            | Self::RollbarNotConfigured
            | Self::Rollbar(_)
            | Self::Internal => {}
        }
        response.body(self.json())
    }
}

#[cfg(test)]
mod tests {
    use unistatus_core::rollbar::TokenScope;

    use super::*;

    #[test]
    fn the_statuses_and_codes_that_clients_rely_on() {
        let said = String::new;
        let refused = ApiError::Rollbar(RollbarError::Refused { status: 400, said: said() });
        let denied = RollbarError::TokenRefused { status: 403, said: said(), scope: TokenScope::Read };
        let denied = ApiError::Rollbar(denied);
        let away = ApiError::Rollbar(RollbarError::Unavailable { problem: said(), is_safe: true });
        for (error, status, code) in [
            (ApiError::BadRequest(String::new()), 400, "BadRequest"),
            (ApiError::TargetNotFound, 404, "TargetNotFound"),
            (ApiError::ServiceNotFound, 404, "ServiceNotFound"),
            (ApiError::KeyNotFound, 404, "KeyNotFound"),
            (ApiError::UserNotFound, 404, "UserNotFound"),
            (ApiError::TemplateNotFound, 404, "TemplateNotFound"),
            (ApiError::ReportNotFound, 404, "ReportNotFound"),
            (ApiError::InvalidTemplate(String::new()), 422, "InvalidTemplate"),
            (ApiError::TemplateFailed(String::new()), 422, "TemplateFailed"),
            (ApiError::PreconditionFailed, 412, "PreconditionFailed"),
            (ApiError::UserExists, 409, "UserExists"),
            (ApiError::LastAdmin, 409, "LastAdmin"),
            (ApiError::Unauthorized(String::new()), 401, "Unauthorized"),
            (ApiError::Forbidden(""), 403, "Forbidden"),
            (ApiError::TooManyRequests { seconds: 1 }, 429, "TooManyRequests"),
            (ApiError::RouteNotFound, 404, "RouteNotFound"),
            (ApiError::MethodNotAllowed { allow: "GET" }, 405, "MethodNotAllowed"),
            (ApiError::UnsupportedMediaType("application/json"), 415, "UnsupportedMediaType"),
            (ApiError::PayloadTooLarge, 413, "PayloadTooLarge"),
            (ApiError::RequestTimeout, 408, "RequestTimeout"),
            (ApiError::HeadTooLarge, 431, "RequestHeaderFieldsTooLarge"),
            (ApiError::STOPPING, 503, "NotReady"),
            (ApiError::StoreUnavailable, 503, "StoreUnavailable"),
            (ApiError::RollbarNotConfigured, 501, "RollbarNotConfigured"),
            (ApiError::Rollbar(RollbarError::ItemNotFound), 404, "ItemNotFound"),
            (refused, 422, "RollbarRefused"),
            (ApiError::Rollbar(RollbarError::Limited { seconds: 1 }), 429, "RollbarLimited"),
            (denied, 502, "RollbarTokenRefused"),
            (away, 502, "RollbarUnavailable"),
            (ApiError::Rollbar(RollbarError::Unreadable { expected: "JSON" }), 502, "RollbarUnavailable"),
            (ApiError::Rollbar(RollbarError::TooSlow { seconds: 1, is_safe: true }), 504, "RollbarTimeout"),
            (ApiError::Internal, 500, "Internal"),
        ] {
            assert_eq!(error.row(), (StatusCode::from_u16(status).unwrap(), code));
            assert_eq!(error.error_response().status(), status);
            assert!(ApiError::CODES.contains(&code), "{code} is not documented");
        }
    }
}
