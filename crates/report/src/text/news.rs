//! What is different from an earlier look.

use std::io;

use dockward_model::verdict::{Finding, News, ResourceNews, Status};

use super::ink::{self, BOLD, DIM, Ink, PLAIN};

/// How many lines of one kind are shown unless all are asked for.
const MOST: usize = 10;

pub(super) fn write(news: &News, all: bool, ink: &mut Ink<'_>) -> io::Result<()> {
    let since = news.since.strftime("%Y-%m-%d %H:%M UTC");
    if news.is_empty() {
        ink.line(&[(BOLD, &format!(" NOTHING NEW SINCE {since}"))])?;
        return ink.blank();
    }
    ink.line(&[(BOLD, &format!(" SINCE {since}"))])?;
    let most = if all { usize::MAX } else { MOST };
    listed(&news.appeared, most, "appeared", ink, |finding, ink| line("+ ", finding, "", ink))?;
    listed(&news.changed, most, "changed", ink, |change, ink| {
        line("~ ", &change.now, &before(&change.before, &change.now), ink)
    })?;
    listed(&news.gone, most, "gone", ink, |finding, ink| line("- ", finding, "", ink))?;
    listed(&news.resources, most, "came or went", ink, resource)?;
    ink.blank()
}

fn listed<T>(
    all: &[T],
    most: usize,
    what: &str,
    ink: &mut Ink<'_>,
    show: impl Fn(&T, &mut Ink<'_>) -> io::Result<()>,
) -> io::Result<()> {
    for one in all.iter().take(most) {
        show(one, ink)?;
    }
    match all.len().saturating_sub(most) {
        0 => Ok(()),
        rest => ink.line(&[(DIM, &format!("   {rest} more {what}"))]),
    }
}

fn line(mark: &str, finding: &Finding, more: &str, ink: &mut Ink<'_>) -> io::Result<()> {
    let label = format!(" {mark}{:<9}", word(finding));
    let text = format!("{}: {}{more}", finding.rule, finding.message);
    let named = if finding.message.contains(finding.subject.name()) {
        text
    } else {
        format!("{text} ({})", finding.subject.name())
    };
    ink.labelled((ink::severity(finding.severity), &label), &named)
}

/// How bad it is, or that it is no failure.
fn word(finding: &Finding) -> &'static str {
    match finding.status {
        _ if finding.waived.is_some() => "waived",
        Status::Fail => finding.severity.name(),
        Status::Review => "review",
        Status::Unknown => "unknown",
    }
}

fn before(old: &Finding, new: &Finding) -> String {
    let (was, is) = (word(old), word(new));
    if was == is { format!("; before: {}", old.message) } else { format!("; was {was}") }
}

fn resource(news: &ResourceNews, ink: &mut Ink<'_>) -> io::Result<()> {
    let detail = if news.detail.is_empty() { String::new() } else { format!(": {}", news.detail) };
    let label = format!("   {:<9}", news.what.name());
    ink.labelled((PLAIN, &label), &format!("{} {}{detail}", news.kind, news.name))
}
