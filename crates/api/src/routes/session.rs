//! `/api/login`, `/api/logout`, `/api/session`: who asks.

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use unistatus_core::schema::Timestamp;
use utoipa::ToSchema;

use super::parameters::NoParameters;
use super::{body, private, reading, resource};
use crate::app::Context;
use crate::auth::{LoggedIn, Member, Proof, cookie};
use crate::error::ApiError;
use crate::openapi::answers::{NoJson, NoStore, Refused, TooLarge, TooLate, WrongPassword};
use crate::openapi::schemas;

/// Mounts the resources.
pub(super) fn configure(config: &mut web::ServiceConfig) {
    config
        .service(resource("/api/login", "POST").route(web::post().to(log_in)))
        .service(resource("/api/logout", "POST").route(web::post().to(log_out)))
        .service(resource("/api/session", "GET, HEAD").route(reading().to(tell)));
}

/// What a login sends.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LoginWish, example = json!({"name": "ann", "password": "correct horse"}))]
struct Wish {
    /// The user's name.
    name: String,
    /// The user's password.
    password: String,
}

/// What a login answers.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Login<'a> {
    /// The token: a JSON Web Token, to be sent as `Authorization: Bearer`.
    token: &'a str,
    /// From when on it is not accepted any more.
    #[schema(value_type = schemas::Timestamp)]
    expires_at: Timestamp,
    /// What it may do.
    #[schema(value_type = schemas::Scope)]
    scope: unistatus_core::access::Scope,
}

/// Answers what somebody has who logged in.
pub(super) fn logged_in(LoggedIn { token, expires_at, scope }: &LoggedIn) -> HttpResponse {
    private::value(StatusCode::OK, &Login { token, expires_at: *expires_at, scope: *scope })
}

/// `POST /api/login`.
#[utoipa::path(
    post,
    path = "/api/login",
    operation_id = "logIn",
    tag = "Access",
    summary = "Log in with a name and a password",
    description = "Answers a token that lives for half an hour, and sets it as a cookie, too, for browsers. Who fails often \
                   has to wait.",
    request_body(content = Wish, content_type = "application/json"),
    responses(
        (status = 200, description = "Logged in.", body = Login),
        Refused,
        WrongPassword,
        TooLate,
        TooLarge,
        NoJson,
        NoStore,
    ),
)]
pub(super) async fn log_in(
    _: NoParameters,
    request: HttpRequest,
    context: web::Data<Context>,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let expected = r#"{"name":"…","password":"…"}"#;
    let Wish { name, password } = body::json(&request, payload, expected).await?;
    let new = context.auth.log_in(&name, password, context.address_of(&request)).await?;
    let mut response = logged_in(&new);
    response.headers_mut().insert(header::SET_COOKIE, cookie::holding(&new.token, context.is_secure(&request)));
    Ok(response)
}

/// `POST /api/logout`.
#[utoipa::path(
    post,
    path = "/api/logout",
    operation_id = "logOut",
    tag = "Access",
    summary = "Log out: end the session",
    description = "The session ends on every server at once, with all its tokens.",
    responses(
        (status = 204, description = "Logged out."),
        Refused,
        NoStore,
    ),
)]
pub(super) async fn log_out(
    Member(identity): Member,
    _: NoParameters,
    request: HttpRequest,
    context: web::Data<Context>,
) -> Result<HttpResponse, ApiError> {
    let login = identity.login().ok_or_else(|| {
        ApiError::BadRequest("A key has no session to end; DELETE /api/keys/{id} takes it back.".to_owned())
    })?;
    context.auth.log_out(login).await?;
    let gone = cookie::gone(context.is_secure(&request));
    Ok(private::done().insert_header((header::SET_COOKIE, gone)).finish())
}

/// What is told of who asks.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Session)]
struct Told {
    /// The name of the user, or of the key.
    name: String,
    /// What they may do.
    #[schema(value_type = schemas::Scope)]
    scope: unistatus_core::access::Scope,
    /// `user`, or `key`.
    kind: &'static str,
    /// From when on the token is not accepted any more; `null` for a key.
    #[schema(value_type = Option<schemas::Timestamp>)]
    expires_at: Option<Timestamp>,
    /// What a request that changes something has to send as `X-CSRF-Token`, if it is sent with the cookie; `null` where none is.
    csrf_token: Option<String>,
}

/// `GET /api/session`.
#[utoipa::path(
    get,
    path = "/api/session",
    operation_id = "getSession",
    tag = "Access",
    summary = "Who the request is made as",
    description = "The key or the user that the request is made as, and what they may do.",
    responses((status = 200, description = "Who asks.", body = Told), Refused, NoStore),
)]
pub(super) async fn tell(
    Member(identity): Member,
    _: NoParameters,
    context: web::Data<Context>,
) -> Result<HttpResponse, ApiError> {
    let csrf_token = match &identity.proof {
        Proof::Cookie { login, .. } => Some(context.auth.csrf(login).await?),
        Proof::Ownership | Proof::Token(_) | Proof::Key { .. } => None,
    };
    let expires_at = identity.login().and_then(|login| login.claims.expires_at());
    let kind = if identity.login().is_some() { "user" } else { "key" };
    let told = Told { name: identity.name, scope: identity.scope, kind, expires_at, csrf_token };
    Ok(private::value(StatusCode::OK, &told))
}
