//! For an orchestrator: is the process alive, can it serve.

use std::sync::atomic::Ordering;

use actix_web::{HttpResponse, web};

use crate::error::{Error, Result};
use crate::http::state::State;

/// `GET /health/live`: the process answers.
pub(in crate::http) async fn live() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({ "status": "live" }))
}

/// `GET /health/ready`: the database answers, is migrated and whole as far as is known, and the service is not
/// stopping. Only the log says which of these fails. A service that answers, but not every request, is degraded and
/// ready: to send its readers away would help no one.
pub(in crate::http) async fn ready(state: web::Data<State>) -> Result<HttpResponse> {
    let status = if state.stopping.load(Ordering::Relaxed) { None } else { state.readiness.of(&state.db).await };
    let reasons = status.ok_or_else(|| Error::Unavailable("the service is not ready".to_owned()))?;
    Ok(HttpResponse::Ok().json(match reasons.as_slice() {
        [] => serde_json::json!({ "status": "ready" }),
        reasons => serde_json::json!({ "status": "degraded", "reasons": reasons }),
    }))
}
