//! Everybody who may ask: keys of all scopes, keys that are worth nothing any more, and sessions.

use std::time::Duration;

use unistatus_core::access::{Claims, NewKey, Scope, Session, Signer, User};
use unistatus_core::config::Hidden;
use unistatus_core::schema::Timestamp;
use unistatus_core::store::Accounts;

use super::{MemoryStore, NOW, at};

/// What the servers of the tests sign with.
pub(crate) const SECRET_KEY: &str = "a secret key that only tests have";

/// Everybody, in a store.
pub(crate) struct Cast {
    store: MemoryStore,
    pub(crate) read: String,
    pub(crate) write: String,
    pub(crate) admin: String,
    pub(crate) expired: String,
    pub(crate) revoked: String,
    /// In the form of a key, and none.
    pub(crate) wrong: String,
}

impl Cast {
    pub(crate) async fn of(store: &MemoryStore) -> Self {
        let now = at(NOW);
        let key = |scope, end: Option<Timestamp>| NewKey::create("a key", scope, end, now.minus(DAY)).unwrap();
        let all = [
            key(Scope::Read, None),
            key(Scope::Write, None),
            key(Scope::Admin, None),
            key(Scope::Admin, Some(now)),
            key(Scope::Admin, None),
        ];
        for new in &all {
            assert!(store.add_key(&new.key).await.unwrap());
        }
        assert!(store.revoke_key(&all[4].key.id, now).await.unwrap());
        let [read, write, admin, expired, revoked] = all.map(|new| new.secret);
        let wrong = key(Scope::Admin, None).secret;
        Self { store: store.clone(), read, write, admin, expired, revoked, wrong }
    }

    /// A user who may write has just logged in: the token, and what a browser has to send beside its cookie.
    pub(crate) async fn logged_in(&self) -> (String, String) {
        let (now, signer) = (at(NOW), Signer::new(SECRET_KEY.as_bytes()));
        let ann = User { name: "ann".to_owned(), scope: Scope::Write, password: "none".to_owned(), created_at: now };
        let _is_there_already = self.store.add_user(&ann).await.unwrap();
        let ann = self.store.user("ann").await.unwrap().unwrap();
        let session = Session::begin("ann", now.plus(DAY)).unwrap();
        assert!(self.store.begin_session(&session, &ann, now).await.unwrap());
        (signer.sign(&Claims::of("ann", Scope::Write, &session.id, now)), signer.csrf(&session.id))
    }

    /// The same of a session that has ended.
    pub(crate) async fn logged_out(&self) -> (String, String) {
        let (token, csrf) = self.logged_in().await;
        let claims = Signer::new(SECRET_KEY.as_bytes()).verify(&token, at(NOW)).unwrap();
        self.store.end_session(&claims.jti).await.unwrap();
        (token, csrf)
    }
}

const DAY: Duration = Duration::from_hours(24);

/// Adds a user whose password is `correct horse`.
pub(crate) async fn add_user(store: &(impl Accounts + ?Sized), name: &str, scope: Scope) {
    let user = User::create(name, "correct horse", scope, at(NOW)).unwrap();
    assert!(store.add_user(&user).await.unwrap());
}

/// The secret key as servers are given it.
pub(crate) fn secret_key() -> Hidden {
    Hidden::new(SECRET_KEY)
}
