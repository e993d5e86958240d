//! The shape of `auth` in a targets file. It names secrets and never holds one.

use reqwest::header::HeaderName;
use serde::Deserialize;

use crate::secrets::Template;
use crate::target::fetch::{Auth, ClientCredentials};

/// `auth`, as it is written: one of the four.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AuthSpec {
    bearer: Option<String>,
    header: Option<HeaderSpec>,
    basic: Option<BasicSpec>,
    oauth2: Option<OAuth2Spec>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct HeaderSpec {
    name: String,
    value: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct BasicSpec {
    username: String,
    password: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OAuth2Spec {
    token_url: String,
    client_id: String,
    client_secret: String,
    scope: Option<String>,
}

/// A fault of `auth`. It never shows what was written where a secret belongs.
pub(super) struct AuthFault {
    /// The key below `auth`, with the dot before it; empty for `auth` itself.
    pub(super) key: &'static str,
    pub(super) problem: String,
    pub(super) expected: &'static str,
}

impl AuthSpec {
    /// Reads the templates.
    pub(super) fn compile(&self) -> Result<Auth, AuthFault> {
        match (&self.bearer, &self.header, &self.basic, &self.oauth2) {
            (Some(token), None, None, None) => Ok(Auth::Bearer(secret(".bearer", token)?)),
            (None, Some(header), None, None) => {
                Ok(Auth::Header { name: header_name(&header.name)?, value: secret(".header.value", &header.value)? })
            }
            (None, None, Some(basic), None) => Ok(Auth::Basic {
                username: plain(".basic.username", &basic.username)?,
                password: secret(".basic.password", &basic.password)?,
            }),
            (None, None, None, Some(oauth2)) => oauth2.compile(),
            _ => Err(AuthFault {
                key: "",
                problem: "it names none or several ways to authenticate".to_owned(),
                expected: "one of bearer, header, basic, oauth2",
            }),
        }
    }
}

impl OAuth2Spec {
    fn compile(&self) -> Result<Auth, AuthFault> {
        if !self.token_url.starts_with("https://") && !self.token_url.starts_with("http://") {
            return Err(AuthFault {
                key: ".oauth2.token_url",
                problem: "it is not a web address".to_owned(),
                expected: "an absolute http:// or https:// address",
            });
        }
        Ok(Auth::OAuth2(ClientCredentials {
            token_url: plain(".oauth2.token_url", &self.token_url)?,
            client_id: plain(".oauth2.client_id", &self.client_id)?,
            client_secret: secret(".oauth2.client_secret", &self.client_secret)?,
            scope: self.scope.as_deref().map(|scope| plain(".oauth2.scope", scope)).transpose()?,
        }))
    }
}

/// What may stand in a file, and may also refer to variables.
fn plain(key: &'static str, text: &str) -> Result<Template, AuthFault> {
    Template::parse(text).map_err(|problem| AuthFault {
        key,
        problem: format!("it has {problem}"),
        expected: "${NAME} where a variable's value belongs",
    })
}

/// What must not stand in a file.
fn secret(key: &'static str, text: &str) -> Result<Template, AuthFault> {
    let template = Template::parse(text).map_err(|_| AuthFault {
        key,
        problem: "it has a \"${\" without the name of a variable and its \"}\"".to_owned(),
        expected: "${NAME} where a variable's value belongs",
    })?;
    if template.names().next().is_some() {
        return Ok(template);
    }
    Err(AuthFault {
        key,
        problem: "it holds the secret itself".to_owned(),
        expected: "a reference such as \"${API_TOKEN}\", with the secret in the variable API_TOKEN or in the file that \
                   API_TOKEN_FILE names",
    })
}

fn header_name(name: &str) -> Result<HeaderName, AuthFault> {
    name.parse().map_err(|_| AuthFault {
        key: ".header.name",
        problem: format!("\"{name}\" is not the name of a header"),
        expected: "a name such as \"X-Api-Key\"",
    })
}
