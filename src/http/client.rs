//! How long a client is waited for.

use std::any::Any;
use std::time::Duration;

/// Has the system close a connection whose client takes no byte of what is sent for so long (TCP_USER_TIMEOUT, RFC 5482).
/// An answer is made at the speed at which it is taken, so that a client who does not read costs no memory that grows; this
/// ends what it does cost.
pub fn give_up_unread(io: &dyn Any, after: Duration) {
    #[cfg(target_os = "linux")]
    if let Some(stream) = io.downcast_ref::<actix_web::rt::net::TcpStream>()
        && let Err(error) = socket2::SockRef::from(stream).set_tcp_user_timeout(Some(after))
    {
        log::warn!("a connection without a limit for slow readers: {error}");
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (io, after);
}
