//! What is to become of a commit, decided once for both backends.

use std::collections::HashSet;

use super::{Change, Commit, Outcome, StoreError};
use crate::schema::{Dimensions, Scalar, Timestamp};

/// What a store has of a commit's target, as far as it decides about the commit.
#[derive(Debug, Default)]
pub(super) struct Standing {
    /// The target's revision; 0 if it is not known.
    pub(super) revision: u64,
    /// The id of the commit that brought the revision that this one would bring, if there was one.
    pub(super) successor: Option<String>,
    /// The token of the last one who took the target's lease; 0 if nobody did.
    pub(super) fence: u64,
    /// The id of the commit that brought the health, and when the target was asked for it.
    pub(super) health: Option<(String, Timestamp)>,
}

/// What is to become of a commit.
#[derive(Debug)]
pub(super) enum Verdict {
    /// It is to be written.
    Write,
    /// It is answered without a write.
    Answer(Result<Outcome, StoreError>),
}

impl Standing {
    /// Decides about a commit.
    pub(super) fn judge(self, commit: &Commit) -> Verdict {
        let written_before = match (&commit.change, &self.health) {
            (Some(_), _) => self.successor.is_some_and(|id| id == commit.id),
            (None, Some((id, _))) => *id == commit.id,
            (None, None) => false,
        };
        if written_before {
            return Verdict::Answer(Ok(Outcome::AlreadyApplied));
        }
        if commit.fence.is_some_and(|token| token < self.fence) {
            return Verdict::Answer(Err(StoreError::Fenced { target: commit.target.clone() }));
        }
        if self.revision != commit.base {
            return Verdict::Answer(Err(StoreError::Conflict {
                target: commit.target.clone(),
                expected: commit.base,
                found: self.revision,
            }));
        }
        if commit.change.is_some() {
            return Verdict::Write;
        }
        match self.health {
            None => Verdict::Answer(Err(StoreError::invalid(
                &commit.target,
                "it is the target's first one and names no services",
            ))),
            Some((_, known)) if known > commit.health.last_attempt => Verdict::Answer(Ok(Outcome::AlreadyApplied)),
            Some(_) => Verdict::Write,
        }
    }
}

impl Commit {
    /// Refuses what contradicts itself, before anything of it is written.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        let invalid = |message: String| Err(StoreError::invalid(&self.target, message));
        // Neither database counts further than this.
        if i64::try_from(self.base).map_or(true, |base| base == i64::MAX) {
            return invalid(format!("no target has the revision {}", self.base));
        }
        if self.fence.is_some_and(|token| i64::try_from(token).is_err()) {
            return invalid("no lease has such a token".to_owned());
        }
        let health = &self.health;
        if [health.interval_ms, health.duration_ms, health.bytes].iter().any(|&number| i64::try_from(number).is_err()) {
            return invalid("its health has a number beyond 64 bits with sign".to_owned());
        }
        if self.gap.is_some_and(|gap| gap.until <= gap.from) {
            return invalid("its gap does not end after its beginning".to_owned());
        }
        match self.change.as_ref().and_then(|change| change.flaw(&self.target, self.revision())) {
            Some(flaw) => invalid(flaw),
            None => Ok(()),
        }
    }
}

impl Change {
    /// What is wrong with the change as one that brings this revision of this target.
    fn flaw(&self, target: &str, revision: u64) -> Option<String> {
        if self.retired && !self.services.is_empty() {
            return Some("it retires the target and yet names services".to_owned());
        }
        let mut keys = HashSet::with_capacity(self.events.len());
        for event in &self.events {
            if event.target != target || event.revision != revision {
                let (target, revision) = (&event.target, event.revision);
                return Some(format!("an event belongs to revision {revision} of target {target}"));
            }
            if !keys.insert(event.key.as_str()) {
                return Some(format!("it has two events of service {}", event.key));
            }
        }
        let services = self.services.iter().map(|service| &service.dimensions);
        let mut dimensions =
            services.chain(self.events.iter().map(|event| &event.dimensions)).flat_map(Dimensions::iter);
        dimensions.find_map(|(name, value)| match value {
            Scalar::Float(float) if !float.is_finite() => {
                Some(format!("dimension {name} is {float}, no finite number"))
            }
            _ if name.contains('\0') => Some(format!("the name of dimension {name:?} contains a NUL character")),
            _ => None,
        })
    }
}
