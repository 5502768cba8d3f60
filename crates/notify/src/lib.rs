//! News of a host, sent to one webhook: signed, retried, and never anywhere else.
//!
//! Invariant: nothing is sent but what was handed over, to the address that was handed over;
//! redirects are not followed, answers are capped and thrown away, every try is under a deadline.

mod secret;
mod sign;
mod untrusted;

use std::thread;
use std::time::Duration;

use ureq::Agent;
use ureq::tls::{RootCerts, TlsConfig};

pub use secret::{Secret, SecretError};
pub use sign::signature;

use dockward_web::Roots;
use untrusted::Untrusted;

/// How long one try may take, from the connection to the answer's last byte.
const TRY: Duration = Duration::from_secs(10);

/// How long is waited before each further try.
const PAUSES: [Duration; 3] =
    [Duration::from_secs(1), Duration::from_secs(4), Duration::from_secs(15)];

/// The longest time that a server's `Retry-After` is obeyed (RFC 9110, section 10.2.3).
const PATIENCE: Duration = Duration::from_secs(60);

/// Why news was not delivered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotifyError {
    /// The server refused it, and would again.
    #[error("{url} refused the news: HTTP {status}")]
    Refused {
        /// Where it was sent.
        url: String,
        /// The status of its answer.
        status: u16,
    },
    /// It is not who it should be; nothing was sent, and another try would not change that.
    #[error("{url} is not believed, and got no news: {why}")]
    Untrusted {
        /// Where it was to be sent.
        url: String,
        /// What is wrong with its certificate.
        why: String,
        /// What mends it; may be empty.
        hint: &'static str,
    },
    /// No try got an answer that says it was taken.
    #[error("{url} did not take the news in {tries} tries: {why}")]
    Undelivered {
        /// Where it was sent.
        url: String,
        /// How often.
        tries: usize,
        /// What came of the last try.
        why: String,
    },
}

impl NotifyError {
    /// What to do about it, where something is known to help.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Untrusted { hint, .. } => Some(*hint).filter(|hint| !hint.is_empty()),
            Self::Refused { .. } | Self::Undelivered { .. } => None,
        }
    }
}

/// A message, ready to be sent.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    /// Where it goes.
    pub url: &'a str,
    /// JSON.
    pub body: &'a [u8],
    /// When it was made, in seconds since 1970: it is signed with the body, so that an old message
    /// can't be sent again.
    pub at: i64,
    /// Dockward's version, for the server's log.
    pub version: &'a str,
}

/// Sends a message until it is taken; of each try `pause` is told before it is waited.
///
/// The header `Dockward-Signature` is `t=SECONDS,v1=HEX`: HMAC-SHA256 (RFC 2104) with the secret
/// over the seconds, a full stop and the body. `Dockward-Delivery` is the same for each try.
///
/// # Errors
/// Where the server refuses it, its certificate is not believed, or no try is answered.
pub fn send(
    message: &Message<'_>,
    secret: &Secret,
    pause: &mut dyn FnMut(Duration, &str),
) -> Result<(), NotifyError> {
    let how = How { roots: &Roots::of_this_host(), each: TRY, pauses: &PAUSES };
    send_with(message, secret, &how, pause)
}

/// Whom is believed, and how long is tried.
struct How<'a> {
    roots: &'a Roots,
    each: Duration,
    pauses: &'a [Duration],
}

fn send_with(
    message: &Message<'_>,
    secret: &Secret,
    how: &How<'_>,
    pause: &mut dyn FnMut(Duration, &str),
) -> Result<(), NotifyError> {
    let (agent, pauses) = (agent(how), how.pauses);
    let signature = signature(secret, message.at, message.body);
    let mut last = String::new();
    for round in 0..=pauses.len() {
        match once(&agent, how.roots, message, &signature) {
            Try::Taken => return Ok(()),
            Try::Refused(status) => {
                return Err(NotifyError::Refused { url: shown(message.url), status });
            }
            Try::Untrusted(Untrusted { why, hint }) => {
                return Err(NotifyError::Untrusted { url: shown(message.url), why, hint });
            }
            Try::Later { why, wait } => {
                last = why;
                if let Some(usual) = pauses.get(round) {
                    let wait = wait.unwrap_or(*usual).clamp(Duration::ZERO, PATIENCE);
                    pause(wait, &last);
                    thread::sleep(wait);
                }
            }
        }
    }
    let tries = pauses.len() + 1;
    Err(NotifyError::Undelivered { url: shown(message.url), tries, why: last })
}

/// What came of a try.
enum Try {
    Taken,
    Refused(u16),
    Untrusted(Untrusted),
    Later { why: String, wait: Option<Duration> },
}

fn once(agent: &Agent, roots: &Roots, message: &Message<'_>, signature: &str) -> Try {
    let (_, digest) = signature.rsplit_once('=').unwrap_or_default();
    let sent = agent
        .post(message.url)
        .header("Content-Type", "application/json")
        .header("User-Agent", format!("dockward/{}", message.version))
        .header("Dockward-Signature", signature)
        .header("Dockward-Delivery", digest.get(..32).unwrap_or(digest))
        .send(message.body);
    let answer = match sent {
        Ok(answer) => answer,
        Err(error) => {
            let later = || Try::Later { why: error.to_string(), wait: None };
            return Untrusted::of(&error, roots).map_or_else(later, Try::Untrusted);
        }
    };
    let status = answer.status().as_u16();
    match status {
        200..=299 => Try::Taken,
        // Too early, too many, or broken for now (RFC 9110, RFC 6585, RFC 8470).
        408 | 425 | 429 | 500..=599 => {
            let header = answer.headers().get("Retry-After").and_then(|value| value.to_str().ok());
            let wait = header.and_then(|text| text.trim().parse().ok()).map(Duration::from_secs);
            Try::Later { why: format!("HTTP {status}"), wait }
        }
        _ => Try::Refused(status),
    }
}

fn agent(how: &How<'_>) -> Agent {
    let roots = RootCerts::new_with_certs(&how.roots.certificates);
    let tls = TlsConfig::builder().root_certs(roots);
    let config = Agent::config_builder()
        .timeout_global(Some(how.each))
        .max_redirects(0)
        .http_status_as_error(false)
        .proxy(None)
        .max_response_header_size(16 * 1024)
        .tls_config(tls.build());
    config.build().new_agent()
}

/// An address without its query, which may hold a token.
fn shown(url: &str) -> String {
    url.split(['?', '#']).next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests;
