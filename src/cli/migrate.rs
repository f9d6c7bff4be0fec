//! `migrate`: bring the database up to this program.

use clap::Args;

use super::output::print;
use crate::config::DatabaseArgs;
use crate::db::{Db, lock_log, write_transaction};
use crate::error::Result;
use crate::registry::search;

/// Bring the database up to this version of the program
///
/// Makes a SQLite file that does not exist yet. `serve`, `import` and `user` do the same before anything else.
///
/// After a rolling upgrade, once no older program runs: --rebuild makes again the data beside each record to
/// search, sort and find by. An older program does not write what a newer one has added there; `verify` tells what
/// differs.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  partnership-registry migrate
  partnership-registry migrate --rebuild
  DATABASE_URL=postgres://registry@db/registry partnership-registry migrate")]
pub(super) struct Migrate {
    /// Make the derived data of each record again, in one transaction
    #[arg(long, env = "REGISTRY_MIGRATE_REBUILD")]
    rebuild: bool,
    #[command(flatten)]
    database: DatabaseArgs,
}

impl Migrate {
    pub(super) fn run(self) -> Result<()> {
        self.database.database_url.refuse_lookalikes()?;
        let mut conn = Db::connect(&self.database.database_url)?;
        let applied = search::migrate(&mut conn)?;
        if applied.is_empty() && !self.rebuild {
            return print("nothing to do: every migration has been applied");
        }
        applied.iter().try_for_each(|version| print(format_args!("applied {version}")))?;
        if self.rebuild {
            write_transaction(&mut conn, |conn| {
                lock_log(conn)?;
                search::rebuild(conn)
            })?;
            print("what is derived from the records has been made anew")?;
        }
        Ok(())
    }
}
