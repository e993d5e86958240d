//! The tokens that the stand-in knows. They are public, and good for nothing else.

/// Good for everything.
pub const ALL: &str = "5ca1ab1e00000000000000000000a115";
/// Good for reading.
pub const READ: &str = "5ca1ab1e00000000000000000000read";
/// Good for changing.
pub const WRITE: &str = "5ca1ab1e000000000000000000000wri";
/// Good for reporting.
pub const POST: &str = "5ca1ab1e000000000000000000000pos";
/// None.
pub const WRONG: &str = "5ca1ab1e0000000000000000000wrong";

/// What a token is good for, in Rollbar's words.
pub(super) fn scopes(token: &str) -> &'static [&'static str] {
    match token {
        ALL => &["read", "write", "post_server_item"],
        READ => &["read"],
        WRITE => &["write"],
        POST => &["post_server_item"],
        _ => &[],
    }
}
