//! The storage and the queries of documents.

use diesel::prelude::*;
use serde_json::json;

use super::model::{Document, DocumentKind};
use crate::auth::Role;
use crate::db::in_list;
use crate::db::schema::documents;
use crate::error::Defect;
use crate::registry::Resource;
use crate::registry::facet::optional;
use crate::registry::query::{Filter, Sort, any_of, sort};
use crate::registry::search::SearchFields;
use crate::values::{Code, Language, example};

impl Resource for Document {
    const COLLECTION: &'static str = "documents";
    const SINGULAR: &'static str = "document";
    const ABOUT: &'static str =
        "The papers behind agreements and projects: where they are, and the digest of each file.";
    const WRITTEN_BY: Role = Role::Editor;
    const SLUG_FIELD: &'static str = "title";
    const SEARCH_FIELDS: SearchFields = SearchFields { title: "title", names: &["code", "title"], texts: &["notes"] };

    fn check(&self, defects: &mut Vec<Defect>) {
        self.check_rules(defects);
    }

    fn example() -> Self {
        example(json!({
            "code": "in-2018-vision-text",
            "agreement": "in-2018-vision",
            "project": "trishna",
            "title": "India-France Joint Vision for Space Cooperation",
            "kind": "signed_text",
            "language": "en",
            "dated_on": "2018-03-10",
            "url": "https://presse.cnes.fr/vision.pdf",
            "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "notes": "The digest is that of an empty file.",
        }))
    }

    fn specific_filters() -> Vec<Filter<documents::table>> {
        vec![
            any_of::<_, Code>("code", "Any of these documents.", |codes| Box::new(in_list(documents::code, codes))),
            optional!(documents, "agreement": Code, "Of any of these agreements", agreement),
            optional!(documents, "project": Code, "Of any of these projects", project),
            any_of::<_, DocumentKind>("kind", "Of any of these kinds.", |kinds| {
                Box::new(in_list(documents::kind, kinds))
            }),
            optional!(documents, "language": Language, "In any of these languages", language),
        ]
    }

    fn specific_sorts() -> Vec<Sort<documents::table>> {
        vec![
            sort!("code", documents::code),
            sort!("dated_on", documents::dated_on_asc, documents::dated_on_desc),
            sort!("updated_at", documents::updated_at),
        ]
    }
}
