//! The frame of every page: navigation, language, the visitor, and the moment.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::{
    CONTENT_DISPOSITION, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderName, HeaderValue, VARY,
};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::language::Language;
use super::links::Links;
use super::page::{Page, View};
use super::page_cache::PageCache;
use super::params::Params;
use super::reading::{Head, Reading};
use super::texts::Texts;
use super::visit::{Visit, language};
use super::{assets, cookies, paths};
use crate::error::{Error, Result};
use crate::http::{Conditions, encode};

/// Nothing but our own style sheets and pictures; forms go to us alone, and no other site shows a page within one of
/// its own.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'none'";
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
/// The time that the language is remembered, in seconds: a year.
const REMEMBERED: i64 = 365 * 86_400;

/// The links of the navigation: the path and the key of its text.
const PLACES: [(&str, &str); 9] = [
    ("/", "nav-panorama"),
    ("/nations", "nav-nations"),
    ("/projects", "nav-projects"),
    ("/agreements", "nav-agreements"),
    ("/organisations", "nav-organisations"),
    ("/reviews", "nav-reviews"),
    ("/review", "nav-review"),
    ("/findings", "nav-findings"),
    ("/changes", "nav-changes"),
];

/// The parts of a request that every page uses.
pub(super) struct Context {
    /// The texts of the page.
    pub(super) t: Texts,
    /// The links of the page.
    pub(super) links: Links,
    /// The parameters.
    pub(super) params: Params,
    /// Its path.
    pub(super) path: String,
    /// The visitor, if one is signed in.
    pub(super) visit: Option<Visit>,
    request: HttpRequest,
}

impl Context {
    /// Returns the context of a request.
    ///
    /// # Errors
    /// [`Error::BadRequest`] for a language that there is none of.
    pub(super) fn of(request: &HttpRequest, visit: Option<Visit>) -> Result<Self> {
        Params::of(request).map(|params| Self::with(request, visit, params))
    }

    /// Makes the context of an error page: the error may be about the parameters.
    pub(super) fn lenient(request: &HttpRequest, visit: Option<Visit>) -> Self {
        let params = Params::only(Params::of(request).unwrap_or_default().language);
        Self::with(request, visit, params)
    }

    fn with(request: &HttpRequest, visit: Option<Visit>, params: Params) -> Self {
        let t = Texts::new(language(request));
        Self {
            t,
            links: params.links(request),
            path: request.path().to_owned(),
            params,
            visit,
            request: request.clone(),
        }
    }

    /// Returns the moment that is asked about.
    pub(super) fn as_of(&self) -> Option<&str> {
        self.params.get("as_of")
    }

    /// Returns the shorter address of the same page, where there is one.
    pub(super) fn tidy(&self) -> Option<HttpResponse> {
        if !self.params.untidy {
            return None;
        }
        let target = self.links.with(&self.path, &self.params.pairs());
        Some(HttpResponse::SeeOther().insert_header(("Location", target)).finish())
    }

    /// Returns the entity tag of the page at a moment: another for every revision, day, language and visitor.
    pub(super) fn tag(&self, head: &Head) -> String {
        let mark = self.visit.as_ref().map(Visit::mark).unwrap_or_default();
        let mark: String = mark.chars().take(16).collect();
        let build = assets::address("registry.css");
        let build = build.rsplit('=').next().unwrap_or_default();
        format!("W/\"p{}-{}-{}-{mark}-{build}\"", head.revision, head.day, self.t.language().tag())
    }

    /// Returns the answer to a browser that has the page already.
    ///
    /// # Errors
    /// [`Error::BadRequest`] for a malformed header.
    pub(super) fn not_modified(&self, head: &Head) -> Result<Option<HttpResponse>> {
        let tag = self.tag(head);
        let has = Conditions::of(&self.request)?.has(&tag);
        Ok(has.then(|| HttpResponse::NotModified().insert_header((ETAG, tag)).insert_header((VARY, "Cookie")).finish()))
    }
}

impl Context {
    /// Returns the key that a page is kept under: everything that its main part depends on.
    fn key(&self, head: &Head) -> String {
        let role = self.visit.as_ref().map(|visit| visit.caller().role().as_str()).unwrap_or_default();
        let query = encode(self.params.pairs());
        let asked = self.params.language.map(Language::tag).unwrap_or_default();
        let language = self.t.language().tag();
        let path = self.links.at(&self.path);
        format!("{}-{} {role} {language} {asked} {path}?{query}", head.revision, head.day)
    }

    /// Finds the moment of a page; and the page, where the browser has it or it was made for another reader.
    ///
    /// # Errors
    /// Errors of the API about the moment; [`Error::BadRequest`] for a malformed header.
    pub(super) async fn made(&self, reading: &Reading<'_>) -> Result<(Head, Option<HttpResponse>)> {
        let head = reading.head().await?;
        let made = match self.not_modified(&head)? {
            Some(known) => Some(known),
            None => self.kept(&head).map(|kept| kept.answer(self)),
        };
        Ok((head, made))
    }

    /// Returns the page as it was made for another reader, at the same revision.
    fn kept(&self, head: &Head) -> Option<Arc<Page>> {
        self.request.app_data::<web::Data<PageCache>>()?.get(&self.key(head))
    }

    /// Answers with a page, and keeps it for the next reader. Not for a page that has a form token, or depends on the
    /// clock.
    pub(super) fn keep(&self, page: Page) -> HttpResponse {
        let page = Arc::new(page);
        if let (Some(kept), Some(head)) = (self.request.app_data::<web::Data<PageCache>>(), &page.head) {
            kept.keep(self.key(head), page.clone());
        }
        page.answer(self)
    }
}

/// Makes an answer that browsers save as a file.
pub(super) fn file(name: &str, kind: &'static str, body: impl Into<web::Bytes>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, kind))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .body(body.into())
}

/// The media type of pictures.
pub(super) const SVG: &str = "image/svg+xml";

/// Returns the main part of a page.
///
/// # Errors
/// [`Error::Internal`] when the template fails.
pub(super) fn rendered(template: &impl Template) -> Result<String> {
    template.render().map_err(|error| Error::internal("a page cannot be written", error))
}

struct Place {
    text: String,
    href: String,
    current: bool,
}

struct Tongue {
    tag: &'static str,
    name: String,
    href: String,
    current: bool,
}

#[derive(Template)]
#[template(path = "frame.html", config = "src/pages/askama.toml")]
struct Frame<'a> {
    t: Texts,
    title: &'a str,
    main: &'a str,
    home: String,
    places: Vec<Place>,
    tongues: Vec<Tongue>,
    user: Option<String>,
    form_token: String,
    sign_in: String,
    sign_out: String,
    sessions: String,
    search: String,
    about: String,
    pico: String,
    own: String,
    icon: String,
    as_of: Option<(String, i64, String)>,
    past: Option<String>,
    present: String,
    views: &'a [View],
    call: Option<&'a str>,
    kept: Vec<(&'static str, String)>,
}

impl Page {
    /// Adds links to the same content as files: a path below `/api/v1` and its query string.
    pub(super) fn files(mut self, context: &Context, path: &str, query: &str) -> Self {
        let moment = context.as_of().map(|moment| encode([("as_of", moment)]));
        let parts = |format: Option<&str>| {
            let format = format.map(|format| format!("format={format}"));
            let parts: Vec<String> = [Some(query.to_owned()), moment.clone(), format]
                .into_iter()
                .flatten()
                .filter(|part| !part.is_empty())
                .collect();
            if parts.is_empty() { String::new() } else { format!("?{}", parts.join("&")) }
        };
        let file = |format: &str| context.links.at(&format!("{}{path}{}", paths::DATA, parts(Some(format))));
        self.views = [("JSON", "json"), ("CSV", "csv"), ("XLSX", "xlsx")]
            .map(|(name, format)| View { name, href: file(format) })
            .into();
        self.call = Some(context.links.at(&format!("{}{path}{}", crate::http::API, parts(None))));
        self
    }

    /// Answers with the page.
    pub(super) fn answer(&self, context: &Context) -> HttpResponse {
        let tag = self.head.as_ref().map(|head| context.tag(head));
        let status = self.status;
        let text = match rendered(&self.frame(context)) {
            Ok(text) => text,
            Err(error) => return actix_web::ResponseError::error_response(&error),
        };
        let mut response = HttpResponse::build(status);
        response
            .insert_header((CONTENT_TYPE, "text/html; charset=utf-8"))
            .insert_header((CONTENT_LANGUAGE, context.t.language().tag()))
            .insert_header((CONTENT_SECURITY_POLICY, POLICY))
            .insert_header((OPENER_POLICY, HeaderValue::from_static("same-origin")))
            .append_header((VARY, "Cookie, Accept-Language"));
        if let Some(tag) = tag.filter(|_| status == StatusCode::OK) {
            response.insert_header((ETAG, tag));
        }
        let remembered = cookies::read(&context.request, cookies::LANGUAGE);
        if let Some(language) = context.params.language
            && remembered.as_deref() != Some(language.tag())
        {
            response.cookie(cookies::make(&context.request, cookies::LANGUAGE, language.tag(), REMEMBERED));
        }
        response.body(text)
    }

    fn frame(&self, context: &Context) -> Frame<'_> {
        let Context { t, links, params, path, visit, .. } = context;
        let places = PLACES.iter().map(|(place, key)| Place {
            text: t.get(key),
            href: links.to(place),
            current: path == place || (*place != "/" && path.starts_with(&format!("{place}/"))),
        });
        let tongues = Language::ALL.map(|language| Tongue {
            tag: language.tag(),
            name: Texts::new(language).get("language-name"),
            href: Links { language: Some(language), ..links.clone() }.with(path, &params.pairs()),
            current: language == t.language(),
        });
        // The path to return to is one of this service, whatever a proxy has cut off.
        let to = Links { prefix: String::new(), ..links.clone() }.with(path, &params.pairs());
        let kept = [
            ("lang", params.language.map(|language| language.tag().to_owned())),
            ("as_of", context.as_of().map(str::to_owned)),
        ];
        Frame {
            t: *t,
            title: &self.title,
            main: &self.main,
            home: links.to("/"),
            places: places.collect(),
            tongues: tongues.into(),
            user: visit.as_ref().map(|visit| visit.caller().display_name().to_owned()),
            form_token: visit.as_ref().map(Visit::form_token).unwrap_or_default(),
            sign_in: links.with(paths::SIGN_IN, &[("to", &to)]),
            sign_out: links.at(paths::SIGN_OUT),
            sessions: links.to(paths::SESSIONS),
            search: links.at("/search"),
            about: links.to("/about"),
            pico: links.at(&assets::address("pico.css")),
            own: links.at(&assets::address("registry.css")),
            icon: links.at(&assets::address("icon.svg")),
            as_of: self.head.as_ref().map(|head| {
                let hash: String = head.hash.chars().take(12).collect();
                (t.date(&head.day.to_string()), head.revision, hash)
            }),
            past: context.as_of().map(|moment| t.moment(moment)),
            present: Links { as_of: None, ..links.clone() }.with(path, &params.without(&["as_of"]).pairs()),
            views: &self.views,
            call: self.call.as_deref(),
            kept: kept.into_iter().filter_map(|(name, value)| Some((name, value?))).collect(),
        }
    }
}
