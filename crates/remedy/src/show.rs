//! A plan as people read it, before it is made.

use std::fmt::{self, Write as _};

use similar::TextDiff;

use crate::{Command, Content, Journal, Plan, Step};

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.summary {
            writeln!(f, "{line}")?;
        }
        writeln!(f, "\n STEPS, IN ORDER")?;
        for step in &self.steps {
            write!(f, "{step}")?;
        }
        write!(f, "{}", About(&self.about))
    }
}

/// Paragraphs, each under its heading.
#[derive(Debug)]
pub struct About<'a>(pub &'a [(String, Vec<String>)]);

impl fmt::Display for About<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (heading, lines) in self.0 {
            writeln!(f, "\n {}", heading.to_uppercase())?;
            for line in lines {
                writeln!(f, " {}", safe(line))?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Write { path, before, after } => written(f, path, before.as_ref(), Some(after)),
            Self::Run { commands, .. } => run(f, commands),
        }
    }
}

/// What taking it back does, in order.
impl fmt::Display for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in self.steps.iter().rev() {
            match step {
                Step::Write { path, before, after } => {
                    written(f, path, Some(after), before.as_ref())?;
                }
                Step::Run { back, .. } => run(f, back)?,
            }
        }
        Ok(())
    }
}

fn run(f: &mut fmt::Formatter<'_>, commands: &[Command]) -> fmt::Result {
    commands.iter().try_for_each(|command| writeln!(f, " $ {}", command.words().join(" ")))
}

fn written(
    f: &mut fmt::Formatter<'_>,
    path: &str,
    before: Option<&Content>,
    after: Option<&Content>,
) -> fmt::Result {
    let (Some(before), Some(after)) = (before, after) else {
        let Some(made) = after else { return writeln!(f, " - {path} is removed") };
        writeln!(f, " + {path} (new, {:04o})", made.mode)?;
        return indented(f, &made.text);
    };
    writeln!(f, " ~ {path}")?;
    let diff = TextDiff::from_lines(&before.text, &after.text);
    let mut text = String::new();
    write!(text, "{}", diff.unified_diff().context_radius(3))?;
    indented(f, &text)
}

fn indented(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    for line in text.lines() {
        writeln!(f, "{}", format!("     {}", safe(line)).trim_end())?;
    }
    Ok(())
}

/// Whatever others wrote does nothing to a terminal.
fn safe(line: &str) -> String {
    line.chars().map(|c| if c.is_control() && c != '\t' { '\u{fffd}' } else { c }).collect()
}
