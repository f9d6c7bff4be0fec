//! The tools: each is a question of the API.

use std::sync::OnceLock;

use serde_json::{Map, Value, json};

use super::describe::output;
use super::fit;
use super::message::Failure;
use crate::db::ReadClass;
use crate::error::{Error, Result};
use crate::http::ask::Ask;
use crate::http::middleware::guard::Viewer;
use crate::http::openapi::Document;
use crate::http::request::query::{encode, join_list};
use crate::http::response::problem::Problem;
use crate::http::state::State;
use crate::limits;
use crate::registry::ResourceInfo;
use crate::snapshots::AsOf;
use crate::values::{FromText as _, quote};

/// The number of rows that an answer has by default: an assistant reads all of them.
const ROWS: &str = "20";

/// A tool.
pub(super) struct Tool {
    pub(super) name: &'static str,
    title: &'static str,
    about: &'static str,
    /// The path of the question; `{collection}` and `{code}` are arguments.
    pub(super) path: &'static str,
    /// Its other arguments.
    arguments: &'static [&'static str],
    required: &'static [&'static str],
    /// True if the API gives its answer in pages.
    paged: bool,
}

const TOOLS: [Tool; 8] = [
    Tool {
        name: "search",
        title: "Search everything",
        about: "Full text search in every collection, best match first: names in any language, acronyms, texts. All words must \
            match, the last one as a prefix. Each result has the collection (resource), the code and the title of a record.",
        path: "/search",
        arguments: &["q", "in", "limit", "cursor", "as_of"],
        required: &["q"],
        paged: true,
    },
    Tool {
        name: "get",
        title: "Get a record",
        about: "One record with all its fields, by collection and code. `expand` shows the records that it names in full.",
        path: "/{collection}/{code}",
        arguments: &["fields", "expand", "as_of"],
        required: &["collection", "code"],
        paged: false,
    },
    Tool {
        name: "list",
        title: "List records",
        about: "Records of a collection that match filters, sorted, in pages; `total` counts all that match. Choose `fields` to see \
            more records at once.",
        path: "/{collection}",
        arguments: &["filters", "sort", "fields", "expand", "limit", "cursor", "as_of"],
        required: &["collection"],
        paged: true,
    },
    Tool {
        name: "partnerships",
        title: "Partnerships by nation",
        about: "A row for each nation that matches: projects, active projects, agreements in force, the next expiry, ratings, areas, \
            findings.",
        path: "/partnerships",
        arguments: &["filters", "cursor", "as_of"],
        required: &[],
        paged: false,
    },
    Tool {
        name: "summarise",
        title: "Count records",
        about: "The number of records of a collection in each group, such as projects by status, or by nation and area.",
        path: "/summaries/{collection}",
        arguments: &["group_by", "filters", "cursor", "as_of"],
        required: &["collection", "group_by"],
        paged: false,
    },
    Tool {
        name: "changed",
        title: "What has changed",
        about: "The differences between two moments, field by field, with the users who made them. `to` is now by default.",
        path: "/changes/summary",
        arguments: &["from", "to", "resource", "nation", "area", "cursor"],
        required: &["from"],
        paged: false,
    },
    Tool {
        name: "findings",
        title: "What needs attention",
        about: "What does not fit together, is missing, or is due: records that a rule of quality speaks of, with the reason. `counts` \
            has every rule.",
        path: "/findings",
        arguments: &["rule", "resource", "nation", "area", "within", "limit", "cursor", "as_of"],
        required: &[],
        paged: true,
    },
    Tool {
        name: "network",
        title: "Who works with whom",
        about: "Nations or organisations that share projects: nodes, and edges with how many they share.",
        path: "/network",
        arguments: &["of", "filters", "cursor", "as_of"],
        required: &[],
        paged: false,
    },
];

/// Describes the tools to a client.
pub(super) fn all(document: &Document) -> &'static Value {
    static ALL: OnceLock<Value> = OnceLock::new();
    ALL.get_or_init(|| TOOLS.iter().map(|tool| tool.described(document.value())).collect())
}

/// Returns the schema of an argument.
fn argument(name: &str, path: &str) -> Value {
    let text = |about: &str| json!({ "type": "string", "description": about });
    let texts = |about: &str| json!({ "type": "array", "items": { "type": "string" }, "description": about });
    let collections: Vec<&str> = ResourceInfo::collections().collect();
    match name {
        "collection" | "resource" => json!({ "type": "string", "enum": collections, "description": "A collection." }),
        "code" => text("The record's code, such as IN, isro or trishna."),
        "q" => json!({ "type": "string", "minLength": 1, "description": "The words. \"a phrase\" and -not work." }),
        "in" => {
            json!({ "type": "array", "items": { "enum": collections }, "description": "Only in these collections." })
        }
        "filters" => json!({
            "type": "object",
            "additionalProperties": { "anyOf": [
                { "type": ["string", "number", "boolean"] }, { "type": "array", "items": { "type": "string" } },
            ] },
            "description": "Filters by name, all of which must hold; several values of one are alternatives. For projects: \
                {\"nation\": [\"IN\", \"US\"], \"status\": \"operational\", \"launch_date__gte\": \"2020\"}. A wrong name is answered \
                with the right ones; registry://collections/… lists them.",
        }),
        "sort" => text("Fields to sort by, separated by commas; - before one turns its order: -launch_date,name."),
        "fields" => texts("Only these fields."),
        "expand" => texts("Show the records in these fields in full."),
        "limit" => {
            json!({ "type": "integer", "minimum": 1, "maximum": limits::PAGE, "description": "The number of rows at most." })
        }
        "cursor" => text("`next_cursor` of the answer before, with otherwise the same arguments."),
        "as_of" => text("The registry as it was then: a date, a time, a revision (r42) or a release."),
        "from" => text("The earlier moment: a date, a time, a revision (r42) or a release."),
        "to" => text("The later moment."),
        "group_by" => texts("One or two fields to count by."),
        "rule" => texts("Only by these rules."),
        "within" => {
            let description = "The number of months ahead in which decisions are due.";
            json!({ "type": "integer", "minimum": 0, "maximum": limits::MONTHS, "description": description })
        }
        "of" => json!({ "type": "string", "enum": ["nations", "organisations"], "description": "Whose network." }),
        "nation" => text("Only what concerns this nation: its ISO 3166 alpha-2 code."),
        "area" => text("Only what is in this cooperation area: its code."),
        _ => text(path),
    }
}

impl Tool {
    fn described(&self, document: &Value) -> Value {
        let mut properties = Map::new();
        for name in ["collection", "code"].into_iter().filter(|name| self.path.contains(&format!("{{{name}}}"))) {
            properties.insert(name.to_owned(), argument(name, self.path));
        }
        for name in self.arguments {
            properties.insert((*name).to_owned(), argument(name, self.path));
        }
        json!({
            "name": self.name, "title": self.title, "description": self.about,
            "inputSchema": {
                "type": "object", "properties": properties, "required": self.required, "additionalProperties": false,
            },
            "outputSchema": output(document, self.path),
            "annotations": { "readOnlyHint": true, "destructiveHint": false, "idempotentHint": true, "openWorldHint": false },
        })
    }

    /// Path and parameters of the question.
    fn question(&self, arguments: &Map<String, Value>) -> Result<Question> {
        let mut path = self.path.to_owned();
        let mut pairs: Vec<(String, String)> = Vec::new();
        if let Some(name) = self.required.iter().find(|name| !arguments.contains_key(**name)) {
            return Err(Error::bad_parameter(*name, "required", "this argument is required"));
        }
        let (mut cursor, mut as_of) = (None, None);
        for (name, value) in arguments {
            let placeholder = format!("{{{name}}}");
            match name.as_str() {
                "collection" | "code" if self.path.contains(&placeholder) => {
                    path = path.replace(&placeholder, &segment(name, value)?);
                }
                name if !self.arguments.contains(&name) => {
                    let detail = format!("there is no such argument; the arguments are {}", self.arguments.join(", "));
                    return Err(Error::bad_parameter(name, "unknown_parameter", detail));
                }
                "filters" => pairs.extend(filters(value)?),
                "cursor" if !self.paged => cursor = Some(text("cursor", value)?),
                name => {
                    let text = text(name, value)?;
                    if name == "as_of" {
                        let wrong =
                            |why: crate::values::ParseError| Error::bad_parameter("as_of", why.code, why.detail);
                        as_of = Some(AsOf::parse(&text).map_err(wrong)?);
                    }
                    pairs.push((name.to_owned(), text));
                }
            }
        }
        Ok(Question { path, pairs, cursor, as_of })
    }
}

/// A question of the API in the making.
struct Question {
    path: String,
    pairs: Vec<(String, String)>,
    /// The cursor of an answer that the API gives whole.
    cursor: Option<String>,
    as_of: Option<AsOf>,
}

impl Question {
    fn query(&self) -> String {
        encode(self.pairs.iter().map(|(name, text)| (name.as_str(), text.as_str())))
    }

    /// Sets the parameter `limit`.
    fn limit(&mut self, rows: &str) {
        self.pairs.retain(|(name, _)| name != "limit");
        self.pairs.push(("limit".to_owned(), rows.to_owned()));
    }

    /// Asks the question; returns the answer with the revision that it shows.
    async fn ask(&self, state: &State) -> Result<(Value, i64)> {
        let ask = Ask::parse(&self.path, &self.query(), state)?;
        let moment = state.at(self.as_of.as_ref()).await?;
        moment
            .read(ReadClass::Pooled, move |conn, context| {
                let revision = context.revision(conn)?;
                Ok((ask.run(conn, &context)?, revision))
            })
            .await
    }
}

/// Returns a segment of a path: a text with a slash is no code, and must not lead to another path.
fn segment(name: &str, value: &Value) -> Result<String> {
    let text = text(name, value)?;
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if plain { Ok(text) } else { Err(Error::NotFound(format!("there is no {} here", quote(&text)))) }
}

/// Returns an argument as the text of a parameter.
fn text(name: &str, value: &Value) -> Result<String> {
    let wrong = || Error::bad_parameter(name, "type", "a text, a number or a list of texts is wanted");
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(flag) => Ok(flag.to_string()),
        Value::Array(values) => {
            let texts: Option<Vec<String>> = values.iter().map(|value| value.as_str().map(str::to_owned)).collect();
            texts.map(|texts| join_list(&texts)).ok_or_else(wrong)
        }
        Value::Null | Value::Object(_) => Err(wrong()),
    }
}

/// Filters as parameters. Those that would be other arguments are none.
fn filters(value: &Value) -> Result<Vec<(String, String)>> {
    let wrong = || Error::bad_parameter("filters", "type", "an object is wanted: filters by name");
    let given = value.as_object().ok_or_else(wrong)?;
    let other = ["as_of", "cursor", "limit", "format", "dialect", "fields", "expand", "sort", "group_by", "of"];
    given
        .iter()
        .map(|(name, value)| {
            if other.contains(&name.as_str()) {
                let detail = format!("{name} is no filter");
                return Err(Error::bad_parameter("filters", "unknown_parameter", detail));
            }
            Ok((name.clone(), text(name, value)?))
        })
        .collect()
}

/// Calls a tool. If the API refuses the request, the result says why: the assistant can correct its call.
///
/// # Errors
/// For a tool that does not exist.
pub(super) async fn call(reader: &Viewer, params: &Value, state: &State) -> std::result::Result<Value, Failure> {
    let name = params.get("name").and_then(Value::as_str).unwrap_or_default();
    let Some(tool) = TOOLS.iter().find(|tool| tool.name == name) else {
        return Err(Failure::params(format!("there is no tool {}", quote(name))));
    };
    let none = Map::new();
    let arguments = match params.get("arguments") {
        None | Some(Value::Null) => &none,
        Some(Value::Object(arguments)) => arguments,
        Some(_) => return Err(Failure::params("arguments must be an object")),
    };
    log::info!(target: "mcp", "{} calls {}", reader.caller().name(), tool.name);
    Ok(match answer(tool, arguments, state).await {
        Ok(answer) => fit::result(&answer),
        Err(error) => refused(&error),
    })
}

async fn answer(tool: &Tool, arguments: &Map<String, Value>, state: &State) -> Result<Value> {
    let mut question = tool.question(arguments)?;
    if tool.paged && !arguments.contains_key("limit") {
        question.limit(ROWS);
    }
    let (answer, revision) = question.ask(state).await?;
    if !tool.paged {
        let shape = json!(["mcp", question.path, question.query()]).to_string();
        let cursors = state.cursor_signer.of(shape);
        let part = if tool.name == "get" {
            answer
        } else {
            fit::part(answer, revision, &cursors, question.cursor.as_deref())?
        };
        return if fit::fits(&part) { Ok(part) } else { Err(fit::too_large()) };
    }
    if fit::fits(&answer) {
        return Ok(answer);
    }
    question.limit(&fit::rows_that_fit(&answer).to_string());
    let (fewer, _) = question.ask(state).await?;
    if fit::fits(&fewer) { Ok(fewer) } else { Err(fit::too_large()) }
}

/// Returns a result that tells of an error, as the API's problem.
fn refused(error: &Error) -> Value {
    crate::http::middleware::envelope::log_internal(error, &crate::http::request::request_id::RequestId(String::new()));
    let problem = json!(Problem::new(error, "")).to_string();
    json!({ "content": [{ "type": "text", "text": problem }], "isError": true })
}
