//! Errors with what caused them, in one line.

use std::error::Error;

/// What an error says, and what its causes say beyond that.
pub fn with_causes(error: &dyn Error) -> String {
    let mut message = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        if !message.contains(&said) {
            message = format!("{message}: {said}");
        }
        cause = error.source();
    }
    message
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use crate::store::StoreError;

    #[test]
    fn each_cause_is_told_once() {
        let refused = || io::Error::from(io::ErrorKind::ConnectionRefused);
        for (message, told) in [
            ("nobody answers", "nobody answers: connection refused"),
            ("nobody answers (connection refused)", "nobody answers (connection refused)"),
        ] {
            let error = StoreError::unavailable(message, refused());
            assert_eq!(with_causes(&error), format!("the database is not available: {told}"));
        }
    }
}
