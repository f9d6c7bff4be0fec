//! The form of comments: the first word of a doc line, the length of a comment, the attributes beside it.

use super::{files, read, root};

/// Words that begin a doc line whose subject comes last: "What is kept of an answer".
const INVERTED: [&str; 7] = ["What", "Who", "Whose", "Whoever", "Whether", "Nobody", "Somebody"];
/// The number of columns that rustfmt keeps code within.
const COLUMNS: usize = 120;
/// Words for people and programs that have a better name.
const VAGUE: [&str; 5] = ["whoever", "somebody", "anybody", "everybody", "nobody"];

/// The lines of a source, from 1, that a rule refuses.
fn refused(source: &str, rule: impl Fn(&str) -> bool) -> Vec<usize> {
    source.lines().enumerate().filter(|(_, line)| rule(line.trim())).map(|(index, _)| index + 1).collect()
}

fn begins_inverted(line: &str) -> bool {
    let text = ["/// ", "//! "].into_iter().find_map(|mark| line.strip_prefix(mark));
    let word = text.and_then(|text| text.split(|c: char| !c.is_alphabetic()).next());
    word.is_some_and(|word| INVERTED.contains(&word))
}

/// An attribute that allows a lint for ever, where `expect` would say when it is not needed any more.
fn allows_a_lint(line: &str) -> bool {
    let is_attribute = line.starts_with("#[") || line.starts_with("#![");
    is_attribute && (line.contains("[allow(") || line.contains(", allow("))
}

/// Every place in the Rust files of some folders that a rule for whole sources refuses.
fn places(folders: &[&str], find: impl Fn(&str) -> Vec<usize>) -> String {
    let all = folders.iter().flat_map(|folder| files(&root().join(folder), "rs"));
    let places = all.flat_map(|path| {
        let shown = path.strip_prefix(root()).unwrap().display().to_string();
        find(&read(&path)).into_iter().map(move |line| format!("{shown}:{line}"))
    });
    places.collect::<Vec<_>>().join("\n")
}

#[test]
fn no_doc_line_begins_with_what_or_who() {
    let found = places(&["src", "tests"], |source| refused(source, begins_inverted));
    assert!(found.is_empty(), "begin with a noun for a thing, with a verb for a function:\n{found}");
}

#[test]
fn no_comment_is_longer_than_120_columns() {
    let long = |source: &str| {
        let lines = source.lines().enumerate();
        let is_long = |line: &str| line.trim().starts_with("//") && line.chars().count() > COLUMNS;
        lines.filter(|(_, line)| is_long(line)).map(|(index, _)| index + 1).collect()
    };
    assert_eq!(long(&format!("    // {}\nlet x = 1;\n// short", "a".repeat(COLUMNS))), [1]);
    let found = places(&["src", "tests", "fuzz", "bench"], long);
    assert!(found.is_empty(), "comments of more than {COLUMNS} columns:\n{found}");
}

/// Those have a name: a caller, a user, a reader, another instance.
#[test]
fn comments_say_who_it_is() {
    let vague = |source: &str| {
        let comment = |line: &str| line.trim().starts_with("//").then(|| line.to_lowercase());
        let is_vague = |line: &str| comment(line).is_some_and(|line| VAGUE.iter().any(|word| line.contains(word)));
        source.lines().enumerate().filter(|(_, line)| is_vague(line)).map(|(index, _)| index + 1).collect()
    };
    assert_eq!(vague("// Whoever asks.\nlet somebody = 1;\n/// A caller."), [1]);
    let found = places(&["src", "tests"], vague);
    assert!(found.is_empty(), "say who it is:\n{found}");
}

#[test]
fn no_lint_is_allowed_for_ever() {
    let found = places(&["src", "tests", "fuzz", "bench"], |source| refused(source, allows_a_lint));
    assert!(found.is_empty(), "write `expect` instead of `allow`:\n{found}");
}

#[test]
fn inverted_doc_lines_and_allowed_lints_are_found() {
    let source =
        "//! Who calls.\n/// A caller. What\n    /// What's kept.\n// Who\n/// Whoever\n/// Whole.\n/// Whether so";
    assert_eq!(refused(source, begins_inverted), [1, 3, 5, 7]);
    let source = "#[expect(x)]\n#![allow(\n    #[cfg_attr(not(y), allow(dead_code))]\nallow(x);\n#[allow(x)] fn f()";
    assert_eq!(refused(source, allows_a_lint), [2, 3, 5]);
}
