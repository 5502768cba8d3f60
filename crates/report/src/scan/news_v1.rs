//! What new advisories hit, as a webhook is sent it: JSON, version 1
//! (`schemas/advisory-news-v1.schema.json`). Fields may be added; none goes or changes its meaning
//! without a version 2.

use std::io::{self, Write};

use dockward_model::verdict::{AdvisoryNews, Hit};
use serde::Serialize;

use super::json_v1::{VulnerabilityV1, vulnerability};

/// The name and version of this form.
const SCHEMA: &str = "dockward.advisory-news/1";

pub(super) fn write(news: &AdvisoryNews, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, &MessageV1::from(news))?;
    writeln!(out)
}

/// What new advisories hit.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct MessageV1<'a> {
    /// Always `dockward.advisory-news/1`.
    schema: &'static str,
    /// Dockward's version.
    dockward: &'a str,
    /// The time as of which was judged (RFC 3339).
    now: String,
    /// The name of the host.
    host: &'a str,
    /// When the database before was built (RFC 3339); null where there was none: then all is new.
    since: Option<String>,
    /// How many running containers were compared, hit or not.
    containers: usize,
    /// What is hit: running containers, and the host itself.
    hits: Vec<HitV1<'a>>,
    /// What runs and could not be compared, a sentence each.
    missing: Vec<String>,
}

/// A running container or the host.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct HitV1<'a> {
    /// `container` or `host`.
    kind: &'static str,
    /// Its name.
    name: &'a str,
    /// The image that the container was made from; null for the host.
    image: Option<&'a str>,
    /// What is new of it, worst first.
    news: Vec<NewV1<'a>>,
}

/// Something new.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct NewV1<'a> {
    /// `new`, `exploited now` or `can be mended now`.
    what: &'static str,
    /// The weakness of the package, as a scan has it.
    vulnerability: VulnerabilityV1<'a>,
}

impl<'a> From<&'a AdvisoryNews> for MessageV1<'a> {
    fn from(news: &'a AdvisoryNews) -> Self {
        let missing = news.failed.iter().map(|failed| format!("{}: {}", failed.name, failed.why));
        Self {
            schema: SCHEMA,
            dockward: &news.version,
            now: news.now.to_string(),
            host: &news.host,
            since: news.since.map(|at| at.to_string()),
            containers: news.containers,
            hits: news.hits.iter().map(Into::into).collect(),
            missing: missing.collect(),
        }
    }
}

impl<'a> From<&'a Hit> for HitV1<'a> {
    fn from(hit: &'a Hit) -> Self {
        let target = &hit.scanned.inventory.target;
        let news = hit.news.iter().filter_map(|(at, what)| {
            let found = hit.scanned.vulnerabilities.get(*at)?;
            let vulnerability = vulnerability(found, hit.scanned.package(found)?);
            Some(NewV1 { what: what.name(), vulnerability })
        });
        Self {
            kind: target.kind.name(),
            name: &target.name,
            image: hit.image.as_deref(),
            news: news.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use dockward_model::inventory::TargetKind;
    use dockward_model::verdict::{FailedTarget, WeaknessNews};

    use super::super::sample;
    use super::*;

    fn news(scan: dockward_model::verdict::Scan) -> AdvisoryNews {
        let hits = scan.scanned.into_iter().map(|mut scanned| {
            scanned.inventory.target.kind = TargetKind::Container;
            let news = (0..scanned.vulnerabilities.len()).map(|at| (at, WeaknessNews::Appeared));
            Hit { news: news.collect(), image: Some("shop:1".into()), scanned }
        });
        AdvisoryNews {
            version: scan.version,
            now: scan.now,
            host: "web-07".into(),
            since: Some(scan.now),
            containers: 3,
            hits: hits.collect(),
            failed: scan.failed,
        }
    }

    fn message(news: &AdvisoryNews) -> serde_json::Value {
        let mut out = Vec::new();
        write(news, &mut out).unwrap();
        serde_json::from_slice(&out).unwrap()
    }

    fn text(news: &AdvisoryNews) -> String {
        let mut out = Vec::new();
        super::super::news::write(
            news,
            crate::Style { width: 100, ..Default::default() },
            &mut out,
        )
        .unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn messages_are_valid_against_the_published_schema() {
        let schema = schemars::schema_for!(MessageV1<'_>);
        let path =
            concat!(env!("CARGO_MANIFEST_DIR"), "/../../schemas/advisory-news-v1.schema.json");
        crate::json_v1::tests::published(path, &schema);
        let validator = jsonschema::validator_for(&serde_json::to_value(&schema).unwrap()).unwrap();
        for scan in [sample::scan(), sample::hostile(), sample::nothing_found()] {
            assert!(validator.is_valid(&message(&news(scan))));
        }
    }

    #[test]
    fn a_message_names_what_is_hit_and_what_could_not_be_compared() {
        let message = message(&news(sample::scan()));
        assert_eq!(message["hits"][0]["image"], "shop:1");
        assert_eq!(message["hits"][0]["news"][0]["what"], "new");
        assert_eq!(message["hits"][0]["news"][0]["vulnerability"]["id"], "CVE-2023-0286");
        assert_eq!(message["missing"].as_array().map(Vec::len), Some(sample::scan().failed.len()));
    }

    #[test]
    fn people_read_what_is_hit_by_what_and_what_mends_it() {
        insta::assert_snapshot!(text(&news(sample::scan())));
    }

    #[test]
    fn where_nothing_is_hit_one_line_says_so_and_what_failed_is_named_all_the_same() {
        let failed = FailedTarget { name: "web".into(), why: "gone".into(), hint: String::new() };
        let quiet = AdvisoryNews { hits: Vec::new(), failed: vec![failed], ..news(sample::scan()) };
        assert_eq!(
            text(&quiet),
            "Nothing new hits what runs here (3 running containers, and this host).\n\
             web was not compared: gone\n"
        );
    }

    #[test]
    fn hostile_names_do_no_harm_in_a_terminal() {
        let text = text(&news(sample::hostile()));
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text:?}");
    }
}
