//! What is kept, and the promise both backends make about it.
//!
//! A [`Store`] keeps, for each target, its present state ([`TargetState`]), how its collection goes ([`Health`]), the
//! changes of its services' status ([`Event`]) and its incidents; beside that what probes measured ([`Check`]), the
//! servers that were added, who may do what, templates and reports. What the backends owe is written on the traits and
//! asked of both by one conformance suite.

mod by_age;
mod checks;
#[cfg(feature = "testkit")]
pub mod conformance;
mod error;
mod health;
mod late;
mod latency;
mod leases;
#[cfg(feature = "testkit")]
mod less;
mod measured;
mod mongo;
mod open;
mod past;
mod reports;
mod sqlite;
mod state;
#[cfg(feature = "testkit")]
pub mod testkit;
pub mod transfer;
mod verdict;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use async_trait::async_trait;

pub use by_age::ByAge;
pub use checks::{CheckQuery, Rollup};
pub use error::StoreError;
pub use health::{Failure, Health, stale_after};
pub use late::Late;
pub use leases::{Member, Roll};
pub use measured::Measured;
pub use open::{check_address, open, open_destination, open_existing, open_patiently, open_source};
pub use past::{
    EventId, EventQuery, IncidentId, IncidentQuery, Past, Period, Place, Placed, Retention, TargetIncident, Window,
};
pub use reports::{Report, ReportSummary};
pub use state::{Change, Commit, Outcome, TargetState};

use crate::access::{Key, Scope, Session, User};
use crate::schema::{Check, Event, Incident, ProbeId, Server, Timestamp};
use crate::template::Template;

/// The present state of all targets.
#[async_trait]
pub trait States: Send + Sync {
    /// Writes what one ask of one target changed: its services, its events, its incidents and its collection health,
    /// together or not at all, and durably before it returns.
    ///
    /// Writing the same commit again changes nothing and answers [`Outcome::AlreadyApplied`], so a writer that does
    /// not know whether its commit arrived just sends it again, at any time, whatever was committed since. A commit
    /// without a [`Change`] rewrites no state and adds no event: only the health is kept. Such a commit is remembered
    /// until the next one; sent again later it is merely an old one.
    ///
    /// Health never goes backwards: a commit with an older one than is there leaves that as it is.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if the target's revision is not the one the commit was made for: nothing was written,
    /// somebody else did. [`StoreError::Fenced`] if the lease that it was made under ([`Commit::fence`]) was taken since:
    /// nothing was written, and nothing made under that lease will be. [`StoreError::Invalid`] if no store can take it:
    /// nothing was written either.
    /// [`StoreError::Unavailable`] if it is not known whether it was written.
    async fn commit(&self, commit: &Commit) -> Result<Outcome, StoreError>;

    /// Lets the changes enter the history that commits tell of which were refused, because somebody else had taken the
    /// target over before they could be written: all of one target, each made on top of the one before. The state, its
    /// revision and its health stay as they are, and so does every event that is there, but for what it follows and when it
    /// ended: what was seen before it is put before it, and what was seen after it is left out.
    ///
    /// What enters has the time at which it was seen, and the revision that it was seen from; in the order of commits it is
    /// the last. It enters as a whole or not at all, and once: the same commits again add nothing, nor do some of them,
    /// from the first on.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] if no store can take it: nothing was written. [`StoreError::Unavailable`] if it is not known
    /// whether it was written.
    async fn enter_late(&self, commits: &[Commit]) -> Result<Late, StoreError>;

    /// All targets that are not retired, ordered by name (bytewise).
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] if one of them cannot be read. [`States::names`] and [`States::target`] then tell of the
    /// others.
    async fn targets(&self) -> Result<Vec<TargetState>, StoreError>;

    /// The names of all targets that are not retired, those included that cannot be read.
    async fn names(&self) -> Result<BTreeSet<String>, StoreError>;

    /// One target, also where it is retired; `None` if it was never committed.
    async fn target(&self, name: &str) -> Result<Option<TargetState>, StoreError>;

    /// The targets of these names, also where they are retired, ordered by name (bytewise), all as they were at one
    /// moment; those that were never committed are left out.
    async fn targets_named(&self, names: &BTreeSet<String>) -> Result<Vec<TargetState>, StoreError>;
}

/// What happened.
#[async_trait]
pub trait History: Send + Sync {
    /// All events of a target: by revision, inside one by time, and of those of one time in the order they were committed
    /// in. Those of one service follow each other in this order.
    async fn events(&self, target: &str) -> Result<Vec<Event>, StoreError>;

    /// All incidents of a target in their last known form, newest start first (those without a start last), then by
    /// key.
    async fn incidents(&self, target: &str) -> Result<Vec<Incident>, StoreError>;

    /// The events that a query asks for, in its order.
    async fn find_events(&self, query: &EventQuery) -> Result<Vec<Event>, StoreError>;

    /// The incidents that a query asks for, in its order.
    async fn find_incidents(&self, query: &IncidentQuery) -> Result<Vec<TargetIncident>, StoreError>;

    /// All that was known in a window, read at one moment.
    async fn past(&self, window: &Window) -> Result<Past, StoreError>;

    /// The events behind a place, in the order in which they were committed, `limit` at the most; `None` if the store
    /// does not know the place, or has forgotten what followed it.
    async fn events_behind(&self, place: &Place, limit: usize) -> Result<Option<Vec<Placed>>, StoreError>;

    /// Sets for how long the past is kept, and forgets what is older: events whose status is no service's any more,
    /// closed incidents, gaps, and the ids of commits. What is needed to know the past inside the retention stays,
    /// however old it is. To be called now and then; what a backend forgets by itself, it does within minutes.
    async fn retain(&self, retention: Retention, now: Timestamp) -> Result<(), StoreError>;
}

/// What probes measured. Apart from the state and its commits: a check is written once, and never changes.
#[async_trait]
pub trait Checks: Send + Sync {
    /// Writes checks, of any probes. Writing one again changes nothing that a reader sees. Those of a server that is
    /// removed need not be kept.
    async fn record(&self, checks: &[Check]) -> Result<(), StoreError>;

    /// The same after a try that did not tell whether it wrote them: a backend that would keep them twice looks first.
    async fn record_again(&self, checks: &[Check]) -> Result<(), StoreError> {
        self.record(checks).await
    }

    /// The checks that a query asks for.
    async fn checks(&self, query: &CheckQuery) -> Result<Vec<Check>, StoreError>;

    /// Writes roll-ups; one that is there of the same probe and hour is replaced.
    async fn put_rollups(&self, rollups: &[Rollup]) -> Result<(), StoreError>;

    /// The roll-ups of a probe whose hours begin at `from` or later and before `until`, oldest first.
    async fn rollups(&self, probe: &ProbeId, from: Timestamp, until: Timestamp) -> Result<Vec<Rollup>, StoreError>;

    /// The newest hour of which there is a roll-up of a probe.
    async fn last_rollup(&self, probe: &ProbeId) -> Result<Option<Timestamp>, StoreError>;

    /// Sets for how long checks and roll-ups are kept, each, and forgets what is older; ends removals of servers that were
    /// cut short. To be called now and then, as [`History::retain`]. A backend that forgets by itself may take an hour for
    /// checks.
    async fn retain_checks(&self, checks: Retention, rollups: Retention, now: Timestamp) -> Result<(), StoreError>;
}

/// Who may ask a target just now, where several might.
#[async_trait]
pub trait Turns: Send + Sync {
    /// Takes the right to ask a target, or keeps it for longer; `false` if somebody else has it. It ends by itself after
    /// the span: whoever holds it may be killed. `now` is what the holder's clock says; a backend that has a clock of its
    /// own goes by that.
    async fn take_turn(&self, target: &str, holder: &str, span: Duration, now: Timestamp) -> Result<bool, StoreError>;

    /// Gives the right back, if the holder still has it.
    async fn end_turn(&self, target: &str, holder: &str) -> Result<(), StoreError>;
}

/// How collectors share the targets: who they are (the *roll*), and who of them asks what (the *leases*).
///
/// A lease is the right to ask a target. It is held by a member of the roll or by nobody: then it is *vacant*. Whoever
/// leaves the roll or is struck off it has lost all leases, also where it comes back.
///
/// With a lease comes a *token*, a number higher than every one given before. What is committed under a lease carries its
/// token ([`Commit::fence`]), and nothing more is written under it once somebody took the lease again.
///
/// `now` is what the collector's clock says; a backend that has a clock of its own goes by that.
#[async_trait]
pub trait Leases: Send + Sync {
    /// Says that a collector lives for `span` from now on, and how much it asks. Puts it on the roll where it is not on
    /// it. A member whose time is over stays on the roll, with its leases, until somebody strikes it off.
    async fn report_in(&self, me: &Member, span: Duration, now: Timestamp) -> Result<Roll, StoreError>;

    /// Strikes those off the roll whose time is over: their leases are vacant from then on. Answers their ids.
    async fn strike_off(&self, now: Timestamp) -> Result<BTreeSet<String>, StoreError>;

    /// Leaves the roll in good order: its leases are vacant from then on.
    async fn leave_roll(&self, id: &str) -> Result<(), StoreError>;

    /// Makes leases of these targets, vacant ones, where there are none.
    async fn open_leases(&self, targets: &BTreeSet<String>) -> Result<(), StoreError>;

    /// The targets whose lease nobody holds.
    async fn vacant_leases(&self) -> Result<BTreeSet<String>, StoreError>;

    /// Those of them that this collector had last, also where it was struck off or left meanwhile.
    async fn left_leases(&self, id: &str) -> Result<BTreeSet<String>, StoreError>;

    /// Takes the leases of these targets, those that are vacant and those that the holder has already; of several that do
    /// so at once, each lease goes to one. Answers what was taken, with its token. From then on no commit under an earlier
    /// token is written. Whoever is not on the roll takes nothing.
    ///
    /// After an error some may be taken and not fenced yet: then it is to be called again.
    async fn take_leases(&self, holder: &str, targets: &BTreeSet<String>) -> Result<BTreeMap<String, u64>, StoreError>;

    /// The targets whose leases a collector holds, with their tokens.
    async fn held_leases(&self, holder: &str) -> Result<BTreeMap<String, u64>, StoreError>;

    /// Gives leases up, as far as the holder has them: they are vacant from then on.
    async fn give_up_leases(&self, holder: &str, targets: &BTreeSet<String>) -> Result<(), StoreError>;

    /// Forgets the lease of a target that is asked no more, if the holder has it.
    async fn close_lease(&self, holder: &str, target: &str) -> Result<(), StoreError>;
}

/// The servers that were added through the API.
#[async_trait]
pub trait Servers: Send + Sync {
    /// All servers, ordered by name (bytewise).
    async fn servers(&self) -> Result<Vec<Server>, StoreError>;

    /// One server.
    async fn server(&self, name: &str) -> Result<Option<Server>, StoreError>;

    /// Adds a server; `false`, and nothing changes, if there is one of that name.
    async fn add_server(&self, server: &Server) -> Result<bool, StoreError>;

    /// Gives a server another address; `false` if there is none of that name. Its checks stay.
    async fn move_server(&self, name: &str, address: IpAddr) -> Result<bool, StoreError>;

    /// Removes a server with its checks and roll-ups; `false` if there is none of that name. Its target's history stays.
    /// Cut short, it leaves a server that is there as before, or checks that nobody finds.
    async fn remove_server(&self, name: &str) -> Result<bool, StoreError>;
}

/// What became of a user who was to be replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replaced {
    /// They were.
    Done,
    /// They are not there as they were read: somebody changed or removed them.
    Otherwise,
    /// Nobody would be left who may give access.
    LastAdmin,
}

/// Who may do what.
#[async_trait]
pub trait Accounts: Send + Sync {
    /// Adds a key; `false` if there is one of that id.
    async fn add_key(&self, key: &Key) -> Result<bool, StoreError>;

    /// All keys, the revoked ones too, oldest first, then by id.
    async fn keys(&self) -> Result<Vec<Key>, StoreError>;

    /// One key.
    async fn key(&self, id: &str) -> Result<Option<Key>, StoreError>;

    /// Takes a key back from this moment on; `false` if there is none of that id. One that was revoked stays revoked
    /// since then.
    async fn revoke_key(&self, id: &str, at: Timestamp) -> Result<bool, StoreError>;

    /// Writes down that a key was used, unless it was used later already.
    async fn key_used(&self, id: &str, at: Timestamp) -> Result<(), StoreError>;

    /// Adds a user; `false` if there is one of that name.
    async fn add_user(&self, user: &User) -> Result<bool, StoreError>;

    /// All users, ordered by name (bytewise).
    async fn users(&self) -> Result<Vec<User>, StoreError>;

    /// One user.
    async fn user(&self, name: &str) -> Result<Option<User>, StoreError>;

    /// Puts a user in the place of one as they were read, or nobody: what somebody else changed meanwhile is not
    /// overwritten. Their sessions end. At `now` somebody has to be left who may give access
    /// ([`is_admin_left`](crate::access::is_admin_left)), also where two of them are replaced at once.
    async fn replace_user(&self, was: &User, user: Option<&User>, now: Timestamp) -> Result<Replaced, StoreError>;

    /// Begins a session of a user who is as they were read, and forgets those that were over at `now`; `false`, and none
    /// begins, if somebody changed the user meanwhile.
    async fn begin_session(&self, session: &Session, user: &User, now: Timestamp) -> Result<bool, StoreError>;

    /// One session, where it is known still.
    async fn session(&self, id: &str) -> Result<Option<Session>, StoreError>;

    /// Ends a session.
    async fn end_session(&self, id: &str) -> Result<(), StoreError>;

    /// The key that tokens are signed with: `fresh` if there was none before, else the one that was first.
    async fn signing_key(&self, fresh: &[u8]) -> Result<Vec<u8>, StoreError>;
}

/// What became of a template that was to be replaced or removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exchanged {
    /// It was.
    Done,
    /// It is at another revision: somebody changed it meanwhile.
    Otherwise,
    /// There is none of that id.
    Unknown,
}

/// The templates of messages.
#[async_trait]
pub trait Templates: Send + Sync {
    /// Adds a template; `false`, and nothing changes, if there is one of that id.
    async fn add_template(&self, template: &Template) -> Result<bool, StoreError>;

    /// The templates behind a place, oldest first, then by id; `limit` at the most.
    async fn templates(&self, behind: Option<&ByAge>, limit: Option<u32>) -> Result<Vec<Template>, StoreError>;

    /// One template.
    async fn template(&self, id: &str) -> Result<Option<Template>, StoreError>;

    /// Puts a template in the place of the one of its id, if that is at the revision before its own: what somebody else
    /// changed meanwhile is not overwritten.
    async fn replace_template(&self, template: &Template) -> Result<Exchanged, StoreError>;

    /// Removes a template, if it is at this revision.
    async fn remove_template(&self, id: &str, revision: u64) -> Result<Exchanged, StoreError>;
}

/// What other services answered, kept as it came.
#[async_trait]
pub trait Reports: Send + Sync {
    /// Adds a report; `false`, and nothing changes, if there is one of that id.
    ///
    /// # Errors
    /// [`StoreError::TooLarge`] for a body of more than [`Report::MAX_BODY`] bytes.
    async fn add_report(&self, report: &Report) -> Result<bool, StoreError>;

    /// The reports behind a place, without their bodies, newest first, then by id backwards; `limit` at the most.
    async fn reports(&self, behind: Option<&ByAge>, limit: Option<u32>) -> Result<Vec<ReportSummary>, StoreError>;

    /// One report.
    async fn report(&self, id: &str) -> Result<Option<Report>, StoreError>;

    /// Removes a report; `false` if there is none of that id.
    async fn remove_report(&self, id: &str) -> Result<bool, StoreError>;

    /// Removes all reports; answers how many there were.
    async fn remove_reports(&self) -> Result<u64, StoreError>;
}

/// Whether somebody who may give access may not any more.
fn loses_admin(was: &User, becomes: Option<&User>) -> bool {
    was.scope == Scope::Admin && becomes.is_none_or(|user| user.scope != Scope::Admin)
}

/// What changes, as it changes.
#[async_trait]
pub trait Watch: Send {
    /// Waits until something changed since the last call (or since the watch began) and says what. Changes that come
    /// close together are reported together; a change is never missed, but one may be reported twice.
    ///
    /// May be cancelled at any await without losing a change.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] while the database is away; call again, after a pause, to go on waiting. After it is
    /// back [`Changed::Everything`] is reported if changes may have been missed.
    async fn changed(&mut self) -> Result<Changed, StoreError>;

    /// The place that the watch has come to: whatever was committed up to there was reported, or was before it began.
    /// `None` while the database did not say yet where that is.
    fn place(&self) -> Option<Place>;
}

/// What a [`Watch`] saw.
#[derive(Clone, Debug, PartialEq)]
pub enum Changed {
    /// Some targets.
    Some {
        /// Those whose state or health changed.
        targets: BTreeSet<String>,
        /// The events of these changes, in the order in which they were committed, each once.
        events: Vec<Placed>,
    },
    /// Anything: read all again. What events there were is not known.
    Everything,
}

/// What a database calls the key that tokens are signed with.
const SIGNING_KEY: &str = "signingKey";

/// A database, whichever.
#[async_trait]
pub trait Store:
    States + History + Checks + Turns + Leases + Servers + Accounts + Templates + Reports + fmt::Debug
{
    /// Begins to watch, from this moment on.
    async fn watch(&self) -> Result<Box<dyn Watch>, StoreError>;

    /// Asks the database a real question.
    async fn ping(&self) -> Result<(), StoreError>;

    /// Ends all connections in good order. What is called afterwards fails as [`StoreError::Unavailable`].
    async fn close(&self);
}
