//! Findings: the worst ones by rule, or with `--all` each one with its evidence.

use std::io;

use dockward_model::verdict::{Evidence, Finding, Level, Report, Severity, Status, Subject};

use unicode_width::UnicodeWidthStr as _;

use super::areas::{counted, named};
use super::ink::{self, BOLD, DIM, Ink, PLAIN};

/// How many rules are shown unless all are asked for.
const SHOWN: usize = 8;

pub(super) fn write(report: &Report, all: bool, ink: &mut Ink<'_>) -> io::Result<()> {
    if all { every(report, ink) } else { worst(report, ink) }
}

/// Failures by rule, worst first: a rule that fails in 40 containers is one line.
fn worst(report: &Report, ink: &mut Ink<'_>) -> io::Result<()> {
    let mut rules: Vec<(&str, Vec<&Finding>)> = Vec::new();
    for finding in report.findings.iter().filter(|f| f.counts() && f.severity >= Severity::Medium) {
        let id = finding.rule.as_str();
        match rules.iter_mut().find(|(rule, _)| *rule == id) {
            Some((_, list)) => list.push(finding),
            None => rules.push((id, vec![finding])),
        }
    }
    if rules.is_empty() {
        return Ok(());
    }
    rules.sort_by_key(|(_, list)| std::cmp::Reverse(list.iter().map(|f| f.severity).max()));
    ink.line(&[(BOLD, " WHAT FAILS, WORST FIRST")])?;
    for (id, list) in rules.iter().take(SHOWN) {
        one_rule(id, list, ink)?;
    }
    if rules.len() > SHOWN {
        let rest = counted(rules.len() - SHOWN, "more rule");
        ink.line(&[(DIM, &format!("           {rest}: dockward check --all"))])?;
    }
    ink.blank()
}

fn one_rule(id: &str, list: &[&Finding], ink: &mut Ink<'_>) -> io::Result<()> {
    let Some(first) = list.first() else { return Ok(()) };
    let severity = list.iter().map(|f| f.severity).max().unwrap_or(first.severity);
    let mut names: Vec<_> = list.iter().map(|f| f.subject.title()).collect();
    names.dedup();
    let what = match names.as_slice() {
        [name]
            if matches!(&*first.subject, Subject::Container { .. } | Subject::Service { .. }) =>
        {
            format!("{id}: {name} {}", first.message)
        }
        [_] => format!("{id}: {}", first.message),
        _ => format!("{id} ({}): {}", names.len(), named(names.iter().map(AsRef::as_ref), 4)),
    };
    let label = format!(" {severity:<9} ");
    ink.labelled((ink::severity(severity), &label), &what)
}

/// Every finding with its evidence and what mends it.
fn every(report: &Report, ink: &mut Ink<'_>) -> io::Result<()> {
    for status in [Status::Fail, Status::Review, Status::Unknown] {
        let list: Vec<_> = report.findings.iter().filter(|f| f.status == status).collect();
        if list.is_empty() {
            continue;
        }
        let heading = match status {
            Status::Fail => " WHAT FAILS",
            Status::Review => " FOR A PERSON TO DECIDE",
            Status::Unknown => " NOT JUDGED",
        };
        ink.line(&[(BOLD, heading)])?;
        ink.blank()?;
        for finding in list {
            one(finding, ink)?;
        }
    }
    Ok(())
}

fn one(finding: &Finding, ink: &mut Ink<'_>) -> io::Result<()> {
    let head = format!("{} {}", finding.subject.kind(), finding.subject.title());
    let severity = finding.severity;
    let label = format!(" {severity:<9} ");
    let rule = finding.rule.as_str();
    let severity = (ink::severity(severity), label.as_str());
    if label.width() + head.width() + 2 + rule.width() <= ink.width {
        ink.line(&[severity, (BOLD, &head), (DIM, &format!("  {rule}"))])?;
    } else {
        ink.line(&[severity, (BOLD, &head)])?;
        ink.wrapped("           ", DIM, rule)?;
    }
    ink.wrapped("           ", PLAIN, &finding.message)?;
    for evidence in &finding.evidence {
        ink.wrapped("           ", DIM, &seen(evidence))?;
    }
    if !finding.fix.is_empty() {
        ink.wrapped("           → ", PLAIN, &finding.fix)?;
    }
    if let Some(waived) = &finding.waived {
        let until = waived.until.as_deref().map_or(String::new(), |day| format!(" until {day}"));
        let text =
            format!("waived{until} by {}: {} ({})", waived.owner, waived.reason, waived.origin);
        ink.wrapped("           ", DIM, &text)?;
    }
    ink.blank()
}

fn seen(evidence: &Evidence) -> String {
    let level = match evidence.level {
        Level::Configured => "configured",
        Level::Effective => "in force",
    };
    let place = ink::place(&evidence.origin);
    format!("{place}: {} ({level}), expected {}", evidence.seen, evidence.expected)
}
