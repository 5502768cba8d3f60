//! The files of a container that does not run: its layers, the uppermost first.

use dockward_model::facts::{Fact, FileFacts};

use crate::tree::Tree;

/// The kernel allows 500 layers (`OVL_MAX_STACK`), the engine 125.
const MAX_LAYERS: usize = 500;

/// Layers of overlay2, stacked. A folder that an upper layer made opaque is not known as such:
/// what a lower layer has there still shows.
struct Layers {
    layers: Vec<Box<dyn Tree>>,
}

/// The files of a container by `GraphDriver.Data` of inspect: its `UpperDir`, and `LowerDir` with
/// its parts between colons. `tree` is the daemon's mount namespace. Unknown where a layer can't
/// be opened; absent where no layer is named.
#[must_use]
pub fn layers(tree: &dyn Tree, upper: &str, lower: &str) -> Fact<Box<dyn Tree>> {
    let folders = || std::iter::once(upper).chain(lower.split(':')).filter(|dir| !dir.is_empty());
    if folders().count() > MAX_LAYERS {
        return Fact::Unknown(format!("more than {MAX_LAYERS} layers"));
    }
    let mut layers = Vec::new();
    for folder in folders() {
        match tree.below(folder) {
            Fact::Known(layer) => layers.push(layer),
            Fact::Absent => return Fact::Unknown(format!("the layer {folder} is not there")),
            Fact::Unknown(why) => return Fact::Unknown(why),
        }
    }
    if layers.is_empty() { Fact::Absent } else { Fact::Known(Box::new(Layers { layers })) }
}

impl Layers {
    /// Asks each layer from above, until one has the path or hides it from those below.
    fn first<T>(&self, path: &str, ask: impl Fn(&dyn Tree) -> Fact<T>) -> Fact<T> {
        for layer in &self.layers {
            match hides(layer.as_ref(), path) {
                Fact::Known(true) => return Fact::Absent,
                Fact::Unknown(why) => return Fact::Unknown(why),
                Fact::Known(false) | Fact::Absent => {}
            }
            match ask(layer.as_ref()) {
                Fact::Absent if layer.link(path).known().is_some() => {
                    return Fact::Unknown(format!("{path} is a link into another layer"));
                }
                Fact::Absent => {}
                found => return found,
            }
        }
        Fact::Absent
    }
}

/// Whether a layer deleted the path or a folder above it: overlayfs marks that by a character
/// device (Documentation/filesystems/overlayfs.rst, "whiteouts").
fn hides(layer: &dyn Tree, path: &str) -> Fact<bool> {
    let mut here = String::new();
    for name in path.split('/').filter(|name| !name.is_empty()) {
        here = format!("{here}/{name}");
        match layer.stat(&here) {
            Fact::Known(facts) if facts.node == "char" => return Fact::Known(true),
            Fact::Known(_) => {}
            Fact::Absent => return Fact::Known(false),
            Fact::Unknown(why) => return Fact::Unknown(why),
        }
    }
    Fact::Known(false)
}

impl Tree for Layers {
    fn read(&self, path: &str, limit: usize) -> Fact<Vec<u8>> {
        self.first(path, |layer| layer.read(path, limit))
    }

    fn stat(&self, path: &str) -> Fact<FileFacts> {
        self.first(path, |layer| layer.stat(path))
    }

    fn link(&self, path: &str) -> Fact<String> {
        self.first(path, |layer| layer.link(path))
    }

    fn list(&self, dir: &str, max: usize) -> Fact<Vec<String>> {
        self.first(dir, |layer| layer.list(dir, max))
    }

    fn real(&self, path: &str) -> Fact<String> {
        self.first(path, |layer| layer.real(path))
    }

    fn below(&self, dir: &str) -> Fact<Box<dyn Tree>> {
        self.first(dir, |layer| layer.below(dir))
    }
}
