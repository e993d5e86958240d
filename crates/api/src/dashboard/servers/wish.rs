//! What somebody wants of a server, as a form says it, and why that was not done.

use actix_web::ResponseError as _;
use actix_web::http::StatusCode;
use serde::Serialize;

use crate::dashboard::form::Fields;
use crate::error::ApiError;
use crate::servers::Outcome;

/// What is filled in. Nobody means the spaces around it.
#[derive(Debug, Default, Serialize)]
pub(super) struct Wish {
    pub(super) name: String,
    pub(super) address: String,
}

impl Wish {
    /// What a form says.
    pub(super) fn of(fields: &Fields) -> Self {
        let value = |name| fields.value(name).trim().to_owned();
        Self { name: value("name"), address: value("address") }
    }
}

/// Why a wish was not fulfilled, for people.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) why: String,
}

impl Refusal {
    /// What became of a wish, where that is not what was wished.
    ///
    /// # Errors
    /// [`ApiError::TargetNotFound`]: the server is gone.
    pub(super) fn of(outcome: Result<Outcome, ApiError>) -> Result<Option<Self>, ApiError> {
        let outcome = match outcome {
            Ok(outcome) => outcome,
            Err(error) => return Ok(Some(Self { status: error.status_code(), why: error.to_string() })),
        };
        let why = match &outcome {
            Outcome::Created | Outcome::Updated | Outcome::Deleted => return Ok(None),
            Outcome::NameUnknown => return Err(ApiError::TargetNotFound),
            Outcome::Wrong(reason) => sentence(reason),
            Outcome::NameTaken => "Something of this name is watched already.".to_owned(),
        };
        Ok(Some(Self { status: outcome.status(), why }))
    }
}

fn sentence(reason: &str) -> String {
    let mut characters = reason.chars();
    let first = characters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", characters.as_str().trim_end_matches('.'))
}
