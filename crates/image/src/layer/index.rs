//! The index of a layer.

use std::collections::BTreeMap;

use dockward_model::facts::Change;
use dockward_model::inventory::{Package, Problem};
use serde::{Deserialize, Serialize};

use crate::wanted::Use;

/// What a layer contributes of what is looked for. It is the same for the same layer, wherever the
/// layer is used, so it can be kept by the layer's digest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LayerIndex {
    /// What it has, in the order of the layer.
    pub(crate) entries: Vec<Entry>,
    /// What of the layers below it takes away.
    pub(crate) whiteouts: Vec<String>,
    /// Folders of which it hides all that the layers below have in them.
    pub(crate) opaque: Vec<String>,
    /// What of it could not be read. `place` is a path in the layer, or empty.
    pub(crate) problems: Vec<Problem>,
}

impl LayerIndex {
    /// Whether nothing of it could not be read.
    pub(crate) fn is_whole(&self) -> bool {
        let is_fine = |entry: &Entry| match &entry.node {
            Node::File(body) => {
                let is_read = body.records.iter().all(|record| record.problems.is_empty());
                is_read && !matches!(body.release, Some(Err(_)))
            }
            _ => true,
        };
        self.problems.is_empty() && self.entries.iter().all(is_fine)
    }
}

/// Something that a layer has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// Its path in the root, without a leading `/`.
    pub(crate) path: String,
    pub(crate) node: Node,
}

/// What stands at a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Node {
    Folder,
    File(Body),
    /// A symbolic link, with its text.
    Link(String),
    /// Another name of the file at this path.
    Hard(String),
    /// Neither: a device, a FIFO, a socket.
    Other,
}

/// What was read in a file; nothing where it only stands in the way.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Body {
    /// What it is as a record of packages, by cataloger.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) records: Vec<Record>,
    /// Its size in bytes, where it belongs to a record and was read along with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) beside: Option<u64>,
    /// Its text, where it was read as os-release(5), or why it could not be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) release: Option<Result<String, String>>,
}

impl Body {
    /// Whether the file was read for this use, well or not.
    pub(crate) fn was_read_for(&self, used: Use) -> bool {
        match used {
            Use::Catalog(cataloger) => {
                self.records.iter().any(|record| record.cataloger == cataloger.id)
            }
            Use::Beside(_) => self.beside.is_some(),
            Use::Release => self.release.is_some(),
        }
    }
}

/// A record of packages as its cataloger read it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record {
    /// The cataloger's id.
    pub(crate) cataloger: String,
    pub(crate) packages: Vec<Package>,
    pub(crate) problems: Vec<Problem>,
    /// What a changelog says of weaknesses.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) changes: BTreeMap<String, Change>,
    /// The licences that a `copyright` file names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) licences: Vec<String>,
}
