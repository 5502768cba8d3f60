//! Images as an engine keeps them.

use std::os::unix::fs::symlink;
use std::path::Path;

use dockward_model::inventory::Inventory;
use serde_json::json;

use super::samples::Item::File;
use super::samples::{APK, Sample, apk, descriptor, part, tar, write};
use crate::blob::Hash;
use crate::{ContentImage, Options, OverlayImage, Source, open};

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
