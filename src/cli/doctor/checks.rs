//! The checks of `doctor` that are not about the database.

use std::path::Path;

use crate::auth::{Role, users, verify_keys};
use crate::config::ServeConfig;
use crate::db::{DatabaseUrl, Db, Diagnosis, room};
use crate::temporary::TempDir;

/// Checks the settings against each other: each of them alone was valid when it was read.
pub(super) fn settings(config: &ServeConfig) -> Vec<Diagnosis> {
    let mut found = Vec::new();
    let mut warn = |detail: &str, advice: &str| found.push(Diagnosis::warning("settings", detail, advice));
    let secure = config.public_url.as_deref().is_some_and(|url| url.starts_with("https:"));
    if secure && config.trusted_proxies.is_empty() {
        let advice = "name the proxy with --trusted-proxy: else all clients share one address, and its limits";
        warn("--public-url is https, and no proxy is trusted", advice);
    }
    if secure && !config.hsts {
        warn("--public-url is https, and browsers may still use http", "set --hsts once every client uses HTTPS");
    }
    if config.public_url.is_none() && !config.bind.bind.ip().is_loopback() {
        let advice = "set --public-url: links and the issuer of tokens then name it";
        warn("the service listens beyond this machine, and does not know its address", advice);
    }
    if found.is_empty() {
        found.push(Diagnosis::ok("settings", format!("listens on {}", config.bind.bind)));
    }
    found
}

/// Returns the keys, and who else may read them.
pub(super) fn keys(data_dir: &Path) -> Vec<Diagnosis> {
    let folder = data_dir.join("keys");
    let shown = folder.display();
    if !folder.exists() {
        let advice = "`serve` makes them; if there should be some, see --data-dir";
        return vec![Diagnosis::warning("keys", format!("there are none in {shown}"), advice)];
    }
    // To read them would mend it: that is the service's to do.
    if let Some(open) = open_to_others(&folder) {
        return vec![open];
    }
    vec![match verify_keys(data_dir) {
        Ok(0) => Diagnosis::warning("keys", format!("there are none in {shown}"), "`serve` makes one"),
        Ok(keys) => Diagnosis::ok("keys", format!("{keys} in {shown}")),
        Err(error) => {
            let advice = "take the file away, or bring the right one back; `key rotate` adds a new one";
            Diagnosis::failed("keys", error.to_string(), advice)
        }
    }]
}

/// Files of the keys that others may read.
fn open_to_others(folder: &Path) -> Option<Diagnosis> {
    use std::os::unix::fs::PermissionsExt as _;
    let files = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok).map(|entry| entry.path());
    let open =
        |path: &std::path::PathBuf| std::fs::metadata(path).is_ok_and(|about| about.permissions().mode() & 0o077 != 0);
    let open = files.chain([folder.to_owned()]).find(open)?;
    let detail = format!("others may read {}", open.display());
    Some(Diagnosis::failed("permissions", detail, format!("chmod -R go= {}", folder.display())))
}

/// Checks that the registry has an administrator who may sign in.
pub(super) fn users(url: &DatabaseUrl) -> Option<Diagnosis> {
    if matches!(url, DatabaseUrl::Sqlite(path) if !path.exists()) {
        return None;
    }
    let known = Db::open_to_read(url).and_then(|db| users::list(&db));
    let admins = known.ok()?.iter().filter(|user| user.role == Role::Admin && !user.disabled).count();
    Some(match admins {
        0 => {
            let advice = "partnership-registry user add NAME --role admin --password-file -";
            Diagnosis::warning("users", "there is no admin who may sign in", advice)
        }
        admins => Diagnosis::ok("users", format!("{admins} may administer it")),
    })
}

/// Checks the temporary folder and the limits of the process.
pub(super) fn machine() -> Vec<Diagnosis> {
    use rustix::process::{Resource, getrlimit};
    let folder = std::env::temp_dir();
    let mut found = vec![match TempDir::probe() {
        Ok(()) => room("temporary", &folder),
        Err(error) => {
            let advice = "make it, make room there, or set TMPDIR: exports, large imports and past states need it";
            Diagnosis::failed("temporary", format!("{}: {error}", folder.display()), advice)
        }
    }];
    let files = getrlimit(Resource::Nofile).maximum;
    found.push(match files {
        Some(files) if files < 1024 => {
            let advice = "raise the limit (LimitNOFILE of systemd, ulimit -n): a connection takes one";
            Diagnosis::warning("descriptors", format!("this process may open {files} files"), advice)
        }
        Some(files) => Diagnosis::ok("descriptors", format!("this process may open {files} files")),
        None => Diagnosis::ok("descriptors", "this process may open any number of files"),
    });
    found
}
