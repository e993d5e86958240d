//! `/users`: who may log in, for those who may give access.

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use unistatus_core::access::{Scope, User};
use unistatus_core::schema::Timestamp;

use super::form::Fields;
use super::frame::{Frame, Here};
use super::moment::Moment;
use super::posted::{self, Posted};
use super::viewer::Viewer;
use super::{answer, scopes};
use crate::app::Context;
use crate::auth::{Admin, Identity, UserChange, Visitor};
use crate::error::ApiError;
use crate::routes::parameters::NoParameters;

const PAGE: &str = "/users";

/// The page.
#[derive(Serialize)]
struct UsersPage {
    frame: Frame,
    problem: Option<String>,
    form: Wish,
    scopes: [&'static str; 3],
    users: Vec<UserRow>,
}

/// A user.
#[derive(Serialize)]
struct UserRow {
    name: String,
    scope: &'static str,
    created: Moment,
}

impl UserRow {
    fn of(user: User, now: Timestamp) -> Self {
        Self { name: user.name, scope: user.scope.as_str(), created: Moment::of(user.created_at, now) }
    }
}

/// What the form says that adds somebody; a password is never sent back.
#[derive(Default, Serialize)]
struct Wish {
    name: String,
    scope: String,
}

impl Wish {
    fn of(fields: &Fields) -> Self {
        Self { name: fields.value("name").to_owned(), scope: fields.value("scope").to_owned() }
    }
}

/// `GET /users`.
pub(super) async fn show(
    Admin(who): Admin,
    _: NoParameters,
    request: HttpRequest,
    context: web::Data<Context>,
) -> Result<HttpResponse, ApiError> {
    let page = UsersPage::read(&request, &context, who, Wish::default()).await?;
    answer::once("users.html", &page)
}

/// `POST /users`.
pub(super) async fn add(
    visitor: Visitor,
    request: HttpRequest,
    context: web::Data<Context>,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let Posted { who, mut fields } = Posted::read(visitor, Scope::Admin, (&request, payload), &context).await?;
    let password = fields.take("password").unwrap_or_default();
    let wish = Wish::of(&fields);
    let added = async {
        let scope = scopes::read(&wish.scope)?;
        context.auth.add_user(&who, wish.name.clone(), password, scope).await.map(drop)
    };
    told(added.await, (&request, &context), who, wish).await
}

/// `POST /users/change`.
pub(super) async fn change(
    visitor: Visitor,
    request: HttpRequest,
    context: web::Data<Context>,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let Posted { who, mut fields } = Posted::read(visitor, Scope::Admin, (&request, payload), &context).await?;
    let password = fields.take("password");
    let changed = async {
        let scope = fields.take("scope").map(|scope| scopes::read(&scope)).transpose()?;
        if password.is_none() && scope.is_none() {
            return Err(ApiError::BadRequest("Nothing is to be changed.".to_owned()));
        }
        context.auth.change_user(&who, fields.value("name"), UserChange { password, scope }).await.map(drop)
    };
    told(changed.await, (&request, &context), who, Wish::default()).await
}

/// `POST /users/remove`.
pub(super) async fn remove(
    visitor: Visitor,
    request: HttpRequest,
    context: web::Data<Context>,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let Posted { who, fields } = Posted::read(visitor, Scope::Admin, (&request, payload), &context).await?;
    let removed = context.auth.remove_user(&who, fields.value("name")).await;
    told(removed, (&request, &context), who, Wish::default()).await
}

/// Leads to the list, or shows it with what went wrong and what was typed.
async fn told(
    done: Result<(), ApiError>,
    (request, context): (&HttpRequest, &Context),
    who: Identity,
    wish: Wish,
) -> Result<HttpResponse, ApiError> {
    let Err(error) = done else { return Ok(posted::done(PAGE)) };
    let mut page = UsersPage::read(request, context, who, wish).await?;
    page.problem = Some(error.to_string());
    answer::failed(&error, "users.html", &page)
}

impl UsersPage {
    async fn read(request: &HttpRequest, context: &Context, who: Identity, form: Wish) -> Result<Self, ApiError> {
        let viewer = Viewer::of(request, context, Visitor(Some(who))).await?;
        let now = context.clock.now();
        let users = context.auth.users().await?;
        Ok(Self {
            frame: Frame::new("Users", Here::Users, viewer),
            problem: None,
            form,
            scopes: scopes::ALL,
            users: users.into_iter().map(|user| UserRow::of(user, now)).collect(),
        })
    }
}
