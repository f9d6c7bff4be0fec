//! English articles, for texts that are made from the names of kinds.

/// Returns the words of a name such as `partner_type`, with the indefinite article: `a partner type`, `an agreement`.
pub fn with_article(name: &str) -> String {
    let article = if name.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {}", name.replace('_', " "))
}
