//! JSON, version 1: the structs are the published form (`schemas/scan-v1.schema.json`). Fields may be
//! added; none goes or changes its meaning without a version 2.

use std::io::{self, Write};

use dockward_model::facts::Fact;
use dockward_model::inventory::{Exposure, LoadedBy, Match, Package};
use dockward_model::verdict::{Scan, Scanned, Update, Vulnerability};
use serde::Serialize;

use super::told;

/// The name and version of this form.
const SCHEMA: &str = "dockward.scan/1";

pub(super) fn write(scan: &Scan, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &ScanV1::from(scan))?;
    writeln!(out)
}

/// A scan's result.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct ScanV1<'a> {
    /// Always `dockward.scan/1`.
    schema: &'static str,
    /// Dockward's version.
    dockward: &'a str,
    /// The time as of which was judged (RFC 3339).
    now: String,
    /// Whether all was judged that the run was asked for.
    complete: bool,
    /// What ends the run with 1, as it is written after `--fail-on`.
    fail_on: &'a str,
    /// What was looked into.
    targets: Vec<TargetV1<'a>>,
    /// What was asked for and could not be looked into, read or compared, a sentence each.
    missing: Vec<String>,
    /// The sources of advisories.
    sources: Vec<SourceV1<'a>>,
    /// What there is to say of waivers and ignore files, a sentence each.
    waivers: Vec<String>,
}

/// One thing that was looked into.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct TargetV1<'a> {
    /// `image`, `container`, `root`, `host` or `sbom`.
    kind: &'static str,
    /// The name that people know it by.
    name: &'a str,
    /// The digest of an image; null where there is none.
    id: Option<&'a str>,
    /// The platform of an image, such as `linux/amd64`; null where it says none.
    platform: Option<&'a str>,
    /// The distribution; null where there is none or it could not be read.
    distribution: Option<DistributionV1<'a>>,
    /// How many packages there are.
    packages: usize,
    /// The layers, the lowest first.
    layers: Vec<LayerV1<'a>>,
    /// What to update, the most urgent first.
    updates: Vec<UpdateV1<'a>>,
    /// What advisories say of the packages, the most urgent first.
    vulnerabilities: Vec<VulnerabilityV1<'a>>,
}

/// A distribution (os-release(5)).
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct DistributionV1<'a> {
    /// `ID`.
    id: &'a str,
    /// `VERSION_ID`; may be empty.
    version: &'a str,
    /// `PRETTY_NAME`.
    name: &'a str,
    /// The last day on which it gets fixes (ISO 8601); null where that is not known.
    supported_until: Option<String>,
    /// Whether that day is over; null where it is not known.
    ended: Option<bool>,
}

/// A layer.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct LayerV1<'a> {
    /// The digest of its uncompressed tar; empty for a container's writable layer.
    diff_id: &'a str,
    /// The instruction that made it; may be empty.
    created_by: &'a str,
}

/// A source to update.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct UpdateV1<'a> {
    /// The source's name.
    source: &'a str,
    /// The version that is there.
    from: &'a str,
    /// The lowest version that mends all that can be mended; null where nothing can be yet.
    to: Option<&'a str>,
    /// Its packages.
    packages: Vec<&'a str>,
    /// The weaknesses that it mends.
    mends: Vec<&'a str>,
    /// The weaknesses that stay all the same.
    leaves: Vec<&'a str>,
}

/// What an advisory says of a package.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct VulnerabilityV1<'a> {
    /// The weakness: a CVE number, or the advisory's own id where it names none.
    id: &'a str,
    /// The advisory that decides.
    advisory: &'a str,
    /// Other advisories about the same.
    also: &'a [String],
    /// The package.
    package: PackageV1<'a>,
    /// `fix available`, `affected`, `deferred`, `will not fix`, `unknown`, `not affected`, `fixed`.
    state: &'static str,
    /// The versions that mend it, lowest first.
    fixes: &'a [String],
    /// `critical`, `high`, `medium`, `low` or `info`; of what nobody rated, what that counts as.
    severity: &'static str,
    /// What whoever rated it wrote, such as a CVSS vector; null where nobody rated it.
    rating: Option<&'a str>,
    /// The record of another source that the rating is of, where those about this package have none;
    /// else null.
    rating_of: Option<&'a str>,
    /// The day on which CISA's catalogue took it up; null where it has not.
    exploited_since: Option<String>,
    /// The probability of its being exploited within 30 days (EPSS), 0 to 1; null where not known.
    epss: Option<f32>,
    /// Whether a file of the package is open or mapped by a running process; null where nobody could
    /// see.
    loaded: Option<bool>,
    /// Running containers in which one is; null where nobody could see. Empty where the processes
    /// are the host's own.
    loaded_in: Option<Vec<&'a str>>,
    /// Processes that have one, with their pid, their container and the file; at most 32.
    loaded_by: Vec<String>,
    /// Whether such a process is reached from the network; null where nobody could see.
    reached: Option<bool>,
    /// How it is reached from the network; null where no way is known.
    reachable: Option<String>,
    /// Whether nothing of the package runs (headers).
    headers_only: bool,
    /// What was compared: the ecosystem, the name, the version and the range.
    compared: ComparedV1<'a>,
    /// One line about it; may be empty.
    summary: &'a str,
    /// When it was published (RFC 3339); null where not known.
    published: Option<String>,
    /// Where to read it; may be empty.
    url: &'a str,
    /// What speaks against it.
    against: Vec<String>,
    /// The waiver that covers it: who, why, until when and where it stands; null where none does.
    waived: Option<WaivedV1<'a>>,
    /// Whether it ends the run with 1.
    fails: bool,
}

/// A package.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct PackageV1<'a> {
    /// `deb`, `apk` or `rpm`.
    kind: &'static str,
    /// Its name.
    name: &'a str,
    /// Its version.
    version: &'a str,
    /// Its architecture; may be empty.
    architecture: &'a str,
    /// The name of its source.
    source: &'a str,
    /// The version of its source.
    source_version: &'a str,
    /// Where its record stands.
    at: String,
    /// The layer that brought it: a position in `layers`, from 0; null where there are none.
    layer: Option<usize>,
}

/// What was compared.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ComparedV1<'a> {
    /// The ecosystem, such as `Debian:11`.
    ecosystem: &'a str,
    /// The name that it was found by.
    name: &'a str,
    /// The version that was compared.
    version: &'a str,
    /// The range that it lies in.
    range: &'a str,
}

/// A waiver.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct WaivedV1<'a> {
    /// Who answers for it.
    owner: &'a str,
    /// Why it is accepted.
    reason: &'a str,
    /// The last day on which it holds; null where it is permanent.
    until: Option<&'a str>,
    /// Where it stands.
    at: String,
}

/// A source of advisories.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct SourceV1<'a> {
    /// Its name.
    name: &'a str,
    /// How many records it has.
    records: u64,
    /// When its newest record was changed (RFC 3339); null where not known.
    newest: Option<String>,
    /// Whether it is older than the settings allow.
    stale: bool,
}

impl<'a> From<&'a Scan> for ScanV1<'a> {
    fn from(scan: &'a Scan) -> Self {
        let source = |source: &'a dockward_model::verdict::AdvisorySource| SourceV1 {
            name: &source.name,
            records: source.records,
            newest: source.newest.map(|at| at.to_string()),
            stale: source.stale,
        };
        Self {
            schema: SCHEMA,
            dockward: &scan.version,
            now: scan.now.to_string(),
            complete: scan.complete,
            fail_on: &scan.gate,
            targets: scan.scanned.iter().map(target).collect(),
            missing: told::missing(scan),
            sources: scan.sources.iter().map(source).collect(),
            waivers: scan.waivers.iter().map(told::note).collect(),
        }
    }
}

fn target(one: &Scanned) -> TargetV1<'_> {
    let inventory = &one.inventory;
    let distribution = inventory.contents.distribution.get().map(|found| DistributionV1 {
        id: &found.id,
        version: &found.version,
        name: &found.name,
        supported_until: one.support.map(|end| end.until.to_string()),
        ended: one.support.map(|end| end.ended),
    });
    let layers = inventory.layers.iter();
    let layers =
        layers.map(|layer| LayerV1 { diff_id: &layer.diff_id, created_by: &layer.created_by });
    TargetV1 {
        kind: inventory.target.kind.name(),
        name: &inventory.target.name,
        id: inventory.target.id.as_deref(),
        platform: inventory.target.platform.as_deref(),
        distribution,
        packages: inventory.contents.packages.len(),
        layers: layers.collect(),
        updates: one.updates.iter().map(|update| updated(one, update)).collect(),
        vulnerabilities: one
            .vulnerabilities
            .iter()
            .filter_map(|found| Some(vulnerability(found, one.package(found)?)))
            .collect(),
    }
}

fn updated<'a>(one: &'a Scanned, update: &'a Update) -> UpdateV1<'a> {
    let ids = |list: &'a [usize]| {
        let found = list.iter().filter_map(|n| one.vulnerabilities.get(*n));
        found.map(|found| found.matched.id.as_str()).collect()
    };
    let packages = update.packages.iter().filter_map(|n| one.inventory.contents.packages.get(*n));
    UpdateV1 {
        source: &update.source,
        from: &update.from,
        to: update.to.as_deref(),
        packages: packages.map(|package| package.name.as_str()).collect(),
        mends: ids(&update.mends),
        leaves: ids(&update.leaves),
    }
}

pub(super) fn vulnerability<'a>(
    found: &'a Vulnerability,
    package: &'a Package,
) -> VulnerabilityV1<'a> {
    let Match { id, advisory, also, state, compared, fixes, .. } = &found.matched;
    let against = found.matched.against.iter();
    let Exposure { loaded, reachable } = &found.exposure;
    VulnerabilityV1 {
        id,
        advisory: &advisory.id,
        also,
        package: packaged(package),
        state: state.name(),
        fixes,
        severity: found.severity.name(),
        rating: advisory.rating.severity.map(|_| advisory.rating.written.as_str()),
        rating_of: advisory.rating.borrowed.as_deref(),
        exploited_since: found.matched.exploited.as_ref().map(|known| known.added.to_string()),
        epss: found.matched.likelihood.map(|likelihood| likelihood.probability),
        loaded: is_known(loaded),
        loaded_in: loaded.unknown().is_none().then(|| containers(loaded)),
        loaded_by: loaded.known().into_iter().flatten().take(32).map(ToString::to_string).collect(),
        reached: is_known(reachable),
        reachable: reachable.known().and_then(|by| by.first()).map(ToString::to_string),
        headers_only: found.matched.headers_only,
        compared: ComparedV1 {
            ecosystem: &compared.ecosystem,
            name: &compared.name,
            version: &compared.version,
            range: &compared.range,
        },
        summary: &advisory.summary,
        published: advisory.published.map(|at| at.to_string()),
        url: &advisory.url,
        against: against.map(|held| format!("{} ({})", held.says, held.origin)).collect(),
        waived: found.waived.as_ref().map(|waived| WaivedV1 {
            owner: &waived.owner,
            reason: &waived.reason,
            until: waived.until.as_deref(),
            at: waived.origin.to_string(),
        }),
        fails: found.fails,
    }
}

const fn is_known<T>(fact: &Fact<T>) -> Option<bool> {
    match fact {
        Fact::Known(_) => Some(true),
        Fact::Absent => Some(false),
        Fact::Unknown(_) => None,
    }
}

fn containers(loaded: &Fact<Vec<LoadedBy>>) -> Vec<&str> {
    let by = loaded.known().into_iter().flatten();
    let mut names: Vec<_> = by.filter_map(|by| by.container.as_deref()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn packaged(package: &Package) -> PackageV1<'_> {
    PackageV1 {
        kind: package.kind.purl_type(),
        name: &package.name,
        version: &package.version,
        architecture: &package.architecture,
        source: package.source_name(),
        source_version: package.source_version(),
        at: package.origin.to_string(),
        layer: package.layer,
    }
}
