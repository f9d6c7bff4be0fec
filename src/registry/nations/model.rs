//! What a nation is.

use diesel::prelude::*;

use crate::db::schema::nations;
use crate::error::Defect;
use crate::values::{Alpha3, Code, Name, NationCode, PartialDate, Text, alpha2_of, record};

record! {
    /// A nation that the agency works with, or its own.
    #[derive(Queryable, Selectable, Insertable, AsChangeset)]
    #[diesel(table_name = nations, primary_key(code), treat_none_as_null = true, treat_none_as_default_value = false)]
    pub struct Nation {
        /// Its key, the ISO 3166-1 alpha-2 code.
        pub code: NationCode,
        /// The ISO 3166-1 alpha-3 code of the same nation.
        pub alpha3: Alpha3,
        /// Its name in English.
        pub name_en: Name,
        /// Its name in French.
        pub name_fr: Option<Name>,
        /// The region of the world it lies in (UN M49): Asia.
        pub region: Option<Name>,
        /// The part of the region (UN M49): Southern Asia.
        pub subregion: Option<Name>,
        /// How the agency stands to it, a code of partner-types; the home nation has none.
        pub partner_type: Option<Code>,
        /// Its space agency.
        pub agency: Option<Text>,
        /// Since when there is cooperation, as far as it is known.
        pub cooperation_since: Option<PartialDate>,
        /// What else there is to say.
        pub notes: Option<Text>,
        /// Where the facts come from.
        pub source: Option<Text>,
    }
}

impl Nation {
    pub(super) fn check_codes(&self, defects: &mut Vec<Defect>) {
        if alpha2_of(self.alpha3.as_str()) != Some(self.code.as_str()) {
            let right = rust_iso3166::from_alpha2(self.code.as_str()).map_or("another", |nation| nation.alpha3);
            defects.push(Defect::pointer(
                "/alpha3",
                "mismatch",
                format!(
                    "{} and {} are two nations in ISO 3166-1: {} goes with {right}",
                    self.code, self.alpha3, self.code
                ),
            ));
        }
    }

    pub(super) fn sample() -> Self {
        use crate::values::{Parsed as _, sample};
        Self {
            code: sample("IN"),
            alpha3: sample("IND"),
            name_en: sample("India"),
            name_fr: Name::parse("Inde").ok(),
            region: Name::parse("Asia").ok(),
            subregion: Name::parse("Southern Asia").ok(),
            partner_type: Code::parse("established").ok(),
            agency: Text::parse("Indian Space Research Organisation (ISRO)").ok(),
            cooperation_since: PartialDate::parse("1964").ok(),
            notes: None,
            source: Text::parse("CNES, cooperation page").ok(),
        }
    }
}
