//! Logging in and out.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use unistatus_core::access::{Claims, Scope, Session, TOKEN_LIFE, User};
use unistatus_core::schema::Timestamp;
use unistatus_core::store::{Store, StoreError};

use super::remembered::digest;
use super::{Auth, CHANGE, Identity, LOOK, Login, Proof};
use crate::error::ApiError;

/// How long somebody stays logged in at the most who goes on using the dashboard: a day of work. Who does nothing for as
/// long as a token lives is out before.
const LONGEST: Duration = Duration::from_hours(12);
/// What is said of a login that failed, whyever it did.
const WRONG: &str = "The name or the password is wrong.";

/// What somebody has who logged in.
pub(crate) struct LoggedIn {
    /// What proves it from now on.
    pub(crate) token: String,
    /// From when on it does not any more.
    pub(crate) expires_at: Timestamp,
    /// What they may do.
    pub(crate) scope: Scope,
}

impl Auth {
    /// Logs somebody in who knows the password. `from` is where they are, as far as that is known.
    ///
    /// # Errors
    /// [`ApiError::Unauthorized`] for a name or a password that is wrong, [`ApiError::TooManyRequests`] after too many of
    /// these, [`ApiError::StoreUnavailable`].
    pub(crate) async fn log_in(
        &self,
        name: &str,
        password: String,
        from: Option<IpAddr>,
    ) -> Result<LoggedIn, ApiError> {
        let tried = self.try_password(name, password, from).await?;
        let (shown, from) = (tried.shown(), from.map(tracing::field::display));
        let Some(user) = tried.owner() else {
            tracing::warn!(name = shown, from, "a login failed");
            return Err(ApiError::Unauthorized(WRONG.to_owned()));
        };
        let Some(logged_in) = self.begin_session(&user).await? else {
            tracing::warn!(name = shown, from, "a login failed: the user was changed meanwhile");
            return Err(ApiError::Unauthorized(WRONG.to_owned()));
        };
        tracing::info!(name = shown, from, "logged in");
        Ok(logged_in)
    }

    /// Begins a session of a user who is as they were read; `None` if somebody changed them meanwhile.
    ///
    /// # Errors
    /// [`ApiError::StoreUnavailable`].
    pub(super) async fn begin_session(&self, user: &User) -> Result<Option<LoggedIn>, ApiError> {
        let now = self.0.clock.now();
        let session = Session::begin(&user.name, now.plus(LONGEST))?;
        let kept = &session;
        let begin = |store: Arc<dyn Store>| async move { store.begin_session(kept, user, now).await };
        if !self.0.archive.once(CHANGE, begin).await? {
            return Ok(None);
        }
        let claims = Claims::of(&user.name, user.scope, &session.id, now);
        self.signed(claims, session.expires_at).await.map(Some)
    }

    /// Logs somebody out, on all servers.
    ///
    /// # Errors
    /// [`ApiError::StoreUnavailable`]: it is not known then whether they are.
    pub(crate) async fn log_out(&self, login: &Login) -> Result<(), ApiError> {
        let id = login.claims.jti.clone();
        self.0.archive.once(CHANGE, |store| async move { store.end_session(&id).await }).await
    }

    /// A new token in place of one that is half used up.
    pub(super) async fn renewed(&self, identity: &Identity) -> Option<LoggedIn> {
        let Proof::Cookie { login, .. } = &identity.proof else { return None };
        let now = self.0.clock.now();
        let Claims { sub, scope, jti, .. } = &login.claims;
        let is_half_used_up = login.claims.expires_at()? <= now.plus(TOKEN_LIFE / 2);
        let can_last_longer = login.claims.expires_at()? < login.ends_at;
        if !is_half_used_up || !can_last_longer {
            return None;
        }
        let renewed = self.signed(Claims::of(sub, *scope, jti, now), login.ends_at).await.ok()?;
        // While the store is away, it is as good as the one before.
        self.0.remembered.keep(digest(&renewed.token), identity, Some(renewed.expires_at), now);
        Some(renewed)
    }

    /// A token that lives no longer than its session.
    async fn signed(&self, mut claims: Claims, ends_at: Timestamp) -> Result<LoggedIn, ApiError> {
        claims.exp = claims.exp.min(ends_at.as_millis().div_euclid(1000));
        let expires_at = claims.expires_at().ok_or(ApiError::Internal)?;
        Ok(LoggedIn { token: self.signer().await?.sign(&claims), expires_at, scope: claims.scope })
    }

    /// The error for who has to say who they are, and how: where nobody can yet, it says how to change that.
    pub(super) async fn unauthorized(&self, wanted: Scope) -> ApiError {
        if self.is_nobody_there().await {
            return ApiError::Unauthorized(format!(
                "This takes the scope {wanted}, and nobody has access yet: make a key with `unistatus keys create NAME \
                 --scope {wanted}`, or a user with `unistatus users add NAME` or by ADMIN_NAME and ADMIN_PASSWORD."
            ));
        }
        ApiError::Unauthorized(format!(
            "This takes a key or a login with the scope {wanted}: send a key as `X-API-KEY`, or a key or the token of \
             POST /api/login as `Authorization: Bearer`. What was sent, if anything, is wrong, expired or revoked."
        ))
    }

    /// Whether nobody was ever given access. Once somebody was, that is not asked again.
    pub(crate) async fn is_nobody_there(&self) -> bool {
        if self.0.somebody.load(Ordering::Relaxed) {
            return false;
        }
        let is_there = self.0.archive.once(LOOK, |store| async move {
            Ok::<_, StoreError>(!store.keys().await?.is_empty() || !store.users().await?.is_empty())
        });
        let is_there = is_there.await;
        if is_there == Ok(true) {
            self.0.somebody.store(true, Ordering::Relaxed);
        }
        is_there == Ok(false)
    }
}
