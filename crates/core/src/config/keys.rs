//! The settings there are, each declared once: its name, how it is read and what it is where nobody sets it.
//!
//! What a setting is read as displays itself in the words of the configuration, and without its secrets.

use std::fmt;
use std::num::NonZeroU16;

use super::hidden::{Host, WebAddress};
use super::journal::{Folder, Limit};
use super::read::{self, Names, PerMinute, parsed};
use super::{CorsOrigins, DbUrl, Hidden, ReadAccess};
use crate::catalog::Selection;
use crate::networks::Networks;
use crate::store::Retention;
use crate::telemetry::{AccessLog, LogFormat, LogLevel};

/// A setting that is read as a `T`.
pub(super) struct Key<T> {
    /// As the environment writes it.
    pub(super) name: &'static str,
    /// What it is where nobody sets it, as whoever sets it would write it.
    pub(super) default: Option<&'static str>,
    /// Reads what somebody wrote; the error says what is accepted.
    pub(super) read: fn(&str) -> Result<T, String>,
    /// Whether a fault may repeat what somebody wrote: there is no secret in it, wherever it was meant for.
    pub(super) is_repeatable: bool,
}

impl<T> Key<T> {
    const fn open(name: &'static str, read: fn(&str) -> Result<T, String>) -> Self {
        Self { name, default: None, read, is_repeatable: true }
    }

    const fn guarded(name: &'static str, read: fn(&str) -> Result<T, String>) -> Self {
        Self { name, default: None, read, is_repeatable: false }
    }

    const fn or(mut self, default: &'static str) -> Self {
        self.default = Some(default);
        self
    }
}

/// A setting, whatever it is read as.
pub(super) trait Setting: Sync {
    /// As the environment writes it.
    fn name(&self) -> &'static str;

    /// What it is where nobody sets it.
    fn default(&self) -> Option<&'static str>;

    /// What a text is understood as, fit to be shown; `None` where it cannot be read.
    fn shown(&self, text: &str) -> Option<String>;
}

impl<T: fmt::Display> Setting for Key<T> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn default(&self) -> Option<&'static str> {
        self.default
    }

    fn shown(&self, text: &str) -> Option<String> {
        (self.read)(text).ok().map(|value| value.to_string())
    }
}

/// Declares the settings, and the list of all of them.
macro_rules! settings {
    ($($name:ident: $kind:ty = $access:ident($read:expr) $(or $default:expr)?;)*) => {
        $(pub(super) const $name: Key<$kind> = Key::$access(stringify!($name), $read)$(.or($default))?;)*

        /// All settings, ordered by name.
        pub(super) const ALL: &[&dyn Setting] = &[$(&$name),*];
    };
}

settings! {
    ACCESS_LOG: AccessLog = open(parsed) or "failures";
    ADDRESS_ALLOW: Networks = open(parsed);
    ADMIN_NAME: String = open(parsed);
    ADMIN_PASSWORD: Hidden = guarded(read::hidden);
    APP_HOST: String = open(parsed) or "127.0.0.1";
    APP_PORT: u16 = open(read::port) or "8080";
    CATALOG: Selection = open(parsed) or "recommended";
    // A week, and what one needs to compare it with.
    CHECK_RETENTION: Retention = open(read::retention) or "8d";
    COLLECTOR_HOST: String = open(parsed) or "127.0.0.1";
    COLLECTOR_PORT: u16 = open(read::port);
    CONTACT: String = open(parsed);
    CORS_ORIGINS: CorsOrigins = guarded(parsed);
    DB_HOST: Host = guarded(|text| Ok(Host::new(text)));
    DB_NAME: String = open(parsed) or "unistatus";
    DB_PASSWORD: Hidden = guarded(read::hidden);
    DB_PORT: NonZeroU16 = open(read::database_port) or "27017";
    DB_URL: DbUrl = guarded(read::database) or super::EMBEDDED_DB;
    DB_USER: String = open(parsed);
    DEFAULT_RATE_LIMIT: PerMinute = open(read::rate_limit);
    HEALTH_SERVICES: Names = open(read::names) or "bitbucket,azure-pipelines";
    // A year, and what one needs to compare it with.
    HISTORY_RETENTION: Retention = open(read::retention) or "400d";
    JOURNAL_DIR: Folder = open(parsed) or "unistatus-journal";
    JOURNAL_LIMIT: Limit = open(parsed) or "256MiB";
    LOG_FORMAT: LogFormat = open(parsed) or "text";
    LOG_LEVEL: LogLevel = open(parsed) or "INFO";
    OTEL_EXPORTER_OTLP_ENDPOINT: WebAddress = guarded(read::web_address);
    PROMETHEUS_ENABLED: bool = open(read::switch) or "true";
    PUBLIC_URL: WebAddress = guarded(read::web_address);
    READ_ACCESS: ReadAccess = open(parsed) or "open";
    REDIS_URL: DbUrl = guarded(read::database);
    ROLLBAR_TOKEN: Hidden = guarded(read::rollbar_token);
    ROLLBAR_URL: WebAddress = guarded(read::web_address) or super::ROLLBAR_URL;
    SECRET_KEY: Hidden = guarded(read::secret_key);
    TARGETS_FILE: String = open(parsed);
    TRUSTED_PROXIES: Networks = open(parsed);
    UNISTATUS_API_KEY: Hidden = guarded(read::hidden);
    UNISTATUS_URL: WebAddress = guarded(read::web_address);
}

/// The names of all settings, ordered, as the environment writes them. `unistatus.toml` writes them in lower case.
pub fn names() -> impl Iterator<Item = &'static str> {
    ALL.iter().map(|setting| setting.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_ordered_and_their_defaults_accepted() {
        assert!(names().is_sorted_by(|a, b| a < b));
        for setting in ALL {
            let Some(default) = setting.default() else { continue };
            assert_eq!(setting.shown(default).as_deref(), Some(default), "{}", setting.name());
        }
    }

    #[test]
    fn values_are_shown_as_they_are_understood() {
        for (key, text, shown) in [
            (&LOG_LEVEL as &dyn Setting, "wArNiNg", "WARNING"),
            (&LOG_FORMAT, "JSON", "json"),
            (&ACCESS_LOG, "All", "all"),
            (&READ_ACCESS, "KEY", "key"),
            (&APP_PORT, "0080", "80"),
            (&PROMETHEUS_ENABLED, "off", "false"),
            (&CATALOG, "GitHub, cloud", "cloud,github"),
            (&HEALTH_SERVICES, "slack, github", "slack,github"),
            (&HEALTH_SERVICES, "None", "none"),
            (&HISTORY_RETENTION, "9600h", "400d"),
            (&CHECK_RETENTION, "36h", "1day 12h"),
            (&CHECK_RETENTION, "FOREVER", "forever"),
            (&JOURNAL_DIR, "None", "none"),
            (&JOURNAL_LIMIT, "2048 MiB", "2GiB"),
            (&JOURNAL_LIMIT, "1536KiB", "1536KiB"),
            (&DEFAULT_RATE_LIMIT, "060", "60"),
            (&DEFAULT_RATE_LIMIT, "0", "0"),
            (&TRUSTED_PROXIES, "10.0.0.0/8, ::1", "10.0.0.0/8,::1/128"),
            (&CORS_ORIGINS, "HTTPS://A.test:443, http://b.test:81", "https://a.test,http://b.test:81"),
            (&CORS_ORIGINS, " * ", "*"),
            (&PUBLIC_URL, "https://u:p@a.test/", "https://***@a.test"),
            (&SECRET_KEY, "0123456789abcdef0123456789abcdef", "***"),
        ] {
            assert_eq!(key.shown(text).as_deref(), Some(shown), "{}={text}", key.name());
            // Whoever copies what is shown gets the same again.
            if !shown.contains("***") {
                assert_eq!(key.shown(shown).as_deref(), Some(shown), "{}", key.name());
            }
        }
    }
}
