//! Swagger UI, its assets from the binary.

use std::sync::Arc;

use actix_web::http::Method;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION};
use actix_web::{HttpResponse, web};
use utoipa_swagger_ui::Config;

use crate::error::{Error, Result};
use crate::http::State;
use crate::http::fallback::nowhere;
use crate::http::routes::{self, Routes};

/// What Swagger UI needs and no more (rules.md 34): its own scripts, one style that it sets itself, by its hash.
const POLICY: &str = "default-src 'none'; script-src 'self'; \
     style-src 'self' 'sha256-RL3ie0nH+Lzz2YNqQN83mnU0J1ot4QL7b99vMdIX99w=' 'unsafe-hashes'; \
     img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub(super) fn configure(paths: &mut Routes<'_>) {
    paths
        .at("/docs", [routes::open(Method::GET, to_docs)])
        .at("/docs/swagger-initializer.js", [routes::open(Method::GET, initializer)])
        .at("/docs/{file:.*}", [routes::open(Method::GET, asset)]);
}

/// How Swagger UI is set up.
async fn initializer() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/javascript; charset=utf-8"))
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .body(include_str!("swagger-initializer.js"))
}

async fn asset(file: web::Path<String>, state: Option<web::Data<State>>) -> Result<HttpResponse> {
    let found = utoipa_swagger_ui::serve(&file, Arc::new(Config::default()));
    let found = found.map_err(|error| Error::internal("a part of Swagger UI cannot be read", error.to_string()))?;
    let Some(found) = found else { return nowhere(state).await };
    let mut answer = HttpResponse::Ok();
    if found.gzpipped {
        answer.insert_header((CONTENT_ENCODING, "gzip"));
    }
    answer.insert_header((CONTENT_TYPE, found.content_type)).insert_header((CONTENT_SECURITY_POLICY, POLICY));
    Ok(answer.body(found.bytes.into_owned()))
}

async fn to_docs() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((LOCATION, "/docs/")).finish()
}
