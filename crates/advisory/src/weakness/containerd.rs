//! containerd, as an engine uses it.
//!
//! Left out: what only its Kubernetes interface (CRI) has. Docker does not use that one, and its own
//! packages switch it off; a host that serves Kubernetes as well has more to look at.

use dockward_model::verdict::Severity;

use super::Weakness;

pub(super) const WEAKNESSES: &[Weakness] = &[
    Weakness {
        id: "CVE-2024-25621",
        severity: Severity::High,
        since: "",
        fixed: &["1.7.29", "2.0.7", "2.1.5", "2.2.0"],
        gives: "files of containers and of containerd for users of the host",
        escapes_from: None,
        url: "https://github.com/containerd/containerd/security/advisories/GHSA-pwhc-rpq9-4c8w",
    },
    Weakness {
        id: "CVE-2025-47290",
        severity: Severity::High,
        since: "2.1.0",
        fixed: &["2.1.1"],
        gives: "files of the host for an image that is pulled",
        escapes_from: None,
        url: "https://github.com/containerd/containerd/security/advisories/GHSA-cm76-qm8v-3j95",
    },
    Weakness {
        id: "CVE-2024-40635",
        severity: Severity::Medium,
        since: "",
        fixed: &["1.6.38", "1.7.27", "2.0.4"],
        gives: "root in the container for an image whose user is a number beyond what fits",
        escapes_from: None,
        url: "https://github.com/containerd/containerd/security/advisories/GHSA-265r-hfxg-fhmg",
    },
    Weakness {
        id: "GHSA-7ww5-4wqc-m92c",
        severity: Severity::Low,
        since: "",
        fixed: &["1.6.26", "1.7.11"],
        gives: "power readings that give secrets of other containers away",
        escapes_from: None,
        url: "https://github.com/containerd/containerd/security/advisories/GHSA-7ww5-4wqc-m92c",
    },
    Weakness {
        id: "CVE-2023-25173",
        severity: Severity::Medium,
        since: "",
        fixed: &["1.5.18", "1.6.18"],
        gives: "files that only a group may read for a process that should have left it",
        escapes_from: None,
        url: "https://github.com/containerd/containerd/security/advisories/GHSA-hmfx-3pcx-653p",
    },
    Weakness {
        id: "CVE-2023-25153",
        severity: Severity::Medium,
        since: "",
        fixed: &["1.5.18", "1.6.18"],
        gives: "all memory of the host for an image that is imported",
        escapes_from: None,
        url: "https://github.com/containerd/containerd/security/advisories/GHSA-259w-8hf6-59c2",
    },
    Weakness {
        id: "GHSA-c9cp-9c75-9v8c",
        severity: Severity::Medium,
        since: "",
        fixed: &["1.5.11", "1.6.2"],
        gives: "capabilities of the container for programs in it that have them as file capabilities",
        escapes_from: None,
        url: "https://github.com/containerd/containerd/security/advisories/GHSA-c9cp-9c75-9v8c",
    },
    Weakness {
        id: "GHSA-5j5w-g665-5m35",
        severity: Severity::Low,
        since: "",
        fixed: &["1.4.12", "1.5.8"],
        gives: "another image behind one digest, for a registry",
        escapes_from: None,
        url: "https://github.com/containerd/containerd/security/advisories/GHSA-5j5w-g665-5m35",
    },
    Weakness {
        id: "CVE-2021-41103",
        severity: Severity::Medium,
        since: "",
        fixed: &["1.4.11", "1.5.7"],
        gives: "files of containers, setuid programs among them, for users of the host",
        escapes_from: None,
        url: "https://github.com/containerd/containerd/security/advisories/GHSA-c2h3-6mxw-7mvq",
    },
    Weakness {
        id: "CVE-2021-32760",
        severity: Severity::Medium,
        since: "",
        fixed: &["1.4.8", "1.5.4"],
        gives: "wider modes on files of the host for an image that is unpacked",
        escapes_from: None,
        url: "https://github.com/containerd/containerd/security/advisories/GHSA-c72p-9xmj-rx3w",
    },
    Weakness {
        id: "CVE-2020-15257",
        severity: Severity::Medium,
        since: "",
        fixed: &["1.3.9", "1.4.3"],
        gives: "root on the host for root in a container on the host's network",
        escapes_from: None,
        url: "https://github.com/containerd/containerd/security/advisories/GHSA-36xw-fx78-c5r4",
    },
    Weakness {
        id: "CVE-2020-15157",
        severity: Severity::Medium,
        since: "",
        fixed: &["1.2.14"],
        gives: "the login of a registry for another server that an image names",
        escapes_from: None,
        url: "https://github.com/containerd/containerd/security/advisories/GHSA-742w-89gc-8m9c",
    },
];
