//! The texts of pages: Fluent files, one a language. A text has a key; templates hold keys and no text.

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use super::language::Language;
use crate::analytics::labels;

const ENGLISH: &str = include_str!("texts/en.ftl");
const FRENCH: &str = include_str!("texts/fr.ftl");

type Bundle = FluentBundle<FluentResource>;

static BUNDLES: LazyLock<[Bundle; 2]> = LazyLock::new(|| Language::ALL.map(bundle));

fn source(language: Language) -> &'static str {
    match language {
        Language::English => ENGLISH,
        Language::French => FRENCH,
    }
}

fn bundle(language: Language) -> Bundle {
    let tag: LanguageIdentifier = language.tag().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![tag]);
    // An inserted value is in its own element where its direction matters; marks would be copied with the text.
    bundle.set_use_isolating(false);
    // A text that cannot be read is left out, and the test of the keys fails.
    let resource = FluentResource::try_new(source(language).to_owned()).unwrap_or_else(|(resource, _)| resource);
    bundle.add_resource_overriding(resource);
    bundle
}

/// Returns the keys of a language, in the order of its file.
pub fn keys(language: &str) -> Vec<String> {
    let text = Language::of_tag(language).map(source).unwrap_or_default();
    let key = |line: &str| {
        let (key, _) = line.split_once(" =")?;
        key.starts_with(|c: char| c.is_ascii_lowercase()).then(|| key.to_owned())
    };
    text.lines().filter_map(key).collect()
}

/// Returns the text of a key in a language, where it can be said without arguments.
pub fn says(language: &str, key: &str) -> Option<String> {
    let language = Language::of_tag(language)?;
    let texts = Texts::new(language);
    texts.find(key, None)
}

/// The texts of pages in one language.
#[derive(Clone, Copy, Debug)]
pub(super) struct Texts {
    language: Language,
}

impl Texts {
    /// Returns the texts of a language.
    pub(super) fn new(language: Language) -> Self {
        Self { language }
    }

    /// Returns the language.
    pub(super) fn language(self) -> Language {
        self.language
    }

    fn find(self, key: &str, args: Option<&FluentArgs<'_>>) -> Option<String> {
        let [english, french] = &*BUNDLES;
        let bundle = match self.language {
            Language::English => english,
            Language::French => french,
        };
        let pattern = bundle.get_message(key)?.value()?;
        Some(bundle.format_pattern(pattern, args, &mut Vec::new()).into_owned())
    }

    /// Returns a text.
    pub(super) fn get(self, key: &str) -> String {
        self.find(key, None).unwrap_or_else(|| key.to_owned())
    }

    /// Returns a text about a number: `$n` chooses its form, `$shown` shows it.
    pub(super) fn n(self, key: &str, n: i64) -> String {
        self.with(key, &[], &[("n", n)])
    }

    /// Returns a text with another text in it, `$x`.
    pub(super) fn s(self, key: &str, x: impl AsRef<str>) -> String {
        self.with(key, &[("x", x.as_ref())], &[])
    }

    /// Returns a text with texts and numbers in it; a number `n` is also there as it is shown, as `n_shown`; of `n`
    /// alone that is `shown`, too.
    pub(super) fn with(self, key: &str, texts: &[(&str, &str)], numbers: &[(&str, i64)]) -> String {
        let mut args = FluentArgs::new();
        for (name, text) in texts {
            args.set(*name, FluentValue::from(*text));
        }
        for (name, number) in numbers {
            args.set(*name, FluentValue::from(*number as f64));
            args.set(format!("{name}_shown"), FluentValue::from(self.number(*number)));
            if *name == "n" {
                args.set("shown", FluentValue::from(self.number(*number)));
            }
        }
        self.find(key, Some(&args)).unwrap_or_else(|| key.to_owned())
    }

    /// Returns a number with its groups of three digits apart.
    pub(super) fn number(self, number: i64) -> String {
        let digits = number.unsigned_abs().to_string();
        let separator = match self.language {
            Language::English => ',',
            Language::French => '\u{202F}',
        };
        let mut shown = String::new();
        if number < 0 {
            shown.push('\u{2212}');
        }
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                shown.push(separator);
            }
            shown.push(digit);
        }
        shown
    }

    /// Returns a date as precise as it is known: `28 Nov 2025`, `Nov 2025`, `2025`.
    pub(super) fn date(self, text: &str) -> String {
        let mut parts = text.split('-');
        let (year, month, day) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
        let month = month.map(|month| self.get(&format!("month-{}", month.trim_start_matches('0'))));
        let first = self.language == Language::French && day == Some("01");
        let day = if first { Some("1er") } else { day.map(|day| day.trim_start_matches('0')) };
        [day, month.as_deref(), Some(year)].into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    /// Returns a time of day in UTC: `28 Nov 2025, 09:30`.
    pub(super) fn time(self, text: &str) -> String {
        let (date, time) = text.split_once('T').unwrap_or((text, ""));
        let minutes: String = time.chars().take(5).collect();
        if minutes.is_empty() { self.date(date) } else { format!("{}, {minutes} UTC", self.date(date)) }
    }

    /// Returns a moment as `as_of` has it.
    pub(super) fn moment(self, text: &str) -> String {
        match text.strip_prefix('r') {
            Some(revision) => self.s("past-revision", revision),
            None => self.time(text),
        }
    }

    /// Returns the name of a field.
    pub(super) fn field(self, name: &str) -> String {
        let key = format!("field-{}", name.replace('_', "-"));
        self.find(&key, None).unwrap_or_else(|| name.replace('_', " "))
    }

    /// Returns the name of a word of an enumeration, or of a region.
    pub(super) fn word(self, word: &str) -> String {
        self.label(&labels::word(word))
    }

    /// Returns a label in this language.
    pub(super) fn label(self, label: &labels::Label) -> String {
        match self.language {
            Language::English => label.en.clone(),
            Language::French => label.fr.clone(),
        }
    }

    /// Returns the field of names in this language.
    pub(super) fn name_field(self) -> &'static str {
        match self.language {
            Language::English => "name_en",
            Language::French => "name_fr",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_dates_are_written_as_each_language_does() {
        let (en, fr) = (Texts::new(Language::English), Texts::new(Language::French));
        assert_eq!(en.number(1_234_567), "1,234,567");
        assert_eq!(fr.number(-1_234), "\u{2212}1\u{202F}234");
        assert_eq!(en.number(0), "0");
        assert_eq!(en.date("2025-11-08"), "8 Nov 2025");
        assert_eq!(fr.date("2025-11-01"), "1er nov. 2025");
        assert_eq!(fr.date("2025-02"), "févr. 2025");
        assert_eq!(en.date("1992"), "1992");
        assert_eq!(en.time("2026-11-23T12:01:09.000000Z"), "23 Nov 2026, 12:01 UTC");
        assert_eq!(en.moment("r42"), "revision 42");
    }

    #[test]
    fn nothing_is_singular_in_french_and_plural_in_english() {
        let (en, fr) = (Texts::new(Language::English), Texts::new(Language::French));
        assert_eq!(en.n("count-projects", 0), "0 projects");
        assert_eq!(fr.n("count-projects", 0), "0 projet");
        assert_eq!(fr.n("count-projects", 2), "2 projets");
    }

    #[test]
    fn both_languages_have_every_key_and_each_text_can_be_read() {
        assert_eq!(keys("en"), keys("fr"));
        for language in Language::ALL {
            let read = FluentResource::try_new(source(language).to_owned());
            assert!(read.is_ok(), "{}: {:?}", language.tag(), read.err().map(|(_, errors)| errors));
        }
    }
}
