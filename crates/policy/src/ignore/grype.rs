//! Grype's form (its documentation, "Specifying matches to ignore"): `ignore:` in its settings.

use std::collections::BTreeMap;

use dockward_model::inventory::{FixState, PackageKind};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{Ignores, id, waiver};
use crate::glob::Glob;
use crate::selector::Selector;

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    ignore: Vec<Rule>,
}

/// A rule: all of what it says has to hold.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Rule {
    #[serde(default)]
    vulnerability: String,
    #[serde(default)]
    fix_state: String,
    #[serde(default)]
    reason: Option<String>,
    #[serde(default)]
    package: Package,
    /// Aliases are looked at in any case.
    #[serde(default, rename = "include-aliases")]
    _include_aliases: Option<IgnoredAny>,
    #[serde(flatten)]
    other: BTreeMap<String, IgnoredAny>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Package {
    #[serde(default)]
    name: String,
    #[serde(default)]
    upstream_name: String,
    #[serde(default)]
    version: String,
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(flatten)]
    other: BTreeMap<String, IgnoredAny>,
}

pub(super) fn read(text: &str, file: &str) -> Result<Ignores, String> {
    let parsed: File = serde_saphyr::from_str(text).map_err(|error| format!("{file}: {error}"))?;
    let mut read = Ignores::default();
    for (rule, number) in parsed.ignore.iter().zip(1..) {
        match selectors(rule) {
            Ok(selectors) => {
                read.waivers.push(waiver(file, None, selectors, rule.reason.as_deref(), None));
            }
            Err(what) => {
                read.problems.push(format!("{file}: ignore {number}: {what}: it ignores nothing"));
            }
        }
    }
    Ok(read)
}

fn selectors(rule: &Rule) -> Result<Vec<Selector>, String> {
    if let Some(key) = rule.other.keys().chain(rule.package.other.keys()).next() {
        return Err(format!("`{key}` can't be looked at here"));
    }
    let mut all = Vec::new();
    if !rule.vulnerability.is_empty() {
        let id = id(&rule.vulnerability).ok_or("`vulnerability` is no id")?;
        all.push(Selector::Vulnerability(id));
    }
    if !rule.fix_state.is_empty() {
        all.push(Selector::Fix(states(&rule.fix_state)?));
    }
    let package = &rule.package;
    for name in [&package.name, &package.upstream_name] {
        if !name.is_empty() {
            all.push(Selector::Package(pattern(name)?));
        }
    }
    if !package.version.is_empty() {
        all.push(Selector::Version(pattern(&package.version)?));
    }
    if !package.kind.is_empty() {
        all.push(Selector::Kind(kind(&package.kind)));
    }
    if all.is_empty() { Err("it says nothing".to_owned()) } else { Ok(all) }
}

fn states(word: &str) -> Result<Vec<FixState>, String> {
    match word {
        "fixed" => Ok(vec![FixState::FixAvailable]),
        "not-fixed" => Ok(vec![FixState::Affected, FixState::Deferred]),
        "wont-fix" => Ok(vec![FixState::WillNotFix]),
        "unknown" => Ok(vec![FixState::Unknown]),
        other => Err(format!("`{other}` is no state of a fix")),
    }
}

/// None of ours: a rule for packages of a language, which covers nothing in a scan of a system's.
fn kind(word: &str) -> Option<PackageKind> {
    [PackageKind::Deb, PackageKind::Apk, PackageKind::Rpm]
        .into_iter()
        .find(|kind| kind.purl_type() == word)
}

/// Names there are regular expressions over the whole name. Plain names and `.*` are understood; a
/// dot that stands alone is taken for a dot.
fn pattern(text: &str) -> Result<Glob, String> {
    let glob = text.replace(".*", "*").replace("\\.", ".");
    let bare = text.replace(".*", "").replace("\\.", "");
    if bare.contains(['*', '?', '[', ']', '(', ')', '{', '}', '|', '^', '$', '\\']) {
        return Err(format!("`{text}` is a regular expression"));
    }
    Ok(Glob::new(glob))
}
