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
//! | `contract` | how what is known is seen, and the JSON that says so | the snapshot, HTTP |
//! | `snapshot` | keeps and renders what is known | requests |
//! | `select` | filters what is known | HTTP, the clock |
//! | `query` | the bounds of a question, the names it may use, how it is put to the archive | HTTP |
//! | `graphql` | the same questions as the routes ask, in GraphQL | HTTP |
//! | `routes` | a file per resource: reads the request, picks a body of the snapshot or has one made | the store |
//! | `auth`, `limits` | who asks, what they may do, and how often | the routes |
//! | `servers` | the team's own servers: how they come to be, change and go | HTTP |
//! | `refresh` | asks sources on behalf of requests, where what is known is old | HTTP |
//! | `templates` | the templates of messages: the same, and how they are filled in | HTTP |
//! | `items` | the team's Rollbar project: how its items are listed, reported and changed | requests |
//! | `conditional` | decides whether the client has the body already | the snapshot |
//! | `dashboard` | pages for people, of the same answers | the store |
//! | `openapi` | the words in which all of these document themselves | requests |
//! | `encoding` | decides in which coding it gets the body | the snapshot |
//! | `error`, `guard` | give every error of every route one shape | |
//! | `access`, `metrics` | see to what is to be known of requests and of the server | the routes |
//! | `assembly` | puts together what a server is made of | configuration |
//! | [`Server`] | listens, serves, stops in good order | configuration |
//! | [`OwnApi`] | answers the requests of its own process, without a network | configuration |

mod access;
mod app;
mod archive;
mod assembly;
mod atom;
mod auth;
mod badge;
mod clock;
mod conditional;
mod contract;
mod cors;
mod dashboard;
mod digest;
mod encoding;
mod error;
mod graphql;
mod guard;
mod items;
mod json;
mod limits;
mod metrics;
mod openapi;
mod own;
mod query;
mod records;
mod refresh;
mod remote;
mod request_id;
mod routes;
mod select;
mod server;
mod servers;
mod snapshot;
mod templates;
mod wire;

pub use auth::accounts::{AccountError, ensure_admin};
pub use clock::{Clock, SystemClock};
pub use limits::RedisError;
pub use own::{OwnAnswer, OwnApi};
pub use refresh::Refreshing;
pub use server::{Options, ServeError, Server};
