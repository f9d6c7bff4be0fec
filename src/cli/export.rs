//! `export`: the registry as files.

use std::path::PathBuf;

use clap::Args;

use super::open_existing;
use super::output::say;
use super::progress::Bar;
use crate::clock;
use crate::config::DatabaseArgs;
use crate::error::Result;
use crate::registry::query::Asked;
use crate::transfer::export;

/// Export the whole registry as a Frictionless data package
///
/// Writes a CSV file a collection and datapackage.json, which describes them. Files of these names are replaced, and
/// only when all could be written. `import` reads the folder back to the same content.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  partnership-registry export data/
  partnership-registry export backup-$(date +%F)/ --database-url sqlite:///var/lib/registry/registry.db")]
pub(super) struct Export {
    /// Folder to write to; made where there is none
    #[arg(env = "REGISTRY_EXPORT", value_name = "DIR")]
    folder: PathBuf,
    #[command(flatten)]
    database: DatabaseArgs,
}

impl Export {
    pub(super) fn run(self) -> Result<()> {
        let db = open_existing(&self.database)?;
        let mut bar = Bar::new("exporting");
        let asked = Asked::nothing(clock::today());
        let exported = export(&db, &self.folder, &asked, &mut |done, total| bar.set(done, total))?;
        drop(bar);
        exported.iter().try_for_each(|(name, rows)| say(format_args!("{name}: {rows} rows")))
    }
}
