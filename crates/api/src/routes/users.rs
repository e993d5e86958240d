//! `/api/users`: who may log in.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Serialize};
use unistatus_core::access::{Scope, User};
use unistatus_core::schema::Timestamp;
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa::{IntoParams, ToSchema};

use super::page::{self, Page, Paging};
use super::parameters::NoParameters;
use super::{body, path, private, reading, resource};
use crate::app::Context;
use crate::auth::{Admin, UserChange};
use crate::error::ApiError;
use crate::openapi::answers::{LastAdmin, NoJson, NoStore, NoUser, Refused, TooLarge, TooLate, UserExists};
use crate::openapi::{parameters, schemas};

/// Mounts the resources.
pub(super) fn configure(config: &mut web::ServiceConfig) {
    let one = resource("/api/users/{name}", "PUT, DELETE").route(web::put().to(change)).route(web::delete().to(remove));
    config
        .service(resource("/api/users", "GET, HEAD, POST").route(reading().to(list)).route(web::post().to(add)))
        .service(one);
}

/// A user, as they are told of.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = User)]
struct Told<'a> {
    /// The name to log in with.
    name: &'a str,
    /// What they may do.
    #[schema(value_type = schemas::Scope)]
    scope: Scope,
    /// When they were added.
    #[schema(value_type = schemas::Timestamp)]
    created_at: Timestamp,
}

impl<'a> From<&'a User> for Told<'a> {
    fn from(user: &'a User) -> Self {
        Self { name: &user.name, scope: user.scope, created_at: user.created_at }
    }
}

/// The body of `GET /api/users`.
#[derive(Serialize, ToSchema)]
#[schema(as = UserList)]
struct Users<'a> {
    /// The users.
    users: Vec<Told<'a>>,
}

/// What is posted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UserWish, example = json!({"name": "ann", "password": "correct horse", "scope": "write"}))]
struct Wish {
    /// The name to log in with.
    #[schema(min_length = 1, max_length = 64)]
    name: String,
    /// The password.
    #[schema(min_length = 8, max_length = 256)]
    password: String,
    /// What they may do.
    #[schema(value_type = schemas::Scope)]
    scope: Scope,
}

/// What is put: at least one of both.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UserChange, example = json!({"scope": "read"}))]
struct Change {
    /// Another password.
    #[schema(min_length = 8, max_length = 256)]
    password: Option<String>,
    /// What they may do from now on.
    #[schema(value_type = Option<schemas::Scope>)]
    scope: Option<Scope>,
}

/// `{name}`.
enum UserName {}

impl IntoParams for UserName {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![parameters::segment("name", "The name of a user, percent-encoded.", "ann")]
    }
}

/// `GET /api/users`.
#[utoipa::path(
    get,
    path = "/api/users",
    operation_id = "listUsers",
    tag = "Access",
    summary = "All users, and what they may do",
    description = "Ordered by name. Takes the scope `admin`.",
    params(Paging),
    responses((status = 200, description = "The users.", body = Users), Refused, NoStore),
)]
pub(super) async fn list(
    _: Admin,
    request: HttpRequest,
    context: web::Data<Context>,
) -> Result<HttpResponse, ApiError> {
    let page: Page<String> = page::alone(&request)?;
    let users = context.auth.users().await?;
    let (users, next) = page.out_of(&users, |user| user.name.clone());
    let users = Users { users: users.into_iter().map(Told::from).collect() };
    private::page(&request, &users, next.as_ref())
}

/// `POST /api/users`.
#[utoipa::path(
    post,
    path = "/api/users",
    operation_id = "addUser",
    tag = "Access",
    summary = "Add a user who may log in",
    description = "Who may log in with that password from then on. Takes the scope `admin`.",
    request_body(content = Wish, content_type = "application/json"),
    responses(
        (status = 201, description = "The user.", body = Told),
        Refused,
        TooLate,
        UserExists,
        TooLarge,
        NoJson,
        NoStore,
    ),
)]
pub(super) async fn add(
    Admin(who): Admin,
    _: NoParameters,
    request: HttpRequest,
    context: web::Data<Context>,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let expected = r#"{"name":"…","password":"…","scope":"read|write|admin"}"#;
    let Wish { name, password, scope } = body::json(&request, payload, expected).await?;
    let user = context.auth.add_user(&who, name, password, scope).await?;
    Ok(private::value(StatusCode::CREATED, &Told::from(&user)))
}

/// `PUT /api/users/{name}`.
#[utoipa::path(
    put,
    path = "/api/users/{name}",
    operation_id = "changeUser",
    tag = "Access",
    summary = "Change a user's password or scope",
    description = "What is not given stays. Their sessions end. Takes the scope `admin`.",
    params(UserName),
    request_body(content = Change, content_type = "application/json"),
    responses(
        (status = 200, description = "The user.", body = Told),
        Refused,
        NoUser,
        TooLate,
        LastAdmin,
        TooLarge,
        NoJson,
        NoStore,
    ),
)]
pub(super) async fn change(
    Admin(who): Admin,
    _: NoParameters,
    request: HttpRequest,
    context: web::Data<Context>,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let expected = r#"{"password":"…","scope":"read|write|admin"}, or one of both"#;
    let name = path::parameter(&request, "name")?;
    let Change { password, scope } = body::json(&request, payload, expected).await?;
    if password.is_none() && scope.is_none() {
        return Err(ApiError::BadRequest(format!("Nothing is to be changed; expected is {expected}.")));
    }
    let user = context.auth.change_user(&who, &name, UserChange { password, scope }).await?;
    Ok(private::value(StatusCode::OK, &Told::from(&user)))
}

/// `DELETE /api/users/{name}`.
#[utoipa::path(
    delete,
    path = "/api/users/{name}",
    operation_id = "removeUser",
    tag = "Access",
    summary = "Remove a user",
    description = "Their sessions end. The last who may give access stays. Takes the scope `admin`.",
    params(UserName),
    responses((status = 204, description = "The user is gone."), Refused, NoUser, LastAdmin, NoStore),
)]
pub(super) async fn remove(
    Admin(who): Admin,
    _: NoParameters,
    request: HttpRequest,
    context: web::Data<Context>,
) -> Result<HttpResponse, ApiError> {
    let name = path::parameter(&request, "name")?;
    context.auth.remove_user(&who, &name).await?;
    Ok(private::done().finish())
}
