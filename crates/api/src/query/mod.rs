//! What can be asked, whoever asks and in which language: the bounds of a question, the names it may use, and how it is
//! put to the archive. It knows no HTTP; the routes and GraphQL read a request into what is here.

mod blocking;
mod checks;
mod events;
mod history;
mod incidents;
mod known;
mod page;
mod time;
mod values;
mod world;

pub(crate) use blocking::apart;
pub(crate) use checks::{find_checks, find_rollups};
pub(crate) use events::{EventCursor, find_events};
pub(crate) use history::{Asked, HistoryQuery, ServicePage, ServicePlace};
pub(crate) use incidents::{IncidentCursor, find_incidents, name_of};
pub(crate) use known::Known;
pub(crate) use page::{MAX_LIMIT, Page, cut, decode, encode};
pub(crate) use time::{in_order, instant, not_ahead, time_zone};
pub(crate) use values::{SHOWN, VALUES, refused, too_many, word};
pub(crate) use world::world;
