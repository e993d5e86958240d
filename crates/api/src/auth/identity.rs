//! Who asks, once that is proven.

use unistatus_core::access::{Claims, Scope};
use unistatus_core::schema::Timestamp;

use crate::error::ApiError;
use crate::limits::Asker;

/// A browser sent the cookie along with what may not be meant.
pub(super) const NOT_MEANT: ApiError = ApiError::Forbidden(
    "What changes something with the cookie of a session needs the session's X-CSRF-Token, as GET /api/session tells it, \
     and comes from a page of this server.",
);

/// Who asks.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    /// The name of the key, or of the user.
    pub(crate) name: String,
    /// What they may do.
    pub(crate) scope: Scope,
    /// What they proved it with.
    pub(crate) proof: Proof,
}

/// What somebody proved with who they are.
#[derive(Clone, Debug)]
pub(crate) enum Proof {
    /// The database is theirs.
    Ownership,
    /// A key.
    Key {
        /// Its id.
        id: String,
    },
    /// A token, sent by a program.
    Token(Login),
    /// A token, sent by a browser on its own.
    Cookie {
        /// The login.
        login: Login,
        /// Whether the request is known to be meant: it changes nothing, or has what only our own pages know.
        is_meant: bool,
    },
}

/// A login that goes on, as a token tells of it.
#[derive(Clone, Debug)]
pub(crate) struct Login {
    /// What the token claims.
    pub(crate) claims: Claims,
    /// When the session ends, however often the token is renewed.
    pub(crate) ends_at: Timestamp,
}

impl Identity {
    /// Whoever owns the database.
    pub(super) fn owner() -> Self {
        Self { name: "the owner of the database".to_owned(), scope: Scope::Admin, proof: Proof::Ownership }
    }

    /// Whoever logged in, with a token that a program sent.
    pub(super) fn of_login(login: Login) -> Self {
        let (name, scope) = (login.claims.sub.clone(), login.claims.scope);
        Self { name, scope, proof: Proof::Token(login) }
    }

    /// The same, where a browser sent the token on its own.
    pub(super) fn in_browser(self) -> Self {
        match self.proof {
            Proof::Token(login) => Self { proof: Proof::Cookie { login, is_meant: false }, ..self },
            Proof::Ownership | Proof::Key { .. } | Proof::Cookie { .. } => self,
        }
    }

    /// The same, where the request is known to be meant.
    pub(super) fn meant(self) -> Self {
        match self.proof {
            Proof::Cookie { login, .. } => Self { proof: Proof::Cookie { login, is_meant: true }, ..self },
            Proof::Ownership | Proof::Key { .. } | Proof::Token(_) => self,
        }
    }

    /// The login, where there is one.
    pub(crate) const fn login(&self) -> Option<&Login> {
        match &self.proof {
            Proof::Token(login) | Proof::Cookie { login, .. } => Some(login),
            Proof::Ownership | Proof::Key { .. } => None,
        }
    }

    /// Whether a browser said who they are, on its own.
    pub(crate) const fn is_in_browser(&self) -> bool {
        matches!(self.proof, Proof::Cookie { .. })
    }

    /// Whose requests these are counted with.
    pub(super) fn asker(&self) -> Asker {
        match &self.proof {
            Proof::Key { id } => Asker::Key(id.clone()),
            Proof::Ownership | Proof::Token(_) | Proof::Cookie { .. } => Asker::User(self.name.clone()),
        }
    }

    /// Whether they may do what takes this scope, by this very request.
    ///
    /// # Errors
    /// [`ApiError::Forbidden`] says what is missing.
    pub(crate) fn must(&self, scope: Scope) -> Result<(), ApiError> {
        if self.scope < scope {
            return Err(ApiError::Forbidden(match scope {
                Scope::Admin => "This takes the scope admin.",
                Scope::Read | Scope::Write => "This takes the scope write.",
            }));
        }
        if matches!(self.proof, Proof::Cookie { is_meant: false, .. }) { Err(NOT_MEANT) } else { Ok(()) }
    }
}
