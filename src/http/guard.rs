//! stub until the auth branch is merged
use std::future::{Ready, ready};
use std::marker::PhantomData;

use actix_web::body::MessageBody;
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{FromRequest, HttpRequest};

use crate::error::Error;
use crate::registry::{Author, Resource};

/// stub
pub async fn authenticate(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    next.call(request).await
}
/// stub
pub struct Reader;
/// stub
pub struct Writer<R>(PhantomData<R>);
impl<R> Writer<R> {
    /// stub
    pub fn author(&self) -> Author {
        Author::user("stub")
    }
}
impl FromRequest for Reader {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;
    fn from_request(_: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self))
    }
}
impl<R: Resource> FromRequest for Writer<R> {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;
    fn from_request(_: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(PhantomData)))
    }
}
