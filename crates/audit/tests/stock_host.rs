//! A stock engine on a plain Debian: what it must and what it must not be told.

use std::sync::Arc;

use dockward_audit::{Expectations, evaluate};
use dockward_model::facts::{
    AuditRules, AuditSwitch, CgroupLayout, DaemonProcess, Engine, Fact, Field, FileFacts, Group,
    HeldBy, KernelPackage, Listener, ListenerAuth, Manager, Origin, Owner, Package, PacketFilter,
    Partition, Programs, RealPath, Snapshot, Unit, User, sample,
};
use dockward_model::verdict::{Severity, Status};

fn file(path: &str, mode: u32, gid: u32) -> (String, Field<FileFacts>) {
    let modified = Some(jiff::Timestamp::UNIX_EPOCH);
    let facts = FileFacts { mode, uid: 0, gid, node: "file".into(), modified };
    (path.to_owned(), Field::known(facts, Origin::file(path, None)))
}

fn absent(path: &str) -> (String, Field<FileFacts>) {
    (path.to_owned(), Field::absent(Origin::file(path, None)))
}

const UNITS: [&str; 3] = ["containerd.service", "docker.service", "docker.socket"];

/// All above what is looked at.
const FOLDERS: [&str; 11] = [
    "/",
    "/etc",
    "/etc/default",
    "/etc/systemd",
    "/etc/systemd/system",
    "/usr",
    "/usr/bin",
    "/usr/lib",
    "/usr/lib/systemd",
    "/usr/lib/systemd/system",
    "/usr/sbin",
];

fn fragment(name: &str) -> String {
    format!("/usr/lib/systemd/system/{name}")
}

fn unit(name: &str) -> Field<Unit> {
    let folders = vec!["/etc/systemd/system".into(), "/usr/lib/systemd/system".into()];
    let unit = Unit { fragment: fragment(name), folders, ..Unit::default() };
    Field::known(unit, Origin::file(fragment(name), None))
}

/// The kernel has no rule, and there is no auditd.
fn no_auditd() -> AuditRules {
    let kernel = || Origin::kernel("the kernel's audit", "");
    let place = |path: &str, node: &str| {
        let place = RealPath { path: path.into(), node: node.into() };
        (path.to_owned(), Field::known(place, Origin::file(path, None)))
    };
    let none = |path: &str| (path.to_owned(), Field::absent(Origin::file(path, None)));
    AuditRules {
        switch: Field::known(AuditSwitch::On, kernel()),
        loaded: Field::known(Vec::new(), kernel()),
        written: Field::absent(Origin::file("/etc/audit/audit.rules", None)),
        paths: [
            place("/usr/sbin/dockerd", "file"),
            place("/usr/bin/containerd", "file"),
            place("/usr/bin/containerd-shim-runc-v2", "file"),
            place("/usr/sbin/runc", "file"),
            none("/usr/bin/containerd-shim"),
            none("/usr/bin/containerd-shim-runc-v1"),
            place("/usr/lib/systemd/system/docker.service", "file"),
            place("/usr/lib/systemd/system/docker.socket", "file"),
            place("/etc/docker", "dir"),
            place("/etc/default/docker", "file"),
            none("/etc/sysconfig/docker"),
            none("/etc/containerd/config.toml"),
            place("/run/containerd", "dir"),
            place("/run/containerd/containerd.sock", "socket"),
            place("/run/docker.sock", "socket"),
            place("/var/lib/docker", "dir"),
        ]
        .into(),
    }
}

/// Everything lies on one file system.
fn one_disk() -> Partition {
    let held = |path: &str| HeldBy {
        path: path.into(),
        mounted_at: "/".into(),
        root: "/".into(),
        device: "8:1".into(),
        fs_type: "ext4".into(),
        source: "/dev/sda1".into(),
    };
    Partition { data_root: held("/var/lib/docker"), system: vec![held("/"), held("/var")] }
}

fn package(name: &str, version: &str) -> Field<Owner> {
    let package = Package {
        manager: Manager::Dpkg,
        name: name.into(),
        version: version.into(),
        source_version: None,
        changes: Field::absent(Origin::Nowhere),
    };
    sample::known(Owner::Package(package), "status")
}

fn programs() -> Programs {
    let containerd = package("containerd.io", "2.3.4-1~debian.12~bookworm");
    Programs {
        engine: package("docker-ce", "5:29.7.2-1~debian.12~bookworm"),
        runc: containerd.clone(),
        containerd,
        distribution: sample::absent("os-release"),
    }
}

fn stock_engine() -> Engine {
    let nothing = Origin::default_of("nothing");
    let mut engine = Engine { daemon: sample::daemon(), ..Engine::default() };
    let process = DaemonProcess {
        pid: 812,
        uid: 0,
        exe: "/usr/sbin/dockerd".into(),
        started: Some(jiff::Timestamp::UNIX_EPOCH),
    };
    let listener = Listener {
        address: "fd://".into(),
        authentication: ListenerAuth::FileMode,
        origin: Origin::Argv { pid: 812, flag: "-H".into() },
    };
    let daemon = &mut engine.daemon;
    daemon.partition = sample::known(one_disk(), "mountinfo");
    daemon.process = sample::known(process, "exe");
    daemon.service = sample::known("docker.service".into(), "cgroup");
    daemon.version = sample::known("29.7.2".into(), "Version");
    let parts = [("containerd", "v2.3.4"), ("runc", "1.4.3")];
    let parts = parts.map(|(name, version)| (name.to_owned(), version.to_owned()));
    daemon.components = sample::known(parts.into(), "Components");
    daemon.programs = programs();
    daemon.packet_filter = sample::known(sample::firewall::docker(), "nf_tables");
    daemon.listeners = sample::known(vec![listener], "listeners");
    daemon.config = Fact::Known([].into());
    daemon.config_file = sample::absent("daemon.json");
    let filter = PacketFilter { forwards: Fact::Known(true), ..PacketFilter::default() };
    daemon.packet_filter = sample::known(filter, "nft");
    daemon.icc = sample::known(true, "enable_icc");
    daemon.default_binding = sample::known("0.0.0.0".into(), "host_binding_ipv4");
    daemon.runtimes = sample::known([("runc".into(), "runc".into())].into(), "Runtimes");
    engine.containers_listed = Field::known(true, nothing.clone());
    engine.images = Field::known(Vec::new(), nothing.clone());
    engine.networks = Field::known(Vec::new(), nothing.clone());
    engine.volumes = Field::known(Vec::new(), nothing.clone());
    engine.plugins = Field::known(Vec::new(), nothing);
    engine.swarm.state = sample::known("inactive".into(), "Swarm");
    engine
}

fn stock_host() -> Snapshot {
    let mut host = sample::host();
    let group = |name: &str, gid, line| Group { name: name.into(), gid, members: vec![], line };
    let root = User { name: "root".into(), uid: 0, gid: 0, shell: "/bin/bash".into() };
    host.groups = sample::known(vec![group("root", 0, 1), group("docker", 998, 50)], "group");
    host.users = sample::known(vec![root], "passwd");
    host.kernel = sample::known("6.1.0-40-amd64".into(), "osrelease");
    host.kernel_owner = package("linux-image-6.1.0-40-amd64", "6.1.180-1");
    host.kernel_build = sample::known("6.1.180-1".into(), "/proc/version");
    let newest = KernelPackage {
        manager: Manager::Dpkg,
        name: "linux-image-6.1.0-40-amd64".into(),
        version: "6.1.180-1".into(),
        architecture: "amd64".into(),
        origin: Origin::file("/var/lib/dpkg/status", None),
    };
    host.kernel_packages = sample::known(vec![newest], "status");
    host.cgroups = sample::known(CgroupLayout::V2, "cgroup");
    host.audit = no_auditd();
    host.listening = sample::known(Vec::new(), "net");
    host.listeners = sample::known([].into(), "fd");
    host.files = [
        file("/run/docker.sock", 0o660, 998),
        file("/run/containerd/containerd.sock", 0o660, 0),
        absent("/run/docker/containerd/containerd.sock"),
        file("/etc/docker", 0o755, 0),
        file("/var/lib/docker", 0o710, 0),
        file("/etc/default/docker", 0o644, 0),
        absent("/etc/sysconfig/docker"),
        absent("/usr/bin/dockerd"),
        file("/usr/sbin/dockerd", 0o755, 0),
        file("/usr/bin/containerd", 0o755, 0),
        absent("/usr/bin/runc"),
        file("/usr/sbin/runc", 0o755, 0),
    ]
    .into();
    host.files.extend(FOLDERS.map(|path| file(path, 0o755, 0)));
    host.files.extend(UNITS.map(|name| file(&fragment(name), 0o644, 0)));
    let certificates = "/etc/docker/certs.d";
    let none = Field::absent(Origin::file(certificates, None));
    host.registry_files = [(certificates.to_owned(), none)].into();
    host.units = UNITS.map(|name| (name.to_owned(), unit(name))).into();
    for name in ["podman.service", "podman.socket", "snap.docker.dockerd.service"] {
        host.units.insert(name.into(), Field::absent(Origin::file(name, None)));
    }
    // Debian 12 as installed.
    host.sysctls = [
        ("kernel.kptr_restrict", "0"),
        ("kernel.dmesg_restrict", "1"),
        ("kernel.randomize_va_space", "2"),
        ("kernel.yama.ptrace_scope", "0"),
        ("kernel.unprivileged_bpf_disabled", "2"),
        ("kernel.core_pattern", "core"),
        ("fs.protected_symlinks", "1"),
        ("fs.protected_hardlinks", "1"),
        ("fs.protected_fifos", "1"),
        ("fs.protected_regular", "2"),
        ("fs.suid_dumpable", "0"),
        ("net.ipv4.conf.all.route_localnet", "0"),
    ]
    .map(|(name, value)| {
        let origin = Origin::kernel(Arc::from(name), "");
        (name.to_owned(), Field::known(value.to_owned(), origin))
    })
    .into();
    Snapshot {
        version: Snapshot::VERSION,
        now: jiff::Timestamp::UNIX_EPOCH,
        host,
        engines: vec![stock_engine()],
        unseen: Vec::new(),
    }
}

#[test]
fn it_is_told_a_few_things_and_nothing_alarming() {
    let audit = evaluate(&stock_host(), &Expectations::default(), &|_| true);
    let told: Vec<_> = audit
        .findings
        .iter()
        .map(|finding| (finding.status, finding.severity, finding.rule.as_str()))
        .collect();
    let expected = [
        (Status::Fail, Severity::Medium, "daemon-userns-remap"),
        (Status::Fail, Severity::Low, "daemon-authorization-plugin"),
        (Status::Fail, Severity::Low, "daemon-icc"),
        (Status::Fail, Severity::Low, "daemon-live-restore"),
        (Status::Fail, Severity::Low, "daemon-no-new-privileges"),
        (Status::Fail, Severity::Low, "daemon-remote-logging"),
        (Status::Fail, Severity::Low, "daemon-userland-proxy"),
        (Status::Fail, Severity::Low, "host-core-pattern"),
        (Status::Fail, Severity::Low, "host-data-root-partition"),
        (Status::Fail, Severity::Low, "host-kernel-hardening"),
        (Status::Fail, Severity::Info, "daemon-build-entitlements"),
        (Status::Fail, Severity::Info, "daemon-default-address"),
        (Status::Fail, Severity::Info, "daemon-default-ulimits"),
        (Status::Review, Severity::Low, "daemon-rootless"),
        (Status::Review, Severity::Low, "host-hardening"),
    ];
    let (audit_rules, told): (Vec<_>, Vec<_>) =
        told.into_iter().partition(|(_, _, rule)| rule.starts_with("host-audit-"));
    assert_eq!(audit_rules.len(), 11, "one for each file that exists: {audit_rules:?}");
    assert!(audit_rules.iter().all(|one| (one.0, one.1) == (Status::Fail, Severity::Low)));
    for told in &told {
        assert!(expected.contains(told), "not expected: {told:?}\n{:#?}", audit.findings);
    }
    assert_eq!(told.len(), expected.len(), "{told:?}");
}

#[test]
fn whoever_sees_nothing_passes_nothing_that_had_to_be_seen() {
    let blind = Snapshot {
        host: dockward_model::facts::Host::default(),
        engines: vec![Engine::default()],
        ..stock_host()
    };
    let audit = evaluate(&blind, &Expectations::default(), &|_| true);
    let passed: Vec<_> =
        audit.counts.iter().filter(|(_, c)| c.pass > 0).map(|(id, _)| id).collect();
    assert!(passed.is_empty(), "passed without a look: {passed:?}");
    assert!(audit.findings.iter().all(|finding| finding.status == Status::Unknown));
}
