//! The unified schema: what every source is normalised into, what the stores keep and what the API serves.
//!
//! The meanings are fixed by the design: see `docs/ARCHITECTURE.md`, "What the words mean". This module knows no
//! network, no database and no clock.

mod about;
mod check;
mod dimension;
mod event;
mod failure;
mod gap;
mod incident;
mod kind;
mod markup;
mod server;
mod service;
mod status;
mod text;
mod timestamp;
mod validators;

pub use about::About;
pub use check::{Check, ProbeId};
pub use dimension::{Dimensions, Scalar, names as dimension_names};
pub use event::Event;
pub use failure::FailureClass;
pub use gap::Gap;
pub use incident::{Incident, IncidentKind, IncidentState, IncidentUpdate};
pub use kind::Kind;
pub(crate) use markup::{PAGE_BUDGET, TEXT_BUDGET, affordable};
pub use server::Server;
pub use service::Service;
pub use status::Status;
pub(crate) use text::text_of;
pub use text::{collapse, plain_text, truncate};
pub use timestamp::Timestamp;
pub use validators::Validators;
