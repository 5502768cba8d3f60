//! The recommendations of the CIS Docker Benchmark, by number, in our own words.
//!
//! Numbers, levels and kinds are facts, taken from secondary sources: the benchmark's text is not
//! free, and none of it is here.

use dockward_model::verdict::Recommendation;

/// A recommendation under both of its numbers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cis {
    /// Its number in 1.6 and 1.7; absent where 1.8 put it in.
    old: Option<&'static str>,
    /// As 1.8 has it.
    new: Recommendation,
}

const MANUAL: bool = true;
const AUTOMATED: bool = false;

const fn cis(
    old: Option<&'static str>,
    number: &'static str,
    level: u8,
    manual: bool,
    title: &'static str,
) -> Cis {
    let new = Recommendation { number, title, level: Some(level), manual: Some(manual) };
    Cis { old, new }
}

impl Cis {
    /// As 1.8 numbers it.
    pub(super) const fn newest(&self) -> Recommendation {
        self.new
    }

    /// As 1.6 and 1.7 number it.
    pub(super) fn older(&self) -> Option<Recommendation> {
        self.old.map(|number| Recommendation { number, ..self.new })
    }
}

/// The 118 recommendations of 1.8, in its order.
#[rustfmt::skip]
pub(super) const CIS: &[Cis] = &[
    cis(Some("1.1.1"), "1.1.1", 1, MANUAL, "containers' data lies on a file system of its own"),
    cis(Some("1.1.2"), "1.1.2", 1, MANUAL, "whoever may use the engine's socket is trusted with root"),
    cis(Some("1.1.3"), "1.1.3", 1, AUTOMATED, "runs of and changes to dockerd are audited"),
    cis(Some("1.1.4"), "1.1.4", 1, MANUAL, "/run/containerd is audited"),
    cis(Some("1.1.5"), "1.1.5", 1, MANUAL, "the data root is audited"),
    cis(Some("1.1.6"), "1.1.6", 1, AUTOMATED, "/etc/docker is audited"),
    cis(Some("1.1.7"), "1.1.7", 2, AUTOMATED, "docker.service is audited"),
    cis(Some("1.1.8"), "1.1.8", 2, AUTOMATED, "containerd's socket is audited"),
    cis(Some("1.1.9"), "1.1.9", 2, AUTOMATED, "docker.socket is audited"),
    cis(Some("1.1.10"), "1.1.10", 2, AUTOMATED, "/etc/default/docker is audited"),
    cis(Some("1.1.11"), "1.1.11", 2, AUTOMATED, "daemon.json is audited"),
    cis(Some("1.1.12"), "1.1.12", 2, AUTOMATED, "containerd's config.toml is audited"),
    cis(Some("1.1.13"), "1.1.13", 2, AUTOMATED, "/etc/sysconfig/docker is audited"),
    cis(Some("1.1.14"), "1.1.14", 2, AUTOMATED, "containerd is audited"),
    cis(Some("1.1.15"), "1.1.15", 2, AUTOMATED, "containerd-shim is audited"),
    cis(Some("1.1.16"), "1.1.16", 2, MANUAL, "containerd-shim-runc-v1 is audited"),
    cis(Some("1.1.17"), "1.1.17", 2, AUTOMATED, "containerd-shim-runc-v2 is audited"),
    cis(Some("1.1.18"), "1.1.18", 2, AUTOMATED, "runc is audited"),
    cis(Some("1.2.1"), "1.2.1", 1, MANUAL, "the host itself is hardened"),
    cis(Some("1.2.2"), "1.2.2", 1, MANUAL, "the engine's version still gets fixes and has none missing"),
    cis(Some("2.1"), "2.1", 1, MANUAL, "the engine runs without root where it can"),
    cis(Some("2.2"), "2.2", 1, MANUAL, "containers on the default bridge can't reach each other"),
    cis(Some("2.3"), "2.3", 1, MANUAL, "the engine logs at level info"),
    cis(Some("2.4"), "2.4", 1, MANUAL, "the engine may write its firewall rules"),
    cis(Some("2.5"), "2.5", 1, MANUAL, "every registry is spoken to over verified TLS"),
    cis(Some("2.6"), "2.6", 1, MANUAL, "the storage driver is not aufs"),
    cis(None, "2.7", 1, MANUAL, "the storage driver is not devicemapper"),
    cis(Some("2.7"), "2.8", 1, MANUAL, "the engine's TCP ports ask for client certificates"),
    cis(Some("2.8"), "2.9", 1, MANUAL, "default limits on open files and processes are set"),
    cis(Some("2.9"), "2.10", 2, MANUAL, "root in containers is not root on the host"),
    cis(Some("2.10"), "2.11", 2, MANUAL, "containers' cgroups hang where they are meant to"),
    cis(Some("2.11"), "2.12", 2, MANUAL, "the base device's size is as it was"),
    cis(Some("2.12"), "2.13", 2, MANUAL, "an authorization plugin judges requests"),
    cis(Some("2.13"), "2.14", 2, MANUAL, "containers' logs leave the host"),
    cis(Some("2.14"), "2.15", 1, MANUAL, "containers can't gain privileges unless told so"),
    cis(Some("2.15"), "2.16", 1, MANUAL, "containers outlive a restart of the engine"),
    cis(Some("2.16"), "2.17", 1, MANUAL, "published ports need no proxy process"),
    cis(Some("2.17"), "2.18", 2, MANUAL, "a seccomp profile filters every container"),
    cis(Some("2.18"), "2.19", 1, MANUAL, "experimental features are off"),
    cis(Some("3.1"), "3.1", 1, AUTOMATED, "docker.service belongs to root"),
    cis(Some("3.2"), "3.2", 1, AUTOMATED, "only root may write to docker.service"),
    cis(Some("3.3"), "3.3", 1, AUTOMATED, "docker.socket's unit belongs to root"),
    cis(Some("3.4"), "3.4", 1, AUTOMATED, "only root may write to docker.socket's unit"),
    cis(Some("3.5"), "3.5", 1, AUTOMATED, "/etc/docker belongs to root"),
    cis(Some("3.6"), "3.6", 1, AUTOMATED, "only root may write to /etc/docker"),
    cis(Some("3.7"), "3.7", 1, MANUAL, "registries' certificates belong to root"),
    cis(Some("3.8"), "3.8", 1, MANUAL, "nobody may write to registries' certificates"),
    cis(Some("3.9"), "3.9", 1, MANUAL, "the TLS authority's certificate belongs to root"),
    cis(Some("3.10"), "3.10", 1, MANUAL, "nobody may write to the TLS authority's certificate"),
    cis(Some("3.11"), "3.11", 1, MANUAL, "the engine's certificate belongs to root"),
    cis(Some("3.12"), "3.12", 1, MANUAL, "nobody may write to the engine's certificate"),
    cis(Some("3.13"), "3.13", 1, MANUAL, "the engine's key belongs to root"),
    cis(Some("3.14"), "3.14", 1, MANUAL, "only root may read the engine's key"),
    cis(Some("3.15"), "3.15", 1, AUTOMATED, "the engine's socket belongs to root and its group"),
    cis(Some("3.16"), "3.16", 1, AUTOMATED, "only root and its group may use the engine's socket"),
    cis(Some("3.17"), "3.17", 2, MANUAL, "daemon.json belongs to root"),
    cis(Some("3.18"), "3.18", 2, MANUAL, "only root may write to daemon.json"),
    cis(Some("3.19"), "3.19", 2, MANUAL, "/etc/default/docker belongs to root"),
    cis(Some("3.20"), "3.20", 2, MANUAL, "only root may write to /etc/default/docker"),
    cis(Some("3.21"), "3.21", 2, MANUAL, "only root may write to /etc/sysconfig/docker"),
    cis(Some("3.22"), "3.22", 2, MANUAL, "/etc/sysconfig/docker belongs to root"),
    cis(Some("3.23"), "3.23", 1, AUTOMATED, "containerd's socket belongs to root"),
    cis(Some("3.24"), "3.24", 1, AUTOMATED, "only root may use containerd's socket"),
    cis(Some("4.1"), "4.1", 1, MANUAL, "images and containers have a user of their own"),
    cis(Some("4.2"), "4.2", 1, MANUAL, "images come from where you trust"),
    cis(Some("4.3"), "4.3", 1, MANUAL, "images hold no packages without use"),
    cis(Some("4.4"), "4.4", 1, MANUAL, "images are scanned, and rebuilt for fixes"),
    cis(Some("4.5"), "4.5", 2, MANUAL, "images are what their publisher signed"),
    cis(Some("4.6"), "4.6", 1, MANUAL, "images say how their health is checked"),
    cis(Some("4.7"), "4.7", 1, MANUAL, "package lists are not updated in a step of their own"),
    cis(Some("4.8"), "4.8", 2, MANUAL, "images hold no set-user-id programs without need"),
    cis(Some("4.9"), "4.9", 1, MANUAL, "files get into images by COPY, not ADD"),
    cis(Some("4.10"), "4.10", 1, MANUAL, "no secret stands in an image's making"),
    cis(Some("4.11"), "4.11", 2, MANUAL, "packages are verified when they are installed"),
    cis(Some("4.12"), "4.12", 1, MANUAL, "signatures are verified before images run"),
    cis(Some("5.1"), "5.1", 1, MANUAL, "swarm mode is off where nobody uses it"),
    cis(Some("5.2"), "5.2", 1, MANUAL, "an AppArmor profile confines each container"),
    cis(Some("5.3"), "5.3", 2, MANUAL, "SELinux confines each container"),
    cis(Some("5.4"), "5.4", 1, MANUAL, "containers have the capabilities that they need"),
    cis(Some("5.5"), "5.5", 1, MANUAL, "no container is privileged"),
    cis(Some("5.6"), "5.6", 1, MANUAL, "no folder of the host that matters is mounted"),
    cis(Some("5.7"), "5.7", 1, MANUAL, "no SSH server runs in a container"),
    cis(Some("5.8"), "5.8", 1, MANUAL, "no port below 1024 is published"),
    cis(Some("5.9"), "5.9", 1, MANUAL, "only ports that are needed are published"),
    cis(Some("5.10"), "5.10", 1, MANUAL, "no container is on the host's network"),
    cis(Some("5.11"), "5.11", 1, MANUAL, "containers' memory is limited"),
    cis(Some("5.12"), "5.12", 1, MANUAL, "containers' share of the processors is set"),
    cis(Some("5.13"), "5.13", 1, MANUAL, "containers' root file systems are read-only"),
    cis(Some("5.14"), "5.14", 1, MANUAL, "ports are published on one address, not on all"),
    cis(Some("5.15"), "5.15", 1, MANUAL, "failing containers are restarted at most five times"),
    cis(Some("5.16"), "5.16", 1, MANUAL, "no container sees the host's processes"),
    cis(Some("5.17"), "5.17", 1, MANUAL, "no container shares the host's IPC"),
    cis(Some("5.18"), "5.18", 1, MANUAL, "no container has devices of the host"),
    cis(Some("5.19"), "5.19", 1, MANUAL, "limits on open files and processes are set where needed"),
    cis(Some("5.20"), "5.20", 1, MANUAL, "no mount of a container is shared back to the host"),
    cis(Some("5.21"), "5.21", 1, MANUAL, "no container shares the host's name"),
    cis(Some("5.22"), "5.22", 1, MANUAL, "system calls are filtered in each container"),
    cis(Some("5.23"), "5.23", 2, MANUAL, "nothing is started in a container with all privileges"),
    cis(Some("5.24"), "5.24", 2, MANUAL, "nothing is started in a container as root"),
    cis(Some("5.25"), "5.25", 1, MANUAL, "each container's cgroup is where it is meant to be"),
    cis(Some("5.26"), "5.26", 1, MANUAL, "containers can't gain privileges"),
    cis(Some("5.27"), "5.27", 1, MANUAL, "containers' health is checked"),
    cis(Some("5.28"), "5.28", 1, MANUAL, "containers run the newest of their images"),
    cis(Some("5.29"), "5.29", 1, MANUAL, "containers' processes are limited in number"),
    cis(Some("5.30"), "5.30", 2, MANUAL, "no container is on the default bridge"),
    cis(Some("5.31"), "5.31", 1, MANUAL, "no container shares the host's user namespace"),
    cis(Some("5.32"), "5.32", 1, MANUAL, "no container reaches the engine's socket"),
    cis(Some("6.1"), "6.1", 1, MANUAL, "no images lie about unused"),
    cis(Some("6.2"), "6.2", 1, MANUAL, "no containers lie about stopped"),
    cis(Some("7.1"), "7.1", 1, MANUAL, "there are as many managers as needed, and no more"),
    cis(Some("7.2"), "7.2", 1, MANUAL, "swarm's ports are bound to one address"),
    cis(Some("7.3"), "7.3", 1, MANUAL, "overlay networks are encrypted"),
    cis(Some("7.4"), "7.4", 1, MANUAL, "services get secrets as secrets"),
    cis(Some("7.5"), "7.5", 1, MANUAL, "managers ask for a key after a restart"),
    cis(Some("7.6"), "7.6", 1, MANUAL, "the managers' key is changed now and then"),
    cis(Some("7.7"), "7.7", 1, MANUAL, "nodes' certificates are short-lived"),
    cis(Some("7.8"), "7.8", 1, MANUAL, "the swarm's authority is changed now and then"),
    cis(Some("7.9"), "7.9", 1, MANUAL, "the swarm's management and its data go different ways"),
];
