//! `export`: the registry as files.

use std::path::PathBuf;

use clap::Args;

use super::open_existing;
use super::output::say;
use super::progress::Bar;
use crate::config::DatabaseArgs;
use crate::db::DbConn;
use crate::error::Result;
use crate::registry::query::Asked;
use crate::snapshots::{AsOf, Seen, Snapshots};
use crate::transfer::export;
use crate::values::Parsed as _;

/// Export the whole registry as a Frictionless data package
///
/// Writes a CSV file a collection and datapackage.json, which describes them. Files of these names are replaced, and
/// only when all could be written. `import` reads the folder back to the same content.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  partnership-registry export data/
  partnership-registry export end-of-2025/ --as-of 2025
  partnership-registry export backup-$(date +%F)/ --database-url sqlite:///var/lib/registry/registry.db")]
pub(super) struct Export {
    /// Folder to write to; made where there is none
    #[arg(env = "REGISTRY_EXPORT", value_name = "DIR")]
    folder: PathBuf,
    /// The registry as it was known then: a date (its end, in UTC), a time with its offset, or a revision (r42)
    #[arg(long, env = "REGISTRY_EXPORT_AS_OF", value_name = "MOMENT", value_parser = moment)]
    as_of: Option<AsOf>,
    #[command(flatten)]
    database: DatabaseArgs,
}

impl Export {
    pub(super) fn run(self) -> Result<()> {
        let snapshots = Snapshots::new(open_existing(&self.database)?, 1);
        let write = move |conn: &mut DbConn, seen: Seen| {
            let mut bar = Bar::new("exporting");
            export(conn, &self.folder, &Asked::nothing(seen.day), &mut |done, total| bar.set(done, total))
        };
        let exported = actix_web::rt::System::new()
            .block_on(async { snapshots.at(self.as_of.as_ref()).await?.query(write).await });
        snapshots.clear();
        let exported = exported?;
        let moment = self.as_of.as_ref().map(|moment| format!(", as of {}", moment.as_str())).unwrap_or_default();
        log::info!(target: "export", "{} files were exported from the command line{moment}", exported.len());
        exported.iter().try_for_each(|(name, rows)| say(format_args!("{name}: {rows} rows")))
    }
}

pub(super) fn moment(text: &str) -> Result<AsOf, String> {
    AsOf::parse(text).map_err(|reason| reason.detail)
}
