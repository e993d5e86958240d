//! When keys were last used: written down to the minute, and beside the requests.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use unistatus_core::access::Key;
use unistatus_core::schema::Timestamp;

/// How often a use is written down at the most.
const EACH: Duration = Duration::from_mins(1);

/// The uses that are to be written down.
#[derive(Debug, Default)]
pub(super) struct Usage {
    uses: Mutex<Uses>,
    noted: Notify,
}

#[derive(Debug, Default)]
struct Uses {
    /// When the use of a key was last noted. Only keys that are accepted are here, and only those of the last minute.
    noted: HashMap<String, Timestamp>,
    waiting: Vec<(String, Timestamp)>,
}

impl Usage {
    /// Notes that a key is used.
    pub(super) fn note(&self, key: &Key, now: Timestamp) {
        let is_recent = |at: Timestamp| at.until(now) < EACH && at <= now;
        if key.last_used_at.is_some_and(is_recent) {
            return;
        }
        let mut uses = self.uses();
        if uses.noted.get(&key.id).is_some_and(|&at| is_recent(at)) {
            return;
        }
        uses.noted.retain(|_, at| is_recent(*at));
        uses.noted.insert(key.id.clone(), now);
        uses.waiting.push((key.id.clone(), now));
        drop(uses);
        self.noted.notify_one();
    }

    /// Waits for uses that are to be written down, and takes them.
    pub(super) async fn next(&self) -> Vec<(String, Timestamp)> {
        loop {
            let waiting = std::mem::take(&mut self.uses().waiting);
            if !waiting.is_empty() {
                return waiting;
            }
            self.noted.notified().await;
        }
    }

    fn uses(&self) -> MutexGuard<'_, Uses> {
        self.uses.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use unistatus_core::access::{NewKey, Scope};

    use super::*;

    #[tokio::test]
    async fn a_key_is_noted_once_a_minute() {
        let now = Timestamp::from_secs(1_800_000_000).unwrap();
        let (first, second) = [0, 1].map(|_| NewKey::create("ci", Scope::Read, None, now).unwrap().key).into();
        let usage = Usage::default();
        for (key, secs) in [(&first, 0), (&first, 30), (&second, 30), (&first, 59), (&first, 60)] {
            usage.note(key, now.plus(Duration::from_secs(secs)));
        }
        let uses = usage.next().await;
        let wanted = [(&first, 0), (&second, 30), (&first, 60)];
        assert_eq!(uses, wanted.map(|(key, secs)| (key.id.clone(), now.plus(Duration::from_secs(secs)))));

        let elsewhere = Key { last_used_at: Some(now.plus(Duration::from_secs(110))), ..first.clone() };
        usage.note(&elsewhere, now.plus(Duration::from_secs(121)));
        usage.note(&first, now.plus(Duration::from_secs(125)));
        assert_eq!(usage.next().await.len(), 1, "another server had written the first one down");
    }
}
