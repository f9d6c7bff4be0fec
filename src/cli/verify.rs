//! `verify`: whether the registry is what its log says.

use std::cell::RefCell;

use clap::Args;

use super::database::open_existing;
use super::output::print;
use super::progress::Bar;
use crate::changes::Checkpoint;
use crate::config::DatabaseArgs;
use crate::error::{Error, Result};
use crate::snapshots::verify;

/// Compare the registry with its change log
///
/// Recomputes the chain of hashes, and compares each record of the tables with its last change in the log. Prints every
/// row, record and field that is not what it should be, and then fails. Nothing is written.
///
/// The chain alone cannot tell a log that was made again, or cut at its end. Note down the head that this command
/// prints, or that GET /api/v1/changes/head answers, in a place that writers of the database cannot change, and give it
/// to --head later.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  partnership-registry verify
  partnership-registry verify --head 42:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae")]
pub(super) struct Verify {
    /// A revision and its hash, as noted down before
    #[arg(long, env = "REGISTRY_HEAD", value_name = "REV:HASH", value_parser = noted)]
    head: Option<Checkpoint>,
    #[command(flatten)]
    database: DatabaseArgs,
}

impl Verify {
    pub(super) fn run(self) -> Result<()> {
        let db = open_existing(&self.database)?;
        let bar = RefCell::new(Bar::new("verifying"));
        let mut findings = 0u64;
        let mut found = |finding| {
            findings += 1;
            bar.borrow_mut().aside(|| print(&finding))
        };
        let mut progress = |done, total| bar.borrow_mut().set(done, total);
        let verified = verify(&db, self.head.as_ref(), &mut found, &mut progress)?;
        drop(bar);
        let head = verified.head;
        print(format_args!("{} changes, {} records", head.revision, verified.records))?;
        print(format_args!("head: {}:{}", head.revision, head.hash))?;
        let things = match findings {
            0 => return print("the registry is what its log says"),
            1 => "one thing differs".to_owned(),
            many => format!("{many} things differ"),
        };
        Err(Error::Conflict(format!("the registry is not what its log says: {things}")))
    }
}

fn noted(text: &str) -> Result<Checkpoint, String> {
    let wanted = || "a revision and its hash are wanted, such as 42:2c26b46b… (64 hexadecimal digits)".to_owned();
    let (revision, hash) = text.split_once(':').ok_or_else(wanted)?;
    let revision = revision.parse().ok().filter(|revision| *revision >= 0).ok_or_else(wanted)?;
    let sound = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    if sound { Ok(Checkpoint { revision, hash: hash.to_ascii_lowercase() }) } else { Err(wanted()) }
}
