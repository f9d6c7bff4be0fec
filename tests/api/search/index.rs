//! The search index follows the registry, and can be compared with it and made anew.

use diesel::prelude::*;
use partnership_registry::db::write_transaction;
use partnership_registry::registry::search::{Difference, differences, migrate, rebuild};
use partnership_registry::registry::{Resource, ResourceVisitor, visit_resources};
use partnership_registry::values::CellFormat;
use serde_json::json;

use super::{ask, places, sample};
use crate::support::TestApp;

fn found(app: &TestApp, question: &str) -> Vec<String> {
    places(&ask(&app.viewer(), question, "").expect(200))
}

fn no_difference(app: &TestApp) {
    assert_eq!(differences(&mut app.database.connect()).unwrap(), []);
}

#[test]
fn a_write_is_found_as_soon_as_it_is_answered() {
    let app = sample();
    let editor = app.editor();
    editor.post("/projects", &json!({ "name": "Quetzal", "acronym": "QTZ", "status": "proposed" })).expect(201);
    assert_eq!(found(&app, "quetzal"), ["projects/quetzal"]);
    assert_eq!(found(&app, "qtz"), ["projects/quetzal"]);
    editor.patch("/projects/quetzal", &json!({ "acronym": null, "summary": "Feathers over the Yucatán." })).expect(200);
    assert_eq!(found(&app, "qtz"), Vec::<String>::new());
    assert_eq!(found(&app, "\"over the yucatan\""), ["projects/quetzal"]);
    editor.patch("/projects/quetzal", &json!({ "status": "cancelled" })).expect(200);
    assert_eq!(found(&app, "yucatan"), ["projects/quetzal"]);
    let version = editor.get("/projects/quetzal").json()["version"].clone();
    editor.delete("/projects/quetzal").expect(204);
    assert_eq!(found(&app, "yucatan"), Vec::<String>::new());
    editor.post("/projects/quetzal/restore", &json!({ "version": version })).expect(200);
    assert_eq!(found(&app, "yucatan"), ["projects/quetzal"]);
    no_difference(&app);
}

#[test]
fn a_refused_write_leaves_the_search_index_as_it_was() {
    let app = sample();
    app.editor().post("/projects", &json!({ "name": "Quetzal", "status": "flying" })).expect(422);
    app.editor()
        .post("/projects", &json!({ "name": "Quetzal", "status": "proposed", "areas": ["nowhere"] }))
        .expect(422);
    app.editor().delete("/nations/IN").expect(409);
    assert_eq!(found(&app, "quetzal"), Vec::<String>::new());
    assert_eq!(found(&app, "inde")[0], "nations/IN");
    no_difference(&app);
}

#[test]
fn the_index_is_compared_with_the_registry_and_made_anew() {
    let app = sample();
    let mut conn = app.database.connect();
    for sql in [
        "DELETE FROM search_index WHERE resource = 'projects' AND key = 'venus'",
        "UPDATE search_index SET texts = '| forged |' WHERE resource = 'nations' AND key = 'IN'",
        "INSERT INTO search_index (resource, key, names, texts) VALUES ('projects', 'ghost', '| spectre |', '|')",
        "INSERT INTO search_index (resource, key, names, texts) VALUES ('rockets', 'r7', '| r7 |', '|')",
    ] {
        assert_eq!(diesel::sql_query(sql).execute(&mut conn).unwrap(), 1, "{sql}");
    }
    let expected = [
        Difference::Different("nations", "IN".to_owned()),
        Difference::Missing("projects", "venus".to_owned()),
        Difference::Orphaned("projects".to_owned(), "ghost".to_owned()),
        Difference::Orphaned("rockets".to_owned(), "r7".to_owned()),
    ];
    assert_eq!(differences(&mut conn).unwrap(), expected);
    assert_eq!(expected[1].to_string(), "projects/venus is missing from the search index");
    // An entry without a record is not shown.
    assert!(!found(&app, "spectre").contains(&"projects/ghost".to_owned()));
    write_transaction(&mut conn, rebuild).unwrap();
    no_difference(&app);
    assert_eq!(found(&app, "spectre"), Vec::<String>::new());
    assert_eq!(found(&app, "venus")[0], "projects/venus");
}

#[test]
fn a_registry_from_before_there_was_an_index_gets_one() {
    let app = sample();
    let mut conn = app.database.connect();
    diesel::sql_query("DELETE FROM search_index").execute(&mut conn).unwrap();
    // Another question than the one below: an answer is kept while nothing is committed.
    assert_eq!(found(&app, "venu"), Vec::<String>::new());
    assert_eq!(migrate(&mut app.database.connect()).unwrap(), Vec::<String>::new());
    assert_eq!(found(&app, "venus")[0], "projects/venus");
    no_difference(&app);
}

#[test]
fn searched_fields_are_texts_and_lists_of_texts() {
    struct Check;
    impl ResourceVisitor for Check {
        type Output = ();

        fn visit<R: Resource>(&mut self) {
            let searched = R::SEARCH_FIELDS;
            for name in searched.names.iter().chain(searched.texts) {
                let field = R::FIELDS.iter().find(|field| field.name == *name);
                let field = field.unwrap_or_else(|| panic!("{} has no field {name}", R::COLLECTION));
                assert!(matches!(field.shape, CellFormat::Text | CellFormat::List), "{name} of {}", R::COLLECTION);
            }
            assert!(searched.names.contains(&searched.title), "{}", R::COLLECTION);
        }
    }
    visit_resources(&mut Check).for_each(drop);
}
