//! Signing in and out.

use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::frame::{Context, rendered};
use super::page::Page;
use super::post::Post;
use super::texts::Texts;
use super::visit::{Visit, form_token};
use super::{cookies, params::Params, paths};
use crate::auth::{Auth, BROWSER_SECONDS, Password, Secret};
use crate::error::{Error, Result};
use crate::http::client_address;
use crate::values::hex;

/// The path of a link that signs in once.
pub(super) const LINK: &str = "/sign-in/link";
/// The time that the page of the form may be open, in seconds.
const VISITOR_SECONDS: i64 = 3_600;

#[derive(Template)]
#[template(path = "sign_in.html", config = "src/pages/askama.toml")]
struct SignIn {
    t: Texts,
    /// The name of the identity provider, and the way there.
    provider: Option<(String, String)>,
    why: Option<String>,
    wrong: Option<String>,
    name: String,
    to: String,
    form_token: String,
    action: String,
}

/// `GET /sign-in`
pub(super) async fn page(request: HttpRequest, auth: web::Data<Auth>) -> Result<HttpResponse> {
    let context = Context::of(&request, None)?;
    let to = same_site(context.params.get("to").unwrap_or("/"));
    match Visit::of(&request).await {
        Ok(_) => return Ok(see_other(&context.links.at(&to))),
        Err(Error::Unauthenticated(_)) => {}
        Err(error) => return Err(error),
    }
    let why = match context.params.get("why") {
        Some("expired") => Some(context.t.get("sign-in-expired")),
        Some("out") => Some(context.t.get("sign-in-out")),
        Some("link") => Some(context.t.get("sign-in-link")),
        Some("provider") => Some(context.t.get("sign-in-provider-wrong")),
        Some("role") => Some(context.t.get("sign-in-provider-role")),
        _ => None,
    };
    show(&request, &context, &auth, Form { why, to, ..Form::default() })
}

/// The content of the form.
#[derive(Default)]
struct Form {
    why: Option<String>,
    wrong: Option<String>,
    name: String,
    to: String,
}

fn show(request: &HttpRequest, context: &Context, auth: &Auth, form: Form) -> Result<HttpResponse> {
    let known = cookies::read(request, cookies::VISITOR);
    let secret = match &known {
        Some(secret) => secret.clone(),
        None => random()?,
    };
    let status = if form.wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let Form { why, wrong, name, to } = form;
    let links = super::links::Links { as_of: None, ..context.links.clone() };
    let provider = auth.provider_name().map(|name| (name, links.with(paths::PROVIDER, &[("to", &to)])));
    let (form_token, action) = (form_token(&secret), links.to(paths::SIGN_IN));
    let view = SignIn { t: context.t, provider, why, wrong, name, to, form_token, action };
    let main = rendered(&view)?;
    let mut response = Page::new(context.t.get("sign-in"), main).status(status).answer(context);
    let cookie = cookies::make(request, cookies::VISITOR, &secret, VISITOR_SECONDS);
    response.add_cookie(&cookie).map_err(|error| Error::internal("a cookie", error.to_string()))?;
    if cookies::read(request, cookies::SESSION).is_some() {
        // It proves nothing any more, and the form carries the token of a visitor.
        let gone = cookies::remove(request, cookies::SESSION);
        response.add_cookie(&gone).map_err(|error| Error::internal("a cookie", error.to_string()))?;
    }
    unstored(&mut response);
    Ok(response)
}

/// `POST /sign-in`
pub(super) async fn sign_in(request: HttpRequest, auth: web::Data<Auth>, form: Post) -> Result<HttpResponse> {
    let name = form.get("username").unwrap_or_default().trim().to_owned();
    let password = Password::new(form.get("password").unwrap_or_default());
    let to = same_site(form.get("to").unwrap_or("/"));
    match auth.sign_in_browser(&name, password, client_address(&request)).await {
        Ok(secret) => {
            let links = Params::of(&request)?.links(&request);
            Ok(signed_in(&request, &secret, &links.at(&to)))
        }
        Err(Error::Unauthenticated(_)) => {
            let context = Context::of(&request, None)?;
            let wrong = Some(context.t.get("sign-in-wrong"));
            show(&request, &context, &auth, Form { wrong, name, to, why: None })
        }
        Err(error) => Err(error),
    }
}

/// `GET /sign-in/link`: for a browser on the machine that the service runs on.
pub(super) async fn by_link(request: HttpRequest, auth: web::Data<Auth>) -> Result<HttpResponse> {
    let params = Params::of(&request)?;
    let here = request.peer_addr().is_some_and(|peer| peer.ip().to_canonical().is_loopback());
    if !here {
        return Err(Error::NotFound("there is nothing at this path".to_owned()));
    }
    match auth.sign_in_by_link(params.get("key").unwrap_or_default(), client_address(&request)).await {
        Ok(secret) => Ok(signed_in(&request, &secret, &params.links(&request).to("/"))),
        Err(Error::Unauthenticated(_)) => {
            Ok(see_other(&params.links(&request).with(paths::SIGN_IN, &[("why", "link")])))
        }
        Err(error) => Err(error),
    }
}

/// `POST /sign-out`
pub(super) async fn sign_out(request: HttpRequest, auth: web::Data<Auth>, _form: Post) -> Result<HttpResponse> {
    if let Some(secret) = cookies::read(&request, cookies::SESSION) {
        auth.end_browser(&secret).await?;
    }
    let target = Params::of(&request)?.links(&request).with(paths::SIGN_IN, &[("why", "out")]);
    let mut response = see_other(&target);
    let gone = cookies::remove(&request, cookies::SESSION);
    response.add_cookie(&gone).map_err(|error| Error::internal("a cookie", error.to_string()))?;
    Ok(response)
}

/// Makes the answer that signs a browser in, with a new cookie.
pub(super) fn signed_in(request: &HttpRequest, secret: &Secret, to: &str) -> HttpResponse {
    let mut response = HttpResponse::SeeOther();
    response
        .insert_header((LOCATION, to.to_owned()))
        .cookie(cookies::make(request, cookies::SESSION, secret.reveal(), BROWSER_SECONDS))
        .cookie(cookies::remove(request, cookies::VISITOR));
    let mut response = response.finish();
    unstored(&mut response);
    response
}

pub(super) fn see_other(to: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, to.to_owned())).finish()
}

pub(super) fn unstored(response: &mut HttpResponse) {
    use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
}

/// 256 random bits.
fn random() -> Result<String> {
    let mut bytes = [0_u8; 32];
    aws_lc_rs::rand::fill(&mut bytes)
        .map_err(|error| Error::internal("the operating system gives no random numbers", error))?;
    Ok(hex(&bytes))
}

/// Returns a path of this service, with its query; what may lead anywhere else leads to `/`.
pub(super) fn same_site(to: &str) -> String {
    const BASE: &str = "http://registry.invalid/";
    let plain = to.starts_with('/') && !to.starts_with("//") && !to.contains('\\') && !to.contains(char::is_control);
    let joined = url::Url::parse(BASE).and_then(|base| base.join(to));
    match joined {
        Ok(url) if plain && url.host_str() == Some("registry.invalid") && !url.path().starts_with("//") => {
            let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
            if url.path().starts_with("/sign-") { "/".to_owned() } else { format!("{}{query}", url.path()) }
        }
        _ => "/".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_returns_to_paths_of_this_service_alone() {
        for path in ["/", "/projects?nation=IN&sort=-name", "/nations/IN", "/search?q=%C3%A9tats"] {
            assert_eq!(same_site(path), path);
        }
        for elsewhere in [
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "/%0d%0aSet-Cookie:x\r\nx",
            "javascript:alert(1)",
            "evil",
            "",
            "/.//evil.example",
            "/..//evil.example",
            "/sign-out",
            "/sign-in?to=/",
            "http:/evil.example",
        ] {
            assert_eq!(same_site(elsewhere), "/", "{elsewhere}");
        }
    }
}
