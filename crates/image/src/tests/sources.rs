//! Layouts and archives.

use std::io::Read;

use dockward_model::inventory::Inventory;
use serde_json::json;

use super::samples::Item::File;
use super::samples::{APK, Sample, apk, archive, descriptor, packed, part, tar, write};
use crate::blob::{Hash, Packing};
use crate::{Error, Options, Platform, Source, Store, open, stream};

fn record(packages: &[(&str, &str)]) -> Vec<u8> {
    tar(&[File(APK, &apk(packages)), File("etc/os-release", "ID=alpine\n")])
}

fn sample() -> Sample {
    let mut sample = Sample::of(&[record(&[("a", "1")]), record(&[("a", "1"), ("b", "2")])]);
    sample.layers[1].1 = Packing::Zstd;
    sample.history = vec![
        ("ADD rootfs.tar.gz / # buildkit", true),
        ("CMD [\"/bin/sh\"]", false),
        ("RUN curl -u me:hunter2hunter2 https://x | sh # buildkit", true),
    ];
    sample
}

fn told(inventory: &Inventory) -> String {
    let packages = inventory.contents.packages.iter();
    let package = |p: &dockward_model::inventory::Package| {
        let layer = p.layer.and_then(|layer| inventory.layers.get(layer));
        format!("{} {} by {}", p.name, p.version, layer.map_or("?", |layer| &layer.created_by))
    };
    let packages: Vec<_> = packages.map(package).collect();
    let problems = inventory.contents.problems.iter();
    let problems: Vec<_> = problems.map(|p| format!("{}: {}", p.place, p.why)).collect();
    [packages, problems].concat().join(", ")
}

const WHOLE: &str = "a 1 by ADD rootfs.tar.gz / # buildkit, \
    b 2 by RUN curl -u me:[secret] https://x | sh # buildkit";

fn in_folder(members: &[(String, Vec<u8>)], options: &Options) -> Result<Vec<Inventory>, Error> {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), members);
    let source = Source::at(dir.path()).unwrap();
    assert_eq!(source, Source::Layout(dir.path().to_owned()));
    open(&source, options)
}

fn in_file(bytes: &[u8], options: &Options) -> Result<Vec<Inventory>, Error> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    open(&Source::at(file.path()).unwrap(), options)
}

/// A reader that gives a few bytes at a time, as a pipe may.
struct Drips<'a>(&'a [u8]);

impl Read for Drips<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let most = out.len().min(777);
        self.0.read(&mut out[..most])
    }
}

/// The same in a folder, in a file, in a compressed one, and through a pipe.
fn everywhere(members: &[(String, Vec<u8>)], options: &Options) -> Vec<Vec<Inventory>> {
    let bytes = archive(members);
    vec![
        in_folder(members, options).unwrap(),
        in_file(&bytes, options).unwrap(),
        in_file(&packed(&bytes, Packing::Gzip), options).unwrap(),
        stream("-", Drips(&bytes), options).unwrap(),
    ]
}

/// What `docker save` wrote before 25: a folder a layer.
fn saved(sample: &Sample) -> Vec<(String, Vec<u8>)> {
    let config = sample.config();
    let digest = Hash::Sha256.of(&config).to_string();
    let name = format!("{}.json", digest.trim_start_matches("sha256:"));
    let parts: Vec<_> = (0..sample.layers.len()).map(|n| format!("{n:064}/layer.tar")).collect();
    let manifest = json!([{"Config": name, "RepoTags": ["shop:1"], "Layers": parts}]);
    let mut members: Vec<_> =
        parts.into_iter().zip(sample.layers.iter().map(|(layer, _)| layer.clone())).collect();
    members.push((name, config));
    members.push(("manifest.json".to_owned(), manifest.to_string().into_bytes()));
    members
}

#[test]
fn a_layout_is_read_from_a_folder_a_file_and_a_pipe() {
    for found in everywhere(&sample().layout(), &Options::default()) {
        let [image] = &*found else { panic!("{found:?}") };
        assert_eq!(told(image), WHOLE);
        assert_eq!(image.target.name, "sample:1");
        assert_eq!(image.target.platform.as_deref(), Some("linux/amd64"));
        let config = Hash::Sha256.of(&sample().config());
        assert_eq!(image.target.id.as_deref(), Some(config.as_str()));
        let diff_id = Hash::Sha256.of(&sample().layers[1].0);
        assert_eq!(image.layers[1].diff_id, diff_id.as_str());
    }
}

#[test]
fn docker_s_older_archives_are_read_too() {
    for found in everywhere(&saved(&sample()), &Options::default()) {
        let [image] = &*found else { panic!("{found:?}") };
        assert_eq!((&*told(image), &*image.target.name), (WHOLE, "shop:1"));
    }
}

#[test]
fn a_layer_that_comes_twice_is_a_link_in_docker_s_archives() {
    let layer = record(&[("a", "1")]);
    let sample = Sample::of(&[layer.clone(), layer]);
    let members = saved(&sample);
    for hard in [false, true] {
        let mut builder = tar::Builder::new(Vec::new());
        for (number, (name, bytes)) in members.iter().enumerate() {
            let mut header = tar::Header::new_ustar();
            header.set_mode(0o644);
            if number == 1 {
                let (kind, target) = match hard {
                    true => (tar::EntryType::Link, members[0].0.clone()),
                    false => (tar::EntryType::Symlink, format!("../{}", members[0].0)),
                };
                header.set_entry_type(kind);
                header.set_size(0);
                builder.append_link(&mut header, name, &target).unwrap();
            } else {
                header.set_size(bytes.len() as u64);
                builder.append_data(&mut header, name, &**bytes).unwrap();
            }
        }
        let bytes = builder.into_inner().unwrap();
        for found in
            [in_file(&bytes, &Options::default()), stream("-", &*bytes, &Options::default())]
        {
            assert_eq!(told(&found.unwrap()[0]), "a 1 by ", "{hard}");
        }
    }
}

/// One image for two machines behind an index of its own, with an attestation beside.
fn two_platforms() -> Vec<(String, Vec<u8>)> {
    let mut members = Vec::new();
    let mut manifests = Vec::new();
    for (architecture, version) in [("amd64", "1"), ("arm64", "2"), ("unknown", "3")] {
        let mut sample = Sample::of(&[record(&[("a", version)])]);
        sample.architecture = architecture;
        let blobs = sample.blobs();
        let mut manifest = descriptor(blobs.last().unwrap());
        let os = if architecture == "unknown" { "unknown" } else { "linux" };
        manifest["platform"] = json!({"os": os, "architecture": architecture});
        manifests.push(manifest);
        members.extend(blobs.into_iter().map(part));
    }
    let index = json!({"schemaVersion": 2, "manifests": manifests}).to_string().into_bytes();
    let top = json!({"manifests": [descriptor(&index)]});
    members.push(part(index));
    members.push(("index.json".to_owned(), top.to_string().into_bytes()));
    members
}

#[test]
fn of_several_platforms_the_one_that_is_asked_for_is_read() {
    let members = two_platforms();
    for (platform, version) in [("linux/amd64", "1"), ("linux/arm64", "2"), ("linux/arm64/v8", "2")]
    {
        let platform = Some(platform.parse().unwrap());
        for found in everywhere(&members, &Options { platform, ..Options::default() }) {
            assert_eq!(told(&found[0]), format!("a {version} by "));
        }
    }
    let platform = Some(Platform { architecture: "s390x".into(), ..Platform::host() });
    let error = in_folder(&members, &Options { platform, ..Options::default() }).unwrap_err();
    assert!(matches!(error, Error::NoPlatform { .. }), "{error}");
    assert_eq!(error.hint(), Some("choose one with --platform"));
}

#[test]
fn without_asking_it_is_this_machine_s_platform_and_others_need_not_be_there() {
    let mut members = two_platforms();
    let host = Platform::host().architecture;
    let version = if host == "arm64" { "2" } else { "1" };
    if !["amd64", "arm64"].contains(&&*host) {
        return;
    }
    assert_eq!(
        told(&in_folder(&members, &Options::default()).unwrap()[0]),
        format!("a {version} by ")
    );
    let other = if host == "arm64" { "\"amd64\"" } else { "\"arm64\"" };
    let is_other = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes);
        text.contains("rootfs") && text.contains(other)
    };
    let config = members.iter().find(|(_, bytes)| is_other(bytes)).unwrap().1.clone();
    let digest = Hash::Sha256.of(&config).to_string();
    members.retain(|(_, bytes)| !String::from_utf8_lossy(bytes).contains(&digest));
    assert_eq!(
        told(&in_folder(&members, &Options::default()).unwrap()[0]),
        format!("a {version} by ")
    );
}

#[test]
fn a_blob_that_lies_is_told_and_never_kept() {
    let mut members = sample().layout();
    let lie = packed(&record(&[("evil", "9")]), Packing::Gzip);
    let name = members[0].0.clone();
    members[0].1.clone_from(&lie);
    let dir = tempfile::tempdir().unwrap();
    let store = Store::at(dir.path()).unwrap();
    let options = Options { store: Some(store), ..Options::default() };
    for found in everywhere(&members, &options) {
        let told = told(&found[0]);
        let digest = name.replace("blobs/", "").replace('/', ":");
        assert!(told.contains(&format!("its digest is {}", Hash::Sha256.of(&lie))), "{told}");
        assert!(told.contains(&format!("{digest}: ")), "{told}");
        assert!(told.contains("b 2"), "the rest is read: {told}");
    }
    let kept = std::fs::read_dir(dir.path()).unwrap();
    let kept: Vec<_> = kept.map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(kept.len(), 1, "the other layer only: {kept:?}");
}

#[test]
fn a_layer_that_is_not_compressed_is_checked_where_that_is_asked_for() {
    let mut sample = sample();
    sample.layers.iter_mut().for_each(|layer| layer.1 = Packing::None);
    for mut members in [sample.layout(), saved(&sample)] {
        members[1].1 = record(&[("evil", "9")]);
        let bytes = archive(&members);
        let all = Options { verify_all: true, ..Options::default() };
        assert!(told(&in_file(&bytes, &all).unwrap()[0]).contains("its digest is"));
        // What goes past is read whole anyway.
        let piped = stream("-", &*bytes, &Options::default()).unwrap();
        assert!(told(&piped[0]).contains("its digest is"));
    }
}

#[test]
fn documents_that_lie_are_not_taken() {
    let members = sample().layout();
    let bent = |at: usize| {
        let mut members = members.clone();
        let end = members[at].1.len() - 1;
        members[at].1.insert(end, b' ');
        in_folder(&members, &Options::default())
    };
    let config = told(&bent(2).unwrap()[0]);
    assert!(config.contains("its digest is") && config.contains("a 1 by "), "{config}");
    let manifest = bent(3).unwrap_err();
    assert!(manifest.to_string().contains("its digest is"), "{manifest}");
}

#[test]
fn what_is_missing_is_told_by_name_and_the_rest_is_read() {
    let mut members = sample().layout();
    let (name, _) = members.remove(0);
    for found in everywhere(&members, &Options::default()) {
        let digest = name.replace("blobs/", "").replace('/', ":");
        let told = told(&found[0]);
        assert!(
            told.contains(&format!("{digest}: it is missing")) && told.contains("b 2"),
            "{told}"
        );
    }
    let text = String::from_utf8(members[2].1.clone()).unwrap();
    let foreign = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";
    let manifest = text.replace("\"mediaType\":\"\"", &format!("\"mediaType\":\"{foreign}\""));
    let top = json!({"manifests": [descriptor(manifest.as_bytes())]}).to_string().into_bytes();
    members[2] = part(manifest.into_bytes());
    members[3].1 = top;
    let found = in_folder(&members, &Options::default()).unwrap();
    assert!(told(&found[0]).contains("it may not be handed on, and is not there"));
}

#[test]
fn a_layer_that_was_read_once_is_not_read_again() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), &sample().layout());
    let index = tempfile::tempdir().unwrap();
    let options = Options { store: Some(Store::at(index.path()).unwrap()), ..Options::default() };
    let source = Source::Layout(dir.path().to_owned());
    let first = open(&source, &options).unwrap();
    // A layer of the same size that can't be read: what is kept of it is used.
    let (name, bytes) = sample().layout().swap_remove(0);
    std::fs::write(dir.path().join(name), vec![0; bytes.len()]).unwrap();
    assert_eq!(open(&source, &options).unwrap(), first);
    assert_ne!(open(&source, &Options::default()).unwrap(), first);
}

#[test]
fn a_link_to_elsewhere_is_read_again_but_not_from_a_pipe() {
    let record = apk(&[("a", "1")]);
    let layer = tar(&[File("opt/db", &record), super::samples::Item::Link(APK, "/opt/db")]);
    let bytes = archive(&Sample::of(&[layer]).layout());
    assert_eq!(told(&in_file(&bytes, &Options::default()).unwrap()[0]), "a 1 by ");
    let piped = stream("-", &*bytes, &Options::default()).unwrap();
    assert!(told(&piped[0]).contains("it leads to /opt/db, which was not looked at"));
}

#[test]
fn several_images_of_one_archive_are_told_apart_and_one_may_be_broken() {
    let (one, two) = (sample(), Sample::of(&[record(&[("c", "3")])]));
    let name = |sample: &Sample, name: &str| {
        let mut manifest = descriptor(sample.blobs().last().unwrap());
        manifest["annotations"] = json!({"io.containerd.image.name": name});
        manifest
    };
    let gone = json!({"digest": Hash::Sha256.of(b"x").to_string(),
        "annotations": {"io.containerd.image.name": "gone"}});
    let index = json!({"manifests": [name(&one, "one"), name(&two, "two"), gone]});
    let blobs = [one.blobs(), two.blobs()].concat();
    let mut members: Vec<_> = blobs.into_iter().map(part).collect();
    members.push(("index.json".to_owned(), index.to_string().into_bytes()));
    for found in everywhere(&members, &Options::default()) {
        let [gone, first, second] = &*found else { panic!("{found:?}") };
        assert!(told(gone).contains("it is missing"));
        assert_eq!((&*first.target.name, &*told(first)), ("one", WHOLE));
        assert_eq!((&*second.target.name, &*told(second)), ("two", "c 3 by "));
    }
}
