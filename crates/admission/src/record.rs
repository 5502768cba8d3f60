//! What is kept of each decision.

use dockward_guard::{Caller, Head, Outcome};

/// Where decisions are kept: before what they let through goes on.
pub trait Record: Send + Sync {
    /// Keeps a decision. The ticket is for its outcome; none where none is kept.
    ///
    /// # Errors
    /// Where it can't be kept; what changes something then goes nowhere, unless it frees room.
    fn decided(&self, decision: &Decision) -> Result<Option<Ticket>, Unrecorded>;

    /// Keeps how an allowed request ended, and the id of what it made.
    fn ended(&self, ticket: Ticket, outcome: &Outcome, made: Option<&str>);
}

/// A decision on record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket(pub u64);

/// A decision could not be kept.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Unrecorded(pub String);

/// What was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It goes on.
    Allowed,
    /// It goes on, and would not if the profile denied.
    Observed,
    /// It goes nowhere.
    Denied,
    /// It is no request that is known, and goes nowhere.
    NotUnderstood,
}

/// A decision, without anything of the body but what names things.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Who asked.
    pub caller: String,
    /// Their process, for people to find it.
    pub process: Option<(u32, u32)>,
    /// The operation, such as `container-create`; `unknown` where the route is.
    pub operation: &'static str,
    /// Whether it changes something.
    pub changes: bool,
    /// Whether it only frees room or stops something: that must always pass.
    pub frees: bool,
    /// What it is about: names and ids.
    pub subjects: Vec<String>,
    /// The image that is meant.
    pub image: Option<String>,
    /// The verdict.
    pub verdict: Verdict,
    /// The rules that it breaks.
    pub rules: Vec<&'static str>,
    /// What the caller is told.
    pub reason: String,
    /// Path and query that go on, for their digest.
    pub target: String,
    /// The body that goes on, for its digest.
    pub body: Option<Vec<u8>>,
}

impl Decision {
    /// The uid and the process id of a caller that is a process.
    pub(crate) fn process_of(caller: &Caller) -> Option<(u32, u32)> {
        match caller {
            Caller::Process(process) => Some((process.uid, process.pid)),
            Caller::Certificate(_) => None,
        }
    }

    pub(crate) fn not_understood(caller: &Caller, head: &Head, reason: &str) -> Self {
        let name = match caller {
            Caller::Process(process) => format!("uid:{}", process.uid),
            Caller::Certificate(one) => {
                format!("certificate:{}", one.common_name.as_deref().unwrap_or("?"))
            }
        };
        let path = head.target.split('?').next().unwrap_or_default();
        let subject = format!("{} {path}", head.method).chars().take(200).collect();
        Self {
            caller: name,
            process: Self::process_of(caller),
            operation: "unknown",
            changes: true,
            frees: false,
            subjects: vec![subject],
            image: None,
            verdict: Verdict::NotUnderstood,
            rules: Vec::new(),
            reason: reason.to_owned(),
            target: String::new(),
            body: None,
        }
    }
}
