//! The feed as server-sent events (WHATWG HTML §9.2): the changes as they are made, for as long as the caller may read
//! them.
//!
//! A stream is made at the speed at which it is read. It costs no thread: one wakes it when there is something to say.

use actix_web::http::Method;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName};
use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::stream::unfold;

use crate::auth::Role;
use crate::changes::{self, ChangeReceiver, Event, Received};
use crate::db::ReadClass;
use crate::error::{Error, Result};
use crate::http::middleware::guard::{Reauthenticator, Viewer};
use crate::http::request::change_filter::{beyond_head, filter, finish, revision};
use crate::http::request::query::Query;
use crate::http::state::State;
use crate::limits;

/// The header in which a browser names the last event that it has.
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// The header that stops proxies like nginx from buffering an answer.
const BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");
/// A comment: the connection is alive, and nothing has happened.
const ALIVE: &str = ": alive\n\n";

/// `GET /changes/stream`
pub(in crate::http) async fn stream(_: Viewer, request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse> {
    let mut query = Query::parse(request.query_string())?;
    let filter = filter(&mut query)?;
    let since = query.take("since").map(|text| revision("since", &text)).transpose()?;
    finish(query, &["since"])?;
    // The header is newer: a browser that comes back sends it with the address that it began with.
    let last_event = last_event(&request)?;
    let since = last_event.or(since);
    if let Some(since) = since
        && let Some(detail) = beyond_head(since, state.db.read(ReadClass::Inline, changes::revision).await?)
    {
        return Err(match last_event {
            Some(_) => Error::bad_request(format!("Last-Event-ID: {detail}")),
            None => Error::bad_parameter("since", "beyond_head", detail),
        });
    }
    let mut answer = HttpResponse::Ok();
    answer.insert_header((CONTENT_TYPE, "text/event-stream"));
    answer.insert_header((CACHE_CONTROL, "no-store")).insert_header((BUFFERING, "no"));
    if request.method() == Method::HEAD {
        return Ok(answer.finish());
    }
    let stream = Stream {
        reauthenticator: Reauthenticator::of(&request)?,
        receiver: state.broadcaster.subscribe(filter, since).await?,
        state: state.clone(),
        begun: false,
    };
    Ok(answer.streaming(unfold(stream, Stream::next)))
}

/// Returns the revision in `Last-Event-ID`.
fn last_event(request: &HttpRequest) -> Result<Option<i64>> {
    let mut values = request.headers().get_all(&LAST_EVENT_ID);
    let (first, more) = (values.next(), values.next());
    first
        .map(|value| {
            let text = value.to_str().ok().filter(|_| more.is_none());
            let id = text.and_then(|text| revision("Last-Event-ID", text).ok());
            id.ok_or_else(|| {
                Error::bad_request("Last-Event-ID is the id of an event, a revision: a whole number from 0")
            })
        })
        .transpose()
}

struct Stream {
    state: web::Data<State>,
    reauthenticator: Reauthenticator,
    receiver: ChangeReceiver,
    begun: bool,
}

impl Stream {
    /// Waits for the next event; none when the caller has lost the right to read it, or the service stops.
    async fn next(mut self) -> Option<(Result<web::Bytes>, Self)> {
        let text = match self.say().await {
            Ok(text) => text?,
            Err(error) => {
                log::warn!("a stream of changes ends: {error}");
                return None;
            }
        };
        Some((Ok(text.into()), self))
    }

    async fn say(&mut self) -> Result<Option<String>> {
        if !self.begun {
            self.begun = true;
            // An id without data: a client that is cut off before the first change goes on from here.
            return Ok(Some(format!("retry: {}\nid: {}\n\n", limits::RETRY_MILLIS, self.receiver.last())));
        }
        let text = match self.receiver.next(self.state.timeouts.keep_alive).await? {
            Received::Changes(events) => events.iter().map(|event| frame(event)).collect(),
            Received::Nothing => ALIVE.to_owned(),
            Received::End => return Ok(None),
        };
        let _turn = self.state.broadcaster.db_permit().await?;
        Ok(self.reauthenticator.holds(Role::Viewer).await?.then_some(text))
    }
}

fn frame(event: &Event) -> String {
    format!("id: {}\nevent: change\ndata: {}\n\n", event.change.revision, event.json)
}
