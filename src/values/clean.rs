//! Clean text: line breaks are LF, characters that hide or reorder others are gone or refused, composed (NFC), trimmed.
//!
//! Invisible characters make two names that look alike differ, so they are taken out: those that Unicode calls
//! `Default_Ignorable_Code_Point` (DerivedCoreProperties.txt, UAX #44), the annotation characters and the
//! noncharacters. An invisible character stays where the spelling or the reading of a language depends on it:
//!
//! - U+200C and U+200D: Persian, Sinhala, the scripts of India, emoji (Unicode 17, chapters 9, 12 and 23.2);
//! - U+200E and U+200F: the directional marks of mixed text (UAX #9, section 2.6);
//! - U+034F between two marks: it keeps their order, as in Hebrew (chapter 23.2);
//! - variation selectors after a character that has variants (StandardizedVariants.txt, emoji-variation-sequences.txt),
//!   those of U+E0100 on after an ideograph (UTS #37), the Mongolian ones after a Mongolian letter (chapter 13.5);
//! - the shorthand controls U+1BCA0 to U+1BCA3 after a Duployan letter (chapter 21.6).
//!
//! The Hangul fillers and the inherent vowels of Khmer are taken out: Unicode discourages the latter, and the former
//! mean letters that are absent. So are soft hyphens, which only tell where a line may break, and tag characters,
//! although the flags of three parts of the United Kingdom are spelled with them.

use std::borrow::Cow;

use unicode_normalization::char::is_combining_mark;
use unicode_normalization::{UnicodeNormalization as _, is_nfc};

/// Returns the text as it is kept.
///
/// # Errors
/// The first character that no text may hold.
pub(super) fn clean(text: &str) -> Result<String, char> {
    if text.bytes().all(|byte| matches!(byte, b'\n' | b'\t' | b' '..=b'~')) {
        return Ok(text.trim().to_owned());
    }
    let lines = line_feeds(text);
    if let Some(refused) = lines.chars().find(|&c| is_refused(c)) {
        return Err(refused);
    }
    let composed = settled(&lines).trim().to_owned();
    Ok(if is_blank(&composed) { String::new() } else { composed })
}

/// Composes the text and takes out what cannot be seen until neither changes it: a mark that is composed with its
/// letter no longer needs the invisible character behind it. A letter takes few marks, so this ends after few rounds.
fn settled(text: &str) -> String {
    let mut text = compose(text).into_owned();
    loop {
        let next = compose(&visible(&text)).into_owned();
        if next == text {
            return text;
        }
        text = next;
    }
}

/// Tells whether nothing of a text can be seen. A refused character is not blank.
pub(super) fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || (is_invisible(c) && !is_refused(c)))
}

/// Returns the text without the characters that [`clean`] takes out.
fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_invisible) {
        return Cow::Borrowed(text);
    }
    let mut kept = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        if !is_invisible(c) || is_needed(c, kept.chars().next_back(), rest.peek().copied()) {
            kept.push(c);
        }
    }
    Cow::Owned(kept)
}

/// Tells whether a character makes a text read as another (Unicode TR 36), the two harmless marks included.
pub(crate) fn is_bidirectional_control(c: char) -> bool {
    is_mark(c) || matches!(c, '\u{061C}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// LEFT-TO-RIGHT MARK and RIGHT-TO-LEFT MARK: the text between them is read as without them, only placed better.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{200E}' | '\u{200F}')
}

fn is_refused(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t') || (is_bidirectional_control(c) && !is_mark(c))
}

fn line_feeds(text: &str) -> Cow<'_, str> {
    if text.contains('\r') { Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n")) } else { Cow::Borrowed(text) }
}

fn compose(text: &str) -> Cow<'_, str> {
    if is_nfc(text) { Cow::Borrowed(text) } else { Cow::Owned(text.nfc().collect()) }
}

const GRAPHEME_JOINER: char = '\u{034F}';

/// Tells whether a character cannot be seen by itself: `Default_Ignorable_Code_Point`, annotations, noncharacters.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | GRAPHEME_JOINER | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}'
        | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
        || is_noncharacter(c)
}

/// Tells whether a code point is one of the 66 that are no characters and never will be (Unicode 17, chapter 23.7).
fn is_noncharacter(c: char) -> bool {
    let code = u32::from(c);
    matches!(code, 0xFDD0..=0xFDEF) || code & 0xFFFE == 0xFFFE
}

/// Tells whether an invisible character matters between these two.
fn is_needed(c: char, before: Option<char>, after: Option<char>) -> bool {
    let follows = |test: fn(char) -> bool| before.is_some_and(test);
    match c {
        '\u{200C}'..='\u{200F}' => true,
        GRAPHEME_JOINER => follows(is_visible_mark) && after.is_some_and(is_visible_mark),
        '\u{180B}'..='\u{180F}' => follows(|c| matches!(c, '\u{1820}'..='\u{18AA}')),
        '\u{FE00}'..='\u{FE0F}' => follows(has_variants),
        '\u{1BCA0}'..='\u{1BCA3}' => follows(|c| matches!(c, '\u{1BC00}'..='\u{1BC99}')),
        '\u{E0100}'..='\u{E01EF}' => follows(is_ideograph),
        _ => false,
    }
}

fn is_visible_mark(c: char) -> bool {
    is_combining_mark(c) && !is_invisible(c)
}

/// Symbols, digits that become emoji, ideographs, Burmese and the rarer scripts: not the letters that most names
/// consist of.
fn has_variants(c: char) -> bool {
    matches!(c, '0'..='9' | '#' | '*' | '©' | '®' | '\u{1000}'..='\u{109F}')
        || (c >= '\u{2010}' && !c.is_whitespace() && !is_invisible(c))
}

fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFD}')
}

/// Returns the pattern (ECMA 262) of a text without characters that are refused.
pub fn plain_text_pattern() -> &'static str {
    r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u202a-\u202e\u2066-\u2069]*$"
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn invisible_characters_that_no_language_needs_are_removed() {
        let removed = "\u{FEFF}\u{200B}\u{2060}\u{AD}\u{2061}\u{2064}\u{206A}\u{206F}\u{FFF9}\u{FFFA}\u{FFFB}\u{115F}\u{3164}\
                       \u{FFA0}\u{17B4}\u{1D173}\u{E0001}\u{E0041}\u{E007F}\u{E0100}\u{FE0F}\u{FE00}\u{180E}\u{180B}\u{34F}";
        for c in removed.chars() {
            for text in [format!("{c}Blue Lagoon"), format!("Blue{c} Lagoon"), format!("Blue Lago{c}on{c}")] {
                assert_eq!(clean(&text).unwrap(), "Blue Lagoon", "U+{:04X}", u32::from(c));
            }
        }
    }

    #[test]
    fn all_66_noncharacters_are_removed() {
        let all: String = ('\0'..=char::MAX).filter(|&c| is_noncharacter(c)).collect();
        assert_eq!(all.chars().count(), 66);
        assert_eq!(clean(&format!("a{all}b")).unwrap(), "ab");
    }

    #[test]
    fn what_languages_and_emoji_need_stays() {
        for text in [
            "می\u{200C}خواهم",
            "ශ්\u{200D}රී",
            "👩\u{200D}🚀",
            "❤\u{FE0F}",
            "1\u{FE0F}\u{20E3}",
            "ISRO\u{200E} (\u{200F}إسرو)",
            "葛\u{E0100}城",
            "ᠠ\u{180B}ᠨ\u{180E}ᠠ",
            "က\u{FE00}",
            "ש\u{5BC}\u{34F}\u{5C1}",
        ] {
            assert_eq!(clean(text).unwrap(), text.nfc().collect::<String>(), "{text}");
        }
    }

    #[test]
    fn line_breaks_are_line_feeds() {
        assert_eq!(clean("a\r\nb\rc\n\rd\r\n").unwrap(), "a\nb\nc\n\nd");
    }

    #[test]
    fn what_cannot_be_seen_is_empty() {
        for text in ["", " \u{FEFF}", "\u{200B}\u{200D}", "\u{200E}", "\u{3164}", "\r\n", "\u{A0}\u{FE0F}\u{E0041}"] {
            assert_eq!(clean(text).unwrap(), "", "{text:?}");
            assert!(is_blank(text), "{text:?}");
        }
        assert!(!is_blank("\u{202E}") && !is_blank("\0") && !is_blank("\u{200D}a"));
    }

    #[test]
    fn removal_lets_characters_compose() {
        assert_eq!(clean("E\u{200B}\u{301}tats\u{FEFF} ").unwrap(), "États");
        assert_eq!(clean("Ω\u{200B}\u{301}\u{34F}\u{301}").unwrap(), "Ώ\u{301}");
    }

    proptest! {
        #[test]
        fn cleaning_twice_changes_nothing(text in any::<String>(), noise in "[a\u{301}Ω\u{2126}\u{FE00}\u{34F}\u{5BC}\u{200B}\u{200D}ᠠ\u{180B}葛\u{E0100}\u{A0}]{0,12}") {
            for text in [text, noise] {
                if let Ok(once) = clean(&text) {
                    prop_assert_eq!(clean(&once).unwrap(), once);
                }
            }
        }

        #[test]
        fn clean_text_is_blank_exactly_when_it_is_empty(text in "[ \u{FEFF}\u{200D}\u{200E}\u{FE0F}a❤]{0,4}") {
            prop_assert_eq!(clean(&text).unwrap().is_empty(), is_blank(&text));
        }
    }
}
