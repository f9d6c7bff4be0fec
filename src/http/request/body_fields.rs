//! The fields of a JSON body that is not a record: read one by one, with all their defects at once.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::{Method, StatusCode};
use actix_web::{FromRequest, HttpRequest, web};
use serde_json::Value;

use crate::error::{Defect, Error, Result};
use crate::http::request::body;
use crate::http::request::params;
use crate::limits;
use crate::values::{FromText, ObjectReader, Origin, ParseError};

/// A body of JSON. Put the guard before it: then 401 and 403 come first.
pub(in crate::http) struct JsonBody {
    value: Value,
    bytes: web::Bytes,
}

impl JsonBody {
    /// Returns the body as it came.
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

/// Returns the error of a body that did not arrive.
pub(in crate::http) fn unreadable(error: &actix_web::Error) -> Error {
    if error.as_response_error().status_code() == StatusCode::PAYLOAD_TOO_LARGE {
        return Error::TooLarge { limit: limits::BODY };
    }
    Error::bad_request("the body did not arrive whole")
}

/// A body that is not a record: the fields that [`body!`](crate::http::openapi::bodies::body) declares and describes.
pub(in crate::http) trait Body {
    /// The names of the fields.
    const FIELDS: &'static [&'static str];
    /// The names of those that must be there.
    const REQUIRED: &'static [&'static str];
}

/// The fields of a [`Body`] while they are taken out, with what is wrong with them.
pub(in crate::http) struct Fields {
    object: ObjectReader<'static>,
    valid: &'static [&'static str],
    required: &'static [&'static str],
    defects: Vec<Defect>,
}

impl Fields {
    /// Returns the fields of a body.
    ///
    /// # Errors
    /// [`Error::Validation`] when it is not an object.
    pub(in crate::http) fn of<B: Body>(body: JsonBody) -> Result<Self> {
        Self::read::<B>(body.value)
    }

    /// Reads fields as [`Fields::of`] does, from a document that was read already.
    ///
    /// # Errors
    /// As [`Fields::of`].
    pub(in crate::http) fn read<B: Body>(document: Value) -> Result<Self> {
        let mut defects = Vec::new();
        match ObjectReader::new(document, "", Origin::Input, &mut defects) {
            Some(object) => Ok(Self { object, valid: B::FIELDS, required: B::REQUIRED, defects }),
            None => Err(Error::Validation(defects)),
        }
    }

    /// Returns the body of a request that has no query string, as it came, and its fields.
    ///
    /// # Errors
    /// [`Error::BadRequest`] when there is a query string, [`Error::Validation`] when the body is not an object.
    pub(in crate::http) fn sent<B: Body>(req: &HttpRequest, body: JsonBody) -> Result<(web::Bytes, Self)> {
        params::none(req.query_string())?;
        Ok((body.bytes.clone(), Self::of::<B>(body)?))
    }

    /// Returns whether a field was sent and not yet taken out, `null` or not.
    pub(in crate::http) fn has(&self, name: &str) -> bool {
        self.object.has(name)
    }

    /// Returns a text that is read by `parse`; `None` when it is absent, `null` or wrong.
    pub(in crate::http) fn text<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&str) -> std::result::Result<T, ParseError>,
    ) -> Option<T> {
        self.parsed(name, |value| match value {
            Value::String(text) => parse(&text),
            _ => Err(ParseError::new("type", "a string is wanted")),
        })
    }

    /// Returns a value that is read by `parse`; `None` when it is absent, `null` or wrong.
    pub(in crate::http) fn parsed<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(Value) -> std::result::Result<T, ParseError>,
    ) -> Option<T> {
        let read = parse(self.take(name)?);
        read.map_err(|reason| self.wrong(name, reason.code, reason.detail)).ok()
    }

    /// Takes a field as [`Fields::text`] does, for a value that is read from a text.
    pub(in crate::http) fn value<T: FromText>(&mut self, name: &'static str) -> Option<T> {
        self.text(name, T::parse)
    }

    /// Returns a boolean.
    pub(in crate::http) fn flag(&mut self, name: &'static str) -> Option<bool> {
        self.parsed(name, |value| value.as_bool().ok_or_else(|| ParseError::new("type", "true or false is wanted")))
    }

    /// Returns a whole number in a range.
    pub(in crate::http) fn number(&mut self, name: &'static str, range: std::ops::RangeInclusive<u64>) -> Option<u64> {
        self.parsed(name, |value| {
            let detail = || format!("a whole number from {} to {} is wanted", range.start(), range.end());
            let number = value.as_u64().filter(|number| range.contains(number));
            number.ok_or_else(|| ParseError::new("out_of_range", detail()))
        })
    }

    /// Tells whether something is wrong with a field.
    pub(in crate::http) fn has_defect(&self, name: &str) -> bool {
        let at = crate::error::At::Pointer(format!("/{name}"));
        self.defects.iter().any(|defect| defect.at == at)
    }

    /// Notes that a field is missing, unless something else is wrong with it already.
    pub(in crate::http) fn missing(&mut self, name: &str) {
        if !self.has_defect(name) {
            self.wrong(name, "required", "this field is required");
        }
    }

    /// Notes a defect of a field.
    pub(in crate::http) fn wrong(&mut self, name: &str, code: &'static str, detail: impl Into<String>) {
        self.defects.push(Defect::pointer(format!("/{name}"), code, detail));
    }

    /// Takes out what is neither absent nor `null`. A required field that is either is a defect.
    fn take(&mut self, name: &str) -> Option<Value> {
        let value = self.object.take_value(name).filter(|value| !value.is_null());
        if value.is_none() && self.required.contains(&name) {
            self.missing(name);
        }
        value
    }

    /// Reports every defect, with those of unknown fields; `ignored` are read-only ones, which a client may send back.
    ///
    /// # Errors
    /// [`Error::Validation`] unless there is none.
    pub(in crate::http) fn finish(mut self, ignored: &[&str]) -> Result<()> {
        self.object.finish(self.valid, ignored, &mut self.defects);
        if self.defects.is_empty() { Ok(()) } else { Err(Error::Validation(self.defects)) }
    }
}
