//! The scanners that we stand beside, where `benches/peers` put them.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, ensure};

use crate::FRESH;

/// The version of Trivy that `benches/peers` takes.
const TRIVY: &str = "0.59.1";

/// Trivy, Syft and the image.
#[derive(Debug, Clone)]
pub struct Peers {
    folder: PathBuf,
}

impl Peers {
    /// Those in the folder that `benches/peers` keeps.
    ///
    /// # Errors
    /// In a person's words, what is missing.
    pub fn prepared() -> Result<Self> {
        let set =
            |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let folder = set("DOCKWARD_PEERS")
            .or_else(|| Some(set("XDG_CACHE_HOME")?.join("dockward/peers")))
            .or_else(|| Some(set("HOME")?.join(".cache/dockward/peers")))
            .unwrap_or_default();
        for name in ["bin/trivy", "bin/syft", "image/ready"] {
            ensure!(folder.join(name).exists(), "no {name}: run benches/peers prepare");
        }
        let peers = Self { folder };
        let output = Command::new(peers.trivy()).arg("--version").output()?;
        let version = String::from_utf8_lossy(&output.stdout).into_owned();
        ensure!(version.contains(TRIVY), "not Trivy {TRIVY}: {}", version.trim());
        Ok(peers)
    }

    /// Trivy's program.
    #[must_use]
    pub fn trivy(&self) -> PathBuf {
        self.folder.join("bin/trivy")
    }

    /// A file or folder of the image.
    #[must_use]
    pub fn image(&self, name: &str) -> PathBuf {
        self.folder.join("image").join(name)
    }

    /// Trivy, made to list the operating system's packages and nothing else, with an empty cache each time.
    #[must_use]
    pub fn trivy_words(&self, command: &str, target: &[&str]) -> Vec<String> {
        trivy_words(&self.trivy(), command, target)
    }

    /// Syft, made to list the operating system's packages and nothing else.
    #[must_use]
    pub fn syft_words(&self, target: &str) -> Vec<String> {
        let program = self.folder.join("bin/syft").to_string_lossy().into_owned();
        let words =
            ["scan", "--quiet", "--select-catalogers", "os", "-o", "cyclonedx-json", target];
        [vec![program], words.map(str::to_owned).to_vec()].concat()
    }
}

/// As [`Peers::trivy_words`], with the program elsewhere.
#[must_use]
pub fn trivy_words(program: &Path, command: &str, target: &[&str]) -> Vec<String> {
    let program = program.to_string_lossy();
    let options = ["--quiet", "--offline-scan", "--skip-db-update", "--skip-java-db-update"];
    let form = ["--pkg-types", "os", "--format", "cyclonedx", "--cache-dir", FRESH];
    let words = [&program, command].into_iter().chain(options).chain(form);
    words.chain(target.iter().copied()).map(str::to_owned).collect()
}
