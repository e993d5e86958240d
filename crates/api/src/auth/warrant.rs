//! What goes on for long is allowed for as long as its reader would be let in.

use actix_web::HttpRequest;
use unistatus_core::config::ReadAccess;

use super::{Auth, Identity, Proof, Visitor};
use crate::app::Context;

/// What lets somebody read on, where not everybody may.
pub(crate) struct Warrant {
    auth: Auth,
    identity: Identity,
}

impl Warrant {
    /// What lets whoever sends a request read on; `None` where reading is open.
    pub(crate) fn of(request: &HttpRequest, context: &Context) -> Option<Self> {
        let auth = context.auth.clone();
        let identity = Visitor::of(request).0.filter(|_| auth.reading() == ReadAccess::Key)?;
        Some(Self { auth, identity })
    }

    /// Whether it still does. A store that does not answer takes nothing back.
    pub(crate) async fn holds(&self) -> bool {
        let now = self.auth.0.clock.now();
        let is_valid = match &self.identity.proof {
            Proof::Ownership => Ok(true),
            Proof::Key { id } => self.auth.valid_key(id, now).await.map(|key| key.is_some()),
            Proof::Token(login) if login.claims.expires_at().is_none_or(|end| end <= now) => Ok(false),
            // A browser has its token renewed as long as the session goes on.
            Proof::Token(login) | Proof::Cookie { login, .. } => {
                self.auth.valid_session(&login.claims, now).await.map(|session| session.is_some())
            }
        };
        is_valid.unwrap_or(true)
    }
}
