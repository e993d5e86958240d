//! Who may do what.

use std::time::Duration;

use futures_util::future::{join, join_all};

use super::checks::NAMES;
use super::in_time;
use crate::access::{Key, Scope, Session, User};
use crate::schema::Timestamp;
use crate::store::testkit::{Database, at};
use crate::store::{Replaced, Store};

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

async fn begins(store: &dyn Store, id: &str, user: &User) -> Session {
    let session = Session { id: id.to_owned(), user: user.name.clone(), expires_at: soon(60) };
    assert!(store.begin_session(&session, user, Timestamp::now()).await.unwrap());
    session
}

async fn replaces(store: &dyn Store, was: &User, user: Option<&User>) -> Replaced {
    store.replace_user(was, user, at(0)).await.unwrap()
}

/// Somebody is left who may give access, whoever else is replaced.
async fn has_an_admin(store: &dyn Store) {
    assert!(store.add_user(&user("root")).await.unwrap());
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
    has_an_admin(store).await;
    let (ada, namesake) = (user("ada"), user("Ada"));
    for user in [&ada, &namesake] {
        assert!(store.add_user(user).await.unwrap());
    }
    for (id, user) in [("1", &ada), ("2", &ada), ("3", &namesake)] {
        begins(store, id, user).await;
    }
    let changed = User { password: "changed".to_owned(), scope: Scope::Read, created_at: at(5), ..user("ada") };
    assert_eq!(replaces(store, &ada, Some(&changed)).await, Replaced::Done);
    assert!(other.user("ada").await.unwrap() == Some(changed.clone()));
    assert!(other.user("Ada").await.unwrap() == Some(namesake));
    assert_eq!(sessions(other, &["1", "2", "3"]).await, [false, false, true]);

    begins(store, "4", &changed).await;
    assert_eq!(replaces(store, &changed, None).await, Replaced::Done);
    assert!(other.user("ada").await.unwrap().is_none());
    assert_eq!(sessions(other, &["3", "4"]).await, [true, false]);
    assert!(store.add_user(&user("ada")).await.unwrap());
}

/// Who was changed since they were read is neither replaced nor logged in, and what is there stays.
pub async fn a_user_who_was_changed_meanwhile_stays_so(database: &Database) {
    let store = &*database.open().await;
    has_an_admin(store).await;
    let (read, changed) = (user("ada"), User { scope: Scope::Read, ..user("ada") });
    let session = Session { id: "2".to_owned(), user: "ada".to_owned(), expires_at: soon(60) };
    assert_eq!(replaces(store, &read, Some(&changed)).await, Replaced::Otherwise);
    assert!(!store.begin_session(&session, &read, Timestamp::now()).await.unwrap());

    assert!(store.add_user(&changed).await.unwrap());
    begins(store, "1", &changed).await;
    for becomes in [None, Some(&User { password: "new".to_owned(), ..user("ada") })] {
        assert_eq!(replaces(store, &read, becomes).await, Replaced::Otherwise);
    }
    for other in
        [&read, &User { password: "old".to_owned(), ..changed.clone() }, &User { created_at: at(9), ..changed.clone() }]
    {
        assert!(!store.begin_session(&session, other, Timestamp::now()).await.unwrap());
    }
    assert!(store.user("ada").await.unwrap() == Some(changed));
    assert_eq!(sessions(store, &["1", "2"]).await, [true, false]);
}

/// Somebody stays who may give access: a user, or a key that lasts.
pub async fn the_last_admin_stays(database: &Database) {
    let store = &*database.open().await;
    let (ada, demoted) = (user("ada"), User { scope: Scope::Write, ..user("ada") });
    assert!(store.add_user(&ada).await.unwrap());
    let admin_key = |id| Key { scope: Scope::Admin, ..key(id, at(0)) };
    let ends = Key { expires_at: Some(at(99)), ..admin_key("ends") };
    for key in [ends, key("writes", at(0)), admin_key("revoked")] {
        assert!(store.add_key(&key).await.unwrap());
    }
    assert!(store.revoke_key("revoked", at(0)).await.unwrap());
    begins(store, "1", &ada).await;
    for becomes in [None, Some(&demoted)] {
        assert_eq!(replaces(store, &ada, becomes).await, Replaced::LastAdmin);
    }
    assert!(store.user("ada").await.unwrap() == Some(ada.clone()));
    assert_eq!(sessions(store, &["1"]).await, [true]);
    let other_password = User { password: "other".to_owned(), ..ada.clone() };
    assert_eq!(replaces(store, &ada, Some(&other_password)).await, Replaced::Done);

    assert!(store.add_key(&admin_key("lasts")).await.unwrap());
    assert_eq!(replaces(store, &other_password, Some(&demoted)).await, Replaced::Done);
    assert_eq!(replaces(store, &demoted, None).await, Replaced::Done);
}

/// Of several admins who remove each other at once one stays.
pub async fn of_many_who_remove_each_other_one_stays(database: &Database) {
    let handles = [database.open().await, database.open().await];
    let admins: Vec<_> = (0..6).map(|n| user(&format!("admin {n}"))).collect();
    for admin in &admins {
        assert!(handles[0].add_user(admin).await.unwrap());
    }
    let remove = admins.iter().enumerate().map(|(n, admin)| handles[n % 2].replace_user(admin, None, at(0)));
    let answers: Vec<_> = in_time(join_all(remove)).await.into_iter().map(Result::unwrap).collect();
    let stayed: Vec<_> = (0..6).filter(|&n| answers[n] == Replaced::LastAdmin).collect();
    assert_eq!(stayed.len(), 1, "{answers:?}");
    assert!(handles[0].users().await.unwrap() == [admins[stayed[0]].clone()]);
}

/// Whoever is removed while they log in has no session afterwards, however it comes.
pub async fn who_is_removed_at_a_login_has_no_session(database: &Database) {
    let handles = [database.open().await, database.open().await];
    has_an_admin(&*handles[0]).await;
    for round in 0..8 {
        let ada = user("ada");
        assert!(handles[0].add_user(&ada).await.unwrap());
        let session = Session { id: format!("{round}"), user: "ada".to_owned(), expires_at: soon(60) };
        let begin = handles[0].begin_session(&session, &ada, Timestamp::now());
        let remove = handles[1].replace_user(&ada, None, at(0));
        let (login, removed) = in_time(join(begin, remove)).await;
        login.unwrap();
        assert_eq!(removed.unwrap(), Replaced::Done);
        assert_eq!(handles[1].session(&session.id).await.unwrap(), None);
    }
}

/// A session is found by every handle until it is ended; the next one to begin forgets those that are over.
pub async fn a_session_begins_and_ends(database: &Database) {
    let (store, other) = (&*database.open().await, &*database.open().await);
    let ada = user("ada");
    assert!(store.add_user(&ada).await.unwrap());
    assert_eq!(store.session("1").await.unwrap(), None);
    let session = begins(store, "1", &ada).await;
    assert_eq!(other.session("1").await.unwrap(), Some(session.clone()));
    // Sent again by one who did not know whether it arrived.
    assert!(store.begin_session(&session, &ada, Timestamp::now()).await.unwrap());
    let late = Session { id: "2".to_owned(), expires_at: soon(120), ..session.clone() };
    let just_before = session.expires_at.minus(Duration::from_millis(1));
    assert!(store.begin_session(&late, &ada, just_before).await.unwrap());
    assert_eq!(sessions(other, &["1", "2"]).await, [true, true]);
    let later = Session { id: "3".to_owned(), ..late };
    assert!(store.begin_session(&later, &ada, session.expires_at).await.unwrap());
    assert_eq!(sessions(other, &["1", "2", "3"]).await, [false, true, true]);
    assert!(other.user("ada").await.unwrap() == Some(ada), "a login changes nothing of them");

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
