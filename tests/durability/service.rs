//! The service as a process on a SQLite file of its own, and clients of it.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use partnership_registry::db::{DatabaseUrl, Db, DbConn};
use partnership_registry::demo::SAMPLE;
use serde_json::Value;
use tempfile::TempDir;

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_partnership-registry");
pub(crate) const PASSWORD: &str = "nine otters in the harbour";

/// A folder with a database, and the commands run in it.
pub(crate) struct Place(TempDir);

impl Place {
    /// An empty registry with the admin `ada`.
    pub(crate) fn new() -> Self {
        let this = Self(tempfile::tempdir().unwrap());
        std::fs::write(this.path().join("password"), PASSWORD).unwrap();
        this.succeeds(&["user", "add", "ada", "--role", "admin", "--password-file", "password"]);
        this
    }

    /// No registry yet.
    pub(crate) fn bare() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// The same with the sample.
    pub(crate) fn with_sample() -> Self {
        let this = Self::new();
        let folder = this.path().join("sample");
        std::fs::create_dir(&folder).unwrap();
        for (name, text) in SAMPLE {
            std::fs::write(folder.join(name), text).unwrap();
        }
        this.succeeds(&["import", "sample"]);
        this
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.path().join("registry.db")
    }

    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(PROGRAM);
        command.env_clear().current_dir(self.path());
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Output {
        self.command().args(args).output().unwrap()
    }

    #[track_caller]
    pub(crate) fn succeeds(&self, args: &[&str]) -> String {
        let ran = self.run(args);
        assert!(ran.status.success(), "{args:?}: {ran:?}");
        String::from_utf8(ran.stdout).unwrap()
    }

    /// A connection of this process. None may be open while the service runs: its end would be that of a stranger.
    pub(crate) fn connect(&self) -> DbConn {
        Db::connect(&DatabaseUrl::Sqlite(self.database())).unwrap()
    }

    /// The first column of a query, which is called `value`.
    pub(crate) fn texts(&self, sql: &str) -> Vec<String> {
        use diesel::RunQueryDsl as _;
        #[derive(diesel::QueryableByName)]
        struct Row {
            #[diesel(sql_type = diesel::sql_types::Text)]
            value: String,
        }
        let rows = diesel::sql_query(sql).load::<Row>(&mut self.connect()).unwrap();
        rows.into_iter().map(|row| row.value).collect()
    }

    /// Starts the service.
    pub(crate) fn serve(&self) -> Service {
        self.serve_by(&mut self.command())
    }

    /// Starts the service by a command that may say more than [`Place::command`].
    pub(crate) fn serve_by(&self, command: &mut Command) -> Service {
        command.args(["serve", "--bind", "127.0.0.1:0"]).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
        let log = Arc::<Mutex<Vec<String>>>::default();
        let mut address = None;
        for line in lines.by_ref() {
            address = line.split_once("listening on ").map(|(_, address)| address.to_owned());
            log.lock().unwrap().push(line);
            if address.is_some() {
                break;
            }
        }
        let address = address.unwrap_or_else(|| panic!("it has not started: {:?}", log.lock().unwrap()));
        let (kept, said) = (log.clone(), lines);
        let reading = std::thread::spawn(move || said.for_each(|line| kept.lock().unwrap().push(line)));
        let mut service = Service { child, log, reading: Some(reading), address, token: String::new() };
        service.token = service.client().sign_in();
        service
    }
}

/// A running service.
pub(crate) struct Service {
    pub(crate) child: Child,
    log: Arc<Mutex<Vec<String>>>,
    reading: Option<JoinHandle<()>>,
    pub(crate) address: String,
    token: String,
}

impl Service {
    pub(crate) fn client(&self) -> Client {
        let config = ureq::Agent::config_builder().http_status_as_error(false).proxy(None);
        Client { agent: config.build().new_agent(), address: self.address.clone(), token: self.token.clone() }
    }

    /// Its log so far.
    pub(crate) fn log_so_far(&self) -> String {
        self.log.lock().unwrap().join("\n")
    }

    /// Asks it to stop, and gives its whole log.
    pub(crate) fn stopped(self) -> String {
        let id = i32::try_from(self.child.id()).ok().and_then(rustix::process::Pid::from_raw).unwrap();
        rustix::process::kill_process(id, rustix::process::Signal::TERM).unwrap();
        self.ended().1.join("\n")
    }

    /// Ends it in the middle of whatever it does.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.end();
    }

    fn end(&mut self) -> Option<std::process::ExitStatus> {
        let status = self.child.wait().ok();
        if let Some(reading) = self.reading.take() {
            reading.join().unwrap();
        }
        status
    }

    /// How it ended by itself, and its log.
    pub(crate) fn ended(mut self) -> (std::process::ExitStatus, Vec<String>) {
        let status = self.end().unwrap();
        let log = self.log.lock().unwrap().clone();
        (status, log)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.child.kill();
        self.end();
    }
}

/// The admin `ada`.
#[derive(Clone)]
pub(crate) struct Client {
    agent: ureq::Agent,
    address: String,
    token: String,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<String>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// Asserts that it says to come again later, and not that the service failed.
    #[track_caller]
    pub(crate) fn later(&self, statuses: &[u16]) {
        let told = statuses.contains(&self.status) && self.retry_after.is_some();
        assert!(told, "{} {:?} {}", self.status, self.retry_after, String::from_utf8_lossy(&self.body));
    }

    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.body));
        self
    }
}

impl Client {
    fn sign_in(&self) -> String {
        let form = [("grant_type", "password"), ("username", "ada"), ("password", PASSWORD)];
        self.tokens(&form).json()["access_token"].as_str().unwrap().to_owned()
    }

    /// Asks for tokens.
    pub(crate) fn tokens(&self, form: &[(&str, &str)]) -> Answer {
        let body: Vec<_> = form.iter().map(|(name, value)| format!("{name}={}", value.replace(' ', "+"))).collect();
        let kind = "application/x-www-form-urlencoded";
        self.send("POST", "/api/v1/auth/token", kind, body.join("&").into_bytes()).unwrap()
    }

    /// The same client with another token.
    pub(crate) fn with(&self, token: &str) -> Self {
        Self { token: token.to_owned(), ..self.clone() }
    }

    /// Sends a request; an error is a connection that was lost.
    pub(crate) fn send(&self, method: &str, path: &str, kind: &str, body: Vec<u8>) -> Result<Answer, ureq::Error> {
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.address))
            .header("Authorization", format!("Bearer {}", self.token))
            .header("Content-Type", kind);
        let mut response = match body.is_empty() {
            true => self.agent.run(request.body(()).unwrap())?,
            false => self.agent.run(request.body(body).unwrap())?,
        };
        let retry_after = response.headers().get("Retry-After").and_then(|value| Some(value.to_str().ok()?.to_owned()));
        let status = response.status().as_u16();
        let body = response.body_mut().with_config().limit(1 << 30).read_to_vec()?;
        Ok(Answer { status, retry_after, body })
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send("GET", path, "application/json", Vec::new()).unwrap()
    }

    /// Writes a project.
    pub(crate) fn put(&self, code: &str) -> Result<Answer, ureq::Error> {
        let body = serde_json::json!({ "name": format!("Project {code}"), "status": "proposed" });
        self.send("PUT", &format!("/api/v1/projects/{code}"), "application/json", body.to_string().into_bytes())
    }
}
