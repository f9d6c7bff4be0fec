//! A service of its own for a test, stopped and removed when the test is done with it.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread::JoinHandle;

use actix_web::dev::ServerHandle;
use partnership_registry::app::{ServeConfig, State, server};
use partnership_registry::auth::Role;
use partnership_registry::db::{Db, Limits};

use super::{Client, Database};

/// How a service is started.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Options {
    pub(crate) require_if_match: bool,
}

/// A running service.
pub(crate) struct TestApp {
    address: SocketAddr,
    agent: ureq::Agent,
    server: ServerHandle,
    thread: Option<JoinHandle<()>>,
    // Before the database: its connections are closed first.
    pub(crate) db: Db,
    pub(crate) database: Database,
}

impl TestApp {
    pub(crate) fn spawn() -> Self {
        Self::with(Options::default())
    }

    pub(crate) fn with(options: Options) -> Self {
        let database = Database::create();
        let limits = Limits { workers: 2, blocking: 2, waiting: 256 };
        let db = Db::open(database.url(), limits).unwrap();
        let config = ServeConfig {
            bind: (Ipv4Addr::LOCALHOST, 0).into(),
            workers: 2,
            data_dir: database.directory().to_owned(),
            require_if_match: options.require_if_match,
        };
        let state = State { db: db.clone(), require_if_match: options.require_if_match, stopping: Arc::default() };
        let (started, ready) = channel();
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let (server, address) = server(&config, state).unwrap();
                started.send((address, server.handle())).unwrap();
                server.await.unwrap();
            });
        });
        let (address, server) = ready.recv().unwrap();
        Self { address, agent: super::client::agent(), server, thread: Some(thread), db, database }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Somebody with a role, below `/api/v1`.
    pub(crate) fn client(&self, role: Role) -> Client {
        Client::new(&self.agent, self.address, "/api/v1", Some(role.as_str().to_owned()))
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

    /// Nobody, below `/api/v1`.
    pub(crate) fn nobody(&self) -> Client {
        Client::new(&self.agent, self.address, "/api/v1", None)
    }

    /// Nobody, at the root.
    pub(crate) fn root(&self) -> Client {
        Client::new(&self.agent, self.address, "", None)
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        drop(self.server.stop(false));
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            if !std::thread::panicking() {
                ended.unwrap();
            }
        }
    }
}
