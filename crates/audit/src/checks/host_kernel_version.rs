use dockward_advisory::{Program, dpkg};
use dockward_model::facts::{Field, Host, Manager, Owner, Snapshot};
use dockward_model::verdict::Outcome;

use crate::patched::{self, Installed};

crate::check! {
    /// ## Why
    /// All containers share the host's kernel: a hole in it is a way out of each of them, whatever
    /// their settings are. A few such holes were shown to lead out of containers; this asks for
    /// those. A kernel has many more weaknesses, and none of these is no proof that it is sound.
    ///
    /// A kernel that was built here is judged by its version. A distribution's is compared by the
    /// upstream version that its package was made from; what that one lacks may have been added by
    /// the distribution, so it is yours to look up.
    ///
    /// ## Fix
    /// Install the distribution's newest kernel and restart into it. Where untrusted code runs, put
    /// a second gate behind the kernel: gVisor, Kata Containers, a virtual machine.
    ///
    /// ## References
    /// CVE-2016-5195, CVE-2021-22555, CVE-2022-0185, CVE-2022-0492, CVE-2022-0847, CVE-2024-1086,
    /// CVE-2026-31431, CVE-2026-43284, CVE-2026-46300; kernel.org/category/releases.html.
    id: "host-kernel-version", title: "the kernel has no known way out of containers",
    severity: High, area: Host, cis16: [], cis18: [], Host: version
}

fn version(snapshot: &Snapshot) -> Outcome {
    let host = &snapshot.host;
    let installed = Installed {
        program: Program::Kernel,
        version: upstream(host),
        owner: &host.kernel_owner,
        distribution: &host.distribution,
        today: patched::today(snapshot),
    };
    patched::judge(&installed, "the kernel does not say its release")
}

/// The upstream version: what Ubuntu's kernel says that it was made from, what Debian's package is
/// numbered by (`uname -r` has only the first two numbers there), or the release itself.
fn upstream(host: &Host) -> Field<String> {
    if host.kernel_base.get().is_some() {
        return host.kernel_base.clone();
    }
    match host.kernel_owner.get() {
        Some(Owner::Package(package)) if package.manager == Manager::Dpkg => Field::known(
            dpkg::upstream(&package.version).to_owned(),
            host.kernel_owner.origin.clone(),
        ),
        _ => host.kernel.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judged::{
        assert_fails, assert_needs_a_look, assert_passes, assert_unknown, dpkg_package,
        snapshot_with,
    };
    use dockward_model::facts::sample;
    use dockward_model::verdict::{Foothold, Gain};

    fn with(change: impl FnOnce(&mut Host)) -> Outcome {
        version(&snapshot_with(|s| change(&mut s.host)))
    }

    fn own_build(release: &str) -> Outcome {
        with(|host| {
            host.kernel = sample::known(release.into(), "osrelease");
            host.kernel_owner = sample::absent("package");
        })
    }

    #[test]
    fn a_kernel_built_here_is_judged_by_its_release() {
        assert_passes(own_build("6.18.44-own"));
        let failure = assert_fails(own_build("5.15.20"));
        assert!(failure.message.contains("CVE-2022-0847"), "{}", failure.message);
        assert_eq!(failure.openings[0].gain, Gain::HostRoot);
        assert_eq!(failure.openings[0].needs, Foothold::InContainer);
    }

    #[test]
    fn a_debian_kernel_is_judged_by_what_its_package_was_made_from() {
        let debian = |version: &str| {
            with(|host| {
                host.kernel = sample::known("6.1.0-28-amd64".into(), "osrelease");
                let package = dpkg_package("linux-image-6.1.0-28-amd64", version, &[]);
                host.kernel_owner = sample::known(package, "status");
            })
        };
        assert_passes(debian("6.1.180-1"));
        let review = assert_needs_a_look(debian("6.1.119-1"));
        assert!(review.openings.is_empty());
        assert!(review.message.contains("CVE-2026-31431"), "{}", review.message);
    }

    #[test]
    fn ubuntu_says_what_its_kernel_was_made_from() {
        let outcome = with(|host| {
            host.kernel_base = sample::known("5.15.208".into(), "version_signature");
            let package = dpkg_package("linux-image-5.15.0-200-generic", "5.15.0-200.210", &[]);
            host.kernel_owner = sample::known(package, "status");
        });
        assert_passes(outcome);
    }

    #[test]
    fn unread_is_unknown() {
        assert_unknown(with(|host| host.kernel = sample::unknown("osrelease")));
        let unseen = with(|host| {
            host.kernel = sample::known("5.15.20".into(), "osrelease");
            host.kernel_owner = sample::unknown("package");
        });
        assert_unknown(unseen);
    }
}
