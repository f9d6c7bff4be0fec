//! What the service is made of, for its handlers.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use super::cache::AnswerCache;
use super::cursor::Sealer;
use super::health::Readiness;
use super::links::PublicUrl;
use super::patience::Patience;
use super::traffic::Traffic;
use crate::auth::Auth;
use crate::changes::Hub;
use crate::config::ServeConfig;
use crate::db::Db;
use crate::error::Result;
use crate::limits;
use crate::registry::totals::Totals;
use crate::snapshots::{AsOf, Moment, Snapshots};
use crate::values::Network;

/// What every handler can reach.
#[derive(Clone)]
pub struct State {
    /// The registry.
    pub db: Db,
    /// The registry as it was.
    pub snapshots: Snapshots,
    /// Finished answers.
    pub cache: AnswerCache,
    /// Who calls.
    pub auth: Auth,
    /// What seals cursors.
    pub sealer: Sealer,
    /// Whether every change needs `If-Match`.
    pub require_if_match: bool,
    /// The proxies whose word about a client's address counts.
    pub trusted_proxies: Arc<[Network]>,
    /// The address that clients know the service by, where one is set.
    pub public_url: Option<PublicUrl>,
    /// Whether the service describes itself.
    pub docs: bool,
    /// Whether browsers are told to use nothing but HTTPS.
    pub hsts: bool,
    /// Whether scripts of other origins may use the service.
    pub cors: bool,
    /// Whether browsers reach the service over HTTPS.
    pub https: bool,
    /// Set once the service has been told to stop.
    pub stopping: Arc<AtomicBool>,
    /// Whether the database answers.
    pub readiness: Readiness,
    /// Totals of lists.
    pub totals: Totals,
    /// New changes, for streams.
    pub hub: Hub,
    /// What is counted of requests and connections.
    pub traffic: Traffic,
    /// How long things last.
    pub timeouts: Timeouts,
}

/// How long things last while a request is being read and its answer sent.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// How long a stream is silent at most.
    pub keep_alive: Duration,
    /// How long the head of a request may take.
    pub head: Duration,
    /// How long a connection may wait for another request.
    pub idle: Duration,
    /// How long a client may take no byte of an answer.
    pub unread: Duration,
    /// How slow a client may be.
    pub patience: Patience,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            keep_alive: Duration::from_secs(limits::KEEP_ALIVE_SECONDS),
            head: Duration::from_secs(limits::HEAD_SECONDS),
            idle: Duration::from_secs(limits::IDLE_SECONDS),
            unread: Duration::from_secs(limits::UNREAD_SECONDS),
            patience: Patience::default(),
        }
    }
}

impl State {
    /// The state of a service that is about to start.
    ///
    /// # Errors
    /// As [`Hub::new`]; [`crate::error::Error::Internal`] when the secret of the cursors can be neither read nor made.
    pub fn new(config: &ServeConfig, db: Db, auth: Auth) -> Result<Self> {
        Ok(Self {
            snapshots: Snapshots::new(db.clone(), config.snapshots),
            hub: Hub::new(db.clone())?,
            cache: AnswerCache::new(config.cache_size),
            db,
            auth,
            sealer: Sealer::open(&config.data_dir)?,
            require_if_match: config.require_if_match,
            public_url: public_url(config),
            docs: config.docs,
            hsts: config.hsts,
            cors: !config.cors_origins.is_empty(),
            https: config.hsts || config.public_url.as_ref().is_some_and(|url| url.starts_with("https:")),
            trusted_proxies: config.trusted_proxies.clone().into(),
            stopping: Arc::default(),
            readiness: Readiness::default(),
            totals: Totals::default(),
            traffic: Traffic::default(),
            timeouts: Timeouts::default(),
        })
    }

    /// The registry at a moment, now where none is given: what every `GET` of the registry reads (see
    /// [`crate::snapshots`]).
    ///
    /// # Errors
    /// [`crate::error::Error::BadRequest`] for a moment that is still to come; what the database says.
    pub async fn at(&self, as_of: Option<&AsOf>) -> Result<Moment> {
        self.snapshots.at(as_of).await
    }
}

fn public_url(config: &ServeConfig) -> Option<PublicUrl> {
    config.public_url.as_deref().and_then(|text| url::Url::parse(text).ok()).as_ref().map(PublicUrl::of)
}
