//! The size of files and functions.

use super::tokens::{Token, tokens};
use super::{files, read, root};

/// The largest number of lines of a file.
const FILE: usize = 400;
/// The largest number of lines of a function.
const FUNCTION: usize = 60;

/// The functions of a source that are too long: name, first line, number of lines.
fn long_functions(source: &str) -> Vec<(String, usize, usize)> {
    let tokens = tokens(source);
    let starts = (0..tokens.len()).filter(|&at| tokens[at].text == "fn");
    let measured = starts.filter_map(|at| {
        let (first, name) = (tokens[at].line, tokens.get(at + 1)?.text.clone());
        Some((name, first, end_of_body(&tokens, at)? - first + 1))
    });
    measured.filter(|(_, _, lines)| *lines > FUNCTION).collect()
}

/// The line on which the body of a function ends, where it has one. A type such as `fn(u8)` has none.
fn end_of_body(tokens: &[Token], function: usize) -> Option<usize> {
    let (mut depth, mut braces) = (0i32, 0);
    for token in &tokens[function..] {
        match token.text.as_str() {
            "(" | "[" => depth += 1,
            ")" | "]" if depth == 0 && braces == 0 => return None,
            ")" | "]" => depth -= 1,
            ";" | "," | "=" if depth == 0 && braces == 0 => return None,
            "{" => braces += 1,
            "}" if braces == 0 => return None,
            "}" => {
                braces -= 1;
                if braces == 0 {
                    return Some(token.line);
                }
            }
            _ => {}
        }
    }
    None
}

#[test]
fn no_file_exceeds_400_lines() {
    let all = ["src", "tests"].into_iter().flat_map(|directory| files(&root().join(directory), "rs"));
    let long: Vec<_> = all
        .filter_map(|path| {
            let lines = read(&path).lines().count();
            (lines > FILE).then(|| format!("{}: {lines} lines", path.strip_prefix(root()).unwrap().display()))
        })
        .collect();
    assert!(long.is_empty(), "find the second thing in\n{}", long.join("\n"));
}

#[test]
fn no_function_exceeds_60_lines() {
    let all = ["src", "tests", "fuzz", "bench"].into_iter().flat_map(|directory| files(&root().join(directory), "rs"));
    let long: Vec<_> = all
        .flat_map(|path| {
            let shown = path.strip_prefix(root()).unwrap().display().to_string();
            let describe = move |(name, line, lines)| format!("{shown}:{line}: {name} has {lines} lines");
            long_functions(&read(&path)).into_iter().map(describe)
        })
        .collect();
    assert!(long.is_empty(), "find the second thing in\n{}", long.join("\n"));
}

#[test]
fn long_functions_are_found() {
    let body = "    let text = \"}\"; // }\n".repeat(FUNCTION - 1);
    let source = format!(
        "struct S {{ f: fn(u8) -> u8, }}\nfn long<T: Fn() -> u8>(a: [u8; 2]) -> T where T: X {{\n{body}}}\nfn short() {{\n}}\n\
         trait T {{ fn none(&self); }}"
    );
    assert_eq!(long_functions(&source), [("long".to_owned(), 2, FUNCTION + 1)]);
    assert_eq!(long_functions(&source.replacen("    let text = \"}\"; // }\n", "", 1)), []);
}
