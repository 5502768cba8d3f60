use super::*;
use crate::ground::Unlooked;
use crate::tree::Live;
use dockward_model::facts::{CapSet, Capability, KernelView, Mount};
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

/// Folders of this machine as an engine's.
struct Folders;

impl Ground for Folders {
    fn lead(&self, mount: &mut Mount) {
        Unlooked::RECORDED.lead(mount);
    }
    fn kernel(&self, id: &str, pid: i32) -> Fact<KernelView> {
        Unlooked::RECORDED.kernel(id, pid)
    }
    fn files(&self, pid: Option<i32>, a: &str, b: &str) -> Fact<Box<dyn crate::tree::Tree>> {
        Unlooked::RECORDED.files(pid, a, b)
    }
    fn folder(&self, path: &str) -> Fact<OwnedFd> {
        match Live::host() {
            Fact::Known(host) => host.open_folder(path),
            _ => Fact::Unknown("no root".into()),
        }
    }
    fn root(&self, _: i32) -> Fact<OwnedFd> {
        self.folder("/proc/self/root/usr/share/none")
    }
}

fn file(root: &Path, path: &str, mode: u32) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, "x").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
}

fn walker(entries: usize) -> Walker<'static> {
    Walker { ground: &Folders, budget: Budget::of(entries), found: BTreeMap::new() }
}

fn paths(fact: &Fact<Vec<ElevatingFile>>) -> Vec<&str> {
    let files = fact.known().unwrap_or_else(|| panic!("not known: {fact:?}"));
    files.iter().map(|file| file.path.as_str()).collect()
}

fn layers(roots: &[&Path]) -> Vec<String> {
    roots.iter().map(|root| root.to_str().unwrap().to_owned()).collect()
}

#[test]
fn files_with_either_bit_are_found_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    file(dir.path(), "usr/bin/su", 0o4755);
    file(dir.path(), "usr/bin/wall", 0o2755);
    file(dir.path(), "usr/bin/ls", 0o755);
    file(dir.path(), "etc/a/b/c/odd", 0o6644);
    fs::create_dir(dir.path().join("tmp")).unwrap();
    fs::set_permissions(dir.path().join("tmp"), fs::Permissions::from_mode(0o2777)).unwrap();
    symlink("/usr/bin/passwd", dir.path().join("link")).unwrap();
    symlink("/", dir.path().join("root")).unwrap();
    let found = walker(99).merged(&layers(&[dir.path()]));
    assert_eq!(paths(&found), ["/etc/a/b/c/odd", "/usr/bin/su", "/usr/bin/wall"]);
    assert_eq!(found.known().unwrap()[1].mode, 0o4755);
}

#[test]
fn a_layer_above_replaces_removes_and_hides() {
    let [upper, lower] = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    for path in ["bin/replaced", "bin/kept", "opt/tool/x", "gone/y"] {
        file(lower.path(), path, 0o4755);
    }
    file(upper.path(), "bin/replaced", 0o755);
    file(upper.path(), "bin/new", 0o4755);
    // A file where a folder was; a whiteout is one, too, of another kind.
    file(upper.path(), "gone", 0o644);
    let folders = layers(&[upper.path(), lower.path()]);
    let found = walker(99).merged(&folders);
    assert_eq!(paths(&found), ["/bin/kept", "/bin/new", "/opt/tool/x"]);
    let opaque = upper.path().join("opt/tool");
    fs::create_dir_all(&opaque).unwrap();
    let set = rustix::fs::lsetxattr(
        &opaque,
        "user.overlay.opaque",
        b"y",
        rustix::fs::XattrFlags::empty(),
    );
    if set.is_ok() {
        let found = walker(99).merged(&folders);
        assert_eq!(paths(&found), ["/bin/kept", "/bin/new"]);
    }
}

#[test]
fn a_layer_is_walked_once_for_all_images() {
    let dir = tempfile::tempdir().unwrap();
    (0..20).for_each(|n| file(dir.path(), &format!("{n}"), 0o644));
    let mut walker = walker(30);
    let folders = layers(&[dir.path()]);
    for _ in 0..5 {
        assert!(paths(&walker.merged(&folders)).is_empty());
    }
}

#[test]
fn file_capabilities_are_found() {
    let dir = tempfile::tempdir().unwrap();
    file(dir.path(), "ping", 0o755);
    let value = [1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let flags = rustix::fs::XattrFlags::empty();
    if rustix::fs::lsetxattr(dir.path().join("ping"), "security.capability", &value, flags).is_err()
    {
        eprintln!("SKIP file_capabilities_are_found: this user may not set them");
        return;
    }
    let found = walker(99).merged(&layers(&[dir.path()]));
    let net_raw = CapSet::of(&[Capability::NetRaw]);
    assert_eq!(found.known().unwrap()[0].capabilities, net_raw);
}

#[test]
fn what_is_too_much_or_not_there_is_unknown() {
    let dir = tempfile::tempdir().unwrap();
    (0..20).for_each(|n| file(dir.path(), &format!("{n}"), 0o644));
    assert!(walker(10).merged(&layers(&[dir.path()])).unknown().is_some());
    let gone = walker(10).merged(&["/nowhere/diff".to_owned()]);
    assert_eq!(gone, Fact::Unknown("/nowhere/diff is not there".into()));
    let deep = tempfile::tempdir().unwrap();
    fs::create_dir_all(deep.path().join(["d"; 400].join("/"))).unwrap();
    let found = walker(9999).merged(&layers(&[deep.path()]));
    assert!(found.unknown().is_some_and(|why| why.contains("deeper than 256")), "{found:?}");
}

#[test]
fn traps_are_not_opened() {
    let dir = tempfile::tempdir().unwrap();
    let fifo = dir.path().join("fifo");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &fifo,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::from_raw_mode(0o4777),
        0,
    )
    .unwrap();
    assert!(paths(&walker(99).merged(&layers(&[dir.path()]))).is_empty());
}

#[test]
fn without_folders_and_without_a_running_container_it_is_unknown() {
    let mut images = [Image { id: ImageId("sha256:1".into()), ..Image::default() }];
    let container = Container {
        image_id: Field::known(ImageId("sha256:1".into()), Origin::Nowhere),
        pid: Field::known(1, Origin::Nowhere),
        ..Container::default()
    };
    let tell = Tell(std::sync::mpsc::channel().0);
    // Its pid may mean anyone, since the kernel's view of it is unknown.
    fill(&mut images, &[container], &Folders, &tell);
    let field = images[0].elevating.as_ref().unwrap();
    assert!(field.fact.unknown().is_some_and(|why| why.contains("no container of it runs")));
}
