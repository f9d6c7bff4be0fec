//! The record of a project.

use crate::error::Defect;
use crate::registry::rules::not_before;
use crate::registry::table_record::table_record;
use crate::values::fold::sort_key;
use crate::values::{Code, Name, NationCode, PartialDate, Text, Url, pair_field, record, text_enum};

text_enum! {
    /// The status of a project.
    pub enum ProjectStatus {
        /// A partner has proposed it.
        Proposed = "proposed",
        /// It is being built.
        InDevelopment = "in_development",
        /// It works.
        Operational = "operational",
        /// It is over.
        Completed = "completed",
        /// It was given up, or lost before it could work.
        Cancelled = "cancelled",
    }
}

text_enum! {
    /// A nation's part in a project.
    pub enum NationRole {
        /// It leads.
        Lead = "lead",
        /// It takes part as a partner.
        Partner = "partner",
        /// It contributes.
        Contributor = "contributor",
    }
}

text_enum! {
    /// An organisation's part in a project.
    pub enum OrganisationRole {
        /// It leads.
        Lead = "lead",
        /// It takes part as a partner.
        Partner = "partner",
        /// It contributes.
        Contributor = "contributor",
        /// It builds the whole under contract.
        PrimeContractor = "prime_contractor",
        /// It leads the science.
        PrincipalInvestigator = "principal_investigator",
        /// It operates.
        Operator = "operator",
    }
}

record! {
    /// A nation's part in a project.
    pub struct ProjectNation {
        /// The nation.
        pub nation: NationCode,
        /// Its part.
        pub role: Option<NationRole>,
    }
}
pair_field!(ProjectNation, nation, role);

record! {
    /// An organisation's part in a project. One that has two roles is in the list twice.
    pub struct ProjectOrganisation {
        /// The organisation.
        pub organisation: Code,
        /// Its part.
        pub role: Option<OrganisationRole>,
    }
}
pair_field!(ProjectOrganisation, organisation, role);

table_record! {
    /// A joint project.
    pub struct Project in projects {
        /// Its key, a slug.
        pub code: Code,
        /// Its name.
        pub name: Name,
        /// Its acronym.
        pub acronym: Option<Name>,
        /// A description of the project.
        pub summary: Option<Text>,
        /// Its status.
        pub status: ProjectStatus,
        /// When work began, as far as it is known.
        pub start_date: Option<PartialDate>,
        /// When it was or will be launched.
        pub launch_date: Option<PartialDate>,
        /// When it ended or will end.
        pub end_date: Option<PartialDate>,
        /// The organisation of the agency that answers for it.
        pub responsible: Option<Code> => expand "organisations",
        /// Its address on the web.
        pub url: Option<Url>,
        /// Where the facts come from.
        pub source: Option<Text>,
        links by project {
            /// The nations that take part; each once.
            pub nations: Vec<ProjectNation> => expand "nations" in project_nations(nation, role),
            /// Its areas, codes of cooperation-areas; each once.
            pub areas: Vec<Code> => expand "cooperation-areas" in project_areas(area),
            /// The organisations that take part; each once in the same role.
            pub organisations: Vec<ProjectOrganisation>
                => expand "organisations" in project_organisations(organisation, role),
        }
    }
    computed |project| {
        name_sort = sort_key(project.name.as_str()),
    }
}

impl Project {
    pub(super) fn check_rules(&self, defects: &mut Vec<Defect>) {
        not_before("end_date", &self.end_date, "start_date", &self.start_date, defects);
        // A cancelled project may keep the launch that was planned for later.
        if self.status != ProjectStatus::Cancelled {
            not_before("end_date", &self.end_date, "launch_date", &self.launch_date, defects);
        }
        not_before("launch_date", &self.launch_date, "start_date", &self.start_date, defects);
        for (index, member) in self.nations.iter().enumerate() {
            if self.nations.iter().take(index).any(|earlier| earlier.nation == member.nation) {
                defects.push(Defect::pointer(
                    format!("/nations/{index}/nation"),
                    "duplicate",
                    format!("‘{}’ is in the list already", member.nation),
                ));
            }
        }
    }
}
