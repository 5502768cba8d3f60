//! JUnit XML: a suite a target, a case a package with its weaknesses. What meets the gate is a
//! failure, what is waived is skipped, what could not be compared is an error.

use std::fmt::Write as _;
use std::io::{self, Write};

use dockward_model::inventory::Package;
use dockward_model::verdict::{Scan, Scanned, Vulnerability};

use super::told;
use crate::junit::{attribute, text};
use crate::plain;

pub(super) fn write(scan: &Scan, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<testsuites name=\"dockward\">")?;
    for one in &scan.scanned {
        suite(scan, one, out)?;
    }
    failed(scan, out)?;
    writeln!(out, "</testsuites>")
}

/// What could not be looked into at all is a suite of its own, so that no CI takes it for a pass.
fn failed(scan: &Scan, out: &mut dyn Write) -> io::Result<()> {
    let n = scan.failed.len();
    if n == 0 {
        return Ok(());
    }
    writeln!(out, "  <testsuite name=\"not looked into\" tests=\"{n}\" errors=\"{n}\">")?;
    for failed in &scan.failed {
        let (name, why) = (attribute(&failed.name), attribute(&failed.why));
        writeln!(
            out,
            "    <testcase classname=\"scan\" name=\"{name}\">\n      <error type=\"unknown\" message=\"{why}\"/>\n    </testcase>"
        )?;
    }
    writeln!(out, "  </testsuite>")
}

fn suite(scan: &Scan, one: &Scanned, out: &mut dyn Write) -> io::Result<()> {
    let mut cases = String::new();
    let (mut failures, mut skipped, mut errors) = (0, 0, 0);
    for found in &one.vulnerabilities {
        let Some(package) = one.package(found) else { continue };
        let inner = if let Some(waived) = &found.waived {
            skipped += 1;
            format!("<skipped message=\"waived: {}\"/>", attribute(&waived.reason))
        } else if found.fails {
            failures += 1;
            let kind = found.severity.name();
            let body = text(&plain(&details(found)));
            format!("<failure type=\"{kind}\" message=\"{}\">{body}</failure>", message(found))
        } else {
            format!("<system-out>{}</system-out>", text(&plain(&details(found))))
        };
        case(&mut cases, package, &found.matched.id, &inner);
    }
    let problems = one.inventory.contents.problems.iter();
    let problems = problems.map(|problem| format!("{}: {}", problem.place, problem.why));
    for why in problems.chain(one.unmatched.iter().map(ToString::to_string)) {
        errors += 1;
        // Writing to a String can't fail.
        let _ = writeln!(
            cases,
            "    <testcase classname=\"scan\" name=\"all was compared\">\n      <error type=\"unknown\" message=\"{}\"/>\n    </testcase>",
            attribute(&why)
        );
    }
    let tests = one.vulnerabilities.len() + errors;
    let name = attribute(&one.inventory.target.name);
    writeln!(
        out,
        "  <testsuite name=\"{name}\" timestamp=\"{}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\">",
        scan.now
    )?;
    out.write_all(cases.as_bytes())?;
    writeln!(out, "  </testsuite>")
}

fn case(cases: &mut String, package: &Package, id: &str, inner: &str) {
    let (class, name) = (
        attribute(package.source_name()),
        attribute(&format!("{id}: {} {}", package.name, package.version)),
    );
    let _ = writeln!(
        cases,
        "    <testcase classname=\"{class}\" name=\"{name}\">\n      {inner}\n    </testcase>"
    );
}

fn message(found: &Vulnerability) -> String {
    let fix = match found.matched.fixes.first() {
        Some(fix) => format!("mended in {fix}"),
        None => found.matched.state.name().to_owned(),
    };
    attribute(&format!("{}, {fix}", told::rated(found)))
}

fn details(found: &Vulnerability) -> String {
    let matched = &found.matched;
    let mut words = vec![told::compared(matched), matched.advisory.id.clone()];
    words.extend(told::urgent(found));
    words.join("; ")
}
