//! Signing in at the provider: authorization code (RFC 6749 §4.1) with PKCE (RFC 7636, S256), `state` and `nonce`.
//!
//! All three follow from one secret that the browser keeps in a cookie while it is at the provider. So an answer
//! belongs to the browser that asked, nothing is kept here meanwhile, and any instance of the service can go on.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::discovery::Endpoints;
use super::settings::Client;
use crate::auth::secret::{Secret, sha256};
use crate::error::Result;

/// The scopes of the request: the person's id, their name, and the claims that the provider adds.
const SCOPE: &str = "openid profile";

/// A sign-in that has begun.
pub(super) struct Flow(Secret);

impl Flow {
    /// Begins a new sign-in.
    ///
    /// # Errors
    /// When the operating system gives no random numbers.
    pub(super) fn begin() -> Result<Self> {
        Secret::random().map(Self)
    }

    /// Returns the sign-in that a browser kept.
    pub(super) fn kept(secret: &str) -> Self {
        Self(Secret::new(secret.to_owned()))
    }

    /// Returns the secret that the browser keeps.
    pub(super) fn secret(self) -> Secret {
        self.0
    }

    fn part(&self, name: &str) -> String {
        URL_SAFE_NO_PAD.encode(sha256(format!("{name} {}", self.0.reveal()).as_bytes()))
    }

    /// Tells whether an answer is to this sign-in.
    pub(super) fn is_answered_by(&self, state: &str) -> bool {
        verify_slices_are_equal(self.part("state").as_bytes(), state.as_bytes()).is_ok()
    }

    /// Returns the nonce that the ID token must repeat.
    pub(super) fn nonce(&self) -> String {
        self.part("nonce")
    }

    /// Returns the proof for the provider that the code is exchanged by the service that asked for it.
    pub(super) fn verifier(&self) -> String {
        self.part("verifier")
    }

    /// Makes the address at which the browser signs in, to come back to `redirect`.
    pub(super) fn address(&self, endpoints: &Endpoints, client: &Client, redirect: &str) -> String {
        let mut address = endpoints.authorization.clone();
        let challenge = URL_SAFE_NO_PAD.encode(sha256(self.verifier().as_bytes()));
        address
            .query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &client.id)
            .append_pair("redirect_uri", redirect)
            .append_pair("scope", SCOPE)
            .append_pair("state", &self.part("state"))
            .append_pair("nonce", &self.nonce())
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256");
        address.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn state_nonce_and_verifier_are_of_one_secret_and_none_shows_another() {
        let flow = Flow::begin().unwrap();
        let parts = [flow.part("state"), flow.nonce(), flow.verifier()];
        assert!(parts.iter().all(|part| part.len() == 43));
        assert!(parts[0] != parts[1] && parts[1] != parts[2] && parts[0] != parts[2]);
        assert!(flow.is_answered_by(&parts[0]) && !flow.is_answered_by(&parts[1]) && !flow.is_answered_by(""));
        let kept = Flow::kept(flow.0.reveal());
        assert_eq!(kept.nonce(), parts[1]);
        assert!(!Flow::begin().unwrap().is_answered_by(&parts[0]));
    }

    #[test]
    fn the_address_has_the_challenge_and_not_the_verifier() {
        let endpoints = Endpoints {
            authorization: "https://id.example.org/auth?tenant=a".parse().unwrap(),
            token: String::new(),
            over_http: false,
        };
        let client = Client { id: "registry pages".to_owned(), secret: None };
        let flow = Flow::kept("secret");
        let address = flow.address(&endpoints, &client, "https://registry.example.org/sign-in/callback");
        assert!(
            address.starts_with("https://id.example.org/auth?tenant=a&response_type=code&client_id=registry+pages&")
        );
        assert!(address.ends_with("&code_challenge_method=S256"), "{address}");
        assert!(!address.contains(&flow.verifier()) && address.contains(&flow.nonce()));
    }
}
