//! Decisions in a ledger.

use dockward_guard::{End, Outcome};
use dockward_ledger::entry::{
    Bypass as Broken, Caller, Decision as Entry, Event, Outcome as Ended, Phase, Status,
    Verdict as Word,
};
use dockward_ledger::{AppendError, Ledger, Text, Texts};

use crate::bypass::Bypass;
use crate::record::{Decision, Record, Ticket, Unrecorded, Verdict};

impl Record for Ledger {
    fn decided(&self, decision: &Decision) -> Result<Option<Ticket>, Unrecorded> {
        let caller = caller(decision);
        if !decision.changes {
            return self.looked(&caller, decision);
        }
        let event = Event::Decision(entry(caller, decision));
        let kept = if decision.frees { self.append(&event) } else { self.append_sparing(&event) };
        match kept {
            Ok(index) if decision.verdict.goes_on() => Ok(Some(Ticket(index))),
            Ok(_) => Ok(None),
            // What makes room must pass where there is none; the ledger counts what it lost.
            Err(AppendError::Full | AppendError::Behind) if decision.frees => Ok(None),
            Err(error) => Err(Unrecorded(error.to_string())),
        }
    }

    fn ended(&self, Ticket(decision): Ticket, outcome: &Outcome, made: Option<&str>) {
        let ended = Ended {
            decision,
            status: outcome.status.map_or(Status::UNKNOWN, Status::Http),
            created: Texts::new(made),
            reason: told(outcome.end).map(Text::new),
        };
        // The next one who opens the ledger writes that nobody knows.
        let _ = self.append(&Event::Outcome(ended));
    }

    fn bypassed(&self, bypass: &Bypass, begins: bool) {
        let event = Event::Bypass(Broken {
            phase: if begins { Phase::Begin } else { Phase::End },
            by: Caller { name: Text::new(&bypass.by), uid: Some(0), container: None },
            reason: Text::new(&bypass.reason),
            until: Some(bypass.until),
        });
        let _ = self.append(&event);
    }
}

trait Looked {
    fn looked(&self, caller: &Caller, decision: &Decision) -> Result<Option<Ticket>, Unrecorded>;
}

impl Looked for Ledger {
    /// Looking is counted, and goes on whether or not it can be.
    fn looked(&self, caller: &Caller, decision: &Decision) -> Result<Option<Ticket>, Unrecorded> {
        let operation = match decision.verdict {
            Verdict::Allowed => Text::new(decision.operation),
            Verdict::Observed => Text::new(&format!("{} (observed)", decision.operation)),
            Verdict::Denied | Verdict::NotUnderstood => {
                Text::new(&format!("{} (denied)", decision.operation))
            }
        };
        let _ = self.read(caller, &operation);
        Ok(None)
    }
}

fn caller(decision: &Decision) -> Caller {
    let container = decision.caller.strip_prefix("container:").map(Text::new);
    Caller {
        name: Text::new(&decision.caller),
        uid: decision.process.map(|(uid, _)| uid),
        container,
    }
}

fn entry(caller: Caller, decision: &Decision) -> Entry {
    let verdict = match decision.verdict {
        Verdict::Allowed => Word::Allow,
        Verdict::Observed => Word::Observed,
        Verdict::Denied | Verdict::NotUnderstood => Word::Deny,
    };
    Entry {
        caller,
        pid: decision.process.map(|(_, pid)| pid),
        operation: Text::new(decision.operation),
        resources: Texts::new(decision.subjects.iter().map(String::as_str)),
        image: decision.image.as_deref().map(Text::new),
        verdict,
        rules: Texts::new(decision.rules.iter().copied()),
        reason: (!decision.reason.is_empty()).then(|| Text::new(&decision.reason)),
        digest: decision.digest,
    }
}

const fn told(end: End) -> Option<&'static str> {
    match end {
        End::Answered => None,
        End::CallerGone => Some("the caller went away"),
        End::EngineGone => Some("the engine went away"),
        End::Refused => Some("its answer was not handed on"),
        End::Stopped => Some("the guard was told to stop"),
        End::Panicked => Some("the guard failed"),
    }
}
