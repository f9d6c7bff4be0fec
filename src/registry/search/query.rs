//! The text of a search, as it was typed. Any text is a question; most odd ones find nothing.

use utoipa::openapi::schema::{ObjectBuilder, Type};

use crate::limits::{QUESTION, QUESTION_WORDS};
use crate::values::fold;
use crate::values::{FromText, ParseError};

/// A question to the search index: what a record must hold, and what it must not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchQuery {
    /// All of these must be there.
    pub wanted: Vec<Term>,
    /// None of these may be there.
    pub unwanted: Vec<Term>,
}

/// Folded words that stand side by side in one field: a word, a hyphenated one, or a quoted phrase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// The words.
    pub words: Vec<String>,
    /// True if the last word is the beginning of one.
    pub open: bool,
}

impl Term {
    /// The term as it stands between the bars and spaces of the index; one that is open ends anywhere.
    pub(super) fn pattern(&self) -> String {
        format!("% {}{}%", self.words.join(" "), if self.open { "" } else { " " })
    }
}

impl SearchQuery {
    /// Tells whether nothing is asked: then nothing is found.
    pub fn is_empty(&self) -> bool {
        self.wanted.is_empty() && self.unwanted.is_empty()
    }

    /// Reads what was typed. A term begins after a space, or is in double quotes; `-` before it means that it must not
    /// be there. The last word is taken for the beginning of one, unless it is in closed quotes or must not be there.
    fn read(text: &str) -> Self {
        let mut question = Self::default();
        let mut rest = text.trim_start();
        while !rest.is_empty() {
            let (unwanted, after) = match rest.strip_prefix('-') {
                Some(after) => (true, after),
                None => (false, rest),
            };
            let (piece, closed, after) = match after.strip_prefix(is_quote) {
                Some(quoted) => match quoted.split_once(is_quote) {
                    Some((phrase, after)) => (phrase, true, after),
                    None => (quoted, false, ""),
                },
                None => {
                    let end = after.find(|c: char| c.is_whitespace() || is_quote(c)).unwrap_or(after.len());
                    let (piece, after) = after.split_at(end);
                    (piece, false, after)
                }
            };
            rest = after.trim_start();
            let words: Vec<String> = fold::words(piece).into_iter().map(|word| word.text).collect();
            if words.is_empty() {
                continue;
            }
            for term in &mut question.wanted {
                term.open = false;
            }
            if unwanted {
                question.unwanted.push(Term { words, open: false });
            } else {
                question.wanted.push(Term { words, open: !closed });
            }
        }
        question
    }
}

fn is_quote(character: char) -> bool {
    matches!(character, '"' | '“' | '”' | '„' | '«' | '»')
}

impl FromText for SearchQuery {
    fn parse(text: &str) -> Result<Self, ParseError> {
        if text.trim().is_empty() {
            return Err(ParseError::new("required", "something to search for is wanted"));
        }
        let length = text.chars().count();
        if length > QUESTION {
            return Err(ParseError::new(
                "too_long",
                format!("at most {QUESTION} characters are searched for, not {length}"),
            ));
        }
        let words = text.split_whitespace().count();
        if words > QUESTION_WORDS {
            return Err(ParseError::new(
                "too_long",
                format!("at most {QUESTION_WORDS} words are searched for, not {words}"),
            ));
        }
        Ok(Self::read(text))
    }

    fn text_schema() -> ObjectBuilder {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(1))
            .max_length(Some(QUESTION))
            .pattern(Some(format!("^\\s*\\S+(\\s+\\S+){{0,{}}}\\s*$", QUESTION_WORDS - 1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A question in short: phrases joined by `_`, `*` where open, `-` where unwanted.
    fn short(text: &str) -> String {
        let question = SearchQuery::parse(text).unwrap();
        let term =
            |sign: &str, term: &Term| format!("{sign}{}{}", term.words.join("_"), if term.open { "*" } else { "" });
        let wanted = question.wanted.iter().map(|one| term("", one));
        let unwanted = question.unwanted.iter().map(|one| term("-", one));
        wanted.chain(unwanted).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn terms_are_read_as_they_are_meant() {
        for (text, terms) in [
            ("venus", "venus*"),
            ("  Earth  Observ", "earth observ*"),
            ("États-Un", "etats_un*"),
            ("\"earth observation\" clim", "earth_observation clim*"),
            ("\"earth observation\"", "earth_observation"),
            ("\"earth obs", "earth_obs*"),
            ("mars -rover", "mars -rover"),
            ("-rover mars", "mars* -rover"),
            ("-\"ground segment\"", "-ground_segment"),
            ("« coopération spatiale »", "cooperation_spatiale"),
            ("a\"b c\"d", "a b_c d*"),
            ("mars - rover !", "mars rover*"),
            ("--mars", "-mars"),
            ("NEAR(a b) AND OR NOT *", "near_a b and or not*"),
            ("names:venus ^x + {y}", "names_venus x y*"),
            ("' \" \\ % _ ; --", ""),
        ] {
            assert_eq!(short(text), terms, "{text}");
        }
    }

    #[test]
    fn only_length_is_refused() {
        for (text, code) in [("", "required"), (" \t ", "required")] {
            assert_eq!(SearchQuery::parse(text).unwrap_err().code, code);
        }
        assert!(SearchQuery::parse(&"é".repeat(QUESTION)).is_ok());
        assert_eq!(SearchQuery::parse(&"é".repeat(QUESTION + 1)).unwrap_err().code, "too_long");
        assert!(SearchQuery::parse(&"a ".repeat(QUESTION_WORDS)).is_ok());
        assert_eq!(SearchQuery::parse(&"a ".repeat(QUESTION_WORDS + 1)).unwrap_err().code, "too_long");
    }

    proptest! {
        #[test]
        fn anything_is_a_question(text in any::<String>()) {
            let question = SearchQuery::read(&text);
            let terms = question.wanted.iter().chain(&question.unwanted);
            prop_assert!(terms.clone().all(|term| !term.words.is_empty()));
            prop_assert!(terms.filter(|term| term.open).count() <= 1);
        }
    }
}
