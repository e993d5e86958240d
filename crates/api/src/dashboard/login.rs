//! `/login` and `/logout`.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use unistatus_core::access::Scope;

use super::answer;
use super::form::Fields;
use super::frame::{Frame, Here};
use super::posted::{self, Posted};
use super::viewer::Viewer;
use crate::app::Context;
use crate::auth::{Visitor, cookie, is_foreign};
use crate::error::ApiError;
use crate::routes::parameters::Parameters;

/// The page.
#[derive(Serialize)]
struct LoginPage {
    frame: Frame,
    /// Why the last try failed.
    problem: Option<String>,
    name: String,
    /// Where to go afterwards.
    next: String,
    /// Whether nobody was given access yet.
    is_nobody_there: bool,
}

impl LoginPage {
    fn new(request: &HttpRequest, fields: &Fields, problem: Option<String>, is_nobody_there: bool) -> Self {
        Self {
            frame: Frame::new("Log in", Here::Login, Viewer::stranger(request)),
            problem,
            name: fields.value("name").to_owned(),
            next: fields.value("next").to_owned(),
            is_nobody_there,
        }
    }
}

/// `GET /login`.
pub(super) async fn show(request: HttpRequest, context: web::Data<Context>) -> Result<HttpResponse, ApiError> {
    let fields = Fields::read(request.query_string());
    let mut parameters = Parameters::read(&fields.query())?;
    parameters.one("next", |_| Ok::<_, String>(()))?;
    parameters.finish()?;
    let is_nobody_there = context.auth.is_nobody_there().await;
    answer::once("login.html", &LoginPage::new(&request, &fields, None, is_nobody_there))
}

/// `POST /login`.
pub(super) async fn log_in(
    request: HttpRequest,
    context: web::Data<Context>,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    if is_foreign(request.headers(), context.public_url.as_deref()) {
        return Err(ApiError::Forbidden("A login comes from a page of this server."));
    }
    let mut fields = posted::fields(&request, payload).await?;
    let password = fields.take("password").unwrap_or_default();
    match context.auth.log_in(fields.value("name"), password, context.address_of(&request)).await {
        Ok(logged_in) => {
            let mut response = posted::done(own_page(fields.value("next")));
            let cookie = cookie::holding(&logged_in.token, context.is_secure(&request));
            response.headers_mut().insert(header::SET_COOKIE, cookie);
            Ok(response)
        }
        Err(error) => {
            let page = LoginPage::new(&request, &fields, Some(error.to_string()), false);
            answer::failed(&error, "login.html", &page)
        }
    }
}

/// `POST /logout`.
pub(super) async fn log_out(
    visitor: Visitor,
    request: HttpRequest,
    context: web::Data<Context>,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    if visitor.0.is_some() {
        let Posted { who, .. } = Posted::read(visitor, Scope::Read, (&request, payload), &context).await?;
        if let Some(login) = who.login() {
            context.auth.log_out(login).await?;
        }
    }
    let mut response = posted::done("/");
    response.headers_mut().insert(header::SET_COOKIE, cookie::gone(context.is_secure(&request)));
    Ok(response)
}

/// The page to go to after a login: one of ours, wherever a link that led to the login would have it.
fn own_page(next: &str) -> &str {
    let is_own = next.starts_with('/')
        && !next.starts_with("//")
        && next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if is_own { next } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_led_elsewhere() {
        for own in ["/", "/servers/a%2Fb?range=7d", "/?q=a//b"] {
            assert_eq!(own_page(own), own);
        }
        for foreign in
            ["", "//evil.test", "/\\evil.test", "https://evil.test", "evil", "/a\r\nSet-Cookie: x", "/\t/evil.test"]
        {
            assert_eq!(own_page(foreign), "/", "{foreign:?}");
        }
    }
}
