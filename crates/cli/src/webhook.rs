//! News, sent to the webhook that the settings name.

use std::env;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};
use dockward_model::verdict::{AdvisoryNews, Report};
use dockward_notify::{Message, Secret};
use dockward_policy::Webhook;

use crate::command::hinted;

/// The name of the secret among systemd's credentials (systemd.exec(5), `LoadCredential=`).
const CREDENTIAL: &str = "webhook-secret";

/// A webhook that can be signed for: made before the host is looked at, so that a wrong setting
/// shows at once.
pub(crate) struct Post {
    webhook: Webhook,
    secret: Secret,
}

impl Post {
    /// The webhook with its secret.
    pub(crate) fn new(webhook: Option<&Webhook>) -> Result<Self> {
        let webhook = webhook.ok_or_else(|| {
            anyhow!("--notify: the settings name no webhook\n  write `[webhook]` with a `url` into dockward.toml")
        })?;
        let credential = || {
            env::var_os("CREDENTIALS_DIRECTORY").map(|folder| Path::new(&folder).join(CREDENTIAL))
        };
        let file = webhook.secret_file.as_ref().map(PathBuf::from).or_else(credential);
        let file = file.ok_or_else(|| {
            anyhow!("--notify: the webhook has no secret to sign with\n  write `secret-file` below `[webhook]`, or hand it over with LoadCredential={CREDENTIAL}:FILE")
        })?;
        Ok(Self { webhook: webhook.clone(), secret: Secret::read(&file)? })
    }

    /// Sends what is new. Where nothing is, nothing is sent unless the settings ask for it.
    pub(crate) fn send(&self, report: &Report) -> Result<()> {
        let quiet = report.news.as_ref().is_none_or(dockward_model::verdict::News::is_empty);
        if quiet && !self.webhook.always {
            return Ok(());
        }
        let mut body = Vec::new();
        dockward_report::write_news(report, &mut body)?;
        self.post(&body)
    }

    /// Sends what new advisories hit. Where they hit nothing, nothing is sent unless the settings ask
    /// for it.
    pub(crate) fn send_hits(&self, news: &AdvisoryNews) -> Result<()> {
        if news.hits.is_empty() && !self.webhook.always {
            return Ok(());
        }
        let mut body = Vec::new();
        dockward_report::write_advisory_news(news, &mut body)?;
        self.post(&body)
    }

    fn post(&self, body: &[u8]) -> Result<()> {
        let (url, version) = (self.webhook.url.as_str(), env!("CARGO_PKG_VERSION"));
        let message = Message { url, body, at: jiff::Timestamp::now().as_second(), version };
        let mut waiting = |wait: std::time::Duration, why: &str| {
            let why = dockward_report::plain(why);
            let _ = writeln!(
                std::io::stderr(),
                "dockward: the webhook did not take the news ({why}): again in {} s",
                wait.as_secs()
            );
        };
        dockward_notify::send(&message, &self.secret, &mut waiting)
            .map_err(|error| hinted(error.hint(), error))
    }
}
