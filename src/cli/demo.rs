//! `demo`: a throw-away registry with the sample data.

use aws_lc_rs::rand::{SecureRandom as _, SystemRandom};
use clap::Args;

use super::output::print;
use crate::auth::{make_link, users};
use crate::config::{BindArgs, MetricsArgs, ServeConfig};
use crate::db::{DatabaseUrl, Db, Limits};
use crate::error::{Error, Result};
use crate::temporary::TempDir;
use crate::{app, demo};

/// The user that a demo has.
const USER: &str = "admin";

/// Run a throw-away registry with sample data
///
/// Serves the partnerships of CNES, gathered from public pages, from a temporary folder that goes when the service
/// stops. Prints the address, the user name, the password and a link that opens the panorama on standard output.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  partnership-registry demo
  partnership-registry demo --bind 127.0.0.1:9000 --admin-password 'kestrel over a quiet lagoon'")]
pub(super) struct Demo {
    #[command(flatten)]
    bind: BindArgs,
    #[command(flatten)]
    metrics: MetricsArgs,
    /// Password of the user `admin`, 15 to 128 characters; one is made up where none is given
    #[arg(long, env = "REGISTRY_ADMIN_PASSWORD", hide_env_values = true, value_name = "PW")]
    admin_password: Option<String>,
}

impl Demo {
    pub(super) fn run(self) -> Result<()> {
        let folder = TempDir::make("demo")?;
        let password = match self.admin_password {
            Some(password) => password,
            None => generate_password()?,
        };
        let url = DatabaseUrl::Sqlite(folder.path().join("registry.db"));
        crate::registry::search::migrate(&mut Db::connect(&url)?)?;
        let config = ServeConfig::new(self.bind.bind, folder.path().to_owned())?;
        let config = ServeConfig { metrics: self.metrics, ..config };
        let db =
            Db::open(&url, Limits { workers: config.workers, staleness: config.staleness(), ..Limits::default() })?;
        demo::load(&db)?;
        users::add_to_demo(&db, USER, &password)?;
        let link = make_link(&db, USER)?;
        app::serve(&config, db, |address| {
            let text = format!("address:   http://{address}\nuser name: {USER}\npassword:  {password}");
            // Where it listens beyond this machine the link would open nothing there.
            let text = if address.ip().is_loopback() {
                format!("{text}\npanorama:  http://{address}/sign-in/link?key={} (once, for 5 minutes)", link.reveal())
            } else {
                text
            };
            if let Err(error) = print(text) {
                log::error!("{error}");
            }
        })
    }
}

/// 24 characters of 31 that cannot be taken for each other: 118 bits.
fn generate_password() -> Result<String> {
    const LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
    let random = SystemRandom::new();
    let mut password = String::new();
    while password.len() < 24 {
        let mut byte = [0];
        random.fill(&mut byte).map_err(|error| Error::internal("there is no randomness", error))?;
        // Of 32 equally likely values the one beyond the letters is thrown away.
        let letter = LETTERS.get(usize::from(byte[0] % 32)).copied();
        password.extend(letter.map(char::from));
    }
    Ok(password)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_password_is_long_and_random() {
        let (one, other) = (generate_password().unwrap(), generate_password().unwrap());
        assert_eq!(one.len(), 24);
        assert_ne!(one, other);
    }
}
