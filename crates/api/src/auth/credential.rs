//! What a request says of who sends it.

use actix_web::http::header::{AUTHORIZATION, COOKIE, HeaderMap, HeaderName};
use unistatus_core::access::Key;

use super::cookie;

/// Where a key is sent.
pub(crate) static X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// What proves who asks. Nothing shows it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Credential<'a> {
    /// What is, or should be, a key.
    Key(&'a str),
    /// What is, or should be, a token that a program sends.
    Token(&'a str),
    /// What is, or should be, a token that a browser sends by itself.
    Cookie(&'a str),
}

impl<'a> Credential<'a> {
    /// The one that counts: the key, else what `Authorization: Bearer` says, else the cookie. Another scheme than Bearer
    /// is meant for a proxy before us, and left alone.
    pub(super) fn of(headers: &'a HeaderMap) -> Option<Self> {
        if let Some(key) = headers.get(&X_API_KEY) {
            return Some(Self::Key(key.to_str().unwrap_or_default().trim()));
        }
        if let Some(given) = headers.get(AUTHORIZATION).and_then(|value| bearer(value.to_str().ok()?)) {
            return Some(if Key::id_of(given).is_some() { Self::Key(given) } else { Self::Token(given) });
        }
        headers.get_all(COOKIE).find_map(|value| cookie::value(value.to_str().ok()?)).map(Self::Cookie)
    }

    /// The text.
    pub(super) const fn text(self) -> &'a str {
        match self {
            Self::Key(text) | Self::Token(text) | Self::Cookie(text) => text,
        }
    }
}

/// What is behind `Bearer `, in whatever case that is written.
fn bearer(value: &str) -> Option<&str> {
    let (scheme, given) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("Bearer").then(|| given.trim())
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    const KEY: &str = "us_abcdefghijkl_0123456789012345678901234567890123456789abc";

    fn of<'a>(map: &'a mut HeaderMap, headers: &[(&'static str, &str)]) -> Option<Credential<'a>> {
        for (name, value) in headers {
            map.append(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
        }
        Credential::of(map)
    }

    #[test]
    fn a_key_goes_before_a_token_before_a_cookie() {
        let bearer = format!("Bearer {KEY}");
        let cookie = ("cookie", "a=b; unistatus_session=c; d=e");
        for (headers, wanted) in [
            (&[][..], None),
            (&[("x-api-key", "anything")], Some(Credential::Key("anything"))),
            (&[("x-api-key", " k "), ("authorization", "Bearer x"), cookie], Some(Credential::Key("k"))),
            (&[("authorization", &bearer)], Some(Credential::Key(KEY))),
            (&[("authorization", "bearer a.b.c"), cookie], Some(Credential::Token("a.b.c"))),
            (&[("authorization", "Bearer ")], Some(Credential::Token(""))),
            (&[("authorization", "Basic dTpw")], None),
            (&[("authorization", "Basic dTpw"), cookie], Some(Credential::Cookie("c"))),
            (&[("cookie", "a=b"), cookie], Some(Credential::Cookie("c"))),
            (&[("cookie", "xunistatus_session=c")], None),
        ] {
            assert!(of(&mut HeaderMap::new(), headers) == wanted, "{headers:?}");
        }
    }
}
