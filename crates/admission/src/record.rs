//! What is kept of each decision.

use dockward_guard::{Caller, Head, Outcome};
use dockward_ledger::entry::Digest;
use dockward_request::Value as Body;
use serde::{Serialize, Serializer};

use crate::bypass::Bypass;

/// Where decisions are kept: before what they let through goes on.
pub trait Record: Send + Sync {
    /// Keeps a decision. The ticket is for its outcome; none where none is kept.
    ///
    /// # Errors
    /// Where it can't be kept; what changes something then goes nowhere, unless it frees room.
    fn decided(&self, decision: &Decision) -> Result<Option<Ticket>, Unrecorded>;

    /// Keeps how an allowed request ended, and the id of what it made.
    fn ended(&self, ticket: Ticket, outcome: &Outcome, made: Option<&str>);

    /// Keeps that deciding is suspended, or goes on again.
    fn bypassed(&self, bypass: &Bypass, begins: bool);
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

impl Verdict {
    /// Whether the request goes on to the engine.
    #[must_use]
    pub const fn goes_on(self) -> bool {
        matches!(self, Self::Allowed | Self::Observed)
    }
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
    /// Of what goes on, where it changes something.
    pub digest: Option<Digest>,
}

/// The digest of a request, whose body is this one and goes on as these bytes: of path and query, a
/// line end, and the body without what is secret in it.
pub(crate) fn digest(target: &str, body: Option<&Body>, bytes: Option<&[u8]>) -> Digest {
    let public = body.filter(|body| has_secrets(body, false)).map(without_secrets);
    let shown = public.as_deref().or(bytes).unwrap_or_default();
    Digest::of_parts(&[target.as_bytes(), b"\n", shown])
}

/// As JSON, without what is secret in it: of the environment only the names are left. A digest of the
/// rest tells nobody who guesses whether they guessed right.
fn without_secrets(body: &Body) -> Vec<u8> {
    // Texts, numbers and texts for keys: nothing that could fail.
    serde_json::to_vec(&Public { of: body, names_only: false }).unwrap_or_default()
}

/// Whether [`without_secrets`] leaves something out.
fn has_secrets(body: &Body, names_only: bool) -> bool {
    match body {
        Body::List(items) => items.iter().any(|of| has_secrets(of, names_only)),
        Body::Object(entries) => entries.iter().any(|(name, of)| match SECRET.contains(&&**name) {
            true => *of != Body::Null,
            false => has_secrets(of, name == "Env"),
        }),
        Body::Text(text) => names_only && text.contains('='),
        Body::Null | Body::Flag(_) | Body::Number(_) => false,
    }
}

/// The fields of bodies that hold secrets (moby `api/types`): those of registries, swarms, secrets
/// and configs.
const SECRET: &[&str] = &[
    "Data",
    "JoinToken",
    "Secret",
    "SigningCAKey",
    "UnlockKey",
    "auth",
    "identitytoken",
    "password",
    "registrytoken",
];

/// What may be known of a value.
struct Public<'a> {
    of: &'a Body,
    /// Whether it is the environment: of texts in it nothing from the `=` on.
    names_only: bool,
}

impl Serialize for Public<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self.of {
            Body::List(items) => {
                to.collect_seq(items.iter().map(|of| Public { of, names_only: self.names_only }))
            }
            Body::Object(entries) => to.collect_map(entries.iter().map(|(name, of)| {
                let secret = SECRET.contains(&&**name);
                let of = if secret { &Body::Null } else { of };
                (name, Public { of, names_only: name == "Env" })
            })),
            Body::Text(text) if self.names_only => {
                to.serialize_str(text.split('=').next().unwrap_or_default())
            }
            other => other.serialize(to),
        }
    }
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
            digest: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dockward_request::{Version, decode, route};

    #[test]
    fn where_nothing_is_secret_all_of_a_body_is_public() {
        for (target, body) in [
            ("/containers/create", r#"{"Image":"a","Env":["TOKEN","B"],"Cmd":["A=1"]}"#),
            ("/secrets/create", r#"{"Name":"s","Data":null}"#),
            ("/auth", r#"{"username":"u"}"#),
        ] {
            let routed = route("POST", target.as_bytes()).unwrap();
            let body = decode(&routed, Version::NEWEST, body.as_bytes()).unwrap().unwrap();
            assert!(!has_secrets(&body, false), "{target}");
            assert_eq!(without_secrets(&body), body.encode(), "{target}");
        }
        assert_eq!(digest("/a", None, None), Digest::of(b"/a\n"));
    }

    #[test]
    fn of_a_body_nothing_secret_is_left() {
        for (target, body) in [
            ("/containers/create", r#"{"Image":"a","Env":["TOKEN=hunter2","B"]}"#),
            ("/secrets/create", r#"{"Name":"s","Data":"aHVudGVyMg=="}"#),
            ("/auth", r#"{"username":"u","password":"hunter2"}"#),
            ("/services/create", r#"{"TaskTemplate":{"ContainerSpec":{"Env":["A=hunter2"]}}}"#),
        ] {
            let routed = route("POST", target.as_bytes()).unwrap();
            let body = decode(&routed, Version::NEWEST, body.as_bytes()).unwrap().unwrap();
            let left = String::from_utf8(without_secrets(&body)).unwrap();
            assert!(!left.contains("hunter2") && !left.contains("aHVudGVyMg"), "{left}");
            let digest = digest("/a", Some(&body), Some(&body.encode()));
            assert_eq!(digest, Digest::of(format!("/a\n{left}").as_bytes()), "{target}");
        }
    }
}
