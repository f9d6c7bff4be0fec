//! One row of a file as a record: its code, its version, and which fields it names.

use serde_json::{Map, Value};

use super::options::{Mode, Options};
use crate::error::{At, Defect};
use crate::registry::{READ_ONLY, Resource, Stored, ignored_fields};
use crate::transfer::rows::Row;
use crate::values::{cut, quote};

/// A row as it was sent.
pub(super) struct Sent {
    pub(super) line: u64,
    /// The record in JSON, with its code where one is known, without the version.
    pub(super) document: Value,
    /// The code, sent or derived.
    pub(super) code: Option<String>,
    /// True if the code was made of other fields.
    pub(super) is_derived: bool,
    /// The version of the record that the row was made of.
    pub(super) version: Result<Option<i64>, Defect>,
}

impl Sent {
    /// Reads a row. One without a code gets the one that follows from its name.
    pub(super) fn read<R: Resource>(row: Row) -> Self {
        let Row { line, mut document } = row;
        let (mut code, mut is_derived, mut sent_version) = (None, false, Ok(None));
        if let Value::Object(fields) = &mut document {
            let [version, ..] = READ_ONLY;
            sent_version = read_version(fields.swap_remove(version));
            let blank = |value: &Value| value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty());
            if fields.get("code").is_none_or(blank)
                && let Some(derived) = R::default_code(fields)
            {
                fields.insert("code".to_owned(), derived.into());
                is_derived = true;
            }
            code = fields.get("code").and_then(Value::as_str).map(|code| code.trim().to_owned());
        }
        Self { line, document, code, is_derived, version: sent_version }
    }

    /// Reads the record, without the rules between fields. In mode `upsert` a record that may exist already is read
    /// with `example` in the place of what is required and not named; the record's own values replace it later.
    pub(super) fn decode<R: Resource>(
        self,
        options: Options,
        example: &Map<String, Value>,
        defects: &mut Vec<Defect>,
    ) -> (Option<R>, Fields) {
        let mut document = self.document;
        let mut fields = Fields { named: Vec::new(), missing: Vec::new() };
        if let Value::Object(sent) = &mut document {
            for field in R::FIELDS {
                if sent.contains_key(field.name) {
                    fields.named.push(field.name);
                } else if options.mode == Mode::Upsert && !field.optional && !self.is_derived && self.code.is_some() {
                    fields.missing.push(field.name);
                    sent.insert(field.name.to_owned(), example.get(field.name).cloned().unwrap_or_default());
                }
            }
        }
        let ignored: Vec<&str> = ignored_fields::<R>().collect();
        (R::decode(document, "", &ignored, defects), fields)
    }
}

/// The fields that a row names.
pub(super) struct Fields {
    pub(super) named: Vec<&'static str>,
    /// Those that are required and not named.
    pub(super) missing: Vec<&'static str>,
}

impl Fields {
    /// Returns a defect for each field without which a new record is not complete.
    pub(super) fn missing_of_a_new<'f, R: Resource>(&'f self, code: &'f str) -> impl Iterator<Item = Defect> + 'f {
        self.missing.iter().map(move |name| {
            let detail = format!("this field is required: there is no {} yet among the {}", quote(code), R::COLLECTION);
            Defect::pointer(format!("/{name}"), "required", detail)
        })
    }
}

/// Reads a version: a whole number, or nothing. A cell of a text is a text.
fn read_version(value: Option<Value>) -> Result<Option<i64>, Defect> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match value.as_i64() {
            Some(version) if version >= 0 => Ok(Some(version)),
            _ => {
                let detail =
                    format!("{} is no version: a whole number, as an export has it", quote(&value.to_string()));
                Err(Defect::pointer("/version", "type", detail))
            }
        },
    }
}

/// Finds the defect in a row's code or version, given the record that has the code already.
pub(super) fn defect_of_known<R: Resource>(sent: &Sent, before: &Stored<R>, options: Options) -> Option<Defect> {
    let code = before.record.code();
    if sent.is_derived {
        return Some(taken(code, &format!("by {}/{code}{}", R::COLLECTION, title(&before.record))));
    }
    if options.mode == Mode::Create {
        let detail = format!("{} exists already: mode upsert would change it", quote(code));
        return Some(Defect::pointer("/code", "code_taken", detail));
    }
    let (&Ok(Some(version)), current) = (&sent.version, before.version) else { return None };
    if version < current {
        let detail = format!(
            "{} has changed since: it is version {current} now, this row was made of {version}; export it again",
            quote(code)
        );
        return Some(Defect::pointer("/version", "stale", detail));
    }
    (version > current && options.require_version).then(|| {
        let detail = format!("{} never had version {version}: it is version {current} now", quote(code));
        Defect::pointer("/version", "unknown_version", detail)
    })
}

/// Returns the defect that a code which was made of other fields is taken.
pub(super) fn taken(code: &str, by: &str) -> Defect {
    let detail = format!(
        "the code of this row, {}, follows from other fields and is taken {by}: add a column ‘code’, with that code to \
         change the record, or with another for a new one",
        quote(code)
    );
    Defect::pointer("/code", "code_taken", detail)
}

/// Returns the defect that a change needs the version.
pub(super) fn version_required<R: Resource>(before: &Stored<R>) -> Defect {
    let detail = format!(
        "a row that changes a record names the version that it was made of: {} is version {} now (export with \
         fields=…,version)",
        quote(before.record.code()),
        before.version
    );
    Defect::pointer("/version", "version_required", detail)
}

fn title<R: Resource>(record: &R) -> String {
    let document = serde_json::to_value(record).unwrap_or_default();
    let title = document.get(R::SEARCH_FIELDS.title).and_then(Value::as_str).filter(|title| *title != record.code());
    title.map(|title| format!(" ({})", quote(title))).unwrap_or_default()
}

/// Puts a defect of a document on the line of its row: the column is the field that the JSON Pointer begins with.
pub(super) fn on_line(file: &Option<String>, line: u64, defect: Defect) -> Defect {
    let field = match &defect.at {
        At::Pointer(pointer) => pointer.split('/').nth(1).map(|name| cut(&name.replace("~1", "/").replace("~0", "~"))),
        At::Line { field, .. } => field.clone(),
        At::Parameter(_) => None,
    };
    Defect { at: At::Line { file: file.clone(), line, field }, ..defect }
}
