//! The page's sections.

use dockward_model::verdict::{
    Answer, AttackPath, Finding, News, Report, Status, Step, Table, WaiverNote,
};
use maud::{Markup, html};

use super::{graph, safe};

/// What is different from an earlier run.
pub(super) fn news(news: &News) -> Markup {
    let since = news.since.strftime("%Y-%m-%d %H:%M UTC").to_string();
    html! {
        h2 { "Since " (since) }
        @if news.is_empty() { p { "Nothing is new." } }
        @for new in &news.appeared { (one(new, "appeared")) }
        @for change in &news.changed { (one(&change.now, "changed")) }
        @for old in &news.gone { (one(old, "gone")) }
        ul { @for thing in &news.resources {
            li {
                (thing.kind) " " code { (safe(&thing.name)) } " " (thing.what.name())
                @if !thing.detail.is_empty() { ": " code { (safe(&thing.detail)) } }
            }
        } }
    }
}

/// A benchmark's table.
pub(super) fn benchmark(table: &Table) -> Markup {
    html! {
        h2 { (table.benchmark) }
        p .dim { (table.source) }
        p { @for answer in Answer::WORST_FIRST {
            @let n = table.count(answer);
            @if n > 0 { span class=(color(answer)) { (n) " " (answer.name()) } " " }
        } }
        table {
            tr { th { "" } th { "level" } th { "answer" } th { "asked for" } th { "rules" } }
            @for row in &table.rows { tr {
                td { (row.recommendation.number) }
                td { @if let Some(level) = row.recommendation.level { (level) } }
                td class=(color(row.answer)) { (row.answer.name()) }
                td { (row.recommendation.title) }
                td { @for rule in &row.rules { code { (rule) } " " } }
            } }
        }
    }
}

const fn color(answer: Answer) -> &'static str {
    match answer {
        Answer::Fail => "high",
        Answer::Unknown => "unknown",
        Answer::Review => "review",
        Answer::Waived | Answer::NotApplicable | Answer::NotJudged => "waived",
        Answer::Pass => "pass",
    }
}

/// The ways to the host.
pub(super) fn ways(report: &Report) -> Markup {
    html! {
        h2 { "Ways to this host" }
        @if report.saw_nothing() {
            p { "Nothing was judged: its engine could not be asked." }
        } @else if report.paths.is_empty() {
            p { "No way to root was found" @if !report.complete { " in what could be seen" } "." }
        }
        (graph::picture(&report.paths))
        @for path in &report.paths { (way(path)) }
    }
}

fn way(path: &AttackPath) -> Markup {
    let stations: Vec<_> = path.stations.iter().map(|station| safe(station)).collect();
    html! {
        details {
            summary {
                span class={ "tag " (path.severity.name()) } { (path.severity.name()) }
                (stations.join(" → "))
            }
            ol .steps { @for step in &path.steps { li { (step_of(step)) } } }
            p { strong { "Cut it in " (safe(path.cut.subject.name())) ": " } (safe(&path.cut.text)) }
            @if !path.alike.is_empty() {
                p .dim { "The same way from " (safe(&path.alike.join(", "))) }
            }
        }
    }
}

fn step_of(step: &Step) -> Markup {
    html! {
        (safe(&step.text))
        @if let Some(evidence) = &step.evidence {
            " " code .dim { (safe(&evidence.origin.to_string())) }
        }
    }
}

/// Every finding.
pub(super) fn findings(report: &Report) -> Markup {
    let of = |status| report.findings.iter().filter(move |f| f.status == status);
    html! {
        h2 { "Findings" }
        @if report.findings.is_empty() { p { "None." } }
        @for (status, heading) in [(Status::Fail, ""), (Status::Review, "To decide"), (Status::Unknown, "Not judged")] {
            @if !heading.is_empty() && of(status).next().is_some() { h3 { (heading) } }
            @for finding in of(status) { (one(finding, "")) }
        }
    }
}

fn one(finding: &Finding, what: &str) -> Markup {
    let word = match finding.status {
        _ if finding.waived.is_some() => "waived",
        Status::Fail => finding.severity.name(),
        Status::Review => "review",
        Status::Unknown => "unknown",
    };
    html! {
        details {
            summary {
                span class={ "tag " (word) } { (word) }
                @if !what.is_empty() { (what) " " }
                code { (finding.rule) } " " (safe(finding.subject.name())) ": " (safe(&finding.message))
            }
            p { (finding.title) }
            @if let Some(waived) = &finding.waived {
                p { "Waived by " (safe(&waived.owner)) ": " (safe(&waived.reason)) }
            }
            @if !finding.evidence.is_empty() { table {
                tr { th { "where" } th { "seen" } th { "expected" } }
                @for evidence in &finding.evidence { tr {
                    td { code { (safe(&evidence.origin.to_string())) } }
                    td { (safe(&evidence.seen)) }
                    td { (safe(&evidence.expected)) }
                } }
            } }
            @if !finding.fix.is_empty() { p { strong { "Fix: " } (safe(&finding.fix)) } }
        }
    }
}

/// What the rest leaves out: waivers, and what could not be looked at.
pub(super) fn rest(report: &Report) -> Markup {
    html! {
        @if !report.waivers.is_empty() {
            h2 { "Waivers" }
            ul { @for note in &report.waivers { li { (waiver(note)) } } }
        }
        @if !report.unseen.is_empty() {
            h2 { "Not looked at" }
            ul { @for unseen in &report.unseen {
                li {
                    (safe(&unseen.what)) ": " (safe(&unseen.why))
                    @if !unseen.hint.is_empty() { ": " code { (safe(&unseen.hint)) } }
                }
            } }
        }
    }
}

fn waiver(note: &WaiverNote) -> Markup {
    let (at, rule, says) = match note {
        WaiverNote::Expired { at, rule, until } => (at, rule, format!("ended on {until}")),
        WaiverNote::Unused { at, rule } => (at, rule, "covers nothing".to_owned()),
        WaiverNote::EndsSoon { at, rule, until } => (at, rule, format!("ends on {until}")),
    };
    html! { code { (safe(at)) } ": the waiver for " code { (safe(rule)) } " " (says) }
}
