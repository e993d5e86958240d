//! What a store in memory keeps beside the state: checks, servers, and who may do what.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::time::Duration;

use async_trait::async_trait;
use unistatus_core::access::{Key, Scope, Session, User, is_admin_left};
use unistatus_core::schema::{Check, ProbeId, Server, Timestamp};
use unistatus_core::store::{Accounts, CheckQuery, Checks, Replaced, Retention, Rollup, Servers, StoreError, Turns};

use super::MemoryStore;
use super::templates::Papers;

/// What is kept.
#[derive(Debug, Default)]
pub(super) struct Kept {
    pub(super) checks: BTreeMap<(ProbeId, Timestamp), Check>,
    pub(super) servers: BTreeMap<String, Server>,
    turns: BTreeMap<String, (String, Timestamp)>,
    pub(super) keys: BTreeMap<String, Key>,
    pub(super) users: BTreeMap<String, User>,
    pub(super) sessions: BTreeMap<String, Session>,
    pub(super) papers: Papers,
    signing_key: Option<Vec<u8>>,
    /// How many uses of keys were written down.
    pub(super) uses: usize,
    /// Who is removed just before their next session begins, as another server may do.
    pub(super) removed_meanwhile: Option<String>,
    /// Who is given another scope just before they are next replaced, as another server may do.
    pub(super) promoted_meanwhile: Option<String>,
}

#[async_trait]
impl Checks for MemoryStore {
    async fn record(&self, checks: &[Check]) -> Result<(), StoreError> {
        let mut content = self.open()?;
        for check in checks {
            content.kept.checks.insert((check.probe.clone(), check.at), check.clone());
        }
        Ok(())
    }

    async fn checks(&self, query: &CheckQuery) -> Result<Vec<Check>, StoreError> {
        let whole: RangeInclusive<_> = (query.probe.clone(), Timestamp::from_millis(i64::MIN / 1_000_000).unwrap())
            ..=(query.probe.clone(), Timestamp::from_millis(i64::MAX / 1_000_000).unwrap());
        let content = self.open()?;
        let checks = content.kept.checks.range(whole).rev().map(|(_, check)| check);
        let checks = checks
            .filter(|check| query.from.is_none_or(|from| check.at >= from))
            .filter(|check| query.until.is_none_or(|until| check.at < until));
        let limit = query.limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap());
        Ok(checks.take(limit).cloned().collect())
    }

    async fn put_rollups(&self, _: &[Rollup]) -> Result<(), StoreError> {
        self.open().map(drop)
    }

    async fn rollups(&self, _: &ProbeId, _: Timestamp, _: Timestamp) -> Result<Vec<Rollup>, StoreError> {
        self.open().map(|_| Vec::new())
    }

    async fn last_rollup(&self, _: &ProbeId) -> Result<Option<Timestamp>, StoreError> {
        self.open().map(|_| None)
    }

    async fn retain_checks(&self, _: Retention, _: Retention, _: Timestamp) -> Result<(), StoreError> {
        self.open().map(drop)
    }
}

unistatus_core::store_without_leases!(MemoryStore);

#[async_trait]
impl Turns for MemoryStore {
    async fn take_turn(&self, target: &str, holder: &str, span: Duration, now: Timestamp) -> Result<bool, StoreError> {
        let mut content = self.open()?;
        let turns = &mut content.kept.turns;
        let is_free = turns.get(target).is_none_or(|(other, until)| other == holder || *until <= now);
        if is_free {
            turns.insert(target.to_owned(), (holder.to_owned(), now.plus(span)));
        }
        Ok(is_free)
    }

    async fn end_turn(&self, target: &str, holder: &str) -> Result<(), StoreError> {
        self.open()?.kept.turns.retain(|taken, (other, _)| taken != target || other != holder);
        Ok(())
    }
}

#[async_trait]
impl Servers for MemoryStore {
    async fn servers(&self) -> Result<Vec<Server>, StoreError> {
        Ok(self.open()?.kept.servers.values().cloned().collect())
    }

    async fn server(&self, name: &str) -> Result<Option<Server>, StoreError> {
        Ok(self.open()?.kept.servers.get(name).cloned())
    }

    async fn add_server(&self, server: &Server) -> Result<bool, StoreError> {
        let mut content = self.open()?;
        let is_new = !content.kept.servers.contains_key(&server.name);
        if is_new {
            content.kept.servers.insert(server.name.clone(), server.clone());
        }
        Ok(is_new)
    }

    async fn move_server(&self, name: &str, address: IpAddr) -> Result<bool, StoreError> {
        let mut content = self.open()?;
        let server = content.kept.servers.get_mut(name);
        Ok(server.map(|server| server.address = address).is_some())
    }

    async fn remove_server(&self, name: &str) -> Result<bool, StoreError> {
        let mut content = self.open()?;
        let Some(server) = content.kept.servers.remove(name) else { return Ok(false) };
        let removed = ProbeId::of_server(&server.id);
        content.kept.checks.retain(|(probe, _), _| *probe != removed);
        Ok(true)
    }
}

#[async_trait]
impl Accounts for MemoryStore {
    async fn add_key(&self, key: &Key) -> Result<bool, StoreError> {
        Ok(self.open()?.kept.keys.insert(key.id.clone(), key.clone()).is_none())
    }

    async fn keys(&self) -> Result<Vec<Key>, StoreError> {
        let mut keys: Vec<Key> = self.open()?.kept.keys.values().cloned().collect();
        keys.sort_by_key(|key| (key.created_at, key.id.clone()));
        Ok(keys)
    }

    async fn key(&self, id: &str) -> Result<Option<Key>, StoreError> {
        Ok(self.open()?.kept.keys.get(id).cloned())
    }

    async fn revoke_key(&self, id: &str, at: Timestamp) -> Result<bool, StoreError> {
        let mut content = self.open()?;
        let key = content.kept.keys.get_mut(id);
        Ok(key.map(|key| key.revoked_at = key.revoked_at.or(Some(at))).is_some())
    }

    async fn key_used(&self, id: &str, at: Timestamp) -> Result<(), StoreError> {
        let mut content = self.open()?;
        content.kept.uses += 1;
        if let Some(key) = content.kept.keys.get_mut(id) {
            key.last_used_at = key.last_used_at.max(Some(at));
        }
        Ok(())
    }

    async fn add_user(&self, user: &User) -> Result<bool, StoreError> {
        let mut content = self.open()?;
        let is_new = !content.kept.users.contains_key(&user.name);
        if is_new {
            content.kept.users.insert(user.name.clone(), user.clone());
        }
        Ok(is_new)
    }

    async fn users(&self) -> Result<Vec<User>, StoreError> {
        Ok(self.open()?.kept.users.values().cloned().collect())
    }

    async fn user(&self, name: &str) -> Result<Option<User>, StoreError> {
        Ok(self.open()?.kept.users.get(name).cloned())
    }

    async fn replace_user(&self, was: &User, user: Option<&User>, now: Timestamp) -> Result<Replaced, StoreError> {
        let mut content = self.open()?;
        let Kept { users, keys, sessions, promoted_meanwhile, .. } = &mut content.kept;
        if let Some(name) = promoted_meanwhile.take() {
            users.get_mut(&name).unwrap().scope = Scope::Write;
            sessions.retain(|_, session| session.user != name);
        }
        if users.get(&was.name) != Some(was) {
            return Ok(Replaced::Otherwise);
        }
        let keys: Vec<Key> = keys.values().cloned().collect();
        let others = users.values().filter(|other| other.name != was.name);
        if was.scope == Scope::Admin && !is_admin_left(others.chain(user), &keys, now) {
            return Ok(Replaced::LastAdmin);
        }
        users.remove(&was.name);
        users.extend(user.map(|user| (user.name.clone(), user.clone())));
        sessions.retain(|_, session| session.user != was.name);
        Ok(Replaced::Done)
    }

    async fn begin_session(&self, session: &Session, user: &User, now: Timestamp) -> Result<bool, StoreError> {
        let mut content = self.open()?;
        content.kept.sessions.retain(|_, session| session.expires_at > now);
        if let Some(name) = content.kept.removed_meanwhile.take() {
            content.kept.users.remove(&name);
            content.kept.sessions.retain(|_, session| session.user != name);
        }
        if content.kept.users.get(&user.name) != Some(user) {
            return Ok(false);
        }
        content.kept.sessions.insert(session.id.clone(), session.clone());
        Ok(true)
    }

    async fn session(&self, id: &str) -> Result<Option<Session>, StoreError> {
        Ok(self.open()?.kept.sessions.get(id).cloned())
    }

    async fn end_session(&self, id: &str) -> Result<(), StoreError> {
        self.open()?.kept.sessions.remove(id);
        Ok(())
    }

    async fn signing_key(&self, fresh: &[u8]) -> Result<Vec<u8>, StoreError> {
        Ok(self.open()?.kept.signing_key.get_or_insert_with(|| fresh.to_vec()).clone())
    }
}
