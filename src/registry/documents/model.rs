//! The record of a document.

use diesel::prelude::*;

use crate::db::schema::documents;
use crate::error::Defect;
use crate::values::{Code, Language, PartialDate, Sha256, Text, Title, Url, record, text_enum};

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

record! {
    /// A document; it belongs to an agreement, a project, or both.
    #[derive(Queryable, Selectable, Insertable)]
    #[diesel(table_name = documents, primary_key(code), treat_none_as_default_value = false)]
    pub struct Document {
        /// Its key, a slug.
        pub code: Code,
        /// The agreement it belongs to.
        pub agreement: Option<Code>,
        /// The project it belongs to.
        pub project: Option<Code>,
        /// Its title.
        pub title: Title,
        /// The kind of document.
        pub kind: DocumentKind,
        /// The language it is in, a BCP 47 tag.
        pub language: Option<Language>,
        /// Its date.
        pub dated_on: Option<PartialDate>,
        /// Where its file is; the service never fetches it.
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

    pub(super) fn sample() -> Self {
        use crate::values::{FromText as _, sample};
        Self {
            code: sample("in-2018-vision-text"),
            agreement: Some(sample("in-2018-vision")),
            project: Some(sample("trishna")),
            title: sample("India-France Joint Vision for Space Cooperation"),
            kind: DocumentKind::SignedText,
            language: Language::parse("en").ok(),
            dated_on: PartialDate::parse("2018-03-10").ok(),
            url: Url::parse("https://presse.cnes.fr/vision.pdf").ok(),
            sha256: Sha256::parse("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855").ok(),
            notes: Text::parse("The digest is that of an empty file.").ok(),
        }
    }
}
