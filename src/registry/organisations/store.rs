//! How organisations are kept and asked for.

use diesel::prelude::*;

use super::model::{Organisation, OrganisationKind, Sector};
use crate::auth::Role;
use crate::db::schema::{organisations, project_areas, project_organisations};
use crate::db::{DbConn, in_list};
use crate::error::Result;
use crate::registry::having::{having, optional};
use crate::registry::likeness::likeness;
use crate::registry::links::refers;
use crate::registry::query::{Filter, Rows, Sort, any_of, load_rows, save_row, sort, table_queries};
use crate::registry::search::Searched;
use crate::registry::{Expansion, Refers, Resource, Stored, Tables, codes_of};
use crate::values::fold::sort_key;
use crate::values::{Code, NationCode, Parsed as _};

impl Resource for Organisation {
    const COLLECTION: &'static str = "organisations";
    const SINGULAR: &'static str = "organisation";
    const ABOUT: &'static str =
        "Space agencies and their directorates, laboratories, clusters, manufacturers, government bodies, companies.";
    const WRITTEN_BY: Role = Role::Editor;
    const NAMED_BY: &'static str = "name";
    const SEARCHED: Searched =
        Searched { title: "name", names: &["code", "name", "short_name", "other_names"], texts: &[] };
    const REFERENCES: &'static [(&'static str, &'static str)] = &[("/nation", "nations")];
    const REFERS: &'static [Refers] = &[refers!("nations", organisations.nation, code)];
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

    fn is_code(text: &str) -> bool {
        Code::parse(text).is_ok_and(|code| code.as_str() == text)
    }

    fn example() -> Self {
        Self::sample()
    }

    fn likeness(&self) -> Option<String> {
        likeness(self.nation.as_ref().map_or("", |nation| nation.as_str()), self.name.as_str())
    }

    fn own_filters() -> Vec<Filter<organisations::table>> {
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
            having!(organisations, "area": Code, "In a project in any of these areas",
                project_organisations::table
                    .inner_join(project_areas::table.on(project_areas::project.eq(project_organisations::project))),
                project_organisations::organisation => project_areas::area)
            .filters(),
        );
        filters.extend(
            having!(organisations, "project": Code, "In any of these projects",
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

    fn load(conn: &mut DbConn, rows: Rows<organisations::table>) -> Result<Vec<Stored<Self>>> {
        Ok(load_rows!(conn, organisations, Organisation, rows).into_iter().map(Stored::from).collect())
    }

    fn save(tables: &mut Tables<'_>, stored: &Stored<Self>) -> Result<()> {
        let name_sort = sort_key(stored.record.name.as_str());
        save_row!(tables, organisations, &stored.record, stored, name_sort = name_sort);
        Ok(())
    }
}
