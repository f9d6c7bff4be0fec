//! The words of a Rust file without its comments and texts, each with its line.

/// A word, a number or one character of a Rust file. `::` is one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Token {
    pub(crate) text: String,
    pub(crate) line: usize,
}

/// The source with spaces in place of comments, texts and characters: as long, with the same lines.
pub(crate) fn without_texts(source: &str) -> String {
    let chars: Vec<char> = source.chars().collect();
    let mut code = String::with_capacity(source.len());
    let mut at = 0;
    while at < chars.len() {
        let end = if starts(&chars, at, "//") {
            find(&chars, at, |at| chars[at] == '\n')
        } else if starts(&chars, at, "/*") {
            end_of_block_comment(&chars, at)
        } else if let Some(end) = end_of_raw_text(&chars, at) {
            end
        } else if chars[at] == '"' {
            end_of_text(&chars, at)
        } else if chars[at] == '\'' {
            end_of_character(&chars, at)
        } else {
            at
        };
        if end == at {
            code.push(chars[at]);
            at += 1;
            continue;
        }
        code.extend(chars[at..end].iter().map(|&c| if c == '\n' { '\n' } else { ' ' }));
        at = end;
    }
    code
}

fn starts(chars: &[char], at: usize, text: &str) -> bool {
    text.chars().enumerate().all(|(index, c)| chars.get(at + index) == Some(&c))
}

fn find(chars: &[char], from: usize, is_end: impl Fn(usize) -> bool) -> usize {
    (from..chars.len()).find(|&at| is_end(at)).unwrap_or(chars.len())
}

fn end_of_block_comment(chars: &[char], from: usize) -> usize {
    (find(chars, from + 2, |at| starts(chars, at, "*/")) + 2).min(chars.len())
}

/// The end of a text such as `r#"…"#`, if one begins here.
fn end_of_raw_text(chars: &[char], from: usize) -> Option<usize> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    if from.checked_sub(1).is_some_and(|before| is_word(chars[before]) && chars[before] != 'b') || chars[from] != 'r' {
        return None;
    }
    let marks = chars[from + 1..].iter().take_while(|&&c| c == '#').count();
    (chars.get(from + 1 + marks) == Some(&'"')).then(|| {
        let end = format!("\"{}", "#".repeat(marks));
        (find(chars, from + 2 + marks, |at| starts(chars, at, &end)) + end.len()).min(chars.len())
    })
}

fn end_of_text(chars: &[char], from: usize) -> usize {
    let mut at = from + 1;
    while at < chars.len() && chars[at] != '"' {
        at += if chars[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(chars.len())
}

/// The end of `'x'`; a lifetime is left as it is.
fn end_of_character(chars: &[char], from: usize) -> usize {
    match (chars.get(from + 1), chars.get(from + 2)) {
        (Some('\\'), _) => (find(chars, from + 3, |at| chars[at] == '\'') + 1).min(chars.len()),
        (Some(_), Some('\'')) => from + 3,
        _ => from,
    }
}

/// The words of the source.
pub(crate) fn tokens(source: &str) -> Vec<Token> {
    let code: Vec<char> = without_texts(source).chars().collect();
    let (mut found, mut line, mut at) = (Vec::new(), 1, 0);
    while at < code.len() {
        let is_word = |at: usize| code[at].is_alphanumeric() || code[at] == '_';
        let end = if is_word(at) {
            find(&code, at, |at| !is_word(at))
        } else if starts(&code, at, "::") {
            at + 2
        } else {
            at + 1
        };
        if code[at] == '\n' {
            line += 1;
        } else if !code[at].is_whitespace() {
            found.push(Token { text: code[at..end].iter().collect(), line });
        }
        at = end;
    }
    found
}

#[test]
fn texts_and_comments_are_no_words() {
    let source = "let a = \"x::\\\"y\"; // b::c\nf('\"', 'l, r#\"d\"e\"#, '\\'', br\"x\"); /* g\n */ h::i";
    let words: Vec<String> = tokens(source).iter().map(|token| format!("{}{}", token.text, token.line)).collect();
    assert_eq!(words.join(" "), "let1 a1 =1 ;1 f2 (2 ,2 '2 l2 ,2 ,2 ,2 b2 )2 ;2 h3 ::3 i3");
}
