//! Partners who work together, compared with the projects themselves.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::awkward_sample;
use crate::support::TestApp;

type Edges = BTreeMap<(String, String), i64>;

/// The network, made from the records.
fn expected(app: &TestApp, query: &str, list: &str, code: &str) -> (BTreeMap<String, i64>, Edges) {
    let page = app.viewer().get(&format!("/projects?limit=200&{query}")).expect(200).json();
    let (mut nodes, mut edges) = (BTreeMap::new(), Edges::new());
    for project in page["items"].as_array().unwrap() {
        let members: BTreeSet<String> =
            project[list].as_array().unwrap().iter().map(|one| one[code].as_str().unwrap().to_owned()).collect();
        for a in &members {
            *nodes.entry(a.clone()).or_default() += 1;
            for b in members.iter().filter(|b| *b > a) {
                *edges.entry((a.clone(), b.clone())).or_default() += 1;
            }
        }
    }
    (nodes, edges)
}

fn shown(network: &Value) -> (BTreeMap<String, i64>, Edges) {
    let text = |value: &Value, name: &str| value[name].as_str().unwrap().to_owned();
    let nodes: Vec<_> = network["nodes"].as_array().unwrap().iter().map(|node| text(node, "code")).collect();
    assert!(nodes.is_sorted());
    let nodes = network["nodes"].as_array().unwrap().iter();
    let edges = network["edges"].as_array().unwrap().iter();
    (
        nodes.map(|node| (text(node, "code"), node["projects"].as_i64().unwrap())).collect(),
        edges.map(|edge| ((text(edge, "a"), text(edge, "b")), edge["projects"].as_i64().unwrap())).collect(),
    )
}

#[test]
fn the_network_is_that_of_the_projects() {
    let app = awkward_sample();
    for query in ["", "area=climate", "nation=IN&status=operational,in_development", "nation__all=US,TO", "code=bare"] {
        for (of, list, code) in [("nations", "nations", "nation"), ("organisations", "organisations", "organisation")] {
            let network = app.viewer().get(&format!("/network?of={of}&{query}")).expect(200).json();
            assert_eq!(shown(&network), expected(&app, query, list, code), "{of} {query}");
        }
    }
    let nations = app.viewer().get("/network?nation=IN").expect(200).json();
    let india = nations["nodes"].as_array().unwrap().iter().find(|node| node["code"] == "IN").unwrap();
    assert_eq!(india["label"], "India");
    app.viewer().get("/network?of=areas").assert_bad_parameter("of", &["nations", "organisations"]);
    app.viewer().get("/network?colour=red").assert_bad_parameter("colour", &["of", "nation", "format"]);
    app.viewer().get("/network?format=csv").assert_bad_parameter("format", &["json", "graphml"]);
}

#[test]
fn graphml_says_the_same() {
    let app = awkward_sample();
    app.editor().patch("/nations/TO", &json!({ "name_en": "To<nga> & \"friends\"" })).expect(200);
    let answer = app.viewer().get("/network?nation=TO&format=graphml").expect(200);
    assert_eq!(answer.header("content-type"), Some("application/graphml+xml"));
    assert_eq!(answer.header("content-disposition"), Some("attachment; filename=\"network-of-nations.graphml\""));
    let text = answer.text();
    let parts = [
        r#"<graph id="network" edgedefault="undirected">"#,
        r#"<node id="AQ"><data key="label">AQ</data><data key="node-projects">1</data></node>"#,
        r#"<node id="TO"><data key="label">To&lt;nga&gt; &amp; &quot;friends&quot;</data><data key="node-projects">1</data></node>"#,
        r#"<edge source="AQ" target="TO"><data key="edge-projects">1</data></edge>"#,
        r#"<edge source="TO" target="US"><data key="edge-projects">1</data></edge>"#,
    ];
    for part in parts {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    let accepted = app.viewer().request("GET", "/network?nation=TO").header("Accept", "application/graphml+xml").send();
    assert_eq!(accepted.expect(200).text(), text);
}
