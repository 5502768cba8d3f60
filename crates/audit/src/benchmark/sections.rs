//! Frameworks whose sections are about more than one check: which rules answer which section.
//!
//! A row stands here only where its section can be cited; what no rule answers is left out rather
//! than claimed. Titles are our own words.

use dockward_model::verdict::Recommendation;

/// A section, and the rules that answer it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Section {
    /// What it asks for.
    pub(super) asked: Recommendation,
    /// The rules, by id.
    pub(super) rules: &'static [&'static str],
}

const fn section(
    number: &'static str,
    title: &'static str,
    rules: &'static [&'static str],
) -> Section {
    Section { asked: Recommendation { number, title, level: None, manual: None }, rules }
}

/// NIST SP 800-190, "Application Container Security Guide" (September 2017), section 4:
/// countermeasures for major risks.
pub(super) const NIST: &[Section] = &[
    section("4.1.1", "images are scanned and made anew for fixes", &["image-scanned", "image-age"]),
    section(
        "4.1.2",
        "images are configured to run with few rights and no remote shell",
        &["image-root-user", "container-root-user", "container-ssh-server"],
    ),
    section(
        "4.1.4",
        "no secret is kept in an image",
        &["image-secret-in-env", "image-secret-in-history"],
    ),
    section(
        "4.1.5",
        "images come from trusted sources, and signatures are verified",
        &["image-trusted-source", "image-digest-pinned", "image-signature-verification"],
    ),
    section("4.2.1", "registries are spoken to over verified TLS", &["daemon-insecure-registries"]),
    section("4.2.2", "containers run the newest of their images", &["container-image-stale"]),
    section(
        "4.3.1",
        "few may administer the engine, and only what they need",
        &["host-docker-group", "daemon-authorization-plugin", "daemon-socket-mode"],
    ),
    section(
        "4.3.2",
        "who administers it over the network is known",
        &["daemon-tcp-without-client-certificates"],
    ),
    section("4.3.3", "containers' networks are apart", &["daemon-icc", "container-default-bridge"]),
    section(
        "4.3.5",
        "nodes join and stay only with keys and certificates that are changed",
        &["swarm-autolock", "swarm-certificate-expiry", "swarm-ca-rotation"],
    ),
    section(
        "4.4.2",
        "containers reach and are reached by what they need alone",
        &[
            "container-ports-all-interfaces",
            "container-ports-bypass-firewall",
            "container-host-network",
        ],
    ),
    section(
        "4.4.3",
        "containers run confined: few capabilities, filters, no host namespaces",
        &[
            "container-privileged",
            "container-capabilities",
            "container-seccomp",
            "container-apparmor",
            "container-selinux",
            "container-no-new-privileges",
            "container-engine-socket",
            "container-host-pid",
            "container-host-ipc",
        ],
    ),
    section(
        "4.4.4",
        "an application can't change its own container",
        &["container-read-only-root"],
    ),
    section("4.5.4", "only few users of the host control containers", &["host-docker-group"]),
    section(
        "4.5.5",
        "containers can't write to the host's files",
        &["container-sensitive-mount", "container-host-root-mount"],
    ),
];

/// BSI IT-Grundschutz-Kompendium, Edition 2023, Baustein SYS.1.6 "Containerisierung".
pub(super) const BSI: &[Section] = &[
    section(
        "SYS.1.6.A6",
        "images are taken from trusted sources and kept new",
        &["image-trusted-source", "image-age", "container-image-stale"],
    ),
    section(
        "SYS.1.6.A7",
        "logs are kept outside of the containers",
        &["daemon-remote-logging", "container-log-driver"],
    ),
    section(
        "SYS.1.6.A8",
        "credentials are kept where only those who need them read them",
        &[
            "container-secret-in-env",
            "container-secret-in-labels",
            "container-secret-in-argv",
            "image-secret-in-env",
            "image-secret-in-history",
        ],
    ),
    section(
        "SYS.1.6.A12",
        "images are distributed so that what runs is what was released",
        &["image-digest-pinned", "image-signature-verification", "daemon-insecure-registries"],
    ),
    section(
        "SYS.1.6.A14",
        "running containers are made anew from new images",
        &["container-image-stale"],
    ),
    section(
        "SYS.1.6.A15",
        "what each container may use up is limited",
        &[
            "container-memory-limit",
            "container-cpu-limit",
            "container-pids-limit",
            "container-io-limit",
        ],
    ),
    section(
        "SYS.1.6.A16",
        "no remote access into containers, or from them to the host",
        &["container-ssh-server", "container-engine-socket"],
    ),
    section(
        "SYS.1.6.A17",
        "engine and containers run without privileges",
        &["container-privileged", "container-capabilities", "daemon-rootless"],
    ),
    section(
        "SYS.1.6.A18",
        "applications' accounts have no rights on the host",
        &["container-root-user", "container-host-userns"],
    ),
    section(
        "SYS.1.6.A19",
        "only the storage that is needed is mounted",
        &["container-sensitive-mount", "container-host-root-mount", "container-volumes-writable"],
    ),
    section(
        "SYS.1.6.A21",
        "containers are confined by further policies",
        &[
            "container-seccomp",
            "container-apparmor",
            "container-selinux",
            "container-no-new-privileges",
        ],
    ),
    section("SYS.1.6.A23", "containers can't change themselves", &["container-read-only-root"]),
    section(
        "SYS.1.6.A26",
        "containers with high needs are isolated further",
        &["container-runtime"],
    ),
];

/// PCI DSS 4.0.1: the requirements that a container host answers by itself.
pub(super) const PCI: &[Section] = &[
    section(
        "2.2.4",
        "only the services that are needed run",
        &["container-ssh-server", "swarm-active"],
    ),
    section(
        "2.2.7",
        "administration over the network is encrypted",
        &["daemon-tcp-without-client-certificates"],
    ),
    section(
        "8.6.2",
        "passwords of applications stand in no file of settings",
        &["container-secret-in-env", "image-secret-in-env", "image-secret-in-history"],
    ),
];
