//! How nations are kept and asked for.

use diesel::prelude::*;
use serde_json::{Map, Value};

use super::model::Nation;
use crate::auth::Role;
use crate::db::schema::{
    agreement_areas, agreement_nations, nation_successors, nations, project_areas, project_nations,
};
use crate::db::{DbConn, in_list};
use crate::error::{Defect, Result};
use crate::registry::facet::{Form, facet_filters, optional};
use crate::registry::findings::Concerned;
use crate::registry::links::{incoming_ref, load_links, take};
use crate::registry::query::{Filter, RowQuery, Sort, any_of, date_range, empty_last, load_rows, sort, table_queries};
use crate::registry::search::SearchFields;
use crate::registry::tables::{save_links, save_row};
use crate::registry::{Before, Expansion, IncomingRef, Resource, Stored, Tables, codes_of};
use crate::values::fold::sort_key;
use crate::values::{Alpha3, Code, FromText as _, Name, NationCode, OtherNames, PartialDate, Text, alpha2_of};

/// The columns of a nation; its successors are rows of a link table.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = nations, primary_key(code), treat_none_as_default_value = false)]
struct Row {
    code: NationCode,
    alpha3: Alpha3,
    name_en: Name,
    name_fr: Option<Name>,
    region: Option<Name>,
    subregion: Option<Name>,
    partner_type: Option<Code>,
    agency: Option<Text>,
    cooperation_since: Option<PartialDate>,
    other_names: OtherNames,
    ended_on: Option<PartialDate>,
    notes: Option<Text>,
    source: Option<Text>,
}

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
    const ABOUT: &'static str = "The nations that the agency works with, and its own. Their key is the alpha-2 code of ISO 3166-1; of a former state \
         that of ISO 3166-3, with `ended_on` and `successors` as far as they are known; or one that ISO 3166-1 leaves to its \
         users (AA, QM to QZ, XA to XZ, ZZ), which means something in this registry alone.";
    const WRITTEN_BY: Role = Role::Editor;
    const SLUG_FIELD: &'static str = "name_en";
    const SEARCH_FIELDS: SearchFields = SearchFields {
        title: "name_en",
        names: &["code", "alpha3", "name_en", "name_fr", "other_names"],
        texts: &["agency", "notes", "region", "subregion"],
    };
    const OUTGOING_REFS: &'static [(&'static str, &'static str)] =
        &[("/partner_type", "partner-types"), ("/successors/*", "nations")];
    const INCOMING_REFS: &'static [IncomingRef] = &[
        incoming_ref!("partner-types", nations.partner_type, code),
        incoming_ref!("nations", nation_successors.successor, nation),
    ];
    const CHAINS: &'static [&'static str] = &["successors"];
    const EXPANSIONS: &'static [Expansion<Self>] = &[
        Expansion {
            name: "partner_type",
            from: "partner-types",
            codes: |_, items, _| {
                codes_of(items, |nation| nation.partner_type.iter().map(ToString::to_string).collect())
            },
        },
        Expansion {
            name: "successors",
            from: "nations",
            codes: |_, items, _| codes_of(items, |nation| nation.successors.iter().map(ToString::to_string).collect()),
        },
    ];

    table_queries!(nations, Row);

    fn code(&self) -> &str {
        self.code.as_str()
    }

    fn is_valid_code(text: &str) -> bool {
        NationCode::parse(text).is_ok_and(|code| code.as_str() == text)
    }

    /// A nation has no slug: its code follows from the alpha-3 code.
    fn default_code(document: &Map<String, Value>) -> Option<String> {
        document.get("alpha3").and_then(Value::as_str).and_then(alpha2_of).map(str::to_owned)
    }

    fn check(&self, defects: &mut Vec<Defect>) {
        self.check_rules(defects);
    }

    fn example() -> Self {
        Self::sample()
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
                        project_areas::table.filter(in_list(project_areas::area, areas.clone())),
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

    fn sorts() -> Vec<Sort<nations::table>> {
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

    fn load(conn: &mut DbConn, rows: RowQuery<nations::table>) -> Result<Vec<Stored<Self>>> {
        let rows = load_rows!(conn, nations, Row, rows);
        let codes: Vec<String> = rows.iter().map(|(row, _)| row.code.to_string()).collect();
        let mut successors =
            load_links!(conn, codes, nation_successors.nation, (successor) => |(code,): (NationCode,)| code);
        let whole = rows.into_iter().map(|(row, known)| {
            let successors = take(&mut successors, row.code.as_str());
            let nation = Nation {
                code: row.code,
                alpha3: row.alpha3,
                name_en: row.name_en,
                name_fr: row.name_fr,
                region: row.region,
                subregion: row.subregion,
                partner_type: row.partner_type,
                agency: row.agency,
                cooperation_since: row.cooperation_since,
                other_names: row.other_names,
                ended_on: row.ended_on,
                successors,
                notes: row.notes,
                source: row.source,
            };
            Stored::from((nation, known))
        });
        Ok(whole.collect())
    }

    fn save(tables: &mut Tables<'_>, stored: &Stored<Self>, before: Before<'_, Self>) -> Result<()> {
        let nation = stored.record.clone();
        let code = nation.code.to_string();
        let row = Row {
            code: nation.code,
            alpha3: nation.alpha3,
            name_en: nation.name_en,
            name_fr: nation.name_fr,
            region: nation.region,
            subregion: nation.subregion,
            partner_type: nation.partner_type,
            agency: nation.agency,
            cooperation_since: nation.cooperation_since,
            other_names: nation.other_names,
            ended_on: nation.ended_on,
            notes: nation.notes,
            source: nation.source,
        };
        save_row!(
            tables,
            before,
            nations,
            &row,
            stored,
            name_en_sort = sort_key(row.name_en.as_str()),
            name_fr_sort = row.name_fr.as_ref().map(|name| sort_key(name.as_str()))
        );
        save_links!(tables, before, nation_successors.nation = code, nation.successors, successor);
        Ok(())
    }
}
