//! The format of an archive: lines of JSON, compressed, with a seal at the end.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write};
use std::path::Path;

use aws_lc_rs::digest::{Context, SHA256};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};

use super::accounts::{Accounts, NamedTokenRow, UserRow};
use crate::changes::{Action, Change, Release};
use crate::error::{Error, Result};
use crate::values::{FromText as _, hex};

/// The format that every archive names.
const FORMAT: &str = "partnership-registry backup";
/// The version of the format that is written. Earlier versions can be read, too; a later one is refused.
const FORMAT_VERSION: u32 = 1;
/// The longest line that is read, in bytes. The largest record has a megabyte.
const LINE: u64 = 64 * 1024 * 1024;

/// The description of an archive, inside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The format.
    format: String,
    /// In which form.
    format_version: u32,
    /// The version of the program that made it.
    pub program: String,
    /// The last migration that its database had.
    schema: String,
    /// When it was made, in the form of [`crate::clock::stamp`].
    pub made_at: String,
    /// The last revision in it.
    pub revision: i64,
    /// The hash of that revision.
    pub hash: String,
    /// The number of users that it holds.
    pub users: usize,
    /// The number of named tokens.
    pub named_tokens: usize,
    /// The releases of the log in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub releases: Vec<Release>,
}

impl Manifest {
    /// Makes the manifest of an archive that is to be made now.
    pub(super) fn new(
        head: &crate::changes::Head,
        made_at: String,
        accounts: &Accounts,
        releases: Vec<Release>,
    ) -> Self {
        Self {
            format: FORMAT.to_owned(),
            format_version: FORMAT_VERSION,
            program: env!("CARGO_PKG_VERSION").to_owned(),
            schema: crate::db::latest_migration(),
            made_at,
            revision: head.revision,
            hash: head.hash.clone(),
            users: accounts.users.len(),
            named_tokens: accounts.named_tokens.len(),
            releases,
        }
    }

    fn check(&self) -> Result<()> {
        if self.format != FORMAT {
            return Err(Error::bad_request("this is no backup of a partnership registry"));
        }
        if self.format_version > FORMAT_VERSION || self.schema > crate::db::latest_migration() {
            let detail = format!("this backup was made by a newer program, {}: restore it with that", self.program);
            return Err(Error::bad_request(detail));
        }
        Ok(())
    }
}

/// A row of the log, as it is written.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangeLine {
    revision: i64,
    at: String,
    actor: String,
    action: String,
    resource: String,
    key: String,
    batch: Option<String>,
    document: String,
    hash: String,
    restored_from: Option<i64>,
}

impl From<Change> for ChangeLine {
    fn from(change: Change) -> Self {
        let Change { revision, at, actor, action, resource, key, batch, document, hash, restored_from } = change;
        let action = action.as_str().to_owned();
        Self { revision, at, actor, action, resource, key, batch, document, hash, restored_from }
    }
}

impl TryFrom<ChangeLine> for Change {
    type Error = Error;

    fn try_from(line: ChangeLine) -> Result<Self> {
        let ChangeLine { revision, at, actor, action, resource, key, batch, document, hash, restored_from } = line;
        let action = Action::parse(&action).map_err(|reason| damaged(reason.detail))?;
        Ok(Self { revision, at, actor, action, resource, key, batch, document, hash, restored_from })
    }
}

/// A line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Line {
    Backup(Manifest),
    User(UserRow),
    NamedToken(NamedTokenRow),
    Change(ChangeLine),
    End {
        /// SHA-256 of all lines before, in hexadecimal.
        sha256: String,
    },
}

/// Writes an archive.
pub(super) struct Writer<W: Write> {
    out: GzEncoder<W>,
    digest: Context,
}

impl<W: Write> Writer<W> {
    pub(super) fn begin(out: W, manifest: Manifest) -> Result<Self> {
        let mut this = Self { out: GzEncoder::new(out, Compression::default()), digest: Context::new(&SHA256) };
        this.line(&Line::Backup(manifest))?;
        Ok(this)
    }

    pub(super) fn line(&mut self, line: &Line) -> Result<()> {
        let mut text = serde_json::to_vec(line).map_err(|error| Error::internal("a line of a backup", error))?;
        text.push(b'\n');
        self.digest.update(&text);
        self.out.write_all(&text).map_err(unwritable)
    }

    /// Seals it, and gives back what it was written to.
    pub(super) fn finish(mut self) -> Result<W> {
        let sha256 = hex(self.digest.clone().finish().as_ref());
        self.line(&Line::End { sha256 })?;
        self.out.finish().map_err(unwritable)
    }
}

fn unwritable(error: std::io::Error) -> Error {
    Error::file("the backup cannot be written", error)
}

/// Reads an archive.
pub(super) struct Reader {
    lines: BufReader<GzDecoder<BufReader<File>>>,
    digest: Context,
    manifest: Manifest,
}

impl Reader {
    /// Opens a file and reads its manifest.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let file =
            File::open(path).map_err(|error| Error::file(format!("{} cannot be read", path.display()), error))?;
        let mut lines = BufReader::new(GzDecoder::new(BufReader::new(file)));
        let mut digest = Context::new(&SHA256);
        match next(&mut lines, &mut digest) {
            Ok(Line::Backup(manifest)) => {
                manifest.check()?;
                Ok(Self { lines, digest, manifest })
            }
            Err(error @ Error::StorageFull) => Err(error),
            _ => Err(Error::bad_request(format!("{} is no backup of a partnership registry", path.display()))),
        }
    }

    pub(super) fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Returns the next line; none after the last one, whose seal has been checked then.
    pub(super) fn next(&mut self) -> Result<Option<Line>> {
        let expected = hex(self.digest.clone().finish().as_ref());
        match next(&mut self.lines, &mut self.digest)? {
            Line::End { sha256 } if sha256 != expected => Err(damaged("its seal is not that of its content")),
            Line::End { .. } => match self.lines.fill_buf() {
                Ok([]) => Ok(None),
                Ok(_) => Err(damaged("there is something after its end")),
                Err(error) => Err(damaged(error)),
            },
            line => Ok(Some(line)),
        }
    }
}

fn next(lines: &mut BufReader<GzDecoder<BufReader<File>>>, digest: &mut Context) -> Result<Line> {
    let mut text = Vec::new();
    lines.by_ref().take(LINE).read_until(b'\n', &mut text).map_err(damaged)?;
    if !text.ends_with(b"\n") {
        return Err(damaged("it ends too early"));
    }
    digest.update(&text);
    serde_json::from_slice(&text).map_err(damaged)
}

/// Returns an archive that cannot be trusted, with the reason.
pub(super) fn damaged(why: impl std::fmt::Display) -> Error {
    Error::bad_request(format!("the backup is damaged: {why}"))
}
