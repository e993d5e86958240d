//! The layers that settings come from, and the way they are laid over each other.

use std::collections::HashMap;
use std::fs;
use std::io::ErrorKind;

use config::{Config, File, FileFormat};

use super::{ConfigError, Flags, NAMES};
use crate::catalog::line_of;
use crate::secrets::Secrets;

/// Where values come from, strongest first.
#[derive(Clone, Debug, Default)]
pub struct Layers {
    flags: HashMap<String, String>,
    environment: HashMap<String, String>,
    dotenv: HashMap<String, String>,
    file: String,
    /// What targets' files may refer to: all variables there are.
    pub(super) secrets: Secrets,
}

/// The name of the configuration file in the working folder.
const FILE: &str = "unistatus.toml";
/// The name of the file of variables in the working folder.
const DOTENV: &str = ".env";

impl Layers {
    /// The layers of this process: its environment, the files of its working folder, and its flags.
    ///
    /// # Errors
    /// [`ConfigError`] if a file is there and cannot be read, or holds what is no setting.
    pub fn of_process(flags: &Flags) -> Result<Self, ConfigError> {
        // Values that are not text are no settings of ours.
        let environment: HashMap<_, _> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let read = |path: &str| match fs::read_to_string(path) {
            Ok(text) => Ok(text),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(String::new()),
            Err(error) => Err(ConfigError(vec![format!("{path}: {error}")])),
        };
        let dotenv = read_dotenv(&read(DOTENV)?)?;
        let file = read(FILE)?;
        let secrets = Secrets::new(environment.clone(), dotenv.clone());
        let flags = flags.given().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Ok(Self {
            flags,
            environment: with_files(keep_ours(environment), "environment")?,
            dotenv: with_files(keep_ours(dotenv), DOTENV)?,
            file,
            secrets,
        })
    }

    #[cfg(test)]
    pub(crate) fn for_tests(environment: &[(&str, &str)], dotenv: &[(&str, &str)], file: &str) -> Self {
        let own = |pairs: &[(&str, &str)]| pairs.iter().map(|&(k, v)| (k.to_owned(), v.to_owned())).collect();
        Self { environment: own(environment), dotenv: own(dotenv), file: file.to_owned(), ..Self::default() }
    }

    /// Which layer a value comes from, for messages.
    pub(super) fn origin(&self, name: &str) -> &'static str {
        let has = |layer: &HashMap<String, String>| layer.get(name).is_some_and(|value| !value.is_empty());
        if has(&self.flags) {
            "flag"
        } else if has(&self.environment) {
            "environment"
        } else if has(&self.dotenv) {
            DOTENV
        } else {
            FILE
        }
    }

    /// Lays the layers over each other.
    pub(super) fn merge(&self) -> Result<Config, ConfigError> {
        check_syntax(&self.file)?;
        let fault = |error: config::ConfigError| ConfigError(vec![format!("{FILE}: {error}")]);
        let file = Config::builder().add_source(File::from_str(&self.file, FileFormat::Toml)).build().map_err(fault)?;
        let unknown = unknown_keys(&file);
        if !unknown.is_empty() {
            return Err(ConfigError(unknown));
        }
        let mut builder = Config::builder().add_source(file);
        for layer in [&self.dotenv, &self.environment, &self.flags] {
            for (name, value) in layer.iter().filter(|(_, value)| !value.is_empty()) {
                // An override each, weakest layer first: the last one set wins.
                builder = builder.set_override(name.to_lowercase(), value.as_str()).map_err(fault)?;
            }
        }
        builder.build().map_err(fault)
    }
}

/// The variables of a `.env` file. The parser's own error repeats the line, which may hold a secret.
fn read_dotenv(text: &str) -> Result<HashMap<String, String>, ConfigError> {
    dotenvy::from_read_iter(text.as_bytes()).collect::<Result<_, _>>().map_err(|error| {
        let at = match &error {
            dotenvy::Error::LineParse(rest, _) => rest.lines().next().and_then(|rest| text.find(rest)),
            _ => None,
        };
        let line = at.map(|at| format!(":{}", line_of(text, at))).unwrap_or_default();
        let expected = "NAME=value, the value in quotes if it holds a space, a quote or #";
        ConfigError(vec![format!("{DOTENV}{line}: a line that cannot be read; expected {expected}")])
    })
}

/// Says where the configuration file is no TOML, without the line itself: it may hold a secret.
fn check_syntax(file: &str) -> Result<(), ConfigError> {
    match toml::from_str::<toml::Table>(file) {
        Ok(_) => Ok(()),
        Err(error) => {
            let line = line_of(file, error.span().unwrap_or_default().start);
            Err(ConfigError(vec![format!("{FILE}:{line}: {}", error.message())]))
        }
    }
}

/// The variables that are settings (or the files of settings): the environment is full of others.
fn keep_ours(variables: HashMap<String, String>) -> HashMap<String, String> {
    let ours =
        |name: &str| NAMES.contains(&name) || name.strip_suffix("_FILE").is_some_and(|name| NAMES.contains(&name));
    variables.into_iter().filter(|(name, _)| ours(name)).collect()
}

/// Puts the contents of the files named by `NAME_FILE` in the place of `NAME`.
fn with_files(mut variables: HashMap<String, String>, origin: &str) -> Result<HashMap<String, String>, ConfigError> {
    let mut faults = Vec::new();
    for &name in NAMES {
        let Some(path) = variables.remove(&format!("{name}_FILE")).filter(|path| !path.is_empty()) else { continue };
        if variables.get(name).is_some_and(|value| !value.is_empty()) {
            faults.push(format!("{name} and {name}_FILE ({origin}): both are set; expected one of them"));
            continue;
        }
        match fs::read_to_string(&path) {
            Ok(value) => drop(variables.insert(name.to_owned(), value.trim_end_matches(['\r', '\n']).to_owned())),
            Err(error) => faults.push(format!("{name}_FILE ({origin}): {path}: {error}; expected a readable file")),
        }
    }
    if faults.is_empty() { Ok(variables) } else { Err(ConfigError(faults)) }
}

fn unknown_keys(file: &Config) -> Vec<String> {
    let Ok(table) = file.clone().try_deserialize::<HashMap<String, serde_json::Value>>() else { return Vec::new() };
    let mut unknown: Vec<_> = table.into_keys().filter(|key| !NAMES.contains(&key.to_uppercase().as_str())).collect();
    unknown.sort();
    let accepted = || NAMES.iter().map(|name| name.to_lowercase()).collect::<Vec<_>>().join(", ");
    unknown.iter().map(|key| format!("{FILE}: {key} is no setting; accepted are {}", accepted())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Settings;

    #[test]
    fn the_stronger_layer_wins_and_an_empty_value_is_none() {
        let file = "app_port = 1\ncontact = \"file\"\nlog_level = \"debug\"\napp_host = \"f\"";
        let mut layers = Layers::for_tests(
            &[("APP_PORT", "3"), ("CONTACT", "")],
            &[("APP_PORT", "2"), ("CONTACT", "dotenv"), ("APP_HOST", "d")],
            file,
        );
        let settings = Settings::from_layers(&layers).unwrap();
        assert_eq!((settings.app_port, settings.contact.as_deref()), (3, Some("dotenv")));
        assert_eq!((settings.app_host.as_str(), settings.log_level.as_str()), ("d", "DEBUG"));
        assert_eq!(
            (layers.origin("APP_PORT"), layers.origin("CONTACT"), layers.origin("LOG_LEVEL")),
            ("environment", ".env", FILE)
        );

        layers.flags.insert("APP_PORT".to_owned(), "4".to_owned());
        assert_eq!(Settings::from_layers(&layers).unwrap().app_port, 4);
    }

    #[test]
    fn an_unknown_key_of_the_file_is_named() {
        let error = Settings::from_layers(&Layers::for_tests(&[], &[], "app_prot = 1")).unwrap_err();
        assert!(error.to_string().contains("app_prot is no setting; accepted are access_log"), "{error}");
    }

    #[test]
    fn a_line_that_cannot_be_read_is_named_and_not_repeated() {
        for (dotenv, line) in [
            ("# ours\nDB_URL=\"mongodb://u:s3cret@h\n", 2),
            ("APP_PORT=1\nDB_PASSWORD=s3 cret", 2),
            ("DB_PASSWORD='s3cret", 1),
            ("s3cret", 1),
        ] {
            let message = read_dotenv(dotenv).unwrap_err().to_string();
            assert!(
                message.starts_with(&format!(".env:{line}: ")) && message.contains("expected NAME=value"),
                "{message}"
            );
            assert!(!message.contains("s3"), "{message}");
        }
        for (file, line) in [
            ("app_port = 1\ndb_url = \"mongodb://u:s3cret@h\n", 2),
            ("db_password = s3cret", 1),
            ("db_password = \"s3cret\" \"s3cret\"", 1),
            ("s3cret", 1),
        ] {
            let message = Settings::from_layers(&Layers::for_tests(&[], &[], file)).unwrap_err().to_string();
            assert!(message.starts_with(&format!("unistatus.toml:{line}: ")), "{message}");
            assert!(!message.contains("s3cret"), "{message}");
        }
    }

    #[test]
    fn a_secret_may_lie_in_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("password");
        fs::write(&path, "s3cret\n").unwrap();
        let variables = |pairs: &[(&str, &str)]| pairs.iter().map(|&(k, v)| (k.to_owned(), v.to_owned())).collect();
        let path = path.to_str().unwrap();
        let read = with_files(variables(&[("DB_PASSWORD_FILE", path)]), "environment").unwrap();
        assert_eq!(read["DB_PASSWORD"], "s3cret");
        let both = with_files(variables(&[("DB_PASSWORD_FILE", path), ("DB_PASSWORD", "x")]), "environment");
        assert!(both.unwrap_err().to_string().contains("expected one of them"));
        let missing = with_files(variables(&[("DB_PASSWORD_FILE", "/nowhere")]), "environment");
        assert!(missing.unwrap_err().to_string().contains("expected a readable file"));
    }
}
