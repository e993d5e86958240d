//! Query parameters. One that a route does not know is refused, so that a misspelt filter never passes for "no filter".

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use unistatus_core::schema::truncate;

use crate::error::ApiError;

/// How many characters of an unknown parameter's name are repeated in the error.
const SHOWN: usize = 64;

/// The parameters of a route that accepts none.
pub(super) struct NoParameters;

impl FromRequest for NoParameters {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(pairs(request.query_string()).and_then(|pairs| match pairs.first() {
            None => Ok(Self),
            Some((name, _)) => Err(ApiError::BadRequest(format!(
                "\"{}\" is not a query parameter of this resource; it accepts none.",
                truncate(name, SHOWN)
            ))),
        }))
    }
}

/// The decoded names and values of a query, in order.
fn pairs(query: &str) -> Result<Vec<(String, String)>, ApiError> {
    web::Query::from_query(query)
        .map(web::Query::into_inner)
        .map_err(|error| ApiError::BadRequest(format!("The query cannot be read: {error}.")))
}
