//! Verdicts and settings, joined into the report and the exit code.

use std::collections::BTreeMap;

use dockward_audit::benchmark::Profile;
use dockward_audit::{Audit, paths};
use dockward_model::facts::{Engine, Snapshot};
use dockward_model::verdict::{
    Area, EngineSummary, Finding, HostSummary, Meta, News, Report, Status, Tally,
};
use dockward_policy::Exit;

use crate::command::Shown;
use crate::settings::Settings;

/// Applies the settings, joins what is left into paths, and says how the run ends.
pub(crate) fn conclude(
    snapshot: &Snapshot,
    audit: Audit,
    settings: &Settings,
    shown: &Shown<'_>,
) -> (Report, Exit) {
    let today = snapshot.now.to_zoned(jiff::tz::TimeZone::UTC).date();
    let Audit { findings, counts, rules } = audit;
    let mut applied =
        dockward_policy::apply(findings, &settings.config, &settings.selection, today);
    dockward_policy::waive_ourselves(snapshot, &mut applied.findings);
    let paths = settings.held(snapshot.now, |held| paths::find(snapshot, &applied.findings, held));
    let seen_whole = snapshot.unseen.is_empty();
    let exit =
        dockward_policy::exit(&applied.findings, &applied.notes, seen_whole, settings.fail_on);
    let news = shown.earlier.map(|then| news(then, snapshot, &applied.findings, settings));
    let benchmark =
        settings.profile.map(|profile| profile.table(&applied.findings, &counts, &rules));
    let docker_bench = shown.docker_bench.then_some("cis-1.6-l2").and_then(Profile::named);
    let docker_bench = docker_bench.map(|p| p.table(&applied.findings, &counts, &rules));
    let report = Report {
        version: env!("CARGO_PKG_VERSION").into(),
        now: snapshot.now,
        host: host(snapshot),
        engines: snapshot.engines.iter().map(engine).collect(),
        took_ms: shown.started.and_then(|at| u64::try_from(at.elapsed().as_millis()).ok()),
        paths,
        tally: tally(&rules, &counts, &applied.findings),
        complete: seen_whole && dockward_policy::judged_all(&applied.findings),
        findings: applied.findings,
        unseen: snapshot.unseen.clone(),
        waivers: applied.notes,
        rules,
        benchmark,
        docker_bench,
        counts,
        fails_from: settings.fail_on.severity(),
        news,
        example: shown.example,
    };
    (report, exit)
}

/// What is different from an earlier look, judged by today's rules and settings as of its own time.
fn news(earlier: &Snapshot, now: &Snapshot, findings: &[Finding], settings: &Settings) -> News {
    let audit = settings.evaluate(earlier);
    let day = earlier.now.to_zoned(jiff::tz::TimeZone::UTC).date();
    let config = &settings.config;
    let before = dockward_policy::apply(audit.findings, config, &settings.selection, day);
    dockward_policy::news(
        dockward_policy::Look { snapshot: earlier, findings: &before.findings },
        dockward_policy::Look { snapshot: now, findings },
    )
}

fn host(snapshot: &Snapshot) -> HostSummary {
    let host = &snapshot.host;
    HostSummary {
        name: host.hostname.get().cloned().unwrap_or_default(),
        os: host.os.get().cloned().unwrap_or_default(),
        kernel: host.kernel.get().cloned().unwrap_or_default(),
        sight: host.sight,
    }
}

fn engine(engine: &Engine) -> EngineSummary {
    EngineSummary {
        endpoint: engine.daemon.endpoint.clone(),
        flavour: engine.daemon.flavour.get().map(|f| f.name().to_owned()).unwrap_or_default(),
        rootless: engine.daemon.is_rootless(),
        version: engine.daemon.version.get().cloned().unwrap_or_else(|| "unknown".into()),
        containers: engine.containers.len(),
        running: engine.containers.iter().filter(|c| c.running.get() == Some(&true)).count(),
        images: engine.images.get().map(Vec::len),
    }
}

fn tally(
    rules: &[Meta],
    counts: &BTreeMap<&'static str, dockward_model::verdict::Count>,
    findings: &[Finding],
) -> BTreeMap<Area, Tally> {
    let mut tally: BTreeMap<Area, Tally> = BTreeMap::new();
    for meta in rules {
        let count = counts.get(meta.id).copied().unwrap_or_default();
        let area = tally.entry(meta.area).or_default();
        area.pass += count.pass;
        area.not_applicable += count.not_applicable;
    }
    for finding in findings {
        let area = tally.entry(finding.area).or_default();
        match finding.status {
            _ if finding.waived.is_some() => area.waived += 1,
            Status::Fail => *area.fail.entry(finding.severity).or_default() += 1,
            Status::Review => area.review += 1,
            Status::Unknown => area.unknown += 1,
        }
    }
    tally
}
