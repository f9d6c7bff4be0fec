//! Every setting: its flag, its environment variable, its default, what it means. The commands share these groups, so
//! that a setting is said once; a wrong value is refused with the setting's name and what would be right.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{BoolishValueParser, NonEmptyStringValueParser};
use clap::{Args, Command, FromArgMatches as _};

use crate::auth::{Secret, Settings, oidc};
use crate::db::{DatabaseUrl, STALENESS_MILLIS};
use crate::error::{Error, Result};
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

impl MetricsArgs {
    /// Where metrics are served, the default where nothing is said.
    pub fn bind(&self) -> MetricsBind {
        self.metrics_bind.unwrap_or_default()
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

/// The settings of the service.
#[derive(Args, Clone, Debug)]
pub struct ServeConfig {
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
    #[arg(
        long,
        env = "REGISTRY_WORKERS",
        value_name = "N",
        default_value_t = processors(),
        hide_default_value = true,
        value_parser = workers,
    )]
    pub workers: usize,
    /// How many connections there may be at once; more are closed as they come
    #[arg(long, env = "REGISTRY_MAX_CONNECTIONS", value_name = "N", default_value_t = CONNECTIONS, value_parser = connections)]
    pub max_connections: usize,
    /// How many of them from one address (of IPv6: one /64), but for trusted proxies and the machine itself [default:
    /// half]
    #[arg(long, env = "REGISTRY_MAX_CONNECTIONS_PER_ADDRESS", value_name = "N", value_parser = connections)]
    pub max_connections_per_address: Option<usize>,
    /// The machine's own addresses, of which any number of connections may come: its users are trusted.
    #[arg(skip = Network::LOOPBACK.to_vec())]
    pub own_addresses: Vec<Network>,
    /// Accept a change only with If-Match (428 without it), so that no client overwrites a change that it has not seen
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
        long = "staleness",
        env = "REGISTRY_STALENESS",
        value_name = "MILLISECONDS",
        default_value_t = STALENESS_MILLIS,
        value_parser = clap::value_parser!(u64).range(1..=60_000),
    )]
    pub staleness_millis: u64,
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
    /// How soon and how long a webhook is tried again.
    #[arg(skip)]
    pub webhook_pace: webhooks::Pace,
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

impl ProviderArgs {
    fn settings(&self) -> Option<oidc::Settings> {
        let roles = match self.oidc_roles.as_slice() {
            [] => oidc::Settings::identity_mapping(),
            roles => roles.to_vec(),
        };
        let secret = self.oidc_client_secret_file.clone();
        Some(oidc::Settings {
            issuer: self.oidc_issuer.clone()?,
            audience: self.oidc_audience.clone()?,
            claim: self.oidc_role_claim.clone(),
            roles,
            refresh_policy: oidc::RefreshPolicy::default(),
            client: self.oidc_client_id.clone().map(|id| oidc::Client { id, secret }),
        })
    }
}

impl ServeConfig {
    /// Makes the settings of a registry that is kept in one folder: the defaults of the command line, whatever the
    /// environment says.
    ///
    /// # Errors
    /// [`Error::Internal`] when a default is no valid value.
    pub fn new(bind: SocketAddr, data_dir: PathBuf) -> Result<Self> {
        let command = Self::augment_args(Command::new("serve")).mut_args(|arg| arg.env(None::<&str>));
        let parsed = command.try_get_matches_from(["serve"]).and_then(|found| Self::from_arg_matches(&found));
        let defaults = parsed.map_err(|error| Error::internal("a default of the settings", error))?;
        Ok(Self { bind: BindArgs { bind }, data_dir: DataDirArgs { data_dir }, ..defaults })
    }

    /// The tokens that are accepted: their issuer and audience.
    pub fn auth(&self) -> Settings {
        let default = Settings { provider: self.provider.settings(), ..Settings::default() };
        Settings { issuer: self.public_url.clone().unwrap_or(default.issuer), ..default }
    }

    /// The receivers that webhooks may be sent to, and how they are tried again.
    pub fn webhooks(&self) -> webhooks::Settings {
        webhooks::Settings { allowed: self.webhook_allow.clone(), pace: self.webhook_pace }
    }

    /// How long the commit of another instance may go unnoticed (PostgreSQL).
    pub fn staleness(&self) -> Duration {
        Duration::from_millis(self.staleness_millis)
    }
}

/// A value of the command line, or the sentence that says what is wanted.
type Parsed<T> = std::result::Result<T, String>;

fn processors() -> usize {
    std::thread::available_parallelism().map_or(2, usize::from)
}

fn address(text: &str) -> Parsed<SocketAddr> {
    text.parse().map_err(|_| "an IP address and a port are wanted, such as 127.0.0.1:8080 or [::]:8080".to_owned())
}

fn metrics_bind(text: &str) -> Parsed<MetricsBind> {
    let wanted = || "an IP address and a port are wanted, such as 127.0.0.1:9464, or off".to_owned();
    if text == "off" { Ok(MetricsBind::Off) } else { text.parse().map(MetricsBind::At).map_err(|_| wanted()) }
}

fn workers(text: &str) -> Parsed<usize> {
    let wanted = || "a number from 1 to 512 is wanted".to_owned();
    text.parse().ok().filter(|workers| (1..=512).contains(workers)).ok_or_else(wanted)
}

/// How many connections there may be where nothing is said.
const CONNECTIONS: usize = 16_000;

fn connections(text: &str) -> Parsed<usize> {
    let wanted = || "a number from 1 to 1000000 is wanted".to_owned();
    text.parse().ok().filter(|connections| (1..=1_000_000).contains(connections)).ok_or_else(wanted)
}

/// How many bytes of finished answers are kept where nothing is said.
const CACHE_SIZE: bytesize::ByteSize = bytesize::ByteSize::mib(64);
/// How many bytes of records are kept when nothing is said: some 8,000 projects.
const RECORD_CACHE_SIZE: bytesize::ByteSize = bytesize::ByteSize::mib(16);

/// How many past states are kept where nothing is said.
const SNAPSHOTS: usize = 4;

fn snapshots(text: &str) -> Parsed<usize> {
    let wanted = || "a number from 1 to 100 is wanted".to_owned();
    text.parse().ok().filter(|snapshots| (1..=100).contains(snapshots)).ok_or_else(wanted)
}

fn public_url(text: &str) -> Parsed<String> {
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
fn origin(text: &str) -> Parsed<String> {
    let wanted = || "an origin is wanted, such as https://panel.example.org, without a path".to_owned();
    let url = url::Url::parse(text).map_err(|_| wanted())?;
    let origin = url.origin().ascii_serialization();
    if matches!(url.scheme(), "http" | "https") && origin == text { Ok(origin) } else { Err(wanted()) }
}
