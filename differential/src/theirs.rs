//! What Trivy finds, offline, with the database that was written of the records.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Result, ensure};
use serde_json::json;

use crate::Pair;

/// A line for each weakness: of all that Trivy's JSON would hold, what is compared.
const TEMPLATE: &str = "{{range .}}{{range .Vulnerabilities}}{{.PkgName}}\t{{.InstalledVersion}}\t{{.VulnerabilityID}}\n{{end}}{{end}}";

/// Trivy where `benches/peers` put it.
#[derive(Debug, Clone)]
pub struct Trivy {
    program: PathBuf,
}

impl Trivy {
    /// Trivy in the folder that `benches/peers` keeps, or what is missing.
    ///
    /// # Errors
    ///
    /// In a person's words, why it can't be used.
    pub fn prepared() -> Result<Self, String> {
        let set =
            |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let cache = set("DOCKWARD_PEERS")
            .or_else(|| Some(set("XDG_CACHE_HOME")?.join("dockward/peers")))
            .or_else(|| Some(set("HOME")?.join(".cache/dockward/peers")));
        let program = cache.ok_or("HOME is not set")?.join("bin/trivy");
        if program.is_file() {
            return Ok(Self { program });
        }
        Err("no trivy is there: run benches/peers prepare trivy".to_owned())
    }
}

/// The weaknesses of a root's packages. `cache` gets the database's file.
///
/// # Errors
///
/// Trivy failed.
pub fn found(trivy: &Trivy, root: &Path, database: &[u8], cache: &Path) -> Result<BTreeSet<Pair>> {
    let folder = cache.join("db");
    fs::create_dir_all(&folder)?;
    if !folder.join("trivy.db").exists() {
        fs::write(folder.join("trivy.db"), database)?;
        let day = "2026-11-20T00:00:00Z";
        let facts = json!({"Version": 2, "NextUpdate": "2130-01-01T00:00:00Z", "UpdatedAt": day, "DownloadedAt": day});
        fs::write(folder.join("metadata.json"), facts.to_string())?;
    }
    let output = Command::new(&trivy.program)
        .args(["rootfs", "--quiet", "--skip-db-update", "--skip-java-db-update", "--offline-scan"])
        .args(["--scanners", "vuln", "--format", "template", "--template", TEMPLATE, "--cache-dir"])
        .args([cache, root])
        .stdin(Stdio::null())
        .output()?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "trivy: {}: {}", output.status, complaint.trim());
    let text = String::from_utf8(output.stdout)?;
    let pair = |line: &str| {
        let mut words = line.split('\t').map(str::to_owned);
        Some((words.next()?, words.next()?, words.next()?))
    };
    Ok(text.lines().filter_map(pair).collect())
}
