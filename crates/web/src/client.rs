//! Asks, within limits.

use std::io::Read as _;
use std::thread;
use std::time::Duration;

use ureq::http::{HeaderMap, Response};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Proxy};

use crate::address::{Address, shown};
use crate::error::WebError;
use crate::proxy;
use crate::roots::Roots;

/// How many redirects are followed.
const REDIRECTS: usize = 5;
/// How long it may take until a connection stands.
const CONNECT: Duration = Duration::from_secs(15);
/// The longest time that a server's `Retry-After` is obeyed (RFC 9110, section 10.2.3).
const PATIENCE: Duration = Duration::from_secs(60);
/// How much is read at once, in bytes.
const PIECE: usize = 64 << 10;

/// How long things may take, and how often they are tried.
#[derive(Debug, Clone)]
pub struct Limits {
    /// How long nothing may come.
    pub idle: Duration,
    /// How long one try may take as a whole.
    pub whole: Duration,
    /// How long is waited before each further try.
    pub pauses: Vec<Duration>,
}

impl Default for Limits {
    /// 30 seconds of silence, half an hour in all, four tries.
    fn default() -> Self {
        let pauses = [1, 4, 15].map(Duration::from_secs).to_vec();
        Self { idle: Duration::from_secs(30), whole: Duration::from_secs(1_800), pauses }
    }
}

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The address.
    pub url: String,
    /// The most that is read of it, in bytes.
    pub most: u64,
    /// What is had of it already: an answer may be that it is still the same.
    pub had: Validators,
    /// What is sent besides, such as `Accept`.
    pub headers: Vec<(&'static str, String)>,
    /// `Authorization`, for this address's host alone.
    pub authorization: Option<String>,
}

/// What tells one state of a file from another (RFC 9110, section 8.8).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Validators {
    /// `ETag`.
    pub etag: Option<String>,
    /// `Last-Modified`.
    pub modified: Option<String>,
}

impl Validators {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        Self { etag: text(headers, "etag"), modified: text(headers, "last-modified") }
    }

    /// What `If-Range` may say: only a strong tag names the very same bytes (section 13.1.5).
    pub(crate) fn strong(&self) -> Option<&str> {
        self.etag.as_deref().filter(|tag| tag.starts_with('"'))
    }
}

/// What happens while something is had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step<'a> {
    /// So much came.
    Bytes {
        /// What is there, in bytes.
        done: u64,
        /// What it will be, in bytes; absent where the server doesn't say.
        of: Option<u64>,
    },
    /// It is tried again after a pause.
    Waiting {
        /// How long.
        pause: Duration,
        /// Why.
        why: &'a str,
    },
}

/// An answer.
#[derive(Debug)]
pub enum Fetched {
    /// It is the same as what is had.
    Same,
    /// It is another one, or nothing was had.
    Body(Body),
}

/// A file in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// What tells this state of it from others.
    pub validators: Validators,
    /// `Content-Type`; may be empty.
    pub kind: String,
}

/// Asks servers.
#[derive(Debug, Clone)]
pub struct Client {
    secure: Agent,
    plain: Agent,
    pub(crate) limits: Limits,
}

impl Client {
    /// Trusts whom the system trusts, and goes through the environment's proxies.
    ///
    /// # Errors
    /// When the environment names a proxy that is none.
    pub fn new(version: &str, limits: Limits) -> Result<Self, WebError> {
        let variable = |name: &str| std::env::var(name).ok();
        Self::with(version, limits, &Roots::of_this_host().certificates, &variable)
    }

    /// Trusts these alone, with the variables of an environment.
    ///
    /// # Errors
    /// When a variable names a proxy that is none.
    pub fn with(
        version: &str,
        limits: Limits,
        trusted: &[Certificate<'static>],
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, WebError> {
        let agent = |proxy| agent(version, &limits, trusted, proxy);
        let (secure, plain) =
            (agent(proxy::of(true, variable)?), agent(proxy::of(false, variable)?));
        Ok(Self { secure, plain, limits })
    }

    /// A whole file in memory.
    ///
    /// # Errors
    /// When no try gets it.
    pub fn fetch(
        &self,
        request: &Request,
        step: &mut dyn FnMut(Step<'_>),
    ) -> Result<Fetched, WebError> {
        self.patiently(step, |_| {
            let mut answer = self.ask(request, &[])?;
            if answer.status() == 304 {
                return Ok(Fetched::Same);
            }
            let mut bytes = Vec::new();
            let size = length(answer.headers());
            read(&mut answer, request, size, &mut |piece| {
                bytes.extend_from_slice(piece);
                Ok(())
            })?;
            let kind = text(answer.headers(), "content-type").unwrap_or_default();
            Ok(Fetched::Body(Body { bytes, validators: Validators::of(answer.headers()), kind }))
        })
    }

    /// Tries until it works, cannot work, or was tried often enough.
    pub(crate) fn patiently<T>(
        &self,
        step: &mut dyn FnMut(Step<'_>),
        mut once: impl FnMut(&mut dyn FnMut(Step<'_>)) -> Result<T, Try>,
    ) -> Result<T, WebError> {
        let mut pauses = self.limits.pauses.iter();
        loop {
            let Try { why, wait } = match once(step) {
                Ok(done) => return Ok(done),
                Err(failed) => failed,
            };
            let Some(usual) = pauses.next().filter(|_| why.passes()) else { return Err(why) };
            let pause = wait.unwrap_or(*usual).min(PATIENCE);
            step(Step::Waiting { pause, why: &why.to_string() });
            thread::sleep(pause);
        }
    }

    /// The answer's head, after redirects: 200, 206 or 304, all else is an error.
    pub(crate) fn ask(
        &self,
        request: &Request,
        more: &[(&str, String)],
    ) -> Result<Response<ureq::Body>, Try> {
        let mut url = request.url.clone();
        for _ in 0..=REDIRECTS {
            let from = Address::of(&url).ok_or_else(|| WebError::Address { url: shown(&url) })?;
            let answer = self.once(&url, from, request, more)?;
            match answer.status().as_u16() {
                200 | 206 | 304 => return Ok(answer),
                301 | 302 | 303 | 307 | 308 => url = redirected(from, &url, answer.headers())?,
                status => return Err(refused(&url, status, answer.headers())),
            }
        }
        let url = shown(&request.url);
        Err(WebError::Redirect { to: "another".to_owned(), why: "there are too many", url }.into())
    }

    fn once(
        &self,
        url: &str,
        to: Address<'_>,
        request: &Request,
        more: &[(&str, String)],
    ) -> Result<Response<ureq::Body>, Try> {
        let agent = if to.secure { &self.secure } else { &self.plain };
        let mut asked = agent.get(url).header("Accept-Encoding", "identity");
        for (name, value) in &request.headers {
            asked = asked.header(*name, value);
        }
        for (name, value) in more {
            asked = asked.header(*name, value);
        }
        if let Some(tag) = &request.had.etag {
            asked = asked.header("If-None-Match", tag);
        } else if let Some(time) = &request.had.modified {
            asked = asked.header("If-Modified-Since", time);
        }
        let first = Address::of(&request.url);
        let own = first.is_some_and(|first| first.host() == to.host() && first.secure == to.secure);
        if let Some(authorization) = request.authorization.as_deref().filter(|_| own) {
            asked = asked.header("Authorization", authorization);
        }
        asked.call().map_err(|error| unreachable(url, &error).into())
    }
}

/// A try that failed, and how long the server says to wait.
#[derive(Debug)]
pub(crate) struct Try {
    pub(crate) why: WebError,
    wait: Option<Duration>,
}

impl From<WebError> for Try {
    fn from(why: WebError) -> Self {
        Self { why, wait: None }
    }
}

fn agent(
    version: &str,
    limits: &Limits,
    trusted: &[Certificate<'static>],
    proxy: Option<Proxy>,
) -> Agent {
    let tls = TlsConfig::builder().root_certs(RootCerts::new_with_certs(trusted)).build();
    let config = Agent::config_builder()
        .timeout_connect(Some(CONNECT.min(limits.idle)))
        .timeout_recv_response(Some(limits.idle))
        .timeout_per_read(Some(limits.idle))
        .timeout_global(Some(limits.whole))
        .max_redirects(0)
        .http_status_as_error(false)
        .proxy(proxy)
        .max_response_header_size(32 << 10)
        .user_agent(format!("dockward/{version}"))
        .tls_config(tls);
    config.build().new_agent()
}

/// Where a redirect leads, if it may be followed.
fn redirected(from: Address<'_>, url: &str, headers: &HeaderMap) -> Result<String, Try> {
    let to = text(headers, "location").unwrap_or_default();
    let target = from.join(&to);
    let not = |why| WebError::Redirect { url: shown(url), to: shown(&target), why };
    match Address::of(&target) {
        _ if to.is_empty() => Err(not("it leads nowhere").into()),
        None => Err(not("it is no address of HTTP or HTTPS").into()),
        Some(next) if from.secure && !next.secure => Err(not("it leaves HTTPS").into()),
        Some(_) => Ok(target),
    }
}

fn refused(url: &str, status: u16, headers: &HeaderMap) -> Try {
    let wait = text(headers, "retry-after").and_then(|text| text.trim().parse().ok());
    let challenge = text(headers, "www-authenticate");
    let why = WebError::Status { url: shown(url), status, challenge };
    Try { why, wait: wait.map(Duration::from_secs) }
}

fn unreachable(url: &str, error: &ureq::Error) -> WebError {
    WebError::Unreachable { url: shown(url), why: error.to_string() }
}

pub(crate) fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

/// `Content-Length`, in bytes.
pub(crate) fn length(headers: &HeaderMap) -> Option<u64> {
    text(headers, "content-length").and_then(|text| text.trim().parse().ok())
}

/// Hands on what comes, until all came; how much that was, in bytes.
pub(crate) fn read(
    answer: &mut Response<ureq::Body>,
    request: &Request,
    size: Option<u64>,
    take: &mut dyn FnMut(&[u8]) -> Result<(), WebError>,
) -> Result<u64, WebError> {
    let url = || shown(&request.url);
    let too_long = || WebError::TooLong { url: url(), most: request.most };
    if size.is_some_and(|size| size > request.most) {
        return Err(too_long());
    }
    let mut reader = answer.body_mut().with_config().limit(u64::MAX).reader();
    let (mut piece, mut got) = (vec![0; PIECE], 0_u64);
    loop {
        let count = match reader.read(&mut piece) {
            Ok(count) => count,
            Err(error) => {
                return Err(match size {
                    Some(of) => WebError::Cut { url: url(), got, of },
                    None => WebError::Unreachable { url: url(), why: error.to_string() },
                });
            }
        };
        if count == 0 {
            break;
        }
        got += count as u64;
        if got > request.most {
            return Err(too_long());
        }
        take(piece.get(..count).unwrap_or_default())?;
    }
    match size {
        Some(of) if of != got => Err(WebError::Cut { url: url(), got, of }),
        _ => Ok(got),
    }
}
