//! The text by which records are compared that may be kept twice: the name with all that people write differently left
//! out.
//!
//! Two names are equal or nearly so when these texts are the same. Words are folded as searching folds them (case,
//! accents, punctuation), small words and legal forms are left out, and the order of the others does not matter. A
//! name with at least [`LONG`] consonants is compared by its consonants alone, letters that sound alike being one:
//! `Organisation` is `Organization`, `Laboratory` is `Labratory`, `Programme` is `Program`. Numbers always count:
//! Jason-1 is not Jason-2. A record is thus compared with those of the same text and never with all others.

use crate::values::fold::fold;

/// The least number of consonants of a name that is compared by them: shorter ones have too much in common by chance.
const LONG: usize = 8;

/// Words that a name has or has not, as it comes: small ones in English and French, and legal forms.
const LEFT_OUT: [&str; 36] = [
    "a",
    "an",
    "and",
    "at",
    "de",
    "des",
    "du",
    "en",
    "et",
    "for",
    "la",
    "le",
    "les",
    "of",
    "on",
    "the",
    "to",
    "und",
    "ag",
    "bv",
    "co",
    "corp",
    "corporation",
    "gmbh",
    "inc",
    "limited",
    "llc",
    "ltd",
    "plc",
    "pte",
    "pty",
    "sa",
    "sarl",
    "sas",
    "spa",
    "srl",
];

/// Returns the text by which a record of this name is compared with others of the same scope (organisations of one
/// nation). `None` for a name without a letter or digit.
pub(super) fn likeness(scope: &str, name: &str) -> Option<String> {
    let words = content_words(name);
    if words.is_empty() {
        return None;
    }
    let skeleton: Vec<String> = words.iter().map(|word| consonants(word)).collect();
    let long = skeleton.iter().flat_map(|word| word.chars()).filter(char::is_ascii_lowercase).count() >= LONG;
    let text = if long { sorted(skeleton) } else { words.join(" ") };
    Some(format!("{scope}|{text}"))
}

/// Returns the folded words of a name without small ones and legal forms, unless it has no others, in an order of their
/// own.
pub(super) fn content_words(name: &str) -> Vec<String> {
    let folded = fold(name);
    let mut words: Vec<String> = folded.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect();
    if words.iter().any(|word| !LEFT_OUT.contains(&word.as_str())) {
        words.retain(|word| !LEFT_OUT.contains(&word.as_str()));
    }
    words.sort_unstable();
    words
}

fn sorted(mut words: Vec<String>) -> String {
    words.retain(|word| !word.is_empty());
    words.sort_unstable();
    words.join(" ")
}

/// Returns a word without its vowels, doubled letters once, letters that sound alike as one. Other than Latin letters
/// stay.
fn consonants(word: &str) -> String {
    let mut kept = String::with_capacity(word.len());
    let mut before = None;
    let word = word.replace("ph", "f");
    let mut letters = word.chars().peekable();
    while let Some(letter) = letters.next() {
        let sound = match letter {
            'a' | 'e' | 'i' | 'o' | 'u' | 'y' | 'h' => None,
            'c' if matches!(letters.peek(), Some('e' | 'i' | 'y')) => Some('s'),
            'z' => Some('s'),
            'c' | 'q' => Some('k'),
            'w' => Some('v'),
            other => Some(other),
        };
        if let Some(sound) = sound
            && (before != Some(sound) || sound.is_numeric())
        {
            kept.push(sound);
        }
        before = sound.or(before);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_name_written_otherwise_is_alike() {
        for (one, other) in [
            ("Indian Space Research Organisation", "Indian Space Research Organization"),
            ("Jet Propulsion Laboratory", "JET PROPULSION LABRATORY"),
            ("Centre national d’études spatiales", "Centre National d'Etudes Spatiales"),
            ("Thales Alenia Space", "Space, Thales-Alenia"),
            ("Airbus Defence and Space GmbH", "Airbus Defense & Space"),
            ("ACME Ltd.", "Acme"),
            ("The Who", "who"),
        ] {
            assert_eq!(likeness("IN", one), likeness("IN", other), "{one} {other}");
        }
    }

    #[test]
    fn other_names_are_not() {
        for (one, other) in [
            ("Jason-1", "Jason-2"),
            ("Sentinel-6 Michael Freilich", "Sentinel-6B Michael Freilich"),
            ("Mars", "Moors"),
            ("Observatory of the Moon 2020", "Observatory of the Moon 2021"),
            ("Institute of Physics", "Institute of Chemistry"),
            ("Mission 11 constellation", "Mission 1 constellation"),
        ] {
            assert_ne!(likeness("", one), likeness("", other), "{one} {other}");
        }
        assert_ne!(likeness("IN", "Space Agency"), likeness("FR", "Space Agency"));
        assert_eq!(likeness("IN", "…"), None);
    }
}
