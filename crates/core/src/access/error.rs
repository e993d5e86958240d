//! What cannot be made.

/// Why a key, a user or a session cannot be made. No message holds what was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccessError {
    /// A name that is none.
    #[error("a name has 1 to 64 characters, and no control character")]
    Name,
    /// A password that is none.
    #[error("a password has 8 to 256 characters")]
    Password,
    /// The system has no random numbers.
    #[error("the system gives no random numbers")]
    Random,
    /// A password that cannot be hashed: there is no memory for it.
    #[error("the password cannot be hashed")]
    Hash,
}
