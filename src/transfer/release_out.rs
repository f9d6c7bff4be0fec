//! A release as one file: the data package in a ZIP archive, with checksums. The same release gives the same bytes.

use std::io::Write;

use aws_lc_rs::digest::{Context, SHA256};
use chrono::{Datelike as _, Timelike as _};
use serde_json::{Value, json};
use zip::ZipWriter;
use zip::write::{SimpleFileOptions, StreamWriter};

use super::collection_out::write_collection;
use super::datapackage;
use super::stem::stem;
use super::table::TableFormat;
use crate::changes::Release;
use crate::db::DbConn;
use crate::error::{Error, Result};
use crate::registry::query::FilterSet;
use crate::registry::{Resource, ResourceVisitor, visit_resources};
use crate::values::hex;

/// The file of checksums, as `sha256sum --check` reads it.
const CHECKSUMS: &str = "SHA256SUMS";

/// Writes the data package of a release. Call it in one read transaction of the registry as it was then.
///
/// # Errors
/// Errors of the database or the writer.
pub fn write_release(
    conn: &mut DbConn,
    filter_set: &FilterSet,
    release: &Release,
    out: &mut (dyn Write + Send),
) -> Result<()> {
    let options = options(release)?;
    let mut package = Package { zip: ZipWriter::new_stream(out), options, files: Vec::new() };
    visit_resources(&mut Tables { conn, filter_set, package: &mut package }).collect::<Result<()>>()?;
    let description = describe(release, &package.files);
    let mut text = serde_json::to_vec_pretty(&description)
        .map_err(|error| Error::internal("the description cannot be written as JSON", error))?;
    text.push(b'\n');
    package.add(datapackage::FILE, |out| out.write_all(&text).map_err(failed))?;
    let sums: String = package.files.iter().map(|file| format!("{}  {}\n", file.sha256, file.name)).collect();
    package.add(CHECKSUMS, |out| out.write_all(sums.as_bytes()).map_err(failed))?;
    package.zip.finish().map_err(failed)?;
    Ok(())
}

/// Makes the options for the files in it: dated as the release is, since a time of its own would make other bytes each
/// time.
fn options(release: &Release) -> Result<SimpleFileOptions> {
    let at = chrono::DateTime::parse_from_rfc3339(&release.created_at).map_err(failed)?.to_utc();
    let part = |number: u32| u8::try_from(number).unwrap_or_default();
    let year = u16::try_from(at.year()).unwrap_or_default();
    let (month, day) = (part(at.month()), part(at.day()));
    let at = zip::DateTime::from_date_and_time(year, month, day, part(at.hour()), part(at.minute()), part(at.second()));
    Ok(SimpleFileOptions::default().last_modified_time(at.map_err(failed)?).unix_permissions(0o644))
}

/// Returns the description of the data package, with what makes it this one.
fn describe(release: &Release, files: &[File]) -> Value {
    let mut description = datapackage::describe();
    if let Some(resources) = description.get_mut("resources").and_then(Value::as_array_mut) {
        for resource in resources.iter_mut().filter_map(Value::as_object_mut) {
            let path = resource.get("path").and_then(Value::as_str).unwrap_or_default();
            if let Some(file) = files.iter().find(|file| file.name == path) {
                let hash = format!("sha256:{}", file.sha256);
                resource.insert("bytes".to_owned(), file.bytes.into());
                resource.insert("hash".to_owned(), hash.into());
            }
        }
    }
    if let Some(fields) = description.as_object_mut() {
        fields.insert("version".to_owned(), release.name.as_str().into());
        fields.insert("created".to_owned(), release.created_at.as_str().into());
        fields.insert("release".to_owned(), json!(release));
    }
    description
}

/// A file that was put in.
struct File {
    name: String,
    bytes: u64,
    sha256: String,
}

/// The archive while it is being written.
struct Package<W: Write> {
    zip: ZipWriter<StreamWriter<W>>,
    options: SimpleFileOptions,
    files: Vec<File>,
}

impl<W: Write + Send> Package<W> {
    fn add(&mut self, name: &str, write: impl FnOnce(&mut (dyn Write + Send)) -> Result<()>) -> Result<()> {
        self.zip.start_file(name, self.options).map_err(failed)?;
        let mut counted = Counted { out: &mut self.zip, bytes: 0, digest: Context::new(&SHA256) };
        write(&mut counted)?;
        let Counted { bytes, digest, .. } = counted;
        self.files.push(File { name: name.to_owned(), bytes, sha256: hex(digest.finish().as_ref()) });
        Ok(())
    }
}

/// A writer that counts what it passes on, and takes its digest.
struct Counted<W: Write> {
    out: W,
    bytes: u64,
    digest: Context,
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.digest.update(bytes.get(..written).unwrap_or_default());
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}

struct Tables<'a, W: Write> {
    conn: &'a mut DbConn,
    filter_set: &'a FilterSet,
    package: &'a mut Package<W>,
}

impl<W: Write + Send> ResourceVisitor for Tables<'_, W> {
    type Output = Result<()>;

    fn visit<R: Resource>(&mut self) -> Result<()> {
        let (conn, filter_set) = (&mut *self.conn, self.filter_set);
        self.package.add(&format!("{}.csv", stem(R::COLLECTION)), |out| {
            write_collection::<R>(conn, filter_set, TableFormat::Csv, out, &mut |_| {}).map(drop)
        })
    }
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::internal("the data package cannot be written", error)
}
