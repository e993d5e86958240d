//! Which targets there are: the built-in catalog and the user's own files.
//!
//! The catalog is TOML compiled into the binary, one file per category beside this one. A user's file has the same
//! shape and wins by name.

mod file;
mod selection;
mod source;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::Duration;

pub(crate) use file::line_of;
pub use file::{TargetsError, TargetsFault};
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
    Category { name: "cdn-dns", toml: include_str!("cdn-dns.toml") },
    Category { name: "ci-cd", toml: include_str!("ci-cd.toml") },
    Category { name: "cloud", toml: include_str!("cloud.toml") },
    Category { name: "code", toml: include_str!("code.toml") },
    Category { name: "collaboration", toml: include_str!("collaboration.toml") },
    Category { name: "communication", toml: include_str!("communication.toml") },
    Category { name: "productivity", toml: include_str!("productivity.toml") },
];

/// How often a public source may be asked at the most, whatever the interval.
const FLOOR: Duration = Duration::from_mins(1);

/// The targets of a process, ordered by name.
#[derive(Clone, Debug, Default)]
pub struct TargetSet(BTreeMap<String, Configured>);

impl TargetSet {
    /// The targets, ordered by name.
    pub fn iter(&self) -> impl Iterator<Item = &Configured> {
        self.0.values()
    }

    /// A target by its name.
    pub fn get(&self, name: &str) -> Option<&Configured> {
        self.0.get(name)
    }

    /// A target by its name or an alias.
    pub fn find(&self, name: &str) -> Option<&Configured> {
        self.get(name).or_else(|| self.iter().find(|configured| configured.aliases.iter().any(|alias| alias == name)))
    }

    /// How many there are. None at all is legal.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The targets that a selection of the catalog and the user's files (path and text) come to.
///
/// # Errors
/// [`TargetsError`] names every fault of every file; then there is no set at all.
pub fn assemble(selection: &Selection, files: &[(PathBuf, String)]) -> Result<TargetSet, TargetsError> {
    let mut set = BTreeMap::new();
    let mut faults = Vec::new();
    for entry in entries()?.iter().filter(|entry| selection.takes(entry)) {
        match entry.build() {
            Ok(configured) => drop(set.insert(entry.spec.name().to_owned(), configured)),
            Err(TargetsError(found)) => faults.extend(found),
        }
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
                    match spec.build(interval::SHORTEST) {
                        Ok(configured) => drop(set.insert(spec.name().to_owned(), configured)),
                        Err(found) => faults.extend(file::locate(&shown, text, spec.name(), found)),
                    }
                }
            }
            Err(found) => faults.push(found),
        }
    }
    if faults.is_empty() { Ok(TargetSet(set)) } else { Err(TargetsError(faults)) }
}

/// An entry of the built-in catalog.
#[derive(Debug)]
pub struct Entry {
    /// The category: its file's name.
    pub category: &'static str,
    /// What stands in the file.
    pub spec: TargetSpec,
}

impl Entry {
    /// The shortest interval that the source is asked at.
    ///
    /// # Errors
    /// As [`Entry::build`].
    pub fn floor(&self) -> Result<Duration, TargetsError> {
        Ok(self.build()?.target.identity().floor)
    }

    /// The target that it describes.
    ///
    /// # Errors
    /// [`TargetsError`] if it has a fault: then the binary was built with a broken catalog.
    pub fn build(&self) -> Result<Configured, TargetsError> {
        self.spec.build(FLOOR).map_err(|found| {
            let category = CATEGORIES.iter().find(|category| category.name == self.category);
            let (file, text) = category.map_or_else(Default::default, |one| (one.file(), one.toml));
            TargetsError(file::locate(&file, text, self.spec.name(), found))
        })
    }
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
            entries.extend(specs.into_iter().map(|spec| Entry { category: category.name, spec }));
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
    Ok(named.or_else(|| entries.iter().find(|entry| entry.spec.aliases().any(|alias| alias == name))))
}

/// The names of the categories.
pub fn categories() -> impl Iterator<Item = &'static str> {
    CATEGORIES.iter().map(|category| category.name)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeSet, HashMap};

    use super::*;
    use crate::schema::Kind;
    use crate::secrets::Secrets;

    fn own(text: &str) -> Result<TargetSet, TargetsError> {
        assemble(&Selection::None, &[(PathBuf::from("targets.toml"), text.to_owned())])
    }

    const INTRANET: &str = "[[target]]\nname = \"intranet\"\ntype = \"REST\"\nformat = \"statuspage\"\n\
                            endpoint = \"http://127.0.0.1:9000/x\"\n";

    #[test]
    fn every_built_in_entry_is_a_target_with_a_name_of_its_own() {
        let entries = entries().unwrap();
        let names: BTreeSet<_> = entries.iter().map(|entry| entry.spec.name()).collect();
        assert_eq!(names.len(), entries.len(), "a name is repeated");
        let set = assemble(&Selection::All, &[]).unwrap();
        assert_eq!(set.len(), entries.len());
        assert!(set.iter().all(|configured| configured.target.identity().floor == FLOOR));
    }

    #[test]
    fn the_services_of_the_mission_are_built_in_with_the_transport_it_names() {
        let set = assemble(&Selection::Recommended, &[]).unwrap();
        for (name, kind) in [
            ("github", Kind::Rest),
            ("zoom", Kind::Rest),
            ("bitbucket", Kind::Rest),
            ("gitlab", Kind::Html),
            ("gcp", Kind::Rss),
            ("google-workspace", Kind::Rest),
            ("aws", Kind::Rss),
            ("azure-devops", Kind::Rest),
            ("slack", Kind::Rest),
            ("cloudflare", Kind::Rest),
            ("atlassian", Kind::Rest),
            ("discord", Kind::Rest),
            ("digitalocean", Kind::Rest),
            ("anthropic", Kind::Rest),
            ("openai", Kind::Rest),
            ("pypi", Kind::Rest),
            ("npm", Kind::Rest),
        ] {
            assert_eq!(set.get(name).map(|found| found.target.identity().kind), Some(kind), "{name}");
        }
    }

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
            (with("include = 5"), "targets.toml:7: include: invalid type"),
            (with("= 5"), "targets.toml:7:"),
            (replaced("intranet", "In Tranet"), "targets.toml:2: target \"In Tranet\", name:"),
            (
                replaced("REST", "JSON"),
                "targets.toml:3: target \"intranet\", type: \"JSON\" is not a type; expected REST, HTML or RSS",
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
    }

    #[test]
    fn all_faults_are_told_at_once() {
        let text = INTRANET.replace("REST", "JSON").replace("http://", "ftp://");
        assert_eq!(own(&text).unwrap_err().0.len(), 2);
    }
}
