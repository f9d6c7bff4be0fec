//! Paths of pages that other pages lead to.

/// The form to sign in.
pub(super) const SIGN_IN: &str = "/sign-in";
/// The identity provider's form to sign in.
pub(super) const PROVIDER: &str = "/sign-in/provider";
/// The button that signs out.
pub(super) const SIGN_OUT: &str = "/sign-out";
/// The visitor's sessions.
pub(super) const SESSIONS: &str = "/sessions";
/// The lists and questions of the API as files.
pub(super) const DATA: &str = "/data";
