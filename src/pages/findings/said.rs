//! The details of findings in the reader's language. The API has them in English; only a day or codes vary in them.

use crate::pages::language::Language;
use crate::pages::texts::Texts;

/// The beginning of each detail of the API, and the key of its text.
const DETAILS: [(&str, &str); 16] = [
    ("its agreements have ended: ", "found-agreements-ended"),
    ("no agreement names it", "found-no-agreement"),
    ("all its projects are over: ", "found-projects-over"),
    ("none of its areas is one of ", "found-areas"),
    ("a party must speak by ", "found-due"),
    ("a party had to speak by ", "found-overdue"),
    ("signed on a day that is not known", "found-end-and-day-unknown"),
    ("signed on ", "found-end-unknown"),
    ("its launch was planned for ", "found-launch"),
    ("it goes by nearly the same name as ", "found-alike"),
    ("no organisation of the agency answers for it", "found-no-responsible"),
    ("it names no source", "found-no-source"),
    ("it was to end on ", "found-after-end"),
    ("none of its agreements names ", "found-not-covered"),
    ("it has never been reviewed", "found-no-review"),
    ("its last review was on ", "found-stale"),
];

/// A detail, and the language that it is in where that is not the page's.
pub(super) struct Said {
    pub(super) text: String,
    pub(super) language: Option<&'static str>,
}

impl Said {
    /// Translates a detail of the API.
    pub(super) fn of(t: Texts, detail: &str, nations: &[(String, String)]) -> Self {
        let english = || Self {
            text: detail.to_owned(),
            language: (t.language() != Language::English).then_some(Language::English.tag()),
        };
        // That a nation is a partner is what the rule says already.
        if detail.starts_with("a partner (") {
            return Self { text: String::new(), language: None };
        }
        let found = DETAILS.iter().find_map(|(begin, key)| Some((key, detail.strip_prefix(begin)?)));
        found.map_or_else(english, |(key, rest)| Self { text: t.s(key, varying(t, rest, nations)), language: None })
    }
}

/// Translates the part that varies: one day, or codes, nations by their names.
fn varying(t: Texts, rest: &str, nations: &[(String, String)]) -> String {
    let day: String = rest.chars().take_while(|c| c.is_ascii_digit() || *c == '-').collect();
    if day.len() >= 4 && day.chars().take(4).all(|c| c.is_ascii_digit()) {
        return t.date(&day);
    }
    let name = |code: &str| {
        let nation = nations.iter().find(|(known, _)| known == code);
        nation.map_or_else(|| code.to_owned(), |(_, name)| name.clone())
    };
    rest.split(", ").map(name).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_nations_are_said_in_the_language_of_the_page() {
        let nations = [("BR".to_owned(), "Brésil".to_owned())];
        let said = |detail: &str| Said::of(Texts::new(Language::French), detail, &nations);
        assert!(said("its launch was planned for 2021-03").text.ends_with("mars 2021"));
        assert!(said("none of its agreements names BR, IN").text.ends_with("Brésil, IN"));
        assert!(said("signed on 2011, and neither its expiry nor its term is known").text.contains("2011"));
        assert_eq!(said("something that no page has heard of").language, Some("en"));
    }

    #[test]
    fn every_beginning_has_a_text_in_both_languages() {
        for (_, key) in DETAILS {
            for language in Language::ALL {
                let keys = crate::pages::texts::keys(language.tag());
                assert!(keys.iter().any(|known| known == key), "{key} in {}", language.tag());
            }
        }
    }
}
