//! Controlled vocabularies: kinds that are a code with a name in two languages, a description and a place in an order.
//! Partner types and cooperation areas are two of them.

/// Makes a vocabulary over a table.
macro_rules! vocabulary {
    (
        $(#[doc = $about:literal])*
        $name:ident in $table:ident, $collection:literal, $singular:literal, $tag:literal,
        example: $code:literal, $en:literal, $fr:literal, $description:literal
    ) => {
        use diesel::prelude::*;

        use crate::auth::Role;
        use crate::db::DbConn;
        use crate::db::schema::$table;
        use crate::error::Result;
        use crate::registry::query::{Filter, SortKey, RowQuery, Sort, any_of, load_rows, sort, table_queries};
        use crate::registry::resource::{Resource, Stored};
        use crate::registry::search::fields::SearchFields;
        use crate::registry::tables::{Before, Tables, save_row};
        use crate::values::fold::sort_key;
        use crate::values::{Code, Name, FromText as _, Text, record};

        record! {
            $(#[doc = $about])*
            #[derive(Queryable, Selectable, Insertable)]
            #[diesel(table_name = $table, primary_key(code), treat_none_as_default_value = false)]
            pub struct $name {
                /// Its key, a slug.
                pub code: Code,
                /// Its name in English.
                pub name_en: Name,
                /// Its name in French.
                pub name_fr: Option<Name>,
                /// Its meaning.
                pub description: Option<Text>,
                /// Its place where the terms are shown in order.
                pub position: Option<i64>,
            }
        }

        impl Resource for $name {
            const COLLECTION: &'static str = $collection;
            const SINGULAR: &'static str = $singular;
            const ABOUT: &'static str = $tag;
            const WRITTEN_BY: Role = Role::Admin;
            const SLUG_FIELD: &'static str = "name_en";
            const SEARCH_FIELDS: SearchFields = SearchFields { title: "name_en", names: &["code", "name_en", "name_fr"], texts: &["description"] };

            table_queries!($table, $name);

            fn code(&self) -> &str {
                self.code.as_str()
            }

            fn is_valid_code(text: &str) -> bool {
                Code::parse(text).is_ok_and(|code| code.as_str() == text)
            }

            fn example() -> Self {
                let text = |text| Text::parse(text).ok();
                Self {
                    code: crate::values::sample($code),
                    name_en: crate::values::sample($en),
                    name_fr: Name::parse($fr).ok(),
                    description: text($description),
                    position: Some(1),
                }
            }

            fn specific_filters() -> Vec<Filter<$table::table>> {
                vec![any_of::<_, Code>("code", "Any of these codes.", |codes| Box::new(crate::db::in_list($table::code, codes)))]
            }

            fn sorts() -> Vec<Sort<$table::table>> {
                vec![
                    sort!("code", $table::code),
                    sort!("name_en", $table::name_en_sort),
                    crate::registry::query::empty_last!("name_fr", "name_fr_sort"),
                    Sort {
                        name: "position",
                        ascending: |_| SortKey::Integer(Box::new(diesel::dsl::sql("coalesce(position, 4294967296)"))),
                        descending: |_| SortKey::Integer(Box::new(diesel::dsl::sql("coalesce(position, -4294967296)"))),
                    },
                    sort!("updated_at", $table::updated_at),
                ]
            }

            fn load(conn: &mut DbConn, rows: RowQuery<$table::table>) -> Result<Vec<Stored<Self>>> {
                Ok(load_rows!(conn, $table, $name, rows).into_iter().map(Stored::from).collect())
            }

            fn save(tables: &mut Tables<'_>, stored: &Stored<Self>, before: Before<'_, Self>) -> Result<()> {
                let term = &stored.record;
                save_row!(
                    tables, before,
                    $table,
                    term,
                    stored,
                    name_en_sort = sort_key(term.name_en.as_str()),
                    name_fr_sort = term.name_fr.as_ref().map(|name| sort_key(name.as_str()))
                );
                Ok(())
            }
        }
    };
}
pub(super) use vocabulary;
