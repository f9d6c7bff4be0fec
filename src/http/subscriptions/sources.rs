//! The sources of subscriptions: the lists, the summaries, the partnerships, as files.

use std::future::Future;
use std::pin::Pin;

use actix_web::{HttpRequest, HttpResponse};

use crate::error::{Defect, Error, Result};
use crate::http::analytics::{partnerships, summaries};
use crate::http::collections::list;
use crate::http::middleware::guard::Viewer;
use crate::http::reconcile;
use crate::http::request::cursor::CursorSigner;
use crate::http::request::format::Format;
use crate::http::request::params::ListRequest;
use crate::http::request::query::Query;
use crate::http::state::State;
use crate::limits;
use crate::registry::{Resource, ResourceVisitor, visit_resources};
use crate::transfer::TableFormat;
use crate::values::{ParseError, quote};

/// The formats that an address can end in.
pub(super) const FORMATS: [Format; 3] =
    [Format::Calendar, Format::Table(TableFormat::Csv), Format::Table(TableFormat::Ndjson)];

type Answering<'a> = Pin<Box<dyn Future<Output = Result<HttpResponse>> + 'a>>;

/// A question that can be subscribed to.
struct Source {
    /// Its path below `/api/v1`.
    path: String,
    formats: Vec<Format>,
    /// Looks at a query string, without asking.
    check: fn(&str, &CursorSigner, Format) -> Result<()>,
    /// Answers it.
    answer: for<'a> fn(&'a str, &'a Viewer, &'a HttpRequest, &'a State) -> Answering<'a>,
}

impl Source {
    fn all() -> Vec<Self> {
        struct Sources(Vec<Source>);
        impl ResourceVisitor for Sources {
            type Output = ();

            fn visit<R: Resource>(&mut self) {
                self.0.push(Source {
                    path: format!("/{}", R::COLLECTION),
                    formats: list::formats::<R>(),
                    check: |query, cursor_signer, format| {
                        list::suits(format, &ListRequest::parse::<R>(query, cursor_signer)?.shape)
                    },
                    answer: |query, reader, request, state| Box::pin(list::answer::<R>(query, reader, request, state)),
                });
                if !R::dimensions().is_empty() {
                    self.0.push(Source {
                        path: format!("/summaries/{}", R::COLLECTION),
                        formats: Format::tables(),
                        check: |query, _, _| summaries::parse::<R>(query).map(drop),
                        answer: |query, reader, request, state| {
                            Box::pin(summaries::answer_to::<R>(query, reader, request, state))
                        },
                    });
                }
            }
        }
        let mut sources = Sources(Vec::new());
        visit_resources(&mut sources).for_each(drop);
        sources.0.push(Self {
            path: "/partnerships".to_owned(),
            formats: Format::tables(),
            check: |query, _, _| partnerships::parse(query).map(drop),
            answer: |query, reader, request, state| Box::pin(partnerships::answer_to(query, reader, request, state)),
        });
        sources.0
    }
}

/// The source of a subscription.
pub(super) enum Subscribed {
    /// A question that is answered with a file.
    File(Question),
    /// A service that matches names to the records of a collection.
    Service(&'static str),
}

impl Subscribed {
    /// Reads it: a question, as [`Question::parse`], or the path of a service.
    ///
    /// # Errors
    /// As [`Question::parse`].
    pub(super) fn parse(text: &str, cursor_signer: &CursorSigner) -> Result<Self, ParseError> {
        match reconcile::COLLECTIONS.into_iter().find(|name| text == service_of(name)) {
            Some(collection) => Ok(Self::Service(collection)),
            None => Question::parse(text, cursor_signer).map(Self::File),
        }
    }

    /// Returns the text as it is kept.
    pub(super) fn text(&self) -> String {
        match self {
            Self::File(question) => question.text(),
            Self::Service(collection) => service_of(collection),
        }
    }

    /// Returns the end of the address, after the secret.
    pub(super) fn end(&self) -> String {
        match self {
            Self::File(question) => format!(".{}", question.extension()),
            Self::Service(collection) => format!("/{collection}"),
        }
    }
}

/// Returns the path of the service of a collection.
fn service_of(collection: &str) -> String {
    format!("/reconcile/{collection}")
}

/// Tells whether the text of a subscription names a service.
pub(super) fn is_service(text: &str) -> bool {
    reconcile::COLLECTIONS.into_iter().any(|name| text == service_of(name))
}

/// The one question of a subscription.
pub(super) struct Question {
    source: Source,
    query_string: String,
    format: Format,
}

impl Question {
    /// Reads a question: path and query, below `/api/v1` or from there.
    ///
    /// # Errors
    /// A [`ParseError`] that says what would be right.
    pub(super) fn parse(text: &str, cursor_signer: &CursorSigner) -> Result<Self, ParseError> {
        if text.chars().count() > limits::TEXT {
            return Err(ParseError::new("too_long", format!("a query has at most {} characters", limits::TEXT)));
        }
        let question = Self::open(text)?;
        (question.source.check)(&question.query_string, cursor_signer, question.format).map_err(
            |error| match error {
                Error::BadRequest { detail, defects } => {
                    let code = defects.first().map_or("bad_query", |defect: &Defect| defect.code);
                    ParseError::new(code, detail)
                }
                other => ParseError::new("bad_query", other.to_string()),
            },
        )?;
        Ok(question)
    }

    /// Reads a question that was checked when it was stored.
    ///
    /// # Errors
    /// As [`Question::parse`].
    pub(super) fn open(text: &str) -> Result<Self, ParseError> {
        let (path, query_string) = text.split_once('?').unwrap_or((text, ""));
        let path = path.strip_prefix("/api/v1").unwrap_or(path);
        let sources = Source::all();
        let paths: Vec<String> = sources.iter().map(|source| source.path.clone()).collect();
        let source = sources.into_iter().find(|source| source.path == path).ok_or_else(|| {
            ParseError::new("unknown_value", format!("{} is none of {}", quote(path), paths.join(", ")))
        })?;
        let mut query = Query::parse(query_string).map_err(|error| ParseError::new("bad_query", error.to_string()))?;
        if query.take("cursor").is_some() {
            return Err(ParseError::new("bad_query", "a subscription has no pages: leave cursor out"));
        }
        let offered: Vec<Format> = FORMATS.into_iter().filter(|format| source.formats.contains(format)).collect();
        let names: Vec<&str> = offered.iter().map(|format| format.name()).collect();
        let wanted = query.take("format").unwrap_or_default();
        let format = offered.into_iter().find(|format| format.name() == wanted).ok_or_else(|| {
            ParseError::new("bad_format", format!("format is required here, one of {}", names.join(", ")))
        })?;
        Ok(Self { source, query_string: query_string.to_owned(), format })
    }

    /// Path and query below `/api/v1`, as they are kept.
    pub(super) fn text(&self) -> String {
        format!("{}?{}", self.source.path, self.query_string)
    }

    /// Returns the end of the address.
    pub(super) fn extension(&self) -> &'static str {
        self.format.name()
    }

    /// Answers the question.
    ///
    /// # Errors
    /// The error in the question; errors of the database.
    pub(super) async fn answer(&self, reader: &Viewer, request: &HttpRequest, state: &State) -> Result<HttpResponse> {
        (self.source.answer)(&self.query_string, reader, request, state).await
    }
}
