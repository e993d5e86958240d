//! Who may do what.
//!
//! What cannot be read is named without what it holds: that may be a hash.

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, Params, Row, Transaction, params};

use super::SqliteStore;
use super::file::sql;
use super::read::{all, time, time_if_any};
use crate::access::{Key, Scope, Session, User, is_admin_left};
use crate::schema::Timestamp;
use crate::store::{Accounts, Replaced, SIGNING_KEY, StoreError, loses_admin};

pub(super) const KEYS: &str =
    "SELECT id, name, scope, hash, created_at, expires_at, last_used_at, revoked_at FROM keys";
pub(super) const USERS: &str = "SELECT name, scope, password, created_at FROM users";
pub(super) const SESSIONS: &str = "SELECT id, user, expires_at FROM sessions";

#[async_trait]
impl Accounts for SqliteStore {
    async fn add_key(&self, key: &Key) -> Result<bool, StoreError> {
        let Key { id, name, scope, hash, created_at, expires_at, last_used_at, revoked_at } = key.clone();
        let [expires_at, last_used_at, revoked_at] =
            [expires_at, last_used_at, revoked_at].map(|instant| instant.map(Timestamp::as_millis));
        self.execute(
            "INSERT OR IGNORE INTO keys (id, name, scope, hash, created_at, expires_at, last_used_at, revoked_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (id, name, scope.as_str(), hash, created_at.as_millis(), expires_at, last_used_at, revoked_at),
        )
        .await
    }

    async fn keys(&self) -> Result<Vec<Key>, StoreError> {
        self.read(|connection| all(connection, &format!("{KEYS} ORDER BY created_at, id"), [], key)).await
    }

    async fn key(&self, id: &str) -> Result<Option<Key>, StoreError> {
        let id = id.to_owned();
        self.read(move |connection| one(connection, &format!("{KEYS} WHERE id = ?"), [id], key)).await
    }

    async fn revoke_key(&self, id: &str, at: Timestamp) -> Result<bool, StoreError> {
        let revoke = "UPDATE keys SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?";
        self.execute(revoke, (at.as_millis(), id.to_owned())).await
    }

    async fn key_used(&self, id: &str, at: Timestamp) -> Result<(), StoreError> {
        let note = "UPDATE keys SET last_used_at = ?1 WHERE id = ?2 AND (last_used_at IS NULL OR last_used_at < ?1)";
        self.execute(note, (at.as_millis(), id.to_owned())).await.map(drop)
    }

    async fn add_user(&self, user: &User) -> Result<bool, StoreError> {
        let User { name, scope, password, created_at } = user.clone();
        self.execute(
            "INSERT OR IGNORE INTO users (name, scope, password, created_at) VALUES (?, ?, ?, ?)",
            (name, scope.as_str(), password, created_at.as_millis()),
        )
        .await
    }

    async fn users(&self) -> Result<Vec<User>, StoreError> {
        self.read(|connection| all(connection, &format!("{USERS} ORDER BY name"), [], user)).await
    }

    async fn user(&self, name: &str) -> Result<Option<User>, StoreError> {
        let name = name.to_owned();
        self.read(move |connection| named(connection, &name)).await
    }

    async fn replace_user(&self, was: &User, user: Option<&User>, now: Timestamp) -> Result<Replaced, StoreError> {
        let (was, user) = (was.clone(), user.cloned());
        self.writer.work(move |transaction| replace_user(transaction, &was, user.as_ref(), now)).await
    }

    async fn begin_session(&self, session: &Session, user: &User, now: Timestamp) -> Result<bool, StoreError> {
        let (Session { id, user, expires_at }, as_read) = (session.clone(), user.clone());
        self.writer
            .work(move |transaction| {
                if named(transaction, &as_read.name)?.as_ref() != Some(&as_read) {
                    return Ok(false);
                }
                let begin = || {
                    transaction.execute("DELETE FROM sessions WHERE expires_at <= ?", [now.as_millis()])?;
                    transaction.execute(
                        "INSERT OR REPLACE INTO sessions (id, user, expires_at) VALUES (?, ?, ?)",
                        params![id, user, expires_at.as_millis()],
                    )
                };
                begin().map(|_| true).map_err(sql)
            })
            .await
    }

    async fn session(&self, id: &str) -> Result<Option<Session>, StoreError> {
        let id = id.to_owned();
        self.read(move |connection| one(connection, &format!("{SESSIONS} WHERE id = ?"), [id], session)).await
    }

    async fn end_session(&self, id: &str) -> Result<(), StoreError> {
        self.execute("DELETE FROM sessions WHERE id = ?", (id.to_owned(),)).await.map(drop)
    }

    async fn signing_key(&self, fresh: &[u8]) -> Result<Vec<u8>, StoreError> {
        let known = |connection: &Connection| {
            let ask = "SELECT value FROM settings WHERE name = ?";
            connection.query_row(ask, [SIGNING_KEY], |row| row.get(0)).optional().map_err(sql)
        };
        if let Some(key) = self.read(known).await? {
            return Ok(key);
        }
        let fresh = fresh.to_vec();
        self.writer
            .work(move |transaction| {
                // Somebody may have been faster.
                if let Some(key) = known(transaction)? {
                    return Ok(key);
                }
                let keep = "INSERT INTO settings (name, value) VALUES (?, ?)";
                transaction.execute(keep, params![SIGNING_KEY, fresh]).map_err(sql)?;
                Ok(fresh)
            })
            .await
    }
}

/// The user of a name, if there is one.
fn named(connection: &Connection, name: &str) -> Result<Option<User>, StoreError> {
    one(connection, &format!("{USERS} WHERE name = ?"), [name], user)
}

fn replace_user(
    transaction: &Transaction<'_>,
    was: &User,
    becomes: Option<&User>,
    now: Timestamp,
) -> Result<Replaced, StoreError> {
    if named(transaction, &was.name)?.as_ref() != Some(was) {
        return Ok(Replaced::Otherwise);
    }
    if loses_admin(was, becomes) {
        let (users, keys) = (all(transaction, USERS, [], user)?, all(transaction, KEYS, [], key)?);
        if !is_admin_left(users.iter().filter(|user| user.name != was.name), &keys, now) {
            return Ok(Replaced::LastAdmin);
        }
    }
    let replace = || {
        match becomes {
            Some(User { scope, password, created_at, .. }) => transaction.execute(
                "UPDATE users SET scope = ?2, password = ?3, created_at = ?4 WHERE name = ?1",
                params![was.name, scope.as_str(), password, created_at.as_millis()],
            )?,
            None => transaction.execute("DELETE FROM users WHERE name = ?", [&was.name])?,
        };
        transaction.execute("DELETE FROM sessions WHERE user = ?", [&was.name])
    };
    replace().map(|_| Replaced::Done).map_err(sql)
}

/// The row that answers a statement, if there is one.
fn one<T>(
    connection: &Connection,
    statement: &str,
    values: impl Params,
    read: impl Fn(&Row<'_>) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    all(connection, statement, values, read).map(|found| found.into_iter().next())
}

pub(super) fn key(row: &Row<'_>) -> Result<Key, StoreError> {
    let id: String = row.get("id").map_err(sql)?;
    let what = || format!("key {id}");
    Ok(Key {
        name: row.get("name").map_err(sql)?,
        scope: scope(&what, row)?,
        hash: row.get("hash").map_err(sql)?,
        created_at: time(&what, row, "created_at")?,
        expires_at: time_if_any(&what, row, "expires_at")?,
        last_used_at: time_if_any(&what, row, "last_used_at")?,
        revoked_at: time_if_any(&what, row, "revoked_at")?,
        id: id.clone(),
    })
}

pub(super) fn user(row: &Row<'_>) -> Result<User, StoreError> {
    let name: String = row.get("name").map_err(sql)?;
    let what = || format!("user {name}");
    Ok(User {
        scope: scope(&what, row)?,
        password: row.get("password").map_err(sql)?,
        created_at: time(&what, row, "created_at")?,
        name: name.clone(),
    })
}

pub(super) fn session(row: &Row<'_>) -> Result<Session, StoreError> {
    let user: String = row.get("user").map_err(sql)?;
    // Not its id, which a token names.
    let what = || format!("a session of user {user}");
    Ok(Session { id: row.get("id").map_err(sql)?, expires_at: time(&what, row, "expires_at")?, user: user.clone() })
}

fn scope(what: &dyn Fn() -> String, row: &Row<'_>) -> Result<Scope, StoreError> {
    let word: String = row.get("scope").map_err(sql)?;
    word.parse().map_err(|accepted| StoreError::corrupt(what(), format_args!("its scope is none of {accepted}")))
}
