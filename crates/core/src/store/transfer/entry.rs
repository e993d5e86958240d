//! The entries that a store is told as.

use std::collections::HashSet;
use std::fmt;
use std::time::Duration;

use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};

use super::super::{Change, Period, Report, Rollup, StoreError, TargetIncident, TargetState};
use crate::access::{Key, Session, User};
use crate::schema::{Check, Gap, Server, Timestamp};
use crate::template::Template;

/// A session that ends sooner than this is left behind: it may be over, and forgotten by one of the two stores, before
/// they are compared.
const SOON: Duration = Duration::from_mins(5);

/// A part of what a store keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// The targets as they are now, the retired ones too.
    Targets,
    /// Which commit brought which revision.
    Commits,
    /// The events, by revision.
    Events,
    /// The incidents.
    Incidents,
    /// The times of which nothing is known.
    Gaps,
    /// The servers that were added.
    Servers,
    /// The checks summed up.
    Rollups,
    /// What probes measured.
    Checks,
    /// Who logs in.
    Users,
    /// The API keys.
    Keys,
    /// The logins that go on.
    Sessions,
    /// What all programs on the database share.
    Settings,
    /// The templates of messages.
    Templates,
    /// The reports that are kept.
    Reports,
}

impl Part {
    /// All parts, in the order in which they are written.
    pub const ALL: [Self; 14] = [
        Self::Targets,
        Self::Commits,
        Self::Events,
        Self::Incidents,
        Self::Gaps,
        Self::Servers,
        Self::Rollups,
        Self::Checks,
        Self::Users,
        Self::Keys,
        Self::Sessions,
        Self::Settings,
        Self::Templates,
        Self::Reports,
    ];

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Targets => "targets",
            Self::Commits => "commits",
            Self::Events => "events",
            Self::Incidents => "incidents",
            Self::Gaps => "gaps",
            Self::Servers => "servers",
            Self::Rollups => "roll-ups",
            Self::Checks => "checks",
            Self::Users => "users",
            Self::Keys => "keys",
            Self::Sessions => "sessions",
            Self::Settings => "settings",
            Self::Templates => "templates",
            Self::Reports => "reports",
        }
    }

    /// How many entries are held in memory at a time: a target may have thousands of services, a report megabytes.
    pub(super) const fn page(self) -> usize {
        match self {
            Self::Reports => 2,
            Self::Targets => 16,
            Self::Checks => 5000,
            _ => 1000,
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What identifies an entry inside its part, and where it stands there: by name, then by number, then by detail
/// (bytewise).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EntryId {
    /// The name of the target, of the probe or of the entry itself.
    pub name: String,
    /// The revision, or the milliseconds of an instant; else 0.
    pub number: i64,
    /// The key of an incident; else nothing.
    pub detail: String,
}

/// A target, and what stands beside its state.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct KeptTarget {
    /// Its state.
    pub state: TargetState,
    /// The id of the commit that brought its health.
    pub commit: String,
    /// The token of whoever took its lease last; 0 if nobody did.
    pub fence: u64,
}

impl KeptTarget {
    /// The change that leads to its state.
    pub(in crate::store) fn change(&self) -> Change {
        let TargetState { endpoint, kind, about, services, retired, .. } = self.state.clone();
        Change { endpoint, kind, about, services, events: Vec::new(), incidents: Vec::new(), retired }
    }
}

/// Which commit brought a revision.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AppliedCommit {
    /// The target.
    pub target: String,
    /// The revision.
    pub revision: u64,
    /// The commit's id.
    pub id: String,
    /// From when on its age counts.
    pub at: Timestamp,
}

/// The events that a revision brought, as far as they are kept, in their order.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Revision {
    /// The target.
    pub target: String,
    /// The revision.
    pub revision: u64,
    /// Its events, each with the end of its status.
    pub periods: Vec<Period>,
}

impl Revision {
    /// The same without what another store has forgotten of it.
    fn without_forgotten(mut self, left: &Self) -> Self {
        let is_of = |Period { event, .. }: &Period| (event.key.clone(), event.at);
        let left: HashSet<(String, Timestamp)> = left.periods.iter().map(is_of).collect();
        self.periods.retain(|period| period.until.is_none() || left.contains(&is_of(period)));
        self
    }
}

/// The revisions that these events make, which are in their order.
pub(in crate::store) fn by_revision(periods: Vec<Period>) -> Vec<Entry> {
    let mut revisions: Vec<Revision> = Vec::new();
    for period in periods {
        let (target, revision) = (&period.event.target, period.event.revision);
        match revisions.last_mut() {
            Some(last) if last.target == *target && last.revision == revision => last.periods.push(period),
            _ => revisions.push(Revision { target: target.clone(), revision, periods: vec![period] }),
        }
    }
    revisions.into_iter().map(Entry::Revision).collect()
}

/// A gap, and whose it is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TargetGap {
    /// The target.
    pub target: String,
    /// The gap.
    pub gap: Gap,
}

/// What all programs on a database share.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub enum Setting {
    /// The last token that was given with a lease, above 0.
    LastToken(u64),
    /// The key that tokens are signed with.
    SigningKey(Vec<u8>),
}

impl Setting {
    /// Its name.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::LastToken(_) => "lastToken",
            Self::SigningKey(_) => "signingKey",
        }
    }
}

/// Does not show the key.
impl fmt::Debug for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One thing that a store keeps.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[expect(missing_docs, reason = "each is what its value is")]
pub enum Entry {
    Target(Box<KeptTarget>),
    Commit(AppliedCommit),
    Revision(Revision),
    Incident(Box<TargetIncident>),
    Gap(TargetGap),
    Server(Server),
    Rollup(Rollup),
    Check(Check),
    User(User),
    Key(Box<Key>),
    Session(Session),
    Setting(Setting),
    Template(Box<Template>),
    Report(#[serde(serialize_with = "digested")] Report),
}

impl Entry {
    /// What identifies it.
    pub fn id(&self) -> EntryId {
        let (name, number, detail) = match self {
            Self::Target(target) => (&*target.state.name, 0, ""),
            Self::Commit(commit) => (&*commit.target, commit.revision.cast_signed(), ""),
            Self::Revision(revision) => (&*revision.target, revision.revision.cast_signed(), ""),
            Self::Incident(told) => (&*told.target, 0, &*told.incident.key),
            Self::Gap(TargetGap { target, gap }) => (&**target, gap.from.as_millis(), ""),
            Self::Server(server) => (&*server.name, 0, ""),
            Self::Rollup(rollup) => (rollup.probe.as_str(), rollup.hour.as_millis(), ""),
            Self::Check(check) => (check.probe.as_str(), check.at.as_millis(), ""),
            Self::User(user) => (&*user.name, 0, ""),
            Self::Key(key) => (&*key.id, 0, ""),
            Self::Session(session) => (&*session.id, 0, ""),
            Self::Setting(setting) => (setting.as_str(), 0, ""),
            Self::Template(template) => (&*template.id, 0, ""),
            Self::Report(report) => (&*report.id, 0, ""),
        };
        EntryId { name: name.to_owned(), number, detail: detail.to_owned() }
    }

    /// How many things it is.
    pub(super) fn count(&self) -> u64 {
        match self {
            Self::Revision(revision) => u64::try_from(revision.periods.len()).unwrap_or(u64::MAX),
            _ => 1,
        }
    }

    /// The text that is the same for what is the same, whichever store tells it. Of a report's body it has the digest.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] for what no text can be made of.
    pub(super) fn canonical(&self) -> Result<Vec<u8>, StoreError> {
        serde_json::to_vec(self).map_err(|error| StoreError::corrupt(self.to_string(), error))
    }

    /// Whether a store forgets it soon, or has forgotten it, whatever its retention is.
    pub(super) fn is_over(&self, now: Timestamp) -> bool {
        matches!(self, Self::Session(session) if !session.is_valid(now.plus(SOON)))
    }

    /// Whether a store may have forgotten it for its age. Another one then does so, too, once it is told how long the past
    /// is kept.
    pub(super) fn may_be_forgotten(&self, now: Timestamp) -> bool {
        match self {
            Self::Commit(_) | Self::Gap(_) | Self::Rollup(_) | Self::Check(_) => true,
            Self::Revision(revision) => revision.periods.iter().all(|period| period.until.is_some()),
            Self::Incident(told) => told.incident.ended_at().is_some(),
            Self::Session(_) => self.is_over(now),
            Self::Target(_)
            | Self::Server(_)
            | Self::User(_)
            | Self::Key(_)
            | Self::Setting(_)
            | Self::Template(_)
            | Self::Report(_) => false,
        }
    }

    /// The same without what another store has forgotten of it for its age.
    pub(super) fn without_forgotten(self, left: &Self) -> Self {
        match (self, left) {
            (Self::Revision(revision), Self::Revision(left)) => Self::Revision(revision.without_forgotten(left)),
            (entry, _) => entry,
        }
    }
}

/// Names it, without a secret.
impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Target(target) => write!(f, "target {}", target.state.name),
            Self::Commit(AppliedCommit { target, revision, .. }) => {
                write!(f, "the commit of revision {revision} of target {target}")
            }
            Self::Revision(Revision { target, revision, .. }) => {
                write!(f, "the events of revision {revision} of target {target}")
            }
            Self::Incident(told) => write!(f, "incident {} of target {}", told.incident.key, told.target),
            Self::Gap(TargetGap { target, gap }) => write!(f, "the gap of target {target} from {}", gap.from),
            Self::Server(server) => write!(f, "server {}", server.name),
            Self::Rollup(rollup) => write!(f, "the roll-up of {} at {}", rollup.probe, rollup.hour),
            Self::Check(check) => write!(f, "the check of {} at {}", check.probe, check.at),
            Self::User(user) => write!(f, "user {}", user.name),
            Self::Key(key) => write!(f, "key {}", key.id),
            // Not its id, which a token names.
            Self::Session(session) => write!(f, "a session of user {}", session.user),
            Self::Setting(setting) => write!(f, "setting {}", setting.as_str()),
            Self::Template(template) => write!(f, "template {}", template.id),
            Self::Report(report) => write!(f, "report {}", report.id),
        }
    }
}

fn digested<S: Serializer>(report: &Report, serializer: S) -> Result<S::Ok, S::Error> {
    let Report { id, created_at, query, body } = report;
    (id, created_at, query, Sha256::digest(body).as_slice()).serialize(serializer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Event, Status};
    use crate::store::testkit::{at, event, service};

    fn period(revision: u64, key: &str, until: Option<Timestamp>) -> Period {
        Period { event: Event { at: at(1), ..event("github", revision, &service(key, Status::Ok)) }, until }
    }

    fn revision(periods: Vec<Period>) -> Entry {
        Entry::Revision(Revision { target: "github".to_owned(), revision: 1, periods })
    }

    #[test]
    fn events_that_follow_each_other_make_a_revision() {
        let periods = vec![period(1, "b", None), period(1, "a", None), period(2, "a", None)];
        let revisions = by_revision(periods.clone());
        assert_eq!(revisions.iter().map(|entry| entry.id().number).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(revisions[0], revision(periods[..2].to_vec()));
        assert_eq!(revisions.iter().map(Entry::count).sum::<u64>(), 3);
    }

    #[test]
    fn only_what_ended_is_forgotten_of_a_revision() {
        let (ended, stands) = (period(1, "a", Some(at(2))), period(1, "b", None));
        let left = revision(vec![period(1, "c", None)]);
        let both = revision(vec![ended.clone(), stands.clone()]);
        assert_eq!(both.clone().without_forgotten(&left), revision(vec![stands]));
        assert_eq!(both.clone().without_forgotten(&both), both);
        assert!(!both.may_be_forgotten(at(9)) && revision(vec![ended]).may_be_forgotten(at(9)));
    }

    #[test]
    fn a_session_is_left_behind_when_it_ends_soon() {
        let session = Entry::Session(Session { id: "s".to_owned(), user: "ann".to_owned(), expires_at: at(600) });
        assert_eq!([0, 299, 300, 601].map(|now| session.is_over(at(now))), [false, false, true, true]);
        assert_eq!(session.to_string(), "a session of user ann");
    }

    #[test]
    fn each_byte_of_a_report_counts() {
        let report = |body: &'static [u8]| {
            let (id, query) = ("r".to_owned(), "q".to_owned());
            Entry::Report(Report { id, created_at: at(0), query, body: body.into() })
        };
        let canonical = |body| report(body).canonical().unwrap();
        assert_eq!(canonical(b"one"), canonical(b"one"));
        assert_ne!(canonical(b"one"), canonical(b"onf"));
    }
}
