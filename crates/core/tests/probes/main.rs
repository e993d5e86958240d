//! Probes, from a targets file to what they measure of real servers.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests report by panicking")]

mod http;
mod icmp;
mod spec;
mod support;
mod tcp;
mod tls;
