//! What a form sends: every field it has, the empty ones, too.

use url::form_urlencoded;

use super::markup::Markup;

/// The fields of a query that are filled in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads a query. What cannot be read is left to those who read the parameters.
    pub(super) fn read(query: &str) -> Self {
        let fields = form_urlencoded::parse(query.as_bytes()).into_owned();
        Self(fields.filter(|(_, value)| !value.is_empty()).collect())
    }

    /// Whether nothing is filled in.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// As a query.
    pub(super) fn query(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.0).finish()
    }

    /// What stands in a field first.
    pub(super) fn value(&self, name: &str) -> &str {
        self.0.iter().find(|(found, _)| found == name).map_or("", |(_, value)| value)
    }

    /// Takes a field out.
    pub(super) fn take(&mut self, name: &str) -> Option<String> {
        let position = self.0.iter().position(|(found, _)| found == name)?;
        Some(self.0.remove(position).1)
    }

    /// The address of a page where these fields are filled in, and this one like that; left out where there is no value.
    pub(super) fn link(&self, path: &str, name: &str, value: Option<&str>) -> Markup {
        let others =
            self.0.iter().filter(|(found, _)| found != name).map(|(name, value)| (name.as_str(), value.as_str()));
        let fields: Vec<_> = others.chain(value.map(|value| (name, value))).collect();
        Markup::link(path, &fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_fields_are_as_if_they_had_not_been_sent() {
        let mut fields = Fields::read("q=&status=Outage&type=&category=a%26b&page=2");
        assert_eq!(fields.query(), "status=Outage&category=a%26b&page=2");
        assert_eq!((fields.value("q"), fields.value("category")), ("", "a&b"));
        assert_eq!(fields.link("/", "page", Some("3")).as_str(), "/?status=Outage&amp;category=a%26b&amp;page=3");
        assert_eq!(fields.link("/", "status", None).as_str(), "/?category=a%26b&amp;page=2");
        assert_eq!((fields.take("page").as_deref(), fields.take("page")), (Some("2"), None));
        assert!(Fields::read("q=&status=").is_empty());
    }
}
