//! Style sheets and the icon, from the binary. Their addresses carry a digest of what they are, so that they are kept
//! for ever.

use std::sync::LazyLock;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{HttpResponse, web};
use aws_lc_rs::digest::{SHA256, digest};

use crate::error::{Error, Result};
use crate::values::hex;

/// An asset.
struct Asset {
    name: &'static str,
    kind: &'static str,
    bytes: &'static [u8],
}

const ASSETS: [Asset; 3] = [
    Asset { name: "pico.css", kind: "text/css; charset=utf-8", bytes: include_bytes!("assets/pico.classless.min.css") },
    Asset { name: "registry.css", kind: "text/css; charset=utf-8", bytes: include_bytes!("assets/registry.css") },
    Asset { name: "icon.svg", kind: "image/svg+xml", bytes: include_bytes!("assets/icon.svg") },
];

static VERSIONS: LazyLock<Vec<(&'static str, String)>> = LazyLock::new(|| {
    let version = |asset: &Asset| hex(digest(&SHA256, asset.bytes).as_ref()).chars().take(12).collect();
    ASSETS.iter().map(|asset| (asset.name, version(asset))).collect()
});

/// Returns the address of an asset.
pub(super) fn address(name: &str) -> String {
    let version = VERSIONS.iter().find(|(known, _)| *known == name).map(|(_, version)| version.as_str());
    format!("/assets/{name}?v={}", version.unwrap_or_default())
}

/// `GET /assets/{file}`
pub(super) async fn asset(file: web::Path<String>) -> Result<HttpResponse> {
    let found = ASSETS.iter().find(|asset| asset.name == file.as_str());
    let asset = found.ok_or_else(|| Error::NotFound("there is no such asset".to_owned()))?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, asset.kind))
        .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .body(asset.bytes))
}
