//! Which targets there are: the built-in catalog and the user's own files.
//!
//! The catalog is TOML compiled into the binary, one file per category beside this one. A user's file has the same
//! shape and wins by name.

#[cfg(test)]
mod contents;
mod file;
mod nearest;
mod selection;
mod source;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::Duration;

pub(crate) use file::line_of;
pub use file::{TargetsError, TargetsFault};
pub use nearest::nearest;
pub use selection::Selection;
pub use source::TargetsSource;

use crate::interval;
use crate::target::spec::{Configured, TargetSpec};

/// A category of the built-in catalog: its name and its file.
struct Category {
    name: &'static str,
    toml: &'static str,
}

impl Category {
    /// The file's name, for messages.
    fn file(&self) -> String {
        format!("catalog/{}.toml", self.name)
    }
}

/// The categories, one file each.
const CATEGORIES: &[Category] = &[
    Category { name: "ai", toml: include_str!("ai.toml") },
    Category { name: "auth", toml: include_str!("auth.toml") },
    Category { name: "cdn-dns", toml: include_str!("cdn-dns.toml") },
    Category { name: "ci-cd", toml: include_str!("ci-cd.toml") },
    Category { name: "cloud", toml: include_str!("cloud.toml") },
    Category { name: "code", toml: include_str!("code.toml") },
    Category { name: "collaboration", toml: include_str!("collaboration.toml") },
    Category { name: "communication", toml: include_str!("communication.toml") },
    Category { name: "database", toml: include_str!("database.toml") },
    Category { name: "ecommerce", toml: include_str!("ecommerce.toml") },
    Category { name: "email-sms", toml: include_str!("email-sms.toml") },
    Category { name: "gaming", toml: include_str!("gaming.toml") },
    Category { name: "government", toml: include_str!("government.toml") },
    Category { name: "hosting", toml: include_str!("hosting.toml") },
    Category { name: "networking", toml: include_str!("networking.toml") },
    Category { name: "observability", toml: include_str!("observability.toml") },
    Category { name: "other", toml: include_str!("other.toml") },
    Category { name: "payments", toml: include_str!("payments.toml") },
    Category { name: "productivity", toml: include_str!("productivity.toml") },
    Category { name: "security", toml: include_str!("security.toml") },
    Category { name: "social", toml: include_str!("social.toml") },
    Category { name: "storage", toml: include_str!("storage.toml") },
];

/// How often a public source may be asked at the most, whatever the interval.
const FLOOR: Duration = Duration::from_mins(1);

/// An entry of the built-in catalog, or one of the user's own.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Where it stands.
    pub origin: Origin,
    /// What stands there.
    pub spec: TargetSpec,
}

/// Where an entry stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// In the built-in catalog, in this category.
    Category(&'static str),
    /// In this file of the user's.
    File(String),
}

impl Entry {
    /// The category of a built-in entry.
    pub fn category(&self) -> Option<&'static str> {
        match self.origin {
            Origin::Category(name) => Some(name),
            Origin::File(_) => None,
        }
    }

    /// The file of one of the user's own.
    pub fn file(&self) -> Option<&str> {
        match &self.origin {
            Origin::Category(_) => None,
            Origin::File(name) => Some(name),
        }
    }

    /// Whether this is what it is called, or an alias of it.
    pub fn is_called(&self, name: &str) -> bool {
        self.spec.name() == name || self.spec.aliases().any(|alias| alias == name)
    }

    /// The shortest interval that the source is asked at.
    pub fn floor(&self) -> Duration {
        self.spec.floor().map_or(self.shortest(), |own| own.max(self.shortest()))
    }

    /// The shortest interval that entries of this origin are asked at.
    fn shortest(&self) -> Duration {
        match self.origin {
            Origin::Category(_) => FLOOR,
            Origin::File(_) => interval::SHORTEST,
        }
    }

    /// The target that it describes; `file` and `text` are those it stands in.
    fn build(&self, file: &str, text: &str) -> Result<Configured, Vec<TargetsFault>> {
        self.spec
            .build(self.shortest(), self.category())
            .map_err(|found| file::locate(file, text, self.spec.name(), found))
    }
}

/// The targets of a process, ordered by name.
#[derive(Clone, Debug, Default)]
pub struct TargetSet(BTreeMap<String, Member>);

/// A target and the entry that describes it. The built-in entries are there once, whatever is chosen of them.
#[derive(Clone, Debug)]
struct Member {
    entry: Cow<'static, Entry>,
    configured: Configured,
}

impl TargetSet {
    /// The targets, ordered by name.
    pub fn iter(&self) -> impl Iterator<Item = &Configured> {
        self.0.values().map(|member| &member.configured)
    }

    /// The entries that describe them, in the same order.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.0.values().map(|member| &*member.entry)
    }

    /// A target by its name.
    pub fn get(&self, name: &str) -> Option<&Configured> {
        self.0.get(name).map(|member| &member.configured)
    }

    /// The entry that a name or an alias means: one of the user's own before any of the catalog, chosen or not.
    ///
    /// # Errors
    /// As [`entries`].
    pub fn look_up(&self, name: &str) -> Result<Option<&Entry>, TargetsError> {
        let own = |name: &str| self.0.get(name).map(|member| &*member.entry).filter(|entry| entry.file().is_some());
        let own_alias = || self.entries().find(|entry| entry.file().is_some() && entry.is_called(name));
        if let Some(entry) = own(name).or_else(own_alias) {
            return Ok(Some(entry));
        }
        Ok(find(name)?.map(|built_in| own(built_in.spec.name()).unwrap_or(built_in)))
    }

    /// How many there are. None at all is legal.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes an entry in, in place of one of the same name; what is wrong with it goes to `faults`.
    fn take(&mut self, entry: Cow<'static, Entry>, file: &str, text: &str, faults: &mut Vec<TargetsFault>) {
        match entry.build(file, text) {
            Ok(configured) => drop(self.0.insert(entry.spec.name().to_owned(), Member { entry, configured })),
            Err(found) => faults.extend(found),
        }
    }
}

/// The targets that a selection of the catalog and the user's files (path and text) come to. Of the catalog only what
/// is selected is built: formats and filters are compiled for no other entry.
///
/// # Errors
/// [`TargetsError`] names every fault of every file; then there is no set at all.
pub fn assemble(selection: &Selection, files: &[(PathBuf, String)]) -> Result<TargetSet, TargetsError> {
    let mut set = TargetSet::default();
    let mut faults = Vec::new();
    let built_in = if *selection == Selection::None { &[] } else { entries()? };
    for entry in built_in.iter().filter(|entry| selection.takes(entry)) {
        let category = CATEGORIES.iter().find(|category| Some(category.name) == entry.category());
        let (file, text) = category.map_or_else(Default::default, |one| (one.file(), one.toml));
        set.take(Cow::Borrowed(entry), &file, text, &mut faults);
    }
    let mut own: BTreeMap<String, String> = BTreeMap::new();
    for (path, text) in files {
        let shown = path.display().to_string();
        match file::read(&shown, text) {
            Ok(specs) => {
                for spec in specs {
                    if let Some(first) = own.insert(spec.name().to_owned(), shown.clone()) {
                        faults.push(file::repeated(&shown, text, &spec, &first));
                        continue;
                    }
                    let entry = Entry { origin: Origin::File(shown.clone()), spec };
                    set.take(Cow::Owned(entry), &shown, text, &mut faults);
                }
            }
            Err(found) => faults.push(found),
        }
    }
    if faults.is_empty() { Ok(set) } else { Err(TargetsError(faults)) }
}

/// The built-in catalog, read once: by category, then as the files have it.
///
/// # Errors
/// [`TargetsError`] if a file does not parse: then the binary was built with a broken catalog.
pub fn entries() -> Result<&'static [Entry], TargetsError> {
    static ENTRIES: LazyLock<Result<Vec<Entry>, TargetsError>> = LazyLock::new(|| {
        let mut entries = Vec::new();
        for category in CATEGORIES {
            let specs = file::read(&category.file(), category.toml).map_err(|fault| TargetsError(vec![fault]))?;
            entries.extend(specs.into_iter().map(|spec| Entry { origin: Origin::Category(category.name), spec }));
        }
        Ok(entries)
    });
    ENTRIES.as_deref().map_err(Clone::clone)
}

/// The built-in entry of a name or of an alias.
///
/// # Errors
/// As [`entries`].
pub fn find(name: &str) -> Result<Option<&'static Entry>, TargetsError> {
    let entries = entries()?;
    let named = entries.iter().find(|entry| entry.spec.name() == name);
    Ok(named.or_else(|| entries.iter().find(|entry| entry.is_called(name))))
}

/// The names of the categories.
pub fn categories() -> impl Iterator<Item = &'static str> {
    CATEGORIES.iter().map(|category| category.name)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::secrets::{SecretError, Secrets};

    fn own(text: &str) -> Result<TargetSet, TargetsError> {
        assemble(&Selection::None, &[(PathBuf::from("targets.toml"), text.to_owned())])
    }

    const INTRANET: &str = "[[target]]\nname = \"intranet\"\ntype = \"REST\"\nformat = \"statuspage\"\n\
                            endpoint = \"http://127.0.0.1:9000/x\"\n";

    #[test]
    fn an_own_entry_wins_by_name_and_may_go_below_the_floor() {
        let text = INTRANET.replace("intranet", "github") + "every = \"1s\"\n";
        let set = assemble(&Selection::All, &[(PathBuf::from("own.toml"), text)]).unwrap();
        let identity = set.get("github").unwrap().target.identity().clone();
        assert_eq!(identity.endpoint, "http://127.0.0.1:9000/x");
        assert_eq!(identity.interval(Duration::from_mins(1)), Duration::from_secs(1));
        let built_in = set.get("zoom").unwrap().target.identity();
        assert_eq!(built_in.interval(Duration::from_secs(1)), FLOOR);
    }

    #[test]
    fn only_what_is_selected_is_built() {
        let count = |selection: &str| assemble(&selection.parse().unwrap(), &[]).unwrap().len();
        let all = entries().unwrap();
        assert_eq!(count("none"), 0);
        assert_eq!(count("recommended"), all.iter().filter(|entry| entry.spec.is_recommended()).count());
        assert_eq!(count("cloud"), all.iter().filter(|entry| entry.category() == Some("cloud")).count());
        assert_eq!(count("cloud, github, aws"), count("cloud") + 1);
        assert_eq!(count("all"), all.len());
    }

    #[test]
    fn a_name_an_alias_and_an_own_entry_are_looked_up() {
        let named = |name: &str, more: &str| format!("{}{more}\n", INTRANET.replace("intranet", name));
        let text =
            [named("twitter", ""), named("zoom", "aliases = [\"meetings\"]"), named("mine", "aliases = [\"npm\"]")];
        let set = own(&text.concat()).unwrap();
        for (name, expected) in [
            ("github", Some(("github", "code"))),
            ("google-cloud", Some(("gcp", "cloud"))),
            ("twitter", Some(("twitter", "own"))),
            ("zoom", Some(("zoom", "own"))),
            ("meetings", Some(("zoom", "own"))),
            ("npm", Some(("mine", "own"))),
            ("githup", None),
        ] {
            let found = set.look_up(name).unwrap();
            let found = found.map(|entry| (entry.spec.name(), entry.category().unwrap_or("own")));
            assert_eq!(found, expected, "{name}");
        }
    }

    #[test]
    fn an_own_entry_bears_the_keys_of_the_catalog_and_is_asked_whatever_is_selected() {
        let about = "title = \"Intranet\"\ncategory = \"our-own\"\nhomepage = \"http://127.0.0.1/\"\nevidence = \"2026-09\"\nnote = \"Ours.\"\n\
                     aliases = [\"twitter\"]\nrecommended = true\nunverified = true\nfloor = \"5s\"\n";
        let set = own(&format!("{INTRANET}{about}{}", INTRANET.replace("intranet", "plain"))).unwrap();
        let [intranet, plain] = set.entries().collect::<Vec<_>>()[..] else { panic!("{set:?}") };
        assert_eq!((intranet.spec.title(), intranet.floor().as_secs()), ("Intranet", 5));
        assert_eq!((plain.spec.title(), plain.floor().as_secs()), ("plain", 1));
        assert_eq!((intranet.file(), intranet.category()), (Some("targets.toml"), None));
        let about = &set.get("intranet").unwrap().target.identity().about;
        assert_eq!((about.title.as_deref(), about.category.as_deref()), (Some("Intranet"), Some("our-own")));
        for entry in [intranet, plain] {
            let identity = set.get(entry.spec.name()).unwrap().target.identity();
            assert_eq!(entry.floor(), identity.floor);
        }
    }

    #[test]
    fn no_target_at_all_is_legal() {
        assert!(own("").unwrap().is_empty());
        assert!(own("# nothing yet\n").unwrap().is_empty());
    }

    #[test]
    fn a_definition_changes_with_what_is_read_and_not_with_where_it_stands() {
        let definition = |text: &str| own(text).unwrap().get("intranet").unwrap().definition.clone();
        assert_eq!(definition(INTRANET), definition(&format!("# a comment\n\n{INTRANET}")));
        assert_ne!(definition(INTRANET), definition(&format!("{INTRANET}include = [\"a\"]\n")));
    }

    #[test]
    fn each_fault_names_file_line_key_and_what_was_expected() {
        let with = |line: &str| format!("# own targets\n{INTRANET}{line}\n");
        let replaced = |from: &str, to: &str| INTRANET.replace(from, to);
        for (text, expected) in [
            (
                with("every = \"soon\""),
                "targets.toml:7: target \"intranet\", every: \"soon\" is not an interval; expected seconds",
            ),
            (with("evry = \"60s\""), "targets.toml:7: evry: unknown field `evry`, expected one of"),
            (with("include = [\"[z\"]"), "targets.toml:7: target \"intranet\", include: \"[z\" is not a glob"),
            (
                with("words = { fine = \"OK\" }"),
                "targets.toml:3: target \"intranet\", words: the format statuspage reads its documents without it; expected it where the format is jq, selectors or rules",
            ),
            (with("covers = \"complete\""), "targets.toml:3: target \"intranet\", covers: the format statuspage"),
            (
                with("jq = \".\""),
                "targets.toml:7: target \"intranet\", jq: the format statuspage reads its documents without it; expected it where the format is jq",
            ),
            (with("include = 5"), "targets.toml:7: include: invalid type"),
            (with("= 5"), "targets.toml:7:"),
            (replaced("intranet", "In Tranet"), "targets.toml:2: target \"In Tranet\", name:"),
            (
                replaced("REST", "JSON"),
                "targets.toml:3: target \"intranet\", type: \"JSON\" is not a type; expected REST, HTML, RSS, PING, TCP or HTTP",
            ),
            (
                replaced("\"statuspage\"", "\"statuspag\""),
                "targets.toml:4: target \"intranet\", format: \"statuspag\" is not a REST format; expected",
            ),
            (replaced("http://", "ftp://"), "targets.toml:5: target \"intranet\", endpoint:"),
            (
                replaced("http://127.0.0.1:9000", "http://${HOST/"),
                "endpoint: \"http://${HOST//x\" has a \"${\" without",
            ),
            (with("auth = { bearer = \"s3cret\" }"), "auth.bearer: it holds the secret itself; expected a reference"),
            (with("auth = { basic = { username = \"u\", password = \"s3cret\" } }"), "auth.basic.password: it holds"),
            (with("auth = \"s3cret\""), "targets.toml:7: auth: invalid type: string, expected"),
            (with("auth = { basic = \"u:s3cret\" }"), "targets.toml:7: auth: invalid type: string, expected"),
            (with("auth = { bearer = s3cret }"), "targets.toml:7: auth: "),
            (with("auth = { bearer = \"${s3cret!}\" }"), "auth.bearer: it has a \"${\" without"),
            (replaced("http://", "http://ann:s3cret@"), "endpoint: it holds a password itself; expected auth"),
            (replaced("http://", "htp://ann:s3cret@"), "endpoint: it is not a web address; expected an absolute"),
            (with("auth = {}"), "targets.toml:7: target \"intranet\", auth: it names none or several"),
            (
                with("auth = { bearer = \"${A}\", header = { name = \"X\", value = \"${B}\" } }"),
                "expected one of bearer, header, basic, oauth2",
            ),
            (
                with("auth = { header = { name = \"a b\", value = \"${A}\" } }"),
                "auth.header.name: \"a b\" is not the name",
            ),
            (
                with("auth = { token = \"${A}\" }"),
                "targets.toml:7: auth: unknown field `token`, expected one of `bearer`",
            ),
            (with("evidence = \"lately\""), "evidence: \"lately\" is not a month; expected a year and a month"),
            (replaced("type = \"REST\"\n", ""), "missing field `type`"),
            (format!("{INTRANET}{INTRANET}"), "targets.toml:7: target \"intranet\", name: the name is taken already"),
        ] {
            let message = own(&text).unwrap_err().to_string();
            assert!(message.contains(expected), "{message:?} does not contain {expected:?}");
            assert!(!message.contains("s3cret"), "{message:?}");
        }
    }

    #[test]
    fn a_target_whose_secret_is_missing_is_a_target() {
        let text =
            INTRANET.replace("http://127.0.0.1:9000/x", "https://${HOST}/x") + "auth = { bearer = \"${TOKEN}\" }\n";
        let set = own(&text).unwrap();
        let identity = set.get("intranet").unwrap().target.identity();
        assert_eq!(identity.endpoint, "https://${HOST}/x", "it is shown as it was written");

        let missing = |environment: &[(&str, &str)]| {
            let environment = environment.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
            let spec = file::read("targets.toml", &text).unwrap().remove(0);
            spec.missing_secret(&Secrets::new(environment, HashMap::new())).map(|error| error.to_string())
        };
        assert!(missing(&[]).unwrap().starts_with("neither HOST nor"));
        assert!(missing(&[("HOST", "h")]).unwrap().starts_with("neither TOKEN nor"));
        assert_eq!(missing(&[("HOST", "h"), ("TOKEN", "t")]), None);
        let spec = file::read("targets.toml", &(text.clone() + "note = \"${NOTE}\"\n")).unwrap().remove(0);
        let all = spec.missing_secrets(&Secrets::default());
        assert_eq!(all, ["HOST", "TOKEN"].map(|name| SecretError::Missing(name.to_owned())));
    }

    #[test]
    fn any_part_of_an_address_may_come_from_a_variable() {
        for address in [
            "${BASE}/api/v2/summary.json",
            "https://${HOST}:${PORT}/x",
            "https://status.${DOMAIN}/x",
            "https://${USER}:${PASSWORD}@status.example/x",
        ] {
            let set =
                own(&INTRANET.replace("http://127.0.0.1:9000/x", address)).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(set.get("intranet").unwrap().target.identity().endpoint, address);
        }
    }

    #[test]
    fn all_faults_are_told_at_once() {
        let text = INTRANET.replace("REST", "JSON").replace("http://", "ftp://");
        assert_eq!(own(&text).unwrap_err().0.len(), 2);
    }
}
