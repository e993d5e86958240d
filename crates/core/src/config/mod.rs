//! Settings: flag > environment > `.env` > `unistatus.toml` > default, merged as data, then read once into a
//! validated [`Settings`].
//!
//! Each name may also be given as `NAME_FILE`, a file that holds the value: that is how secrets are handed over.

mod flags;
mod layers;
mod read;

use std::fmt;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use config::Config;
pub use flags::{Flags, Listen};
pub use layers::Layers;
pub use read::{CorsOrigins, ReadAccess};

use crate::access::{check_name, check_password};
use crate::catalog::Selection;
use crate::networks::{AddressPolicy, Networks};
use crate::secrets::Secrets;
use crate::store::Retention;
use crate::telemetry::{AccessLog, LogFormat, LogLevel};

/// The settings of all binaries.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The address the API listens on.
    pub app_host: String,
    /// The port the API listens on; 0 for any free one.
    pub app_port: u16,
    /// The database.
    pub db_url: DbUrl,
    /// How much is logged.
    pub log_level: LogLevel,
    /// For whom is logged.
    pub log_format: LogFormat,
    /// The user's own targets: a file, or a folder of them.
    pub targets_file: Option<PathBuf>,
    /// Which entries of the built-in catalog are asked.
    pub catalog: Selection,
    /// How whoever runs this can be reached; tells sources who asks.
    pub contact: Option<String>,
    /// Under which address people reach the API, without a slash at its end; where it is not set, the one a request
    /// was sent to.
    pub public_url: Option<String>,
    /// The pages of other origins that may read the API in a browser.
    pub cors_origins: CorsOrigins,
    /// Who may read.
    pub read_access: ReadAccess,
    /// The first user, who may do everything: the name and the password.
    pub admin: Option<(String, Hidden)>,
    /// What tokens are signed with; where it is not set, the database keeps something random.
    pub secret_key: Option<Hidden>,
    /// How many requests a minute are answered of one key or address; `None` for any number.
    pub default_rate_limit: Option<NonZeroU32>,
    /// The Redis in which several servers count together.
    pub redis_url: Option<DbUrl>,
    /// A project access token of Rollbar, whose items are served then.
    pub rollbar_token: Option<Hidden>,
    /// The address of Rollbar's API, without a slash at its end.
    pub rollbar_url: String,
    /// The proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Networks,
    /// Which addresses may be asked that arrive through the API.
    pub address_policy: AddressPolicy,
    /// The targets whose health `/health-services` tells, and asks for anew where it is old.
    pub health_services: Vec<String>,
    /// For how long the past is kept.
    pub history_retention: Retention,
    /// For how long single checks are kept; their hourly roll-ups are part of the past.
    pub check_retention: Retention,
    /// Which requests to the API are logged.
    pub access_log: AccessLog,
    /// Whether `/metrics` is served.
    pub prometheus_enabled: bool,
    /// Where a collector listens (health and metrics), if it does: the address and the port, 0 for any free one.
    pub collector_listen: Option<(String, u16)>,
    /// Where traces go, if anywhere: the address of an OTLP receiver that speaks HTTP.
    pub otlp_endpoint: Option<String>,
    /// The API that commands ask in place of the database.
    pub remote: Option<Remote>,
    /// What `${NAME}` in a targets file stands for.
    pub secrets: Secrets,
}

/// An API elsewhere that commands ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remote {
    /// Its address, without a slash at its end.
    pub url: String,
    /// The key to show there.
    pub key: Option<Hidden>,
}

/// A database's address. It may hold a password: its `Debug` and `Display` do not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct DbUrl(String);

impl DbUrl {
    /// A database's address as the configuration writes it.
    pub fn new(url: impl Into<String>) -> Self {
        Self(url.into())
    }

    /// The address with all it holds, for the driver.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DbUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Everything before the last `@` may be part of a password.
        match self.0.split_once("://").and_then(|(scheme, rest)| Some((scheme, rest.rsplit_once('@')?.1))) {
            Some((scheme, rest)) => write!(f, "{scheme}://***@{rest}"),
            None => f.write_str(&self.0),
        }
    }
}

impl fmt::Debug for DbUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// A text that nobody is to see.
#[derive(Clone, PartialEq, Eq)]
pub struct Hidden(String);

impl Hidden {
    /// A text to hide.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, for whoever needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Settings that cannot be used. Its message names each fault: the name, where it was set, and what is accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct ConfigError(pub(crate) Vec<String>);

/// For how long the past is kept where nothing else is said: a year, and what one needs to compare it with.
const RETENTION: Retention = Retention::For(Duration::from_hours(400 * 24));

/// For how long single checks are kept where nothing else is said: a week, and what one needs to compare it with.
const CHECK_RETENTION: Retention = Retention::For(Duration::from_hours(8 * 24));
/// The targets whose health is told where nothing else is said.
const HEALTH_SERVICES: [&str; 2] = ["bitbucket", "azure-pipelines"];
/// How short a secret key may be: shorter ones can be found by trying.
const SHORTEST_SECRET_KEY: usize = 32;

/// The names of all settings, as the environment writes them. `unistatus.toml` writes them in lower case.
pub const NAMES: &[&str] = &[
    "ACCESS_LOG",
    "ADDRESS_ALLOW",
    "ADMIN_NAME",
    "ADMIN_PASSWORD",
    "APP_HOST",
    "APP_PORT",
    "CATALOG",
    "CHECK_RETENTION",
    "COLLECTOR_HOST",
    "COLLECTOR_PORT",
    "CONTACT",
    "CORS_ORIGINS",
    "DB_HOST",
    "DB_NAME",
    "DB_PASSWORD",
    "DB_PORT",
    "DB_URL",
    "DB_USER",
    "DEFAULT_RATE_LIMIT",
    "HEALTH_SERVICES",
    "HISTORY_RETENTION",
    "LOG_FORMAT",
    "LOG_LEVEL",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "PROMETHEUS_ENABLED",
    "PUBLIC_URL",
    "READ_ACCESS",
    "REDIS_URL",
    "ROLLBAR_TOKEN",
    "ROLLBAR_URL",
    "SECRET_KEY",
    "TARGETS_FILE",
    "TRUSTED_PROXIES",
    "UNISTATUS_API_KEY",
    "UNISTATUS_URL",
];

impl Settings {
    /// Reads the settings from the process's environment, the `.env` and `unistatus.toml` of the working folder, and
    /// these flags.
    ///
    /// # Errors
    /// [`ConfigError`] names all faults at once.
    pub fn load(flags: &Flags) -> Result<Self, ConfigError> {
        Self::from_layers(&Layers::of_process(flags)?)
    }

    /// Reads the settings from given layers.
    ///
    /// # Errors
    /// [`ConfigError`] names all faults at once.
    pub fn from_layers(layers: &Layers) -> Result<Self, ConfigError> {
        let merged = layers.merge()?;
        let mut faults = Faults { merged: &merged, layers, found: Vec::new() };
        let settings = Self {
            app_host: faults.text("APP_HOST").unwrap_or_else(|| "127.0.0.1".to_owned()),
            app_port: faults.read("APP_PORT", read::port).unwrap_or(8080),
            db_url: faults.db_url(),
            log_level: faults.read("LOG_LEVEL", str::parse).unwrap_or_default(),
            log_format: faults.read("LOG_FORMAT", str::parse).unwrap_or_default(),
            targets_file: faults.text("TARGETS_FILE").map(PathBuf::from),
            catalog: faults.read("CATALOG", str::parse).unwrap_or_default(),
            contact: faults.text("CONTACT"),
            public_url: faults.read("PUBLIC_URL", read::web_address).map(|url| url.trim_end_matches('/').to_owned()),
            cors_origins: faults.read("CORS_ORIGINS", str::parse).unwrap_or_default(),
            read_access: faults.read("READ_ACCESS", str::parse).unwrap_or_default(),
            admin: faults.admin(),
            secret_key: faults.secret_key(),
            default_rate_limit: faults.read("DEFAULT_RATE_LIMIT", read::rate_limit).flatten(),
            redis_url: faults.text("REDIS_URL").map(DbUrl),
            rollbar_token: faults.rollbar_token(),
            rollbar_url: faults
                .read("ROLLBAR_URL", read::web_address)
                .map_or_else(|| ROLLBAR_URL.to_owned(), |url| url.trim_end_matches('/').to_owned()),
            trusted_proxies: faults.read("TRUSTED_PROXIES", str::parse).unwrap_or_default(),
            address_policy: AddressPolicy::allowing(faults.read("ADDRESS_ALLOW", str::parse).unwrap_or_default()),
            check_retention: faults.read("CHECK_RETENTION", read::retention).unwrap_or(CHECK_RETENTION),
            health_services: faults
                .read("HEALTH_SERVICES", read::names)
                .unwrap_or_else(|| HEALTH_SERVICES.map(str::to_owned).into()),
            history_retention: faults.read("HISTORY_RETENTION", read::retention).unwrap_or(RETENTION),
            access_log: faults.read("ACCESS_LOG", str::parse).unwrap_or_default(),
            prometheus_enabled: faults.read("PROMETHEUS_ENABLED", read::switch).unwrap_or(true),
            collector_listen: faults.collector_listen(),
            otlp_endpoint: faults.read("OTEL_EXPORTER_OTLP_ENDPOINT", read::web_address),
            remote: faults.remote(),
            secrets: layers.secrets.clone(),
        };
        if faults.found.is_empty() { Ok(settings) } else { Err(ConfigError(faults.found)) }
    }
}

/// Reads values one by one and keeps what is wrong with them, so that all faults are told at once.
struct Faults<'a> {
    merged: &'a Config,
    layers: &'a Layers,
    found: Vec<String>,
}

impl Faults<'_> {
    /// A value, `None` where it is not set or empty: `NAME=` in an `.env` means "not set".
    fn text(&mut self, name: &str) -> Option<String> {
        match self.merged.get_string(&name.to_lowercase()) {
            Ok(value) => Some(value).filter(|value| !value.is_empty()),
            Err(config::ConfigError::NotFound(_)) => None,
            // Only the file has anything but text. The error would show the value, which may be a secret.
            Err(_) => {
                let origin = self.layers.origin(name);
                self.found.push(format!("{name} ({origin}): a list or a table is not accepted; expected a text"));
                None
            }
        }
    }

    fn read<T, E: fmt::Display>(&mut self, name: &str, parse: impl Fn(&str) -> Result<T, E>) -> Option<T> {
        let value = self.text(name)?;
        match parse(&value) {
            Ok(parsed) => Some(parsed),
            Err(accepted) => {
                let origin = self.layers.origin(name);
                self.found.push(format!("{name} ({origin}): \"{value}\" is not accepted; expected {accepted}"));
                None
            }
        }
    }

    fn collector_listen(&mut self) -> Option<(String, u16)> {
        let host = self.text("COLLECTOR_HOST").unwrap_or_else(|| "127.0.0.1".to_owned());
        self.read("COLLECTOR_PORT", read::port).map(|port| (host, port))
    }

    fn admin(&mut self) -> Option<(String, Hidden)> {
        match (self.text("ADMIN_NAME"), self.text("ADMIN_PASSWORD")) {
            (Some(name), Some(password)) => {
                // No fault may show the password.
                for (setting, checked) in
                    [("ADMIN_NAME", check_name(&name)), ("ADMIN_PASSWORD", check_password(&password))]
                {
                    if let Err(expected) = checked {
                        let origin = self.layers.origin(setting);
                        self.found.push(format!("{setting} ({origin}): not accepted; {expected}"));
                    }
                }
                Some((name, Hidden(password)))
            }
            (None, None) => None,
            _ => {
                let fault = "ADMIN_NAME and ADMIN_PASSWORD: one is set without the other; expected both or neither";
                self.found.push(fault.to_owned());
                None
            }
        }
    }

    fn remote(&mut self) -> Option<Remote> {
        let key = self.text("UNISTATUS_API_KEY").map(Hidden);
        let url = self.read("UNISTATUS_URL", read::web_address)?;
        Some(Remote { url: url.trim_end_matches('/').to_owned(), key })
    }

    /// The fault must not show it.
    fn secret_key(&mut self) -> Option<Hidden> {
        let key = self.text("SECRET_KEY")?;
        if key.len() < SHORTEST_SECRET_KEY {
            let origin = self.layers.origin("SECRET_KEY");
            self.found
                .push(format!("SECRET_KEY ({origin}): too short; expected {SHORTEST_SECRET_KEY} characters or more"));
        }
        Some(Hidden(key))
    }

    /// The fault must not show it.
    fn rollbar_token(&mut self) -> Option<Hidden> {
        let token = self.text("ROLLBAR_TOKEN")?;
        if let Err(expected) = read::rollbar_token(&token) {
            let origin = self.layers.origin("ROLLBAR_TOKEN");
            self.found.push(format!("ROLLBAR_TOKEN ({origin}): not accepted; expected {expected}"));
        }
        Some(Hidden(token))
    }

    /// `DB_URL`, else MongoDB at `DB_HOST`, else the embedded default.
    fn db_url(&mut self) -> DbUrl {
        if let Some(url) = self.text("DB_URL") {
            return DbUrl(url);
        }
        let Some(host) = self.text("DB_HOST") else { return DbUrl(EMBEDDED_DB.to_owned()) };
        let port: u16 =
            self.read("DB_PORT", |text| text.parse().map_err(|_| "a port from 1 to 65535")).unwrap_or(27017);
        let name = self.text("DB_NAME").unwrap_or_else(|| "unistatus".to_owned());
        let encode =
            |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20");
        let (credentials, options) = match (self.text("DB_USER"), self.text("DB_PASSWORD")) {
            (Some(user), Some(password)) => (format!("{}:{}@", encode(&user), encode(&password)), "?authSource=admin"),
            (None, None) => (String::new(), ""),
            _ => {
                self.found
                    .push("DB_USER and DB_PASSWORD: one is set without the other; expected both or neither".to_owned());
                (String::new(), "")
            }
        };
        DbUrl(format!("mongodb://{credentials}{host}:{port}/{}{options}", encode(&name)))
    }
}

/// Rollbar's own API.
pub const ROLLBAR_URL: &str = "https://api.rollbar.com/api/1";

/// The database where none is configured: a file in the working folder.
pub const EMBEDDED_DB: &str = "sqlite:unistatus.db";

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(environment: &[(&str, &str)]) -> Result<Settings, ConfigError> {
        Settings::from_layers(&Layers::for_tests(environment, &[], ""))
    }

    #[test]
    fn nothing_configured_is_enough() {
        let settings = settings(&[]).unwrap();
        assert_eq!((settings.app_host.as_str(), settings.app_port), ("127.0.0.1", 8080));
        assert_eq!(settings.db_url.reveal(), "sqlite:unistatus.db");
        assert_eq!(settings.catalog, Selection::Recommended);
    }

    #[test]
    fn all_faults_are_told_at_once_with_their_origin() {
        let error = settings(&[("APP_PORT", "http"), ("LOG_LEVEL", "loud"), ("DB_HOST", "h"), ("DB_USER", "u")]);
        let message = error.unwrap_err().to_string();
        assert!(message.contains("APP_PORT (environment): \"http\""), "{message}");
        assert!(message.contains("DEBUG, INFO, WARNING, ERROR, CRITICAL"), "{message}");
        assert!(message.contains("both or neither"), "{message}");
    }

    #[test]
    fn a_value_of_another_type_is_a_fault() {
        let file = "db_url = [\"mongodb://u:s3cret@h\"]\ncontact = { mail = \"a@b\" }\napp_port = 80";
        let error = Settings::from_layers(&Layers::for_tests(&[], &[], file)).unwrap_err();
        let expected = "DB_URL (unistatus.toml): a list or a table is not accepted; expected a text\n\
                        CONTACT (unistatus.toml): a list or a table is not accepted; expected a text";
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn names_are_taken_once_each_and_in_their_order() {
        let of = |text| settings(&[("HEALTH_SERVICES", text)]).map(|settings| settings.health_services);
        assert_eq!(settings(&[]).unwrap().health_services, ["bitbucket", "azure-pipelines"]);
        assert_eq!(of("slack, github,slack").unwrap(), ["slack", "github"]);
        assert_eq!(of("None").unwrap(), Vec::<String>::new());
        for refused in ["GitHub", "github,", "git hub"] {
            let error = of(refused).unwrap_err().to_string();
            assert!(error.contains("HEALTH_SERVICES") && error.contains("names of targets"), "{error}");
        }
    }

    #[test]
    fn rollbar_is_asked_at_its_own_address_unless_another_is_given() {
        let token = "0123456789abcdef0123456789abcdef";
        let settings =
            |environment: &[(&str, &str)]| settings(environment).map(|it| (it.rollbar_token, it.rollbar_url));
        assert_eq!(settings(&[]).unwrap(), (None, "https://api.rollbar.com/api/1".to_owned()));
        let given = settings(&[("ROLLBAR_TOKEN", token), ("ROLLBAR_URL", "http://127.0.0.1:81/api/1/")]).unwrap();
        assert_eq!(given, (Some(Hidden::new(token)), "http://127.0.0.1:81/api/1".to_owned()));
        let error = settings(&[("ROLLBAR_TOKEN", "s3cret s3cret"), ("ROLLBAR_URL", "api.rollbar.com")]).unwrap_err();
        let message = error.to_string();
        assert!(
            message.contains("ROLLBAR_TOKEN (environment): not accepted; expected a project access token"),
            "{message}"
        );
        assert!(message.contains("ROLLBAR_URL (environment)") && !message.contains("s3cret"), "{message}");
    }

    #[test]
    fn a_database_host_means_mongodb() {
        let settings = settings(&[("DB_HOST", "db"), ("DB_USER", "a b"), ("DB_PASSWORD", "p@ss/w?rd")]).unwrap();
        assert_eq!(settings.db_url.reveal(), "mongodb://a%20b:p%40ss%2Fw%3Frd@db:27017/unistatus?authSource=admin");
        assert_eq!(settings.db_url.to_string(), "mongodb://***@db:27017/unistatus?authSource=admin");
    }

    #[test]
    fn a_database_address_shows_no_password() {
        for (url, shown) in [
            ("mongodb://u:p@h1,h2/db?x=1", "mongodb://***@h1,h2/db?x=1"),
            ("mongodb://u:p@w@h/db", "mongodb://***@h/db"),
            ("mongodb://u:p/w@h/db", "mongodb://***@h/db"),
            ("mongodb://h/db", "mongodb://h/db"),
            ("sqlite:/var/lib/a@b.db", "sqlite:/var/lib/a@b.db"),
        ] {
            assert_eq!(DbUrl::new(url).to_string(), shown);
            assert_eq!(format!("{:?}", DbUrl::new(url)), shown);
        }
    }
}
