//! Swagger UI, its assets from the binary.

use actix_web::dev::{Service as _, ServiceResponse};
use actix_web::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, LOCATION};
use actix_web::{HttpResponse, web};
use utoipa_swagger_ui::SwaggerUi;

use crate::http::fallback::{at, get};

/// What Swagger UI needs and no more (rules.md 34): its own scripts, one style that it sets itself, by its hash.
const POLICY: &str = "default-src 'none'; script-src 'self'; \
     style-src 'self' 'sha256-RL3ie0nH+Lzz2YNqQN83mnU0J1ot4QL7b99vMdIX99w=' 'unsafe-hashes'; \
     img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub(super) fn configure(config: &mut web::ServiceConfig) {
    let ui = web::scope("").wrap_fn(|request, service| {
        // The scope sees every path that no route before it took.
        let ours = request.path().starts_with("/docs/");
        let answer = service.call(request);
        async move {
            let mut response: ServiceResponse<_> = answer.await?;
            if ours {
                response.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
            }
            Ok(response)
        }
    });
    let initializer_at = at("/docs/swagger-initializer.js", "GET, HEAD, OPTIONS", vec![get().to(initializer)]);
    config
        .service(at("/docs", "GET, HEAD, OPTIONS", vec![get().to(to_docs)]))
        .service(ui.service(initializer_at).service(SwaggerUi::new("/docs/{_:.*}")));
}

/// How Swagger UI is set up.
async fn initializer() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/javascript; charset=utf-8"))
        .body(include_str!("swagger-initializer.js"))
}

async fn to_docs() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((LOCATION, "/docs/")).finish()
}
