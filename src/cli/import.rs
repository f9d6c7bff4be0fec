//! `import`: files into the registry.

use std::path::PathBuf;

use clap::Args;
use clap::builder::BoolishValueParser;

use super::database::open;
use super::output::{eprint, print};
use super::progress::Bar;
use crate::config::DatabaseArgs;
use crate::db::Limits;
use crate::error::Result;
use crate::registry::Author;
use crate::transfer::{Mode, Options, Package, import_package};

/// Import a file, or a folder of files, all or nothing
///
/// A file goes into the collection that its name says: nations.csv, nations.xlsx, nations.ndjson or nations.json (an
/// array). A folder is imported whole, in one transaction; what it lacks stays as it is. The first 100 defects are
/// reported with file, line and column, and nothing is written. A new database is made and migrated first.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  partnership-registry import data/
  partnership-registry import data/ --dry-run
  partnership-registry import nations.csv --mode create

CSV is UTF-8 with a header, separated by commas or semicolons (in a spreadsheet: “CSV UTF-8”); of a workbook the first sheet is \
read. The columns may come in any order. What a file does not name stays as it is (with --mode replace it becomes empty); an \
empty cell empties its field. A row without a code makes a new record. A column ‘version’ keeps rows from overwriting what has \
changed since. Lists are separated by ; and roles follow a colon: US:lead;IN:partner.")]
pub(super) struct Import {
    /// Folder or file to import
    #[arg(env = "REGISTRY_IMPORT", value_name = "DIR|FILE")]
    path: PathBuf,
    /// Effect on records that exist already: upsert changes what the file names, replace empties the rest, create
    /// refuses them
    #[arg(long, env = "REGISTRY_IMPORT_MODE", value_name = "MODE", default_value = "upsert")]
    mode: Mode,
    /// Check everything and write nothing
    #[arg(long, env = "REGISTRY_IMPORT_DRY_RUN", value_parser = BoolishValueParser::new())]
    dry_run: bool,
    /// Accept a change only from a row that names the version it was made of, so that nothing unseen is overwritten
    #[arg(long, env = "REGISTRY_REQUIRE_IF_MATCH", value_parser = BoolishValueParser::new())]
    require_if_match: bool,
    #[command(flatten)]
    database: DatabaseArgs,
}

impl Import {
    pub(super) fn run(self) -> Result<()> {
        let package = Package::open(&self.path)?;
        for name in &package.ignored {
            eprint(format_args!("ignored: {name}"));
        }
        let db = open(&self.database, None, Limits::default())?;
        let options = Options { mode: self.mode, dry_run: self.dry_run, require_version: self.require_if_match };
        let mut bar = Bar::new("importing");
        let reports =
            import_package(&db, Author::command_line(), &package, options, move |done, total| bar.set(done, total))?;
        let (records, files) = (reports.iter().map(|(_, report)| report.rows).sum::<u64>(), reports.len());
        let tried = if self.dry_run { ", as a dry run" } else { "" };
        log::info!(target: "import", "{records} records of {files} files were imported from the command line{tried}");
        for (name, report) in reports {
            let table = report.table();
            let (rows, created, updated) = (report.rows, report.created, report.updated);
            let unchanged = report.unchanged;
            print(format_args!("{name}: {rows} rows, {created} created, {updated} updated, {unchanged} unchanged"))?;
            if !table.is_empty() {
                print(table)?;
            }
        }
        if self.dry_run { print("dry run: nothing was written") } else { Ok(()) }
    }
}
