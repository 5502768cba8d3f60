//! The second of two steps: settings as written to what they mean.

use std::collections::BTreeMap;
use std::str::FromStr;

use dockward_model::verdict::Severity;
use toml::Spanned;
use toml::de::{DeTable, Error};

use crate::exit::FailOn;
use crate::glob::Glob;
use crate::guard::{GuardSettings, guard};
use crate::near;
use crate::problems::{Found, Kind, Problems, too_long};
use crate::raw::{RawConfig, SETTINGS, Slot, Span, above_tables};
use crate::scan::{ScanSettings, scan};
use crate::shown::{self, shown};
use crate::waiver::{Waiver, waivers};
use crate::webhook::{Webhook, webhook};

/// How long a `dockward.toml` may be, in bytes.
pub const MAX_BYTES: usize = 1 << 20;

/// What a `dockward.toml` says. The default is that of a run without one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Config {
    /// What fails a run; the command line's word comes before it.
    pub fail_on: FailOn,
    /// The rules to judge; all of them where it is empty.
    pub only: Vec<Glob>,
    /// The rules not to judge.
    pub skip: Vec<Glob>,
    /// How bad the findings of a rule are, by its id.
    pub severity: BTreeMap<String, Severity>,
    /// Where images may come from, by their whole name (`docker.io/library/nginx:1.29`); none where
    /// the file names nothing.
    pub trusted_images: Option<Vec<Glob>>,
    /// What decides over known weaknesses of packages.
    pub scan: ScanSettings,
    /// What requests to the engine are held to.
    pub guard: GuardSettings,
    /// The findings that are accepted, as they stand in the file.
    pub waivers: Vec<Waiver>,
    /// Where news is sent, on request.
    pub webhook: Option<Webhook>,
}

impl Config {
    /// Whether an image of this whole name comes from where the file says that images may; none
    /// where it says nothing.
    #[must_use]
    pub fn trusts_image(&self, name: &str) -> Option<bool> {
        let trusted = self.trusted_images.as_ref()?;
        Some(trusted.iter().any(|pattern| pattern.matches(name)))
    }
}

/// Reads the text of a `dockward.toml`. `file` is its name as people are told it, `known` are the
/// ids of all rules.
///
/// # Errors
/// Every mistake in the text at once. After a syntax error the rest is still looked at, except for
/// what the error may have swallowed.
pub fn parse(text: &str, file: &str, known: &[&str]) -> Result<Config, Problems> {
    if text.len() > MAX_BYTES {
        let message = format!("the file has {} bytes, at most {MAX_BYTES} are read", text.len());
        return Err(too_long(file, message));
    }
    let mut found = Found::new(text, file);
    let (table, errors) = DeTable::parse_recoverable(text);
    syntax(&errors, &mut found);
    let raw = RawConfig::read(table.get_ref(), &mut found);
    let config = config(&raw, file, known, &mut found);
    found.drop_consequences();
    if found.is_empty() { Ok(config) } else { Err(found.into_problems()) }
}

/// Notes the first error of each line: what follows it is mostly its consequence.
fn syntax(errors: &[Error], found: &mut Found<'_>) {
    let mut errors: Vec<(Span, &str)> =
        errors.iter().map(|error| (error.span().unwrap_or_default(), error.message())).collect();
    errors.sort_by_key(|(span, _)| span.start);
    errors.dedup_by_key(|(span, _)| found.source.line(span.start));
    for (span, message) in errors {
        let message = format!("this is not TOML: {}", shown::line(message));
        found.add(Kind::Syntax, span, message, || None);
    }
}

fn config(raw: &RawConfig<'_>, file: &str, known: &[&str], found: &mut Found<'_>) -> Config {
    let only = patterns(&raw.only, known, found);
    if let Some(list) = raw.only.there().filter(|list| list.get_ref().is_empty()) {
        found.add(Kind::Empty, list.span(), "`only` names no rule", || {
            Some("leave it out to judge all rules".to_owned())
        });
    }
    Config {
        fail_on: fail_on(&raw.fail_on, found).unwrap_or_default(),
        only,
        skip: patterns(&raw.skip, known, found),
        severity: severities(&raw.severity, known, found),
        trusted_images: trusted(&raw.trusted, found),
        scan: scan(&raw.scan, found),
        guard: guard(&raw.guard, known, found),
        waivers: waivers(&raw.waivers, file, known, found),
        webhook: raw.webhook.as_ref().and_then(|raw| webhook(raw, found)),
    }
}

fn fail_on(slot: &Slot<&str>, found: &mut Found<'_>) -> Option<FailOn> {
    let word = slot.there()?;
    let fail_on = FailOn::from_str(word.get_ref()).ok();
    if fail_on.is_none() {
        bad_severity(word, &FailOn::WORDS, found);
    }
    fail_on
}

fn patterns(slot: &Slot<Vec<Spanned<&str>>>, known: &[&str], found: &mut Found<'_>) -> Vec<Glob> {
    let words = slot.there().map(Spanned::get_ref).map_or(&[][..], Vec::as_slice);
    words
        .iter()
        .filter_map(|word| rule_pattern(word.get_ref(), word.span(), known, found))
        .collect()
}

/// A pattern over rule ids that matches at least one.
pub(crate) fn rule_pattern(
    text: &str,
    span: Span,
    known: &[&str],
    found: &mut Found<'_>,
) -> Option<Glob> {
    let glob = Glob::new(text);
    if known.iter().any(|id| glob.matches(id)) {
        return Some(glob);
    }
    let message = if glob.is_literal() {
        format!("no rule has the id `{}`", shown(text))
    } else {
        format!("no rule matches `{}`", shown(text))
    };
    found.add(Kind::UnknownRule, span, message, || near::question(text, known.iter().copied()));
    None
}

fn trusted(slot: &Slot<Vec<Spanned<&str>>>, found: &mut Found<'_>) -> Option<Vec<Glob>> {
    let list = slot.there()?;
    if list.get_ref().is_empty() {
        found.add(Kind::Empty, list.span(), "`trusted` names no image", || {
            Some("leave it out to have the sources of images listed for a person".to_owned())
        });
    }
    for word in list.get_ref().iter().filter(|word| !word.get_ref().contains('/')) {
        let message = format!("`{}` can match no image", shown(word.get_ref()));
        found.add(Kind::Empty, word.span(), message, || {
            Some("name registry and repository, such as `docker.io/library/*`".to_owned())
        });
    }
    Some(list.get_ref().iter().map(|word| Glob::new(*word.get_ref())).collect())
}

fn severities(
    raw: &[(Spanned<&str>, Spanned<&str>)],
    known: &[&str],
    found: &mut Found<'_>,
) -> BTreeMap<String, Severity> {
    let mut all = BTreeMap::new();
    for (rule, word) in raw {
        let id = *rule.get_ref();
        if !known.contains(&id) {
            let message = format!("no rule has the id `{}`", shown(id));
            found.add(Kind::UnknownRule, rule.span(), message, || severity_hint(id, known));
        }
        match Severity::from_str(word.get_ref()) {
            Ok(severity) => {
                all.insert(id.to_owned(), severity);
            }
            Err(_) => bad_severity(word, &Severity::WORST_FIRST.map(Severity::name), found),
        }
    }
    all
}

fn severity_hint(id: &str, known: &[&str]) -> Option<String> {
    if SETTINGS.contains(&id) {
        return Some(above_tables(id));
    }
    if !Glob::new(id).is_literal() {
        return Some("a severity is set for one rule at a time, by its whole id".to_owned());
    }
    near::question(id, known.iter().copied())
}

pub(crate) fn bad_severity(word: &Spanned<&str>, words: &[&str], found: &mut Found<'_>) {
    let message = format!("`{}` is no severity", shown(word.get_ref()));
    found.add(Kind::BadSeverity, word.span(), message, || {
        near::question(word.get_ref(), words.iter().copied())
            .or_else(|| Some(format!("it is one of {}", words.join(", "))))
    });
}

#[cfg(test)]
mod tests;
