//! The templates, compiled into the program.

use std::sync::LazyLock;

use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Error, UndefinedBehavior};
use serde::Serialize;

use super::assets;
use crate::error::ApiError;

/// The templates, by name.
const TEMPLATES: [(&str, &str); 14] = [
    ("account.html", include_str!("templates/account.html")),
    ("base.html", include_str!("templates/base.html")),
    ("error.html", include_str!("templates/error.html")),
    ("keys.html", include_str!("templates/keys.html")),
    ("login.html", include_str!("templates/login.html")),
    ("measured.html", include_str!("templates/measured.html")),
    ("overview.html", include_str!("templates/overview.html")),
    ("parts.html", include_str!("templates/parts.html")),
    ("rows.html", include_str!("templates/rows.html")),
    ("server.html", include_str!("templates/server.html")),
    ("servers.html", include_str!("templates/servers.html")),
    ("service.html", include_str!("templates/service.html")),
    ("target.html", include_str!("templates/target.html")),
    ("users.html", include_str!("templates/users.html")),
];

static ENVIRONMENT: LazyLock<Result<Environment<'static>, Error>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    for file in assets::ALL.iter() {
        environment.add_global(file.role, file.address.as_str());
    }
    for (name, source) in TEMPLATES {
        environment.add_template(name, source)?;
    }
    Ok(environment)
});

/// Renders a page.
///
/// # Errors
/// [`ApiError::Internal`] where a template is wrong, which tests find out for each.
pub(super) fn render(name: &str, page: &impl Serialize) -> Result<String, ApiError> {
    let rendered = match &*ENVIRONMENT {
        Ok(environment) => environment.get_template(name).and_then(|template| template.render(Serde(page))),
        Err(error) => {
            tracing::error!(%error, "the templates cannot be read");
            return Err(ApiError::Internal);
        }
    };
    rendered.map_err(|error| {
        tracing::error!(error = format!("{error:#}"), name, "a page cannot be rendered");
        ApiError::Internal
    })
}
