//! `/api/docs/`: the document as a page to browse and to try out. Everything it needs comes from this server.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use utoipa_swagger_ui::{Config, serve};

use super::parameters::NoParameters;
use super::representation;
use crate::error::ApiError;
use crate::snapshot::Body;

/// The files that the page consists of.
const FILES: [&str; 8] = [
    "index.html",
    "index.css",
    "swagger-ui.css",
    "swagger-ui-bundle.js",
    "swagger-ui-standalone-preset.js",
    "swagger-initializer.js",
    "favicon-16x16.png",
    "favicon-32x32.png",
];

/// The page may load from this server and ask this server. Its styles are partly inline, and so are its icons.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

/// A file of the page.
struct File {
    content_type: HeaderValue,
    body: Body,
}

static PAGE: LazyLock<BTreeMap<&str, File>> = LazyLock::new(|| {
    // Relative, so that it holds behind a proxy that puts something in front of the path, too.
    let config = Config::from("../openapi.json")
        .use_base_layout()
        .try_it_out_enabled(true)
        .display_operation_id(true)
        // It would send the document to a server that is none of ours.
        .validator_url("none");
    let config = Arc::new(config);
    FILES.into_iter().filter_map(|name| Some((name, read(name, &config)?))).collect()
});

/// `GET /api/docs`: the page's files are named relative to `/api/docs/`.
pub(super) async fn redirect(_: NoParameters) -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((header::LOCATION, "docs/")).finish()
}

/// `GET /api/docs/{file}`: a file of the page; the page itself where none is named.
pub(super) async fn file(_: NoParameters, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let name = match request.match_info().query("file") {
        "" => "index.html",
        name => name,
    };
    let File { content_type, body } = PAGE.get(name).ok_or(ApiError::RouteNotFound)?;
    let mut response = representation::answer(content_type.clone(), &request, body, None).await?;
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, POLICY);
    Ok(response)
}

fn read(name: &str, config: &Arc<Config<'static>>) -> Option<File> {
    let file = serve(name, Arc::clone(config)).ok().flatten()?;
    let content_type = HeaderValue::try_from(file.content_type).ok()?;
    Some(File { content_type, body: Body::made(file.bytes.into_owned().into()) })
}
