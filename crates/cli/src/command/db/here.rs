//! What runs here, and what new advisories say of it.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Result;
use dockward_advisory::Settings;
use dockward_image::{Options, Store};
use dockward_model::verdict::{AdvisoryNews, FailedTarget, Hit, Scanned};
use dockward_policy::{Config, Gate};
use jiff::Timestamp;

use crate::advisories::{Advisories, ecosystems_of};
use crate::args::WhatRuns;
use crate::command::children;
use crate::engines::Engines;
use crate::near::Look;
use crate::settings::{self, Ignored};
use crate::target::{self, Looked};
use crate::webhook::Post;
use crate::{judged, output};

/// How long looking at what is here may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// This host, its running containers and its images.
pub(super) struct Here<'e> {
    config: Config,
    post: Option<Post>,
    name: String,
    /// What runs, each container with its image.
    running: Vec<(Look<'e>, Option<String>)>,
    /// How many of them are containers.
    containers: usize,
    failed: Vec<FailedTarget>,
    ecosystems: BTreeSet<String>,
}

/// The engines whose containers and images are of interest.
pub(super) fn engines(args: &WhatRuns) -> Engines<'_> {
    Engines::on_disk(&args.engine, Some(PATIENCE))
}

impl<'e> Here<'e> {
    /// Looks at what is here. What can't be looked into is named at the end.
    ///
    /// # Errors
    /// Where the settings can't be used, or name no webhook that can be signed for.
    pub(super) fn look(args: &WhatRuns, engines: &'e Engines<'_>) -> Result<Self> {
        let config = settings::config(args.config.as_deref())?;
        let post = args.notify.then(|| Post::new(config.webhook.as_ref())).transpose()?;
        let deadline = Instant::now().checked_add(PATIENCE);
        let (store, children) = (Store::of_user(), children());
        let options = Options { deadline, store, children, ..Options::default() };
        let host = target::look(&[], engines, &options);
        let containers = engines.running(&options);
        // Of images only the distributions are of interest here: what can't be read is told by a scan.
        let images = engines.all(&options).inventories;
        let looked = &containers.looked.inventories;
        let all = host.inventories.iter().chain(looked).chain(&images);
        let distributions = all.filter_map(|one| one.inventory.contents.distribution.get());
        let ecosystems = distributions.flat_map(ecosystems_of).collect();
        let name = host.inventories.first().map(|one| one.inventory.target.name.clone());
        let Looked { inventories, mut failed } = containers.looked;
        let count = inventories.len();
        failed.extend(host.failed);
        let images = containers.images.into_iter().map(Some);
        let running = inventories.into_iter().zip(images);
        let host = host.inventories.into_iter().map(|look| (look, None));
        Ok(Self {
            config,
            post,
            name: name.unwrap_or_default(),
            running: running.chain(host).collect(),
            containers: count,
            failed,
            ecosystems,
        })
    }

    /// The ecosystems of OSV that packages here are of, without a release.
    pub(super) fn ecosystems(&self) -> Vec<String> {
        self.ecosystems.iter().cloned().collect()
    }

    /// Names what runs here and is hit by what the database says now and did not say `before`, and
    /// sends it where that was asked for.
    pub(super) fn tell(self, before: &Advisories, database: &Path) -> Result<()> {
        let now = Timestamp::now();
        let settings = judged::matching(&self.config, now);
        let after = Advisories::open(Some(database))?;
        let hits = hits(self.running, &self.config, (before, &after), &settings)?;
        let since = before.database()?.map(|database| database.built()).transpose()?;
        let news = AdvisoryNews {
            version: env!("CARGO_PKG_VERSION").into(),
            now,
            host: self.name,
            since: since.and_then(|built| built.at),
            containers: self.containers,
            hits,
            failed: self.failed,
        };
        let mut text = Vec::new();
        let style = output::style(crate::args::When::Auto, false);
        dockward_report::advisory_news(&news, style, &mut text)?;
        output::to_stdout(&text)?;
        std::io::stdout().flush()?;
        self.post.map_or(Ok(()), |post| post.send_hits(&news, &unsent(database)))
    }
}

/// Where news is kept that nobody took: the database that they are about is in its place already, so
/// nothing else would tell of them again.
fn unsent(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".unsent");
    name.into()
}

fn hits(
    running: Vec<(Look<'_>, Option<String>)>,
    config: &Config,
    (before, after): (&Advisories, &Advisories),
    settings: &Settings,
) -> Result<Vec<Hit>> {
    let (ignored, gate) = (Ignored::default(), Gate::from(config.fail_on));
    let policy = judged::policy(config, &ignored, &gate, settings.now);
    let before = before.database()?;
    let mut hits = Vec::new();
    for (look, image) in running {
        let had = before.as_ref().map(|database| {
            dockward_advisory::matches(&look.inventory, database, settings).matches
        });
        let mut scanned = judged::scanned([look], after, settings)?;
        // What there is to say of waivers, a scan says.
        let _ = policy.judge(&mut scanned);
        let hit = |scanned: Scanned| {
            let news = dockward_advisory::news(&had.unwrap_or_default(), &scanned.vulnerabilities);
            (!news.is_empty()).then_some(Hit { scanned, image, news })
        };
        hits.extend(scanned.pop().and_then(hit));
    }
    // The worst first; what is alike stays in the order of the engine.
    hits.sort_by_key(|hit| std::cmp::Reverse(worst(hit)));
    Ok(hits)
}

fn worst(hit: &Hit) -> Option<(bool, dockward_model::verdict::Severity)> {
    let found = hit.news.iter().filter_map(|(at, _)| hit.scanned.vulnerabilities.get(*at));
    found.map(|found| (found.matched.exploited.is_some(), found.severity)).max()
}
