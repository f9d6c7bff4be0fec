//! The readiness of the service.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use crate::db::{Db, ReadClass, Trouble, pending};
use crate::temporary::TempDir;

/// The time that an answer is kept: clients may ask at any rate.
const KEPT: Duration = Duration::from_secs(1);

/// The temporary folder cannot be used: neither exports nor past states can be made.
const TEMPORARY_FOLDER: &str = "temporary-folder";

/// Nothing can be written: the primary does not answer. A replica is read.
const NO_PRIMARY: &str = "no-primary";

/// Returns each reason why a service can be degraded.
pub(in crate::http) fn reasons() -> Vec<&'static str> {
    Trouble::ALL.into_iter().map(Trouble::code).chain([TEMPORARY_FOLDER, NO_PRIMARY]).collect()
}

/// The reasons why a ready service is degraded; `None` for a service that is not ready.
pub(in crate::http) type Status = Option<Vec<&'static str>>;

/// The last known readiness, and when it was known.
#[derive(Clone, Default)]
pub struct Readiness {
    last: Arc<Mutex<Option<(Instant, Status)>>>,
}

impl Readiness {
    pub(in crate::http) async fn of(&self, db: &Db) -> Status {
        let mut last = self.last.clone().lock_owned().await;
        if let Some((at, status)) = &*last
            && at.elapsed() < KEPT
        {
            return status.clone();
        }
        let db = db.clone();
        // A task of its own: it goes on when its request goes away, and all others wait for its result.
        let asking = actix_web::rt::spawn(async move {
            let status = check(&db).await;
            *last = Some((Instant::now(), status.clone()));
            status
        });
        asking.await.unwrap_or(None)
    }
}

/// Finds the reasons why a ready service is degraded.
async fn degraded(db: &Db) -> Vec<&'static str> {
    let mut reasons: Vec<&str> = db.troubles().into_iter().map(Trouble::code).collect();
    let probe = || Ok(TempDir::probe());
    // A probe without a free thread says nothing about the folder.
    if let Ok(Err(error)) = db.blocking(probe).await {
        log::warn!("degraded: {error}");
        reasons.push(TEMPORARY_FOLDER);
    }
    reasons
}

/// Checks the database; where its primary does not answer, the replica.
async fn check(db: &Db) -> Status {
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

    /// Fails when nothing is kept: then each of many clients at once makes a query.
    #[test]
    fn an_answer_is_kept_for_a_second() {
        let folder = tempfile::tempdir().unwrap();
        let unmigrated = Db::open(&DatabaseUrl::Sqlite(folder.path().join("registry.db")), Limits::default()).unwrap();
        let status = |before: Duration| Readiness {
            last: Arc::new(Mutex::new(Some((Instant::now() - before, Some(Vec::new()))))),
        };
        actix_web::rt::System::new().block_on(async {
            assert!(status(Duration::ZERO).of(&unmigrated).await.is_some());
            let old = status(KEPT);
            assert_eq!(old.of(&unmigrated).await, None, "it is checked again");
            assert_eq!(old.of(&unmigrated).await, None);
        });
    }
}
