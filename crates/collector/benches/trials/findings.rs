//! What was found, beside what is promised.

use std::fmt::Display;

/// What was found so far. Each finding is printed as it comes.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    broken: Vec<String>,
}

impl Findings {
    /// Something that is good to know.
    pub(crate) fn note(what: &str, found: impl Display) {
        println!("{what:<72} {found}");
    }

    /// Something that is promised, and whether it was kept.
    pub(crate) fn promise(&mut self, what: &str, found: impl Display, is_kept: bool) {
        println!("{what:<72} {found}{}", if is_kept { "" } else { "   <- NOT KEPT" });
        if !is_kept {
            self.broken.push(what.to_owned());
        }
    }

    /// Whether all that is promised was kept.
    pub(crate) fn conclude(self) -> bool {
        match self.broken.as_slice() {
            [] => println!("\nall promises were kept"),
            broken => println!("\nnot kept: {}", broken.join("; ")),
        }
        self.broken.is_empty()
    }
}

/// A part of a whole, in per cent.
pub(crate) fn percent(part: usize, whole: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "these are thousands")]
    let share = part as f64 / whole.max(1) as f64;
    share * 100.0
}
