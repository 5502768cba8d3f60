//! One line of a rules file, read as auditctl(8) reads it.
//!
//! Words are parted by spaces, and by nothing else: a quote is a letter, a tab too. `\ ` is a space
//! within a word. Options may have their value attached (`-w/etc/docker`), as with getopt(3).

use std::collections::VecDeque;

use dockward_model::facts::{
    AuditCalls, AuditList, AuditPermissions, AuditRule, AuditSwitch, AuditWidth, Origin,
};

use super::calls::Processor;
use super::field::{self, Field};
use super::resolve;
use crate::tree::Tree;

/// What a line does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Line {
    /// `-a`, `-w`: a rule more, behind the others; `-A`: before them.
    Add { rule: Box<AuditRule>, first: bool },
    /// `-d`, `-W`: one rule less.
    Delete(Box<AuditRule>),
    /// `-D`, all rules; `-D -k KEY`, those with this in their key.
    Clear(Option<String>),
    /// `-e`.
    Switch(AuditSwitch),
    /// `-c`, `-i`: what is refused from here on does not stop the rest.
    GoOn,
    /// Nothing that matters here.
    Nothing,
}

/// Why a line does nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) why: String,
    /// Whether auditctl refuses it; else it is not known here what it means.
    pub(super) certain: bool,
}

impl Refused {
    pub(super) fn certain(why: impl Into<String>) -> Self {
        Self { why: why.into(), certain: true }
    }

    pub(super) fn unknown(why: impl Into<String>) -> Self {
        Self { why: why.into(), certain: false }
    }
}

/// Reads a line. Whether `-w` means a folder depends on what stands there.
pub(super) fn parse(line: &str, origin: &Origin, tree: &dyn Tree) -> Result<Line, Refused> {
    let words = words(line);
    match words.front() {
        None => return Ok(Line::Nothing),
        Some(first) if first.starts_with('#') => return Ok(Line::Nothing),
        Some(_) => {}
    }
    let mut said = Said::default();
    for option in options(words)? {
        said.take(option, tree)?;
    }
    said.into_line(origin)
}

fn words(line: &str) -> VecDeque<String> {
    let (mut words, mut word, mut letters) =
        (VecDeque::new(), String::new(), line.chars().peekable());
    while let Some(letter) = letters.next() {
        match letter {
            '\\' if matches!(letters.peek(), Some(' ' | '\\')) => word.extend(letters.next()),
            ' ' if !word.is_empty() => words.push_back(std::mem::take(&mut word)),
            ' ' => {}
            other => word.push(other),
        }
    }
    if !word.is_empty() {
        words.push_back(word);
    }
    words
}

/// Options with a value, and those without.
const WITH_VALUE: &str = "CefrbaAdSFmRwWkpq";
const ALONE: &str = "hicslDvt";

type Taken = (char, String);

fn options(mut words: VecDeque<String>) -> Result<Vec<Taken>, Refused> {
    let mut options = Vec::new();
    while let Some(word) = words.pop_front() {
        if let Some(long) = word.strip_prefix("--") {
            // None of them is about rules; this one has a value.
            if long == "backlog_wait_time" || long == "signal" {
                words.pop_front();
            }
            options.push(('-', long.to_owned()));
            continue;
        }
        let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) else {
            return Err(Refused::certain(format!("`{word}` belongs to no option")));
        };
        let mut letters = letters.chars();
        while let Some(letter) = letters.next() {
            if ALONE.contains(letter) {
                options.push((letter, String::new()));
            } else if WITH_VALUE.contains(letter) {
                let rest = letters.as_str().to_owned();
                let value = if rest.is_empty() { words.pop_front() } else { Some(rest) };
                let value =
                    value.ok_or_else(|| Refused::certain(format!("-{letter} lacks its value")))?;
                options.push((letter, value));
                break;
            } else {
                return Err(Refused::certain(format!("there is no option -{letter}")));
            }
        }
    }
    Ok(options)
}

/// What the options of one line have said so far.
#[derive(Debug, Default)]
struct Said {
    rule: Option<(Purpose, AuditRule)>,
    calls: Option<Vec<String>>,
    keys: Vec<String>,
    /// Whether something was said that a key may follow.
    may_have_key: bool,
    is_watch: bool,
    other: Option<Line>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Append,
    Prepend,
    Delete,
}

impl Said {
    fn take(&mut self, (option, value): Taken, tree: &dyn Tree) -> Result<(), Refused> {
        match option {
            'a' => self.begin(Purpose::Append, &value)?,
            'A' => self.begin(Purpose::Prepend, &value)?,
            'd' => self.begin(Purpose::Delete, &value)?,
            'w' => self.watch(Purpose::Append, &value, tree)?,
            'W' => self.watch(Purpose::Delete, &value, tree)?,
            'S' => self.call(&value)?,
            'F' => self.field(&value, tree)?,
            'C' => {
                let rule = self.rule_for("-C")?;
                rule.filters.push(value);
            }
            'p' => {
                let permissions = AuditPermissions::from_letters(&value)
                    .ok_or_else(|| Refused::certain(format!("-p {value} is none of r, w, x, a")))?;
                self.rule_for("-p")?.permissions = permissions;
                self.may_have_key = true;
            }
            'k' => self.key(value)?,
            'D' => self.other = Some(Line::Clear(None)),
            'e' => self.other = Some(Line::Switch(switch(&value)?)),
            'c' | 'i' => self.other = Some(Line::GoOn),
            'R' => return Err(Refused::certain("a rules file can't name another")),
            _ => {}
        }
        Ok(())
    }

    fn begin(&mut self, purpose: Purpose, what: &str) -> Result<(), Refused> {
        if self.rule.is_some() {
            return Err(Refused::certain("it holds two rules"));
        }
        let (list, always) = list_and_action(what)?;
        self.may_have_key = what.contains("filesystem");
        self.rule = Some((purpose, empty(list, always)));
        Ok(())
    }

    fn watch(&mut self, purpose: Purpose, path: &str, tree: &dyn Tree) -> Result<(), Refused> {
        if self.rule.is_some() {
            return Err(Refused::certain("a watch can't be part of another rule"));
        }
        let path = absolute(path)?;
        let recursive = match tree.stat(path).known() {
            Some(found) => found.node == "dir",
            None => false,
        };
        let mut rule = empty(AuditList::Exit, true);
        rule.watch = Some(resolve::watch(tree, path, recursive));
        (self.is_watch, self.may_have_key) = (true, true);
        self.rule = Some((purpose, rule));
        Ok(())
    }

    fn call(&mut self, names: &str) -> Result<(), Refused> {
        if self.rule.as_ref().is_some_and(|(_, rule)| rule.list == AuditList::Task) {
            return Err(Refused::certain("rules for new processes have no calls"));
        }
        let calls = self.calls.get_or_insert_default();
        calls.extend(names.split(',').map(str::to_owned));
        self.may_have_key = true;
        Ok(())
    }

    fn field(&mut self, said: &str, tree: &dyn Tree) -> Result<(), Refused> {
        // A watch is about all calls, so they have been named by then.
        let after_calls = self.calls.is_some() || self.is_watch;
        let rule = self.rule_for("-F")?;
        match field::parse(said)? {
            Field::Key(key) => return self.keyed(key),
            Field::Width(_) if after_calls => {
                return Err(Refused::certain("arch= has to stand before -S"));
            }
            Field::Width(width) => rule.width = Some(width),
            Field::Watch { path, recursive } => {
                rule.watch = Some(resolve::watch(tree, absolute(&path)?, recursive));
            }
            Field::Permissions(permissions) => rule.permissions = permissions,
            Field::Other(filter) => rule.filters.push(filter),
        }
        self.may_have_key |= ["path=", "dir=", "perm=", "exe"].iter().any(|n| said.starts_with(n));
        Ok(())
    }

    fn key(&mut self, key: String) -> Result<(), Refused> {
        if self.rule.is_none() && self.other == Some(Line::Clear(None)) {
            self.other = Some(Line::Clear(Some(key)));
            return Ok(());
        }
        if self.rule.is_none() || !self.may_have_key {
            return Err(Refused::certain("-k has to stand behind -w, -S or -F path="));
        }
        self.keyed(key)
    }

    fn keyed(&mut self, key: String) -> Result<(), Refused> {
        self.keys.push(key);
        // The kernel's AUDIT_MAX_KEY_LEN.
        let length: usize = self.keys.iter().map(|key| key.len() + 1).sum();
        if length > 257 {
            Err(Refused::certain("the key is longer than 256 bytes"))
        } else {
            Ok(())
        }
    }

    fn rule_for(&mut self, option: &str) -> Result<&mut AuditRule, Refused> {
        let rule = self.rule.as_mut().map(|(_, rule)| rule);
        rule.ok_or_else(|| Refused::certain(format!("{option} stands before -a or -w")))
    }

    fn into_line(self, origin: &Origin) -> Result<Line, Refused> {
        let Some((purpose, mut rule)) = self.rule else {
            return match self.calls {
                Some(_) => Err(Refused::certain("-S without -a")),
                None => Ok(self.other.unwrap_or(Line::Nothing)),
            };
        };
        if !self.keys.is_empty() && !self.may_have_key {
            return Err(Refused::certain("a key needs something that is watched"));
        }
        rule.calls = if self.is_watch { None } else { calls(self.calls, rule.width) };
        rule.keys = self.keys;
        rule.origin = origin.clone();
        let rule = Box::new(rule);
        Ok(match purpose {
            Purpose::Append => Line::Add { rule, first: false },
            Purpose::Prepend => Line::Add { rule, first: true },
            Purpose::Delete => Line::Delete(rule),
        })
    }
}

fn calls(said: Option<Vec<String>>, width: Option<AuditWidth>) -> Option<AuditCalls> {
    let said = said.filter(|said| !said.iter().any(|name| name == "all"))?;
    Some(Processor::own(width).calls(said))
}

fn empty(list: AuditList, always: bool) -> AuditRule {
    AuditRule {
        list,
        always,
        watch: None,
        permissions: AuditPermissions::ALL,
        width: None,
        calls: None,
        filters: Vec::new(),
        keys: Vec::new(),
        origin: Origin::Nowhere,
    }
}

fn absolute(path: &str) -> Result<&str, Refused> {
    if path.starts_with('/') {
        Ok(path)
    } else {
        Err(Refused::certain(format!("`{path}` does not begin with /")))
    }
}

/// `always,exit` or, as it once was, `exit,always`.
fn list_and_action(what: &str) -> Result<(AuditList, bool), Refused> {
    let wrong = || Refused::certain(format!("`{what}` is no list and action"));
    let (one, two) = what.split_once(',').ok_or_else(wrong)?;
    let both = [(one, two), (two, one)];
    both.into_iter()
        .find_map(|(action, of)| Some((list(of)?, action_of(action)?)))
        .ok_or_else(wrong)
}

fn list(name: &str) -> Option<AuditList> {
    Some(match name {
        "exit" => AuditList::Exit,
        "task" => AuditList::Task,
        "exclude" => AuditList::Exclude,
        "user" | "filesystem" | "io_uring" => AuditList::Other,
        _ => return None,
    })
}

fn action_of(name: &str) -> Option<bool> {
    match name {
        "always" => Some(true),
        "never" => Some(false),
        _ => None,
    }
}

fn switch(value: &str) -> Result<AuditSwitch, Refused> {
    match value {
        "0" => Ok(AuditSwitch::Off),
        "1" => Ok(AuditSwitch::On),
        "2" => Ok(AuditSwitch::Locked),
        other => Err(Refused::certain(format!("-e {other} is none of 0, 1, 2"))),
    }
}

#[cfg(test)]
mod tests;
