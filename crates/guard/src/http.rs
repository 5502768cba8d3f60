//! HTTP/1.1 as it is between a caller, the guard and the engine (RFC 9112), without what two readers
//! could read differently.

pub(crate) mod answer;
pub(crate) mod chunked;
mod fields;
pub(crate) mod framing;
pub(crate) mod request;
pub(crate) mod scan;

/// Headers of a head; a docker command sends five, an engine ten.
pub(crate) const MOST_HEADERS: usize = 100;

/// What is wrong with a head or a body, in a few words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Bad(pub(crate) &'static str);
