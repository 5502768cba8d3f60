//! The same image as other programs write and unpack it: skopeo's copies, and the root that umoci
//! makes of them. Skipped by name where they are missing.

#![allow(clippy::unwrap_used, reason = "a test may panic, in its helping functions too")]

use std::fs;
use std::path::Path;
use std::process::Command;

use dockward_image::{Options, Source, open};
use serde_json::json;

fn run(program: &str, arguments: &[&str]) {
    let output = Command::new(program).args(arguments).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?}: {said}");
}

fn is_there(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok()
}

fn sha256(bytes: &[u8]) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, bytes);
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What stands in a layer: a folder ends with a slash, a link has its target.
fn layer(items: &[(&str, &str)], links: &[(&str, &str)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (path, text) in items {
        let mut header = tar::Header::new_gnu();
        let is_folder = path.ends_with('/');
        header.set_entry_type(if is_folder {
            tar::EntryType::Directory
        } else {
            tar::EntryType::Regular
        });
        header.set_mode(if is_folder { 0o755 } else { 0o644 });
        header.set_size(text.len() as u64);
        builder.append_data(&mut header, path, text.as_bytes()).unwrap();
    }
    for (path, target) in links {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(tar::EntryType::Symlink);
        header.set_mode(0o777);
        header.set_size(0);
        builder.append_link(&mut header, path, target).unwrap();
    }
    builder.into_inner().unwrap()
}

fn package(name: &str) -> String {
    format!("Package: {name}\nStatus: install ok installed\nArchitecture: all\nVersion: 1\n\n")
}

/// An archive with what layers can do to each other: packages replaced, hidden one by one and by
/// folders, and a folder that a link of a lower layer leads to.
fn archive(path: &Path) {
    let [a, b, c, d] = ["a", "b", "c", "d"].map(package);
    let release = "ID=debian\nVERSION_ID=12\nPRETTY_NAME=\"Debian 12\"\n";
    let apk = "P:musl\nV:1.2\nA:x86_64\n\n";
    let lowest = layer(
        &[
            ("etc/", ""),
            ("usr/", ""),
            ("usr/lib/", ""),
            ("usr/lib/apk/", ""),
            ("usr/lib/apk/db/", ""),
            ("var/", ""),
            ("var/lib/", ""),
            ("var/lib/dpkg/", ""),
            ("var/lib/dpkg/status.d/", ""),
            ("etc/os-release", release),
            ("var/lib/dpkg/status", &a),
            ("var/lib/dpkg/status.d/b", &b),
            ("var/lib/dpkg/status.d/c", &c),
            ("usr/lib/apk/db/installed", apk),
        ],
        &[("lib", "usr/lib")],
    );
    let middle = layer(
        &[
            ("var/lib/dpkg/status", &format!("{a}{d}")),
            ("var/lib/dpkg/status.d/.wh.b", ""),
            ("usr/share/", ""),
            ("usr/share/doc/", ""),
        ],
        &[],
    );
    let highest = layer(
        &[
            ("var/lib/dpkg/status.d/", ""),
            ("var/lib/dpkg/status.d/.wh..wh..opq", ""),
            ("var/lib/dpkg/status.d/e", &package("e")),
        ],
        &[],
    );
    let layers = [lowest, middle, highest];
    let ids: Vec<_> = layers.iter().map(|bytes| format!("sha256:{}", sha256(bytes))).collect();
    let config = json!({"architecture": "amd64", "os": "linux", "config": {},
        "rootfs": {"type": "layers", "diff_ids": ids}, "history": []});
    let config = config.to_string();
    let name = format!("{}.json", sha256(config.as_bytes()));
    let names: Vec<_> = layers.iter().map(|bytes| format!("{}.tar", sha256(bytes))).collect();
    let saved = json!([{"Config": name, "RepoTags": ["sample:1"], "Layers": names}]).to_string();
    let mut builder = tar::Builder::new(fs::File::create(path).unwrap());
    let mut add = |name: &str, bytes: &[u8]| {
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o644);
        header.set_size(bytes.len() as u64);
        builder.append_data(&mut header, name, bytes).unwrap();
    };
    add(&name, config.as_bytes());
    names.iter().zip(&layers).for_each(|(name, bytes)| add(name, bytes));
    add("manifest.json", saved.as_bytes());
    builder.finish().unwrap();
}

/// The distribution, and each package with its version and where its record stands.
fn inside(path: &Path) -> (String, Vec<(String, String, String)>) {
    let found = open(&Source::at(path).unwrap(), &Options::default()).unwrap().remove(0);
    let contents = found.contents;
    assert!(contents.problems.is_empty(), "{}: {:?}", path.display(), contents.problems);
    let packages = contents.packages.into_iter();
    let packages =
        packages.map(|one| (one.name, one.version, format!("{:?}", one.origin))).collect();
    (format!("{:?}", contents.distribution.get()), packages)
}

#[test]
fn copies_of_skopeo_and_roots_of_umoci_hold_what_the_archive_holds() {
    if !is_there("skopeo") || !is_there("umoci") {
        let test = "copies_of_skopeo_and_roots_of_umoci_hold_what_the_archive_holds";
        eprintln!("skipped: {test}: there is no skopeo or no umoci on this machine");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let saved = dir.path().join("saved.tar");
    archive(&saved);
    let expected = inside(&saved);
    let names: Vec<_> = expected.1.iter().map(|(name, ..)| name.as_str()).collect();
    assert_eq!(names, ["a", "d", "e", "musl"]);
    for (name, options) in [
        ("gzip", &["--dest-compress-format", "gzip"][..]),
        ("zstd", &["--dest-compress-format", "zstd"]),
        ("plain", &["--dest-oci-accept-uncompressed-layers"]),
    ] {
        let layout = dir.path().join(name);
        let (from, to) =
            (format!("docker-archive:{}", saved.display()), format!("oci:{}:1", layout.display()));
        let words = ["--insecure-policy", "copy", "-q"];
        run("skopeo", &[&words, options, &[&from, &to]].concat());
        assert_eq!(inside(&layout), expected, "{name}");
        let bundle = dir.path().join(format!("{name}-bundle"));
        let image = format!("{}:1", layout.display());
        // Layers that are not packed with gzip it takes for damaged.
        if name == "gzip" && rustix::process::geteuid().is_root() {
            run("umoci", &["unpack", "--image", &image, bundle.to_str().unwrap()]);
            let (distribution, packages) = inside(&bundle.join("rootfs"));
            assert_eq!((distribution, packages), expected, "{name}");
        }
    }
}
