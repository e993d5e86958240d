//! `/keys`: what programs say who they are with, for those who may give access.

use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use unistatus_core::access::{Key, NewKey, Scope};
use unistatus_core::schema::Timestamp;

use super::form::Fields;
use super::frame::{Frame, Here};
use super::moment::{self, Moment};
use super::posted::{self, Posted};
use super::viewer::Viewer;
use super::{answer, scopes};
use crate::app::Context;
use crate::auth::{Admin, Identity, Visitor};
use crate::error::ApiError;
use crate::routes::parameters::NoParameters;

const PAGE: &str = "/keys";
/// After how many days a key may end, and how that is told; the first one is for ever.
const ENDS: [(&str, &str); 4] = [("", "Never"), ("30", "In 30 days"), ("90", "In 90 days"), ("365", "In a year")];

/// The page.
#[derive(Serialize)]
struct KeysPage {
    frame: Frame,
    made: Option<Made>,
    problem: Option<String>,
    form: Wish,
    scopes: [&'static str; 3],
    ends: [(&'static str, &'static str); 4],
    /// Newest first.
    valid: Vec<KeyRow>,
    /// Those that are not accepted any more, newest first.
    past: Vec<KeyRow>,
}

/// A key that was just made.
#[derive(Serialize)]
struct Made {
    name: String,
    key: String,
}

impl From<NewKey> for Made {
    fn from(new: NewKey) -> Self {
        Self { name: new.key.name, key: new.secret }
    }
}

/// A key.
#[derive(Serialize)]
struct KeyRow {
    id: String,
    name: String,
    scope: &'static str,
    created: Moment,
    /// When it ends, to be planned with.
    expires: Option<String>,
    used: Option<Moment>,
    revoked: Option<Moment>,
}

impl KeyRow {
    fn of(key: Key, now: Timestamp) -> Self {
        let told = |at| Moment::of(at, now);
        Self {
            id: key.id,
            name: key.name,
            scope: key.scope.as_str(),
            created: told(key.created_at),
            expires: key.expires_at.map(moment::full),
            used: key.last_used_at.map(told),
            revoked: key.revoked_at.map(told),
        }
    }
}

/// What the form says.
#[derive(Default, Serialize)]
struct Wish {
    name: String,
    scope: String,
    /// After how many days it ends, if it does.
    days: String,
}

impl Wish {
    fn of(fields: &Fields) -> Self {
        let value = |name| fields.value(name).to_owned();
        Self { name: value("name"), scope: value("scope"), days: value("days") }
    }

    /// When it ends, if it does.
    fn expires_at(&self, now: Timestamp) -> Result<Option<Timestamp>, ApiError> {
        if self.days.is_empty() {
            return Ok(None);
        }
        let days = self.days.parse().ok().filter(|_| ENDS.iter().any(|(days, _)| *days == self.days));
        let wrong = || ApiError::BadRequest("A key ends never, or in 30, 90 or 365 days.".to_owned());
        days.map(|days: u64| Some(now.plus(Duration::from_hours(24 * days)))).ok_or_else(wrong)
    }
}

/// `GET /keys`.
pub(super) async fn show(
    Admin(who): Admin,
    _: NoParameters,
    request: HttpRequest,
    context: web::Data<Context>,
) -> Result<HttpResponse, ApiError> {
    let page = KeysPage::read(&request, &context, who, Wish::default()).await?;
    answer::once("keys.html", &page)
}

/// `POST /keys`: shows the key that was made, once.
pub(super) async fn create(
    visitor: Visitor,
    request: HttpRequest,
    context: web::Data<Context>,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let Posted { who, fields } = Posted::read(visitor, Scope::Admin, (&request, payload), &context).await?;
    let wish = Wish::of(&fields);
    // Read first: a key that was made and could not be shown would be one that nobody has.
    let mut page = KeysPage::read(&request, &context, who.clone(), Wish::default()).await?;
    let made = async {
        let expires_at = wish.expires_at(context.clock.now())?;
        context.auth.create_key(&who, &wish.name, scopes::read(&wish.scope)?, expires_at).await
    };
    match made.await {
        Ok(new) => {
            page.valid.insert(0, KeyRow::of(new.key.clone(), context.clock.now()));
            page.made = Some(new.into());
            answer::once("keys.html", &page)
        }
        Err(error) => {
            page.form = wish;
            page.problem = Some(error.to_string());
            answer::failed(&error, "keys.html", &page)
        }
    }
}

/// `POST /keys/revoke`.
pub(super) async fn revoke(
    visitor: Visitor,
    request: HttpRequest,
    context: web::Data<Context>,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let Posted { who, fields } = Posted::read(visitor, Scope::Admin, (&request, payload), &context).await?;
    context.auth.revoke_key(&who, fields.value("id")).await?;
    Ok(posted::done(PAGE))
}

impl KeysPage {
    async fn read(request: &HttpRequest, context: &Context, who: Identity, form: Wish) -> Result<Self, ApiError> {
        let viewer = Viewer::of(request, context, Visitor(Some(who))).await?;
        let mut keys = context.auth.keys().await?;
        keys.reverse();
        let now = context.clock.now();
        let (valid, past): (Vec<_>, Vec<_>) = keys.into_iter().partition(|key| key.is_valid(now));
        let rows = |keys: Vec<Key>| keys.into_iter().map(|key| KeyRow::of(key, now)).collect();
        Ok(Self {
            frame: Frame::new("Keys", Here::Keys, viewer),
            made: None,
            problem: None,
            form,
            scopes: scopes::ALL,
            ends: ENDS,
            valid: rows(valid),
            past: rows(past),
        })
    }
}
