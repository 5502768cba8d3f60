//! The kernel: ways out of containers that are known to work.
//!
//! A kernel has many more weaknesses, and nobody keeps count of which of them lead out of a
//! container. These few were shown to, or are used in attacks; without them a kernel is not proved
//! sound, only not known to be open.

use dockward_model::verdict::{Foothold, Severity};

use super::Weakness;

pub(super) const WEAKNESSES: &[Weakness] = &[
    Weakness {
        id: "CVE-2026-46300",
        severity: Severity::High,
        since: "3.9",
        fixed: &[
            "5.10.257", "5.15.208", "6.1.174", "6.6.141", "6.12.91", "6.18.33", "7.0.10", "7.1",
        ],
        gives: "writes to files that can only be read, and so root on the host, for who may set up a network namespace",
        escapes_from: None,
        url: "https://nvd.nist.gov/vuln/detail/CVE-2026-46300",
    },
    Weakness {
        id: "CVE-2026-43284",
        severity: Severity::High,
        since: "4.11",
        fixed: &[
            "5.10.255", "5.15.206", "6.1.172", "6.6.138", "6.12.87", "6.18.28", "7.0.5", "7.1",
        ],
        gives: "writes to files that can only be read, and so root on the host, for who may set up a network namespace",
        escapes_from: None,
        url: "https://nvd.nist.gov/vuln/detail/CVE-2026-43284",
    },
    Weakness {
        id: "CVE-2026-31431",
        severity: Severity::High,
        since: "4.14",
        fixed: &[
            "5.10.254", "5.15.204", "6.1.170", "6.6.137", "6.12.85", "6.18.22", "6.19.12", "7.0",
        ],
        gives: "writes to files that can only be read, for any process that may open a socket of the kernel's crypto API",
        escapes_from: Some(Foothold::InContainer),
        url: "https://nvd.nist.gov/vuln/detail/CVE-2026-31431",
    },
    Weakness {
        id: "CVE-2024-1086",
        severity: Severity::High,
        since: "3.15",
        fixed: &["4.19.307", "5.4.269", "5.10.210", "5.15.149", "6.1.76", "6.6.15", "6.7.3", "6.8"],
        gives: "root on the host for a container with NET_ADMIN, or where containers may make user namespaces",
        escapes_from: None,
        url: "https://nvd.nist.gov/vuln/detail/CVE-2024-1086",
    },
    Weakness {
        id: "CVE-2022-0847",
        severity: Severity::High,
        since: "5.8",
        fixed: &["5.10.102", "5.15.25", "5.16.11", "5.17"],
        gives: "writes to files that can only be read, those of the image and of read-only mounts among them",
        escapes_from: Some(Foothold::InContainer),
        url: "https://nvd.nist.gov/vuln/detail/CVE-2022-0847",
    },
    Weakness {
        id: "CVE-2022-0492",
        severity: Severity::High,
        since: "2.6.24",
        fixed: &[
            "4.9.301", "4.14.266", "4.19.229", "5.4.177", "5.10.97", "5.15.20", "5.16.6", "5.17",
        ],
        gives: "root on the host for root in a container without AppArmor, SELinux and seccomp",
        escapes_from: None,
        url: "https://nvd.nist.gov/vuln/detail/CVE-2022-0492",
    },
    Weakness {
        id: "CVE-2022-0185",
        severity: Severity::High,
        since: "5.1",
        fixed: &["5.4.173", "5.10.93", "5.15.16", "5.16.2", "5.17"],
        gives: "root on the host for a container with SYS_ADMIN, or where containers may make user namespaces",
        escapes_from: None,
        url: "https://nvd.nist.gov/vuln/detail/CVE-2022-0185",
    },
    Weakness {
        id: "CVE-2021-22555",
        severity: Severity::High,
        since: "2.6.19",
        fixed: &[
            "4.4.267", "4.9.267", "4.14.231", "4.19.188", "5.4.113", "5.10.31", "5.11.15", "5.12",
        ],
        gives: "root on the host for a container with NET_ADMIN, or where containers may make user namespaces",
        escapes_from: None,
        url: "https://nvd.nist.gov/vuln/detail/CVE-2021-22555",
    },
    Weakness {
        id: "CVE-2016-5195",
        severity: Severity::Critical,
        since: "2.6.22",
        fixed: &["3.12.66", "3.16.38", "3.18.44", "4.1.35", "4.4.26", "4.7.9", "4.8.3", "4.9"],
        gives: "writes to files that can only be read, for any process",
        escapes_from: Some(Foothold::InContainer),
        url: "https://nvd.nist.gov/vuln/detail/CVE-2016-5195",
    },
];
