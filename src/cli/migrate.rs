//! `migrate`: bring the database up to this program.

use clap::Args;

use super::output::print;
use crate::config::DatabaseArgs;
use crate::error::Result;

/// Bring the database up to this version of the program
///
/// Makes a SQLite file that does not exist yet. `serve`, `import` and `user` do the same before anything else.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  partnership-registry migrate
  DATABASE_URL=postgres://registry@db/registry partnership-registry migrate")]
pub(super) struct Migrate {
    #[command(flatten)]
    database: DatabaseArgs,
}

impl Migrate {
    pub(super) fn run(self) -> Result<()> {
        self.database.database_url.refuse_lookalikes()?;
        let applied = crate::registry::search::migrate(&self.database.database_url)?;
        if applied.is_empty() {
            return print("nothing to do: every migration has been applied");
        }
        applied.iter().try_for_each(|version| print(format_args!("applied {version}")))
    }
}
