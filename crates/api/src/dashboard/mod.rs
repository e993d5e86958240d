//! Pages for people: what is known now and how it was, rendered on the server.
//!
//! A page is a view model, which is a function of the snapshot and of the past and knows no HTTP, and a template of the
//! same name. Every page works without scripts. The one script that there is follows `/api/stream`, fetches the page it
//! stands in again when something changed, and puts the parts that differ in place: so nothing is rendered twice.

mod accept;
mod account;
mod answer;
mod assets;
mod bars;
mod category;
mod chart;
mod collection;
mod form;
mod frame;
mod incident;
mod keys;
mod link;
mod login;
mod look;
mod markup;
mod measured;
mod moment;
mod overview;
mod past;
mod patience;
mod posted;
mod rows;
mod scopes;
mod servers;
mod service;
mod target;
mod templates;
mod users;
mod viewer;

use actix_web::web;

pub(crate) use answer::told_to_people;
pub(crate) use overview::Front;

use crate::routes::{readable, reading, resource};

/// Mounts the pages and what they are made of.
pub(crate) fn configure(config: &mut web::ServiceConfig) {
    config
        .service(readable("/", overview::show))
        .service(readable("/assets/{file}", assets::file))
        .service(
            resource("/servers", "GET, HEAD, POST")
                .route(reading().to(servers::list::show))
                .route(web::post().to(servers::list::add)),
        )
        .service(readable("/servers/{name}", servers::page::show))
        .service(resource("/servers/{name}/address", "POST").route(web::post().to(servers::page::change)))
        .service(resource("/servers/{name}/remove", "POST").route(web::post().to(servers::page::remove)))
        .service(readable("/targets/{target}", target::show))
        .service(readable("/targets/{target}/{service}", service::show))
        .service(
            resource("/login", "GET, HEAD, POST").route(reading().to(login::show)).route(web::post().to(login::log_in)),
        )
        .service(resource("/logout", "POST").route(web::post().to(login::log_out)))
        .service(readable("/account", account::show))
        .service(resource("/account/password", "POST").route(web::post().to(account::change_password)))
        .service(
            resource("/keys", "GET, HEAD, POST").route(reading().to(keys::show)).route(web::post().to(keys::create)),
        )
        .service(resource("/keys/revoke", "POST").route(web::post().to(keys::revoke)))
        .service(
            resource("/users", "GET, HEAD, POST").route(reading().to(users::show)).route(web::post().to(users::add)),
        )
        .service(resource("/users/change", "POST").route(web::post().to(users::change)))
        .service(resource("/users/remove", "POST").route(web::post().to(users::remove)));
}
