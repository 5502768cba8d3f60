//! What the engine says of itself in `/info`, `/version` and of its default bridge.

use std::collections::BTreeMap;
use std::sync::Arc;

use dockward_engine::api::{Component, Info, Network, Ping, Runtime, Version};
use dockward_engine::{Error, Lenient};
use dockward_model::facts::{Daemon, Field, Flavour, Host, Origin, Sight};

use crate::field::{Answered, Odd, filled, not_empty, text_part};
use crate::redacted;

mod owner;
mod partition;
mod registries;

pub(crate) use owner::Owner;
pub(crate) use partition::partition;

const BRIDGE: &str = "/networks";

/// The daemon as the engine tells of it; its process and its files are the host's to tell.
pub(crate) fn daemon(
    info: &Lenient<Info>,
    version: &Lenient<Version>,
    networks: &Lenient<Vec<Network>>,
) -> Daemon {
    let mut daemon = Daemon {
        version: engine_version(info, version),
        components: components(version),
        ..Daemon::default()
    };
    settings(&mut daemon, info);
    daemon.runtimes = runtimes(info);
    let bridge = |option| bridge_option(networks, option);
    daemon.icc = yes_or_no(&bridge("com.docker.network.bridge.enable_icc"));
    daemon.default_binding = bridge("com.docker.network.bridge.host_binding_ipv4");
    daemon
}

fn settings(daemon: &mut Daemon, info: &Lenient<Info>) {
    let a = Answered::new("/info");
    daemon.security_options = a.texts("SecurityOptions", info.within(|i| &i.security_options));
    daemon.live_restore = a.flag("LiveRestoreEnabled", info.within(|i| &i.live_restore_enabled));
    daemon.logging_driver = a.text("LoggingDriver", info.within(|i| &i.logging_driver));
    daemon.storage_driver = a.text("Driver", info.within(|i| &i.driver));
    daemon.experimental = a.flag("ExperimentalBuild", info.within(|i| &i.experimental_build));
    daemon.insecure_registries = registries::insecure(&a, info.within(|i| &i.registry_config));
    let plugins = info.within(|i| &i.plugins);
    daemon.authorization_plugins = a.read("Plugins.Authorization", plugins, "an object", |all| {
        Ok(crate::field::part("Authorization", &all.authorization)?.cloned().and_then(not_empty))
    });
    daemon.default_runtime = a.text("DefaultRuntime", info.within(|i| &i.default_runtime));
    daemon.data_root = a.text("DockerRootDir", info.within(|i| &i.docker_root_dir));
    daemon.cgroup_version = a.text("CgroupVersion", info.within(|i| &i.cgroup_version));
    daemon.cgroup_driver = a.text("CgroupDriver", info.within(|i| &i.cgroup_driver));
    daemon.warnings = a
        .texts("Warnings", info.within(|i| &i.warnings))
        .map(|all| all.iter().map(|warning| redacted::text(warning).0).collect());
}

/// Podman says so in every answer, and names itself among its components; an engine that names its
/// components otherwise is Docker's.
pub(crate) fn flavour(ping: &Ping, components: &Field<BTreeMap<String, String>>) -> Field<Flavour> {
    if ping.libpod.is_some() {
        let origin = Origin::api(&Arc::from("/_ping"), "Libpod-API-Version");
        return Field::known(Flavour::Podman, origin);
    }
    components.map(|all| match all.contains_key("Podman Engine") {
        true => Flavour::Podman,
        false => Flavour::Docker,
    })
}

/// The host of an engine that is elsewhere, as it tells of it. All else is unknown.
pub(crate) fn host(info: &Result<Info, Error>) -> Host {
    let mut host = Host { sight: Sight::Engine, ..Host::default() };
    if let Ok(info) = info {
        let a = Answered::new("/info");
        host.hostname = a.text("Name", info.name.as_ref());
        host.os = a.text("OperatingSystem", info.operating_system.as_ref());
        host.kernel = a.text("KernelVersion", info.kernel_version.as_ref());
        let memory = a.number("MemTotal", info.mem_total.as_ref());
        host.memory_bytes = memory.map(|bytes| u64::try_from(*bytes).unwrap_or(0));
    }
    host
}

/// `/version`'s, and `/info`'s where that one could not be read.
fn engine_version(info: &Lenient<Info>, version: &Lenient<Version>) -> Field<String> {
    let first = Answered::new("/version").text("Version", version.within(|v| &v.version));
    if first.get().is_some() {
        return first;
    }
    let second = Answered::new("/info").text("ServerVersion", info.within(|i| &i.server_version));
    if second.get().is_some() { second } else { first }
}

fn components(version: &Lenient<Version>) -> Field<BTreeMap<String, String>> {
    let pair = |one: &Component| -> Result<_, Odd> {
        Ok((text_part("Name", &one.name)?, text_part("Version", &one.version)?))
    };
    let all = version.within(|v| &v.components);
    Answered::new("/version").read("Components", all, "a list", |all| {
        let pairs: BTreeMap<_, _> = all.iter().map(pair).collect::<Result<_, _>>()?;
        Ok(Some(pairs).filter(|pairs| !pairs.is_empty()))
    })
}

fn runtimes(info: &Lenient<Info>) -> Field<BTreeMap<String, String>> {
    let pair = |(name, one): (&String, &Runtime)| -> Result<_, Odd> {
        Ok((name.clone(), text_part("path", &one.path)?))
    };
    let all = info.within(|i| &i.runtimes);
    Answered::new("/info").read("Runtimes", all, "an object", |all| {
        let pairs: BTreeMap<_, _> = all.iter().map(pair).collect::<Result<_, _>>()?;
        Ok(Some(pairs).filter(|pairs| !pairs.is_empty()))
    })
}

/// An option of the default bridge; absent where there is no such bridge.
fn bridge_option(networks: &Lenient<Vec<Network>>, option: &'static str) -> Field<String> {
    let is_default = |one: &&Network| one.name.known().is_some_and(|name| name == "bridge");
    let a = Answered::new(BRIDGE);
    a.read(option, networks.as_ref(), "a list", |all| {
        let Some(bridge) = all.iter().find(is_default) else { return Ok(None) };
        let options = crate::field::part("Options", &bridge.options)?;
        Ok(options.and_then(|all| all.get(option)).and_then(|text| filled(text)))
    })
}

fn yes_or_no(text: &Field<String>) -> Field<bool> {
    match text.get().map(|text| text.parse::<bool>()) {
        Some(Ok(on)) => text.map(|_| on),
        Some(Err(_)) => Field::unknown("it is neither true nor false", text.origin.clone()),
        None => text.map(|_| false),
    }
}

#[cfg(test)]
mod tests;
