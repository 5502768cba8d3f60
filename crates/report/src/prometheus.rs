//! Prometheus text exposition format 0.0.4, for node-exporter's textfile collector. Labels are
//! words of Dockward's own: no name that others chose gets into the time series.

use std::collections::BTreeMap;
use std::io::{self, Write};

use dockward_model::verdict::{Report, Severity, Status, WaiverNote};

/// Writes a report.
pub(crate) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    head(out, "dockward_findings", "Failures that nobody waived, by area and severity.")?;
    for (area, tally) in &report.tally {
        for severity in Severity::WORST_FIRST {
            let n = tally.fail.get(&severity).copied().unwrap_or(0);
            let labels = format!("area=\"{}\",severity=\"{severity}\"", area.name());
            writeln!(out, "dockward_findings{{{labels}}} {n}")?;
        }
    }
    by_area(report, out)?;
    rules(report, out)?;
    paths(report, out)?;
    let ended = |note: &&WaiverNote| matches!(note, WaiverNote::Expired { .. });
    let ended = report.waivers.iter().filter(ended).count();
    one(out, "dockward_waivers_expired", "Waivers that have ended.", ended)?;
    one(out, "dockward_unseen", "Things that could not be looked at.", report.unseen.len())?;
    let complete = usize::from(report.complete);
    one(out, "dockward_complete", "Whether all was judged (1) or not (0).", complete)?;
    let containers: usize = report.engines.iter().map(|engine| engine.containers).sum();
    one(out, "dockward_containers", "Containers, running or not.", containers)?;
    let at = report.now.as_second();
    one(out, "dockward_last_run_timestamp_seconds", "When the host was looked at.", at)
}

fn by_area(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    head(out, "dockward_verdicts", "Verdicts that are no failures, by area and kind.")?;
    for (area, tally) in &report.tally {
        let kinds = [
            ("pass", tally.pass),
            ("review", tally.review),
            ("unknown", tally.unknown),
            ("waived", tally.waived),
        ];
        for (kind, n) in kinds {
            let area = area.name();
            writeln!(out, "dockward_verdicts{{area=\"{area}\",kind=\"{kind}\"}} {n}")?;
        }
    }
    Ok(())
}

fn rules(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    head(out, "dockward_rule_failures", "Failures that nobody waived, by rule.")?;
    let mut failed: BTreeMap<&str, usize> = report.rules.iter().map(|meta| (meta.id, 0)).collect();
    let counting = report.findings.iter().filter(|f| f.status == Status::Fail && f.counts());
    for finding in counting {
        if let Some(n) = failed.get_mut(finding.rule.as_str()) {
            *n += 1;
        }
    }
    for (rule, n) in failed {
        writeln!(out, "dockward_rule_failures{{rule=\"{rule}\"}} {n}")?;
    }
    Ok(())
}

fn paths(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    head(out, "dockward_attack_paths", "Ways to the host, by severity.")?;
    for severity in Severity::WORST_FIRST {
        let n = report.paths.iter().filter(|path| path.severity == severity).count();
        writeln!(out, "dockward_attack_paths{{severity=\"{severity}\"}} {n}")?;
    }
    Ok(())
}

fn one(
    out: &mut dyn Write,
    name: &str,
    help: &str,
    value: impl std::fmt::Display,
) -> io::Result<()> {
    head(out, name, help)?;
    writeln!(out, "{name} {value}")
}

fn head(out: &mut dyn Write, name: &str, help: &str) -> io::Result<()> {
    writeln!(out, "# HELP {name} {help}\n# TYPE {name} gauge")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn metrics(report: &Report) -> String {
        let mut out = Vec::new();
        write(report, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_sample_reads_so() {
        insta::assert_snapshot!(metrics(&sample::report()));
    }

    #[test]
    fn nothing_that_others_chose_becomes_a_label() {
        let ours = |c: char| c.is_ascii_graphic() || c == ' ' || c == '\n';
        let text = metrics(&sample::hostile());
        assert!(text.chars().all(ours) && !text.contains("script"), "{text}");
    }

    #[test]
    fn every_sample_has_its_type_once() {
        let text = metrics(&sample::report());
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let name = line.split(['{', ' ']).next().unwrap();
            assert_eq!(text.matches(&format!("# TYPE {name} gauge\n")).count(), 1, "{name}");
        }
    }
}
