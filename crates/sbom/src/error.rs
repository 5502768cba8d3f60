//! Why a bill of materials could not be read.

/// Why a bill of materials could not be read at all.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is longer than what is read.
    #[error("the SBOM is longer than {max} bytes")]
    TooLarge {
        /// How many bytes are read.
        max: usize,
    },
    /// It is not text.
    #[error("the SBOM is not UTF-8 at byte {at}")]
    NotUtf8 {
        /// The first byte that is none.
        at: usize,
    },
    /// It is not JSON, or not of the shape that its format has.
    #[error("the SBOM cannot be read as {what}")]
    Json {
        /// What it was read as.
        what: &'static str,
        /// Where and why not.
        source: serde_json::Error,
    },
    /// It is JSON, but no format that is read.
    #[error("neither CycloneDX nor SPDX as JSON: {0}")]
    UnknownFormat(&'static str),
    /// Its format is known, but not in this version.
    #[error("{format} {version:?} is not read, only {read}")]
    UnknownVersion {
        /// The format.
        format: &'static str,
        /// The version that it says it has, shortened.
        version: String,
        /// The versions that are read.
        read: &'static str,
    },
    /// It has more of something than is read.
    #[error("the SBOM has more than {max} {what}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many are read.
        max: usize,
    },
    /// Its components lie in each other too deeply.
    #[error("the SBOM's components lie more than {max} deep in each other")]
    TooDeep {
        /// How deep they may lie.
        max: usize,
    },
}

impl Error {
    /// What could be done about it.
    #[must_use]
    pub const fn hint(&self) -> Option<&'static str> {
        match self {
            Self::UnknownFormat(_) | Self::Json { .. } => {
                Some("write it anew as CycloneDX JSON or SPDX 2.3 JSON")
            }
            Self::UnknownVersion { .. } => Some("write it anew in a version that is read"),
            _ => None,
        }
    }
}
