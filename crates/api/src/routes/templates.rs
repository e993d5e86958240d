//! `/api/templates`: the templates of messages.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::{Deserialize, Deserializer, Serialize};
use unistatus_core::causes::with_causes;
use unistatus_core::schema::{Dimensions, Event, Status, Timestamp};
use unistatus_core::store::{ByAge, Store};
use unistatus_core::template::{Draft, DraftError, RenderError, Template};
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa::{IntoParams, ToSchema};

use super::body::{self, Kind};
use super::current::Current;
use super::listing::{self, Element};
use super::page::{self, Page, Paging};
use super::parameters::NoParameters;
use super::{path, private, reading, resource};
use crate::app::Context;
use crate::auth::{CHANGE, Member, Writer};
use crate::conditional::Precondition;
use crate::error::ApiError;
use crate::json;
use crate::openapi::answers::{
    ChangedMeanwhile, NoJson, NoPast, NoRoom, NoStore, NoTemplate, NotAccepted, NotModified, NotRendered, Refused,
    TooLarge, TooLate,
};
use crate::openapi::{parameters, schemas};
use crate::snapshot::Body;
use crate::templates::{self, Content, TemplateChange, TemplateError};

/// How many bytes a body may have: JSON may take six for one of a content.
const LONGEST: usize = 6 * (Draft::LONGEST_CONTENT + Draft::LONGEST_DESCRIPTION) + 4096;
/// How many are listed at once at the most: a content may have 64 KiB.
const AT_ONCE: u32 = 100;
/// What is posted and put.
const WISH: &str = r#"{"name":"…","content":"…"}, and "description""#;
/// What is patched.
const PATCH: &str = r#"any of "name", "description" and "content""#;
/// What a template is tried with.
const TRIAL: &str = r#"{"event":{…}}, the event as `/api/events` lists it, or nothing"#;

/// Mounts the resources.
pub(super) fn configure(config: &mut web::ServiceConfig) {
    let all = resource("/api/templates", "GET, HEAD, POST").route(reading().to(list)).route(web::post().to(add));
    let one = resource("/api/templates/{id}", "GET, HEAD, PUT, PATCH, DELETE")
        .route(reading().to(tell))
        .route(web::put().to(change))
        .route(web::patch().to(amend))
        .route(web::delete().to(remove));
    let rendered = resource("/api/templates/{id}/render", "POST").route(web::post().to(render));
    config.service(all).service(one).service(rendered);
}

/// A template, as it is told.
#[derive(Serialize, ToSchema)]
#[schema(as = Template)]
pub(crate) struct Told<'a> {
    /// Identifies it: a UUID.
    #[schema(example = "6f0d0a6e-0b9c-4c8e-9d1b-1f9f0c3d2a10")]
    id: &'a str,
    /// What people call it; others may have the same name.
    #[schema(example = "short")]
    name: &'a str,
    /// What it is for.
    #[schema(example = "One line for the chat")]
    description: &'a str,
    /// What is filled in, in the language of `MiniJinja`.
    #[schema(example = "{{ service }} of {{ target }} is {{ to }}")]
    content: &'a str,
    /// When it was added.
    #[schema(value_type = schemas::Timestamp)]
    created: Timestamp,
    /// When it was last changed.
    #[schema(value_type = schemas::Timestamp)]
    modified: Timestamp,
}

impl<'a> From<&'a Template> for Told<'a> {
    fn from(template: &'a Template) -> Self {
        Self {
            id: &template.id,
            name: &template.name,
            description: &template.description,
            content: &template.content,
            created: template.created_at,
            modified: template.modified_at,
        }
    }
}

/// What is posted and put.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(
    as = TemplateWish,
    example = json!({"name": "short", "content": "{{ service }} of {{ target }} is {{ to }}"}),
)]
pub(crate) struct Wish {
    /// What people call it: any text without control characters.
    #[schema(min_length = 1, max_length = 64)]
    name: String,
    /// What it is for; nothing where it is not given.
    #[serde(default)]
    #[schema(max_length = 1024)]
    description: String,
    /// What is filled in, in the language of `MiniJinja`.
    #[schema(max_length = 65_536)]
    content: String,
}

/// What is patched, as a JSON merge patch (RFC 7396).
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TemplatePatch, example = json!({"name": "shorter"}))]
pub(crate) struct Patch {
    /// What people call it.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 64)]
    name: Option<String>,
    /// What it is for; `null` takes it away.
    #[serde(default, deserialize_with = "given_or_taken_away")]
    #[schema(max_length = 1024)]
    description: Option<String>,
    /// What is filled in.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = String, required = false, max_length = 65_536)]
    content: Option<String>,
}

/// A field that is not null where it is given.
fn given<'de, D: Deserializer<'de>>(field: D) -> Result<Option<String>, D::Error> {
    String::deserialize(field).map(Some)
}

/// A field that null makes empty.
fn given_or_taken_away<'de, D: Deserializer<'de>>(field: D) -> Result<Option<String>, D::Error> {
    Option::deserialize(field).map(|text: Option<String>| Some(text.unwrap_or_default()))
}

/// What a template is tried with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TemplateTrial)]
pub(crate) struct Trial {
    /// A change of status; an example where it is not given.
    event: Option<Posted>,
}

/// A change of status, as it is listed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(as = EventWish)]
pub(crate) struct Posted {
    /// The target's name.
    target: String,
    /// The service's name.
    service: String,
    /// What tells the service from the others of its target; its name where it is not given.
    key: Option<String>,
    /// The status before; null at first sight.
    #[schema(value_type = Option<schemas::Status>)]
    from: Option<Status>,
    /// The status after; null if the service was removed.
    #[schema(value_type = Option<schemas::Status>)]
    to: Option<Status>,
    /// When we saw it.
    #[schema(value_type = schemas::Timestamp)]
    at: Timestamp,
    /// When the source says the change happened, where it says so.
    #[schema(value_type = Option<schemas::Timestamp>)]
    source_at: Option<Timestamp>,
    /// The service's dimensions.
    #[serde(default)]
    #[schema(value_type = schemas::Dimensions, required = false)]
    dimensions: Dimensions,
}

impl From<Posted> for Event {
    fn from(Posted { target, service, key, from, to, at, source_at, dimensions }: Posted) -> Self {
        let key = key.unwrap_or_else(|| service.clone());
        Self { target, service, key, from, to, at, source_at, dimensions, revision: 0 }
    }
}

/// The body of `POST /api/templates/{id}/render`.
#[derive(Serialize, ToSchema)]
#[schema(as = RenderedTemplate)]
pub(crate) struct Rendered<'a> {
    /// The text.
    #[schema(example = "Git Operations of github is Degraded")]
    rendered: &'a str,
}

/// `{id}`.
enum TemplateId {}

impl IntoParams for TemplateId {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let example = "6f0d0a6e-0b9c-4c8e-9d1b-1f9f0c3d2a10";
        vec![parameters::segment("id", "The id of a template, as `/api/templates` lists it.", example)]
    }
}

/// `{id}`, and what a change is meant for.
enum ChangedTemplate {}

impl IntoParams for ChangedTemplate {
    fn into_params(place: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let what = "The entity tags that the template may have; otherwise the answer is a 412. `*` is any.";
        [TemplateId::into_params(place), vec![parameters::header("If-Match", what)]].concat()
    }
}

/// `GET /api/templates`.
#[utoipa::path(
    get,
    path = "/api/templates",
    operation_id = "listTemplates",
    tag = "Templates",
    summary = "The templates of messages",
    description = "Oldest first. A page has a hundred at the most.",
    params(Paging),
    responses((status = 200, description = "The templates.", body = schemas::TemplateList), NotModified, Refused, NoPast),
)]
pub(super) async fn list(
    request: HttpRequest,
    current: Current,
    context: web::Data<Context>,
) -> Result<HttpResponse, ApiError> {
    let page: Page<(i64, String)> = page::alone(&request)?;
    let archive = context.archive.clone();
    let read = move |behind: Option<(i64, String)>, limit| -> listing::Reading<(i64, String)> {
        let archive = archive.clone();
        Box::pin(async move {
            let place = |(at, id)| Timestamp::from_millis(at).map(|created_at| ByAge { created_at, id });
            let behind = behind.map(|cursor| place(cursor).ok_or_else(ApiError::bad_cursor)).transpose()?;
            let behind = behind.as_ref();
            let find = |store: Arc<dyn Store>| async move { store.templates(behind, Some(limit)).await };
            let templates = archive.turn().await?.ask(find).await?;
            Ok(templates.iter().map(element).collect())
        })
    };
    listing::answer(&current, &request, listing::named("templates"), page, AT_ONCE, Box::new(read)).await
}

fn element(template: &Template) -> Element<(i64, String)> {
    let cursor = (template.created_at.as_millis(), template.id.clone());
    Element { json: json::to_vec(&Told::from(template)), cursor }
}

/// `POST /api/templates`.
#[utoipa::path(
    post,
    path = "/api/templates",
    operation_id = "addTemplate",
    tag = "Templates",
    summary = "Add a template",
    description = "Its content has to be a template of `MiniJinja`. Takes the scope `write`.",
    request_body(content = Wish, content_type = "application/json"),
    responses(
        (
            status = 201,
            description = "The template.",
            body = Told,
            headers(("Location" = String, description = "Where it is."), ("ETag" = String, description = "Its entity tag.")),
        ),
        Refused,
        TooLate,
        TooLarge,
        NoJson,
        NotAccepted,
        NoRoom,
    ),
)]
pub(super) async fn add(
    Writer(who): Writer,
    _: NoParameters,
    request: HttpRequest,
    context: web::Data<Context>,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let Wish { name, description, content } = body::long_json(&request, payload, Kind::Json, LONGEST, WISH).await?;
    let checked = Content::checked(&context.renderer, content).await?;
    let now = context.clock.now();
    let add = |store: Arc<dyn Store>| async move { templates::add(&*store, name, description, checked, now).await };
    let template = context.archive.once(CHANGE, add).await?;
    tracing::info!(by = who.name, id = template.id, name = template.name, "a template was added");
    let added = private::created(&format!("/api/templates/{}", template.id), &Told::from(&template))?;
    Ok(tagged(added, &template))
}

/// `GET /api/templates/{id}`.
#[utoipa::path(
    get,
    path = "/api/templates/{id}",
    operation_id = "getTemplate",
    tag = "Templates",
    summary = "One template",
    description = "Its `ETag` says what a change of it is meant for.",
    params(TemplateId),
    responses((status = 200, description = "The template.", body = Told), NotModified, Refused, NoTemplate, NoPast),
)]
pub(super) async fn tell(
    _: NoParameters,
    request: HttpRequest,
    current: Current,
    context: web::Data<Context>,
) -> Result<HttpResponse, ApiError> {
    current.answer(&request, &body_of(&asked_for(&request, &context).await?)).await
}

/// `PUT /api/templates/{id}`.
#[utoipa::path(
    put,
    path = "/api/templates/{id}",
    operation_id = "changeTemplate",
    tag = "Templates",
    summary = "Change all of a template",
    description = "A description that is not given is taken away. Takes the scope `write`.",
    params(ChangedTemplate),
    request_body(content = Wish, content_type = "application/json"),
    responses(
        (
            status = 200,
            description = "The template as it is now.",
            body = Told,
            headers(("ETag" = String, description = "Its entity tag.")),
        ),
        Refused,
        NoTemplate,
        TooLate,
        ChangedMeanwhile,
        TooLarge,
        NoJson,
        NotAccepted,
        NoRoom,
    ),
)]
pub(super) async fn change(
    Writer(who): Writer,
    _: NoParameters,
    request: HttpRequest,
    context: web::Data<Context>,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let Wish { name, description, content } = body::long_json(&request, payload, Kind::Json, LONGEST, WISH).await?;
    let patch = Patch { name: Some(name), description: Some(description), content: Some(content) };
    changed(&who.name, &request, &context, patch).await
}

/// `PATCH /api/templates/{id}`.
#[utoipa::path(
    patch,
    path = "/api/templates/{id}",
    operation_id = "amendTemplate",
    tag = "Templates",
    summary = "Change some of a template",
    description = "By a JSON merge patch (RFC 7396): what is not given stays. Takes the scope `write`.",
    params(ChangedTemplate),
    request_body(content(
        (Patch = "application/merge-patch+json"),
        (Patch = "application/json"),
    )),
    responses(
        (
            status = 200,
            description = "The template as it is now.",
            body = Told,
            headers(("ETag" = String, description = "Its entity tag.")),
        ),
        Refused,
        NoTemplate,
        TooLate,
        ChangedMeanwhile,
        TooLarge,
        NoJson,
        NotAccepted,
        NoRoom,
    ),
)]
pub(super) async fn amend(
    Writer(who): Writer,
    _: NoParameters,
    request: HttpRequest,
    context: web::Data<Context>,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let patch = body::long_json(&request, payload, Kind::MergePatch, LONGEST, PATCH).await?;
    changed(&who.name, &request, &context, patch).await
}

async fn changed(by: &str, request: &HttpRequest, context: &Context, patch: Patch) -> Result<HttpResponse, ApiError> {
    let (id, precondition) = (path::parameter(request, "id")?, Precondition::of(request.headers()));
    let checked = match patch.content {
        Some(wished) => Some(Content::checked(&context.renderer, wished).await?),
        None => None,
    };
    let change = TemplateChange { name: patch.name, description: patch.description, content: checked };
    let now = context.clock.now();
    let (wanted, is_meant) = (id.as_str(), |template: &Template| precondition.holds(&body_of(template)));
    let work = |store: Arc<dyn Store>| async move { templates::change(&*store, wanted, &change, is_meant, now).await };
    let template = context.archive.once(CHANGE, work).await?;
    tracing::info!(by, id = template.id, name = template.name, "a template was changed");
    Ok(tagged(private::value(StatusCode::OK, &Told::from(&template)), &template))
}

/// `DELETE /api/templates/{id}`.
#[utoipa::path(
    delete,
    path = "/api/templates/{id}",
    operation_id = "removeTemplate",
    tag = "Templates",
    summary = "Remove a template",
    description = "Nobody can bring it back. Takes the scope `write`.",
    params(ChangedTemplate),
    responses((status = 204, description = "It is gone."), Refused, NoTemplate, ChangedMeanwhile, NoStore),
)]
pub(super) async fn remove(
    Writer(who): Writer,
    _: NoParameters,
    request: HttpRequest,
    context: web::Data<Context>,
) -> Result<HttpResponse, ApiError> {
    let (id, precondition) = (path::parameter(&request, "id")?, Precondition::of(request.headers()));
    let (wanted, is_meant) = (id.as_str(), |template: &Template| precondition.holds(&body_of(template)));
    let remove = |store: Arc<dyn Store>| async move { templates::remove(&*store, wanted, is_meant).await };
    context.archive.once(CHANGE, remove).await?;
    tracing::info!(by = who.name, id, "a template was removed");
    Ok(private::done().finish())
}

/// `POST /api/templates/{id}/render`.
#[utoipa::path(
    post,
    path = "/api/templates/{id}/render",
    operation_id = "renderTemplate",
    tag = "Templates",
    summary = "Fill a template in",
    description = "With a change of status, or with an example where none is sent. For everybody who said who they are: it \
                   costs a process, which is stopped where it takes too much time or memory.",
    params(TemplateId),
    request_body(content = Option<Trial>, content_type = "application/json"),
    responses(
        (status = 200, description = "The text.", body = Rendered),
        Refused,
        NoTemplate,
        TooLate,
        TooLarge,
        NoJson,
        NotRendered,
        NoRoom,
    ),
)]
pub(super) async fn render(
    Member(_): Member,
    _: NoParameters,
    request: HttpRequest,
    context: web::Data<Context>,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    let sent = body::unnamed_bytes(&request, payload).await?;
    let trial: Option<Trial> = if sent.is_empty() { None } else { body::parse(&sent, TRIAL)? };
    let template = asked_for(&request, &context).await?;
    let event = trial.and_then(|trial| trial.event).map(Event::from);
    let rendered = templates::render(&context.renderer, &template, event.as_ref(), context.clock.now()).await?;
    Ok(private::value(StatusCode::OK, &Rendered { rendered: &rendered }))
}

/// The template that a path names.
async fn asked_for(request: &HttpRequest, context: &Context) -> Result<Template, ApiError> {
    let id = &*path::parameter(request, "id")?;
    let find = |store: Arc<dyn Store>| async move { store.template(id).await };
    context.archive.turn().await?.ask(find).await?.ok_or(ApiError::TemplateNotFound)
}

fn body_of(template: &Template) -> Body {
    Body::made(json::to_vec(&Told::from(template)).into())
}

/// With what the next change of this template is meant for.
fn tagged(mut response: HttpResponse, template: &Template) -> HttpResponse {
    response.headers_mut().insert(header::ETAG, body_of(template).in_coding(None).etag().clone());
    response
}

impl From<TemplateError> for ApiError {
    fn from(error: TemplateError) -> Self {
        match error {
            TemplateError::Draft(error @ DraftError::Content) => Self::InvalidTemplate(error.to_string()),
            TemplateError::Draft(error @ (DraftError::Name(_) | DraftError::Description)) => {
                Self::BadRequest(format!("Not accepted: {error}."))
            }
            TemplateError::NoTemplate(RenderError::Busy) | TemplateError::NotRendered(RenderError::Busy) => Self::BUSY,
            TemplateError::NoTemplate(error @ RenderError::Process(_))
            | TemplateError::NotRendered(error @ RenderError::Process(_)) => {
                tracing::error!(error = with_causes(&error), "no template can be rendered");
                Self::Internal
            }
            TemplateError::NoTemplate(error) => Self::InvalidTemplate(error.to_string()),
            TemplateError::NotRendered(error) => Self::TemplateFailed(error.to_string()),
            TemplateError::Unknown => Self::TemplateNotFound,
            TemplateError::Changed => Self::PreconditionFailed,
            TemplateError::Id(error) => error.into(),
            TemplateError::Store(error) => error.into(),
        }
    }
}
