//! Several collectors, one job: who of them asks which target.
//!
//! [`standing`] says to the store that this collector lives, and knows whether that still counts; [`share`] says which
//! leases it should take and which it should give up, and [`ledger`] remembers what that depends on; [`strays`]
//! knows which targets nobody wants any more. What is done about it stands in the collector itself.

pub(crate) mod ledger;
pub(crate) mod share;
pub(crate) mod standing;
pub(crate) mod strays;
