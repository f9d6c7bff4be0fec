//! Swagger UI, its assets from the binary.

use std::io::Read as _;
use std::sync::Arc;

use actix_web::http::Method;
use actix_web::http::header::{
    ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap, LOCATION, VARY,
};
use actix_web::{HttpRequest, HttpResponse, web};
use flate2::read::GzDecoder;
use utoipa_swagger_ui::Config;

use crate::error::{Error, Result};
use crate::http::request::format::thousandths;
use crate::http::request::links::Links;
use crate::http::routes::{self, Routes};
use crate::http::state::State;
use crate::http::system::fallback::not_found;

/// The policy that Swagger UI needs and no more (rules.md 34): its own scripts, one style that it sets itself, by its
/// hash.
const POLICY: &str = "default-src 'none'; script-src 'self'; \
     style-src 'self' 'sha256-RL3ie0nH+Lzz2YNqQN83mnU0J1ot4QL7b99vMdIX99w=' 'unsafe-hashes'; \
     img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub(super) fn configure(paths: &mut Routes<'_>) {
    paths
        .resource("/docs", [routes::open(Method::GET, to_docs)])
        .resource("/docs/swagger-initializer.js", [routes::open(Method::GET, initializer)])
        .resource("/docs/{file:.*}", [routes::open(Method::GET, asset)]);
}

/// Serves the script that sets up Swagger UI.
async fn initializer() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/javascript; charset=utf-8"))
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .body(include_str!("swagger-initializer.js"))
}

/// Serves a file of Swagger UI: compressed, as the binary has it, for clients that accept that.
async fn asset(file: web::Path<String>, request: HttpRequest, state: Option<web::Data<State>>) -> Result<HttpResponse> {
    let unreadable = |error: String| Error::internal("a part of Swagger UI cannot be read", error);
    let found = utoipa_swagger_ui::serve(&file, Arc::new(Config::default()));
    let Some(found) = found.map_err(|error| unreadable(error.to_string()))? else { return not_found(state).await };
    let mut answer = HttpResponse::Ok();
    answer
        .insert_header((CONTENT_TYPE, found.content_type))
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((VARY, "Accept-Encoding"));
    let mut bytes = found.bytes.into_owned();
    if found.gzpipped && accepts_gzip(request.headers()) {
        answer.insert_header((CONTENT_ENCODING, "gzip"));
    } else if found.gzpipped {
        let mut plain = Vec::new();
        GzDecoder::new(bytes.as_slice()).read_to_end(&mut plain).map_err(|error| unreadable(error.to_string()))?;
        bytes = plain;
    }
    Ok(answer.body(bytes))
}

/// Tells whether a client takes gzip, and prefers it at least as much as plain bytes (RFC 9110 §12.5.3). Silence asks
/// for plain bytes.
fn accepts_gzip(headers: &HeaderMap) -> bool {
    let lines: Vec<&str> = headers.get_all(ACCEPT_ENCODING).filter_map(|line| line.to_str().ok()).collect();
    let quality_of = |wanted: &[&str]| {
        lines.iter().flat_map(|line| line.split(',')).find_map(|coding| {
            let (name, parameters) = coding.split_once(';').unwrap_or((coding, ""));
            let known = wanted.iter().any(|wanted| wanted.eq_ignore_ascii_case(name.trim()));
            let quality = parameters.split_once('=').filter(|(name, _)| name.trim().eq_ignore_ascii_case("q"));
            known.then(|| quality.map_or(1000, |(_, value)| thousandths(value.trim()).unwrap_or_default()))
        })
    };
    let gzip = quality_of(&["gzip", "x-gzip"]).or_else(|| quality_of(&["*"])).unwrap_or_default();
    gzip > 0 && gzip >= quality_of(&["identity"]).unwrap_or_default()
}

async fn to_docs(request: HttpRequest) -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((LOCATION, Links::of(&request).to("/docs/"))).finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn gzip_goes_to_who_accepts_it() {
        let accepts = |lines: &[&str]| {
            let request =
                lines.iter().fold(TestRequest::get(), |request, line| request.append_header((ACCEPT_ENCODING, *line)));
            accepts_gzip(request.to_http_request().headers())
        };
        for lines in [&["gzip"][..], &["br, GZIP;q=0.5"], &["*"], &["br", "x-gzip"], &["gzip, identity"], &["*;q=0.1"]]
        {
            assert!(accepts(lines), "{lines:?}");
        }
        for lines in [
            &[][..],
            &[""],
            &["identity"],
            &["br"],
            &["gzip;q=0"],
            &["gzip; q=0.0, *"],
            &["*;q=0"],
            &["gzip;q=0.5, identity"],
            &["gzip;q=x"],
        ] {
            assert!(!accepts(lines), "{lines:?}");
        }
    }
}
