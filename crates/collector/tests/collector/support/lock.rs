//! A SQLite file that somebody else writes to and does not stop.

use std::path::Path;

use rusqlite::Connection;
use unistatus_core::store::testkit::Database;

use super::in_time;

/// Locks a SQLite database for as long as the connection lives.
pub(crate) async fn lock(database: &Database) -> Connection {
    let connection = Connection::open(path(database).unwrap()).unwrap();
    in_time("the file can be locked", async {
        while connection.execute_batch("BEGIN EXCLUSIVE").is_err() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    connection
}

/// The file of a database of SQLite.
pub(crate) fn path(database: &Database) -> Option<&Path> {
    database.address().strip_prefix("sqlite:").map(Path::new)
}
