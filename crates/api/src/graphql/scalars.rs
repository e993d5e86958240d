//! Values that GraphQL has no type for.

use async_graphql::{Description, InputValueError, InputValueResult, Scalar, ScalarType, Value};
use unistatus_core::schema::Timestamp;

use crate::query::instant;

/// An instant as RFC 3339 writes it, with an offset: `2026-05-04T12:00:00Z`. Answers are in UTC, with milliseconds.
#[derive(Clone, Copy, Debug, Description)]
pub(super) struct DateTime(pub(super) Timestamp);

#[Scalar(use_type_description, specified_by_url = "https://datatracker.ietf.org/doc/html/rfc3339")]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        match value {
            Value::String(text) => instant(&text).map(Self).map_err(InputValueError::custom),
            other => Err(InputValueError::expected_type(other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

impl DateTime {
    /// The instant, where one is given.
    pub(super) fn instant(given: Option<Self>) -> Option<Timestamp> {
        given.map(|Self(instant)| instant)
    }
}
