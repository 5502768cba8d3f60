//! Attack paths: what the report opens with.

use std::io;

use dockward_model::facts::Sight;
use dockward_model::verdict::{AttackPath, Report, Severity, Step, Subject};

use super::areas::{counted, named};
use super::ink::{self, BOLD, DIM, Ink, PLAIN};

/// How many are shown unless all are asked for.
const SHOWN: usize = 3;

pub(super) fn write(report: &Report, all: bool, ink: &mut Ink<'_>) -> io::Result<()> {
    ink.line(&[(BOLD, &format!(" {}", heading(report)))])?;
    ink.blank()?;
    let shown = if all { report.paths.len() } else { SHOWN };
    for (number, path) in report.paths.iter().take(shown).enumerate() {
        one(number + 1, path, ink)?;
    }
    if report.paths.len() > shown {
        let rest = counted(report.paths.len() - shown, "more way");
        ink.line(&[(DIM, &format!("    {rest}: dockward check --all"))])?;
        ink.blank()?;
    }
    Ok(())
}

fn heading(report: &Report) -> String {
    let to = |start: &str| {
        let ends = |p: &&AttackPath| p.stations.last().is_some_and(|s| s.starts_with(start));
        report.paths.iter().filter(ends).count()
    };
    let (roots, files) = (to("root on"), to("every file of"));
    let users = report.paths.len() - roots - files;
    let mut ends = vec![
        (roots, "TO ROOT ON THIS HOST", "TO ROOT"),
        (files, "TO FILES OF THIS HOST", "TO ITS FILES"),
        (users, "TO A USER OF THIS HOST", "TO ITS USERS"),
    ];
    ends.retain(|(n, ..)| *n > 0);
    let Some(((n, first, _), rest)) = ends.split_first() else {
        if report.saw_nothing() {
            return "NOTHING WAS JUDGED".to_owned();
        }
        let whole = report.complete && report.host.sight == Sight::Whole;
        let found =
            if whole { "ON THIS HOST WAS FOUND" } else { "WAS FOUND IN WHAT COULD BE SEEN" };
        return format!("NO WAY TO ROOT {found}");
    };
    let rest: String = rest.iter().map(|(n, _, next)| format!(", {n} {next}")).collect();
    format!("{} {first}{rest}", counted(*n, "WAY"))
}

fn one(number: usize, path: &AttackPath, ink: &mut Ink<'_>) -> io::Result<()> {
    let severity = path.severity.name().to_uppercase();
    let stations = path.stations.join(" → ");
    ink.with_note(
        &format!("{number:>2}  "),
        (BOLD, &stations),
        (ink::severity(path.severity), &severity),
    )?;
    for (depth, step) in path.steps.iter().enumerate() {
        one_step(depth, step, ink)?;
    }
    let place = match &*path.cut.subject {
        subject @ Subject::Container { .. } => format!("in {}", subject.title()),
        _ => "here".into(),
    };
    let mut cut = format!("Cut it {place}: {}", path.cut.text);
    if path.cut.cuts > 1 {
        cut.push_str(&format!(" (ends {} ways)", path.cut.cuts));
    }
    let style = if path.severity >= Severity::High { BOLD } else { PLAIN };
    ink.wrapped("    ", style, &cut)?;
    if !path.also.is_empty() {
        let rules: Vec<_> = path.also.iter().map(|rule| rule.as_str()).collect();
        ink.wrapped("    ", DIM, &format!("Leads out of there too: {}", rules.join(", ")))?;
    }
    if !path.alike.is_empty() {
        let names = named(path.alike.iter().map(String::as_str), 5);
        ink.wrapped("    ", DIM, &format!("The same way from {names}"))?;
    }
    ink.blank()
}

fn one_step(depth: usize, step: &Step, ink: &mut Ink<'_>) -> io::Result<()> {
    let lead = match depth {
        0 => "    ".to_owned(),
        n => format!("    {}└ ", " ".repeat(2 * (n - 1))),
    };
    let place = step.evidence.as_ref().map(|e| ink::place(&e.origin)).unwrap_or_default();
    if place.is_empty() {
        return ink.wrapped(&lead, PLAIN, &step.text);
    }
    ink.with_note(&lead, (PLAIN, &step.text), (DIM, &place))
}
