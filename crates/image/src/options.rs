//! How a source is read.

use std::time::Instant;

use crate::{Launch, Platform, Store};

/// How a source is read.
#[derive(Debug, Default)]
pub struct Options {
    /// The platform of an image that is there for several. By default Linux on this machine's
    /// architecture, or the only one that is there.
    pub platform: Option<Platform>,
    /// When to stop; what was not read by then is a problem of the inventory.
    pub deadline: Option<Instant>,
    /// Whether layers that are not compressed are read whole to check their digests. By default they
    /// are walked over without reading what is not looked for, which takes a hundredth of the time,
    /// and their bytes are taken for what the image's documents say they are.
    pub verify_all: bool,
    /// The packages of dpkg whose changelogs are read, too
    /// ([`dockward_model::inventory::Contents::changes`]). What goes past once is read for them as it
    /// goes.
    pub changelogs: Vec<String>,
    /// The packages of dpkg whose `copyright` files are read for their licences, too.
    pub copyrights: Vec<String>,
    /// Where indexes of layers are kept; by default nowhere.
    pub store: Option<Store>,
    /// How processes are started that take apart what others wrote: each calls [`crate::serve`]
    /// before all else. By default it is done in this process.
    pub children: Option<Launch>,
}
