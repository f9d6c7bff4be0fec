//! Messages: JSON-RPC 2.0, in the two generations of the protocol.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::about::server;

/// The version in which every request says for itself what it is.
pub(super) const STATELESS: &str = "2026-07-28";
/// The versions that begin with `initialize`, the latest first.
pub(super) const HANDSHAKE: [&str; 3] = ["2025-11-25", "2025-06-18", "2025-03-26"];

const VERSION_KEY: &str = "io.modelcontextprotocol/protocolVersion";
const CAPABILITIES_KEY: &str = "io.modelcontextprotocol/clientCapabilities";
const SERVER_KEY: &str = "io.modelcontextprotocol/serverInfo";
const VERSION_HEADER: &str = "mcp-protocol-version";
const METHOD_HEADER: &str = "mcp-method";
const NAME_HEADER: &str = "mcp-name";

const INVALID_REQUEST: i64 = -32_600;
const METHOD_NOT_FOUND: i64 = -32_601;
const INVALID_PARAMS: i64 = -32_602;
const HEADER_MISMATCH: i64 = -32_020;
const UNSUPPORTED_VERSION: i64 = -32_022;

/// A generation of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Era {
    /// `initialize` comes first.
    Handshake,
    /// Each request is independent of the others.
    Stateless,
}

/// A request.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) id: Value,
    pub(super) method: String,
    pub(super) params: Value,
    pub(super) era: Era,
}

/// The reason why there is no result.
#[derive(Debug)]
pub(super) struct Failure {
    code: i64,
    message: String,
    data: Option<Value>,
}

impl Failure {
    fn new(code: i64, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), data: None }
    }

    /// Makes the error of wrong parameters.
    pub(super) fn params(message: impl Into<String>) -> Self {
        Self::new(INVALID_PARAMS, message)
    }

    pub(super) fn unknown_method(method: &str) -> Self {
        Self::new(METHOD_NOT_FOUND, format!("there is no method {}", crate::values::quote(method)))
    }

    fn unsupported(version: &str) -> Self {
        let supported: Vec<&str> = [STATELESS].into_iter().chain(HANDSHAKE).collect();
        let data = json!({ "supported": supported, "requested": version });
        Self { data: Some(data), ..Self::new(UNSUPPORTED_VERSION, "Unsupported protocol version") }
    }

    /// Returns its HTTP status, where requests are independent of each other.
    pub(super) fn status(&self) -> StatusCode {
        if self.code == METHOD_NOT_FOUND { StatusCode::NOT_FOUND } else { StatusCode::BAD_REQUEST }
    }

    pub(super) fn answer(self, id: &Value, status: StatusCode) -> HttpResponse {
        let mut error = json!({ "code": self.code, "message": self.message });
        if let (Some(data), Some(fields)) = (self.data, error.as_object_mut()) {
            fields.insert("data".to_owned(), data);
        }
        HttpResponse::build(status).json(json!({ "jsonrpc": "2.0", "id": id, "error": error }))
    }
}

impl Message {
    /// Reads a request; `None` for what wants no answer.
    ///
    /// # Errors
    /// The fault, with the id to answer to.
    pub(super) fn parse(request: &HttpRequest, sent: Value) -> Result<Option<Self>, Box<(Value, Failure)>> {
        let Value::Object(mut fields) = sent else {
            return Err(Box::new((
                Value::Null,
                Failure::new(INVALID_REQUEST, "one JSON-RPC message is wanted: an object"),
            )));
        };
        let id = fields.remove("id").unwrap_or_default();
        let wrong = |failure| Err(Box::new((id.clone(), failure)));
        if fields.get("jsonrpc").and_then(Value::as_str) != Some("2.0") {
            return wrong(Failure::new(INVALID_REQUEST, "jsonrpc must be \"2.0\""));
        }
        let Some(Value::String(method)) = fields.remove("method") else {
            let answers = fields.contains_key("result") || fields.contains_key("error");
            return if answers { Ok(None) } else { wrong(Failure::new(INVALID_REQUEST, "there is no method")) };
        };
        if id.is_null() {
            return Ok(None);
        }
        if !(id.is_string() || id.is_i64() || id.is_u64()) {
            return Err(Box::new((Value::Null, Failure::new(INVALID_REQUEST, "an id is a string or a whole number"))));
        }
        let params = fields.remove("params").unwrap_or_else(|| Value::Object(Map::new()));
        if !params.is_object() {
            return wrong(Failure::params("params must be an object"));
        }
        match era(request, &method, &params) {
            Ok(era) => Ok(Some(Self { id, method, params, era })),
            Err(failure) => wrong(failure),
        }
    }

    /// Returns a result as the client's generation has it.
    pub(super) fn answer(&self, mut result: Value) -> Value {
        if let (Era::Stateless, Some(fields)) = (self.era, result.as_object_mut()) {
            fields.insert("resultType".to_owned(), "complete".into());
            fields.insert("_meta".to_owned(), json!({ SERVER_KEY: server() }));
            if self.method != "tools/call" {
                fields.insert("ttlMs".to_owned(), 0.into());
                fields.insert("cacheScope".to_owned(), "private".into());
            }
        }
        json!({ "jsonrpc": "2.0", "id": self.id, "result": result })
    }
}

fn header<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    request.headers().get(name)?.to_str().ok()
}

/// Returns the generation that a request is of, and whether its headers say what it says itself.
fn era(request: &HttpRequest, method: &str, params: &Value) -> Result<Era, Failure> {
    let version = header(request, VERSION_HEADER);
    let meta = params.get("_meta");
    let own = meta.and_then(|meta| meta.get(VERSION_KEY));
    if own.is_none() && version != Some(STATELESS) {
        return match version {
            Some(version) if method != "initialize" && !HANDSHAKE.contains(&version) => {
                Err(Failure::unsupported(version))
            }
            _ => Ok(Era::Handshake),
        };
    }
    let Some(own) = own.and_then(Value::as_str) else {
        return Err(Failure::params(format!("params._meta must have {VERSION_KEY}, a string")));
    };
    if meta.and_then(|meta| meta.get(CAPABILITIES_KEY)).is_none() {
        return Err(Failure::params(format!("params._meta must have {CAPABILITIES_KEY}")));
    }
    let mismatch =
        |name: &str| Err(Failure::new(HEADER_MISMATCH, format!("the header {name} is not what the body says")));
    if version != Some(own) {
        return mismatch(VERSION_HEADER);
    }
    if header(request, METHOD_HEADER) != Some(method) {
        return mismatch(METHOD_HEADER);
    }
    let named = match method {
        "tools/call" | "prompts/get" => params.get("name"),
        "resources/read" => params.get("uri"),
        _ => None,
    };
    if let Some(named) = named.and_then(Value::as_str)
        && header(request, NAME_HEADER).and_then(decoded).as_deref() != Some(named)
    {
        return mismatch(NAME_HEADER);
    }
    if own == STATELESS { Ok(Era::Stateless) } else { Err(Failure::unsupported(own)) }
}

/// Returns the value of a header that cannot hold every text: `=?base64?…?=` where it is no visible ASCII.
fn decoded(value: &str) -> Option<String> {
    match value.strip_prefix("=?base64?").and_then(|rest| rest.strip_suffix("?=")) {
        Some(encoded) => String::from_utf8(STANDARD.decode(encoded).ok()?).ok(),
        None => Some(value.to_owned()),
    }
}
