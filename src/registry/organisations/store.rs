//! How organisations are kept and asked for.

use diesel::prelude::*;

use super::model::{Organisation, OrganisationKind, Sector};
use crate::auth::Role;
use crate::db::schema::{organisations, project_areas, project_organisations};
use crate::db::{DbConn, in_list};
use crate::error::Result;
use crate::registry::facet::{facet, optional};
use crate::registry::likeness::likeness;
use crate::registry::links::incoming_ref;
use crate::registry::query::{Filter, RowQuery, Sort, any_of, load_rows, sort, table_queries};
use crate::registry::search::SearchFields;
use crate::registry::tables::save_row;
use crate::registry::{Before, Expansion, IncomingRef, Resource, Stored, Tables, codes_of};
use crate::values::fold::sort_key;
use crate::values::{Code, FromText as _, NationCode};

impl Resource for Organisation {
    const COLLECTION: &'static str = "organisations";
    const SINGULAR: &'static str = "organisation";
    const ABOUT: &'static str =
        "Space agencies and their directorates, laboratories, clusters, manufacturers, government bodies, companies.";
    const WRITTEN_BY: Role = Role::Editor;
    const SLUG_FIELD: &'static str = "name";
    const SEARCH_FIELDS: SearchFields =
        SearchFields { title: "name", names: &["code", "name", "short_name", "other_names"], texts: &[] };
    const OUTGOING_REFS: &'static [(&'static str, &'static str)] = &[("/nation", "nations")];
    const INCOMING_REFS: &'static [IncomingRef] = &[incoming_ref!("nations", organisations.nation, code)];
    const EXPANSIONS: &'static [Expansion<Self>] = &[Expansion {
        name: "nation",
        from: "nations",
        codes: |_, items, _| {
            codes_of(items, |organisation| organisation.nation.iter().map(ToString::to_string).collect())
        },
    }];

    table_queries!(organisations, Organisation);

    fn code(&self) -> &str {
        self.code.as_str()
    }

    fn is_valid_code(text: &str) -> bool {
        Code::parse(text).is_ok_and(|code| code.as_str() == text)
    }

    fn example() -> Self {
        Self::sample()
    }

    fn likeness(&self) -> Option<String> {
        likeness(self.nation.as_ref().map_or("", |nation| nation.as_str()), self.name.as_str())
    }

    fn specific_filters() -> Vec<Filter<organisations::table>> {
        let mut filters = vec![
            any_of::<_, Code>("code", "Any of these organisations.", |codes| {
                Box::new(in_list(organisations::code, codes))
            }),
            any_of::<_, OrganisationKind>("kind", "Of any of these kinds.", |kinds| {
                Box::new(in_list(organisations::kind, kinds))
            }),
            any_of::<_, Sector>("sector", "Of this sector.", |sectors| {
                Box::new(in_list(organisations::sector, sectors))
            }),
            optional!(organisations, "nation": NationCode, "Of any of these nations", nation),
        ];
        filters.extend(
            facet!(organisations, "area": Code, "In a project in any of these areas",
                project_organisations::table
                    .inner_join(project_areas::table.on(project_areas::project.eq(project_organisations::project))),
                project_organisations::organisation => project_areas::area)
            .filters(),
        );
        filters.extend(
            facet!(organisations, "project": Code, "In any of these projects",
                project_organisations::table, project_organisations::organisation => project_organisations::project)
            .filters(),
        );
        filters
    }

    fn sorts() -> Vec<Sort<organisations::table>> {
        vec![
            sort!("code", organisations::code),
            sort!("name", organisations::name_sort),
            sort!("updated_at", organisations::updated_at),
        ]
    }

    fn load(conn: &mut DbConn, rows: RowQuery<organisations::table>) -> Result<Vec<Stored<Self>>> {
        Ok(load_rows!(conn, organisations, Organisation, rows).into_iter().map(Stored::from).collect())
    }

    fn save(tables: &mut Tables<'_>, stored: &Stored<Self>, before: Before<'_, Self>) -> Result<()> {
        let name_sort = sort_key(stored.record.name.as_str());
        save_row!(tables, before, organisations, &stored.record, stored, name_sort = name_sort);
        Ok(())
    }
}
