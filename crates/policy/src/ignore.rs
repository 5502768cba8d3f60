//! The ignore files of other scanners, as waivers: `.trivyignore`, `.trivyignore.yaml` and
//! `.grype.yaml`. Their forms are facts of those projects' documentation; nothing is ignored here
//! that they would not ignore.

mod grype;
mod trivy;

use dockward_model::facts::Origin;
use jiff::civil::Date;

use crate::glob::Glob;
use crate::selector::Selector;
use crate::vulnerabilities::PACKAGE_VULNERABILITY;
use crate::waiver::Waiver;

/// How long such a file may be, in bytes.
pub const MAX_IGNORE_BYTES: usize = 1 << 20;

/// How many entries of one are read.
const MAX_ENTRIES: usize = 20_000;

/// What an ignore file says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ignores {
    /// Its entries, as waivers.
    pub waivers: Vec<Waiver>,
    /// Entries that are not understood and so ignore nothing, a sentence each.
    pub problems: Vec<String>,
}

/// Reads an ignore file; its name says which form it has: a name that ends with `.yaml` or `.yml` is
/// Grype's if `grype` is in it, else Trivy's; any other is Trivy's list of lines.
///
/// # Errors
/// When it is too long, or no file of its form.
pub fn ignores(text: &str, file: &str) -> Result<Ignores, String> {
    if text.len() > MAX_IGNORE_BYTES {
        return Err(format!("{file}: it has more than {MAX_IGNORE_BYTES} bytes"));
    }
    let name = file.rsplit('/').next().unwrap_or(file);
    let is_yaml = [".yaml", ".yml"].iter().any(|end| name.ends_with(end));
    let read = match (is_yaml, name.contains("grype")) {
        (false, _) => Ok(trivy::lines(text, file)),
        (true, true) => grype::read(text, file),
        (true, false) => trivy::yaml(text, file),
    };
    let mut read = read?;
    if read.waivers.len() > MAX_ENTRIES {
        return Err(format!("{file}: it has more than {MAX_ENTRIES} entries"));
    }
    read.problems.truncate(MAX_ENTRIES);
    Ok(read)
}

/// A waiver out of an entry. `said` is why, as the file says it.
fn waiver(
    file: &str,
    line: Option<u32>,
    selectors: Vec<Selector>,
    said: Option<&str>,
    until: Option<Date>,
) -> Waiver {
    let said = said.map(str::trim).filter(|said| !said.is_empty());
    Waiver {
        rule: Glob::new(PACKAGE_VULNERABILITY),
        selectors,
        owner: file.to_owned(),
        reason: said.map_or_else(|| format!("listed in {file}"), str::to_owned),
        until,
        origin: Origin::file(file, line),
    }
}

/// An id as those files write it: no patterns.
fn id(text: &str) -> Option<Glob> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.:".contains(c);
    (!text.is_empty() && text.chars().all(plain)).then(|| Glob::new(text))
}

#[cfg(test)]
mod tests;
