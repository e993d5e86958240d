//! Keys and users, for those who have the store at hand: how they come to be, change and go.

use unistatus_core::access::{AccessError, NewKey, Scope, User};
use unistatus_core::schema::Timestamp;
use unistatus_core::store::{Store, StoreError};

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
pub async fn create_key(
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

/// Takes a key back: from now on it is not accepted.
///
/// # Errors
/// [`AccountError::Unknown`], [`AccountError::Store`].
pub async fn revoke_key(store: &dyn Store, id: &str, now: Timestamp) -> Result<(), AccountError> {
    if store.revoke_key(id, now).await? { Ok(()) } else { Err(AccountError::Unknown) }
}

/// Adds a user.
///
/// # Errors
/// [`AccountError::Taken`], [`AccountError::Store`].
pub async fn add_user(store: &dyn Store, user: &User) -> Result<(), AccountError> {
    if store.add_user(user).await? { Ok(()) } else { Err(AccountError::Taken) }
}

/// Gives a user another password or another scope. Their sessions end.
///
/// # Errors
/// [`AccountError::Unknown`], [`AccountError::LastAdmin`], [`AccountError::Store`].
pub async fn change_user(store: &dyn Store, user: &User, now: Timestamp) -> Result<(), AccountError> {
    if user.scope < Scope::Admin {
        must_leave_an_admin(store, &user.name, now).await?;
    }
    if store.change_user(user).await? { Ok(()) } else { Err(AccountError::Unknown) }
}

/// Removes a user. Their sessions end.
///
/// # Errors
/// [`AccountError::Unknown`], [`AccountError::LastAdmin`], [`AccountError::Store`].
pub async fn remove_user(store: &dyn Store, name: &str, now: Timestamp) -> Result<(), AccountError> {
    must_leave_an_admin(store, name, now).await?;
    if store.remove_user(name).await? { Ok(()) } else { Err(AccountError::Unknown) }
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
        Wanted::Change(user) => store.change_user(&user).await?,
    };
    Ok(())
}

/// What is to be done so that there is an admin.
enum Wanted {
    Nothing,
    Add(User),
    Change(User),
}

impl Wanted {
    /// Works on passwords, which takes its time.
    fn of(user: Option<User>, name: &str, password: &str, now: Timestamp) -> Result<Self, AccessError> {
        Ok(match user {
            None => Self::Add(User::create(name, password, Scope::Admin, now)?),
            Some(user) if user.scope == Scope::Admin && User::accepts(Some(&user), password) => Self::Nothing,
            Some(user) => Self::Change(User { scope: Scope::Admin, ..user.with_password(password)? }),
        })
    }
}

/// Whether somebody is left who may give access, if this user may not any more.
async fn must_leave_an_admin(store: &dyn Store, without: &str, now: Timestamp) -> Result<(), AccountError> {
    let users = store.users().await?;
    let (these, others): (Vec<_>, Vec<_>) =
        users.iter().filter(|user| user.scope == Scope::Admin).partition(|user| user.name == without);
    if these.is_empty() || !others.is_empty() {
        return Ok(());
    }
    let keys = store.keys().await?;
    let is_key_left = keys.iter().any(|key| key.scope == Scope::Admin && key.expires_at.is_none() && key.is_valid(now));
    if is_key_left { Ok(()) } else { Err(AccountError::LastAdmin) }
}
