//! What was concluded from the facts, and why.

mod advisory_news;
mod benchmark;
mod evidence;
mod finding;
mod news;
mod outcome;
mod path;
mod report;
mod rule;
mod scan;
mod severity;

pub use advisory_news::{AdvisoryNews, Hit, WeaknessNews};
pub use benchmark::{Answer, Recommendation, Row, RowCounts, Table};
pub use evidence::{Evidence, Level};
pub use finding::{Finding, Status, Subject, Waived};
pub use news::{Change, Happened, News, ResourceNews};
pub use outcome::{Failure, Foothold, Gain, Opening, Outcome};
pub use path::{AttackPath, Cut, Step};
pub use report::{Count, EngineSummary, HostSummary, Report, Tally, WaiverNote};
pub use rule::{Area, Framework, Map, Meta};
pub use scan::{AdvisorySource, FailedTarget, Scan, Scanned, SupportEnd, Update, Vulnerability};
pub use severity::Severity;
