//! Who was who a few minutes ago.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sha2::{Digest, Sha256};
use unistatus_core::schema::Timestamp;

use super::Identity;

/// For how long it is remembered.
const KEPT: Duration = Duration::from_mins(5);
/// How many are remembered.
const MOST: usize = 10_000;
/// For how long a store that did not answer is not asked by whom a memory serves as well.
const AWAY: Duration = Duration::from_secs(1);

/// What proved who somebody is, so that it cannot be read from memory.
pub(super) type Digested = [u8; 32];

/// The digest of a credential.
pub(super) fn digest(credential: &str) -> Digested {
    Sha256::digest(credential).into()
}

/// Those who proved lately who they are.
#[derive(Debug, Default)]
pub(super) struct Remembered(Mutex<Memory>);

#[derive(Debug, Default)]
struct Memory {
    known: HashMap<Digested, Known>,
    /// Until when the store is not asked again by those who are known.
    away_until: Option<Timestamp>,
}

#[derive(Debug)]
struct Known {
    identity: Identity,
    until: Timestamp,
}

impl Remembered {
    /// Who sent this credential within the last minutes, and was known then.
    pub(super) fn get(&self, credential: &Digested, now: Timestamp) -> Option<Identity> {
        let memory = self.memory();
        memory.known.get(credential).filter(|known| now < known.until).map(|known| known.identity.clone())
    }

    /// Whether the store was away a moment ago.
    pub(super) fn is_away(&self, now: Timestamp) -> bool {
        self.memory().away_until.is_some_and(|until| now < until)
    }

    /// Remembers that the store answers.
    pub(super) fn is_back(&self) {
        self.memory().away_until = None;
    }

    /// Remembers that the store is away.
    pub(super) fn went_away(&self, now: Timestamp) {
        self.memory().away_until = Some(now.plus(AWAY));
    }

    /// Remembers who somebody is, who is that until `end` at the most.
    pub(super) fn keep(&self, credential: Digested, identity: &Identity, end: Option<Timestamp>, now: Timestamp) {
        let mut memory = self.memory();
        if memory.known.len() >= MOST {
            memory.known.retain(|_, known| now < known.until);
        }
        if memory.known.len() >= MOST {
            // Those who are forgotten are looked up.
            memory.known.clear();
        }
        let until = now.plus(KEPT);
        let until = end.map_or(until, |end| end.min(until));
        memory.known.insert(credential, Known { identity: identity.clone(), until });
    }

    /// Forgets who is not that any more.
    pub(super) fn forget(&self, credential: &Digested) {
        self.memory().known.remove(credential);
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
