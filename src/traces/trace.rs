//! The place of a request in a trace, and what a client says of it in `traceparent`.

use std::fmt;
use std::str::FromStr;

/// The identifier of a trace: 32 hexadecimal digits, not all of them 0.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TraceId(pub(super) u128);

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The header `traceparent` of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TraceParent {
    pub(super) trace: TraceId,
    pub(super) span: u64,
    /// True if the client that began the trace records it.
    pub(super) sampled: bool,
}

impl FromStr for TraceParent {
    type Err = ();

    /// Reads `00-<trace>-<span>-<flags>`, and what later versions begin with. Anything else begins no trace: it is
    /// ignored.
    fn from_str(text: &str) -> Result<Self, ()> {
        let mut parts = text.split('-');
        let mut hex = |digits: usize| {
            let part = parts.next().filter(|part| part.len() == digits).ok_or(())?;
            let is_hex = part.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
            if is_hex { u128::from_str_radix(part, 16).map_err(drop) } else { Err(()) }
        };
        let (version, trace, span, flags) = (hex(2)?, hex(32)?, hex(16)?, hex(2)?);
        let more = parts.next().is_some();
        if version == 0xff || (version == 0 && more) || trace == 0 || span == 0 {
            return Err(());
        }
        Ok(Self { trace: TraceId(trace), span: u64::try_from(span).map_err(drop)?, sampled: flags & 1 == 1 })
    }
}

/// The place of a request in a trace.
#[derive(Clone, Copy, Debug)]
pub struct Trace {
    pub(super) id: TraceId,
    /// The client's span, where it has one.
    #[cfg_attr(not(feature = "otlp"), expect(dead_code, reason = "for the collector alone"))]
    pub(super) parent: Option<u64>,
    #[cfg_attr(not(feature = "otlp"), expect(dead_code, reason = "for the collector alone"))]
    pub(super) sampled: bool,
}

impl Trace {
    /// Its identifier.
    pub fn id(&self) -> TraceId {
        self.id
    }
}

/// The content of the span of a request that has been answered.
#[cfg_attr(not(feature = "otlp"), expect(dead_code, reason = "for the collector alone"))]
pub(crate) struct Answered<'a> {
    pub(crate) method: &'a str,
    /// The pattern of the route: as everywhere, no path and no query.
    pub(crate) route: Option<&'a str>,
    pub(crate) status: u16,
    pub(crate) request_id: &'a str,
    pub(crate) took: std::time::Duration,
}
