use std::fs;

use proptest::collection::vec;
use proptest::prelude::*;
use tempfile::{TempDir, tempdir};
use unistatus_core::schema::Status;
use unistatus_core::store::testkit::{self, Author, at, service};

use super::*;

/// More than any of these tests writes.
const PLENTY: u64 = 64 << 20;

fn open(folder: &TempDir, limit: u64) -> Journal {
    Journal::open(folder.path(), limit).unwrap()
}

fn change(author: &mut Author) -> Commit {
    author.change(vec![service("a", Status::Ok)])
}

fn check(second: i64) -> Check {
    testkit::check("a", at(second))
}

/// All checks of a journal, which is emptied of them.
fn checks(journal: &mut Journal) -> Vec<Check> {
    let mut all = Vec::new();
    while let Some((segment, some)) = journal.oldest_checks().unwrap() {
        all.extend(some);
        journal.remove_checks(segment).unwrap();
    }
    all
}

/// Copies the files of a journal as they are at this moment: what the next process finds after a `SIGKILL`.
fn as_left(folder: &TempDir) -> TempDir {
    let copy = tempdir().unwrap();
    fs::create_dir(copy.path().join("0")).unwrap();
    for file in fs::read_dir(folder.path().join("0")).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), copy.path().join("0").join(file.file_name())).unwrap();
    }
    copy
}

fn segments(folder: &TempDir, kind: &str) -> Vec<PathBuf> {
    let files = fs::read_dir(folder.path().join("0")).unwrap().map(|file| file.unwrap().path());
    let mut found: Vec<_> =
        files.filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with(kind)).collect();
    found.sort();
    found
}

#[test]
fn what_is_kept_is_left_to_the_next_process_of_the_same_id() {
    let folder = tempdir().unwrap();
    let [mut a, mut b] = ["a", "b"].map(Author::new);
    let commits = [change(&mut a), change(&mut b), change(&mut a)];
    let id = {
        let mut journal = open(&folder, PLENTY);
        assert!(journal.take_left().is_empty() && !journal.has_changes() && !journal.has_checks());
        assert_eq!(journal.keep_changes(&commits).unwrap(), Kept { first: 3, dropped_checks: 0 });
        assert_eq!(journal.keep_checks(&[check(1), check(2)]).unwrap(), Kept { first: 2, dropped_checks: 0 });
        journal.id().to_owned()
    };
    let mut journal = open(&folder, PLENTY);
    assert_eq!(journal.id(), id);
    let [one, other, two] = commits;
    let expected = BTreeMap::from([("a".to_owned(), vec![one, two]), ("b".to_owned(), vec![other])]);
    assert_eq!(journal.take_left(), expected);
    assert_eq!(checks(&mut journal), [check(1), check(2)]);
    journal.clear_changes().unwrap();
    assert_eq!(journal.bytes(), 0);
    drop(journal);
    assert!(open(&folder, PLENTY).take_left().is_empty());
}

#[test]
fn a_commit_that_was_kept_twice_is_left_once() {
    let folder = tempdir().unwrap();
    let mut author = Author::new("a");
    let commits = [change(&mut author), change(&mut author)];
    let mut journal = open(&folder, PLENTY);
    journal.keep_changes(&commits).unwrap();
    journal.keep_changes(&commits).unwrap();
    drop(journal);
    assert_eq!(open(&folder, PLENTY).take_left()["a"], commits);
}

#[test]
fn the_oldest_checks_make_room_and_changes_are_the_last_to_go() {
    const LIMIT: u64 = 64 << 10;
    let folder = tempdir().unwrap();
    let mut journal = open(&folder, LIMIT);
    let mut dropped = 0;
    let mut given: Vec<Check> = Vec::new();
    while dropped == 0 {
        let first = i64::try_from(given.len()).unwrap();
        let some: Vec<Check> = (first..first + 50).map(check).collect();
        let kept = journal.keep_checks(&some).unwrap();
        assert_eq!(kept.first, some.len(), "older ones make room");
        dropped += kept.dropped_checks;
        given.extend(some);
        assert!(journal.bytes() <= LIMIT, "{}", journal.bytes());
    }
    let left = as_left(&folder);
    assert_eq!(checks(&mut open(&left, LIMIT)), given[dropped..], "the oldest, as many as were told");
    assert!(dropped < given.len() / 4, "a part of them: {dropped} of {}", given.len());

    let mut author = Author::new("a");
    let mut commits = Vec::new();
    let all = loop {
        let commit = change(&mut author);
        let kept = journal.keep_changes(std::slice::from_ref(&commit)).unwrap();
        dropped += kept.dropped_checks;
        assert!(journal.bytes() <= LIMIT, "{}", journal.bytes());
        if kept.first == 0 {
            break commits;
        }
        commits.push(commit);
    };
    assert_eq!((journal.has_checks(), dropped), (false, given.len()), "no change goes before the last check has");
    // What is too little for a change may do for some checks, which make room for nothing but their like.
    while journal.keep_checks(&[check(0)]).unwrap() == (Kept { first: 1, dropped_checks: 0 }) {}
    assert!(journal.bytes() <= LIMIT);
    drop(journal);
    assert_eq!(open(&folder, LIMIT).take_left()["a"], all);
}

#[test]
fn a_torn_end_is_cut_off_once_and_what_comes_after_it_is_kept() {
    let folder = tempdir().unwrap();
    let mut author = Author::new("a");
    let [one, two, three] = [change(&mut author), change(&mut author), change(&mut author)];
    open(&folder, PLENTY).keep_changes(&[one.clone(), two]).unwrap();
    let file = segments(&folder, "changes").remove(0);
    let whole = fs::read(&file).unwrap();
    fs::write(&file, &whole[..whole.len() - 1]).unwrap();
    let mut journal = open(&folder, PLENTY);
    assert_eq!(journal.take_left()["a"], std::slice::from_ref(&one));
    let cut = fs::metadata(&file).unwrap().len();
    assert_eq!(journal.bytes(), cut);
    journal.keep_changes(std::slice::from_ref(&three)).unwrap();
    drop(journal);
    assert_eq!(segments(&folder, "changes").len(), 2, "what somebody else wrote is not appended to");
    assert_eq!(open(&folder, PLENTY).take_left()["a"], [one, three]);
    assert_eq!(fs::metadata(&file).unwrap().len(), cut);
}

#[test]
fn what_this_version_cannot_read_is_left_out() {
    let folder = tempdir().unwrap();
    let commit = change(&mut Author::new("a"));
    open(&folder, PLENTY).keep_changes(std::slice::from_ref(&commit)).unwrap();
    let file = segments(&folder, "changes").remove(0);
    let mut bytes = fs::read(&file).unwrap();
    frame::encode(b"{\"what\":\"is this\"}", &mut bytes).unwrap();
    fs::write(&file, bytes).unwrap();
    fs::write(folder.path().join("0/changes-00000007.log"), "unistatus-journal 2\n…").unwrap();
    let mut journal = open(&folder, PLENTY);
    assert_eq!(journal.take_left()["a"], std::slice::from_ref(&commit));
    journal.keep_changes(std::slice::from_ref(&commit)).unwrap();
    assert!(segments(&folder, "changes")[2].ends_with("changes-00000008.log"), "no name is used twice");
}

#[test]
fn a_folder_that_cannot_be_used_is_told() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let error = Journal::open(&file, PLENTY).unwrap_err();
    assert_eq!(error.to_string(), format!("the journal in {} cannot be used", file.display()));
}

/// What happens to a journal.
#[derive(Clone, Debug)]
enum Step {
    /// So many commits of the target of this number.
    Changes(usize, usize),
    Checks(usize),
    ClearChanges,
    ClearChecks,
    /// The process ends, and another one begins.
    Restart,
    /// The same, and of the last file of this kind some of the end is missing, as after a loss of power.
    PowerLoss(&'static str, prop::sample::Index),
}

fn any_step() -> impl Strategy<Value = Step> {
    let kind = prop::sample::select(&["changes", "checks"][..]);
    prop_oneof![
        6 => (0..3_usize, 1..4_usize).prop_map(|(target, count)| Step::Changes(target, count)),
        6 => (1..9_usize).prop_map(Step::Checks),
        1 => Just(Step::ClearChanges),
        1 => Just(Step::ClearChecks),
        2 => Just(Step::Restart),
        2 => (kind, any::<prop::sample::Index>()).prop_map(|(kind, cut)| Step::PowerLoss(kind, cut)),
    ]
}

/// What a journal should hold.
#[derive(Debug, Default)]
struct Model {
    changes: Vec<Commit>,
    checks: Vec<Check>,
}

impl Model {
    fn by_target(&self) -> BTreeMap<String, Vec<Commit>> {
        self.changes.iter().fold(BTreeMap::new(), |mut by_target: BTreeMap<_, Vec<_>>, commit| {
            by_target.entry(commit.target.clone()).or_default().push(commit.clone());
            by_target
        })
    }

    /// Takes notice that an end was lost: what is left must be what was first.
    fn lose(&mut self, left: &BTreeMap<String, Vec<Commit>>, checks: usize) {
        let count = left.values().map(Vec::len).sum();
        assert!(count <= self.changes.len() && checks <= self.checks.len());
        self.changes.truncate(count);
        self.checks.truncate(checks);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// The limit makes segments so short that there are many.
    #[test]
    fn what_was_kept_is_left_whatever_happens(steps in vec(any_step(), 1..40)) {
        const LIMIT: u64 = 256 << 10;
        let mut folder = tempdir().unwrap();
        let mut journal = Some(open(&folder, LIMIT));
        let mut authors = ["a", "b", "c"].map(Author::new);
        let (mut model, mut second) = (Model::default(), 0);
        for step in steps {
            let now = journal.as_mut().unwrap();
            match step {
                Step::Changes(target, count) => {
                    let commits: Vec<Commit> = (0..count).map(|_| change(&mut authors[target])).collect();
                    prop_assert_eq!(now.keep_changes(&commits).unwrap(), Kept { first: count, dropped_checks: 0 });
                    model.changes.extend(commits);
                }
                Step::Checks(count) => {
                    let checks: Vec<Check> = (0..count).map(|_| { second += 1; check(second) }).collect();
                    prop_assert_eq!(now.keep_checks(&checks).unwrap(), Kept { first: count, dropped_checks: 0 });
                    model.checks.extend(checks);
                }
                Step::ClearChanges => {
                    now.clear_changes().unwrap();
                    model.changes.clear();
                }
                Step::ClearChecks => {
                    now.clear_checks().unwrap();
                    model.checks.clear();
                }
                Step::Restart | Step::PowerLoss(..) => {
                    // What is found does not depend on what the process would have done at its end.
                    let left = as_left(&folder);
                    drop(journal.take());
                    folder = left;
                    if let Step::PowerLoss(kind, cut) = step && let Some(last) = segments(&folder, kind).pop() {
                        let bytes = fs::read(&last).unwrap();
                        fs::write(&last, &bytes[..cut.index(bytes.len() + 1)]).unwrap();
                    }
                    let mut reopened = open(&folder, LIMIT);
                    let left = reopened.take_left();
                    let copy = as_left(&folder);
                    let checks = checks(&mut open(&copy, LIMIT));
                    if matches!(step, Step::PowerLoss(..)) {
                        model.lose(&left, checks.len());
                    }
                    prop_assert_eq!(left, model.by_target());
                    prop_assert_eq!(&checks, &model.checks);
                    journal = Some(reopened);
                }
            }
        }
    }
}
