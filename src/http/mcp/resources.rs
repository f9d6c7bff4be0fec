//! The resources: what there is to ask for.

use serde_json::{Map, Value, json};

use super::message::Failure;
use crate::db::ReadClass;
use crate::http::ask::Ask;
use crate::http::state::State;
use crate::registry::{Resource, ResourceVisitor, visit_resource, visit_resources};
use crate::values::quote;

const GUIDE: &str = "registry://guide";
const VOCABULARIES: &str = "registry://vocabularies";
const COLLECTIONS: &str = "registry://collections/";

/// The guide for people who analyse the registry.
const GUIDE_TEXT: &str = include_str!("../../../docs/analysts.md");

/// Describes the resources to a client.
pub(super) fn all() -> Vec<Value> {
    struct Listed;
    impl ResourceVisitor for Listed {
        type Output = Value;

        fn visit<R: Resource>(&mut self) -> Value {
            json!({
                "uri": format!("{COLLECTIONS}{}", R::COLLECTION), "name": R::COLLECTION,
                "description": format!("{} Its fields, filters, sorts and groups.", R::ABOUT),
                "mimeType": "application/json",
            })
        }
    }
    let mut all = vec![
        json!({
            "uri": GUIDE, "name": "guide", "description": "The guide for analysts.", "mimeType": "text/markdown",
        }),
        json!({
            "uri": VOCABULARIES, "name": "vocabularies",
            "description": "The cooperation areas and partner types that records name, with their codes.",
            "mimeType": "application/json",
        }),
    ];
    all.extend(visit_resources(&mut Listed));
    all
}

/// Reads one.
///
/// # Errors
/// For a resource that does not exist; what the database says.
pub(super) async fn read(params: &Value, state: &State) -> Result<Value, Failure> {
    let uri = params.get("uri").and_then(Value::as_str).unwrap_or_default();
    let (kind, text) = match uri {
        GUIDE => ("text/markdown", GUIDE_TEXT.to_owned()),
        VOCABULARIES => ("application/json", vocabularies(state).await?.to_string()),
        _ => {
            let found = uri.strip_prefix(COLLECTIONS).and_then(collection);
            let unknown = || Failure::params(format!("there is no resource {}", quote(uri)));
            ("application/json", found.ok_or_else(unknown)?.to_string())
        }
    };
    Ok(json!({ "contents": [{ "uri": uri, "mimeType": kind, "text": text }] }))
}

/// Describes a collection, before a question is asked.
fn collection(name: &str) -> Option<Value> {
    struct Describe;
    impl ResourceVisitor for Describe {
        type Output = Value;

        fn visit<R: Resource>(&mut self) -> Value {
            described::<R>()
        }
    }
    visit_resource(name, &mut Describe)
}

fn described<R: Resource>() -> Value {
    let fields: Map<String, Value> = R::FIELDS
        .iter()
        .map(|field| {
            let mut components = Vec::new();
            (field.components)(&mut components);
            let values = components.into_iter().next().and_then(|(_, schema)| json!(schema).get("enum").cloned());
            let mut about = json!({ "about": field.doc.trim(), "optional": field.optional });
            if let (Some(values), Some(about)) = (values, about.as_object_mut()) {
                about.insert("values".to_owned(), values);
            }
            (field.name.to_owned(), about)
        })
        .collect();
    let filters: Map<String, Value> =
        R::filters().iter().map(|filter| (filter.name.to_owned(), filter.doc.into())).collect();
    json!({
        "collection": R::COLLECTION,
        "about": R::ABOUT,
        "fields": fields,
        "filters": filters,
        "sorts": R::sorts().iter().map(|sort| sort.name).collect::<Vec<_>>(),
        "expand": R::expansions().map(|expansion| expansion.name).collect::<Vec<_>>(),
        "group_by": R::dimensions().iter().map(|dimension| dimension.name).collect::<Vec<_>>(),
        "example": R::example(),
    })
}

async fn vocabularies(state: &State) -> Result<Value, Failure> {
    let failed = |error: crate::error::Error| Failure::params(error.to_string());
    let ask = |path: &str| Ask::parse(path, "limit=200&fields=code,name_en,name_fr,description", state).map_err(failed);
    let (areas, types) = (ask("/cooperation-areas")?, ask("/partner-types")?);
    let moment = state.at(None).await.map_err(failed)?;
    let read = moment.read(ReadClass::Pooled, move |conn, context| {
        let mut items =
            |ask: Ask| Ok::<_, crate::error::Error>(ask.run(conn, &context)?.get("items").cloned().unwrap_or_default());
        Ok(json!({ "cooperation_areas": items(areas)?, "partner_types": items(types)? }))
    });
    read.await.map_err(failed)
}
