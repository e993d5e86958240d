//! Who looks at a page, as far as the page shows it.

use actix_web::HttpRequest;
use serde::Serialize;
use unistatus_core::access::Scope;
use url::form_urlencoded;

use super::markup::Markup;
use crate::app::Context;
use crate::auth::{Identity, Proof, Visitor};
use crate::error::ApiError;

/// Where one logs in.
const LOGIN: &str = "/login";

/// Somebody who looks at a page.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Viewer {
    /// Who they are, if they said so.
    account: Option<Account>,
    /// Where they log in to come back to the page.
    login: Markup,
}

/// Somebody who said who they are.
#[derive(Clone, Debug, Serialize)]
struct Account {
    name: String,
    scope: &'static str,
    may_write: bool,
    is_admin: bool,
    /// What their forms send along, to show that they are ours.
    csrf: String,
}

impl Viewer {
    /// Whoever sends a request.
    ///
    /// # Errors
    /// [`ApiError::StoreUnavailable`] where they cannot be given what their forms need.
    pub(super) async fn of(request: &HttpRequest, context: &Context, visitor: Visitor) -> Result<Self, ApiError> {
        let account = match visitor.0 {
            Some(identity) => Some(Account::of(identity, context).await?),
            None => None,
        };
        Ok(Self { account, ..Self::stranger(request) })
    }

    /// Somebody of whom nothing is known.
    pub(super) fn stranger(request: &HttpRequest) -> Self {
        // One parameter has no sign that HTML would have to escape.
        Self { account: None, login: Markup::trusted(way_in(request)) }
    }

    /// Whether they said who they are.
    pub(super) const fn is_known(&self) -> bool {
        self.account.is_some()
    }
}

/// Where to log in to come back to what is asked for.
pub(super) fn way_in(request: &HttpRequest) -> String {
    let here = request.uri().path_and_query().map_or("/", |here| here.as_str());
    if !request.method().is_safe() || here == "/" || request.path() == LOGIN {
        return LOGIN.to_owned();
    }
    let here: String = form_urlencoded::byte_serialize(here.as_bytes()).collect();
    format!("{LOGIN}?next={here}")
}

impl Account {
    async fn of(identity: Identity, context: &Context) -> Result<Self, ApiError> {
        let csrf = match &identity.proof {
            Proof::Cookie { login, .. } => context.auth.csrf(login).await?,
            Proof::Ownership | Proof::Token(_) | Proof::Key { .. } => String::new(),
        };
        let scope = identity.scope;
        Ok(Self {
            name: identity.name,
            scope: scope.as_str(),
            may_write: scope >= Scope::Write,
            is_admin: scope >= Scope::Admin,
            csrf,
        })
    }
}
