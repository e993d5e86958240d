//! Whatever goes wrong in a request leaves in the one shape of [`ApiError`].
//!
//! One thing is out of reach: a request that is not HTTP (its path holds raw bytes that must be encoded,
//! its head is too large or does not arrive) is answered by actix's parser, with the right status and no body.

use std::panic::AssertUnwindSafe;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{SET_COOKIE, VARY};
use actix_web::middleware::Next;
use actix_web::{Error, HttpResponse, ResponseError};
use futures_util::FutureExt;

use crate::dashboard;
use crate::error::ApiError;

/// Turns panics and the errors of actix's own extractors into [`ApiError`]s.
///
/// Without it a panic cuts the connection without a word, and an extractor's error is plain text.
pub(crate) async fn guard<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let method = request.method().clone();
    let uri = request.uri().clone();
    match AssertUnwindSafe(async { next.call(request).await }).catch_unwind().await {
        Ok(Ok(response)) => {
            let Some(error) = response.response().error() else { return Ok(response.map_into_left_body()) };
            let (error, is_ours) = (ApiError::from_actix(error), error.as_error::<ApiError>().is_some());
            if let Some(page) = dashboard::told_to_people(&error, response.request()).await {
                return Ok(shown_by(page, response));
            }
            Ok(if is_ours { response.map_into_left_body() } else { said_by(&error, response) })
        }
        Ok(Err(error)) => Err(ApiError::from_actix(&error).into()),
        Err(_panic) => {
            // What it said and where was printed by the panic hook.
            tracing::error!(%method, path = uri.path(), "a request's handler panicked");
            Err(ApiError::Internal.into())
        }
    }
}

/// The answer that says in our shape what another one said in actix's. What a browser needs to show it to a page of
/// another origin stays.
fn said_by<B>(error: &ApiError, response: ServiceResponse<B>) -> ServiceResponse<EitherBody<B>> {
    let (request, before) = response.into_parts();
    let mut after = error.error_response();
    for (name, value) in before.headers() {
        if *name == VARY || name.as_str().starts_with("access-control-") {
            after.headers_mut().append(name.clone(), value.clone());
        }
    }
    ServiceResponse::new(request, after).map_into_right_body()
}

/// The page that says to people what an answer says to programs. What else the answer says stays.
fn shown_by<B>(mut page: HttpResponse, response: ServiceResponse<B>) -> ServiceResponse<EitherBody<B>> {
    let (request, before) = response.into_parts();
    for (name, value) in before.headers() {
        if *name == SET_COOKIE || !page.headers().contains_key(name) {
            page.headers_mut().append(name.clone(), value.clone());
        }
    }
    ServiceResponse::new(request, page).map_into_right_body()
}

#[cfg(test)]
mod tests {
    use actix_web::http::header;
    use actix_web::{App, HttpResponse, ResponseError, body, middleware, test, web};

    use super::*;

    #[expect(clippy::panic, reason = "a handler that panics is what is tested")]
    async fn panics() -> HttpResponse {
        panic!("a secret that nobody outside may read")
    }

    /// The status and the body of the answer to a request, which the guard may give as an error.
    async fn answer(request: test::TestRequest) -> (u16, String) {
        let app = App::new()
            .wrap(middleware::from_fn(guard))
            .route("/panics", web::get().to(panics))
            .route("/path/{number}", web::get().to(|number: web::Path<u32>| async move { number.to_string() }))
            .route(
                "/query",
                web::get().to(|query: web::Query<Vec<(String, u32)>>| async move { query.len().to_string() }),
            )
            .route("/body", web::post().to(|body: web::Json<u32>| async move { body.to_string() }))
            .app_data(web::JsonConfig::default().limit(16));
        let app = test::init_service(app).await;
        let response = match test::try_call_service(&app, request.to_request()).await {
            Ok(response) => response.into_parts().1.map_into_boxed_body(),
            Err(error) => error.as_response_error().error_response(),
        };
        if !response.status().is_success() {
            assert_eq!(response.headers().get(header::CONTENT_TYPE).unwrap(), "application/json");
        }
        let status = response.status().as_u16();
        let text = body::to_bytes(response.into_body()).await.unwrap();
        (status, String::from_utf8(text.to_vec()).unwrap())
    }

    #[actix_web::test]
    async fn a_panic_is_a_500_that_tells_nothing() {
        assert_eq!(answer(test::TestRequest::get().uri("/panics")).await, (500, body_of(&ApiError::Internal).await));
    }

    #[actix_web::test]
    async fn errors_of_actix_take_the_one_shape() {
        let json = ("content-type", "application/json");
        for (request, status, code) in [
            (test::TestRequest::get().uri("/path/x"), 400, "BadRequest"),
            (test::TestRequest::get().uri("/query?a=x"), 400, "BadRequest"),
            (test::TestRequest::post().uri("/body").insert_header(json).set_payload("{"), 400, "BadRequest"),
            (test::TestRequest::post().uri("/body").set_payload("1"), 400, "BadRequest"),
            (
                test::TestRequest::post().uri("/body").insert_header(json).set_payload("1".repeat(99)),
                413,
                "PayloadTooLarge",
            ),
        ] {
            let (answered, text) = answer(request).await;
            assert_eq!(answered, status, "{text}");
            let value: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert_eq!(value["error"]["code"], code, "{text}");
            assert!(value["error"]["message"].as_str().is_some_and(|message| !message.is_empty()), "{text}");
        }
    }

    #[actix_web::test]
    async fn what_goes_well_passes_unchanged() {
        assert_eq!(answer(test::TestRequest::get().uri("/path/7")).await, (200, "7".to_owned()));
    }

    async fn body_of(error: &ApiError) -> String {
        let text = body::to_bytes(error.error_response().into_body()).await.unwrap();
        String::from_utf8(text.to_vec()).unwrap()
    }
}
