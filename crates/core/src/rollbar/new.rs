//! What is reported.

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// An occurrence in Rollbar's format, `{"data":{"environment":…,"body":{…},…}}`, as it came.
#[derive(Clone, Debug)]
pub struct NewItem(Box<RawValue>);

impl NewItem {
    /// What [`Self::read`] accepts, for messages.
    pub const ACCEPTED: &'static str = r#"{"data":{"environment":"…","body":{"message":{"body":"…"}}}}, with whatever else Rollbar's format has, and no access_token"#;

    /// Takes an occurrence. Whether it is complete is for Rollbar to say; that it says nothing of who reports it is seen to
    /// here, as Rollbar would believe it.
    ///
    /// # Errors
    /// What is accepted.
    pub fn read(json: &[u8]) -> Result<Self, &'static str> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Reported {
            #[serde(rename = "data")]
            _data: Map<String, Value>,
        }
        let raw: Box<RawValue> = serde_json::from_slice(json).map_err(|_| Self::ACCEPTED)?;
        // What is read takes a list of values for an object that has them.
        let is_object = raw.get().starts_with('{');
        let read = serde_json::from_str::<Reported>(raw.get()).is_ok();
        (is_object && read).then_some(Self(raw)).ok_or(Self::ACCEPTED)
    }

    /// Its JSON, as it came.
    pub fn json(&self) -> &str {
        self.0.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_is_what_goes() {
        let json = r#" {"data" : {"environment":"production", "body":{"message":{"body":"é"}}, "n":1e5}} "#;
        assert_eq!(NewItem::read(json.as_bytes()).unwrap().json(), json.trim());
    }

    #[test]
    fn nobody_reports_in_the_name_of_another() {
        for json in [
            "",
            "[]",
            "[{}]",
            "{}",
            r#"{"data":[]}"#,
            r#"{"data":null}"#,
            r#"{"data":{},"access_token":"t"}"#,
            r#"{"data":{},"data":{}}"#,
            r#"{"data":{"#,
        ] {
            assert!(NewItem::read(json.as_bytes()).is_err(), "{json}");
        }
    }
}
