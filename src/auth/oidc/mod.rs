//! An organisation's own identity provider, which vouches for people who are no users of this registry: OpenID Connect
//! Discovery 1.0 for its keys (RFC 7517), and its access tokens in the profile of RFC 9068.
//!
//! These tokens must prove more than a user's, which the database knows: the role is in the token, and a token
//! holds until it expires. So they may not live longer than a day, and one whose key the provider takes back ends with
//! it.

mod discovery;
mod fetch;
mod flow;
mod jwk;
mod keys;
mod refresh_policy;
mod settings;
pub(super) mod subject;
mod token;

pub use refresh_policy::RefreshPolicy;
pub use settings::{ClaimName, Client, IssuerUrl, RoleRule, Settings, secret_from};
pub use subject::Subject;

use std::sync::Arc;

use super::access::INVALID;
use super::caller::{Caller, Identity};
use super::jws::{Header, unverified_claims};
use super::role::Role;
use super::secret::Secret;
use super::token_cache::TokenCache;
use crate::clock;
use crate::error::{Error, Result};
use discovery::Endpoints;
use flow::Flow;
use jwk::{Algorithm, KeyId};
use keys::Keys;
use serde_json::{Value, json};
use token::{For, Proved};
use tokio::sync::Semaphore;

/// The number of codes that are exchanged at once.
const EXCHANGES: usize = 8;
/// The one answer to a sign-in at the provider without a valid proof.
const REFUSED: Error = Error::Unauthenticated("the identity provider's answer is not a valid proof");

/// The identity provider of a running service.
pub(super) struct Provider {
    settings: Settings,
    keys: Arc<Keys>,
    verified: TokenCache<Verified>,
    exchanges: Semaphore,
}

/// The answer of the provider, as a browser brought it back.
pub struct Answer {
    /// The secret that it kept.
    pub kept: String,
    /// The `state` of the answer.
    pub state: String,
    /// The code.
    pub code: String,
    /// The issuer of the answer (RFC 9207), where it names one.
    pub issuer: Option<String>,
}

/// A token that was verified, and the key that did.
struct Verified {
    key: KeyId,
    proved: Proved,
}

/// Returns the error that browsers do not sign in at a provider.
pub(super) fn no_sign_in() -> Error {
    Error::NotFound("there is no sign-in at a provider here".to_owned())
}

impl Provider {
    /// Begins to read the provider's keys. `own` is the name by which this service itself issues tokens.
    ///
    /// # Errors
    /// [`Error::Conflict`] when the provider has the same name: one could then issue tokens of the other.
    pub(super) fn new(settings: Settings, own: &str) -> Result<Self> {
        if settings.issuer.as_str().trim_end_matches('/') == own {
            let detail = format!("the identity provider has this service's own address, {own}: see --public-url");
            return Err(Error::Conflict(detail));
        }
        let keys = Keys::new(discovery::JwksSource::new(&settings.issuer), settings.refresh_policy);
        keys.begin();
        Ok(Self { settings, keys, verified: TokenCache::default(), exchanges: Semaphore::new(EXCHANGES) })
    }

    /// Tells whether a token names this provider as its issuer. That proves nothing: it only decides which check
    /// applies.
    pub(super) fn claims_to_issue(&self, token: &str) -> bool {
        let claims = unverified_claims(token);
        claims.is_some_and(|claims| claims.get("iss").and_then(Value::as_str) == Some(self.settings.issuer.as_str()))
    }

    /// Proves who sent one of the provider's tokens, and what they may do.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for a token that is not valid; [`Error::Forbidden`] for a subject without a role
    /// here; [`Error::Unavailable`] for a key that is unknown here, when the provider cannot be asked.
    pub(super) async fn authenticate(&self, token: &str) -> Result<Caller> {
        let verified = self.verify(token).await?;
        match verified.proved.role {
            Some(role) => Ok(Caller::new(Identity::Subject(verified.proved.subject.clone()), role)),
            None => {
                log::warn!(target: "auth", "{} has no role here", verified.proved.subject.name());
                Err(Error::Forbidden { needed: Role::Viewer.as_str(), has: "none" })
            }
        }
    }

    async fn verify(&self, token: &str) -> Result<Arc<Verified>> {
        let now = clock::now();
        if let Some(verified) = self.verified.get(token, now) {
            // Its key may have been taken back since.
            self.keys.find(&verified.key).await?;
            return Ok(verified);
        }
        let header = Header::of(token).filter(|header| token::is_access_token(&header.typ)).ok_or(INVALID)?;
        let algorithm = Algorithm::named(&header.alg).ok_or(INVALID)?;
        let id = KeyId { kid: header.kid, algorithm };
        let key = self.keys.find(&id).await?;
        let whom = For::Audience(&self.settings.audience);
        let proved = token::prove(token, algorithm, &key, &self.settings, (whom, now)).ok_or(INVALID)?;
        let exp = proved.exp;
        let verified = Arc::new(Verified { key: id, proved });
        self.verified.insert(token, exp, verified.clone());
        Ok(verified)
    }

    fn client(&self) -> Result<&Client> {
        self.settings.client.as_ref().ok_or_else(no_sign_in)
    }

    /// Returns the name of the provider on the form to sign in: its host.
    pub(super) fn name(&self) -> Option<String> {
        self.client().ok()?;
        url::Url::parse(self.settings.issuer.as_str()).ok()?.host_str().map(str::to_owned)
    }

    /// Begins a sign-in: what the browser keeps meanwhile, and where it goes, to come back to `redirect`.
    ///
    /// # Errors
    /// [`Error::NotFound`] where browsers do not sign in there; [`Error::Unavailable`] when it does not answer.
    pub(super) async fn begin(&self, redirect: &str) -> Result<(Secret, String)> {
        let client = self.client()?;
        let endpoints = self.keys.endpoints().await?;
        let flow = Flow::begin()?;
        let address = flow.address(&endpoints, client, redirect);
        Ok((flow.secret(), address))
    }

    /// Ends a sign-in: exchanges the code, and proves whom the provider vouches for. Answers with what a session keeps
    /// of it.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for an answer that proves nothing; [`Error::Forbidden`] for a subject without a role
    /// here; [`Error::Unavailable`] when the provider cannot be asked.
    pub(super) async fn finish(&self, answer: Answer, redirect: &str) -> Result<(Arc<Subject>, String)> {
        let client = self.client()?;
        let flow = Flow::kept(&answer.kept);
        let other = answer.issuer.as_deref().is_some_and(|issuer| issuer != self.settings.issuer.as_str());
        if answer.kept.is_empty() || other || !flow.is_answered_by(&answer.state) {
            return Err(REFUSED);
        }
        let endpoints = self.keys.endpoints().await?;
        let token = self.exchange(client, endpoints, &answer.code, &flow.verifier(), redirect).await?;
        let header = Header::with_default(&token, token::ID_TOKEN);
        let header = header.filter(|header| token::is_id_token(&header.typ)).ok_or(REFUSED)?;
        let algorithm = Algorithm::named(&header.alg).ok_or(REFUSED)?;
        let key = self.keys.find(&KeyId { kid: header.kid, algorithm }).await?;
        let nonce = flow.nonce();
        let whom = For::Client { id: &client.id, nonce: &nonce };
        let proved = token::prove(&token, algorithm, &key, &self.settings, (whom, clock::now())).ok_or(REFUSED)?;
        if proved.role.is_none() {
            log::warn!(target: "auth", "{} has no role here", proved.subject.name());
            return Err(Error::Forbidden { needed: Role::Viewer.as_str(), has: "none" });
        }
        let kept = json!({
            "issuer": self.settings.issuer.as_str(), "client": client.id, "sub": proved.subject.sub(),
            "name": proved.subject.own_name(), "values": proved.values,
        });
        Ok((proved.subject, kept.to_string()))
    }

    /// Returns the ID token for a code.
    async fn exchange(
        &self,
        client: &Client,
        endpoints: Endpoints,
        code: &str,
        verifier: &str,
        redirect: &str,
    ) -> Result<String> {
        let busy = || Error::Unavailable("too many sign in at once; try again in a second".to_owned());
        let _place = self.exchanges.try_acquire().map_err(|_| busy())?;
        let (client, code, verifier, redirect) =
            (client.clone(), code.to_owned(), verifier.to_owned(), redirect.to_owned());
        let asked = tokio::task::spawn_blocking(move || {
            let mut form = vec![
                ("grant_type", "authorization_code"),
                ("code", code.as_str()),
                ("redirect_uri", redirect.as_str()),
                ("code_verifier", verifier.as_str()),
            ];
            let secret = client.secret.as_ref().map(|secret| (client.id.as_str(), secret.reveal()));
            if secret.is_none() {
                form.push(("client_id", client.id.as_str()));
            }
            fetch::post(&endpoints.token, endpoints.over_http, &form, secret)
        });
        let answer = asked.await.map_err(|error| Error::internal("a sign-in at the identity provider", error))?;
        let answer = answer.map_err(|why| {
            log::warn!(target: "auth", "the identity provider exchanges no code: {why}");
            REFUSED
        })?;
        answer.get("id_token").and_then(Value::as_str).map(str::to_owned).ok_or(REFUSED)
    }

    /// Returns the owner of a session that [`Provider::finish`] began, with the role that its claims give now; none
    /// when the settings name another provider or client by now.
    pub(super) fn kept(&self, kept: &str) -> Option<Caller> {
        let kept: Value = serde_json::from_str(kept).ok()?;
        let text = |name: &str| kept.get(name).and_then(Value::as_str);
        let client = self.client().ok()?;
        if text("issuer") != Some(self.settings.issuer.as_str()) || text("client") != Some(&client.id) {
            return None;
        }
        let values: Vec<String> =
            kept.get("values")?.as_array()?.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        let role = self.settings.role(&values)?;
        let subject = Subject::new(text("sub")?, text("name").map(str::to_owned), self.settings.issuer.as_str())?;
        Some(Caller::new(Identity::Subject(Arc::new(subject)), role))
    }
}
