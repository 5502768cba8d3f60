//! JUnit XML, for CI systems: a suite an area, a case a rule and subject. What counts against the
//! run is a failure, what could not be judged an error, what a person decides or has accepted is
//! skipped; all else passes, with what was found beside it.

use std::fmt::Write as _;
use std::io::{self, Write};

use dockward_model::verdict::{Area, Finding, Meta, Report, Status};

use crate::plain;

/// Writes a report.
pub(crate) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let suites: Vec<Suite> = report.tally.keys().map(|area| suite(report, *area)).collect();
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<testsuites name=\"dockward\"{}>", counts(&suites))?;
    for one in &suites {
        let (name, counts) = (one.name, counts(std::slice::from_ref(one)));
        let (host, now) = (attribute(&report.host.name), report.now);
        writeln!(
            out,
            "  <testsuite name=\"{name}\" hostname=\"{host}\" timestamp=\"{now}\"{counts}>"
        )?;
        out.write_all(one.cases.as_bytes())?;
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

/// An area's cases, written, and how many there are of each kind.
#[derive(Default)]
struct Suite {
    name: &'static str,
    cases: String,
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
}

fn counts(suites: &[Suite]) -> String {
    let sum = |of: fn(&Suite) -> usize| suites.iter().map(of).sum::<usize>();
    format!(
        " tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\"",
        sum(|s| s.tests),
        sum(|s| s.failures),
        sum(|s| s.errors),
        sum(|s| s.skipped)
    )
}

fn suite(report: &Report, area: Area) -> Suite {
    let mut suite = Suite { name: area.name(), ..Suite::default() };
    for finding in report.findings.iter().filter(|f| f.area == area) {
        suite.case(finding, report);
    }
    for meta in report.rules.iter().filter(|meta| meta.area == area) {
        suite.passes(meta, report);
    }
    suite
}

impl Suite {
    fn case(&mut self, finding: &Finding, report: &Report) {
        self.tests += 1;
        let name = format!("{}: {}", finding.title, finding.subject.name());
        self.open(finding.rule.as_str(), &name);
        let kind = attribute(finding.severity.name());
        let message = attribute(&finding.message);
        let body = text(&details(finding));
        let inner = match finding.status {
            _ if finding.waived.is_some() => {
                self.skipped += 1;
                let why = finding.waived.as_ref().map_or("", |waived| waived.reason.as_str());
                format!("<skipped message=\"waived: {}\"/>", attribute(why))
            }
            Status::Review => {
                self.skipped += 1;
                format!("<skipped message=\"review: {message}\"/>")
            }
            Status::Unknown => {
                self.errors += 1;
                format!("<error type=\"unknown\" message=\"{message}\">{body}</error>")
            }
            Status::Fail if report.fails(finding) => {
                self.failures += 1;
                format!("<failure type=\"{kind}\" message=\"{message}\">{body}</failure>")
            }
            Status::Fail => format!("<system-out>{kind}: {body}</system-out>"),
        };
        // Writing to a String can't fail.
        let _ = writeln!(self.cases, ">\n      {inner}\n    </testcase>");
    }

    /// A rule that passed is one case, however many subjects it met: they have no names here.
    fn passes(&mut self, meta: &Meta, report: &Report) {
        let count = report.counts.get(meta.id).copied().unwrap_or_default();
        if count.pass > 0 {
            self.tests += 1;
            self.open(meta.id, &format!("{}: {} pass", meta.title, count.pass));
            self.cases.push_str("/>\n");
        }
    }

    fn open(&mut self, class: &str, name: &str) {
        let (class, name) = (attribute(class), attribute(name));
        let _ = write!(self.cases, "    <testcase classname=\"{class}\" name=\"{name}\"");
    }
}

fn details(finding: &Finding) -> String {
    let mut lines = vec![finding.message.clone()];
    lines.extend(finding.evidence.iter().map(|evidence| {
        let (seen, expected) = (&evidence.seen, &evidence.expected);
        format!("{}: {seen}; expected: {expected}", evidence.origin)
    }));
    if !finding.fix.is_empty() {
        lines.push(format!("fix: {}", finding.fix));
    }
    let safe: Vec<_> = lines.iter().map(|line| plain(line).into_owned()).collect();
    safe.join("\n")
}

/// Text between tags; control characters, which XML can't hold at all, are shown as escapes before.
pub(crate) fn text(safe: &str) -> String {
    safe.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Text between quotation marks.
pub(crate) fn attribute(raw: &str) -> String {
    text(&plain(raw)).replace('"', "&quot;").replace('\'', "&apos;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn xml(report: &Report) -> String {
        let mut out = Vec::new();
        write(report, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_sample_reads_so() {
        insta::assert_snapshot!(xml(&sample::report()));
    }

    #[test]
    fn hostile_text_opens_no_tag_and_holds_no_control_character() {
        let xml = xml(&sample::hostile());
        assert!(!xml.contains("<script") && !xml.contains("]]>"), "{xml}");
        assert!(!xml.chars().any(|c| c.is_control() && c != '\n'));
        let tags = xml.matches('<').count();
        assert_eq!(tags, xml.matches('>').count());
    }

    #[test]
    fn what_is_below_the_line_fails_nothing() {
        let report = Report { fails_from: None, ..sample::report() };
        assert!(!xml(&report).contains("<failure"));
        assert!(xml(&sample::report()).contains("<failure type=\"critical\""));
    }
}
