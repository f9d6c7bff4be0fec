//! For an orchestrator: is the process alive, can it serve.

use actix_web::{HttpResponse, web};

use super::state::State;
use crate::db::pending;
use crate::error::{Error, Result};

/// `GET /health/live`: the process answers.
pub(super) async fn live() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({ "status": "live" }))
}

/// `GET /health/ready`: the database answers and is migrated, and the service is not stopping.
pub(super) async fn ready(state: web::Data<State>) -> Result<HttpResponse> {
    if state.stopping.load(std::sync::atomic::Ordering::Relaxed) {
        return Err(Error::Unavailable("the service is stopping".to_owned()));
    }
    let pending = state.db.query(pending).await.map_err(|error| match error {
        Error::Internal { .. } => Error::Unavailable("the database does not answer".to_owned()),
        other => other,
    })?;
    if pending > 0 {
        return Err(Error::Unavailable(format!("the database is {pending} migrations behind: run migrate")));
    }
    Ok(HttpResponse::Ok().json(serde_json::json!({ "status": "ready" })))
}
