//! The rules that the next start loads.
//!
//! auditd's service runs `augenrules --load`: the files of `/etc/audit/rules.d` become one
//! `audit.rules`, which auditctl(8) reads line by line, and at the first line that it refuses it
//! stops. Where there is no such folder, `audit.rules` is loaded as it stands.

use dockward_model::facts::{AuditRule, Fact, Field, Origin, RefusedLine, WrittenRules};

use super::line::{self, Line, Refused};
use super::order;
use crate::tree::{SMALL, Tree};

const FOLDER: &str = "/etc/audit/rules.d";
const FILE: &str = "/etc/audit/audit.rules";
const MAX_FILES: usize = 1_000;
const MAX_LINES: usize = 20_000;

struct Written {
    text: String,
    origin: Origin,
}

pub(super) fn read(tree: &dyn Tree) -> Field<WrittenRules> {
    let folder = lines_of_folder(tree);
    let (lines, path) = match folder {
        Fact::Absent => (lines_of_file(tree, FILE), FILE),
        other => (other, FOLDER),
    };
    let fact = match lines {
        Fact::Known(lines) if lines.len() > MAX_LINES => {
            Fact::Unknown(format!("{path} holds more than {MAX_LINES} lines"))
        }
        Fact::Known(lines) => Fact::Known(load(&lines, tree)),
        Fact::Absent => Fact::Absent,
        Fact::Unknown(why) => Fact::Unknown(why),
    };
    Field { fact, origin: Origin::file(path, None) }
}

fn lines_of_file(tree: &dyn Tree, path: &str) -> Fact<Vec<Written>> {
    let origin = |number| Origin::file(path, Some(number));
    tree.read_text(path, SMALL).map(|text| {
        let lines = text.split('\n').zip(1..);
        lines
            .map(|(text, number)| Written { text: text.to_owned(), origin: origin(number) })
            .collect()
    })
}

/// The files one behind another, as augenrules merges them.
fn lines_of_folder(tree: &dyn Tree) -> Fact<Vec<Written>> {
    let mut names = match tree.list(FOLDER, MAX_FILES) {
        Fact::Known(names) => names,
        Fact::Absent => return Fact::Absent,
        Fact::Unknown(why) => return Fact::Unknown(why),
    };
    names.retain(|name| name.ends_with(".rules") && !name.starts_with('.'));
    names.sort_by(|one, two| order::by_version(one, two));
    let mut all: Vec<Written> = Vec::new();
    for name in names {
        match lines_of_file(tree, &format!("{FOLDER}/{name}")) {
            Fact::Known(lines) => append(&mut all, lines),
            // A link that leads nowhere, or gone in the meantime.
            Fact::Absent => {}
            Fact::Unknown(why) => return Fact::Unknown(why),
        }
        if all.len() > MAX_LINES {
            break;
        }
    }
    Fact::Known(merged(all))
}

/// A file whose last line has no end goes on in the next file's first.
fn append(all: &mut Vec<Written>, next: Vec<Written>) {
    let mut next = next.into_iter();
    if let Some(last) = all.last_mut() {
        last.text.extend(next.next().map(|first| first.text));
        if last.text.is_empty() {
            all.pop();
        }
    }
    all.extend(next);
}

/// Comments go; the last `-D`, `-b` and `-f` come first, the last `-e` comes last.
fn merged(lines: Vec<Written>) -> Vec<Written> {
    let (mut first, mut rest, mut last) = (None, Vec::new(), None);
    for mut line in lines {
        if line.text.ends_with('\r') {
            line.text.pop();
        }
        let bare = line.text.trim_start();
        if bare.is_empty() || bare.starts_with('#') {
            continue;
        } else if bare.starts_with("-e") {
            last = Some(line);
        } else if bare.trim_end() == "-D" {
            first = Some(line);
        } else if !bare.starts_with("-f") && !bare.starts_with("-b") {
            rest.push(line);
        }
    }
    first.into_iter().chain(rest).chain(last).collect()
}

/// What auditctl makes of the lines.
fn load(lines: &[Written], tree: &dyn Tree) -> WrittenRules {
    let (mut written, mut goes_on) = (WrittenRules::default(), false);
    for line in lines {
        let result = line::parse(&line.text, &line.origin, tree)
            .and_then(|done| apply(done, &line.origin, &mut written, &mut goes_on));
        match result {
            Ok(()) => {}
            // It is left out, and the rest is loaded all the same.
            Err(refused) if goes_on && refused.certain => {}
            Err(refused) if written.stops_at.is_none() => {
                let Refused { why, certain } = refused;
                let origin = line.origin.clone();
                written.stops_at = Some(RefusedLine { origin, why, certain });
            }
            Err(_) => {}
        }
    }
    written
}

fn apply(
    line: Line,
    origin: &Origin,
    written: &mut WrittenRules,
    goes_on: &mut bool,
) -> Result<(), Refused> {
    let stopped = written.stops_at.is_some();
    let rules = if stopped { &mut written.behind } else { &mut written.rules };
    match line {
        Line::Add { rule, first } => {
            loadable(&rule, rules)?;
            rules.insert(if first { 0 } else { rules.len() }, *rule);
        }
        Line::Delete(rule) => {
            let at = rules.iter().position(|other| same(other, &rule));
            let at = at.ok_or_else(|| Refused::certain("there is no such rule to delete"))?;
            rules.remove(at);
        }
        Line::Clear(None) => rules.clear(),
        Line::Clear(Some(key)) => rules.retain(|rule| !rule.keys.join("\u{1}").contains(&key)),
        Line::Switch(switch) if !stopped => written.switch = Some((switch, origin.clone())),
        Line::GoOn => *goes_on = true,
        Line::Switch(_) | Line::Nothing => {}
    }
    Ok(())
}

/// The kernel refuses a second rule that is the same, and one whose folder does not exist.
fn loadable(rule: &AuditRule, before: &[AuditRule]) -> Result<(), Refused> {
    if before.iter().any(|other| same(other, rule)) {
        return Err(Refused::certain("the same rule stands before it"));
    }
    match &rule.watch {
        Some(watch) if watch.real.is_absent() => {
            Err(Refused::certain(format!("the folder that {} is in does not exist", watch.path)))
        }
        _ => Ok(()),
    }
}

fn same(one: &AuditRule, two: &AuditRule) -> bool {
    AuditRule { origin: Origin::Nowhere, ..one.clone() }
        == AuditRule { origin: Origin::Nowhere, ..two.clone() }
}

#[cfg(test)]
mod tests;
