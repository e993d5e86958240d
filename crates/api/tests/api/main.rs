//! The API as a client sees it, over a store in memory, and over both real ones.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "the helpers of tests fail by panicking, as tests do")]

mod access;
mod accounts;
mod admission;
mod caching;
mod contract;
mod cors;
mod encodings;
mod errors;
mod filters;
mod graphql;
mod health_services;
mod host;
mod items;
mod life;
mod limits;
mod metrics;
mod names;
mod openapi;
mod outage;
mod passwords;
mod past;
mod reports;
mod rollbar;
mod servers;
mod sessions;
mod staleness;
mod stores;
mod stream;
#[path = "../support/mod.rs"]
mod support;
mod targets;
mod templates;
