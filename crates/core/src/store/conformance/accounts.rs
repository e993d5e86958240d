//! Who may do what.

use std::time::Duration;

use futures_util::future::join_all;

use super::checks::NAMES;
use super::in_time;
use crate::access::{Key, Scope, Session, User};
use crate::schema::Timestamp;
use crate::store::Store;
use crate::store::testkit::{Database, at};

fn key(id: &str, created_at: Timestamp) -> Key {
    Key {
        id: id.to_owned(),
        name: format!("the key \"{id}\" 🔑"),
        scope: Scope::Write,
        hash: format!("hash of {id}"),
        created_at,
        expires_at: None,
        last_used_at: None,
        revoked_at: None,
    }
}

fn user(name: &str) -> User {
    User {
        name: name.to_owned(),
        scope: Scope::Admin,
        password: format!("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA${}", name.len()),
        created_at: at(0),
    }
}

/// So many minutes from now on. A backend may forget what is over by its own clock.
fn soon(minutes: u64) -> Timestamp {
    Timestamp::now().plus(Duration::from_mins(minutes))
}

async fn begins(store: &dyn Store, id: &str, user: &str) -> Session {
    let session = Session { id: id.to_owned(), user: user.to_owned(), expires_at: soon(60) };
    store.begin_session(&session, Timestamp::now()).await.unwrap();
    session
}

async fn sessions(store: &dyn Store, ids: &[&str]) -> Vec<bool> {
    let found = ids.iter().map(|id| store.session(id));
    join_all(found).await.into_iter().map(|session| session.unwrap().is_some()).collect()
}

/// A key is added once, found as it was added, and listed by its age.
pub async fn a_key_is_added_once(database: &Database) {
    let store = &*database.open().await;
    assert_eq!(store.keys().await.unwrap(), []);
    assert_eq!(store.key("a").await.unwrap(), None);
    let millis = |millis| Timestamp::from_millis(at(0).as_millis() + millis).unwrap();
    let whole = Key {
        scope: Scope::Admin,
        expires_at: Some(millis(1)),
        last_used_at: Some(millis(2)),
        revoked_at: Some(millis(3)),
        ..key("d", millis(4))
    };
    let keys = [key("c", at(0)), Key { scope: Scope::Read, ..key("B", at(1)) }, key("b", at(1)), whole];
    for n in [2, 0, 3, 1] {
        assert!(store.add_key(&keys[n]).await.unwrap());
    }
    assert!(!store.add_key(&key("c", at(9))).await.unwrap());
    let by_age = [&keys[0], &keys[3], &keys[1], &keys[2]].map(Clone::clone);
    assert_eq!(store.keys().await.unwrap(), by_age);
    for key in by_age {
        assert_eq!(store.key(&key.id).await.unwrap(), Some(key));
    }
    assert_eq!(store.key("C").await.unwrap(), None);
}

/// A key that was revoked stays so since the first time.
pub async fn a_revoked_key_stays_revoked(database: &Database) {
    let (store, other) = (&*database.open().await, &*database.open().await);
    assert!(!store.revoke_key("a", at(1)).await.unwrap());
    for id in ["a", "b"] {
        assert!(store.add_key(&key(id, at(0))).await.unwrap());
    }
    for seconds in [5, 9, 1] {
        assert!(store.revoke_key("a", at(seconds)).await.unwrap());
        assert_eq!(other.key("a").await.unwrap().unwrap().revoked_at, Some(at(5)));
    }
    // It is revoked, not gone.
    assert!(!store.add_key(&key("a", at(0))).await.unwrap());
    store.key_used("a", at(7)).await.unwrap();
    let revoked = Key { revoked_at: Some(at(5)), last_used_at: Some(at(7)), ..key("a", at(0)) };
    assert_eq!(other.keys().await.unwrap(), [revoked, key("b", at(0))]);
}

/// The last use of a key never goes backwards.
pub async fn the_last_use_of_a_key_never_goes_backwards(database: &Database) {
    let store = &*database.open().await;
    assert!(store.add_key(&key("a", at(0))).await.unwrap());
    for (used, expected) in [(5, 5), (3, 5), (5, 5), (60, 60)] {
        store.key_used("a", at(used)).await.unwrap();
        assert_eq!(store.key("a").await.unwrap().unwrap().last_used_at, Some(at(expected)));
    }
    store.key_used("b", at(1)).await.unwrap();
    assert_eq!(store.key("b").await.unwrap(), None);
}

/// A user is added once, found as they were added, and listed by the bytes of the name.
pub async fn a_user_is_added_once(database: &Database) {
    let store = &*database.open().await;
    assert!(store.users().await.unwrap().is_empty());
    for name in NAMES {
        assert!(store.add_user(&user(name)).await.unwrap());
    }
    assert!(!store.add_user(&User { password: "other".to_owned(), ..user(NAMES[0]) }).await.unwrap());
    for name in NAMES {
        assert!(store.user(name).await.unwrap() == Some(user(name)), "{name}");
    }
    assert!(store.user("GOOGLE DNS").await.unwrap().is_none());
    let mut names = NAMES;
    names.sort_by_key(|name| name.as_bytes());
    let listed: Vec<_> = store.users().await.unwrap().into_iter().map(|user| user.name).collect();
    assert_eq!(listed, names);
}

/// Of many who add a user of one name at once exactly one does.
pub async fn of_many_who_add_a_user_one_does(database: &Database) {
    let handles = [database.open().await, database.open().await];
    let rivals: Vec<_> = (0..8).map(|n| User { password: format!("{n}"), ..user("ada") }).collect();
    let add = rivals.iter().enumerate().map(|(n, rival)| handles[n % 2].add_user(rival));
    let answers: Vec<_> = in_time(join_all(add)).await.into_iter().map(Result::unwrap).collect();
    let winners: Vec<_> = (0..8).filter(|&n| answers[n]).collect();
    assert_eq!(winners.len(), 1);
    assert_eq!(handles[0].user("ada").await.unwrap().unwrap().password, format!("{}", winners[0]));
}

/// Who is changed or removed is logged out, and nobody else.
pub async fn who_is_changed_is_logged_out(database: &Database) {
    let (store, other) = (&*database.open().await, &*database.open().await);
    assert!(!store.change_user(&user("ada")).await.unwrap());
    assert!(!store.remove_user("ada").await.unwrap());
    // Of one who is no user, so that nobody who is none is logged out by what does nothing.
    begins(store, "0", "ada").await;
    assert!(!store.change_user(&user("ada")).await.unwrap());
    assert!(!store.remove_user("ada").await.unwrap());
    assert_eq!(sessions(other, &["0"]).await, [true]);

    for name in ["ada", "Ada"] {
        assert!(store.add_user(&user(name)).await.unwrap());
    }
    for (id, name) in [("1", "ada"), ("2", "ada"), ("3", "Ada")] {
        begins(store, id, name).await;
    }
    let changed = User { password: "changed".to_owned(), scope: Scope::Read, created_at: at(5), ..user("ada") };
    assert!(store.change_user(&changed).await.unwrap());
    assert!(other.user("ada").await.unwrap() == Some(changed));
    assert!(other.user("Ada").await.unwrap() == Some(user("Ada")));
    assert_eq!(sessions(other, &["0", "1", "2", "3"]).await, [false, false, false, true]);

    begins(store, "4", "ada").await;
    assert!(store.remove_user("ada").await.unwrap());
    assert!(other.user("ada").await.unwrap().is_none());
    assert_eq!(sessions(other, &["3", "4"]).await, [true, false]);
    assert!(store.add_user(&user("ada")).await.unwrap());
}

/// A session is found by every handle until it is ended; the next one to begin forgets those that are over.
pub async fn a_session_begins_and_ends(database: &Database) {
    let (store, other) = (&*database.open().await, &*database.open().await);
    assert_eq!(store.session("1").await.unwrap(), None);
    let session = begins(store, "1", "ada").await;
    assert_eq!(other.session("1").await.unwrap(), Some(session.clone()));
    // Sent again by one who did not know whether it arrived.
    store.begin_session(&session, Timestamp::now()).await.unwrap();
    let late = Session { id: "2".to_owned(), expires_at: soon(120), ..session.clone() };
    store.begin_session(&late, session.expires_at.minus(Duration::from_millis(1))).await.unwrap();
    assert_eq!(sessions(other, &["1", "2"]).await, [true, true]);
    let later = Session { id: "3".to_owned(), ..late };
    store.begin_session(&later, session.expires_at).await.unwrap();
    assert_eq!(sessions(other, &["1", "2", "3"]).await, [false, true, true]);

    store.end_session("2").await.unwrap();
    store.end_session("2").await.unwrap();
    assert_eq!(sessions(other, &["2", "3"]).await, [false, true]);
}

/// All who ask for the signing key get the one that was first.
pub async fn all_sign_with_one_key(database: &Database) {
    let handles = [database.open().await, database.open().await, database.open().await];
    let fresh: Vec<_> = (0..12).map(|n| vec![0, n, 255, 0]).collect();
    let ask = fresh.iter().enumerate().map(|(n, fresh)| handles[n % 3].signing_key(fresh));
    let answers: Vec<_> = in_time(join_all(ask)).await.into_iter().map(Result::unwrap).collect();
    assert!(fresh.contains(&answers[0]) && answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    for store in handles {
        store.close().await;
    }
    assert_eq!(database.open().await.signing_key(b"another").await.unwrap(), answers[0]);
}
