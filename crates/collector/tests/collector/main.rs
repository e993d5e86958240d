//! The collector in a simulated world and on real databases: inside this process, and as the program that it is.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "the helpers of tests fail by panicking, as tests do")]

mod support;

mod auth;
mod catalog;
mod crew;
mod endpoint;
mod faults;
mod formats;
mod journal;
mod kill;
mod outage;
mod politeness;
mod probes;
mod process;
mod reload;
mod together;
mod traces;
mod unchanged;
