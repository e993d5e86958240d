//! The cookie that a browser keeps a session in.

use actix_web::http::header::HeaderValue;
use unistatus_core::access::TOKEN_LIFE;

/// Its name.
const NAME: &str = "unistatus_session";

/// Its value among others, as they stand in a header.
pub(super) fn value(header: &str) -> Option<&str> {
    header.split(';').find_map(|pair| pair.trim().strip_prefix(NAME)?.strip_prefix('='))
}

/// The cookie that holds a token, as `Set-Cookie` writes it. No script can read it. Of another site only a link has it sent:
/// who follows one from a chat shall find the dashboard as they left it, and no `GET` changes anything. `Secure` where the
/// browser asked by HTTPS; it would never come back else.
pub(crate) fn holding(token: &str, is_secure: bool) -> HeaderValue {
    written(token, TOKEN_LIFE.as_secs(), is_secure)
}

/// The cookie that takes the place of one that is worth nothing any more.
pub(crate) fn gone(is_secure: bool) -> HeaderValue {
    written("", 0, is_secure)
}

fn written(token: &str, seconds: u64, is_secure: bool) -> HeaderValue {
    let secure = if is_secure { "; Secure" } else { "" };
    let cookie = format!("{NAME}={token}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
    // Tokens of ours are letters, digits, dashes and dots.
    HeaderValue::try_from(cookie).unwrap_or(const { HeaderValue::from_static("unistatus_session=; Path=/; Max-Age=0") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_kept_from_scripts_and_other_sites() {
        let cookie = holding("a.b.c", true);
        assert_eq!(cookie, "unistatus_session=a.b.c; Path=/; Max-Age=1800; HttpOnly; SameSite=Lax; Secure");
        assert_eq!(gone(false), "unistatus_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
        assert_eq!(value(cookie.to_str().unwrap()), Some("a.b.c"));
    }
}
