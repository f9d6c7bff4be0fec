//! Rules for the repository itself: the direction of its modules, its migrations, the form of files and comments.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

mod comments;
mod graph;
mod size;
mod tokens;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below a directory with this extension.
fn files(directory: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|found| found == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The modules in the order of the list in the crate's documentation.
fn layers() -> Vec<String> {
    let lib = read(&root().join("src/lib.rs"));
    let listed: Vec<String> = lib
        .lines()
        .filter_map(|line| line.strip_prefix("//! - [`")?.split_once("`]").map(|(name, _)| name.to_owned()))
        .collect();
    let declared: BTreeSet<_> = lib
        .lines()
        .filter_map(|line| {
            line.strip_prefix("pub mod ").or(line.strip_prefix("mod "))?.strip_suffix(';').map(str::to_owned)
        })
        .collect();
    assert_eq!(listed.iter().cloned().collect::<BTreeSet<_>>(), declared, "src/lib.rs lists every module, once");
    assert_eq!(listed.len(), declared.len());
    listed
}

/// The modules that a source file names: `crate::db::…`, `use crate::{db, error::Error};`.
fn modules_used(source: &str) -> BTreeSet<String> {
    let code: String =
        source.lines().filter(|line| !line.trim_start().starts_with("//")).map(|line| format!("{line}\n")).collect();
    let mut used = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        // `$crate::` in a macro is the same crate.
        let rest = &code[at + "crate::".len()..];
        let word = |text: &str| -> String { text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect() };
        let Some(group) = rest.strip_prefix('{') else {
            used.insert(word(rest));
            continue;
        };
        let (mut depth, mut begins) = (0, true);
        for (index, c) in group.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => begins = true,
                c if begins && !c.is_whitespace() => {
                    used.insert(word(&group[index..]));
                    begins = false;
                }
                _ => {}
            }
        }
    }
    used
}

#[test]
fn a_module_uses_only_modules_above_it() {
    let layers = layers();
    let height = |name: &str| layers.iter().position(|layer| layer == name);
    let mut wrong = Vec::new();
    for path in files(&root().join("src"), "rs") {
        let relative = path.strip_prefix(root().join("src")).unwrap();
        let first = relative.components().next().unwrap().as_os_str().to_str().unwrap();
        let Some(own) = height(first.trim_end_matches(".rs")) else { continue };
        for used in modules_used(&read(&path)) {
            if height(&used).is_some_and(|used| used > own) {
                wrong.push(format!("src/{} uses {used}", relative.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "modules use what is below them in src/lib.rs:\n{}", wrong.join("\n"));
}

#[test]
fn modules_are_found_in_every_form_of_use() {
    let source = "use crate::{db::{Db, x}, error::Error,\n    http};\n// crate::comment\nlet x = crate::cli::run(); $crate::values::y";
    let expected = ["cli", "db", "error", "http", "values"].map(str::to_owned);
    assert_eq!(modules_used(source), expected.into());
}

#[test]
fn both_databases_have_the_same_migrations() {
    let names = |side: &str| -> BTreeSet<String> {
        let directories = std::fs::read_dir(root().join("migrations").join(side)).unwrap();
        directories.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    };
    let (sqlite, postgres) = (names("sqlite"), names("postgres"));
    assert_eq!(sqlite, postgres);
    assert!(!sqlite.is_empty());
    for side in ["sqlite", "postgres"] {
        for name in &sqlite {
            for file in ["up.sql", "down.sql"] {
                let path = root().join("migrations").join(side).join(name).join(file);
                assert!(!read(&path).trim().is_empty(), "{} says nothing", path.display());
            }
        }
    }
}

/// The names behind a keyword in a migration.
fn named(sql: &str, keyword: &str) -> BTreeSet<String> {
    let after = sql.match_indices(keyword).map(|(at, _)| sql[at + keyword.len()..].trim_start());
    after.map(|text| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()).collect()
}

#[test]
fn both_databases_have_the_same_tables_and_indexes() {
    for path in files(&root().join("migrations/sqlite"), "sql") {
        let relative = path.strip_prefix(root().join("migrations/sqlite")).unwrap();
        let (sqlite, postgres) = (read(&path), read(&root().join("migrations/postgres").join(relative)));
        for keyword in ["CREATE TABLE", "CREATE INDEX", "DROP TABLE"] {
            let mut both = [named(&sqlite, keyword), named(&postgres, keyword)];
            // The index of words is a virtual table on SQLite, an index and a function on PostgreSQL.
            both.iter_mut().for_each(|names| {
                names.retain(|name| !["search_words", "search_index_by_words"].contains(&name.as_str()))
            });
            assert_eq!(both[0], both[1], "{keyword} in {}", relative.display());
        }
    }
}

#[test]
fn every_file_begins_with_what_it_is_for() {
    let all = ["src", "tests"].into_iter().flat_map(|directory| files(&root().join(directory), "rs"));
    let silent: Vec<_> = all
        .filter(|path| {
            !read(path).lines().next().is_some_and(|line| line.len() > "//! ".len() && line.starts_with("//! "))
        })
        .map(|path| path.strip_prefix(root()).unwrap().display().to_string())
        .collect();
    assert!(silent.is_empty(), "no `//!` in the first line of\n{}", silent.join("\n"));
}

/// The documents that a text names: `rules.md 7` and `docs/metrics.md`, but no address and no file name that is made
/// up.
fn documents_named(source: &str) -> BTreeSet<String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "_-./".contains(c);
    let comments = source.lines().filter_map(|line| line.split_once("//").map(|(_, comment)| comment));
    comments
        .flat_map(|comment| comment.split(|c| !is_part(c)))
        .map(|word| word.trim_end_matches('.'))
        .filter(|word| word.len() > ".md".len() && word.ends_with(".md") && !word.starts_with("//"))
        .map(str::to_owned)
        .collect()
}

#[test]
fn comments_name_only_documents_of_the_repository() {
    let mut missing = Vec::new();
    for path in ["src", "tests"].into_iter().flat_map(|directory| files(&root().join(directory), "rs")) {
        for document in documents_named(&read(&path)) {
            let found = ["", "docs/"].iter().any(|folder| root().join(folder).join(&document).is_file());
            if !found {
                missing.push(format!("{}: {document}", path.strip_prefix(root()).unwrap().display()));
            }
        }
    }
    assert!(missing.is_empty(), "documents that are not in the repository:\n{}", missing.join("\n"));
}

#[test]
fn documents_are_found_in_comments() {
    let source = "let name = \"README.md\"; // `docs/metrics.md`\n/// As rules 7 (rules.md 7).";
    assert_eq!(documents_named(source), ["docs/metrics.md", "rules.md"].map(str::to_owned).into());
}

/// Tells whether a text cites a section of the contract that the program was first written to, which is not in the
/// repository. In two parts, so that this file does not cite it.
fn cites_the_contract(text: &str) -> bool {
    text.to_lowercase().contains(concat!("contract", " §"))
}

#[test]
fn no_text_cites_the_contract_that_is_not_in_the_repository() {
    let folders = ["src", "tests", "docs"].map(|folder| root().join(folder));
    let all = folders.iter().flat_map(|folder| ["rs", "md", "py"].map(|extension| files(folder, extension))).flatten();
    let citing: Vec<_> = all
        .filter(|path| cites_the_contract(&read(path)))
        .map(|path| path.strip_prefix(root()).unwrap().display().to_string())
        .collect();
    assert!(citing.is_empty(), "say the rule itself in\n{}", citing.join("\n"));
    assert!(cites_the_contract(concat!("//! Errors (Contract", " §8): always a problem.")));
    assert!(!cites_the_contract("//! The contract of a collection (RFC 9110 §13)."));
}

/// The compiler denies it elsewhere; an exception would be a line in a file.
#[test]
fn one_module_has_unsafe_code() {
    let exceptions = |source: &str| source.contains("unsafe_code");
    let files = files(&root().join("src"), "rs").into_iter().filter(|path| exceptions(&read(path)));
    let names: Vec<String> = files.map(|path| path.strip_prefix(root()).unwrap().display().to_string()).collect();
    assert_eq!(names, ["src/db/progress.rs"]);
    assert!(read(&root().join("Cargo.toml")).contains("\nunsafe_code = \"deny\"\n"));
}
