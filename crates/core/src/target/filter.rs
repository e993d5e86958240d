//! Which services of a target are kept: `include` and `exclude`.

use globset::{Glob, GlobSet, GlobSetBuilder};

/// Globs on services' names. With no `include`, all are; `exclude` wins.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    include: Option<GlobSet>,
    exclude: GlobSet,
}

impl Filter {
    /// Compiles the globs.
    ///
    /// # Errors
    /// The glob that is none, and why.
    pub fn new(include: &[String], exclude: &[String]) -> Result<Self, globset::Error> {
        let compile = |globs: &[String]| {
            let mut set = GlobSetBuilder::new();
            for glob in globs {
                set.add(Glob::new(glob)?);
            }
            set.build()
        };
        let include = if include.is_empty() { None } else { Some(compile(include)?) };
        Ok(Self { include, exclude: compile(exclude)? })
    }

    /// Whether a service of this name is kept.
    pub fn lets_through(&self, name: &str) -> bool {
        self.include.as_ref().is_none_or(|include| include.is_match(name)) && !self.exclude.is_match(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exclude_wins_over_include_and_no_include_is_all() {
        let globs = |list: &[&str]| list.iter().map(|&glob| glob.to_owned()).collect::<Vec<_>>();
        let filter = Filter::new(&globs(&["Git*", "Actions"]), &globs(&["*Pages"])).unwrap();
        assert!(filter.lets_through("Git Operations") && filter.lets_through("Actions"));
        assert!(!filter.lets_through("GitHub Pages") && !filter.lets_through("Webhooks"));
        assert!(Filter::default().lets_through("anything/at all"));
        assert!(Filter::new(&globs(&["[z"]), &[]).is_err());
    }
}
