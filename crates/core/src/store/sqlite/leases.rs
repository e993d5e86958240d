//! The collectors that share the targets, and who asks what. All processes are on one machine: its clock decides who is
//! alive.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use async_trait::async_trait;
use rusqlite::{OptionalExtension as _, Row, Transaction, params};

use super::SqliteStore;
use super::file::sql;
use super::read::{all, number};
use crate::schema::Timestamp;
use crate::store::{Leases, Member, Roll, StoreError};

/// The targets whose leases nobody holds.
pub(super) const VACANT: &str = "SELECT target FROM leases WHERE holder IS NULL";

/// Those of them that a collector took last.
pub(super) const LEFT: &str = "SELECT target FROM leases WHERE holder IS NULL AND taken_by = ?";

/// The leases that a collector holds.
pub(super) const HELD: &str = "SELECT target, token FROM leases WHERE holder = ?";

#[async_trait]
impl Leases for SqliteStore {
    async fn report_in(&self, me: &Member, span: Duration, now: Timestamp) -> Result<Roll, StoreError> {
        let (me, until) = (me.clone(), now.plus(span));
        self.writer.work(move |transaction| report_in(transaction, &me, until)).await
    }

    async fn strike_off(&self, now: Timestamp) -> Result<BTreeSet<String>, StoreError> {
        let strike_off = move |transaction: &Transaction<'_>| {
            transaction
                .prepare_cached("DELETE FROM collectors WHERE until <= ? RETURNING id")?
                .query_map([now.as_millis()], |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()
        };
        self.writer.work(move |transaction| strike_off(transaction).map_err(sql)).await
    }

    async fn leave_roll(&self, id: &str) -> Result<(), StoreError> {
        self.execute("DELETE FROM collectors WHERE id = ?", (id.to_owned(),)).await.map(drop)
    }

    async fn open_leases(&self, targets: &BTreeSet<String>) -> Result<(), StoreError> {
        self.for_each(targets, |transaction, target| {
            transaction
                .prepare_cached("INSERT OR IGNORE INTO leases (target, token) VALUES (?, 0)")?
                .execute([target])
                .map(drop)
        })
        .await
    }

    async fn vacant_leases(&self) -> Result<BTreeSet<String>, StoreError> {
        self.read(move |connection| all(connection, VACANT, [], target)).await.map(BTreeSet::from_iter)
    }

    async fn left_leases(&self, id: &str) -> Result<BTreeSet<String>, StoreError> {
        let id = id.to_owned();
        self.read(move |connection| all(connection, LEFT, [id], target)).await.map(BTreeSet::from_iter)
    }

    async fn take_leases(&self, holder: &str, targets: &BTreeSet<String>) -> Result<BTreeMap<String, u64>, StoreError> {
        let (holder, targets) = (holder.to_owned(), targets.clone());
        self.writer.work(move |transaction| take(transaction, &holder, targets).map_err(sql)).await
    }

    async fn held_leases(&self, holder: &str) -> Result<BTreeMap<String, u64>, StoreError> {
        let holder = holder.to_owned();
        self.read(move |connection| all(connection, HELD, [holder], lease)).await.map(BTreeMap::from_iter)
    }

    async fn give_up_leases(&self, holder: &str, targets: &BTreeSet<String>) -> Result<(), StoreError> {
        let holder = holder.to_owned();
        self.for_each(targets, move |transaction, target| {
            transaction
                .prepare_cached("UPDATE leases SET holder = NULL WHERE target = ? AND holder = ?")?
                .execute([target, &holder])
                .map(drop)
        })
        .await
    }

    async fn close_lease(&self, holder: &str, target: &str) -> Result<(), StoreError> {
        let close = "DELETE FROM leases WHERE target = ? AND holder = ?";
        self.execute(close, (target.to_owned(), holder.to_owned())).await.map(drop)
    }
}

impl SqliteStore {
    /// Does something to the lease of each of these targets, in one transaction.
    async fn for_each(
        &self,
        targets: &BTreeSet<String>,
        work: impl Fn(&Transaction<'_>, &str) -> rusqlite::Result<()> + Send + 'static,
    ) -> Result<(), StoreError> {
        let targets = targets.clone();
        self.writer
            .work(move |transaction| targets.iter().try_for_each(|target| work(transaction, target)).map_err(sql))
            .await
    }
}

fn report_in(transaction: &Transaction<'_>, me: &Member, until: Timestamp) -> Result<Roll, StoreError> {
    let report = || {
        let was_on_it = is_on_roll(transaction, &me.id)?;
        transaction
            .prepare_cached(
                "INSERT INTO collectors (id, load, until) VALUES (?1, ?2, ?3)
                 ON CONFLICT (id) DO UPDATE SET load = ?2, until = ?3",
            )?
            .execute(params![me.id, i64::try_from(me.load).unwrap_or(i64::MAX), until.as_millis()])?;
        Ok(was_on_it)
    };
    let was_on_it = report().map_err(sql)?;
    let members = all(transaction, "SELECT id, load FROM collectors ORDER BY id", [], member)?;
    Ok(Roll { was_on_it, members })
}

fn is_on_roll(transaction: &Transaction<'_>, id: &str) -> rusqlite::Result<bool> {
    transaction.prepare_cached("SELECT 1 FROM collectors WHERE id = ?")?.exists([id])
}

fn take(
    transaction: &Transaction<'_>,
    holder: &str,
    targets: BTreeSet<String>,
) -> rusqlite::Result<BTreeMap<String, u64>> {
    let mut got = BTreeMap::new();
    if !is_on_roll(transaction, holder)? {
        return Ok(got);
    }
    let next = "UPDATE tokens SET last = last + 1 RETURNING last";
    let token: i64 = transaction.prepare_cached(next)?.query_row([], |row| row.get(0))?;
    let mut take = transaction.prepare_cached(
        "UPDATE leases SET holder = ?1, taken_by = ?1, token = ?2
         WHERE target = ?3 AND (holder IS NULL OR holder = ?1)",
    )?;
    // Where the target has none yet, its first commit brings it.
    let mut fence = transaction.prepare_cached("UPDATE health SET fence = ? WHERE target = ?")?;
    for target in targets {
        if take.execute(params![holder, token, target])? == 1 {
            fence.execute(params![token, target])?;
            got.insert(target, token.cast_unsigned());
        }
    }
    Ok(got)
}

/// The token of whoever took the lease of a target last; 0 if nobody did.
pub(super) fn last_token(transaction: &Transaction<'_>, target: &str) -> rusqlite::Result<i64> {
    let select = "SELECT token FROM leases WHERE target = ?";
    let token = transaction.prepare_cached(select)?.query_row([target], |row| row.get(0)).optional()?;
    Ok(token.unwrap_or_default())
}

fn member(row: &Row<'_>) -> Result<Member, StoreError> {
    let id: String = row.get("id").map_err(sql)?;
    Ok(Member { load: number(&|| format!("collector {id}"), row, "load")?, id: id.clone() })
}

fn target(row: &Row<'_>) -> Result<String, StoreError> {
    row.get("target").map_err(sql)
}

fn lease(row: &Row<'_>) -> Result<(String, u64), StoreError> {
    let target: String = row.get("target").map_err(sql)?;
    let token = number(&|| format!("the lease of target {target}"), row, "token")?;
    Ok((target, token))
}
