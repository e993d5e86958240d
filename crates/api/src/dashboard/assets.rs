//! `/assets/{file}`: what the pages are dressed with. A file's name holds the digest of its content, so that it may be kept
//! for ever: another content has another name.

use std::sync::LazyLock;

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};

use crate::digest::digest;
use crate::error::ApiError;
use crate::routes::parameters::NoParameters;
use crate::routes::{path, representation};
use crate::snapshot::Body;

/// For a year, without asking: the longest that caches understand.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// How many bytes of the digest are in the name.
const DIGEST_BYTES: usize = 8;

/// A file.
pub(super) struct Asset {
    /// The name under which templates know its address.
    pub(super) role: &'static str,
    /// Its address.
    pub(super) address: String,
    content_type: HeaderValue,
    body: Body,
}

/// All files.
pub(super) static ALL: LazyLock<[Asset; 3]> = LazyLock::new(|| {
    [
        asset("style", "css", "text/css; charset=utf-8", include_str!("assets/dashboard.css")),
        asset("script", "js", "text/javascript; charset=utf-8", include_str!("assets/dashboard.js")),
        asset("icon", "svg", "image/svg+xml", include_str!("assets/icon.svg")),
    ]
});

/// `GET /assets/{file}`.
pub(super) async fn file(_: NoParameters, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let name = path::parameter(&request, "file")?;
    let found = ALL.iter().find(|asset| asset.address.rsplit('/').next() == Some(&name));
    let Asset { content_type, body, .. } = found.ok_or(ApiError::RouteNotFound)?;
    let mut response = representation::answer(content_type.clone(), &request, body, None).await?;
    response.headers_mut().insert(header::CACHE_CONTROL, FOR_EVER);
    Ok(response)
}

fn asset(role: &'static str, extension: &str, content_type: &'static str, content: &'static str) -> Asset {
    let digest = digest(content.as_bytes(), DIGEST_BYTES);
    Asset {
        role,
        address: format!("/assets/{role}-{digest}.{extension}"),
        content_type: HeaderValue::from_static(content_type),
        body: Body::made(content.into()),
    }
}
