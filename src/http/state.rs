//! The parts of the service that handlers use.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use actix_web::dev::RequestHead;

use crate::auth::Auth;
use crate::changes::Broadcaster;
use crate::config::ServeConfig;
use crate::db::Db;
use crate::error::Result;
use crate::http::middleware::heads::Heads;
use crate::http::reconcile::matching::KnownNames;
use crate::http::request::cursor::CursorSigner;
use crate::http::request::links::{Links, PublicUrl};
use crate::http::response::cache::AnswerCache;
use crate::http::server::slow_clients::MinThroughput;
use crate::http::server::traffic::Traffic;
use crate::http::system::readiness::Readiness;
use crate::idempotency::Running;
use crate::limits;
use crate::registry::RecordCache;
use crate::registry::totals::Totals;
use crate::snapshots::{AsOf, ReadView, Snapshots};
use crate::traces::Tracer;
use crate::values::Network;
use crate::webhooks::Webhooks;

/// The state that every handler can reach.
#[derive(Clone)]
pub struct State {
    /// The registry.
    pub db: Db,
    /// The registry as it was.
    pub snapshots: Snapshots,
    /// The last revision, as far as it is known.
    pub heads: Heads,
    /// Finished answers.
    pub cache: AnswerCache,
    /// The authentication of callers.
    pub auth: Auth,
    /// The key that signs cursors.
    pub cursor_signer: CursorSigner,
    /// True if every change needs `If-Match`.
    pub require_if_match: bool,
    /// The proxies whose word about a client's address counts.
    pub trusted_proxies: Arc<[Network]>,
    /// The address that clients know the service by, where one is set.
    pub public_url: Option<PublicUrl>,
    /// True if the service describes itself.
    pub docs: bool,
    /// True if assistants may ask at `/mcp`.
    pub mcp: bool,
    /// True if answers have `Strict-Transport-Security`, so that browsers use only HTTPS.
    pub hsts: bool,
    /// True if scripts of other origins may use the service.
    pub cors: bool,
    /// True if browsers reach the service over HTTPS.
    pub https: bool,
    /// Set once the service has received a signal to stop.
    pub stopping: Arc<AtomicBool>,
    /// The readiness of the database.
    pub readiness: Readiness,
    /// Totals of lists.
    pub totals: Totals,
    /// The requests with an `Idempotency-Key` that are being done.
    pub running: Arc<Running>,
    /// The names of records, for clients that match other names with them.
    pub names: Arc<KnownNames>,
    /// New changes, for streams.
    pub broadcaster: Broadcaster,
    /// The webhooks, which send changes to receivers.
    pub webhooks: Webhooks,
    /// The counters of requests and connections.
    pub traffic: Traffic,
    /// The traces that requests belong to.
    pub tracer: Tracer,
    /// The time limits of requests.
    pub timeouts: Timeouts,
}

/// The time limits for reading a request and for sending its answer.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// The time that a stream is silent at most.
    pub keep_alive: Duration,
    /// The time that the head of a request may take.
    pub head: Duration,
    /// The time that a connection may wait for another request.
    pub idle: Duration,
    /// The time that a client may take no byte of an answer.
    pub unread: Duration,
    /// The least rate of a client.
    pub min_throughput: MinThroughput,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            keep_alive: Duration::from_secs(limits::KEEP_ALIVE_SECONDS),
            head: Duration::from_secs(limits::HEAD_SECONDS),
            idle: Duration::from_secs(limits::IDLE_SECONDS),
            unread: Duration::from_secs(limits::UNREAD_SECONDS),
            min_throughput: MinThroughput::default(),
        }
    }
}

impl State {
    /// Returns the state of a service that is about to start.
    ///
    /// # Errors
    /// As [`Broadcaster::new`] and [`Webhooks::start`]; [`crate::error::Error::Internal`] when the secret of the
    /// cursors can be neither read nor made.
    pub fn new(config: &ServeConfig, db: Db, auth: Auth) -> Result<Self> {
        Ok(Self {
            snapshots: Snapshots::new(
                db.clone(),
                config.snapshots,
                RecordCache::new(config.record_cache_size.as_u64()),
            ),
            broadcaster: Broadcaster::new(db.clone())?,
            webhooks: Webhooks::start(
                db.clone(),
                &config.data_dir.data_dir,
                config.webhooks(),
                crate::http::request::change_filter::read_question,
            )?,
            heads: Heads::default(),
            cache: AnswerCache::new(config.cache_size.as_u64()),
            db,
            auth,
            cursor_signer: CursorSigner::open(&config.data_dir.data_dir)?,
            require_if_match: config.require_if_match,
            public_url: public_url(config),
            docs: !config.no_docs,
            mcp: !config.no_mcp,
            hsts: config.hsts,
            cors: !config.cors_origins.is_empty(),
            https: config.hsts || config.public_url.as_ref().is_some_and(|url| url.starts_with("https:")),
            trusted_proxies: config.trusted_proxies.clone().into(),
            stopping: Arc::default(),
            readiness: Readiness::default(),
            totals: Totals::default(),
            running: Arc::default(),
            names: Arc::default(),
            traffic: Traffic::default(),
            tracer: Tracer::start(config.otlp_endpoint.as_ref())?,
            timeouts: Timeouts::default(),
        })
    }

    /// Returns the links in the answer to a request that has just come.
    pub(super) fn links(&self, head: &RequestHead) -> Links {
        Links::begin(head, self.public_url.as_ref(), &self.trusted_proxies)
    }

    /// Returns the registry at a moment, now where none is given: what every `GET` of the registry reads (see
    /// [`crate::snapshots`]).
    ///
    /// # Errors
    /// [`crate::error::Error::BadRequest`] for a moment that is still to come; what the database says.
    pub async fn at(&self, as_of: Option<&AsOf>) -> Result<ReadView> {
        self.snapshots.at(as_of).await
    }
}

fn public_url(config: &ServeConfig) -> Option<PublicUrl> {
    config.public_url.as_deref().and_then(|text| url::Url::parse(text).ok()).as_ref().map(PublicUrl::of)
}
