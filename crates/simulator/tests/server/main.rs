//! Vendors on their ports, seen from outside.

#![expect(clippy::unwrap_used, reason = "the helpers of tests fail by panicking, as tests do")]

mod admin;
mod auth;
mod client;
mod conditional;
mod faults;
mod load;
mod program;
