//! The record of a nation.

use crate::error::Defect;
use crate::registry::rules::not_before;
use crate::registry::table_record::table_record;
use crate::values::fold::sort_key;
use crate::values::{Alpha3, Assignment, Code, Name, NationCode, OtherNames, PartialDate, Text, alpha3s_of};

table_record! {
    /// A nation that the agency works with or worked with, or its own.
    pub struct Nation in nations {
        /// Its key, the ISO 3166-1 alpha-2 code; of a former state that of ISO 3166-3 (`SU`); or a user-assigned one
        /// (`XK`).
        pub code: NationCode,
        /// The alpha-3 code of the same nation (`IND`, `SUN`); with a user-assigned code a user-assigned one (`XKX`).
        pub alpha3: Alpha3,
        /// Its name in English.
        pub name_en: Name,
        /// Its name in French.
        pub name_fr: Option<Name>,
        /// The region of the world it lies in (UN M49): Asia.
        pub region: Option<Name>,
        /// The part of the region (UN M49): Southern Asia.
        pub subregion: Option<Name>,
        /// The relation of the agency to it, a code of partner-types; the home nation has none.
        pub partner_type: Option<Code> => expand "partner-types",
        /// Its space agency.
        pub agency: Option<Text>,
        /// Since when there is cooperation, as far as it is known.
        pub cooperation_since: Option<PartialDate>,
        /// Its other names: other languages, former names, acronyms. None holds a semicolon.
        pub other_names: OtherNames,
        /// When it ended: for former states.
        pub ended_on: Option<PartialDate>,
        links by nation {
            /// The nations that came after it, in no circle; each once.
            pub successors: Vec<NationCode> => expand "nations" in nation_successors(successor),
        }
        /// Further remarks.
        pub notes: Option<Text>,
        /// Where the facts come from.
        pub source: Option<Text>,
    }
    computed |nation| {
        name_en_sort = sort_key(nation.name_en.as_str()),
        name_fr_sort = nation.name_fr.as_ref().map(|name| sort_key(name.as_str())),
    }
}

impl Nation {
    pub(super) fn check_rules(&self, defects: &mut Vec<Defect>) {
        self.check_codes(defects);
        if let Some(index) = self.successors.iter().position(|successor| *successor == self.code) {
            let detail = "a nation cannot come after itself";
            defects.push(Defect::pointer(format!("/successors/{index}"), "self_reference", detail));
        }
        not_before("ended_on", &self.ended_on, "cooperation_since", &self.cooperation_since, defects);
    }

    fn check_codes(&self, defects: &mut Vec<Defect>) {
        let (code, alpha3) = (&self.code, &self.alpha3);
        if Assignment::of(code.as_str(), alpha3.as_str()).is_none() {
            let right = alpha3s_of(code.as_str()).join(" or ");
            let right = if right.is_empty() { "a user-assigned one, such as XKX" } else { &right };
            let detail = format!("{code} and {alpha3} are no pair of codes of ISO 3166: {code} goes with {right}");
            defects.push(Defect::pointer("/alpha3", "mismatch", detail));
        }
    }
}
