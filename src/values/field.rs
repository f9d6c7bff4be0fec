//! Fields, read from JSON and described to OpenAPI: one implementation a type, used by every record.

use serde::Serialize;
use serde_json::Value;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Schema, SchemaType, Type};
use utoipa::openapi::{Ref, RefOr};

use super::cell_format::CellFormat;
use super::clean::plain_text_pattern;
use super::quote::quote;
use crate::error::Defect;
use crate::limits;

/// The reason why a text is not a value of a type: a code for programs, a sentence for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// For programs.
    pub code: &'static str,
    /// For people: what is wrong and what would be right.
    pub detail: String,
}

impl ParseError {
    /// Makes a reason.
    pub fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }
}

/// The origin of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A request, an import, the command line: today's rules hold.
    Input,
    /// The change log: what it holds was accepted once, and is read as it is.
    Log,
}

/// A value that has a text form: codes, dates, enumerations, texts.
pub trait FromText: Sized {
    /// The cell format of the text form.
    const SHAPE: CellFormat = CellFormat::Text;

    /// Reads the text form.
    ///
    /// # Errors
    /// A [`ParseError`] that says what would be right.
    fn parse(text: &str) -> Result<Self, ParseError>;

    /// Reads the text form of a value in the change log, which the rules of its day accepted. A type whose rules have
    /// become stricter takes it as it is.
    ///
    /// # Errors
    /// As [`FromText::parse`].
    fn recall(text: &str) -> Result<Self, ParseError> {
        Self::parse(text)
    }

    /// Returns the schema of the text form.
    fn text_schema() -> ObjectBuilder;

    /// Tells whether a text means null where the field may be null.
    fn is_blank(text: &str) -> bool {
        text.is_empty()
    }

    /// Returns the name of the schema, where it is worth one of its own (enumerations).
    fn schema_name() -> Option<&'static str> {
        None
    }
}

/// A value that can be a field of a record.
pub trait FieldValue: Sized + Serialize {
    /// The cell format of the value.
    const SHAPE: CellFormat;
    /// True if a record is complete without it.
    const OPTIONAL: bool = false;

    /// Reads the value at `pointer`; `None` is an absent field. All defects go to `defects`.
    fn decode(value: Option<Value>, pointer: &str, origin: Origin, defects: &mut Vec<Defect>) -> Option<Self>;

    /// Tells whether there is nothing in the field: null, or an empty list.
    fn is_empty(&self) -> bool {
        false
    }

    /// Returns the OpenAPI schema of the field.
    fn schema(description: &str) -> RefOr<Schema>;

    /// Named schemas that [`FieldValue::schema`] refers to.
    fn components(_found: &mut Vec<(String, RefOr<Schema>)>) {}
}

/// Returns a JSON value for messages: its type, and the value itself, cut.
pub(super) fn described(value: &Value) -> String {
    let (kind, shown) = match value {
        Value::Null => return "null".to_owned(),
        Value::Bool(flag) => ("a boolean", flag.to_string()),
        Value::Number(number) => ("a number", number.to_string()),
        Value::String(text) => ("a string", text.clone()),
        Value::Array(_) => ("an array", value.to_string()),
        Value::Object(_) => ("an object", value.to_string()),
    };
    format!("{kind}, {}", quote(&shown))
}

/// Returns a schema of a string field, with a description; nullable or not.
pub fn text_property<T: FromText>(description: &str, nullable: bool) -> RefOr<Schema> {
    if let (Some(name), false) = (T::schema_name(), nullable) {
        let mut reference = Ref::from_schema_name(name);
        reference.description = description.to_owned();
        return RefOr::Ref(reference);
    }
    let mut object = T::text_schema();
    if !description.is_empty() {
        object = object.description(Some(description));
    }
    if nullable {
        object = object.schema_type(SchemaType::from_iter([Type::String, Type::Null]));
        let mut built = object.build();
        // An empty text is null, too.
        built.min_length = None;
        built.pattern = built
            .pattern
            .map(|pattern| if pattern == plain_text_pattern() { pattern } else { format!("^$|{pattern}") });
        if let Some(values) = built.enum_values.as_mut() {
            values.push(Value::Null);
        }
        return RefOr::T(Schema::Object(built));
    }
    object.build().into()
}

impl<T: FromText + Serialize> FieldValue for T {
    const SHAPE: CellFormat = <T as FromText>::SHAPE;

    fn decode(value: Option<Value>, pointer: &str, origin: Origin, defects: &mut Vec<Defect>) -> Option<Self> {
        match value {
            None | Some(Value::Null) => {
                defects.push(Defect::pointer(pointer, "required", "this field is required"));
                None
            }
            Some(Value::String(text)) => match if origin == Origin::Log { T::recall(&text) } else { T::parse(&text) } {
                Ok(parsed) => Some(parsed),
                Err(reason) => {
                    defects.push(Defect::pointer(pointer, reason.code, reason.detail));
                    None
                }
            },
            Some(other) => {
                defects.push(Defect::pointer(
                    pointer,
                    "type",
                    format!("a string is wanted, not {}", described(&other)),
                ));
                None
            }
        }
    }

    fn schema(description: &str) -> RefOr<Schema> {
        text_property::<T>(description, false)
    }

    fn components(found: &mut Vec<(String, RefOr<Schema>)>) {
        if let Some(name) = T::schema_name() {
            found.push((name.to_owned(), T::text_schema().build().into()));
        }
    }
}

impl<T: FromText + Serialize> FieldValue for Option<T> {
    const SHAPE: CellFormat = <T as FromText>::SHAPE;
    const OPTIONAL: bool = true;

    fn decode(value: Option<Value>, pointer: &str, origin: Origin, defects: &mut Vec<Defect>) -> Option<Self> {
        match value {
            None | Some(Value::Null) => Some(None),
            Some(Value::String(text)) if origin == Origin::Input && T::is_blank(&text) => Some(None),
            value => T::decode(value, pointer, origin, defects).map(Some),
        }
    }

    fn is_empty(&self) -> bool {
        self.is_none()
    }

    fn schema(description: &str) -> RefOr<Schema> {
        text_property::<T>(description, true)
    }
}

/// A list; `null` and absent are the empty list. No element may be in it twice.
impl<T: FieldValue + PartialEq> FieldValue for Vec<T> {
    const SHAPE: CellFormat = match T::SHAPE {
        CellFormat::Pair { key, role } => CellFormat::Pairs { key, role },
        _ => CellFormat::List,
    };
    const OPTIONAL: bool = true;

    fn decode(value: Option<Value>, pointer: &str, origin: Origin, defects: &mut Vec<Defect>) -> Option<Self> {
        let items = match value {
            None | Some(Value::Null) => return Some(Vec::new()),
            Some(Value::Array(items)) => items,
            Some(other) => {
                defects.push(Defect::pointer(
                    pointer,
                    "type",
                    format!("an array is wanted, not {}", described(&other)),
                ));
                return None;
            }
        };
        if items.len() > limits::ENTRIES {
            let detail = format!("a list holds at most {} entries, not {}", limits::ENTRIES, items.len());
            defects.push(Defect::pointer(pointer, "too_long", detail));
            return None;
        }
        let before = defects.len();
        let mut list: Vec<T> = Vec::with_capacity(items.len());
        for (index, item) in items.into_iter().enumerate() {
            let at = format!("{pointer}/{index}");
            if let Some(item) = T::decode(Some(item), &at, origin, defects) {
                if list.contains(&item) {
                    let shown = serde_json::to_value(&item).unwrap_or_default();
                    let shown = shown.as_str().map_or_else(|| quote(&shown.to_string()), quote);
                    defects.push(Defect::pointer(at, "duplicate", format!("{shown} is in the list already")));
                }
                list.push(item);
            }
        }
        (defects.len() == before).then_some(list)
    }

    fn is_empty(&self) -> bool {
        <[T]>::is_empty(self)
    }

    fn schema(description: &str) -> RefOr<Schema> {
        ArrayBuilder::new()
            .items(T::schema(""))
            .max_items(Some(limits::ENTRIES))
            .unique_items(true)
            .description(Some(description))
            .build()
            .into()
    }

    fn components(found: &mut Vec<(String, RefOr<Schema>)>) {
        T::components(found);
    }
}
