//! The domain of Unistatus: the unified status schema, the targets that are asked and the formats they answer in,
//! the stores that keep what was learnt, and the configuration of the binaries.
//!
//! | room | what lives there | what it must not know |
//! |---|---|---|
//! | [`schema`] | status, service, incident, event, check | network, database, clock |
//! | [`target`] | the `Target` trait, transports, formats | [`store`] |
//! | [`store`] | the store traits and their two backends | [`target`] |
//! | [`catalog`] | which targets there are: built-in and the user's own | network, [`store`] |
//! | [`observe`] | what an ask changes: what was known and what was observed make a commit | network, clock |
//! | [`history`] | what can be computed of the past: uptime, buckets, time travel | network, database, clock |
//! | [`checks`] | what can be computed of measurements: loss, percentiles, roll-ups | network, database, clock |
//! | [`rollbar`] | the client of Rollbar's API | [`store`] |
//! | [`access`] | who may do what: keys, users, sessions | network, database, clock |
//! | [`template`] | templates of messages, and how they are rendered safely | network, database, clock |
//! | [`config`] | settings and their layers | all of the above but [`catalog`]'s selection |

pub mod access;
pub mod catalog;
pub mod causes;
pub mod checks;
pub mod config;
pub mod exit;
pub mod history;
pub mod interval;
pub mod listen;
pub mod metrics;
pub mod networks;
pub mod observe;
pub mod rollbar;
pub mod schema;
pub mod secrets;
pub mod shutdown;
pub mod store;
pub mod target;
pub mod telemetry;
pub mod template;
