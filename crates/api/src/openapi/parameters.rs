//! How parameters are documented.
//!
//! The examples of optional ones are their schemas': those of parameters are what a page to try things out fills in.

use serde_json::{Value, json};
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn, ParameterStyle};
use utoipa::openapi::schema::AdditionalProperties;
use utoipa::openapi::{ArrayBuilder, KnownFormat, ObjectBuilder, RefOr, Required, Schema, SchemaFormat, Type};

/// A parameter that may be given once, of any text.
pub(crate) fn text(name: &str, description: &str, example: &str) -> Parameter {
    query(name, description, string().examples([example])).build()
}

/// A parameter that may be given once, of a text that only the server can write.
pub(crate) fn opaque(name: &str, description: &str) -> Parameter {
    query(name, description, string()).build()
}

/// A parameter that may be given once, an instant.
pub(crate) fn instant(name: &str, description: &str) -> Parameter {
    let schema = string().format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)));
    query(name, description, schema).build()
}

/// A parameter that may be given once, a whole number between bounds.
pub(crate) fn number(name: &str, description: &str, (least, most): (u32, u32), example: u32) -> Parameter {
    let schema = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(least)).maximum(Some(most));
    query(name, description, schema.examples([example])).build()
}

/// A parameter that may be given once, `true` or `false`.
pub(crate) fn flag(name: &str, description: &str) -> Parameter {
    query(name, description, ObjectBuilder::new().schema_type(Type::Boolean)).build()
}

/// A parameter that may be given once, a word of a closed set; `usual` is what holds where it is not given.
pub(crate) fn word<'a>(
    name: &str,
    description: &str,
    words: impl IntoIterator<Item = &'a str>,
    usual: Option<&str>,
) -> Parameter {
    let schema = string().enum_values(Some(words)).default(usual.map(Value::from));
    query(name, description, schema).build()
}

/// A parameter of several values, parted by commas, each a word of a closed set.
pub(crate) fn words<'a>(
    name: &str,
    description: &str,
    words: impl IntoIterator<Item = &'a str>,
    example: &[&str],
) -> Parameter {
    list_of(name, description, string().enum_values(Some(words)), example)
}

/// A parameter of several values, parted by commas.
pub(crate) fn texts(name: &str, description: &str, example: &[&str]) -> Parameter {
    list_of(name, description, string().min_length(Some(1)), example)
}

/// Parameters that share a prefix, each of any text.
pub(crate) fn prefixed(prefix: &str, pattern: &str, description: &str, example: Value) -> Parameter {
    let names = string().pattern(Some(format!("^{}.+$", prefix.replace('.', "\\.")))).build();
    let schema = ObjectBuilder::new()
        .property_names(Some(names))
        .additional_properties(Some(AdditionalProperties::RefOr(RefOr::T(string().build().into()))));
    // Without a default, a page to try things out would make up a name and send it.
    query(pattern, description, schema.examples([example]).default(Some(json!({}))))
        .style(Some(ParameterStyle::Form))
        .explode(Some(true))
        .build()
}

/// A name in the path.
pub(crate) fn segment(name: &str, description: &str, example: &str) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some(description))
        .schema(Some(Schema::from(string().min_length(Some(1)).build())))
        .example(Some(json!(example)))
        .build()
}

/// A header that may be sent.
pub(crate) fn header(name: &str, description: &str) -> Parameter {
    let mut header = opaque(name, description);
    header.parameter_in = ParameterIn::Header;
    header
}

fn list_of(name: &str, description: &str, items: ObjectBuilder, example: &[&str]) -> Parameter {
    let schema = ArrayBuilder::new().items(items).min_items(Some(1)).max_items(Some(crate::query::VALUES));
    query(name, description, schema.examples([json!(example)]))
        .style(Some(ParameterStyle::Form))
        .explode(Some(false))
        .build()
}

fn query(name: &str, description: &str, schema: impl Into<RefOr<Schema>>) -> ParameterBuilder {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(description))
        .schema(Some(schema))
}

fn string() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}
