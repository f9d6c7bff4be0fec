//! A service of its own for a test, stopped and removed when the test is done with it.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::channel;
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use bytesize::ByteSize;
use diesel::prelude::*;
use partnership_registry::app::{State, Timeouts, metrics_server, server};
use partnership_registry::auth::{Auth, Role, Settings, oidc, users};
use partnership_registry::changes::Broadcaster;
use partnership_registry::config::{MetricsArgs, MetricsBind, ServeConfig};
use partnership_registry::db::schema::users as table;
use partnership_registry::db::{Db, Limits};
use partnership_registry::http::AnswerCache;
use partnership_registry::snapshots::Snapshots;
use partnership_registry::webhooks::{Allowed, Pace, Webhooks};
use serde_json::Value;

use super::{Client, Database};

/// The password of all users: one hash serves all, since making one takes a twentieth of a second.
pub(crate) const PASSWORD: &str = "a password for the tests alone";

/// Webhooks that fail are tried again at once, nearly, and given up after two seconds.
const PACE: Pace = Pace {
    deadline: Duration::from_secs(5),
    first: Duration::from_millis(20),
    longest: Duration::from_millis(100),
    give_up: Duration::from_secs(2),
    tick: Duration::from_millis(20),
};

/// How a service is started.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    /// How many connections there may be, and how many of one address: 127.0.0.1 is one here.
    pub(crate) max_connections: usize,
    pub(crate) max_connections_per_address: Option<usize>,
    pub(crate) require_if_match: bool,
    /// How many writes may wait for their turn.
    pub(crate) waiting: usize,
    /// How long a request waits for its commit (PostgreSQL).
    pub(crate) commit: Duration,
    /// How many past states are kept.
    pub(crate) snapshots: usize,
    /// How long another instance's commit may go unnoticed (PostgreSQL).
    pub(crate) staleness: Duration,
    /// Another way to the server of the database (PostgreSQL).
    pub(crate) primary: Option<&'static str>,
    /// The server of a read replica (PostgreSQL).
    pub(crate) replica: Option<&'static str>,
    /// How many bytes of finished answers are kept.
    pub(crate) cache_size: u64,
    /// How many bytes of records are kept.
    pub(crate) record_cache_size: u64,
    pub(crate) users: &'static [(&'static str, Role)],
    /// How long things last.
    pub(crate) timeouts: Timeouts,
    pub(crate) trusted_proxies: &'static [&'static str],
    pub(crate) public_url: Option<&'static str>,
    pub(crate) cors_origins: &'static [&'static str],
    pub(crate) docs: bool,
    pub(crate) mcp: bool,
    /// True when metrics are served.
    pub(crate) metrics: bool,
    pub(crate) hsts: bool,
    /// Where webhooks may go.
    pub(crate) webhooks: &'static [Allowed],
    /// A collector of traces.
    pub(crate) otlp_endpoint: Option<&'static str>,
    /// An identity provider.
    pub(crate) provider: Option<&'static oidc::Settings>,
}

impl Default for Options {
    /// A user of each role, of the role's name.
    fn default() -> Self {
        let users = &[("viewer", Role::Viewer), ("editor", Role::Editor), ("admin", Role::Admin)];
        let timeouts = Timeouts::default();
        Self {
            max_connections: 10_000,
            max_connections_per_address: None,
            require_if_match: false,
            waiting: 256,
            commit: Limits::default().commit,
            snapshots: 4,
            staleness: Limits::default().staleness,
            primary: None,
            replica: None,
            cache_size: 8 * 1024 * 1024,
            record_cache_size: 1024 * 1024,
            users,
            timeouts,
            trusted_proxies: &[],
            public_url: None,
            cors_origins: &[],
            docs: true,
            mcp: true,
            metrics: false,
            hsts: false,
            webhooks: &[],
            otlp_endpoint: None,
            provider: None,
        }
    }
}

/// A running service.
pub(crate) struct TestApp {
    address: SocketAddr,
    agent: ureq::Agent,
    /// The servers: of the service, and of its metrics.
    servers: Vec<ServerHandle>,
    metrics: Option<SocketAddr>,
    thread: Option<JoinHandle<()>>,
    tokens: [OnceLock<String>; Role::ALL.len()],
    // Before the database: its connections are closed first.
    pub(crate) snapshots: Snapshots,
    webhooks: Webhooks,
    pub(crate) db: Db,
    pub(crate) broadcaster: Broadcaster,
    pub(crate) cache: AnswerCache,
    /// Set once the service begins to stop.
    pub(crate) stopping: Arc<AtomicBool>,
    pub(crate) database: Arc<Database>,
}

impl TestApp {
    pub(crate) fn spawn() -> Self {
        Self::with(Options::default())
    }

    pub(crate) fn with(options: Options) -> Self {
        Self::over(Database::create(), options)
    }

    /// A service over a database that holds no user of the options' names.
    pub(crate) fn over(database: Database, options: Options) -> Self {
        let database = Arc::new(database);
        let db = Self::open(&database, options);
        add_users(&db, &database, options.users);
        Self::serve(db, database, options)
    }

    /// Another service over the same database, as another process would be.
    pub(crate) fn beside(&self, options: Options) -> Self {
        Self::serve(Self::open(&self.database, options), self.database.clone(), options)
    }

    fn open(database: &Database, options: Options) -> Db {
        let Options { waiting, commit, staleness, .. } = options;
        let limits = Limits { workers: 2, blocking: 2, waiting, commit, staleness, ..Limits::default() };
        let replica = options.replica.map(|server| database.at(server));
        let primary = options.primary.map_or_else(|| database.url().clone(), |server| database.at(server));
        Db::open_with_replica(&primary, replica.as_ref(), limits).unwrap()
    }

    fn config(database: &Database, options: &Options) -> ServeConfig {
        let metrics = match options.metrics {
            true => MetricsBind::At((Ipv4Addr::LOCALHOST, 0).into()),
            false => MetricsBind::Off,
        };
        ServeConfig {
            metrics: MetricsArgs { metrics_bind: Some(metrics) },
            workers: 2,
            max_connections: options.max_connections,
            max_connections_per_address: options.max_connections_per_address,
            own_addresses: Vec::new(),
            require_if_match: options.require_if_match,
            snapshots: options.snapshots,
            cache_size: ByteSize(options.cache_size),
            record_cache_size: ByteSize(options.record_cache_size),
            public_url: options.public_url.map(str::to_owned),
            trusted_proxies: options.trusted_proxies.iter().map(|text| text.parse().unwrap()).collect(),
            cors_origins: options.cors_origins.iter().map(|origin| (*origin).to_owned()).collect(),
            no_docs: !options.docs,
            no_mcp: !options.mcp,
            hsts: options.hsts,
            webhook_allow: options.webhooks.to_vec(),
            webhook_pace: PACE,
            otlp_endpoint: options.otlp_endpoint.map(|url| url.parse().unwrap()),
            ..ServeConfig::new((Ipv4Addr::LOCALHOST, 0).into(), database.directory().to_owned()).unwrap()
        }
    }

    fn serve(db: Db, database: Arc<Database>, options: Options) -> Self {
        let config = Self::config(&database, &options);
        let settings = Settings { provider: options.provider.cloned(), ..config.auth() };
        let auth = Auth::open(db.clone(), database.directory(), settings).unwrap();
        let state = State { timeouts: options.timeouts, ..State::new(&config, db.clone(), auth).unwrap() };
        let (broadcaster, snapshots, cache) = (state.broadcaster.clone(), state.snapshots.clone(), state.cache.clone());
        let (stopping, webhooks) = (state.stopping.clone(), state.webhooks.clone());
        let (started, ready) = channel();
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let measured = state.clone();
                let (server, address) = server(&config, state).unwrap();
                let mut servers = vec![server.handle()];
                let metrics = metrics_server(&config, measured).unwrap().map(|(server, address)| {
                    servers.push(server.handle());
                    actix_web::rt::spawn(server);
                    address
                });
                started.send((address, metrics, servers)).unwrap();
                server.await.unwrap();
            });
        });
        let (address, metrics, servers) = ready.recv().unwrap();
        Self {
            address,
            agent: super::client::agent(),
            servers,
            metrics,
            thread: Some(thread),
            tokens: Default::default(),
            snapshots,
            webhooks,
            db,
            broadcaster,
            cache,
            stopping,
            database,
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where the metrics are, with [`Options::metrics`].
    pub(crate) fn metrics(&self) -> SocketAddr {
        self.metrics.unwrap()
    }

    /// A client with a role, below `/api/v1`; signed in when first needed. The user name is the role's.
    pub(crate) fn client(&self, role: Role) -> Client {
        let token = self.tokens[role as usize].get_or_init(|| self.sign_in(role.as_str()));
        self.anonymous().with_token(token)
    }

    /// A token for a user.
    pub(crate) fn sign_in(&self, username: &str) -> String {
        let form = format!("grant_type=password&username={username}&password={}", PASSWORD.replace(' ', "+"));
        let call =
            self.anonymous().request("POST", "/auth/token").body("application/x-www-form-urlencoded", form).send();
        let tokens: Value = call.expect(200).json();
        tokens["access_token"].as_str().unwrap().to_owned()
    }

    pub(crate) fn viewer(&self) -> Client {
        self.client(Role::Viewer)
    }

    pub(crate) fn editor(&self) -> Client {
        self.client(Role::Editor)
    }

    pub(crate) fn admin(&self) -> Client {
        self.client(Role::Admin)
    }

    /// A client without a token, below `/api/v1`.
    pub(crate) fn anonymous(&self) -> Client {
        Client::new(&self.agent, self.address, "/api/v1", None)
    }

    /// A client without a token, at the root.
    pub(crate) fn root(&self) -> Client {
        Client::new(&self.agent, self.address, "", None)
    }
}

/// Adds users with [`PASSWORD`].
fn add_users(db: &Db, database: &Database, users: &[(&str, Role)]) {
    static HASH: OnceLock<String> = OnceLock::new();
    let mut conn = database.connect();
    let hash = HASH.get_or_init(|| {
        users::add(db, "model", Role::Viewer, None, PASSWORD).unwrap();
        let model = table::table.find("model");
        let hash = model.select(table::password_hash).get_result(&mut conn).unwrap();
        diesel::delete(model).execute(&mut conn).unwrap();
        hash
    });
    for (name, role) in users {
        let at = "2026-01-01T00:00:00.000000Z";
        let values = (
            table::username.eq(name),
            table::display_name.eq(name),
            table::role.eq(role.as_str()),
            table::disabled.eq(0),
            table::password_hash.eq(hash),
            table::epoch.eq(1),
            table::created_at.eq(at),
            table::updated_at.eq(at),
        );
        diesel::insert_into(table::table).values(values).execute(&mut conn).unwrap();
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.servers.iter().rev().for_each(|server| drop(server.stop(false)));
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            if !std::thread::panicking() {
                ended.unwrap();
            }
        }
        // A worker's thread may end after the process, and what is delivered must not be written down where nothing is
        // any more.
        self.webhooks.stop();
        self.snapshots.clear();
    }
}
