use super::*;
use crate::judged::{
    assert_fails, assert_not_applicable, assert_passes, assert_unknown, snapshot_with,
};
use dockward_model::facts::{Origin, sample};

fn host(release: &str, manager: Manager, all: &[(&str, &str)]) -> Host {
    let package = |(at, (name, version)): (usize, &(&str, &str))| KernelPackage {
        manager,
        name: (*name).into(),
        version: (*version).into(),
        architecture: "x86_64".into(),
        origin: Origin::file("/the/records", u32::try_from(at + 1).ok()),
    };
    let mut host = sample::host();
    host.kernel = sample::known(release.into(), "osrelease");
    host.kernel_owner = sample::absent("modules");
    host.kernel_build = sample::absent("/proc/version");
    host.kernel_packages = sample::known(all.iter().enumerate().map(package).collect(), "records");
    host
}

fn judged(host: Host) -> Outcome {
    reboot(&snapshot_with(|s| s.host = host))
}

#[test]
fn debians_newest_of_the_same_flavour_counts() {
    let old = ("linux-image-6.1.0-9-amd64", "6.1.27-1");
    let new = ("linux-image-6.1.0-13-amd64", "6.1.55-1");
    let cloud = ("linux-image-6.1.0-14-cloud-amd64", "6.1.64-1");
    let on = |release: &str| judged(host(release, Manager::Dpkg, &[new, old, cloud]));
    assert_passes(on("6.1.0-13-amd64"));
    assert_passes(on("6.1.0-14-cloud-amd64"));
    let failure = assert_fails(on("6.1.0-9-amd64"));
    assert!(failure.message.contains("6.1.0-13-amd64 6.1.55-1"), "{}", failure.message);
    assert_eq!(failure.evidence[0].seen, "6.1.0-9-amd64");
    assert_eq!(failure.evidence[1].seen, "linux-image-6.1.0-13-amd64 6.1.55-1");
    assert_eq!(failure.evidence[1].origin.to_string(), "/the/records:1");
}

#[test]
fn a_debian_kernel_replaced_under_its_own_name_needs_a_reboot() {
    let built = |build: &str| {
        let all = [("linux-image-6.1.0-13-amd64", "6.1.64-1")];
        let mut host = host("6.1.0-13-amd64", Manager::Dpkg, &all);
        host.kernel_build = sample::known(build.into(), "/proc/version");
        judged(host)
    };
    assert_passes(built("6.1.64-1"));
    let failure = assert_fails(built("6.1.55-1"));
    assert!(failure.message.contains("(6.1.55-1) runs"), "{}", failure.message);
    assert!(failure.evidence.iter().any(|e| e.seen == "Debian 6.1.55-1"));
}

#[test]
fn ubuntus_and_proxmox_kernels_go_by_the_names_of_their_packages() {
    let ubuntu = [
        ("linux-image-5.15.0-126-generic", "5.15.0-126.136"),
        ("linux-image-unsigned-5.15.0-130-generic", "5.15.0-130.140"),
        ("linux-image-5.15.0-1051-aws", "5.15.0-1051.56"),
    ];
    assert_fails(judged(host("5.15.0-126-generic", Manager::Dpkg, &ubuntu)));
    assert_passes(judged(host("5.15.0-130-generic", Manager::Dpkg, &ubuntu)));
    assert_passes(judged(host("5.15.0-1051-aws", Manager::Dpkg, &ubuntu)));
    let proxmox = [
        ("proxmox-kernel-6.8.12-4-pve-signed", "6.8.12-4"),
        ("proxmox-kernel-6.8.12-11-pve-signed", "6.8.12-11"),
        ("proxmox-kernel-6.8", "6.8.12-11"),
    ];
    assert_fails(judged(host("6.8.12-4-pve", Manager::Dpkg, &proxmox)));
    assert_passes(judged(host("6.8.12-11-pve", Manager::Dpkg, &proxmox)));
}

#[test]
fn red_hats_and_suses_releases_are_their_packages_versions() {
    let red_hat = [
        ("kernel", "5.14.0-427.9.1.el9_4"),
        ("kernel-core", "5.14.0-427.9.1.el9_4"),
        ("kernel-core", "5.14.0-427.13.1.el9_4"),
        ("kernel-64k-core", "5.14.0-427.9.1.el9_4"),
    ];
    let on = |release: &str| judged(host(release, Manager::Rpm, &red_hat));
    assert_fails(on("5.14.0-427.9.1.el9_4.x86_64"));
    assert_passes(on("5.14.0-427.13.1.el9_4.x86_64"));
    assert_passes(on("5.14.0-427.9.1.el9_4.x86_64+64k"));
    let suse =
        [("kernel-default", "6.4.0-150600.23.25.1"), ("kernel-default", "6.4.0-150600.23.7.3")];
    assert_fails(judged(host("6.4.0-150600.23.7-default", Manager::Rpm, &suse)));
    assert_passes(judged(host("6.4.0-150600.23.25-default", Manager::Rpm, &suse)));
}

#[test]
fn alpine_replaces_the_package_of_the_kernel_that_runs() {
    let all = [("linux-lts", "6.6.41-r0"), ("linux-virt", "6.6.50-r0")];
    assert_passes(judged(host("6.6.41-0-lts", Manager::Apk, &all)));
    let failure = assert_fails(judged(host("6.6.40-0-lts", Manager::Apk, &all)));
    assert!(failure.evidence.iter().any(|e| e.seen == "linux-lts 6.6.41-r0"));
}

#[test]
fn a_kernel_from_elsewhere_is_unknown_beside_packages_and_no_question_without() {
    let debian = [("linux-image-6.1.0-13-amd64", "6.1.55-1")];
    assert_unknown(judged(host("6.18.44-own", Manager::Dpkg, &debian)));
    assert_unknown(judged(host("6.18.44", Manager::Dpkg, &debian)));
    assert_not_applicable(judged(host("6.18.44", Manager::Dpkg, &[])));
    let mut arch = host("6.16.3-arch1-1", Manager::Pacman, &[]);
    arch.kernel_owner = sample::known(Owner::Unread(Manager::Pacman), "local");
    assert_unknown(judged(arch));
}

#[test]
fn unread_is_unknown() {
    assert_unknown(judged(sample::host()));
    let mut host = host("6.1.0-13-amd64", Manager::Dpkg, &[]);
    host.kernel_packages = sample::unknown("status");
    assert_unknown(judged(host.clone()));
    host.kernel = sample::unknown("osrelease");
    assert_unknown(judged(host));
}

#[test]
fn hostile_names_and_versions_are_only_unknown() {
    for (name, version) in [("", ""), ("-", ":"), ("kernel-é-core", "-r.+:"), ("linux-", "-r")] {
        for manager in [Manager::Dpkg, Manager::Apk, Manager::Rpm] {
            for release in ["", "-", "é-é", "6.1.0-é"] {
                let outcome = judged(host(release, manager, &[(name, version)]));
                assert!(!matches!(outcome, Outcome::Fail(_)), "{name} {release}");
            }
        }
    }
}
