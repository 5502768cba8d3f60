//! Benchmarks and their profiles: which rules answer which recommendation, and the table that an
//! auditor wants.
//!
//! Numbers are maps onto rules, never keys. The maps were made from secondary sources.

mod cis;
mod sections;

use std::collections::BTreeMap;

use dockward_model::verdict::{
    Answer, Count, Finding, Framework, Meta, Recommendation, Row, RowCounts, Status, Table,
};

use crate::CHECKS;
use cis::CIS;
use sections::{BSI, NIST, PCI, Section};

const SECONDARY: &str =
    "The map onto rules was made from secondary sources; titles are Dockward's own words.";
const CITED: &str = "Only sections that rules answer are listed, each by its number; titles are Dockward's own words.";

/// A benchmark at one level: what `--profile` names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Profile {
    /// Its name on the command line.
    name: &'static str,
    /// The benchmark's name.
    benchmark: &'static str,
    list: List,
    /// The highest level that belongs to it; all of them where absent.
    level: Option<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum List {
    Cis18,
    Cis16,
    Nist,
    Bsi,
    Pci,
}

const fn profile(
    name: &'static str,
    benchmark: &'static str,
    list: List,
    level: Option<u8>,
) -> Profile {
    Profile { name, benchmark, list, level }
}

/// Every profile.
pub const PROFILES: &[Profile] = &[
    profile("cis-1.8-l1", "CIS Docker Benchmark 1.8, level 1", List::Cis18, Some(1)),
    profile("cis-1.8-l2", "CIS Docker Benchmark 1.8, levels 1 and 2", List::Cis18, None),
    profile("cis-1.7-l1", "CIS Docker Benchmark 1.7, level 1", List::Cis16, Some(1)),
    profile("cis-1.7-l2", "CIS Docker Benchmark 1.7, levels 1 and 2", List::Cis16, None),
    profile("cis-1.6-l1", "CIS Docker Benchmark 1.6, level 1", List::Cis16, Some(1)),
    profile("cis-1.6-l2", "CIS Docker Benchmark 1.6, levels 1 and 2", List::Cis16, None),
    profile("nist-sp-800-190", "NIST SP 800-190, section 4", List::Nist, None),
    profile("bsi-sys-1.6", "BSI IT-Grundschutz 2023, SYS.1.6", List::Bsi, None),
    profile("pci-dss-4.0", "PCI DSS 4.0.1", List::Pci, None),
];

/// A recommendation with the ids of the rules that answer it.
type Asked = (Recommendation, Vec<&'static str>);

impl Profile {
    /// The profile of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        PROFILES.iter().copied().find(|profile| profile.name == name)
    }

    /// Its name on the command line, such as `cis-1.8-l1`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The benchmark's name and level.
    #[must_use]
    pub const fn benchmark(&self) -> &'static str {
        self.benchmark
    }

    /// The ids of all rules that answer one of its recommendations, sorted.
    #[must_use]
    pub fn rules(&self) -> Vec<&'static str> {
        let mut ids: Vec<_> = self.asked().into_iter().flat_map(|(_, rules)| rules).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// Its recommendations, in the benchmark's order, with the rules that answer each.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        let all: Vec<Asked> = match self.list {
            List::Cis18 => numbered(CIS.iter().map(cis::Cis::newest), Framework::Cis18),
            List::Cis16 => numbered(CIS.iter().filter_map(cis::Cis::older), Framework::Cis16),
            List::Nist => cited(NIST),
            List::Bsi => cited(BSI),
            List::Pci => cited(PCI),
        };
        let within = |asked: &Recommendation| match (self.level, asked.level) {
            (Some(most), Some(level)) => level <= most,
            _ => true,
        };
        all.into_iter().filter(|(asked, _)| within(asked)).collect()
    }

    /// How a run answers it: `findings` with their waivers marked, `counts` of passes, and the
    /// rules that were `judged`.
    #[must_use]
    pub fn table(
        &self,
        findings: &[Finding],
        counts: &BTreeMap<&'static str, Count>,
        judged: &[Meta],
    ) -> Table {
        let mut by_rule: BTreeMap<&str, RowCounts> = BTreeMap::new();
        for meta in judged {
            let count = counts.get(meta.id).copied().unwrap_or_default();
            let row = by_rule.entry(meta.id).or_default();
            (row.pass, row.not_applicable) = (count.pass, count.not_applicable);
        }
        for finding in findings {
            let row = by_rule.entry(finding.rule.as_str()).or_default();
            match finding.status {
                _ if finding.waived.is_some() => row.waived += 1,
                Status::Fail => row.fail += 1,
                Status::Review => row.review += 1,
                Status::Unknown => row.unknown += 1,
            }
        }
        let rows = self.asked().into_iter().map(|asked| row(asked, &by_rule)).collect();
        let source = match self.list {
            List::Cis18 | List::Cis16 => SECONDARY,
            _ => CITED,
        };
        Table { profile: self.name.to_owned(), benchmark: self.benchmark, source, rows }
    }
}

/// By the numbers that rules and checks carry.
fn numbered(
    recommendations: impl Iterator<Item = Recommendation>,
    framework: Framework,
) -> Vec<Asked> {
    let metas = || {
        let rules = dockward_rules::RULES.iter().map(|rule| &rule.meta);
        rules.chain(CHECKS.iter().map(|check| &check.meta))
    };
    let answering = |asked: Recommendation| {
        let carries = |meta: &&Meta| {
            meta.maps.iter().any(|map| map.framework == framework && map.number == asked.number)
        };
        let mut ids: Vec<_> = metas().filter(carries).map(|meta| meta.id).collect();
        ids.sort_unstable();
        (asked, ids)
    };
    recommendations.map(answering).collect()
}

/// By the table of sections.
fn cited(sections: &[Section]) -> Vec<Asked> {
    sections.iter().map(|section| (section.asked, section.rules.to_vec())).collect()
}

fn row((recommendation, rules): Asked, by_rule: &BTreeMap<&str, RowCounts>) -> Row {
    let judged: Vec<_> = rules.iter().filter_map(|rule| by_rule.get(rule)).collect();
    let counts = judged.iter().fold(RowCounts::default(), |sum, one| RowCounts {
        fail: sum.fail + one.fail,
        unknown: sum.unknown + one.unknown,
        review: sum.review + one.review,
        waived: sum.waived + one.waived,
        pass: sum.pass + one.pass,
        not_applicable: sum.not_applicable + one.not_applicable,
    });
    let complete = !rules.is_empty() && judged.len() == rules.len();
    Row { recommendation, answer: answer(&counts, complete), rules, counts }
}

/// `complete` says whether every rule of the row was judged: where one was left out, the others'
/// passes answer nothing.
const fn answer(counts: &RowCounts, complete: bool) -> Answer {
    match counts {
        RowCounts { fail: 1.., .. } => Answer::Fail,
        RowCounts { unknown: 1.., .. } => Answer::Unknown,
        RowCounts { review: 1.., .. } => Answer::Review,
        _ if !complete => Answer::NotJudged,
        RowCounts { waived: 1.., .. } => Answer::Waived,
        RowCounts { pass: 1.., .. } => Answer::Pass,
        _ => Answer::NotApplicable,
    }
}

#[cfg(test)]
mod tests;
