//! The public contract: how what is known is seen, and the JSON that says so. Pure: no clock, no snapshot, no HTTP.

mod collection;
mod fields;
mod served;
mod shape;

pub(crate) use collection::Collection;
pub(crate) use fields::{Property, ServiceFields, TargetFields};
pub(crate) use served::Served;
pub(crate) use shape::{Row, TargetEntry, TargetList};
