//! `/graphql`: the questions of the routes below `/api`, several at a time, and answers that have what was asked for.

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, Resource, web};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::openapi::Required;
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa::{IntoParams, ToSchema};

use super::body;
use super::current::Current;
use super::parameters::Parameters;
use crate::app::Context;
use crate::error::ApiError;
use crate::graphql::{self, Asker, Question};
use crate::json;
use crate::openapi::answers::{NoJson, NotModified, NotReady, TooLarge, TooLate};
use crate::openapi::parameters::text;
use crate::query::apart;
use crate::snapshot::Body;

/// Where it is.
const PATH: &str = "/graphql";
const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// What an answer depends on: the same bytes are sent as one type or the other.
const ACCEPTS: HeaderValue = HeaderValue::from_static("Accept, Accept-Encoding");
const GRAPHQL: HeaderValue = HeaderValue::from_static("application/graphql-response+json");

/// The resource: a question comes in a query, or as a body of JSON.
pub(super) fn resource() -> Resource {
    super::resource(PATH, "GET, HEAD, POST").route(super::reading().to(by_query)).route(web::post().to(by_body))
}

/// `GET /graphql?query=…`.
#[utoipa::path(
    get,
    path = "/graphql",
    operation_id = "askGraphqlByQuery",
    tag = "GraphQL",
    summary = "Ask a GraphQL question",
    description = "The same questions as those of the other resources, several at a time. The schema explains itself.",
    params(Asked),
    responses(
        (
            status = 200,
            description = "What was asked for, and beside it the errors of single fields.",
            content((serde_json::Value = "application/json"), (serde_json::Value = "application/graphql-response+json")),
        ),
        NotModified,
        (
            status = 400,
            description = "The question cannot be understood, or asks for too much.",
            content((serde_json::Value = "application/json"), (serde_json::Value = "application/graphql-response+json")),
        ),
        NotReady,
    ),
)]
pub(super) async fn by_query(
    request: HttpRequest,
    current: Current,
    context: web::Data<Context>,
) -> Result<HttpResponse, ApiError> {
    let mut parameters = Parameters::read(request.query_string())?;
    let text = |value: &str| Ok::<_, String>(value.to_owned());
    let query = parameters.one("query", text)?;
    let operation_name = parameters.one("operationName", text)?;
    let variables = parameters.one("variables", |value| {
        serde_json::from_str::<Option<Map<String, Value>>>(value).map_err(|_| "expected is a JSON object")
    })?;
    parameters.finish()?;
    let query = query.ok_or_else(|| {
        let how = "Ask with a POST of {\"query\":\"…\"} as application/json, or with a GET and the query in \"query\".";
        ApiError::BadRequest(how.to_owned())
    })?;
    let variables = variables.flatten().unwrap_or_default();
    answer(&request, &current, &context, Question { query, operation_name, variables }).await
}

/// What a query asks with.
enum Asked {}

impl IntoParams for Asked {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let mut query = text("query", "The question.", "query Version { apiVersion }");
        query.required = Required::True;
        vec![
            query,
            text("operationName", "Which of its operations is meant, if it has several.", "Version"),
            text("variables", "Its variables: a JSON object.", "{}"),
        ]
    }
}

/// `POST /graphql`.
#[utoipa::path(
    post,
    path = "/graphql",
    operation_id = "askGraphql",
    tag = "GraphQL",
    summary = "Ask a GraphQL question",
    description = "The same questions as those of the other resources, several at a time. The schema explains itself.",
    request_body(content = Posted, content_type = "application/json"),
    responses(
        (
            status = 200,
            description = "What was asked for, and beside it the errors of single fields.",
            content((serde_json::Value = "application/json"), (serde_json::Value = "application/graphql-response+json")),
        ),
        (
            status = 400,
            description = "The question cannot be understood, or asks for too much.",
            content((serde_json::Value = "application/json"), (serde_json::Value = "application/graphql-response+json")),
        ),
        TooLate,
        TooLarge,
        NoJson,
        NotReady,
    ),
)]
pub(super) async fn by_body(
    request: HttpRequest,
    context: web::Data<Context>,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    Parameters::read(request.query_string())?.finish()?;
    let posted: Posted = serde_json::from_slice(&body::bytes(&request, payload).await?)
        .map_err(|error| ApiError::BadRequest(format!("The body cannot be read: {error}.")))?;
    // Taken only now: a body that comes slowly shall not keep what was known when it began.
    answer(&request, &Current::of(&context)?, &context, posted.into()).await
}

/// The body of a question. What else it has is left alone, as the specification demands.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = GraphqlQuestion, example = json!({"query": "{ apiVersion }"}))]
struct Posted {
    /// The question.
    query: String,
    /// Which of its operations is meant, if it has several.
    #[serde(default)]
    operation_name: Option<String>,
    /// Its variables.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    variables: Option<Map<String, Value>>,
}

impl From<Posted> for Question {
    fn from(Posted { query, operation_name, variables }: Posted) -> Self {
        Self { query, operation_name, variables: variables.unwrap_or_default() }
    }
}

async fn answer(
    request: &HttpRequest,
    current: &Current,
    context: &Context,
    question: Question,
) -> Result<HttpResponse, ApiError> {
    let asker = Asker::new(current.snapshot().clone(), current.now(), context.archive.clone());
    let graphql::Answer { response, is_refused } = graphql::answer(question, asker).await?;
    let body = apart(move || Body::made(json::to_vec(&response).into())).await?;
    let kind = if likes_graphql(request) { GRAPHQL } else { JSON };
    if !is_refused {
        let mut answer = current.answer_as(kind, request, &body).await?;
        answer.headers_mut().insert(header::VARY, ACCEPTS);
        return Ok(answer);
    }
    let mut refusal = HttpResponse::BadRequest();
    refusal.insert_header((header::CONTENT_TYPE, kind)).insert_header((header::CACHE_CONTROL, "no-store"));
    Ok(refusal.body(body.bytes().clone()))
}

/// Whether the client names the type that only answers of GraphQL have.
fn likes_graphql(request: &HttpRequest) -> bool {
    let accept = request.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    accept.contains("application/graphql-response+json")
}
