//! The routes against the document: what is served is what is described, and nothing else.

use std::collections::BTreeSet;

use actix_web::http::Method;
use partnership_registry::http::document;
use partnership_registry::http::routes;

use super::Operation;

/// The routes beside the API, and for browsers: no operations.
const BESIDE: [&str; 4] = ["/docs", "/docs/swagger-initializer.js", "/docs/{file:.*}", "/openapi.json"];

/// All other tests of roles walk the document: a route outside of it would be tested by none. Seen to fail with a route
/// more under `/api/v1`, with and without a proof of permission, and with a `DELETE` more at a path that is described.
#[test]
fn every_route_is_an_operation_of_the_document_and_the_other_way_round() {
    let all = Operation::all(document());
    let described: BTreeSet<_> = all
        .iter()
        .map(|operation| (operation.path.clone(), operation.method.clone(), operation.role().is_none()))
        .collect();
    let listed = routes();
    let count = listed.len();
    let beside = |path: &str, method: &Method| BESIDE.contains(&path) && *method == Method::GET;
    let served: BTreeSet<_> = listed
        .into_iter()
        .filter(|route| !beside(&route.path, &route.method))
        .map(|route| (route.path, route.method.to_string(), route.open))
        .collect();
    assert_eq!(served.len() + BESIDE.len(), count, "no route is there twice");
    let only = |these: &BTreeSet<_>, those: &BTreeSet<_>| these.difference(those).cloned().collect::<Vec<_>>();
    assert_eq!(only(&served, &described), [], "served, and not described like this");
    assert_eq!(only(&described, &served), [], "described, and not served like this");
}
