//! JSON, version 1: the structs are the published form (`schemas/report-v1.schema.json`). Fields
//! may be added; none goes or changes its meaning without a version 2.

mod convert;
mod news;

use std::collections::BTreeMap;
use std::io::{self, Write};

use dockward_model::verdict::Report;
use serde::Serialize;

use news::NewsV1;
pub(crate) use news::write as write_news;

/// The name and version of this form.
const SCHEMA: &str = "dockward.report/1";

/// Writes a report.
pub(crate) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &ReportV1::from(report))?;
    writeln!(out)
}

/// A run's result.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ReportV1<'a> {
    /// Always `dockward.report/1`.
    schema: &'static str,
    /// Dockward's version.
    dockward: &'a str,
    /// The time as of which was judged (RFC 3339).
    now: String,
    /// Whether all was judged that the run was asked for.
    complete: bool,
    /// Whether this is an example, not the host that it ran on.
    example: bool,
    /// The host.
    host: HostV1<'a>,
    /// The engines that were asked.
    engines: Vec<EngineV1<'a>>,
    /// Ways to the host, worst first.
    paths: Vec<PathV1<'a>>,
    /// Verdicts that are not passes, failures first, worst first.
    findings: Vec<FindingV1<'a>>,
    /// How many verdicts of each kind, by area.
    tally: BTreeMap<&'static str, TallyV1>,
    /// What could not be looked at.
    unseen: Vec<UnseenV1<'a>>,
    /// What there is to say of waivers.
    waivers: Vec<WaiverNoteV1<'a>>,
    /// The rules that were judged.
    rules: Vec<RuleV1>,
    /// A benchmark's table; null where no profile was asked for.
    benchmark: Option<BenchmarkV1<'a>>,
    /// What is different from an earlier run; null where none was named.
    news: Option<NewsV1<'a>>,
}

/// A benchmark's table.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct BenchmarkV1<'a> {
    /// The profile's name, such as `cis-1.8-l1`.
    profile: &'a str,
    /// The benchmark's name.
    name: &'a str,
    /// Where the map onto rules comes from.
    source: &'a str,
    /// Its recommendations, in its order.
    rows: Vec<RowV1<'a>>,
}

/// A recommendation, answered.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct RowV1<'a> {
    /// Its number or section.
    number: &'a str,
    /// What it asks for, in Dockward's words.
    title: &'a str,
    /// Its level; null where the benchmark has none.
    level: Option<u8>,
    /// Whether the benchmark leaves the decision to a person; null where it doesn't say.
    manual: Option<bool>,
    /// `fail`, `unknown`, `review`, `waived`, `pass`, `not applicable` or `not judged`.
    answer: &'static str,
    /// The rules that answer it.
    rules: &'a [&'static str],
    /// How many subjects fail and are not waived.
    fail: usize,
    /// How many could not be judged.
    unknown: usize,
    /// How many need a person's decision.
    review: usize,
    /// How many are waived.
    waived: usize,
    /// How many pass.
    pass: usize,
    /// For how many the question doesn't arise.
    not_applicable: usize,
}

/// The host.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct HostV1<'a> {
    /// Its name.
    name: &'a str,
    /// Its operating system.
    os: &'a str,
    /// Its kernel release.
    kernel: &'a str,
    /// What of it was looked at: `whole`, `files` (below a folder, no kernel) or `engine` (only what
    /// an engine on it tells).
    sight: &'static str,
}

/// An engine.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct EngineV1<'a> {
    /// Where it was reached.
    endpoint: &'a str,
    /// Who made it: `Docker` or `Podman`; null where that is not known.
    flavour: Option<&'a str>,
    /// Its version.
    version: &'a str,
    /// Whether it has no more rights than an ordinary user.
    rootless: bool,
    /// How many containers it has.
    containers: usize,
    /// How many of them run.
    running: usize,
    /// How many images it has; null where they could not be listed.
    images: Option<usize>,
}

/// A way to the host.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct PathV1<'a> {
    /// How bad.
    severity: &'static str,
    /// Its stations.
    stations: &'a [String],
    /// What leads along it.
    steps: Vec<StepV1<'a>>,
    /// The change that cuts it.
    cut: CutV1<'a>,
    /// Other rules that lead out at the same end.
    also: Vec<&'a str>,
    /// Other containers from which the same way leads.
    alike: &'a [String],
}

/// A step of a way.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct StepV1<'a> {
    /// What makes it possible.
    text: &'a str,
    /// The rule that found it; null where it is no finding.
    rule: Option<&'a str>,
    /// In what.
    subject: Option<SubjectV1<'a>>,
    /// Where it was seen.
    evidence: Option<EvidenceV1<'a>>,
}

/// A change that cuts ways.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct CutV1<'a> {
    /// The change.
    text: &'a str,
    /// The rule that then passes.
    rule: &'a str,
    /// Where.
    subject: SubjectV1<'a>,
    /// How many ways it cuts.
    cuts: usize,
}

/// A verdict that is not a pass.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct FindingV1<'a> {
    /// The rule.
    rule: &'a str,
    /// The rule's title.
    title: &'a str,
    /// What it is about: `host`, `daemon`, `containers`, `images`, `resources`, `swarm`.
    area: &'static str,
    /// `fail`, `review` or `unknown`.
    status: &'static str,
    /// `critical`, `high`, `medium`, `low` or `info`.
    severity: &'static str,
    /// What it is about.
    subject: SubjectV1<'a>,
    /// What is wrong, or why it could not be judged.
    message: &'a str,
    /// Where it was seen.
    evidence: Vec<EvidenceV1<'a>>,
    /// What mends it; may be empty.
    fix: &'a str,
    /// The waiver that covers it.
    waived: Option<WaivedV1<'a>>,
}

/// What a finding is about.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct SubjectV1<'a> {
    /// `host`, `daemon`, `container`, `image`, `service`, `network`, `volume` or `plugin`.
    kind: &'a str,
    /// The name that people know it by.
    name: &'a str,
    /// The full id, of a container or an image.
    id: Option<&'a str>,
    /// The image's name as written, of a container.
    image: Option<&'a str>,
    /// `project/service`, of a container that Compose made.
    compose: Option<String>,
    /// The endpoint of the engine that a container runs on, where there are several engines.
    engine: Option<&'a str>,
}

/// Where something was seen.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct EvidenceV1<'a> {
    /// `api`, `request`, `file`, `kernel`, `argv`, `default` or `nowhere`.
    source: &'static str,
    /// The endpoint, the file or the process; empty where there is none.
    location: String,
    /// The field or the flag; empty where there is none.
    field: &'a str,
    /// The line, counted from 1.
    line: Option<u32>,
    /// What was seen.
    seen: &'a str,
    /// What was expected.
    expected: &'a str,
    /// `configured` or `effective`.
    level: &'static str,
}

/// The waiver that covers a finding.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct WaivedV1<'a> {
    /// Who answers for it.
    owner: &'a str,
    /// Why.
    reason: &'a str,
    /// The last day on which it holds.
    until: Option<&'a str>,
    /// Where it is written.
    at: String,
}

/// How many verdicts of each kind.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct TallyV1 {
    /// Failures that count, by severity.
    fail: BTreeMap<&'static str, usize>,
    /// Passes.
    pass: usize,
    /// For a person to decide.
    review: usize,
    /// Not judged.
    unknown: usize,
    /// Failures that are waived.
    waived: usize,
    /// Questions that don't arise.
    not_applicable: usize,
}

/// What could not be looked at.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct UnseenV1<'a> {
    /// What.
    what: &'a str,
    /// Why not.
    why: &'a str,
    /// What to do about it; may be empty.
    hint: &'a str,
}

/// Something to say of a waiver.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct WaiverNoteV1<'a> {
    /// `expired`, `unused` or `ends-soon`.
    kind: &'static str,
    /// Where the waiver is written.
    at: &'a str,
    /// The rule that it is for.
    rule: &'a str,
    /// Its last day.
    until: Option<&'a str>,
}

/// A rule that was judged.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct RuleV1 {
    /// Its id.
    id: &'static str,
    /// What holds when it passes.
    title: &'static str,
    /// How bad a failure is.
    severity: &'static str,
    /// What it is about.
    area: &'static str,
    /// Numbers in CIS 1.6 and 1.7; the map was made from secondary sources.
    cis_1_6: Vec<&'static str>,
    /// Numbers in CIS 1.8; the map was made from secondary sources.
    cis_1_8: Vec<&'static str>,
}

#[cfg(test)]
pub(crate) mod tests;
