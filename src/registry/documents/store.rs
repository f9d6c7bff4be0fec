//! How documents are kept and asked for.

use diesel::prelude::*;

use super::model::{Document, DocumentKind};
use crate::auth::Role;
use crate::db::DbConn;
use crate::db::schema::documents;
use crate::error::{Defect, Result};
use crate::registry::facet::optional;
use crate::registry::links::incoming_ref;
use crate::registry::query::{Filter, RowQuery, Sort, any_of, load_rows, sort, table_queries};
use crate::registry::search::SearchFields;
use crate::registry::tables::save_row;
use crate::registry::{Before, IncomingRef, Resource, Stored, Tables};
use crate::values::{Code, FromText as _, Language};

impl Resource for Document {
    const COLLECTION: &'static str = "documents";
    const SINGULAR: &'static str = "document";
    const ABOUT: &'static str =
        "The papers behind agreements and projects: where they are, and the digest of each file.";
    const WRITTEN_BY: Role = Role::Editor;
    const SLUG_FIELD: &'static str = "title";
    const SEARCH_FIELDS: SearchFields = SearchFields { title: "title", names: &["code", "title"], texts: &["notes"] };
    const OUTGOING_REFS: &'static [(&'static str, &'static str)] =
        &[("/agreement", "agreements"), ("/project", "projects")];
    const INCOMING_REFS: &'static [IncomingRef] =
        &[incoming_ref!("agreements", documents.agreement, code), incoming_ref!("projects", documents.project, code)];

    table_queries!(documents, Document);

    fn code(&self) -> &str {
        self.code.as_str()
    }

    fn is_valid_code(text: &str) -> bool {
        Code::parse(text).is_ok_and(|code| code.as_str() == text)
    }

    fn check(&self, defects: &mut Vec<Defect>) {
        self.check_rules(defects);
    }

    fn example() -> Self {
        Self::sample()
    }

    fn specific_filters() -> Vec<Filter<documents::table>> {
        vec![
            any_of::<_, Code>("code", "Any of these documents.", |codes| Box::new(documents::code.eq_any(codes))),
            optional!(documents, "agreement": Code, "Of any of these agreements", agreement),
            optional!(documents, "project": Code, "Of any of these projects", project),
            any_of::<_, DocumentKind>("kind", "Of any of these kinds.", |kinds| {
                Box::new(documents::kind.eq_any(kinds))
            }),
            optional!(documents, "language": Language, "In any of these languages", language),
        ]
    }

    fn sorts() -> Vec<Sort<documents::table>> {
        vec![
            sort!("code", documents::code),
            sort!("dated_on", documents::dated_on_asc, documents::dated_on_desc),
            sort!("updated_at", documents::updated_at),
        ]
    }

    fn load(conn: &mut DbConn, rows: RowQuery<documents::table>) -> Result<Vec<Stored<Self>>> {
        Ok(load_rows!(conn, documents, Document, rows).into_iter().map(Stored::from).collect())
    }

    fn save(tables: &mut Tables<'_>, stored: &Stored<Self>, before: Before<'_, Self>) -> Result<()> {
        save_row!(tables, before, documents, &stored.record, stored);
        Ok(())
    }
}
