//! What the tests share: a server on a port of its own, a store in memory, a clock that stands still, and a client
//! that sends exactly what it is told to.

mod accounts;
mod app;
mod cast;
mod client;
mod clock;
mod events;
mod redis;
mod rollbar;
mod store;
mod templates;
mod world;

pub(crate) use app::TestApp;
pub(crate) use cast::{Cast, add_user, secret_key};
pub(crate) use client::{Answer, Client, Connection};
pub(crate) use clock::ManualClock;
pub(crate) use events::{Sent, Stream};
pub(crate) use redis::Redis;
pub(crate) use rollbar::{account, rollbar};
pub(crate) use store::MemoryStore;
pub(crate) use world::{NOW, at, dimensions, service, target};
