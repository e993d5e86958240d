//! Documents of our own, broken on purpose: whatever a source sends, no format panics, and the same bytes always give
//! the same report.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use proptest::prelude::*;
use serde_json::{Value, json};
use unistatus_core::schema::Kind;
use unistatus_core::target::{Document, Filter, Format, Mapping, Part, find_format};
use url::Url;

use super::builtin;
use super::seeds::seeds;

/// All built-in formats, and a filter that takes whatever a document holds for a service.
#[expect(clippy::unwrap_used, reason = "a helper of tests")]
fn all_formats() -> &'static [Arc<dyn Format>] {
    static FORMATS: LazyLock<Vec<Arc<dyn Format>>> = LazyLock::new(|| {
        let filter = ".. | objects | {name: (.name // .id), status, lastTimestamp: .updated_at, dimensions: .page}";
        let mapping = Mapping { jq: Some(filter.to_owned()), ..Mapping::default() };
        let names = builtin().chain(["jq"]);
        names.map(|name| find_format(Kind::Rest, name).unwrap().build(&mapping).unwrap()).collect()
    });
    &FORMATS
}

#[expect(clippy::unwrap_used, reason = "a helper of tests")]
fn try_all(bytes: &[u8]) -> Result<(), TestCaseError> {
    let url = Url::parse("http://localhost/api/v1/components").unwrap();
    let part = Part { url: &url, document: Some(Document::new(bytes)) };
    for format in all_formats() {
        let read = || format.parse(&Document::new(bytes)).and_then(|report| report.finish(&Filter::default()));
        prop_assert_eq!(read(), read());
        prop_assert_eq!(format.next_part(&[part]), format.next_part(&[part]));
    }
    Ok(())
}

/// Puts `other` in the place of the n-th value of a document, counted in its order.
fn replace(value: &mut Value, n: &mut usize, other: &Value) {
    if *n == 0 {
        *value = other.clone();
    }
    *n = n.wrapping_sub(1);
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, n, other)),
        Value::Object(fields) => fields.values_mut().for_each(|field| replace(field, n, other)),
        _ => {}
    }
}

/// Values that have no business where they are put.
fn stray() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        Just(json!("9999-12-31T23:59:60+23:59")),
    ];
    scalar.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map("id|name|status|begin|services", inner, 0..3)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_cut_or_flipped_bytes_make_a_format_panic(
        seed in any::<prop::sample::Index>(), cut in any::<prop::sample::Index>(),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
    ) {
        let mut bytes = seed.get(&seeds()).1.to_string().into_bytes();
        for (place, byte) in flips {
            let place = place.index(bytes.len());
            bytes[place] ^= byte;
        }
        try_all(&bytes)?;
        bytes.truncate(cut.index(bytes.len()));
        try_all(&bytes)?;
    }

    #[test]
    fn no_stray_value_makes_a_format_panic(
        seed in any::<prop::sample::Index>(), strays in prop::collection::vec((0..60_usize, stray()), 1..4),
    ) {
        let mut value = seed.get(&seeds()).1.clone();
        for (mut place, stray) in strays {
            replace(&mut value, &mut place, &stray);
        }
        try_all(value.to_string().as_bytes())?;
    }
}

#[test]
fn every_seed_is_read_by_its_own_format() {
    let seeds = seeds();
    for (format, seed) in &seeds {
        super::read(format, seed.to_string().as_bytes()).unwrap_or_else(|error| panic!("{format}: {error}"));
    }
    let with_seeds: BTreeSet<_> = seeds.iter().map(|(format, _)| *format).collect();
    assert_eq!(with_seeds, builtin().collect(), "every format has a seed");
}
