//! Query parameters. One that a route does not know is refused, so that a misspelt filter never passes for "no filter";
//! so is a value that it does not understand, with the list of those that it does.

use std::fmt::Display;
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use unistatus_core::schema::{Timestamp, truncate};

use crate::error::ApiError;
use crate::query::{self, SHOWN, VALUES, refused, too_many};
pub(super) use crate::query::{in_order, word};

/// The query parameters of a request. A route takes those it knows, one by one, and then finishes: what nobody took is
/// refused.
#[derive(Debug)]
pub(crate) struct Parameters {
    /// What nobody has taken yet, in order.
    pairs: Vec<(String, String)>,
    /// What was asked for.
    accepted: Vec<&'static str>,
}

impl Parameters {
    /// Reads a query, as it stands in the URL.
    ///
    /// # Errors
    /// [`ApiError::BadRequest`] if it is not percent-encoded UTF-8.
    pub(crate) fn read(query: &str) -> Result<Self, ApiError> {
        let pairs = web::Query::<Vec<(String, String)>>::from_query(query)
            .map_err(|error| ApiError::BadRequest(format!("The query cannot be read: {error}.")))?;
        Ok(Self { pairs: pairs.into_inner(), accepted: Vec::new() })
    }

    /// Takes a parameter that may be given once.
    ///
    /// # Errors
    /// [`ApiError::BadRequest`] if it is given twice or `read` refuses its value; the error of `read` says what is
    /// accepted.
    pub(crate) fn one<T, E: Display>(
        &mut self,
        name: &'static str,
        read: impl Fn(&str) -> Result<T, E>,
    ) -> Result<Option<T>, ApiError> {
        let mut values = self.take(name);
        match (values.pop(), values.is_empty()) {
            (None, _) => Ok(None),
            (Some(value), true) => read_value(name, &value, read).map(Some),
            (Some(_), false) => Err(ApiError::BadRequest(format!("\"{name}\" is given more than once."))),
        }
    }

    /// Takes a parameter that may be given several times, and whose values may be parted by commas.
    ///
    /// # Errors
    /// [`ApiError::BadRequest`] if `read` refuses a value, or for too many of them.
    pub(super) fn all<T, E: Display>(
        &mut self,
        name: &'static str,
        read: impl Fn(&str) -> Result<T, E>,
    ) -> Result<Vec<T>, ApiError> {
        let values = self.take(name);
        let mut parts = values.iter().flat_map(|value| value.split(',')).map(str::trim);
        let taken = parts.by_ref().take(VALUES).map(|part| read_value(name, part, &read)).collect();
        if parts.next().is_some() {
            return Err(too_many(name));
        }
        taken
    }

    /// Takes all parameters whose names begin so, with the rest of their names. `pattern` is how they are written in a
    /// list of what is accepted.
    pub(super) fn prefixed(&mut self, prefix: &str, pattern: &'static str) -> Vec<(String, String)> {
        self.accepted.push(pattern);
        let (taken, left) = std::mem::take(&mut self.pairs)
            .into_iter()
            .partition::<Vec<_>, _>(|(name, _)| name.strip_prefix(prefix).is_some_and(|rest| !rest.is_empty()));
        self.pairs = left;
        taken.into_iter().map(|(name, value)| (name[prefix.len()..].to_owned(), value)).collect()
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// [`ApiError::BadRequest`] for a parameter that nobody took; it lists those that are accepted.
    pub(crate) fn finish(self) -> Result<(), ApiError> {
        let Some((name, _)) = self.pairs.first() else { return Ok(()) };
        let accepted = match &self.accepted[..] {
            [] => "it accepts none".to_owned(),
            names => format!("accepted are {}", names.join(", ")),
        };
        let name = truncate(name, SHOWN);
        Err(ApiError::BadRequest(format!("\"{name}\" is not a query parameter of this resource; {accepted}.")))
    }

    fn take(&mut self, name: &'static str) -> Vec<String> {
        self.accepted.push(name);
        let (taken, left) = std::mem::take(&mut self.pairs).into_iter().partition::<Vec<_>, _>(|(key, _)| key == name);
        self.pairs = left;
        taken.into_iter().map(|(_, value)| value).collect()
    }
}

fn read_value<T, E: Display>(name: &str, value: &str, read: impl Fn(&str) -> Result<T, E>) -> Result<T, ApiError> {
    read(value).map_err(|accepted| refused(name, value, accepted))
}

/// Reads an instant.
pub(super) fn instant(value: &str) -> Result<Timestamp, &'static str> {
    // A `+` of an offset that was not encoded has become a space.
    query::instant(&value.replace(' ', "+"))
}

/// The parameters of a route that accepts none.
pub(crate) struct NoParameters;

impl FromRequest for NoParameters {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Parameters::read(request.query_string()).and_then(Parameters::finish).map(|()| Self))
    }
}

#[cfg(test)]
mod tests {
    use unistatus_core::schema::Status;

    use super::*;

    fn parameters(query: &str) -> Parameters {
        Parameters::read(query).unwrap()
    }

    fn message<T: std::fmt::Debug>(result: Result<T, ApiError>) -> String {
        match result {
            Err(ApiError::BadRequest(message)) => message,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn lists_are_parted_by_commas_and_may_be_repeated() {
        let mut read = parameters("status=ok,Outage&q=a%2Cb&status=Degraded");
        let statuses = read.all("status", str::parse::<Status>).unwrap();
        assert_eq!(statuses, [Status::Ok, Status::Outage, Status::Degraded]);
        assert_eq!(read.one("q", |q| Ok::<_, String>(q.to_owned())).unwrap().as_deref(), Some("a,b"));
        read.finish().unwrap();
    }

    #[test]
    fn what_is_strange_is_named_with_what_is_accepted() {
        let mut read = parameters("status=fine&limit=1&limit=2&dimension.region=eu&wat=1");
        assert!(message(read.all("status", str::parse::<Status>)).contains("\"fine\""));
        assert!(message(read.one("limit", str::parse::<u32>)).contains("more than once"));
        assert_eq!(read.prefixed("dimension.", "dimension.<name>"), [("region".to_owned(), "eu".to_owned())]);
        let refused = message(read.finish());
        assert!(refused.contains("\"wat\"") && refused.contains("status, limit, dimension.<name>"), "{refused}");
        assert!(message(parameters("a=1").finish()).contains("accepts none"));
        let many = format!("target={}", "a,".repeat(VALUES));
        assert!(message(parameters(&many).all("target", |_| Ok::<_, String>(()))).contains("more than 1000"));
    }

    #[test]
    fn instants_need_an_offset() {
        for text in ["2026-05-04T12:00:00Z", "2026-05-04T14:00:00+02:00", "2026-05-04T14:00:00 02:00"] {
            assert_eq!(instant(text).unwrap().to_string(), "2026-05-04T12:00:00.000Z", "{text}");
        }
        for text in ["2026-05-04", "2026-05-04T12:00:00", "now", "", "1777896000"] {
            assert!(instant(text).is_err(), "{text}");
        }
    }
}
