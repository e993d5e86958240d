//! Pages for people: what is known now and how it was, rendered on the server.
//!
//! A page is a view model, which is a function of the snapshot and of the past and knows no HTTP, and a template of the
//! same name. Every page works without scripts. The one script that there is follows `/api/stream`, fetches the page it
//! stands in again when something changed, and puts the parts that differ in place: so nothing is rendered twice.

mod accept;
mod answer;
mod assets;
mod bars;
mod category;
#[cfg_attr(not(test), expect(dead_code, reason = "shown by the page of a server, which needs the stored checks"))]
mod chart;
mod collection;
mod form;
mod frame;
mod incident;
mod link;
mod look;
mod markup;
mod moment;
mod overview;
mod past;
mod rows;
mod service;
mod target;
mod templates;

use actix_web::web;

pub(crate) use overview::Front;

use crate::routes::readable;

/// Mounts the pages and what they are made of.
pub(crate) fn configure(config: &mut web::ServiceConfig) {
    config
        .service(readable("/", overview::show))
        .service(readable("/assets/{file}", assets::file))
        .service(readable("/targets/{target}", target::show))
        .service(readable("/targets/{target}/{service}", service::show));
}
