//! `serve`: the service.

use clap::Args;

use super::database::open;
use crate::app;
use crate::config::{DatabaseArgs, ServeConfig};
use crate::db::Limits;
use crate::error::Result;

/// Run the service
///
/// Applies pending migrations, makes the signing key at first start, and serves until SIGINT or SIGTERM.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  partnership-registry serve
  partnership-registry serve --bind 0.0.0.0:8080 --data-dir /var/lib/registry
  DATABASE_URL=sqlite:///srv/registry.db REGISTRY_WORKERS=4 partnership-registry serve")]
pub(super) struct Serve {
    #[command(flatten)]
    database: DatabaseArgs,
    #[command(flatten)]
    serve: ServeConfig,
}

impl Serve {
    pub(super) fn run(self) -> Result<()> {
        let config = self.serve;
        let limits = Limits { workers: config.workers, staleness: config.staleness(), ..Limits::default() };
        let db = open(&self.database, config.read_database_url.as_ref(), limits)?;
        app::serve(&config, db, |address| log::info!("listening on http://{address}"))
    }
}
