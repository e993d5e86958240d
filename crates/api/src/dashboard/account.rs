//! `/account`: who is logged in, for themselves.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use unistatus_core::access::Scope;

use super::answer;
use super::frame::{Frame, Here};
use super::posted::{self, Posted};
use super::viewer::Viewer;
use crate::app::Context;
use crate::auth::{Identity, Member, Visitor, cookie};
use crate::error::ApiError;
use crate::routes::parameters::Parameters;

/// Where the page says that the password was changed.
const CHANGED: &str = "/account?password=changed";

/// The page.
#[derive(Serialize)]
struct AccountPage {
    frame: Frame,
    /// Why the password was not changed.
    problem: Option<String>,
    /// Whether it was.
    is_changed: bool,
    name: String,
    scope: &'static str,
    /// Whether there is a password to change: a key has none.
    has_password: bool,
    /// Whether the settings of the server name one, too.
    is_in_settings: bool,
}

impl AccountPage {
    async fn of(who: Identity, request: &HttpRequest, context: &Context) -> Result<Self, ApiError> {
        Ok(Self {
            problem: None,
            is_changed: false,
            name: who.name.clone(),
            scope: who.scope.as_str(),
            has_password: who.login().is_some(),
            is_in_settings: context.auth.is_in_settings(&who.name),
            frame: Frame::new("Your account", Here::Account, Viewer::of(request, context, Visitor(Some(who))).await?),
        })
    }
}

/// `GET /account`.
pub(super) async fn show(
    Member(who): Member,
    request: HttpRequest,
    context: web::Data<Context>,
) -> Result<HttpResponse, ApiError> {
    let mut parameters = Parameters::read(request.query_string())?;
    let changed =
        parameters.one("password", |word| if word == "changed" { Ok(()) } else { Err("expected is changed") })?;
    parameters.finish()?;
    let page = AccountPage { is_changed: changed.is_some(), ..AccountPage::of(who, &request, &context).await? };
    answer::once("account.html", &page)
}

/// `POST /account/password`.
pub(super) async fn change_password(
    visitor: Visitor,
    request: HttpRequest,
    context: web::Data<Context>,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let Posted { who, mut fields } = Posted::read(visitor, Scope::Read, (&request, payload), &context).await?;
    let [current, new] = ["current", "new"].map(|name| fields.take(name).unwrap_or_default());
    match context.auth.change_own_password(&who, current, new, context.address_of(&request)).await {
        Ok(anew) => {
            let mut response = posted::done(CHANGED);
            let cookie = cookie::holding(&anew.token, context.is_secure(&request));
            response.headers_mut().insert(header::SET_COOKIE, cookie);
            Ok(response)
        }
        Err(error) => {
            let page = AccountPage::of(who, &request, &context).await?;
            answer::failed(&error, "account.html", &AccountPage { problem: Some(error.to_string()), ..page })
        }
    }
}
