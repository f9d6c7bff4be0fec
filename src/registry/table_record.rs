//! The declaration of a record that is kept in a table: its fields, its lists, what they refer to, and how it is read
//! and written, each field on one line.

use std::sync::OnceLock;

use super::links::{Expansion, IncomingRef};
use super::query::{Condition, RowQuery, SortKey, TextKey};
use super::query_schema::QuerySchema;
use super::stored::{RecordVersion, Stored};
use super::tables::{Before, Tables};
use crate::db::{DbConn, SqlFragment};
use crate::error::Result;
use crate::values::{FromText, Record};

/// A record that is kept in a table. Made by `table_record!`, never by hand.
pub trait TableRecord: Record + Sized + 'static {
    /// The diesel table, over which filters and sorts are expressions.
    type Table: diesel::query_source::QuerySource + 'static;
    /// The tables that hold such records: the table of their rows, then those of their links.
    const TABLES: &'static [&'static str];
    /// The column of the key, with its table.
    const CODE_COLUMN: &'static str;
    /// The places of the codes of other records in a record, and their collection: `("/areas/*", "cooperation-areas")`.
    const OUTGOING_REFS: &'static [(&'static str, &'static str)];
    /// The same from the other side: how to find the records of this kind that refer to one.
    const INCOMING_REFS: &'static [IncomingRef];
    /// The records that the fields refer to, as expansions.
    const REFERRED: &'static [Expansion<Self>];

    /// Returns the place of the filters, sorts and dimensions, which [`super::Resource::query_schema`] fills.
    fn query_schema_cell() -> &'static OnceLock<QuerySchema<Self::Table>>;

    /// Returns the natural key.
    fn code(&self) -> &str;

    /// Tells whether a text can be the key of such a record at all; a record with another key is not found.
    fn is_valid_code(text: &str) -> bool;

    /// Counts the records that satisfy all conditions.
    ///
    /// # Errors
    /// Errors of the database.
    fn count(conn: &mut DbConn, conditions: Vec<Condition<Self::Table>>) -> Result<i64>;

    /// Returns the records that satisfy all conditions, in order.
    ///
    /// # Errors
    /// Errors of the database.
    fn load(conn: &mut DbConn, rows: RowQuery<Self::Table>) -> Result<Vec<Stored<Self>>>;

    /// Their codes and versions alone.
    ///
    /// # Errors
    /// Errors of the database.
    fn versions(conn: &mut DbConn, rows: RowQuery<Self::Table>) -> Result<Vec<RecordVersion>>;

    /// Returns the codes of the records that satisfy all conditions, as a query within another.
    fn code_subquery(conditions: Vec<Condition<Self::Table>>) -> SqlFragment;

    /// Returns the condition that the code is one of these.
    fn with_codes(codes: &[&str]) -> Condition<Self::Table>;

    /// Returns the query of rows, for a look at how the database answers it.
    #[cfg(test)]
    fn plan(rows: RowQuery<Self::Table>) -> SqlFragment;

    /// Returns the code as a key: the last one of every order.
    fn code_key() -> TextKey<Self::Table>;

    /// Finds those of the codes that exist.
    ///
    /// # Errors
    /// Errors of the database.
    fn existing_codes(conn: &mut DbConn, codes: &[&str]) -> Result<Vec<String>>;

    /// Reads the sort key of a record, in the text form of cursors.
    ///
    /// # Errors
    /// Errors of the database.
    fn sort_key_value(conn: &mut DbConn, code: &str, key: SortKey<Self::Table>) -> Result<String>;

    /// Writes a record over what was there before, with what it links to.
    ///
    /// # Errors
    /// Errors of the database.
    fn save(tables: &mut Tables<'_>, stored: &Stored<Self>, before: Before<'_, Self>) -> Result<()>;

    /// Removes a record with its own links. Nothing refers to it any more.
    ///
    /// # Errors
    /// Errors of the database.
    fn remove(tables: &mut Tables<'_>, code: &str) -> Result<()>;
}

/// Tells whether a text is a key, as its type writes it.
pub(super) fn is_key<R, C: FromText>(_: fn(&R) -> &C, as_str: fn(&C) -> &str, text: &str) -> bool {
    C::parse(text).is_ok_and(|code| as_str(&code) == text)
}

/// Declares the record of a collection and how it is kept.
///
/// ```text
/// table_record! {
///     /// A joint project.
///     pub struct Project in projects {
///         /// Its key, a slug.
///         pub code: Code,
///         /// Its name.
///         pub name: Name,
///         /// The organisation that answers for it.
///         pub responsible: Option<Code> => expand "organisations",
///         links by project {
///             /// The nations that take part.
///             pub nations: Vec<ProjectNation> => expand "nations" in project_nations(nation, role),
///         }
///     }
///     computed |project| {
///         name_sort = sort_key(project.name.as_str()),
///     }
/// }
/// ```
///
/// - A field is a column of the table. `=> "organisations"` says that it is a code of that collection; with `expand`,
///   `expand=responsible` shows the record.
/// - `links by project` holds the lists. Each is kept as the rows of a link table that name their record in the
///   column `project`: one row an entry, the code in the first of the columns, then what else the entry has.
///   More fields may follow.
/// - `computed` gives the columns that follow from the fields, such as the keys that lists sort by. A value that
///   several of them need is computed once: `computed |agreement| where decides = agreement.decides(today); { … }`.
///
/// It expands to `record! { pub struct Project { … } }` with the fields in this order, the rows that diesel reads and
/// writes, and `impl TableRecord for Project`.
macro_rules! table_record {
    (
        $(#[doc = $about:literal])*
        pub struct $name:ident in $table:ident {
            $( $(#[doc = $doc:literal])* pub $field:ident: $ty:ty $(=> $($expand:ident)? $to:literal)?, )*
            $(
                links by $owner:ident {
                    $(
                        $(#[doc = $link_doc:literal])*
                        pub $list:ident: Vec<$item:ident>
                            => $($link_expand:ident)? $link_to:literal in $link:ident($key:ident $(, $more:ident)?),
                    )*
                }
                $(
                    $(#[doc = $later_doc:literal])*
                    pub $later:ident: $later_ty:ty $(=> $($later_expand:ident)? $later_to:literal)?,
                )*
            )?
        }
        $(computed |$record:ident| $(where $local:ident = $init:expr;)? {
            $($computed:ident = $value:expr,)*
        })?
    ) => {
        $crate::values::record! {
            $(#[doc = $about])*
            pub struct $name {
                $( $(#[doc = $doc])* pub $field: $ty, )*
                $(
                    $( $(#[doc = $link_doc])* pub $list: Vec<$item>, )*
                    $( $(#[doc = $later_doc])* pub $later: $later_ty, )*
                )?
            }
        }

        const _: () = {
            use diesel::prelude::*;
            use $crate::db::schema::*;
            use $crate::registry::links;
            use $crate::registry::query::{Condition, RowQuery, SortKey, TextKey, load_rows};
            use $crate::registry::query_schema::QuerySchema;
            use $crate::registry::stored::Stored;
            use $crate::registry::table_record::TableRecord;
            use $crate::registry::tables::{Before, Tables};

            /// The columns, as they are read.
            #[derive(Queryable, Selectable)]
            #[diesel(table_name = $table)]
            struct Row {
                $($field: $ty,)*
                $($($later: $later_ty,)*)?
            }

            /// The same columns, as they are written.
            #[derive(Insertable)]
            #[diesel(table_name = $table, treat_none_as_default_value = false)]
            struct NewRow<'a> {
                $($field: &'a $ty,)*
                $($($later: &'a $later_ty,)*)?
            }

            impl TableRecord for $name {
                type Table = $table::table;
                const TABLES: &'static [&'static str] =
                    &[stringify!($table), $($( stringify!($link), )*)?];
                const CODE_COLUMN: &'static str = concat!(stringify!($table), ".code");
                const OUTGOING_REFS: &'static [(&'static str, &'static str)] = &[
                    $($( (links::place!($list, $key $(, $more)?), $link_to), )*)?
                    $($( (concat!("/", stringify!($field)), $to), )?)*
                    $($($( (concat!("/", stringify!($later)), $later_to), )?)*)?
                ];
                const INCOMING_REFS: &'static [links::IncomingRef] = &[
                    $($( links::incoming_ref!($link_to, $link.$key, $owner), )*)?
                    $($( links::incoming_ref!($to, $table.$field, code), )?)*
                    $($($( links::incoming_ref!($later_to, $table.$later, code), )?)*)?
                ];
                const REFERRED: &'static [links::Expansion<Self>] = &[
                    $($($( links::expansion!($link_expand $list, $link_to), )?)*)?
                    $($($( links::expansion!($expand $field, $to), )?)?)*
                    $($($($( links::expansion!($later_expand $later, $later_to), )?)?)*)?
                ];

                fn query_schema_cell() -> &'static std::sync::OnceLock<QuerySchema<$table::table>> {
                    static CELL: std::sync::OnceLock<QuerySchema<$table::table>> = std::sync::OnceLock::new();
                    &CELL
                }

                fn code(&self) -> &str {
                    self.code.as_str()
                }

                fn is_valid_code(text: &str) -> bool {
                    $crate::registry::table_record::is_key(|record: &Self| &record.code, |code| code.as_str(), text)
                }

                fn load(
                    conn: &mut $crate::db::DbConn,
                    rows: RowQuery<$table::table>,
                ) -> $crate::error::Result<Vec<Stored<Self>>> {
                    let rows = load_rows!(
                        conn, $table, rows,
                        (Row::as_select(), ($table::version, $table::created_at, $table::updated_at))
                            => (Row, (i64, String, String))
                    );
                    $(
                        let codes: Vec<String> = rows.iter().map(|(row, _)| row.code.to_string()).collect();
                        $(
                            let entry = links::link_entry!($item, $key $(, $more)?);
                            let mut $list = links::load_links!(conn, codes, $link.$owner, ($key $(, $more)?) => entry);
                        )*
                    )?
                    let whole = rows.into_iter().map(|(row, known)| {
                        let record = Self {
                            $($( $list: links::take(&mut $list, row.code.as_str()), )*)?
                            $($field: row.$field,)*
                            $($($later: row.$later,)*)?
                        };
                        Stored::from((record, known))
                    });
                    Ok(whole.collect())
                }

                fn save(
                    tables: &mut Tables<'_>,
                    stored: &Stored<Self>,
                    before: Before<'_, Self>,
                ) -> $crate::error::Result<()> {
                    let record = &stored.record;
                    let row = NewRow {
                        $($field: &record.$field,)*
                        $($($later: &record.$later,)*)?
                    };
                    $(
                        let $record = record;
                        $(let $local = $init;)?
                    )?
                    $crate::registry::tables::save_row!(
                        tables, before, $table, row, stored,
                        [$(stringify!($field),)* $($(stringify!($later),)*)?]
                        $($(, $computed = $value)*)?
                    );
                    $($( links::save_links!(tables, before, $link.$owner, record, $list, $key $(, $more)?); )*)?
                    Ok(())
                }

                $crate::registry::query::table_queries!($table);
            }
        };
    };
}
pub(crate) use table_record;
