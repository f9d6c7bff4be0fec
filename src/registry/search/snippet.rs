//! The text around a match, as it was written.

use serde_json::Value;

use super::fields::{SearchFields, texts_of};
use super::query::{SearchQuery, Term};
use crate::values::fold::{Word, words};

/// How many characters a snippet has at most, the dots where it is cut not counted.
const LENGTH: usize = 200;
/// How many of them stand before the match.
const BEFORE: usize = 60;

/// The text around the first match: in a text, else in a name that is not the title; else the beginning of the first
/// text. Plain text in one line, without marks; a page that shows it escapes it as any text.
pub(super) fn snippet(document: &Value, searched: SearchFields, question: &SearchQuery) -> String {
    let texts = |name: &&'static str| texts_of(document, name);
    let names = searched.names.iter().filter(|name| **name != searched.title && **name != "code");
    let fields: Vec<&str> = searched.texts.iter().chain(names).flat_map(texts).collect();
    let found = fields.iter().find_map(|text| Some((*text, first_match(text, question)?)));
    match found {
        Some((text, at)) => cut(text, at),
        None => searched.texts.iter().flat_map(texts).next().map(|text| cut(text, 0)).unwrap_or_default(),
    }
}

/// The byte at which the first term in a text begins.
fn first_match(text: &str, question: &SearchQuery) -> Option<usize> {
    let words = words(text);
    let starts = question.wanted.iter().filter_map(|term| {
        let at = words.windows(term.words.len()).find(|window| is_term(window, term))?;
        at.first().map(|word| word.start)
    });
    starts.min()
}

fn is_term(window: &[Word], term: &Term) -> bool {
    let last = term.words.len().saturating_sub(1);
    window.iter().zip(&term.words).enumerate().all(|(place, (word, wanted))| {
        word.text == *wanted || (term.open && place == last && word.text.starts_with(wanted.as_str()))
    })
}

/// A piece of the text around a byte: whole words where they are not too long, on one line, with `…` where it is cut.
fn cut(text: &str, at: usize) -> String {
    let start = match text.get(..at).and_then(|before| before.char_indices().rev().nth(BEFORE)) {
        // From the next word on: the piece begins with a whole one.
        Some((byte, _)) => text.get(byte..at).and_then(|piece| piece.find(' ')).map_or(at, |space| byte + space + 1),
        None => 0,
    };
    let rest = text.get(start..).unwrap_or_default();
    let end = match rest.char_indices().nth(LENGTH) {
        Some((byte, _)) => {
            let piece = rest.get(..byte).unwrap_or_default();
            // Not before the match itself.
            start + piece.rfind(' ').filter(|space| start + space > at).unwrap_or(byte)
        }
        None => text.len(),
    };
    let piece = text.get(start..end).unwrap_or_default();
    let line = piece.split_whitespace().collect::<Vec<_>>().join(" ");
    let (before, after) = (if start > 0 { "…" } else { "" }, if end < text.len() { "…" } else { "" });
    format!("{before}{line}{after}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::FromText as _;
    use proptest::prelude::*;
    use serde_json::json;

    const FIELDS: SearchFields =
        SearchFields { title: "name_en", names: &["code", "name_en", "name_fr"], texts: &["notes", "agency"] };

    fn of(document: &Value, question: &str) -> String {
        snippet(document, FIELDS, &SearchQuery::parse(question).unwrap())
    }

    #[test]
    fn a_snippet_shows_where_the_match_is() {
        let document = json!({
            "code": "US", "name_en": "United States", "name_fr": "États-Unis", "notes": "First\npartner  of all.", "agency": "NASA"
        });
        assert_eq!(of(&document, "partn"), "First partner of all.");
        assert_eq!(of(&document, "nasa"), "NASA");
        assert_eq!(of(&document, "etats-un"), "États-Unis");
        assert_eq!(of(&document, "united"), "First partner of all.");
        assert_eq!(of(&json!({ "code": "US", "name_en": "United States" }), "united"), "");
    }

    #[test]
    fn a_long_text_is_cut_at_words_around_the_match() {
        let text = format!("{}l’Œuvre spatiale {}", "avant ".repeat(40), "ensuite ".repeat(40));
        let snippet = of(&json!({ "notes": text }), "oeuvre");
        assert!(snippet.starts_with("…avant ") && snippet.ends_with(" ensuite…"), "{snippet}");
        assert!(snippet.contains("l’Œuvre spatiale") && snippet.chars().count() <= LENGTH + 2, "{snippet}");
    }

    proptest! {
        #[test]
        fn a_snippet_is_short_and_of_the_text(text in "\\PC{0,500}", question in "[a-zé]{1,3}") {
            let snippet = of(&json!({ "notes": text }), &question);
            prop_assert!(snippet.chars().count() <= LENGTH + 2);
            let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
            prop_assert!(line.contains(snippet.trim_start_matches('…').trim_end_matches('…')), "{snippet}");
        }
    }
}
