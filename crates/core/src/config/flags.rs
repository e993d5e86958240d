//! The flags that all binaries share.

/// The settings that can be given on the command line; they win over all other layers.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Flags {
    /// The database: `sqlite:PATH` or `mongodb://…`
    #[arg(long, value_name = "URL", global = true)]
    pub db: Option<String>,
    /// The own targets: a TOML file, or a folder of them
    #[arg(long, value_name = "PATH", global = true)]
    pub targets: Option<String>,
    /// The built-in targets: `recommended`, `all`, `none`, or names and categories, parted by commas
    #[arg(long, value_name = "WHICH", global = true)]
    pub catalog: Option<String>,
    /// DEBUG, INFO, WARNING, ERROR or CRITICAL
    #[arg(long, value_name = "LEVEL", global = true)]
    pub log_level: Option<String>,
    /// text or json
    #[arg(long, value_name = "FORMAT", global = true)]
    pub log_format: Option<String>,
    /// Where to listen, for the programs that do.
    #[arg(skip)]
    listen: Listen,
    /// The API to ask, for the programs that can do without a database.
    #[arg(skip)]
    url: Option<String>,
}

/// The flags of programs that listen.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Listen {
    /// The address to listen on
    #[arg(long, value_name = "HOST")]
    pub host: Option<String>,
    /// The port to listen on; 0 for any free one
    #[arg(long, value_name = "PORT")]
    pub port: Option<String>,
}

impl Flags {
    /// The flags of a program that listens.
    #[must_use]
    pub fn listening(&self, listen: Listen) -> Self {
        Self { listen, ..self.clone() }
    }

    /// The flags of a program that asks an API, where it was told which.
    #[must_use]
    pub fn asking(&self, url: Option<String>) -> Self {
        Self { url, ..self.clone() }
    }

    /// The flags that were given, by the name of the setting.
    pub(super) fn given(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            ("APP_HOST", &self.listen.host),
            ("APP_PORT", &self.listen.port),
            ("DB_URL", &self.db),
            ("TARGETS_FILE", &self.targets),
            ("CATALOG", &self.catalog),
            ("LOG_LEVEL", &self.log_level),
            ("LOG_FORMAT", &self.log_format),
            ("UNISTATUS_URL", &self.url),
        ]
        .into_iter()
        .filter_map(|(name, value)| value.as_deref().map(|value| (name, value)))
    }
}
