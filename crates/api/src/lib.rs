//! The API of Unistatus: what is known of all targets, served from memory.
//!
//! A request never waits for the database. [`Server::run`] follows the store beside the HTTP workers and keeps a
//! snapshot of all that is known, its bodies rendered once per change:
//!
//! ```text
//! store → follow → world → render → snapshot → route → client
//! ```
//!
//! | room | what it does | what it must not know |
//! |---|---|---|
//! | `snapshot` | keeps and renders what is known | HTTP |
//! | `routes` | a file per resource: reads the request, picks a body of the snapshot | the store |
//! | `conditional` | decides whether the client has the body already | the snapshot |
//! | `error`, `guard` | give every error of every route one shape | |
//! | `access`, `metrics` | see to what is to be known of requests and of the server | the routes |
//! | [`Server`] | listens, serves, stops in good order | configuration |

mod access;
pub mod answer;
mod app;
mod clock;
mod conditional;
mod cors;
mod error;
mod guard;
mod json;
mod metrics;
mod request_id;
mod routes;
mod server;
mod snapshot;

pub use clock::{Clock, SystemClock};
pub use server::{Options, ServeError, Server};
