//! The dashboard as a browser gets it, and as a person sees it in one.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "the helpers of tests fail by panicking, as tests do")]

mod access;
mod browser;
mod links;
mod pages;
mod past;
mod person;
mod servers;
#[path = "../support/mod.rs"]
#[expect(dead_code, unused_imports, reason = "the tests of the API use all of it")]
mod support;
mod world;
