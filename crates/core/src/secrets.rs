//! Secrets: values that a file names and does not hold.
//!
//! Where a targets file needs a secret it writes `${NAME}`. The value is looked up when it is needed and not before, so
//! a secret that is rotated in its file is found, and one that is missing stops nobody but the target that needs it.

use std::collections::HashMap;
use std::fmt;
use std::fs;

/// Where secrets are looked up: `NAME` or `NAME_FILE` of the environment, else of the `.env` file.
#[derive(Clone, Default)]
pub struct Secrets {
    /// The environment, then `.env`.
    layers: [HashMap<String, String>; 2],
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secrets").finish_non_exhaustive()
    }
}

/// Why a secret cannot be had. Its message names the secret and never holds it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// Nobody set it.
    #[error(
        "neither {0} nor {0}_FILE is set; expected the value in the one, or the path of a file with it in the other"
    )]
    Missing(String),
    /// The file that should hold it cannot be read.
    #[error("{name}_FILE: {path}: {problem}; expected a readable file")]
    Unreadable {
        /// Whose file it is.
        name: String,
        /// Which file.
        path: String,
        /// What the system says.
        problem: String,
    },
}

impl Secrets {
    /// Secrets from the variables of the environment and of the `.env` file.
    pub fn new(environment: HashMap<String, String>, dotenv: HashMap<String, String>) -> Self {
        Self { layers: [environment, dotenv] }
    }

    /// The secret of a name. An empty value is none.
    ///
    /// # Errors
    /// [`SecretError`] if it is not set, or its file cannot be read.
    pub fn get(&self, name: &str) -> Result<String, SecretError> {
        for layer in &self.layers {
            let set = |name: &str| layer.get(name).filter(|value| !value.is_empty());
            if let Some(value) = set(name) {
                return Ok(value.clone());
            }
            if let Some(path) = set(&format!("{name}_FILE")) {
                let unreadable =
                    |problem: String| SecretError::Unreadable { name: name.to_owned(), path: path.clone(), problem };
                let read = fs::read_to_string(path).map_err(|error| unreadable(error.to_string()))?;
                return match read.trim_end_matches(['\r', '\n']) {
                    "" => Err(unreadable("it is empty".to_owned())),
                    value => Ok(value.to_owned()),
                };
            }
        }
        Err(SecretError::Missing(name.to_owned()))
    }
}

/// A text with the names of secrets in it: `token ${TOKEN}`. It shows itself as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Secret(String),
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// What is wrong with it: a reference that has no end, or a name that no variable can have.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) = after.split_once('}').ok_or_else(|| "a \"${\" without its \"}\"".to_owned())?;
            let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            if !is_name {
                return Err(format!("\"${{{name}}}\" names no variable"));
            }
            if !before.is_empty() {
                parts.push(Piece::Text(before.to_owned()));
            }
            parts.push(Piece::Secret(name.to_owned()));
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Piece::Text(rest.to_owned()));
        }
        Ok(Self { parts })
    }

    /// The names it refers to.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Piece::Secret(name) => Some(name.as_str()),
            Piece::Text(_) => None,
        })
    }

    /// The text with the secrets in their places.
    ///
    /// # Errors
    /// [`SecretError`] for the first that cannot be had.
    pub fn fill(&self, secrets: &Secrets) -> Result<String, SecretError> {
        self.fill_with(|name| secrets.get(name))
    }

    /// The text with something else in the places of the secrets.
    pub(crate) fn fill_with<E>(&self, value: impl Fn(&str) -> Result<String, E>) -> Result<String, E> {
        let part = |part: &Piece| match part {
            Piece::Text(text) => Ok(text.clone()),
            Piece::Secret(name) => value(name),
        };
        self.parts.iter().map(part).collect()
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parts.iter().try_for_each(|part| match part {
            Piece::Text(text) => f.write_str(text),
            Piece::Secret(name) => write!(f, "${{{name}}}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets(environment: &[(&str, &str)], dotenv: &[(&str, &str)]) -> Secrets {
        let layer = |pairs: &[(&str, &str)]| pairs.iter().map(|&(k, v)| (k.to_owned(), v.to_owned())).collect();
        Secrets::new(layer(environment), layer(dotenv))
    }

    #[test]
    fn the_environment_goes_before_the_file_and_an_empty_value_is_none() {
        let secrets = secrets(&[("A", "1"), ("B", "")], &[("A", "2"), ("B", "3")]);
        assert_eq!((secrets.get("A").unwrap().as_str(), secrets.get("B").unwrap().as_str()), ("1", "3"));
        let error = secrets.get("C").unwrap_err();
        assert_eq!(error, SecretError::Missing("C".to_owned()));
        assert!(error.to_string().starts_with("neither C nor C_FILE is set"));
        assert_eq!(format!("{secrets:?}"), "Secrets { .. }");
    }

    #[test]
    fn a_rotated_file_is_read_anew() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        let secrets = secrets(&[("TOKEN_FILE", path.to_str().unwrap())], &[("TOKEN", "weaker")]);
        let error = secrets.get("TOKEN").unwrap_err().to_string();
        assert!(error.starts_with("TOKEN_FILE: ") && error.ends_with("; expected a readable file"), "{error}");
        for value in ["first", "second"] {
            fs::write(&path, format!("{value}\n")).unwrap();
            assert_eq!(secrets.get("TOKEN").unwrap(), value);
        }
        fs::write(&path, "\n").unwrap();
        assert!(secrets.get("TOKEN").unwrap_err().to_string().contains(": it is empty; expected"));
    }

    #[test]
    fn a_template_is_filled_and_shown_as_it_was_written() {
        let secrets = secrets(&[("A", "1"), ("B_2", "two")], &[]);
        for (text, filled) in
            [("", ""), ("plain $5 {x}", "plain $5 {x}"), ("${A}", "1"), ("a-${A}${B_2}/z", "a-1two/z")]
        {
            let template = Template::parse(text).unwrap();
            assert_eq!((template.fill(&secrets).unwrap().as_str(), template.to_string().as_str()), (filled, text));
        }
        let missing = Template::parse("${A} ${NONE}").unwrap();
        assert_eq!(missing.names().collect::<Vec<_>>(), ["A", "NONE"]);
        assert_eq!(missing.fill(&secrets), Err(SecretError::Missing("NONE".to_owned())));
        for broken in ["${A", "${}", "${A B}", "${1}", "x ${ü}"] {
            assert!(Template::parse(broken).is_err(), "{broken}");
        }
    }
}
