//! What access and limits add to every operation.

use utoipa::IntoResponses;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{RefOr, Response};

use super::answers::{self, Forbidden, TooMany, Unauthorized};
use super::owned;
use crate::auth::Place;

/// The ways to say who asks, by the names that operations know them by.
pub(super) fn schemes() -> [(String, RefOr<SecurityScheme>); 3] {
    let key = ApiKeyValue::with_description("X-API-KEY", "A key.");
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("A key, or the token of `POST /api/login`."))
        .build();
    let cookie = ApiKeyValue::with_description(
        "unistatus_session",
        "What `POST /api/login` sets. What changes something needs an `X-CSRF-Token` beside it, as `GET /api/session` tells it.",
    );
    [
        ("key", SecurityScheme::ApiKey(ApiKey::Header(key))),
        ("bearer", SecurityScheme::Http(bearer)),
        ("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie))),
    ]
    .map(|(name, scheme)| (name.to_owned(), RefOr::T(scheme)))
}

/// Operations for everybody who said who they are, whatever their scope.
const MEMBERS: [&str; 4] = ["/api/logout", "/api/password", "/api/session", "/api/templates/{id}/render"];

/// Adds what may be asked of whoever asks, and how they are refused. An operation that takes a scope says so in its
/// description.
pub(super) fn complete(path: &str, operation: &mut Operation) {
    let place = Place::of(path);
    let described = operation.description.as_deref().unwrap_or_default();
    let is_for_members = described.contains("Takes the scope") || MEMBERS.contains(&path);
    // With a cookie, what is no plain question may not be meant.
    // Whoever is somebody may read.
    let takes_more = described.contains("Takes the scope") && !described.contains("Takes the scope `read`");
    let may_be_forbidden = takes_more || operation.request_body.is_some() || path == "/api/logout";
    let responses = &mut operation.responses.responses;
    if !place.is_open() {
        let ways = ["key", "bearer", "session"].map(|way| SecurityRequirement::new::<_, [&str; 0], &str>(way, []));
        let open = (!is_for_members).then(SecurityRequirement::default);
        operation.security = Some(open.into_iter().chain(ways).collect());
        responses.extend(Unauthorized::responses());
        if may_be_forbidden {
            responses.extend(Forbidden::responses());
        }
    }
    if place.is_counted() {
        for (status, response) in TooMany::responses() {
            // A route that has further ones documents both.
            responses.entry(status).or_insert(response);
        }
        for response in responses.values_mut() {
            tell_limit(response);
        }
    }
}

fn tell_limit(response: &mut RefOr<Response>) {
    if let RefOr::T(response) = response {
        response.headers.extend(answers::limit_headers().map(owned));
    }
}
