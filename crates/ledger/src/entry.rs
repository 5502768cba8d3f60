//! What is recorded. One entry is one line of JSON, and one leaf of the log:
//!
//! ```text
//! {"v":1,"seq":17,"time":"2026-11-28T17:00:00.123456Z","kind":"decision", …}
//! ```
//!
//! `v` is the version of this form, `seq` the leaf's index, `time` the wall clock when it was
//! recorded (it may jump; `seq` does not). What follows `kind` is in [`Event`], field by field.
//! Texts have at most 256 bytes and nothing in them that is not seen, lists at most 32 texts.
//! A field that is absent was not there or does not apply.

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Text, Texts};

mod key;

pub use key::{Followed, Key};

/// The version of an entry's form.
pub const VERSION: u8 = 1;

/// A leaf of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Entry {
    /// [`VERSION`].
    pub v: u8,
    /// The leaf's index.
    pub seq: u64,
    /// When it was recorded, by the wall clock.
    #[cfg_attr(test, schemars(with = "String"))]
    pub time: Timestamp,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

impl Entry {
    /// Reads an entry.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        let entry: Self = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        if entry.v == VERSION { Ok(entry) } else { Err(format!("it is of version {}", entry.v)) }
    }

    /// The line of an event, without its end.
    pub(crate) fn line(seq: u64, time: Timestamp, event: &[u8]) -> Vec<u8> {
        let mut line = format!(r#"{{"v":{VERSION},"seq":{seq},"time":"{time}","#).into_bytes();
        line.extend_from_slice(event.get(1..).unwrap_or_default());
        line
    }
}

/// What happened. Secrets never enter: there are no bodies, no environment and no values of labels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Event {
    /// What was decided of a request, before it was forwarded.
    Decision(Decision),
    /// What came of a request that was forwarded.
    Outcome(Outcome),
    /// Requests that change nothing, of one caller and one operation, within about an hour.
    Reads(Reads),
    /// What is decided by has changed, or came into force.
    Policy(Policy),
    /// Deciding was suspended, or goes on again.
    Bypass(Bypass),
    /// The ledger's key came into use, or was replaced.
    Key(Key),
    /// The ledger was opened.
    Start(Start),
    /// The ledger was closed.
    Stop(Stop),
    /// Something could not be recorded.
    Gap(Gap),
    /// Entries were thrown away for their age; their hashes stay.
    Prune(Prune),
}

impl Event {
    /// The public key that took the place of the log's, where this is its last entry.
    #[must_use]
    pub fn replaced_by(&self) -> Option<&str> {
        match self {
            Self::Key(key) => key.replaced_by.as_deref(),
            _ => None,
        }
    }
}

/// Who asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Caller {
    /// A name for people: a user's, a certificate's, a container's.
    pub name: Text,
    /// The user id of the process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<u32>,
    /// The id of the container that the process is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container: Option<Text>,
}

/// What was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It is forwarded.
    Allow,
    /// It is not.
    Deny,
    /// It would be denied and is forwarded, since the guard only observes.
    Observed,
}

/// See [`Event::Decision`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Decision {
    /// Who asked.
    pub caller: Caller,
    /// The process id of who asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pid: Option<u32>,
    /// What was asked for: `container-create`.
    pub operation: Text,
    /// Ids and names of what it is about.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub resources: Texts,
    /// The image that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<Text>,
    /// What was decided.
    pub verdict: Verdict,
    /// The rules that denied it.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub rules: Texts,
    /// Why, in one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Text>,
    /// Of what is forwarded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
}

impl Decision {
    /// Whether an outcome follows.
    #[must_use]
    pub const fn is_forwarded(&self) -> bool {
        !matches!(self.verdict, Verdict::Deny)
    }
}

/// See [`Event::Outcome`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Outcome {
    /// The `seq` of the decision.
    pub decision: u64,
    /// What the engine answered.
    pub status: Status,
    /// Ids and names of what was created.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub created: Texts,
    /// How it ended, where there is more to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Text>,
}

/// What the engine answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum Status {
    /// The status of HTTP.
    Http(u16),
    /// A word instead of one.
    Word(Unknown),
}

impl Status {
    /// Nobody knows: the guard ended before the answer came, or there was none.
    pub const UNKNOWN: Self = Self::Word(Unknown::Unknown);
}

/// The one word that stands for a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Unknown {
    /// `unknown`.
    Unknown,
}

/// See [`Event::Reads`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Reads {
    /// Who asked.
    pub caller: Caller,
    /// What was asked for.
    pub operation: Text,
    /// How often.
    pub count: u64,
    /// When the first one was, by the wall clock.
    #[cfg_attr(test, schemars(with = "String"))]
    pub from: Timestamp,
    /// When the last one was, by the wall clock; before `from` where that clock was set back.
    #[cfg_attr(test, schemars(with = "String"))]
    pub to: Timestamp,
    /// How long that was in seconds, by a clock that does not jump.
    pub seconds: u64,
    /// Whether the guard ended without being told to: a few of the last ones may not be counted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cut: bool,
}

/// What is decided by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// All of it, as it was read: its digest is that of the file.
    Settings,
    /// Profiles, rules, and folders of the host that may be mounted.
    Policy,
    /// What each caller may do.
    Roles,
    /// Waivers.
    Waivers,
    /// Certificates of the guard, and of the authorities that vouch for callers.
    Keys,
}

/// See [`Event::Policy`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Policy {
    /// What of it.
    pub part: Part,
    /// Of what is in force from now on.
    pub digest: Digest,
    /// Who changed it, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Caller>,
    /// When it was changed: its file's time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub changed: Option<Timestamp>,
    /// What was done: loaded, refused and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Text>,
    /// What of it is other than it was, in words.
    #[serde(default, skip_serializing_if = "Texts::is_empty")]
    pub changes: Texts,
}

/// See [`Event::Bypass`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Bypass {
    /// Whether it begins or ends.
    pub phase: Phase,
    /// Who did it.
    pub by: Caller,
    /// Why.
    pub reason: Text,
    /// When it ends by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub until: Option<Timestamp>,
}

/// Whether something begins or ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// It begins.
    Begin,
    /// It ends.
    End,
}

/// See [`Event::Start`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Start {
    /// The version of who writes.
    pub version: Text,
    /// Whether the last one was not closed.
    pub after_crash: bool,
}

/// See [`Event::Stop`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Stop {
    /// The version of who wrote.
    pub version: Text,
}

/// See [`Event::Gap`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Gap {
    /// How many entries are missing; at least that many where `at_least`.
    pub lost: u64,
    /// Whether there may be more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub at_least: bool,
    /// Why.
    pub reason: Text,
    /// When the first one was lost, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub from: Option<Timestamp>,
}

/// See [`Event::Prune`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Prune {
    /// All entries with a `seq` below this may be gone.
    pub below: u64,
    /// All of them were recorded before this.
    #[cfg_attr(test, schemars(with = "String"))]
    pub older_than: Timestamp,
}

/// A SHA-256, written `sha256:HEX`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(try_from = "String", into = "String")]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// The digest of some bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self::of_parts(&[bytes])
    }

    /// The digest of some bytes one after another.
    #[must_use]
    pub fn of_parts(parts: &[&[u8]]) -> Self {
        let mut context = ring::digest::Context::new(&ring::digest::SHA256);
        parts.iter().for_each(|part| context.update(part));
        Self(context.finish().as_ref().try_into().unwrap_or_default())
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        format!("sha256:{}", HEXLOWER.encode(&digest.0))
    }
}

impl TryFrom<String> for Digest {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let hex = text.strip_prefix("sha256:").ok_or("a digest begins with sha256:")?;
        let bytes = HEXLOWER.decode(hex.as_bytes()).map_err(|_| "a digest is hexadecimal")?;
        bytes.try_into().map(Self).map_err(|_| "a digest has 32 bytes")
    }
}

#[cfg(test)]
mod tests;
