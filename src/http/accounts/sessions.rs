//! `/sessions`: the sign-ins of the caller that go on; an admin sees and ends everyone's.

use actix_web::{HttpRequest, HttpResponse, web};

use crate::auth::{Auth, Session};
use crate::error::Result;
use crate::http::middleware::guard::Viewer;
use crate::http::openapi::bodies::Page;
use crate::http::openapi::groups::{Always, NeedsRecord, PageParams, Writes};
use crate::http::request::paging::PageRequest;
use crate::http::request::params;
use crate::http::routes::{self, Routes};
use crate::http::state::State;

pub(in crate::http) fn configure(paths: &mut Routes<'_>) {
    paths.documented([
        routes::get(list_sessions).documented::<__path_list_sessions>(),
        routes::delete(delete_session).documented::<__path_delete_session>(),
    ]);
}

/// A page of sessions.
type SessionPage = Page<Session>;

/// List sessions
///
/// The caller's own sign-ins that go on, of programs and of browsers; an admin's are everyone's.
#[utoipa::path(
    get,
    path = "/api/v1/sessions",
    operation_id = "list_sessions",
    tag = "auth",
    security(("oauth2" = ["viewer"]), ("bearer" = [])),
    params(PageParams),
    responses(
        (status = 200, description = "A page of sessions.", body = SessionPage,
            headers(("Link" = String, description = "the next page, if there is one"))),
        Always,
    )
)]
pub(in crate::http) async fn list_sessions(
    viewer: Viewer,
    state: web::Data<State>,
    req: HttpRequest,
) -> Result<HttpResponse> {
    let page = PageRequest::of(&req, &state, "sessions")?;
    let (sessions, total) = state.auth.sessions(viewer.caller(), page.after(), page.fetch()).await?;
    Ok(page.answer(sessions, total, |session| &session.id))
}

/// End a session
///
/// Its refresh token, its access tokens and its browser stop working at once.
#[utoipa::path(
    delete,
    path = "/api/v1/sessions/{id}",
    operation_id = "delete_session",
    tag = "auth",
    security(("oauth2" = ["viewer"]), ("bearer" = [])),
    params(("id" = String, Path, description = "The session's id.", example = "019ac3f0-5d7e-7c31-9f60-0b1c5a1f2f11")),
    responses((status = 204, description = "The session is over."), Always, NeedsRecord, Writes)
)]
pub(in crate::http) async fn delete_session(
    viewer: Viewer,
    auth: web::Data<Auth>,
    req: HttpRequest,
) -> Result<HttpResponse> {
    params::none(req.query_string())?;
    let id = req.match_info().get("id").unwrap_or_default().to_owned();
    auth.end_session(viewer.caller(), id).await?;
    Ok(HttpResponse::NoContent().finish())
}
