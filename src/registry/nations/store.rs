//! How nations are kept and asked for.

use diesel::prelude::*;
use serde_json::{Map, Value};

use super::model::Nation;
use crate::auth::Role;
use crate::db::schema::{agreement_areas, agreement_nations, nations, project_areas, project_nations};
use crate::db::{DbConn, in_list};
use crate::error::{Defect, Result};
use crate::registry::having::{Form, optional, pair};
use crate::registry::links::refers;
use crate::registry::query::{
    Filter, Rows, Sort, any_of, date_range, empty_last, load_rows, save_row, sort, table_queries,
};
use crate::registry::search::Searched;
use crate::registry::{Expansion, Refers, Resource, Stored, Tables, codes_of};
use crate::values::fold::sort_key;
use crate::values::{Code, Name, NationCode, Parsed as _, alpha2_of};

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
    const ABOUT: &'static str =
        "The nations that the agency works with, and its own. Their key is the ISO 3166-1 alpha-2 code.";
    const WRITTEN_BY: Role = Role::Editor;
    const NAMED_BY: &'static str = "name_en";
    const SEARCHED: Searched = Searched {
        title: "name_en",
        names: &["code", "alpha3", "name_en", "name_fr"],
        texts: &["agency", "notes", "region", "subregion"],
    };
    const REFERENCES: &'static [(&'static str, &'static str)] = &[("/partner_type", "partner-types")];
    const REFERS: &'static [Refers] = &[refers!("partner-types", nations.partner_type, code)];
    const EXPANSIONS: &'static [Expansion<Self>] = &[Expansion {
        name: "partner_type",
        from: "partner-types",
        codes: |_, items| codes_of(items, |nation| nation.partner_type.iter().map(ToString::to_string).collect()),
    }];

    table_queries!(nations, Nation);

    fn code(&self) -> &str {
        self.code.as_str()
    }

    fn is_code(text: &str) -> bool {
        NationCode::parse(text).is_ok_and(|code| code.as_str() == text)
    }

    /// A nation has no slug: its code follows from the alpha-3 code.
    fn default_code(document: &Map<String, Value>) -> Option<String> {
        document.get("alpha3").and_then(Value::as_str).and_then(alpha2_of).map(str::to_owned)
    }

    fn check(&self, defects: &mut Vec<Defect>) {
        self.check_codes(defects);
    }

    fn example() -> Self {
        Self::sample()
    }

    fn own_filters() -> Vec<Filter<nations::table>> {
        let mut filters = vec![
            any_of::<_, NationCode>("code", "Any of these nations.", |codes| Box::new(in_list(nations::code, codes))),
            optional!(nations, "partner_type": Code, "Of any of these partner types", partner_type),
            optional!(nations, "region": Name, "In any of these regions of the world", region),
            optional!(nations, "subregion": Name, "In any of these parts of a region", subregion),
        ];
        filters.extend(pair::<_, Code>(
            ("area", "With a project or an agreement in any of these areas. Empty: with none in any area."),
            (
                "area__all",
                "As `area`, but with something in every one of the areas; both may be given, and both hold then.",
            ),
            Form {
                any: |areas| {
                    in_areas!(
                        project_areas::table.filter(in_list(project_areas::area, areas.clone())),
                        agreement_areas::table.filter(in_list(agreement_areas::area, areas))
                    )
                },
                some: || in_areas!(project_areas::table, agreement_areas::table),
            },
            None,
        ));
        date_range!(filters, nations,
            "cooperation_since__gte" on cooperation_since_desc, "cooperation_since__lte" on cooperation_since_asc);
        filters
    }

    fn sorts() -> Vec<Sort<nations::table>> {
        vec![
            sort!("code", nations::code),
            sort!("name_en", nations::name_en_sort),
            empty_last!("name_fr", "name_fr_sort"),
            sort!("cooperation_since", nations::cooperation_since_asc, nations::cooperation_since_desc),
            sort!("updated_at", nations::updated_at),
        ]
    }

    fn load(conn: &mut DbConn, rows: Rows<nations::table>) -> Result<Vec<Stored<Self>>> {
        Ok(load_rows!(conn, nations, Nation, rows).into_iter().map(Stored::from).collect())
    }

    fn save(tables: &mut Tables<'_>, stored: &Stored<Self>) -> Result<()> {
        let nation = &stored.record;
        save_row!(
            tables,
            nations,
            nation,
            stored,
            name_en_sort = sort_key(nation.name_en.as_str()),
            name_fr_sort = nation.name_fr.as_ref().map(|name| sort_key(name.as_str()))
        );
        Ok(())
    }
}
