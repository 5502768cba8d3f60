//! A benchmark's table: one line a recommendation.

use std::io;

use dockward_model::verdict::{Answer, Row, Severity, Table};

use super::ink::{self, BOLD, DIM, Ink, PLAIN};

pub(super) fn write(table: &Table, ink: &mut Ink<'_>) -> io::Result<()> {
    ink.line(&[(BOLD, &format!(" {}", table.benchmark))])?;
    ink.wrapped(" ", DIM, table.source)?;
    ink.blank()?;
    for row in &table.rows {
        line(row, ink)?;
    }
    ink.blank()?;
    ink.wrapped(" ", BOLD, &totals(table))?;
    ink.blank()
}

fn line(row: &Row, ink: &mut Ink<'_>) -> io::Result<()> {
    let asked = row.recommendation;
    let style = match row.answer {
        Answer::Fail => ink::severity(Severity::High),
        Answer::Unknown | Answer::Review | Answer::Waived => ink::severity(Severity::Medium),
        Answer::Pass => PLAIN,
        Answer::NotApplicable | Answer::NotJudged => DIM,
    };
    let label = format!(" {:<13}{:<15}", asked.number, row.answer.name());
    ink.labelled((style, &label), &format!("{}{}", asked.title, met(row)))?;
    if matches!(row.answer, Answer::Fail | Answer::Unknown | Answer::Review) {
        ink.labelled((PLAIN, &" ".repeat(label.len())), &row.rules.join(", "))?;
    }
    Ok(())
}

/// How many subjects stand behind an answer that needs something done.
fn met(row: &Row) -> String {
    let counts = row.counts;
    let n = match row.answer {
        Answer::Fail => counts.fail,
        Answer::Unknown => counts.unknown,
        Answer::Review => counts.review,
        Answer::Waived => counts.waived,
        _ => return String::new(),
    };
    if n > 1 { format!(" ({n})") } else { String::new() }
}

/// `118 recommendations: 60 pass, …`.
fn totals(table: &Table) -> String {
    let all = Answer::WORST_FIRST.into_iter().map(|answer| (answer, table.count(answer)));
    let parts = all.filter(|(_, n)| *n > 0).map(|(answer, n)| format!("{n} {}", answer.name()));
    let parts: Vec<_> = parts.collect();
    format!("{} recommendations: {}", table.rows.len(), parts.join(", "))
}
