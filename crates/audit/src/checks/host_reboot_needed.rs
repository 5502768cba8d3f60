use std::cmp::Ordering;

use dockward_model::facts::{Field, Host, KernelPackage, Manager, Owner, Snapshot};
use dockward_model::verdict::{Evidence, Failure, Outcome};

use crate::kernels;

crate::check! {
    /// ## Why
    /// An update put a new kernel on the disk, and the old one still runs: its holes are open to
    /// every container although the list of packages says that they are mended.
    ///
    /// The kernel that runs is compared with the newest package of the same kind (`amd64`,
    /// `cloud-amd64`, `generic`, `lts`). Debian mends a kernel without giving it another name, so
    /// there the package's version counts that the running kernel says it was built in. A kernel
    /// that was patched while it runs (livepatch, kpatch) is told as the one that was started.
    ///
    /// ## Fix
    /// Restart the host. Containers stop with it: those that have a restart policy come back by
    /// themselves.
    ///
    /// ## References
    /// uname(1); proc_version(5); the records of dpkg, apk and rpm.
    id: "host-reboot-needed", title: "the newest kernel that is installed runs",
    severity: Medium, area: Host, cis16: [], cis18: [], Host: reboot
}

const FIX: &str = "restart the host when its containers may stop, so that the kernel that is \
                   installed runs";

fn reboot(snapshot: &Snapshot) -> Outcome {
    let host = &snapshot.host;
    let unsaid = Outcome::Unknown("the kernel does not say its release".into());
    host.kernel.judge(unsaid, |release| {
        let none = without_packages(host);
        host.kernel_packages.judge(none.clone(), |all| match all.as_slice() {
            [] => none,
            all => compared(host, release, all),
        })
    })
}

/// A machine may be given its kernel from outside: there is then nothing to be behind of.
fn without_packages(host: &Host) -> Outcome {
    match host.kernel_owner.get() {
        Some(Owner::Unread(_)) => {
            Outcome::Unknown("the kernel's package manager keeps records that are not read".into())
        }
        _ => Outcome::NotApplicable("no package of a kernel is installed".into()),
    }
}

fn compared(host: &Host, release: &str, all: &[KernelPackage]) -> Outcome {
    let running = kernels::running(all, release);
    let Some(newest) = kernels::newest(all, release, running) else {
        let message = format!("the kernel {release} is of no package that is installed");
        return Outcome::Unknown(message);
    };
    let Some(running) = running else {
        let message = format!("the kernel {release} runs, whose package was replaced or removed");
        return failure(host, release, message, newest).into();
    };
    let told = host.kernel_build.get().filter(|_| running.manager == Manager::Dpkg);
    let version = told.unwrap_or(&running.version);
    match kernels::compare(newest.manager, version, &newest.version) {
        Ordering::Less => {
            let message = format!(
                "the kernel {release} ({version}) runs, and {} {} is installed",
                newest.name, newest.version
            );
            failure(host, release, message, newest).into()
        }
        Ordering::Equal | Ordering::Greater => Outcome::Pass,
    }
}

fn failure(host: &Host, release: &str, message: String, newest: &KernelPackage) -> Failure {
    let package = format!("{} {}", newest.name, newest.version);
    let expected = format!("the kernel of {package}");
    let build = host.kernel_build.get().map(|built| {
        let seen = format!("Debian {built}");
        Evidence::of(&host.kernel_build, seen, format!("Debian {}", newest.version)).effective()
    });
    let installed = Field::known((), newest.origin.clone());
    let installed = Evidence::of(&installed, package, "the package of the kernel that runs");
    Failure::new(message, Evidence::of(&host.kernel, release, expected).effective(), FIX)
        .and(build.into_iter().chain([installed]))
}

#[cfg(test)]
mod tests;
