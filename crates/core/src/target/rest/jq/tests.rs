use serde_json::json;

use super::*;
use crate::schema::Status;

fn mapping(expression: &str) -> Mapping {
    Mapping { jq: Some(expression.to_owned()), ..Mapping::default() }
}

fn run(mapping: &Mapping, document: &str) -> Result<Report, ParseError> {
    compile(mapping).unwrap().parse(&Document::new(document.as_bytes()))
}

/// What is wrong with one output, given as JSON.
fn refused(output: &Value) -> String {
    run(&mapping("."), &output.to_string()).unwrap_err().to_string()
}

#[test]
fn the_example_of_the_documentation() {
    let filter = r#".checks[] | {name, status: (if .up then "OK" else "Outage" end), lastTimestamp: .at,
                                 dimensions: {region: .dc}}"#;
    let document = r#"{"checks": [{"name": "db", "up": true, "at": "2026-01-02T03:04:05+01:00", "dc": "eu"},
                                  {"name": "db", "up": false, "at": null, "dc": null}]}"#;
    let report = run(&mapping(filter), document).unwrap();
    let [first, second] = report.services.as_slice() else { panic!("two services") };
    assert_eq!((first.key.as_str(), first.name.as_str(), first.status), ("db/eu", "db", Status::Ok));
    assert_eq!(first.last_timestamp.unwrap().to_string(), "2026-01-02T02:04:05.000Z");
    assert_eq!(first.dimensions["region"], "eu".into());
    assert_eq!((second.key.as_str(), second.status, second.last_timestamp), ("db", Status::Outage, None));
    assert!(second.dimensions.is_empty());
    assert_eq!(report.coverage, Coverage::Complete);
}

#[test]
fn outputs_may_come_in_an_array_and_in_the_sources_order() {
    let filter = "[to_entries[] | {name: .key, status: .value}]";
    let report = run(&mapping(filter), r#"{"zebra": "OK", "ape": "Degraded", "mole": "Outage"}"#).unwrap();
    let names: Vec<_> = report.services.iter().map(|service| service.name.as_str()).collect();
    assert_eq!(names, ["zebra", "ape", "mole"]);
}

#[test]
fn words_of_the_contract_of_the_user_and_of_nobody() {
    let mut mapping = mapping(r#".[] | {name: "x", status: .}"#);
    mapping.words = toml::from_str(
        r#"green = "OK"
        "Planned work" = "maintenance"
        unknown = "Outage""#,
    )
    .unwrap();
    mapping.coverage = Some(Coverage::OpenOnly);
    let document = r#"["ok", "DEGRADED", "Outage", "Green", "planned  work", "maintenance", "unknown", "puce", null]"#;
    let report = run(&mapping, document).unwrap();
    let words: Vec<_> = report.services.iter().map(|service| service.status.as_str()).collect();
    let expected = "OK Degraded Outage OK Degraded Degraded Outage Unknown Unknown";
    assert_eq!(words.join(" "), expected);
    let maintained: Vec<_> =
        report.services.iter().map(|service| service.dimensions.contains_key("maintenance")).collect();
    assert_eq!(maintained, [false, false, false, false, true, true, false, false, false]);
    assert_eq!(report.unknown_words.iter().collect::<Vec<_>>(), ["(none)", "puce"]);
    assert_eq!(report.coverage, Coverage::OpenOnly);
}

#[test]
fn times_are_text_or_seconds_or_milliseconds() {
    let at = |value: Value| {
        let report = run(&mapping("."), &json!({"name": "x", "status": "OK", "lastTimestamp": value}).to_string());
        report.unwrap().services[0].last_timestamp.map(|at| at.to_string())
    };
    let written = Some("2023-11-14T22:13:20.000Z".to_owned());
    for value in
        [json!(1_700_000_000), json!(1_700_000_000_000_i64), json!(1_700_000_000.0), json!("2023-11-14T22:13:20Z")]
    {
        assert_eq!(at(value.clone()), written, "{value}");
    }
    assert_eq!(at(json!(1_700_000_000.5)).as_deref(), Some("2023-11-14T22:13:20.500Z"));
    for value in [json!(null), json!(""), json!(0), json!(-1), json!("0001-01-01T00:00:00+00:00")] {
        assert_eq!(at(value.clone()), None, "{value}");
    }
    for value in [json!("yesterday"), json!(true), json!([]), json!(1e300)] {
        let said = refused(&json!({"name": "x", "status": "OK", "lastTimestamp": value}));
        assert!(said.contains("expected lastTimestamp in RFC 3339"), "{said}");
    }
}

#[test]
fn dimensions_are_flat_scalars_and_the_key_may_be_given() {
    let report = run(
        &mapping("."),
        r#"{"name": 7, "status": "OK", "key": 12, "dimensions": {"a": "x", "b": 1, "c": 1.5, "d": true, "e": null}}"#,
    )
    .unwrap();
    let service = &report.services[0];
    assert_eq!((service.key.as_str(), service.name.as_str()), ("12", "7"));
    let dimensions = serde_json::to_value(&service.dimensions).unwrap();
    assert_eq!(dimensions, json!({"a": "x", "b": 1, "c": 1.5, "d": true}));
}

#[test]
fn a_wrong_output_is_told_with_what_is_accepted() {
    for (output, said) in [
        (json!(5), "jq: a number in output 1 of `.`, which is 5; expected objects {name, status"),
        (
            json!({"status": "OK"}),
            "no name in output 1 of `.`, which is {\"status\":\"OK\"}; expected the service's name",
        ),
        (json!({"name": [], "status": "OK"}), "name is an empty list"),
        (json!({"name": "x"}), "no status"),
        (json!({"name": "x", "status": true}), "status is a boolean in output 1 of `.`"),
        (json!({"name": "x", "status": "OK", "key": {}}), "key is an empty object"),
        (json!({"name": "x", "status": "OK", "dimensions": []}), "dimensions is an empty list"),
        (json!({"name": "x", "status": "OK", "dimensions": {"a": [1]}}), "dimensions.a is a list"),
        (json!([{"name": "x", "status": "OK"}, null]), "null in element 2 of output 1 of `.`, which is null"),
    ] {
        let message = refused(&output);
        assert!(message.contains(said), "{message}");
    }
    let message = run(&mapping(r#"{name: "x", status: "OK", n: nan}"#), "{}").unwrap_err().to_string();
    assert!(
        message.contains("no JSON in output 1 of `{name: \"x\", status: \"OK\", n: nan}`, which is {"),
        "{message}"
    );
    let message = refused(&json!({"name": "x".repeat(10_000), "status": 1}));
    assert!(message.len() < 1_000, "{message}");
}

#[test]
fn a_filter_that_fails_names_itself_the_value_and_the_document() {
    let document = format!(r#"{{"checks": {{"name": "{}"}}}}"#, "x".repeat(5_000));
    let error = run(&mapping(".checks[].name.deeper"), &document).unwrap_err();
    assert!(matches!(error, ParseError::Mapping(_)));
    let message = error.to_string();
    for said in [
        "jq: `.checks[].name.deeper` failed: cannot index \"xxx",
        "xxx\" with \"name\"",
        r#"which begins {"checks": {"name""#,
    ] {
        assert!(message.contains(said), "{said} in {message}");
    }
    assert!(message.len() < 1_000);
    let message = run(&mapping(r#"error("out of coffee")"#), "{}").unwrap_err().to_string();
    assert!(message.contains("out of coffee"), "{message}");
}

#[test]
fn a_filter_that_makes_nothing_of_a_document_is_at_fault_unless_that_is_good_news() {
    for expression in ["label $out | break $out", ".checks[]?", "[]"] {
        let error = run(&mapping(expression), r#"{"probes": []}"#).unwrap_err().to_string();
        let said =
            format!("jq: `{expression}` yields nothing of this document, which begins {{\"probes\": []}}; expected");
        assert!(error.starts_with(&said) && error.contains("open-only"), "{error}");
        let open_only = Mapping { coverage: Some(Coverage::OpenOnly), ..mapping(expression) };
        assert!(run(&open_only, "{}").unwrap().services.is_empty());
    }
}

/// What a filter makes of a document, as lines.
fn explained(mapping: &Mapping, document: &str) -> (Vec<String>, Result<Report, ParseError>) {
    let nowhere = url::Url::parse("http://localhost/").unwrap();
    let part = Part { url: &nowhere, document: Some(Document::new(document.as_bytes())) };
    let Explanation { lines, report, .. } = compile(mapping).unwrap().explain(&[part]);
    let told = lines.into_iter().map(|line| {
        let found: Vec<_> = line.found.iter().map(|found| format!("{} {}", found.by, found.what)).collect();
        format!("{}: {} => {}", line.piece, found.join("; "), line.outcome)
    });
    (told.collect(), report)
}

#[test]
fn each_output_is_explained_with_what_became_of_it() {
    let mut own = mapping(".[]");
    own.words = toml::from_str("green = 'OK'").unwrap();
    let document = r#"[{"name": "db", "status": "green", "lastTimestamp": 1700000000},
                       [{"name": "web", "status": "maintenance", "dimensions": {"region": "eu"}},
                        {"name": "mail", "status": "puce"}]]"#;
    let (lines, report) = explained(&own, document);
    assert_eq!(
        lines,
        [
            "output 1: jq {\"lastTimestamp\":1700000000,\"name\":\"db\",\"status\":\"green\"}; status \"green\" means OK => \
             db is OK, since 2023-11-14T22:13:20.000Z",
            "element 1 of output 2: jq {\"dimensions\":{\"region\":\"eu\"},\"name\":\"web\",\"status\":\"maintenance\"}; \
             status \"maintenance\" means maintenance => web in eu is Degraded, under planned maintenance",
            "element 2 of output 2: jq {\"name\":\"mail\",\"status\":\"puce\"}; status \"puce\" is a word that is not known => \
             mail is Unknown",
        ]
    );
    assert_eq!(report, run(&own, document), "what is explained is what is read");

    let (lines, report) = explained(&mapping(".[]"), r#"[{"name": "db", "status": "OK"}, {"name": "web"}]"#);
    assert_eq!(lines[1], "output 2: jq {\"name\":\"web\"} => ", "it broke off there");
    assert!(matches!(report, Err(ParseError::Mapping(_))), "{report:?}");
}

#[test]
fn a_filter_that_does_not_compile_is_told_with_its_place() {
    for (expression, said) in [
        (".a | foo(1)", "jq: undefined filter foo/1 at line 1, column 6 of `.a | foo(1)`"),
        (".a |\n  $b", "undefined variable $b at line 2, column 3"),
        (".a | ]", "unexpected \"]\" at line 1, column 6"),
        (".a |", "unexpected the end at line 1, column 5"),
        (".a | {", "expected closing brace there"),
        ("§", "unexpected \"§\" at line 1, column 1"),
        ("if . then 1", "expected"),
        ("", "there is no filter"),
    ] {
        let Err(error) = compile(&mapping(expression)) else { panic!("{expression} compiles") };
        assert_eq!(error.key, "jq");
        assert!(error.to_string().contains(said), "{error}");
    }
    let Err(error) = compile(&Mapping::default()) else { panic!("nothing compiles") };
    assert!(error.to_string().contains("expected a jq filter that yields objects {name"), "{error}");
}

#[test]
fn a_filter_sees_nothing_but_the_document() {
    for expression in [
        "env",
        "$ENV",
        "env.HOME",
        "input",
        "inputs",
        "input_filename",
        "now",
        "localtime",
        "strflocaltime(\"%Y\")",
        "halt",
        "halt(3)",
        "halt_error",
        "debug",
        "debug(1)",
        "stderr",
        "$__prog_args",
        "get_search_list",
        "input_line_number",
        "include \"a\"; .",
        "import \"a\" as a; a::b",
        "import \"a\" as $a; $a",
    ] {
        assert!(compile(&mapping(expression)).is_err(), "{expression}");
    }
    // What is pure stays: regular expressions, dates, formats.
    let filter = r#"{name: (.n | sub("^x-"; "") | ascii_upcase), status: "OK", lastTimestamp: (.at | strptime("%d.%m.%Y") | mktime),
                     dimensions: {p: (.p | tonumber), h: ("<" | @html)}}"#;
    let report = run(&mapping(filter), r#"{"n": "x-api", "at": "02.01.2026", "p": "12"}"#).unwrap();
    assert_eq!(report.services[0].name, "API");
    assert_eq!(report.services[0].last_timestamp.unwrap().to_string(), "2026-01-02T00:00:00.000Z");
    assert_eq!(report.services[0].dimensions["p"], 12.into());
}

#[test]
fn what_a_filter_yields_is_limited() {
    for expression in
        ["repeat([])", r#"repeat({name: "x", status: "OK"})"#, r#"[limit(20001; repeat({name: "x", status: "OK"}))]"#]
    {
        let message = run(&mapping(expression), "{}").unwrap_err().to_string();
        assert!(message.contains("at most 20000 services"), "{message}");
        assert!(message.len() < 1_000);
    }
    let exact = r#"limit(20000; repeat({name: "x", status: "OK"}))"#;
    assert_eq!(run(&mapping(exact), "{}").unwrap().services.len(), MAX_SERVICES);
}

#[test]
fn deep_documents_do_not_overflow_the_stack() {
    let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
    assert!(matches!(run(&mapping("."), &nested(100_000)), Err(ParseError::Malformed(_))));
    for expression in [".. | numbers", "walk(.) | tojson", "flatten[]", "[paths]", "tostring | fromjson"] {
        let filter = format!(r#"[{expression}] | {{name: "x", status: "OK", dimensions: {{n: length}}}}"#);
        assert_eq!(run(&mapping(&filter), &nested(120)).unwrap().services.len(), 1, "{expression}");
    }
    let message =
        run(&mapping(".text | tonumber"), &json!({"text": nested(100_000)}).to_string()).unwrap_err().to_string();
    assert!(message.contains("as JSON: recursion limit"), "{message}");
}

#[test]
fn any_encoding_of_a_json_document_is_read_and_nothing_else() {
    let text = r#"{"name": "é", "status": "OK"}"#;
    let utf16: Vec<u8> = [0xFE, 0xFF].into_iter().chain(text.encode_utf16().flat_map(u16::to_be_bytes)).collect();
    let format = compile(&mapping(".")).unwrap();
    for bytes in [text.as_bytes(), utf16.as_slice(), format!("\u{feff}{text}").as_bytes()] {
        assert_eq!(format.parse(&Document::new(bytes)).unwrap().services[0].name, "é");
    }
    for body in ["", "<html></html>", "{} {}", "{\"name\":"] {
        assert!(format.parse(&Document::new(body.as_bytes())).is_err(), "{body}");
    }
}
