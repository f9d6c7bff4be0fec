//! The service: its state, its routes, how it starts and stops. (Placeholder: the HTTP side is built elsewhere.)

use std::net::SocketAddr;

use crate::config::ServeConfig;
use crate::db::Db;
use crate::error::{Error, Result};

/// Serves until it is told to stop. `ready` hears the address once it is listening.
///
/// # Errors
/// When it cannot listen.
pub fn serve(_config: &ServeConfig, _db: Db, _ready: impl FnOnce(SocketAddr)) -> Result<()> {
    Err(Error::Unavailable("the service is not part of this build".to_owned()))
}

/// The OpenAPI document.
///
/// # Errors
/// When it cannot be written as JSON.
pub fn openapi_json() -> Result<String> {
    Err(Error::Unavailable("the OpenAPI document is not part of this build".to_owned()))
}
