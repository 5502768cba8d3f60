//! What the numbers leave out: waivers, what could not be seen, where to go on.

use std::io;

use dockward_model::verdict::{Report, Status, WaiverNote};

use super::areas::counted;
use super::header::EXAMPLE;
use super::ink::{BOLD, DIM, Ink, PLAIN};

pub(super) fn write(report: &Report, all: bool, ink: &mut Ink<'_>) -> io::Result<()> {
    waivers(report, ink)?;
    unseen(report, ink)?;
    if !all && !report.findings.is_empty() {
        let id = report.findings.first().map_or("ID", |f| f.rule.as_str());
        let text =
            format!("All findings: dockward check --all · one of them: dockward explain {id}");
        ink.wrapped(" ", DIM, &text)?;
    }
    if report.example {
        ink.line(&[(BOLD, EXAMPLE)])?;
    }
    Ok(())
}

fn waivers(report: &Report, ink: &mut Ink<'_>) -> io::Result<()> {
    let waived = report.findings.iter().filter(|f| f.waived.is_some()).count();
    let soon = |n: &&WaiverNote| matches!(n, WaiverNote::EndsSoon { .. });
    let soon = report.waivers.iter().filter(soon).count();
    if waived > 0 {
        let ending =
            if soon > 0 { format!(", {soon} waivers end within 14 days") } else { String::new() };
        ink.line(&[(PLAIN, &format!(" {waived} waived{ending}"))])?;
    }
    for note in &report.waivers {
        ink.wrapped(" ", PLAIN, &sentence(note))?;
    }
    Ok(())
}

/// What there is to say of a waiver.
pub(crate) fn sentence(note: &WaiverNote) -> String {
    match note {
        WaiverNote::Expired { at, rule, until } => {
            format!("{at}: the waiver for {rule} ended on {until}: its findings count again")
        }
        WaiverNote::Unused { at, rule } => {
            format!("{at}: the waiver for {rule} covers nothing: remove it")
        }
        WaiverNote::EndsSoon { at, rule, until } => {
            format!("{at}: the waiver for {rule} ends on {until}")
        }
    }
}

fn unseen(report: &Report, ink: &mut Ink<'_>) -> io::Result<()> {
    let unknown =
        report.findings.iter().filter(|f| f.status == Status::Unknown && f.waived.is_none());
    let unknown = unknown.count();
    if report.unseen.is_empty() && unknown == 0 {
        return Ok(());
    }
    if unknown > 0 {
        let checks = counted(unknown, "check");
        ink.line(&[(BOLD, &format!(" {checks} could not look"))])?;
    }
    for unseen in &report.unseen {
        let hint =
            if unseen.hint.is_empty() { String::new() } else { format!(": {}", unseen.hint) };
        ink.wrapped(" - ", PLAIN, &format!("{}: {}{hint}", unseen.what, unseen.why))?;
    }
    Ok(())
}
