//! The storage and the queries of organisations.

use diesel::prelude::*;
use serde_json::json;

use super::model::{Organisation, OrganisationKind, Sector};
use crate::auth::Role;
use crate::db::in_list;
use crate::db::schema::{organisations, project_areas, project_organisations};
use crate::registry::Resource;
use crate::registry::facet::{facet, optional};
use crate::registry::likeness::likeness;
use crate::registry::query::{Filter, Sort, any_of, sort};
use crate::registry::search::SearchFields;
use crate::values::{Code, NationCode, example};

impl Resource for Organisation {
    const COLLECTION: &'static str = "organisations";
    const SINGULAR: &'static str = "organisation";
    const ABOUT: &'static str =
        "Space agencies and their directorates, laboratories, clusters, manufacturers, government bodies, companies.";
    const WRITTEN_BY: Role = Role::Editor;
    const SLUG_FIELD: &'static str = "name";
    const SEARCH_FIELDS: SearchFields =
        SearchFields { title: "name", names: &["code", "name", "short_name", "other_names"], texts: &[] };

    fn example() -> Self {
        example(json!({
            "code": "isro",
            "name": "Indian Space Research Organisation",
            "short_name": "ISRO",
            "other_names": ["Organisation indienne pour la recherche spatiale"],
            "kind": "space_agency",
            "sector": "institutional",
            "nation": "IN",
            "url": "https://www.isro.gov.in",
        }))
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

    fn specific_sorts() -> Vec<Sort<organisations::table>> {
        vec![
            sort!("code", organisations::code),
            sort!("name", organisations::name_sort),
            sort!("updated_at", organisations::updated_at),
        ]
    }
}
