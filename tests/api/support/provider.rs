//! An identity provider on loopback whose every answer a test decides.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use partnership_registry::auth::oidc;
use serde_json::{Value, json};

/// Whom the tokens of the tests are for.
pub(crate) const AUDIENCE: &str = "https://registry.example.org";
/// The claim with the groups that roles are given for.
const CLAIM: &str = "groups";

/// A running identity provider.
pub(crate) struct Provider {
    address: SocketAddr,
    pages: Arc<Mutex<Pages>>,
}

/// The answers of a provider.
struct Pages {
    about: Page,
    keys: Page,
    /// At the address that redirects lead to.
    moved: Page,
    /// How often it was asked for its keys.
    asked: usize,
    /// The answer that a code is exchanged for.
    token: Page,
    /// The requests that exchanged one: the header lines and the form.
    exchanged: Vec<(String, String)>,
}

/// A status and a body; a header line where one is needed.
#[derive(Clone)]
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) header: String,
    pub(crate) body: Vec<u8>,
}

impl Page {
    pub(crate) fn json(value: &Value) -> Self {
        Self { status: 200, header: "Content-Type: application/json".to_owned(), body: value.to_string().into() }
    }

    pub(crate) fn broken(status: u16) -> Self {
        Self { status, header: "X-Nothing: here".to_owned(), body: Vec::new() }
    }
}

impl Provider {
    /// Starts one that has these keys.
    pub(crate) fn start(keys: &[&SigningKey]) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let issuer = format!("http://{address}/agency");
        let about = json!({
            "issuer": issuer, "jwks_uri": format!("{issuer}/keys"),
            "authorization_endpoint": format!("{issuer}/auth"), "token_endpoint": format!("{issuer}/token"),
        });
        let pages = Pages {
            about: Page::json(&about),
            keys: key_set(keys),
            moved: Page::broken(404),
            asked: 0,
            token: Page::broken(400),
            exchanged: Vec::new(),
        };
        let pages = Arc::new(Mutex::new(pages));
        let shown = pages.clone();
        // It ends with the process: a test's provider costs a socket.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A client that hangs up has been refused something.
                let _ = answer(stream, &shown);
            }
        });
        Self { address, pages }
    }

    pub(crate) fn issuer(&self) -> String {
        format!("http://{}/agency", self.address)
    }

    /// The settings of a service for it. Leaked: options are plain values, and tests are few.
    pub(crate) fn settings(&self, refresh_policy: oidc::RefreshPolicy) -> &'static oidc::Settings {
        let rules = ["agency-staff=viewer", "registry editors=editor", "cn=admins,ou=it=admin"];
        Box::leak(Box::new(oidc::Settings {
            issuer: self.issuer().parse().unwrap(),
            audience: AUDIENCE.to_owned(),
            claim: CLAIM.parse().unwrap(),
            roles: rules.iter().map(|rule| rule.parse().unwrap()).collect(),
            refresh_policy,
            client: None,
        }))
    }

    /// The same, with a client that people sign in with.
    pub(crate) fn settings_with(
        &self,
        refresh_policy: oidc::RefreshPolicy,
        client: oidc::Client,
    ) -> &'static oidc::Settings {
        Box::leak(Box::new(oidc::Settings { client: Some(client), ..self.settings(refresh_policy).clone() }))
    }

    /// From now on a code is exchanged for this.
    pub(crate) fn show_token(&self, page: Page) {
        self.pages.lock().unwrap().token = page;
    }

    /// The requests that exchanged codes, in order.
    pub(crate) fn exchanged(&self) -> Vec<(String, String)> {
        self.pages.lock().unwrap().exchanged.clone()
    }

    /// From now on it has these keys.
    pub(crate) fn publish(&self, keys: &[&SigningKey]) {
        self.pages.lock().unwrap().keys = key_set(keys);
    }

    pub(crate) fn show_keys(&self, page: Page) {
        self.pages.lock().unwrap().keys = page;
    }

    pub(crate) fn show_moved(&self, page: Page) {
        self.pages.lock().unwrap().moved = page;
    }

    pub(crate) fn show_about(&self, page: Page) {
        self.pages.lock().unwrap().about = page;
    }

    /// How often it was asked for its keys.
    pub(crate) fn asked(&self) -> usize {
        self.pages.lock().unwrap().asked
    }

    /// The claims of a token for a user with these groups.
    pub(crate) fn claims(&self, sub: &str, groups: &[&str]) -> Value {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
        json!({
            "iss": self.issuer(), "sub": sub, "aud": AUDIENCE, "iat": now, "exp": now + 300, "jti": "x", "client_id": "tool",
            CLAIM: groups,
        })
    }

    /// A token for a user with these groups.
    pub(crate) fn token(&self, key: &SigningKey, sub: &str, groups: &[&str]) -> String {
        key.sign(&key.header().to_string(), &self.claims(sub, groups).to_string())
    }
}

fn key_set(keys: &[&SigningKey]) -> Page {
    Page::json(&json!({"keys": keys.iter().map(|key| key.jwk()).collect::<Vec<_>>()}))
}

fn answer(stream: TcpStream, pages: &Mutex<Pages>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut request = String::new();
    reader.read_line(&mut request)?;
    let (mut line, mut lines) = (String::new(), String::new());
    while line != "\r\n" {
        line.clear();
        reader.read_line(&mut line)?;
        lines.push_str(&line);
    }
    let length = |line: &str| line.to_lowercase().strip_prefix("content-length:")?.trim().parse().ok();
    let mut form = vec![0; lines.lines().find_map(length).unwrap_or(0)];
    reader.read_exact(&mut form)?;
    let page = {
        let mut pages = pages.lock().unwrap();
        match request.split(' ').nth(1) {
            Some("/agency/.well-known/openid-configuration") => pages.about.clone(),
            Some("/agency/keys") => {
                pages.asked += 1;
                pages.keys.clone()
            }
            Some("/agency/moved") => pages.moved.clone(),
            Some("/agency/token") => {
                pages.exchanged.push((lines, String::from_utf8(form).unwrap()));
                pages.token.clone()
            }
            _ => Page::broken(404),
        }
    };
    let length = page.body.len();
    let head = format!(
        "HTTP/1.1 {} X\r\n{}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n",
        page.status, page.header
    );
    reader.get_mut().write_all(&[head.as_bytes(), &page.body].concat())
}

/// A key that signs, and its name.
pub(crate) struct SigningKey {
    pub(crate) kid: String,
    pub(crate) pair: Pair,
}

/// One of the three kinds.
pub(crate) enum Pair {
    Rsa(Box<RsaKeyPair>),
    Ec(Box<EcdsaKeyPair>),
    Ed(Box<Ed25519KeyPair>),
}

impl SigningKey {
    /// The key that a service signs with itself, read from its folder.
    pub(crate) fn of(data_dir: &Path) -> Self {
        let mut paths = std::fs::read_dir(data_dir.join("keys")).unwrap().map(|entry| entry.unwrap().path());
        let path = paths.find(|path| path.extension().is_some_and(|extension| extension == "pem")).unwrap();
        let pem = std::fs::read_to_string(&path).unwrap();
        let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        let pair = Ed25519KeyPair::from_pkcs8(&STANDARD.decode(body).unwrap()).unwrap();
        let kid = path.file_stem().unwrap().to_str().unwrap().split_once('-').unwrap().1.to_owned();
        Self { kid, pair: Pair::Ed(Box::new(pair)) }
    }

    pub(crate) fn rsa(kid: &str) -> Self {
        Self { kid: kid.to_owned(), pair: Pair::Rsa(Box::new(RsaKeyPair::generate(KeySize::Rsa2048).unwrap())) }
    }

    pub(crate) fn ec(kid: &str) -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        Self { kid: kid.to_owned(), pair: Pair::Ec(Box::new(pair)) }
    }

    pub(crate) fn ed(kid: &str) -> Self {
        Self { kid: kid.to_owned(), pair: Pair::Ed(Box::new(Ed25519KeyPair::generate().unwrap())) }
    }

    pub(crate) fn alg(&self) -> &'static str {
        match self.pair {
            Pair::Rsa(_) => "RS256",
            Pair::Ec(_) => "ES256",
            Pair::Ed(_) => "EdDSA",
        }
    }

    pub(crate) fn header(&self) -> Value {
        json!({"alg": self.alg(), "typ": "at+jwt", "kid": self.kid})
    }

    /// The public half, without its frame.
    pub(crate) fn public(&self) -> Vec<u8> {
        match &self.pair {
            // RFC 8017 §A.1.1: a sequence of modulus and exponent; of 2048 bits, the modulus is always there.
            Pair::Rsa(pair) => pair.public_key().as_ref()[9..265].to_vec(),
            Pair::Ec(pair) => pair.public_key().as_ref().to_vec(),
            Pair::Ed(pair) => pair.public_key().as_ref().to_vec(),
        }
    }

    pub(crate) fn jwk(&self) -> Value {
        let (public, text) = (self.public(), |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes));
        let mut jwk = match &self.pair {
            Pair::Rsa(_) => json!({"kty": "RSA", "n": text(&public), "e": "AQAB"}),
            Pair::Ec(_) => json!({"kty": "EC", "crv": "P-256", "x": text(&public[1..33]), "y": text(&public[33..])}),
            Pair::Ed(_) => json!({"kty": "OKP", "crv": "Ed25519", "x": text(&public)}),
        };
        jwk["kid"] = json!(self.kid);
        jwk["use"] = json!("sig");
        jwk
    }

    /// A token with this header and these claims.
    pub(crate) fn sign(&self, header: &str, claims: &str) -> String {
        let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let (bytes, random) = (message.as_bytes(), SystemRandom::new());
        let signature = match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, bytes, &mut signature).unwrap();
                signature
            }
            Pair::Ec(pair) => pair.sign(&random, bytes).unwrap().as_ref().to_vec(),
            Pair::Ed(pair) => pair.sign(bytes).as_ref().to_vec(),
        };
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}
