//! The storage and the queries of nations.

use diesel::prelude::*;
use serde_json::{Map, Value, json};

use super::model::Nation;
use crate::auth::Role;
use crate::db::schema::{agreement_areas, agreement_nations, nations, project_areas, project_nations};
use crate::db::{DbConn, in_list};
use crate::error::{Defect, Result};
use crate::registry::Resource;
use crate::registry::facet::{Form, facet_filters, optional};
use crate::registry::findings::Concerned;
use crate::registry::query::{Filter, Sort, any_of, date_range, empty_last, sort};
use crate::registry::search::SearchFields;
use crate::values::{Code, Name, NationCode, alpha2_of, example};

/// Nations with a project among these links to areas, or an agreement among those.
macro_rules! in_areas {
    ($projects:expr, $agreements:expr) => {
        Box::new(
            nations::code
                .eq_any(
                    project_nations::table
                        .filter(project_nations::project.eq_any($projects.select(project_areas::project)))
                        .select(project_nations::nation),
                )
                .or(nations::code.eq_any(
                    agreement_nations::table
                        .filter(agreement_nations::agreement.eq_any($agreements.select(agreement_areas::agreement)))
                        .select(agreement_nations::nation),
                )),
        )
    };
}

impl Resource for Nation {
    const COLLECTION: &'static str = "nations";
    const SINGULAR: &'static str = "nation";
    const ABOUT: &'static str = "The nations that the agency works with, and its own. Their key is the alpha-2 code of \
        ISO 3166-1; of a former state that of ISO 3166-3, with `ended_on` and `successors` as far as they are known; or \
        one that ISO 3166-1 leaves to its users (AA, QM to QZ, XA to XZ, ZZ), which means something in this registry \
        alone.";
    const WRITTEN_BY: Role = Role::Editor;
    const IDENTITY: &'static [&'static str] = &["code", "alpha3"];
    const SLUG_FIELD: &'static str = "name_en";
    const SEARCH_FIELDS: SearchFields = SearchFields {
        title: "name_en",
        names: &["code", "alpha3", "name_en", "name_fr", "other_names"],
        texts: &["agency", "notes", "region", "subregion"],
    };
    const CHAINS: &'static [&'static str] = &["successors"];

    /// Returns the code that follows from the alpha-3 code: a nation has no slug.
    fn default_code(document: &Map<String, Value>) -> Option<String> {
        document.get("alpha3").and_then(Value::as_str).and_then(alpha2_of).map(str::to_owned)
    }

    fn check(&self, defects: &mut Vec<Defect>) {
        self.check_rules(defects);
    }

    fn example() -> Self {
        example(json!({
            "code": "IN",
            "alpha3": "IND",
            "name_en": "India",
            "name_fr": "Inde",
            "region": "Asia",
            "subregion": "Southern Asia",
            "partner_type": "established",
            "agency": "Indian Space Research Organisation (ISRO)",
            "cooperation_since": "1964",
            "other_names": ["Republic of India", "Bharat"],
            "source": "CNES, cooperation page",
        }))
    }

    fn specific_filters() -> Vec<Filter<nations::table>> {
        let mut filters = vec![
            any_of::<_, NationCode>("code", "Any of these nations.", |codes| Box::new(in_list(nations::code, codes))),
            optional!(nations, "partner_type": Code, "Of any of these partner types", partner_type),
            optional!(nations, "region": Name, "In any of these regions of the world", region),
            optional!(nations, "subregion": Name, "In any of these parts of a region", subregion),
        ];
        filters.extend(facet_filters::<_, Code>(
            ("area", "With a project or an agreement in any of these areas. Empty: with none in any area."),
            (
                "area__all",
                "As `area`, but with something in every one of the areas; both may be given, and both hold then.",
            ),
            Form {
                any: |_, areas| {
                    in_areas!(
                        project_areas::table.filter(in_list(project_areas::area, areas)),
                        agreement_areas::table.filter(in_list(agreement_areas::area, areas))
                    )
                },
                some: |_| in_areas!(project_areas::table, agreement_areas::table),
            },
            None,
        ));
        date_range!(filters, nations,
            "cooperation_since__gte" on cooperation_since_desc, "cooperation_since__lte" on cooperation_since_asc);
        filters
    }

    fn specific_sorts() -> Vec<Sort<nations::table>> {
        vec![
            sort!("code", nations::code),
            sort!("name_en", nations::name_en_sort),
            empty_last!("name_fr", "name_fr_sort"),
            sort!("cooperation_since", nations::cooperation_since_asc, nations::cooperation_since_desc),
            sort!("updated_at", nations::updated_at),
        ]
    }

    fn concerns(conn: &mut DbConn, code: &str) -> Result<Concerned> {
        let partner = nations::table.find(code.to_owned()).filter(nations::partner_type.is_not_null());
        let partner = diesel::select(diesel::dsl::exists(partner)).get_result(conn)?;
        Ok(Concerned { partner, ..Concerned::default() })
    }
}
