//! `/api/servers`: the team's own servers, each pinged from its next interval on.
//!
//! The words of the answers, and nothing but these, are what clients of this resource rely on. So they take the place of
//! the error shape where a wish is refused for what it is; why it was is in a header.

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, ResponseError as _, web};
use serde::{Deserialize, Serialize};
use unistatus_core::schema::{Check, Server, Timestamp};
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa::{IntoParams, ToSchema};

use super::current::{Current, List};
use super::listing::{self, Element};
use super::page::{self, Page, Paging};
use super::parameters::{Parameters, in_order, instant};
use super::{body, path, private, reading, resource};
use crate::app::Context;
use crate::auth::Writer;
use crate::error::ApiError;
use crate::json;
use crate::openapi::answers::{
    LargeWish, LateWish, NameTaken, NoJson, NoPast, NoServer, NoStore, NotModified, WrongWish,
};
use crate::openapi::{parameters, schemas};
use crate::servers::{self, Outcome, millis};

/// Why a wish was refused, in a few words.
static X_REASON: HeaderName = HeaderName::from_static("x-reason");
/// How many characters of that are told.
const REASON: usize = 200;
/// What is posted and put.
const WISH: &str = r#"{"server":{"name":"…","IP":"…"}}"#;
/// What is deleted, or asked for.
const NAMED: &str = r#"{"server":"name"}"#;

/// Mounts the resources.
pub(super) fn configure(config: &mut web::ServiceConfig) {
    let all = resource("/api/servers", "GET, HEAD, POST, PUT, DELETE")
        .route(reading().to(list))
        .route(web::post().to(add))
        .route(web::put().to(change))
        .route(web::delete().to(remove));
    config.service(all).service(resource("/api/servers/{name}", "GET, HEAD").route(reading().to(pings)));
}

/// `GET /api/servers`: the names; or, with a body that names one, what was measured of it.
#[utoipa::path(
    get,
    path = "/api/servers",
    operation_id = "listServers",
    tag = "Servers",
    summary = "The names of all servers",
    description = "Ordered. With the body `{\"server\":\"name\"}` it is `GET /api/servers/{name}`, and takes its parameters.",
    params(Paging),
    responses(
        (status = 200, description = "The names.", body = Names),
        NotModified,
        WrongWish,
        NoServer,
        LateWish,
        LargeWish,
        NoJson,
        NoPast,
    ),
)]
pub(super) async fn list(request: HttpRequest, context: web::Data<Context>, payload: web::Payload) -> HttpResponse {
    in_words(async {
        let body = body::unnamed_bytes(&request, payload).await?;
        if body.is_empty() {
            return names(&request, &context).await;
        }
        let Named { server } = body::parse(&body, NAMED)?;
        measured(&request, &context, &server).await
    })
    .await
}

/// `GET /api/servers/{name}`: what was measured of one.
#[utoipa::path(
    get,
    path = "/api/servers/{name}",
    operation_id = "getServer",
    tag = "Servers",
    summary = "What was measured of a server",
    description = "Its pings, newest first: when, and after how many milliseconds the answer came; `null` \
                   where none did.",
    params(ServerName, PingsQuery),
    responses(
        (status = 200, description = "The pings.", body = schemas::Pings),
        NotModified,
        WrongWish,
        NoServer,
        NoPast,
    ),
)]
pub(super) async fn pings(request: HttpRequest, context: web::Data<Context>) -> HttpResponse {
    in_words(async {
        let name = path::parameter(&request, "name")?;
        measured(&request, &context, &name).await
    })
    .await
}

/// `POST /api/servers`: adds one.
#[utoipa::path(
    post,
    path = "/api/servers",
    operation_id = "addServer",
    tag = "Servers",
    summary = "Add a server",
    description = "It is pinged from its next interval on. Takes the scope `write`.",
    request_body(content = schemas::ServerWish, content_type = "application/json"),
    responses(
        (status = 201, description = "It was added.", body = schemas::ServerOutcome),
        WrongWish,
        LateWish,
        NameTaken,
        LargeWish,
        NoJson,
        NoPast,
    ),
)]
pub(super) async fn add(
    Writer(who): Writer,
    request: HttpRequest,
    context: web::Data<Context>,
    payload: web::Payload,
) -> HttpResponse {
    in_words(async {
        let Wish { server } = wish(&request, payload, WISH).await?;
        // Taken only now: a body that comes slowly shall not keep what was known when it began.
        let current = Current::of(&context)?;
        let wish = (server.name.as_str(), server.address.as_str());
        let outcome = context.servers.add(&who, &context.archive, current.snapshot(), wish, current.now()).await?;
        Ok(say(&outcome))
    })
    .await
}

/// `PUT /api/servers`: gives one another address.
#[utoipa::path(
    put,
    path = "/api/servers",
    operation_id = "changeServer",
    tag = "Servers",
    summary = "Change the address of a server",
    description = "Its pings stay. Takes the scope `write`.",
    request_body(content = schemas::ServerWish, content_type = "application/json"),
    responses(
        (status = 200, description = "It has this address now.", body = schemas::ServerOutcome),
        WrongWish,
        NoServer,
        LateWish,
        LargeWish,
        NoJson,
        NoStore,
    ),
)]
pub(super) async fn change(
    Writer(who): Writer,
    request: HttpRequest,
    context: web::Data<Context>,
    payload: web::Payload,
) -> HttpResponse {
    in_words(async {
        let Wish { server } = wish(&request, payload, WISH).await?;
        let wish = (server.name.as_str(), server.address.as_str());
        let outcome = context.servers.change(&who, &context.archive, wish).await?;
        Ok(say(&outcome))
    })
    .await
}

/// `DELETE /api/servers`: removes one.
#[utoipa::path(
    delete,
    path = "/api/servers",
    operation_id = "removeServer",
    tag = "Servers",
    summary = "Remove a server",
    description = "Its pings go, too. Takes the scope `write`.",
    request_body(content = schemas::ServerNamed, content_type = "application/json"),
    responses(
        (status = 200, description = "It is gone.", body = schemas::ServerOutcome),
        WrongWish,
        NoServer,
        LateWish,
        LargeWish,
        NoJson,
        NoStore,
    ),
)]
pub(super) async fn remove(
    Writer(who): Writer,
    request: HttpRequest,
    context: web::Data<Context>,
    payload: web::Payload,
) -> HttpResponse {
    in_words(async {
        let Named { server } = wish(&request, payload, NAMED).await?;
        let outcome = context.servers.remove(&who, &context.archive, &server).await?;
        Ok(say(&outcome))
    })
    .await
}

/// What is posted and put.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    server: Wished,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wished {
    name: String,
    #[serde(rename = "IP")]
    address: String,
}

/// What is deleted, or asked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    server: String,
}

/// Reads a wish.
async fn wish<T: serde::de::DeserializeOwned>(
    request: &HttpRequest,
    payload: web::Payload,
    expected: &str,
) -> Result<T, ApiError> {
    Parameters::read(request.query_string())?.finish()?;
    body::parse(&body::unnamed_bytes(request, payload).await?, expected)
}

/// The body of `GET /api/servers`.
#[derive(Serialize, ToSchema)]
#[schema(as = ServerNames)]
struct Names<'a> {
    /// The names.
    #[schema(example = json!(["google_dns"]))]
    servers: Vec<&'a str>,
}

/// What may be asked of pings.
enum PingsQuery {}

impl IntoParams for PingsQuery {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let window = vec![
            parameters::instant("from", "Pings of this instant or later."),
            parameters::instant("to", "Pings before this instant."),
        ];
        [window, page::documented()].concat()
    }
}

/// `{name}`.
enum ServerName {}

impl IntoParams for ServerName {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let what = "The name of a server. It may hold anything, a slash included, so it is percent-encoded.";
        vec![parameters::segment("name", what, "google_dns")]
    }
}

async fn names(request: &HttpRequest, context: &Context) -> Result<HttpResponse, ApiError> {
    let page: Page<String> = page::alone(request)?;
    let servers = servers::all(&context.archive).await?;
    let names = servers.iter().map(|server| server.name.as_str());
    let (servers, next) = page.out_of(names, |&name| name.to_owned());
    let bytes = json::to_vec(&Names { servers });
    Current::of(context)?.answer_list(request, move || List { bytes, next }).await
}

async fn measured(request: &HttpRequest, context: &Context, name: &str) -> Result<HttpResponse, ApiError> {
    let mut parameters = Parameters::read(request.query_string())?;
    let (from, to) = (parameters.one("from", instant)?, parameters.one("to", instant)?);
    let page = Page::<i64>::take(&mut parameters)?;
    parameters.finish()?;
    in_order(from, to)?;
    let Some(server) = servers::named(&context.archive, name).await? else { return Ok(say(&Outcome::NameUnknown)) };
    let head = format!("{{\"server\":{},\"pings\":[", String::from_utf8_lossy(&json::to_vec(&server.name)));
    let archive = context.archive.clone();
    let read = move |behind: Option<i64>, limit| -> listing::Reading<i64> {
        let (archive, server): (_, Server) = (archive.clone(), server.clone());
        Box::pin(async move {
            let behind = behind.map(|at| Timestamp::from_millis(at).ok_or_else(ApiError::bad_cursor));
            // No two pings of a server have one time: those behind one are those before it.
            let until = [to, behind.transpose()?].into_iter().flatten().min();
            let checks = servers::checks(&archive, &server, from, until, Some(limit)).await?;
            Ok(checks.iter().map(element).collect())
        })
    };
    listing::answer(&Current::of(context)?, request, head, page, listing::AT_ONCE, Box::new(read)).await
}

/// A ping: when, and after how many milliseconds the answer came.
fn element(check: &Check) -> Element<i64> {
    let latency = serde_json::Value::from(check.latency.map(millis));
    let json = format!("{{\"{}\":{latency}}}", check.at).into_bytes();
    Element { json, cursor: check.at.as_millis() }
}

/// Answers with a word where a request is refused for what it is.
async fn in_words(answer: impl Future<Output = Result<HttpResponse, ApiError>>) -> HttpResponse {
    match answer.await {
        Ok(response) => response,
        Err(error @ (ApiError::BadRequest(_) | ApiError::RequestTimeout | ApiError::PayloadTooLarge)) => {
            word(error.status_code(), &Outcome::Wrong(error.to_string()))
        }
        Err(error) => HttpResponse::from_error(error),
    }
}

/// Answers what became of a wish.
fn say(outcome: &Outcome) -> HttpResponse {
    word(outcome.status(), outcome)
}

/// The body of all answers that are a word.
#[derive(Serialize)]
struct Word {
    status: &'static str,
}

fn word(status: StatusCode, outcome: &Outcome) -> HttpResponse {
    let mut response = private::value(status, &Word { status: outcome.as_str() });
    if let Outcome::Wrong(reason) = outcome {
        response.headers_mut().insert(X_REASON.clone(), plain(reason));
    }
    response
}

/// A text as a header may have it.
fn plain(reason: &str) -> HeaderValue {
    let plain = reason.chars().take(REASON).map(|c| if c == ' ' || c.is_ascii_graphic() { c } else { '?' });
    HeaderValue::try_from(plain.collect::<String>()).unwrap_or(const { HeaderValue::from_static("?") })
}
