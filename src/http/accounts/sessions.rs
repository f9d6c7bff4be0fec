//! `/sessions`: the current sign-ins of the caller; an admin sees and ends those of all users.

use actix_web::{HttpRequest, HttpResponse, web};

use crate::auth::{Auth, Role, Session};
use crate::error::Result;
use crate::http::middleware::guard::Viewer;
use crate::http::openapi::kept::{Kept, Key, Words};
use crate::http::request::paging::PageRequest;
use crate::http::request::params;
use crate::http::routes::{self, Routes};
use crate::http::state::State;

/// Sessions, as the document has them.
const SESSIONS: Kept =
    Kept { tag: "auth", ..Kept::new("session", "sessions", Role::Viewer, Key::id("The session's id.")) };

pub(in crate::http) fn configure(paths: &mut Routes<'_>) {
    let ending = || SESSIONS.delete(DELETE, "The session is over.");
    paths
        .resource("/sessions", [routes::get(list).described(|| SESSIONS.list::<Session>(LIST))])
        .resource("/sessions/{id}", [routes::delete(delete).described(ending)]);
}

const LIST: Words = Words(
    "List sessions",
    "The caller's own current sign-ins, of programs and of browsers; for an admin, those of all users.",
);

/// `GET /sessions`
async fn list(viewer: Viewer, state: web::Data<State>, req: HttpRequest) -> Result<HttpResponse> {
    let page = PageRequest::of(&req, &state, "sessions")?;
    let (sessions, total) = state.auth.sessions(viewer.caller(), page.after(), page.fetch()).await?;
    Ok(page.answer(sessions, total, |session| &session.id))
}

const DELETE: Words =
    Words("End a session", "Its refresh token, its access tokens and its browser stop working at once.");

/// `DELETE /sessions/{id}`
async fn delete(viewer: Viewer, auth: web::Data<Auth>, req: HttpRequest) -> Result<HttpResponse> {
    params::none(req.query_string())?;
    let id = req.match_info().get("id").unwrap_or_default().to_owned();
    auth.end_session(viewer.caller(), id).await?;
    Ok(HttpResponse::NoContent().finish())
}
