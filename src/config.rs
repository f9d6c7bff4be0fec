//! Every setting: its flag, its environment variable, its default, what it means. The commands share these groups, so
//! that a setting is said once; a wrong value is refused with the setting's name and what would be right.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use clap::builder::{BoolishValueParser, NonEmptyStringValueParser};

use crate::auth::{Secret, Settings, oidc};
use crate::db::DatabaseUrl;
use crate::traces::OtlpEndpoint;
use crate::values::Network;
use crate::webhooks;

/// Which database.
#[derive(Args, Clone, Debug)]
pub struct DatabaseArgs {
    /// Where the registry is kept: sqlite://PATH, or postgres://USER@HOST/DATABASE in a build with PostgreSQL
    #[arg(
        long,
        env = "DATABASE_URL",
        hide_env_values = true,
        value_name = "URL",
        default_value = "sqlite://registry.db"
    )]
    pub database_url: DatabaseUrl,
}

/// Where the service listens.
#[derive(Args, Clone, Debug)]
pub struct BindArgs {
    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, env = "REGISTRY_BIND", value_name = "ADDR:PORT", default_value = "127.0.0.1:8080", value_parser = address)]
    pub bind: SocketAddr,
}

/// Where the signing keys lie.
#[derive(Args, Clone, Debug)]
pub struct DataDirArgs {
    /// Folder of the signing keys; made at first start, readable to its owner alone
    #[arg(long, env = "REGISTRY_DATA_DIR", value_name = "DIR", default_value = ".")]
    pub data_dir: PathBuf,
}

/// Where metrics are served.
#[derive(Args, Clone, Debug)]
pub struct MetricsArgs {
    /// Address and port to serve metrics on (Prometheus, /metrics), or `off`; anyone who reaches it can read them
    /// [default: 127.0.0.1:9464, or off where that is taken]
    #[arg(long, env = "REGISTRY_METRICS_BIND", value_name = "ADDR:PORT", value_parser = metrics_bind)]
    pub metrics_bind: Option<MetricsBind>,
}

impl From<MetricsArgs> for MetricsBind {
    fn from(args: MetricsArgs) -> Self {
        args.metrics_bind.unwrap_or_default()
    }
}

/// Where metrics are served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricsBind {
    /// Nowhere.
    Off,
    /// Here, or the service does not start.
    At(SocketAddr),
    /// Here, if the address is free: a second instance on a machine starts all the same.
    IfFree(SocketAddr),
}

impl Default for MetricsBind {
    fn default() -> Self {
        Self::IfFree((std::net::Ipv4Addr::LOCALHOST, 9464).into())
    }
}

/// How the service runs.
#[derive(Args, Clone, Debug)]
pub struct ServeArgs {
    #[command(flatten)]
    #[expect(missing_docs, reason = "a doc comment here would become the help text of the command")]
    pub bind: BindArgs,
    /// Read replica of the database (PostgreSQL): the API reads the registry there; postgres://USER@HOST/DATABASE
    #[arg(long, env = "READ_DATABASE_URL", hide_env_values = true, value_name = "URL")]
    pub read_database_url: Option<DatabaseUrl>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "a doc comment here would become the help text of the command")]
    pub metrics: MetricsArgs,
    #[command(flatten)]
    #[expect(missing_docs, reason = "a doc comment here would become the help text of the command")]
    pub data_dir: DataDirArgs,
    /// Threads that answer requests [default: one a processor]
    #[arg(long, env = "REGISTRY_WORKERS", value_name = "N", value_parser = workers)]
    pub workers: Option<usize>,
    /// How many connections there may be at once; more are closed as they come
    #[arg(long, env = "REGISTRY_MAX_CONNECTIONS", value_name = "N", default_value_t = CONNECTIONS, value_parser = connections)]
    pub max_connections: usize,
    /// How many of them from one address (of IPv6: one /64), but for trusted proxies and the machine itself [default:
    /// half]
    #[arg(long, env = "REGISTRY_MAX_CONNECTIONS_PER_ADDRESS", value_name = "N", value_parser = connections)]
    pub max_connections_per_address: Option<usize>,
    /// Accept a change only with If-Match (428 without it), so that nobody overwrites what they have not seen
    #[arg(long, env = "REGISTRY_REQUIRE_IF_MATCH", value_parser = BoolishValueParser::new())]
    pub require_if_match: bool,
    /// How many past states of the registry are kept ready for `as_of`, each about as large as the registry
    #[arg(long, env = "REGISTRY_SNAPSHOTS", value_name = "N", default_value_t = SNAPSHOTS, value_parser = snapshots)]
    pub snapshots: usize,
    /// How many bytes of finished answers are kept in memory, such as `64MiB`; 0 keeps none
    #[arg(long, env = "REGISTRY_CACHE_SIZE", value_name = "SIZE", default_value_t = CACHE_SIZE)]
    pub cache_size: bytesize::ByteSize,
    /// How many bytes of records are kept in memory, so that lists need not read them again; 0 keeps none
    #[arg(long, env = "REGISTRY_RECORD_CACHE_SIZE", value_name = "SIZE", default_value_t = RECORD_CACHE_SIZE)]
    pub record_cache_size: bytesize::ByteSize,
    /// How many milliseconds the commit of another instance may go unnoticed (PostgreSQL)
    #[arg(
        long,
        env = "REGISTRY_STALENESS",
        value_name = "MILLISECONDS",
        default_value_t = STALENESS_MILLIS,
        value_parser = clap::value_parser!(u64).range(1..=60_000),
    )]
    pub staleness: u64,
    /// Address that clients know the service by, a path that a proxy cuts off included (`https://host/reg/`): links
    /// lead there, and tokens name it as their issuer [default: links from the root; the issuer is
    /// partnership-registry]
    #[arg(long, env = "REGISTRY_PUBLIC_URL", value_name = "URL", value_parser = public_url)]
    pub public_url: Option<String>,
    /// Proxy whose X-Forwarded-For tells where a client is, and whose X-Forwarded-Prefix which path it has cut off; an
    /// address or a network, can be repeated
    #[arg(long = "trusted-proxy", env = "REGISTRY_TRUSTED_PROXIES", value_name = "CIDR", value_delimiter = ',')]
    pub trusted_proxies: Vec<Network>,
    /// Web origin whose scripts may use the service (CORS), such as `https://panel.example.org`; can be repeated
    #[arg(long = "cors-origin", env = "REGISTRY_CORS_ORIGINS", value_name = "ORIGIN", value_delimiter = ',', value_parser = origin)]
    pub cors_origins: Vec<String>,
    /// Serve neither Swagger UI (/docs/) nor the OpenAPI document (/openapi.json); `openapi` prints the document all
    /// the same
    #[arg(long, env = "REGISTRY_NO_DOCS", value_parser = BoolishValueParser::new())]
    pub no_docs: bool,
    /// Do not serve `/mcp`, the registry for assistants (Model Context Protocol)
    #[arg(long, env = "REGISTRY_NO_MCP", value_parser = BoolishValueParser::new())]
    pub no_mcp: bool,
    /// Host that webhooks may be sent to, over HTTPS: a name such as `hooks.example.org`, or `hooks.example.org:8443`;
    /// can be repeated. A name has to lead to public addresses. A receiver in your own network, or in a test, is named
    /// by its address and port, exactly: `10.0.0.5:8080`, `127.0.0.1:9000` [default: none, and webhooks are off]
    #[arg(long = "webhook-allow", env = "REGISTRY_WEBHOOK_ALLOW", value_name = "HOST", value_delimiter = ',')]
    pub webhook_allow: Vec<webhooks::Allowed>,
    /// Tell browsers to use nothing but HTTPS for a year (Strict-Transport-Security); for a service behind TLS
    #[arg(long, env = "REGISTRY_HSTS", value_parser = BoolishValueParser::new())]
    pub hsts: bool,
    /// Collector of traces (OpenTelemetry, OTLP over HTTP) that each request is sent to as a span, such as
    /// `http://127.0.0.1:4318`; in a build with the feature `otlp`
    #[arg(long, env = "REGISTRY_OTLP_ENDPOINT", value_name = "URL")]
    pub otlp_endpoint: Option<OtlpEndpoint>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "a doc comment here would become the help text of the command")]
    pub provider: ProviderArgs,
}

/// The identity provider of an organisation.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Single sign-on")]
pub struct ProviderArgs {
    /// Identity provider (OpenID Connect) whose access tokens are accepted, by the exact name it gives itself as their
    /// issuer
    #[arg(long, env = "REGISTRY_OIDC_ISSUER", value_name = "URL", requires = "oidc_audience")]
    pub oidc_issuer: Option<oidc::IssuerUrl>,
    /// Name that the provider knows this service by: the only audience its tokens may have
    #[arg(
        long,
        env = "REGISTRY_OIDC_AUDIENCE",
        value_name = "NAME",
        requires = "oidc_issuer",
        value_parser = NonEmptyStringValueParser::new(),
    )]
    pub oidc_audience: Option<String>,
    /// Claim that the roles are in, or a JSON Pointer such as `/realm_access/roles`
    #[arg(long, env = "REGISTRY_OIDC_ROLE_CLAIM", value_name = "NAME", default_value = "roles")]
    pub oidc_role_claim: oidc::ClaimName,
    /// Value of that claim and the role it gives, such as `registry-editors=editor`; can be repeated (in the variable:
    /// separated by `;`) [default: viewer=viewer;editor=editor;admin=admin]
    #[arg(
        long = "oidc-role",
        env = "REGISTRY_OIDC_ROLES",
        value_name = "VALUE=ROLE",
        value_delimiter = ';',
        requires = "oidc_issuer"
    )]
    pub oidc_roles: Vec<oidc::RoleRule>,
    /// Name of this service as a client of the provider: people sign in to the pages there, and come back to
    /// /sign-in/callback
    #[arg(
        long,
        env = "REGISTRY_OIDC_CLIENT_ID",
        value_name = "NAME",
        requires = "oidc_issuer",
        value_parser = NonEmptyStringValueParser::new()
    )]
    pub oidc_client_id: Option<String>,
    /// File with the secret of that client, unless it is a public one
    #[arg(
        long,
        env = "REGISTRY_OIDC_CLIENT_SECRET_FILE",
        value_name = "FILE",
        requires = "oidc_client_id",
        value_parser = oidc::secret_from
    )]
    pub oidc_client_secret_file: Option<Secret>,
}

impl From<ProviderArgs> for Option<oidc::Settings> {
    fn from(args: ProviderArgs) -> Self {
        let roles = if args.oidc_roles.is_empty() { oidc::Settings::identity_mapping() } else { args.oidc_roles };
        Some(oidc::Settings {
            issuer: args.oidc_issuer?,
            audience: args.oidc_audience?,
            claim: args.oidc_role_claim,
            roles,
            refresh_policy: oidc::RefreshPolicy::default(),
            client: args.oidc_client_id.map(|id| oidc::Client { id, secret: args.oidc_client_secret_file }),
        })
    }
}

/// The settings of the service.
#[derive(Clone, Debug)]
pub struct ServeConfig {
    /// Where to listen.
    pub bind: SocketAddr,
    /// The read replica.
    pub read_database_url: Option<DatabaseUrl>,
    /// Where to serve metrics.
    pub metrics: MetricsBind,
    /// Where the signing keys lie.
    pub data_dir: PathBuf,
    /// How many threads answer requests.
    pub workers: usize,
    /// How many connections there may be.
    pub max_connections: usize,
    /// How many of them from one address; half where nothing is said.
    pub max_connections_per_address: Option<usize>,
    /// The machine's own addresses, of which any number may come: who is on it is trusted.
    pub own_addresses: Vec<Network>,
    /// True if a change needs `If-Match`.
    pub require_if_match: bool,
    /// How many past states are kept.
    pub snapshots: usize,
    /// How many bytes of finished answers are kept in memory; 0 keeps none.
    pub cache_size: u64,
    /// How many bytes of records are kept in memory; 0 keeps none.
    pub record_cache_size: u64,
    /// How long the commit of another instance may go unnoticed (PostgreSQL).
    pub staleness: Duration,
    /// The service's own address without a slash at the end, where one is set: where links lead, and the issuer of its
    /// tokens.
    pub public_url: Option<String>,
    /// The proxies whose `X-Forwarded-For` and `X-Forwarded-Prefix` count.
    pub trusted_proxies: Vec<Network>,
    /// The web origins whose scripts may use the service.
    pub cors_origins: Vec<String>,
    /// True if the service describes itself: Swagger UI and the OpenAPI document.
    pub docs: bool,
    /// True if assistants may ask at `/mcp`.
    pub mcp: bool,
    /// True if browsers are told to use nothing but HTTPS.
    pub hsts: bool,
    /// Where webhooks may go.
    pub webhooks: webhooks::Settings,
    /// Where spans of requests are sent.
    pub otlp_endpoint: Option<OtlpEndpoint>,
    /// The identity provider of the organisation, where there is one.
    pub provider: Option<oidc::Settings>,
}

impl ServeConfig {
    /// The defaults, for a registry that lives in one folder.
    pub fn new(bind: SocketAddr, data_dir: PathBuf) -> Self {
        Self {
            bind,
            read_database_url: None,
            metrics: MetricsBind::default(),
            data_dir,
            workers: processors(),
            max_connections: CONNECTIONS,
            max_connections_per_address: None,
            own_addresses: Network::LOOPBACK.to_vec(),
            require_if_match: false,
            snapshots: SNAPSHOTS,
            cache_size: CACHE_SIZE.as_u64(),
            record_cache_size: RECORD_CACHE_SIZE.as_u64(),
            staleness: Duration::from_millis(STALENESS_MILLIS),
            public_url: None,
            trusted_proxies: Vec::new(),
            cors_origins: Vec::new(),
            docs: true,
            mcp: true,
            hsts: false,
            webhooks: webhooks::Settings::default(),
            otlp_endpoint: None,
            provider: None,
        }
    }

    /// The tokens that are accepted: their issuer and audience.
    pub fn auth(&self) -> Settings {
        let default = Settings { provider: self.provider.clone(), ..Settings::default() };
        Settings { issuer: self.public_url.clone().unwrap_or(default.issuer), ..default }
    }
}

impl From<ServeArgs> for ServeConfig {
    fn from(args: ServeArgs) -> Self {
        Self {
            read_database_url: args.read_database_url,
            metrics: args.metrics.into(),
            workers: args.workers.unwrap_or_else(processors),
            max_connections: args.max_connections,
            max_connections_per_address: args.max_connections_per_address,
            require_if_match: args.require_if_match,
            snapshots: args.snapshots,
            cache_size: args.cache_size.as_u64(),
            record_cache_size: args.record_cache_size.as_u64(),
            staleness: Duration::from_millis(args.staleness),
            public_url: args.public_url,
            trusted_proxies: args.trusted_proxies,
            cors_origins: args.cors_origins,
            docs: !args.no_docs,
            mcp: !args.no_mcp,
            hsts: args.hsts,
            webhooks: webhooks::Settings { allowed: args.webhook_allow, ..webhooks::Settings::default() },
            otlp_endpoint: args.otlp_endpoint,
            provider: args.provider.into(),
            ..Self::new(args.bind.bind, args.data_dir.data_dir)
        }
    }
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(2, usize::from)
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "an IP address and a port are wanted, such as 127.0.0.1:8080 or [::]:8080".to_owned())
}

fn metrics_bind(text: &str) -> Result<MetricsBind, String> {
    let wanted = || "an IP address and a port are wanted, such as 127.0.0.1:9464, or off".to_owned();
    if text == "off" { Ok(MetricsBind::Off) } else { text.parse().map(MetricsBind::At).map_err(|_| wanted()) }
}

fn workers(text: &str) -> Result<usize, String> {
    let wanted = || "a number from 1 to 512 is wanted".to_owned();
    text.parse().ok().filter(|workers| (1..=512).contains(workers)).ok_or_else(wanted)
}

/// How many connections there may be where nothing is said.
const CONNECTIONS: usize = 16_000;

fn connections(text: &str) -> Result<usize, String> {
    let wanted = || "a number from 1 to 1000000 is wanted".to_owned();
    text.parse().ok().filter(|connections| (1..=1_000_000).contains(connections)).ok_or_else(wanted)
}

/// How many milliseconds another instance's commit may go unnoticed where nothing is said.
const STALENESS_MILLIS: u64 = 100;

/// How many bytes of finished answers are kept where nothing is said.
const CACHE_SIZE: bytesize::ByteSize = bytesize::ByteSize::mib(64);
/// How many bytes of records are kept when nothing is said: some 8,000 projects.
const RECORD_CACHE_SIZE: bytesize::ByteSize = bytesize::ByteSize::mib(16);

/// How many past states are kept where nothing is said.
const SNAPSHOTS: usize = 4;

fn snapshots(text: &str) -> Result<usize, String> {
    let wanted = || "a number from 1 to 100 is wanted".to_owned();
    text.parse().ok().filter(|snapshots| (1..=100).contains(snapshots)).ok_or_else(wanted)
}

fn public_url(text: &str) -> Result<String, String> {
    let wanted = || "an http or https address is wanted, such as https://registry.example.org".to_owned();
    let url = url::Url::parse(text).map_err(|_| wanted())?;
    let sound = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    if sound { Ok(text.trim_end_matches('/').to_owned()) } else { Err(wanted()) }
}

/// A web origin (RFC 6454): scheme, host and port, as browsers send it.
fn origin(text: &str) -> Result<String, String> {
    let wanted = || "an origin is wanted, such as https://panel.example.org, without a path".to_owned();
    let url = url::Url::parse(text).map_err(|_| wanted())?;
    let origin = url.origin().ascii_serialization();
    if matches!(url.scheme(), "http" | "https") && origin == text { Ok(origin) } else { Err(wanted()) }
}
