//! The control surface: JSON over HTTP. The README of this crate lists it.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::header::CONTENT_TYPE;
use hyper::{Method, Request, Response, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::answer::put;
use super::error::Unknown;
use super::network::Network;
use super::site::Site;
use crate::faults::Fault;
use crate::formats::{Access, Validators};
use crate::world::{Condition, NewIncident, Stage};

/// Request bodies are at most so many bytes.
const LIMIT: usize = 64 * 1024;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FaultOrder {
    fault: Fault,
    requests: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConditionOrder {
    condition: Condition,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UpdateOrder {
    stage: Stage,
    #[serde(default)]
    text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ValidatorsOrder {
    validators: Validators,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AccessOrder {
    access: Access,
    #[serde(rename = "tokenSeconds")]
    token_seconds: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AdvanceOrder {
    seconds: u32,
}

/// What went wrong with an order.
enum Refusal {
    NotFound(String),
    BadRequest(String),
}

impl From<Unknown> for Refusal {
    fn from(unknown: Unknown) -> Self {
        Self::NotFound(unknown.to_string())
    }
}

/// Answers an order.
pub(super) async fn respond(network: &Network, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let (parts, body) = request.into_parts();
    if (&parts.method, parts.uri.path()) == (&Method::GET, "/targets.toml") {
        return reply(StatusCode::OK, "text/plain; charset=utf-8", network.targets_toml());
    }
    let body = match Limited::new(body, LIMIT).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) => return refuse(Refusal::BadRequest(format!("the body cannot be read: {error}"))),
    };
    let path: Vec<String> = parts.uri.path().split('/').skip(1).map(decode).collect();
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    match obey(network, &parts.method, &path, &body) {
        Ok(Some(value)) => reply(StatusCode::OK, "application/json", value.to_string()),
        Ok(None) => {
            let mut response = Response::new(Full::default());
            *response.status_mut() = StatusCode::NO_CONTENT;
            response
        }
        Err(refusal) => refuse(refusal),
    }
}

fn obey(network: &Network, method: &Method, path: &[&str], body: &[u8]) -> Result<Option<Value>, Refusal> {
    match (method.as_str(), path) {
        ("GET", ["vendors"]) => return Ok(Some(network.sites().iter().map(|site| about(network, site)).collect())),
        ("GET", ["vendors", vendor]) => {
            let site = network.site(vendor)?;
            let mut about = about(network, site);
            about["services"] = services(site);
            return Ok(Some(about));
        }
        ("GET", ["vendors", vendor, "requests"]) => {
            let record = &network.site(vendor)?.record;
            return Ok(Some(json!({
                "count": record.count(),
                "maxInFlight": record.max_in_flight(),
                "requests": record.newest(),
            })));
        }
        ("PUT", ["vendors", vendor, "fault"]) => {
            let FaultOrder { fault, requests } = read(body)?;
            match requests {
                Some(requests) => network.set_fault_for(vendor, fault, requests)?,
                None => network.set_fault(vendor, fault)?,
            }
        }
        ("DELETE", ["vendors", vendor, "fault"]) => network.clear_fault(vendor)?,
        ("PUT", ["vendors", vendor, "services", service]) => {
            network.set(vendor, service, read::<ConditionOrder>(body)?.condition)?;
        }
        ("DELETE", ["vendors", vendor, "services", service]) => network.release(vendor, service)?,
        ("POST", ["vendors", vendor, "incidents"]) => {
            let id = network.open_incident(vendor, read::<NewIncident>(body)?)?;
            return Ok(Some(json!({ "id": id })));
        }
        ("PUT", ["vendors", vendor, "incidents", id]) => {
            let UpdateOrder { stage, text } = read(body)?;
            network.update_incident(vendor, id, stage, &text)?;
        }
        ("PUT", ["vendors", vendor, "validators"]) => {
            network.set_validators(vendor, read::<ValidatorsOrder>(body)?.validators)?;
        }
        ("PUT", ["vendors", vendor, "access"]) => {
            let AccessOrder { access, token_seconds } = read(body)?;
            network.set_access(vendor, access)?;
            if let Some(seconds) = token_seconds {
                network.set_token_lifetime(vendor, Duration::from_secs(seconds.into()))?;
            }
        }
        ("DELETE", ["vendors", vendor, "tokens"]) => network.revoke_tokens(vendor)?,
        ("POST", ["advance"]) => {
            network.advance(Duration::from_secs(read::<AdvanceOrder>(body)?.seconds.into()));
        }
        (method, path) => return Err(Refusal::NotFound(format!("there is no {method} /{}", path.join("/")))),
    }
    Ok(None)
}

fn about(network: &Network, site: &Site) -> Value {
    let name = &site.vendor.name;
    let mut about = json!(network.vendor(name).ok());
    site.with_settings(|settings| {
        about["fault"] = json!(settings.planned);
        about["validators"] = json!(settings.validators);
        about["access"] = json!(settings.door.access);
        about["tokensIssued"] = settings.door.issued().into();
    });
    about["requests"] = site.record.count().into();
    about["maxInFlight"] = site.record.max_in_flight().into();
    about
}

fn services(site: &Site) -> Value {
    site.with_truth(|truth| {
        truth
            .services()
            .map(|(service, state)| {
                json!({
                    "id": service.id,
                    "name": service.name,
                    "group": service.group,
                    "region": service.region.as_ref().map(|region| &region.id),
                    "condition": state.condition,
                    "since": state.since.to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
                })
            })
            .collect()
    })
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body)
        .map_err(|error| Refusal::BadRequest(format!("the body is not what is expected: {error}")))
}

fn refuse(refusal: Refusal) -> Response<Full<Bytes>> {
    let (status, code, message) = match refusal {
        Refusal::NotFound(message) => (StatusCode::NOT_FOUND, "NotFound", message),
        Refusal::BadRequest(message) => (StatusCode::BAD_REQUEST, "BadRequest", message),
    };
    let error = json!({ "error": { "code": code, "message": message } });
    reply(status, "application/json", error.to_string())
}

fn reply(status: StatusCode, content_type: &str, body: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    put(response.headers_mut(), CONTENT_TYPE, content_type);
    response
}

/// A part of a path without its percent signs; one that is not well-formed stays as it is.
fn decode(part: &str) -> String {
    let mut decoded = Vec::with_capacity(part.len());
    let mut rest = part.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = match tail {
            [high, low, ..] if *first == b'%' => {
                std::str::from_utf8(&[*high, *low]).ok().and_then(|digits| u8::from_str_radix(digits, 16).ok())
            }
            _ => None,
        };
        decoded.push(hex.unwrap_or(*first));
        rest = if hex.is_some() { tail.get(2..).unwrap_or_default() } else { tail };
    }
    String::from_utf8(decoded).unwrap_or_else(|_| part.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_paths_are_decoded() {
        assert_eq!(decode("Git%20Transport"), "Git Transport");
        assert_eq!(decode("Z%C3%BCrich"), "Zürich");
        assert_eq!(decode("100%"), "100%");
        assert_eq!(decode("%zz%4"), "%zz%4");
        assert_eq!(decode("%ff"), "%ff");
    }
}
