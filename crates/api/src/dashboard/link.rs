//! Addresses of pages, and of what lies elsewhere.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use super::markup::Markup;

/// What a segment of a path encodes: everything but the characters that no address gives a meaning to. What is left is
/// safe in an attribute, too.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A name as a segment of a path.
pub(super) fn segment(name: &str) -> String {
    utf8_percent_encode(name, SEGMENT).to_string()
}

/// A resource about a target.
pub(super) fn of_target(resource: &str, target: &str) -> Option<Markup> {
    can_be_segment(target).then(|| Markup::trusted(format!("{resource}/{}", segment(target))))
}

/// A resource about the services of one name.
pub(super) fn of_service(resource: &str, target: &str, service: &str) -> Option<Markup> {
    let is_addressable = can_be_segment(target) && can_be_segment(service);
    is_addressable.then(|| Markup::trusted(format!("{resource}/{}/{}", segment(target), segment(service))))
}

/// Whether a filter can name it: filters part their values by commas, and leave out the spaces around them.
pub(super) fn can_be_filter(name: &str) -> bool {
    !name.contains(',') && name.trim() == name
}

/// An address that a source gave, if a browser may be led there: what is no page of the web may be a script.
pub(super) fn elsewhere(address: &str) -> Option<&str> {
    let url = Url::parse(address).ok()?;
    matches!(url.scheme(), "http" | "https").then_some(address)
}

/// Whether a browser asks for a path with this segment as it is: it drops empty ones and follows dots, however they are
/// encoded.
fn can_be_segment(name: &str) -> bool {
    !matches!(name, "" | "." | "..")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_encoded_and_those_that_no_browser_asks_for_have_no_link() {
        let link = |target, service| of_service("/targets", target, service);
        assert_eq!(link("a", "CI/CD <b>").unwrap().as_str(), "/targets/a/CI%2FCD%20%3Cb%3E");
        assert_eq!(of_target("/targets", "São").unwrap().as_str(), "/targets/S%C3%A3o");
        for name in ["", ".", ".."] {
            assert_eq!((link("a", name), link(name, "a"), of_target("/targets", name)), (None, None, None));
        }
    }

    #[test]
    fn names_that_a_filter_would_take_for_others_cannot_be_filters() {
        for (name, can_be) in [("github", true), ("two words", true), ("a, b", false), (" a", false), ("a ", false)] {
            assert_eq!(can_be_filter(name), can_be, "{name:?}");
        }
    }

    #[test]
    fn only_pages_of_the_web_are_led_to() {
        for address in ["https://www.githubstatus.com/", "http://localhost:3000/x?y=z"] {
            assert_eq!(elsewhere(address), Some(address));
        }
        for address in ["javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x", "//host/x", "", "/x"] {
            assert_eq!(elsewhere(address), None, "{address}");
        }
    }

    proptest! {
        #[test]
        fn no_name_breaks_an_attribute(name in any::<String>()) {
            let encoded = segment(&name);
            prop_assert!(encoded.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.~%".contains(&byte)));
        }
    }
}
