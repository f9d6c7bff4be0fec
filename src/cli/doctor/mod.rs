//! `doctor`: what is wrong, and what to do about it.

mod checks;

use clap::{Args, ValueEnum};

use super::output::print;
use crate::config::{DatabaseArgs, ServeConfig};
use crate::db::{Diagnosis, Verdict, diagnose};
use crate::error::{Error, Result};

/// Look for problems, and say what to do about them
///
/// Looks at the settings, the keys and their permissions, the database with its version and settings, room on the
/// disks, file descriptors and the time. Writes nothing, and can run beside the service. Takes the settings of
/// `serve`, so that both see the same. Exit code: 0 unless something has failed.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  partnership-registry doctor
  partnership-registry doctor --format json | jq '.checks[] | select(.status != \"ok\")'")]
pub(super) struct Doctor {
    /// How it is printed
    #[arg(long, env = "REGISTRY_DOCTOR_FORMAT", value_name = "FORMAT", value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    database: DatabaseArgs,
    #[command(flatten)]
    serve: ServeConfig,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Format {
    /// A line a check, for people
    #[default]
    Text,
    /// One JSON object
    Json,
}

impl Doctor {
    pub(super) fn run(self) -> Result<()> {
        let mut found = checks::settings(&self.serve);
        found.extend(checks::keys(&self.serve.data_dir.data_dir));
        found.extend(diagnose(&self.database.database_url));
        found.extend(checks::users(&self.database.database_url));
        found.extend(checks::machine());
        let worst = found.iter().map(|diagnosis| diagnosis.status).max().unwrap_or(Verdict::Ok);
        match self.format {
            Format::Text => found.iter().try_for_each(tell)?,
            Format::Json => print(serde_json::json!({ "status": worst, "checks": found }))?,
        }
        let failed = found.iter().filter(|diagnosis| diagnosis.status == Verdict::Failed).count();
        if failed == 0 { Ok(()) } else { Err(Error::Conflict(format!("{failed} of {} checks failed", found.len()))) }
    }
}

fn tell(diagnosis: &Diagnosis) -> Result<()> {
    let mark = match diagnosis.status {
        Verdict::Ok => "ok",
        Verdict::Warning => "warning",
        Verdict::Failed => "FAILED",
    };
    print(format_args!("{mark:8}{:13}{}", diagnosis.check, diagnosis.detail))?;
    diagnosis.advice.iter().try_for_each(|advice| print(format_args!("{:21}-> {advice}", "")))
}
