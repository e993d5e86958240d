//! All that the file keeps, page by page, and how it is written to another file.

use async_trait::async_trait;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params, params_from_iter};

use super::SqliteStore;
use super::accounts::{KEYS, SESSIONS, USERS, key, session, user};
use super::checks::{check, put_rollup, record, rollup};
use super::file::sql;
use super::find::Question;
use super::read::{EVENT, all, at_one_moment, incident, number, state, time};
use super::reports::report;
use super::servers::{SERVERS, server};
use super::templates::{TEMPLATES, template};
use super::window::{gap, period};
use super::write::{add_event, next_change_number, put_gap, put_health, put_state, write_incident};
use crate::schema::{ProbeId, Timestamp};
use crate::store::transfer::{
    AppliedCommit, Entry, EntryId, Export, Import, KeptTarget, Origin, Part, Revision, Setting, TargetGap, by_revision,
};
use crate::store::{Period, SIGNING_KEY, StoreError, TargetIncident};

/// Where it is noted, beside the settings, what the file is a copy of.
const ORIGIN: &str = "origin";

const STATES: &str = "SELECT name, endpoint, type, about, revision, retired, services, health, commit_id, fence
     FROM targets JOIN health ON target = name";

/// The events of a revision, in their order.
const OF_REVISION: &str = "WHERE target = ? AND revision = ? ORDER BY at, seq";

const CHECKS_BEHIND: &str = "SELECT at, status, latency, sent, lost FROM checks
     WHERE probe = (SELECT number FROM probes WHERE name = ?) AND at > ? ORDER BY at LIMIT ?";

const ROLLUPS_BEHIND: &str = "SELECT hour, checks, outages, sent, lost, latency, classes FROM rollups
     WHERE probe = (SELECT number FROM probes WHERE name = ?) AND hour > ? ORDER BY hour LIMIT ?";

/// The probe behind a name.
const NEXT_PROBE: &str = "SELECT min(name) FROM probes WHERE name > ?";
const FIRST_PROBE: &str = "SELECT min(name) FROM probes";

#[async_trait]
impl Export for SqliteStore {
    fn location(&self) -> String {
        self.file.location()
    }

    async fn entries(&self, part: Part, behind: Option<&EntryId>, limit: usize) -> Result<Vec<Entry>, StoreError> {
        let behind = behind.cloned();
        self.read(move |connection| {
            let page = Page { behind: behind.as_ref(), limit };
            at_one_moment(connection, |connection| page.read(connection, part))
        })
        .await
    }

    async fn count(&self, part: Part) -> Result<u64, StoreError> {
        let table = match part {
            Part::Targets => "targets",
            Part::Commits => "commits",
            Part::Events => "events",
            Part::Incidents => "incidents",
            Part::Gaps => "gaps",
            Part::Servers => "servers",
            Part::Rollups => "rollups",
            Part::Checks => "checks",
            Part::Users => "users",
            Part::Keys => "keys",
            Part::Sessions => "sessions",
            Part::Settings => return self.entries(part, None, usize::MAX).await.map(|all| all.len() as u64),
            Part::Templates => "templates",
            Part::Reports => "reports",
        };
        let count = format!("SELECT count(*) FROM {table}");
        let rows: i64 = self.read(move |file| file.query_row(&count, [], |row| row.get(0)).map_err(sql)).await?;
        Ok(rows.cast_unsigned())
    }

    async fn living_collectors(&self, now: Timestamp) -> Result<Vec<String>, StoreError> {
        let living = "SELECT id FROM collectors WHERE until > ? ORDER BY id";
        let id = |row: &Row<'_>| row.get("id").map_err(sql);
        self.read(move |connection| all(connection, living, [now.as_millis()], id)).await
    }

    async fn origin(&self) -> Result<Option<Origin>, StoreError> {
        let Some(value) = self.read(|connection| setting(connection, ORIGIN)).await? else { return Ok(None) };
        serde_json::from_slice(&value)
            .map(Some)
            .map_err(|error| StoreError::corrupt("what the file is a copy of", error))
    }
}

#[async_trait]
impl Import for SqliteStore {
    async fn put(&self, entries: Vec<Entry>) -> Result<(), StoreError> {
        self.writer.work(move |transaction| entries.iter().try_for_each(|entry| put(transaction, entry))).await
    }

    async fn set_origin(&self, origin: &Origin) -> Result<(), StoreError> {
        let value = serde_json::to_vec(origin).map_err(|error| StoreError::corrupt("the source's location", error))?;
        self.writer.work(move |transaction| set(transaction, ORIGIN, &value)).await
    }
}

/// The columns that an [`EntryId`] is kept in.
#[derive(Clone, Copy)]
enum Columns {
    /// Its name alone.
    Name(&'static str),
    /// Its name and its number.
    Number(&'static str),
    /// Its name and its detail.
    Detail(&'static str),
}

impl Columns {
    /// The order of the ids.
    const fn order(self) -> &'static str {
        match self {
            Self::Name(columns) | Self::Number(columns) | Self::Detail(columns) => columns,
        }
    }
}

const NAME: Columns = Columns::Name("name");
const ID: Columns = Columns::Name("id");

/// Which entries of a part are asked for.
struct Page<'a> {
    behind: Option<&'a EntryId>,
    limit: usize,
}

impl Page<'_> {
    fn read(&self, connection: &Connection, part: Part) -> Result<Vec<Entry>, StoreError> {
        match part {
            Part::Targets => self.select(connection, STATES, NAME, |row| kept_target(row).map(Entry::Target)),
            Part::Commits => {
                let select = "SELECT target, revision, id, at FROM commits";
                self.select(connection, select, Columns::Number("target, revision"), |row| {
                    applied_commit(row).map(Entry::Commit)
                })
            }
            Part::Events => self.revisions(connection),
            Part::Incidents => {
                let select = "SELECT target, key, incident FROM incidents";
                self.select(connection, select, Columns::Detail("target, key"), |row| {
                    target_incident(row).map(Entry::Incident)
                })
            }
            Part::Gaps => {
                let select = "SELECT target, from_at, until_at FROM gaps";
                self.select(connection, select, Columns::Number("target, from_at"), |row| {
                    gap(row).map(|(target, gap)| Entry::Gap(TargetGap { target, gap }))
                })
            }
            Part::Servers => self.select(connection, SERVERS, NAME, |row| server(row).map(Entry::Server)),
            Part::Rollups => {
                self.of_probes(connection, ROLLUPS_BEHIND, |probe, row| rollup(probe, row).map(Entry::Rollup))
            }
            Part::Checks => self.of_probes(connection, CHECKS_BEHIND, |probe, row| check(probe, row).map(Entry::Check)),
            Part::Users => self.select(connection, USERS, NAME, |row| user(row).map(Entry::User)),
            Part::Keys => self.select(connection, KEYS, ID, |row| key(row).map(Box::new).map(Entry::Key)),
            Part::Sessions => self.select(connection, SESSIONS, ID, |row| session(row).map(Entry::Session)),
            Part::Settings => self.settings(connection),
            Part::Templates => {
                self.select(connection, TEMPLATES, ID, |row| template(row).map(Box::new).map(Entry::Template))
            }
            Part::Reports => {
                let select = "SELECT id, created_at, query, body FROM reports";
                self.select(connection, select, ID, |row| report(row).map(Entry::Report))
            }
        }
    }

    /// What a statement selects, in the order of these columns.
    fn select<T>(
        &self,
        connection: &Connection,
        select: &str,
        columns: Columns,
        read: impl Fn(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let Question { statement, values } = self.question(select, columns, columns.order());
        all(connection, &statement, params_from_iter(values), read)
    }

    /// The question for what is behind, by these columns, in an order that begins with them.
    fn question(&self, select: &str, columns: Columns, order: &str) -> Question {
        let mut question = Question::new(select);
        if let Some(EntryId { name, number, detail }) = self.behind.cloned() {
            let name = Value::from(name);
            match columns {
                Columns::Name(column) => question.and(&format!("{column} > ?"), [name]),
                Columns::Number(columns) => question.and(&format!("({columns}) > (?, ?)"), [name, number.into()]),
                Columns::Detail(columns) => question.and(&format!("({columns}) > (?, ?)"), [name, detail.into()]),
            }
        }
        let mut question = question.ordered(&format!("{order} LIMIT ?"));
        question.values.push(Value::from(i64::try_from(self.limit).unwrap_or(i64::MAX)));
        question
    }

    /// The revisions, the last one whole.
    fn revisions(&self, connection: &Connection) -> Result<Vec<Entry>, StoreError> {
        let Question { statement, values } = self.about_revisions();
        let mut periods: Vec<Period> = all(connection, &statement, params_from_iter(values), period)?;
        if periods.len() == self.limit
            && let Some(last) = periods.last().map(|period| period.event.clone())
        {
            periods.retain(|Period { event, .. }| event.target != last.target || event.revision != last.revision);
            let revision = params![last.target, last.revision.cast_signed()];
            periods.extend(all(connection, &format!("{EVENT} {OF_REVISION}"), revision, period)?);
        }
        Ok(by_revision(periods))
    }

    fn about_revisions(&self) -> Question {
        self.question(EVENT, Columns::Number("target, revision"), "target, revision, at, seq")
    }

    /// What a statement selects for each probe, by the name of the probe and a time behind which it begins.
    fn of_probes(
        &self,
        connection: &Connection,
        select: &str,
        read: impl Fn(&ProbeId, &Row<'_>) -> Result<Entry, StoreError>,
    ) -> Result<Vec<Entry>, StoreError> {
        let mut found = Vec::new();
        let mut next = match self.behind {
            Some(EntryId { name, number, .. }) => Some((name.clone(), *number)),
            None => probe_behind(connection, None)?,
        };
        while let Some((name, time)) = next
            && found.len() < self.limit
        {
            let probe = ProbeId::kept_as(&name);
            let missing = i64::try_from(self.limit - found.len()).unwrap_or(i64::MAX);
            found.extend(all(connection, select, params![name, time, missing], |row| read(&probe, row))?);
            next = probe_behind(connection, Some(&name))?;
        }
        Ok(found)
    }

    fn settings(&self, connection: &Connection) -> Result<Vec<Entry>, StoreError> {
        let last: i64 = connection.query_row("SELECT max(last) FROM tokens", [], |row| row.get(0)).map_err(sql)?;
        let token = (last > 0).then(|| Setting::LastToken(last.cast_unsigned()));
        let signing_key = setting(connection, SIGNING_KEY)?.map(Setting::SigningKey);
        let settings = token.into_iter().chain(signing_key).map(Entry::Setting);
        Ok(settings.filter(|entry| self.behind.is_none_or(|behind| entry.id() > *behind)).take(self.limit).collect())
    }
}

/// The first probe behind a name, and a time before all times.
fn probe_behind(connection: &Connection, name: Option<&str>) -> Result<Option<(String, i64)>, StoreError> {
    let name: Option<String> = match name {
        Some(name) => connection.prepare_cached(NEXT_PROBE).and_then(|mut ask| ask.query_row([name], |row| row.get(0))),
        None => connection.prepare_cached(FIRST_PROBE).and_then(|mut ask| ask.query_row([], |row| row.get(0))),
    }
    .map_err(sql)?;
    Ok(name.map(|name| (name, i64::MIN)))
}

fn setting(connection: &Connection, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let ask = "SELECT value FROM settings WHERE name = ?";
    connection.query_row(ask, [name], |row| row.get(0)).optional().map_err(sql)
}

fn set(transaction: &Transaction<'_>, name: &str, value: &[u8]) -> Result<(), StoreError> {
    let keep = "INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)";
    transaction.execute(keep, params![name, value]).map(drop).map_err(sql)
}

fn kept_target(row: &Row<'_>) -> Result<Box<KeptTarget>, StoreError> {
    let state = state(row)?;
    let fence = number(&|| format!("the health of target {}", state.name), row, "fence")?;
    Ok(Box::new(KeptTarget { state, commit: row.get("commit_id").map_err(sql)?, fence }))
}

fn applied_commit(row: &Row<'_>) -> Result<AppliedCommit, StoreError> {
    let target: String = row.get("target").map_err(sql)?;
    let what = || format!("a commit of target {target}");
    Ok(AppliedCommit {
        revision: number(&what, row, "revision")?,
        id: row.get("id").map_err(sql)?,
        at: time(&what, row, "at")?,
        target: target.clone(),
    })
}

fn target_incident(row: &Row<'_>) -> Result<Box<TargetIncident>, StoreError> {
    let target: String = row.get("target").map_err(sql)?;
    let incident = incident(&target, row)?;
    Ok(Box::new(TargetIncident { target, incident }))
}

/// Writes an entry in the place of the one of its id.
fn put(transaction: &Transaction<'_>, entry: &Entry) -> Result<(), StoreError> {
    let run = |statement: &str, values: &[&dyn rusqlite::ToSql]| {
        transaction.prepare_cached(statement).and_then(|mut statement| statement.execute(values)).map(drop).map_err(sql)
    };
    match entry {
        Entry::Target(target) => put_target(transaction, target),
        Entry::Commit(AppliedCommit { target, revision, id, at }) => run(
            "INSERT OR REPLACE INTO commits (target, revision, id, at) VALUES (?, ?, ?, ?)",
            &[target, &revision.cast_signed(), id, &at.as_millis()],
        ),
        Entry::Revision(revision) => put_revision(transaction, revision),
        Entry::Incident(told) => write_incident(transaction, &told.target, &told.incident),
        Entry::Gap(TargetGap { target, gap }) => put_gap(transaction, target, *gap),
        Entry::Server(server) => run(
            "INSERT OR REPLACE INTO servers (name, id, address, added_at) VALUES (?, ?, ?, ?)",
            &[&server.name, &server.id, &server.address.to_string(), &server.added_at.as_millis()],
        ),
        Entry::Rollup(rollup) => put_rollup(transaction, rollup),
        Entry::Check(check) => record(transaction, std::slice::from_ref(check)),
        Entry::User(user) => run(
            "INSERT OR REPLACE INTO users (name, scope, password, created_at) VALUES (?, ?, ?, ?)",
            &[&user.name, &user.scope.as_str(), &user.password, &user.created_at.as_millis()],
        ),
        Entry::Key(key) => {
            let [expires_at, last_used_at, revoked_at] =
                [key.expires_at, key.last_used_at, key.revoked_at].map(|instant| instant.map(Timestamp::as_millis));
            let created_at = key.created_at.as_millis();
            run(
                "INSERT OR REPLACE INTO keys (id, name, scope, hash, created_at, expires_at, last_used_at, revoked_at)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                &[
                    &key.id,
                    &key.name,
                    &key.scope.as_str(),
                    &key.hash,
                    &created_at,
                    &expires_at,
                    &last_used_at,
                    &revoked_at,
                ],
            )
        }
        Entry::Session(session) => run(
            "INSERT OR REPLACE INTO sessions (id, user, expires_at) VALUES (?, ?, ?)",
            &[&session.id, &session.user, &session.expires_at.as_millis()],
        ),
        Entry::Setting(Setting::LastToken(last)) => run("UPDATE tokens SET last = ?", &[&last.cast_signed()]),
        Entry::Setting(Setting::SigningKey(key)) => set(transaction, SIGNING_KEY, key),
        Entry::Template(template) => run(
            "INSERT OR REPLACE INTO templates (id, name, description, created_at, modified_at, revision, content)
             VALUES (?, ?, ?, ?, ?, ?, ?)",
            &[
                &template.id,
                &template.name,
                &template.description,
                &template.created_at.as_millis(),
                &template.modified_at.as_millis(),
                &template.revision.cast_signed(),
                &template.content,
            ],
        ),
        Entry::Report(report) => run(
            "INSERT OR REPLACE INTO reports (id, created_at, query, body) VALUES (?, ?, ?, ?)",
            &[&report.id, &report.created_at.as_millis(), &report.query, &report.body.as_ref()],
        ),
    }
}

fn put_target(transaction: &Transaction<'_>, target: &KeptTarget) -> Result<(), StoreError> {
    let KeptTarget { state, commit, fence } = target;
    put_state(transaction, &state.name, state.revision, &target.change())?;
    let change_number = next_change_number(transaction).map_err(sql)?;
    put_health(transaction, change_number, (&state.name, commit, &state.health), *fence)
}

/// Writes the events of a revision, under numbers that no place of an older file has: they begin with the microseconds
/// since the epoch, and no file ever had as many events. What was before them is forgotten, so a place that another file
/// gave is not known here.
fn put_revision(
    transaction: &Transaction<'_>,
    Revision { target, revision, periods }: &Revision,
) -> Result<(), StoreError> {
    let next = || -> rusqlite::Result<i64> {
        transaction
            .prepare_cached("DELETE FROM events WHERE target = ? AND revision = ?")?
            .execute(params![target, revision.cast_signed()])?;
        let last: i64 = transaction.query_row("SELECT coalesce(max(seq), 0) FROM events", [], |row| row.get(0))?;
        Ok(last.max(Timestamp::now().as_millis().saturating_mul(1000)) + 1)
    };
    let mut last = 0;
    for (number, Period { event, until }) in (next().map_err(sql)?..).zip(periods) {
        add_event(transaction, Some(number), event, *until)?;
        last = number;
    }
    let forget = "UPDATE forgotten SET seq = max(seq, ?)";
    transaction.prepare_cached(forget).and_then(|mut forget| forget.execute([last])).map(drop).map_err(sql)
}
