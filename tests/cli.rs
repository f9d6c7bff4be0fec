//! The command line as a person meets it: exit codes, what goes to which stream, files in and out.
#![expect(clippy::unwrap_used, reason = "a helper of a test may panic as the test may")]

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use partnership_registry::demo::SAMPLE;
use partnership_registry::registry::RESOURCES;

struct Cli {
    folder: tempfile::TempDir,
}

impl Cli {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn run(&self, args: &[&str]) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_partnership-registry"));
        command.env_clear().env("REGISTRY_METRICS_BIND", "off").current_dir(self.path()).args(args);
        command.output().unwrap().into()
    }

    /// Asserts that two exports are the same, byte for byte.
    #[track_caller]
    fn are_twins(&self, one: &str, other: &str) {
        let mut names = 0;
        for entry in std::fs::read_dir(self.path().join(one)).unwrap() {
            let entry = entry.unwrap();
            let twin = std::fs::read(self.path().join(other).join(entry.file_name())).unwrap();
            assert_eq!(std::fs::read(entry.path()).unwrap(), twin, "{:?}", entry.file_name());
            names += 1;
        }
        assert_eq!(names, RESOURCES.len() + 1, "every collection and the description");
    }

    fn sample(&self) {
        let folder = self.path().join("sample");
        std::fs::create_dir(&folder).unwrap();
        for (name, text) in SAMPLE {
            std::fs::write(folder.join(name), text).unwrap();
        }
    }
}

#[derive(Debug)]
struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl Ran {
    /// Asserts that it worked, and that the log has this one event.
    #[track_caller]
    fn tells(&self, event: &str) {
        let lines: Vec<_> = self.err.lines().collect();
        let told = matches!(lines.as_slice(), [line] if line.contains(event));
        assert!(self.code == 0 && told, "{event:?}: {self:?}");
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
    }
}

#[test]
fn help_teaches_and_wrong_usage_is_2() {
    let cli = Cli::new();
    for command in
        ["serve", "demo", "migrate", "user", "key", "import", "export", "verify", "backup", "restore", "openapi"]
    {
        let ran = cli.run(&[command, "--help"]);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(ran.out.contains("Usage: "), "{ran:?}");
    }
    let ran = cli.run(&["serve", "--help"]);
    for variable in [
        "DATABASE_URL",
        "REGISTRY_BIND",
        "REGISTRY_DATA_DIR",
        "REGISTRY_WORKERS",
        "REGISTRY_MAX_CONNECTIONS",
        "REGISTRY_MAX_CONNECTIONS_PER_ADDRESS",
        "REGISTRY_REQUIRE_IF_MATCH",
        "REGISTRY_SNAPSHOTS",
        "REGISTRY_CACHE_SIZE",
        "REGISTRY_STALENESS",
        "REGISTRY_METRICS_BIND",
        "REGISTRY_NO_DOCS",
    ] {
        assert!(ran.out.contains(variable), "{variable}: {}", ran.out);
    }
    assert!(cli.run(&["--version"]).out.starts_with("partnership-registry "));
    for wrong in [&[][..], &["fly"], &["import"], &["serve", "--bind", "here"], &["import", "x", "--mode", "maybe"]] {
        let ran = cli.run(wrong);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{wrong:?}: {ran:?}");
    }
    let ran = cli.run(&["serve", "--bind", "here"]);
    assert!(ran.err.contains("--bind") && ran.err.contains("127.0.0.1:8080"), "{}", ran.err);
    let ran = cli.run(&["serve", "--metrics-bind", "9464"]);
    assert!(ran.code == 2 && ran.err.contains("--metrics-bind") && ran.err.contains("or off"), "{}", ran.err);
    let ran = cli.run(&["export", "x", "--database-url", "mysql://x"]);
    assert!(ran.code == 2 && ran.err.contains("--database-url") && ran.err.contains("sqlite://PATH"), "{}", ran.err);
}

#[test]
fn an_import_is_exported_and_imported_again() {
    let cli = Cli::new();
    cli.sample();
    let ran = cli.run(&["import", "sample"]);
    ran.tells("INFO  import: 566 records of 7 files were imported from the command line");
    assert!(ran.out.contains("nations.csv: 39 rows, 39 created, 0 updated, 0 unchanged\n  field "), "{}", ran.out);
    assert!(ran.out.contains("\n  name_en                  39         0         0\n"), "{}", ran.out);
    let files = RESOURCES.len();
    cli.run(&["export", "one"]).tells(&format!("INFO  export: {files} files were exported from the command line"));
    let other = ["--database-url", "sqlite://other.db"];
    assert_eq!(cli.run(&["import", "one", other[0], other[1]]).code, 0);
    assert_eq!(cli.run(&["export", "two", other[0], other[1]]).code, 0);
    cli.are_twins("one", "two");
    let ran = cli.run(&["import", "one", "--dry-run"]);
    ran.tells("from the command line, as a dry run");
    assert!(ran.code == 0 && ran.out.ends_with("dry run: nothing was written\n"), "{ran:?}");
}

#[test]
fn a_past_registry_is_exported() {
    let cli = Cli::new();
    cli.sample();
    assert_eq!(cli.run(&["import", "sample"]).code, 0);
    assert_eq!(cli.run(&["export", "then"]).code, 0);
    let verified = cli.run(&["verify"]).out;
    let revision = verified.split_once(" changes").unwrap().0;
    std::fs::write(cli.path().join("nations.csv"), "code,alpha3,name_en\nFR,FRA,Gaul\n").unwrap();
    assert_eq!(cli.run(&["import", "nations.csv"]).code, 0);
    assert_eq!(cli.run(&["export", "again", "--as-of", &format!("r{revision}")]).code, 0);
    cli.are_twins("then", "again");
    assert_eq!(cli.run(&["export", "now"]).code, 0);
    let nations = |folder: &str| std::fs::read(cli.path().join(folder).join("nations.csv")).unwrap();
    assert_ne!(nations("now"), nations("then"));
    let ran = cli.run(&["export", "never", "--as-of", "9999"]);
    assert!(ran.code == 1 && ran.err.contains("still to come"), "{ran:?}");
    let ran = cli.run(&["export", "never", "--as-of", "yesterday"]);
    assert!(ran.code == 1 && ran.err.contains("there is no release of that name"), "{ran:?}");
    let ran = cli.run(&["export", "never", "--as-of", "the day before"]);
    assert!(ran.code == 2 && ran.err.contains("is no moment"), "{ran:?}");
}

#[test]
fn every_defect_is_a_line_and_the_exit_code_is_1() {
    let cli = Cli::new();
    std::fs::write(cli.path().join("nations.csv"), "code,alpha3,name_en\nFR,FRA,France\nDE,DNK,\n").unwrap();
    let ran = cli.run(&["import", "nations.csv"]);
    assert_eq!((ran.code, ran.out.as_str()), (1, ""));
    let wanted = "error: 2 defects; nothing was written\nnations.csv, line 3, name_en: this field is required\nnations.csv, \
        line 3, alpha3: DE and DNK are no pair of codes of ISO 3166: DE goes with DEU\n";
    assert_eq!(ran.err, wanted);
}

#[test]
fn an_identity_provider_is_named_in_full() {
    let cli = Cli::new();
    let issuer = "https://id.example.org/realms/agency";
    for (wrong, hint) in [
        (&["--oidc-issuer", issuer][..], "--oidc-audience"),
        (&["--oidc-audience", "registry"], "--oidc-issuer"),
        (&["--oidc-role", "staff=viewer"], "--oidc-issuer"),
        (&["--oidc-issuer", issuer, "--oidc-audience", ""], "--oidc-audience"),
        (&["--oidc-issuer", "http://id.example.org", "--oidc-audience", "registry"], "https://"),
        (
            &["--oidc-issuer", issuer, "--oidc-audience", "registry", "--oidc-role", "staff=god"],
            "viewer, editor, admin",
        ),
        (&["--oidc-issuer", issuer, "--oidc-audience", "registry", "--oidc-role-claim", ""], "--oidc-role-claim"),
    ] {
        let ran = cli.run(&[&["serve"], wrong].concat());
        assert!(ran.code == 2 && ran.err.contains(hint), "{wrong:?}: {ran:?}");
    }
}

#[test]
fn a_missing_database_or_file_is_reported() {
    let cli = Cli::new();
    let ran = cli.run(&["export", "out"]);
    assert!(ran.code == 1 && ran.err.starts_with("error: there is no database sqlite://registry.db"), "{ran:?}");
    assert_eq!(std::fs::read_dir(cli.path()).unwrap().count(), 0, "an export has made files");
    let ran = cli.run(&["import", "nowhere"]);
    assert!(ran.code == 1 && ran.err.starts_with("error: nowhere cannot be read: "), "{ran:?}");
    let ran = cli.run(&["user", "add", "ada", "--role", "admin", "--password-file", "absent"]);
    assert!(ran.code == 1 && ran.err.contains("absent"), "{ran:?}");
}

#[test]
fn migrate_says_what_it_did() {
    let cli = Cli::new();
    let ran = cli.run(&["migrate"]);
    assert!(ran.code == 0 && ran.out.starts_with("applied "), "{ran:?}");
    assert_eq!(cli.run(&["migrate"]).out, "nothing to do: every migration has been applied\n");
}

#[test]
fn the_openapi_document_is_printed() {
    let ran = Cli::new().run(&["openapi"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let document: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
}

#[test]
fn a_demo_tells_how_to_get_in_and_leaves_nothing_behind() {
    let cli = Cli::new();
    let mut command = Command::new(env!("CARGO_BIN_EXE_partnership-registry"));
    command.env_clear().env("TMPDIR", cli.path()).args(["demo", "--bind", "127.0.0.1:0", "--metrics-bind", "off"]);
    let mut demo = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let lines = BufReader::new(demo.stdout.take().unwrap()).lines();
    let told: Vec<String> =
        lines.take(3).map(|line| line.unwrap().split_once(": ").unwrap().1.trim().to_owned()).collect();
    let [address, user, password] = told.as_slice() else { panic!("{told:?}") };
    let form = [("grant_type", "password"), ("username", user.as_str()), ("password", password.as_str())];
    let answer = ureq::post(format!("{address}/api/v1/auth/token")).send_form(form);
    let token: serde_json::Value = answer.unwrap().body_mut().read_json().unwrap();
    let bearer = format!("Bearer {}", token["access_token"].as_str().unwrap());
    let nations = ureq::get(format!("{address}/api/v1/nations?limit=1")).header("Authorization", &bearer).call();
    let nations: serde_json::Value = nations.unwrap().body_mut().read_json().unwrap();
    assert_eq!(nations["total"], 39);
    let before = ureq::get(format!("{address}/api/v1/nations?as_of=r20")).header("Authorization", &bearer).call();
    let before: serde_json::Value = before.unwrap().body_mut().read_json().unwrap();
    assert!(before["total"].as_u64() < Some(38));
    assert_eq!(std::fs::read_dir(cli.path()).unwrap().count(), 2, "the registry, and its past states");
    let told = Command::new("kill").args(["-TERM", &demo.id().to_string()]).status().unwrap();
    assert!(told.success() && demo.wait().unwrap().success());
    assert_eq!(std::fs::read_dir(cli.path()).unwrap().count(), 0, "the temporary folders are still there");
}

/// No other user may have it: `api` has a test of that.
#[test]
fn a_demo_takes_the_password_of_the_readme() {
    const PASSWORD: &str = "kestrel over a quiet lagoon";
    let cli = Cli::new();
    let mut command = Command::new(env!("CARGO_BIN_EXE_partnership-registry"));
    command.env_clear().env("REGISTRY_METRICS_BIND", "off").env("TMPDIR", cli.path());
    command.args(["demo", "--bind", "127.0.0.1:0", "--admin-password", PASSWORD]);
    let mut demo = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let first = BufReader::new(demo.stdout.take().unwrap()).lines().next().unwrap().unwrap();
    let address = first.split_once(": ").unwrap().1.trim();
    let form = [("grant_type", "password"), ("username", "admin"), ("password", PASSWORD)];
    assert!(ureq::post(format!("{address}/api/v1/auth/token")).send_form(form).is_ok());
    let told = Command::new("kill").args(["-TERM", &demo.id().to_string()]).status().unwrap();
    assert!(told.success() && demo.wait().unwrap().success());
}

/// Seen to fail without the list of known keys: the service ran, and every reader of the standard could have made its
/// tokens.
#[test]
fn a_service_does_not_start_with_a_key_from_a_standard() {
    let cli = Cli::new();
    std::fs::create_dir(cli.path().join("keys")).unwrap();
    // RFC 8037, appendix A.1.
    let pem = "-----BEGIN PRIVATE KEY-----\n\
        MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----\n";
    std::fs::write(cli.path().join("keys/20261124T120000.000000Z-known.pem"), pem).unwrap();
    for command in [&["serve", "--bind", "127.0.0.1:0"][..], &["key", "rotate"]] {
        let ran = cli.run(command);
        assert!(ran.code == 1 && ran.err.contains("an example from a standard"), "{ran:?}");
    }
}

#[test]
fn users_are_added_and_listed() {
    let cli = Cli::new();
    std::fs::write(cli.path().join("password"), "nine otters in the harbour\n").unwrap();
    let add = ["user", "add", "ada", "--role", "editor", "--display-name", "Ada", "--password-file", "password"];
    let ran = cli.run(&add);
    assert_eq!(ran.out, "added ada as editor\n");
    ran.tells("INFO  auth: the user ada was added from the command line as editor");
    assert_eq!(cli.run(&add).code, 1, "the name is taken");
    let ran = cli.run(&["user", "passwd", "ada", "--password-file", "password"]);
    ran.tells("INFO  auth: the password of ada was set from the command line");
    assert_eq!(cli.run(&["user", "list"]).out, "ada\teditor\tAda\n");
    for bad in ["short", "kestrel over a quiet lagoon"] {
        std::fs::write(cli.path().join("password"), bad).unwrap();
        for command in [&["user", "add", "bob", "--role", "viewer"][..], &["user", "passwd", "ada"]] {
            let ran = cli.run(&[command, &["--password-file", "password"]].concat());
            assert!(ran.code == 1 && ran.err.contains("password"), "{bad}: {ran:?}");
        }
    }
}

#[test]
fn a_rotated_key_is_taken_up_by_a_running_service() {
    let cli = Cli::new();
    std::fs::write(cli.path().join("password"), "nine otters in the harbour\n").unwrap();
    cli.run(&["user", "add", "ada", "--role", "viewer", "--password-file", "password"]);
    let mut command = Command::new(env!("CARGO_BIN_EXE_partnership-registry"));
    command.env_clear().current_dir(cli.path()).args(["serve", "--bind", "127.0.0.1:0", "--metrics-bind", "off"]);
    let mut service = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut log = BufReader::new(service.stderr.take().unwrap()).lines().map(Result::unwrap);
    let address = log.find_map(|line| Some(line.split_once("listening on ")?.1.to_owned())).unwrap();
    let drain = std::thread::spawn(move || log.count());

    let keys = || -> Vec<String> {
        let jwks: serde_json::Value =
            ureq::get(format!("{address}/.well-known/jwks.json")).call().unwrap().body_mut().read_json().unwrap();
        jwks["keys"].as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
    };
    let sign_in = || -> String {
        let form = [("grant_type", "password"), ("username", "ada"), ("password", "nine otters in the harbour")];
        let token: serde_json::Value =
            ureq::post(format!("{address}/api/v1/auth/token")).send_form(form).unwrap().body_mut().read_json().unwrap();
        format!("Bearer {}", token["access_token"].as_str().unwrap())
    };
    let holds =
        |bearer: &str| ureq::get(format!("{address}/api/v1/auth/me")).header("Authorization", bearer).call().is_ok();
    let (before, old) = (keys(), sign_in());
    let ran = cli.run(&["key", "rotate"]);
    ran.tells("INFO  auth: the signing key was rotated: ");
    let new = ran.out.trim_end().strip_suffix(" signs now").unwrap().to_owned();
    // The service looks at its keys once a second: asked until it has.
    let after = std::iter::repeat_with(&keys).take(50_000).find(|now| *now != before).unwrap();
    assert_eq!(after, [vec![new], before].concat(), "the new key signs, the old one is still there");
    assert!(holds(&old) && holds(&sign_in()));
    let told = Command::new("kill").args(["-TERM", &service.id().to_string()]).status().unwrap();
    assert!(told.success() && service.wait().unwrap().success());
    assert!(drain.join().unwrap() > 0);
}

#[test]
fn changes_tells_what_is_different() {
    let cli = Cli::new();
    cli.sample();
    let exits = |args: &[&str], code: i32| {
        let ran = cli.run(args);
        assert_eq!(ran.code, code, "{ran:?}");
        ran
    };
    exits(&["import", "sample"], 0);
    std::fs::write(cli.path().join("cooperation_areas.csv"), "code,name_en\nclimate,Weather\nfarming,Farming\n")
        .unwrap();
    exits(&["import", "cooperation_areas.csv"], 0);
    let head = exits(&["verify"], 0).out.split(' ').next().unwrap().parse::<i64>().unwrap();
    let told = exits(&["changes", "--from", &format!("r{}", head - 2)], 0).out;
    for line in [
        "cooperation-areas",
        "  created farming (Farming), by (command line)",
        "    name_en: Farming",
        "  updated climate (Weather), by (command line)",
        "    name_en: Climate -> Weather",
        "cooperation-areas: 1 created, 1 changed, 0 deleted",
    ] {
        assert!(told.lines().any(|one| one == line), "{line}: {told}");
    }
    assert!(exits(&["changes", "--from", &format!("r{head}")], 0).out.contains("nothing is different"));
    let from = format!("r{}", head - 2);
    let narrowed = exits(&["changes", "--from", &from, "--resource", "nations"], 0).out;
    assert!(narrowed.contains("nothing is different"), "{narrowed}");
    assert!(exits(&["changes", "--from", "2999"], 1).err.contains("still to come"));
    assert!(exits(&["changes", "--from", "r0", "--resource", "rockets"], 2).err.contains("projects"));
    exits(&["changes"], 2);
}
