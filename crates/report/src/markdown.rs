//! Markdown, short enough for a comment on a merge request: what is new where an earlier run was
//! named, else what matters most. Whatever others wrote stands in code spans or is escaped.

use std::io::{self, Write};

use dockward_model::verdict::{AttackPath, Finding, News, Report, Status, Table};

use crate::plain;

/// How many lines a list has before the rest is counted.
pub(crate) const MOST: usize = 15;

/// How long a text from outside may be in a table, in characters.
const LONGEST: usize = 240;

/// Writes a report.
pub(crate) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "### Dockward: {}\n", code(&report.host.name))?;
    if !report.complete {
        writeln!(
            out,
            "Not everything could be looked at: what is missing here may still be wrong.\n"
        )?;
    }
    if let Some(table) = &report.benchmark {
        return benchmark(table, out);
    }
    match &report.news {
        Some(news) => what_is_new(news, out),
        None => what_is(report, out),
    }
}

fn what_is_new(news: &News, out: &mut dyn Write) -> io::Result<()> {
    let since = news.since.strftime("%Y-%m-%d %H:%M UTC");
    if news.is_empty() {
        return writeln!(out, "Nothing new since {since}.");
    }
    writeln!(out, "Since {since}:\n")?;
    let now: Vec<&Finding> = news.changed.iter().map(|change| &change.now).collect();
    findings("Appeared", &news.appeared.iter().collect::<Vec<_>>(), out)?;
    findings("Changed", &now, out)?;
    findings("Gone", &news.gone.iter().collect::<Vec<_>>(), out)?;
    for one in news.resources.iter().take(MOST) {
        let detail =
            if one.detail.is_empty() { String::new() } else { format!(": {}", code(&one.detail)) };
        writeln!(out, "- {} {} {}{detail}", one.kind, code(&one.name), one.what.name())?;
    }
    rest(news.resources.len(), out)
}

fn what_is(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    if report.saw_nothing() {
        return writeln!(out, "Nothing was judged.");
    }
    let failing: Vec<&Finding> = report.findings.iter().filter(|f| report.fails(f)).collect();
    if failing.is_empty() && report.paths.is_empty() {
        return writeln!(out, "Nothing fails.");
    }
    for path in report.paths.iter().take(MOST) {
        way(path, out)?;
    }
    rest(report.paths.len(), out)?;
    findings("Fails", &failing, out)
}

fn way(path: &AttackPath, out: &mut dyn Write) -> io::Result<()> {
    let stations: Vec<_> = path.stations.iter().map(|station| code(station)).collect();
    let severity = path.severity.name();
    writeln!(out, "- **{severity}** {}: {}", stations.join(" → "), code(&path.cut.text))
}

fn findings(heading: &str, all: &[&Finding], out: &mut dyn Write) -> io::Result<()> {
    if all.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n**{heading}: {}**\n", all.len())?;
    writeln!(out, "| | rule | where | what |\n|-|-|-|-|")?;
    for finding in all.iter().take(MOST) {
        let word = match finding.status {
            _ if finding.waived.is_some() => "waived",
            Status::Fail => finding.severity.name(),
            Status::Review => "review",
            Status::Unknown => "unknown",
        };
        let (name, message) = (code(finding.subject.name()), code(&finding.message));
        writeln!(out, "| {word} | `{}` | {name} | {message} |", finding.rule)?;
    }
    writeln!(out)?;
    rest(all.len(), out)
}

fn benchmark(table: &Table, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}. {}\n", table.benchmark, table.source)?;
    writeln!(out, "| | answer | asked for | rules |\n|-|-|-|-|")?;
    for row in &table.rows {
        let asked = row.recommendation;
        let rules: Vec<_> = row.rules.iter().map(|rule| format!("`{rule}`")).collect();
        let answer = row.answer.name();
        writeln!(out, "| {} | {answer} | {} | {} |", asked.number, asked.title, rules.join(" "))?;
    }
    Ok(())
}

pub(crate) fn rest(all: usize, out: &mut dyn Write) -> io::Result<()> {
    match all.saturating_sub(MOST) {
        0 => Ok(()),
        more => writeln!(out, "\n{more} more.\n"),
    }
}

/// Text from outside as a code span (CommonMark 6.1), safe in a table's cell (GFM 4.10): nothing in
/// it is markup, a link, a mention or HTML. The span's marks are longer than any in the text.
pub(crate) fn code(text: &str) -> String {
    let safe: String = plain(text).chars().take(LONGEST).collect();
    let safe = safe.trim().replace('|', "\\|");
    let longest = safe.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let mark = "`".repeat(longest + 1);
    // A mark of the text's own at either end would join the span's.
    let room = if longest > 0 { " " } else { "" };
    if safe.is_empty() {
        return "` `".to_owned();
    }
    format!("{mark}{room}{safe}{room}{mark}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn markdown(report: &Report) -> String {
        let mut out = Vec::new();
        write(report, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_sample_reads_so() {
        insta::assert_snapshot!(markdown(&sample::report()));
    }

    #[test]
    fn only_news_is_told_where_there_is_an_earlier_run() {
        insta::assert_snapshot!(markdown(&sample::with_news()));
    }

    #[test]
    fn a_benchmarks_table_is_one() {
        insta::assert_snapshot!(markdown(&sample::audited()));
    }

    #[test]
    fn nothing_hostile_leaves_its_code_span() {
        for report in [sample::hostile(), Report { news: None, ..sample::hostile() }] {
            let text = markdown(&report);
            assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{text}");
            // Outside of code spans there is no markup that others wrote.
            let outside: String = text.split('`').step_by(2).collect();
            assert!(!outside.contains("<script") && !outside.contains("]("), "{outside}");
        }
    }

    #[test]
    fn a_text_with_backquotes_and_bars_stays_in_its_span_and_cell() {
        assert_eq!(code("web"), "`web`");
        assert_eq!(code("set `a: b`"), "`` set `a: b` ``");
        assert_eq!(code("``` |"), "```` ``` \\| ````");
        assert_eq!(code(""), "` `");
    }

    #[test]
    fn a_comment_holds_it_however_much_there_is() {
        let mut report = sample::report();
        let one = report.findings[0].clone();
        report.findings = vec![one; 10_000];
        report.paths = vec![report.paths[0].clone(); 1000];
        assert!(markdown(&report).len() < 20_000);
    }
}
