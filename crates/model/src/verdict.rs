//! What was concluded from the facts, and why.

mod evidence;
mod finding;
mod outcome;
mod path;
mod report;
mod rule;
mod severity;

pub use evidence::{Evidence, Level};
pub use finding::{Finding, Status, Subject, Waived};
pub use outcome::{Failure, Foothold, Gain, Opening, Outcome};
pub use path::{AttackPath, Cut, Step};
pub use report::{Count, EngineSummary, HostSummary, Report, Tally, WaiverNote};
pub use rule::{Area, Framework, Map, Meta};
pub use severity::Severity;
