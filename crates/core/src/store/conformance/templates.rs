//! The templates of messages.

use std::sync::Arc;

use futures_util::future::join_all;

use super::checks::NAMES;
use super::in_time;
use crate::store::testkit::{Database, at};
use crate::store::{ByAge, Exchanged, Store};
use crate::template::Template;

fn template(id: &str, seconds: i64) -> Template {
    Template {
        id: id.to_owned(),
        name: "a name that many have".to_owned(),
        description: String::new(),
        content: format!("{{{{ service }}}} of {id} is {{{{ to }}}}"),
        created_at: at(seconds),
        modified_at: at(seconds),
        revision: 1,
    }
}

async fn adds(store: &dyn Store, template: &Template) {
    assert!(store.add_template(template).await.unwrap());
}

async fn found(store: &dyn Store, id: &str) -> Template {
    store.template(id).await.unwrap().unwrap()
}

/// All templates, read in pages of a size.
async fn in_pages(store: &dyn Store, size: u32) -> Vec<Template> {
    let mut all: Vec<Template> = Vec::new();
    loop {
        let behind = all.last().map(Template::place);
        let page = store.templates(behind.as_ref(), Some(size)).await.unwrap();
        assert!(page.len() <= usize::try_from(size).unwrap());
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}

/// A template is added once, and found as it was added, whatever it holds.
pub async fn a_template_is_added_once(database: &Database) {
    let store = &*database.open().await;
    assert_eq!(store.template("a").await.unwrap(), None);
    assert_eq!(store.templates(None, None).await.unwrap(), []);
    let large = "\u{1F4A5}".repeat(16 * 1024);
    let contents = NAMES.into_iter().chain(["", "a\0b\r\n\t", "{{ unclosed", large.as_str()]);
    let mut added = Vec::new();
    for (n, content) in (0..).zip(contents) {
        let one = Template {
            content: content.to_owned(),
            name: content.chars().take(64).collect(),
            description: content.chars().rev().take(256).collect(),
            modified_at: at(n + 7),
            revision: 1 << n,
            ..template(&format!("id {n}"), n)
        };
        adds(store, &one).await;
        added.push(one);
    }
    assert!(!store.add_template(&Template { content: "other".to_owned(), ..added[0].clone() }).await.unwrap());
    for one in &added {
        assert_eq!(store.template(&one.id).await.unwrap().as_ref(), Some(one));
    }
    assert_eq!(store.template("ID 0").await.unwrap(), None);
    store.close().await;
    assert_eq!(database.open().await.templates(None, None).await.unwrap(), added);
}

/// Templates are listed oldest first, then by the bytes of their ids, and pages make up the whole.
pub async fn templates_are_listed_oldest_first(database: &Database) {
    let store = &*database.open().await;
    let ordered = [("z", 0), ("A", 1), ("B", 1), ("a", 1), ("b", 1), ("ä", 1), ("0", 2)];
    for n in [3, 0, 6, 2, 5, 1, 4] {
        adds(store, &template(ordered[n].0, ordered[n].1)).await;
    }
    let ordered = ordered.map(|(id, seconds)| template(id, seconds));
    assert_eq!(store.templates(None, None).await.unwrap(), ordered);
    for size in 1..=8 {
        assert_eq!(in_pages(store, size).await, ordered, "{size}");
    }
    // A place need not be taken.
    let between = ByAge { created_at: at(1), id: "C".to_owned() };
    assert_eq!(store.templates(Some(&between), Some(2)).await.unwrap(), ordered[3..5]);
    assert_eq!(store.templates(Some(&between), None).await.unwrap(), ordered[3..]);
}

/// A template is replaced where it is at the revision before, and is as it was where it is not.
pub async fn a_template_is_replaced_at_its_revision(database: &Database) {
    let (store, other) = (&*database.open().await, &*database.open().await);
    let first = template("a", 0);
    let second = Template {
        name: "renamed".to_owned(),
        description: "described".to_owned(),
        content: "changed".to_owned(),
        modified_at: at(9),
        revision: 2,
        ..first.clone()
    };
    assert_eq!(store.replace_template(&second).await.unwrap(), Exchanged::Unknown);
    assert_eq!(store.template("a").await.unwrap(), None);
    adds(store, &first).await;
    adds(store, &template("b", 0)).await;
    for (revision, wanted) in [(1, Exchanged::Otherwise), (3, Exchanged::Otherwise), (2, Exchanged::Done)] {
        let replaced = store.replace_template(&Template { revision, ..second.clone() }).await.unwrap();
        assert_eq!(replaced, wanted, "{revision}");
    }
    assert_eq!(found(other, "a").await, second);
    assert_eq!(store.replace_template(&second).await.unwrap(), Exchanged::Otherwise);
    assert_eq!(found(other, "b").await, template("b", 0));
    assert_eq!(other.templates(None, None).await.unwrap(), [second, template("b", 0)]);
}

/// Writes one more line to a template, as often as it takes.
async fn append(store: &dyn Store, line: &str) {
    loop {
        let was = found(store, "a").await;
        let content = format!("{}{line}\n", was.content);
        match store.replace_template(&Template { content, revision: was.revision + 1, ..was }).await.unwrap() {
            Exchanged::Done => return,
            Exchanged::Otherwise => {}
            Exchanged::Unknown => panic!("it was removed"),
        }
    }
}

/// Of many who replace a template at once, one for each revision does, and none overwrites what another wrote.
pub async fn of_many_who_replace_a_template_none_is_lost(database: &Database) {
    const WRITERS: usize = 8;
    const LINES: usize = 10;
    let handles = [database.open().await, database.open().await];
    adds(&*handles[0], &Template { content: String::new(), ..template("a", 0) }).await;
    for revision in 2..=6 {
        let rivals = (0..WRITERS).map(|n| Template { name: n.to_string(), revision, ..template("a", 0) });
        let rivals: Vec<_> = rivals.map(|rival| Template { content: String::new(), ..rival }).collect();
        let replace = rivals.iter().enumerate().map(|(n, rival)| handles[n % 2].replace_template(rival));
        let answers: Vec<_> = in_time(join_all(replace)).await.into_iter().map(Result::unwrap).collect();
        let winners: Vec<_> = (0..WRITERS).filter(|&n| answers[n] == Exchanged::Done).collect();
        assert_eq!(winners.len(), 1, "{answers:?}");
        assert!(answers.iter().all(|answer| *answer != Exchanged::Unknown), "{answers:?}");
        assert_eq!(found(&*handles[0], "a").await, rivals[winners[0]]);
    }
    let writers = (0..WRITERS).map(|writer| {
        let store = Arc::clone(&handles[writer % 2]);
        tokio::spawn(async move {
            for line in 0..LINES {
                append(&*store, &format!("{writer} {line}")).await;
            }
        })
    });
    for written in in_time(join_all(writers)).await {
        written.unwrap();
    }
    let last = found(&*handles[1], "a").await;
    assert_eq!(last.revision, 6 + u64::try_from(WRITERS * LINES).unwrap());
    // Each wrote all its lines, in their order.
    for writer in 0..WRITERS {
        let begin = format!("{writer} ");
        let lines: Vec<_> = last.content.lines().filter_map(|line| line.strip_prefix(&begin)).collect();
        assert_eq!(lines, (0..LINES).map(|line| line.to_string()).collect::<Vec<_>>());
    }
    assert_eq!(last.content.lines().count(), WRITERS * LINES);
}

/// A template is removed where it is at the revision that is named, and nothing else is.
pub async fn a_template_is_removed_at_its_revision(database: &Database) {
    let store = &*database.open().await;
    assert_eq!(store.remove_template("a", 1).await.unwrap(), Exchanged::Unknown);
    for id in ["a", "A"] {
        adds(store, &Template { revision: 5, ..template(id, 0) }).await;
    }
    for revision in [0, 4, 6] {
        assert_eq!(store.remove_template("a", revision).await.unwrap(), Exchanged::Otherwise, "{revision}");
    }
    assert_eq!(store.templates(None, None).await.unwrap().len(), 2);
    assert_eq!(store.remove_template("a", 5).await.unwrap(), Exchanged::Done);
    assert_eq!(store.template("a").await.unwrap(), None);
    assert_eq!(store.remove_template("a", 5).await.unwrap(), Exchanged::Unknown);
    assert_eq!(
        store.replace_template(&Template { revision: 6, ..template("a", 0) }).await.unwrap(),
        Exchanged::Unknown
    );
    let left = Template { revision: 5, ..template("A", 0) };
    assert_eq!(store.templates(None, None).await.unwrap(), [left]);
    adds(store, &template("a", 9)).await;
}

/// Of many who remove or replace a template at once exactly one does, and what it did is what is there.
pub async fn of_many_who_remove_a_template_one_does(database: &Database) {
    let handles = [database.open().await, database.open().await];
    for round in 0..5 {
        let id = format!("template {round}");
        adds(&*handles[0], &template(&id, 0)).await;
        let replacement = Template { revision: 2, ..template(&id, 0) };
        let attempts = (0..8).map(|n| {
            let (store, id, replacement) = (&handles[n % 2], &id, &replacement);
            async move {
                match n {
                    0..4 => store.remove_template(id, 1).await.unwrap(),
                    _ => store.replace_template(replacement).await.unwrap(),
                }
            }
        });
        let answers = in_time(join_all(attempts)).await;
        let done: Vec<_> = (0..8).filter(|&n| answers[n] == Exchanged::Done).collect();
        assert_eq!(done.len(), 1, "{answers:?}");
        let is_there = handles[1].template(&id).await.unwrap().is_some();
        assert_eq!(is_there, done[0] >= 4, "{answers:?}");
    }
}
