//! The record of a document.

use crate::error::Defect;
use crate::registry::table_record::table_record;
use crate::values::{Code, Language, PartialDate, Sha256, Text, Title, Url, text_enum};

text_enum! {
    /// The kind of a document.
    pub enum DocumentKind {
        /// The text that was signed.
        SignedText = "signed_text",
        /// A translation of it.
        Translation = "translation",
        /// A change to the agreement.
        Amendment = "amendment",
        /// A part of it that is bound apart.
        Annex = "annex",
        /// The minutes of a meeting.
        Minutes = "minutes",
        /// Anything else.
        Other = "other",
    }
}

table_record! {
    /// A document; it belongs to an agreement, a project, or both.
    pub struct Document in documents {
        /// Its key, a slug.
        pub code: Code,
        /// The agreement it belongs to.
        pub agreement: Option<Code> => "agreements",
        /// The project it belongs to.
        pub project: Option<Code> => "projects",
        /// Its title.
        pub title: Title,
        /// The kind of document.
        pub kind: DocumentKind,
        /// The language it is in, a BCP 47 tag.
        pub language: Option<Language>,
        /// Its date.
        pub dated_on: Option<PartialDate>,
        /// The address of its file; the service never fetches it.
        pub url: Option<Url>,
        /// The SHA-256 digest of that file, in 64 lower-case hexadecimal digits.
        pub sha256: Option<Sha256>,
        /// Further remarks.
        pub notes: Option<Text>,
    }
}

impl Document {
    pub(super) fn check_rules(&self, defects: &mut Vec<Defect>) {
        if self.agreement.is_none() && self.project.is_none() {
            let detail = "a document belongs to an agreement, a project, or both: name at least one";
            defects.push(Defect::pointer("/agreement", "required", detail));
        }
    }
}
