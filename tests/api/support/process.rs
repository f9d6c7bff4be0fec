//! A service that has a process, and so a memory and an end, of its own.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;

/// A demo.
pub(crate) struct Process {
    child: Option<Child>,
    id: String,
    pub(crate) address: SocketAddr,
    /// The admin's.
    pub(crate) token: String,
}

impl Process {
    pub(crate) fn start() -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_partnership-registry"));
        command.args(["demo", "--bind", "127.0.0.1:0", "--metrics-bind", "off"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let told: Vec<String> =
            lines.take(3).map(|line| line.unwrap().split_once(": ").unwrap().1.trim().to_owned()).collect();
        let form = [("grant_type", "password"), ("username", told[1].as_str()), ("password", told[2].as_str())];
        let mut answer = ureq::post(format!("{}/api/v1/auth/token", told[0])).send_form(form).unwrap();
        let tokens: serde_json::Value = answer.body_mut().read_json().unwrap();
        let address = told[0].trim_start_matches("http://").trim_end_matches('/').parse().unwrap();
        let token = tokens["access_token"].as_str().unwrap().to_owned();
        Self { id: child.id().to_string(), child: Some(child), address, token }
    }

    /// The most memory that it has had so far, in KiB.
    pub(crate) fn most(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id)).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// Stops it, and returns how it ended; `None` where it had to be killed after so long.
    pub(crate) fn stop(mut self, within: Duration) -> Option<ExitStatus> {
        let mut child = self.child.take().unwrap();
        self.tell("-TERM");
        let (ended, end) = channel();
        let waiting = std::thread::spawn(move || {
            let _ = ended.send(child.wait().unwrap());
        });
        let status = end.recv_timeout(within).ok();
        if status.is_none() {
            self.tell("-KILL");
        }
        waiting.join().unwrap();
        status
    }

    fn tell(&self, signal: &str) {
        drop(Command::new("kill").args([signal, &self.id]).status());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // Asked, not killed: it takes its folders with it.
            self.tell("-TERM");
            drop(child.wait());
        }
    }
}
