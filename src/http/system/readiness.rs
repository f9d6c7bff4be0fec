//! The readiness of the service.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use crate::db::{Db, ReadClass, Trouble, pending};
use crate::temporary::TempDir;

/// How long an answer is kept: strangers may ask as often as they like.
const KEPT: Duration = Duration::from_secs(1);

/// Why the temporary folder cannot be used: neither exports nor past states can be made.
const TEMPORARY_FOLDER: &str = "temporary-folder";

/// Why nothing can be written: the primary does not answer. A replica is read.
const NO_PRIMARY: &str = "no-primary";

/// Each reason why a service can be degraded.
pub(in crate::http) fn reasons() -> Vec<&'static str> {
    Trouble::ALL.into_iter().map(Trouble::code).chain([TEMPORARY_FOLDER, NO_PRIMARY]).collect()
}

/// The reasons why a ready service is degraded; `None` for a service that is not ready.
pub(in crate::http) type Heard = Option<Vec<&'static str>>;

/// The last known readiness, and when it was known.
#[derive(Clone, Default)]
pub struct Readiness {
    last: Arc<Mutex<Option<(Instant, Heard)>>>,
}

impl Readiness {
    pub(in crate::http) async fn of(&self, db: &Db) -> Heard {
        let mut last = self.last.clone().lock_owned().await;
        if let Some((at, heard)) = &*last
            && at.elapsed() < KEPT
        {
            return heard.clone();
        }
        let db = db.clone();
        // A task of its own: it goes on when its request goes away, and all others wait for what it hears.
        let asking = actix_web::rt::spawn(async move {
            let heard = hear(&db).await;
            *last = Some((Instant::now(), heard.clone()));
            heard
        });
        asking.await.unwrap_or(None)
    }
}

/// Why not all can be done.
async fn degraded(db: &Db) -> Vec<&'static str> {
    let mut reasons: Vec<&str> = db.troubles().into_iter().map(Trouble::code).collect();
    let probe = || Ok(TempDir::probe());
    // Where no thread is free that is another matter.
    if let Ok(Err(error)) = db.blocking(probe).await {
        log::warn!("degraded: {error}");
        reasons.push(TEMPORARY_FOLDER);
    }
    reasons
}

/// Asks the database; where its primary does not answer, the replica.
async fn hear(db: &Db) -> Heard {
    match db.read(ReadClass::Pooled, pending).await {
        Ok(0) if db.is_damaged() => {
            log::error!("not ready: the database is damaged, see the log before; restore a backup");
            None
        }
        Ok(0) => Some(degraded(db).await),
        Ok(behind) => {
            log::error!("not ready: the database is {behind} migrations behind; run migrate");
            None
        }
        Err(error) => {
            log::error!("the primary does not answer: {error}");
            let is_read = matches!(db.replica()?.read(ReadClass::Pooled, pending).await, Ok(0));
            is_read.then(|| vec![NO_PRIMARY])
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
        let heard = |before: Duration| Readiness {
            last: Arc::new(Mutex::new(Some((Instant::now() - before, Some(Vec::new()))))),
        };
        actix_web::rt::System::new().block_on(async {
            assert!(heard(Duration::ZERO).of(&unmigrated).await.is_some());
            let old = heard(KEPT);
            assert_eq!(old.of(&unmigrated).await, None, "it is asked anew");
            assert_eq!(old.of(&unmigrated).await, None);
        });
    }
}
