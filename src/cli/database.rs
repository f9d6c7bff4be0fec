//! The database that a command works on.

use crate::config::DatabaseArgs;
use crate::db::{DatabaseUrl, Db, Limits};
use crate::error::{Error, Result};

/// Opens a database to write to it: a new one is made, one that is behind is migrated.
pub(super) fn open(database: &DatabaseArgs, replica: Option<&DatabaseUrl>, limits: Limits) -> Result<Db> {
    database.database_url.refuse_lookalikes()?;
    let mut conn = Db::connect(&database.database_url)?;
    for version in crate::registry::search::migrate(&mut conn)? {
        log::info!("applied migration {version}");
    }
    if let Some(version) = crate::db::newer(&mut conn)?.last() {
        log::warn!(
            "a newer program has migrated this database ({version}): this one goes on; bring it up to that version"
        );
    }
    Db::open_with_replica(&database.database_url, replica, limits)
}

/// Opens a database to read it. It must exist: who reads an empty new one has mistyped its name.
pub(super) fn open_existing(database: &DatabaseArgs) -> Result<Db> {
    let url = &database.database_url;
    if let DatabaseUrl::Sqlite(path) = url
        && !path.exists()
    {
        return Err(Error::NotFound(format!("there is no database {url:?}: see --database-url")));
    }
    if crate::db::pending(&mut Db::connect(url)?)? > 0 {
        let detail = format!("the database {url:?} is older than this program: run `partnership-registry migrate`");
        return Err(Error::Unavailable(detail));
    }
    Db::open(url, Limits::default())
}
