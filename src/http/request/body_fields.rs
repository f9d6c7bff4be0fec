//! The fields of a JSON body that is no record: read one by one, with all their defects at once.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::{Method, StatusCode};
use actix_web::{FromRequest, HttpRequest, web};
use serde_json::{Map, Value};

use crate::error::{Defect, Error, Result};
use crate::http::request::body;
use crate::limits;
use crate::values::{FromText, ParseError};

/// A body of JSON. Put the guard before it: then 401 and 403 come first.
pub(in crate::http) struct JsonBody {
    value: Value,
    bytes: web::Bytes,
}

impl JsonBody {
    /// The body as it came.
    pub(in crate::http) fn bytes(&self) -> web::Bytes {
        self.bytes.clone()
    }
}

impl FromRequest for JsonBody {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let bytes = web::Bytes::from_request(req, payload);
        let req = req.clone();
        Box::pin(async move {
            let bytes = bytes.await.map_err(|error| unreadable(&error))?;
            // RFC 7396 has a media type of its own; plain JSON is what most clients send.
            let also = (req.method() == Method::PATCH).then_some("application/merge-patch+json");
            body::read(&req, &bytes, also).map(|value| JsonBody { value, bytes })
        })
    }
}

/// Why a body did not arrive.
pub(in crate::http) fn unreadable(error: &actix_web::Error) -> Error {
    if error.as_response_error().status_code() == StatusCode::PAYLOAD_TOO_LARGE {
        return Error::TooLarge { limit: limits::BODY };
    }
    Error::bad_request("the body did not arrive whole")
}

/// The fields of a JSON object while they are taken out, with what is wrong with them.
pub(in crate::http) struct Fields {
    fields: Map<String, Value>,
    names: Vec<&'static str>,
    defects: Vec<Defect>,
}

impl Fields {
    /// # Errors
    /// [`Error::Validation`] when the body is not an object.
    pub(in crate::http) fn of(body: JsonBody) -> Result<Self> {
        match body.value {
            Value::Object(fields) => Ok(Self { fields, names: Vec::new(), defects: Vec::new() }),
            _ => Err(Error::Validation(vec![Defect::pointer("", "type", "a JSON object is wanted")])),
        }
    }

    /// Tells whether a field was sent, `null` or not.
    pub(in crate::http) fn has(&self, name: &str) -> bool {
        self.fields.contains_key(name)
    }

    /// A text that is read by `parse`; `None` when it is absent, `null` or wrong.
    pub(in crate::http) fn text<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&str) -> std::result::Result<T, ParseError>,
    ) -> Option<T> {
        match self.take(name)? {
            Value::Null => None,
            Value::String(text) => match parse(&text) {
                Ok(value) => Some(value),
                Err(reason) => {
                    self.wrong(name, reason.code, reason.detail);
                    None
                }
            },
            _ => {
                self.wrong(name, "type", "a string is wanted");
                None
            }
        }
    }

    /// As [`Fields::text`], for a value that knows how it is read.
    pub(in crate::http) fn value<T: FromText>(&mut self, name: &'static str) -> Option<T> {
        self.text(name, T::parse)
    }

    /// A boolean.
    pub(in crate::http) fn flag(&mut self, name: &'static str) -> Option<bool> {
        match self.take(name)? {
            Value::Null => None,
            Value::Bool(flag) => Some(flag),
            _ => {
                self.wrong(name, "type", "true or false is wanted");
                None
            }
        }
    }

    /// A whole number in a range.
    pub(in crate::http) fn number(&mut self, name: &'static str, range: std::ops::RangeInclusive<u64>) -> Option<u64> {
        let value = self.take(name)?;
        if value.is_null() {
            return None;
        }
        let number = value.as_u64().filter(|number| range.contains(number));
        if number.is_none() {
            self.wrong(
                name,
                "out_of_range",
                format!("a whole number from {} to {} is wanted", range.start(), range.end()),
            );
        }
        number
    }

    /// Tells whether something is wrong with a field.
    pub(in crate::http) fn has_defect(&self, name: &str) -> bool {
        let at = crate::error::At::Pointer(format!("/{name}"));
        self.defects.iter().any(|defect| defect.at == at)
    }

    /// A field that must be there; `read` says whether it was read. What is wrong already is not said twice.
    pub(in crate::http) fn require(&mut self, name: &'static str, read: bool) {
        if !read && !self.has_defect(name) {
            self.wrong(name, "required", "this field is required");
        }
    }

    /// Notes a defect of a field.
    pub(in crate::http) fn wrong(&mut self, name: &str, code: &'static str, detail: impl Into<String>) {
        self.defects.push(Defect::pointer(format!("/{name}"), code, detail));
    }

    fn take(&mut self, name: &'static str) -> Option<Value> {
        self.names.push(name);
        self.fields.shift_remove(name)
    }

    /// Every defect, with those of unknown fields; `ignored` are read-only ones, which a client may send back.
    ///
    /// # Errors
    /// [`Error::Validation`] unless there is none.
    pub(in crate::http) fn finish(mut self, ignored: &[&str]) -> Result<()> {
        for name in self.fields.keys().filter(|name| !ignored.contains(&name.as_str())) {
            let pointer = format!("/{}", name.replace('~', "~0").replace('/', "~1"));
            let detail = format!("there is no such field; the fields are {}", self.names.join(", "));
            self.defects.push(Defect::pointer(pointer, "unknown_field", detail));
        }
        if self.defects.is_empty() { Ok(()) } else { Err(Error::Validation(self.defects)) }
    }
}
