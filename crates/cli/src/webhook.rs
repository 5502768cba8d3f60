//! News, sent to the webhook that the settings name.

use std::env;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
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

    /// Sends what new advisories hit, after what nobody took before and lies in `unsent`. Where they
    /// hit nothing, nothing is sent unless the settings ask for it. What nobody takes is kept there.
    pub(crate) fn send_hits(&self, news: &AdvisoryNews, unsent: &Path) -> Result<()> {
        let mut waiting = kept(unsent)?;
        if !news.hits.is_empty() || self.webhook.always {
            let mut body = Vec::new();
            dockward_report::write_advisory_news(news, &mut body)?;
            waiting.push(body);
        }
        let mut left = waiting.as_slice();
        while let [first, rest @ ..] = left {
            if let Err(error) = self.post(first) {
                keep(unsent, left)?;
                return Err(error.context("the next update sends the news again"));
            }
            left = rest;
        }
        keep(unsent, left)
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

/// How much of what nobody took is kept, in bytes; the oldest goes first.
const MOST_KEPT: usize = 16 << 20;

/// Messages that nobody took, one a line, the oldest first.
fn kept(unsent: &Path) -> Result<Vec<Vec<u8>>> {
    let text = match std::fs::read(unsent) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(anyhow!("cannot read {}: {error}", unsent.display())),
    };
    let lines = text.split_inclusive(|byte| *byte == b'\n');
    Ok(lines.map(<[u8]>::to_vec).collect())
}

/// Keeps these for the next time; nothing stays where there are none.
fn keep(unsent: &Path, messages: &[Vec<u8>]) -> Result<()> {
    let cannot = |error: std::io::Error| anyhow!("cannot write {}: {error}", unsent.display());
    let mut room = MOST_KEPT;
    let newest = messages.iter().rev().take_while(|message| {
        let fits = message.len() <= room;
        room = room.saturating_sub(message.len());
        fits
    });
    let mut newest: Vec<&Vec<u8>> = newest.collect();
    newest.reverse();
    if newest.is_empty() {
        return match std::fs::remove_file(unsent) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(cannot(error)),
            _ => Ok(()),
        };
    }
    let mut options = std::fs::OpenOptions::new();
    let file = options.write(true).create(true).truncate(true).mode(0o600).open(unsent);
    let mut file = file.map_err(cannot)?;
    newest.into_iter().try_for_each(|message| file.write_all(message)).map_err(cannot)
}
