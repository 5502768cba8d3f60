//! Images as an engine keeps them.

use std::os::unix::fs::symlink;
use std::path::Path;

use dockward_model::inventory::Inventory;
use serde_json::json;

use super::samples::Item::File;
use super::samples::{APK, Sample, apk, descriptor, part, tar, write};
use crate::blob::Hash;
use crate::{ContentImage, Options, OverlayImage, Source, Store, open};

const CONFIG: &str = "data/image/overlay2/imagedb/content/sha256/x";

fn sample() -> Sample {
    let record = |packages: &[(&str, &str)]| tar(&[File(APK, &apk(packages))]);
    let mut sample = Sample::of(&[record(&[("a", "1")]), record(&[("a", "1"), ("b", "2")])]);
    sample.history = vec![("ADD root /", true), ("CMD sh", false), ("RUN apk add b", true)];
    sample
}

/// An engine's root with the sample's layers unpacked, and the image in it.
fn overlay(root: &Path) -> OverlayImage {
    let config = sample().config();
    let id = Hash::Sha256.of(&config).to_string();
    let file = |path: &str, text: &str| (path.to_owned(), text.as_bytes().to_vec());
    let lower = file(&format!("data/overlay2/1/diff/{APK}"), &apk(&[("a", "1")]));
    let upper = file(&format!("data/overlay2/2/diff/{APK}"), &apk(&[("a", "1"), ("b", "2")]));
    write(root, &[lower, upper, (CONFIG.to_owned(), config)]);
    OverlayImage {
        root: root.to_owned(),
        folders: ["/data/overlay2/1/diff", "/data/overlay2/2/diff"].map(str::to_owned).into(),
        config: format!("/{CONFIG}"),
        id,
        name: "shop:1".to_owned(),
    }
}

fn told(inventory: &Inventory) -> String {
    let packages = inventory.contents.packages.iter();
    let package = |p: &dockward_model::inventory::Package| {
        let layer = p.layer.and_then(|layer| inventory.layers.get(layer));
        format!("{} {} by {}", p.name, p.version, layer.map_or("?", |layer| &layer.created_by))
    };
    let problems = inventory.contents.problems.iter();
    let problems = problems.map(|p| format!("{}: {}", p.place, p.why));
    packages.map(package).chain(problems).collect::<Vec<_>>().join(", ")
}

fn opened(source: Source) -> Inventory {
    open(&source, &Options::default()).unwrap().remove(0)
}

const WHOLE: &str = "a 1 by ADD root /, b 2 by RUN apk add b";

#[test]
fn an_image_in_folders_of_overlay2_is_read_with_its_config() {
    let dir = tempfile::tempdir().unwrap();
    let image = overlay(dir.path());
    let id = image.id.clone();
    let inventory = opened(Source::Overlay(image));
    assert_eq!(told(&inventory), WHOLE);
    assert_eq!(inventory.target.id, Some(id));
    assert_eq!(inventory.target.platform.as_deref(), Some("linux/amd64"));
    assert!(inventory.layers.iter().all(|layer| layer.diff_id.starts_with("sha256:")));
}

#[test]
fn a_folder_or_a_config_that_is_not_there_or_another_is_a_problem() {
    let dir = tempfile::tempdir().unwrap();
    let image = overlay(dir.path());
    let of = |image: OverlayImage| told(&opened(Source::Overlay(image)));
    let mut gone = image.clone();
    gone.folders[1] = "/data/overlay2/3/diff".to_owned();
    assert!(of(gone).contains("it is missing"));
    let short = OverlayImage { folders: image.folders[..1].to_vec(), ..image.clone() };
    assert!(of(short).contains("its config names 2 layers, its manifest 1"));
    let outside = tempfile::tempdir().unwrap();
    write(outside.path(), &[(APK.to_owned(), apk(&[("host", "1")]).into_bytes())]);
    symlink(outside.path(), dir.path().join("data/overlay2/4")).unwrap();
    let mut led = image.clone();
    led.folders[1] = "/data/overlay2/4".to_owned();
    let led = of(led);
    assert!(!led.contains("host") && led.contains("it is missing"), "{led}");
    write(dir.path(), &[(CONFIG.to_owned(), b"{}".to_vec())]);
    assert!(of(image).contains("its digest is sha256:"));
}

#[test]
fn an_image_in_containerds_store_is_read_of_what_was_pulled_of_its_index() {
    let dir = tempfile::tempdir().unwrap();
    let blobs = sample().blobs();
    let mut here = descriptor(blobs.last().unwrap());
    here["platform"] = json!({"os": "linux", "architecture": "amd64"});
    let other = |architecture: &str| {
        let mut other = descriptor(architecture.as_bytes());
        other["platform"] = json!({"os": "linux", "architecture": architecture});
        other
    };
    let manifests = [other("arm64"), here, other("s390x")];
    let index = json!({"schemaVersion": 2, "manifests": manifests}).to_string().into_bytes();
    let digest = Hash::Sha256.of(&index).to_string();
    let parts = blobs.into_iter().chain([index]).map(part);
    let inside = |(name, blob): (String, Vec<u8>)| (format!("store/{name}"), blob);
    write(dir.path(), &parts.map(inside).collect::<Vec<_>>());
    let image = ContentImage {
        root: dir.path().to_owned(),
        folder: "/store".to_owned(),
        digest: digest.clone(),
        name: "shop:1".to_owned(),
        unpacked: Vec::new(),
    };
    let inventory = opened(Source::Content(image.clone()));
    assert_eq!(told(&inventory), WHOLE);
    assert_eq!((inventory.target.id, &*inventory.target.name), (Some(digest), "shop:1"));
    let asked = |platform: &str| {
        let platform = Some(platform.parse().unwrap());
        open(&Source::Content(image.clone()), &Options { platform, ..Options::default() })
    };
    assert_eq!(told(&asked("linux/amd64").unwrap()[0]), WHOLE);
    assert!(asked("linux/arm64").is_err());
    let nowhere = ContentImage { folder: "/none".to_owned(), ..image };
    assert!(open(&Source::Content(nowhere), &Options::default()).is_err());
}

/// The sample in a store of content, its layers unpacked as a container has them mounted: a package
/// more in each, which tells them from the blobs.
fn mounted(root: &Path, manifests: &[&str]) -> ContentImage {
    let blobs = sample().blobs();
    let of = |architecture: &&str| {
        let mut of = descriptor(blobs.last().unwrap());
        of["platform"] = json!({"os": "linux", "architecture": architecture});
        of
    };
    let manifests: Vec<_> = manifests.iter().map(of).collect();
    let index = json!({"schemaVersion": 2, "manifests": manifests}).to_string().into_bytes();
    let digest = Hash::Sha256.of(&index).to_string();
    let parts = blobs.into_iter().chain([index]).map(part);
    let parts = parts.map(|(name, blob)| (format!("store/{name}"), blob));
    let file = |number: &str, packages: &[(&str, &str)]| {
        (format!("snapshots/{number}/fs/{APK}"), apk(packages).into_bytes())
    };
    let folders = [
        file("1", &[("a", "1"), ("seen", "1")]),
        file("5", &[("a", "1"), ("b", "2"), ("seen", "1")]),
        file("98", &[("init", "1")]),
    ];
    write(root, &parts.chain(folders).collect::<Vec<_>>());
    ContentImage {
        root: root.to_owned(),
        folder: "/store".to_owned(),
        digest,
        name: "shop:1".to_owned(),
        unpacked: ["1", "5", "98"].map(|number| format!("/snapshots/{number}/fs")).into(),
    }
}

const UNPACKED: &str = "a 1 by ADD root /, b 2 by RUN apk add b, seen 1 by ADD root /";

#[test]
fn layers_that_a_container_has_mounted_are_read_there() {
    let dir = tempfile::tempdir().unwrap();
    let image = mounted(dir.path(), &["amd64"]);
    let inventory = opened(Source::Content(image.clone()));
    assert_eq!(told(&inventory), UNPACKED, "the container's own snapshot is none of the image's");
    assert!(inventory.layers.iter().all(|l| l.digest.is_some() && !l.diff_id.is_empty()));
    let without = ContentImage { unpacked: image.unpacked[..2].to_vec(), ..image.clone() };
    assert_eq!(told(&opened(Source::Content(without))), UNPACKED);
    let verify = Options { verify_all: true, ..Options::default() };
    let verified = open(&Source::Content(image.clone()), &verify).unwrap();
    assert_eq!(told(&verified[0]), WHOLE, "a folder has no digest that could be checked");
    for blob in sample().blobs().into_iter().take(2) {
        std::fs::remove_file(dir.path().join("store").join(part(blob).0)).unwrap();
    }
    assert_eq!(told(&opened(Source::Content(image))), UNPACKED);
}

#[test]
fn blobs_are_read_where_what_is_mounted_may_be_another_image_or_can_not_be_read() {
    let dir = tempfile::tempdir().unwrap();
    let image = mounted(dir.path(), &["amd64"]);
    let of = |unpacked: &[String]| {
        told(&opened(Source::Content(ContentImage {
            unpacked: unpacked.to_vec(),
            ..image.clone()
        })))
    };
    let more = [image.unpacked.clone(), image.unpacked.clone()].concat();
    for wrong in [&image.unpacked[..1], &more] {
        assert_eq!(of(wrong), WHOLE, "{wrong:?}");
    }
    let nowhere = ["/none", "/snapshots/5/../5/fs"].map(str::to_owned);
    assert_eq!(of(&nowhere), WHOLE);
    let both = mounted(&dir.path().join("both"), &["amd64", "arm64"]);
    assert_eq!(told(&opened(Source::Content(both))), WHOLE, "which of them runs is not known");
    let platform = Some("linux/amd64".parse().unwrap());
    let asked = open(&Source::Content(image), &Options { platform, ..Options::default() });
    assert_eq!(told(&asked.unwrap()[0]), WHOLE);
}

#[test]
fn a_folder_that_can_not_be_read_whole_gives_way_to_its_blob() {
    let dir = tempfile::tempdir().unwrap();
    let image = mounted(dir.path(), &["amd64"]);
    let record = dir.path().join("snapshots/5/fs").join(APK);
    std::fs::write(&record, vec![b'x'; 1 << 10]).unwrap();
    rustix::fs::setxattr(&record, "user.overlay.metacopy", b"", rustix::fs::XattrFlags::empty())
        .unwrap();
    assert_eq!(told(&opened(Source::Content(image))), WHOLE);
}

#[test]
fn an_index_that_is_kept_goes_before_a_folder_and_none_of_a_folder_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let image = mounted(dir.path(), &["amd64"]);
    let kept = dir.path().join("kept");
    let of = |image: &ContentImage| {
        let store = Some(Store::at(&kept).unwrap());
        let options = Options { store, ..Options::default() };
        told(&open(&Source::Content(image.clone()), &options).unwrap()[0])
    };
    assert_eq!(of(&image), UNPACKED);
    assert_eq!(std::fs::read_dir(&kept).unwrap().count(), 0);
    let blobs = ContentImage { unpacked: Vec::new(), ..image.clone() };
    assert_eq!(of(&blobs), WHOLE);
    assert!(std::fs::read_dir(&kept).unwrap().count() > 0);
    assert_eq!(of(&image), WHOLE);
}
