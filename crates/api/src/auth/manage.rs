//! Keys and users at the wish of somebody who may give access: the log says whose.

use std::sync::Arc;

use unistatus_core::access::{AccessError, Key, NewKey, Scope, User};
use unistatus_core::schema::Timestamp;
use unistatus_core::store::Store;

use super::accounts::{self, AccountError};
use super::{Auth, CHANGE, Identity};
use crate::archive::Archive;
use crate::error::ApiError;

/// What changes of a user; what is not given stays.
#[derive(Debug, Default)]
pub(crate) struct UserChange {
    /// The password.
    pub(crate) password: Option<String>,
    /// What they may do.
    pub(crate) scope: Option<Scope>,
}

impl Auth {
    /// All keys, the revoked ones too, oldest first.
    ///
    /// # Errors
    /// What the archive cannot answer.
    pub(crate) async fn keys(&self) -> Result<Vec<Key>, ApiError> {
        self.archive().turn().await?.ask(|store| async move { store.keys().await }).await
    }

    /// Makes a key.
    ///
    /// # Errors
    /// [`ApiError::BadRequest`] for a name that is none or an end that lies behind, [`ApiError::StoreUnavailable`].
    pub(crate) async fn create_key(
        &self,
        who: &Identity,
        name: &str,
        scope: Scope,
        expires_at: Option<Timestamp>,
    ) -> Result<NewKey, ApiError> {
        let now = self.0.clock.now();
        let create =
            |store: Arc<dyn Store>| async move { accounts::create_key(&*store, name, scope, expires_at, now).await };
        let new = self.archive().once(CHANGE, create).await?;
        tracing::info!(by = who.name, id = new.key.id, name, %scope, "a key was made");
        Ok(new)
    }

    /// Takes a key back.
    ///
    /// # Errors
    /// [`ApiError::KeyNotFound`], [`ApiError::StoreUnavailable`].
    pub(crate) async fn revoke_key(&self, who: &Identity, id: &str) -> Result<(), ApiError> {
        let now = self.0.clock.now();
        let revoke = self.archive().once(CHANGE, |store| async move {
            match accounts::revoke_key(&*store, id, now).await {
                Err(AccountError::Unknown) => Err(ApiError::KeyNotFound),
                revoked => revoked.map_err(ApiError::from),
            }
        });
        revoke.await?;
        tracing::info!(by = who.name, id = Key::id_of(id).unwrap_or(id), "a key was taken back");
        Ok(())
    }

    /// All users, by name.
    ///
    /// # Errors
    /// What the archive cannot answer.
    pub(crate) async fn users(&self) -> Result<Vec<User>, ApiError> {
        self.archive().turn().await?.ask(|store| async move { store.users().await }).await
    }

    /// Adds a user.
    ///
    /// # Errors
    /// [`ApiError::BadRequest`] for a name or a password that is none, [`ApiError::UserExists`],
    /// [`ApiError::StoreUnavailable`].
    pub(crate) async fn add_user(
        &self,
        who: &Identity,
        name: String,
        password: String,
        scope: Scope,
    ) -> Result<User, ApiError> {
        let now = self.0.clock.now();
        let user = self.0.hashing.work(move || User::create(&name, &password, scope, now)).await??;
        let added = user.clone();
        self.archive().once(CHANGE, |store| async move { accounts::add_user(&*store, &added).await }).await?;
        tracing::info!(by = who.name, name = user.name, %scope, "a user was added");
        Ok(user)
    }

    /// Changes a user, whose sessions end.
    ///
    /// # Errors
    /// [`ApiError::UserNotFound`], [`ApiError::LastAdmin`], [`ApiError::BadRequest`] for a password that is none,
    /// [`ApiError::StoreUnavailable`].
    pub(crate) async fn change_user(&self, who: &Identity, name: &str, change: UserChange) -> Result<User, ApiError> {
        let now = self.0.clock.now();
        let password = match change.password {
            Some(password) => Some(self.0.hashing.work(move || User::hash(&password)).await??),
            None => None,
        };
        let change = accounts::UserChange { password, scope: change.scope };
        let changed = |store: Arc<dyn Store>| async move { accounts::change_user(&*store, name, &change, now).await };
        let user = self.archive().once(CHANGE, changed).await?;
        tracing::info!(by = who.name, name = user.name, scope = %user.scope, "a user was changed");
        Ok(user)
    }

    /// Removes a user, whose sessions end.
    ///
    /// # Errors
    /// [`ApiError::UserNotFound`], [`ApiError::LastAdmin`], [`ApiError::StoreUnavailable`].
    pub(crate) async fn remove_user(&self, who: &Identity, name: &str) -> Result<(), ApiError> {
        let now = self.0.clock.now();
        self.archive().once(CHANGE, |store| async move { accounts::remove_user(&*store, name, now).await }).await?;
        tracing::info!(by = who.name, name, "a user was removed");
        Ok(())
    }

    fn archive(&self) -> &Archive {
        &self.0.archive
    }
}

impl From<AccessError> for ApiError {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::Name | AccessError::Password => Self::BadRequest(format!("Not accepted: {error}.")),
            AccessError::Random | AccessError::Hash => {
                tracing::error!(%error, "nothing can be made that nobody can guess");
                Self::Internal
            }
        }
    }
}

impl From<AccountError> for ApiError {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Access(error) => error.into(),
            AccountError::Expired => Self::BadRequest(format!("Not accepted: {error}.")),
            AccountError::Unknown => Self::UserNotFound,
            AccountError::Taken => Self::UserExists,
            AccountError::LastAdmin => Self::LastAdmin,
            AccountError::Store(error) => error.into(),
        }
    }
}
