//! The layers that settings come from, and the way they are laid over each other.

use std::collections::HashMap;
use std::fs;
use std::io::ErrorKind;

use config::{Config, File, FileFormat};

use super::{Flags, Source, names};
use crate::catalog::line_of;
use crate::secrets::Secrets;

/// Where values come from, strongest first.
#[derive(Clone, Debug, Default)]
pub struct Layers {
    flags: Variables,
    environment: Variables,
    dotenv: Variables,
    file: String,
    /// What could not be read, a line each.
    faults: Vec<String>,
    /// What targets' files may refer to: all variables there are.
    pub(super) secrets: Secrets,
}

/// The values of a layer, by the names of the settings.
type Variables = HashMap<String, Variable>;

/// The value of a setting in one layer.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Variable {
    value: String,
    /// The file that holds it, where it was handed over as `NAME_FILE`.
    file: Option<String>,
}

impl Variable {
    fn new(value: &str) -> Self {
        Self { value: value.to_owned(), file: None }
    }

    fn is_set(&self) -> bool {
        !self.value.is_empty()
    }
}

/// The name of the configuration file in the working folder.
const FILE: &str = Source::File.as_str();
/// The name of the file of variables in the working folder.
const DOTENV: &str = Source::DotEnv.as_str();

impl Layers {
    /// The layers of this process: its environment, the files of its working folder, and its flags. A file that is
    /// there and cannot be read is a fault of the settings that are read from them.
    pub fn of_process(flags: &Flags) -> Self {
        // Values that are not text are no settings of ours.
        let environment: HashMap<_, _> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let mut faults = Vec::new();
        let text = read_if_there(DOTENV, &mut faults);
        let dotenv = read_dotenv(&text).unwrap_or_else(|fault| {
            faults.push(fault);
            HashMap::new()
        });
        let file = read_if_there(FILE, &mut faults);
        let secrets = Secrets::new(environment.clone(), dotenv.clone());
        Self {
            flags: flags.given().map(|(name, value)| (name.to_owned(), Variable::new(value))).collect(),
            environment: with_files(&environment, Source::Environment, &mut faults),
            dotenv: with_files(&dotenv, Source::DotEnv, &mut faults),
            file,
            faults,
            secrets,
        }
    }

    #[cfg(test)]
    pub(crate) fn for_tests(environment: &[(&str, &str)], dotenv: &[(&str, &str)], file: &str) -> Self {
        let own = |pairs: &[(&str, &str)]| pairs.iter().map(|&(k, v)| (k.to_owned(), Variable::new(v))).collect();
        Self { environment: own(environment), dotenv: own(dotenv), file: file.to_owned(), ..Self::default() }
    }

    #[cfg(test)]
    pub(super) fn with_flags(mut self, flags: &[(&str, &str)]) -> Self {
        self.flags.extend(flags.iter().map(|&(name, value)| (name.to_owned(), Variable::new(value))));
        self
    }

    /// Whether all that is there could be read.
    pub(super) fn are_whole(&self) -> bool {
        self.faults.is_empty() && check_syntax(&self.file).is_ok()
    }

    /// The layer above the file that sets this, and the file that `NAME_FILE` named in it.
    pub(super) fn variable(&self, name: &str) -> Option<(Source, Option<&str>)> {
        let layers =
            [(Source::Flag, &self.flags), (Source::Environment, &self.environment), (Source::DotEnv, &self.dotenv)];
        layers.into_iter().find_map(|(source, layer)| {
            let variable = layer.get(name).filter(|variable| variable.is_set())?;
            Some((source, variable.file.as_deref()))
        })
    }

    /// Lays the layers over each other, as far as they can be read; and tells what cannot, a line each.
    pub(super) fn merge(&self) -> (Config, Vec<String>) {
        let mut faults = self.faults.clone();
        let merged = self.merge_into(&mut faults).unwrap_or_else(|error| {
            faults.push(format!("{FILE}: {error}"));
            Config::default()
        });
        (merged, faults)
    }

    fn merge_into(&self, faults: &mut Vec<String>) -> Result<Config, config::ConfigError> {
        let checked = check_syntax(&self.file);
        let file = if checked.is_ok() { self.file.as_str() } else { "" };
        faults.extend(checked.err());
        let file = Config::builder().add_source(File::from_str(file, FileFormat::Toml)).build()?;
        faults.extend(unknown_keys(&file));
        let mut builder = Config::builder().add_source(file);
        for layer in [&self.dotenv, &self.environment, &self.flags] {
            for (name, variable) in layer.iter().filter(|(_, variable)| variable.is_set()) {
                // An override each, weakest layer first: the last one set wins.
                builder = builder.set_override(name.to_lowercase(), variable.value.as_str())?;
            }
        }
        builder.build()
    }
}

/// The text of a file of the working folder, empty where there is none.
fn read_if_there(path: &str, faults: &mut Vec<String>) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| {
        if error.kind() != ErrorKind::NotFound {
            faults.push(format!("{path}: {error}"));
        }
        String::new()
    })
}

/// The variables of a `.env` file. The parser's own error repeats the line, which may hold a secret.
fn read_dotenv(text: &str) -> Result<HashMap<String, String>, String> {
    dotenvy::from_read_iter(text.as_bytes()).collect::<Result<_, _>>().map_err(|error| {
        let at = match &error {
            dotenvy::Error::LineParse(rest, _) => rest.lines().next().and_then(|rest| text.find(rest)),
            _ => None,
        };
        let line = at.map(|at| format!(":{}", line_of(text, at))).unwrap_or_default();
        let expected = "NAME=value, the value in quotes if it holds a space, a quote or #";
        format!("{DOTENV}{line}: a line that cannot be read; expected {expected}")
    })
}

/// Says where the configuration file is no TOML, without the line itself: it may hold a secret.
fn check_syntax(file: &str) -> Result<(), String> {
    match toml::from_str::<toml::Table>(file) {
        Ok(_) => Ok(()),
        Err(error) => {
            let line = line_of(file, error.span().unwrap_or_default().start);
            Err(format!("{FILE}:{line}: {}", error.message()))
        }
    }
}

/// The variables that are settings, each from `NAME` or from the file that `NAME_FILE` names: the environment is full
/// of others.
fn with_files(variables: &HashMap<String, String>, source: Source, faults: &mut Vec<String>) -> Variables {
    let set = |name: &str| variables.get(name).filter(|value| !value.is_empty());
    let mut found = Variables::new();
    for name in names() {
        let (value, path) = (set(name), set(&format!("{name}_FILE")));
        let variable = match (value, path) {
            (None, None) => continue,
            (Some(value), None) => Variable::new(value),
            (Some(_), Some(_)) => {
                faults.push(format!("{name} and {name}_FILE ({source}): both are set; expected one of them"));
                continue;
            }
            (None, Some(path)) => match fs::read_to_string(path) {
                Ok(value) => {
                    Variable { value: value.trim_end_matches(['\r', '\n']).to_owned(), file: Some(path.clone()) }
                }
                Err(error) => {
                    faults.push(format!("{name}_FILE ({source}): {path}: {error}; expected a readable file"));
                    continue;
                }
            },
        };
        found.insert(name.to_owned(), variable);
    }
    found
}

fn unknown_keys(file: &Config) -> Vec<String> {
    let Ok(table) = file.clone().try_deserialize::<HashMap<String, serde_json::Value>>() else { return Vec::new() };
    let is_known = |key: &String| names().any(|name| name == key.to_uppercase());
    let mut unknown: Vec<_> = table.into_keys().filter(|key| !is_known(key)).collect();
    unknown.sort();
    let accepted = || names().map(str::to_lowercase).collect::<Vec<_>>().join(", ");
    unknown.iter().map(|key| format!("{FILE}: {key} is no setting; accepted are {}", accepted())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Settings;

    #[test]
    fn the_stronger_layer_wins_and_an_empty_value_is_none() {
        let file = "app_port = 1\ncontact = \"file\"\nlog_level = \"debug\"\napp_host = \"f\"";
        let layers = Layers::for_tests(
            &[("APP_PORT", "3"), ("CONTACT", "")],
            &[("APP_PORT", "2"), ("CONTACT", "dotenv"), ("APP_HOST", "d")],
            file,
        );
        let settings = Settings::from_layers(&layers).unwrap();
        assert_eq!((settings.app_port, settings.contact.as_deref()), (3, Some("dotenv")));
        assert_eq!((settings.app_host.as_str(), settings.log_level.as_str()), ("d", "DEBUG"));
        let layers = layers.with_flags(&[("APP_PORT", "4")]);
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
            let message = read_dotenv(dotenv).unwrap_err();
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
        let path = path.to_str().unwrap();
        let read = |pairs: &[(&str, &str)]| {
            let variables = pairs.iter().map(|&(k, v)| (k.to_owned(), v.to_owned())).collect();
            let mut faults = Vec::new();
            (with_files(&variables, Source::Environment, &mut faults), faults)
        };
        let (found, faults) = read(&[("DB_PASSWORD_FILE", path), ("DB_PASSWORD", ""), ("HOME", "/")]);
        let expected = Variable { value: "s3cret".to_owned(), file: Some(path.to_owned()) };
        assert_eq!((found, faults), (Variables::from([("DB_PASSWORD".to_owned(), expected)]), vec![]));
        let (found, faults) =
            read(&[("DB_PASSWORD_FILE", path), ("DB_PASSWORD", "x"), ("SECRET_KEY_FILE", "/nowhere")]);
        assert_eq!(found, Variables::new());
        assert!(faults[0].contains("expected one of them"), "{faults:?}");
        assert!(faults[1].contains("expected a readable file"), "{faults:?}");
    }
}
