//! The database file: how it is opened, what it must be, and its schema.

use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, MAIN_DB, OpenFlags, Transaction, TransactionBehavior};

use crate::store::StoreError;

/// How long one process waits for another one's write to end.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// What `PRAGMA application_id` says of our files: the letters UNIS.
const APPLICATION_ID: i64 = 0x554e_4953;
/// What leads from schema n to schema n + 1; `PRAGMA user_version` says which one a file has. Append only.
const MIGRATIONS: &[&str] = &[
    include_str!("1.sql"),
    include_str!("2.sql"),
    include_str!("3.sql"),
    include_str!("4.sql"),
    include_str!("5.sql"),
    include_str!("6.sql"),
    include_str!("7.sql"),
];
/// How many statements a connection keeps prepared.
const STATEMENTS: usize = 32;
/// What the connection that writes keeps of the file in memory, in KiB: the page that each of some thousand probes writes
/// its next check to.
const CACHE: i64 = 8 * 1024;
/// After how many pages the log is carried over into the file. Each target writes the same few pages again and again,
/// and each is carried over once, so more of them cost less; so many are still found by one look into the log's index.
const CHECKPOINT: i64 = 4000;

/// The path of a database file.
#[derive(Clone, Debug)]
pub(super) struct File(PathBuf);

impl File {
    /// The file behind the part of an address after `sqlite:`.
    pub(super) fn new(path: &str) -> Result<Self, StoreError> {
        // SQLite would take both for a database that vanishes with its connection.
        if path.is_empty() || path.starts_with(":memory:") {
            return Err(StoreError::Unsuitable(
                "SQLite needs a file that all processes share: sqlite:PATH, for example sqlite:unistatus.db".to_owned(),
            ));
        }
        Ok(Self(PathBuf::from(path)))
    }

    /// Opens the file for writing; creates it and brings its schema up to date where need be.
    pub(super) fn open(&self) -> Result<Connection, StoreError> {
        let connection = self.connect(OpenFlags::SQLITE_OPEN_CREATE)?;
        if connection.is_readonly(MAIN_DB).map_err(|error| self.refused(error))? {
            return Err(self.unsuitable("may not be written by this user"));
        }
        let deadline = Instant::now() + BUSY_TIMEOUT;
        loop {
            match self.prepare(&connection) {
                // Another process creates the same file: SQLite does not wait for the change to WAL.
                Err(StoreError::Unavailable { .. }) if Instant::now() < deadline => {
                    thread::sleep(Duration::from_millis(5));
                }
                prepared => return prepared.map(|()| connection),
            }
        }
    }

    /// Opens the file, which was prepared before, for reading.
    pub(super) fn open_to_read(&self) -> Result<Connection, StoreError> {
        let connection = self.connect(OpenFlags::empty())?;
        connection.pragma_update(None, "query_only", true).map_err(sql)?;
        Ok(connection)
    }

    /// Where it is, however its path was written.
    pub(super) fn location(&self) -> String {
        let path = self.0.canonicalize().unwrap_or_else(|_| self.0.clone());
        format!("sqlite:{}", path.display())
    }

    fn connect(&self, flags: OpenFlags) -> Result<Connection, StoreError> {
        let flags = flags | OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.0, flags).map_err(|error| self.refused(error))?;
        connection.busy_timeout(BUSY_TIMEOUT).map_err(sql)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        Ok(connection)
    }

    fn prepare(&self, connection: &Connection) -> Result<(), StoreError> {
        self.migrate(connection)?;
        let mode: String = connection
            .pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))
            .map_err(|error| self.refused(error))?;
        if mode != "wal" {
            return Err(self.unsuitable("lies on a file system that several processes cannot share"));
        }
        // A commit is on the disk before it is answered, not only with the operating system.
        connection.pragma_update(None, "synchronous", "FULL").map_err(sql)?;
        connection.pragma_update(None, "cache_size", -CACHE).map_err(sql)?;
        connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT).map_err(sql)?;
        connection.pragma_update(None, "foreign_keys", true).map_err(sql)
    }

    fn migrate(&self, connection: &Connection) -> Result<(), StoreError> {
        // All of it at one moment: between two questions another process may create the same file.
        let snapshot = Transaction::new_unchecked(connection, TransactionBehavior::Deferred).map_err(sql)?;
        let schema = self.schema(&snapshot)?;
        drop(snapshot);
        if schema == MIGRATIONS.len() {
            return Ok(());
        }
        let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate).map_err(sql)?;
        // Asked again: another process may have been faster.
        for (number, migration) in (1_u32..).zip(MIGRATIONS).skip(self.schema(&transaction)?) {
            transaction.execute_batch(migration).map_err(sql)?;
            transaction.pragma_update(None, "user_version", number).map_err(sql)?;
        }
        transaction.pragma_update(None, "application_id", APPLICATION_ID).map_err(sql)?;
        transaction.commit().map_err(sql)
    }

    /// The number of the file's schema, 0 for a new file, if it is one of ours.
    fn schema(&self, connection: &Connection) -> Result<usize, StoreError> {
        let ask = |question| connection.query_row(question, [], |row| row.get(0)).map_err(|error| self.refused(error));
        let (application, schema, tables): (i64, i64, i64) =
            (ask("PRAGMA application_id")?, ask("PRAGMA user_version")?, ask("SELECT count(*) FROM sqlite_schema")?);
        match usize::try_from(schema) {
            Ok(0) if application == 0 && tables == 0 => Ok(0),
            Ok(schema) if application == APPLICATION_ID && schema <= MIGRATIONS.len() => Ok(schema),
            _ if application == APPLICATION_ID => Err(self.unsuitable(format_args!(
                "was written by a newer Unistatus: it has schema {schema}, this one knows {}",
                MIGRATIONS.len()
            ))),
            _ => Err(self.unsuitable("is a database of another program")),
        }
    }

    fn unsuitable(&self, what: impl Display) -> StoreError {
        StoreError::Unsuitable(format!("the SQLite database {} {what}", self.0.display()))
    }

    /// Says why the file could not be opened, better than SQLite does.
    fn refused(&self, error: rusqlite::Error) -> StoreError {
        let folder = self.0.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        match error.sqlite_error_code() {
            Some(ErrorCode::CannotOpen) if !folder.is_dir() => {
                self.unsuitable(format_args!("cannot be created: there is no folder {}", folder.display()))
            }
            Some(ErrorCode::CannotOpen) if self.0.is_dir() => self.unsuitable("is a folder, not a file"),
            Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
                self.unsuitable("cannot be read, created and written by this user, or not in this folder")
            }
            Some(ErrorCode::NotADatabase) => self.unsuitable("is a file of another kind"),
            _ => sql(error),
        }
    }
}

/// What an error of SQLite means for a store.
pub(super) fn sql(error: rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => StoreError::corrupt("the SQLite file", error),
        _ => StoreError::unavailable("SQLite could not do it", error),
    }
}
