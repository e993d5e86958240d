//! The answers that many routes share: errors, "not modified", and the headers that go with them.

use std::collections::BTreeMap;

use actix_web::ResponseError;
use serde_json::json;
use unistatus_core::rollbar::{RollbarError, TokenScope};
use unistatus_core::template::RenderError;
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::{ContentBuilder, ObjectBuilder, Ref, RefOr, Response, ResponseBuilder, Type};
use utoipa::{IntoResponses, ToSchema};

use crate::encoding::Coding;
use crate::error::{AUTHENTICATE, ApiError, ErrorBody};
use crate::limits;
use crate::openapi::schemas::ServerOutcome;

/// Names an answer that several routes give, and makes it.
macro_rules! answer {
    ($(#[$doc:meta])* $name:ident, $make:expr) => {
        $(#[$doc])*
        pub(crate) enum $name {}

        impl IntoResponses for $name {
            fn responses() -> BTreeMap<String, RefOr<Response>> {
                let (status, response): (u16, ResponseBuilder) = $make;
                BTreeMap::from([(status.to_string(), response.into())])
            }
        }
    };
}

answer! {
    /// The client has the body already.
    NotModified,
    (304, ResponseBuilder::new().description("What the client has already, as `If-None-Match` or `If-Modified-Since` say, still holds."))
}
answer! {
    /// A parameter that is not known, or a value.
    Refused,
    error("The request is not understood; the message says what is accepted.", &[
        ApiError::BadRequest("\"limt\" is not a query parameter of this resource; it accepts none.".to_owned()),
    ])
}
answer! {
    /// No such target.
    NoTarget,
    error("There is no such target.", &[ApiError::TargetNotFound])
}
answer! {
    /// No such target, or no such service of it.
    NoService,
    error("There is no such target, or no such service.", &[ApiError::TargetNotFound, ApiError::ServiceNotFound])
}
answer! {
    /// A body that comes too slowly.
    TooLate,
    error("The body did not arrive in time.", &[ApiError::RequestTimeout])
}
answer! {
    /// A body that is too large.
    TooLarge,
    error("The body is too large.", &[ApiError::PayloadTooLarge])
}
answer! {
    /// A body of another kind.
    NoJson,
    error("The body is not what is expected.", &[ApiError::UnsupportedMediaType("application/json")])
}
answer! {
    /// Before the first snapshot.
    NotReady,
    error("Nothing is known yet, or the server is stopping.", &[ApiError::NO_SNAPSHOT, ApiError::STOPPING])
}
answer! {
    /// Before the first snapshot, and where the database is needed.
    NoPast,
    error(
        "Nothing is known yet, or the database that knows the past does not answer.",
        &[ApiError::NO_SNAPSHOT, ApiError::StoreUnavailable],
    )
}
answer! {
    /// The database is needed.
    NoStore,
    error("The database does not answer.", &[ApiError::StoreUnavailable])
}
answer! {
    /// No such key.
    NoKey,
    error("There is no such key.", &[ApiError::KeyNotFound])
}
answer! {
    /// No such user.
    NoUser,
    error("There is no such user.", &[ApiError::UserNotFound])
}
answer! {
    /// No such report.
    NoReport,
    error("There is no such report.", &[ApiError::ReportNotFound])
}
answer! {
    /// No such template.
    NoTemplate,
    error("There is no such template.", &[ApiError::TemplateNotFound])
}
answer! {
    /// Something that is no template.
    NotAccepted,
    error("The content is no template; the message says where and why.", &[
        ApiError::InvalidTemplate("line 2: syntax error: unexpected end of input, expected end of block".to_owned()),
    ])
}
answer! {
    /// A template that cannot be filled in.
    NotRendered,
    error("The template cannot be filled in; the message says where and why.", &[
        ApiError::TemplateFailed("line 1: undefined value: `servce` is undefined".to_owned()),
        ApiError::TemplateFailed(RenderError::TooLong.to_string()),
    ])
}
answer! {
    /// A condition that does not hold.
    ChangedMeanwhile,
    error("It has none of the entity tags that `If-Match` names.", &[ApiError::PreconditionFailed])
}
answer! {
    /// No process is free, or the database is needed.
    NoRoom,
    error("No process is free to read a template, or the database does not answer.", &[
        ApiError::BUSY,
        ApiError::StoreUnavailable,
    ])
}
answer! {
    /// A name that is taken.
    UserExists,
    error("There is a user of that name.", &[ApiError::UserExists])
}
answer! {
    /// Nobody could give access any more.
    LastAdmin,
    error("Nobody could give access any more.", &[ApiError::LastAdmin])
}
answer! {
    /// A login that failed.
    WrongPassword,
    error("The name or the password is wrong.", &[
        ApiError::Unauthorized("The name or the password is wrong.".to_owned()),
    ])
}
answer! {
    /// A credential that is wrong, or missing where one is needed.
    Unauthorized,
    error("What proves who asks is wrong, expired or revoked, or missing where it is needed.", &[
        ApiError::Unauthorized("This takes a key or a login with the scope write.".to_owned()),
    ])
}
answer! {
    /// Somebody who may not.
    Forbidden,
    error("Who asks may not do this.", &[ApiError::Forbidden("This takes the scope write.")])
}
answer! {
    /// Somebody who asks too often.
    TooMany,
    error("Too many requests.", &[ApiError::TooManyRequests { seconds: 30 }])
}
answer! {
    /// Nothing that could be done for a server.
    WrongWish,
    outcome(400, "The request is not understood, or asks for what is not allowed.", true)
}
answer! {
    /// No such server.
    NoServer,
    outcome(404, "There is no such server.", false)
}
answer! {
    /// What a server was to be called is taken.
    NameTaken,
    outcome(409, "A target has that name.", false)
}
answer! {
    /// As [`TooLate`], in the words of servers.
    LateWish,
    outcome(408, "The body did not arrive in time.", true)
}
answer! {
    /// As [`TooLarge`], in the words of servers.
    LargeWish,
    outcome(413, "The body is too large.", true)
}
answer! {
    /// No such item.
    NoItem,
    error("There is no such item.", &[ApiError::Rollbar(RollbarError::ItemNotFound)])
}
answer! {
    /// What Rollbar does not do.
    RollbarRefused,
    error("Rollbar refuses what is asked for; the message says why, in its words.", &[
        ApiError::Rollbar(RollbarError::Refused { status: 422, said: "Invalid level".to_owned() }),
    ])
}
answer! {
    /// As [`TooMany`], or Rollbar was asked too often.
    RollbarLimited,
    error("Too many requests: of who asks, or of this server to Rollbar.", &[
        ApiError::TooManyRequests { seconds: 30 },
        ApiError::Rollbar(RollbarError::Limited { seconds: 30 }),
    ])
}
answer! {
    /// No project is configured.
    RollbarNotConfigured,
    error("The server knows no Rollbar project.", &[ApiError::RollbarNotConfigured])
}
answer! {
    /// Rollbar is in trouble, or does not know the server's token.
    RollbarAway,
    error("Rollbar does not accept the token of the server, or does not answer as it should.", &[
        ApiError::Rollbar(RollbarError::TokenRefused {
            status: 403,
            said: "invalid access token".to_owned(),
            scope: TokenScope::Write,
        }),
        ApiError::Rollbar(RollbarError::Unavailable { problem: "it answers 500".to_owned(), is_safe: true }),
    ])
}
answer! {
    /// Rollbar takes too long.
    RollbarSlow,
    error("Rollbar gave no complete answer in time.", &[
        ApiError::Rollbar(RollbarError::TooSlow { seconds: 20, is_safe: true }),
    ])
}

/// Whatever keeps an operation from Rollbar, or Rollbar from it.
pub(crate) enum NoRollbar {}

impl IntoResponses for NoRollbar {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let all = [
            RollbarRefused::responses(),
            RollbarLimited::responses(),
            RollbarNotConfigured::responses(),
            RollbarAway::responses(),
            RollbarSlow::responses(),
        ];
        all.into_iter().flatten().collect()
    }
}

answer! {
    /// Our fault.
    Internal,
    error("The fault is the server's; its log has the cause.", &[ApiError::Internal])
}

/// The answer that these errors give, all of one status: the shape, and the body of each as its example.
fn error(description: &str, errors: &[ApiError]) -> (u16, ResponseBuilder) {
    let status = errors.first().map_or(500, |error| error.status_code().as_u16());
    let examples = errors.iter().enumerate().map(|(number, error)| {
        let body = json!(ErrorBody::of(error));
        let name = format!("{}{}", error.code(), number + 1);
        (name, RefOr::T(ExampleBuilder::new().summary(error.to_string()).value(Some(body)).build()))
    });
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name(ErrorBody::name())))
        .examples_from_iter(examples)
        .build();
    let mut response = ResponseBuilder::new()
        .description(description)
        .content("application/json", content)
        .header("Cache-Control", word("An error is never kept.", ["no-store"]));
    if status == 401 {
        response = response.header("WWW-Authenticate", word("How to say who asks.", [AUTHENTICATE]));
    }
    if matches!(status, 429 | 503) {
        let seconds = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1));
        response = response.header("Retry-After", header("After how many seconds to ask again.", seconds));
    }
    (status, response)
}

/// The answer that is a word about a server, and the header that says why where the word does not.
fn outcome(status: u16, description: &str, has_reason: bool) -> (u16, ResponseBuilder) {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(ServerOutcome::name()))).build();
    let response = ResponseBuilder::new().description(description).content("application/json", content);
    let reason = || header("Why, in a few words.", ObjectBuilder::new().schema_type(Type::String));
    (status, if has_reason { response.header("X-Reason", reason()) } else { response })
}

/// The headers of what may be asked for again with a condition.
pub(crate) fn caching_headers() -> [(&'static str, Header); 5] {
    let text = || ObjectBuilder::new().schema_type(Type::String);
    let tag = text().pattern(Some("^\"[^\"]+\"$")).examples([json!("\"e3b0c44298fc1c149afbf4c8996fb924\"")]);
    let seconds = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0));
    [
        ("ETag", header("The strong entity tag of the body in its coding.", tag)),
        ("Last-Modified", header("When the body last changed, where that is known.", text())),
        ("Cache-Control", word("Ask each time; mostly the answer is a 304.", ["no-cache"])),
        ("Vary", header("What the answer depends on beside the address.", text())),
        ("Age", header("While the database is away: for how many seconds nobody could confirm the answer.", seconds)),
    ]
}

/// The header that every answer has.
pub(crate) fn request_id_header() -> (&'static str, Header) {
    let id = ObjectBuilder::new().schema_type(Type::String).pattern(Some("^[A-Za-z0-9._-]{1,64}$"));
    ("X-Request-Id", header("The request's own `X-Request-Id`, or one that was made for it; the log has it, too.", id))
}

/// The headers of what is counted, where a limit is set.
pub(crate) fn limit_headers() -> [(&'static str, Header); 3] {
    let number = || ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0));
    let said = [
        "How many requests a minute are answered, where that is limited.",
        "How many of them are left.",
        "In how many seconds there are as many as in the beginning.",
    ];
    let [limit, left, seconds] = said.map(|said| header(said, number()));
    let [named_limit, named_left, named_seconds] = limits::WRITTEN;
    [(named_limit, limit), (named_left, left), (named_seconds, seconds)]
}

/// The header of a body that is compressed.
pub(crate) fn coding_header() -> (&'static str, Header) {
    let codings = Coding::ALL.map(Coding::as_str);
    ("Content-Encoding", word("The coding of the body, where it has one.", codings))
}

/// The header of a page that others follow.
pub(crate) fn link_header() -> (&'static str, Header) {
    let link = ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some(r#"^</.*>; rel="next"$"#))
        .examples([json!("</api/status?limit=1&cursor=ImdpdGh1YiI>; rel=\"next\"")]);
    ("Link", header("The next page, where there is one. Follow it as it is.", link))
}

fn word<'a>(description: &str, words: impl IntoIterator<Item = &'a str>) -> Header {
    header(description, ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)))
}

fn header(description: &str, schema: ObjectBuilder) -> Header {
    HeaderBuilder::new().description(Some(description)).schema(Some(schema)).build()
}
