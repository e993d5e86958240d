//! Keys and users, for those who have the store at hand: how they come to be, change and go.

use unistatus_core::access::{AccessError, Key, NewKey, Scope, User};
use unistatus_core::schema::Timestamp;
use unistatus_core::store::{Replaced, Store, StoreError};

use crate::query::apart;

/// Why a key or a user cannot be made, changed or removed.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// A name or a password that is none.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The key would have expired already.
    #[error("a key expires in the future, if ever")]
    Expired,
    /// There is no such key, or no such user.
    #[error("it does not exist")]
    Unknown,
    /// There is a user of that name.
    #[error("a user of this name exists already")]
    Taken,
    /// Nobody could give access any more.
    #[error("this user is the last who may give access, and no key may: add another admin first")]
    LastAdmin,
    /// The store does not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes a key. What is answered holds the key itself, which nobody can tell again.
///
/// # Errors
/// [`AccountError::Access`], [`AccountError::Expired`], [`AccountError::Store`].
pub(crate) async fn create_key(
    store: &dyn Store,
    name: &str,
    scope: Scope,
    expires_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<NewKey, AccountError> {
    if expires_at.is_some_and(|end| end <= now) {
        return Err(AccountError::Expired);
    }
    let new = NewKey::create(name, scope, expires_at, now)?;
    // An id has 71 random bits: that it is there already means that they are none.
    if !store.add_key(&new.key).await? {
        return Err(AccessError::Random.into());
    }
    Ok(new)
}

/// Takes a key back: from now on it is not accepted. What nobody shall have any more is taken back whatever that leaves.
///
/// # Errors
/// [`AccountError::Unknown`], [`AccountError::Store`].
pub(crate) async fn revoke_key(store: &dyn Store, id: &str, now: Timestamp) -> Result<(), AccountError> {
    // Who has the whole key at hand may name it by that.
    let id = Key::id_of(id).unwrap_or(id);
    if store.revoke_key(id, now).await? { Ok(()) } else { Err(AccountError::Unknown) }
}

/// Adds a user.
///
/// # Errors
/// [`AccountError::Taken`], [`AccountError::Store`].
pub(crate) async fn add_user(store: &dyn Store, user: &User) -> Result<(), AccountError> {
    if store.add_user(user).await? { Ok(()) } else { Err(AccountError::Taken) }
}

/// What changes of a user; what is not given stays.
#[derive(Clone, Default)]
pub(crate) struct UserChange {
    /// The hash of another password.
    pub(crate) password: Option<String>,
    /// What they may do.
    pub(crate) scope: Option<Scope>,
}

impl UserChange {
    fn of(&self, user: &User) -> User {
        let mut user = user.clone();
        if let Some(password) = &self.password {
            user.password.clone_from(password);
        }
        user.scope = self.scope.unwrap_or(user.scope);
        user
    }
}

/// Gives a user another password, another scope, or both; what somebody else changes at the same time stays changed. Their
/// sessions end. Answers the user as they are now.
///
/// # Errors
/// [`AccountError::Unknown`], [`AccountError::LastAdmin`], [`AccountError::Store`].
pub(crate) async fn change_user(
    store: &dyn Store,
    name: &str,
    change: &UserChange,
    now: Timestamp,
) -> Result<User, AccountError> {
    let changed = replace_user(store, name, |user| Some(change.of(user)), now).await?;
    changed.ok_or(AccountError::Unknown)
}

/// Removes a user. Their sessions end.
///
/// # Errors
/// [`AccountError::Unknown`], [`AccountError::LastAdmin`], [`AccountError::Store`].
pub(crate) async fn remove_user(store: &dyn Store, name: &str, now: Timestamp) -> Result<(), AccountError> {
    replace_user(store, name, |_| None, now).await.map(drop)
}

async fn replace_user(
    store: &dyn Store,
    name: &str,
    becomes: impl Fn(&User) -> Option<User>,
    now: Timestamp,
) -> Result<Option<User>, AccountError> {
    loop {
        let user = store.user(name).await?.ok_or(AccountError::Unknown)?;
        let becomes = becomes(&user);
        match store.replace_user(&user, becomes.as_ref(), now).await? {
            Replaced::Done => return Ok(becomes),
            Replaced::LastAdmin => return Err(AccountError::LastAdmin),
            // Somebody was faster; what they wrote is looked at.
            Replaced::Otherwise => {}
        }
    }
}

/// Sees to it that there is an admin of this name and with this password. One who is there already is not changed, and
/// stays logged in.
///
/// # Errors
/// [`AccountError::Access`], [`AccountError::Store`].
pub async fn ensure_admin(store: &dyn Store, name: &str, password: &str, now: Timestamp) -> Result<(), AccountError> {
    let (user, named, secret) = (store.user(name).await?, name.to_owned(), password.to_owned());
    let wanted = apart(move || Wanted::of(user, &named, &secret, now)).await.map_err(|_| AccessError::Hash)??;
    // Somebody else may be first, to add one or to remove one; that counts then.
    let _is_done = match wanted {
        Wanted::Nothing => true,
        Wanted::Add(user) => store.add_user(&user).await?,
        Wanted::Change(was, user) => store.replace_user(&was, Some(&user), now).await? == Replaced::Done,
    };
    Ok(())
}

/// What is to be done so that there is an admin.
enum Wanted {
    Nothing,
    Add(User),
    Change(User, User),
}

impl Wanted {
    /// Works on passwords, which takes its time.
    fn of(user: Option<User>, name: &str, password: &str, now: Timestamp) -> Result<Self, AccessError> {
        Ok(match user {
            None => Self::Add(User::create(name, password, Scope::Admin, now)?),
            Some(user) if user.scope == Scope::Admin && User::accepts(Some(&user), password) => Self::Nothing,
            Some(user) => {
                let changed = User { scope: Scope::Admin, password: User::hash(password)?, ..user.clone() };
                Self::Change(user, changed)
            }
        })
    }
}
