//! The reason why a name is like another.

/// The reason why a record is a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// A name looks like the text.
    Similar,
    /// A name sounds like the text: the same consonants.
    Spelling,
    /// A name has the same words, in another order or without small ones.
    Words,
    /// A name is the text without what qualifies it, such as its country.
    Qualified,
    /// A name is the text, but for spaces.
    Spaces,
    /// A name is the text.
    Exact,
}

impl How {
    /// Returns the score of a candidate that was found in this way.
    pub(super) fn score(self) -> u8 {
        match self {
            Self::Exact => 100,
            Self::Spaces => 98,
            Self::Qualified => 97,
            Self::Words => 96,
            Self::Spelling => 90,
            // At most; it falls with the likeness.
            Self::Similar => 88,
        }
    }

    /// Tells whether a record that was found so is certainly the one that is meant, where no other one is found so.
    pub(super) fn is_sure(self) -> bool {
        matches!(self, Self::Exact | Self::Spaces | Self::Qualified | Self::Words)
    }

    /// Returns the reason in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Exact => "it is a name",
            Self::Spaces => "it is a name but for spaces",
            Self::Qualified => "it is a name with something beside it",
            Self::Words => "it has the words of a name",
            Self::Spelling => "it sounds like a name",
            Self::Similar => "it looks like a name",
        }
    }
}
