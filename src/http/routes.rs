//! Route registration. All routes are registered here, so that every route is listed ([`super::routes`]) and a test can
//! compare the list with the OpenAPI document. A handler that does not begin with a proof of permission does not
//! compile, unless its route is declared open (rules.md 19).

use actix_web::http::Method;
use actix_web::http::header::ALLOW;
use actix_web::{FromRequest, Handler, HttpRequest, HttpResponse, Responder, Route, guard, web};

use crate::error::{Error, Result};
use crate::http::middleware::guard::{Admin, SessionUser, Viewer, Writer};
use crate::http::openapi::described::{Describe, Documented, documented};

/// A route, as it is listed.
#[derive(Clone, Debug)]
pub struct RouteInfo {
    /// The path, with its parameters in braces.
    pub path: String,
    /// The method; `HEAD` goes with `GET`.
    pub method: Method,
    /// True if it needs no proof of permission.
    pub open: bool,
    /// Its documentation; none for paths that are served beside the API.
    pub describe: Option<Describe>,
}

/// The paths while their handlers are set up.
pub(crate) struct Routes<'a> {
    prefix: &'static str,
    listed: &'a mut Vec<RouteInfo>,
    /// The paths with their handlers, by their first segment.
    segments: Vec<(String, Vec<actix_web::Resource>)>,
}

impl<'a> Routes<'a> {
    /// Sets up paths below `prefix`, and adds them to the list.
    pub(crate) fn scope(
        prefix: &'static str,
        config: &mut web::ServiceConfig,
        listed: &'a mut Vec<RouteInfo>,
        set_up: impl FnOnce(&mut Self),
    ) {
        let mut paths = Self { prefix, listed, segments: Vec::new() };
        set_up(&mut paths);
        for (segment, resources) in paths.segments {
            register(config, &segment, resources);
        }
    }

    /// Handlers whose documentation has their paths: those of one path come one after the other.
    pub(crate) fn documented(&mut self, handlers: impl IntoIterator<Item = MethodHandler>) -> &mut Self {
        let mut paths: Vec<(String, Vec<MethodHandler>)> = Vec::new();
        for handler in handlers {
            let whole = handler.path.clone().unwrap_or_default();
            let path = whole.strip_prefix(self.prefix).unwrap_or(&whole).to_owned();
            match paths.last_mut().filter(|(last, _)| *last == path) {
                Some((_, handlers)) => handlers.push(handler),
                None => paths.push((path, vec![handler])),
            }
        }
        for (path, handlers) in paths {
            self.resource(&path, handlers);
        }
        self
    }

    /// Returns a path with its handlers. Any other method is a 405 that names theirs, `OPTIONS` an empty answer that
    /// does.
    pub(crate) fn resource(&mut self, path: &str, handlers: impl IntoIterator<Item = MethodHandler>) -> &mut Self {
        let mut allowed = Vec::new();
        let (segment, rest) = split(path);
        let mut resource = web::resource(rest);
        for MethodHandler { method, open, route, describe, .. } in handlers {
            allowed.push(if method == Method::GET { "GET, HEAD".to_owned() } else { method.to_string() });
            self.listed.push(RouteInfo { path: format!("{}{path}", self.prefix), method, open, describe });
            resource = resource.route(route);
        }
        allowed.push(Method::OPTIONS.to_string());
        let allowed = allowed.join(", ");
        let resource = resource.default_service(web::to(move |request: HttpRequest| {
            let answer = other_method(&request, &allowed);
            async move { answer }
        }));
        match self.segments.iter_mut().find(|(known, _)| known == segment) {
            Some((_, resources)) => resources.push(resource),
            None => self.segments.push((segment.to_owned(), vec![resource])),
        }
        self
    }
}

/// Returns the first segment of a path, and the rest. The root has none, and a parameter is none.
fn split(path: &str) -> (&str, &str) {
    let Some(text) = path.strip_prefix('/').filter(|text| !text.is_empty() && !text.starts_with('{')) else {
        return ("", path);
    };
    path.split_at(text.find('/').map_or(path.len(), |end| end + 1))
}

/// Registers the paths that begin with a segment in a scope of it: its text is compared once, where the router would
/// match the pattern of each path, one after the other.
fn register(config: &mut web::ServiceConfig, segment: &str, resources: Vec<actix_web::Resource>) {
    if segment.is_empty() {
        for resource in resources {
            config.service(resource);
        }
        return;
    }
    let scope = web::scope(segment).default_service(web::to(crate::http::system::fallback::not_found));
    config.service(resources.into_iter().fold(scope, actix_web::Scope::service));
}

fn other_method(request: &HttpRequest, allowed: &str) -> Result<HttpResponse> {
    if request.method() == Method::OPTIONS {
        return Ok(HttpResponse::NoContent().insert_header((ALLOW, allowed)).finish());
    }
    Err(Error::MethodNotAllowed { method: request.method().to_string(), allowed: allowed.to_owned() })
}

/// A handler with its method and its documentation.
pub(crate) struct MethodHandler {
    method: Method,
    open: bool,
    route: Route,
    /// The path, where the documentation has it.
    path: Option<String>,
    describe: Option<Describe>,
}

impl MethodHandler {
    fn new<F, Args>(method: Method, open: bool, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        let wanted = method.clone();
        // HEAD is answered by what answers GET; actix leaves the body out.
        let fits = move |actual: &Method| *actual == wanted || (*actual == Method::HEAD && wanted == Method::GET);
        let route = web::route().guard(guard::fn_guard(move |context| fits(&context.head().method))).to(handler);
        Self { method, open, route, path: None, describe: None }
    }
}

impl MethodHandler {
    /// Returns the same handler with its documentation.
    pub(crate) fn described(self, describe: Describe) -> Self {
        Self { describe: Some(describe), ..self }
    }

    /// Returns the same handler with the documentation, and the path, of its `#[utoipa::path]`.
    pub(in crate::http) fn documented<P: Documented>(self) -> Self {
        Self { path: Some(P::path()), describe: Some(documented::<P>), ..self }
    }
}

/// Returns the handler of a method that needs no proof of permission. Where
/// [`authenticate`](super::middleware::guard::authenticate) comes before it, that must know it as well.
pub(crate) fn open<F, Args>(method: Method, handler: F) -> MethodHandler
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    MethodHandler::new(method, true, handler)
}

macro_rules! methods {
    ($($name:ident = $method:ident;)*) => {$(
        #[doc = concat!("A handler for `", stringify!($method), "`.")]
        pub(crate) fn $name<F, Args>(handler: F) -> MethodHandler
        where
            F: Handler<Args>,
            Args: FromRequest + RequiresPermission + 'static,
            F::Output: Responder + 'static,
        {
            MethodHandler::new(Method::$method, false, handler)
        }
    )*};
}

methods! {
    get = GET;
    post = POST;
    put = PUT;
    patch = PATCH;
    delete = DELETE;
}

/// A proof that the caller may do the work of a handler.
pub(crate) trait Permission {}

impl Permission for Viewer {}
impl Permission for Admin {}
impl Permission for SessionUser {}
impl<R> Permission for Writer<R> {}

/// The parameters of a handler, if a proof is the first: it is asked for before anything else is said.
pub(crate) trait RequiresPermission {}

macro_rules! permitted {
    ($($($more:ident)*;)*) => {$( impl<P: Permission, $($more),*> RequiresPermission for (P, $($more,)*) {} )*};
}

permitted! {
    ;
    A;
    A B;
    A B C;
    A B C D;
}
