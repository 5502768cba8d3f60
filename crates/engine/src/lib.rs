//! Thin blocking client of the Docker Engine's API.
//!
//! ```no_run
//! use dockward_engine::{Client, Limits, Named, Wanted};
//!
//! let Wanted::Named(endpoint) = Named::from_env(None).wanted()? else { return Ok(()) };
//! let engine = Client::connect(endpoint, Limits::default())?;
//! for container in engine.containers()?.value {
//!     let Some(id) = container.id.known() else { continue };
//!     match engine.container(id) {
//!         Ok(found) => assert_eq!(found.value.id.known(), Some(id)),
//!         Err(error) if error.is_gone() => {}
//!         Err(error) => return Err(error),
//!     }
//! }
//! # Ok::<(), dockward_engine::Error>(())
//! ```
//!
//! Invariant: every answer is capped and under a deadline, and one odd field never loses a
//! container.
//!
//! - It can only look: [`Ask`] and [`Packed`] list every request that can be sent, and all are
//!   `GET`s.
//! - Each field of an answer is [`Lenient`]: known, missing, null or odd. The raw JSON stays
//!   beside it in [`Answer::raw`].
//! - What answers is not trusted: time, size and depth are capped by [`Limits`], and the process
//!   at the other end ([`Client::peer`]) is the same for all answers.
//!
//! HTTP is read here, over `httparse`, rather than by a client such as `ureq`: the answers must be
//! tied to the peer of the very connection they came over, which a client's pool hides; a reset
//! within a body that ends with the connection must be a truncated answer, not its end; and a
//! client would bring proxies and redirects, of which none may happen here.
//!
//! [`Named`] says which engine is meant, as the docker command would: an address, a context, or
//! whatever listens on this host. Over TLS the certificate takes the place of the peer; over SSH
//! there is neither, and `ssh` itself is believed.

pub mod api;

mod answer;
mod ask;
mod budget;
mod calls;
mod client;
mod context;
mod dial;
mod endpoint;
mod error;
mod file;
mod from_json;
mod http;
mod lenient;
mod limits;
mod named;
mod record;
#[cfg(test)]
mod scripted;
mod tls;
mod version;

pub use answer::Answer;
pub use ask::{Ask, Packed};
pub use client::{Client, Liveness, TarStream};
pub use dial::Peer;
pub use endpoint::{Endpoint, Ssh, Way};
pub use error::Error;
pub use from_json::{FromJson, Present, Taken};
pub use lenient::Lenient;
pub use limits::{Deadlines, Limits};
pub use named::{LocalSocket, Named, Product, Wanted};
pub use tls::{Tls, TlsFault};
pub use version::{ApiVersion, NotAVersion};
