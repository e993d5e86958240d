//! Reads settings one by one and keeps what is wrong with them, so that all faults are told at once.

use config::Config;

use super::keys::{self, ALL, Key};
use super::{DbUrl, EMBEDDED_DB, Explained, Hidden, JournalPlace, Layers, Remote, Source};
use crate::access::{check_name, check_password};

/// The database that users of MongoDB are looked up in.
const OF_USERS: &str = "?authSource=admin";

/// Reads the settings of some layers.
pub(super) struct Reader<'a> {
    layers: &'a Layers,
    merged: Config,
    faults: Vec<String>,
}

/// A value that is a list or a table. Only `unistatus.toml` has anything but text.
struct NoText;

impl<'a> Reader<'a> {
    pub(super) fn new(layers: &'a Layers) -> Self {
        let (merged, faults) = layers.merge();
        Self { layers, merged, faults }
    }

    /// What is wrong, a line each.
    pub(super) fn faults(self) -> Vec<String> {
        self.faults
    }

    /// What somebody set, `None` where nobody did or it is empty: `NAME=` in an `.env` means "not set".
    fn given(&self, name: &str) -> Result<Option<String>, NoText> {
        match self.merged.get_string(&name.to_lowercase()) {
            Ok(value) => Ok(Some(value).filter(|value| !value.is_empty())),
            Err(config::ConfigError::NotFound(_)) => Ok(None),
            // The error would show the value, which may be a secret.
            Err(_) => Err(NoText),
        }
    }

    fn is_given<T>(&self, key: &Key<T>) -> bool {
        matches!(self.given(key.name), Ok(Some(_)))
    }

    fn source(&self, name: &str) -> Source {
        match (self.layers.variable(name), self.given(name)) {
            (Some((source, _)), _) => source,
            (None, Ok(None)) => Source::Default,
            (None, Ok(Some(_)) | Err(NoText)) => Source::File,
        }
    }

    fn refuse(&mut self, name: &str, why: &str) {
        let source = self.source(name);
        self.faults.push(format!("{name} ({source}): {why}"));
    }

    /// Two settings of which one makes no sense without the other. Where a whole file could not be read, the other may
    /// have been in there.
    fn refuse_half(&mut self, one: &str, other: &str) {
        if self.layers.are_whole() {
            let fault = format!("{one} and {other}: one is set without the other; expected both or neither");
            self.faults.push(fault);
        }
    }

    /// A setting, by its default where nobody set it.
    pub(super) fn read<T>(&mut self, key: &Key<T>) -> Option<T> {
        let given = self.given(key.name).unwrap_or_else(|NoText| {
            self.refuse(key.name, "a list or a table is not accepted; expected a text");
            None
        });
        let text = given.as_deref().or(key.default)?;
        match (key.read)(text) {
            Ok(value) => Some(value),
            Err(accepted) => {
                let what = if key.is_repeatable { format!("\"{text}\" is ") } else { String::new() };
                self.refuse(key.name, &format!("{what}not accepted; expected {accepted}"));
                None
            }
        }
    }

    pub(super) fn collector_listen(&mut self) -> Option<(String, u16)> {
        let host = self.read(&keys::COLLECTOR_HOST).unwrap_or_default();
        self.read(&keys::COLLECTOR_PORT).map(|port| (host, port))
    }

    pub(super) fn journal(&mut self) -> Option<JournalPlace> {
        let limit = self.read(&keys::JOURNAL_LIMIT).unwrap_or_default().0;
        let folder = self.read(&keys::JOURNAL_DIR).unwrap_or_default().0?;
        Some(JournalPlace { folder, limit })
    }

    pub(super) fn admin(&mut self) -> Option<(String, Hidden)> {
        let (name, password) = (self.read(&keys::ADMIN_NAME), self.read(&keys::ADMIN_PASSWORD));
        let (Some(name), Some(password)) = (&name, &password) else {
            if name.is_some() != password.is_some() {
                self.refuse_half(keys::ADMIN_NAME.name, keys::ADMIN_PASSWORD.name);
            }
            return None;
        };
        // No fault may show the password.
        for (key, checked) in
            [(keys::ADMIN_NAME.name, check_name(name)), (keys::ADMIN_PASSWORD.name, check_password(password.reveal()))]
        {
            if let Err(expected) = checked {
                self.refuse(key, &format!("not accepted; {expected}"));
            }
        }
        Some((name.clone(), password.clone()))
    }

    pub(super) fn remote(&mut self) -> Option<Remote> {
        let key = self.read(&keys::UNISTATUS_API_KEY);
        let url = self.read(&keys::UNISTATUS_URL)?;
        // Whoever names a database for this one command asks that.
        let is_flag = |name: &str| self.source(name) == Source::Flag;
        if is_flag(keys::DB_URL.name) && !is_flag(keys::UNISTATUS_URL.name) {
            return None;
        }
        Some(Remote { url: url.reveal().to_owned(), key })
    }

    /// `DB_URL`, else MongoDB at `DB_HOST`, else the embedded default.
    pub(super) fn db_url(&mut self) -> DbUrl {
        let url = self.read(&keys::DB_URL).unwrap_or_else(|| DbUrl::new(EMBEDDED_DB));
        let host = self.read(&keys::DB_HOST);
        let port = self.read(&keys::DB_PORT);
        let name = self.read(&keys::DB_NAME).unwrap_or_default();
        let (user, password) = (self.read(&keys::DB_USER), self.read(&keys::DB_PASSWORD));
        let Some(host) = host.filter(|_| !self.is_given(&keys::DB_URL)) else { return url };
        let (credentials, options) = match (&user, &password) {
            (Some(user), Some(password)) => (format!("{}:{}@", encoded(user), encoded(password.reveal())), OF_USERS),
            (None, None) => (String::new(), ""),
            _ => {
                self.refuse_half(keys::DB_USER.name, keys::DB_PASSWORD.name);
                (String::new(), "")
            }
        };
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        DbUrl::new(format!("mongodb://{credentials}{}{port}/{}{options}", host.reveal(), encoded(&name)))
    }

    /// What each setting comes to; `db_url` is what those of the database do.
    pub(super) fn explained(&self, db_url: &DbUrl) -> Vec<Explained> {
        let mut all: Vec<_> = ALL.iter().map(|setting| self.explain(*setting)).collect();
        if !self.is_given(&keys::DB_URL) && self.is_given(&keys::DB_HOST) {
            let made = all.iter_mut().filter(|setting| setting.name == keys::DB_URL.name);
            made.for_each(|setting| {
                setting.value = Some(db_url.to_string());
                setting.source = self.source(keys::DB_HOST.name);
                setting.made_of = Some(keys::DB_HOST.name);
            });
        }
        all
    }

    fn explain(&self, setting: &dyn keys::Setting) -> Explained {
        let name = setting.name();
        let given = self.given(name).unwrap_or_default();
        let value = given.as_deref().or(setting.default()).and_then(|text| setting.shown(text));
        let file = self.layers.variable(name).and_then(|(_, file)| file.map(str::to_owned));
        Explained { name, value, source: self.source(name), file, made_of: None }
    }
}

/// A text as a part of an address.
fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}
