//! Whether a credential is good, and whose it is.

use unistatus_core::access::{Claims, Key, Session, Signer};
use unistatus_core::schema::Timestamp;
use unistatus_core::store::StoreError;

use super::credential::Credential;
use super::identity::NOT_MEANT;
use super::remembered::{Digested, digest};
use super::{Auth, CHANGE, Identity, LOOK, Login, Proof};
use crate::error::ApiError;

/// A credential, and who was known to have it lately.
pub(super) struct Given<'a> {
    credential: Credential<'a>,
    digest: Digested,
    now: Timestamp,
    /// Who had it within the last minutes.
    pub(super) lately: Option<Identity>,
}

impl Given<'_> {
    /// Whether a browser sent it on its own.
    pub(super) const fn is_cookie(&self) -> bool {
        matches!(self.credential, Credential::Cookie(_))
    }
}

/// Why a credential does not tell who asks.
pub(super) enum Unproven {
    /// It is wrong, or not accepted any more.
    Wrong,
    /// The store does not answer.
    Unknown(ApiError),
}

impl From<ApiError> for Unproven {
    fn from(error: ApiError) -> Self {
        Self::Unknown(error)
    }
}

impl Auth {
    /// Takes a credential in hand.
    pub(super) fn given<'a>(&self, credential: Credential<'a>) -> Given<'a> {
        let (digest, now) = (digest(credential.text()), self.0.clock.now());
        Given { credential, digest, now, lately: self.0.remembered.get(&digest, now) }
    }

    /// Finds out whose a credential is. While the store is away, what it said within the last minutes is enough for who
    /// only reads.
    pub(super) async fn identify(&self, given: &Given<'_>, only_reads: bool) -> Result<Identity, Unproven> {
        let lately = given.lately.as_ref().filter(|_| only_reads);
        if only_reads && self.0.remembered.is_away(given.now) {
            return lately.cloned().ok_or(Unproven::Unknown(ApiError::StoreUnavailable));
        }
        let found = match given.credential {
            Credential::Key(text) => self.identify_key(text, given.now).await,
            Credential::Token(text) => self.identify_token(text, given.now).await,
            Credential::Cookie(text) => {
                self.identify_token(text, given.now).await.map(|(identity, end)| (identity.in_browser(), end))
            }
        };
        match (found, lately) {
            (Ok((identity, end)), _) => {
                self.0.remembered.is_back();
                self.0.remembered.keep(given.digest, &identity, end, given.now);
                Ok(identity)
            }
            (Err(Unproven::Wrong), _) => {
                self.0.remembered.forget(&given.digest);
                Err(Unproven::Wrong)
            }
            (Err(unknown), lately) => {
                self.0.remembered.went_away(given.now);
                lately.cloned().ok_or(unknown)
            }
        }
    }

    async fn identify_key(&self, text: &str, now: Timestamp) -> Result<(Identity, Option<Timestamp>), Unproven> {
        let id = Key::id_of(text).ok_or(Unproven::Wrong)?;
        let key = self.valid_key(id, now).await?.filter(|key| key.matches(text)).ok_or(Unproven::Wrong)?;
        self.0.usage.note(&key, now);
        let Key { id, name, scope, expires_at, .. } = key;
        Ok((Identity { name, scope, proof: Proof::Key { id } }, expires_at))
    }

    async fn identify_token(&self, text: &str, now: Timestamp) -> Result<(Identity, Option<Timestamp>), Unproven> {
        let claims = self.signer().await?.verify(text, now).ok_or(Unproven::Wrong)?;
        let ends_at = self.valid_session(&claims, now).await?.ok_or(Unproven::Wrong)?.expires_at;
        let end = claims.expires_at();
        Ok((Identity::of_login(Login { claims, ends_at }), end))
    }

    /// The key of an id, if it is accepted now.
    ///
    /// # Errors
    /// [`ApiError::StoreUnavailable`].
    pub(super) async fn valid_key(&self, id: &str, now: Timestamp) -> Result<Option<Key>, ApiError> {
        let key = self.0.archive.once(LOOK, |store| async move { store.key(id).await }).await?;
        Ok(key.filter(|key| key.is_valid(now)))
    }

    /// The session that a token claims, if it goes on now.
    ///
    /// # Errors
    /// [`ApiError::StoreUnavailable`].
    pub(super) async fn valid_session(&self, claims: &Claims, now: Timestamp) -> Result<Option<Session>, ApiError> {
        let session = self.0.archive.once(LOOK, |store| async move { store.session(&claims.jti).await }).await?;
        Ok(session.filter(|session| session.user == claims.sub && session.is_valid(now)))
    }

    /// What signs tokens: with the key of the settings, else with the one that the store keeps for all servers.
    ///
    /// # Errors
    /// [`ApiError::StoreUnavailable`] where it has to be read and cannot be.
    pub(super) async fn signer(&self) -> Result<&Signer, ApiError> {
        let make = || async {
            if let Some(key) = &self.0.rules.secret_key {
                return Ok(Signer::new(key.reveal().as_bytes()));
            }
            let fresh = Signer::fresh_key()?;
            let key =
                self.0.archive.once::<_, StoreError, _>(CHANGE, |store| async move { store.signing_key(&fresh).await });
            Ok::<_, ApiError>(Signer::new(&key.await?))
        };
        self.0.signer.get_or_try_init(make).await
    }

    /// What a form, or a script of ours, has to send along to change something with the cookie of this login.
    ///
    /// # Errors
    /// As [`Auth::signer`].
    pub(crate) async fn csrf(&self, login: &Login) -> Result<String, ApiError> {
        Ok(self.signer().await?.csrf(&login.claims.jti))
    }

    /// Who asks, once the request has said what only our own pages know; who needs no cookie need not say it.
    ///
    /// # Errors
    /// [`ApiError::Forbidden`] where it has not.
    pub(crate) async fn meant(&self, identity: Identity, csrf: &str) -> Result<Identity, ApiError> {
        if let Proof::Cookie { login, .. } = &identity.proof
            && !self.signer().await?.is_csrf(&login.claims.jti, csrf)
        {
            return Err(NOT_MEANT);
        }
        Ok(identity.meant())
    }
}
