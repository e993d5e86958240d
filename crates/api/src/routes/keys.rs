//! `/api/keys`: who may ask with a key.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use unistatus_core::access::{Key, Scope};
use unistatus_core::schema::Timestamp;
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa::{IntoParams, ToSchema};

use super::page::{self, Page, Paging};
use super::parameters::NoParameters;
use super::{body, path, private, reading, resource};
use crate::app::Context;
use crate::auth::Admin;
use crate::error::ApiError;
use crate::openapi::answers::{NoJson, NoKey, NoStore, Refused, TooLarge, TooLate};
use crate::openapi::{parameters, schemas};
use crate::query::instant;

/// Mounts the resources.
pub(super) fn configure(config: &mut web::ServiceConfig) {
    config
        .service(resource("/api/keys", "GET, HEAD, POST").route(reading().to(list)).route(web::post().to(create)))
        .service(resource("/api/keys/{id}", "DELETE").route(web::delete().to(revoke)));
}

/// A key, as it is told.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Key)]
struct Told<'a> {
    /// Identifies it; the part of the key behind `us_`.
    id: &'a str,
    /// What it is for.
    name: &'a str,
    /// What it may do.
    #[schema(value_type = schemas::Scope)]
    scope: Scope,
    /// When it was made.
    #[schema(value_type = schemas::Timestamp)]
    created_at: Timestamp,
    /// From when on it is not accepted any more, if ever.
    #[schema(value_type = Option<schemas::Timestamp>)]
    expires_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    #[schema(value_type = Option<schemas::Timestamp>)]
    last_used_at: Option<Timestamp>,
    /// Since when it is not accepted any more, if somebody took it back.
    #[schema(value_type = Option<schemas::Timestamp>)]
    revoked_at: Option<Timestamp>,
}

impl<'a> From<&'a Key> for Told<'a> {
    fn from(key: &'a Key) -> Self {
        Self {
            id: &key.id,
            name: &key.name,
            scope: key.scope,
            created_at: key.created_at,
            expires_at: key.expires_at,
            last_used_at: key.last_used_at,
            revoked_at: key.revoked_at,
        }
    }
}

/// A key that was just made.
#[derive(Serialize, ToSchema)]
#[schema(as = NewKey)]
struct Made<'a> {
    /// The key itself: told this once.
    #[schema(pattern = "^us_[0-9A-Za-z]{12}_[0-9A-Za-z]{43}$")]
    key: &'a str,
    #[serde(flatten)]
    told: Told<'a>,
}

/// The body of `GET /api/keys`.
#[derive(Serialize, ToSchema)]
#[schema(as = KeyList)]
struct Keys<'a> {
    /// The keys.
    keys: Vec<Told<'a>>,
}

/// What is posted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(as = KeyWish, example = json!({"name": "ci", "scope": "write"}))]
struct Wish {
    /// What it is for.
    #[schema(min_length = 1, max_length = 64)]
    name: String,
    /// What it may do.
    #[schema(value_type = schemas::Scope)]
    scope: Scope,
    /// From when on it is not accepted any more; never where it is not given.
    #[schema(value_type = Option<schemas::Timestamp>)]
    expires_at: Option<String>,
}

/// The place of a key in the list.
type Cursor = (i64, String);

/// `{id}`.
enum KeyId {}

impl IntoParams for KeyId {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![parameters::segment("id", "The id of a key, as `/api/keys` lists it.", "5qXv0yJmT3bZ")]
    }
}

/// `GET /api/keys`.
#[utoipa::path(
    get,
    path = "/api/keys",
    operation_id = "listKeys",
    tag = "Access",
    summary = "All keys, and what they may do",
    description = "The revoked ones too, oldest first; the keys themselves nobody knows. Takes the scope `admin`.",
    params(Paging),
    responses((status = 200, description = "The keys.", body = Keys), Refused, NoStore),
)]
pub(super) async fn list(
    _: Admin,
    request: HttpRequest,
    context: web::Data<Context>,
) -> Result<HttpResponse, ApiError> {
    let page: Page<Cursor> = page::alone(&request)?;
    let keys = context.auth.keys().await?;
    let (keys, next) = page.out_of(&keys, |key| (key.created_at.as_millis(), key.id.clone()));
    let keys = Keys { keys: keys.into_iter().map(Told::from).collect() };
    private::page(&request, &keys, next.as_ref())
}

/// `POST /api/keys`.
#[utoipa::path(
    post,
    path = "/api/keys",
    operation_id = "createKey",
    tag = "Access",
    summary = "Make a key for a program",
    description = "The answer holds the key itself, which nobody can tell again. Takes the scope `admin`.",
    request_body(content = Wish, content_type = "application/json"),
    responses(
        (status = 201, description = "The key.", body = Made),
        Refused,
        TooLate,
        TooLarge,
        NoJson,
        NoStore,
    ),
)]
pub(super) async fn create(
    Admin(who): Admin,
    _: NoParameters,
    request: HttpRequest,
    context: web::Data<Context>,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let expected = r#"{"name":"…","scope":"read|write|admin"}, and "expiresAt" if it shall end"#;
    let Wish { name, scope, expires_at } = body::json(&request, payload, expected).await?;
    let expires_at = expires_at.as_deref().map(instant).transpose();
    let expires_at =
        expires_at.map_err(|expected| ApiError::BadRequest(format!("\"expiresAt\" is not accepted: {expected}.")))?;
    let new = context.auth.create_key(&who, &name, scope, expires_at).await?;
    Ok(private::value(StatusCode::CREATED, &Made { key: &new.secret, told: Told::from(&new.key) }))
}

/// `DELETE /api/keys/{id}`.
#[utoipa::path(
    delete,
    path = "/api/keys/{id}",
    operation_id = "revokeKey",
    tag = "Access",
    summary = "Take a key back",
    description = "It is not accepted any more from then on, on every server, and stays in the list. Takes the scope `admin`.",
    params(KeyId),
    responses((status = 204, description = "It was taken back."), Refused, NoKey, NoStore),
)]
pub(super) async fn revoke(
    Admin(who): Admin,
    _: NoParameters,
    request: HttpRequest,
    context: web::Data<Context>,
) -> Result<HttpResponse, ApiError> {
    let id = path::parameter(&request, "id")?;
    context.auth.revoke_key(&who, &id).await?;
    Ok(private::done().finish())
}
