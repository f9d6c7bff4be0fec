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
        use serde_json::json;

        use crate::auth::Role;
        use crate::db::schema::$table;
        use crate::registry::query::{Filter, SortKey, Sort, any_of, sort};
        use crate::registry::resource::Resource;
        use crate::registry::search::fields::SearchFields;
        use crate::registry::table_record::table_record;
        use crate::values::fold::sort_key;
        use crate::values::{Code, Name, Text, example};

        table_record! {
            $(#[doc = $about])*
            pub struct $name in $table {
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
            computed |term| {
                name_en_sort = sort_key(term.name_en.as_str()),
                name_fr_sort = term.name_fr.as_ref().map(|name| sort_key(name.as_str())),
            }
        }

        impl Resource for $name {
            const COLLECTION: &'static str = $collection;
            const SINGULAR: &'static str = $singular;
            const ABOUT: &'static str = $tag;
            const WRITTEN_BY: Role = Role::Admin;
            const SLUG_FIELD: &'static str = "name_en";
            const SEARCH_FIELDS: SearchFields = SearchFields {
                title: "name_en",
                names: &["code", "name_en", "name_fr"],
                texts: &["description"],
            };

            fn example() -> Self {
                example(json!({
                    "code": $code, "name_en": $en, "name_fr": $fr, "description": $description, "position": 1,
                }))
            }

            fn specific_filters() -> Vec<Filter<$table::table>> {
                vec![any_of::<_, Code>("code", "Any of these codes.", |codes| Box::new(crate::db::in_list($table::code, codes)))]
            }

            fn specific_sorts() -> Vec<Sort<$table::table>> {
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
        }
    };
}
pub(super) use vocabulary;
