//! Which package a program came in, by the package managers' own records. Nothing is run.

mod apk;
pub(crate) mod changelog;
mod dpkg;
mod kernels;
mod owner;
mod rpm;
mod snap;
mod wanted;

use dockward_model::facts::{Distribution, Fact, Field, KernelPackage, Origin, Owner, Programs};

use crate::tree::{SMALL, Tree};
use owner::{OF_A_KERNEL, Records};

/// Where a service's programs are looked for (systemd.exec(5), `ExecSearchPath=`).
const FOLDERS: [&str; 6] =
    ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

const ENGINE: &[&str] = &["docker.io", "docker-ce", "moby-engine", "docker-ee", "docker-engine"];
const CONTAINERD: &[&str] = &["containerd", "containerd.io", "moby-containerd"];
const RUNC: &[&str] = &["runc", "containerd.io", "moby-runc"];

/// The programs of the engine whose process runs `exe` and starts containers with `runtime`, as
/// `/info` has it: a path, or a name to look for.
pub(crate) fn programs(tree: &dyn Tree, exe: &str, runtime: Option<&str>) -> Programs {
    let (containerd, runc) =
        (found(tree, exe, "containerd"), found(tree, exe, runtime.unwrap_or("runc")));
    let paths =
        [Some(exe), containerd.known().map(String::as_str), runc.known().map(String::as_str)];
    let records = Records::new(tree, paths.into_iter().flatten());
    let owner = |path: &Fact<String>, names| match path {
        Fact::Known(path) => records.owner(path, names),
        Fact::Absent => Field::unknown("it was not found where programs are", Origin::Nowhere),
        Fact::Unknown(why) => Field::unknown(why.clone(), Origin::Nowhere),
    };
    Programs {
        engine: records.owner(exe, ENGINE),
        containerd: owner(&containerd, CONTAINERD),
        runc: owner(&runc, RUNC),
        distribution: distribution(tree),
    }
}

/// The package of the kernel of this release (`uname -r`), and all packages of kernels.
pub(crate) fn kernel(
    tree: &dyn Tree,
    release: &Field<String>,
) -> (Field<Owner>, Field<Vec<KernelPackage>>) {
    // It is looked for by name and path.
    let name = release.get().filter(|release| !release.contains('/'));
    let of_it = name.map(|release| format!("/lib/modules/{release}/{OF_A_KERNEL}"));
    let records = Records::new(tree, of_it.as_deref());
    let owner = match (name, &release.fact) {
        (Some(release), _) => records.kernel(release),
        (None, Fact::Unknown(why)) => Field::unknown(why.clone(), release.origin.clone()),
        (None, _) => Field::unknown("the kernel's release is not known", release.origin.clone()),
    };
    (owner, records.kernels())
}

/// A program by its name, first beside `exe` where that lies where programs usually don't.
fn found(tree: &dyn Tree, exe: &str, name: &str) -> Fact<String> {
    if name.starts_with('/') {
        return Fact::Known(name.to_owned());
    }
    let own = exe.rsplit_once('/').map(|(folder, _)| folder).filter(|own| !FOLDERS.contains(own));
    for folder in own.into_iter().chain(FOLDERS) {
        let path = format!("{folder}/{name}");
        match tree.stat(&path) {
            Fact::Known(file) if file.node == "file" => return Fact::Known(path),
            Fact::Known(_) | Fact::Absent => {}
            Fact::Unknown(why) => return Fact::Unknown(why),
        }
    }
    Fact::Absent
}

/// What os-release(5) calls this system.
pub(crate) fn distribution(tree: &dyn Tree) -> Field<Distribution> {
    const PATHS: [&str; 2] = ["/etc/os-release", "/usr/lib/os-release"];
    for path in PATHS {
        let origin = Origin::file(path, None);
        match tree.read(path, SMALL) {
            Fact::Known(bytes) => {
                return match Distribution::parse(&bytes) {
                    Some(distribution) => Field::known(distribution, origin),
                    None => Field::unknown("it names no distribution", origin),
                };
            }
            Fact::Absent => {}
            Fact::Unknown(why) => return Field::unknown(why, origin),
        }
    }
    Field::absent(Origin::file(PATHS[0], None))
}

#[cfg(test)]
mod tests;
