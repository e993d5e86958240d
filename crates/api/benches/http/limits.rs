//! What must hold, and whether it does.

/// The limits that were looked at.
#[derive(Debug, Default)]
pub(crate) struct Limits {
    looked_at: usize,
    missed: usize,
}

impl Limits {
    /// Prints whether a figure is at least so much.
    pub(crate) fn at_least(&mut self, what: &str, least: f64, figure: f64, unit: &str) {
        self.tell(figure >= least, &format!("{what}: {figure:.2}{unit}, at least {least}{unit}"));
    }

    /// Prints whether a figure is at most so much.
    pub(crate) fn at_most(&mut self, what: &str, most: f64, figure: f64, unit: &str) {
        self.tell(figure <= most, &format!("{what}: {figure:.2}{unit}, at most {most}{unit}"));
    }

    fn tell(&mut self, is_met: bool, what: &str) {
        self.looked_at += 1;
        self.missed += usize::from(!is_met);
        println!("{} {what}", if is_met { "PASS" } else { "FAIL" });
    }

    /// Prints how many there were; whether all were met.
    pub(crate) fn conclude(&self) -> bool {
        println!("\n{} of {} limits are met", self.looked_at - self.missed, self.looked_at);
        self.missed == 0
    }
}
