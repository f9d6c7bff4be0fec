//! The language of a page: what the address says, else what it said last time (a cookie), else what the browser
//! prefers.

use actix_web::HttpRequest;
use actix_web::http::header::ACCEPT_LANGUAGE;

use super::cookies;

/// A language that pages are in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) enum Language {
    /// English.
    #[default]
    English,
    /// French.
    French,
}

impl Language {
    /// Every language.
    pub(super) const ALL: [Self; 2] = [Self::English, Self::French];

    /// Its tag (BCP 47).
    pub(super) fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::French => "fr",
        }
    }

    /// Returns the language of a tag, whatever follows the primary subtag.
    pub(super) fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.split('-').next().unwrap_or_default().trim();
        Self::ALL.into_iter().find(|language| language.tag().eq_ignore_ascii_case(primary))
    }

    /// Returns the language of a request; `asked` is what the address says.
    pub(super) fn of(request: &HttpRequest, asked: Option<Self>) -> Self {
        let remembered = || cookies::read(request, cookies::LANGUAGE).and_then(|tag| Self::of_tag(&tag));
        let accepted = || {
            let header = request.headers().get(ACCEPT_LANGUAGE)?.to_str().ok()?;
            Self::preferred(header)
        };
        asked.or_else(remembered).or_else(accepted).unwrap_or_default()
    }

    /// Returns the first of our languages in the order of an `Accept-Language` header (RFC 9110 §12.5.4).
    fn preferred(header: &str) -> Option<Self> {
        let mut ranges: Vec<(f32, Self)> = header
            .split(',')
            .filter_map(|range| {
                let mut parts = range.split(';');
                let language = Self::of_tag(parts.next()?.trim())?;
                let weight = parts.find_map(|part| part.trim().strip_prefix("q=")?.parse().ok()).unwrap_or(1.0);
                (weight > 0.0).then_some((weight, language))
            })
            .collect();
        // A stable sort: of equal weights the first one counts.
        ranges.sort_by(|a, b| b.0.total_cmp(&a.0));
        ranges.first().map(|(_, language)| *language)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_heaviest_language_that_we_have_is_preferred() {
        for (header, expected) in [
            ("fr-CA,fr;q=0.9,en;q=0.8", Some(Language::French)),
            ("de,en;q=0.5,fr;q=0.4", Some(Language::English)),
            ("en;q=0.1, FR;q=0.2", Some(Language::French)),
            ("fr;q=0, en", Some(Language::English)),
            ("de, *", None),
            ("", None),
        ] {
            assert_eq!(Language::preferred(header), expected, "{header}");
        }
    }
}
