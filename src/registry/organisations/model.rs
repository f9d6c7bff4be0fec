//! The record of an organisation.

use diesel::prelude::*;

use crate::db::schema::organisations;
use crate::values::{Code, Name, NationCode, OtherNames, Text, Url, record, text_enum};

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

record! {
    /// An organisation that takes part in cooperation.
    #[derive(Queryable, Selectable, Insertable)]
    #[diesel(table_name = organisations, primary_key(code), treat_none_as_default_value = false)]
    pub struct Organisation {
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
        pub nation: Option<NationCode>,
        /// Its address on the web.
        pub url: Option<Url>,
        /// Where the facts come from.
        pub source: Option<Text>,
    }
}

impl Organisation {
    pub(super) fn sample() -> Self {
        use crate::values::{FromText as _, sample};
        Self {
            code: sample("isro"),
            name: sample("Indian Space Research Organisation"),
            short_name: Name::parse("ISRO").ok(),
            other_names: OtherNames::sample(&["Organisation indienne pour la recherche spatiale"]),
            kind: OrganisationKind::SpaceAgency,
            sector: Sector::Institutional,
            nation: NationCode::parse("IN").ok(),
            url: Url::parse("https://www.isro.gov.in").ok(),
            source: None,
        }
    }
}
