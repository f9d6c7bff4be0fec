//! `export`: the registry as files.

use std::path::{Path, PathBuf};

use clap::Args;

use super::database::open_existing;
use super::output::print;
use super::progress::Bar;
use crate::changes;
use crate::config::DatabaseArgs;
use crate::db::{DbConn, ReadClass};
use crate::error::{Error, Result};
use crate::registry::RecordCache;
use crate::registry::query::FilterSet;
use crate::snapshots::{AsOf, ReadContext, Snapshots};
use crate::transfer::{About, Exported, export, write_sqlite};
use crate::values::FromText as _;

/// Export the whole registry as a Frictionless data package
///
/// Writes a CSV file a collection and datapackage.json, which describes them. Files of these names are replaced, and
/// only when all could be written. `import` reads the folder back to the same content.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  partnership-registry export data/
  partnership-registry export end-of-2025/ --as-of 2025
  partnership-registry export --sqlite registry.sqlite
  partnership-registry export backup-$(date +%F)/ --database-url sqlite:///var/lib/registry/registry.db")]
pub(super) struct Export {
    /// Folder to write to; made where there is none
    #[arg(env = "REGISTRY_EXPORT", value_name = "DIR", required_unless_present = "sqlite")]
    folder: Option<PathBuf>,
    /// Write one SQLite file with views for analysts instead; there must be no such file
    #[arg(long, env = "REGISTRY_EXPORT_SQLITE", value_name = "FILE", conflicts_with = "folder")]
    sqlite: Option<PathBuf>,
    /// The registry as it was known then: a date (its end, in UTC), a time with its offset, or a revision (r42)
    #[arg(long, env = "REGISTRY_EXPORT_AS_OF", value_name = "MOMENT", value_parser = moment)]
    as_of: Option<AsOf>,
    #[command(flatten)]
    database: DatabaseArgs,
}

impl Export {
    pub(super) fn run(self) -> Result<()> {
        let snapshots = Snapshots::new(open_existing(&self.database)?, 1, RecordCache::default());
        let (folder, sqlite) = (self.folder, self.sqlite);
        let one_file = sqlite.is_some();
        let exported = actix_web::rt::System::new().block_on(async {
            let moment = snapshots.at(self.as_of.as_ref()).await?;
            let about = moment.log(about).await?;
            let write = move |conn: &mut DbConn, context: ReadContext| match (folder, sqlite) {
                (_, Some(file)) => database(conn, context, &about, &file),
                (Some(folder), None) => {
                    let mut bar = Bar::new("exporting");
                    export(conn, &folder, &FilterSet::empty(context.day), &mut |done, total| bar.set(done, total))
                }
                (None, None) => Ok(Vec::new()),
            };
            moment.read(ReadClass::Pooled, write).await
        });
        snapshots.clear();
        let exported = exported?;
        let moment = self.as_of.as_ref().map(|moment| format!(", as of {}", moment.as_str())).unwrap_or_default();
        let what = if one_file { "one SQLite file was".to_owned() } else { format!("{} files were", exported.len()) };
        log::info!(target: "export", "{what} exported from the command line{moment}");
        exported.iter().try_for_each(|(name, rows)| print(format_args!("{name}: {rows} rows")))
    }
}

/// Returns the description that goes into a file.
fn about(conn: &mut DbConn, context: ReadContext) -> Result<About> {
    let revision = context.revision(conn)?;
    Ok(About { revision, hash: changes::hash_of(conn, revision)? })
}

/// Writes the one file.
fn database(conn: &mut DbConn, context: ReadContext, about: &About, file: &Path) -> Result<Exported> {
    if file.symlink_metadata().is_ok() {
        return Err(Error::Conflict(format!("{} is there already: take another name", file.display())));
    }
    write_sqlite(conn, &FilterSet::empty(context.day), about, file)?;
    Ok(Vec::new())
}

pub(super) fn moment(text: &str) -> Result<AsOf, String> {
    AsOf::parse(text).map_err(|reason| reason.detail)
}
