//! What goes on for long is allowed for as long as its reader would be let in.

use actix_web::{HttpMessage as _, HttpRequest};
use unistatus_core::config::ReadAccess;

use super::allowed::Asking;
use super::{Auth, Identity, LOOK, Proof};
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
        let asking = request.extensions().get().cloned();
        match asking {
            Some(Asking::Known(identity)) if auth.reading() == ReadAccess::Key => Some(Self { auth, identity }),
            _ => None,
        }
    }

    /// Whether it still does. A store that does not answer takes nothing back.
    pub(crate) async fn holds(&self) -> bool {
        let Auth(knowledge) = &self.auth;
        let now = knowledge.clock.now();
        match &self.identity.proof {
            Proof::Key { id } => {
                let key = knowledge.archive.once(LOOK, |store| async move { store.key(id).await }).await;
                key.map_or(true, |key| key.is_some_and(|key| key.is_valid(now)))
            }
            Proof::Token(login) if login.claims.expires_at().is_none_or(|end| end <= now) => false,
            // A browser has its token renewed as long as the session goes on.
            Proof::Token(login) | Proof::Cookie { login, .. } => {
                let id = &login.claims.jti;
                let session = knowledge.archive.once(LOOK, |store| async move { store.session(id).await }).await;
                session.map_or(true, |session| session.is_some_and(|session| session.is_valid(now)))
            }
        }
    }
}
