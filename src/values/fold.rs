//! Folded text: what searching compares. Case, accents, ligatures and the forms of a letter fall away, and so do the
//! marks between words: `VENµS` is `venus`, `l’État-nation` is `etat nation`. Both databases keep the same folded
//! words, so that they find the same.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// The number of characters of a word that count: no index takes words of any length.
const WORD_LIMIT: usize = 64;

/// The words that French shortens before a vowel: they are no words to search for.
const ELIDED: [&str; 14] =
    ["l", "d", "j", "m", "t", "s", "n", "c", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu", "presqu"];

/// A folded word, and its place in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// The word, folded: letters, digits and marks that are part of a letter, at most 64.
    pub text: String,
    /// The byte it begins at.
    pub start: usize,
    /// The byte after it.
    pub end: usize,
}

/// Returns the folded words of a text, between single spaces.
pub fn fold(text: &str) -> String {
    let words: Vec<String> = words(text).into_iter().map(|word| word.text).collect();
    words.join(" ")
}

/// Returns the folded words of a text.
pub fn words(text: &str) -> Vec<Word> {
    let mut split = Split::default();
    let mut folded = String::new();
    for (at, character) in text.char_indices() {
        let end = at + character.len_utf8();
        if is_apostrophe(character) {
            split.apostrophe(end);
            continue;
        }
        folded.clear();
        fold_character(character, &mut folded);
        for part in folded.chars() {
            if is_apart(part) {
                split.close();
                split.push(part, at, end);
                split.close();
            } else if part.is_alphanumeric() || is_combining_mark(part) {
                split.push(part, at, end);
            } else {
                split.close();
            }
        }
    }
    split.close();
    split.words
}

/// A text while it is split into words.
#[derive(Default)]
struct Split {
    words: Vec<Word>,
    /// The word under way, and how many characters it has.
    current: Option<(Word, usize)>,
    /// The byte after an apostrophe that follows a word.
    apostrophe: Option<usize>,
}

impl Split {
    fn push(&mut self, part: char, start: usize, end: usize) {
        if self.current.is_none() && self.apostrophe == Some(start) {
            // A letter follows the apostrophe: what stood before it was cut off.
            self.words.pop_if(|word| ELIDED.contains(&word.text.as_str()));
        }
        let (word, length) = self.current.get_or_insert_with(|| (Word { text: String::new(), start, end }, 0));
        if *length < WORD_LIMIT {
            word.text.push(part);
        }
        *length += 1;
        word.end = end;
    }

    fn close(&mut self) {
        let Some((word, _)) = self.current.take() else {
            self.apostrophe = None;
            return;
        };
        // `India’s` is about India.
        let possessive = self.apostrophe == Some(word.start) && word.text == "s" && !self.words.is_empty();
        self.apostrophe = None;
        if !possessive {
            self.words.push(word);
        }
    }

    fn apostrophe(&mut self, end: usize) {
        let after_word = self.current.is_some();
        self.close();
        self.apostrophe = after_word.then_some(end);
    }
}

/// The number of bytes that a sort key has at most: with a code beside it, it fits into an index of PostgreSQL (2,704
/// bytes a row). The end of a very long text may not count: of a title of 1,000 characters in a script of two bytes a
/// letter, or more.
const SORT_KEY_BYTES: usize = 2_500;

/// Returns the key by which people sort a text: first its letters and digits without case, accents and form, words
/// between single spaces; then, after a tab, which comes before every letter, the text itself. Keys compare byte by
/// byte.
pub fn sort_key(text: &str) -> String {
    let mut key = String::with_capacity(text.len() * 2 + 1);
    let mut folded = String::new();
    for character in text.chars() {
        folded.clear();
        match character {
            // The micro sign is written for a u; the Greek letter is a letter.
            'µ' => folded.push('u'),
            'μ' | 'Μ' => folded.push('μ'),
            other => fold_character(other, &mut folded),
        }
        for part in folded.chars() {
            if part.is_alphanumeric() || is_combining_mark(part) {
                key.push(part);
            } else if !key.is_empty() && !key.ends_with(' ') {
                key.push(' ');
            }
        }
    }
    key.truncate(key.trim_end().len());
    // Some of the text itself counts even where its letters fill the key.
    key.truncate(key.floor_char_boundary(SORT_KEY_BYTES * 5 / 6));
    key.push('\t');
    key.push_str(text);
    key.truncate(key.floor_char_boundary(SORT_KEY_BYTES));
    key
}

/// Appends what is left of a character: its letters without case, accents and form.
fn fold_character(character: char, folded: &mut String) {
    if character.is_ascii() {
        folded.push(character.to_ascii_lowercase());
        return;
    }
    if is_sign(character) {
        folded.push(' ');
        return;
    }
    for part in character.to_lowercase().nfkd().flat_map(char::to_lowercase).filter(|part| !is_dropped(*part)) {
        match letters(part) {
            Some(letters) => folded.push_str(letters),
            None => folded.push(part),
        }
    }
}

/// Returns the letters that replace one which no decomposition takes apart. The Greek mu is what the micro sign
/// decomposes to, and people write a u for it.
fn letters(letter: char) -> Option<&'static str> {
    Some(match letter {
        'œ' => "oe",
        'æ' => "ae",
        'ß' => "ss",
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'þ' => "th",
        'ħ' => "h",
        'ŧ' => "t",
        'ı' => "i",
        'ŋ' => "n",
        'μ' => "u",
        'ς' => "σ",
        _ => return None,
    })
}

/// Accents, vowel points that are often left out, and what cannot be seen. Marks that are letters of their own (as in
/// the scripts of India) stay.
fn is_dropped(part: char) -> bool {
    matches!(part,
        '\u{300}'..='\u{36F}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5BD}' | '\u{5BF}' | '\u{5C1}' | '\u{5C2}'
        | '\u{610}'..='\u{61A}' | '\u{64B}'..='\u{65F}' | '\u{670}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}'
        | '\u{20D0}'..='\u{20FF}' | '\u{3099}' | '\u{309A}' | '\u{FE00}'..='\u{FE0F}' | '\u{FE20}'..='\u{FE2F}'
        | '\u{AD}' | '\u{200B}'..='\u{200D}' | '\u{2060}' | '\u{FEFF}')
}

/// Signs that would decompose to letters and grow onto the word before them.
fn is_sign(character: char) -> bool {
    matches!(character, '™' | '℠')
}

fn is_apostrophe(character: char) -> bool {
    matches!(character, '\'' | '’' | '‘' | 'ʼ' | '＇')
}

/// Scripts written without spaces: each character is a word, and a name is found by any part of it.
fn is_apart(part: char) -> bool {
    matches!(part,
        '\u{3041}'..='\u{3096}' | '\u{30A1}'..='\u{30FA}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}'
        | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_looks_alike_is_alike() {
        for (text, folded) in [
            ("VENµS", "venus"),
            ("États-Unis", "etats unis"),
            ("E\u{301}TATS\u{2011}UNIS", "etats unis"),
            ("l’espace d'Œuvre", "espace oeuvre"),
            ("jusqu'à l'ÆON", "a aeon"),
            ("India’s ﬁrst", "india first"),
            ("O'Brien", "o brien"),
            ("l'", "l"),
            ("the 's", "the s"),
            ("Straße, STRASSE", "strasse strasse"),
            ("Sentinel-6B (CO₂)", "sentinel 6b co2"),
            ("İstanbul ısı", "istanbul isi"),
            ("Øresund Łódź Ærø", "oresund lodz aero"),
            ("SWOT™ soft\u{ad}hyphen", "swot softhyphen"),
            ("ΣΊΣΥΦΟΣ", "σισυφοσ"),
            ("宇宙航空", "宇 宙 航 空"),
            ("भारत", "भारत"),
            ("½ a_b c|d", "1 2 a b c d"),
            (" -–— !?*\"% ", ""),
        ] {
            assert_eq!(fold(text), folded, "{text}");
        }
    }

    #[test]
    fn people_find_texts_where_they_look_for_them() {
        let sorted = [
            "  (1) Moon",
            "2 Moons",
            "10 Moons",
            "Ångström Lab",
            "apple",
            "apple orbit",
            "apple-pie",
            "Apples",
            "éclair",
            "Eclipse",
            "Égypte",
            "Émirats arabes unis",
            "États-Unis",
            "Éthiopie",
            "Étoile",
            "ISRO",
            "isro",
            "L’Oréal",
            "Lima",
            "Œuvre",
            "oeuvres",
            "Øresund Lab",
            "Straße",
            "Strasses",
            "VENUS",
            "VENµS",
            "Zebra Space",
            "Λάμδα",
            "Μάλτα",
            "Νάξος",
        ];
        let mut found = sorted;
        found.reverse();
        found.sort_by_key(|text| sort_key(text));
        // Digits are compared one by one.
        let mut expected = sorted;
        expected.swap(1, 2);
        assert_eq!(found, expected);
    }

    #[test]
    fn a_word_is_where_it_stands() {
        let text = "L’État: VENµS";
        let found: Vec<_> = words(text).iter().map(|word| (&text[word.start..word.end], word.text.clone())).collect();
        assert_eq!(found, [("État", "etat".to_owned()), ("VENµS", "venus".to_owned())]);
    }

    #[test]
    fn a_word_ends_somewhere() {
        assert_eq!(fold(&"a".repeat(500)).len(), WORD_LIMIT);
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in "\\PC{0,60}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }

        #[test]
        fn accents_and_case_part_nothing(text in "[a-zà-öø-ÿœ' -]{0,12}", other in "[a-zà-öø-ÿœ' -]{0,12}") {
            let folded = |text: &str| sort_key(text).split('\t').next().unwrap().to_owned();
            prop_assert_eq!(folded(&text.to_uppercase()), folded(&text));
            prop_assert_eq!(folded(&text.nfd().collect::<String>()), folded(&text));
            if folded(&text) == folded(&other) {
                prop_assert_eq!(sort_key(&text).cmp(&sort_key(&other)), text.cmp(&other));
            }
        }

        #[test]
        fn a_sort_key_fits_into_an_index(text in proptest::collection::vec(any::<char>(), 0..1000)) {
            prop_assert!(sort_key(&text.into_iter().collect::<String>()).len() <= SORT_KEY_BYTES);
        }

        #[test]
        fn folded_words_are_safe_in_a_query(text in any::<String>()) {
            for word in words(&text) {
                prop_assert!(word.text.chars().all(|c| c.is_alphanumeric() || is_combining_mark(c)), "{word:?}");
                prop_assert!(!word.text.is_empty() && text.get(word.start..word.end).is_some());
            }
        }

        #[test]
        fn case_and_composition_do_not_matter(text in "[a-zà-öø-ÿœA-ZÀ-ÖØ-ß' -]{0,40}") {
            prop_assert_eq!(fold(&text.to_uppercase()), fold(&text.to_lowercase()));
            prop_assert_eq!(fold(&text.nfd().collect::<String>()), fold(&text.nfc().collect::<String>()));
        }
    }
}
