//! `/users`: the users who may sign in, for admins.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::json;
use utoipa::openapi::schema::Type;

use crate::auth::users::{Change, NewUser, User};
use crate::auth::{Auth, NewPassword, Role, Username};
use crate::error::{Error, Result};
use crate::http::middleware::guard::Admin;
use crate::http::middleware::idempotency::{once, whole};
use crate::http::openapi::bodies::{body, flag, named, or_null, secret, text, value};
use crate::http::openapi::kept::{JSON, Kept, Key, MERGE_PATCH, Words};
use crate::http::request::body_fields::{Fields, JsonBody};
use crate::http::request::links::Links;
use crate::http::request::paging::PageRequest;
use crate::http::request::params;
use crate::http::routes::{self, Routes};
use crate::http::state::State;
use crate::idempotency::Reply;
use crate::limits;
use crate::values::{FromText as _, Name};

/// Users, as the document has them.
const USERS: Kept = Kept::new("user", "users", Role::Admin, USERNAME);

/// The parameter of a path that says which user.
const USERNAME: Key = Key { name: "username", about: "The user name.", example: "ada.lovelace" };

pub(in crate::http) fn configure(paths: &mut Routes<'_>) {
    let all = [
        routes::get(list).described(|| USERS.list::<User>(LIST)),
        routes::post(create).described(|| USERS.create::<UserCreate, User>(CREATE, "The user.")),
    ];
    let changing = || USERS.change::<UserPatch, User>("update_user", CHANGE, &[MERGE_PATCH, JSON]).refused_with(&[409]);
    let one = [
        routes::get(get).described(|| USERS.get::<User>(GET)),
        routes::patch(change).described(changing),
        routes::delete(delete).described(|| USERS.delete(DELETE, "The user is gone.").refused_with(&[409])),
    ];
    paths.resource("/users", all).resource("/users/{username}", one);
}

body! {
    /// A user to add.
    UserCreate
    required {
        /// The name to sign in with: lower-case letters and digits with `. _ -` between them, at most 64 characters, or
        /// an e-mail address in lower case, at most 64 of its characters before the `@`. It cannot be changed.
        username: value::<Username>(),
        /// The role.
        role: named::<Role>(),
        /// The password, not a common one nor one of these examples, without the user name. It is never shown.
        password: secret(text(limits::PASSWORD), "kestrel over a quiet lagoon"),
    }
    optional {
        /// The name to show; the user name where there is none.
        display_name: value::<Name>(),
        /// True if they are shut out for now.
        disabled: flag(),
    }
    example json!({
        "username": "ada.lovelace", "display_name": "Ada Lovelace", "role": "editor",
        "password": "kestrel over a quiet lagoon",
    })
}

body! {
    /// The changes to a user (JSON Merge Patch): a field that is left out stays.
    UserPatch
    required {}
    optional {
        /// The name to show; `null` for the user name.
        display_name: or_null(value::<Name>(), Type::String),
        /// The role. A new one ends their sessions; a lower one their named tokens as well.
        role: named::<Role>(),
        /// True if they are shut out: it ends their sessions and named tokens.
        disabled: flag(),
        /// A new password, as for a new user: it ends their sessions and named tokens.
        password: secret(text(limits::PASSWORD), "seven lanterns under the pier"),
    }
    example json!({ "display_name": "Ada King", "role": "editor" })
}

const LIST: Words =
    Words("List users", "All users who may sign in, in the order of their names. Passwords are never shown.");

/// `GET /users`
async fn list(_admin: Admin, state: web::Data<State>, req: HttpRequest) -> Result<HttpResponse> {
    let page = PageRequest::of(&req, &state, "users")?;
    let (users, total) = state.auth.users(page.after(), page.fetch()).await?;
    Ok(page.answer(users, total, |user| user.username.as_str()))
}

const CREATE: Words =
    Words("Add a user", "Adds a person who may sign in from now on. The role says what they may read and write.");

/// `POST /users`
async fn create(admin: Admin, state: web::Data<State>, req: HttpRequest, body: JsonBody) -> Result<HttpResponse> {
    let (bytes, mut fields) = Fields::sent::<UserCreate>(&req, body)?;
    let username: Option<Username> = fields.value("username");
    let display_name = fields.value("display_name");
    let role: Option<Role> = fields.value("role");
    let disabled = fields.flag("disabled").unwrap_or_default();
    let password = fields.text("password", |text| NewPassword::parse(text, username.as_ref()));
    fields.finish(&["created_at", "updated_at"])?;
    let (Some(username), Some(role), Some(password)) = (username, role, password) else {
        return Err(Error::Validation(Vec::new()));
    };
    let new = NewUser { username, display_name, role, disabled };
    let links = Links::of(&req);
    let created = move |user: &User| {
        Ok(Reply::json(StatusCode::CREATED, user)?.at(links.to(&format!("/api/v1/users/{}", user.username))))
    };
    once(&req, admin.caller(), &bytes, &state, async |once| {
        let done = state.auth.add_user(admin.caller(), new, password, once, whole(created.clone())).await?;
        done.try_map(|user| created(&user))
    })
    .await
}

const GET: Words = Words(
    "Get a user",
    "The role of a user, whether they are shut out, and when anything about them last changed. No password is \
        shown.",
);

/// `GET /users/{username}`
async fn get(_admin: Admin, auth: web::Data<Auth>, req: HttpRequest) -> Result<HttpResponse> {
    params::none(req.query_string())?;
    let user = auth.user(username_of(&req)?).await?;
    Ok(HttpResponse::Ok().json(user))
}

const CHANGE: Words = Words(
    "Change a user",
    "A JSON Merge Patch (RFC 7396) of the name to show, the role, whether they are shut out, and the password. The \
        last admin who can sign in cannot be demoted or shut out.",
);

/// `PATCH /users/{username}`
async fn change(admin: Admin, auth: web::Data<Auth>, req: HttpRequest, body: JsonBody) -> Result<HttpResponse> {
    params::none(req.query_string())?;
    let username = username_of(&req)?;
    let mut fields = Fields::of::<UserPatch>(body)?;
    let sent = ["role", "disabled", "password"].map(|name| (name, fields.has(name)));
    let renamed = fields.has("display_name");
    let mut change = Change {
        display_name: fields.value("display_name"),
        role: fields.value("role"),
        disabled: fields.flag("disabled"),
        password: fields.text("password", |text| NewPassword::parse(text, Some(&username))),
    };
    if renamed && change.display_name.is_none() {
        // `null` removes the name; a wrong one is a defect already.
        change.display_name = Name::parse(username.as_str()).ok();
    }
    let read = [change.role.is_some(), change.disabled.is_some(), change.password.is_some()];
    // None of these can be removed by a `null`.
    for ((name, sent), read) in sent.into_iter().zip(read) {
        if sent && !read {
            fields.missing(name);
        }
    }
    fields.finish(&["username", "created_at", "updated_at"])?;
    let user = auth.change_user(admin.caller(), username, change).await?;
    Ok(HttpResponse::Ok().json(user))
}

const DELETE: Words = Words(
    "Remove a user",
    "Their sessions and named tokens end with them. The last admin who can sign in cannot be removed.",
);

/// `DELETE /users/{username}`
async fn delete(admin: Admin, auth: web::Data<Auth>, req: HttpRequest) -> Result<HttpResponse> {
    params::none(req.query_string())?;
    auth.remove_user(admin.caller(), username_of(&req)?).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Parses the user name in the path; an invalid one is a 404.
fn username_of(req: &HttpRequest) -> Result<Username> {
    let text = req.match_info().get("username").unwrap_or_default();
    Username::parse(text).map_err(|reason| Error::NotFound(format!("there is no such user: {}", reason.detail)))
}
