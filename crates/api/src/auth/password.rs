//! Passwords, as they are tried, and as who has one changes it.

use std::net::IpAddr;
use std::sync::Arc;

use tracing::field::display;
use unistatus_core::access::{User, check_password};
use unistatus_core::store::{Replaced, Store};

use super::{Auth, CHANGE, Identity, LOOK, LoggedIn};
use crate::error::ApiError;

/// What is said to who changes a password and does not know it.
const WRONG: ApiError = ApiError::Forbidden("The current password is wrong.");
/// What is said to who was changed by somebody else at the same time, which ended their sessions.
const CHANGED: &str = "Your account was changed by somebody else meanwhile: log in again.";

/// A password that was tried.
pub(super) struct Tried {
    user: Option<User>,
    is_right: bool,
}

impl Tried {
    /// Whose it was said to be, as the log tells it: a name that nobody has may be a password that was typed into the
    /// wrong field.
    pub(super) fn shown(&self) -> String {
        self.user.as_ref().map_or("(unknown)", |user| user.name.as_str()).to_owned()
    }

    /// The user, if it is their password.
    pub(super) fn owner(self) -> Option<User> {
        self.user.filter(|_| self.is_right)
    }
}

impl Auth {
    /// Tries whether a password is that of a user. `from` is where whoever sends it is, as far as that is known.
    ///
    /// # Errors
    /// [`ApiError::TooManyRequests`] after too many that were wrong, [`ApiError::StoreUnavailable`].
    pub(super) async fn try_password(
        &self,
        name: &str,
        password: String,
        from: Option<IpAddr>,
    ) -> Result<Tried, ApiError> {
        if let Err(wait) = self.0.throttle.begin(name, from, self.0.clock.now()) {
            tracing::warn!(from = from.map(display), "a password has to wait: too many were wrong");
            return Err(ApiError::TooManyRequests { seconds: wait.as_secs().max(1) });
        }
        let tried = self.compare(name, password).await;
        match &tried {
            Ok(Tried { is_right: true, .. }) => self.0.throttle.succeeded(name, from),
            Ok(Tried { is_right: false, .. }) => {}
            // Nobody gave a wrong password.
            Err(_) => self.0.throttle.taken_back(name, from),
        }
        tried
    }

    async fn compare(&self, name: &str, password: String) -> Result<Tried, ApiError> {
        let user = self.0.archive.once(LOOK, |store| async move { store.user(name).await }).await?;
        let compare = move || Tried { is_right: User::accepts(user.as_ref(), &password), user };
        self.0.hashing.work(compare).await
    }

    /// Gives a user who is logged in another password. All their sessions end, and a new one begins.
    ///
    /// # Errors
    /// [`ApiError::BadRequest`] for a new password that is none, and where who asks has a key, and so no password;
    /// [`ApiError::Forbidden`] if the current one is wrong, [`ApiError::TooManyRequests`] after too many of these;
    /// [`ApiError::Unauthorized`] if somebody else changed the user at the same time; [`ApiError::StoreUnavailable`].
    pub(crate) async fn change_own_password(
        &self,
        who: &Identity,
        current: String,
        new: String,
        from: Option<IpAddr>,
    ) -> Result<LoggedIn, ApiError> {
        if who.login().is_none() {
            return Err(ApiError::BadRequest("A key has no password; log in to change yours.".to_owned()));
        }
        // Before the current one is tried: a slip here shall not count as a wrong one.
        check_password(&new)?;
        let (name, from_told) = (who.name.as_str(), from.map(display));
        let Some(was) = self.try_password(name, current, from).await?.owner() else {
            tracing::warn!(name, from = from_told, "a password was not changed: the current one is wrong");
            return Err(WRONG);
        };
        let user = User { password: self.0.hashing.work(move || User::hash(&new)).await??, ..was.clone() };
        self.replace_as_tried(&was, &user).await?;
        tracing::info!(name, from = from_told, "a user changed their password");
        self.begin_session(&user).await?.ok_or_else(|| ApiError::Unauthorized(CHANGED.to_owned()))
    }

    /// Puts a user in the place of the one whose password was tried. What somebody else wrote meanwhile stays: it may be
    /// what keeps out whoever knew that password.
    async fn replace_as_tried(&self, was: &User, user: &User) -> Result<(), ApiError> {
        let now = self.0.clock.now();
        let replace = |store: Arc<dyn Store>| async move { store.replace_user(was, Some(user), now).await };
        match self.0.archive.once(CHANGE, replace).await? {
            Replaced::Done => Ok(()),
            Replaced::Otherwise => Err(ApiError::Unauthorized(CHANGED.to_owned())),
            Replaced::LastAdmin => Err(ApiError::LastAdmin),
        }
    }

    /// Whether the settings give a user a password, which holds again whenever the server starts.
    pub(crate) fn is_in_settings(&self, name: &str) -> bool {
        self.0.rules.admin.as_ref().is_some_and(|(admin, _)| admin == name)
    }
}
