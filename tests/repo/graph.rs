//! The import graph of files has no circles: what a file uses never uses the file.

use std::collections::{BTreeMap, BTreeSet};

use super::tokens::{Token, tokens};
use super::{files, read, root};

/// The path of a module from the root of the crate: `["db", "pool"]`.
type ModulePath = Vec<String>;

/// Which file uses which, and in which lines.
type Graph = BTreeMap<String, BTreeMap<String, BTreeSet<usize>>>;

/// The module of a file below `src`: `db/pool.rs` and `db/mod.rs` are `db::pool` and `db`.
fn module_of(file: &str) -> ModulePath {
    let mut path: ModulePath = file.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if path.last().is_some_and(|name| ["mod", "lib", "main"].contains(&name.as_str())) {
        path.pop();
    }
    path
}

/// The paths that begin at `at`, each as its names; a group in braces gives several.
fn paths_from(tokens: &[Token], at: &mut usize, prefix: &[String], found: &mut Vec<(ModulePath, usize)>) {
    let mut path = prefix.to_vec();
    while let Some(token) = tokens.get(*at) {
        if token.text == "{" {
            *at += 1;
            while tokens.get(*at).is_some_and(|token| token.text != "}") {
                if tokens[*at].text == "," || tokens[*at].text == "as" {
                    *at += if tokens[*at].text == "as" { 2 } else { 1 };
                } else {
                    paths_from(tokens, at, &path, found);
                }
            }
            *at += 1;
            return;
        }
        path.push(token.text.clone());
        *at += 1;
        if tokens.get(*at).is_none_or(|token| token.text != "::") {
            found.push((path, token.line));
            return;
        }
        *at += 1;
    }
}

/// The module that a path of names begins in, from the module that it is written in.
fn absolute(path: &[String], here: &[String], children: &BTreeSet<String>) -> Option<ModulePath> {
    let mut base = here.to_vec();
    let mut rest = path;
    match path.first()?.as_str() {
        "crate" => base.clear(),
        "self" => {}
        "super" => {
            base.pop();
        }
        child if children.contains(child) => {
            base.push(child.to_owned());
        }
        _ => return None,
    }
    rest = &rest[1..];
    while rest.first().is_some_and(|name| name == "super") {
        base.pop();
        rest = &rest[1..];
    }
    base.extend(rest.iter().cloned());
    Some(base)
}

/// The modules that a file names, with the lines.
fn paths_in(source: &str, module: &[String]) -> Vec<(ModulePath, usize)> {
    let tokens = tokens(source);
    let is = |at: usize, text: &str| tokens.get(at).is_some_and(|token| token.text == text);
    let children: BTreeSet<String> = (0..tokens.len())
        .filter(|&at| is(at, "mod") && is(at + 2, ";"))
        .map(|at| tokens[at + 1].text.clone())
        .collect();
    let mut found = Vec::new();
    // Modules within the file, and the depth of braces at which each ends.
    let mut inner: Vec<(String, usize)> = Vec::new();
    let (mut depth, mut at) = (0, 0);
    while at < tokens.len() {
        // `pub(in crate::http)` says who may use it, and uses nothing.
        let begins =
            is(at + 1, "::") && (at == 0 || !(is(at - 1, "::") || is(at.wrapping_sub(2), "(") && is(at - 1, "in")));
        if is(at, "mod") && is(at + 2, "{") && is_for_tests(&tokens[..at]) {
            at = end_of_braces(&tokens, at + 2);
        } else if is(at, "mod") && is(at + 2, "{") {
            inner.push((tokens[at + 1].text.clone(), depth));
            at += 2;
        } else if begins {
            let here: ModulePath = module.iter().chain(inner.iter().map(|(name, _)| name)).cloned().collect();
            let own = if inner.is_empty() { &children } else { &BTreeSet::new() };
            let (mut end, mut named) = (at, Vec::new());
            paths_from(&tokens, &mut end, &[], &mut named);
            found.extend(named.into_iter().filter_map(|(path, line)| Some((absolute(&path, &here, own)?, line))));
            // Paths in the angle brackets or braces of a type are looked at again.
            at += 1;
        } else {
            match tokens[at].text.as_str() {
                "{" => depth += 1,
                "}" => {
                    depth = depth.saturating_sub(1);
                    inner.pop_if(|(_, begin)| *begin == depth);
                }
                _ => {}
            }
            at += 1;
        }
    }
    found
}

/// Tells whether the attribute that ends here makes an item one of tests. A unit test may use what is above its file.
fn is_for_tests(before: &[Token]) -> bool {
    let words = ["#", "[", "cfg", "(", "test", ")", "]"];
    before.len() >= words.len() && before[before.len() - words.len()..].iter().map(|token| &token.text).eq(words)
}

/// The place behind the brace that closes the one at `at`.
fn end_of_braces(tokens: &[Token], at: usize) -> usize {
    let mut depth = 0;
    for (index, token) in tokens.iter().enumerate().skip(at) {
        match token.text.as_str() {
            "{" => depth += 1,
            "}" if depth == 1 => return index + 1,
            "}" => depth -= 1,
            _ => {}
        }
    }
    tokens.len()
}

/// The import graph of files, each with its source.
fn graph(sources: &BTreeMap<String, String>) -> Graph {
    let modules: BTreeMap<ModulePath, &String> = sources.keys().map(|file| (module_of(file), file)).collect();
    let mut graph = Graph::new();
    for (file, source) in sources {
        let uses = graph.entry(file.clone()).or_default();
        for (path, line) in paths_in(source, &module_of(file)) {
            let used = (0..=path.len()).rev().find_map(|length| modules.get(&path[..length]));
            if let Some(&used) = used.filter(|used| **used != file) {
                uses.entry(used.clone()).or_default().insert(line);
            }
        }
    }
    graph
}

/// The files that can be reached from a file.
fn reachable<'a>(graph: &'a Graph, from: &'a str) -> BTreeSet<&'a str> {
    let (mut found, mut open) = (BTreeSet::new(), vec![from]);
    while let Some(file) = open.pop() {
        open.extend(graph[file].keys().map(String::as_str).filter(|used| found.insert(*used)));
    }
    found
}

/// The circles: the largest sets of files of which each uses, in the end, each of the others.
fn circles(graph: &Graph) -> Vec<BTreeSet<&str>> {
    let reach: BTreeMap<&str, BTreeSet<&str>> =
        graph.keys().map(|file| (file.as_str(), reachable(graph, file))).collect();
    let mut found: Vec<BTreeSet<&str>> = Vec::new();
    for (&file, reached) in reach.iter().filter(|(file, reached)| reached.contains(*file)) {
        if !found.iter().any(|circle| circle.contains(file)) {
            found.push(reached.iter().copied().filter(|other| reach[other].contains(file)).collect());
        }
    }
    found
}

/// A circle as text: each use between its files.
fn described(graph: &Graph, circle: &BTreeSet<&str>) -> String {
    let mut text = format!("a circle of {} files:\n", circle.len());
    for &file in circle {
        for (used, lines) in graph[file].iter().filter(|(used, _)| circle.contains(used.as_str())) {
            let lines: Vec<String> = lines.iter().map(usize::to_string).collect();
            text.push_str(&format!("  src/{file}:{} uses {used}\n", lines.join(",")));
        }
    }
    text
}

#[test]
fn the_import_graph_of_files_is_acyclic() {
    let source_folder = root().join("src");
    let sources: BTreeMap<String, String> = files(&source_folder, "rs")
        .iter()
        .map(|path| (path.strip_prefix(&source_folder).unwrap().to_str().unwrap().to_owned(), read(path)))
        .filter(|(file, _)| file != "main.rs")
        .collect();
    let graph = graph(&sources);
    let found: Vec<String> = circles(&graph).iter().map(|circle| described(&graph, circle)).collect();
    assert!(found.is_empty(), "{} circles between files\n{}", found.len(), found.join("\n"));
}

#[test]
fn circles_are_found() {
    let sources = [
        ("lib.rs", "pub mod a;\npub mod b;"),
        ("a/mod.rs", "mod x;\nmod y;\npub use x::{X, Z as W};"),
        ("a/x.rs", "use super::y::{self, Y};\n// crate::b::B\n#[cfg(test)] mod tests { use crate::c::{C}; { } }"),
        ("a/y.rs", "fn f() -> Option<crate::b::B> { \"crate::a::x\" }"),
        ("c.rs", "use crate::a::x;"),
        ("b.rs", "use crate::{error::Error, a::{\n W}};"),
    ];
    let sources = sources.map(|(file, source)| (file.to_owned(), source.to_owned())).into();
    let graph = graph(&sources);
    let found = circles(&graph);
    assert_eq!(found, [BTreeSet::from(["a/mod.rs", "a/x.rs", "a/y.rs", "b.rs"])]);
    assert!(described(&graph, &found[0]).contains("src/b.rs:2 uses a/mod.rs"));
    let mut without = sources.clone();
    without.insert("b.rs".to_owned(), String::new());
    assert_eq!(circles(&super::graph::graph(&without)), Vec::<BTreeSet<&str>>::new());
}
