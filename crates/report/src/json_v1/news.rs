//! What is new, as part of a report and alone: what a webhook is sent
//! (`schemas/news-v1.schema.json`).

use std::io::{self, Write};

use dockward_model::verdict::{Change, News, Report, ResourceNews};
use serde::Serialize;

use super::{EngineV1, FindingV1, HostV1, PathV1};

/// The name and version of what a webhook is sent.
const SCHEMA: &str = "dockward.news/1";

/// Writes what is new, and the ways to the host as they are now.
pub(crate) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, &MessageV1::from(report))?;
    writeln!(out)
}

/// What a webhook is sent.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct MessageV1<'a> {
    /// Always `dockward.news/1`.
    schema: &'static str,
    /// Dockward's version.
    dockward: &'a str,
    /// The time as of which was judged (RFC 3339).
    now: String,
    /// Whether all was judged that the run was asked for.
    complete: bool,
    /// The host.
    host: HostV1<'a>,
    /// The engines that were asked.
    engines: Vec<EngineV1<'a>>,
    /// What is new; null where there was no earlier run.
    news: Option<NewsV1<'a>>,
    /// Ways to the host as they are now, worst first.
    paths: Vec<PathV1<'a>>,
}

impl<'a> From<&'a Report> for MessageV1<'a> {
    fn from(r: &'a Report) -> Self {
        Self {
            schema: SCHEMA,
            dockward: &r.version,
            now: r.now.to_string(),
            complete: r.complete,
            host: (&r.host).into(),
            engines: r.engines.iter().map(Into::into).collect(),
            news: r.news.as_ref().map(Into::into),
            paths: r.paths.iter().map(Into::into).collect(),
        }
    }
}

/// What is different from an earlier run.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct NewsV1<'a> {
    /// When the earlier run looked (RFC 3339).
    since: String,
    /// Findings that were not there.
    appeared: Vec<FindingV1<'a>>,
    /// Findings that are no longer there, as they were.
    gone: Vec<FindingV1<'a>>,
    /// Findings that say something else now.
    changed: Vec<ChangeV1<'a>>,
    /// Containers, images, networks and volumes that came, went or were made anew.
    resources: Vec<ResourceNewsV1<'a>>,
}

/// A finding that says something else now.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct ChangeV1<'a> {
    /// As it was.
    before: FindingV1<'a>,
    /// As it is.
    now: FindingV1<'a>,
}

/// A thing that came, went or was made anew.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct ResourceNewsV1<'a> {
    /// `container`, `image`, `network` or `volume`.
    kind: &'a str,
    /// Its name.
    name: &'a str,
    /// `appeared`, `gone` or `changed`.
    what: &'static str,
    /// What to know of it; may be empty.
    detail: &'a str,
}

impl<'a> From<&'a News> for NewsV1<'a> {
    fn from(n: &'a News) -> Self {
        Self {
            since: n.since.to_string(),
            appeared: n.appeared.iter().map(Into::into).collect(),
            gone: n.gone.iter().map(Into::into).collect(),
            changed: n.changed.iter().map(Into::into).collect(),
            resources: n.resources.iter().map(Into::into).collect(),
        }
    }
}

impl<'a> From<&'a Change> for ChangeV1<'a> {
    fn from(c: &'a Change) -> Self {
        Self { before: (&c.before).into(), now: (&c.now).into() }
    }
}

impl<'a> From<&'a ResourceNews> for ResourceNewsV1<'a> {
    fn from(r: &'a ResourceNews) -> Self {
        Self { kind: r.kind, name: &r.name, what: r.what.name(), detail: &r.detail }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn message(report: &Report) -> serde_json::Value {
        let mut out = Vec::new();
        write(report, &mut out).unwrap();
        serde_json::from_slice(&out).unwrap()
    }

    #[test]
    fn the_published_schema_is_the_one_of_the_structs() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schemas/news-v1.schema.json");
        super::super::tests::published(path, &schemars::schema_for!(MessageV1<'_>));
    }

    #[test]
    fn messages_are_valid_against_the_published_schema() {
        let schema = serde_json::to_value(schemars::schema_for!(MessageV1<'_>)).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        for report in [sample::with_news(), sample::hostile(), sample::nothing_found()] {
            assert!(validator.is_valid(&message(&report)));
        }
    }

    #[test]
    fn a_message_is_about_news_not_about_everything() {
        let message = message(&sample::with_news());
        assert_eq!(message["news"]["appeared"].as_array().map(Vec::len), Some(1));
        assert!(message.get("findings").is_none());
    }
}
