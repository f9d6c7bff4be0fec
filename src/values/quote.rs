//! Pieces of input in messages.

/// The number of characters of a piece of input that a message repeats.
const SHOWN: usize = 60;

/// Returns a piece of input for a message: quoted, escaped and cut.
pub(crate) fn quote(text: &str) -> String {
    let mut shown: String = text.chars().take(SHOWN).flat_map(char::escape_debug).collect();
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    format!("‘{shown}’")
}

/// Returns a piece of input as it is, but cut.
pub(crate) fn cut(text: &str) -> String {
    let mut shown: String = text.chars().take(SHOWN).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}
