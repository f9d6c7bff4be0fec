//! The requests that this service makes itself (rules.md 25): what all of them have in common.

use std::sync::Arc;

use ureq::tls::{Certificate, RootCerts, TlsConfig, TlsProvider};

/// The name that this service gives itself.
pub(crate) const USER_AGENT: &str = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));

/// Makes the TLS settings from the certificates that this machine trusts: its own (or those that `SSL_CERT_FILE` and
/// `SSL_CERT_DIR` name), read again each time, so that a changed one counts without a restart.
///
/// # Errors
/// When this machine trusts no certificate, with what to do about it.
pub(crate) fn tls() -> Result<TlsConfig, String> {
    let found = rustls_native_certs::load_native_certs();
    if found.certs.is_empty() {
        return Err(format!(
            "this machine trusts no certificate authority ({:?}): install ca-certificates, or set SSL_CERT_FILE",
            found.errors
        ));
    }
    let roots = found.certs.iter().map(|der| Certificate::from_der(der).to_owned());
    Ok(TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .root_certs(RootCerts::Specific(Arc::new(roots.collect())))
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .build())
}
