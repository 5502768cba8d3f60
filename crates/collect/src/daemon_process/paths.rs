//! Files of the host's that a daemon names: whoever may write to one rules it.

use std::collections::BTreeMap;

use dockward_model::facts::{Configured, Daemon};

use super::DaemonConfig;

impl DaemonConfig {
    /// Its daemon.json, its sockets, those of the containerd that it was told of or starts, its
    /// files for TLS, and the folder of its registries' certificates.
    pub(crate) fn paths(&self) -> Vec<String> {
        let file = self.file.get().map(|file| file.path.clone());
        let listeners = self.listeners.get().into_iter().flatten();
        let sockets = listeners.filter_map(|listener| listener.address.strip_prefix("unix://"));
        let containerd = self.config.known().into_iter().flat_map(containerd_sockets);
        let tls = [&self.tls.authority, &self.tls.certificate, &self.tls.key];
        let tls = tls.into_iter().filter_map(|field| field.get()).map(|file| file.path.clone());
        let all = file.into_iter().chain(sockets.map(str::to_owned)).chain(containerd).chain(tls);
        let all = all.chain(self.registry_folder.get().cloned());
        all.filter(|path| path.starts_with('/')).collect()
    }
}

fn containerd_sockets(config: &BTreeMap<String, Configured>) -> Vec<String> {
    Daemon::containerd_sockets(|key| config.get(key)?.value.as_str())
}
