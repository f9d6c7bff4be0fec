//! For an orchestrator: is the process alive, can it serve.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use actix_web::{HttpResponse, web};
use tokio::sync::Mutex;

use super::state::State;
use crate::db::{Db, pending};
use crate::error::{Error, Result};

/// How long an answer is kept: strangers may ask as often as they like.
const KEPT: Duration = Duration::from_secs(1);

/// `GET /health/live`: the process answers.
pub(super) async fn live() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({ "status": "live" }))
}

/// `GET /health/ready`: the database answers, is migrated and whole as far as is known, and the service is not stopping. Which of these fails is for
/// the log alone.
pub(super) async fn ready(state: web::Data<State>) -> Result<HttpResponse> {
    if !state.stopping.load(Ordering::Relaxed) && state.readiness.of(&state.db).await {
        return Ok(HttpResponse::Ok().json(serde_json::json!({ "status": "ready" })));
    }
    Err(Error::Unavailable("the service is not ready".to_owned()))
}

/// What the database said last, and when.
#[derive(Clone, Default)]
pub struct Readiness {
    last: Arc<Mutex<Option<(Instant, bool)>>>,
}

impl Readiness {
    async fn of(&self, db: &Db) -> bool {
        let mut last = self.last.clone().lock_owned().await;
        if let Some((at, answer)) = *last
            && at.elapsed() < KEPT
        {
            return answer;
        }
        let db = db.clone();
        // A task of its own: one asks, whoever goes away meanwhile, and all others wait for what it hears.
        let asking = actix_web::rt::spawn(async move {
            let answer = is_migrated(&db).await;
            *last = Some((Instant::now(), answer));
            answer
        });
        asking.await.unwrap_or(false)
    }
}

async fn is_migrated(db: &Db) -> bool {
    match db.query(pending).await {
        Ok(0) if db.is_damaged() => {
            log::error!("not ready: the database is damaged, see the log before; restore a backup");
            false
        }
        Ok(0) => true,
        Ok(behind) => {
            log::error!("not ready: the database is {behind} migrations behind; run migrate");
            false
        }
        Err(error) => {
            log::error!("not ready: {error}");
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::{DatabaseUrl, Limits};

    /// Fails when nothing is kept: then each of many strangers at once is a query.
    #[test]
    fn an_answer_is_kept_for_a_second() {
        let folder = tempfile::tempdir().unwrap();
        let unmigrated = Db::open(&DatabaseUrl::Sqlite(folder.path().join("registry.db")), Limits::default()).unwrap();
        let heard = |before: Duration| Readiness { last: Arc::new(Mutex::new(Some((Instant::now() - before, true)))) };
        actix_web::rt::System::new().block_on(async {
            assert!(heard(Duration::ZERO).of(&unmigrated).await);
            let old = heard(KEPT);
            assert!(!old.of(&unmigrated).await, "it is asked anew");
            assert!(!old.of(&unmigrated).await);
        });
    }
}
