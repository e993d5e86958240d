//! Settings: flag > environment > `.env` > `unistatus.toml` > default, merged as data, then read once into a
//! validated [`Settings`].
//!
//! Each name may also be given as `NAME_FILE`, a file that holds the value: that is how secrets are handed over.

mod explained;
mod flags;
mod hidden;
mod journal;
mod keys;
mod layers;
mod read;
mod reader;

use std::num::NonZeroU32;
use std::path::PathBuf;

pub use explained::{Explained, Source};
pub use flags::{Flags, Listen};
pub use hidden::{DbUrl, Hidden};
pub use journal::JournalPlace;
pub use keys::names;
pub use layers::Layers;
pub use read::{CorsOrigins, ReadAccess};
use reader::Reader;

use crate::catalog::Selection;
use crate::networks::{AddressPolicy, Networks};
use crate::secrets::Secrets;
use crate::store::Retention;
use crate::telemetry::{AccessLog, LogFormat, LogLevel};

/// The database where none is configured: a file in the working folder.
pub const EMBEDDED_DB: &str = "sqlite:unistatus.db";

/// Rollbar's own API.
pub const ROLLBAR_URL: &str = "https://api.rollbar.com/api/1";

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
    /// Where a collector keeps what its database does not take, if anywhere.
    pub journal: Option<JournalPlace>,
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
    /// What each setting comes to and where that is from, ordered by name, fit to be shown.
    pub explained: Vec<Explained>,
}

/// An API elsewhere that commands ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remote {
    /// Its address, without a slash at its end.
    pub url: String,
    /// The key to show there.
    pub key: Option<Hidden>,
}

/// Settings that cannot be used. Its message names each fault: the name, where it was set, and what is accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .faults.join("\n"))]
pub struct ConfigError {
    faults: Vec<String>,
    log_format: LogFormat,
}

impl ConfigError {
    /// For whom is logged, as far as that can be read.
    pub const fn log_format(&self) -> LogFormat {
        self.log_format
    }
}

/// Settings as far as they can be read, for who tells of all that is wrong. What is at fault is as if nobody had set
/// it: nothing may run with them unless there is no fault.
#[derive(Clone, Debug)]
pub struct Examined {
    /// The settings.
    pub settings: Settings,
    /// What is wrong with them, a line each.
    pub faults: Vec<String>,
}

impl Examined {
    /// The settings, if all of them can be used.
    ///
    /// # Errors
    /// [`ConfigError`] names all faults at once.
    pub fn usable(self) -> Result<Settings, ConfigError> {
        let Self { settings, faults } = self;
        if faults.is_empty() { Ok(settings) } else { Err(ConfigError { faults, log_format: settings.log_format }) }
    }
}

impl Settings {
    /// Reads the settings from the process's environment, the `.env` and `unistatus.toml` of the working folder, and
    /// these flags.
    ///
    /// # Errors
    /// [`ConfigError`] names all faults at once.
    pub fn load(flags: &Flags) -> Result<Self, ConfigError> {
        Self::examine(flags).usable()
    }

    /// Reads the settings from given layers.
    ///
    /// # Errors
    /// [`ConfigError`] names all faults at once.
    pub fn from_layers(layers: &Layers) -> Result<Self, ConfigError> {
        Self::examine_layers(layers).usable()
    }

    /// Reads the settings as [`Self::load`] does, as far as they can be read.
    pub fn examine(flags: &Flags) -> Examined {
        Self::examine_layers(&Layers::of_process(flags))
    }

    fn examine_layers(layers: &Layers) -> Examined {
        let mut reader = Reader::new(layers);
        let settings = Self::read(&mut reader, layers.secrets.clone());
        Examined { settings, faults: reader.faults() }
    }

    /// What has a default is absent only where it is at fault; what stands in for it then is of no consequence.
    fn read(reader: &mut Reader<'_>, secrets: Secrets) -> Self {
        let db_url = reader.db_url();
        Self {
            app_host: reader.read(&keys::APP_HOST).unwrap_or_default(),
            app_port: reader.read(&keys::APP_PORT).unwrap_or_default(),
            log_level: reader.read(&keys::LOG_LEVEL).unwrap_or_default(),
            log_format: reader.read(&keys::LOG_FORMAT).unwrap_or_default(),
            targets_file: reader.read(&keys::TARGETS_FILE).map(PathBuf::from),
            catalog: reader.read(&keys::CATALOG).unwrap_or_default(),
            contact: reader.read(&keys::CONTACT),
            public_url: reader.read(&keys::PUBLIC_URL).map(|url| url.reveal().to_owned()),
            cors_origins: reader.read(&keys::CORS_ORIGINS).unwrap_or_default(),
            read_access: reader.read(&keys::READ_ACCESS).unwrap_or_default(),
            admin: reader.admin(),
            secret_key: reader.read(&keys::SECRET_KEY),
            default_rate_limit: reader.read(&keys::DEFAULT_RATE_LIMIT).and_then(|limit| limit.0),
            redis_url: reader.read(&keys::REDIS_URL),
            rollbar_token: reader.read(&keys::ROLLBAR_TOKEN),
            rollbar_url: reader.read(&keys::ROLLBAR_URL).map(|url| url.reveal().to_owned()).unwrap_or_default(),
            trusted_proxies: reader.read(&keys::TRUSTED_PROXIES).unwrap_or_default(),
            address_policy: AddressPolicy::allowing(reader.read(&keys::ADDRESS_ALLOW).unwrap_or_default()),
            check_retention: reader.read(&keys::CHECK_RETENTION).unwrap_or(Retention::Forever),
            health_services: reader.read(&keys::HEALTH_SERVICES).map(|names| names.0).unwrap_or_default(),
            history_retention: reader.read(&keys::HISTORY_RETENTION).unwrap_or(Retention::Forever),
            journal: reader.journal(),
            access_log: reader.read(&keys::ACCESS_LOG).unwrap_or_default(),
            prometheus_enabled: reader.read(&keys::PROMETHEUS_ENABLED).unwrap_or_default(),
            collector_listen: reader.collector_listen(),
            otlp_endpoint: reader.read(&keys::OTEL_EXPORTER_OTLP_ENDPOINT).map(|url| url.reveal().to_owned()),
            remote: reader.remote(),
            explained: reader.explained(&db_url),
            db_url,
            secrets,
        }
    }

    /// Says at INFO what a program starts with: its version, and all that somebody set.
    pub fn announce(&self, program: &str) {
        let set = self.explained.iter().filter(|setting| setting.source != Source::Default);
        let settings = set.map(ToString::to_string).collect::<Vec<_>>().join(", ");
        tracing::info!(program, version = env!("CARGO_PKG_VERSION"), settings, "starting");
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

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
    fn faults_of_all_layers_and_of_the_file_are_told_together() {
        let layers = Layers::for_tests(&[("APP_PORT", "x")], &[("LOG_LEVEL", "loud")], "log_fromat = \"json\"");
        let message = Settings::from_layers(&layers).unwrap_err().to_string();
        for told in ["log_fromat is no setting", "APP_PORT (environment)", "LOG_LEVEL (.env)"] {
            assert!(message.contains(told), "{message}");
        }
        let layers = Layers::for_tests(&[("APP_PORT", "x")], &[], "log_format = json");
        let error = Settings::from_layers(&layers).unwrap_err();
        assert!(error.to_string().contains("unistatus.toml:1: ") && error.to_string().contains("APP_PORT"), "{error}");
    }

    #[test]
    fn a_half_is_no_fault_where_the_other_may_not_have_been_read() {
        for (file, is_told) in [("", true), ("db_password = s3cret", false)] {
            let layers = Layers::for_tests(&[("DB_HOST", "h"), ("DB_USER", "u"), ("ADMIN_NAME", "root")], &[], file);
            let message = Settings::from_layers(&layers).unwrap_err().to_string();
            assert_eq!(message.contains("DB_USER and DB_PASSWORD"), is_told, "{message}");
            assert_eq!(message.contains("ADMIN_NAME and ADMIN_PASSWORD"), is_told, "{message}");
        }
    }

    #[test]
    fn a_fault_tells_for_whom_is_logged() {
        let of = |environment: &[(&str, &str)]| settings(environment).unwrap_err().log_format();
        assert_eq!(of(&[("APP_PORT", "x"), ("LOG_FORMAT", "json")]), LogFormat::Json);
        assert_eq!(of(&[("APP_PORT", "x"), ("LOG_FORMAT", "xml")]), LogFormat::Text);
    }

    fn explained<'a>(settings: &'a Settings, name: &str) -> &'a Explained {
        settings.explained.iter().find(|setting| setting.name == name).unwrap()
    }

    #[test]
    fn each_setting_is_explained_once() {
        let settings = settings(&[]).unwrap();
        assert!(settings.explained.iter().map(|setting| setting.name).eq(names()));
        assert!(settings.explained.iter().all(|setting| setting.source == Source::Default));
        assert_eq!(explained(&settings, "APP_PORT").to_string(), "APP_PORT=8080 (default)");
        assert_eq!(explained(&settings, "CONTACT").value, None);
    }

    #[test]
    fn the_address_of_a_database_tells_what_it_was_made_of() {
        let made = [("DB_HOST", "db"), ("DB_USER", "u"), ("DB_PASSWORD", "s3cret"), ("DB_PORT", "27018")];
        let made = Settings::from_layers(&Layers::for_tests(&made[1..], &made[..1], "")).unwrap();
        let address = "DB_URL=mongodb://***@db:27018/unistatus?authSource=admin (.env, made of DB_HOST)";
        assert_eq!(explained(&made, "DB_URL").to_string(), address);
        let named = settings(&[("DB_HOST", "db"), ("DB_URL", "sqlite:own.db")]).unwrap();
        assert_eq!(explained(&named, "DB_URL").to_string(), "DB_URL=sqlite:own.db (environment)");
    }

    /// What a layer says of a number: nothing, an empty text, or the number.
    fn said() -> impl Strategy<Value = Option<Option<u16>>> {
        prop::option::of(prop::option::of(any::<u16>()))
    }

    #[test]
    fn a_database_of_the_command_line_wins_over_an_api_of_the_layers_below() {
        let (database, api) = (("DB_URL", "sqlite:a.db"), ("UNISTATUS_URL", "http://127.0.0.1:8080"));
        for (flags, environment, asks_the_api) in [
            (&[database][..], &[api][..], false),
            (&[database], &[], false),
            (&[api], &[database], true),
            (&[], &[database, api], true),
            (&[database, api], &[], true),
        ] {
            let layers = Layers::for_tests(environment, &[], "").with_flags(flags);
            let settings = Settings::from_layers(&layers).unwrap();
            assert_eq!(settings.remote.is_some(), asks_the_api, "{flags:?} over {environment:?}");
        }
        let file = Layers::for_tests(&[], &[], "unistatus_url = \"http://127.0.0.1:8080\"").with_flags(&[database]);
        assert!(Settings::from_layers(&file).unwrap().remote.is_none());
    }

    proptest! {
        #[test]
        fn the_strongest_layer_that_says_something_wins(
            name in select(&["APP_PORT", "COLLECTOR_PORT", "DEFAULT_RATE_LIMIT"][..]),
            layers in prop::array::uniform4(said()),
        ) {
            let texts = layers.map(|said| said.map(|number| number.map(|number| number.to_string()).unwrap_or_default()));
            let pair = |layer: usize| texts[layer].as_deref().map(|text| (name, text)).into_iter().collect::<Vec<_>>();
            let file = texts[3].as_deref().map(|text| format!("{} = \"{text}\"", name.to_lowercase()));
            let laid = Layers::for_tests(&pair(1), &pair(2), &file.unwrap_or_default()).with_flags(&pair(0));
            let settings = Settings::from_layers(&laid).unwrap();

            let sources = [Source::Flag, Source::Environment, Source::DotEnv, Source::File];
            let strongest = texts.iter().zip(sources).find(|(text, _)| text.as_ref().is_some_and(|text| !text.is_empty()));
            let default = (name == "APP_PORT").then(|| "8080".to_owned());
            let expected = strongest.map_or((default, Source::Default), |(text, source)| (text.clone(), source));
            let found = explained(&settings, name);
            prop_assert_eq!((found.value.clone(), found.source), expected);
        }

        #[test]
        fn no_secret_is_told_by_what_explains_a_setting_or_refuses_it(
            (name, before, after) in select(SECRETS),
            secret in "[a-zA-Z0-9]{12,40}",
            is_broken in any::<bool>(),
            layer in 0..4_usize,
        ) {
            // What is broken is refused where there is anything to refuse.
            let value = if is_broken { format!("{before}{secret} {secret}") } else { format!("{before}{secret}{after}") };
            let pair = |wanted: usize| if layer == wanted { vec![(name, value.as_str())] } else { vec![] };
            let file = if layer == 3 { format!("{} = \"{value}\"", name.to_lowercase()) } else { String::new() };
            let layers = Layers::for_tests(&pair(1), &pair(2), &file).with_flags(&pair(0));
            let Examined { settings, faults } = Settings::examine_layers(&layers);
            let shown: Vec<_> = settings.explained.iter().map(ToString::to_string).collect();
            for told in [serde_json::to_string(&settings.explained).unwrap(), shown.join("\n"), faults.join("\n")] {
                prop_assert!(!told.contains(&secret), "{told}");
            }
            let source = settings.explained.iter().find(|setting| setting.name == name).unwrap().source;
            prop_assert_eq!(source, [Source::Flag, Source::Environment, Source::DotEnv, Source::File][layer]);
        }
    }

    /// Where secrets are: the setting, and what stands before and after the secret in it.
    const SECRETS: &[(&str, &str, &str)] = &[
        ("ADMIN_PASSWORD", "", ""),
        ("DB_PASSWORD", "", ""),
        ("SECRET_KEY", "", ""),
        ("UNISTATUS_API_KEY", "", ""),
        ("ROLLBAR_TOKEN", "", ""),
        ("DB_HOST", "user:", "@h"),
        ("DB_URL", "", ""),
        ("DB_URL", "mongodb://user:", ""),
        ("DB_URL", "mongodb://user:", "@h/db"),
        ("DB_URL", "mongodb://h/db?proxyPassword=", "&w=1"),
        ("REDIS_URL", "redis://:", "@h:6379/0"),
        ("REDIS_URL", "redis+unix:///run/redis.sock?pass=", "&db=1"),
        ("PUBLIC_URL", "https://u:", "@h"),
        ("PUBLIC_URL", "ftp://u:", "@h"),
        ("ROLLBAR_URL", "https://", "@h/api/1"),
        ("ROLLBAR_URL", "u:", "@h/api/1"),
        ("UNISTATUS_URL", "https://u:", "@h"),
        ("UNISTATUS_URL", "https://h/?key=", ""),
        ("CORS_ORIGINS", "https://u:", "@h"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://u:", "@h:4318"),
    ];
}
