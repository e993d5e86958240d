//! How single values are read. Each says what it accepts.

use std::collections::BTreeSet;
use std::fmt;
use std::num::{NonZeroU16, NonZeroU32};
use std::str::FromStr;
use std::time::Duration;

use url::Url;

use super::hidden::WebAddress;
use super::{DbUrl, Hidden};
use crate::store::Retention;
use crate::target::spec::is_name;

/// The shortest time for which the past can be kept.
const SHORTEST_RETENTION: Duration = Duration::from_hours(24);

/// How short a token of Rollbar may be; today's have 32 characters and more.
const SHORTEST_ROLLBAR_TOKEN: usize = 12;

/// How short a secret key may be: shorter ones can be found by trying.
const SHORTEST_SECRET_KEY: usize = 32;

/// What a type reads by itself.
pub(super) fn parsed<T: FromStr<Err: ToString>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error: T::Err| error.to_string())
}

/// The origins whose pages may read the API in a browser.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum CorsOrigins {
    /// None but its own.
    #[default]
    None,
    /// Any.
    Any,
    /// These, each as a browser writes it: `https://status.example.org`, with a port where it is not the usual one.
    Some(Vec<String>),
}

impl FromStr for CorsOrigins {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.trim() == "*" {
            return Ok(Self::Any);
        }
        let origins = text.split(',').map(|part| origin(part.trim())).collect::<Option<Vec<_>>>();
        origins.map(Self::Some).ok_or("* or origins such as https://status.example.org, parted by commas")
    }
}

impl fmt::Display for CorsOrigins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => Ok(()),
            Self::Any => f.write_str("*"),
            Self::Some(origins) => f.write_str(&origins.join(",")),
        }
    }
}

fn origin(text: &str) -> Option<String> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    (is_bare && !text.ends_with('/')).then(|| url.origin().ascii_serialization())
}

/// Who may read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReadAccess {
    /// Everybody.
    #[default]
    Open,
    /// Who has a key, or has logged in.
    Key,
}

impl FromStr for ReadAccess {
    type Err = &'static str;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word.to_ascii_lowercase().as_str() {
            "open" => Ok(Self::Open),
            "key" => Ok(Self::Key),
            _ => Err("open or key"),
        }
    }
}

impl fmt::Display for ReadAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Open => "open",
            Self::Key => "key",
        })
    }
}

/// Names of targets, each once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Names(pub(super) Vec<String>);

impl fmt::Display for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { f.write_str("none") } else { f.write_str(&self.0.join(",")) }
    }
}

/// The names of targets; none where it says so.
pub(super) fn names(text: &str) -> Result<Names, String> {
    if text.trim().eq_ignore_ascii_case("none") {
        return Ok(Names(Vec::new()));
    }
    let names = text.split(',').map(|part| Some(part.trim()).filter(|name| is_name(name)).map(str::to_owned));
    let mut told = BTreeSet::new();
    let once = |names: Vec<String>| names.into_iter().filter(|name| told.insert(name.clone())).collect();
    let names = names.collect::<Option<_>>().map(once).map(Names);
    names.ok_or_else(|| "none, or names of targets, parted by commas".to_owned())
}

/// How many requests a minute are answered; `None` for any number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PerMinute(pub(super) Option<NonZeroU32>);

impl fmt::Display for PerMinute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(0, NonZeroU32::get).fmt(f)
    }
}

/// How many requests a minute are answered.
pub(super) fn rate_limit(text: &str) -> Result<PerMinute, String> {
    let limit = text.parse().map(NonZeroU32::new).map(PerMinute);
    limit.map_err(|_| "a number of requests a minute; 0 for no limit".to_owned())
}

/// A port to listen on.
pub(super) fn port(text: &str) -> Result<u16, String> {
    text.parse().map_err(|_| "a port from 0 to 65535".to_owned())
}

/// The port of a database.
pub(super) fn database_port(text: &str) -> Result<NonZeroU16, String> {
    text.parse().map_err(|_| "a port from 1 to 65535".to_owned())
}

/// The address of a database: whoever opens it knows what is accepted.
#[expect(clippy::unnecessary_wraps, reason = "it is one of the functions that read values")]
pub(super) fn database(text: &str) -> Result<DbUrl, String> {
    Ok(DbUrl::new(text))
}

/// A text that nobody is to see.
#[expect(clippy::unnecessary_wraps, reason = "it is one of the functions that read values")]
pub(super) fn hidden(text: &str) -> Result<Hidden, String> {
    Ok(Hidden::new(text))
}

/// What tokens are signed with.
pub(super) fn secret_key(text: &str) -> Result<Hidden, String> {
    let is_long = text.len() >= SHORTEST_SECRET_KEY;
    is_long.then(|| Hidden::new(text)).ok_or_else(|| format!("{SHORTEST_SECRET_KEY} characters or more"))
}

/// On or off.
pub(super) fn switch(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "on" | "yes" | "1" => Ok(true),
        "false" | "off" | "no" | "0" => Ok(false),
        _ => Err("true or false".to_owned()),
    }
}

/// For how long the past is kept.
pub(super) fn retention(text: &str) -> Result<Retention, String> {
    if text.eq_ignore_ascii_case("forever") {
        return Ok(Retention::Forever);
    }
    let span = humantime::parse_duration(text).ok().filter(|&span| span >= SHORTEST_RETENTION);
    span.map(Retention::For).ok_or_else(|| "a length of time such as 90d, 1d at least, or forever".to_owned())
}

/// A token that Rollbar may have made. Nothing that stands in a text by chance is one: the client blots
/// the token out wherever it finds it.
pub(super) fn rollbar_token(text: &str) -> Result<Hidden, String> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    let is_token = is_plain && text.len() >= SHORTEST_ROLLBAR_TOKEN;
    let accepted = || "a project access token of Rollbar: letters, digits, _ and -, 12 or more".to_owned();
    is_token.then(|| Hidden::new(text)).ok_or_else(accepted)
}

/// An address of the web, without a slash at its end.
pub(super) fn web_address(text: &str) -> Result<WebAddress, String> {
    let text = text.trim();
    // A path is put behind it.
    let is_base = |url: &Url| url.has_host() && url.query().is_none() && url.fragment().is_none();
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && is_base(url));
    url.map(|_| WebAddress::new(text.trim_end_matches('/'))).ok_or_else(|| {
        "an address such as https://example.com or http://127.0.0.1:4318/path, without ? and #".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_written_as_browsers_write_them() {
        let some = |origins: &[&str]| Ok(CorsOrigins::Some(origins.iter().map(ToString::to_string).collect()));
        assert_eq!("*".parse(), Ok(CorsOrigins::Any));
        assert_eq!("https://a.test".parse(), some(&["https://a.test"]));
        assert_eq!("HTTPS://A.test:443, http://b.test:81".parse(), some(&["https://a.test", "http://b.test:81"]));
        for text in ["a.test", "https://a.test/", "https://a.test/x", "ftp://a.test", "https://u@a.test", "a,", "null"]
        {
            assert!(text.parse::<CorsOrigins>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_day_is_the_least_that_is_kept() {
        assert_eq!(retention("90d"), Ok(Retention::For(Duration::from_hours(90 * 24))));
        assert_eq!(retention("Forever"), Ok(Retention::Forever));
        for text in ["", "0", "1h", "-1d", "90", "long"] {
            assert!(retention(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_token_of_rollbar_is_nothing_that_stands_in_a_text() {
        for (text, is_token) in [
            ("0123456789abcdef0123456789abcdef", true),
            ("a_b-c0123456", true),
            ("0123456789a", false),
            ("0123456789abcdef ", false),
            ("0123456789\"abcdef", false),
            ("0123456789abcdéf", false),
        ] {
            assert_eq!(rollbar_token(text).is_ok(), is_token, "{text}");
        }
    }

    #[test]
    fn switches_and_addresses() {
        assert_eq!((switch("ON"), switch("0"), switch("perhaps").is_err()), (Ok(true), Ok(false), true));
        let base = |text| web_address(text).map(|address| address.reveal().to_owned()).ok();
        for (text, read) in [
            ("http://otel:4318", Some("http://otel:4318")),
            (" https://a.test/status/ ", Some("https://a.test/status")),
            ("otel:4318", None),
            ("https://a.test/?x=1", None),
            ("https://a.test/#top", None),
        ] {
            assert_eq!(base(text).as_deref(), read, "{text}");
        }
    }
}
