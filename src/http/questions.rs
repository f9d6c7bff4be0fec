//! The question of the API that an address asks.

use crate::error::{Error, Result};
use crate::http::analytics;
use crate::http::ask::Ask;
use crate::http::collections::list;
use crate::http::collections::resource;
use crate::http::feed::differences;
use crate::http::search;
use crate::http::state::State;
use crate::registry::{Resource, ResourceVisitor, visit_resource};

impl Ask {
    /// Reads the question that `GET` of this path below [`API`] asks, with this query string.
    ///
    /// # Errors
    /// As the handler of the path; [`Error::NotFound`] for a path that asks nothing.
    pub(crate) fn parse(path: &str, query: &str, state: &State) -> Result<Self> {
        let mut segments = path.split('/').skip(1);
        let found = match (segments.next().unwrap_or_default(), segments.next(), segments.next()) {
            ("partnerships", None, _) => Some(analytics::partnerships_question(query)?),
            ("network", None, _) => Some(analytics::network_question(query)?),
            ("activity", None, _) => Some(analytics::activity_question(query)?),
            ("search", None, _) => Some(search::question(query, state)?),
            ("findings", None, _) => Some(analytics::findings_question(query, state)?),
            ("changes", Some("summary"), None) => Some(differences::question(query)?),
            ("summaries", Some(collection), None) => of_kind(collection, Of::Summary, query, state)?,
            (collection, None, _) => of_kind(collection, Of::List, query, state)?,
            (collection, Some(code), None) => of_kind(collection, Of::Record(code), query, state)?,
            (collection, Some(code), Some("history")) => of_kind(collection, Of::History(code), query, state)?,
            _ => None,
        };
        found.ok_or_else(|| Error::NotFound(format!("there is no question at {path}")))
    }
}

/// A question about a kind of record.
#[derive(Clone, Copy)]
enum Of<'a> {
    List,
    Summary,
    Record(&'a str),
    History(&'a str),
}

fn of_kind(collection: &str, of: Of<'_>, query: &str, state: &State) -> Result<Option<Ask>> {
    struct Question<'a> {
        of: Of<'a>,
        query: &'a str,
        state: &'a State,
    }
    impl ResourceVisitor for Question<'_> {
        type Output = Option<Result<Ask>>;

        fn visit<R: Resource>(&mut self) -> Self::Output {
            match self.of {
                Of::List => Some(list::question::<R>(self.query, self.state)),
                Of::Summary => (!R::dimensions().is_empty()).then(|| analytics::summary_question::<R>(self.query)),
                Of::Record(code) => Some(resource::question::<R>(code, self.query)),
                Of::History(code) => Some(resource::history_question::<R>(code, self.query, self.state)),
            }
        }
    }
    visit_resource(collection, &mut Question { of, query, state }).flatten().transpose()
}
