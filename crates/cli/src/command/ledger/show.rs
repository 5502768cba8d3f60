//! `dockward ledger show`.

use std::collections::BTreeSet;
use std::io::Write as _;

use anyhow::Result;
use dockward_ledger::entries;
use dockward_ledger::entry::{
    Caller, Decision, Entry, Event, Followed, Key, Outcome, Part, Phase, Policy, Status, Verdict,
};
use dockward_policy::Exit;
use jiff::Timestamp;

use crate::args::{LedgerForm, LedgerShow};
use crate::command::ledger::{there, time, told};
use crate::output;

/// What is asked for.
struct Wanted<'a> {
    since: Option<Timestamp>,
    caller: Option<&'a str>,
    denied: bool,
    /// Decisions that were shown: their outcomes are, too.
    shown: BTreeSet<u64>,
}

/// Prints what was recorded. It is not verified.
pub(super) fn run(args: &LedgerShow) -> Result<Exit> {
    there(&args.folder)?;
    let since = args.since.map(time).transpose()?;
    let (caller, denied) = (args.caller.as_deref(), args.denied);
    let mut wanted = Wanted { since, caller, denied, shown: BTreeSet::new() };
    let mut printer =
        Printer { json: args.format == LedgerForm::Json, out: Vec::new(), any: false };
    printer.begin();
    let (mut next, mut whole) = (0, true);
    for entry in entries(&args.folder).map_err(told)? {
        let entry = match entry {
            Ok(entry) => entry,
            Err(why) => {
                whole = false;
                tell(&format!("an entry cannot be read: {why}"))?;
                continue;
            }
        };
        if entry.seq != next {
            whole = false;
            tell(&format!("no entries {next} to {} are here", entry.seq.saturating_sub(1)))?;
        }
        next = entry.seq.saturating_add(1);
        if wanted.takes(&entry) {
            printer.entry(&entry)?;
        }
    }
    printer.end(whole)?;
    Ok(if whole { Exit::Clean } else { Exit::Incomplete })
}

fn tell(what: &str) -> Result<()> {
    writeln!(std::io::stderr().lock(), "dockward: {}", dockward_report::plain(what))?;
    Ok(())
}

/// Writes entries as they come.
struct Printer {
    json: bool,
    out: Vec<u8>,
    any: bool,
}

impl Printer {
    fn begin(&mut self) {
        if self.json {
            self.out.extend_from_slice(b"{\"schema\":\"dockward.ledger/1\",\"entries\":[");
        }
    }

    fn entry(&mut self, entry: &Entry) -> Result<()> {
        if self.json {
            self.out.extend_from_slice(if self.any { b",\n" } else { b"\n" });
            serde_json::to_writer(&mut self.out, entry)?;
        } else {
            writeln!(self.out, "{}", dockward_report::plain(&line(entry)))?;
        }
        self.any = true;
        if self.out.len() > 1 << 16 {
            output::to_stdout(&std::mem::take(&mut self.out))
        } else {
            Ok(())
        }
    }

    fn end(mut self, whole: bool) -> Result<()> {
        if self.json {
            writeln!(self.out, "\n],\"complete\":{whole}}}")?;
        }
        output::to_stdout(&self.out)
    }
}

impl Wanted<'_> {
    fn takes(&mut self, entry: &Entry) -> bool {
        if self.since.is_some_and(|since| entry.time < since) {
            return false;
        }
        match &entry.event {
            Event::Decision(decision) => {
                let denied = decision.verdict == Verdict::Deny || !decision.rules.is_empty();
                let takes = self.is_caller(&decision.caller) && (denied || !self.denied);
                if takes {
                    self.shown.insert(entry.seq);
                }
                takes
            }
            Event::Outcome(outcome) => {
                let all = self.caller.is_none() && !self.denied;
                self.shown.remove(&outcome.decision) || all
            }
            Event::Reads(reads) => !self.denied && self.is_caller(&reads.caller),
            Event::Bypass(bypass) => !self.denied && self.is_caller(&bypass.by),
            Event::Policy(policy) => {
                let by = policy.by.as_ref().is_some_and(|by| self.is_caller(by));
                !self.denied && (by || self.caller.is_none())
            }
            _ => !self.denied && self.caller.is_none(),
        }
    }

    fn is_caller(&self, caller: &Caller) -> bool {
        let Some(wanted) = self.caller else { return true };
        let container = caller.container.as_ref().map(dockward_ledger::Text::as_str);
        caller.name.as_str() == wanted
            || caller.uid.is_some_and(|uid| uid.to_string() == wanted)
            || container.is_some_and(|id| wanted.len() >= 4 && id.starts_with(wanted))
    }
}

/// An entry for people, in one line.
fn line(entry: &Entry) -> String {
    let time = entry.time.strftime("%Y-%m-%d %H:%M:%SZ");
    format!("{time} {:>7}  {}", entry.seq, event(&entry.event))
}

fn event(event: &Event) -> String {
    match event {
        Event::Decision(decision) => decided(decision),
        Event::Outcome(outcome) => came(outcome),
        Event::Reads(reads) => {
            let cut = if reads.cut { ", perhaps a few more" } else { "" };
            let (who, count, seconds) = (who(&reads.caller), reads.count, reads.seconds);
            format!("read      {who}: {} {count} times in {seconds} s{cut}", reads.operation)
        }
        Event::Policy(policy) => changed(policy),
        Event::Bypass(bypass) => {
            let until = bypass.until.map_or(String::new(), |until| format!(" until {until}"));
            let phase = if bypass.phase == Phase::Begin { "begins" } else { "ends" };
            format!("bypass    {phase}{until} by {}: {}", who(&bypass.by), bypass.reason)
        }
        Event::Key(key) => keyed(key),
        Event::Start(start) => {
            let crash = if start.after_crash { "; the last one was not stopped" } else { "" };
            format!("start     dockward {}{crash}", start.version)
        }
        Event::Stop(stop) => format!("stop      dockward {}", stop.version),
        Event::Gap(gap) => {
            let least = if gap.at_least { "at least " } else { "" };
            format!("gap       {least}{} entries could not be recorded: {}", gap.lost, gap.reason)
        }
        Event::Prune(prune) => {
            format!("prune     entries below {} from before {}", prune.below, prune.older_than)
        }
    }
}

fn keyed(key: &Key) -> String {
    let mut text = format!("key       {}", key.public);
    if let Some(Followed { key, size, root }) = &key.follows {
        text += &format!(" · follows the {size} entries of {key}, tree {root}");
    }
    if let Some(by) = &key.replaced_by {
        text += &format!(" · replaced by {by}; the log ends");
    }
    if let Some(reason) = &key.reason {
        text += &format!(": {reason}");
    }
    text
}

fn changed(policy: &Policy) -> String {
    let part = match policy.part {
        Part::Settings => "settings",
        Part::Policy => "policy",
        Part::Roles => "roles",
        Part::Waivers => "waivers",
        Part::Keys => "keys",
    };
    let by = policy.by.as_ref().map_or(String::new(), |by| format!(" by {}", who(by)));
    let reason = policy.reason.as_ref().map_or(String::new(), |reason| format!(": {reason}"));
    let mut text = format!("{part:<9} {}{by}{reason}", String::from(policy.digest));
    for change in policy.changes.as_slice() {
        text += &format!(" · {change}");
    }
    text
}

fn who(caller: &Caller) -> String {
    let uid = caller.uid.map(|uid| format!("uid {uid}"));
    let container = caller.container.as_ref().map(|id| {
        let id: String = id.as_str().chars().take(12).collect();
        format!("container {id}")
    });
    let more: Vec<_> = container.into_iter().chain(uid).collect();
    match more.is_empty() {
        true => caller.name.to_string(),
        false => format!("{} ({})", caller.name, more.join(", ")),
    }
}

fn decided(decision: &Decision) -> String {
    let verdict = match decision.verdict {
        Verdict::Allow => "allowed",
        Verdict::Deny => "DENIED",
        Verdict::Observed => "observed",
    };
    let mut text = format!("{verdict:<9} {}: {}", who(&decision.caller), decision.operation);
    if !decision.resources.is_empty() {
        text += &format!(" {}", decision.resources);
    }
    if let Some(image) = &decision.image {
        text += &format!(" of {image}");
    }
    if !decision.rules.is_empty() {
        text += &format!(" · {}", decision.rules);
    }
    if let Some(reason) = &decision.reason {
        text += &format!(" · {reason}");
    }
    text
}

fn came(outcome: &Outcome) -> String {
    let status = match outcome.status {
        Status::Http(status) => status.to_string(),
        Status::Word(_) => "UNKNOWN".to_owned(),
    };
    let mut text = format!("└ of {}: {status}", outcome.decision);
    if !outcome.created.is_empty() {
        text += &format!(", made {}", outcome.created);
    }
    if let Some(reason) = &outcome.reason {
        text += &format!(" · {reason}");
    }
    text
}
