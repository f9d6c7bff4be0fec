//! The record of an organisation.

use crate::registry::table_record::table_record;
use crate::values::fold::sort_key;
use crate::values::{Code, Name, NationCode, OtherNames, Text, Url, text_enum};

text_enum! {
    /// The kind of an organisation.
    pub enum OrganisationKind {
        /// A national space agency.
        SpaceAgency = "space_agency",
        /// A directorate of an agency.
        Directorate = "directorate",
        /// A research laboratory.
        ResearchLaboratory = "research_laboratory",
        /// A cluster of companies and laboratories.
        CompetitivenessCluster = "competitiveness_cluster",
        /// A maker of satellites, launchers, instruments.
        Manufacturer = "manufacturer",
        /// A ministry or another public body.
        GovernmentBody = "government_body",
        /// An organisation of several nations.
        InternationalOrganisation = "international_organisation",
        /// A university.
        University = "university",
        /// Any other company.
        Company = "company",
    }
}

text_enum! {
    /// The sector of an organisation: public or in business.
    pub enum Sector {
        /// Public.
        Institutional = "institutional",
        /// In business.
        Commercial = "commercial",
    }
}

table_record! {
    /// An organisation that takes part in cooperation.
    pub struct Organisation in organisations {
        /// Its key, a slug.
        pub code: Code,
        /// Its name in its own language.
        pub name: Name,
        /// Its short name: CNES.
        pub short_name: Option<Name>,
        /// Its other names: other languages, former names, acronyms. None holds a semicolon.
        pub other_names: OtherNames,
        /// The kind of organisation.
        pub kind: OrganisationKind,
        /// Its sector: public or in business.
        pub sector: Sector,
        /// The nation it belongs to; none for an international one.
        pub nation: Option<NationCode> => expand "nations",
        /// Its address on the web.
        pub url: Option<Url>,
        /// Where the facts come from.
        pub source: Option<Text>,
    }
    computed |organisation| {
        name_sort = sort_key(organisation.name.as_str()),
    }
}
