//! `/api/password`: the password of who asks.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use utoipa::ToSchema;

use super::parameters::NoParameters;
use super::session::{Login, logged_in};
use super::{body, resource};
use crate::app::Context;
use crate::auth::{Member, cookie};
use crate::error::ApiError;
use crate::openapi::answers::{NoJson, NoStore, Refused, TooLarge, TooLate};

/// Mounts the resource.
pub(super) fn configure(config: &mut web::ServiceConfig) {
    config.service(resource("/api/password", "PUT").route(web::put().to(change)));
}

/// What is put.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PasswordChange, example = json!({"current": "correct horse", "new": "battery staple"}))]
struct Change {
    /// The password so far.
    current: String,
    /// The password from now on.
    #[schema(min_length = 8, max_length = 256)]
    new: String,
}

/// `PUT /api/password`.
#[utoipa::path(
    put,
    path = "/api/password",
    operation_id = "changePassword",
    tag = "Access",
    summary = "Change one's own password",
    description = "For users who are logged in, whatever their scope. All their sessions end; a new one begins, whose token is \
                   answered as by a login, and set as a cookie where the request was sent with one. A current password that is \
                   wrong is a 403. Who is wrong often has to wait, as with logins.",
    request_body(content = Change, content_type = "application/json"),
    responses(
        (status = 200, description = "The password is changed.", body = Login),
        Refused,
        TooLate,
        TooLarge,
        NoJson,
        NoStore,
    ),
)]
pub(super) async fn change(
    Member(who): Member,
    _: NoParameters,
    request: HttpRequest,
    context: web::Data<Context>,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let expected = r#"{"current":"…","new":"…"}"#;
    let Change { current, new } = body::json(&request, payload, expected).await?;
    let anew = context.auth.change_own_password(&who, current, new, context.address_of(&request)).await?;
    let mut response = logged_in(&anew);
    if who.is_in_browser() {
        let cookie = cookie::holding(&anew.token, context.is_secure(&request));
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}
