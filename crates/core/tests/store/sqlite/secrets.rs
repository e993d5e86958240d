//! What is kept as a hash is shown nowhere.

use rusqlite::Connection;
use unistatus_core::access::{Key, Scope, Session, User};
use unistatus_core::schema::Timestamp;
use unistatus_core::store::testkit::{Database, at};
use unistatus_core::store::{Store, StoreError};

use super::path_of;

const SECRET: &str = "s3cr3t";

async fn write_secrets(store: &dyn Store) {
    let key = Key {
        id: "k1".to_owned(),
        name: "of a test".to_owned(),
        scope: Scope::Write,
        hash: SECRET.to_owned(),
        created_at: at(0),
        expires_at: None,
        last_used_at: None,
        revoked_at: None,
    };
    let user = User { name: "ada".to_owned(), scope: Scope::Read, password: SECRET.to_owned(), created_at: at(0) };
    let session = Session { id: SECRET.to_owned(), user: "ada".to_owned(), expires_at: Timestamp::now() };
    assert!(store.add_key(&key).await.unwrap() && store.add_user(&user).await.unwrap());
    assert!(store.begin_session(&session, &user, at(0)).await.unwrap());
}

#[track_caller]
fn is_corrupt<T>(answer: Result<T, StoreError>, expected: &str) {
    let error = answer.err().unwrap();
    let shown = format!("{error} {error:?}");
    assert!(matches!(&error, StoreError::Corrupt { what, .. } if what == expected), "{shown}");
    assert!(!shown.contains(SECRET), "{shown}");
}

#[tokio::test]
async fn what_cannot_be_read_is_named_without_what_it_holds() {
    let database = Database::sqlite();
    let store = database.open().await;
    write_secrets(&*store).await;
    let file = Connection::open(path_of(&database)).unwrap();
    for spoil in ["scope = hash", "scope = 'read', created_at = 9223372036854775807"] {
        file.execute_batch(&format!("UPDATE keys SET {spoil}")).unwrap();
        is_corrupt(store.keys().await, "key k1");
        is_corrupt(store.key("k1").await, "key k1");
    }
    for spoil in ["scope = password", "scope = 'read', created_at = 9223372036854775807"] {
        file.execute_batch(&format!("UPDATE users SET {spoil}")).unwrap();
        is_corrupt(store.users().await, "user ada");
        is_corrupt(store.user("ada").await, "user ada");
    }
    file.execute_batch("UPDATE sessions SET expires_at = 9223372036854775807").unwrap();
    is_corrupt(store.session(SECRET).await, "a session of user ada");
}
