//! What users write, right and wrong.

use super::*;
use crate::schema::{Scalar, Status};

const BOARD: &str = "<!DOCTYPE html><title>Board</title><body class='board'><table>
    <tr><th>Name</th><th>State</th></tr>
    <tr class='service' data-id='s1' data-region='eu-1'><td class='name'>Web &amp; <b>API</b></td>
      <td class='cell state green big'>All  good</td><td><time datetime='2026-02-10T22:52:00+01:00'>soon</time></td></tr>
    <tr class='service' data-id='s2' data-region=' '><td class='name'>Mail</td>
      <td class='cell state red'>Gone</td><td><time datetime='1576931508000'></time></td></tr>
    </table></body>";

fn mapping(selectors: &str, words: &str) -> Mapping {
    Mapping {
        selectors: Some(toml::from_str(selectors).unwrap()),
        words: toml::from_str(words).unwrap(),
        ..Mapping::default()
    }
}

/// A mapping that finds the rows of [`BOARD`], with more or other keys.
fn board(more: &str, words: &str) -> Mapping {
    let status = if more.contains("status =") { "" } else { "status = 'td.state'" };
    mapping(&format!("marker = 'body.board'\nrow = 'tr.service'\nname = 'td.name'\n{status}\n{more}"), words)
}

fn read(mapping: &Mapping, html: &str) -> Result<Report, ParseError> {
    compile(mapping).unwrap().parse(&Document::new(html.as_bytes()))
}

fn refusal(mapping: &Mapping) -> MappingError {
    compile(mapping).map(|_| ()).unwrap_err()
}

fn statuses(report: &Report) -> Vec<Status> {
    report.services.iter().map(|service| service.status).collect()
}

#[test]
fn text_attributes_and_the_rows_own_attributes_are_read() {
    let more = "region = '@data-region'\nkey = '@data-id'\nupdated = 'time @datetime'\ngroup = 'td.state @class'";
    let report = read(&board(more, "'all good' = 'OK'\nGone = 'Outage'"), BOARD).unwrap();
    let [web, mail] = &report.services[..] else { panic!("{report:?}") };
    assert_eq!((web.key.as_str(), web.name.as_str(), web.status), ("s1", "Web & API", Status::Ok));
    assert_eq!((mail.key.as_str(), mail.name.as_str(), mail.status), ("s2", "Mail", Status::Outage));
    let written = |service: &Service| service.last_timestamp.map(|at| at.to_string());
    assert_eq!(written(web).as_deref(), Some("2026-02-10T21:52:00.000Z"));
    assert_eq!(written(mail).as_deref(), Some("2019-12-21T12:31:48.000Z"));
    let dimensions = |service: &Service| -> Vec<(String, Scalar)> { service.dimensions.clone().into_iter().collect() };
    let expected = |pairs: &[(&str, &str)]| -> Vec<(String, Scalar)> {
        pairs.iter().map(|&(name, value)| (name.to_owned(), value.into())).collect()
    };
    assert_eq!(
        dimensions(web),
        expected(&[("group", "cell state green big"), ("region", "eu-1"), ("serviceId", "s1")])
    );
    assert_eq!(dimensions(mail), expected(&[("group", "cell state red"), ("serviceId", "s2")]), "blank is nothing");
    assert_eq!(report.coverage, Coverage::Complete);
    assert!(report.unknown_words.is_empty());
}

#[test]
fn without_a_key_group_name_and_region_make_one() {
    let report = read(&board("region = '@data-region'\ngroup = 'td.none'", ""), BOARD).unwrap();
    assert_eq!(report.services.iter().map(|it| it.key.as_str()).collect::<Vec<_>>(), ["Web & API/eu-1", "Mail"]);
    let report = read(&board("group = '@class'", ""), BOARD).unwrap();
    assert_eq!(report.services[1].key, "service/Mail");
}

#[test]
fn of_a_class_the_first_token_that_the_table_knows_is_the_word() {
    let by_class = |words: &str| {
        let report = read(&board("status = 'td.state @class'", words), BOARD).unwrap();
        (statuses(&report), report.unknown_words.into_iter().collect::<Vec<_>>())
    };
    let (found, noted) = by_class("green = 'OK'\nred = 'Outage'\nbig = 'Degraded'");
    assert_eq!((found, noted.len()), (vec![Status::Ok, Status::Outage], 0));
    let (found, noted) = by_class("green = 'OK'");
    assert_eq!((found, noted), (vec![Status::Ok, Status::Unknown], vec!["cell state red".to_owned()]));
}

#[test]
fn the_contracts_words_are_known_and_the_users_own_come_first() {
    let page =
        |word: &str| format!("<body class=board><tr><table><tr class=service><td class=name>A<td class=state>{word}");
    for (word, words, status, maintenance) in [
        ("ok", "", Status::Ok, false),
        ("DEGRADED", "", Status::Degraded, false),
        ("outage", "", Status::Outage, false),
        ("Unknown", "", Status::Unknown, false),
        ("Maintenance", "", Status::Degraded, true),
        ("Planned work", "'planned work' = 'maintenance'", Status::Degraded, true),
        ("OK", "OK = 'Degraded'", Status::Degraded, false),
    ] {
        let report = read(&board("", words), &page(word)).unwrap();
        assert_eq!(statuses(&report), [status], "{word}");
        let marked = report.services[0].dimensions.contains_key(dimension_names::MAINTENANCE);
        assert_eq!((marked, report.unknown_words.len()), (maintenance, 0), "{word}");
    }
    for (word, noted) in [("Fine", "Fine"), (" ", "(no td.state)")] {
        let report = read(&board("", ""), &page(word)).unwrap();
        assert_eq!(statuses(&report), [Status::Unknown]);
        assert_eq!(report.unknown_words.into_iter().collect::<Vec<_>>(), [noted]);
    }
}

#[test]
fn a_page_without_the_marker_is_another_page() {
    let login = BOARD.replace("class='board'", "").replace("Board", "Sign in");
    let error = read(&board("", ""), &login).unwrap_err();
    assert!(matches!(error, ParseError::Unrecognised(_)), "{error:?}");
    assert!(
        error.to_string().starts_with("the page \"Sign in\", where") && error.to_string().contains("\"body.board\""),
        "{error}"
    );
}

#[test]
fn a_page_without_a_title_shows_how_it_begins() {
    let error = read(&board("", ""), "<h1>Please sign in</h1>").unwrap_err().to_string();
    assert!(error.starts_with("a page without a title, whose text begins \"Please sign in\", where"), "{error}");
}

#[test]
fn each_row_is_explained_with_the_texts_found() {
    let nowhere = url::Url::parse("http://localhost/").unwrap();
    let part = Part { url: &nowhere, document: Some(Document::new(BOARD.as_bytes())) };
    let own = board("region = '@data-region'\nupdated = 'time @datetime'", "'all good' = 'OK'");
    let Explanation { lines, report, .. } = compile(&own).unwrap().explain(&[part]);
    let told = lines.iter().map(|line| {
        let found: Vec<_> = line.found.iter().map(|found| format!("{} {}", found.by, found.what)).collect();
        format!("{}: {} => {}", line.piece, found.join("; "), line.outcome)
    });
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            "row 1: name \"Web & API\"; status \"All good\" means OK; region \"eu-1\"; updated \
             \"2026-02-10T22:52:00+01:00\" => Web & API in eu-1 is OK, since 2026-02-10T21:52:00.000Z",
            "row 2: name \"Mail\"; status \"Gone\" is a word that is not known; region nothing; updated \
             \"1576931508000\" => Mail is Unknown, since 2019-12-21T12:31:48.000Z",
        ]
    );
    assert_eq!(report, read(&own, BOARD), "what is explained is what is read");
}

#[test]
fn coverage_says_what_no_row_means() {
    let empty = "<body class='board'>";
    let error = read(&board("", ""), empty).unwrap_err().to_string();
    assert!(
        error.starts_with(
            "selectors.row: \"tr.service\" matches nothing in a page without a title, whose text begins \"\""
        ),
        "{error}"
    );
    assert!(error.contains("expected an element for each service"), "{error}");
    let open_only = Mapping { coverage: Some(Coverage::OpenOnly), ..board("", "") };
    let report = read(&open_only, empty).unwrap();
    assert_eq!((report.coverage, report.services.len()), (Coverage::OpenOnly, 0));
}

#[test]
fn a_row_without_a_name_shows_itself() {
    let unnamed = BOARD.replace("<td class='name'>Mail</td>", &format!("<td>{}</td>", "x".repeat(1_000)));
    let error = read(&board("", ""), &unnamed).unwrap_err();
    let ParseError::Mapping(error) = error else { panic!("{error:?}") };
    assert_eq!(error.key, "selectors.name");
    assert!(
        error.problem.contains("\"td.name\" finds nothing in row 2, <tr") && error.problem.contains("s2"),
        "{error}"
    );
    assert!(error.problem.chars().count() < 300, "{error}");
}

#[test]
fn a_time_that_is_none_is_left_out() {
    let report = read(&board("updated = 'time'", ""), BOARD).unwrap();
    assert!(report.services.iter().all(|service| service.last_timestamp.is_none()));
}

#[test]
fn a_bad_selector_is_named_with_what_is_expected() {
    for (key, expression) in [
        ("marker", "body["),
        ("row", "tr @id"),
        ("name", "td:::x"),
        ("status", ""),
        ("status", "td @"),
        ("region", "td@class"),
        ("group", "td:hover-ish"),
        ("key", "@data id"),
        ("updated", "time >> @x"),
    ] {
        let fields = [("marker", "a"), ("row", "a"), ("name", "a"), ("status", "a"), (key, expression)];
        let table: toml::Table = fields.iter().map(|&(key, css)| (key.to_owned(), css.into())).collect();
        let error = refusal(&mapping(&table.to_string(), ""));
        assert_eq!(error.key, format!("selectors.{key}"), "{expression}");
        assert!(error.problem.starts_with(&format!("\"{expression}\" cannot be read: ")), "{error}");
        assert!(error.expected.contains("a CSS selector"), "{error}");
    }
    assert!(refusal(&Mapping::default()).to_string().contains("marker, row, name and status"));
    let unknown = toml::from_str::<SelectorsSpec>("marker = 'a'\nrow = 'a'\nname = 'a'\nstatus = 'a'\nnme = 'b'");
    assert!(unknown.unwrap_err().to_string().contains("nme"));
}

#[test]
fn an_at_sign_inside_a_selector_is_part_of_it() {
    let html = "<body class=board><p class=service><a href='mailto:a@b'>Mail</a><i title='OK'></i>";
    let spec = "marker = 'body'\nrow = 'p'\nname = 'a[href=\"mailto:a@b\"]'\nstatus = 'i\t@TITLE'";
    let report = read(&mapping(spec, ""), html).unwrap();
    assert_eq!((report.services[0].name.as_str(), report.services[0].status), ("Mail", Status::Ok));
}

#[test]
fn deep_markup_is_refused() {
    let deep = BOARD.replace("<table>", &format!("{}<table>", "<div>".repeat(100_000)));
    assert!(read(&board("", ""), &deep).unwrap_err().to_string().contains("nested deeper"));
}
