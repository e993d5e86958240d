//! What can be computed of the past, above the store: how long which service was in which condition ([`histories`]), the
//! uptime that follows from it ([`Counting`]), days and weeks to look at it in ([`buckets`]), and the world as it was
//! known at an instant ([`world_at`]).
//!
//! All of it is a function of the store's [`Past`](crate::store::Past): nothing here knows a database, a clock or the
//! network. The rules are written down in `docs/adr/0012-how-time-is-counted.md`:
//!
//! - A service exists from the event that brings it to the event that removes it. Outside of that there is no data, and
//!   nothing is counted.
//! - In it, a service is in the condition that its last event brought. Where a clock stepped back and two events claim
//!   the same time, the one of the higher revision has it.
//! - Time that no success of the target covers is `Unknown`.

mod blind;
mod buckets;
mod condition;
mod record;
mod service;
mod settle;
mod span;
mod target;
mod uptime;
mod world;

#[cfg(test)]
mod model;

pub use buckets::{Granularity, TooManyBuckets, UnknownGranularity, buckets};
pub use condition::{Condition, Stretch};
pub use service::ServiceHistory;
pub use span::Span;
pub use target::{TargetHistory, histories};
pub use uptime::{Counted, Counting, Totals, UnknownCounted, Uptime};
pub use world::world_at;
