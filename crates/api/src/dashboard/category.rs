//! What people call the categories of targets.

/// The names of categories that are no words.
const TITLES: [(&str, &str); 8] = [
    ("ai", "AI"),
    ("auth", "Authentication"),
    ("cdn-dns", "CDN and DNS"),
    ("ci-cd", "CI/CD"),
    ("code", "Code hosting"),
    ("ecommerce", "E-commerce"),
    ("email-sms", "E-mail and SMS"),
    ("social", "Social media"),
];

/// What a category is called; one that we do not know is called what its name spells.
pub(super) fn title(category: &str) -> String {
    match TITLES.iter().find(|(name, _)| *name == category) {
        Some((_, title)) => (*title).to_owned(),
        None => spelt(category),
    }
}

fn spelt(name: &str) -> String {
    let mut characters = name.chars();
    let first = characters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    first + &characters.as_str().replace(['-', '_'], " ")
}

#[cfg(test)]
mod tests {
    use unistatus_core::catalog::categories;

    use super::*;

    #[test]
    fn every_title_is_one_of_a_category_and_others_are_spelt() {
        for (name, _) in TITLES {
            assert!(categories().any(|category| category == name), "{name}");
        }
        assert_eq!(title("hosting"), "Hosting");
        assert_eq!(title("our-own"), "Our own");
        assert_eq!(title(""), "");
    }
}
