//! Values that hold secrets, and what is shown of them.

use std::fmt;

/// What stands where a secret was.
const HIDDEN: &str = "***";

/// The parameters of addresses whose values may be shown, in lower case. Any other may be a password
/// (`pass`, `proxyPassword`, `tlsCertificateKeyFilePassword`, `authMechanismProperties`).
const HARMLESS: [&str; 24] = [
    "appname",
    "authmechanism",
    "authsource",
    "compressors",
    "connecttimeoutms",
    "db",
    "directconnection",
    "heartbeatfrequencyms",
    "journal",
    "loadbalanced",
    "maxidletimems",
    "maxpoolsize",
    "minpoolsize",
    "protocol",
    "readconcernlevel",
    "readpreference",
    "replicaset",
    "retryreads",
    "retrywrites",
    "serverselectiontimeoutms",
    "sockettimeoutms",
    "ssl",
    "tls",
    "w",
];

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

impl fmt::Display for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
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
        f.write_str(&redacted(&self.0))
    }
}

impl fmt::Debug for DbUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// An address of the web, shown as that of a database is.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct WebAddress(String);

impl WebAddress {
    pub(super) fn new(url: impl Into<String>) -> Self {
        Self(url.into())
    }

    /// The address with all it holds.
    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for WebAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&redacted(&self.0))
    }
}

/// The host of a database, which may have been given with a user and a password before it.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Host(String);

impl Host {
    pub(super) fn new(host: impl Into<String>) -> Self {
        Self(host.into())
    }

    /// The host with all it holds.
    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_plain = !self.0.is_empty() && self.0.split(',').all(is_host);
        f.write_str(if is_plain { &self.0 } else { HIDDEN })
    }
}

/// An address without what may be secret in it. What cannot be taken apart for certain is not shown at all: a password
/// that is not encoded may hold any of the characters that part an address.
fn redacted(address: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://") else {
        return if address.starts_with("sqlite:") { address.to_owned() } else { HIDDEN.to_owned() };
    };
    // Everything before the last `@` may be part of a password.
    let (credentials, rest) = rest.rsplit_once('@').map_or(("", rest), |(_, rest)| ("***@", rest));
    let (hosts, rest) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let is_scheme = scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    if !is_scheme || !(hosts.is_empty() || hosts.split(',').all(is_host)) {
        return HIDDEN.to_owned();
    }
    let (rest, fragment) = rest.split_once('#').map_or((rest, ""), |(rest, _)| (rest, "#***"));
    let (path, query) = rest.split_once('?').map_or((rest, String::new()), |(path, query)| (path, parameters(query)));
    format!("{scheme}://{credentials}{hosts}{path}{query}{fragment}")
}

/// Whether this can be nothing but a host and its port. A user and a password without their host look almost the same.
fn is_host(text: &str) -> bool {
    let (name, port) = match text.strip_prefix('[').and_then(|text| text.split_once(']')) {
        Some((address, port)) => (address, port.strip_prefix(':')),
        None => text.split_once(':').map_or((text, None), |(name, port)| (name, Some(port))),
    };
    let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || ".-_%:".contains(c));
    is_name && port.is_none_or(|port| port.parse::<u16>().is_ok())
}

/// The parameters of an address, with the values of those that are known to be harmless.
fn parameters(query: &str) -> String {
    let shown = query.split(['&', ';']).map(|parameter| match parameter.split_once('=') {
        Some((name, _)) if HARMLESS.contains(&name.to_ascii_lowercase().as_str()) => parameter.to_owned(),
        Some((name, _)) => format!("{name}={HIDDEN}"),
        None => HIDDEN.to_owned(),
    });
    format!("?{}", shown.collect::<Vec<_>>().join("&"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_address_shows_no_secret() {
        for (url, shown) in [
            ("mongodb://u:p@h1,h2/db?w=1", "mongodb://***@h1,h2/db?w=1"),
            ("mongodb://u:p@w@h/db", "mongodb://***@h/db"),
            ("mongodb://u:p/w@h/db", "mongodb://***@h/db"),
            ("mongodb://h/db", "mongodb://h/db"),
            ("mongodb://h:1,[::1]:27017/db?replicaSet=rs0", "mongodb://h:1,[::1]:27017/db?replicaSet=rs0"),
            ("mongodb+srv://u:p@h.example/?authSource=admin", "mongodb+srv://***@h.example/?authSource=admin"),
            ("mongodb://h/db?proxyPassword=p&TLS=true", "mongodb://h/db?proxyPassword=***&TLS=true"),
            ("mongodb://h/db?w=1;x=p&p", "mongodb://h/db?w=1&x=***&***"),
            ("redis://:p@h:6379/0", "redis://***@h:6379/0"),
            ("redis+unix:///run/redis.sock?user=u&pass=p&db=2", "redis+unix:///run/redis.sock?user=***&pass=***&db=2"),
            ("http://h/x?p#p", "http://h/x?***#***"),
            // The host is missing, or there is no address at all.
            ("mongodb://user:p", "***"),
            ("mongodb://user:p/w", "***"),
            ("user:p@h", "***"),
            ("p", "***"),
            ("", "***"),
            ("sqlite:/var/lib/a@b.db", "sqlite:/var/lib/a@b.db"),
        ] {
            assert_eq!(DbUrl::new(url).to_string(), shown);
            assert_eq!(format!("{:?}", DbUrl::new(url)), shown);
            assert_eq!(WebAddress::new(url).to_string(), shown);
        }
    }

    #[test]
    fn a_host_is_shown_unless_it_holds_more() {
        for (host, shown) in [("db", "db"), ("a,b:27018", "a,b:27018"), ("u:p@db", "***"), ("u:p", "***"), ("", "***")]
        {
            assert_eq!(Host::new(host).to_string(), shown);
        }
    }

    proptest! {
        #[test]
        fn no_password_is_shown_wherever_an_address_has_it(secret in "[ -~]{1,8}[!-~]{12,24}") {
            for address in [
                format!("mongodb://user:{secret}@h/db"),
                format!("mongodb://{secret}@h/db"),
                format!("mongodb://h/db?w=1&proxyPassword={secret}"),
                format!("redis://:{secret}@h:6379/0"),
                format!("redis+unix:///run/redis.sock?pass={secret}&db=1"),
                format!("https://u:{secret}@h/x"),
                format!("https://h/x#{secret}"),
                // Without the scheme.
                format!("u:{secret}@h"),
            ] {
                prop_assert!(!redacted(&address).contains(&secret), "{address}");
            }
        }
    }
}
