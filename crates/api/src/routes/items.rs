//! `/api/items`, and the same at `/items`: the items of the team's Rollbar project.
//!
//! They are a team's own: who reads them has to be somebody, however open the server is otherwise.

use std::str::FromStr as _;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use unistatus_core::rollbar::{BadChange, ItemChange, ItemFilter, ItemLevel, ItemRef, ItemStatus, NewItem, Place};
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterIn};

use super::page::{self, Page};
use super::parameters::{NoParameters, Parameters, word};
use super::{body, path, private, reading, resource};
use crate::app::Context;
use crate::auth::{Member, Writer};
use crate::error::ApiError;
use crate::openapi::answers::{NoItem, NoJson, NoRollbar, NoStore, Refused, TooLarge, TooLate};
use crate::openapi::{parameters, schemas};

/// Mounts the resources.
pub(super) fn configure(config: &mut web::ServiceConfig) {
    for [all, one] in [["/api/items", "/api/items/{id}"], ["/items", "/items/{id}"]] {
        let all = resource(all, "GET, HEAD, POST").route(reading().to(list)).route(web::post().to(report));
        let one = resource(one, "GET, HEAD, PUT, PATCH, DELETE")
            .route(reading().to(show))
            .route(web::put().to(change_whole))
            .route(web::patch().to(change))
            .route(web::delete().to(put_aside));
        config.service(all).service(one);
    }
}

/// What may be asked of the list.
pub(super) enum ItemsQuery {}

impl IntoParams for ItemsQuery {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let statuses = ItemStatus::ALL.iter().map(|status| status.as_str());
        let levels = ItemLevel::ALL.iter().map(|level| level.as_str());
        let filters = vec![
            parameters::words("status", "Items with any of these statuses.", statuses, &["active"]),
            parameters::words("level", "Items of any of these levels.", levels, &["critical", "error"]),
            parameters::texts("environment", "Items in any of these environments.", &["production"]),
            parameters::texts("framework", "Items of any of these frameworks.", &["django"]),
            parameters::text(
                "assigned_user",
                "Items of this user; `assigned` for those of anybody, `unassigned` for those of nobody.",
                "unassigned",
            ),
            parameters::texts("assigned_team", "Items of any of these teams; not together with a user.", &["ops"]),
            parameters::flag("is_snoozed", "Snoozed items only, or none of them."),
            parameters::texts("ids", "Items with these ids.", &["272505123"]),
            parameters::text("query", "Items that Rollbar's own search finds.", "KeyError"),
            page::limit("How many items at the most; 1000 where it is not given."),
        ];
        [filters, vec![page::cursor()]].concat()
    }
}

/// `{id}`.
enum ItemId {}

impl IntoParams for ItemId {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let what =
            "The id of an item, as the list tells it; or its number in the project after an encoded `#`: `%23456`.";
        vec![parameters::segment("id", what, "272505123")]
    }
}

/// `GET /api/items`.
#[utoipa::path(
    get,
    path = "/api/items",
    operation_id = "listItems",
    tag = "Items",
    summary = "The items of the Rollbar project",
    description = "Newest occurrence first, each as Rollbar tells it; the filters are Rollbar's own. Without `limit`, the \
                   first 1000. What happens between two pages may move items from one to the other. Takes the scope \
                   `read`. The same at `/items`.",
    params(ItemsQuery),
    responses((status = 200, description = "The items.", body = schemas::ItemList), Refused, NoRollbar, NoStore),
)]
pub(super) async fn list(
    _: Member,
    request: HttpRequest,
    context: web::Data<Context>,
) -> Result<HttpResponse, ApiError> {
    let (filter, page) = asked(&request)?;
    let listing = context.items.list(&filter, &page).await?;
    private::page(&request, &listing, listing.next.as_ref())
}

/// `GET /api/items/{id}`.
#[utoipa::path(
    get,
    path = "/api/items/{id}",
    operation_id = "getItem",
    tag = "Items",
    summary = "One item of the project",
    description = "As Rollbar tells it. Takes the scope `read`. The same at `/items/{id}`.",
    params(ItemId),
    responses(
        (status = 200, description = "The item.", body = schemas::Item),
        Refused,
        NoItem,
        NoRollbar,
        NoStore,
    ),
)]
pub(super) async fn show(
    _: Member,
    _: NoParameters,
    request: HttpRequest,
    context: web::Data<Context>,
) -> Result<HttpResponse, ApiError> {
    let item = context.items.one(named(&request)?).await?;
    Ok(private::value(StatusCode::OK, &item))
}

/// `POST /api/items`.
#[utoipa::path(
    post,
    path = "/api/items",
    operation_id = "addItem",
    tag = "Items",
    summary = "Report an occurrence",
    description = "In Rollbar's format, without an access token. Rollbar makes an item of it, or counts it with one that is \
                   there; which one is found out later, so the answer has the occurrence's uuid and no item's id. Takes the \
                   scope `write`. The same at `/items`.",
    request_body(content = schemas::NewItem, content_type = "application/json"),
    responses(
        (status = 201, description = "Rollbar took it.", body = schemas::Reported),
        Refused,
        TooLate,
        TooLarge,
        NoJson,
        NoRollbar,
        NoStore,
    ),
)]
pub(super) async fn report(
    Writer(who): Writer,
    _: NoParameters,
    request: HttpRequest,
    context: web::Data<Context>,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let body = body::bytes(&request, payload).await?;
    let new = NewItem::read(&body)
        .map_err(|expected| ApiError::BadRequest(format!("The body is not the JSON expected: {expected}.")))?;
    let reported = context.items.report(&who, &new).await?;
    Ok(private::value(StatusCode::CREATED, &reported))
}

/// `PATCH /api/items/{id}`.
#[utoipa::path(
    patch,
    path = "/api/items/{id}",
    operation_id = "changeItem",
    tag = "Items",
    summary = "Change something of an item",
    description = "What is not given stays; what cannot be changed is refused. The answer is the item as it is then, or its \
                   id alone where the token of the server may not read. Takes the scope `write`. The same at `/items/{id}`.",
    params(ItemId),
    request_body(content = schemas::ItemChange, content_type = "application/json"),
    responses(
        (status = 200, description = "It was changed.", body = schemas::Item),
        Refused,
        NoItem,
        TooLate,
        TooLarge,
        NoJson,
        NoRollbar,
        NoStore,
    ),
)]
pub(super) async fn change(
    Writer(who): Writer,
    _: NoParameters,
    request: HttpRequest,
    context: web::Data<Context>,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let item = named(&request)?;
    let change = ItemChange::read(&body::bytes(&request, payload).await?);
    let changed = context.items.change(&who, item, &change.map_err(bad_change)?).await?;
    Ok(private::value(StatusCode::OK, &changed))
}

/// `PUT /api/items/{id}`.
#[utoipa::path(
    put,
    path = "/api/items/{id}",
    operation_id = "changeWholeItem",
    tag = "Items",
    summary = "Make an item what it is told to be",
    description = "Takes an item as `GET` tells it, changed here and there: what cannot be changed is passed over, as is what \
                   is not given. The answer is that of `PATCH`. Takes the scope `write`. The same at `/items/{id}`.",
    params(ItemId),
    request_body(content = schemas::Item, content_type = "application/json"),
    responses(
        (status = 200, description = "It was changed.", body = schemas::Item),
        Refused,
        NoItem,
        TooLate,
        TooLarge,
        NoJson,
        NoRollbar,
        NoStore,
    ),
)]
pub(super) async fn change_whole(
    Writer(who): Writer,
    _: NoParameters,
    request: HttpRequest,
    context: web::Data<Context>,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let item = named(&request)?;
    let change = ItemChange::read_whole(&body::bytes(&request, payload).await?);
    let changed = context.items.change(&who, item, &change.map_err(bad_change)?).await?;
    Ok(private::value(StatusCode::OK, &changed))
}

/// `DELETE /api/items/{id}`.
#[utoipa::path(
    delete,
    path = "/api/items/{id}",
    operation_id = "removeItem",
    tag = "Items",
    summary = "Put an item aside",
    description = "Rollbar deletes no items: it is archived, or muted where that is refused, and its occurrences stay. Takes \
                   the scope `write`. The same at `/items/{id}`.",
    params(ItemId),
    responses((status = 204, description = "It was put aside."), Refused, NoItem, NoRollbar, NoStore),
)]
pub(super) async fn put_aside(
    Writer(who): Writer,
    _: NoParameters,
    request: HttpRequest,
    context: web::Data<Context>,
) -> Result<HttpResponse, ApiError> {
    context.items.put_aside(&who, named(&request)?).await?;
    Ok(private::done().finish())
}

/// What is asked of the list.
pub(super) fn asked(request: &HttpRequest) -> Result<(ItemFilter, Page<Place>), ApiError> {
    let mut parameters = Parameters::read(request.query_string())?;
    let filter = ItemFilter {
        statuses: parameters.all("status", ItemStatus::from_str)?,
        levels: parameters.all("level", ItemLevel::from_str)?,
        environments: parameters.all("environment", text)?,
        frameworks: parameters.all("framework", text)?,
        assigned_user: parameters.one("assigned_user", text)?,
        assigned_teams: parameters.all("assigned_team", text)?,
        is_snoozed: parameters.one("is_snoozed", |value| word(value, &[("true", true), ("false", false)]))?,
        ids: parameters
            .all("ids", |value| value.parse().map_err(|_| "expected are ids of items, such as 272505123"))?,
        query: parameters.one("query", text)?,
    };
    let page: Page<Place> = Page::take(&mut parameters)?;
    parameters.finish()?;
    if filter.assigned_user.is_some() && !filter.assigned_teams.is_empty() {
        let fault = "\"assigned_user\" and \"assigned_team\" are both given; expected is one of them.";
        return Err(ApiError::BadRequest(fault.to_owned()));
    }
    if page.behind.is_some_and(|place| !place.is_possible()) {
        return Err(ApiError::bad_cursor());
    }
    Ok((filter, page))
}

fn text(value: &str) -> Result<String, &'static str> {
    if value.is_empty() { Err("expected is a text") } else { Ok(value.to_owned()) }
}

/// The item that the path names.
fn named(request: &HttpRequest) -> Result<ItemRef, ApiError> {
    let refused =
        |accepted| ApiError::BadRequest(format!("The id in the path is not accepted: expected is {accepted}."));
    path::parameter(request, "id")?.parse().map_err(refused)
}

fn bad_change(fault: BadChange) -> ApiError {
    ApiError::BadRequest(format!("The body is not accepted: {fault}."))
}
