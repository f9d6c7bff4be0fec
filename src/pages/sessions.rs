//! `/sessions`: the sign-ins of the visitor, each with a button that ends it; for an admin, those of all users.

use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::frame::{Context, rendered};
use super::page::Page;
use super::paths::SESSIONS;
use super::post::Post;
use super::texts::Texts;
use super::visit::Visit;
use crate::auth::{Auth, Role, Session};
use crate::error::{Error, Result};
use crate::limits;

#[derive(Template)]
#[template(path = "sessions.html", config = "src/pages/askama.toml")]
struct Sessions {
    t: Texts,
    /// True if the sessions of all users are listed.
    all: bool,
    lines: Vec<Line>,
    /// The number of sessions that are not shown.
    more: Option<String>,
    done: bool,
    action: String,
    form_token: String,
}

struct Line {
    id: String,
    username: String,
    kind: String,
    since: String,
    until: String,
    current: bool,
}

/// `GET /sessions`
pub(super) async fn page(visit: Visit, request: HttpRequest, auth: web::Data<Auth>) -> Result<HttpResponse> {
    let context = Context::of(&request, Some(visit.clone()))?;
    let t = context.t;
    let (mut sessions, total) = auth.sessions(visit.caller(), None, limits::PAGE).await?;
    // The newest first, as people look for them.
    sessions.sort_by(|a, b| b.created_at.cmp(&a.created_at));
    let hidden = total - i64::try_from(sessions.len()).unwrap_or(total);
    let view = Sessions {
        t,
        all: visit.may(Role::Admin),
        lines: sessions.into_iter().map(|session| line(t, &visit, session)).collect(),
        more: (hidden > 0).then(|| t.n("sessions-more", hidden)),
        done: context.params.get("done").is_some(),
        action: context.links.at(SESSIONS),
        form_token: visit.form_token(),
    };
    let main = rendered(&view)?;
    Ok(Page::new(t.get("nav-sessions"), main).answer(&context))
}

fn line(t: Texts, visit: &Visit, session: Session) -> Line {
    Line {
        kind: t.get(&format!("session-{}", session.kind)),
        since: session.created_at.map(|at| t.time(&at)).unwrap_or_default(),
        until: t.time(&session.expires_at),
        current: session.current || visit.is_session(&session.id),
        id: session.id,
        username: session.username,
    }
}

/// `POST /sessions`: ends one.
pub(super) async fn end(visit: Visit, request: HttpRequest, auth: web::Data<Auth>, post: Post) -> Result<HttpResponse> {
    let context = Context::of(&request, Some(visit.clone()))?;
    match auth.end_session(visit.caller(), post.get("id").unwrap_or_default().to_owned()).await {
        // One that is over already is as good as ended.
        Ok(()) | Err(Error::NotFound(_)) => {}
        Err(error) => return Err(error),
    }
    let target = context.links.with(SESSIONS, &[("done", "1")]);
    Ok(HttpResponse::SeeOther().insert_header((LOCATION, target)).finish())
}
