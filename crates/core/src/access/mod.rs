//! Who may do what: API keys, users, and the sessions they log in to. Pure but for the system's random numbers: no
//! network, no database and no clock.
//!
//! Nobody keeps a secret here: of a key its SHA-256 is kept (it is random and long, so there is nothing to guess), of a
//! password its argon2id hash. What is compared with a secret is compared in constant time.

mod error;
mod key;
mod name;
mod password;
mod random;
mod scope;
mod session;
mod token;
mod user;

pub use error::AccessError;
pub use key::{Key, NewKey};
pub use name::check_name;
pub use password::check_password;
pub use random::new_id;
pub use scope::Scope;
pub use session::Session;
pub use token::{Claims, Signer, TOKEN_LIFE};
pub use user::{User, is_admin_left};
