//! Checkpoints to an address.

use std::time::Duration;

use dockward_web::{Roots, shown};
use ureq::Agent;
use ureq::tls::{RootCerts, TlsConfig};

use super::Publish;

/// How long one try may take.
const TRY: Duration = Duration::from_secs(10);

/// Sends each checkpoint with POST, as `text/plain`. Any status of 200 to 299 says that it was taken;
/// redirects are not followed, and answers are not read. Trusts whom the system trusts.
#[derive(Debug)]
pub struct Post {
    url: String,
    agent: Agent,
}

impl Post {
    /// To that address; `version` is told to the server.
    #[must_use]
    pub fn new(url: &str, version: &str) -> Self {
        let roots = Roots::of_this_host();
        let tls = TlsConfig::builder().root_certs(RootCerts::new_with_certs(&roots.certificates));
        let config = Agent::config_builder()
            .timeout_global(Some(TRY))
            .max_redirects(0)
            .http_status_as_error(false)
            .proxy(None)
            .max_response_header_size(16 << 10)
            .user_agent(format!("dockward/{version}"))
            .tls_config(tls.build());
        Self { url: url.to_owned(), agent: config.build().new_agent() }
    }
}

impl Publish for Post {
    fn name(&self) -> String {
        shown(&self.url)
    }

    fn checkpoint(&mut self, note: &str) -> Result<(), String> {
        let sent = self.agent.post(&self.url).header("Content-Type", "text/plain; charset=utf-8");
        let answer = sent.send(note.as_bytes()).map_err(|error| error.to_string())?;
        match answer.status().as_u16() {
            200..=299 => Ok(()),
            status => Err(format!("HTTP {status}")),
        }
    }
}
